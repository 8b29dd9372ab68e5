import { createMulberry32 } from '@gridverse/math'
import { expect, test } from 'vitest'
import { selectForward } from './reduce.ts'

const line = [0, 1, 2, 10, 11, 20].map((x) => Float64Array.of(x))
const equal = (n: number) => Array.from({ length: n }, () => 1 / n)

test('a hand case: six points on a line', () => {
    const three = selectForward(line, equal(6), 3)
    expect(three.rows).toEqual([2, 4, 5])
    expect(three.probability).toEqual([expect.closeTo(1 / 2, 12), expect.closeTo(1 / 3, 12), expect.closeTo(1 / 6, 12)])
    expect(three.distance).toBeCloseTo(2 / 3, 12)
    expect(selectForward(line, equal(6), 1).distance).toBeCloseTo(19 / 3, 12)
})

test('all kept is nothing lost; more kept is never farther; probabilities add up', () => {
    const random = createMulberry32(3)
    const points = Array.from({ length: 40 }, () => Float64Array.from({ length: 3 }, () => random.normal()))
    let before = Infinity
    for (const count of [1, 2, 5, 10, 20, 40]) {
        const { rows, probability, distance } = selectForward(points, equal(40), count)
        expect(new Set(rows).size).toBe(count)
        expect(probability.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
        expect(distance).toBeLessThanOrEqual(before)
        before = distance
    }
    expect(before).toBe(0)
})

test('of many points the kept ones are among the first, and stand for all', () => {
    const points = Array.from({ length: 1600 }, (_, k) => Float64Array.of(k % 4, (k % 4) ** 2))
    const { rows, probability, distance } = selectForward(points, new Float64Array(1600).fill(1 / 1600), 4)
    expect([...rows].map((row) => row % 4).sort()).toEqual([0, 1, 2, 3])
    expect(rows.every((row) => row < 1500)).toBe(true)
    expect(probability.every((p) => Math.abs(p - 0.25) < 1e-12)).toBe(true)
    expect(distance).toBe(0)
})
