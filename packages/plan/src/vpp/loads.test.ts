import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { computeBaselines } from './baselines.ts'
import { costLines } from './cost-lines.ts'
import { parseVpp } from './read-instance.ts'
import { scheduleVpp } from './schedule.ts'
import { verifySchedule } from './verify.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())

/** Three hours at 0.1, 0.9 and 0.5 per kWh, 100 kW of load, and whatever is asked for. */
const hours = (more: object, grid: object = {}) => ({
    format: 'vpp-instance/1',
    name: 'three hours',
    T: 3,
    dt: 1,
    grid: { buyPrice: [0.1, 0.9, 0.5], sellPrice: 0, shortPrice: 3, surplusPrice: 0, importMax: 500, exportMax: 500, ...grid },
    load: { fixed: 100 },
    scenarios: [{ prob: 1 }],
    ...more,
})
const parse = (instance: object) => {
    const { vpp, issues } = parseVpp(JSON.stringify(instance))
    return { vpp, issues }
}
const plan = (instance: object) => scheduleVpp(parse(instance).vpp, solver, { beta: 0 })

test('VP44 a load moved away from the dear hour is paid for and comes back in the cheap ones, more than was saved', async () => {
    const shiftable = [{ name: 'laundry', down: 20, up: 30, energy: 30, price: 0.05, rebound: 1.1 }]
    const later = await plan(hours({ shiftable }))
    // 20 less at 0.9, 22 more at 0.5
    expect(later.verdict!.objective).toBeCloseTo(150 - 20 * 0.9 + 22 * 0.5 + 1, 9)
    expect(later.verdict!.expected.loadReductionCost).toBeCloseTo(1, 9)
    expect(later.verdict!.violations).toEqual([])
    const before = await plan(hours({ shiftable: [{ ...shiftable[0], ahead: true }] }))
    // the first hour is cheaper; 8 kW of the last hour are worth moving too, as far as 30 kW more in the first go
    expect(before.solution!.scenarios[0]!.ev[0]!.ch[0]).toBeCloseTo(30, 6)
    expect(before.verdict!.objective).toBeLessThan(later.verdict!.objective)
    const windowed = await plan(hours({ shiftable: [{ ...shiftable[0], from: 0, to: 2 }] }))
    expect(windowed.verdict!.objective).toBeCloseTo(150, 9)
})

test('VP44 reduced with a rebound of less than the whole', async () => {
    const { verdict, vpp } = {
        ...(await plan(hours({ shiftable: [{ name: 'cooling', down: 10, up: 10, energy: 10, price: 0.2, rebound: 0.5 }] }))),
        ...parse(hours({})),
    }
    expect(vpp.evs).toEqual([])
    // 10 less at 0.9, 5 of them back at 0.5; and in the last hour nothing, for nothing could come back
    expect(verdict!.objective).toBeCloseTo(150 - 9 + 2.5 + 2, 9)
    expect(verdict!.maxSimultaneous).toBeLessThan(1e-6)
})

test('VP44 a block runs when it suits within its periods', async () => {
    const { solution, verdict } = await plan(hours({ blocks: [{ name: 'pump', power: 8, energy: 12, from: 1, to: 3 }] }))
    expect(solution!.scenarios[0]!.ev[0]!.ch).toEqual([expect.closeTo(4, 6), expect.closeTo(8, 6)])
    expect(verdict!.objective).toBeCloseTo(150 + 4 * 0.9 + 8 * 0.5, 9)
})

test('VP45 sessions of a fleet of their own, ready before they leave', async () => {
    const fleet = { name: 'posts', kind: 'public', pCh: 20, eArrive: 0, eDepart: 20, eMax: 40 }
    const instance = hours({
        evs: [
            {
                ...fleet,
                sessions: [
                    { arrive: 1, depart: 3 },
                    { arrive: 1, depart: 3, readyBy: 2 },
                ],
            },
        ],
    })
    const { vpp } = parse(instance)
    expect(vpp.evs.map(({ name, kind, readyBy }) => [name, kind, readyBy])).toEqual([
        ['posts 1', 'public', undefined],
        ['posts 2', 'public', 2],
    ])
    const { verdict, solution } = await plan(instance)
    expect(verdict!.objective).toBeCloseTo(150 + 20 * 0.5 + 20 * 0.9, 9)
    const late = structuredClone(solution!) as typeof solution
    const [stay] = [late!.scenarios[0]!.ev[1]!]
    Object.assign(stay, { ch: [0, 20] })
    expect(verifySchedule(vpp, vpp.scenarios, late!).violations.map((v) => v.what)).toContain('content when ready of posts 2 in period 1')
})

test('VP46 any machine, with efficiencies at part load', async () => {
    const partLoad = {
        fuelPrice: 0.12,
        points: [
            { p: 40, eff: 0.3 },
            { p: 80, eff: 0.4 },
        ],
    }
    const { vpp, issues } = parse(hours({ generators: [{ name: 'diesel', startCost: 5, partLoad }] }))
    expect(issues).toEqual([])
    // 16 an hour at 40 kW, 24 at 80: 0.2 per kWh between
    expect(vpp.gasTurbines[0]).toMatchObject({ kind: 'generic', pMin: 40, noLoadCost: 16, heatRatio: 0 })
    expect(vpp.gasTurbines[0]!.segments).toEqual([{ width: 40, cost: expect.closeTo(0.2, 12) }])
    const { verdict } = await scheduleVpp(vpp, solver, { beta: 0 })
    expect(verdict!.objective).toBeCloseTo(10 + (20 * 0.9 + 24) + (20 * 0.5 + 24) + 5, 9)
    const falling = {
        ...partLoad,
        points: [
            { p: 40, eff: 0.3 },
            { p: 80, eff: 0.4 },
            { p: 100, eff: 0.8 },
        ],
    }
    expect(parse(hours({ generators: [{ name: 'wonder', partLoad: falling }] })).issues[0]).toMatchObject({ code: 'falling-cost' })
})

test('VP47 what may be drawn from the grid and given to it, deviations included', async () => {
    const { status, relaxation } = await plan(hours({}, { demandMax: 90 }))
    expect(status).toBe('infeasible')
    expect(relaxation![0]!.what).toMatch(/^(demand from the grid|power balance) in period/)
    const shiftable = [{ name: 'laundry', down: 20, up: 30, energy: 30, price: 0.05 }]
    const { verdict, solution } = await plan(hours({ shiftable }, { demandMax: [120, 85, 120] }))
    expect(verdict!.violations).toEqual([])
    expect(solution!.firstStage.buy[1]).toBeLessThanOrEqual(85 + 1e-9)
})

test("VP44 loads that move keep to the rules, and the day's lines add up", async () => {
    const { vpp } = parse(
        hours({
            shiftable: [{ name: 'laundry', down: 20, up: 30, energy: 30, price: 0.05, rebound: 1.1 }],
            blocks: [{ name: 'pump', power: 8, energy: 12, from: 1, to: 3 }],
            gasTurbines: [],
        }),
    )
    const { ruleBased, deterministic } = await computeBaselines(vpp, solver)
    expect(ruleBased.maxViolation).toBeLessThan(1e-6)
    const { solution, verdict } = await scheduleVpp(vpp, solver)
    expect(verdict!.objective).toBeLessThanOrEqual(ruleBased.objective + 1e-9)
    expect(verdict!.objective).toBeCloseTo(deterministic.objective, 9)
    const lines = costLines(vpp, vpp.scenarios[0]!, solution!.firstStage, solution!.scenarios[0]!)
    const sum = lines.reduce((total, line) => total + line.cost.reduce((a, b) => a + b, 0), 0)
    expect(sum).toBeCloseTo(verdict!.objective, 9)
    expect(lines.find((line) => line.resource === 'laundry')!.component).toBe('compensation')
})
