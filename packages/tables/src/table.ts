/** A table as columns with units, before it becomes a file. */
import { fillRow, type Table } from '@gridverse/units'

export type ColumnType = 'num' | 'int' | 'text' | 'flag'
export type Cell = number | string | boolean | null

export interface DataColumn {
    readonly name: string
    readonly type: ColumnType
    /** as in the schema tables; empty for counts, ratios, texts and flags */
    readonly unit: string
    readonly about: string
    readonly values: readonly Cell[] | Float64Array | Int32Array
}

export interface DataTable {
    readonly name: string
    readonly columns: readonly DataColumn[]
    readonly rowCount: number
    /** texts about the whole: seed, model, case … */
    readonly metadata: Readonly<Record<string, string>>
}

/** version of the names and meaning of columns and metadata */
export const tablesVersion = '1'

/** Rows of a schema table as columns; what a row lacks is null. */
export function tableOfRows(
    name: string,
    schema: Table,
    rows: readonly object[],
    metadata: Readonly<Record<string, string>> = {},
): DataTable {
    const columns = Object.entries(schema).map(([column, { type, about, ...rest }]): DataColumn => {
        const kind: ColumnType = type === 'choice' ? 'text' : type
        return {
            name: column,
            type: kind,
            unit: 'unit' in rest ? (rest.unit as string) : '',
            about,
            values: rows.map((row) => ((row as Record<string, Cell | undefined>)[column] ?? null) as Cell),
        }
    })
    return { name, columns, rowCount: rows.length, metadata }
}

/** Columns a schema table does not know, and those it needs that a table lacks. */
export function compareColumns(table: DataTable, schema: Table): { unknown: string[]; missing: string[] } {
    const given = new Set(table.columns.map(({ name }) => name))
    return {
        unknown: [...given].filter((name) => !(name in schema)),
        missing: Object.keys(schema).filter((name) => !given.has(name) && schema[name]!.default === undefined),
    }
}

/** Rows of a table by its schema: nulls and missing columns take their defaults, whole numbers of 64 bits become numbers. */
export function rowsOfTable(table: DataTable, schema: Table): Record<string, Cell>[] {
    const known = table.columns.filter(({ name }) => name in schema)
    return Array.from({ length: table.rowCount }, (_, i) => {
        const row: Record<string, Cell> = {}
        for (const { name, values } of known) {
            const value = values[i]
            if (value !== null && value !== undefined) row[name] = value
        }
        return fillRow(schema, row as never) as Record<string, Cell>
    })
}
