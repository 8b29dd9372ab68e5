/**
 * Distribution factors of the DC power flow (MATPOWER manual, section 3.7; A. J. Wood, B. F. Wollenberg, G. B. Sheblé,
 * Power Generation, Operation, and Control, 3rd edition, section 7.3 and appendix 7A). Per unit and radians.
 *
 * A branch carries f = b·aᵀ·θ, with b = 1/(x·ratio) and a = 1 at its from side, −1 at its to side; B = Σ b·a·aᵀ,
 * reference buses left out. One solution y = B⁻¹·a of a symmetric system holds all factors of a branch l:
 *
 *   PTDF(l, i) = b_l·y_i                      MW on l for one MW put in at i and taken out at i's reference bus
 *   h(l, k)    = b_l·(y_from(k) − y_to(k))    MW on l for one MW put in at k's from side, taken out at its to side
 *   LODF(l, k) = h(l, k)/(1 − h(k, k))        MW on l for every MW that flowed on k when k goes out; −1 on k itself
 *
 * Every island with supply has the reference bus the power flow gives it: its first slack bus, else its first PV bus
 * with a generator in service. Further slack buses count as ordinary ones. Nothing in one island moves another, and in
 * an island without supply nothing flows: those factors are 0.
 *
 * Closed couplers make one bus of those they join, three-winding transformers are stars, links inject what they carry;
 * rows and columns are those of the network given.
 */
import { createLdl } from '@gridverse/math'
import { findBridges } from './bridges.ts'
import { assignRoles, labelIslands } from './islands.ts'
import { lowerNetwork, withoutLinks } from './lower-network.ts'
import type { Network } from './network.ts'
import { toPerUnit } from './per-unit.ts'

/** `1 − h(k, k)` at or below this is a bridge in all but rounding: series capacitors can cancel the rest of a ring. */
const bridgeLimit = 1e-10

export interface FactorSolver {
    /** `singular`: a branch with supply has no reactance (`worstBranch`), or the reactances cancel */
    readonly status: 'solved' | 'singular'
    /** row of a branch in service without reactance */
    readonly worstBranch?: number
    /** id of a three-winding transformer in service with a winding without reactance */
    readonly worstTransformer3?: string
    /** id of the reference bus of every island with supply, in order of the islands' first buses */
    readonly referenceBus: readonly number[]
    /** 1 for a branch with supply that is the only way between two parts of its island */
    readonly bridge: Uint8Array
    /** ptdf (by bus) ← factors of branch row l. */
    computePtdf(l: number, ptdf: Float64Array): void
    /** ptdf (by bus) and lodf (by branch out) ← factors of branch row l; NaN in lodf at bridges and branches without flow. */
    computeRow(l: number, ptdf: Float64Array, lodf: Float64Array): void
    /** lodf (by branch) ← factors for the outage of branch row k; false, and NaN, where it is a bridge or carries nothing. */
    computeOutage(k: number, lodf: Float64Array): boolean
}

export interface Factors {
    readonly status: 'solved' | 'singular'
    readonly worstBranch?: number
    readonly worstTransformer3?: string
    readonly referenceBus: readonly number[]
    /** MW per MW: a row for every branch, a column for every bus */
    readonly ptdf: readonly Float64Array[]
    /** MW per MW: a row for every branch, a column for every branch out; NaN in columns of bridges and of branches without flow */
    readonly lodf: readonly Float64Array[]
}

/** All factors of a network; nBranch·(nBus + nBranch) numbers. For large networks ask a factor solver row by row. */
export function computeFactors(network: Network): Factors {
    const { computePtdf: _, computeOutage: _o, bridge: _b, computeRow, ...head } = createFactorSolver(network)
    const { status } = head
    if (status !== 'solved') return { ...head, ptdf: [], lodf: [] }
    const ptdf = network.branch.map(() => new Float64Array(network.bus.length))
    const lodf = network.branch.map(() => new Float64Array(network.branch.length))
    network.branch.forEach((_, l) => {
        computeRow(l, ptdf[l], lodf[l])
    })
    return { ...head, ptdf, lodf }
}

/** Factorises the DC matrix once; rows and columns of factors then cost one sparse solution each. */
export function createFactorSolver(network: Network): FactorSolver {
    const lowers = network.coupler?.length || network.transformer3?.length
    return lowers ? createLoweredSolver(network) : createPlainSolver(withoutLinks(network))
}

/** Factors of the plain network that stands for a network, told by the rows of the latter. */
function createLoweredSolver(network: Network): FactorSolver {
    const { network: plain, busOf } = lowerNetwork(network)
    const { status, worstBranch, referenceBus, bridge, ...solver } = createPlainSolver(plain)
    const nBranch = network.branch.length
    const rowOf = new Map(plain.bus.map((b, i) => [b.id, i]))
    const columnOf = Int32Array.from(network.bus, (b) => rowOf.get(busOf(b.id))!)
    const byBus = new Float64Array(plain.bus.length)
    const byBranch = new Float64Array(plain.branch.length)
    const liftPtdf = (ptdf: Float64Array) => {
        for (let i = 0; i < columnOf.length; i++) ptdf[i] = byBus[columnOf[i]]
    }
    const liftLodf = (lodf: Float64Array) => lodf.set(byBranch.subarray(0, nBranch))
    const worst =
        worstBranch === undefined
            ? {}
            : worstBranch < nBranch
              ? { worstBranch }
              : // rows of windings are named transformer/winding
                { worstTransformer3: plain.branch[worstBranch].id.slice(0, -2) }
    const none = { computePtdf: () => {}, computeRow: () => {}, computeOutage: () => false }
    const head = { status, ...worst, referenceBus, bridge: bridge.slice(0, nBranch) }
    if (status !== 'solved') return { ...head, ...none }
    return {
        ...head,
        computePtdf(l, ptdf) {
            solver.computePtdf(l, byBus)
            liftPtdf(ptdf)
        },
        computeRow(l, ptdf, lodf) {
            solver.computeRow(l, byBus, byBranch)
            liftPtdf(ptdf)
            liftLodf(lodf)
        },
        computeOutage(k, lodf) {
            const solved = solver.computeOutage(k, byBranch)
            liftLodf(lodf)
            return solved
        },
    }
}

function createPlainSolver(network: Network): FactorSolver {
    const pu = toPerUnit(network)
    const { nBus: n, nBranch, from, to } = pu
    const { alive, reference } = referencesOf(network, pu)
    const on = Uint8Array.from(network.branch, (k, l) => (k.inService && alive[from[l]] === 1 && alive[to[l]] === 1 ? 1 : 0))
    const referenceBus = network.bus.filter((_, i) => reference[i] === 1).map((b) => b.id)
    const bridge = findBridges(n, from, to, on)
    const b = Float64Array.from(network.branch, (k, l) => (on[l] === 1 && from[l] !== to[l] ? 1 / (k.xPu * k.ratio) : 0))
    const worstBranch = b.findIndex((susceptance) => !Number.isFinite(susceptance))
    const none = { computePtdf: () => {}, computeRow: () => {}, computeOutage: () => false }
    const nothing = { status: 'singular', referenceBus, bridge, ...none } as const
    if (worstBranch >= 0) return { ...nothing, worstBranch }
    const ldl = factoriseDc(n, from, to, b, (i) => alive[i] === 1 && reference[i] === 0)
    if (ldl === undefined) return nothing

    const y = new Float64Array(n)
    /** y ← B⁻¹·a of branch l, 0 at reference buses */
    const solve = (l: number) => {
        y.fill(0)
        if (b[l] === 0) return
        if (reference[from[l]] === 0) y[from[l]] = 1
        if (reference[to[l]] === 0) y[to[l]] = -1
        ldl.solve(y)
    }
    const across = (k: number) => y[from[k]] - y[to[k]]
    /** 1 − h(k, k), NaN where the outage of k has no factors */
    let left: Float64Array | undefined
    const leftOf = (k: number) => {
        const rest = 1 - b[k] * across(k)
        return on[k] === 0 || bridge[k] === 1 || Math.abs(rest) <= bridgeLimit ? Number.NaN : rest
    }
    const computeLeft = () => {
        const all = new Float64Array(nBranch)
        for (let k = 0; k < nBranch; k++) {
            solve(k)
            all[k] = leftOf(k)
        }
        return all
    }

    function computePtdf(l: number, ptdf: Float64Array) {
        solve(l)
        for (let i = 0; i < n; i++) ptdf[i] = b[l] * y[i]
    }

    function computeRow(l: number, ptdf: Float64Array, lodf: Float64Array) {
        left ??= computeLeft()
        computePtdf(l, ptdf)
        for (let k = 0; k < nBranch; k++) lodf[k] = (b[l] * across(k)) / left[k]
        if (!Number.isNaN(left[l])) lodf[l] = -1
    }

    function computeOutage(k: number, lodf: Float64Array): boolean {
        solve(k)
        const rest = leftOf(k)
        // B⁻¹ is symmetric: a_lᵀ·(B⁻¹·a_k) serves where a row would take a_kᵀ·(B⁻¹·a_l)
        for (let l = 0; l < nBranch; l++) lodf[l] = (b[l] * across(l)) / rest
        if (Number.isNaN(rest)) return false
        lodf[k] = -1
        return true
    }

    return { status: 'solved', referenceBus, bridge, computePtdf, computeRow, computeOutage }
}

/** Which buses have supply, and which is the reference of its island. */
function referencesOf(network: Network, pu: ReturnType<typeof toPerUnit>) {
    const n = pu.nBus
    const label = new Int32Array(n)
    const on = Uint8Array.from(network.branch, (k) => (k.inService ? 1 : 0))
    const leftOut = pu.type.map((t) => (t === 3 ? 1 : 0))
    const islands = labelIslands(pu.from, pu.to, on, leftOut, label)
    const hasGenerator = new Uint8Array(n)
    network.generator.forEach((g, index) => {
        if (g.inService) hasGenerator[pu.busOfGenerator[index]] = 1
    })
    const alive = new Uint8Array(n)
    const slackOf = new Int32Array(islands)
    assignRoles(pu.type, hasGenerator, label, islands, new Uint8Array(n), alive, slackOf)
    const reference = new Uint8Array(n)
    for (const slack of slackOf) if (slack >= 0) reference[slack] = 1
    return { alive, reference }
}

/** The factorised DC matrix, with an identity row where a bus is not free; undefined where a pivot vanishes. */
export function factoriseDc(n: number, from: Int32Array, to: Int32Array, b: Float64Array, isFree: (bus: number) => boolean) {
    // the diagonal first, then every branch twice; repeats add up
    const ptr = new Int32Array(n + 1)
    for (let k = 0; k < b.length; k++) {
        if (b[k] === 0) continue
        ptr[from[k] + 1]++
        ptr[to[k] + 1]++
    }
    for (let i = 0; i < n; i++) ptr[i + 1] += ptr[i] + 1
    const row = new Int32Array(ptr[n])
    const value = new Float64Array(ptr[n])
    const cursor = ptr.slice(0, n)
    for (let i = 0; i < n; i++) {
        value[cursor[i]] = isFree(i) ? 0 : 1
        row[cursor[i]++] = i
    }
    for (let k = 0; k < b.length; k++) {
        if (b[k] === 0) continue
        const [f, t] = [from[k], to[k]]
        const both = isFree(f) && isFree(t)
        if (isFree(f)) value[ptr[f]] += b[k]
        if (isFree(t)) value[ptr[t]] += b[k]
        value[cursor[f]] = both ? -b[k] : 0
        value[cursor[t]] = both ? -b[k] : 0
        row[cursor[f]++] = t
        row[cursor[t]++] = f
    }
    const ldl = createLdl(n, ptr, row)
    return ldl.factorise(value) ? ldl : undefined
}
