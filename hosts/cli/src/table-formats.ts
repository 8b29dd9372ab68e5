/** Parquet and Arrow among the formats a case is written in: a folder of a file for each table, or one archive. */
import type { Network, Region } from '@gridverse/grid'
import { networkToTables, type TableFormat, writeTables } from '@gridverse/tables'

const tableFormat = (id: TableFormat, about: string) => ({
    id,
    about,
    extensions: [`.${id}`, `.${id}.zip`],
    write: (network: Network, region?: Region) => ({ content: writeTables(networkToTables(network, region), id), issues: [] }),
})

export const tableFormats = [tableFormat('parquet', 'Parquet tables'), tableFormat('arrow', 'Arrow tables')]
