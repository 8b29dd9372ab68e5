/**
 * The table of a batch as a Parquet file (Snappy): a row for every scenario, in order, with units, seed, spread, model
 * version and a key of the work in the file's metadata. Figures of scenarios without a solution are null.
 */
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import type { BatchColumns } from '@gridverse/grid'
import { batchToTable, fillBatch, readParquet, writeParquet } from '@gridverse/tables'

const keyName = 'gridverse.key'

/** Writes the rows that have a status. The file is the old or the new one at every moment. */
export async function writeBatchTable(file: string, columns: BatchColumns, metadata: Readonly<Record<string, string>>, key: string) {
    await writeFile(`${file}.part`, writeParquet(batchToTable(columns, { ...metadata, [keyName]: key })))
    await rename(`${file}.part`, file)
}

/** columns ← rows of an earlier file of the same work; how many, or `other` where the file is of something else. */
export async function readBatchTable(file: string, columns: BatchColumns, key: string): Promise<number | 'other'> {
    if (!existsSync(file)) return 0
    try {
        const table = await readParquet(await readFile(file))
        return table.metadata[keyName] === key ? fillBatch(table, columns) : 'other'
    } catch {
        return 'other'
    }
}
