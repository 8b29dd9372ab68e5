import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { frontOf } from './front.ts'
import { coordination, randomDay } from './instance.fixture.ts'
import { parseVpp } from './read-instance.ts'
import { scheduleVpp } from './schedule.ts'
import { verifySchedule } from './verify.ts'

const solver = createHighsSolver({ threads: 2 })
afterAll(() => solver.close())
const load = (instance: object) => parseVpp(JSON.stringify(instance)).vpp

test('VP41 a risk budget: the cheapest schedule whose CVaR keeps within it, between the bold plan and the careful', async () => {
    const vpp = load(coordination)
    // bold: −17 with a CVaR of −7; careful: −9 with −9. Each unit less sold costs 0.2 in the mean and gains 0.05 in the tail
    const plan = await scheduleVpp(vpp, solver, { beta: 0, riskBudget: -8 })
    expect(plan.status).toBe('optimal')
    expect(plan.verdict!.cvar).toBeCloseTo(-8, 6)
    expect(plan.verdict!.expected.operatingCost).toBeCloseTo(-13, 6)
    const idle = await scheduleVpp(vpp, solver, { beta: 0, riskBudget: 0 })
    expect(idle.verdict!.expected.operatingCost).toBeCloseTo(-17, 9)
})

test('VP41 a risk budget nothing can keep names the least CVaR', async () => {
    const none = await scheduleVpp(load(coordination), solver, { beta: 0, riskBudget: -10 })
    expect(none.status).toBe('infeasible')
    expect(none.leastCvar).toBeCloseTo(-9, 6)
    expect(none.relaxation).toEqual([{ what: 'risk budget', by: expect.closeTo(1, 6) }])
})

test('VP42 a front: no point dominated, each measure at its best somewhere, schedules that hold', async () => {
    const vpp = load(randomDay(2, 2))
    const { points, ideal, nadir, inConflict } = await frontOf(vpp, solver, { points: 6 })
    expect(points.length).toBeGreaterThan(3)
    expect(inConflict).toContain('co2Kg')
    const measures = ['expectedCost', 'cvar', 'co2Kg', 'curtailedKwh'] as const
    for (const a of points) {
        for (const b of points) if (a !== b) expect(measures.some((m) => a[m] < b[m] - 1e-7 * Math.abs(b[m]))).toBe(true)
        expect(verifySchedule(vpp, vpp.scenarios, a.solution).violations).toEqual([])
        for (const m of measures) {
            expect(a[m]).toBeGreaterThanOrEqual(ideal[m])
            expect(a[m]).toBeLessThanOrEqual(nadir[m])
        }
    }
    const cheapest = await scheduleVpp(vpp, solver, { beta: 0 })
    expect(ideal.expectedCost / cheapest.verdict!.objective - 1).toBeLessThan(2e-4)
    const careful = await scheduleVpp(vpp, solver, { beta: 1 })
    expect(ideal.cvar / careful.verdict!.cvar - 1).toBeLessThan(2e-3)
    // less carbon is never cheaper than the cheapest
    expect(points.find((p) => p.co2Kg === ideal.co2Kg)!.expectedCost).toBeGreaterThan(ideal.expectedCost)
})
