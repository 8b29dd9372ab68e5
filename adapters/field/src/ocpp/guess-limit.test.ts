import { expect, test } from 'vitest'
import { createGuessLimit } from './guess-limit.ts'

test('OC15 a few misses are free, then each doubles the wait up to the longest', () => {
    let now = 0
    const limit = createGuessLimit({ nowMs: () => now, free: 2, firstMs: 1000, longestMs: 5000 })
    const waits = Array.from({ length: 6 }, () => limit.missed('post').waitMs)
    expect(waits).toEqual([0, 0, 1000, 2000, 4000, 5000])
    expect(limit.waitMs('post')).toBe(5000)
    expect(limit.waitMs('other')).toBe(0)
    now += 4999
    expect(limit.waitMs('post')).toBe(1)
    now += 1
    expect(limit.waitMs('post')).toBe(0)
    expect(limit.missed('post')).toEqual({ waitMs: 5000, misses: 7 })
})

test('OC15 the right secret forgives all, and so does time', () => {
    let now = 0
    const limit = createGuessLimit({ nowMs: () => now, free: 1, forgetMs: 10_000 })
    limit.missed('a')
    limit.passed('a')
    expect(limit.missed('a')).toEqual({ waitMs: 0, misses: 1 })
    expect(limit.missed('a').waitMs).toBe(1000)
    now += 11_001
    expect(limit.missed('a')).toEqual({ waitMs: 0, misses: 1 })
})

test('OC15 who is remembered is bounded: the longest quiet goes first', () => {
    const limit = createGuessLimit({ nowMs: () => 0, free: 0, most: 2 })
    for (const who of ['a', 'b', 'a', 'c']) limit.missed(who)
    expect(['a', 'b', 'c'].map((who) => limit.waitMs(who) > 0)).toEqual([true, false, true])
})
