import {
    defaultClimate,
    outstandingKwh,
    parseVpp,
    reduceSamples,
    rulePlan,
    type Scenario,
    sampleVpp,
    scenarioOf,
    scheduleVpp,
    withSamples,
} from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { district } from './district.ts'
import { operateDay, operateFixed, planForDay } from './operate-day.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())

const plain = parseVpp(JSON.stringify(district)).vpp
const climate = { ...defaultClimate, latDeg: 42.5 }
const drawn = sampleVpp(plain, climate, 5, 40)
const vpp = withSamples(plain, drawn, reduceSamples(plain, drawn, 3))
const forecast = vpp.forecast!
const truths = sampleVpp(plain, climate, 99, 2)
let plan: Awaited<ReturnType<typeof planForDay>>
let ignorant: typeof plan
beforeAll(async () => {
    const { solution } = await scheduleVpp(vpp, solver, { beta: 0.2, gap: 1e-2 })
    plan = await planForDay(vpp, forecast, solution!.firstStage, solver)
    const deterministic = await scheduleVpp(vpp, solver, { beta: 0, gap: 1e-3, scenarios: [forecast] })
    ignorant = await planForDay(vpp, forecast, deterministic.solution!.firstStage, solver)
}, 60_000)
const sum = (parts: readonly number[]) => parts.reduce((a, b) => a + b, 0)

test('VP36 a day that comes as forecast: run as planned, an empty ledger', async () => {
    const day = await operateDay(vpp, plan, forecast, solver)
    expect(day.violations).toEqual([])
    expect(day.ledger.entries).toEqual([])
    expect(Math.abs(day.ledger.total)).toBeLessThanOrEqual(1)
    expect(day.end.batteries[0]).toBeCloseTo(400, 5)
    expect(day.end.period).toBe(24)
})

test('VP36 days nobody foresaw: no promise broken, cheaper than both baselines, settled to the cent', async () => {
    for (const row of [0, 1]) {
        const truth = scenarioOf(vpp, truths, row)
        const day = await operateDay(vpp, plan, truth, solver)
        expect(day.violations).toEqual([])
        expect(day.steps.every(({ status }) => status === 'optimal')).toBe(true)
        for (const other of [operateFixed(vpp, rulePlan(vpp), truth), operateFixed(vpp, ignorant, truth)]) {
            expect(other.violations).toEqual([])
            expect(day.costs.operatingCost).toBeLessThan(other.costs.operatingCost)
        }
        // no better than had the day been known from its morning, and not much worse
        const known = await scheduleVpp(vpp, solver, { beta: 0, given: plan.firstStage, scenarios: [{ ...truth, probability: 1 }] })
        const least = known.verdict!.expected.operatingCost
        expect(day.costs.operatingCost).toBeGreaterThanOrEqual(least * (1 - 1e-6))
        expect(day.costs.operatingCost).toBeLessThan(least * 1.05)
        const { ledger } = day
        expect(ledger.realised.total).toBe(Math.round(100 * day.costs.operatingCost))
        expect(sum(Object.values(ledger.realised.components))).toBe(ledger.realised.total)
        expect(sum(ledger.entries.map((e) => e.amount))).toBe(ledger.total)
    }
})

test('VP62 loads that catch up: decided anew every hour or run by rules, the day balances and its end says what is owed', async () => {
    const held = { ...vpp, curtailable: [{ name: 'flats', frac: 0.2, price: 0.05, energyMax: Infinity, rebound: 0.6, reboundH: 2 }] }
    const truth = scenarioOf(vpp, truths, 0)
    for (const day of [await operateDay(held, rulePlan(held), truth, solver), operateFixed(held, rulePlan(held), truth)]) {
        expect(day.violations).toEqual([])
        expect(sum(day.dispatch.curt[0]!)).toBeGreaterThan(100)
        expect(day.end.owed[0]!).toBeCloseTo(outstandingKwh(held, day.dispatch.curt)[0]!, 6)
        for (let t = 0; t < held.periods; t++) {
            const off = [...day.ledger.entries, ...day.ledger.answers].filter((e) => e.period === t)
            expect(sum(off.map((e) => e.volumeWh))).toBe(0)
        }
    }
})

test('VP36 a turbine trips: named in the ledger, planned around, and back when it can', async () => {
    const on = plan.dispatch.gt[0]!.map((p, t) => (p > 0 ? t : -1)).filter((t) => t >= 0)
    const [from, to] = [on[1]!, on[1]! + 4]
    const day = await operateDay(vpp, plan, forecast, solver, { faults: [{ device: 'gas engine', from, to }] })
    for (let t = from; t < to; t++) expect(day.dispatch.gt[0]![t]).toBe(0)
    const named = day.ledger.entries.filter((e) => e.source === 'gas engine')
    expect(named.map((e) => e.period)).toEqual(on.filter((t) => t >= from && t < to))
    for (const e of named) expect(e.volumeWh).toBe(-Math.round(1000 * plan.dispatch.gt[0]![e.period]!))
    // in the first period nobody knew: the grid gave what was missing
    expect(day.dispatch.short[from]).toBeGreaterThan(0)
    expect(sum(day.ledger.entries.map((e) => e.amount))).toBe(day.ledger.total)
    expect(day.ledger.total).toBeGreaterThan(0)
    // what is broken is the turbine's own promise alone
    expect(day.violations.filter(({ what }) => !what.includes('gas engine'))).toEqual([])
})

test('VP33 VP36 no word all day: safe setpoints, dearer, and every device keeps its promises', async () => {
    const truth = scenarioOf(vpp, truths, 0)
    const silent = await operateDay(vpp, plan, truth, solver, { silence: forecast.pv[0]!.map((_, t) => t) as unknown as number[] })
    expect(silent.steps.every(({ status }) => status === 'safe')).toBe(true)
    expect(silent.violations).toEqual([])
    const heard = await operateDay(vpp, plan, truth, solver)
    expect(silent.costs.operatingCost).toBeGreaterThan(heard.costs.operatingCost)
    const some = await operateDay(vpp, plan, truth, solver, { silence: [9, 10, 11] })
    expect(some.violations).toEqual([])
    expect(some.steps.map(({ status }) => status).filter((s) => s === 'safe')).toHaveLength(3)
})

test('VP33 VP34 VP35 VP36 faults of many devices and silence at once: the books are exact, what is broken is theirs', async () => {
    const faults = [
        { device: 'battery', from: 8, to: 24 },
        { device: 'hall roofs', from: 10, to: 14, share: 0.5 },
        { device: 'street posts', from: 11, to: 13 },
        { device: 'chiller', from: 12, to: 16, share: 0.3 },
        { device: 'cold stores', from: 17, to: 20 },
    ]
    const day = await operateDay(vpp, plan, scenarioOf(vpp, truths, 1), solver, {
        faults,
        silence: [11, 15],
        fanBeta: 0.2,
    })
    const { ledger } = day
    expect(sum(ledger.entries.map((e) => e.amount))).toBe(ledger.total)
    expect(ledger.realised.total).toBe(Math.round(100 * day.costs.operatingCost))
    for (let t = 0; t < 24; t++)
        expect(sum([...ledger.entries, ...ledger.answers].filter((e) => e.period === t).map((e) => e.volumeWh))).toBe(0)
    expect(day.violations.filter(({ what }) => !/battery|street posts|^cold balance/.test(what))).toEqual([])
    for (let t = 8; t < 24; t++) expect(day.dispatch.bat[0]!.ch[t]! + day.dispatch.bat[0]!.dis[t]!).toBe(0)
    expect(new Set(ledger.entries.map((e) => e.source))).toContain('hall roofs')
})

test('9.1.1-2n the less sun than forecast, the dearer the day, and all of it intraday', async () => {
    const believed = (await operateDay(vpp, plan, forecast, solver)).costs.operatingCost
    let before = believed - 1
    for (const error of [0, -0.2, -0.4, -0.75]) {
        const truth: Scenario = { ...forecast, pv: forecast.pv.map((series) => series.map((p) => (1 + error) * p)) }
        const day = await operateDay(vpp, plan, truth, solver)
        const intraday = day.costs.operatingCost - believed
        expect(day.violations).toEqual([])
        expect(day.costs.operatingCost).toBeGreaterThan(before)
        expect(intraday).toBeGreaterThanOrEqual(-1e-6 * believed)
        // who misses sun pays for it: sun is the only source, and its money all there is
        for (const e of day.ledger.entries) expect(e.source).toBe('sun')
        expect(sum(day.ledger.entries.map((e) => e.amount))).toBe(day.ledger.total)
        before = day.costs.operatingCost
    }
})
