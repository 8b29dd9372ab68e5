import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import {
    advanceState,
    byPeriod,
    commitmentsByPeriod,
    type DayState,
    joinSetpoints,
    restOfDay,
    type Setpoints,
    startOfDay,
} from './day-state.ts'
import { randomDay } from './instance.fixture.ts'
import { replan, safeSetpoints } from './intraday.ts'
import { meanScenario } from './mean-scenario.ts'
import { outlookFan, updateOutlook } from './outlook.ts'
import { buildProgram } from './program.ts'
import { parseVpp } from './read-instance.ts'
import { rulePlan } from './rule-plan.ts'
import { scheduleVpp } from './schedule.ts'
import type { FirstStage } from './solution.ts'
import { verifySchedule } from './verify.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())
const load = (seed: number) => {
    const { vpp } = parseVpp(JSON.stringify(randomDay(seed)))
    return { ...vpp, forecast: { ...meanScenario(vpp), probability: 1 } }
}

/** A day whose setpoints come from `decide`, verified. */
async function run(seed: number, firstStage: FirstStage, decide: (state: DayState) => Promise<Setpoints> | Setpoints) {
    const given = load(seed)
    const vpp = byPeriod(given)
    let state = startOfDay(vpp)
    const steps: Setpoints[] = []
    while (state.period < vpp.periods) {
        steps.push(await decide(state))
        state = advanceState(vpp, state, steps.at(-1)!)
    }
    const u = vpp.gasTurbines.map((_, i) => steps.map((s) => (s.on[i] ? 1 : 0)))
    return verifySchedule(vpp, [given.forecast], { beta: 0, firstStage: { ...firstStage, u }, scenarios: [joinSetpoints(vpp, steps)] })
}

test('VP32 a day that comes as forecast is run as it was planned, period by period', async () => {
    const vpp = load(5)
    const plan = await scheduleVpp(vpp, solver, { beta: 0, scenarios: [vpp.forecast] })
    const { firstStage } = plan.solution!
    const rest: number[] = []
    const verdict = await run(5, firstStage, async (state) => {
        const found = await replan(vpp, firstStage, state, [vpp.forecast], solver)
        expect(found.status).toBe('optimal')
        rest.push(found.restCost)
        return found.setpoints
    })
    expect(verdict.violations).toEqual([])
    expect(verdict.maxSimultaneous).toBeLessThan(1e-6)
    expect(rest[0]! / plan.verdict!.objective).toBeCloseTo(1, 7)
    expect(verdict.expected.operatingCost / plan.verdict!.objective).toBeCloseTo(1, 7)
})

test('VP32 scenarios of an outlook part only after the period to come', () => {
    const vpp = byPeriod(load(5))
    const plan = rulePlan(vpp)
    const given = { ...plan.firstStage, u: commitmentsByPeriod(vpp, plan.firstStage.u) }
    const { program } = buildProgram(vpp, vpp.scenarios, { beta: 0, given, shared: 2 })
    const tied = program.rowName.filter((name) => name.startsWith('setpoint'))
    // short, surplus, sun, wind, 2 segments, heat, reduction, room, water, 2 boilers, heat thrown away, chiller, absorber, ice, battery, tank: no vehicle yet
    expect(tied).toHaveLength(2 * 2 * 21)
    expect(tied.at(-1)).toBe('setpoint 20 of period 1 in scenario 2 as in scenario 0')
})

test('VP32 what trips, and what is lost, is planned around; commitments may be made anew', async () => {
    const vpp = load(5)
    const plan = await scheduleVpp(vpp, solver, { beta: 0, scenarios: [vpp.forecast] })
    const { firstStage } = plan.solution!
    const u = commitmentsByPeriod(vpp, firstStage.u)
    expect(u[0]!.some((on) => on === 1)).toBe(true)
    let state = startOfDay(vpp)
    for (let t = 0; t < 4; t++) {
        const { setpoints } = await replan(vpp, firstStage, state, [vpp.forecast], solver)
        state = advanceState(vpp, state, setpoints)
    }
    const whole = await replan(vpp, firstStage, state, [vpp.forecast], solver)
    const free = await replan(vpp, firstStage, state, [vpp.forecast], solver, { commitments: 'free' })
    expect(free.restCost).toBeLessThanOrEqual(whole.restCost * (1 + 1e-6))
    const hurt = await replan(vpp, firstStage, state, [vpp.forecast], solver, { availability: { engine: 0, battery: 0, field: 0.5 } })
    expect(hurt.status).toBe('optimal')
    expect(hurt.setpoints).toMatchObject({ on: [false], gt: [0], bat: [{ ch: 0, dis: 0 }] })
    expect(hurt.setpoints.pv[0]).toBeLessThanOrEqual(0.5 * vpp.forecast.pv[0]![4]! + 1e-9)
    expect(hurt.commitments[0]!.every((on) => on === 0)).toBe(true)
    expect(hurt.restCost).toBeGreaterThan(whole.restCost)
})

test('VP32 the rest that cannot keep every limit misses the least, by name', async () => {
    const vpp = load(5)
    const { firstStage } = rulePlan(vpp)
    // two periods before they leave, the vehicles are nearly empty: 2·80 kW·2 h·0.93 and 20 kWh make 317.6 of 240 … so ask for more
    const plant = { ...vpp, evs: vpp.evs.map((f) => ({ ...f, eDepart: 300, eMax: 330 })) }
    const state = { ...startOfDay(byPeriod(plant)), period: 8, evs: [100] }
    const found = await replan(plant, firstStage, state, [vpp.forecast], solver)
    expect(found.status).toBe('relaxed')
    const missing = found.relaxation.find(({ what }) => what.includes('street posts'))!
    expect(missing.what).toMatch(/^content of street posts after period 0 above its least 300/)
    expect(missing.by).toBeCloseTo(300 - 100 - 80 * 2 * 0.93, 6)
    expect(found.setpoints.ev[0]!.ch).toBeCloseTo(80, 6)
})

test('VP33 without a solver or a word every device holds what it has, and nothing promised is broken', async () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
        const vpp = load(seed)
        const { firstStage } = rulePlan(vpp)
        const verdict = await run(seed, firstStage, (state) => safeSetpoints(vpp, firstStage, state, vpp.forecast).setpoints)
        // the feeder is watched from outside alone
        expect(verdict.violations.filter(({ what }) => !/^flow|^squared/.test(what))).toEqual([])
        expect(verdict.maxSimultaneous).toBe(0)
    }
    const vpp = load(1)
    const { firstStage } = rulePlan(vpp)
    const { setpoints } = safeSetpoints(vpp, firstStage, startOfDay(vpp), vpp.forecast, { engine: 0 })
    expect(setpoints).toMatchObject({ on: [false], gt: [0], bat: [{ ch: 0, dis: 0 }] })
})

test('VP32 the rest of a day owes what the whole day owed', () => {
    const vpp = byPeriod(load(1))
    const state = { ...startOfDay(vpp), period: 3, batteries: [200], rooms: [25], reduced: [120] }
    const rest = restOfDay(vpp, state)
    expect(rest).toMatchObject({
        periods: 9,
        batteries: [{ e0: 200, eFinal: 120 }],
        airConditioners: [{ t0: 25, tFinal: 24 }],
        waterHeaters: [{ h0: 100, hFinal: 100 }],
        curtailable: [{ energyMax: 380 }],
        evs: [{ arrive: 0, depart: 6, eArrive: 60 }],
    })
    expect(rest.grid.buyPrice).toHaveLength(9)
})

test('VP32 the outlook keeps what was measured and lets errors fade, nearer to the day than the forecast was', () => {
    let [before, after] = [0, 0]
    for (let seed = 0; seed < 20; seed++) {
        const vpp = load(seed)
        const [truth] = vpp.scenarios
        const outlook = updateOutlook(vpp, vpp.forecast, truth!, 5)
        for (const name of ['pv', 'wind'] as const) {
            expect(Array.from(outlook[name][0]!.slice(0, 6))).toEqual(Array.from(truth![name][0]!.slice(0, 6)))
            expect(outlook[name][0]!.every((p) => p >= 0 && p <= vpp[name][0]!.capacity)).toBe(true)
        }
        expect(outlook.load![5]).toBe(truth!.load![5])
        // an error half as large is half as large in every hour that follows
        const half = { ...truth!, load: truth!.load!.map((l, t) => (l + vpp.forecast.load![t]!) / 2) }
        const halved = updateOutlook(vpp, vpp.forecast, half, 5)
        for (let t = 6; t < 12; t++) {
            const [whole, part] = [outlook.load![t]! - vpp.forecast.load![t]!, halved.load![t]! - vpp.forecast.load![t]!]
            expect(part).toBeCloseTo(whole / 2, 6)
            expect(Math.abs(whole)).toBeLessThan(Math.abs(truth!.load![5]! / vpp.forecast.load![5]! - 1) * vpp.forecast.load![t]! + 1e-9)
        }
        before += Math.abs(vpp.forecast.load![5]! - truth!.load![5]!)
        after += Math.abs(outlook.load![5]! - truth!.load![5]!)
    }
    expect(after).toBeLessThan(before)
})

test('VP32 the fan of an outlook agrees on what was measured, and holds every day it could become', () => {
    const vpp = load(3)
    const [truth] = vpp.scenarios
    const fan = outlookFan(vpp, vpp.forecast, truth!, vpp.scenarios, 6)
    for (const scenario of fan)
        for (const name of ['pv', 'wind'] as const) {
            expect(scenario[name][0]!.slice(0, 7)).toEqual(truth![name][0]!.slice(0, 7))
            expect(scenario[name][0]!.every((p) => p >= 0 && p <= vpp[name][0]!.capacity)).toBe(true)
        }
    // a day that goes on as one of the scenarios is in it as that scenario
    fan[0]!.load!.forEach((p, t) => void expect(p).toBeCloseTo(truth!.load![t]!, 9))
    expect(fan[1]!.load).not.toEqual(fan[0]!.load)
    expect(fan.reduce((sum, s) => sum + s.probability, 0)).toBeCloseTo(1, 12)
})
