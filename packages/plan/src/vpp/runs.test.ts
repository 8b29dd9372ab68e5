import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { computeBaselines } from './baselines.ts'
import { startOfDay } from './day-state.ts'
import { evaluateFirstStage } from './evaluate.ts'
import { randomDay } from './instance.fixture.ts'
import { replan } from './intraday.ts'
import { parseVpp } from './read-instance.ts'
import { cheapestStarts, dayWithRuns, fixRuns, startsOf } from './runs.ts'
import { scheduleVpp } from './schedule.ts'
import { verifySchedule } from './verify.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())

/** Four hours, the first the cheapest to buy in, 60 kW of sun in the third that nobody else wants. */
const hours = (runs: readonly object[], more: object = {}) => ({
    format: 'vpp-instance/1',
    name: 'four hours',
    T: 4,
    dt: 1,
    grid: { buyPrice: [0.1, 0.9, 0.5, 0.5], sellPrice: 0, shortPrice: 3, surplusPrice: 0, importMax: 500, exportMax: 0 },
    load: { fixed: 20 },
    pvPlants: [{ name: 'sun', capacity: 80 }],
    scenarios: [{ prob: 1, pv: [[0, 0, 80, 0]] }],
    runs,
    ...more,
})
const parse = (instance: object) => parseVpp(JSON.stringify(instance))

test('VP51 a run goes where sun would be spilt, not where buying is cheapest', async () => {
    const { vpp, issues } = parse(hours([{ name: 'kiln', power: 40, hours: 1 }]))
    expect(issues).toEqual([])
    const { solution, verdict } = await scheduleVpp(vpp, solver, { beta: 0 })
    expect(solution!.firstStage.runs).toEqual([2])
    expect(verdict!.objective).toBeCloseTo(20 * (0.1 + 0.9 + 0.5), 9)
    expect(verdict!.violations).toEqual([])
    // rules go by the price alone, and pay for it
    expect(cheapestStarts(vpp)).toEqual([0])
    const { ruleBased, deterministic } = await computeBaselines(vpp, solver, { beta: 0 })
    expect(ruleBased.firstStage.runs).toEqual([0])
    expect(ruleBased.maxViolation).toBeLessThan(1e-6)
    expect(ruleBased.objective).toBeCloseTo(verdict!.objective + 40 * 0.1, 9)
    expect(deterministic.objective).toBeCloseTo(verdict!.objective, 9)
})

test('VP51 a run keeps to its windows without a break; the last period of it may be a part of one', async () => {
    const { vpp } = parse(
        hours([
            {
                name: 'crusher',
                power: 40,
                hours: 1.5,
                windows: [
                    { from: 0, to: 2 },
                    { from: 2, to: 4 },
                ],
            },
        ]),
    )
    const [run] = vpp.runs!
    expect([Array.from(run!.course), startsOf(run!)]).toEqual([
        [40, 20],
        [0, 2],
    ])
    const { solution, verdict } = await scheduleVpp(vpp, solver, { beta: 0 })
    expect(solution!.firstStage.runs).toEqual([2])
    expect(verdict!.objective).toBeCloseTo(20 * 2 - 20 * 0.5 + 20 * 0.5, 9)
    // begun across its windows, or not at all, is told
    const moved = { ...solution!, firstStage: { ...solution!.firstStage, runs: [1] } }
    expect(verifySchedule(vpp, vpp.scenarios, moved).violations).toContainEqual({ what: 'beginning of crusher', amount: 1 })
    const { runs: _, ...without } = solution!.firstStage
    const told = verifySchedule(vpp, vpp.scenarios, { ...solution!, firstStage: without }).violations
    expect(told).toContainEqual({ what: 'beginning of crusher', amount: Infinity })
})

test('VP51 the starts found are the best of all there are, feeder and shares of the load that can be reduced included', async () => {
    const instance = randomDay(3)
    const runs = [
        { name: 'kiln', power: 30, hours: 2 * instance.dt, from: 1, to: 5 },
        { name: 'laundry', power: 20, hours: 1.5 * instance.dt, from: 4, to: 8 },
    ]
    const { vpp, issues } = parse({ ...instance, runs })
    expect(issues).toEqual([])
    const best = await scheduleVpp(vpp, solver, { beta: 0.4 })
    expect(best.status).toBe('optimal')
    expect(best.verdict!.maxViolation).toBeLessThan(1e-6)
    let least = Infinity
    for (const kiln of startsOf(vpp.runs![0]!))
        for (const laundry of startsOf(vpp.runs![1]!)) {
            const one = await scheduleVpp(fixRuns(vpp, [kiln, laundry]), solver, { beta: 0.4 })
            if (one.verdict && one.verdict.objective < least) least = one.verdict.objective
        }
    expect(Math.abs(best.verdict!.objective - least)).toBeLessThan(1e-6 * Math.max(1, Math.abs(least)))
    const parts = await scheduleVpp(vpp, solver, { beta: 0.4, method: 'decomposition', gap: 1e-5 })
    expect(parts.method).toBe('decomposition')
    expect(parts.verdict!.violations).toEqual([])
    expect(Math.abs(parts.verdict!.objective - least)).toBeLessThan(2e-5 * Math.abs(least))
    // decided once: what a plan costs on each day is with its runs as begun, and so is the rest of the day
    const { firstStage } = best.solution!
    const evaluated = await evaluateFirstStage(vpp, solver, firstStage)
    const fixed = await evaluateFirstStage(fixRuns(vpp, firstStage.runs), solver, firstStage)
    expect(evaluated.expectedCost).toBeCloseTo(fixed.expectedCost, 6)
    const day = vpp.scenarios[0]!
    const begun = await replan(vpp, firstStage, startOfDay(vpp), [day], solver)
    const asLoad = await replan(
        fixRuns(vpp, firstStage.runs),
        firstStage,
        startOfDay(vpp),
        [dayWithRuns(vpp, firstStage.runs, day)],
        solver,
    )
    expect(begun.restCost).toBeCloseTo(asLoad.restCost, 6)
})

test('VP10 a run longer than its window is refused with value, limit and cause', () => {
    const { issues } = parse(hours([{ name: 'kiln', power: 40, hours: 3, from: 1, to: 3 }, { name: 'pump' }]))
    expect(issues.map(({ code, path }) => `${code} ${path}`)).toEqual(
        expect.arrayContaining(['out-of-range runs/0/to', 'missing-value runs/1/power', 'missing-value runs/1/hours']),
    )
    expect(issues.find(({ path }) => path === 'runs/0/to')!.message).toBe(
        'runs/0/to is 3, 2 periods after 1, but a run of 3 h takes 3: is the window too narrow, or the run given in minutes?',
    )
})
