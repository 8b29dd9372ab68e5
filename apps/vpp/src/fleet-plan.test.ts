import { quantitiesOf, type Resource, shippedFleet, toProfileTime } from '@gridverse/assets'
import { parseVpp, scheduleVpp, setpointsAt } from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { district } from './district.ts'
import { dayStateOfFleet, findUnits, ordersOfUnits, unitKw } from './fleet-day.ts'
import { computeFleetNow } from './fleet-now.ts'
import { vppOfFleet } from './fleet-plan.ts'
import type { FleetMarket } from './fleet-plan-types.ts'
import { createFleetState } from './fleet-state.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())

const midnight = Date.UTC(2026, 5, 1, 2)
const utcOffsetH = -2
const market: FleetMarket = {
    currency: '€',
    buyPrice: district.grid.buyPrice,
    sellPrice: district.grid.sellPrice,
    shortPrice: district.grid.shortPrice,
    surplusPrice: new Array<number>(24).fill(0),
    importMaxKw: 4000,
    exportMaxKw: 4000,
    carbonPrice: 0.07,
    alpha: 0.9,
    beta: 0.2,
}
const flat = (value: number) => new Array<number>(24).fill(value)
const weather = { airC: flat(22), cloudCover: flat(0.3), windMps: flat(6) }
const horizon = { startMs: midnight, periods: 24, dtH: 1, utcOffsetH }

/** The shipped fleet, everything heard once; cars at their posts. */
function fleet(silent: readonly string[] = []) {
    const resources: Resource[] = shippedFleet()
    const nowMs = midnight + 30 * 60_000
    const state = createFleetState(resources, nowMs)
    let index = 0
    for (const r of resources) {
        if (silent.includes(r.id)) continue
        const values: Record<string, number> = { pKw: 1, connected: 1, temperatureC: 21, wantedKw: 2, running: 0, availableKw: 5 }
        values.energyKwh = 'batteryKwh' in r ? r.batteryKwh / 2 : 'energyKwh' in r ? r.energyKwh / 2 : 0
        for (const quantity of quantitiesOf(r.kind)) {
            state.learn(index, `resource/${r.id}/${quantity}`)
            const column = {
                point: Int32Array.of(index++),
                tMs: Float64Array.of(nowMs),
                value: Float64Array.of(values[quantity] ?? 0),
                quality: new Uint8Array(1),
            }
            state.apply({ count: 1, ...column }, nowMs)
        }
    }
    return { state, now: computeFleetNow(state, nowMs, toProfileTime(nowMs, utcOffsetH), 1) }
}

test('FL12 units are exact sums of their members, and nobody is in the plan twice at one time', () => {
    const { state, now } = fleet(['lane-sun-1', 'street-post-1'])
    const plant = vppOfFleet(state, now, market, weather, horizon)
    expect(plant.leftOut).toEqual(['lane-sun-1', 'street-post-1'])
    const { vpp, issues } = parseVpp(
        JSON.stringify({ ...plant.instance, scenarios: [{ prob: 1, ...(plant.instance.forecast as object) }] }),
    )
    expect(issues).toEqual([])
    const rated = (kind: string, of: (r: Record<string, number>) => number) =>
        state.resources
            .filter((r) => r.kind === kind && !plant.leftOut.includes(r.id))
            .reduce((sum, r) => sum + of(r as unknown as Record<string, number>), 0)
    const total = (list: readonly object[], name: string) => list.reduce((sum, unit) => sum + (unit as Record<string, number>)[name]!, 0)
    expect(total(vpp.pv, 'capacity')).toBeCloseTo(
        rated('pv', (r) => r.ratedKw!),
        6,
    )
    expect(total(vpp.wind, 'capacity')).toBeCloseTo(600, 6)
    expect(total(vpp.batteries, 'pDis')).toBeCloseTo(
        rated('battery', (r) => r.dischargeKw!),
        6,
    )
    expect(total(vpp.batteries, 'e0')).toBeCloseTo(
        rated('battery', (r) => r.energyKwh! / 2),
        6,
    )
    expect(total(vpp.airConditioners, 'c')).toBeCloseTo(
        rated('air-conditioner', (r) => r.capacityKwhPerK!),
        6,
    )
    expect(vpp.gasTurbines.map((g) => g.name)).toEqual(['works-engine', 'works-diesel'])
    // 300 kW at 27 %, 1,000 kW at 36 %: fuel of 0.12 €/kWh
    expect(vpp.gasTurbines[0]!.noLoadCost).toBeCloseTo((0.12 * 300) / 0.27, 9)
    expect(vpp.gasTurbines[0]!.segments[0]!.cost).toBeCloseTo((0.12 * (1000 / 0.36 - 300 / 0.27)) / 700, 9)
    const seen = new Map<string, [number, number][]>()
    for (const unit of plant.units)
        for (const id of unit.resources) {
            const { arrive, depart } = unit.list === 'ev' ? vpp.evs[unit.index]! : { arrive: 0, depart: 24 }
            for (const [from, to] of seen.get(id) ?? []) expect(arrive >= to || depart <= from, id).toBe(true)
            seen.set(id, [...(seen.get(id) ?? []), [arrive, depart]])
        }
    for (const run of plant.runs) expect(run.to - run.from).toBeGreaterThan(0)
})

test('FL12 the live fleet is planned, and each unit is shared out over its devices to 1e-6 kW', async () => {
    const { state, now } = fleet()
    const plant = vppOfFleet(state, now, market, weather, horizon)
    const { vpp } = parseVpp(JSON.stringify({ ...plant.instance, scenarios: [{ prob: 1, ...(plant.instance.forecast as object) }] }))
    const schedule = await scheduleVpp(vpp, solver, { gap: 1e-4 })
    expect(schedule.status).toBe('optimal')
    expect(schedule.verdict!.maxViolation).toBeLessThan(1e-6)
    const { firstStage, scenarios } = schedule.solution!
    const setpoints = setpointsAt(vpp, scenarios[0]!, firstStage.u, 0)
    const found = findUnits(plant.units, state)
    const { perResource, release, missingKw } = ordersOfUnits(vpp, found, plant.runs, setpoints, 0, state, now)
    for (const { unit, rows } of found) {
        const ids = rows.map((row) => state.resources[row]!.id)
        if (!ids.every((id) => id in perResource) || unit.list === 'curt') continue
        const given = ids.reduce((sum, id) => sum + perResource[id]!, 0)
        expect(given + (missingKw[unit.name] ?? 0), unit.name).toBeCloseTo(unitKw(unit, setpoints), 6)
        rows.forEach((row, n) => {
            if (unit.list === 'gt') return
            expect(perResource[ids[n]!]!).toBeGreaterThanOrEqual(now.lowKw[row]! - 1e-9)
            expect(perResource[ids[n]!]!).toBeLessThanOrEqual(now.highKw[row]! + 1e-9)
        })
    }
    expect(release.some((id) => id in perResource)).toBe(false)
    const held = dayStateOfFleet(vpp, found, state, now, 0, [], [])
    expect(held.batteries.reduce((a, b) => a + b, 0)).toBeCloseTo(
        vpp.batteries.reduce((sum, b) => sum + b.e0, 0),
        6,
    )
    expect(held.rooms).toEqual(vpp.airConditioners.map((unit) => expect.closeTo(unit.t0, 6)))
})
