/** How forecasts held: errors, pinball losses, CRPS, and how often the interval held what came. */
import type { Fan } from './forecast.ts'

export interface ForecastScores {
    readonly days: number
    /** mean absolute error of the median, root of mean squared error of the mean, and the mean less observed; in the unit of the values */
    readonly mae: number
    readonly rmse: number
    readonly bias: number
    /** mean over periods and levels */
    readonly pinball: number
    /** continuous ranked probability score, mean over periods */
    readonly crps: number
    /** share of values from the lowest to the highest level; 0.9 for 5 … 95 % is right */
    readonly coverage90: number
    readonly persistenceMae: number
    readonly persistenceRmse: number
    /** 1 − mae/persistenceMae; above 0 is better than the value of the day before */
    readonly skill: number
}

/** Loss of quantile q at level p when y comes. */
export const pinballLoss = (q: number, p: number, y: number): number => (y >= q ? p * (y - q) : (1 - p) * (q - y))

/** 2·∫ pinball dp over the levels by trapezoids, 0 at both ends (T. Gneiting, R. Ranjan 2011, eq. 5); levels evenly spaced. */
export function crpsOf(levels: readonly number[], quantiles: readonly number[], y: number): number {
    const step = levels.length > 1 ? levels[1]! - levels[0]! : 1
    return 2 * step * levels.reduce((sum, p, l) => sum + pinballLoss(quantiles[l]!, p, y), 0)
}

/** Sums over periods; kept by day, so that two models can be compared day by day. */
export interface DayScore {
    readonly day: string
    readonly periods: number
    readonly absolute: number
    readonly square: number
    readonly error: number
    readonly pinball: number
    readonly crps: number
    readonly within: number
    readonly persistenceAbsolute: number
    readonly persistenceSquare: number
}

/** Periods that were not measured, have no day before, or are night (all zero) do not count. */
export function scoreDay(fan: Fan, observed: Float64Array, dayBefore: ArrayLike<number>): DayScore {
    const score = {
        periods: 0,
        absolute: 0,
        square: 0,
        error: 0,
        pinball: 0,
        crps: 0,
        within: 0,
        persistenceAbsolute: 0,
        persistenceSquare: 0,
    }
    const middle = fan.levels.findIndex((p) => p >= 0.5)
    observed.forEach((y, t) => {
        const before = dayBefore[t] ?? Number.NaN
        const quantiles = fan.quantiles.map((row) => row[t]!)
        const [low, high] = [quantiles[0]!, quantiles.at(-1)!]
        if (Number.isNaN(y) || Number.isNaN(before) || (low === 0 && high === 0 && y === 0)) return
        const error = fan.mean[t]! - y
        score.periods++
        score.absolute += Math.abs(quantiles[middle]! - y)
        score.square += error * error
        score.error += error
        score.pinball += fan.levels.reduce((sum, p, l) => sum + pinballLoss(quantiles[l]!, p, y), 0) / fan.levels.length
        score.crps += crpsOf(fan.levels, quantiles, y)
        score.within += y >= low && y <= high ? 1 : 0
        score.persistenceAbsolute += Math.abs(before - y)
        score.persistenceSquare += (before - y) ** 2
    })
    return { day: fan.day, ...score }
}

export function sumScores(days: readonly DayScore[]): ForecastScores {
    const total = (of: (day: DayScore) => number) => days.reduce((sum, day) => sum + of(day), 0)
    const n = Math.max(
        1,
        total((d) => d.periods),
    )
    const persistenceMae = total((d) => d.persistenceAbsolute) / n
    const mae = total((d) => d.absolute) / n
    return {
        days: days.length,
        mae,
        rmse: Math.sqrt(total((d) => d.square) / n),
        bias: total((d) => d.error) / n,
        pinball: total((d) => d.pinball) / n,
        crps: total((d) => d.crps) / n,
        coverage90: total((d) => d.within) / n,
        persistenceMae,
        persistenceRmse: Math.sqrt(total((d) => d.persistenceSquare) / n),
        skill: persistenceMae > 0 ? 1 - mae / persistenceMae : 0,
    }
}
