/**
 * Sparse Cholesky factors of a symmetric positive semidefinite matrix made of 2×2 blocks: A = L·D·Lᵀ, L unit lower, D
 * of 2×2 blocks (the square-root-free form). Analysed once for a pattern, factored often, nothing allocated in between.
 *
 * Row k of L by the up-looking method (Davis, Direct Methods for Sparse Linear Systems, section 4.7 and his LDL):
 *   y = A(k, <k);  for i in the pattern of row k, ascending:  L(k,i) = y(i)·D(i)⁻¹,  y(r) −= y(i)·L(r,i)ᵀ for i < r < k,
 *   D(k) = A(k,k) − Σ L(k,i)·y(i)ᵀ.
 * A variable whose pivot falls below `tolerance` times its diagonal entry is a zero pivot: it is left out of the
 * factor (its row of D⁻¹ is zero) and noted, so a rank-deficient matrix yields its rank and its null space.
 *
 * Storage of a 2×2 block: four numbers by rows; of a symmetric one: three (00, 01, 11). Variable 2k+j is number j of
 * block k. The caller numbers the blocks in elimination order.
 */

/** Pattern of the strictly lower blocks of a symmetric matrix, by rows: row k holds columns i < k, ascending. */
export interface LowerPattern {
    readonly n: number
    readonly rowPtr: Int32Array
    readonly col: Int32Array
}

/** Work arrays and results of one factorisation pattern. */
export interface Cholesky {
    readonly n: number
    readonly pattern: LowerPattern
    /** factor by rows: `lCol[lRowPtr[k]…]` are the columns of row k, ascending */
    readonly lRowPtr: Int32Array
    readonly lCol: Int32Array
    /** factor by columns: `lRow[lColPtr[i]…]` are the rows of column i, ascending; block p at `l[4p]` */
    readonly lColPtr: Int32Array
    readonly lRow: Int32Array
    readonly l: Float64Array
    /** inverse of the diagonal blocks of D, three numbers each */
    readonly dInverse: Float64Array
    /** per variable: 1 where its pivot was zero in the last factorisation */
    readonly zeroPivot: Uint8Array
    /** per block: its off-diagonal entry of D over its first pivot */
    readonly ratio: Float64Array
    readonly work: Float64Array
    readonly next: Int32Array
}

/** Fill of the factor and its work arrays, for a pattern already in elimination order. */
export function analyseCholesky(pattern: LowerPattern): Cholesky {
    const { n, rowPtr, col } = pattern
    const parent = new Int32Array(n).fill(-1)
    const mark = new Int32Array(n).fill(-1)
    const count = new Int32Array(n)
    const lRowPtr = new Int32Array(n + 1)
    // elimination tree and row counts: row k of L is what the columns of A(k, :) reach on their way up to k
    for (let k = 0; k < n; k++) {
        mark[k] = k
        let size = 0
        for (let p = rowPtr[k]; p < rowPtr[k + 1]; p++)
            for (let i = col[p]; mark[i] !== k; i = parent[i]) {
                if (parent[i] < 0) parent[i] = k
                mark[i] = k
                count[i]++
                size++
            }
        lRowPtr[k + 1] = lRowPtr[k] + size
    }
    const lColPtr = new Int32Array(n + 1)
    for (let i = 0; i < n; i++) lColPtr[i + 1] = lColPtr[i] + count[i]
    const nnz = lColPtr[n]
    const lCol = new Int32Array(nnz)
    const lRow = new Int32Array(nnz)
    const next = lColPtr.slice(0, n)
    mark.fill(-1)
    for (let k = 0; k < n; k++) {
        mark[k] = k
        let q = lRowPtr[k]
        for (let p = rowPtr[k]; p < rowPtr[k + 1]; p++)
            for (let i = col[p]; mark[i] !== k; i = parent[i]) {
                mark[i] = k
                lCol[q++] = i
                lRow[next[i]++] = k
            }
        lCol.subarray(lRowPtr[k], q).sort()
    }
    return {
        n,
        pattern,
        lRowPtr,
        lCol,
        lColPtr,
        lRow,
        l: new Float64Array(4 * nnz),
        dInverse: new Float64Array(3 * n),
        zeroPivot: new Uint8Array(2 * n),
        ratio: new Float64Array(n),
        work: new Float64Array(4 * n),
        next,
    }
}

/**
 * Factors A given by `diagonal` (three numbers per block) and `lower` (four per block of the pattern, row-major).
 * Returns the number of zero pivots; a pivot is zero when it is at most `tolerance` times its diagonal entry.
 */
export function factorCholesky(f: Cholesky, diagonal: Float64Array, lower: Float64Array, tolerance = 0): number {
    const { n, lRowPtr, lCol, lColPtr, lRow, l, dInverse, zeroPivot, ratio, work: y, next } = f
    const { rowPtr, col } = f.pattern
    let zeros = 0
    for (let i = 0; i < n; i++) next[i] = lColPtr[i]
    for (let k = 0; k < n; k++) {
        // y ← A(k, <k); the other places of the row's pattern are zero already
        for (let p = rowPtr[k]; p < rowPtr[k + 1]; p++) {
            const i = 4 * col[p]
            y[i] = lower[4 * p]
            y[i + 1] = lower[4 * p + 1]
            y[i + 2] = lower[4 * p + 2]
            y[i + 3] = lower[4 * p + 3]
        }
        let d0 = diagonal[3 * k]
        let d1 = diagonal[3 * k + 1]
        let d2 = diagonal[3 * k + 2]
        for (let q = lRowPtr[k]; q < lRowPtr[k + 1]; q++) {
            const i = lCol[q]
            const y0 = y[4 * i]
            const y1 = y[4 * i + 1]
            const y2 = y[4 * i + 2]
            const y3 = y[4 * i + 3]
            y[4 * i] = 0
            y[4 * i + 1] = 0
            y[4 * i + 2] = 0
            y[4 * i + 3] = 0
            const end = next[i]
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
