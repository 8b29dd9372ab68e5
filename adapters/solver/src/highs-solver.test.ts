import { createProgramBuilder, programViolation } from '@gridverse/math'
import { afterAll, expect, test } from 'vitest'
import { createHighsSolver } from './highs-solver.ts'

const solver = createHighsSolver({ threads: 2 })
afterAll(() => solver.close())

/** Chairs and tables: 30·chairs + 50·tables with 40 hours of carpentry and 50 of finishing. */
function workshop(integer: boolean) {
    const b = createProgramBuilder()
    const chairs = b.column('chairs', { cost: -30, integer })
    const tables = b.column('tables', { cost: -50, integer })
    b.row('carpentry', -Infinity, 40, [chairs, 1, tables, 2])
    b.row('finishing', -Infinity, 51, [chairs, 2, tables, 0.5, tables, 0.5])
    return b.build()
}

test('a linear program with its prices', async () => {
    const program = workshop(false)
    const { status, objective, x, rowDual, gap } = await solver.solve(program)
    expect(status).toBe('optimal')
    expect(gap).toBe(0)
    expect(x[0]).toBeCloseTo(62 / 3, 9)
    expect(objective).toBeCloseTo(-30 * (62 / 3) - 50 * (29 / 3), 9)
    // one hour more of carpentry earns what the basis says: 70/3
    expect(rowDual[0]).toBeCloseTo(-70 / 3, 9)
    expect(programViolation(program, x)).toBeLessThan(1e-9)
})

test('a mixed-integer program, two at a time', async () => {
    const [whole, part] = await Promise.all([solver.solve(workshop(true)), solver.solve(workshop(false))])
    expect([...whole.x]).toEqual([20, 10])
    expect(whole.gap).toBeLessThan(1e-9)
    expect(part.objective).toBeLessThan(whole.objective)
})

test('a program without an answer names what conflicts', async () => {
    const b = createProgramBuilder()
    const x = b.column('output', { upper: 10 })
    b.column('idle', { upper: 1 })
    b.row('demand', 12, Infinity, [x, 1])
    const { status, conflict, x: none } = await solver.solve(b.build(), { explain: true })
    expect(status).toBe('infeasible')
    expect(none).toHaveLength(0)
    expect(conflict).toContain('demand')
    expect(conflict).not.toContain('idle')
})

test('a program that falls without end is unbounded, not optimal', async () => {
    const b = createProgramBuilder()
    b.column('profit', { cost: -1 })
    b.row('nothing', 0, 1, [b.column('other'), 1])
    expect(['unbounded', 'infeasible', 'failed']).toContain((await solver.solve(b.build())).status)
})

test('raised signals stop a long search', async () => {
    // a knapsack with many equal ways: the proof takes long
    const b = createProgramBuilder()
    const terms: number[] = []
    for (let k = 0; k < 60; k++)
        terms.push(b.column(`item ${k}`, { upper: 1, integer: true, cost: -(1000 + ((k * 7919) % 97)) }), 1000 + ((k * 104729) % 89))
    b.row('room', -Infinity, 30_321.5, terms)
    b.row(
        'pairs',
        0,
        0,
        terms.map((v, i) => (i % 2 === 0 ? v : ((i * 31) % 7) - 3)),
    )
    const stop = new AbortController()
    stop.abort()
    expect((await solver.solve(b.build(), { signal: stop.signal, gap: 0 })).status).toBe('stopped')
})

test('a signal is listened to once, however many programs are solved under it', async () => {
    let listeners = 0
    const signal = { aborted: false, addEventListener: () => void listeners++ }
    await Promise.all(Array.from({ length: 12 }, () => solver.solve(workshop(false), { signal })))
    expect(listeners).toBe(1)
})

test('a closed solver refuses', async () => {
    const other = createHighsSolver()
    await other.close()
    await expect(other.solve(workshop(false))).rejects.toThrow('closed')
})
