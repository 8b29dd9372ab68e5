/** Tables of a pandapower file: data frames of pandas, each a JSON text within the JSON (orient `split`). */

/** One table, read by column and row. */
export interface Frame {
    readonly name: string
    readonly index: readonly number[]
    /** 1-based line of the file the table starts on */
    readonly line: number
    has(column: string): boolean
    value(row: number, column: string): unknown
}

const none: Omit<Frame, 'name'> = { index: [], line: 1, has: () => false, value: () => undefined }

/** The table of that name; an empty one where the net has none, or `broken` says why it cannot be read. */
export function openFrame(net: Readonly<Record<string, unknown>>, name: string, line: number, broken: (why: string) => void): Frame {
    const given = net[name]
    if (given === undefined || given === null) return { name, ...none }
    const held = typeof given === 'object' && '_object' in given ? given._object : given
    let split: unknown = held
    if (typeof held === 'string')
        try {
            split = JSON.parse(held)
        } catch (error) {
            broken(`its text is not JSON: ${(error as Error).message}`)
            return { name, ...none }
        }
    const { columns, index, data } = (split ?? {}) as { columns?: unknown; index?: unknown; data?: unknown }
    if (!Array.isArray(columns) || !Array.isArray(index) || !Array.isArray(data) || index.length !== data.length) {
        broken('it is no data frame in the split orientation (columns, index, data)')
        return { name, ...none }
    }
    const at = new Map(columns.map((column, k) => [String(column), k]))
    return {
        name,
        line,
        index: index.map(Number),
        has: (column) => at.has(column),
        value: (row, column) => (data[row] as unknown[])[at.get(column) ?? -1],
    }
}

type Cell = string | number | boolean | null | readonly unknown[]
/** Columns of a table to write, with the types pandapower gives them. */
export type FrameLayout = Readonly<Record<string, 'object' | 'float64' | 'bool' | 'uint32' | 'int64'>>

/** A table as pandapower writes it. Columns are those of the layout, and further ones where a row has them. */
export function writeFrame(
    layout: FrameLayout,
    index: readonly number[],
    rows: readonly Readonly<Record<string, Cell | undefined>>[],
    further: FrameLayout = {},
): unknown {
    const used = {
        ...layout,
        ...Object.fromEntries(Object.entries(further).filter(([name]) => rows.some((row) => row[name] !== undefined))),
    }
    const columns = Object.keys(used)
    const data = rows.map((row) => columns.map((name) => row[name] ?? null))
    return {
        _module: 'pandas.core.frame',
        _class: 'DataFrame',
        // JSON has no infinity: pandas writes null too
        _object: JSON.stringify({ columns, index, data }),
        orient: 'split',
        dtype: used,
        is_multiindex: false,
        is_multicolumn: false,
    }
}
