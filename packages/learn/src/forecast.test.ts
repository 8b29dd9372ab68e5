import { createRandom, normalCdf, normalQuantile } from '@gridverse/math'
import { expect, test } from 'vitest'
import { backtestForecast, learningCurve } from './backtest.ts'
import { defaultLevels, forecastDay } from './forecast.ts'
import { fitRidge, predictRidge } from './ridge.ts'
import { crpsOf, pinballLoss } from './scores.ts'
import { loadDays, sunDays, windDays } from './series.fixture.ts'
import { trainForecast } from './train-forecast.ts'
import { updateFan } from './update-fan.ts'

test('LE1 the residual of a row left out is that of a regression without it', () => {
    const random = createRandom(4)
    const x = Array.from({ length: 30 }, () => [random.normal(), random.normal()])
    const y = x.map(([a, b]) => 3 + 2 * a! - b! + 0.3 * random.normal())
    const { leftOut, lambda, ...fit } = fitRidge(x, y)
    expect(predictRidge(fit, [1, 1])).toBeCloseTo(4, 0)
    // normal equations of the other rows, in the same columns of mean 0 and variance 1, with their own mean
    const z = x.map((row) => row.map((v, j) => (v - fit.centre[j]!) / fit.scale[j]!))
    for (const out of [0, 7, 29]) {
        const rows = z.flatMap((row, i) => (i === out ? [] : [{ row: [1, ...row], y: y[i]! }]))
        const a = [0, 1, 2].map((j) =>
            [0, 1, 2].map((k) => rows.reduce((s, r) => s + r.row[j]! * r.row[k]!, j === k && j > 0 ? lambda * x.length : 0)),
        )
        const b = [0, 1, 2].map((j) => rows.reduce((s, r) => s + r.row[j]! * r.y, 0))
        const beta = cramer(a, b)
        expect(leftOut[out]).toBeCloseTo(y[out]! - beta[0]! - beta[1]! * z[out]![0]! - beta[2]! * z[out]![1]!, 9)
    }
})

function cramer(a: number[][], b: number[]): number[] {
    const det = (m: number[][]) =>
        m[0]![0]! * (m[1]![1]! * m[2]![2]! - m[1]![2]! * m[2]![1]!) -
        m[0]![1]! * (m[1]![0]! * m[2]![2]! - m[1]![2]! * m[2]![0]!) +
        m[0]![2]! * (m[1]![0]! * m[2]![1]! - m[1]![1]! * m[2]![0]!)
    return b.map((_, j) => det(a.map((row, i) => row.map((v, k) => (k === j ? b[i]! : v)))) / det(a))
}

test('LE2 the CRPS of a normal forecast is the one in closed form', () => {
    const quantiles = defaultLevels.map((p) => 10 + 2 * normalQuantile(p))
    for (const y of [6, 9.5, 10, 13]) {
        const z = (y - 10) / 2
        const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
        const exact = 2 * (z * (2 * normalCdf(z) - 1) + 2 * density - 1 / Math.sqrt(Math.PI))
        // nineteen levels tell the integral to 2 %, where tails are cut off
        expect(Math.abs(crpsOf(defaultLevels, quantiles, y) / exact - 1)).toBeLessThan(0.02)
    }
    expect([pinballLoss(10, 0.9, 12), pinballLoss(10, 0.9, 8)]).toEqual([expect.closeTo(1.8, 12), expect.closeTo(0.2, 12)])
})

test('LE3 load, wind and sun: better than the day before, and intervals that hold what they say', () => {
    for (const [name, days, leastSkill, options] of [
        ['load', loadDays(1, 110), 0.3, { floor: 0 }],
        ['wind', windDays(2, 110), 0.1, { floor: 0, ceiling: 100 }],
        ['sun', sunDays(3, 110), 0.1, { floor: 0, ceiling: 50 }],
    ] as const) {
        const found = backtestForecast(days, { heldOut: 45, refitDays: 23, ...options })!
        const before = backtestForecast(days, { heldOut: 45, refitDays: 23, ...options, method: 'persistence' })!
        expect([name, found.scores.skill > leastSkill]).toEqual([name, true])
        expect(found.scores.crps).toBeLessThan(before.scores.crps)
        expect(found.scores.coverage90).toBeGreaterThan(0.83)
        expect(found.scores.coverage90).toBeLessThan(0.96)
        // but for the limits, the persistence model is yesterday
        expect(Math.abs(before.scores.mae / before.scores.persistenceMae - 1)).toBeLessThan(5e-3)
        expect(found.scores.rmse).toBeGreaterThanOrEqual(found.scores.mae)
    }
})

test('LE4 a forecast sees only days before it, keeps its limits, and its quantiles are in order', () => {
    const days = windDays(7, 60)
    const model = trainForecast(days.slice(0, 40), { floor: 0, ceiling: 100 })!
    const seen = forecastDay(model, days.slice(0, 45), days[45]!)
    expect(forecastDay(model, days, days[45]!)).toEqual(seen)
    for (let t = 0; t < 24; t++)
        seen.quantiles.forEach((row, l) => {
            expect(row[t]! >= 0 && row[t]! <= 100 && (l === 0 || row[t]! >= seen.quantiles[l - 1]![t]!)).toBe(true)
        })
    const night = forecastDay(trainForecast(sunDays(3, 40))!, sunDays(3, 40), sunDays(3, 41)[40]!)
    expect(night.quantiles.every((row) => row[0] === 0 && row[23] === 0)).toBe(true)
    expect(night.mean[12]!).toBeGreaterThan(5)
    expect(trainForecast(days.slice(0, 14))).toBeUndefined()
    expect(JSON.parse(JSON.stringify(model))).toEqual(model)
})

test('LE4 what is missing is done without', () => {
    const days = loadDays(5, 60).map((day, d) => ({ ...day, values: day.values.map((v, t) => ((d * 24 + t) % 17 === 0 ? Number.NaN : v)) }))
    const holed = days.filter((_, d) => d % 9 !== 4)
    const model = trainForecast(holed)!
    const fan = forecastDay(model, holed, { day: '2026-03-02' })
    expect(fan.mean.every((v) => v > 20 && v < 100)).toBe(true)
    // without any day before, the mean of those learnt from
    const alone = forecastDay(model, [], { day: '2026-08-03' })
    expect(alone.mean.every((v) => v > 20 && v < 100)).toBe(true)
})

test('LE9 with part of the day measured the next hours are known better, and the interval still holds what it says', () => {
    const days = loadDays(11, 150)
    const model = trainForecast(days.slice(0, 90), { floor: 0 })!
    // the deviation of these days keeps 0.95 of itself from hour to hour
    expect(Math.abs(model.memory - 0.95)).toBeLessThan(0.06)
    const scores = [12, 13, 14].map((next) => {
        let [before, after, within] = [0, 0, 0]
        for (let d = 90; d < 150; d++) {
            const fan = forecastDay(model, days.slice(0, d), days[d]!)
            const now = updateFan(fan, days[d]!.values.subarray(0, 12), model.memory)
            const y = days[d]!.values[next]!
            const at = (of: typeof fan) => of.quantiles.map((row) => row[next]!)
            before += crpsOf(fan.levels, at(fan), y)
            after += crpsOf(fan.levels, at(now), y)
            within += y >= at(now)[0]! && y <= at(now).at(-1)! ? 1 / 60 : 0
            expect([now.mean[5], now.quantiles[0]![5]]).toEqual([days[d]!.values[5], days[d]!.values[5]])
        }
        return { ratio: after / before, within }
    })
    expect(scores[0]!.ratio).toBeLessThan(0.6)
    // the further ahead, the less the morning tells
    expect(scores[1]!.ratio).toBeGreaterThan(scores[0]!.ratio)
    expect(scores[2]!.ratio).toBeLessThan(0.9)
    for (const { within } of scores) expect(Math.abs(within - 0.9)).toBeLessThan(0.1)
    const fan = forecastDay(model, days, { day: '2026-05-31' })
    expect(updateFan(fan, [], 0.9)).toBe(fan)
})

test('LE5 more days learnt from, less loss', () => {
    const { points, baseline } = learningCurve(loadDays(9, 200), [15, 30, 60, 120], 60)
    expect(points.map((p) => p.days)).toEqual([15, 30, 60, 120])
    expect(points[3]!.loss).toBeLessThan(points[0]!.loss)
    expect(points[3]!.loss).toBeLessThan(0.7 * baseline)
})
