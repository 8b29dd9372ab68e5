import { expect, test } from 'vitest'
import { roundToSum, runsOf } from './sums.ts'

test('shown parts add up to the shown whole', () => {
    expect(roundToSum([1 / 3, 1 / 3, 1 / 3])).toEqual({ parts: [0.34, 0.33, 0.33], whole: 1 })
    expect(roundToSum([-10.005, 20.005, 0.004])).toEqual({ parts: [-10.01, 20.01, 0], whole: 10 })
    for (let n = 1; n < 60; n++) {
        const parts = Array.from({ length: n }, (_, k) => 1000 * Math.sin(12.9898 * (k + 1) * n))
        const shown = roundToSum(parts)
        expect(shown.parts.reduce((sum, p) => sum + Math.round(100 * p), 0)).toBe(Math.round(100 * shown.whole))
        for (const [k, p] of shown.parts.entries()) expect(Math.abs(p - parts[k]!)).toBeLessThan(0.0101)
    }
    expect(roundToSum([])).toEqual({ parts: [], whole: 0 })
})

test('periods of the same answer are one run', () => {
    expect(runsOf(['buys', 'buys', 'sells', 'buys'])).toEqual([
        { from: 0, to: 2, answer: 'buys' },
        { from: 2, to: 3, answer: 'sells' },
        { from: 3, to: 4, answer: 'buys' },
    ])
    expect(runsOf([])).toEqual([])
})
