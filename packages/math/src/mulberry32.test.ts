import { expect, test } from 'vitest'
import { createMulberry32 } from './mulberry32.ts'

test('gives the published sequence of its seed', () => {
    const random = createMulberry32(12345)
    expect([random.uniform(), random.uniform(), random.uniform()]).toEqual([0.9797282677609473, 0.3067522644996643, 0.484205421525985])
})

test('normal numbers have mean 0, variance 1 and light tails', () => {
    const random = createMulberry32(7)
    const x = Array.from({ length: 20_000 }, () => random.normal())
    const moment = (k: number) => x.reduce((sum, v) => sum + v ** k, 0) / x.length
    expect(moment(1)).toBeCloseTo(0, 1)
    expect(moment(2)).toBeCloseTo(1, 1)
    expect(moment(4)).toBeGreaterThan(2.8)
    expect(moment(4)).toBeLessThan(3.2)
})
