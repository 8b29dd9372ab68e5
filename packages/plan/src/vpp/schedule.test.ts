import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { evaluateFirstStage, evaluateVpp } from './evaluate.ts'
import { coordination, newsvendor, oneDay, randomDay } from './instance.fixture.ts'
import { parseVpp } from './read-instance.ts'
import { scheduleVpp } from './schedule.ts'
import { verifySchedule } from './verify.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())
const load = (instance: object) => parseVpp(JSON.stringify(instance)).vpp
/** a copy of anything that can be spoilt at will */
const copy = (value: unknown) => JSON.parse(JSON.stringify(value))
const schedule = (instance: object, beta = 0) => scheduleVpp(load(instance), solver, { beta })

test('VP2 a day solved on paper', async () => {
    const { status, verdict, solution } = await schedule(oneDay)
    expect(status).toBe('optimal')
    expect(verdict!.objective).toBeCloseTo(36.78, 9)
    expect(solution!.firstStage.sell[0]).toBeCloseTo(20, 9)
    expect(solution!.firstStage.buy[1]).toBeCloseTo(6, 9)
    expect(solution!.scenarios[0]!.bat[0]!.dis[1]).toBeCloseTo(24, 9)
    expect(verdict!.expected).toMatchObject({ storageCost: expect.closeTo(0.48, 9), loadReductionCost: expect.closeTo(7.5, 9) })
})

test('VP2 VP6 the newsvendor sells all until risk weighs 1/7', async () => {
    const bold = await schedule(newsvendor, 0.14)
    // short costs 0.5 here: selling 100 costs 0 in the low scenario and −30 in the high one
    expect(bold.verdict!.objective).toBeCloseTo(Math.min(-15 * 0.86, -15 * 0.86 - 12 * 0.14), 9)
    const careful = await schedule(newsvendor, 0.5)
    expect(careful.verdict!.objective).toBeCloseTo(-15 * 0.5 - 12 * 0.5, 9)
    expect(careful.verdict!.cvar).toBeCloseTo(-12, 9)
})

test('VP2 a turbine that fills the gap is sold, until risk weighs 0.8', async () => {
    const bold = await schedule(coordination, 0.79)
    const careful = await schedule(coordination, 0.81)
    expect(bold.verdict).toMatchObject({ expected: { operatingCost: expect.closeTo(-17, 9) }, cvar: expect.closeTo(-7, 9) })
    expect(careful.verdict).toMatchObject({ expected: { operatingCost: expect.closeTo(-9, 9) }, cvar: expect.closeTo(-9, 9) })
})

test('VP7 what ignoring uncertainty costs', async () => {
    const found = await evaluateVpp(load(coordination), solver)
    expect(found.deterministic).toBeCloseTo(-18, 9)
    expect(found.deterministicEvaluated).toBeCloseTo(-13, 9)
    expect(found.stochastic).toBeCloseTo(-17, 9)
    expect(found.vss).toBeCloseTo(4, 9)
    expect(found.waitAndSee).toBeCloseTo((-9 - 27) / 2, 9)
    expect(found.evpi).toBeCloseTo(1, 9)
})

for (const seed of [1, 2])
    test(`VP3 VP4 VP5 VP8 VP11 a day of every resource, seed ${seed}`, async () => {
        const vpp = load(randomDay(seed))
        const points = []
        for (const beta of [0, 0.5, 0.95]) {
            const { status, verdict, solution } = await scheduleVpp(vpp, solver, { beta })
            expect(status).toBe('optimal')
            expect(verdict!.violations).toEqual([])
            expect(verdict!.maxSimultaneous).toBeLessThan(1e-6)
            for (const { operatingCost, ...parts } of verdict!.scenarios)
                expect(Object.values(parts).reduce((a, b) => a + b, 0)).toBeCloseTo(operatingCost, 8)
            if (beta === 0) {
                // each scenario by itself, with the first stage given, costs the same in the mean
                const again = await evaluateFirstStage(vpp, solver, solution!.firstStage)
                expect(again.expectedCost / verdict!.objective).toBeCloseTo(1, 8)
            }
            points.push(verdict!)
        }
        for (let k = 1; k < points.length; k++) {
            expect(points[k]!.cvar).toBeLessThanOrEqual(points[k - 1]!.cvar + 1e-6 * Math.abs(points[k]!.cvar))
            expect(points[k]!.expected.operatingCost).toBeGreaterThanOrEqual(points[k - 1]!.expected.operatingCost * (1 - 1e-6))
        }
    })

test('VP4 the verifier finds what is wrong with a schedule', async () => {
    const vpp = load(randomDay(1))
    const { solution } = await scheduleVpp(vpp, solver)
    const found = (change: (s: ReturnType<typeof copy>) => void) => {
        const spoilt = copy(solution)
        change(spoilt)
        return verifySchedule(vpp, vpp.scenarios, spoilt).violations.map((v) => v.what)
    }
    expect(found(() => undefined)).toEqual([])
    expect(found((s) => (s.firstStage.buy[3] += 1))).toContain('power balance in period 3 in scenario 0')
    expect(found((s) => (s.scenarios[1].bat[0].ch[4] += 5))).toContain('content of battery at the end in scenario 1')
    expect(found((s) => s.scenarios[2].ac[0].fill(0))).toContain('temperature of offices at the end in scenario 2')
    expect(found((s) => (s.scenarios[0].pv[0][6] += 2000)).some((what) => what.startsWith('flow b–c in period 6'))).toBe(true)
    expect(found((s) => (s.firstStage.u[0] = [1, 0, 1, 0, 1, 0])).some((what) => what.startsWith('power of engine'))).toBe(true)
    expect(found((s) => (s.scenarios[0].dump[0] = Number.NaN))).toContain('heat balance in period 0 in scenario 0')
})

test('VP5 with negative prices no store burns energy by charging and discharging at once', async () => {
    const instance = copy(oneDay)
    Object.assign(instance.grid, { buyPrice: -0.5, sellPrice: -0.6, surplusPrice: -0.7, shortPrice: 2 })
    instance.batteries[0] = { ...instance.batteries[0], degCost: 0, eMax: 1000 }
    const { status, verdict } = await schedule(instance)
    expect(status).toBe('optimal')
    expect(verdict!.maxSimultaneous).toBeLessThan(1e-6)
})

test('VP9 without a schedule the least that must give way is named', async () => {
    const instance = copy(oneDay)
    instance.grid.importMax = 0
    const { status, relaxation, conflict } = await schedule(instance)
    expect(status).toBe('infeasible')
    // the second hour needs 100: turbine 60, reduction 10, battery 24
    expect(relaxation!.reduce((sum, { by }) => sum + by, 0)).toBeCloseTo(6, 6)
    expect(relaxation![0]!.what).toMatch(/period 1/)
    expect(conflict).toContain('power balance in period 1')
})

const vectors = resolve(import.meta.dirname, '../../../../../shared/spec')
for (const name of existsSync(vectors) ? ['s1', 'hourly'] : [])
    test(`VP2 independent answers of ${name}`, async () => {
        const { vpp } = parseVpp(readFileSync(`${vectors}/instances/vpp-${name}.json`, 'utf8'))
        const answers = JSON.parse(readFileSync(`${vectors}/vectors/vpp-${name}.json`, 'utf8'))
        for (const expected of [answers.stochastic[0], answers.stochastic[2]]) {
            const { verdict } = await scheduleVpp(vpp, solver, { beta: expected.beta })
            for (const [ours, theirs] of [
                [verdict!.objective, expected.objective],
                [verdict!.expected.operatingCost, expected.expectedCost],
                [verdict!.cvar, expected.cvar],
            ])
                expect(Math.abs(ours! / theirs! - 1)).toBeLessThan(1e-6)
        }
    })
