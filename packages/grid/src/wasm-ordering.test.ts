import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { buildPattern } from './admittance-pattern.ts'
import { buildPatternQuickly } from './wasm-ordering.ts'

/** Ends of the branches of a random grid with loops, parallels and loose buses; `far` bounds the distance of ends. */
function randomBranches(n: number, branches: number, seed: number, far = n) {
    const random = createRandom(seed)
    const from = new Int32Array(branches)
    const to = new Int32Array(branches)
    for (let k = 0; k < branches; k++) {
        from[k] = random.below(n)
        to[k] = Math.min(n - 1, from[k] + random.below(far))
        if (k % 3 === 0) [from[k], to[k]] = [to[k], from[k]]
    }
    return [from, to] as const
}

test('PF15 order of elimination, pattern and places are those of the plain routine, number for number', () => {
    for (let seed = 1; seed <= 12; seed++) {
        const n = 400 + 150 * seed
        const [from, to] = randomBranches(n, Math.round(n * (0.7 + 0.1 * seed)), seed, seed % 3 ? 30 : n)
        expect(buildPatternQuickly(n, from, to), `seed ${seed}`).toEqual(buildPattern(n, from, to))
    }
})

test('PF15 a pattern whose factor fills up is left to the plain routine', () => {
    const [from, to] = randomBranches(600, 6000, 1)
    expect(buildPatternQuickly(600, from, to)).toEqual(buildPattern(600, from, to))
})

test('PF15 every branch finds its places in the admittance pattern', () => {
    const n = 50
    const [from, to] = randomBranches(n, 120, 7)
    const { elimination, yPtr, yCol, slot } = buildPattern(n, from, to)
    const pairs = new Set<string>()
    for (let k = 0; k < from.length; k++) {
        const [f, t] = [elimination.position[from[k]], elimination.position[to[k]]]
        if (f === t) {
            expect([slot[2 * k], slot[2 * k + 1]]).toEqual([-1 - f, -1 - f])
            continue
        }
        for (const [i, j, at] of [
            [f, t, slot[2 * k]],
            [t, f, slot[2 * k + 1]],
        ]) {
            expect(at).toBeGreaterThanOrEqual(yPtr[i])
            expect(at).toBeLessThan(yPtr[i + 1])
            expect(yCol[at]).toBe(j)
            pairs.add(`${i} ${j}`)
        }
    }
    expect(yPtr[n]).toBe(pairs.size)
    for (let i = 0; i < n; i++) for (let q = yPtr[i] + 1; q < yPtr[i + 1]; q++) expect(yCol[q]).toBeGreaterThan(yCol[q - 1])
})
