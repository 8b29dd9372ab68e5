/** Arrow IPC files of tables: unit and meaning of a column in its field, the rest in the schema's metadata. */
import { bool, columnFromArray, type DataType, field, float64, int32, Table, Type, tableFromIPC, tableToIPC, utf8 } from '@uwdata/flechette'
import { cellOf, ownNames, ownTexts } from './parquet.ts'
import { type ColumnType, type DataColumn, type DataTable, tablesVersion } from './table.ts'

const typeOf: Readonly<Record<ColumnType, () => DataType>> = { num: float64, int: int32, text: utf8, flag: bool }

export function writeArrow({ name, columns, metadata }: DataTable): Uint8Array {
    const fields = columns.map((column) => {
        const nullable = Array.isArray(column.values) && column.values.includes(null)
        const about = new Map([
            ['unit', column.unit],
            ['about', column.about],
        ])
        return field(column.name, typeOf[column.type](), nullable, about)
    })
    const texts = new Map(Object.entries({ [ownNames.version]: tablesVersion, [ownNames.table]: name, ...metadata }))
    const schema = { version: 4 as const, endianness: 0 as const, fields, metadata: texts }
    const data = columns.map((column) => columnFromArray(column.values as never, typeOf[column.type]()))
    const bytes = tableToIPC(new Table(schema, data as never), { format: 'file' })
    return bytes as Uint8Array
}

/** Reads an Arrow IPC file or stream, of any writer; `name` is for one that names no table. Throws on what is neither. */
export function readArrow(bytes: Uint8Array, name = ''): DataTable {
    const table = openArrow(bytes)
    const metadata = Object.fromEntries(table.schema.metadata ?? [])
    const columns = table.schema.fields.map((f, i): DataColumn => {
        const values = Array.from(table.getChildAt(i) as Iterable<unknown>, cellOf)
        return {
            name: f.name,
            type: kindOf(f.type.typeId),
            unit: f.metadata?.get('unit') ?? '',
            about: f.metadata?.get('about') ?? '',
            values,
        }
    })
    return { name: metadata[ownNames.table] ?? name, columns, rowCount: table.numRows, metadata: ownTexts(metadata) }
}

/** The reader takes bytes at their word: what is cut off or no Arrow fails anywhere in it, or is a table of nothing. */
function openArrow(bytes: Uint8Array): Table {
    let table: Table
    try {
        table = tableFromIPC(bytes)
    } catch (cause) {
        throw new Error('it is no whole Arrow file', { cause })
    }
    if (table.numCols === 0) throw new Error('it is no Arrow file, or one without columns')
    return table
}

function kindOf(type: number): ColumnType {
    if (type === Type.Bool) return 'flag'
    if (type === Type.Int) return 'int'
    return type === Type.Float || type === Type.Decimal ? 'num' : 'text'
}
