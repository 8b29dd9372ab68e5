import { quantitiesOf, type Resource, shippedFleet, toProfileTime } from '@gridverse/assets'
import { parseVpp, scheduleVpp, setpointsAt } from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { district } from './district.ts'
import { dayStateOfFleet, emptySums, findUnits, gather, ordersOfUnits, realisedSetpoints, unitKw } from './fleet-day.ts'
import { createSimulatedField } from './fleet-field.fixture.ts'
import { computeFleetNow } from './fleet-now.ts'
import { vppOfFleet } from './fleet-plan.ts'
import { beginRuns } from './fleet-plan-demand.ts'
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
            // a tank and its heater are one device
            if (unit.list === 'tank') continue
            const { arrive, depart } = unit.list === 'ev' ? vpp.evs[unit.index]! : { arrive: 0, depart: 24 }
            for (const [from, to] of seen.get(id) ?? []) expect(arrive >= to || depart <= from, id).toBe(true)
            seen.set(id, [...(seen.get(id) ?? []), [arrive, depart]])
        }
    for (const run of plant.runs) expect(run.to - run.from).toBeGreaterThan(0)
})

test('FL23 when the runs of the fleet begin is decided with its plan, and they are ordered so', async () => {
    const { state, now } = fleet()
    const plant = vppOfFleet(state, now, market, weather, horizon)
    const movable = state.resources.filter((r) => r.kind === 'shiftable')
    expect(movable.map(({ id }) => id)).toEqual(expect.arrayContaining(['works-kiln', 'works-crusher']))
    const { vpp, issues } = parseVpp(
        JSON.stringify({ ...plant.instance, scenarios: [{ prob: 1, ...(plant.instance.forecast as object) }] }),
    )
    expect(issues).toEqual([])
    expect(vpp.runs!.map(({ name }) => name)).toEqual(movable.map(({ id }) => id))
    const schedule = await scheduleVpp(vpp, solver, { beta: 0, gap: 2e-3 })
    expect(schedule.verdict!.maxViolation).toBeLessThan(1e-6)
    const { firstStage, scenarios } = schedule.solution!
    const runs = beginRuns(plant.runs, firstStage.runs)
    const drawnKwh: Record<string, number> = {}
    for (let t = 0; t < 24; t++) {
        const setpoints = setpointsAt(vpp, scenarios[0]!, firstStage.u, t)
        const { perResource } = ordersOfUnits(vpp, findUnits(plant.units, state), runs, setpoints, t, state, now)
        for (const { id } of movable) drawnKwh[id] = (drawnKwh[id] ?? 0) - perResource[id]!
    }
    for (const [i, r] of movable.entries()) {
        if (r.kind !== 'shiftable') continue
        expect(drawnKwh[r.id]).toBeCloseTo(r.powerKw * Math.ceil(r.durationH), 9)
        // within its hours, which begin at midnight here
        const from = firstStage.runs![i]!
        const openH = (from - r.earliestH + 24) % 24
        expect(openH + r.durationH).toBeLessThanOrEqual((r.latestH - r.earliestH + 24) % 24 || 24)
    }
    // one under way is load to its end, and not decided again
    const begunMs = (id: string) => (id === 'works-kiln' ? midnight - 1_800_000 : undefined)
    const later = vppOfFleet(state, now, market, weather, { ...horizon, begunMs })
    expect((later.instance.runs as { name: string }[]).map(({ name }) => name)).not.toContain('works-kiln')
    const [underWay] = later.runs.filter(({ run }) => run === undefined)
    expect(underWay).toMatchObject({ resource: 'works-kiln', from: 0 })
    const fixedOf = ({ instance }: typeof later) => (instance.load as { fixed: number[] }).fixed
    expect(fixedOf(later)[0]! - fixedOf(plant)[0]!).toBeCloseTo(underWay!.kw, 5)
})

test('FL12 the live fleet is planned, and each unit is shared out over its devices to 1e-6 kW', async () => {
    const { state, now } = fleet()
    const plant = vppOfFleet(state, now, market, weather, horizon)
    const { vpp } = parseVpp(JSON.stringify({ ...plant.instance, scenarios: [{ prob: 1, ...(plant.instance.forecast as object) }] }))
    const schedule = await scheduleVpp(vpp, solver, { gap: 2e-3 })
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

test('FL16 what is decided of turbine, heaters and tanks reaches them, and comes back as heat and contents', async () => {
    const field = createSimulatedField(shippedFleet(), midnight, utcOffsetH)
    field.airC = -5
    field.run(10)
    const cold = { ...weather, airC: flat(-5) }
    // electricity dear enough to run the engine all day
    const of8 = (value: number) => new Array<number>(8).fill(value)
    const dear = { ...market, buyPrice: of8(0.9), sellPrice: of8(0.8), shortPrice: of8(1.2), surplusPrice: of8(0) }
    const plant = vppOfFleet(field.state, field.look(), dear, cold, { ...horizon, startMs: field.tMs, periods: 8 })
    expect(plant.units.filter(({ list }) => list === 'tank' || list === 'eb').map(({ name }) => name)).toEqual([
        'works-heat',
        'works-heat heater',
    ])
    const { vpp, issues } = parseVpp(
        JSON.stringify({ ...plant.instance, scenarios: [{ prob: 1, ...(plant.instance.forecast as object) }] }),
    )
    expect(issues).toEqual([])
    expect(vpp.gasTurbines[0]!.heatRatio).toBe(1.1)
    expect(vpp.heat.demand[0]).toBeCloseTo(100, 6)
    // a tank elsewhere is a store of hot water with what is wanted of it
    expect(vpp.waterHeaters.find(({ name }) => name === 'hall heat-tank')!.draw[0]).toBeCloseTo(70, 6)
    const schedule = await scheduleVpp(vpp, solver, { gap: 1e-4 })
    expect(schedule.verdict!.maxViolation).toBeLessThan(1e-6)
    const { firstStage, scenarios } = schedule.solution!
    const day = scenarios[0]!
    expect(Math.max(...day.gtHeat[0]!)).toBeGreaterThan(100)
    // the engine's heat spares the heater
    expect(Math.max(...day.eb[0]!)).toBeLessThan(1e-6)
    const found = findUnits(plant.units, field.state)
    for (let t = 0; t < 8; t++) {
        const setpoints = setpointsAt(vpp, day, firstStage.u, t)
        const sums = emptySums(found.length)
        const held = field.value('works-heat', 'energyKwh')
        for (let minute = 0; minute < 60; minute++) {
            const now = field.look()
            const orders = ordersOfUnits(vpp, found, plant.runs, setpoints, t, field.state, now)
            field.tell(orders.perResource, orders.release)
            gather(sums, found, field.state, now, { generationKw: 0, loadKw: 0, storageKw: 0, exchangeKw: 0 }, 60)
            field.run(1)
        }
        const was = realisedSetpoints(vpp, plant.units, sums, t, 0)
        if (t === 0) continue
        // every hour but that of the start: power as told, heat as the tank took it
        expect(was.gt[0]).toBeCloseTo(setpoints.gt[0]!, 0)
        expect(was.gtHeat[0]).toBeGreaterThan(vpp.heat.demand[t]! - 1)
        expect(was.tank[0]!.ch - was.tank[0]!.dis).toBeCloseTo(was.gtHeat[0]! + 0.98 * was.eb[0]! - 100, -0.5)
        const left = field.value('works-heat', 'energyKwh')
        expect(left).toBeGreaterThanOrEqual(held * (1 - 0.008) - 1)
        expect(dayStateOfFleet(vpp, found, field.state, field.look(), t, [], []).tanks[0]).toBeCloseTo(left, 6)
    }
    expect(field.value('works-heat', 'energyKwh')).toBeGreaterThan(vpp.heat.tanks[0]!.e0)
})
