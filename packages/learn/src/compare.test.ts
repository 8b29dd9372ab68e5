import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { compareLosses, measureDrift } from './compare.ts'

test('LE6 a gain is told from chance: one in twenty equals pass for better at most', () => {
    const random = createRandom(3)
    let passed = 0
    for (let k = 0; k < 200; k++) {
        const a = Array.from({ length: 20 }, () => 10 + random.normal())
        const b = a.map(() => 10 + random.normal())
        if (compareLosses(a, b, 'cost').better) passed++
    }
    expect(passed).toBeLessThan(20)
    expect(passed).toBeGreaterThan(1)
    const better = compareLosses(
        Array.from({ length: 20 }, (_, i) => 9 + (i % 3)),
        Array.from({ length: 20 }, (_, i) => 10 + (i % 3) + (i % 2)),
        'CRPS kW',
    )
    expect(better).toMatchObject({ days: 20, better: true, loss: 'CRPS kW' })
    expect(better.gain).toBeCloseTo(1.5 / (10 + 19 / 20 + 0.5), 12)
    // all signs alike: one chance in 2ⁿ, n = 4
    expect(compareLosses([1, 1, 1, 1], [2, 2, 2, 2], 'x').pValue).toBeCloseTo(1 / 16, 1)
    expect(compareLosses([1, 1, 1, 1], [2, 2, 2, 2], 'x').better).toBe(false)
    expect(compareLosses([], [], 'x').better).toBe(false)
    expect(compareLosses([-20, -22, -21, -20, -23, -21], [-10, -12, -11, -10, -13, -11], 'cost').gain).toBeGreaterThan(0.5)
})

test('LE7 drift: days as before are stable, others are not', () => {
    const random = createRandom(8)
    const days = (count: number, mean: number) =>
        Array.from({ length: count }, () => {
            const level = mean + 3 * random.normal()
            return Float64Array.from({ length: 24 }, () => level + random.normal())
        })
    const learnt = days(60, 50)
    expect(measureDrift('load', learnt, days(14, 50)).verdict).toBe('stable')
    const other = measureDrift('load', learnt, days(14, 58))
    expect(other).toMatchObject({ quantity: 'load', verdict: 'drifted' })
    expect(other.pValue).toBeLessThanOrEqual(0.05)
    expect(measureDrift('load', learnt, learnt).index).toBeCloseTo(0, 9)
})
