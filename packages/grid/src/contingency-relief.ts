/**
 * Which generators relieve a branch, before or after an outage, by DC factors.
 *
 * One MW more at bus i, taken out at the reference bus, moves branch l once branch k is out by
 *   OTDF(l, i) = PTDF(l, i) + LODF(l, k)·PTDF(k, i)
 * (A. J. Wood, B. F. Wollenberg, G. B. Sheblé, Power Generation, Operation, and Control, 3rd edition, section 7.3), so
 * one MW less at a and one more at c moves it by OTDF(l, c) − OTDF(l, a), whatever the reference. The largest
 * difference relieves most for the least power moved: generators are ranked by their factors, and the one that loads
 * the branch most gives to the one that unloads it most until either is at its limit. For a single branch no other
 * redispatch within the limits relieves it by as much with fewer MW moved: both rankings are used from their ends.
 */
import type { FactorSolver } from './factors.ts'
import { networkIslands } from './islands.ts'
import type { Network } from './network.ts'

/** Power moved from one generator to another. */
export interface ReliefStep {
    /** row of the generator that gives less, from 0 */
    readonly lower: number
    /** row of the generator that gives more */
    readonly raise: number
    /** power moved, MW, > 0 */
    readonly mw: number
    /** what the branch then carries less, MW, > 0 */
    readonly reliefMw: number
}

export interface Relief {
    readonly steps: readonly ReliefStep[]
    /** sum over the steps, MW; less than asked for where generators cannot do more */
    readonly reliefMw: number
}

export interface ReliefQuery {
    /** row of the branch to relieve, from 0 */
    readonly branch: number
    /** 1 where too much flows from its from side to its to side, −1 the other way */
    readonly direction: 1 | -1
    /** active power it is to carry less, MW */
    readonly reliefMw: number
    /** row of the branch that is out */
    readonly outage?: number
    /** what generators give before, MW by row; the records where absent */
    readonly generatorMw?: ArrayLike<number>
}

/** differences of factors below this are no lever: hundreds of MW moved for one relieved */
const leastLever = 0.01

/** The redispatch that relieves a branch with the least power moved; no steps where factors are unknown. */
export function computeRelief(network: Network, factors: FactorSolver, query: ReliefQuery): Relief {
    const { branch, direction, outage } = query
    const none: Relief = { steps: [], reliefMw: 0 }
    if (factors.status !== 'solved') return none
    const factor = new Float64Array(network.bus.length)
    factors.computePtdf(branch, factor)
    if (outage !== undefined) {
        const lodf = new Float64Array(network.branch.length)
        if (!factors.computeOutage(outage, lodf)) return none
        const ptdf = new Float64Array(network.bus.length)
        factors.computePtdf(outage, ptdf)
        for (let i = 0; i < factor.length; i++) factor[i] += lodf[branch] * ptdf[i]
    }

    const island = networkIslands(network).find((each) => each.energised && each.bus.includes(network.branch[branch].fromBus))
    const inside = new Set(island?.bus)
    const rowOf = new Map(network.bus.map((bus, i) => [bus.id, i]))
    const ranked = network.generator
        .map((g, row) => {
            const mw = query.generatorMw?.[row] ?? g.pMw
            return {
                row,
                factor: direction * factor[rowOf.get(g.bus)!],
                up: Math.max(0, g.pMaxMw - mw),
                down: Math.max(0, mw - g.pMinMw),
                usable: g.inService && inside.has(g.bus),
            }
        })
        .filter((g) => g.usable)
        .sort((a, c) => a.factor - c.factor || a.row - c.row)

    const steps: ReliefStep[] = []
    let left = query.reliefMw
    let [raise, lower] = [0, ranked.length - 1]
    while (raise < lower && left > 1e-9) {
        const [unloads, loads] = [ranked[raise], ranked[lower]]
        const lever = loads.factor - unloads.factor
        if (lever < leastLever) break
        const mw = Math.min(unloads.up, loads.down, left / lever)
        if (mw > 0) {
            steps.push({ lower: loads.row, raise: unloads.row, mw, reliefMw: mw * lever })
            left -= mw * lever
            unloads.up -= mw
            loads.down -= mw
        }
        if (unloads.up <= 0) raise++
        else if (loads.down <= 0) lower--
    }
    return { steps, reliefMw: steps.reduce((sum, step) => sum + step.reliefMw, 0) }
}
