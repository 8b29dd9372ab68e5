/**
 * A = L·D·Lᵀ for a symmetric sparse matrix on a fixed pattern, with static pivots in a fill-reducing order: the
 * pattern is analysed once, values are factorised again and again without allocating. Positive definite matrices
 * always work; indefinite ones as long as no pivot vanishes, which the result of `factorise` tells.
 *
 * Up-looking by rows: with w the row of A left of and at the diagonal, for each k of row i's pattern in ascending
 * order L(i,k) = w(k)/d(k) and w(j) −= w(k)·L(j,k) for j in column k, j ≤ i.
 */
import { type Elimination, orderSymmetric } from './ordering.ts'

export interface Ldl {
    readonly elimination: Elimination
    /** Factorises values laid out as the pattern's `row`; only one triangle is read. False when a pivot is 0 or NaN. */
    factorise(value: Float64Array): boolean
    /** b ← A⁻¹·b, after a successful `factorise`. */
    solve(b: Float64Array): void
}

/** Prepares the factorisation of symmetric matrices with the given pattern (both triangles, compressed columns). */
export function createLdl(n: number, colPtr: Int32Array, row: Int32Array): Ldl {
    const elimination = orderSymmetric(n, colPtr, row)
    const { position, upperPtr } = elimination
    // entries of the upper triangle in the new order, by rows of the transposed lower triangle
    const entryPtr = new Int32Array(n + 1)
    for (let j = 0; j < n; j++)
        for (let p = colPtr[j]; p < colPtr[j + 1]; p++) if (position[row[p]] <= position[j]) entryPtr[position[j] + 1]++
    for (let i = 0; i < n; i++) entryPtr[i + 1] += entryPtr[i]
    const entryCol = new Int32Array(entryPtr[n])
    const entryAt = new Int32Array(entryPtr[n])
    const cursor = entryPtr.slice(0, n)
    for (let j = 0; j < n; j++)
        for (let p = colPtr[j]; p < colPtr[j + 1]; p++) {
            if (position[row[p]] > position[j]) continue
            const q = cursor[position[j]]++
            entryCol[q] = position[row[p]]
            entryAt[q] = p
        }
    const upper = new Float64Array(upperPtr[n])
    const inverseD = new Float64Array(n)
    const work = new Float64Array(n)
    const filled = new Int32Array(n)
    return {
        elimination,
        factorise: (value) => factorise(elimination, entryPtr, entryCol, entryAt, value, upper, inverseD, work, filled),
        solve: (b) => solve(elimination, upper, inverseD, b, work),
    }
}

/** upper (= Lᵀ by rows, without its unit diagonal) and inverseD ← factors; false on a vanishing pivot. */
function factorise(
    elimination: Elimination,
    entryPtr: Int32Array,
    entryCol: Int32Array,
    entryAt: Int32Array,
    value: Float64Array,
    upper: Float64Array,
    inverseD: Float64Array,
    w: Float64Array,
    filled: Int32Array,
): boolean {
    const { n, upperPtr, upperCol, lowerPtr, lowerCol } = elimination
    w.fill(0)
    // row i appends its entries to the columns it meets, so column k (= row k of Lᵀ) is filled up to row i
    for (let k = 0; k < n; k++) filled[k] = upperPtr[k]
    for (let i = 0; i < n; i++) {
        for (let q = entryPtr[i]; q < entryPtr[i + 1]; q++) w[entryCol[q]] += value[entryAt[q]]
        let d = w[i]
        w[i] = 0
        for (let q = lowerPtr[i]; q < lowerPtr[i + 1]; q++) {
            const k = lowerCol[q]
            const a = w[k]
            w[k] = 0
            const last = filled[k]
            for (let p = upperPtr[k]; p < last; p++) w[upperCol[p]] -= a * upper[p]
            const l = a * inverseD[k]
            upper[last] = l
            filled[k] = last + 1
            d -= a * l
        }
        if (!(Math.abs(d) > 0 && Math.abs(d) < Infinity)) return false
        inverseD[i] = 1 / d
    }
    return true
}

/** b ← P'·L⁻ᵀ·D⁻¹·L⁻¹·P·b. */
function solve(elimination: Elimination, upper: Float64Array, inverseD: Float64Array, b: Float64Array, x: Float64Array): void {
    const { n, order, upperPtr, upperCol } = elimination
    for (let i = 0; i < n; i++) x[i] = b[order[i]]
    for (let k = 0; k < n; k++) {
        const xk = x[k]
        for (let p = upperPtr[k]; p < upperPtr[k + 1]; p++) x[upperCol[p]] -= upper[p] * xk
    }
    for (let k = n - 1; k >= 0; k--) {
        let sum = x[k] * inverseD[k]
        for (let p = upperPtr[k]; p < upperPtr[k + 1]; p++) sum -= upper[p] * x[upperCol[p]]
        x[k] = sum
    }
    for (let i = 0; i < n; i++) b[order[i]] = x[i]
}
