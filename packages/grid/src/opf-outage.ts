/**
 * Flows after an outage as linear functions of flows and powers before it, in DC (A. J. Wood, B. F. Wollenberg, G. B.
 * Sheblé, Power Generation, Operation, and Control, 3rd edition, section 7.3; for several branches at once J. Guo, Y. Fu,
 * Z. Li, M. Shahidehpour, IEEE Trans. Power Syst. 24(3), 2009). Per unit.
 *
 * With K the branches out and H(l, k) what branch l carries of one unit put in at k's from side and taken out at its to side,
 *   f′ = f̂ + W·f̂(K),  W = H(·, K)·(I − H(K, K))⁻¹,  f̂ = f + Σ s_g·P_g + c
 * where s_g is the change of flows per unit that generator g no longer gives and the others give instead, in proportion to
 * their greatest powers, and c that of load that is gone. A bus out keeps one of its branches, which then carries nothing.
 */
import type { Outage } from './contingency-outage.ts'
import { factoriseDc } from './factors.ts'
import { labelIslands } from './islands.ts'
import type { OpfFrame } from './opf-frame.ts'

/** f′ = f + Σ branch.factor·f(branch) + Σ power.factor·P + constant; factors by branch of the frame. */
export interface FlowsAfter {
    readonly status: 'secured'
    /** positions of what is out, each with its factors */
    readonly branch: readonly { readonly k: number; readonly factor: Float64Array }[]
    readonly power: readonly { readonly k: number; readonly factor: Float64Array }[]
    readonly constant: Float64Array
    /** branches that carry nothing any more */
    readonly out: ReadonlySet<number>
}

/** `islanding`: something loses its supply; `unbalanced`: nothing is left to give what is missing */
export type AfterOutage = FlowsAfter | { readonly status: 'islanding' | 'unbalanced' }

export interface OutageFactors {
    computeAfter(outage: Outage): AfterOutage
    /** b ← B⁻¹·b, by bus of the frame; 0 at the reference of every island */
    solve(b: Float64Array): void
    /** position of the reference of each bus's island */
    readonly reference: Int32Array
    /** 1/(x·ratio), by branch of the frame */
    readonly susceptance: Float64Array
}

/** undefined where the DC matrix is singular. */
export function createOutageFactors(frame: OpfFrame): OutageFactors | undefined {
    const { network, from, to, busOfGenerator } = frame
    const n = frame.bus.length
    const nBranch = frame.branch.length
    const b = Float64Array.from(frame.branch, (row) => 1 / (network.branch[row].xPu * network.branch[row].ratio))
    const label = new Int32Array(n)
    const islands = labelIslands(from, to, new Uint8Array(nBranch).fill(1), new Uint8Array(n), label)
    const referenceOf = new Int32Array(islands).fill(-1)
    for (let i = 0; i < n; i++) if (frame.held[i] === 1 && referenceOf[label[i]] < 0) referenceOf[label[i]] = i
    const reference = Int32Array.from(label, (island) => referenceOf[island])
    const ldl = factoriseDc(n, from, to, b, (i) => reference[i] !== i)
    if (!ldl) return undefined
    const branchAt = new Map(frame.branch.map((row, k) => [row, k]))
    const generatorAt = new Map(frame.generator.map((row, k) => [row, k]))
    const busAt = new Map(frame.bus.map((row, i) => [network.bus[row].id, i]))
    const solve = (y: Float64Array) => {
        for (let i = 0; i < n; i++) if (reference[i] === i) y[i] = 0
        ldl.solve(y)
    }
    /** flows of injections that add up to nothing; overwrites them */
    const flowsOf = (injection: Float64Array) => {
        solve(injection)
        return Float64Array.from(b, (bk, k) => bk * (injection[from[k]] - injection[to[k]]))
    }

    /** what goes out, a bus with all that is at it but one branch */
    function listOut(outage: Outage) {
        const bus = new Set((outage.buses ?? []).flatMap((id) => busAt.get(id) ?? []))
        const branch = new Set((outage.branches ?? []).flatMap((row) => branchAt.get(row) ?? []))
        const generator = new Set((outage.generators ?? []).flatMap((row) => generatorAt.get(row) ?? []))
        busOfGenerator.forEach((i, k) => {
            if (bus.has(i)) generator.add(k)
        })
        const silent = new Set(branch)
        for (const i of bus) {
            const at = [...from.keys()].filter((k) => (from[k] === i || to[k] === i) && !branch.has(k))
            const kept = at.find((k) => !bus.has(from[k] === i ? to[k] : from[k]))
            for (const k of at) {
                silent.add(k)
                if (k !== kept) branch.add(k)
            }
        }
        return { bus, branch: [...branch], generator: [...generator], silent }
    }

    function computeAfter(outage: Outage): AfterOutage {
        const out = listOut(outage)
        const gone = new Set(out.generator)
        const share = (island: number) => {
            const list = frame.generator.flatMap((row, k) => {
                const most = network.generator[row].pMaxMw
                return label[busOfGenerator[k]] === island && !gone.has(k) && most > 0 && most < Infinity ? [{ k, most }] : []
            })
            const total = list.reduce((sum, { most }) => sum + most, 0)
            return total > 0 ? list.map(({ k, most }) => ({ i: busOfGenerator[k], part: most / total })) : undefined
        }
        const injection = new Float64Array(n)
        /** puts in `amount` less at bus i, and shares it out */
        const moveFrom = (i: number, amount: number) => {
            const shares = share(label[i])
            if (!shares) return false
            injection[i] -= amount
            for (const { i: j, part } of shares) injection[j] += part * amount
            return true
        }

        const nK = out.branch.length
        const column = out.branch.map((k) => {
            injection.fill(0)
            injection[from[k]] += 1
            injection[to[k]] -= 1
            return flowsOf(injection)
        })
        const left = inverse(out.branch.map((k, r) => out.branch.map((_, c) => (r === c ? 1 : 0) - column[c][k])))
        if (!left) return { status: 'islanding' }
        const branch = out.branch.map((k, c) => ({
            k,
            factor: Float64Array.from({ length: nBranch }, (_, l) => {
                let sum = 0
                for (let r = 0; r < nK; r++) sum += column[r][l] * left[r][c]
                return sum
            }),
        }))
        const spread = (change: Float64Array) => {
            const at = out.branch.map((k) => change[k])
            branch.forEach(({ factor }, c) => {
                for (let l = 0; l < nBranch; l++) change[l] += factor[l] * at[c]
            })
            return change
        }
        const power: { k: number; factor: Float64Array }[] = []
        for (const k of out.generator) {
            injection.fill(0)
            if (!moveFrom(busOfGenerator[k], 1)) return { status: 'unbalanced' }
            power.push({ k, factor: spread(flowsOf(injection)) })
        }
        injection.fill(0)
        for (const i of out.bus) if (!moveFrom(i, -frame.p[i] - frame.g[i])) return { status: 'unbalanced' }
        return { status: 'secured', branch, power, constant: spread(flowsOf(injection)), out: out.silent }
    }
    return { computeAfter, solve, reference, susceptance: b }
}

/** A⁻¹ by Gauss and Jordan with row pivots; undefined where a pivot is nothing but rounding. */
function inverse(a: readonly (readonly number[])[]): number[][] | undefined {
    const n = a.length
    const rows = a.map((row, r) => [...row, ...row.map((_, c) => (r === c ? 1 : 0))])
    for (let k = 0; k < n; k++) {
        let best = k
        for (let r = k + 1; r < n; r++) if (Math.abs(rows[r][k]) > Math.abs(rows[best][k])) best = r
        if (!(Math.abs(rows[best][k]) > 1e-9)) return undefined
        ;[rows[k], rows[best]] = [rows[best], rows[k]]
        const pivot = rows[k][k]
        rows[k] = rows[k].map((x) => x / pivot)
        for (let r = 0; r < n; r++) {
            if (r === k) continue
            const f = rows[r][k]
            if (f !== 0) rows[r] = rows[r].map((x, c) => x - f * rows[k][c])
        }
    }
    return rows.map((row) => row.slice(n))
}
