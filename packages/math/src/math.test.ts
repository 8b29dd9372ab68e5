import { expect, test } from 'vitest'
import { addMul, addMulTransposed, buildCsc, type Csc, createLdl, createRandom, orderSymmetric } from './index.ts'

/** A random connected symmetric, diagonally dominant matrix: a ring-like tree plus chords, some rows made negative. */
function randomSymmetric(n: number, chords: number, seed: number, indefinite = false): Csc {
    const random = createRandom(seed)
    const row: number[] = []
    const col: number[] = []
    const value: number[] = []
    const diagonal = new Float64Array(n).fill(0.5)
    const join = (i: number, j: number) => {
        if (i === j) return
        const v = random.normal()
        row.push(i, j)
        col.push(j, i)
        value.push(v, v)
        diagonal[i] += Math.abs(v)
        diagonal[j] += Math.abs(v)
    }
    for (let i = 1; i < n; i++) join(i, random.below(i))
    for (let k = 0; k < chords; k++) join(random.below(n), random.below(n))
    for (let i = 0; i < n; i++) {
        row.push(i)
        col.push(i)
        value.push(indefinite && i % 3 === 0 ? -diagonal[i] : diagonal[i])
    }
    return buildCsc(n, n, row, col, value)
}

test('an order is a permutation and its pattern holds every fill of the elimination', () => {
    for (let seed = 1; seed <= 20; seed++) {
        const n = 2 + seed * 3
        const a = randomSymmetric(n, seed * 2, seed)
        const e = orderSymmetric(n, a.colPtr, a.row)
        expect([...e.order].sort((x, y) => x - y)).toEqual(Array.from({ length: n }, (_, i) => i))
        for (let k = 0; k < n; k++) expect(e.position[e.order[k]]).toBe(k)
        // eliminate on sets and compare row by row
        const rows = Array.from({ length: n }, () => new Set<number>())
        for (let j = 0; j < n; j++)
            for (let p = a.colPtr[j]; p < a.colPtr[j + 1]; p++) if (a.row[p] !== j) rows[e.position[a.row[p]]].add(e.position[j])
        for (let k = 0; k < n; k++) {
            const later = [...rows[k]].filter((j) => j > k).sort((x, y) => x - y)
            expect([...e.upperCol.subarray(e.upperPtr[k], e.upperPtr[k + 1])]).toEqual(later)
            expect(e.parent[k]).toBe(later.length > 0 ? later[0] : -1)
            for (const i of later) for (const j of later) if (i !== j) rows[i].add(j)
        }
    }
})

test('a tree and a star are eliminated without fill', () => {
    const star = buildCsc(6, 6, [0, 0, 0, 0, 0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 0, 0, 0, 0, 0], new Array(10).fill(1))
    expect(orderSymmetric(6, star.colPtr, star.row).upperPtr[6]).toBe(5)
    const tree = randomSymmetric(200, 0, 7)
    expect(orderSymmetric(200, tree.colPtr, tree.row).upperPtr[200]).toBe(199)
})

test('the order of a grid of 30 by 30 keeps fill near that of nested dissection', () => {
    const m = 30
    const row: number[] = []
    const col: number[] = []
    const join = (i: number, j: number) => {
        row.push(i, j)
        col.push(j, i)
    }
    for (let y = 0; y < m; y++)
        for (let x = 0; x < m; x++) {
            if (x + 1 < m) join(y * m + x, y * m + x + 1)
            if (y + 1 < m) join(y * m + x, y * m + x + m)
        }
    const a = buildCsc(m * m, m * m, row, col, new Array(row.length).fill(1))
    // natural order would give about m·m·m = 27 000
    expect(orderSymmetric(m * m, a.colPtr, a.row).upperPtr[m * m]).toBeLessThan(10_000)
})

test('empty and diagonal matrices are ordered too', () => {
    expect(orderSymmetric(0, new Int32Array(1), new Int32Array(0)).upperPtr[0]).toBe(0)
    const d = buildCsc(3, 3, [0, 1, 2], [0, 1, 2], [1, 2, 3])
    expect(orderSymmetric(3, d.colPtr, d.row).upperPtr[3]).toBe(0)
})

test('a pattern outside the matrix is misuse', () => {
    expect(() => orderSymmetric(2, new Int32Array([0, 1, 1]), new Int32Array([5]))).toThrow('row 5 of a matrix of 2')
})

test('LDLᵀ solves definite and indefinite systems to rounding, again and again', () => {
    for (let seed = 1; seed <= 20; seed++) {
        const n = 5 + 7 * seed
        const a = randomSymmetric(n, 3 * seed, seed, seed % 2 === 0)
        const ldl = createLdl(n, a.colPtr, a.row)
        const random = createRandom(seed)
        const scaled = a.value.slice()
        for (const scale of [1, -3.5]) {
            for (let p = 0; p < scaled.length; p++) scaled[p] = scale * a.value[p]
            expect(ldl.factorise(scaled)).toBe(true)
            const x = Float64Array.from({ length: n }, () => random.normal())
            const b = new Float64Array(n)
            addMul({ ...a, value: scaled }, x, b)
            ldl.solve(b)
            for (let i = 0; i < n; i++) expect(b[i]).toBeCloseTo(x[i], 9)
        }
    }
})

test('a singular matrix and NaN are refused', () => {
    const a = buildCsc(2, 2, [0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 1, 1])
    const ldl = createLdl(2, a.colPtr, a.row)
    expect(ldl.factorise(a.value)).toBe(false)
    expect(ldl.factorise(new Float64Array([1, Number.NaN, Number.NaN, 1]))).toBe(false)
    expect(ldl.factorise(new Float64Array([2, 1, 1, 2]))).toBe(true)
})

test('triplets at the same place add up, rows ascend, and both products agree with the dense ones', () => {
    const a = buildCsc(2, 3, [1, 0, 1, 0], [2, 0, 2, 2], [1, 2, 3, 4])
    expect([...a.colPtr]).toEqual([0, 1, 1, 3])
    expect([...a.row]).toEqual([0, 0, 1])
    expect([...a.value]).toEqual([2, 4, 4])
    const y = new Float64Array([1, 1])
    addMul(a, new Float64Array([1, 2, 3]), y)
    expect([...y]).toEqual([15, 13])
    const z = new Float64Array(3)
    addMulTransposed(a, new Float64Array([1, 10]), z)
    expect([...z]).toEqual([2, 0, 44])
    expect(() => buildCsc(2, 2, [2], [0], [1])).toThrow('(2, 0)')
})

test('random numbers repeat with the seed, differ between seeds, and have the right moments', () => {
    const sequence = (seed: number) =>
        Array.from(
            { length: 5 },
            (
                (r) => () =>
                    r.uint32()
            )(createRandom(seed)),
        )
    expect(sequence(1)).toEqual(sequence(1))
    expect(sequence(1)).not.toEqual(sequence(2))
    const random = createRandom(42)
    let mean = 0
    let square = 0
    let uniform = 0
    const n = 20_000
    for (let k = 0; k < n; k++) {
        const x = random.normal()
        mean += x / n
        square += (x * x) / n
        uniform += random.uniform() / n
    }
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(square - 1)).toBeLessThan(0.04)
    expect(Math.abs(uniform - 0.5)).toBeLessThan(0.01)
})
