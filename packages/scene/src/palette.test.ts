import { expect, test } from 'vitest'
import { alarmMarks, loadingColour, loadingLevel, mixColour, voltageColour, voltagePaletteNames } from './palette.ts'

test('loading is neutral to 72 %, amber at 80 %, red at 100 % and above', () => {
    expect(loadingLevel(0)).toBe(0)
    expect(loadingLevel(72)).toBe(0)
    expect(loadingLevel(80)).toBe(1)
    expect(loadingLevel(90)).toBeCloseTo(1.5, 12)
    expect(loadingLevel(100)).toBe(2)
    expect(loadingLevel(250)).toBe(2)
    expect(loadingLevel(Number.NaN)).toBe(0)
    const neutral = 0x2f7fb8
    expect(loadingColour(50, neutral, 'light')).toBe(neutral)
    expect(loadingColour(80, neutral, 'light')).toBe(0xd98a00)
    expect(loadingColour(100, neutral, 'light')).toBe(0xd3202a)
    expect(loadingColour(130, neutral, 'dark')).toBe(0xff5348)
})

test('loading never turns back on its way to red', () => {
    for (let p = 0; p < 140; p++) expect(loadingLevel(p + 1)).toBeGreaterThanOrEqual(loadingLevel(p))
})

test('each palette tells the voltage levels of its country apart', () => {
    const levels: Record<string, number[]> = {
        quiet: [0.4, 12.66, 138, 230, 400],
        china: [0.4, 6, 10, 35, 66, 110, 220, 330, 500, 750, 1000],
        france: [20, 63, 90, 150, 225, 400],
        'great-britain': [11, 33, 132, 275, 400],
    }
    expect(Object.keys(levels)).toEqual(voltagePaletteNames)
    for (const [name, kvs] of Object.entries(levels))
        for (const theme of ['light', 'dark'] as const)
            expect(new Set(kvs.map((kv) => voltageColour(kv, name, theme))).size).toBe(kvs.length)
})

test('published colours are kept: State Grid 220 kV violet and 500 kV red, RTE 400 kV red', () => {
    expect(voltageColour(220, 'china', 'light')).toBe(0x800080)
    expect(voltageColour(500, 'china', 'light')).toBe(0xff0000)
    expect(voltageColour(400, 'france', 'light')).toBe(0xd8232a)
    expect(voltageColour(138, 'no-such-palette', 'light')).toBe(voltageColour(138, 'quiet', 'light'))
})

test('alarm priorities differ in shape as well as in colour', () => {
    const marks = Object.values(alarmMarks)
    expect(new Set(marks.map((m) => m.corners)).size).toBe(4)
    expect(new Set(marks.map((m) => m.colour)).size).toBe(4)
})

test('a mix of colours keeps each channel', () => {
    expect(mixColour(0x000000, 0xff8040, 0.5)).toBe(0x804020)
})
