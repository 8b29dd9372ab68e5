import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { newsvendor, randomDay } from './instance.fixture.ts'
import { parseVpp } from './read-instance.ts'
import { scheduleVpp } from './schedule.ts'

const solver = createHighsSolver({ threads: 2 })
afterAll(() => solver.close())
const load = (instance: object) => parseVpp(JSON.stringify(instance)).vpp

for (const beta of [0, 0.6])
    test(`VP40 decomposition at ${beta}: the same optimum as the whole program, a bound below it, a schedule without violations`, async () => {
        const vpp = load(randomDay(3, 4))
        const whole = await scheduleVpp(vpp, solver, { beta, method: 'extensive' })
        const told: number[] = []
        const parts = await scheduleVpp(vpp, solver, {
            beta,
            method: 'decomposition',
            gap: 1e-5,
            onProgress: ({ bound }) => told.push(bound),
        })
        expect(parts.status).toBe('optimal')
        expect(parts.gap).toBeLessThanOrEqual(1e-5)
        expect(parts.bound).toBeLessThanOrEqual(whole.verdict!.objective * (1 + 1e-9))
        expect(parts.verdict!.objective).toBeGreaterThanOrEqual(whole.verdict!.objective * (1 - 1e-9))
        expect(parts.verdict!.objective / whole.verdict!.objective - 1).toBeLessThan(1e-5)
        expect(parts.verdict!.violations).toEqual([])
        expect(parts.verdict!.maxSimultaneous).toBeLessThan(1e-6)
        expect(Math.max(...told)).toBeLessThanOrEqual(whole.verdict!.objective * (1 + 1e-9))
    })

test('VP40 decomposition of the newsvendor, and one that is stopped claims nothing', async () => {
    const { verdict, bound } = await scheduleVpp(load(newsvendor), solver, { beta: 0.5, method: 'decomposition', gap: 1e-6 })
    expect(verdict!.objective).toBeCloseTo(-13.5, 5)
    expect(bound).toBeLessThanOrEqual(-13.5 + 1e-9)
    const stopped = await scheduleVpp(load(randomDay(3, 4)), solver, { method: 'decomposition', signal: AbortSignal.abort() })
    expect(stopped.status).toBe('stopped')
    expect(stopped.solution).toBeUndefined()
    expect(stopped.bound).toBe(-Infinity)
})

test('VP9 VP40 where nothing is feasible the whole program says why', async () => {
    const instance = { ...newsvendor, load: { fixed: 200 }, grid: { ...newsvendor.grid, imbalance: 'forbidden' } }
    const { status, relaxation } = await scheduleVpp(load(instance), solver, { method: 'decomposition' })
    expect(status).toBe('infeasible')
    expect(relaxation![0]!.what).toMatch(/period 0/)
})
