import { createRandom } from '@gridverse/math'
import { columnOf, correlation, reportCoverage, rowOf } from '@gridverse/study'
import { expect, test } from 'vitest'
import { dayOf } from './day-of.ts'
import { sampleFeatures } from './features.ts'
import { randomDay } from './instance.fixture.ts'
import { parseVpp } from './read-instance.ts'
import { defaultClimate, reduceSamples, sampleVpp, withSamples } from './sample.ts'
import { dailyNames, defaultScenarioModel, hourlyNames, mendCorrelation, stationaryCorrelation } from './scenario-model.ts'
import { cellPower, clearSky, lightOfPower, shiftOfClearness, skies, skyAt } from './sky.ts'

const { vpp } = parseVpp(JSON.stringify(randomDay(4)))

test('the clear sky over 31.2° on day 250, as published for this formula', () => {
    const sky = clearSky(31.2, 250, 24, 1)
    expect(sky[6]).toBeCloseTo(121.40486736135735, 9)
    expect(sky[12]).toBeCloseTo(917.8679538920776, 9)
    expect(sky[12]).toBeCloseTo(sky[11]!, 9)
    expect(sky[0]).toBe(0)
})

test('VP63 days are drawn about the clearness a weather forecast expects: on average as bright as it says, and no less uncertain', () => {
    const expected = Array.from({ length: vpp.periods }, (_, t) => (t % 2 ? 0.35 : 0.9))
    const days = (clearness?: number[]) => sampleVpp(vpp, { ...defaultClimate, ...(clearness ? { clearness } : {}) }, 5, 600)
    const sky = clearSky(defaultClimate.latDeg, defaultClimate.dayOfYear, vpp.periods, vpp.dtH)
    const name = `pv/${vpp.pv[0]!.name}`
    const [capacity, told, usual] = [vpp.pv[0]!.capacity, days(expected), days()]
    for (let t = 0; t < vpp.periods; t++) {
        if (sky[t]! < 300) continue
        const shares = (samples: typeof told) =>
            Array.from({ length: 600 }, (_, s) => {
                const air = rowOf(columnOf(samples, 'air'), s)[t]!
                return lightOfPower(capacity, rowOf(columnOf(samples, name), s)[t]!, air) / sky[t]!
            })
        const mean = (of: number[]) => of.reduce((a, b) => a + b, 0) / of.length
        expect(mean(shares(told))).toBeCloseTo(expected[t]!, 1.2)
        expect(Math.abs(mean(shares(usual)) - expected[t]!)).toBeGreaterThan(0.05)
    }
    expect(shiftOfClearness(-3)).toBeLessThan(-3)
    expect(shiftOfClearness(9)).toBeGreaterThan(3)
})

test('kinds of days come in their shares', () => {
    const random = createRandom(1)
    const drawn = Array.from({ length: 10_000 }, () => skyAt(random.uniform()).name)
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
    // a day's own share √(w·w)·ρ and the hours' share √((1 − w)·(1 − w))·ρ add up
    const { load: l, air: a, price: p } = defaultScenarioModel.courses
    const expected = (x: typeof l, y: typeof l, daily: number, hourly: number) =>
        Math.sqrt(x.dailyShare * y.dailyShare) * daily + Math.sqrt((1 - x.dailyShare) * (1 - y.dailyShare)) * hourly
    const log = (v: Float64Array) => v.map(Math.log)
    expect(correlation(log(loads), at(columnOf(samples, 'air'), 5))).toBeCloseTo(expected(l, a, 0.4, 0.4), 1)
    const memory = [l, p].map((x) => x.memory ** 2)
    const rho = stationaryCorrelation(
        [
            [1, 0.35],
            [0.35, 1],
        ],
        memory,
    )[0]![1]!
    expect(correlation(log(loads), log(at(columnOf(samples, 'price'), 5)))).toBeCloseTo(expected(l, p, 0.4, rho), 1)
    expect(correlation(at(wind, 4), at(wind, 5))).toBeGreaterThan(0.3)
})

test('VP12 what is switched off is as forecast, and changes nothing else', () => {
    const whole = sampleVpp(vpp, defaultClimate, 4, 6)
    const report = sampleVpp(vpp, { ...defaultClimate, weather: false, uncertain: { price: false, ev: false } }, 4, 6)
    for (let s = 0; s < 6; s++) {
        const row = (name: string) => rowOf(columnOf(report, name), s)
        expect(row('price')).toEqual(vpp.grid.buyPrice)
        expect(Array.from(row('wind/turbines'))).toEqual(
            Array.from(vpp.scenarios[0]!.wind[0]!, (_, t) =>
                expect.closeTo(
                    vpp.scenarios.reduce((sum, x) => sum + x.probability * x.wind[0]![t]!, 0),
                    9,
                ),
            ),
        )
        for (const { name, arrive, eArrive, eDepart } of vpp.evs) {
            expect(row(`ev/${name}/arrive`)[0]).toBe(arrive * vpp.dtH)
            expect(row(`ev/${name}/energy`)[0]).toBe(eDepart - eArrive)
        }
    }
    expect(columnOf(report, 'load').value).toEqual(columnOf(whole, 'load').value)
    expect(columnOf(report, 'price').value).not.toEqual(columnOf(whole, 'price').value)
    const cloudless = sampleVpp(vpp, { ...defaultClimate, uncertain: { pv: false } }, 4, 3)
    expect(rowOf(columnOf(cloudless, 'pv/field'), 0)).toEqual(rowOf(columnOf(cloudless, 'pv/field'), 2))
})

test('VP12 rows drawn in parts are the rows drawn at once', () => {
    const whole = sampleVpp(vpp, defaultClimate, 9, 9)
    const parts = [sampleVpp(vpp, defaultClimate, 9, 4), sampleVpp(vpp, defaultClimate, 9, 5, { first: 4 })]
    for (const [c, column] of whole.columns.entries())
        expect([...parts[0]!.columns[c]!.value, ...parts[1]!.columns[c]!.value]).toEqual(Array.from(column.value))
})

test('VP12 a day drawn has its own price, air and vehicles, and stays a day that can be', () => {
    const samples = sampleVpp(vpp, defaultClimate, 11, 40)
    for (let s = 0; s < 40; s++) {
        const day = dayOf(vpp, defaultClimate, samples, s)
        const { buyPrice, sellPrice, shortPrice, surplusPrice } = day.grid
        expect(buyPrice).toEqual(rowOf(columnOf(samples, 'price'), s))
        for (let t = 0; t < vpp.periods; t++) {
            expect(sellPrice[t]! / buyPrice[t]!).toBeCloseTo(vpp.grid.sellPrice[t]! / vpp.grid.buyPrice[t]!, 9)
            expect(shortPrice[t]! - buyPrice[t]!).toBeCloseTo(vpp.grid.shortPrice[t]! - vpp.grid.buyPrice[t]!, 9)
            expect(surplusPrice[t]!).toBeLessThanOrEqual(sellPrice[t]!)
        }
        for (const fleet of day.evs) {
            expect(fleet.arrive < fleet.depart && fleet.eArrive >= fleet.eMin - 1e-9 && fleet.eDepart <= fleet.eMax + 1e-9).toBe(true)
            expect(fleet.eDepart - fleet.eArrive).toBeLessThanOrEqual(
                fleet.etaCh * fleet.pCh * (fleet.depart - fleet.arrive) * vpp.dtH + 1e-9,
            )
        }
        const shift = day.airConditioners[0]!.tOut[3]! - vpp.airConditioners[0]!.tOut[3]!
        expect(rowOf(columnOf(samples, 'air'), s)[3]! - shift).toBeCloseTo(25 + 5 * Math.sin((2 * Math.PI * (7 - 9)) / 24), 9)
    }
})

test('VP12 no air conditioner is asked for what it cannot do in the air of the day', () => {
    const samples = sampleVpp(vpp, { ...defaultClimate, airDeviationC: 15 }, 11, 30)
    for (let s = 0; s < 30; s++) {
        const [ac] = dayOf(vpp, defaultClimate, samples, s).airConditioners
        const a = Math.exp(-vpp.dtH / (ac!.r * ac!.c))
        let [idle, full] = [ac!.t0, ac!.t0]
        for (let t = 0; t < vpp.periods; t++) {
            const sign = ac!.mode === 'cool' ? -1 : 1
            idle = a * idle + (1 - a) * (ac!.tOut[t]! + ac!.r * ac!.gain[t]!)
            full = a * full + (1 - a) * (ac!.tOut[t]! + ac!.r * (ac!.gain[t]! + sign * ac!.cop * ac!.pMax))
            expect(Math.max(idle, full)).toBeGreaterThanOrEqual(ac!.tMin - 1e-9)
            expect(Math.min(idle, full)).toBeLessThanOrEqual(ac!.tMax + 1e-9)
        }
    }
})

test('VP12 days drawn are covered as they should: tails, correlations as stated, no hole beyond chance', () => {
    const samples = sampleVpp(vpp, defaultClimate, 5, 600)
    const features = sampleFeatures(samples, vpp.dtH)
    expect(features.map((f) => f.name)).toEqual([
        'energy of pv',
        'energy of wind',
        'energy of load',
        'peak of load less sun and wind',
        'mean price',
        'mean air',
        'energy vehicles want',
    ])
    const report = reportCoverage(features)
    // bright days are warm, warm ones draw more
    expect(report.correlation[0]![5]!).toBeGreaterThan(0.2)
    expect(report.correlation[2]![5]!).toBeGreaterThan(0.25)
    expect(report.correlation[1]![4]!).toBeLessThan(-0.1)
    expect(report.holeRatio).toBeLessThan(1.4)
    expect(report.features[0]!.inTails).toEqual([6, 6])
})

test('light is found from power, and correlations that contradict each other are refused', () => {
    for (const light of [1, 200, 700, 1050]) expect(lightOfPower(500, cellPower(500, light, 31), 31)).toBeCloseTo(light, 6)
    expect(defaultScenarioModel.hourly).toHaveLength(hourlyNames.length)
    expect(defaultScenarioModel.daily).toHaveLength(dailyNames.length)
    const torn = defaultScenarioModel.hourly.map((row, i) => row.map((_, j) => (i === j ? 1 : i + j === 2 ? 0.9 : -0.9)))
    expect(() => sampleVpp(vpp, { ...defaultClimate, model: { ...defaultScenarioModel, hourly: torn } }, 1, 1)).toThrow('contradict')
    const mended = mendCorrelation(torn)
    expect(() => sampleVpp(vpp, { ...defaultClimate, model: { ...defaultScenarioModel, hourly: mended } }, 1, 1)).not.toThrow()
    expect(mended[0]![1]!).toBeLessThan(0)
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
