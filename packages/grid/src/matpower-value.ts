/** Values of the small part of the MATLAB language that case files compute with. */
export interface Matrix {
    readonly kind: 'matrix'
    readonly nRow: number
    readonly nCol: number
    /** by rows */
    readonly data: Float64Array
    /** 1-based line of the file each row was read from, where it was read */
    readonly lines?: readonly number[]
}
export interface Text {
    readonly kind: 'text'
    readonly text: string
}
export interface Cell {
    readonly kind: 'cell'
    readonly rows: readonly (readonly Value[])[]
}
export type Value = Matrix | Text | Cell

export const scalar = (value: number): Matrix => ({ kind: 'matrix', nRow: 1, nCol: 1, data: Float64Array.of(value) })
export const rowOf = (values: number[]): Matrix => ({ kind: 'matrix', nRow: 1, nCol: values.length, data: Float64Array.from(values) })

/** A statement this reader does not understand; the message says what. */
export class Misread extends Error {}

/** entries no honest case comes near */
const mostEntries = 2e7

/** Zeros for a table of the given shape; a slip in an index must not eat the memory. */
export function zeros(nRow: number, nCol: number): Float64Array {
    if (!(Number.isInteger(nRow) && Number.isInteger(nCol) && nRow >= 0 && nCol >= 0 && nRow * nCol <= mostEntries))
        throw new Misread(`a table of ${nRow}×${nCol} is beyond what a case file holds`)
    return new Float64Array(nRow * nCol)
}

export function asMatrix(value: Value, what: string): Matrix {
    if (value.kind !== 'matrix') throw new Misread(`${what} must be a number or a matrix`)
    return value
}

/** Applies f entry by entry; a single number goes with every entry of the other side. */
export function zip(a: Matrix, b: Matrix, sign: string, f: (x: number, y: number) => number): Matrix {
    const one = (m: Matrix) => m.nRow === 1 && m.nCol === 1
    if (!one(a) && !one(b) && (a.nRow !== b.nRow || a.nCol !== b.nCol))
        throw new Misread(`${sign} between a ${a.nRow}×${a.nCol} and a ${b.nRow}×${b.nCol} matrix`)
    const shape = one(a) ? b : a
    const data = new Float64Array(shape.data.length)
    for (let k = 0; k < data.length; k++) data[k] = f(a.data[one(a) ? 0 : k], b.data[one(b) ? 0 : k])
    return { kind: 'matrix', nRow: shape.nRow, nCol: shape.nCol, data, ...(shape.lines ? { lines: shape.lines } : {}) }
}

export function map(a: Matrix, f: (x: number) => number): Matrix {
    return { ...a, data: a.data.map(f) }
}

export function multiply(a: Matrix, b: Matrix): Matrix {
    if (a.data.length === 1 || b.data.length === 1) return zip(a, b, '*', (x, y) => x * y)
    if (a.nCol !== b.nRow) throw new Misread(`* between a ${a.nRow}×${a.nCol} and a ${b.nRow}×${b.nCol} matrix`)
    const data = zeros(a.nRow, b.nCol)
    for (let i = 0; i < a.nRow; i++)
        for (let k = 0; k < a.nCol; k++)
            for (let j = 0; j < b.nCol; j++) data[i * b.nCol + j] += a.data[i * a.nCol + k] * b.data[k * b.nCol + j]
    return { kind: 'matrix', nRow: a.nRow, nCol: b.nCol, data }
}

export function transpose(a: Matrix): Matrix {
    const data = new Float64Array(a.data.length)
    for (let i = 0; i < a.nRow; i++) for (let j = 0; j < a.nCol; j++) data[j * a.nRow + i] = a.data[i * a.nCol + j]
    return { kind: 'matrix', nRow: a.nCol, nCol: a.nRow, data }
}

/** One index of `m(i, j)`: positions counted from 0. A matrix of zeros and ones from a comparison selects where it is 1. */
export type Index = readonly number[]

export function indexOf(value: Value, logical: boolean): Index {
    const m = asMatrix(value, 'an index')
    if (logical) return [...m.data.keys()].filter((k) => m.data[k] !== 0)
    return [...m.data].map((x) => {
        if (!(Number.isInteger(x) && x >= 1)) throw new Misread(`index ${x} is not a whole number from 1 on`)
        return x - 1
    })
}

/** m(rows, columns). */
export function select(m: Matrix, rows: Index, cols: Index): Matrix {
    const data = zeros(rows.length, cols.length)
    let out = 0
    for (const i of rows)
        for (const j of cols) {
            if (i >= m.nRow || j >= m.nCol) throw new Misread(`index (${i + 1}, ${j + 1}) lies outside a ${m.nRow}×${m.nCol} matrix`)
            data[out++] = m.data[i * m.nCol + j]
        }
    const { lines } = m
    return { kind: 'matrix', nRow: rows.length, nCol: cols.length, data, ...(lines ? { lines: rows.map((i) => lines[i]) } : {}) }
}

/** m with m(rows, columns) = value; grows with zeros where the place lies outside. `line` marks rows that are new. */
export function assign(m: Matrix, rows: Index, cols: Index, value: Matrix, line: number): Matrix {
    const single = value.data.length === 1
    if (!single && value.data.length !== rows.length * cols.length)
        throw new Misread(`${value.data.length} values for ${rows.length}×${cols.length} places`)
    const nRow = rows.reduce((most, i) => Math.max(most, i + 1), m.nRow)
    const nCol = cols.reduce((most, j) => Math.max(most, j + 1), m.nCol)
    const data = zeros(nRow, nCol)
    for (let i = 0; i < m.nRow; i++) for (let j = 0; j < m.nCol; j++) data[i * nCol + j] = m.data[i * m.nCol + j]
    let from = 0
    for (const i of rows) for (const j of cols) data[i * nCol + j] = value.data[single ? 0 : from++]
    const lines = Array.from({ length: nRow }, (_, i) => m.lines?.[i] ?? line)
    return { kind: 'matrix', nRow, nCol, data, lines }
}
