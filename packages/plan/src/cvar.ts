/** Value at risk and conditional value at risk of costs with probabilities (Rockafellar & Uryasev 2002). */

export interface Tail {
    /** the cost not exceeded with probability alpha */
    readonly valueAtRisk: number
    /** mean of the worst 1 − alpha of the probability, the scenario at the border shared */
    readonly conditional: number
}

export function computeTail(cost: readonly number[], probability: readonly number[], alpha: number): Tail {
    const order = cost.map((_, s) => s).sort((a, b) => cost[b]! - cost[a]!)
    // what rounding leaves of a whole scenario must not decide which is at the border
    const tail = (1 - alpha) * (1 - 1e-12)
    let taken = 0
    let sum = 0
    for (const s of order) {
        const share = Math.min(probability[s]!, 1 - alpha - taken)
        sum += share * cost[s]!
        taken += share
        if (taken >= tail) return { valueAtRisk: cost[s]!, conditional: sum / taken }
    }
    return { valueAtRisk: cost[order.at(-1) ?? 0] ?? Number.NaN, conditional: sum / taken }
}

export const computeMean = (cost: readonly number[], probability: readonly number[]): number =>
    cost.reduce((sum, c, s) => sum + c * probability[s]!, 0)
