/**
 * How a forecast is learnt: for every period a ridge regression of the value, or of its change since the day before,
 * whichever errs less when days are left out. The last four weeks are held back once, to find how much of the value of the
 * day before to blend in, and how wide intervals must be to hold as often as said when days are not like those before.
 */
import {
    defaultLevels,
    type ForecastModel,
    featuresOf,
    forecastDay,
    latest,
    type PeriodModel,
    type SeriesDay,
    sharesOf,
    weekly,
    yearly,
} from './forecast.ts'
import { fitRidge } from './ridge.ts'

export interface TrainOptions {
    /** no forecast is below or above; none where absent */
    readonly floor?: number
    readonly ceiling?: number
    /** what every other model has to beat: the value of the day before, with the errors that had */
    readonly method?: 'ridge' | 'persistence'
}

/** fewer days say nothing about a week */
export const leastTrainingDays = 14
/** days between the first and the last from which on seasons are told apart */
const seasonDays = 150
/** days held back, where there are twice as many */
const heldBackDays = 28
const weights = [1, 0.75, 0.5, 0.25, 0]

/** Learns from days in any order; undefined where fewer than 14 have a day before them. */
export function trainForecast(days: readonly SeriesDay[], options: TrainOptions = {}): ForecastModel | undefined {
    const sorted = [...days].sort((a, b) => (a.day < b.day ? -1 : 1))
    const assemble = learn(sorted, options)
    if (!assemble) return undefined
    const first = options.method === 'persistence' ? 0 : 1
    const earlier = sorted.length >= 2 * heldBackDays ? learn(sorted.slice(0, -heldBackDays), options) : undefined
    if (!earlier) return assemble(first, 1)
    const weight = first === 0 ? 0 : weightOf(earlier(1, 1), earlier(0, 1), sorted)
    return assemble(weight, stretchOf(earlier(weight, 1), sorted))
}

/** Calls `of` with every value held back, what was forecast for it and where its interval ends. */
function eachHeldBack(
    model: ForecastModel,
    sorted: readonly SeriesDay[],
    of: (y: number, centre: number, low: number, high: number) => void,
) {
    const free = { ...model, floor: null, ceiling: null }
    for (let d = sorted.length - heldBackDays; d < sorted.length; d++) {
        const target = sorted[d]!
        const { mean, quantiles } = forecastDay(free, sorted.slice(Math.max(0, d - 9), d), target)
        target.values.forEach((y, t) => {
            if (!Number.isNaN(y)) of(y, mean[t]!, quantiles[0]![t]!, quantiles.at(-1)![t]!)
        })
    }
}

/** How much the regression is to weigh against the day before: a little must be gained by leaving it. */
function weightOf(regression: ForecastModel, dayBefore: ForecastModel, sorted: readonly SeriesDay[]): number {
    const [y, one, other]: [number[], number[], number[]] = [[], [], []]
    eachHeldBack(regression, sorted, (value, centre) => {
        y.push(value)
        one.push(centre)
    })
    eachHeldBack(dayBefore, sorted, (_, centre) => void other.push(centre))
    let best = { weight: 1, loss: Infinity }
    for (const weight of weights) {
        const loss = y.reduce((sum, v, i) => sum + Math.abs(v - weight * one[i]! - (1 - weight) * other[i]!), 0)
        if (loss < 0.99 * best.loss) best = { weight, loss }
    }
    return best.weight
}

/** The errors as multiples of the interval's own half: their 90 % quantile, 1 … 3, so that intervals are never narrowed. */
function stretchOf(model: ForecastModel, sorted: readonly SeriesDay[]): number {
    const ratios: number[] = []
    eachHeldBack(model, sorted, (y, centre, low, high) => {
        const half = y >= centre ? high - centre : centre - low
        if (half > 0) ratios.push(Math.abs(y - centre) / half)
    })
    ratios.sort((a, b) => a - b)
    return Math.min(3, Math.max(1, ratios[Math.floor(0.9 * ratios.length)] ?? 1))
}

/** A regression of a period with the errors of each day: its own when left out, and those of the day before. */
interface Piece {
    /** numbers of the days */
    readonly days: readonly number[]
    readonly fit: Omit<PeriodModel, 'error'>
    readonly regression: ArrayLike<number>
    readonly dayBefore: readonly number[]
}

/** The model as a function of how much the regression weighs and how far intervals are stretched. */
function learn(sorted: readonly SeriesDay[], { floor, ceiling, method = 'ridge' }: TrainOptions) {
    const past = sharesOf(sorted)
    const numbers = [...past.share.keys()]
    const usable = numbers.filter((n) => past.share.has(n - 1))
    if (usable.length < leastTrainingDays) return undefined
    const seasonal = method === 'ridge' && numbers.at(-1)! - numbers[0]! >= seasonDays
    const known = usable.flatMap((n) => Array.from(past.share.get(n)!)).filter((v) => !Number.isNaN(v))
    const overall = known.reduce((sum, v) => sum + v, 0) / Math.max(1, known.length)
    const learnt = Array.from(sorted[0]!.values, (_, t): Piece => {
        const rows = usable.filter((n) => !Number.isNaN(past.share.get(n)![t]!))
        const y = rows.map((n) => past.share.get(n)![t]!)
        const since = rows.map((n, i) => y[i]! - latest(past, n, t))
        const constant = { mean: 0, beta: [], centre: [], scale: [], rows: rows.length }
        if (method === 'persistence') return { days: rows, fit: { ...constant, change: true }, regression: since, dayBefore: since }
        // hardly ever light: the mean of all periods stands for it
        if (rows.length < leastTrainingDays)
            return {
                days: rows,
                fit: { ...constant, mean: overall, change: false },
                regression: y.map((v) => v - overall),
                dayBefore: since,
            }
        const x = rows.map((n) => featuresOf(past, n, t, seasonal))
        const level = fitRidge(x, y)
        const step = fitRidge(x, since)
        const change = squares(step.leftOut) < squares(level.leftOut)
        const { leftOut, lambda: _lambda, ...fit } = change ? step : level
        return { days: rows, fit: { ...fit, change, rows: rows.length }, regression: leftOut, dayBefore: since }
    })
    return (weight: number, stretch: number): ForecastModel => {
        const errors = learnt.map(({ regression, dayBefore }) => dayBefore.map((e, i) => weight * regression[i]! + (1 - weight) * e))
        return {
            version: 1,
            method,
            features: method === 'persistence' ? weekly.slice(0, 1) : seasonal ? yearly : weekly,
            levels: defaultLevels,
            floor: floor ?? null,
            ceiling: ceiling ?? null,
            normalised: sorted.some((day) => day.reference !== undefined),
            trainedOn: { from: sorted[0]!.day, to: sorted.at(-1)!.day, days: sorted.length },
            weight,
            stretch,
            memory: memoryOf(learnt, errors),
            periods: learnt.map(({ fit }, t) => {
                // neighbours err alike, and steady the tails while days are few
                const near = [...(errors[t - 1] ?? []), ...errors[t]!, ...(errors[t + 1] ?? [])].sort((a, b) => a - b)
                return { ...fit, error: defaultLevels.map((p) => stretch * quantileOf(near, p)) }
            }),
        }
    }
}

/** Correlation of the errors of a period with those of the next, days paired, over all periods; 0 … 0.99. */
function memoryOf(learnt: readonly Piece[], errors: readonly (readonly number[])[]): number {
    let [ab, aa, bb] = [0, 0, 0]
    for (let t = 0; t + 1 < learnt.length; t++) {
        const next = new Map(learnt[t + 1]!.days.map((day, i) => [day, errors[t + 1]![i]!]))
        learnt[t]!.days.forEach((day, i) => {
            const b = next.get(day)
            if (b === undefined) return
            const a = errors[t]![i]!
            ab += a * b
            aa += a * a
            bb += b * b
        })
    }
    return aa > 0 && bb > 0 ? Math.min(0.99, Math.max(0, ab / Math.sqrt(aa * bb))) : 0
}

const squares = (x: Float64Array) => x.reduce((sum, v) => sum + v * v, 0)

/** The value below which a share p of what comes next falls, were it drawn as the sorted ones: at p·(n + 1). */
function quantileOf(sorted: readonly number[], p: number): number {
    if (sorted.length === 0) return 0
    const at = Math.min(sorted.length - 1, Math.max(0, p * (sorted.length + 1) - 1))
    const low = Math.floor(at)
    const high = Math.min(sorted.length - 1, low + 1)
    return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!)
}
