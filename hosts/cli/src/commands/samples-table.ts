/** Samples as a table: a row for every day and period; single numbers of a day stand in each of its rows. */
import { rowOf, type Samples } from '@gridverse/study'
import type { DataColumn, DataTable } from '@gridverse/tables'

/** The rows of the days in `chosen`, all where absent; `extra` are columns of one number a day, by day. */
export function samplesToTable(
    samples: Samples,
    metadata: Readonly<Record<string, string>>,
    { chosen, extra = [] }: { chosen?: readonly number[]; extra?: readonly DataColumn[] } = {},
): DataTable {
    const periods = Math.max(1, ...samples.columns.map((column) => column.width))
    const days = chosen ?? Array.from({ length: samples.count }, (_, s) => s)
    const rowCount = days.length * periods
    const each = (of: (s: number, t: number) => number) => {
        const values = new Float64Array(rowCount)
        for (let d = 0, k = 0; d < days.length; d++) for (let t = 0; t < periods; t++) values[k++] = of(days[d]!, t)
        return values
    }
    const columns: DataColumn[] = [
        { name: 'sample', type: 'int', unit: '', about: 'number of the day, from 0', values: Int32Array.from(each((s) => s)) },
        { name: 'period', type: 'int', unit: '', about: 'from midnight, from 0', values: Int32Array.from(each((_, t) => t)) },
        ...samples.columns.map((column): DataColumn => {
            const single = column.width === 1
            const about = single && periods > 1 ? 'of the day, the same in each of its rows' : 'in the middle of the period'
            return {
                name: column.name,
                type: 'num',
                unit: column.unit,
                about,
                values: each((s, t) => rowOf(column, s)[single ? 0 : t]!),
            }
        }),
        ...extra.map((column) => ({ ...column, values: each((s) => column.values[s] as number) })),
    ]
    const origin = { study: samples.study, version: String(samples.version), seed: String(samples.seed), samples: String(samples.count) }
    return { name: 'samples', columns, rowCount, metadata: { ...origin, ...metadata } }
}
