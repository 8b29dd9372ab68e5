import { expect, test } from 'vitest'
import { clockOf, digitsOf, rangeAround, rangeWithZero, steps } from './frame.ts'

test('ranges have 0 or air in them, and a lone value a width', () => {
    expect(rangeWithZero([5, 10])).toEqual([0, 10.6])
    expect(rangeWithZero([-1, 1])[0]).toBeLessThan(-1)
    const [low, high] = rangeAround([200])
    expect(low).toBeLessThan(200)
    expect(high).toBeGreaterThan(200)
    const [from, to] = rangeAround([200, 200 + 1e-12])
    expect(to - from).toBeGreaterThan(0.5)
})

test('periods are told as time of day, and held as steps', () => {
    expect([0, 5, 96].map((p) => clockOf({ periods: 96, dtH: 0.25 }, p))).toEqual(['00:00', '01:15', '24:00'])
    expect(
        steps(
            [3, 4],
            (p) => 10 * p,
            (v) => v,
        ),
    ).toBe('M0,3H10V4H20')
})

test('ticks have the digits that tell them apart', () => {
    expect(
        [
            [0, 2000],
            [0, 8],
            [163.6, 164.2],
            [0, 0.03],
        ].map((range) => digitsOf(range as [number, number])),
    ).toEqual([0, 0, 1, 3])
})
