import { columnOf, correlation, rowOf, type Samples } from '@gridverse/study'
import { expect, test } from 'vitest'
import { bootstrapDays } from './bootstrap.ts'
import { calibrateScenarios } from './calibrate.ts'
import { measuredDays, smallPlant } from './days.fixture.ts'
import { fitCourse } from './fit-course.ts'
import { dayOfYearOf, isWeekend, readHistory, siteOf } from './history.ts'
import { defaultClimate } from './sample.ts'
import { defaultScenarioModel, type ScenarioModel } from './scenario-model.ts'

const truth: ScenarioModel = {
    ...defaultScenarioModel,
    skies: [
        { name: 'clear', share: 0.3, mean: 2.6, deviation: 0.35 },
        { name: 'partly', share: 0.4, mean: 0.8, deviation: 0.9 },
        { name: 'overcast', share: 0.3, mean: -1.4, deviation: 0.6 },
    ],
    clearnessMemory: 0.6,
    courses: {
        wind: { deviation: 0.9, memory: 0.85, dailyShare: 0.4 },
        load: { deviation: 0.06, memory: 0.7, dailyShare: 0.5 },
        price: { deviation: 0.2, memory: 0.8, dailyShare: 0.3 },
        air: { deviation: 2.5, memory: 0.8, dailyShare: 0.6 },
    },
}
const climate = { ...defaultClimate, model: truth }
const days = measuredDays(smallPlant, climate, 5, 300)
const site = siteOf(days, climate, smallPlant)

test('VP14 what made the days is found again in them', () => {
    const { model, left, fitted } = calibrateScenarios(readHistory(days, site), 1)
    expect(left.map((l) => l.what)).toEqual(['ev'])
    expect(fitted).toHaveLength(5)
    // three standard errors of 300 days, or so
    model.skies.forEach((sky, r) => {
        expect(Math.abs(sky.share - truth.skies[r]!.share)).toBeLessThan(0.09)
        expect(Math.abs(sky.mean - truth.skies[r]!.mean)).toBeLessThan(0.15)
        expect(Math.abs(sky.deviation / truth.skies[r]!.deviation - 1)).toBeLessThan(0.12)
    })
    expect(Math.abs(model.clearnessMemory - 0.6)).toBeLessThan(0.05)
    for (const [name, course] of Object.entries(truth.courses)) {
        const found = model.courses[name as 'wind']
        expect([name, Math.abs(found.deviation / course.deviation - 1) < 0.1]).toEqual([name, true])
        expect([name, Math.abs(found.memory - course.memory) < 0.05]).toEqual([name, true])
        expect([name, Math.abs(found.dailyShare - course.dailyShare) < 0.13]).toEqual([name, true])
    }
    for (let i = 0; i < 5; i++)
        for (let j = 0; j < 5; j++) {
            expect(Math.abs(model.hourly[i]![j]! - truth.hourly[i]![j]!)).toBeLessThan(0.1)
            expect(Math.abs(model.daily[i]![j]! - truth.daily[i]![j]!)).toBeLessThan(0.3)
        }
})

test('VP14 the likelihood of a course is that of its covariance, written out', () => {
    const row = Float64Array.of(0.4, -0.2, Number.NaN, 0.7)
    const other = Float64Array.of(-0.3, 0.1, 0.2, 0.6)
    const fit = fitCourse([row, other], 1)!
    const dense = (sigma: number, phi: number, w: number) => {
        let sum = 0
        for (const r of [row, other]) {
            const at = [0, 1, 2, 3].filter((t) => !Number.isNaN(r[t]!))
            const cov = at.map((i) => at.map((j) => sigma ** 2 * (w + (1 - w) * phi ** Math.abs(i - j))))
            sum += gaussian(
                cov,
                at.map((t) => r[t]!),
            )
        }
        return sum
    }
    expect(fit.logLikelihood).toBeCloseTo(dense(fit.deviation, fit.memory, fit.dailyShare), 9)
    for (const [ds, dp, dw] of [
        [0.01, 0, 0],
        [-0.01, 0, 0],
        [0, 0.01, 0],
        [0, 0, 0.02],
    ] as const)
        expect(dense(fit.deviation + ds, fit.memory + dp, fit.dailyShare + dw)).toBeLessThan(fit.logLikelihood + 1e-4)
})

/** ln of the normal density, by elimination. */
function gaussian(cov: number[][], x: number[]): number {
    const a = cov.map((row, i) => [...row, x[i]!])
    let [log, square] = [0, 0]
    for (let k = 0; k < x.length; k++) {
        for (let i = k + 1; i < x.length; i++) {
            const m = a[i]![k]! / a[k]![k]!
            for (let j = k; j <= x.length; j++) a[i]![j] = a[i]![j]! - m * a[k]![j]!
        }
        log += Math.log(a[k]![k]!)
        square += a[k]![x.length]! ** 2 / a[k]![k]!
    }
    return -0.5 * (x.length * Math.log(2 * Math.PI) + log + square)
}

test('VP14 few days change nothing and say why; missing hours are left out; a site shows its own size', () => {
    const few = calibrateScenarios(readHistory(days.slice(0, 9), site), 1)
    expect(few.model).toEqual(defaultScenarioModel)
    expect(few.left.map((l) => l.what)).toEqual(['clearness', 'wind', 'load', 'price', 'air', 'ev'])
    const holed = days.slice(0, 60).map((day, d) => ({
        ...day,
        courses: { ...day.courses, load: day.courses.load!.map((p, t) => ((t + d) % 5 === 0 ? null : p)) },
    }))
    const found = calibrateScenarios(readHistory(holed, site), 1).model.courses.load
    expect(found.deviation / 0.06).toBeGreaterThan(0.8)
    expect(found.deviation / 0.06).toBeLessThan(1.25)
    const own = siteOf(days, climate)
    expect(own.pvCapacity / 1200).toBeGreaterThan(0.93)
    expect(own.pvCapacity / 1200).toBeLessThan(1.05)
    expect(own.windCapacity / 800).toBeGreaterThan(0.85)
    expect([dayOfYearOf('2026-01-01'), dayOfYearOf('2024-12-31'), isWeekend('2026-11-22'), isWeekend('2026-11-23')]).toEqual([
        1,
        366,
        true,
        false,
    ])
})

test('VP14 days of another place, or of one sky alone, give no nonsense', () => {
    const elsewhere = siteOf(days, { ...climate, noonH: 16 }, smallPlant)
    const { model, left } = calibrateScenarios(readHistory(days.slice(0, 60), elsewhere), 1)
    expect(left.find((l) => l.what === 'clearness')!.reason).toMatch(/more sun than the clear sky gives; are latitude/)
    expect(model.skies).toEqual(defaultScenarioModel.skies)
    const same = readHistory(days.slice(0, 40), site).map((day) => ({
        ...day,
        clearnessLogit: day.clearnessLogit.map((y) => (Number.isNaN(y) ? y : 4.595)),
    }))
    for (const sky of calibrateScenarios(same, 1).model.skies)
        expect([sky.share, sky.mean, sky.deviation].every((x) => Number.isFinite(x))).toBe(true)
})

test('VP15 days drawn from history keep what belongs together, follow the season, and repeat by seed', () => {
    const history = readHistory(days, site)
    const june = { ...climate, dayOfYear: 170 }
    const drawn = bootstrapDays(smallPlant, june, history, 3, 400)
    const energy = (samples: Samples, name: string) =>
        Float64Array.from({ length: samples.count }, (_, s) => rowOf(columnOf(samples, name), s).reduce((a, b) => a + b, 0))
    // the air's deviation and the load's, day by day: as in the days measured, all of one season's length
    const together = correlation(energy(drawn, 'load'), energy(drawn, 'air'))
    expect(together).toBeGreaterThan(0.2)
    expect(together).toBeLessThan(0.6)
    const mean = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / x.length
    expect(mean(energy(drawn, 'load')) / smallPlant.load.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 1)
    const december = bootstrapDays(smallPlant, { ...climate, dayOfYear: 350 }, history, 3, 400)
    expect(mean(energy(december, 'pv/roofs')) / mean(energy(drawn, 'pv/roofs'))).toBeLessThan(0.8)
    expect(columnOf(drawn, 'pv/roofs').value.every((p) => p >= 0 && p <= 1200)).toBe(true)
    const later = bootstrapDays(smallPlant, june, history, 3, 5, { first: 7 })
    for (const column of later.columns)
        expect(column.value).toEqual(columnOf(drawn, column.name).value.subarray(7 * column.width, 12 * column.width))
    // blocks of six hours come from four days, so days follow each other less
    const blocks = bootstrapDays(smallPlant, june, history, 3, 400, { blockH: 6 })
    const wind = columnOf(blocks, 'wind/hill')
    const at = (from: typeof wind, t: number) => Float64Array.from({ length: 400 }, (_, s) => rowOf(from, s)[t]!)
    expect(Math.abs(correlation(at(wind, 5), at(wind, 6)))).toBeLessThan(0.2)
    expect(correlation(at(columnOf(drawn, 'wind/hill'), 5), at(columnOf(drawn, 'wind/hill'), 6))).toBeGreaterThan(0.6)
    expect(() => bootstrapDays(smallPlant, june, [], 3, 1)).toThrow('0 periods')
})

test('VP14 a price that is the same every day is learnt as certain, and says nothing of the rest', () => {
    const settled = days.slice(0, 60).map((day) => ({
        ...day,
        courses: { ...day.courses, price: (day.courses.price ?? []).map((_, t) => (t < 8 ? 0.1 : 0.25)) },
    }))
    const { model } = calibrateScenarios(readHistory(settled, siteOf(settled, climate, smallPlant)), 1)
    const usual = calibrateScenarios(readHistory(days.slice(0, 60), site), 1).model
    expect(model.courses.price.deviation).toBeLessThan(1e-3)
    for (const of of [model.courses.price.memory, model.courses.price.dailyShare, ...model.hourly.flat(), ...model.daily.flat()])
        expect(Number.isFinite(of)).toBe(true)
    expect(model.courses.wind.deviation).toBeCloseTo(usual.courses.wind.deviation, 6)
})
