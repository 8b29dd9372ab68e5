import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { computeBaselines } from './baselines.ts'
import { coordination, newsvendor, randomDay } from './instance.fixture.ts'
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

/** relaxations without a thread of their own: small ones are done before it has begun */
const { openTwoStage: _, ...here } = solver

test('VP41 VP40 a risk budget by decomposition: on paper, and within its gap of the whole program', async () => {
    const paper = await scheduleVpp(load(coordination), here, { beta: 0, riskBudget: -8, method: 'decomposition', gap: 1e-4 })
    expect(paper.method).toBe('decomposition')
    expect(paper.status).toBe('optimal')
    expect(paper.verdict!.cvar).toBeLessThanOrEqual(-8 + 1e-6)
    expect(Math.abs(paper.verdict!.expected.operatingCost + 13)).toBeLessThan(13e-4)
    const none = await scheduleVpp(load(coordination), here, { beta: 0, riskBudget: -10, method: 'decomposition' })
    expect(none.status).toBe('infeasible')
    expect(none.leastCvar).toBeCloseTo(-9, 3)

    const vpp = load(randomDay(3, 4))
    const bold = await scheduleVpp(vpp, here, { beta: 0, method: 'extensive' })
    const careful = await scheduleVpp(vpp, here, { beta: 1, method: 'extensive' })
    const riskBudget = (bold.verdict!.cvar + careful.verdict!.cvar) / 2
    const whole = await scheduleVpp(vpp, here, { beta: 0, riskBudget, method: 'extensive' })
    const parts = await scheduleVpp(vpp, here, { beta: 0, riskBudget, method: 'decomposition', gap: 1e-3 })
    expect(parts.verdict!.cvar).toBeLessThanOrEqual(riskBudget * (1 + 1e-8))
    expect(parts.bound).toBeLessThanOrEqual(whole.verdict!.objective * (1 + 1e-9))
    expect(parts.verdict!.objective).toBeGreaterThanOrEqual(whole.verdict!.objective * (1 - 1e-9))
    expect(parts.verdict!.objective / whole.verdict!.objective - 1).toBeLessThanOrEqual(parts.gap + 1e-9)
    expect(parts.gap).toBeLessThan(5e-3)
    expect(parts.verdict!.violations).toEqual([])
})

test('VP31 VP40 out of time: a schedule no worse than the rules, with what is proven of it', async () => {
    const vpp = load(randomDay(3, 4))
    const found = await scheduleVpp(vpp, solver, { beta: 0, method: 'decomposition', timeLimitS: 1e-6 })
    const { ruleBased } = await computeBaselines(vpp, solver, { beta: 0 })
    expect(found.status).toBe('stopped')
    expect(found.by).toBe('rules')
    expect(found.verdict!.objective).toBeCloseTo(ruleBased.objective, 9)
    expect(found.verdict!.violations).toEqual([])
    expect(found.gap).toBeGreaterThan(0)
})

test('VP40 what links the scenarios is left to the whole program', async () => {
    const { method } = await scheduleVpp(load(coordination), solver, { most: { expectedCost: 0 }, method: 'decomposition' })
    expect(method).toBe('extensive')
})
