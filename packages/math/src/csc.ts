/** Sparse matrices in compressed columns. */
export interface Csc {
    readonly nRow: number
    readonly nCol: number
    /** column j holds positions colPtr[j] … colPtr[j + 1] − 1 */
    readonly colPtr: Int32Array
    /** row of each position, ascending within a column */
    readonly row: Int32Array
    readonly value: Float64Array
}

/** Builds a matrix from triplets; entries at the same place are added. */
export function buildCsc(nRow: number, nCol: number, row: ArrayLike<number>, col: ArrayLike<number>, value: ArrayLike<number>): Csc {
    const nnz = row.length
    for (let k = 0; k < nnz; k++)
        if (!(row[k] >= 0 && row[k] < nRow && col[k] >= 0 && col[k] < nCol))
            throw new Error(`Entry ${k} at (${row[k]}, ${col[k]}) lies outside a ${nRow}×${nCol} matrix.`)
    // two counting sorts: by row, then stable by column
    const byRow = sortBy(row, nRow, undefined)
    const sorted = sortBy(col, nCol, byRow)
    const colPtr = new Int32Array(nCol + 1)
    const outRow = new Int32Array(nnz)
    const outValue = new Float64Array(nnz)
    let out = 0
    let column = 0
    for (const k of sorted) {
        while (column < col[k]) colPtr[++column] = out
        if (out > colPtr[column] && outRow[out - 1] === row[k]) outValue[out - 1] += value[k]
        else {
            outRow[out] = row[k]
            outValue[out++] = value[k]
        }
    }
    while (column < nCol) colPtr[++column] = out
    return { nRow, nCol, colPtr, row: outRow.slice(0, out), value: outValue.slice(0, out) }
}

function sortBy(key: ArrayLike<number>, n: number, before: Int32Array | undefined): Int32Array {
    const ptr = new Int32Array(n + 1)
    for (let k = 0; k < key.length; k++) ptr[key[k] + 1]++
    for (let i = 0; i < n; i++) ptr[i + 1] += ptr[i]
    const out = new Int32Array(key.length)
    for (let q = 0; q < key.length; q++) {
        const k = before === undefined ? q : before[q]
        out[ptr[key[k]]++] = k
    }
    return out
}

/** y ← y + A·x. */
export function addMul(a: Csc, x: Float64Array, y: Float64Array): void {
    const { nCol, colPtr, row, value } = a
    for (let j = 0; j < nCol; j++) {
        const xj = x[j]
        for (let p = colPtr[j]; p < colPtr[j + 1]; p++) y[row[p]] += value[p] * xj
    }
}

/** y ← y + Aᵀ·x. */
export function addMulTransposed(a: Csc, x: Float64Array, y: Float64Array): void {
    const { nCol, colPtr, row, value } = a
    for (let j = 0; j < nCol; j++) {
        let sum = 0
        for (let p = colPtr[j]; p < colPtr[j + 1]; p++) sum += value[p] * x[row[p]]
        y[j] += sum
    }
}
