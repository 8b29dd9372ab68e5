import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { backtestForecast } from './backtest.ts'
import type { SeriesDay } from './forecast.ts'

const folder = resolve(import.meta.dirname, '../../../../shared/cases/rts-gmlc/timeseries')

/** The sum of the columns of an hourly year of RTS-GMLC. */
function readYear(file: string): SeriesDay[] {
    const days = new Map<string, Float64Array>()
    for (const line of readFileSync(resolve(folder, file), 'utf8').trim().split('\n').slice(1)) {
        const [year, month, date, period, ...columns] = line.split(',').map(Number) as [number, number, number, number, ...number[]]
        const day = `${year}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`
        if (!days.has(day)) days.set(day, new Float64Array(24).fill(Number.NaN))
        days.get(day)![period - 1] = columns.reduce((sum, v) => sum + v, 0)
    }
    return [...days].map(([day, values]) => ({ day, values }))
}

test.runIf(existsSync(folder))('LE3 a year of RTS-GMLC: load, wind and sun beat the day before on eight weeks not seen', () => {
    for (const [file, until, leastSkill] of [
        ['Load/DAY_AHEAD_regional_Load.csv', 366, 0.2],
        ['WIND/DAY_AHEAD_wind.csv', 366, 0.1],
        ['PV/DAY_AHEAD_pv.csv', 280, 0],
    ] as const) {
        const { skill, coverage90 } = backtestForecast(readYear(file).slice(until - 180, until), {
            heldOut: 56,
            refitDays: 28,
            floor: 0,
        })!.scores
        expect([file, skill > leastSkill]).toEqual([file, true])
        expect([file, Math.abs(coverage90 - 0.9) < 0.08]).toEqual([file, true])
    }
})
