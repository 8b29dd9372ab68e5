/** The functions case files call. */
import { asMatrix, Misread, map, rowOf, scalar, transpose, type Value, zeros } from './matpower-value.ts'

const elementwise: Readonly<Record<string, (x: number) => number>> = {
    sqrt: Math.sqrt,
    sin: Math.sin,
    cos: Math.cos,
    tan: Math.tan,
    asin: Math.asin,
    acos: Math.acos,
    atan: Math.atan,
    exp: Math.exp,
    log: Math.log,
    abs: Math.abs,
    round: (x) => Math.sign(x) * Math.round(Math.abs(x)),
}
const reductions: Readonly<Record<string, (values: Float64Array) => number>> = {
    sum: (v) => v.reduce((a, b) => a + b, 0),
    max: (v) => v.reduce((a, b) => Math.max(a, b), -Infinity),
    min: (v) => v.reduce((a, b) => Math.min(a, b), Infinity),
}

/** The value of a function the reader knows; sums and extremes go down the columns of a matrix. */
export function callFunction(id: string, given: readonly Value[]): Value {
    const first = given[0]
    if (id in elementwise && given.length === 1) return map(asMatrix(first, id), elementwise[id])
    if (id in reductions && given.length === 1) {
        const m = asMatrix(first, id)
        const columns = m.nRow === 1 ? transpose(m) : m
        return rowOf(Array.from({ length: columns.nCol }, (_, j) => reductions[id](columns.data.filter((_x, k) => k % columns.nCol === j))))
    }
    if (id === 'size' && given.length === 2) {
        const m = asMatrix(first, id)
        return scalar(asMatrix(given[1], id).data[0] === 1 ? m.nRow : m.nCol)
    }
    if (id === 'length' || id === 'numel') {
        const m = asMatrix(first, id)
        return scalar(id === 'numel' ? m.data.length : Math.max(m.nRow, m.nCol))
    }
    if (id === 'find' && given.length === 1) {
        const m = asMatrix(first, id)
        const where = rowOf([...m.data.keys()].filter((k) => m.data[k] !== 0).map((k) => k + 1))
        return m.nCol === 1 ? transpose(where) : where
    }
    if ((id === 'zeros' || id === 'ones') && given.length === 2) {
        const [nRow, nCol] = given.map((g) => asMatrix(g, id).data[0])
        return { kind: 'matrix', nRow, nCol, data: zeros(nRow, nCol).fill(id === 'ones' ? 1 : 0) }
    }
    throw new Misread(`the function "${id}" is not known here`)
}
