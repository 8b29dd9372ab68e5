import { expect, test } from 'vitest'
import { type Cholesky, createCholesky, factorCholesky, findBlock, nullVectorCholesky, solveCholesky } from './cholesky.ts'
import { computeInverseSubset, createInverseSubset } from './cholesky-inverse.ts'
import { orderSymmetric } from './ordering.ts'

type Rows = Map<number, [number, number]>[]

/** A = Σ h·hᵀ over rows h that each touch a few blocks: dense numbers in elimination order, and a loader of the factor. */
function gram(n: number, given: Rows) {
    const pattern = Array.from({ length: n }, () => new Set<number>())
    for (const h of given) for (const a of h.keys()) for (const b of h.keys()) pattern[a].add(b)
    const colPtr = new Int32Array(n + 1)
    for (let i = 0; i < n; i++) colPtr[i + 1] = colPtr[i] + pattern[i].size
    const elimination = orderSymmetric(n, colPtr, Int32Array.from(pattern.flatMap((set) => [...set])))
    const dense = Array.from({ length: 2 * n }, () => new Float64Array(2 * n))
    for (const h of given)
        for (const [a, ha] of h)
            for (const [b, hb] of h)
                for (let i = 0; i < 2; i++)
                    for (let j = 0; j < 2; j++) dense[2 * elimination.position[a] + i][2 * elimination.position[b] + j] += ha[i] * hb[j]
    const f = createCholesky(elimination)
    const load = (scale = 1) => {
        for (let i = 0; i < n; i++) {
            f.diagonal.set([dense[2 * i][2 * i] * scale, dense[2 * i][2 * i + 1] * scale, dense[2 * i + 1][2 * i + 1] * scale], 3 * i)
            for (let p = f.lColPtr[i]; p < f.lColPtr[i + 1]; p++)
                for (let j = 0; j < 4; j++) f.l[4 * p + j] = dense[2 * f.lRow[p] + (j >> 1)][2 * i + (j & 1)] * scale
        }
    }
    load()
    return { dense, f, load, position: elimination.position }
}

/** Rows like those of measurements on a ring with chords; the sequence is fixed. */
function ringRows(n: number) {
    let seed = 7
    const next = () => {
        seed = (seed * 16807) % 2147483647
        return seed / 2147483647 - 0.5
    }
    const rows: Rows = []
    for (let k = 0; k < n; k++)
        for (const other of [(k + 1) % n, (k * 3 + 2) % n])
            for (let repeat = 0; repeat < 2 && other !== k; repeat++) {
                const a = next()
                const b = next()
                rows.push(
                    new Map([
                        [k, [a, b]],
                        [other, [-a, next()]],
                    ]),
                )
            }
    for (let k = 0; k < n; k++) rows.push(new Map([[k, [1, next()]]]), new Map([[k, [next(), 1]]]))
    return rows
}

const times = (dense: Float64Array[], x: Float64Array) => dense.map((row) => row.reduce((sum, value, j) => sum + value * x[j], 0))

test('the solution satisfies A·x = b, again after a change of numbers', () => {
    const n = 23
    const { dense, f, load } = gram(n, ringRows(n))
    for (const scale of [1, 7]) {
        load(scale)
        expect(factorCholesky(f)).toBe(0)
        const x = Float64Array.from({ length: 2 * n }, (_, i) => Math.sin(i))
        const b = x.slice()
        solveCholesky(f, x)
        times(dense, x).forEach((value, i) => {
            expect(value * scale).toBeCloseTo(b[i], 11)
        })
    }
})

test('the selected inverse equals the columns of the whole inverse', () => {
    const n = 19
    const { f } = gram(n, ringRows(n))
    factorCholesky(f)
    const z = createInverseSubset(f)
    computeInverseSubset(f, z)
    for (let i = 0; i < n; i++)
        for (let side = 0; side < 2; side++) {
            const column = new Float64Array(2 * n)
            column[2 * i + side] = 1
            solveCholesky(f, column)
            expect(z.diagonal[3 * i + 2 * side]).toBeCloseTo(column[2 * i + side], 11)
            expect(z.diagonal[3 * i + 1]).toBeCloseTo(column[2 * i + 1 - side], 11)
            for (let p = f.lColPtr[i]; p < f.lColPtr[i + 1]; p++) {
                expect(z.lower[4 * p + side]).toBeCloseTo(column[2 * f.lRow[p]], 11)
                expect(z.lower[4 * p + 2 + side]).toBeCloseTo(column[2 * f.lRow[p] + 1], 11)
            }
        }
})

test('zero pivots count the missing rank and their mixture spans the null space', () => {
    // differences along two chains of four blocks, and one value fixed in the first chain: the second floats
    const n = 8
    const rows: Rows = []
    for (const k of [0, 1, 2, 4, 5, 6])
        rows.push(
            new Map([
                [k, [1, 0]],
                [k + 1, [-1, 0]],
            ]),
            new Map([
                [k, [0.3, 1]],
                [k + 1, [-0.3, -1]],
            ]),
        )
    rows.push(new Map([[0, [1, 0]]]), new Map([[0, [0, 1]]]))
    const { dense, f, position } = gram(n, rows)
    expect(factorCholesky(f, 1e-10)).toBe(2)
    const x = new Float64Array(2 * n)
    nullVectorCholesky(f, x)
    for (const value of times(dense, x)) expect(Math.abs(value)).toBeLessThan(1e-12)
    for (let i = 0; i < 16; i++) {
        const entry = Math.abs(x[2 * position[i >> 1] + (i & 1)])
        if (i < 8) expect(entry).toBeLessThan(1e-12)
        else expect(entry).toBeGreaterThan(0.9)
    }
})

test('a matrix of zeros and a NaN are all zero pivots', () => {
    const { f } = gram(2, [
        new Map([
            [0, [1, 0]],
            [1, [1, 0]],
        ]),
    ])
    const fill = (cholesky: Cholesky, ...diagonal: number[]) => {
        cholesky.l.fill(0)
        cholesky.diagonal.set(diagonal)
    }
    fill(f, 0, 0, 0, 0, 0, 0)
    expect(factorCholesky(f)).toBe(4)
    fill(f, NaN, 0, 1, 1, 0, 1)
    expect(factorCholesky(f)).toBe(1)
})

test('a block is found by its row and column', () => {
    const { f } = gram(19, ringRows(19))
    for (let i = 0; i < 19; i++) for (let p = f.lColPtr[i]; p < f.lColPtr[i + 1]; p++) expect(findBlock(f, f.lRow[p], i)).toBe(p)
    expect(findBlock(f, 0, 0)).toBe(-1)
})
