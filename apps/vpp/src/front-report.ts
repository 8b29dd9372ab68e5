/** The front of cost, risk, CO₂ and curtailment as people pick from it: every point with its day, and the goal that finds it again. */
import type { LinearSolver } from '@gridverse/math'
import {
    type Front,
    type FrontOptions,
    type FrontPoint,
    frontOf,
    type Goal,
    type Measure,
    type Measures,
    type Vpp,
    verifySchedule,
} from '@gridverse/plan'
import { type DayReport, reportDay } from './report.ts'

export interface FrontReportPoint extends Measures {
    readonly weights: Measures
    readonly gap: number
    /** asked for, it decides the day as at this point */
    readonly goal: Goal
    /** its courses and costs; the days that could be without their dispatch */
    readonly day: DayReport
}
export interface FrontReport extends Pick<Front, 'ideal' | 'nadir' | 'inConflict' | 'dominated'> {
    readonly points: readonly FrontReportPoint[]
}

/** what a measure counts beside those in question */
const aside = 1e-3

export async function reportFront(vpp: Vpp, solver: LinearSolver, options: FrontOptions): Promise<FrontReport> {
    const { points, ...front } = await frontOf(vpp, solver, options)
    return {
        ...front,
        points: points.map((point) => {
            const { expectedCost, cvar, co2Kg, curtailedKwh, weights, gap, solution } = point
            const verdict = verifySchedule(vpp, vpp.scenarios, solution)
            const day = reportDay(vpp, vpp.scenarios, { status: 'optimal', gap, solution, verdict })
            return {
                ...{ expectedCost, cvar, co2Kg, curtailedKwh, weights, gap },
                goal: goalOf(point, front),
                day: { ...day, scenarios: day.scenarios.map(({ stack: _, ...scenario }) => scenario) },
            }
        }),
    }
}

/** The least weighted distance from the ideal point; one measure by itself is minimised as it is. */
export function goalOf(
    { weights }: Pick<FrontPoint, 'weights'>,
    { ideal, nadir, inConflict }: Pick<Front, 'ideal' | 'nadir' | 'inConflict'>,
): Goal {
    const all = Object.keys(weights) as Measure[]
    const per = (m: Measure) => 1 / Math.max(nadir[m] - ideal[m], 1e-6 * Math.max(1, Math.abs(ideal[m])))
    const counted = all.filter((m) => weights[m] > 0)
    const weight = (own: (m: Measure) => number) =>
        Object.fromEntries(all.map((m) => [m, own(m) * (inConflict.includes(m) ? per(m) : aside / Math.max(1, Math.abs(ideal[m])))]))
    if (counted.length === 1) return { distance: {}, weight: weight((m) => (m === counted[0] ? 1 : aside)) }
    return {
        distance: Object.fromEntries(counted.map((m) => [m, { from: ideal[m], per: weights[m] * per(m) }])),
        weight: weight(() => aside),
    }
}
