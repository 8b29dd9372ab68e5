/**
 * A day's forecast with intervals, from the days before: for every period a regression on what was then, blended with the
 * value of the day before, and about it the quantiles of the errors. Where a reference is given (the clear sky's power),
 * shares of it are forecast.
 */
import { predictRidge } from './ridge.ts'

/** One day of a series; NaN where nothing was measured. */
export interface SeriesDay {
    /** local calendar date, `2026-06-01` */
    readonly day: string
    readonly values: Float64Array
    /** what is possible at most or usual, in the unit of the values, > 0; 0 where the value is 0 by nature */
    readonly reference?: Float64Array
}

export interface ForecastModel {
    readonly version: 1
    readonly method: 'ridge' | 'persistence'
    readonly features: readonly string[]
    /** ascending */
    readonly levels: readonly number[]
    readonly floor: number | null
    readonly ceiling: number | null
    readonly normalised: boolean
    readonly trainedOn: { readonly from: string; readonly to: string; readonly days: number }
    /** weight of the regression, 0 … 1; the rest is the value of the day before */
    readonly weight: number
    /** how much wider intervals are than the errors of leaving days out */
    readonly stretch: number
    /** correlation of an error with that of the next period, 0 … 0.99 */
    readonly memory: number
    readonly periods: readonly PeriodModel[]
}

export interface PeriodModel {
    readonly mean: number
    readonly beta: readonly number[]
    readonly centre: readonly number[]
    readonly scale: readonly number[]
    /** added to the value of the day before */
    readonly change: boolean
    /** quantiles of the error, by level */
    readonly error: readonly number[]
    readonly rows: number
}

export interface Fan {
    readonly day: string
    readonly levels: readonly number[]
    /** by level, then period */
    readonly quantiles: readonly (readonly number[])[]
    readonly mean: readonly number[]
}

/** 5 % … 95 % */
export const defaultLevels: readonly number[] = Array.from({ length: 19 }, (_, k) => Math.round(5 * (k + 1)) / 100)

export const weekly: readonly string[] = [
    'day before',
    'week before',
    'mean of 7 days',
    'level of the day before',
    'end of the day before',
    'weekend',
    'weekend before',
    'change a week before',
]
export const yearly: readonly string[] = [...weekly, 'season sine', 'season cosine']

export const numberOf = (day: string) => Math.floor(Date.parse(`${day}T00:00:00Z`) / 86_400_000)
const weekendOf = (number: number) => ((number % 7) + 7) % 7 === 2 || ((number % 7) + 7) % 7 === 3

/** Days by their number, as shares of their reference where they have one. */
export interface Past {
    readonly share: ReadonlyMap<number, Float64Array>
    /** mean of a day, and of the last three values known of it */
    readonly level: ReadonlyMap<number, readonly [whole: number, end: number]>
}

export function sharesOf(days: readonly SeriesDay[]): Past {
    const share = new Map(days.map((day) => [numberOf(day.day), shareOf(day)]))
    const level = new Map<number, readonly [number, number]>()
    for (const [number, values] of share) level.set(number, [mean(values), mean(values.filter((v) => !Number.isNaN(v)).subarray(-3))])
    return { share, level }
}
function shareOf({ values, reference }: SeriesDay): Float64Array {
    if (!reference) return values
    const base = softened(reference)
    return values.map((v, t) => (reference[t]! > 0 ? v / base[t]! : Number.NaN))
}

/** At dawn and dusk a share of next to nothing says nothing: no less than a tenth of the day's most. */
export function softened(reference: Float64Array): Float64Array {
    const least = 0.1 * reference.reduce((most, r) => Math.max(most, r), 0)
    return reference.map((r) => (r > 0 ? Math.max(r, least) : 0))
}

const mean = (values: ArrayLike<number>): number => {
    let [sum, n] = [0, 0]
    for (let t = 0; t < values.length; t++)
        if (!Number.isNaN(values[t]!)) {
            sum += values[t]!
            n++
        }
    return n > 0 ? sum / n : Number.NaN
}

/** What is known of period t of a day when the day before has ended. */
export function featuresOf({ share, level }: Past, number: number, t: number, seasonal: boolean): number[] {
    const value = (days: number) => share.get(number - days)?.[t] ?? Number.NaN
    let [sum, n] = [0, 0]
    for (let k = 1; k <= 7; k++) {
        const v = value(k)
        if (!Number.isNaN(v)) {
            sum += v
            n++
        }
    }
    const [whole, end] = level.get(number - 1) ?? [Number.NaN, Number.NaN]
    const angle = (2 * Math.PI * number) / 365.25
    return [
        value(1),
        value(7),
        n > 0 ? sum / n : Number.NaN,
        whole,
        end,
        weekendOf(number) ? 1 : 0,
        weekendOf(number - 1) ? 1 : 0,
        value(7) - value(8),
        ...(seasonal ? [Math.sin(angle), Math.cos(angle)] : []),
    ]
}

/** The fan of a day from the days before it; later ones are not looked at. */
export function forecastDay(
    model: ForecastModel,
    past: readonly SeriesDay[],
    target: { readonly day: string; readonly reference?: Float64Array },
): Fan {
    const number = numberOf(target.day)
    const known = sharesOf(past.filter((day) => numberOf(day.day) < number && numberOf(day.day) >= number - 9))
    const seasonal = model.features.includes('season sine')
    const { reference } = target
    const base = reference && softened(reference)
    const within = (v: number) => Math.min(model.ceiling ?? Infinity, Math.max(model.floor ?? -Infinity, v))
    const centre = model.periods.map((period, t) => {
        if (base && base[t] === 0) return 0
        const features = featuresOf(known, number, t, seasonal).slice(0, period.beta.length)
        const before = latest(known, number, t)
        if (model.weight === 0) return before
        return model.weight * (predictRidge(period, features) + (period.change ? before : 0)) + (1 - model.weight) * before
    })
    const scale = (t: number) => (base ? base[t]! : 1)
    return {
        day: target.day,
        levels: model.levels,
        mean: centre.map((share, t) => (base && base[t] === 0 ? 0 : within(share * scale(t)))),
        quantiles: model.levels.map((_, l) =>
            centre.map((share, t) => (base && base[t] === 0 ? 0 : within((share + model.periods[t]!.error[l]!) * scale(t)))),
        ),
    }
}

/** The last value known at a period within a week; 0 where there is none. */
export function latest({ share }: Past, number: number, t: number): number {
    for (let k = 1; k <= 8; k++) {
        const v = share.get(number - k)?.[t]
        if (v !== undefined && !Number.isNaN(v)) return v
    }
    return 0
}
