import { createMulberry32 } from '@gridverse/math'
import { expect, test } from 'vitest'
import { correlation, measureCoverage } from './coverage.ts'

const random = createMulberry32(5)
const n = 400
const x = Float64Array.from({ length: n }, () => random.uniform())
const y = x.map((v) => v + 0.3 * random.uniform())

test('independent points are as even as chance, regular ones are more even, a corner less', () => {
    const even = (features: Float64Array[]) => measureCoverage(features, [ruler, ruler])
    const ruler = Float64Array.from({ length: 1000 }, (_, k) => (k + 0.5) / 1000)
    const chance = even([0, 1].map(() => Float64Array.from({ length: n }, () => random.uniform())))
    // Hammersley's points
    const mirrored = (k: number) => Array.from({ length: 9 }, (_, bit) => ((k >> bit) & 1) / 2 ** (bit + 1)).reduce((p, q) => p + q, 0)
    const regular = even([
        Float64Array.from({ length: 512 }, (_, k) => (k + 0.5) / 512),
        Float64Array.from({ length: 512 }, (_, k) => mirrored(k)),
    ])
    const corner = even([0, 1].map(() => Float64Array.from({ length: n }, () => random.uniform() / 2)))
    expect(chance.discrepancyRatio).toBeGreaterThan(0.5)
    expect(chance.discrepancyRatio).toBeLessThan(2)
    expect(regular.discrepancyRatio).toBeLessThan(0.3)
    expect(corner.discrepancyRatio).toBeGreaterThan(3)
    expect(regular.hole).toBeLessThan(0.06)
    expect(corner.hole).toBeGreaterThan(0.4)
    expect(corner.holeAt.every((at) => at > 0.8)).toBe(true)
    expect(corner.span[0]).toBeCloseTo(0.5, 1)
})

test('a part that keeps the correlation says so, a shuffled one does not', () => {
    const part = (f: Float64Array) => f.filter((_, k) => k % 8 === 0)
    expect(measureCoverage([part(x), part(y)], [x, y]).correlationError).toBeLessThan(0.1)
    expect(measureCoverage([part(x), part(y).reverse()], [x, y]).correlationError).toBeGreaterThan(0.5)
})

test('correlation of what never changes is 0', () => {
    expect(correlation(x, new Float64Array(n))).toBe(0)
    expect(correlation(x, x)).toBeCloseTo(1, 12)
})
