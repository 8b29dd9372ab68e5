/**
 * Parquet files of tables (Snappy). The file's metadata hold version and name of the table, `gridverse.columns` with unit
 * and meaning of every column as JSON, and the table's own texts under their own names.
 */
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { type Cell, type ColumnType, type DataColumn, type DataTable, tablesVersion } from './table.ts'

const typeOf = { num: 'DOUBLE', int: 'INT32', text: 'STRING', flag: 'BOOLEAN' } as const
const own = { version: 'gridverse.tables', table: 'gridverse.table', columns: 'gridverse.columns' }

export function writeParquet({ name, columns, metadata }: DataTable): Uint8Array {
    const about = Object.fromEntries(columns.map((column) => [column.name, { unit: column.unit, about: column.about }]))
    const texts = { [own.version]: tablesVersion, [own.table]: name, [own.columns]: JSON.stringify(about), ...metadata }
    const buffer = parquetWriteBuffer({
        columnData: columns.map((column) => {
            const values = column.values as readonly Cell[]
            const nullable = Array.isArray(values) && values.includes(null)
            return { name: column.name, type: typeOf[column.type], nullable, data: dataOf(column.type, values, nullable) }
        }),
        kvMetadata: Object.entries(texts).map(([key, value]) => ({ key, value })),
        createdBy: 'gridverse',
    })
    return new Uint8Array(buffer)
}

function dataOf(type: ColumnType, values: readonly Cell[], nullable: boolean) {
    if (nullable || type === 'text' || type === 'flag') return values as Cell[]
    return type === 'int' ? Int32Array.from(values as number[]) : Float64Array.from(values as number[])
}

/** Reads a Parquet file, of any writer; `name` is for one that names no table. Rejects what is no Parquet file. */
export async function readParquet(bytes: Uint8Array, name = ''): Promise<DataTable> {
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
    const file = parquetMetadata(buffer)
    const metadata = Object.fromEntries((file.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? '']))
    const units = parseUnits(metadata[own.columns])
    const rows = await parquetReadObjects({ file: buffer, metadata: file })
    const columns = file.schema.slice(1).map((element): DataColumn => {
        const values = rows.map((row) => cellOf(row[element.name]))
        return { name: element.name, type: kindOf(element.type, values), ...unitOf(units, element.name), values }
    })
    return { name: metadata[own.table] ?? name, columns, rowCount: rows.length, metadata: ownTexts(metadata) }
}

function kindOf(type: string | undefined, values: readonly Cell[]): ColumnType {
    if (type === 'BOOLEAN') return 'flag'
    if (type === 'INT32' || type === 'INT64') return 'int'
    if (type === 'DOUBLE' || type === 'FLOAT') return 'num'
    return values.every((value) => value === null || typeof value === 'number') && values.length > 0 ? 'num' : 'text'
}

/** A value as a cell: whole numbers of 64 bits as numbers, what is no cell as its text. */
export function cellOf(value: unknown): Cell {
    if (value === null || value === undefined) return null
    if (typeof value === 'bigint') return Number(value)
    if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value
    return String(value)
}

type Units = Readonly<Record<string, { readonly unit?: string; readonly about?: string } | undefined>>

function parseUnits(text: string | undefined): Units {
    try {
        return (text ? JSON.parse(text) : {}) as Units
    } catch {
        return {}
    }
}

const unitOf = (units: Units, name: string) => ({ unit: String(units[name]?.unit ?? ''), about: String(units[name]?.about ?? '') })

/** The texts that are not of this package's own or of another writer. */
export const ownTexts = (metadata: Readonly<Record<string, string>>) =>
    Object.fromEntries(
        Object.entries(metadata).filter(([key]) => !Object.values(own).includes(key) && key !== 'ARROW:schema' && key !== 'pandas'),
    )
export { own as ownNames }
