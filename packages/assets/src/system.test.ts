import { expect, test } from 'vitest'
import { advanceFrequency } from './frequency.ts'
import { loadFactor, loadProfiles, toProfileTime } from './load-profile.ts'
import { primaryResponse } from './machine.ts'

test('frequency falls at first by surplus over inertia, then settles at droop plus damping', () => {
    const model = { nominalHz: 60, energyMws: 12_000, damping: 1.5, governorLagS: 8 }
    const machine = { pMinMw: 0, pMaxMw: 3000, rampMwPerMin: 1, droop: 0.05 }
    const wish = (deviationHz: number) => primaryResponse(machine, deviationHz, 60, 2000)
    let state = { deviationHz: 0, primaryMw: 0 }
    const first = advanceFrequency(model, state, -150, 2000, () => 0, 0.05)
    expect(first.deviationHz / 0.05).toBeCloseTo((-150 * 60) / (2 * 12_000), 6)
    for (let s = 0; s < 300; s++) state = advanceFrequency(model, state, -150, 2000, wish, 1)
    // balance: 150 = (|Δf| − 0.036)/60/0.05·3000 + 1.5·2000·|Δf|/60
    const expected = -(150 + 0.036 * 1000) / (1000 + 50)
    expect(state.deviationHz).toBeCloseTo(expected, 3)
    expect(state.primaryMw).toBeCloseTo(150 + 50 * expected, 1)
    const balanced = advanceFrequency(model, { deviationHz: 0, primaryMw: 0 }, 0, 2000, wish, 10)
    expect(balanced).toEqual({ deviationHz: 0, primaryMw: 0 })
})

test('the mixed profile is the product of the tables of the test system', () => {
    // week 51, Tuesday, between 17 and 19 h is the annual peak
    expect(loadFactor('mixed', { week: 50, day: 1, hour: 17.5 })).toBeCloseTo(1, 12)
    expect(loadFactor('mixed', { week: 50, day: 1, hour: 18 })).toBeCloseTo(1, 12)
    // week 38 (69.5 %), Sunday (75 %), 4–5 h of spring and fall weekends (65 %)
    expect(loadFactor('mixed', { week: 37, day: 6, hour: 4.5 })).toBeCloseTo(0.695 * 0.75 * 0.65, 12)
    expect(loadFactor('unknown', { week: 0, day: 0, hour: 0 })).toBe(1)
})

test('every profile stays within 0 … 1 and runs on without a jump from hour to hour', () => {
    for (const profile of loadProfiles)
        for (let week = 0; week < 52; week += 11)
            for (let h = 0; h < 24 * 7; h += 0.25) {
                const at = (hours: number) => loadFactor(profile, { week, day: Math.floor(hours / 24) % 7, hour: hours % 24 })
                expect(at(h)).toBeGreaterThan(0.2)
                expect(at(h)).toBeLessThanOrEqual(1)
                if (h % 24 && h % 24 < 23.5) expect(Math.abs(at(h + 0.01) - at(h))).toBeLessThan(0.01)
            }
})

test('instants fall on the right week, weekday and hour', () => {
    expect(toProfileTime(Date.UTC(2026, 10, 22, 13, 30), 0)).toEqual({ week: 46, day: 6, hour: 13.5 })
    expect(toProfileTime(Date.UTC(2024, 0, 1, 0, 30), -2)).toEqual({ week: 51, day: 6, hour: 22.5 })
    for (let t = Date.UTC(2023, 0, 1); t < Date.UTC(2029, 0, 1); t += 86_400_000) {
        const date = new Date(t)
        const dayOfYear = (t - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000
        expect(toProfileTime(t, 0).week).toBe(Math.min(51, Math.floor(dayOfYear / 7)))
        expect(toProfileTime(t, 0).day).toBe((date.getUTCDay() + 6) % 7)
    }
})
