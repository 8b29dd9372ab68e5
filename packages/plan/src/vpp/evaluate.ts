/**
 * What uncertainty costs: the deterministic plan on its own forecast and on the scenarios, the stochastic plan, and a plan
 * that knew every scenario (Birge 1982).
 */

import type { LinearSolver } from '@gridverse/math'
import { computeMean, computeTail } from '../cvar.ts'
import type { Scenario, Vpp } from './instance.ts'
import { meanScenario } from './mean-scenario.ts'
import { type Schedule, type ScheduleOptions, scheduleVpp } from './schedule.ts'
import type { FirstStage } from './solution.ts'
import type { Costs } from './verify.ts'

/** Costs of a first stage when each scenario is then run as well as it can be. */
export interface Evaluation {
    readonly costs: readonly Costs[]
    readonly expectedCost: number
    readonly cvar: number
}

export interface VppEvaluation {
    /** cost of the plan made for the forecast, as that plan believes */
    readonly deterministic: number
    /** … and what it costs over the scenarios */
    readonly deterministicEvaluated: number
    /** expected cost of the plan made for all scenarios, without weight of risk */
    readonly stochastic: number
    /** mean of the costs if every scenario were known the day before */
    readonly waitAndSee: number
    /** value of the stochastic solution */
    readonly vss: number
    /** expected value of perfect information */
    readonly evpi: number
    /** internal dispatch frozen at the deterministic plan, deviations of the sun settled as imbalance */
    readonly uncoordinated: { readonly expectedCost: number; readonly cvar: number; readonly imbalanceKwh: readonly number[] }
}

/** A plan that could not be made; says which and why. */
export class NoSchedule extends Error {
    readonly schedule: Schedule
    constructor(which: string, schedule: Schedule) {
        super(`${which}: ${schedule.status}${schedule.message ? ` (${schedule.message})` : ''}`)
        this.schedule = schedule
    }
}

type Solving = Pick<ScheduleOptions, 'gap' | 'timeLimitS' | 'signal'> & { readonly onStep?: (done: number, of: number) => void }

/** Runs every scenario by itself with trades and commitments given. Throws `NoSchedule` where one has no answer. */
export async function evaluateFirstStage(vpp: Vpp, solver: LinearSolver, given: FirstStage, solving: Solving = {}): Promise<Evaluation> {
    const costs = await Promise.all(vpp.scenarios.map((scenario, s) => costOf(vpp, solver, scenario, `scenario ${s}`, solving, given)))
    const probability = vpp.scenarios.map((s) => s.probability)
    const total = costs.map((c) => c.operatingCost)
    return { costs, expectedCost: computeMean(total, probability), cvar: computeTail(total, probability, vpp.risk.alpha).conditional }
}

async function costOf(
    vpp: Vpp,
    solver: LinearSolver,
    scenario: Scenario,
    which: string,
    solving: Solving,
    given?: FirstStage,
): Promise<Costs> {
    const { onStep: _, ...rest } = solving
    const one = { ...scenario, probability: 1 }
    const found = await scheduleVpp(vpp, solver, { ...rest, beta: 0, scenarios: [one], ...(given ? { given } : {}) })
    if (found.status !== 'optimal') throw new NoSchedule(which, found)
    return found.verdict!.scenarios[0]!
}

export async function evaluateVpp(vpp: Vpp, solver: LinearSolver, solving: Solving = {}): Promise<VppEvaluation> {
    const { onStep, ...rest } = solving
    const forecast = vpp.forecast ?? meanScenario(vpp)
    const steps = 4
    const plan = async (which: string, scenarios: readonly Scenario[]) => {
        const found = await scheduleVpp(vpp, solver, { ...rest, beta: 0, scenarios })
        if (found.status !== 'optimal') throw new NoSchedule(which, found)
        return found
    }
    const deterministic = await plan('the deterministic plan', [{ ...forecast, probability: 1 }])
    onStep?.(1, steps)
    const believed = deterministic.verdict!.expected.operatingCost
    const evaluated = await evaluateFirstStage(vpp, solver, deterministic.solution!.firstStage, rest)
    onStep?.(2, steps)
    const known = await Promise.all(vpp.scenarios.map((scenario, s) => costOf(vpp, solver, scenario, `scenario ${s} known`, rest)))
    const probability = vpp.scenarios.map((s) => s.probability)
    const waitAndSee = computeMean(
        known.map((c) => c.operatingCost),
        probability,
    )
    onStep?.(3, steps)
    const stochastic = (await plan('the stochastic plan', vpp.scenarios)).verdict!.expected.operatingCost
    onStep?.(4, steps)
    return {
        deterministic: believed,
        deterministicEvaluated: evaluated.expectedCost,
        stochastic,
        waitAndSee,
        vss: evaluated.expectedCost - stochastic,
        evpi: stochastic - waitAndSee,
        uncoordinated: settleDeviations(vpp, forecast, believed),
    }
}

/** Every deviation of the sun from the forecast settled as imbalance, the rest as planned. */
export function settleDeviations(vpp: Vpp, forecast: Scenario, planned: number): VppEvaluation['uncoordinated'] {
    const imbalanceKwh: number[] = []
    const costs = vpp.scenarios.map((scenario) => {
        let cost = planned
        let volume = 0
        for (let t = 0; t < vpp.periods; t++) {
            const d = scenario.pv.reduce((sum, series, n) => sum + series[t]! - forecast.pv[n]![t]!, 0)
            cost += vpp.dtH * (d < 0 ? -d * vpp.grid.shortPrice[t]! : -d * vpp.grid.surplusPrice[t]!)
            volume += vpp.dtH * Math.abs(d)
        }
        imbalanceKwh.push(volume)
        return cost
    })
    const probability = vpp.scenarios.map((s) => s.probability)
    return {
        expectedCost: computeMean(costs, probability),
        cvar: computeTail(costs, probability, vpp.risk.alpha).conditional,
        imbalanceKwh,
    }
}
