import { createRandom, orderSymmetric } from '@gridverse/math'
import { expect, test } from 'vitest'
import { orderQuickly } from './wasm-ordering.ts'

/** Both triangles of a random graph with loops, repeats and loose ends, in compressed columns. */
function randomPattern(n: number, edges: number, seed: number, far = n) {
    const random = createRandom(seed)
    const columns: number[][] = Array.from({ length: n }, () => [])
    for (let k = 0; k < edges; k++) {
        const i = random.below(n)
        const j = Math.min(n - 1, i + random.below(far))
        columns[i].push(j)
        columns[j].push(i)
    }
    const colPtr = new Int32Array(n + 1)
    columns.forEach((c, i) => {
        colPtr[i + 1] = colPtr[i] + c.length
    })
    return { colPtr, row: Int32Array.from(columns.flat()) }
}

test('PF15 the order of elimination is that of the plain routine, number for number', () => {
    for (let seed = 1; seed <= 12; seed++) {
        const n = 400 + 150 * seed
        const { colPtr, row } = randomPattern(n, Math.round(n * (0.7 + 0.1 * seed)), seed, seed % 3 ? 30 : n)
        expect(orderQuickly(n, colPtr, row), `seed ${seed}`).toEqual(orderSymmetric(n, colPtr, row))
    }
})

test('PF15 a pattern whose factor fills up is left to the plain routine', () => {
    const { colPtr, row } = randomPattern(600, 6000, 1)
    expect(orderQuickly(600, colPtr, row)).toEqual(orderSymmetric(600, colPtr, row))
})
