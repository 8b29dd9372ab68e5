import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { scheduleExtensive } from './extensive.ts'
import { randomDay } from './instance.fixture.ts'
import type { Vpp } from './instance.ts'
import { priceLimits } from './limit-prices.ts'
import { limitPeriods, limitPlant, type PlanLimit } from './plan-limits.ts'
import { parseVpp } from './read-instance.ts'
import type { Dispatch } from './solution.ts'

const solver = createHighsSolver({ threads: 1 })
afterAll(() => solver.close())
const day = (seed = 3): Vpp => {
    const { vpp } = parseVpp(JSON.stringify(randomDay(seed)))
    // running all day: what is left is linear
    return { ...vpp, gasTurbines: vpp.gasTurbines.map((g) => ({ ...g, mustRun: true })) }
}
const plan = (vpp: Vpp, limits: readonly PlanLimit[], beta = 0.2) => {
    const { vpp: limited, most, issues } = limitPlant(vpp, limits)
    expect(issues).toEqual([])
    return scheduleExtensive(limited, solver, { most, beta })
}

test('VP48 hours are the clock of the plan: from the begin where absent, to the next time the clock shows the end', () => {
    const vpp = { ...day(), periods: 24, dtH: 1 }
    expect(limitPeriods(vpp, {}, 0)).toHaveLength(24)
    expect(limitPeriods(vpp, { untilH: 18 }, 0)).toEqual(Array.from({ length: 18 }, (_, t) => t))
    // begun at 20:00, 18:00 is tomorrow's
    expect(limitPeriods(vpp, { untilH: 18 }, 20)).toHaveLength(22)
    expect(limitPeriods(vpp, { fromH: 22, untilH: 2 }, 20)).toEqual([2, 3, 4, 5])
    expect(limitPeriods(vpp, { fromH: 17, untilH: 20 }, 0)).toEqual([17, 18, 19])
})

test('VP48 everything wrong with limits is told at once, with limit, value and what there is', () => {
    const { issues, vpp } = limitPlant(day(), [
        { kind: 'import', maxKw: -1 },
        { kind: 'charge', minPercent: 120 },
        { kind: 'without', unit: 'reactor' },
        { kind: 'comfort', minC: 26, maxC: 20 },
        { kind: 'export', maxKw: 10, fromH: 25 },
    ])
    expect(issues.map(({ path }) => path)).toEqual([
        'limits/0/maxKw',
        'limits/1/minPercent',
        'limits/2/unit',
        'limits/3/minC',
        'limits/4/fromH',
    ])
    expect(issues[2]!.message).toContain('there is no "reactor"; there are ')
    expect(vpp.grid).toEqual(day().grid)
})

test('VP48 every limit is kept, costs no less than nothing, and its shadow price is the slope of the cost', {
    timeout: 30_000,
}, async () => {
    const vpp = day()
    const free = await plan(vpp, [])
    const { buy, sell } = free.solution!.firstStage
    const evening = (d: Dispatch) => d.short.slice(2).map((short, k) => short - d.surplus[k + 2]! + buy[k + 2]! - sell[k + 2]!)
    const most = 0.75 * Math.max(...free.solution!.scenarios.flatMap(evening))
    const asked: PlanLimit[] = [
        { kind: 'import', maxKw: most, fromH: 4 },
        { kind: 'charge', minPercent: 33, untilH: 18 },
        { kind: 'comfort', maxC: vpp.airConditioners[0]!.tMax - 1 },
    ]
    const found = await plan(vpp, asked)
    expect(found.relaxation ?? []).toEqual([])
    expect(found.verdict!.violations).toEqual([])
    const reports = await priceLimits(vpp, asked, 0, found, solver, { beta: 0.2 })
    expect(reports[0]!.reached).toBeLessThanOrEqual(most + 1e-6)
    expect(reports[1]!.reached).toBeGreaterThanOrEqual(33 - 1e-6)
    expect(reports.map(({ binds }) => binds)).toEqual([true, true, true])
    for (const { cost } of reports) expect(cost).toBeGreaterThan(0)
    // the slope by solving again on either side of it
    const cost = async (k: number, by: number) =>
        (
            await plan(
                vpp,
                asked.map((limit, j) => (j === k ? moveLimit(limit, by) : limit)),
            )
        ).verdict!.objective
    for (const k of [0, 1, 2]) expect(reports[k]!.price).toBeCloseTo(((await cost(k, -0.01)) - (await cost(k, 0.01))) / 0.02, 4)
})
/** More room by `by` units. */
const moveLimit = (limit: PlanLimit, by: number): PlanLimit => {
    if (limit.kind === 'import') return { ...limit, maxKw: limit.maxKw + by }
    if (limit.kind === 'charge') return { ...limit, minPercent: limit.minPercent - by }
    return { ...limit, maxC: (limit as { maxC: number }).maxC + by } as PlanLimit
}

test('VP48 what is left alone stands still; means over the scenarios are held; what cannot be kept is named', {
    timeout: 30_000,
}, async () => {
    const vpp = day()
    const battery = vpp.batteries[0]!.name
    const without = await plan(vpp, [{ kind: 'without', unit: battery.toUpperCase() }])
    for (const { bat } of without.solution!.scenarios) expect(Math.max(...bat[0]!.ch, ...bat[0]!.dis)).toBe(0)
    const goal = { distance: {}, weight: { curtailedKwh: 1 } }
    const leastFound = await scheduleExtensive(vpp, solver, { goal })
    const least = (await priceLimits(vpp, [{ kind: 'curtailment', maxKwh: 1e6 }], 0, leastFound, solver, { goal }))[0]!.reached!
    const held = await plan(vpp, [{ kind: 'curtailment', maxKwh: least + 1 }])
    expect(held.status).toBe('optimal')
    const [report] = await priceLimits(vpp, [{ kind: 'curtailment', maxKwh: least + 1 }], 0, held, solver, { beta: 0.2 })
    expect(report!.reached).toBeLessThanOrEqual(least + 1 + 1e-6)
    // a battery cannot be full at once
    const full = limitPlant(vpp, [{ kind: 'charge', minPercent: 100 }])
    const never = await scheduleExtensive(full.vpp, solver, {})
    expect(never.status).toBe('infeasible')
    expect(never.relaxation!.some(({ what }) => what.startsWith(`content of ${battery}`))).toBe(true)
})
