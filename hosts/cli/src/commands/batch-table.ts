/**
 * The table of a batch as a Parquet file (Snappy): a row for every scenario, in order, with seed, spread and a key of
 * the work in the file's metadata. Figures of scenarios without a solution are null.
 */
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { type BatchColumns, batchStatus } from '@gridverse/grid'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'

/** Figures of a row, in the file's order; doubles but for `worstBranch`. */
const figures = [
    'mismatchPu',
    'sumVmPu',
    'slackMw',
    'slackMvar',
    'loadMw',
    'lossesMw',
    'vmMinPu',
    'vmMaxPu',
    'worstLoadingPercent',
] as const
const keyName = 'gridverse.key'

/** Writes the rows that have a status. The file is the old or the new one at every moment. */
export async function writeBatchTable(file: string, columns: BatchColumns, metadata: Readonly<Record<string, string>>, key: string) {
    const rows = Array.from(columns.status.keys()).filter((s) => columns.status[s] !== 0)
    const number = (column: (typeof figures)[number]) => ({
        name: column,
        type: 'DOUBLE' as const,
        nullable: true,
        data: rows.map((s) => (Number.isFinite(columns[column][s]) ? columns[column][s] : null)),
    })
    const buffer = parquetWriteBuffer({
        columnData: [
            { name: 'sample', type: 'INT32', nullable: false, data: Int32Array.from(rows) },
            { name: 'status', type: 'STRING', nullable: false, data: rows.map((s) => batchStatus[columns.status[s]!]!) },
            { name: 'iterations', type: 'INT32', nullable: false, data: Int32Array.from(rows, (s) => columns.iterations[s]!) },
            ...figures.map(number),
            {
                name: 'worstBranch',
                type: 'INT32',
                nullable: true,
                data: rows.map((s) => (columns.worstBranch[s]! < 0 ? null : columns.worstBranch[s]!)),
            },
        ],
        kvMetadata: Object.entries({ ...metadata, [keyName]: key }).map(([name, value]) => ({ key: name, value })),
        createdBy: 'gridverse',
    })
    await writeFile(`${file}.part`, new Uint8Array(buffer))
    await rename(`${file}.part`, file)
}

/** columns ← rows of an earlier file of the same work; how many, or `other` where the file is of something else. */
export async function readBatchTable(file: string, columns: BatchColumns, key: string): Promise<number | 'other'> {
    if (!existsSync(file)) return 0
    const bytes = await readFile(file)
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
    let found: Record<string, unknown>[]
    try {
        const metadata = parquetMetadata(buffer)
        if (metadata.key_value_metadata?.find((entry) => entry.key === keyName)?.value !== key) return 'other'
        found = await parquetReadObjects({ file: buffer, metadata })
    } catch {
        return 'other'
    }
    let count = 0
    for (const row of found) {
        const s = row.sample as number
        if (s >= columns.status.length) continue
        columns.status[s] = batchStatus.indexOf(row.status as never)
        columns.iterations[s] = row.iterations as number
        for (const name of figures) columns[name][s] = (row[name] as number | null) ?? Number.NaN
        columns.worstBranch[s] = (row.worstBranch as number | null) ?? -1
        count++
    }
    return count
}
