/**
 * What a plan is held against: a rule-based operator without an optimiser, and the plan made for the forecast alone, both
 * priced on every scenario of the same data.
 */
import type { LinearSolver } from '@gridverse/math'
import { computeMean } from '../cvar.ts'
import { NoSchedule } from './evaluate.ts'
import type { Scenario, Vpp } from './instance.ts'
import { meanScenario } from './mean-scenario.ts'
import { rulePlan, settleFixed } from './rule-plan.ts'
import { type ScheduleOptions, scheduleVpp } from './schedule.ts'
import type { Dispatch, FirstStage, Solution } from './solution.ts'
import { type Costs, verifySchedule } from './verify.ts'

/** What a day's dispatch comes to beside its costs. */
export interface DayFigures {
    /** sun and wind available and not taken, or given away for nothing, kWh */
    readonly curtailedKwh: number
    /** sun and wind available, kWh */
    readonly renewableKwh: number
    /** of turbines and boilers, kg */
    readonly co2Kg: number
    /** missing and excess energy against the day-ahead position, kWh */
    readonly imbalanceKwh: number
    /** load reduced, kWh */
    readonly reducedKwh: number
}

export interface PlanScore {
    readonly firstStage: FirstStage
    /** by scenario */
    readonly costs: readonly Costs[]
    readonly expected: Costs
    readonly cvar: number
    /** (1 − β)·expected cost + β·CVaR */
    readonly objective: number
    /** mean over the scenarios */
    readonly figures: DayFigures
    /** largest limit missed, kW, kWh, K or p.u. */
    readonly maxViolation: number
}

export interface Baselines {
    /** devices by fixed rules, every deviation settled as imbalance */
    readonly ruleBased: PlanScore
    /** trades and commitments made for the forecast, devices free to answer on the day */
    readonly deterministic: PlanScore
}

export function dayFigures(vpp: Vpp, scenario: Scenario, dispatch: Dispatch): DayFigures {
    const energy = (rows: readonly ArrayLike<number>[]) =>
        vpp.dtH * rows.reduce((sum, row) => sum + Array.from(row).reduce((a, b) => a + b, 0), 0)
    const renewableKwh = energy(scenario.pv) + energy(scenario.wind)
    // excess that earns nothing might as well have been spilt
    const unsold = dispatch.surplus.reduce((sum, p, t) => {
        const taken = [...dispatch.pv, ...dispatch.wind].reduce((total, row) => total + row[t]!, 0)
        return vpp.grid.surplusPrice[t]! > 0 ? sum : sum + vpp.dtH * Math.min(p, taken)
    }, 0)
    const turbines = vpp.gasTurbines.reduce((sum, g, i) => sum + g.co2 * energy([dispatch.gt[i]!]), 0)
    const boilers = vpp.heat.boilers.reduce((sum, b, i) => sum + (b.co2 / b.eff) * energy([dispatch.boiler[i]!]), 0)
    return {
        curtailedKwh: Math.max(0, renewableKwh - energy(dispatch.pv) - energy(dispatch.wind) + unsold),
        renewableKwh,
        co2Kg: turbines + boilers,
        imbalanceKwh: energy([dispatch.short, dispatch.surplus]),
        reducedKwh: energy(dispatch.curt),
    }
}

/** Costs and figures of a solution on the scenarios it was made for, or settled on. */
export function scorePlan(vpp: Vpp, scenarios: readonly Scenario[], solution: Solution): PlanScore {
    const verdict = verifySchedule(vpp, scenarios, solution)
    const each = scenarios.map((scenario, s) => dayFigures(vpp, scenario, solution.scenarios[s]!))
    const probability = scenarios.map((s) => s.probability)
    const mean = (of: (f: DayFigures) => number) => computeMean(each.map(of), probability)
    return {
        firstStage: solution.firstStage,
        costs: verdict.scenarios,
        expected: verdict.expected,
        cvar: verdict.cvar,
        objective: verdict.objective,
        figures: {
            curtailedKwh: mean((f) => f.curtailedKwh),
            renewableKwh: mean((f) => f.renewableKwh),
            co2Kg: mean((f) => f.co2Kg),
            imbalanceKwh: mean((f) => f.imbalanceKwh),
            reducedKwh: mean((f) => f.reducedKwh),
        },
        maxViolation: verdict.maxViolation,
    }
}

/** On the day a deviation is settled even where the plan may count on none. */
export const settledAnyway = (vpp: Vpp): Vpp =>
    vpp.grid.imbalance === 'penalised' ? vpp : { ...vpp, grid: { ...vpp.grid, imbalance: 'penalised' } }

/** What rules alone cost on the plant's scenarios; needs no solver. */
export function computeRuleBased(vpp: Vpp, beta: number): PlanScore {
    const plant = settledAnyway(vpp)
    const rule = rulePlan(vpp)
    return scorePlan(plant, vpp.scenarios, {
        beta,
        firstStage: rule.firstStage,
        scenarios: vpp.scenarios.map((day) => settleFixed(plant, rule, day)),
    })
}

/** Both baselines on the plant's scenarios. Throws `NoSchedule` where the plan for the forecast cannot be made or run. */
export async function computeBaselines(
    vpp: Vpp,
    solver: LinearSolver,
    options: Pick<ScheduleOptions, 'beta' | 'gap' | 'timeLimitS' | 'signal'> = {},
): Promise<Baselines> {
    const { beta = vpp.risk.beta, ...solving } = options
    const plant = settledAnyway(vpp)
    const ruleBased = computeRuleBased(vpp, beta)
    const run = async (which: string, on: Vpp, scenario: Scenario, given?: FirstStage): Promise<Solution> => {
        const one = [{ ...scenario, probability: 1 }]
        const found = await scheduleVpp(on, solver, { ...solving, beta: 0, scenarios: one, ...(given ? { given } : {}) })
        if (found.status !== 'optimal') throw new NoSchedule(which, found)
        return found.solution!
    }
    const { firstStage } = await run('the deterministic plan', vpp, vpp.forecast ?? meanScenario(vpp))
    const days = await Promise.all(vpp.scenarios.map((day, s) => run(`scenario ${s}`, plant, day, firstStage)))
    const deterministic = scorePlan(plant, vpp.scenarios, { beta, firstStage, scenarios: days.map((d) => d.scenarios[0]!) })
    return { ruleBased, deterministic }
}
