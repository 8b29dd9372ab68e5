import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { costLines } from './cost-lines.ts'
import { oneDay, randomDay } from './instance.fixture.ts'
import { keepLedger } from './ledger.ts'
import { parseVpp } from './read-instance.ts'
import { rulePlan, settleFixed } from './rule-plan.ts'
import { roundParts, settleDay, splitWhole } from './settlement.ts'
import { verifySchedule } from './verify.ts'

const load = (instance: object) => parseVpp(JSON.stringify(instance)).vpp
const sum = (parts: readonly number[]) => parts.reduce((a, b) => a + b, 0)

test('VP34 parts are rounded to whole numbers that add up: largest remainders, the earlier first', () => {
    expect(roundParts([0.5, 0.5, 1])).toEqual([1, 0, 1])
    expect(roundParts([1 / 3, 1 / 3, 1 / 3])).toEqual([1, 0, 0])
    expect(roundParts([-0.4, 10.4, 0.7])).toEqual([0, 10, 1])
    expect(roundParts([2, 2], 7)).toEqual([4, 3])
    expect(roundParts([2, 2], -1)).toEqual([0, -1])
    expect(roundParts([])).toEqual([])
    expect(splitWhole(10, [1, 1, 1])).toEqual([4, 3, 3])
    expect(splitWhole(-5, [0, 0])).toEqual([-5, 0])
    const random = createRandom(1)
    for (let k = 0; k < 500; k++) {
        const parts = Array.from({ length: 1 + Math.floor(12 * random.uniform()) }, () => 200 * (random.uniform() - 0.5))
        const whole = roundParts(parts)
        expect(sum(whole)).toBe(Math.round(sum(parts)) + 0)
        whole.forEach((w, i) => {
            expect(Number.isInteger(w)).toBe(true)
            expect(Math.abs(w - parts[i]!)).toBeLessThan(1)
        })
        const total = Math.round(1000 * (random.uniform() - 0.5))
        expect(sum(splitWhole(total, parts.map(Math.abs)))).toBe(total)
    }
})

test('VP34 a day on paper, settled to the cent', () => {
    const vpp = load(oneDay)
    // sold 20 at noon; charged 30; turbine 60, reduction 10, battery 24, bought 6 at night
    const dispatch = {
        ...rulePlan(vpp).dispatch,
        pv: [[150, 0]],
        gt: [[0, 60]],
        bat: [{ ch: [30, 0], dis: [0, 24] }],
        curt: [[0, 10]],
        short: [0, 0],
        surplus: [0, 0],
    }
    const statement = settleDay(vpp, vpp.scenarios[0]!, { buy: [0, 6], sell: [20, 0], u: [[1, 1]] }, dispatch)
    expect(statement).toMatchObject({
        total: 3678,
        components: { dayAhead: -120, fuel: 3000, wear: 48, compensation: 750, short: 0, surplus: 0, start: 0, carbon: 0, other: 0 },
        lines: [
            { component: 'dayAhead', resource: 'purchase', amount: 480, periods: [0, 480] },
            { component: 'dayAhead', resource: 'sale', amount: -600, periods: [-600, 0] },
            { component: 'fuel', resource: 'turbine', amount: 3000 },
            { component: 'wear', resource: 'battery', amount: 48 },
            { component: 'compensation', resource: 'cold store', amount: 750 },
        ],
    })
})

test('VP34 VP35 random days: the lines are what the verifier says, every sum is exact, sources and answers cancel', () => {
    for (let seed = 0; seed < 25; seed++) {
        const vpp = load(randomDay(seed, 2))
        const plan = rulePlan(vpp)
        const planned = { scenario: plan.forecast, firstStage: plan.firstStage, dispatch: plan.dispatch }
        vpp.scenarios.forEach((scenario) => {
            const dispatch = settleFixed(vpp, plan, scenario)
            const one = [{ ...scenario, probability: 1 }]
            const { expected } = verifySchedule(vpp, one, { beta: 0, firstStage: plan.firstStage, scenarios: [dispatch] })
            const lines = costLines(vpp, scenario, plan.firstStage, dispatch)
            expect(sum(lines.map(({ cost }) => sum(Array.from(cost))))).toBeCloseTo(expected.operatingCost, 6)
            const of = (...names: string[]) =>
                sum(lines.filter((l) => names.includes(l.component)).map(({ cost }) => sum(Array.from(cost))))
            expect(of('dayAhead', 'short', 'surplus')).toBeCloseTo(expected.purchaseSaleCost, 6)
            expect(of('fuel', 'start')).toBeCloseTo(expected.gasTurbineCost, 6)
            expect(of('wear')).toBeCloseTo(expected.storageCost, 6)
            expect(of('compensation')).toBeCloseTo(expected.loadReductionCost, 6)

            const ledger = keepLedger(vpp, planned, { scenario, firstStage: plan.firstStage, dispatch })
            for (const statement of [ledger.realised, ledger.planned]) {
                expect(sum(Object.values(statement.components))).toBe(statement.total)
                expect(sum(statement.lines.map((l) => l.amount))).toBe(statement.total)
                for (const l of statement.lines) expect(sum(l.periods)).toBe(l.amount)
            }
            expect(ledger.realised.total).toBe(Math.round(100 * expected.operatingCost))
            expect(sum(ledger.entries.map((e) => e.amount)) + ledger.undisturbed).toBe(ledger.total)
            expect(ledger.total).toBe(ledger.realised.total - ledger.planned.total)
            for (const e of ledger.entries) expect(e.imbalance + e.answers).toBe(e.amount)
            for (let t = 0; t < vpp.periods; t++) {
                const at = [...ledger.entries, ...ledger.answers].filter((e) => e.period === t)
                expect(sum(at.map((e) => e.volumeWh))).toBe(0)
            }
        })
    }
})
