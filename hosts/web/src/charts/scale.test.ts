import { expect, test } from 'vitest'
import { linear, niceTicks } from './scale.ts'

test('ticks are round and within the range', () => {
    expect(niceTicks(0, 100)).toEqual([0, 20, 40, 60, 80, 100])
    expect(niceTicks(-730, 1900, 4)).toEqual([0, 1000])
    expect(niceTicks(13.2, 13.9)).toEqual([13.2, 13.4, 13.6, 13.8].map((x) => expect.closeTo(x, 9)))
    expect(niceTicks(5, 5)).toEqual([5])
    expect(niceTicks(200, 200 + 1e-12)).toEqual([200])
})

test('places', () => {
    expect(linear(0, 10, 100, 0)(2.5)).toBe(75)
    expect(linear(3, 3, 7, 9)(3)).toBe(7)
})
