/**
 * Two branches out at once: which pairs are worth an AC power flow. With L(l, k) the factor for one branch out and f the
 * flows before, branch j goes first and i from what that leaves (A. J. Wood, B. F. Wollenberg, G. B. Sheblé, Power
 * Generation, Operation, and Control, 3rd edition, section 7.3):
 *   f_l′ = f_l + L(l, j)·f_j + (L(l, i) + L(l, j)·L(j, i))/(1 − L(i, j)·L(j, i))·(f_i + L(i, j)·f_j)
 * Reactive flows stay as before. Pairs where the quotient has no denominator part the network.
 */
import type { Outage } from './contingency-outage.ts'
import { createFactorSolver } from './factors.ts'
import { lowerNetwork } from './lower-network.ts'
import type { Network } from './network.ts'
import { solvePowerFlow } from './solve-power-flow.ts'

export interface PairOptions {
    /** so many pairs are returned */
    readonly most?: number
    /**
     * All pairs are looked at while there are no more branches than this. Beyond, those of the branches whose outage alone
     * loads the others most, and of every branch with the three its outage moves most.
     */
    readonly candidates?: number
}

export interface ScreenedPairs {
    /** heaviest first */
    readonly list: readonly Outage[]
    /** greatest loading predicted, percent, by pair of the list */
    readonly loadingPercent: readonly number[]
    /** pairs looked at, and those of them that part the network, not in the list */
    readonly examined: number
    readonly islanding: number
}

/** `1 − L(i, j)·L(j, i)` below this parts the network */
const parting = 1e-8

/** The pairs of branches that load others most when both are out, by DC factors from the AC flows; none without a base solution. */
export function screenPairs(network: Network, options: PairOptions = {}): ScreenedPairs {
    const { most = 100, candidates = 250 } = options
    const nothing = { list: [], loadingPercent: [], examined: 0, islanding: 0 }
    const flow = solvePowerFlow(network)
    const factors = createFactorSolver(lowerNetwork(network).network)
    if (flow.status !== 'converged' || factors.status !== 'solved') return nothing
    const n = network.branch.length
    const p = Float64Array.from(flow.branch, (row) => (row.pFromMw - row.pToMw) / 2)
    const q2 = Float64Array.from(flow.branch, (row) => Math.max(Math.abs(row.qFromMvar), Math.abs(row.qToMvar)) ** 2)
    const rated = Int32Array.from(network.branch.keys()).filter((l) => network.branch[l].rateMva > 0 && network.branch[l].inService)
    const overRate = Float64Array.from(rated, (l) => 1 / network.branch[l].rateMva)
    const column = new Map<number, Float64Array>()
    for (let k = 0; k < n; k++) {
        if (!network.branch[k].inService || factors.bridge[k] === 1) continue
        const lodf = new Float64Array(factors.bridge.length)
        if (factors.computeOutage(k, lodf)) column.set(k, lodf)
    }
    const single = [...column.keys()]

    /** greatest |S|/rate with flows p + a·A + b·B, without i and j */
    const worst = (i: number, j: number, a: Float64Array, fa: number, b: Float64Array, fb: number) => {
        let top = 0
        for (let r = 0; r < rated.length; r++) {
            const l = rated[r]
            if (l === i || l === j) continue
            const now = p[l] + a[l] * fa + b[l] * fb
            const loading = (now * now + q2[l]) * overRate[r] * overRate[r]
            if (loading > top) top = loading
        }
        return Math.sqrt(top)
    }
    const found: { pair: [number, number]; loading: number }[] = []
    let examined = 0
    let islanding = 0
    const look = (i: number, j: number) => {
        const [li, lj] = [column.get(i)!, column.get(j)!]
        examined++
        const rest = 1 - lj[i] * li[j]
        if (Math.abs(rest) < parting) {
            islanding++
            return
        }
        const fi = (p[i] + lj[i] * p[j]) / rest
        // (L_i + L_j·L(j, i))·fi + L_j·f_j
        found.push({ pair: [i, j], loading: worst(i, j, li, fi, lj, p[j] + li[j] * fi) })
    }
    for (const [i, j] of pairsOf(single, column, candidates, (k) => worst(k, k, column.get(k)!, p[k], column.get(k)!, 0))) look(i, j)
    found.sort((a, b) => b.loading - a.loading || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1])
    const top = found.slice(0, most)
    return {
        list: top.map(({ pair }) => ({ branches: pair })),
        loadingPercent: top.map(({ loading }) => 100 * loading),
        examined,
        islanding,
    }
}

function pairsOf(
    single: readonly number[],
    column: ReadonlyMap<number, Float64Array>,
    candidates: number,
    severity: (k: number) => number,
): [number, number][] {
    const pairs: [number, number][] = []
    const all = (rows: readonly number[]) => {
        rows.forEach((i, a) => {
            for (const j of rows.slice(a + 1)) pairs.push([Math.min(i, j), Math.max(i, j)])
        })
    }
    if (single.length <= candidates) {
        all(single)
        return pairs
    }
    const heavy = single
        .map((k) => ({ k, loading: severity(k) }))
        .sort((a, b) => b.loading - a.loading || a.k - b.k)
        .slice(0, candidates)
        .map(({ k }) => k)
    all(heavy)
    const among = new Set(heavy)
    const known = new Set<number>()
    for (const i of single) {
        const lodf = column.get(i)!
        const near = [0, 0, 0].map(() => -1)
        for (const j of single) {
            if (j === i) continue
            const at = near.findIndex((k) => k < 0 || Math.abs(lodf[j]) > Math.abs(lodf[k]))
            if (at >= 0) near.splice(at, 0, j)
            near.length = 3
        }
        for (const j of near) {
            if (j < 0 || (among.has(i) && among.has(j))) continue
            const id = Math.min(i, j) * lodf.length + Math.max(i, j)
            if (!known.has(id)) pairs.push([Math.min(i, j), Math.max(i, j)])
            known.add(id)
        }
    }
    return pairs
}
