/** What the charts of a day share: the clock along x, round ranges along y. */
import type { DayReport } from '../report.ts'
import type { Shell } from './shell.ts'

/** A day by periods: of a plan, of a forecast, of what was metered. */
export type DayGrid = Pick<DayReport, 'periods' | 'dtH'>

/** Time of day at the begin of a period; the end of the day is 24:00. */
export function clockOf({ dtH }: DayGrid, period: number): string {
    const minutes = Math.round(period * dtH * 60)
    return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/**
 * The x axis of a day: six to twelve ticks at round hours or minutes. A whole day is told by the clock, a shorter stretch from
 * its begin, unless `startMs` says when that was.
 */
export function dayAxis(day: DayGrid, { t, time }: Pick<Shell, 't' | 'time'>, startMs?: number) {
    const lengthH = day.periods * day.dtH
    const stepH = [1 / 60, 1 / 30, 1 / 12, 1 / 6, 0.25, 0.5, 1, 2, 4].find((h) => lengthH / h <= 8) ?? 4
    const every = Math.max(1, Math.round(stepH / day.dtH))
    return {
        xRange: [0, day.periods] as const,
        xTicks: Array.from({ length: Math.floor(day.periods / every) + 1 }, (_, k) => k * every),
        xText: (period: number) =>
            startMs === undefined ? clockOf(day, period) : time(startMs + period * day.dtH * 3_600_000).slice(0, 5),
        xLabel: t(startMs !== undefined || Math.abs(lengthH - 24) < 1e-6 ? 'vpp.hour' : 'vpp.sinceBegin'),
    }
}

/** The range of values with 0 in it and some air at the ends that are not 0. */
export function rangeWithZero(values: Iterable<number>): [number, number] {
    let [low, high] = [0, 0]
    for (const v of values) {
        low = Math.min(low, v)
        high = Math.max(high, v)
    }
    const air = 0.06 * (high - low || 1)
    return [low < 0 ? low - air : 0, high > 0 ? high + air : 0]
}

/** The range of values with air on both sides, for points on a plane. */
export function rangeAround(values: readonly number[]): [number, number] {
    const [low, high] = [Math.min(...values), Math.max(...values)]
    // points that differ by rounding alone are one point
    const size = Math.max(Math.abs(low), Math.abs(high))
    const span = high - low > 1e-6 * size ? high - low : 0.01 * size || 1
    return [low - 0.15 * span, high + 0.15 * span]
}

/** Digits that tell the ticks of a range apart. */
export const digitsOf = ([low, high]: readonly [number, number]): number =>
    Math.min(5, Math.max(0, Math.ceil(-Math.log10((high - low) / 8 || 1) - 0.2)))

/** A course that holds each value for its period, as the path of a step line. */
export const steps = (values: readonly number[], x: (period: number) => number, y: (value: number) => number) =>
    values.map((v, p) => `${p === 0 ? `M${x(0)},` : 'V'}${y(v)}H${x(p + 1)}`).join('')

/** Periods as rows of a table, one column for each course. */
export const courseTable =
    (day: DayGrid, hour: string, columns: readonly (readonly [name: string, values: readonly (number | null)[]])[]) => () => ({
        header: [hour, ...columns.map(([name]) => name)],
        rows: Array.from({ length: day.periods }, (_, p) => [clockOf(day, p), ...columns.map(([, values]) => values[p] ?? null)]),
    })

/** A number of any size in one significant digit and a power of ten: `2·10⁻¹³`; 0 as it is. */
export function scientific(value: number): string {
    if (value === 0 || !Number.isFinite(value)) return String(value)
    const [digits, power] = value.toExponential(0).split('e') as [string, string]
    const raised = String(Number(power))
        .replaceAll('-', '⁻')
        .replaceAll(/\d/g, (d) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(d)]!)
    return digits === '1' ? `10${raised}` : `${digits}·10${raised}`
}
