/**
 * The front of what a day can cost, emit, waste and risk: schedules none of which is worse in everything than another. First each
 * measure by itself at its best; between them the least weighted distance from the ideal point, counted in the worst measure
 * (the augmented achievement of R. E. Steuer and E.-U. Choo, Math. Program. 26, 1983), which also reaches points that no weighted
 * sum does.
 */
import type { LinearSolver } from '@gridverse/math'
import { computeMean } from '../cvar.ts'
import { dayFigures } from './baselines.ts'
import { NoSchedule } from './evaluate.ts'
import type { ScheduleOptions } from './extensive.ts'
import type { Vpp } from './instance.ts'
import type { Goal, Measure } from './program.ts'
import { scheduleVpp } from './schedule.ts'
import type { Solution } from './solution.ts'
import type { Costs } from './verify.ts'

/** money in the instance's currency; CO₂ of turbines and boilers, kg; sun and wind not taken, kWh; means over the scenarios */
export type Measures = Readonly<Record<Measure, number>>

export interface FrontPoint extends Measures {
    /** how much each measure counted, 0 … 1 */
    readonly weights: Measures
    readonly costs: Costs
    /** proven for what was minimised here */
    readonly gap: number
    /** the whole schedule, to be picked */
    readonly solution: Solution
}

export interface Front {
    /** by expected cost; none is dominated by another */
    readonly points: readonly FrontPoint[]
    /** least of each measure over the points, and the greatest */
    readonly ideal: Measures
    readonly nadir: Measures
    /** measures that differ over the front; the others are at their best everywhere */
    readonly inConflict: readonly Measure[]
    /** schedules found and left out because another is no worse in anything */
    readonly dominated: number
}

export interface FrontOptions extends Pick<ScheduleOptions, 'gap' | 'timeLimitS' | 'signal'> {
    /** schedules looked for, the best of each measure among them; 12 where absent */
    readonly points?: number
    readonly onStep?: (done: number, of: number) => void
}

const measures: readonly Measure[] = ['expectedCost', 'cvar', 'co2Kg', 'curtailedKwh']
/** what every measure counts beside the one in question, so that it is not wasted where it costs nothing */
const aside = 1e-3

/** Throws `NoSchedule` where there is none at all. */
export async function frontOf(vpp: Vpp, solver: LinearSolver, options: FrontOptions = {}): Promise<Front> {
    const { points: wanted = 12, gap = 1e-4, onStep, timeLimitS, signal } = options
    const solving = { gap, ...(timeLimitS === undefined ? {} : { timeLimitS }), ...(signal ? { signal } : {}) }
    let done = 0
    const total = Math.max(wanted, measures.length)
    const find = async (goal: Goal, weights: Measures): Promise<FrontPoint> => {
        const found = await scheduleVpp(vpp, solver, { ...solving, goal, beta: 0 })
        if (!found.solution || !found.verdict) throw new NoSchedule('a point of the front', found)
        onStep?.(++done, total)
        return {
            ...measure(vpp, found.solution),
            cvar: found.verdict.cvar,
            expectedCost: found.verdict.expected.operatingCost,
            costs: found.verdict.expected,
            weights,
            gap: found.gap,
            solution: found.solution,
        }
    }
    // the cheapest plan gives the scale of every measure
    const cheapest = await find(
        { distance: {}, weight: { expectedCost: 1, cvar: 1e-6, co2Kg: 1e-6, curtailedKwh: 1e-6 } },
        single('expectedCost'),
    )
    const size = toMeasures((m) => Math.max(1, Math.abs(cheapest[m])))
    const others = await Promise.all(
        measures
            .filter((m) => m !== 'expectedCost')
            .map((m) => find({ distance: {}, weight: toMeasures((k) => (k === m ? 1 : aside) / size[k]) }, single(m))),
    )
    const best = [cheapest, ...others]
    const low = toMeasures((m) => Math.min(...best.map((p) => p[m])))
    const high = toMeasures((m) => Math.max(...best.map((p) => p[m])))
    const inConflict = measures.filter((m) => high[m] - low[m] > 10 * Math.max(gap, 1e-6) * size[m])
    const between = await Promise.all(
        spreadWeights(inConflict.length, wanted - best.length).map((weight) => {
            const share = (m: Measure) => (inConflict.includes(m) ? weight[inConflict.indexOf(m)]! : 0)
            const per = (m: Measure) => 1 / Math.max(high[m] - low[m], 1e-6 * size[m])
            const distance: Goal['distance'] = Object.fromEntries(
                inConflict.filter((m) => share(m) > 0).map((m) => [m, { from: low[m], per: share(m) * per(m) }]),
            )
            return find(
                { distance, weight: toMeasures((m) => (inConflict.includes(m) ? aside * per(m) : (aside * aside) / size[m])) },
                toMeasures(share),
            )
        }),
    )
    const all = [...best, ...between]
    const slack = toMeasures((m) => 1e-6 * Math.max(1, high[m] - low[m]))
    const points = all
        .filter((p, k) => !all.some((other, j) => j !== k && dominates(other, p, slack, j < k)))
        .sort((a, b) => a.expectedCost - b.expectedCost)
    return {
        points,
        ideal: toMeasures((m) => Math.min(...points.map((p) => p[m]))),
        nadir: toMeasures((m) => Math.max(...points.map((p) => p[m]))),
        inConflict,
        dominated: all.length - points.length,
    }
}

/** Whether a is no worse than b in anything, and better in something, or as good in everything and named first. */
function dominates(a: Measures, b: Measures, slack: Measures, first: boolean): boolean {
    if (measures.some((m) => a[m] > b[m] + slack[m])) return false
    return first || measures.some((m) => a[m] < b[m] - slack[m])
}

function measure(vpp: Vpp, solution: Solution): Pick<Measures, 'co2Kg' | 'curtailedKwh'> {
    const each = vpp.scenarios.map((scenario, s) => dayFigures(vpp, scenario, solution.scenarios[s]!))
    const probability = vpp.scenarios.map((s) => s.probability)
    return {
        co2Kg: computeMean(
            each.map((f) => f.co2Kg),
            probability,
        ),
        curtailedKwh: computeMean(
            each.map((f) => f.curtailedKwh),
            probability,
        ),
    }
}

const toMeasures = (of: (m: Measure) => number): Measures => Object.fromEntries(measures.map((m) => [m, of(m)])) as unknown as Measures
const single = (which: Measure): Measures => toMeasures((m) => (m === which ? 1 : 0))

/** `count` weights of `k` measures that add up to 1, far from each other: of a lattice, the middle first, then always the furthest. */
function spreadWeights(k: number, count: number): number[][] {
    if (k < 2 || count < 1) return []
    const steps = 6
    const lattice: number[][] = []
    const fill = (so: number[], left: number) => {
        if (so.length === k - 1) {
            lattice.push([...so, left])
            return
        }
        for (let n = 0; n <= left; n++) fill([...so, n], left - n)
    }
    fill([], steps)
    const distance = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0)
    // corners are the measures at their best, already at hand
    const taken = Array.from({ length: k }, (_, i) => Array.from({ length: k }, (_, j) => (i === j ? steps : 0)))
    const chosen: number[][] = [Array.from({ length: k }, () => steps / k)]
    while (chosen.length < count) {
        let best: number[] | undefined
        let furthest = 0
        for (const candidate of lattice) {
            const near = Math.min(...[...taken, ...chosen].map((other) => distance(candidate, other)))
            if (near > furthest) {
                furthest = near
                best = candidate
            }
        }
        if (!best) break
        chosen.push(best)
    }
    return chosen.map((weights) => weights.map((n) => n / steps))
}
