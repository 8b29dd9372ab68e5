/**
 * Sparse Cholesky factors of a symmetric positive semidefinite matrix made of 2×2 blocks: A = L·D·Lᵀ, L unit lower, D
 * of 2×2 blocks (the square-root-free form). Analysed once for a pattern, factored in place often, nothing allocated.
 *
 * Row k of L by the up-looking method (Davis, Direct Methods for Sparse Linear Systems, section 4.7 and his LDL):
 *   y = A(k, <k);  for i in the pattern of row k, ascending:  L(k,i) = y(i)·D(i)⁻¹,  y(r) −= y(i)·L(r,i)ᵀ for i < r < k,
 *   D(k) = A(k,k) − Σ L(k,i)·y(i)ᵀ.
 * A variable whose pivot falls below `tolerance` times its diagonal entry is a zero pivot: it is left out of the
 * factor (its row of D⁻¹ is zero) and noted, so a rank-deficient matrix yields its rank and its null space.
 *
 * Storage of a 2×2 block: four numbers by rows; of a symmetric one: three (00, 01, 11). Variable 2k+j is number j of
 * block k. The blocks are numbered in elimination order.
 */

import type { Elimination } from './ordering.ts'

/** A matrix, then its factor, in the pattern of the factor; see `factorCholesky`. */
export interface Cholesky {
    readonly n: number
    /** strictly lower rows: the columns of row k are `lCol[lRowPtr[k] …]`, ascending */
    readonly lRowPtr: Int32Array
    readonly lCol: Int32Array
    /** strictly lower columns: the rows of column i are `lRow[lColPtr[i] …]`, ascending; block p stands at `l[4p]` */
    readonly lColPtr: Int32Array
    readonly lRow: Int32Array
    /** strictly lower blocks: of A before the factorisation, of L after it */
    readonly l: Float64Array
    /** diagonal blocks of A, three numbers each; kept by the factorisation */
    readonly diagonal: Float64Array
    /** inverse of the diagonal blocks of D, three numbers each */
    readonly dInverse: Float64Array
    /** per variable: 1 where its pivot was zero in the last factorisation */
    readonly zeroPivot: Uint8Array
    /** per block: its off-diagonal entry of D over its first pivot */
    readonly ratio: Float64Array
    readonly work: Float64Array
    readonly next: Int32Array
}

/** Room for a matrix whose blocks are eliminated as `orderSymmetric` says. */
export function createCholesky(elimination: Elimination): Cholesky {
    const { n, lowerPtr, lowerCol, upperPtr, upperCol } = elimination
    return {
        n,
        lRowPtr: lowerPtr,
        lCol: lowerCol,
        lColPtr: upperPtr,
        lRow: upperCol,
        l: new Float64Array(4 * upperCol.length),
        diagonal: new Float64Array(3 * n),
        dInverse: new Float64Array(3 * n),
        zeroPivot: new Uint8Array(2 * n),
        ratio: new Float64Array(n),
        work: new Float64Array(4 * n),
        next: new Int32Array(n),
    }
}

/** Place in `lRow` of block (row, column), row > column; −1 outside the pattern. */
export function findBlock(f: Cholesky, row: number, column: number): number {
    let low = f.lColPtr[column]
    let high = f.lColPtr[column + 1] - 1
    while (low <= high) {
        const middle = (low + high) >> 1
        if (f.lRow[middle] === row) return middle
        if (f.lRow[middle] < row) low = middle + 1
        else high = middle - 1
    }
    return -1
}

/**
 * Replaces A, given in `f.l` and `f.diagonal` (every block of the pattern set, zeros for fill), by its factor.
 * Returns the number of zero pivots; a pivot is zero when it is at most `tolerance` times its diagonal entry.
 */
export function factorCholesky(f: Cholesky, tolerance = 0): number {
    const { n, lRowPtr, lCol, lColPtr, lRow, l, diagonal, dInverse, zeroPivot, ratio, work: y, next } = f
    let zeros = 0
    for (let i = 0; i < n; i++) next[i] = lColPtr[i]
    for (let k = 0; k < n; k++) {
        let d0 = diagonal[3 * k]
        let d1 = diagonal[3 * k + 1]
        let d2 = diagonal[3 * k + 2]
        for (let q = lRowPtr[k]; q < lRowPtr[k + 1]; q++) {
            const i = lCol[q]
            // rows of a column come in ascending order, so the place of block (k, i) is the column's next one
            const end = next[i]
            const y0 = l[4 * end] + y[4 * i]
            const y1 = l[4 * end + 1] + y[4 * i + 1]
            const y2 = l[4 * end + 2] + y[4 * i + 2]
            const y3 = l[4 * end + 3] + y[4 * i + 3]
            y[4 * i] = 0
            y[4 * i + 1] = 0
            y[4 * i + 2] = 0
            y[4 * i + 3] = 0
            for (let p = lColPtr[i]; p < end; p++) {
                const r = 4 * lRow[p]
                const a0 = l[4 * p]
                const a1 = l[4 * p + 1]
                const a2 = l[4 * p + 2]
                const a3 = l[4 * p + 3]
                y[r] -= y0 * a0 + y1 * a1
                y[r + 1] -= y0 * a2 + y1 * a3
                y[r + 2] -= y2 * a0 + y3 * a1
                y[r + 3] -= y2 * a2 + y3 * a3
            }
            const e0 = dInverse[3 * i]
            const e1 = dInverse[3 * i + 1]
            const e2 = dInverse[3 * i + 2]
            const l0 = y0 * e0 + y1 * e1
            const l1 = y0 * e1 + y1 * e2
            const l2 = y2 * e0 + y3 * e1
            const l3 = y2 * e1 + y3 * e2
            l[4 * end] = l0
            l[4 * end + 1] = l1
            l[4 * end + 2] = l2
            l[4 * end + 3] = l3
            next[i] = end + 1
            d0 -= l0 * y0 + l1 * y1
            d1 -= l0 * y2 + l1 * y3
            d2 -= l2 * y2 + l3 * y3
        }
        // D(k)⁻¹ with scalar pivots; written so that NaN counts as a zero pivot
        const first = d0 > tolerance * diagonal[3 * k]
        const c = first ? d1 / d0 : 0
        const rest = d2 - c * d1
        const second = rest > tolerance * diagonal[3 * k + 2]
        const inverse = second ? 1 / rest : 0
        dInverse[3 * k] = (first ? 1 / d0 : 0) + c * c * inverse
        dInverse[3 * k + 1] = -c * inverse
        dInverse[3 * k + 2] = inverse
        zeroPivot[2 * k] = first ? 0 : 1
        zeroPivot[2 * k + 1] = second ? 0 : 1
        ratio[k] = c
        if (!first) zeros++
        if (!second) zeros++
    }
    return zeros
}

/** b ← A⁻¹·b; the variables with zero pivots come out of D⁻¹ as zero. */
export function solveCholesky(f: Cholesky, b: Float64Array): void {
    const { n, lColPtr, lRow, l, dInverse } = f
    for (let k = 0; k < n; k++) {
        const b0 = b[2 * k]
        const b1 = b[2 * k + 1]
        for (let p = lColPtr[k]; p < lColPtr[k + 1]; p++) {
            const r = 2 * lRow[p]
            b[r] -= l[4 * p] * b0 + l[4 * p + 1] * b1
            b[r + 1] -= l[4 * p + 2] * b0 + l[4 * p + 3] * b1
        }
        b[2 * k] = dInverse[3 * k] * b0 + dInverse[3 * k + 1] * b1
        b[2 * k + 1] = dInverse[3 * k + 1] * b0 + dInverse[3 * k + 2] * b1
    }
    solveUpper(f, b)
}

/** b ← L⁻ᵀ·b. */
function solveUpper(f: Cholesky, b: Float64Array): void {
    const { n, lColPtr, lRow, l } = f
    for (let k = n - 1; k >= 0; k--) {
        let b0 = b[2 * k]
        let b1 = b[2 * k + 1]
        for (let p = lColPtr[k]; p < lColPtr[k + 1]; p++) {
            const x0 = b[2 * lRow[p]]
            const x1 = b[2 * lRow[p] + 1]
            b0 -= l[4 * p] * x0 + l[4 * p + 2] * x1
            b1 -= l[4 * p + 1] * x0 + l[4 * p + 3] * x1
        }
        b[2 * k] = b0
        b[2 * k + 1] = b1
    }
}

/**
 * x ← one vector of the null space found by the last factorisation, a mixture of all its directions: an entry is zero
 * only where every null vector is zero there (barring a cancellation that the irrational weights exclude in practice).
 */
export function nullVectorCholesky(f: Cholesky, x: Float64Array): void {
    const { n, zeroPivot, ratio } = f
    let found = 0
    for (let k = 0; k < n; k++) {
        x[2 * k] = 0
        x[2 * k + 1] = 0
        if (zeroPivot[2 * k]) x[2 * k] += 1 + fraction(++found * 0.618033988749895)
        if (zeroPivot[2 * k + 1]) {
            const weight = 1 + fraction(++found * 0.618033988749895)
            x[2 * k] -= weight * ratio[k]
            x[2 * k + 1] += weight
        }
    }
    solveUpper(f, x)
}

const fraction = (value: number) => value - Math.floor(value)
