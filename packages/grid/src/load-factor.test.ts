import { expect, test } from 'vitest'
import { loadFactor } from './load-factor.ts'

test('BA1 load factors equal the published vectors to the last bit', () => {
    const vectors: readonly (readonly [seed: number, sample: number, row: number, factor: number])[] = [
        [1, 0, 0, 0.8458815180696547],
        [1, 0, 1, 1.1547309815883637],
        [1, 0, 2, 0.8196250160224736],
        [1, 0, 3, 0.8839550025761127],
        [1, 0, 4, 0.9939176640473306],
        [1, 1, 0, 1.0939753879792988],
        [7, 123, 456, 1.073488780297339],
    ]
    for (const [seed, sample, row, factor] of vectors) expect(loadFactor(seed, sample, row, 0.2)).toBe(factor)
})

test('BA1 factors are uniform within the spread', () => {
    let [sum, squares, low, high] = [0, 0, Infinity, -Infinity]
    const n = 20_000
    for (let s = 0; s < n; s++) {
        const factor = loadFactor(3, s, 17, 0.5)
        sum += factor
        squares += (factor - 1) ** 2
        low = Math.min(low, factor)
        high = Math.max(high, factor)
    }
    expect(low).toBeGreaterThanOrEqual(0.5)
    expect(high).toBeLessThan(1.5)
    // mean 1 and variance spread²/3, to four standard errors
    expect(Math.abs(sum / n - 1)).toBeLessThan(4 * (0.5 / Math.sqrt(3 * n)))
    expect(Math.abs(squares / n - 0.25 / 3)).toBeLessThan(0.003)
})
