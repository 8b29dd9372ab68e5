import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { pvAvailable } from './pv.ts'
import { clearSkyIrradiance, cloudTransmission, solarPosition } from './solar.ts'
import { calmWeather, stepOrnsteinUhlenbeck, stepSiteWeather, stepWeather, weatherAt } from './weather.ts'
import { hubWind, windShare } from './wind-turbine.ts'

test('the sun stands where the almanac says', () => {
    // Example of NREL's SPA report (Reda, Andreas 2004), 17 October 2003 19:30:30 UTC, 39.742476° N 105.1786° W: zenith 50.11°, azimuth 194.34°
    const golden = solarPosition(Date.UTC(2003, 9, 17, 19, 30, 30), 39.742476, -105.1786)
    expect(90 - golden.elevationDeg).toBeCloseTo(50.11, 1)
    expect(golden.azimuthDeg).toBeCloseTo(194.34, 1)
    // overhead at the tropic at noon of the June solstice
    expect(solarPosition(Date.UTC(2025, 5, 21, 12, 2), 23.44, 0).elevationDeg).toBeGreaterThan(89.3)
    // below the horizon at midnight, due north of it
    const night = solarPosition(Date.UTC(2025, 2, 20, 0, 7), 45, 0)
    expect(night.elevationDeg).toBeCloseTo(-45, 0)
    expect(Math.min(night.azimuthDeg, 360 - night.azimuthDeg)).toBeLessThan(1)
})

test('a clear sky follows Haurwitz and clouds take their share', () => {
    expect(clearSkyIrradiance(90)).toBeCloseTo(1098 * Math.exp(-0.057), 9)
    expect(clearSkyIrradiance(30)).toBeCloseTo(549 * Math.exp(-0.114), 6)
    expect(clearSkyIrradiance(-1)).toBe(0)
    expect(cloudTransmission(0)).toBe(1)
    expect(cloudTransmission(1)).toBeCloseTo(0.25, 12)
})

test('a PV field loses power as its cells get hot and gives none at night', () => {
    const field = { ratedMw: 10, efficiency: 1 }
    // 1000 W/m² at 25 °C cell temperature is the rating: air at 25 − 31.25 °C
    expect(pvAvailable(field, 1000, -6.25)).toBeCloseTo(10, 9)
    expect(pvAvailable(field, 1000, 25)).toBeCloseTo(10 * (1 - 0.004 * 31.25), 9)
    expect(pvAvailable(field, 0, 10)).toBe(0)
})

test('a turbine starts at cut-in, holds its rating and stops in a storm', () => {
    expect(windShare(2.9)).toBe(0)
    expect(windShare(12)).toBe(1)
    expect(windShare(20)).toBe(1)
    expect(windShare(30)).toBe(0)
    expect(windShare(7.5)).toBeCloseTo((7.5 ** 3 - 27) / (1728 - 27), 12)
    for (let v = 3; v < 12; v += 0.5) expect(windShare(v + 0.5)).toBeGreaterThan(windShare(v))
    expect(hubWind(10, 10)).toBe(10)
    expect(hubWind(10, 90)).toBeCloseTo(13.69, 2)
})

test('the wind process keeps mean 0, variance 1 and its correlation, whatever the step', () => {
    for (const dtS of [1, 60]) {
        const random = createRandom(7)
        let x = 0
        let [sum, squares, product] = [0, 0, 0]
        const n = 60_000
        for (let k = 0; k < n; k++) {
            const next = stepOrnsteinUhlenbeck(x, dtS, dtS * 5, random)
            sum += next
            squares += next * next
            product += next * x
            x = next
        }
        expect(Math.abs(sum / n)).toBeLessThan(0.06)
        expect(squares / n).toBeCloseTo(1, 1)
        expect(product / squares).toBeCloseTo(Math.exp(-0.2), 1)
    }
})

test('a year of weather stays within nature and its mean wind is the climate’s', () => {
    const random = createRandom(3)
    let state = calmWeather
    let site = { gust: 0, cloud: 0 }
    let [wind, n] = [0, 0]
    for (let hour = 0; hour < 8760; hour += 2) {
        state = stepWeather(state, 7200, random)
        site = stepSiteWeather(site, 7200, random)
        const w = weatherAt(state, site, Date.UTC(2025, 0, 1, hour), 42, -36)
        wind += w.windMps
        n++
        expect(w.windMps).toBeGreaterThanOrEqual(0)
        expect(w.windMps).toBeLessThan(45)
        expect(w.windFromDeg).toBeGreaterThanOrEqual(0)
        expect(w.windFromDeg).toBeLessThan(360)
        expect(w.irradianceWm2).toBeGreaterThanOrEqual(0)
        expect(w.irradianceWm2).toBeLessThan(1100)
        expect(w.temperatureC).toBeGreaterThan(-15)
        expect(w.temperatureC).toBeLessThan(40)
    }
    expect(wind / n).toBeGreaterThan(5.3)
    expect(wind / n).toBeLessThan(7.7)
})
