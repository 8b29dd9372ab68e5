/**
 * Measured days from a file: CSV, Parquet or Arrow, a row for every period. Columns: `day` (2026-06-01) and `period`, or
 * `time` (2026-06-01T00:15, the beginning of the period, local), or `sample` and `period` as `vpp scenarios` writes them;
 * then `pv/NAME`, `wind/NAME`, `load` in kW, `price` per kWh, `air` in °C; of a whole day, in its first row, `ev/NAME/arrive`
 * in h and `ev/NAME/energy` in kWh. An empty cell was not measured.
 */
import { readFile } from 'node:fs/promises'
import type { MeasuredDay } from '@gridverse/study'
import { type Cell, readArrow, readParquet } from '@gridverse/tables'
import type { Issue } from '@gridverse/units'
import { checkDays } from '@gridverse/vpp'
import { attempt, readText } from './case-file.ts'
import { BadInput } from './failure.ts'
import type { Terminal } from './terminal.ts'

interface Rows {
    readonly columns: readonly string[]
    readonly rowCount: number
    /** day of the year that numbered days were drawn for */
    readonly dayOfYear?: number
    cell(column: number, row: number): Cell
    /** of the file, where it has lines */
    line?(row: number): number
}

/** The days of a file, oldest first; everything wrong with it ends the command. */
export async function readDays(file: string, terminal: Terminal): Promise<MeasuredDay[]> {
    const rows = await readRows(file, terminal)
    const issues: Issue[] = []
    const days = daysOfRows(rows, issues)
    if (issues.length === 0) issues.push(...checkDays(days))
    if (issues.length) throw new BadInput(file, issues)
    return days
}

async function readRows(file: string, terminal: Terminal): Promise<Rows> {
    if (!/\.(parquet|arrow|feather)$/i.test(file)) return csvRows(await readText(file, terminal))
    const bytes = await attempt(file, () => readFile(file))
    const table = await attempt(file, async () => (/parquet$/i.test(file) ? readParquet(bytes) : readArrow(bytes)))
    return {
        columns: table.columns.map(({ name }) => name),
        rowCount: table.rowCount,
        ...dayOfYearIn(table.metadata.climate),
        cell: (column, row) => table.columns[column]!.values[row] ?? null,
    }
}

/** As `vpp scenarios` keeps it with its days. */
function dayOfYearIn(climate: string | undefined): { dayOfYear?: number } {
    try {
        const { dayOfYear } = JSON.parse(climate ?? '{}') as { dayOfYear?: unknown }
        return typeof dayOfYear === 'number' ? { dayOfYear } : {}
    } catch {
        return {}
    }
}

function csvRows(text: string): Rows {
    const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
    const used = lines.flatMap((line, k) => (line.trim() === '' || line.startsWith('#') ? [] : [k]))
    const split = (line: string) => line.split(/[,;]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
    const cells = used.map((k) => split(lines[k]!))
    return {
        columns: cells[0] ?? [],
        rowCount: Math.max(0, cells.length - 1),
        cell(column, row) {
            const value = cells[row + 1]![column]
            return value === undefined || value === '' ? null : value
        },
        line: (row) => used[row + 1]! + 1,
    }
}

const course = /^(pv|wind)(\/.+)?$|^(load|price|air)$/
const figure = /^ev\/.+\/(arrive|energy)$/
/** days by number alone lie in this year, about the day of the year they were drawn for */
const numberedYear = 2001

function daysOfRows(rows: Rows, issues: Issue[]): MeasuredDay[] {
    const at = (name: string) => rows.columns.indexOf(name)
    const [day, period, time, sample] = [at('day'), at('period'), at('time'), at('sample')]
    const courses = rows.columns.flatMap((name, c) => (course.test(name) ? [c] : []))
    const figures = rows.columns.flatMap((name, c) => (figure.test(name) ? [c] : []))
    const say = (code: string, path: string, message: string, row?: number) =>
        void issues.push({ code, path, message, ...(row !== undefined && rows.line ? { line: rows.line(row) } : {}) })
    if (time < 0 && !(period >= 0 && (day >= 0 || sample >= 0)))
        say('missing-column', 'day', `the columns are ${rows.columns.join(', ') || 'none'}; "day" and "period", or "time", are missing`)
    if (courses.length === 0) say('missing-column', 'load', 'no column is a course: pv/NAME, wind/NAME, load, price or air')
    if (issues.length) return []
    const firstOf = (c: number, order: readonly number[], found: ReadonlyMap<number, number>): [string, number][] => {
        const cell = rows.cell(c, found.get(order[0]!)!)
        return cell === null || Number.isNaN(Number(cell)) ? [] : [[rows.columns[c]!, Number(cell)]]
    }
    const numbers = sample >= 0 ? Array.from({ length: rows.rowCount }, (_, row) => Number(rows.cell(sample, row))) : []
    const half = numbers.reduce((most, n) => Math.max(most, n), 0) / 2
    const firstMs = Date.UTC(numberedYear, 0, (rows.dayOfYear ?? 1 + Math.ceil(half)) - Math.floor(half))
    const days = new Map<string, Map<number, number>>()
    for (let row = 0; row < rows.rowCount; row++) {
        const place =
            time >= 0
                ? placeOfTime(rows.cell(time, row))
                : placeOfPeriod(rows.cell(day >= 0 ? day : sample, row), rows.cell(period, row), day >= 0 ? undefined : firstMs)
        if (!place) {
            say('invalid-value', time >= 0 ? 'time' : 'day', `row ${row + 1} has no day and period that can be read`, row)
            if (issues.length >= 20) return []
            continue
        }
        if (!days.has(place.day)) days.set(place.day, new Map())
        const known = days.get(place.day)!
        if (known.has(place.at)) say('duplicate-id', `days/${place.day}`, `${place.day} has two rows for ${place.at}`, row)
        known.set(place.at, row)
    }
    return [...days]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([date, found]) => {
            // minutes after midnight, or numbers of periods
            const order = [...found.keys()].sort((a, b) => a - b)
            const step = time >= 0 ? Math.min(...order.slice(1).map((m, k) => m - order[k]!), 1440) : 1440 / (order.at(-1)! + 1)
            const periods = Math.round(1440 / step)
            const values = (c: number) => {
                const series: (number | null)[] = new Array(periods).fill(null)
                for (const [key, row] of found) {
                    const cell = rows.cell(c, row)
                    const value = cell === null ? null : Number(cell)
                    if (value !== null && Number.isNaN(value))
                        say('invalid-value', rows.columns[c]!, `${rows.columns[c]} is "${cell}", not a number`, row)
                    else series[time >= 0 ? Math.round(key / step) : key] = value
                }
                return series
            }
            return {
                day: date,
                dtH: step / 60,
                courses: Object.fromEntries(courses.map((c) => [rows.columns[c]!, values(c)])),
                ...(figures.length ? { figures: Object.fromEntries(figures.flatMap((c) => firstOf(c, order, found))) } : {}),
            }
        })
}

function placeOfTime(cell: Cell): { day: string; at: number } | undefined {
    const found = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})/.exec(String(cell ?? ''))
    return found ? { day: found[1]!, at: 60 * Number(found[2]) + Number(found[3]) } : undefined
}

/** `firstMs` is the date of day 0 where days have numbers. */
function placeOfPeriod(day: Cell, period: Cell, firstMs: number | undefined): { day: string; at: number } | undefined {
    const at = Number(period)
    if (day === null || period === null || !Number.isInteger(at) || at < 0 || at > 1439) return undefined
    if (firstMs === undefined) return /^\d{4}-\d{2}-\d{2}$/.test(String(day)) ? { day: String(day), at } : undefined
    const number = Number(day)
    return Number.isInteger(number) ? { day: new Date(firstMs + 86_400_000 * number).toISOString().slice(0, 10), at } : undefined
}
