import { expect, test } from 'vitest'
import { alignPens, groupByUnit, withTail } from './pens.ts'

const pen = (point: string, unit: string, tMs: number[], value: (number | null)[]) => ({ point, unit, tMs, value })

test('pens of one unit share a chart', () => {
    const groups = groupByUnit([pen('a', 'MW', [], []), pen('b', 'kV', [], []), pen('c', 'MW', [], [])])
    expect(groups.map((g) => [g.unit, g.pens.map((p) => p.point)])).toEqual([
        ['MW', ['a', 'c']],
        ['kV', ['b']],
    ])
})

test('pens with times of their own are joined without inventing values', () => {
    expect(alignPens([pen('a', 'MW', [1000, 3000], [1, 3]), pen('b', 'MW', [2000, 3000], [20, null])])).toEqual([
        [1, 2, 3],
        [1, undefined, 3],
        [undefined, 20, null],
    ])
})

test('the live tail continues the history and repeats nothing', () => {
    const history = [{ point: 'a', unit: 'MW', tMs: [1000, 2000], value: [1, 2], quality: [0, 0], thinned: false }]
    const tail = new Map([
        [
            'a',
            [
                [1500, 9],
                [2000, 9],
                [3000, 3],
            ] as const,
        ],
    ])
    expect(withTail(history, tail)[0]).toMatchObject({ tMs: [1000, 2000, 3000], value: [1, 2, 3] })
})
