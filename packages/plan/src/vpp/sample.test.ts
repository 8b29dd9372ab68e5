import { createMulberry32 } from '@gridverse/math'
import { columnOf, correlation, rowOf } from '@gridverse/study'
import { expect, test } from 'vitest'
import { randomDay } from './instance.fixture.ts'
import { parseVpp } from './read-instance.ts'
import { defaultClimate, reduceSamples, sampleVpp, withSamples } from './sample.ts'
import { clearSky, drawSky, skies } from './sky.ts'

const { vpp } = parseVpp(JSON.stringify(randomDay(4)))

test('the clear sky over 31.2° on day 250, as published for this formula', () => {
    const sky = clearSky(31.2, 250, 24, 1)
    expect(sky[6]).toBeCloseTo(121.40486736135735, 9)
    expect(sky[12]).toBeCloseTo(917.8679538920776, 9)
    expect(sky[12]).toBeCloseTo(sky[11]!, 9)
    expect(sky[0]).toBe(0)
})

test('kinds of days come in their shares', () => {
    const random = createMulberry32(1)
    const drawn = Array.from({ length: 10_000 }, () => drawSky(random).name)
    for (const { name, share } of skies) expect(drawn.filter((d) => d === name).length / 10_000).toBeCloseTo(share, 1)
})

test('VP12 a longer table begins with the shorter one; another seed gives other days', () => {
    const short = sampleVpp(vpp, defaultClimate, 9, 5)
    const long = sampleVpp(vpp, defaultClimate, 9, 20)
    for (const column of short.columns) expect(column.value).toEqual(columnOf(long, column.name).value.subarray(0, column.value.length))
    expect(sampleVpp(vpp, defaultClimate, 10, 5).columns[0]!.value).not.toEqual(short.columns[0]!.value)
})

test('VP12 days keep within what can be, about the forecast, and correlated as said', () => {
    const samples = sampleVpp(vpp, defaultClimate, 2, 1500)
    const pv = columnOf(samples, 'pv/field')
    const wind = columnOf(samples, 'wind/turbines')
    const load = columnOf(samples, 'load')
    expect(pv.value.every((p) => p >= 0 && p <= 900)).toBe(true)
    expect(wind.value.every((p) => p > 0 && p < 300)).toBe(true)
    const at = (column: typeof pv, t: number) => Float64Array.from({ length: samples.count }, (_, s) => rowOf(column, s)[t]!)
    const loads = at(load, 5)
    const mean = loads.reduce((a, b) => a + b, 0) / samples.count
    expect(mean / vpp.load[5]!).toBeCloseTo(1, 2)
    expect(Math.sqrt(loads.reduce((sum, x) => sum + (x - mean) ** 2, 0) / samples.count) / mean).toBeCloseTo(0.03, 2)
    expect(correlation(loads, at(columnOf(samples, 'air'), 5))).toBeCloseTo(0.4, 1)
    expect(correlation(at(wind, 4), at(wind, 5))).toBeGreaterThan(0.3)
})

test('VP12 the days kept stand for all: the mean is kept nearly, tails and correlations are told', () => {
    const samples = sampleVpp(vpp, defaultClimate, 3, 200)
    const reduced = reduceSamples(vpp, samples, 20)
    const { scenarios, forecast } = withSamples(vpp, samples, reduced)
    expect(scenarios.reduce((sum, s) => sum + s.probability, 0)).toBeCloseTo(1, 12)
    const energy = (series: Float64Array) => series.reduce((a, b) => a + b, 0)
    const kept = scenarios.reduce((sum, s) => sum + s.probability * energy(s.pv[0]!), 0)
    expect(kept / energy(forecast!.pv[0]!)).toBeCloseTo(1, 1)
    expect(reduced.distance).toBeLessThan(reduceSamples(vpp, samples, 5).distance)
    for (const share of reduced.coverage.span) expect(share).toBeGreaterThan(0.4)
    expect(reduced.coverage.correlationError).toBeLessThan(0.5)
})
