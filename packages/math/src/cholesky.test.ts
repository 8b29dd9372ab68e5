import { expect, test } from 'vitest'
import { analyseCholesky, factorCholesky, type LowerPattern, nullVectorCholesky, solveCholesky } from './cholesky.ts'
import { computeInverseSubset, createInverseSubset } from './cholesky-inverse.ts'

/** A = Σ h·hᵀ over rows h that each touch a few blocks, as dense numbers and as blocks of a pattern. */
function gram(n: number, rows: Map<number, [number, number]>[]) {
    const dense = Array.from({ length: 2 * n }, () => new Float64Array(2 * n))
    const touched = new Set<number>()
    for (const h of rows)
        for (const [a, ha] of h)
            for (const [b, hb] of h) {
                if (b < a) touched.add(a * n + b)
                for (let i = 0; i < 2; i++) for (let j = 0; j < 2; j++) dense[2 * a + i][2 * b + j] += ha[i] * hb[j]
            }
    const rowPtr = new Int32Array(n + 1)
    const col: number[] = []
    const lower: number[] = []
    for (let a = 0; a < n; a++) {
        for (let b = 0; b < a; b++)
            if (touched.has(a * n + b)) {
                col.push(b)
                lower.push(dense[2 * a][2 * b], dense[2 * a][2 * b + 1], dense[2 * a + 1][2 * b], dense[2 * a + 1][2 * b + 1])
            }
        rowPtr[a + 1] = col.length
    }
    const diagonal = Float64Array.from({ length: 3 * n }, (_, p) => {
        const k = 2 * Math.floor(p / 3)
        return dense[p % 3 === 2 ? k + 1 : k][p % 3 === 0 ? k : k + 1]
    })
    const pattern: LowerPattern = { n, rowPtr, col: Int32Array.from(col) }
    return { dense, pattern, diagonal, lower: Float64Array.from(lower) }
}

/** Rows like those of measurements on a ring with chords; the sequence is fixed. */
function ringRows(n: number, own: (k: number) => boolean = () => true) {
    let seed = 7
    const next = () => {
        seed = (seed * 16807) % 2147483647
        return seed / 2147483647 - 0.5
    }
    const rows: Map<number, [number, number]>[] = []
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
    for (let k = 0; k < n; k++) if (own(k)) rows.push(new Map([[k, [1, next()]]]), new Map([[k, [next(), 1]]]))
    return rows
}

const times = (dense: Float64Array[], x: Float64Array) => dense.map((row) => row.reduce((sum, value, j) => sum + value * x[j], 0))

test('the solution satisfies A·x = b, again after a change of numbers', () => {
    const n = 23
    const { dense, pattern, diagonal, lower } = gram(n, ringRows(n))
    const f = analyseCholesky(pattern)
    for (const scale of [1, 7]) {
        const a = diagonal.map((value) => value * scale)
        expect(
            factorCholesky(
                f,
                a,
                lower.map((value) => value * scale),
            ),
        ).toBe(0)
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
    const { pattern, diagonal, lower } = gram(n, ringRows(n))
    const f = analyseCholesky(pattern)
    factorCholesky(f, diagonal, lower)
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
    const rows: Map<number, [number, number]>[] = []
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
    const { dense, pattern, diagonal, lower } = gram(n, rows)
    const f = analyseCholesky(pattern)
    expect(factorCholesky(f, diagonal, lower, 1e-10)).toBe(2)
    const x = new Float64Array(2 * n)
    nullVectorCholesky(f, x)
    for (const value of times(dense, x)) expect(Math.abs(value)).toBeLessThan(1e-12)
    for (let i = 0; i < 8; i++) expect(Math.abs(x[i])).toBeLessThan(1e-12)
    for (let i = 8; i < 16; i++) expect(Math.abs(x[i])).toBeGreaterThan(0.9)
})

test('a matrix of zeros and a NaN are all zero pivots', () => {
    const pattern: LowerPattern = { n: 2, rowPtr: Int32Array.of(0, 0, 1), col: Int32Array.of(0) }
    const f = analyseCholesky(pattern)
    expect(factorCholesky(f, new Float64Array(6), new Float64Array(4))).toBe(4)
    expect(factorCholesky(f, Float64Array.of(NaN, 0, 1, 1, 0, 1), new Float64Array(4))).toBe(1)
})
