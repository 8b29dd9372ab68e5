import { expect, test } from 'vitest'
import { createCells } from './cells.ts'

test('a neighbourhood holds what may touch it, once, on both sides of zero', () => {
    const cells = createCells<string>(10)
    cells.add('wide', -25, -5, 25, 5)
    cells.add('small', 101, 101, 102, 102)
    cells.add('minus', -101, -101, -100, -100)
    expect(cells.near(-30, -30, 30, 30)).toEqual(['wide'])
    expect(cells.near(100, 100, 103, 103)).toEqual(['small'])
    expect(cells.near(-105, -105, -99, -99)).toEqual(['minus'])
    expect(cells.near(500, 500, 600, 600)).toEqual([])
})

test('nothing that touches is missed', () => {
    const cells = createCells<number>(7)
    const boxes = Array.from({ length: 200 }, (_, n) => ({ x: ((n * 37) % 101) - 50, z: ((n * 53) % 97) - 48, r: (n % 9) + 1 }))
    for (const [n, { x, z, r }] of boxes.entries()) cells.add(n, x - r, z - r, x + r, z + r)
    for (const { x, z } of boxes) {
        const found = new Set(cells.near(x - 5, z - 5, x + 5, z + 5))
        for (const [n, b] of boxes.entries())
            if (Math.abs(b.x - x) <= b.r + 5 && Math.abs(b.z - z) <= b.r + 5) expect(found.has(n)).toBe(true)
    }
})
