/** What every unit is told, step by step: by the rules that would run it otherwise, and by this plan on each of its days. */
import {
    balanceBound,
    balanceResiduals,
    type Carrier,
    type Residual,
    rulePlan,
    type Scenario,
    type Solution,
    type UnitKind,
    unitCourses,
    type Vpp,
} from '@gridverse/plan'
import type { Fan } from './report.ts'

/** kW by step; positive where the unit gives to its carrier, negative where it takes. */
export interface UnitReport {
    readonly id: string
    readonly kind: UnitKind
    readonly name: string
    readonly carrier: Carrier
    /** by the rules, for the forecast */
    readonly before: readonly number[]
    /** by the plan: mean, least and most over its days */
    readonly after: Fan
    /** by the plan on each of its days; left out where that would be more than 60 000 numbers */
    readonly days?: readonly (readonly number[])[]
}

export interface UnitsReport {
    readonly units: readonly UnitReport[]
    /** balance of each carrier, recomputed from the schedule alone */
    readonly balance: readonly Residual[]
    /** largest share of the load a balance may be missed by */
    readonly bound: number
}

const detailedNumbers = 60_000
const round = (x: number) => Math.round(1000 * x) / 1000 || 0

export function reportUnits(vpp: Vpp, scenarios: readonly Scenario[], solution: Solution): UnitsReport {
    const rules = unitCourses(vpp, rulePlan(vpp).dispatch)
    const days = solution.scenarios.map((dispatch) => unitCourses(vpp, dispatch))
    const detailed = rules.length * days.length * vpp.periods <= detailedNumbers
    const units = rules.map(({ power, ...unit }, i): UnitReport => {
        const at = (t: number) => days.map((day) => day[i]!.power[t]!)
        const over = (of: (values: readonly number[]) => number) => power.map((_, t) => round(of(at(t))))
        return {
            ...unit,
            before: power.map(round),
            after: {
                mean: over((values) => values.reduce((sum, p, s) => sum + scenarios[s]!.probability * p, 0)),
                low: over((values) => Math.min(...values)),
                high: over((values) => Math.max(...values)),
            },
            ...(detailed ? { days: days.map((day) => day[i]!.power.map(round)) } : {}),
        }
    })
    return { units, balance: balanceResiduals(vpp, scenarios, solution), bound: balanceBound }
}
