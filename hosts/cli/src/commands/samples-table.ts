/**
 * Samples as a table: a row for every day and period. Inputs are the days' courses, controls what was decided before them,
 * outputs what each day cost; single numbers of a day stand in each of its rows.
 */
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import type { FirstStage, Vpp } from '@gridverse/plan'
import { rowOf } from '@gridverse/study'
import { type DataColumn, type DataTable, readParquet, writeParquet } from '@gridverse/tables'
import { costItems, dayStatus, type SharedDays } from './vpp-scenarios-threads.ts'

const keyName = 'gridverse.key'

/** The days that are done, in order. */
export function daysToTable(vpp: Vpp, days: SharedDays, metadata: Readonly<Record<string, string>>, given?: FirstStage): DataTable {
    const { samples, status, costs } = days
    const { periods, currency } = vpp
    const done = Array.from(status.keys()).filter((s) => status[s]! > 0)
    const rowCount = done.length * periods
    const each = (of: (s: number, t: number) => number) => {
        const values = new Float64Array(rowCount)
        for (let d = 0, k = 0; d < done.length; d++) for (let t = 0; t < periods; t++) values[k++] = of(done[d]!, t)
        return values
    }
    const num = (name: string, unit: string, about: string, of: (s: number, t: number) => number): DataColumn => ({
        name,
        type: 'num',
        unit,
        about,
        values: each(of),
    })
    const single = 'of the day, the same in each of its rows'
    const columns: DataColumn[] = [
        { name: 'sample', type: 'int', unit: '', about: 'number of the day, from 0', values: Int32Array.from(each((s) => s)) },
        { name: 'period', type: 'int', unit: '', about: 'from midnight, from 0', values: Int32Array.from(each((_, t) => t)) },
        ...samples.columns.map((column) =>
            column.width === 1
                ? num(column.name, column.unit, `input, ${single}`, (s) => column.value[s]!)
                : num(column.name, column.unit, 'input, in the period', (s, t) => rowOf(column, s)[t]!),
        ),
    ]
    if (given) {
        columns.push(
            num('buy', 'kW', 'control: bought the day before', (_, t) => given.buy[t]!),
            num('sell', 'kW', 'control: sold the day before', (_, t) => given.sell[t]!),
            ...vpp.gasTurbines.map((g, i) =>
                num(`on/${g.name}`, '', 'control: turbine committed', (_, t) => given.u[i]![Math.floor(t / g.commitBlock)]!),
            ),
            {
                name: 'status',
                type: 'text',
                unit: '',
                about: `output: how the day ended, ${single}`,
                values: done.flatMap((s) => new Array(periods).fill(dayStatus[status[s]!])),
            },
            ...costItems.map((name) => ({
                name,
                type: 'num' as const,
                unit: currency,
                about: `output ${single}; null where no schedule keeps all limits`,
                values: done.flatMap((s) => new Array(periods).fill(Number.isNaN(costs[name][s]!) ? null : costs[name][s])),
            })),
        )
    }
    const origin = { study: samples.study, version: String(samples.version), seed: String(samples.seed), samples: String(samples.count) }
    return { name: 'samples', columns, rowCount, metadata: { ...origin, ...metadata } }
}

/** The file is the old or the new one at every moment. */
export async function writeDays(file: string, table: DataTable, key: string): Promise<void> {
    await writeFile(`${file}.part`, writeParquet({ ...table, metadata: { ...table.metadata, [keyName]: key } }))
    await rename(`${file}.part`, file)
}

/** days ← those of an earlier file of the same work; how many, or `other` where the file is of something else. */
export async function readDoneDays(file: string, vpp: Vpp, days: SharedDays, key: string): Promise<number | 'other'> {
    if (!existsSync(file)) return 0
    try {
        const table = await readParquet(await readFile(file))
        if (table.metadata[keyName] !== key) return 'other'
        const values = new Map(table.columns.map((column) => [column.name, column.values]))
        const of = (name: string) => values.get(name)!
        let count = 0
        for (let row = 0; row < table.rowCount; row++) {
            const s = of('sample')[row] as number
            const t = of('period')[row] as number
            if (s >= days.status.length) continue
            for (const column of days.samples.columns) rowOf(column, s)[column.width === 1 ? 0 : t] = of(column.name)[row] as number
            if (t !== vpp.periods - 1) continue
            const ended = values.has('status') ? dayStatus.indexOf(of('status')[row] as 'drawn') : 1
            if (ended > 1) for (const name of costItems) days.costs[name][s] = (of(name)[row] as number | null) ?? Number.NaN
            days.status[s] = ended
            count++
        }
        return count
    } catch {
        return 'other'
    }
}
