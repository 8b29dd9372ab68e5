/** The plans claims are tried on, each made once however many claims ask for it. */
import type { LinearSolver } from '@gridverse/math'
import { type PlanScore, scorePlan, settledAnyway } from '../baselines.ts'
import { type Evaluation, evaluateFirstStage, NoSchedule } from '../evaluate.ts'
import type { Scenario, Series, Vpp } from '../instance.ts'
import { meanScenario } from '../mean-scenario.ts'
import { type Schedule, type ScheduleOptions, scheduleVpp } from '../schedule.ts'
import type { Solution } from '../solution.ts'

export type Solving = Pick<ScheduleOptions, 'gap' | 'timeLimitS' | 'signal'>

export interface ClaimContext {
    readonly vpp: Vpp
    /** the day a plan that ignores uncertainty believes in, its probability 1 */
    readonly forecast: Scenario
    /** weights of risk compared, ascending from 0 */
    readonly betas: readonly number[]
    /** the plan for all scenarios at a weight of risk */
    at(beta: number): Promise<Planned>
    /** the plan for the forecast, as that plan believes */
    deterministic(): Promise<Planned>
    /** … run on every scenario, deviations settled where the plan may count on none */
    onTheDay(): Promise<Ran>
    /** trades and commitments of the stochastic plan on the forecast */
    onTheForecast(): Promise<Evaluation>
    /** the same experiments on another plant */
    on(vpp: Vpp): ClaimContext
    /** a first stage on days of one's own */
    evaluate(plant: Vpp, first: Solution['firstStage']): Promise<Evaluation>
}
export interface Planned extends Schedule {
    readonly solution: Solution
    readonly verdict: NonNullable<Schedule['verdict']>
}
export interface Ran {
    readonly solution: Solution
    readonly score: PlanScore
}

/** `onPlan` hears of every plan made. Every method throws `NoSchedule` where a plan cannot be made. */
export function createContext(
    vpp: Vpp,
    solver: LinearSolver,
    betas: readonly number[],
    solving: Solving = {},
    onPlan?: () => void,
): ClaimContext {
    const forecast = { ...(vpp.forecast ?? meanScenario(vpp)), probability: 1 }
    const made = new Map<string, Promise<unknown>>()
    const once = <T>(key: string, make: () => Promise<T>): Promise<T> => {
        const found = made.get(key) ?? make()
        made.set(key, found)
        return found as Promise<T>
    }
    const plan = async (which: string, on: Vpp, options: ScheduleOptions): Promise<Planned> => {
        const found = await scheduleVpp(on, solver, { ...solving, ...options })
        if (found.status !== 'optimal') throw new NoSchedule(which, found)
        onPlan?.()
        return found as Planned
    }
    const deterministic = () => once('deterministic', () => plan('the deterministic plan', vpp, { beta: 0, scenarios: [forecast] }))
    const at = (beta: number) => once(`at ${beta}`, () => plan(`the plan at risk weight ${beta}`, vpp, { beta }))
    return {
        vpp,
        forecast,
        betas,
        at,
        deterministic,
        onTheDay: () =>
            once('on the day', async () => {
                const { firstStage } = (await deterministic()).solution
                const plant = settledAnyway(vpp)
                const days = await Promise.all(
                    vpp.scenarios.map((day, s) =>
                        plan(`scenario ${s}`, plant, { beta: 0, scenarios: [{ ...day, probability: 1 }], given: firstStage }),
                    ),
                )
                const solution = { beta: 0, firstStage, scenarios: days.map((d) => d.solution.scenarios[0]!) }
                return { solution, score: scorePlan(plant, vpp.scenarios, solution) }
            }),
        onTheForecast: () =>
            once('on the forecast', async () =>
                evaluateFirstStage(settledAnyway({ ...vpp, scenarios: [forecast] }), solver, (await at(0)).solution.firstStage, solving),
            ),
        on: (other) => createContext(other, solver, betas, solving, onPlan),
        evaluate: (plant, first) => evaluateFirstStage(plant, solver, first, solving),
    }
}

export const stepsOf = (vpp: Vpp) => Array.from({ length: vpp.periods }, (_, t) => t)
export const total = (rows: readonly ArrayLike<number>[], t: number) => rows.reduce((sum, row) => sum + row[t]!, 0)
export const probabilities = (vpp: Vpp) => vpp.scenarios.map((s) => s.probability)
export const sunKwh = (vpp: Vpp, { pv }: Pick<Scenario, 'pv'>) =>
    vpp.dtH * pv.reduce((sum, row: Series) => sum + row.reduce((a, b) => a + b, 0), 0)
/** Scenarios from the least sun to the most. */
export const bySun = (vpp: Vpp) =>
    vpp.scenarios.map((_, s) => s).sort((a, b) => sunKwh(vpp, vpp.scenarios[a]!) - sunKwh(vpp, vpp.scenarios[b]!))
