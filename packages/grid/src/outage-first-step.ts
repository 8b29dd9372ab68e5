/**
 * The first Newton step after the outage of a branch, from the factor of the base case. With J the Jacobian there, E the
 * unit columns of the four equations at the branch's two buses, −R the four rows that the branch has in J and b what it
 * drew at these buses,
 *   (J + E·R)⁻¹·E·b = J⁻¹·E·(I + R·J⁻¹·E)⁻¹·b:
 * the step of the base case with (I + R·Z)⁻¹·b in place of b, where Z is the 4×4 part of J⁻¹ at these buses. Such parts
 * lie within the pattern of the factor, and there J⁻¹ can be had without the rest of it (K. Takahashi, J. Fagan,
 * M. S. Chen, PICA 1973): with J = (L + D)·U, from the last row up, for i < j and sums over k > i,
 *   Z(i,j) = −Σ U(i,k)·Z(k,j),   Z(j,i) = −Σ Z(j,k)·L(k,i)·D(i)⁻¹,   Z(i,i) = D(i)⁻¹ − Σ U(i,k)·Z(k,i).
 */
import { busRole } from './islands.ts'
import type { NewtonArrays } from './newton.ts'
import type { ChordFactor } from './wasm-lanes-factor.ts'

const { fixed, pq } = busRole

export interface OutageBranches {
    /** positions of both buses of each branch */
    readonly ends: Int32Array
    /** yff, yft, ytf and ytt of each branch */
    readonly admittance: Float64Array
    /** 1 where only the from side loses the branch, 2 where only the to side does, else 0 */
    readonly cuts: Uint8Array
}

/** (ΔP, ΔQ) at the from and at the to side of every branch which make the base case's step that of the outage. */
export function computeFirstSteps(
    { elimination, role, v }: NewtonArrays,
    factor: ChordFactor,
    lowerColumn: Float32Array,
    { ends, admittance, cuts }: OutageBranches,
): Float32Array {
    const { upperPtr, upperCol } = elimination
    const { diagonal, above, below } = invertWithin(elimination, factor, lowerColumn)
    const steps = new Float32Array(2 * ends.length)
    const z = new Float64Array(16)
    const r = new Float64Array(16)
    const m = new Float64Array(20)
    const put = (row: number, col: number, from: Float64Array, at: number) => {
        z.set(from.subarray(at, at + 2), 4 * row + col)
        z.set(from.subarray(at + 2, at + 4), 4 * row + 4 + col)
    }
    for (let k = 0; k < cuts.length; k++) {
        const f = ends[2 * k]
        const t = ends[2 * k + 1]
        const i = Math.min(f, t)
        let s = upperPtr[i]
        while (s < upperPtr[i + 1] && upperCol[s] !== Math.max(f, t)) s++
        // without a place there it joins nothing
        if (s === upperPtr[i + 1]) continue
        put(0, 0, diagonal, 4 * f)
        put(2, 2, diagonal, 4 * t)
        put(0, 2, f < t ? above : below, 4 * s)
        put(2, 0, f < t ? below : above, 4 * s)
        r.fill(0)
        m.fill(0)
        if (cuts[k] !== 2 && role[f] !== fixed) takeOut(v, f, t, admittance, 8 * k, 8 * k + 2, role[f] === pq, 0, r, m)
        if (cuts[k] !== 1 && role[t] !== fixed) takeOut(v, t, f, admittance, 8 * k + 6, 8 * k + 4, role[t] === pq, 2, r, m)
        for (let a = 0; a < 4; a++)
            for (let b = 0; b < 4; b++) {
                let sum = a === b ? 1 : 0
                for (let c = 0; c < 4; c++) sum += r[4 * a + c] * z[4 * c + b]
                m[5 * a + b] = sum
            }
        solveFour(m)
        for (let a = 0; a < 4; a++) steps[4 * k + a] = m[5 * a + 4]
    }
    return steps
}

/**
 * Rows `at` and `at` + 1 of R ← less the derivatives of what the branch draws at bus i, by the (v, t) of both, and of b,
 * the last column of m, ← that itself; its admittances to i and j at `own` and `other`.
 */
function takeOut(
    v: Float64Array,
    i: number,
    j: number,
    y: Float64Array,
    own: number,
    other: number,
    both: boolean,
    at: number,
    r: Float64Array,
    m: Float64Array,
): void {
    const e = v[2 * i]
    const f = v[2 * i + 1]
    const c = e * v[2 * j] + f * v[2 * j + 1]
    const t = f * v[2 * j] - e * v[2 * j + 1]
    const re = y[other] * c + y[other + 1] * t
    const im = y[other] * t - y[other + 1] * c
    const square = e * e + f * f
    const next = 2 - at
    r.set([-(2 * square * y[own] + re), im], 4 * at + at)
    r.set([-re, -im], 4 * at + next)
    m[5 * at + 4] = square * y[own] + re
    if (!both) return
    r.set([2 * square * y[own + 1] - im, -re], 4 * at + 4 + at)
    r.set([-im, re], 4 * at + 4 + next)
    m[5 * at + 9] = im - square * y[own + 1]
}

/** Last column of a 4×5 matrix ← solution of the system it stands for; not finite where there is none. */
function solveFour(m: Float64Array): void {
    for (let c = 0; c < 4; c++) {
        let best = c
        for (let r = c + 1; r < 4; r++) if (Math.abs(m[5 * r + c]) > Math.abs(m[5 * best + c])) best = r
        for (let k = c; k < 5; k++) {
            const value = m[5 * best + k]
            m[5 * best + k] = m[5 * c + k]
            m[5 * c + k] = value
        }
        for (let r = 0; r < 4; r++) {
            if (r === c) continue
            const times = m[5 * r + c] / m[5 * c + c]
            for (let k = c; k < 5; k++) m[5 * r + k] -= times * m[5 * c + k]
        }
    }
    for (let c = 0; c < 4; c++) m[5 * c + 4] /= m[6 * c]
}

/** Blocks of L by rows, put in the places of the entries of U that lie opposite. */
export function byColumns(lower: Float32Array, { n, lowerPtr, lowerCol, upperPtr }: NewtonArrays['elimination']): Float32Array {
    const to = new Float32Array(lower.length)
    const next = upperPtr.slice(0, n)
    for (let i = 0; i < n; i++) {
        for (let s = lowerPtr[i]; s < lowerPtr[i + 1]; s++) {
            const at = next[lowerCol[s]]++
            for (let k = 0; k < 4; k++) to[4 * at + k] = lower[4 * s + k]
        }
    }
    return to
}

/** Blocks of J⁻¹: on the diagonal, in the places of U, and in those opposite. */
function invertWithin({ n, upperPtr, upperCol }: NewtonArrays['elimination'], { upper, inverse }: ChordFactor, lower: Float32Array) {
    const diagonal = new Float64Array(4 * n)
    const above = new Float64Array(upper.length)
    const below = new Float64Array(upper.length)
    // place in row i of each column, −1 elsewhere
    const placeOf = new Int32Array(n).fill(-1)
    for (let i = n - 1; i >= 0; i--) {
        const first = upperPtr[i]
        const end = upperPtr[i + 1]
        for (let s = first; s < end; s++) placeOf[upperCol[s]] = s
        for (let s = first; s < end; s++) {
            const j = upperCol[s]
            subtract(upper, s, diagonal, j, above, s)
            subtract(diagonal, j, lower, s, below, s)
            for (let q = upperPtr[j]; q < upperPtr[j + 1]; q++) {
                const p = placeOf[upperCol[q]]
                if (p < 0) continue
                subtract(upper, s, above, q, above, p)
                subtract(upper, p, below, q, above, s)
                subtract(below, q, lower, s, below, p)
                subtract(above, q, lower, p, below, s)
            }
        }
        for (let k = 0; k < 4; k++) diagonal[4 * i + k] = inverse[4 * i + k]
        for (let s = first; s < end; s++) {
            const [b0, b1, b2, b3] = below.subarray(4 * s, 4 * s + 4)
            for (let k = 0; k < 2; k++) {
                below[4 * s + k] = b0 * inverse[4 * i + k] + b1 * inverse[4 * i + 2 + k]
                below[4 * s + 2 + k] = b2 * inverse[4 * i + k] + b3 * inverse[4 * i + 2 + k]
            }
            subtract(upper, s, below, s, diagonal, i)
        }
        for (let s = first; s < end; s++) placeOf[upperCol[s]] = -1
    }
    return { diagonal, above, below }
}

type Blocks = Float32Array | Float64Array

/** block r of C ← C − A·B, blocks p of A and q of B */
function subtract(a: Blocks, p: number, b: Blocks, q: number, c: Float64Array, r: number): void {
    const a0 = a[4 * p]
    const a1 = a[4 * p + 1]
    const a2 = a[4 * p + 2]
    const a3 = a[4 * p + 3]
    const b0 = b[4 * q]
    const b1 = b[4 * q + 1]
    const b2 = b[4 * q + 2]
    const b3 = b[4 * q + 3]
    c[4 * r] -= a0 * b0 + a1 * b2
    c[4 * r + 1] -= a0 * b1 + a1 * b3
    c[4 * r + 2] -= a2 * b0 + a3 * b2
    c[4 * r + 3] -= a2 * b1 + a3 * b3
}
