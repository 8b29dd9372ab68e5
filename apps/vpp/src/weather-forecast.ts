/**
 * A weather forecast as a file: hours with air temperature, irradiance of level ground and wind 10 m above ground, CSV with
 * the header `issued,valid,airC,ghiWm2,windMps` or JSON `{"issued": …, "hours": [{"valid": …, "airC": …, …}]}`. Instants are
 * ISO 8601 with their offset. Everything wrong is told at once, with its line.
 */
import { parseJson } from '@gridverse/grid'
import type { Issue } from '@gridverse/units'

export interface WeatherHour {
    /** instant it is valid at, Unix ms UTC */
    readonly validMs: number
    /** °C */
    readonly airC: number
    /** global horizontal irradiance, W/m² */
    readonly ghiWm2: number
    /** 10 m above ground, m/s */
    readonly windMps: number
}
export interface WeatherForecast {
    /** Unix ms UTC */
    readonly issuedMs: number
    /** ascending */
    readonly hours: readonly WeatherHour[]
}

const limits = { airC: [-60, 60, '°C'], ghiWm2: [0, 1500, 'W/m²'], windMps: [0, 75, 'm/s'] } as const
type Quantity = keyof typeof limits
const quantities = Object.keys(limits) as Quantity[]
const header = ['issued', 'valid', ...quantities]
const longestStepMs = 6 * 3_600_000

interface Row {
    readonly line: number
    readonly cells: Readonly<Record<string, unknown>>
}

/** The forecast where no issue was found. */
export function readWeather(text: string): { readonly forecast?: WeatherForecast; readonly issues: readonly Issue[] } {
    const first = text.match(/^\uFEFF?\s*(.)/)?.[1]
    const { rows, issues } = first === '{' ? rowsOfJson(text) : rowsOfCsv(text)
    const found: Issue[] = [...issues]
    const complain = (code: string, line: number, path: string, message: string) => void found.push({ code, path, line, message })
    const instant = (row: Row, name: string) => {
        const cell = row.cells[name]
        const ms = typeof cell === 'string' && /T.*(Z|[+-]\d\d:?\d\d)$/.test(cell.trim()) ? Date.parse(cell.trim()) : Number.NaN
        if (Number.isNaN(ms))
            complain('invalid-value', row.line, name, `"${String(cell ?? '')}" is no instant; write it like 2026-06-01T12:00:00+02:00`)
        return ms
    }
    const issued = new Set<number>()
    const hours = rows.map((row): WeatherHour => {
        issued.add(instant(row, 'issued'))
        const value = (name: Quantity) => {
            const cell = row.cells[name]
            const number = typeof cell === 'number' ? cell : typeof cell === 'string' && cell.trim() !== '' ? Number(cell) : Number.NaN
            const [low, high, unit] = limits[name]
            if (!(number >= low && number <= high))
                complain(
                    'out-of-range',
                    row.line,
                    name,
                    `${String(cell ?? 'nothing')} is not within ${low} … ${high} ${unit}; is the unit right?`,
                )
            return number
        }
        return { validMs: instant(row, 'valid'), airC: value('airC'), ghiWm2: value('ghiWm2'), windMps: value('windMps') }
    })
    if (rows.length === 0 && found.length === 0) complain('empty-file', 1, 'hours', 'there are no hours in it')
    if (issued.size > 1) complain('invalid-value', rows[0]!.line, 'issued', `${issued.size} times of issue; a file holds one forecast`)
    hours.forEach(({ validMs }, k) => {
        const step = k > 0 ? validMs - hours[k - 1]!.validMs : 1
        if (step <= 0) complain('invalid-value', rows[k]!.line, 'valid', 'is not after the hour before it')
        if (step > longestStepMs)
            complain('invalid-value', rows[k]!.line, 'valid', `is ${step / 3_600_000} h after the hour before it, 6 h at most`)
    })
    return found.length > 0 ? { issues: found } : { forecast: { issuedMs: [...issued][0]!, hours }, issues: [] }
}

function rowsOfJson(text: string): { rows: Row[]; issues: readonly Issue[] } {
    const json = parseJson(text)
    const { issued, hours } = (json.value ?? {}) as { issued?: unknown; hours?: unknown }
    if (json.value === undefined || json.issues.length > 0) return { rows: [], issues: json.issues }
    if (!Array.isArray(hours))
        return { rows: [], issues: [{ code: 'wrong-type', path: 'hours', line: 1, message: 'expected {"issued": …, "hours": [{…}]}' }] }
    return { rows: hours.map((hour, k) => ({ line: json.lineOf(`hours/${k}`) ?? 1, cells: { issued, ...(hour as object) } })), issues: [] }
}

function rowsOfCsv(text: string): { rows: Row[]; issues: readonly Issue[] } {
    const lines = text
        .replace(/^\uFEFF/, '')
        .split(/\r?\n/)
        .map((line, k) => ({ line: k + 1, cells: line.split(',').map((cell) => cell.trim()) }))
        .filter(({ cells }) => cells.some((cell) => cell !== ''))
    const names = lines[0]?.cells ?? []
    const missing = header.filter((name) => !names.includes(name))
    if (missing.length > 0)
        return {
            rows: [],
            issues: [
                {
                    code: 'unknown-column',
                    path: 'header',
                    line: 1,
                    message: `lacks ${missing.join(', ')}; the header is ${header.join(',')}`,
                },
            ],
        }
    const rows = lines.slice(1).map(({ line, cells }) => ({ line, cells: Object.fromEntries(names.map((name, k) => [name, cells[k]])) }))
    return { rows, issues: [] }
}

/** Straight between the hours; undefined at instants the forecast does not reach (an hour beyond its ends counts). */
export function weatherOver({ hours }: WeatherForecast, timesMs: readonly number[]): (Omit<WeatherHour, 'validMs'> | undefined)[] {
    const hourMs = 3_600_000
    return timesMs.map((tMs) => {
        const after = hours.findIndex(({ validMs }) => validMs >= tMs)
        const [a, b] = after < 0 ? [hours.at(-1)!, hours.at(-1)!] : [hours[Math.max(0, after - 1)]!, hours[after]!]
        if (tMs < a.validMs - hourMs || tMs > b.validMs + hourMs) return undefined
        const share = b.validMs > a.validMs ? Math.min(1, Math.max(0, (tMs - a.validMs) / (b.validMs - a.validMs))) : 0
        const mix = (name: Quantity) => a[name] + share * (b[name] - a[name])
        return { airC: mix('airC'), ghiWm2: mix('ghiWm2'), windMps: mix('windMps') }
    })
}
