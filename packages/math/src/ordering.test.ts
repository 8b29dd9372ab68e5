import { expect, test } from 'vitest'
import { buildCsc } from './csc.ts'
import { orderSymmetric } from './ordering.ts'
import { randomSymmetric } from './random-symmetric.fixture.ts'

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
