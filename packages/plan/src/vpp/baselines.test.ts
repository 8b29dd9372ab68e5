import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { computeBaselines, dayFigures, scorePlan } from './baselines.ts'
import { coordination, oneDay, randomDay } from './instance.fixture.ts'
import { parseVpp } from './read-instance.ts'
import { rulePlan, settleFixed } from './rule-plan.ts'
import { scheduleVpp } from './schedule.ts'
import { verifySchedule } from './verify.ts'

const solver = createHighsSolver({ threads: 2 })
afterAll(() => solver.close())
const load = (instance: object) => parseVpp(JSON.stringify(instance)).vpp

const shared = resolve(import.meta.dirname, '../../../../../shared/spec/instances')
const instances = existsSync(shared) ? readdirSync(shared).filter((name) => name.startsWith('vpp-')) : []

test('VP30 the rules make a plan without a violation, on random days of every resource and on shared ones', () => {
    const days = [oneDay, coordination, ...Array.from({ length: 40 }, (_, seed) => randomDay(seed))].map((day) => JSON.stringify(day))
    for (const text of [...days, ...instances.map((name) => readFileSync(`${shared}/${name}`, 'utf8'))]) {
        const { vpp } = parseVpp(text)
        const { firstStage, dispatch, forecast } = rulePlan(vpp)
        const { violations, maxSimultaneous } = verifySchedule(vpp, [forecast], { beta: 0, firstStage, scenarios: [dispatch] })
        expect({ [vpp.name]: violations }).toEqual({ [vpp.name]: [] })
        expect(maxSimultaneous).toBe(0)
    }
})

test('VP30 the rules keep loads that move, blocks, sessions and the limits of the connection', () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
        const day = randomDay(seed)
        const vpp = load({
            ...day,
            grid: { ...day.grid, demandMax: 2100, feedInMax: 500 },
            shiftable: [{ name: 'laundry', down: 20, up: 30, energy: 30, price: 0.05, rebound: 1.1 }],
            blocks: [{ name: 'pump', power: 30, energy: 100, from: 3, to: 9 }],
            evs: [{ ...day.evs[0]!, readyBy: 7 }],
        })
        expect(vpp.evs).toHaveLength(3)
        const { firstStage, dispatch, forecast } = rulePlan(vpp)
        const { violations } = verifySchedule(vpp, [forecast], { beta: 0, firstStage, scenarios: [dispatch] })
        expect({ [seed]: violations }).toEqual({ [seed]: [] })
        // excess the connection does not take is spilt on the day too
        for (const scenario of vpp.scenarios) {
            const { surplus } = settleFixed(vpp, { firstStage, dispatch, forecast }, scenario)
            surplus.forEach((p, t) => void expect(p + firstStage.sell[t]! - firstStage.buy[t]!).toBeLessThanOrEqual(500 + 1e-6))
        }
    }
})

test('VP30 on a day as it was devices keep to the plan and the balance is settled', () => {
    const vpp = load(coordination)
    const plan = rulePlan(vpp)
    // 40 kW sold for the forecast; the sale pays for no fuel
    expect(plan.firstStage.sell).toEqual([40])
    expect(plan.dispatch.gt).toEqual([[0]])
    const [low, high] = vpp.scenarios.map((day) => settleFixed(vpp, plan, day))
    expect(low).toMatchObject({ short: [20], surplus: [0], gt: [[0]] })
    expect(high).toMatchObject({ short: [0], surplus: [20] })
    expect(dayFigures(vpp, vpp.scenarios[0]!, low!)).toEqual({
        curtailedKwh: 0,
        renewableKwh: 20,
        co2Kg: 0,
        imbalanceKwh: 20,
        reducedKwh: 0,
    })
})

for (const [name, instance, beta] of [
    ['on paper', coordination, 0.5],
    ['random 3', randomDay(3), 0],
    ['random 4', randomDay(4), 0.6],
] as const)
    test(`VP31 the plan for all scenarios is never worse than its baselines in its own objective, ${name}`, async () => {
        const vpp = load(instance)
        const { ruleBased, deterministic } = await computeBaselines(vpp, solver, { beta })
        const { solution, verdict } = await scheduleVpp(vpp, solver, { beta })
        const own = scorePlan(vpp, vpp.scenarios, solution!)
        expect(own.objective).toBeCloseTo(verdict!.objective, 9)
        const slack = 1e-6 * Math.abs(own.objective)
        expect(own.objective).toBeLessThanOrEqual(deterministic.objective + slack)
        expect(own.objective).toBeLessThanOrEqual(ruleBased.objective + slack)
        for (const { costs, expected, figures } of [ruleBased, deterministic, own]) {
            expect(costs).toHaveLength(vpp.scenarios.length)
            const { operatingCost, ...parts } = expected
            expect(Object.values(parts).reduce((a, b) => a + b, 0)).toBeCloseTo(operatingCost, 6)
            expect(figures.curtailedKwh).toBeLessThanOrEqual(figures.renewableKwh)
        }
    })

for (const name of instances.filter((file) => /-(s1|net|hourly)\.json/.test(file)))
    test(`VP31 the same on ${name}`, async () => {
        const { vpp } = parseVpp(readFileSync(`${shared}/${name}`, 'utf8'))
        const { ruleBased, deterministic } = await computeBaselines(vpp, solver, { beta: 0 })
        const { verdict } = await scheduleVpp(vpp, solver, { beta: 0 })
        const slack = 1e-6 * Math.abs(verdict!.objective)
        expect(verdict!.objective).toBeLessThanOrEqual(deterministic.objective + slack)
        expect(verdict!.objective).toBeLessThan(ruleBased.objective)
    })
