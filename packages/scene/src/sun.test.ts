import { expect, test } from 'vitest'
import { clearSkyWm2, sunDirection, sunPosition } from './sun.ts'

test('the worked example of the NREL solar position algorithm', () => {
    // Reda and Andreas, NREL/TP-560-34302, table A5.1: 17 October 2003, 12:30:30 at UTC−7, zenith 50.11162°, azimuth 194.34024°
    const sun = sunPosition(Date.UTC(2003, 9, 17, 19, 30, 30), 39.742476, -105.1786)
    expect(90 - sun.elevationDeg).toBeCloseTo(50.11162, 1)
    expect(Math.abs(90 - sun.elevationDeg - 50.11162)).toBeLessThan(0.01)
    expect(Math.abs(sun.azimuthDeg - 194.34024)).toBeLessThan(0.01)
})

test('declination at the solstices and equinoxes of 2024 as in the almanac', () => {
    expect(sunPosition(Date.UTC(2024, 5, 20, 20, 51), 0, 0).declinationDeg).toBeCloseTo(23.44, 1)
    expect(sunPosition(Date.UTC(2024, 11, 21, 9, 21), 0, 0).declinationDeg).toBeCloseTo(-23.44, 1)
    expect(Math.abs(sunPosition(Date.UTC(2024, 2, 20, 3, 6), 0, 0).declinationDeg)).toBeLessThan(0.02)
    expect(Math.abs(sunPosition(Date.UTC(2024, 8, 22, 12, 44), 0, 0).declinationDeg)).toBeLessThan(0.02)
})

test('the equation of time swings between −14.2 min in February and +16.45 min in November, within 0.1 min', () => {
    expect(Math.abs(sunPosition(Date.UTC(2024, 1, 11, 12), 0, 0).equationOfTimeMin + 14.2)).toBeLessThan(0.1)
    expect(Math.abs(sunPosition(Date.UTC(2024, 10, 3, 12), 0, 0).equationOfTimeMin - 16.45)).toBeLessThan(0.1)
})

test('at noon the sun stands south of Europe and north of Australia', () => {
    expect(sunPosition(Date.UTC(2024, 5, 1, 12), 48, 0).azimuthDeg).toBeCloseTo(180, -1)
    const south = sunPosition(Date.UTC(2024, 5, 1, 12), -33, 0).azimuthDeg
    expect(Math.min(south, 360 - south)).toBeLessThan(5)
    const [x, y, z] = sunDirection({ elevationDeg: 30, azimuthDeg: 90, declinationDeg: 0, equationOfTimeMin: 0 })
    expect([x, y, z].map((v) => Math.round(v * 1000) / 1000 + 0)).toEqual([0.866, 0.5, 0])
})

test('the clear sky gives nothing at night and about 1,040 W/m² from the zenith', () => {
    expect(clearSkyWm2(-5)).toBe(0)
    expect(clearSkyWm2(90)).toBeCloseTo(1098 * Math.exp(-0.057), 6)
})
