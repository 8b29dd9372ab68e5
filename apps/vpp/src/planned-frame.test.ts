import { quantitiesOf, shippedFleet, toProfileTime } from '@gridverse/assets'
import { advanceState, byPeriod, commitmentsByPeriod, fixRuns, parseVpp, rulePlan, setpointsAt, startOfDay } from '@gridverse/plan'
import { expect, test } from 'vitest'
import { computeFleetNow } from './fleet-now.ts'
import { vppOfFleet } from './fleet-plan.ts'
import { beginRuns } from './fleet-plan-demand.ts'
import { createFleetState } from './fleet-state.ts'
import { plannedFrame } from './planned-frame.ts'

const startMs = Date.UTC(2026, 5, 1, 2)
const utcOffsetH = -2
const hours = (value: number) => new Array<number>(24).fill(value)
const market = {
    currency: '€',
    buyPrice: Array.from({ length: 24 }, (_, t) => (t > 16 && t < 21 ? 0.4 : 0.2)),
    sellPrice: hours(0.1),
    shortPrice: hours(0.6),
    surplusPrice: hours(0),
    importMaxKw: 4000,
    exportMaxKw: 4000,
    carbonPrice: 0.07,
    alpha: 0.9,
    beta: 0.2,
}

/** The shipped fleet, half full, cars at their posts; one battery is silent. */
function plannedFleet() {
    const resources = shippedFleet()
    const fleet = createFleetState(resources, startMs)
    const silent = resources.find((r) => r.kind === 'battery')!.id
    let index = 0
    for (const r of resources) {
        if (r.id === silent) continue
        const energyKwh = 'batteryKwh' in r ? r.batteryKwh / 2 : 'energyKwh' in r ? r.energyKwh / 2 : 0
        const values: Record<string, number> = { pKw: 1, connected: 1, temperatureC: 21, wantedKw: 2, energyKwh }
        for (const quantity of quantitiesOf(r.kind)) {
            fleet.learn(index, `resource/${r.id}/${quantity}`)
            const [point, tMs, value] = [Int32Array.of(index++), Float64Array.of(startMs), Float64Array.of(values[quantity] ?? 0)]
            fleet.apply({ count: 1, point, tMs, value, quality: new Uint8Array(1) }, startMs)
        }
    }
    const now = computeFleetNow(fleet, startMs, toProfileTime(startMs, utcOffsetH), 1)
    const weather = { airC: hours(27), cloudCover: hours(0.3), windMps: hours(6) }
    const plant = vppOfFleet(fleet, now, market, weather, { startMs, periods: 24, dtH: 1, utcOffsetH })
    const { vpp } = parseVpp(JSON.stringify({ ...plant.instance, scenarios: [{ prob: 1, ...(plant.instance.forecast as object) }] }))
    const plan = rulePlan(vpp)
    const { runs } = plan.firstStage
    const day = {
        ...plant,
        vpp: fixRuns(vpp, runs),
        plan,
        runs: beginRuns(plant.runs, runs),
        startMs,
        timeAt: (tMs: number) => toProfileTime(tMs, utcOffsetH),
    }
    return { fleet, day, silent, frame: (period: number) => plannedFrame(day, fleet, 7, period) }
}

test("FL24 in every hour of a plan the devices add up to the plan's tiles, and groups to their devices", () => {
    const { frame, fleet } = plannedFleet()
    for (let t = 0; t < 24; t++) {
        const { columns, tiles, groups, ...rest } = frame(t)
        expect(rest).toEqual({ period: t, periods: 24, startMs: startMs + t * 3_600_000, periodS: 3600 })
        const sum = (kinds?: readonly string[]) =>
            columns.pKw.reduce<number>((total, kw, row) => total + (!kinds || kinds.includes(columns.kind[row]!) ? (kw ?? 0) : 0), 0)
        expect(sum()).toBeCloseTo(-tiles.exchangeKw, 1)
        expect(sum(['pv', 'wind', 'gas-turbine', 'generator'])).toBeCloseTo(tiles.generationKw, 1)
        expect(sum(['battery'])).toBeCloseTo(tiles.storageKw, 1)
        expect(groups.reduce((total, { pKw }) => total + pKw, 0)).toBeCloseTo(-tiles.exchangeKw, 6)
    }
    expect(frame(0).columns.id).toEqual(fleet.resources.map(({ id }) => id))
})

test("FL24 contents are the plan's own at the end of the hour; who is left out has no numbers", () => {
    const { frame, fleet, day, silent } = plannedFleet()
    const { vpp, plan } = day
    const plant = byPeriod(vpp)
    const u = commitmentsByPeriod(vpp, plan.firstStage.u)
    let state = startOfDay(plant)
    const stores = day.units.filter(({ list }) => list === 'bat' || list === 'tank')
    expect(new Set(stores.map(({ list }) => list))).toEqual(new Set(['bat', 'tank']))
    for (let t = 0; t < 24; t++) {
        state = advanceState(plant, state, setpointsAt(plant, plan.dispatch, u, t))
        const { columns } = frame(t)
        for (const { list, index, resources } of stores) {
            const held = resources.reduce((sum, id) => {
                const row = fleet.rowOf(id)
                return sum + (columns.socPercent[row]! / 100) * (fleet.resources[row] as unknown as { energyKwh: number }).energyKwh
            }, 0)
            expect(held, list).toBeCloseTo(list === 'bat' ? state.batteries[index]! : state.tanks[index]!, 2)
        }
        const row = fleet.rowOf(silent)
        expect([columns.pKw[row], columns.socPercent[row], columns.link[row]]).toEqual([null, null, 3])
    }
})
