/**
 * What a plan saves and whether anybody pays for it: its cost beside that of rules without an optimiser, and what people get under
 * either, counted by `serviceOf` from the decisions alone. Figures are the worst of the days that could be.
 */
import {
    missedServices,
    type PlanScore,
    rulePlan,
    type Service,
    type Solution,
    serviceOf,
    settledAnyway,
    settleFixed,
    type Vpp,
    worstService,
} from '@gridverse/plan'

export interface BeforeAfter {
    /** expected cost, currency of the plant */
    readonly costBefore: number
    readonly costAfter: number
    /** carbon dioxide, kg, means */
    readonly co2Before: number
    readonly co2After: number
    /** devices by rules, every deviation settled with the grid */
    readonly before: Service
    readonly after: Service
    /** how many rooms, stays, heaters and runs were let down */
    readonly missedBefore: number
    readonly missedAfter: number
}

export function compareBeforeAfter(
    vpp: Vpp,
    solution: Solution,
    scores: { readonly ruleBased: PlanScore; readonly own: PlanScore },
): BeforeAfter {
    const plant = settledAnyway(vpp)
    const rules = rulePlan(vpp)
    const before = worstService(vpp.scenarios.map((day) => serviceOf(plant, settleFixed(plant, rules, day))))
    const after = worstService(solution.scenarios.map((dispatch) => serviceOf(vpp, dispatch)))
    return {
        costBefore: scores.ruleBased.expected.operatingCost,
        costAfter: scores.own.expected.operatingCost,
        co2Before: scores.ruleBased.figures.co2Kg,
        co2After: scores.own.figures.co2Kg,
        before,
        after,
        missedBefore: missedServices(before),
        missedAfter: missedServices(after),
    }
}
