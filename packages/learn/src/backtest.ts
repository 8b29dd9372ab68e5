/** Back-tests: every held-out day is forecast by a model that has seen only days before it. */
import { type ForecastModel, forecastDay, type SeriesDay, softened } from './forecast.ts'
import { type DayScore, type ForecastScores, scoreDay, sumScores } from './scores.ts'
import { leastTrainingDays, type TrainOptions, trainForecast } from './train-forecast.ts'

export interface BacktestOptions extends TrainOptions {
    /** the last so many days are held out */
    readonly heldOut: number
    /** trained anew every so many days; 7 where absent */
    readonly refitDays?: number
    /** learns from the last so many days only; all where absent */
    readonly windowDays?: number
}

export interface Backtest {
    readonly scores: ForecastScores
    /** by held-out day */
    readonly days: readonly DayScore[]
}

const inOrder = (days: readonly SeriesDay[]) => [...days].sort((a, b) => (a.day < b.day ? -1 : 1))

/** Rolling origin over the last days; undefined where too few come before them. */
export function backtestForecast(days: readonly SeriesDay[], options: BacktestOptions): Backtest | undefined {
    const { heldOut, refitDays = 7, windowDays = Infinity, ...training } = options
    const sorted = inOrder(days)
    const first = sorted.length - heldOut
    if (first < leastTrainingDays + 1 || heldOut < 1) return undefined
    const scores: DayScore[] = []
    let model: ForecastModel | undefined
    for (let d = first; d < sorted.length; d++) {
        if ((d - first) % refitDays === 0) model = trainForecast(sorted.slice(Math.max(0, d - windowDays), d), training) ?? model
        if (!model) return undefined
        scores.push(scoreOne(model, sorted, d))
    }
    return { scores: sumScores(scores), days: scores }
}

/** A trained model against the last days, which it must not have seen. */
export function scoreForecast(model: ForecastModel, days: readonly SeriesDay[], heldOut: number): Backtest {
    const sorted = inOrder(days)
    const scores: DayScore[] = []
    for (let d = Math.max(1, sorted.length - heldOut); d < sorted.length; d++) scores.push(scoreOne(model, sorted, d))
    return { scores: sumScores(scores), days: scores }
}

function scoreOne(model: ForecastModel, sorted: readonly SeriesDay[], d: number): DayScore {
    const target = sorted[d]!
    const before = sorted[d - 1]!
    // the fairer persistence: yesterday's share of what is possible, today
    const base = target.reference && before.reference ? [softened(target.reference), softened(before.reference)] : undefined
    const persistence = base ? before.values.map((v, t) => (base[1]![t]! > 0 ? (v * base[0]![t]!) / base[1]![t]! : 0)) : before.values
    return scoreDay(forecastDay(model, sorted.slice(Math.max(0, d - 9), d), target), target.values, persistence)
}

/** Loss against the number of days learnt from, on the same held-out days: what more days are worth. */
export function learningCurve(days: readonly SeriesDay[], sizes: readonly number[], heldOut: number, training: TrainOptions = {}) {
    const sorted = inOrder(days)
    const before = sorted.slice(0, Math.max(0, sorted.length - heldOut))
    const score = (size: number, method: 'ridge' | 'persistence') => {
        const model = trainForecast(before.slice(-size), { ...training, method })
        return model && scoreForecast(model, sorted, heldOut).scores.crps
    }
    const points = sizes
        .filter((size) => size <= before.length)
        .flatMap((size) => {
            const loss = score(size, 'ridge')
            return loss === undefined ? [] : [{ days: size, loss }]
        })
    return { points, baseline: score(before.length, 'persistence') ?? Number.NaN }
}
