/** Tables as files: a folder with a file for each, or the same as one archive. */
import type { Issue } from '@gridverse/units'
import { unzipSync, zipSync } from 'fflate'
import { readArrow, writeArrow } from './arrow.ts'
import { readParquet, writeParquet } from './parquet.ts'
import type { DataTable } from './table.ts'

export type TableFormat = 'parquet' | 'arrow'
export type TableFiles = ReadonlyMap<string, string | Uint8Array>

/** of every entry in an archive, so that the same tables give the same bytes; archives hold local time */
const entryTime = new Date(2000, 0, 1, 12)
const isTable = /\.(parquet|arrow|feather)$/i

/** A file for every table, by its name. */
export function writeTables(tables: readonly DataTable[], format: TableFormat): Map<string, Uint8Array> {
    const write = format === 'arrow' ? writeArrow : writeParquet
    return new Map(tables.map((table) => [`${table.name}.${format}`, write(table)]))
}

export const zipTables = (files: ReadonlyMap<string, Uint8Array>): Uint8Array =>
    zipSync(Object.fromEntries(files), { mtime: entryTime, level: 6 })

/** Whether a folder or an archive holds tables of a network. */
export function holdsTables(content: string | Uint8Array | TableFiles): boolean {
    if (typeof content === 'string') return false
    const names = content instanceof Uint8Array ? namesIn(content) : [...content.keys()]
    return names.some((name) => /(^|\/)bus\.(parquet|arrow|feather)$/i.test(name))
}

/** The tables in a folder or an archive. What cannot be read is an issue. */
export async function readTables(content: Uint8Array | TableFiles): Promise<{ tables: DataTable[]; issues: Issue[] }> {
    const tables: DataTable[] = []
    const issues: Issue[] = []
    let files: TableFiles
    try {
        files =
            content instanceof Uint8Array
                ? new Map(Object.entries(unzipSync(content, { filter: ({ name }) => isTable.test(name) })))
                : content
    } catch (error) {
        const message = `the archive is damaged: ${(error as Error).message}; was it cut off or changed on its way?`
        return { tables, issues: [{ code: 'unreadable-file', path: '', message }] }
    }
    for (const [path, bytes] of files) {
        if (!isTable.test(path)) continue
        const name = path.replace(/^.*\//, '').replace(isTable, '')
        try {
            // what begins like no table has been taken for text
            if (typeof bytes === 'string') throw new Error(bytes ? 'it does not begin like a table' : 'it is empty')
            tables.push(/parquet$/i.test(path) ? await readParquet(bytes, name) : readArrow(bytes, name))
        } catch (error) {
            issues.push({
                code: 'unreadable-file',
                path: name,
                file: path,
                message: `${path} cannot be read: ${(error as Error).message}; was it cut off or changed on its way?`,
            })
        }
    }
    return { tables, issues }
}

function namesIn(bytes: Uint8Array): string[] {
    const names: string[] = []
    if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return names
    try {
        unzipSync(bytes, {
            filter: ({ name }) => {
                names.push(name)
                return false
            },
        })
    } catch {
        return []
    }
    return names
}
