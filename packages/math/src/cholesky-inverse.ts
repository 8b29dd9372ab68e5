/**
 * The entries of A⁻¹ within the pattern of its factor, from A = L·D·Lᵀ, without forming the rest (Takahashi, Fagan and
 * Chin 1973; Erisman and Tinney 1975): for column j from last to first, with S the rows of column j of L,
 *   Z(S,j) = −Z(S,S)·L(S,j),   Z(j,j) = D(j)⁻¹ − L(S,j)ᵀ·Z(S,j).
 * Every entry of Z(S,S) that this needs lies in the pattern.
 */
import type { Cholesky } from './cholesky.ts'

/** Selected inverse: `lower` holds block (lRow[p], i) at 4p for p in column i of L, `diagonal` three numbers per block. */
export interface InverseSubset {
    readonly lower: Float64Array
    readonly diagonal: Float64Array
}

/** Room for the selected inverse of a factor. */
export function createInverseSubset(f: Cholesky): InverseSubset {
    return { lower: new Float64Array(f.l.length), diagonal: new Float64Array(3 * f.n) }
}

/** z ← the entries of A⁻¹ in the pattern of the factor f. Variables with a zero pivot stand as zero rows and columns of D⁻¹. */
export function computeInverseSubset(f: Cholesky, z: InverseSubset): void {
    const { n, lColPtr, lRow, l, dInverse } = f
    const { lower, diagonal } = z
    for (let j = n - 1; j >= 0; j--) {
        const start = lColPtr[j]
        const end = lColPtr[j + 1]
        for (let p = 4 * start; p < 4 * end; p++) lower[p] = 0
        for (let b = start; b < end; b++) {
            const s = lRow[b]
            const b0 = l[4 * b]
            const b1 = l[4 * b + 1]
            const b2 = l[4 * b + 2]
            const b3 = l[4 * b + 3]
            // Z(s,s)·L(s,j)
            let z0 = diagonal[3 * s] * b0 + diagonal[3 * s + 1] * b2
            let z1 = diagonal[3 * s] * b1 + diagonal[3 * s + 1] * b3
            let z2 = diagonal[3 * s + 1] * b0 + diagonal[3 * s + 2] * b2
            let z3 = diagonal[3 * s + 1] * b1 + diagonal[3 * s + 2] * b3
            // the rest of S is part of column s of L: walk both lists, rows ascending
            let q = lColPtr[s]
            for (let a = b + 1; a < end; a++) {
                const row = lRow[a]
                while (lRow[q] !== row) q++
                const w0 = lower[4 * q]
                const w1 = lower[4 * q + 1]
                const w2 = lower[4 * q + 2]
                const w3 = lower[4 * q + 3]
                lower[4 * a] -= w0 * b0 + w1 * b2
                lower[4 * a + 1] -= w0 * b1 + w1 * b3
                lower[4 * a + 2] -= w2 * b0 + w3 * b2
                lower[4 * a + 3] -= w2 * b1 + w3 * b3
                const a0 = l[4 * a]
                const a1 = l[4 * a + 1]
                const a2 = l[4 * a + 2]
                const a3 = l[4 * a + 3]
                z0 += w0 * a0 + w2 * a2
                z1 += w0 * a1 + w2 * a3
                z2 += w1 * a0 + w3 * a2
                z3 += w1 * a1 + w3 * a3
            }
            lower[4 * b] -= z0
            lower[4 * b + 1] -= z1
            lower[4 * b + 2] -= z2
            lower[4 * b + 3] -= z3
        }
        let d0 = dInverse[3 * j]
        let d1 = dInverse[3 * j + 1]
        let d2 = dInverse[3 * j + 2]
        for (let p = start; p < end; p++) {
            d0 -= l[4 * p] * lower[4 * p] + l[4 * p + 2] * lower[4 * p + 2]
            d1 -= l[4 * p] * lower[4 * p + 1] + l[4 * p + 2] * lower[4 * p + 3]
            d2 -= l[4 * p + 1] * lower[4 * p + 1] + l[4 * p + 3] * lower[4 * p + 3]
        }
        diagonal[3 * j] = d0
        diagonal[3 * j + 1] = d1
        diagonal[3 * j + 2] = d2
    }
}
