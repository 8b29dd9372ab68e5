import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { balanceResiduals } from './balance.ts'
import { advanceState, byPeriod, restOfDay, setpointsAt, startOfDay } from './day-state.ts'
import { randomDay } from './instance.fixture.ts'
import { parseVpp } from './read-instance.ts'
import { backKw, netReduction, outstandingKwh, owedAfter, reboundKernel } from './rebound.ts'
import { rulePlan } from './rule-plan.ts'
import { scheduleVpp } from './schedule.ts'
import { verifySchedule } from './verify.ts'

const solver = createHighsSolver({ threads: 2 })
afterAll(() => solver.close())
const load = (instance: object) => {
    const { vpp, issues } = parseVpp(JSON.stringify(instance))
    expect(issues).toEqual([])
    return vpp
}

test('VP62 the kernel is the solution of its equation, and all of it is accounted for', () => {
    for (const [rebound, dtH] of [
        [1, 0.25],
        [0.5, 1],
        [1.2, 2],
    ] as const) {
        const tier = { name: 'load', frac: 0.1, price: 0, energyMax: Infinity, rebound, reboundH: 1.3 }
        const kernel = reboundKernel(tier, dtH, 40)
        // 1 kW for one period, in small steps
        const steps = 20_000
        let owed = 0
        kernel.slice(0, 6).forEach((share, j) => {
            let back = 0
            for (let k = 0; k < steps; k++) {
                const mid = owed + ((j === 0 ? rebound * (1 - owed / 1.3) : -owed / 1.3) * dtH) / steps / 2
                back += (mid / 1.3) * (dtH / steps)
                owed += ((j === 0 ? rebound * (1 - mid / 1.3) : -mid / 1.3) * dtH) / steps
            }
            expect(share).toBeCloseTo(back / dtH, 7)
        })
        // of what is gone without in the period itself, the share comes back after it
        const later = kernel.slice(1).reduce((a, b) => a + b, 0)
        const left = kernel.reduce((kwh, _, j) => owedAfter(tier, dtH, kwh, j === 0 ? 1 : 0), 0) / dtH
        expect(later + left).toBeCloseTo(rebound * (1 - kernel[0]!), 9)
    }
})

test('VP62 net reduction by the state is that by the kernel, owed at the beginning included', () => {
    const vpp = load({ ...randomDay(4), curtailable: [{ name: 'a', frac: 0.3, price: 0.1, rebound: 0.7, reboundH: 3, owed: 9 }] })
    const [tier] = vpp.curtailable
    const course = Array.from({ length: vpp.periods }, (_, t) => 10 + 5 * Math.sin(2 * t))
    const kernel = reboundKernel(tier!, vpp.dtH, vpp.periods)
    let owed = 9
    course.forEach((kw, t) => {
        const before = course.slice(0, t + 1).reduce((sum, y, s) => sum + y * kernel[t - s]!, 0)
        const a = Math.exp(-vpp.dtH / 3)
        const net = kw - before - (9 * (1 - a) * a ** t) / vpp.dtH
        expect(netReduction(vpp, [course], t)).toBeCloseTo(net, 9)
        expect(kw - backKw(tier!, vpp.dtH, owed, kw)).toBeCloseTo(net, 9)
        owed = owedAfter(tier!, vpp.dtH, owed, kw)
    })
    expect(outstandingKwh(vpp, [course])[0]).toBeCloseTo(owed, 9)
})

test('VP62 a reduction that pays without a rebound does not where all of it comes back as dear', async () => {
    const hours = (more: object) =>
        load({
            format: 'vpp-instance/1',
            name: 'three hours',
            T: 3,
            dt: 1,
            grid: { buyPrice: [0.6, 0.55, 0.5], sellPrice: 0, shortPrice: 3, surplusPrice: 0, importMax: 500, exportMax: 500 },
            load: { fixed: 100 },
            scenarios: [{ prob: 1 }],
            curtailable: [{ name: 'pumps', max: [20, 0, 0], price: 0.2, ...more }],
        })
    const plain = await scheduleVpp(hours({}), solver, { beta: 0 })
    expect(plain.verdict!.objective).toBeCloseTo(165 - 20 * 0.4, 9)
    const vpp = hours({ rebound: 1, reboundH: 0.5 })
    const seen = await scheduleVpp(vpp, solver, { beta: 0 })
    expect(seen.solution!.scenarios[0]!.curt[0]).toEqual([0, 0, 0])
    expect(seen.verdict!.objective).toBeCloseTo(165, 9)
    // where it comes back cheaply it pays again, more so by what is not back by the end
    const cheap = load({
        format: 'vpp-instance/1',
        name: 'three hours',
        T: 3,
        dt: 1,
        grid: { buyPrice: [0.9, 0.1, 0.1], sellPrice: 0, shortPrice: 3, surplusPrice: 0, importMax: 500, exportMax: 500 },
        load: { fixed: 100 },
        scenarios: [{ prob: 1 }],
        curtailable: [{ name: 'pumps', max: [20, 0, 0], price: 0.2, rebound: 1, reboundH: 2 }],
    })
    const { verdict, solution } = await scheduleVpp(cheap, solver, { beta: 0 })
    const a = Math.exp(-0.5)
    const own = 1 - 2 * (1 - a)
    const later = 2 * (1 - a) * (1 - a ** 2)
    expect(verdict!.objective).toBeCloseTo(110 + 20 * (0.2 - 0.9 * (1 - own) + 0.1 * later), 9)
    expect(outstandingKwh(cheap, solution!.scenarios[0]!.curt)[0]).toBeCloseTo(40 * (1 - a) * a ** 2, 9)
})

const withRebound = (instance: ReturnType<typeof randomDay>) => ({
    ...instance,
    curtailable: [{ name: 'freezers', frac: 0.2, price: 0.1, energyMax: 900, rebound: 0.6, reboundH: 2.5, owed: 40 }],
})

test('VP62 VP40 random days with rebound: verified, balanced, and alike whole and in parts', async () => {
    const vpp = load(withRebound(randomDay(3, 4)))
    const whole = await scheduleVpp(vpp, solver, { beta: 0.3, method: 'extensive' })
    expect(whole.verdict!.violations).toEqual([])
    expect(whole.solution!.scenarios.some((d) => d.curt[0]!.some((kw) => kw > 1))).toBe(true)
    expect(balanceResiduals(vpp, vpp.scenarios, whole.solution!).every(({ kept }) => kept)).toBe(true)
    const parts = await scheduleVpp(vpp, solver, { beta: 0.3, method: 'decomposition', gap: 1e-5 })
    expect(parts.verdict!.violations).toEqual([])
    expect(Math.abs(parts.verdict!.objective / whole.verdict!.objective - 1)).toBeLessThan(1e-5)
    const rules = rulePlan(vpp)
    const { violations } = verifySchedule(vpp, [rules.forecast], { beta: 0, firstStage: rules.firstStage, scenarios: [rules.dispatch] })
    expect(violations.filter(({ what }) => what.startsWith('power balance'))).toEqual([])
})

test('VP62 the rest of a day draws what comes back of the reductions before it', async () => {
    const vpp = byPeriod(load(withRebound(randomDay(5, 1))))
    const { solution } = await scheduleVpp(vpp, solver, { beta: 0 })
    const { firstStage, scenarios } = solution!
    let state = startOfDay(vpp)
    const k = 5
    for (let t = 0; t < k; t++) state = advanceState(vpp, state, setpointsAt(vpp, scenarios[0]!, firstStage.u, t))
    expect(state.owed[0]!).toBeGreaterThan(0)
    const rest = restOfDay(vpp, state)
    const after = Array.from({ length: vpp.periods - k }, (_, j) => netReduction(rest, [scenarios[0]!.curt[0]!.slice(k)], j))
    after.forEach((net, j) => void expect(net).toBeCloseTo(netReduction(vpp, scenarios[0]!.curt, k + j), 9))
})
