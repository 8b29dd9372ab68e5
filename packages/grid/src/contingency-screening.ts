/**
 * A quick look at an outage by DC factors: active flows move by LODF times the flow lost, reactive flows stay,
 *   P_l → P_l + LODF(l, k)·P_k,   loading = max(|S from|, |S to|)/rate,
 * from the AC flows of the base case (A. J. Wood, B. F. Wollenberg, G. B. Sheblé, Power Generation, Operation, and
 * Control, 3rd edition, section 7.3.4). It sees no voltages and no losses: what it clears is cleared of overload only,
 * to a few percent.
 */
import { createFactorSolver } from './factors.ts'
import type { Network } from './network.ts'
import type { PowerFlowResult } from './power-flow-arrays.ts'

export interface PredictedLoading {
    /** percent of `rateMva`; 0 where no branch has a rating */
    readonly worstLoadingPercent: number
    /** row of that branch, null without ratings */
    readonly worstBranch: number | null
}
/** The greatest loading after the outage of branch row k; undefined where factors cannot tell. */
export type Screening = (k: number) => PredictedLoading | undefined

/** `base` holds the AC flows before the outage; it is copied. */
export function createScreening(network: Network, base: PowerFlowResult): Screening {
    const factors = createFactorSolver(network)
    const lodf = new Float64Array(network.branch.length)
    const pFromMw = base.pFromMw.slice()
    const pToMw = base.pToMw.slice()
    const { qFromMvar, qToMvar } = { qFromMvar: base.qFromMvar.slice(), qToMvar: base.qToMvar.slice() }
    const rate = Float64Array.from(network.branch, (row) => row.rateMva)
    return (k) => {
        if (factors.status !== 'solved' || !factors.computeOutage(k, lodf)) return undefined
        const flow = (pFromMw[k] - pToMw[k]) / 2
        let [worst, at] = [0, -1]
        for (let l = 0; l < rate.length; l++) {
            if (l === k || !(rate[l] > 0)) continue
            const more = lodf[l] * flow
            const mva = Math.max(Math.hypot(pFromMw[l] + more, qFromMvar[l]), Math.hypot(pToMw[l] - more, qToMvar[l]))
            // a NaN must not pass for unloaded
            if (!(100 * mva <= worst * rate[l])) {
                worst = (100 * mva) / rate[l]
                at = l
            }
        }
        return { worstLoadingPercent: worst, worstBranch: at < 0 ? null : at }
    }
}
