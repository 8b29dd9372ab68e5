import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { findBridges } from './bridges.ts'
import { labelIslands } from './islands.ts'

const bridgesOf = (n: number, pairs: readonly (readonly [number, number])[], on?: Uint8Array) => {
    const from = Int32Array.from(pairs, (p) => p[0])
    const to = Int32Array.from(pairs, (p) => p[1])
    return [...findBridges(n, from, to, on ?? new Uint8Array(pairs.length).fill(1))]
}

test('FA3 a radial branch is a bridge, a ring and parallel branches are not', () => {
    expect(
        bridgesOf(6, [
            [0, 1],
            [1, 2],
            [2, 0],
            [2, 3],
            [3, 4],
            [4, 3],
            [5, 5],
        ]),
    ).toEqual([0, 0, 0, 1, 0, 0, 0])
})

test('FA3 bridges are the branches whose removal adds an island', () => {
    const random = createRandom(5)
    for (let trial = 0; trial < 50; trial++) {
        const n = 2 + random.below(30)
        const m = random.below(2 * n)
        const from = Int32Array.from({ length: m }, () => random.below(n))
        const to = Int32Array.from({ length: m }, () => random.below(n))
        const on = Uint8Array.from({ length: m }, () => (random.uniform() < 0.85 ? 1 : 0))
        const islands = (switches: Uint8Array) => labelIslands(from, to, switches, new Uint8Array(n), new Int32Array(n))
        const bridge = findBridges(n, from, to, on)
        const before = islands(on)
        for (let k = 0; k < m; k++) {
            const without = on.slice()
            without[k] = 0
            expect(bridge[k]).toBe(islands(without) - before)
        }
    }
})
