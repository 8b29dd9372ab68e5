/**
 * Fast-decoupled power flow, XB version (Stott and Alsac, IEEE Trans. PAS-93, 1974; MATPOWER `makeB`, `fdpf`).
 *
 *   B′·Δθ = ΔP/V   with B′ from series reactances alone: no resistance, shunts, charging or taps
 *   B″·ΔV = ΔQ/V   with B″ = −Im Y, phase shifts left out
 *
 * Both matrices are constant and symmetric; rows of buses without the equation are those of the identity. Half steps
 * take turns until the largest mismatch is small enough.
 */
import { createLdl, type Ldl } from '@gridverse/math'
import { busRole } from './islands.ts'
import type { Network } from './network.ts'
import { computeMismatch, type NewtonArrays, type NewtonOutcome } from './newton.ts'
import type { PerUnit } from './per-unit.ts'
import type { PowerFlowInput } from './power-flow-arrays.ts'

export interface FastDecoupled {
    /** Iterates from the voltages in the arrays; an iteration is one pair of half steps. */
    iterate(tolerance: number, maxIterations: number, outcome: NewtonOutcome): NewtonOutcome
}

export function createFastDecoupled(
    a: NewtonArrays,
    network: Network,
    pu: PerUnit,
    input: PowerFlowInput,
    carries: Uint8Array,
): FastDecoupled {
    const { n, yPtr, yCol, role, v, mismatch } = a
    const { position } = a.elimination
    // the pattern of Y with its diagonal, each row's diagonal last
    const ptr = new Int32Array(n + 1)
    const col = new Int32Array(yCol.length + n)
    for (let i = 0; i < n; i++) {
        ptr[i + 1] = yPtr[i + 1] + i + 1
        col.set(yCol.subarray(yPtr[i], yPtr[i + 1]), ptr[i])
        col[ptr[i + 1] - 1] = i
    }
    const ldl = createLdl(n, ptr, col)
    const ldl2 = createLdl(n, ptr, col)
    const bPrime = new Float64Array(col.length)
    const bSecond = new Float64Array(col.length)
    const find = (i: number, j: number) => {
        let q = ptr[i]
        while (col[q] !== j) q++
        return q
    }
    for (let k = 0; k < pu.nBranch; k++) {
        if (carries[k] === 0 || pu.from[k] === pu.to[k]) continue
        const { rPu: r, xPu: x, bPu: charging } = network.branch[k]
        const f = position[pu.from[k]]
        const t = position[pu.to[k]]
        const ratio = input.branchRatio[k]
        const b = 1 / x
        bPrime[ptr[f + 1] - 1] += b
        bPrime[ptr[t + 1] - 1] += b
        const s = x / (r * r + x * x)
        bSecond[ptr[f + 1] - 1] += (s - charging / 2) / (ratio * ratio)
        bSecond[ptr[t + 1] - 1] += s - charging / 2
        for (const [i, j] of [
            [f, t],
            [t, f],
        ]) {
            const q = find(i, j)
            bPrime[q] -= b
            bSecond[q] -= s / ratio
        }
    }
    for (let k = 0; k < input.shuntOn.length; k++)
        if (input.shuntOn[k] === 1) bSecond[ptr[position[pu.busOfShunt[k]] + 1] - 1] -= input.shuntMvar[k] / pu.baseMva
    const masked = new Float64Array(col.length)
    const rhs = new Float64Array(n)

    /** factors the matrix with rows and columns of other buses replaced by those of the identity */
    function factorise(l: Ldl, b: Float64Array, has: (kind: number) => boolean): boolean {
        for (let i = 0; i < n; i++)
            for (let q = ptr[i]; q < ptr[i + 1]; q++) {
                const j = col[q]
                masked[q] = has(role[i]) && has(role[j]) ? b[q] : i === j ? 1 : 0
            }
        return l.factorise(masked)
    }

    function iterate(tolerance: number, maxIterations: number, outcome: NewtonOutcome): NewtonOutcome {
        outcome.bus = -1
        outcome.iterations = 0
        outcome.mismatch = computeMismatch(a)
        outcome.status = 'singular'
        if (!factorise(ldl, bPrime, (kind) => kind !== busRole.fixed)) return outcome
        if (!factorise(ldl2, bSecond, (kind) => kind === busRole.pq)) return outcome
        outcome.status = 'diverged'
        for (;;) {
            if (outcome.mismatch <= tolerance) {
                outcome.status = 'converged'
                return outcome
            }
            if (outcome.iterations >= maxIterations || outcome.mismatch === Infinity) return outcome
            outcome.iterations++
            for (let i = 0; i < n; i++) rhs[i] = role[i] === busRole.fixed ? 0 : mismatch[2 * i] / size(i)
            ldl.solve(rhs)
            for (let i = 0; i < n; i++) {
                if (role[i] === busRole.fixed) continue
                const c = Math.cos(rhs[i])
                const s = Math.sin(rhs[i])
                const e = v[2 * i]
                v[2 * i] = e * c - v[2 * i + 1] * s
                v[2 * i + 1] = e * s + v[2 * i + 1] * c
            }
            outcome.mismatch = computeMismatch(a)
            if (outcome.mismatch <= tolerance) continue
            for (let i = 0; i < n; i++) rhs[i] = role[i] === busRole.pq ? mismatch[2 * i + 1] / size(i) : 0
            ldl2.solve(rhs)
            for (let i = 0; i < n; i++) {
                if (role[i] !== busRole.pq) continue
                const grow = 1 + rhs[i] / size(i)
                v[2 * i] *= grow
                v[2 * i + 1] *= grow
            }
            outcome.mismatch = computeMismatch(a)
        }
    }
    const size = (i: number) => Math.sqrt(v[2 * i] ** 2 + v[2 * i + 1] ** 2)
    return { iterate }
}
