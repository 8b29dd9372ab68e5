import { type Resource, readResources, toProfileTime } from '@gridverse/assets'
import { expect, test } from 'vitest'
import { abilityOf } from './fleet-ability.ts'
import { computeFleetNow } from './fleet-now.ts'
import { createFleetState, type FleetState } from './fleet-state.ts'
import { reconcile, reportCoverage, summariseFleet } from './fleet-summary.ts'

const noon = Date.UTC(2026, 5, 1, 12)
const minute = 60_000

const { resources } = readResources([
    { id: 'sun', kind: 'pv', group: 'a', ratedKw: 100, connection: 'load/A' },
    { id: 'sun-2', kind: 'pv', group: 'a', ratedKw: 50 },
    { id: 'bat', kind: 'battery', group: 'b', chargeKw: 20, dischargeKw: 20, energyKwh: 100, connection: 'load/A' },
    { id: 'rest', kind: 'fixed-load', group: 'a', peakKw: 80, connection: 'load/A' },
])

/** Values by resource and quantity, said at one instant. */
function say(state: FleetState, tMs: number, values: Readonly<Record<string, number>>, arrivedMs = tMs): void {
    const names = Object.keys(values)
    const indices = names.map((name) => {
        const index = registry.indexOf(name) >= 0 ? registry.indexOf(name) : registry.push(name) - 1
        state.learn(index, `resource/${name}`)
        return index
    })
    const batch = {
        count: names.length,
        point: Int32Array.from(indices),
        tMs: new Float64Array(names.length).fill(tMs),
        value: Float64Array.from(Object.values(values)),
        quality: new Uint8Array(names.length),
    }
    state.apply(batch, arrivedMs)
    state.bind('node/all', indices)
}
const registry: string[] = []
const look = (state: FleetState, tMs: number) => computeFleetNow(state, tMs, toProfileTime(tMs, 0), 1)
const nothing = (count: number) => ({
    orderedKw: new Float64Array(count).fill(Number.NaN),
    underDelivered: new Uint8Array(count),
    heldGroup: () => false,
})

test('FL3 the newest value by the device clock is shown; silence and death are told apart', () => {
    const state = createFleetState(resources, noon)
    expect(state.link(0, noon)).toBe('never')
    say(state, noon, { 'sun/pKw': 40, 'sun/availableKw': 60 })
    say(state, noon - 5000, { 'sun/pKw': 39 }, noon)
    expect(state.value(0, 'pKw')).toBe(40)
    expect(state.link(0, noon + minute)).toBe('online')
    expect(state.link(0, noon + 2 * minute)).toBe('silent')
    state.deviceAlive('node', false)
    expect(state.link(0, noon)).toBe('offline')
    expect(state.fresh(0, 'pKw', noon)).toBe(false)
    state.deviceAlive('node/all', true)
    expect(state.fresh(0, 'pKw', noon)).toBe(true)
    say(state, noon + 3_600_000, { 'sun/pKw': 1 }, noon)
    expect(state.value(0, 'pKw')).toBe(40)
})

test('FL3 resources that come and go leave what is known of the others', () => {
    const state = createFleetState(resources, noon)
    say(state, noon, { 'bat/pKw': 7, 'late/pKw': 3 })
    const late = readResources([{ id: 'late', kind: 'pv', group: 'a', ratedKw: 10 }]).resources
    const next = state.withResources([...late, ...resources.slice(2)], noon)
    expect(next.value(next.rowOf('bat'), 'pKw')).toBe(7)
    expect(next.rowOf('sun')).toBe(-1)
    expect(next.link(next.rowOf('bat'), noon)).toBe('online')
    // its name was heard before it was enrolled: the way is known
    const index = registry.indexOf('late/pKw')
    expect(next.slotOf(index)).toBeGreaterThanOrEqual(0)
})

test('FL4 coverage is the share of intervals in which each quantity was heard', () => {
    const state = createFleetState(resources, noon)
    expect(state.coverage(3, noon)).toBe(0)
    for (let k = 0; k <= 15; k++) say(state, noon + k * minute, { 'rest/pKw': 30 })
    expect(state.coverage(3, noon + 15 * minute)).toBe(1)
    // four of the last ten intervals are missing
    expect(state.coverage(3, noon + 22.5 * minute)).toBeCloseTo(0.6, 9)
    // and comes late, from the store of the device
    for (let k = 16; k <= 22; k++) say(state, noon + k * minute, { 'rest/pKw': 30 }, noon + 22.5 * minute)
    expect(state.coverage(3, noon + 22.5 * minute)).toBe(1)
    const report = reportCoverage(state, look(state, noon + 22.5 * minute))
    expect(report.mayPlan).toBe(false)
    expect(report.resources.map((r) => r.id)).toEqual(['bat', 'sun', 'sun-2'])
})

test('FL4 what is missing is imputed from what is known best, and flagged', () => {
    const state = createFleetState(resources, noon)
    say(state, noon, { 'sun/pKw': 40, 'sun/availableKw': 60, 'rest/pKw': 20 })
    const now = look(state, noon)
    // its peer gives 40 % of its rating
    expect([now.imputed[1], now.pKw[1]]).toEqual([2, 20])
    expect(now.imputed[0]).toBe(0)
    const later = look(state, noon + 5 * minute)
    expect([later.imputed[0], later.pKw[0]]).toEqual([1, 40])
    const muchLater = look(state, noon + 60 * minute)
    expect(muchLater.imputed[3]).toBe(4)
    expect(muchLater.pKw[3]).toBeLessThan(0)
})

test('FL5 tiles add up, groups are sums, and a connection is held against its meter', () => {
    const state = createFleetState(resources, noon)
    say(state, noon, {
        'sun/pKw': 40,
        'sun/availableKw': 60,
        'sun-2/pKw': 10,
        'sun-2/availableKw': 10,
        'bat/pKw': -5,
        'bat/energyKwh': 60,
        'rest/pKw': 50,
    })
    const now = look(state, noon)
    const reconciled = (kw: number) => reconcile(state, now, () => ({ kw, quality: 'good', sigmaKw: 1 }))
    expect(reconciled(15)).toMatchObject([{ connection: 'load/A', resources: 3, sumKw: 15, residualKw: 0, reconciles: true }])
    expect(reconciled(35)[0]).toMatchObject({ residualKw: 20, reconciles: false })
    const summary = summariseFleet(state, now, nothing(4), reconciled(15), 3)
    expect(summary.tiles).toEqual({ generationKw: 50, loadKw: 50, storageKw: -5, exchangeKw: 5 })
    expect(summary.pKw).toBe(-5)
    expect(summary.groups.reduce((sum, g) => sum + g.pKw, 0)).toBeCloseTo(summary.pKw, 12)
    // 20 kW of curtailed sun; the battery could give 20 + 5 more, or take 15 more
    expect(summary.availability.upKw).toBeCloseTo(20 + 25, 9)
    expect(summary.availability.downKw).toBeCloseTo(50 + 15, 9)
    expect(summary.socPercent).toBeCloseTo(60, 9)
})

const reading = (values: Record<string, number>, pKw = 0, hour = 12) => ({
    pKw,
    ownKw: pKw,
    hour,
    value: (q: string) => values[q] ?? Number.NaN,
})
const one = (row: Record<string, unknown>) => readResources([{ id: 'x', group: 'g', ...row }]).resources[0]! as Resource

test('FL6 limits guard contents, comfort and departures', () => {
    const able = (row: Record<string, unknown>, values: Record<string, number>, pKw = 0, hour = 12) =>
        abilityOf(one(row) as never, reading(values, pKw, hour) as never)
    const battery = { kind: 'battery', chargeKw: 20, dischargeKw: 20, energyKwh: 100 }
    expect(able(battery, { energyKwh: 50 })).toMatchObject({ baselineKw: 0, lowKw: -20, highKw: 20 })
    expect(able(battery, { energyKwh: 12 }).highKw).toBeCloseTo((2 * 0.95) / 0.25, 9)
    expect(able(battery, { socPercent: 95 }).lowKw).toBeCloseTo(0, 9)

    const car = { kind: 'home-ev', chargeKw: 10, batteryKwh: 50, departH: 7, readyPercent: 80 }
    expect(able(car, { connected: 1, energyKwh: 20 }, -10, 22)).toMatchObject({ baselineKw: -10, lowKw: -10, highKw: 0 })
    // 20 kWh more are needed and two hours are left: it charges, whoever asks otherwise
    expect(able(car, { connected: 1, energyKwh: 20 }, -10, 5)).toMatchObject({ lowKw: -10, highKw: -10, guard: 'departure' })
    expect(able({ ...car, dischargeKw: 10 }, { connected: 1, energyKwh: 45 }, 0, 22).highKw).toBe(10)
    expect(able(car, { connected: 0 })).toMatchObject({ lowKw: 0, highKw: 0 })

    const zone = { kind: 'air-conditioner', pMaxKw: 4, resistanceKPerKw: 5, capacityKwhPerK: 2 }
    expect(able(zone, { wantedKw: 2, temperatureC: 24 }, -2)).toMatchObject({ baselineKw: -2, lowKw: -4, highKw: 0 })
    expect(able(zone, { wantedKw: 2, temperatureC: 25.9 }, -2)).toMatchObject({ highKw: -2, guard: 'comfort' })
    expect(able(zone, { wantedKw: 2, temperatureC: 20.6 }, -2)).toMatchObject({ lowKw: -2, guard: 'comfort' })
    expect(able({ ...zone, mode: 'heat' }, { wantedKw: 2, temperatureC: 20.6 }, -2)).toMatchObject({ highKw: -2, guard: 'comfort' })

    expect(able({ kind: 'curtailable', peakKw: 10, curtailShare: 0.3 }, { wantedKw: 8 }, -8)).toMatchObject({ lowKw: -8, highKw: -5.6 })
    expect(able({ kind: 'shiftable', powerKw: 5, durationH: 4, earliestH: 8, latestH: 20 }, { running: 0 }, 0, 15.9).lowKw).toBe(-5)
    expect(able({ kind: 'shiftable', powerKw: 5, durationH: 4, earliestH: 8, latestH: 20 }, { running: 0 }, 0, 16.1).lowKw).toBe(0)
    const engine = { kind: 'gas-turbine', pMinKw: 100, pMaxKw: 500, rampKwPerMin: 10, startMin: 5 }
    expect(able(engine, { running: 1 }, 200)).toMatchObject({ highKw: 350, fastHighKw: 205, fastLowKw: 195, lowKw: 0 })
    expect(able(engine, { running: 0 }, 0)).toMatchObject({ highKw: 200, fastHighKw: 0 })
})
