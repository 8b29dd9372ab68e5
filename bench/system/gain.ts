/** The gain matrix of an estimator's last estimate and its right side, as its factorisation takes them and as a sparse system. */
import type { Estimator } from '@gridverse/grid'
import { assembleGain } from '../../packages/grid/src/estimate-gain.ts'
import type { Work } from '../../packages/grid/src/estimate-work.ts'
import type { SparseSystem } from '../peers/cholmod.ts'

export function gainOf(estimator: Estimator) {
    const { factor, places, rows, weight, fixed, position } = (estimator as unknown as { readonly work: Work }).work
    const right = new Float64Array(2 * position.length)
    // a right side of like size everywhere: the residuals of an estimate leave nothing but rounding
    const ones = new Float64Array(rows.n).fill(1)
    assembleGain(factor, places, rows, weight, ones, fixed, right)

    // the upper triangle by columns: column 2k and 2k + 1 of block row k, in order of elimination
    const { n, lRowPtr, lCol, lColPtr, lRow, l, diagonal } = factor
    const placeOf = new Map<number, number>()
    for (let i = 0; i < n; i++) for (let p = lColPtr[i]; p < lColPtr[i + 1]; p++) placeOf.set(lRow[p] * n + i, p)
    const [pointers, rowsOf, values] = [[0], [] as number[], [] as number[]]
    for (let k = 0; k < n; k++)
        for (const j of [0, 1]) {
            for (let q = lRowPtr[k]; q < lRowPtr[k + 1]; q++) {
                const at = 4 * placeOf.get(k * n + lCol[q])!
                // blocks of fill are zeros
                if (l[at] === 0 && l[at + 1] === 0 && l[at + 2] === 0 && l[at + 3] === 0) continue
                rowsOf.push(2 * lCol[q], 2 * lCol[q] + 1)
                values.push(l[at + 2 * j], l[at + 2 * j + 1])
            }
            rowsOf.push(2 * k)
            values.push(diagonal[3 * k + j])
            if (j === 1) {
                rowsOf.push(2 * k + 1)
                values.push(diagonal[3 * k + 2])
            }
            pointers.push(rowsOf.length)
        }
    const system: SparseSystem = {
        pointers: Int32Array.from(pointers),
        rows: Int32Array.from(rowsOf),
        values: Float64Array.from(values),
        right,
    }
    return { factor, system }
}
