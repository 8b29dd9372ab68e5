import { expect, test } from 'vitest'
import { readWeather, weatherOver } from './weather-forecast.ts'

const csv = `issued,valid,airC,ghiWm2,windMps
2026-06-01T00:00:00Z,2026-06-01T10:00:00+02:00,18,400,5
2026-06-01T00:00:00Z,2026-06-01T09:00:00Z,20,500,7
`
const at = (hour: number) => Date.UTC(2026, 5, 1) + 3_600_000 * hour

test('FL17 a forecast is read from CSV or JSON alike, and is straight between its hours', () => {
    const { forecast, issues } = readWeather(csv)
    expect(issues).toEqual([])
    const json = readWeather(
        JSON.stringify({
            issued: '2026-06-01T00:00:00Z',
            hours: [
                { valid: '2026-06-01T08:00:00Z', airC: 18, ghiWm2: 400, windMps: 5 },
                { valid: '2026-06-01T09:00:00Z', airC: 20, ghiWm2: 500, windMps: 7 },
            ],
        }),
    )
    expect(json).toEqual({ forecast, issues: [] })
    expect(weatherOver(forecast!, [at(6), at(7.5), at(8.25), at(9), at(11)])).toEqual([
        undefined,
        { airC: 18, ghiWm2: 400, windMps: 5 },
        { airC: 18.5, ghiWm2: 425, windMps: 5.5 },
        { airC: 20, ghiWm2: 500, windMps: 7 },
        undefined,
    ])
})

test('FL17 everything wrong with a forecast is told at once, with its line', () => {
    const { forecast, issues } = readWeather(`${csv}2026-06-01T00:00:00Z,2026-06-01T09:00:00Z,291,500,7
2026-06-01T06:00:00Z,noon,20,-3,
2026-06-01T00:00:00Z,2026-06-01T19:00:00Z,20,0,3
`)
    expect(forecast).toBeUndefined()
    expect(issues.map(({ line, path }) => `${line} ${path}`)).toEqual(['4 airC', '5 valid', '5 ghiWm2', '5 windMps', '2 issued', '4 valid'])
    expect(readWeather('valid,airC\n').issues[0]!.message).toContain('issued, ghiWm2, windMps')
    expect(readWeather('{"hours": 3}').issues[0]!.path).toBe('hours')
    expect(readWeather('issued,valid,airC,ghiWm2,windMps\n').issues[0]!.code).toBe('empty-file')
})
