import { emptyRegister, promotedOf, rollBack } from '@gridverse/learn'
import { defaultClimate } from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { bridge, samplesOfDays } from './day-series.ts'
import { climate, measuredDays, plant } from './days.fixture.ts'
import { judgeCandidates, recordOutcome } from './feedback.ts'
import { climateInUse, forecastFans, learnFromDays, policyInUse, type VppRegister, withForecasts } from './learn.ts'
import { createVppStudy } from './study.ts'
import { tuneOnPast, tunePolicy } from './tune-policy.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())
const days = measuredDays(90)
const options = { climate: defaultClimate, vpp: plant }
const first = learnFromDays(days, options)
const { register } = judgeCandidates(emptyRegister, first.candidates, { tMs: 1, by: 'system' })

test('VL1 days teach: what is better than the day before, or the process that ships, is promoted with its figures', () => {
    const { report } = first
    expect(report).toMatchObject({ days: 90, from: '2026-04-01', to: '2026-06-29', left: [] })
    expect(report.verdicts.map((v) => v.kind)).toEqual([
        'forecast/load',
        'forecast/pv',
        'forecast/wind',
        'forecast/price',
        'forecast/air',
        'scenarios',
    ])
    // sun and wind gain too, but three weeks do not tell that from chance
    expect(report.verdicts.filter((v) => v.promote).map((v) => v.kind)).toEqual([
        'forecast/load',
        'forecast/price',
        'forecast/air',
        'scenarios',
    ])
    for (const verdict of report.verdicts) expect(verdict.reason).toMatch(/over (22|45) held-out days: .* % less, p 0\./)
    for (const card of report.cards.filter((c) => c.scores)) {
        expect([card.kind, card.scores!.skill > 0]).toEqual([card.kind, true])
        expect(Math.abs(card.scores!.coverage90 - 0.9)).toBeLessThan(0.1)
    }
    const curve = report.curves.find((c) => c.kind === 'scenarios')!
    expect(curve.points.at(-1)!.loss).toBeLessThan(curve.baseline)
    expect(report.drift.map((d) => d.verdict)).not.toContain('drifted')
    expect(JSON.parse(JSON.stringify(first.candidates))).toEqual(first.candidates)
    expect(promotedOf(register, 'scenarios')!.card.id).toBe('scenarios@2026-06-29')
})

test('VL2 the same days teach nothing new; a few more do not replace what is in use; one step back leaves none in use', () => {
    const again = judgeCandidates(register, first.candidates, { tMs: 2, by: 'system' })
    expect(again.judged.every((j) => j.state === 'refused' && j.reason.includes('already'))).toBe(true)
    const more = learnFromDays(measuredDays(96), { ...options, register })
    const next = judgeCandidates(register, more.candidates, { tMs: 3, by: 'system' })
    expect(next.judged.filter((j) => j.state === 'promoted').length).toBeLessThanOrEqual(1)
    expect(next.judged.find((j) => j.state === 'rejected')!.reason).toContain('not shown to be better')
    const back = rollBack(register, 'forecast/load', { tMs: 4, by: 'Ann' })
    if (!back.ok) throw new Error(back.reason)
    expect(promotedOf(back.register, 'forecast/load')).toBeUndefined()
    const after = judgeCandidates(back.register, more.candidates, { tMs: 5, by: 'system' })
    expect(after.judged.find((j) => j.kind === 'forecast/load')!.state).toBe('candidate')
})

test('VL2 too few days say what they lack', () => {
    const { report, candidates } = learnFromDays(days.slice(0, 12), options)
    expect(candidates).toEqual([])
    expect(report.left.map((l) => l.reason)[0]).toBe('12 days with load measured; 22 are needed')
    expect(learnFromDays([], options).report.left).toHaveLength(6)
})

test('VL3 what is in use makes tomorrow: fans, the plant with them, the process of days', () => {
    const fans = forecastFans(register, days, '2026-06-30', defaultClimate, { currency: 'EUR' })
    expect(fans.map((fan) => `${fan.quantity} ${fan.unit}`)).toEqual(['load kW', 'price EUR/kWh', 'air °C'])
    expect(fans.every((fan) => fan.mean.length === 8 && fan.quantiles.length === 19)).toBe(true)
    // the morning drew half as much again: the noon does too, and a little less surely
    const soFar = { day: '2026-06-30', dtH: 3, courses: { load: fans[0]!.mean.slice(0, 3).map((p) => 1.5 * p) } }
    const [now] = forecastFans(register, days, '2026-06-30', defaultClimate, { soFar })
    expect(now!.mean[2]!).toBeCloseTo(1.5 * fans[0]!.mean[2]!, 9)
    expect(now!.mean[3]!).toBeGreaterThan(fans[0]!.mean[3]!)
    expect(now!.mean[7]! - fans[0]!.mean[7]!).toBeLessThan(now!.mean[3]! - fans[0]!.mean[3]!)
    const sun = [0, 0, 100, 400, 500, 200, 0, 0]
    const tomorrow = withForecasts(plant, [...fans, { ...fans[0]!, quantity: 'pv', mean: sun }])
    expect(tomorrow.forecast!.pv[0]![4]! + tomorrow.forecast!.pv[1]![4]!).toBeCloseTo(sun[4]!, 9)
    expect(tomorrow.forecast!.pv[0]![4]! / tomorrow.forecast!.pv[1]![4]!).toBeCloseTo(3, 9)
    expect(tomorrow.grid.buyPrice[6]!).toBeCloseTo(fans[1]!.mean[6]!, 9)
    expect(tomorrow.grid.shortPrice[6]! - tomorrow.grid.buyPrice[6]!).toBeCloseTo(0.9, 9)
    expect(tomorrow.load[3]).toBe(fans[0]!.mean[3])
    expect(climateInUse(register, defaultClimate).model!.courses.wind.deviation).toBeGreaterThan(1)
    expect(climateInUse(emptyRegister as VppRegister, defaultClimate)).toBe(defaultClimate)
})

test('VL4 a day is kept with what it cost beside what was expected', async () => {
    const study = createVppStudy(solver)
    const input = { vpp: plant, climate }
    const decision = await study.decide(input, study.sample(input, 1, 40), { keep: 5 })
    const record = await recordOutcome(decision, climate, days[7]!, solver, 900)
    expect(record.day).toBe('2026-04-08')
    expect(record.cost!.expected).toBeCloseTo(decision.schedule.verdict!.expected.operatingCost, 9)
    expect(record.cost!.realised).toBe(900)
    // by the balance alone: bought, sold, engine, and what is missing or too much, period by period
    const { buy, sell } = decision.schedule.solution!.firstStage
    const came = samplesOfDays(plant, [days[7]!])
    const at = (name: string, t: number) => came.columns.find((c) => c.name === name)!.value[t]!
    let cost = 0
    for (let t = 0; t < 8; t++) {
        const price = at('price', t)
        const ratio = price / plant.grid.buyPrice[t]!
        cost += 3 * (price * buy[t]! - plant.grid.sellPrice[t]! * ratio * sell[t]!)
        const need = at('load', t) + sell[t]! - buy[t]! - at('pv/roofs', t) - at('pv/car park', t) - at('wind/hill', t)
        // the engine at 0.50 before what is missing at more; what is too much earns 0.05
        const engine = Math.min(300, Math.max(0, need))
        cost +=
            3 *
            (0.5 * engine +
                Math.max(0, need - engine) * (plant.grid.shortPrice[t]! + price - plant.grid.buyPrice[t]!) -
                0.05 * Math.max(0, -need))
    }
    expect(record.cost!.attainable).toBeCloseTo(cost, 5)
})

test('VL5 a policy is tried on past days and proposed only for what it gained', async () => {
    const tuning = await tunePolicy(plant, days.slice(-10), solver, {
        climate: climateInUse(register, defaultClimate),
        current: { beta: 0.2, keep: 1 },
        policies: [{ beta: 0.2, keep: 12 }],
        draws: 40,
    })
    expect(tuning).toMatchObject({ skipped: [], stopped: false })
    const [one, twelve] = tuning.trials
    expect(one!.costs).toHaveLength(10)
    // planned for the one likeliest day, nothing is known of risk
    expect(twelve!.loss).toBeLessThan(one!.loss)
    expect(twelve!.loss).toBeCloseTo(0.8 * twelve!.meanCost + 0.2 * lossTail(one!.costs, twelve!.costs), 6)
    expect(tuning.candidate!.body).toEqual({ kind: 'policy', policy: { beta: 0.2, keep: 12 } })
    const judged = judgeCandidates(register, [tuning.candidate!], { tMs: 9, by: 'system' })
    expect(judged.judged[0]!.state).toBe(tuning.candidate!.comparison.better ? 'promoted' : 'rejected')
    expect(policyInUse(judged.register, { beta: 1, keep: 1 }).keep).toBe(tuning.candidate!.comparison.better ? 12 : 1)
})

test('VL5 what learning was worth is told on days it had not seen', async () => {
    const found = await tuneOnPast(plant, days.slice(0, 66), solver, {
        climate: defaultClimate,
        tuneDays: 6,
        current: { beta: 0.2, keep: 4 },
        policies: [],
        draws: 30,
    })
    const { with: learnt, without, comparison } = found.learning!
    expect(found.candidate).toBeUndefined()
    expect(learnt.costs).toHaveLength(6)
    expect(without.costs).not.toEqual(learnt.costs)
    expect(comparison).toMatchObject({ days: 6, candidate: expect.closeTo(learnt.loss, 6), incumbent: expect.closeTo(without.loss, 6) })
    // the same with nothing learnt before: the days say nothing, and nothing is compared
    const early = await tuneOnPast(plant, days.slice(0, 8), solver, {
        climate: defaultClimate,
        tuneDays: 2,
        current: { beta: 0.2, keep: 2 },
        policies: [],
        draws: 10,
    })
    expect(early.learning).toBeUndefined()
    expect(early.trials).toHaveLength(1)
})

/** z + mean excess over it, z being the second dearest of ten days in use */
function lossTail(current: readonly number[], costs: readonly number[]): number {
    const z = [...current].sort((a, b) => b - a)[1]!
    return z + costs.reduce((sum, c) => sum + Math.max(0, c - z), 0) / costs.length / (1 - plant.risk.alpha)
}

test('gaps of measured courses are bridged', () => {
    expect(Array.from(bridge([null, 2, null, null, 5, null]))).toEqual([2, 2, 3, 4, 5, 5])
})
