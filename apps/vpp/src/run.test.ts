import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { district } from './district.ts'
import { runVppStudy } from './run.ts'

const solver = createHighsSolver({ threads: 2 })
afterAll(() => solver.close())

test('the district: days drawn, decided, compared, reported', async () => {
    const told: number[] = []
    const outcome = await runVppStudy(
        JSON.stringify(district),
        { samples: 60, keep: 2, seed: 3, betas: [0, 0.9], beta: 0.3, alpha: 0.7 },
        solver,
        {
            onProgress: (share) => told.push(share),
        },
    )
    if (outcome.kind !== 'report') throw new Error(JSON.stringify(outcome))
    const { day, frontier, evaluation, claims, sampling } = outcome.report
    expect(day).toMatchObject({ status: 'optimal', alpha: 0.7 })
    expect(day.maxViolation).toBeLessThan(1e-6)
    const { operatingCost, ...parts } = day.costs
    expect(Object.values(parts).reduce((a, b) => a + b, 0)).toBeCloseTo(operatingCost!, 6)
    // what gives and what takes adds up in every period
    for (let t = 0; t < 24; t++) expect(day.stack.reduce((sum, s) => sum + s.power[t]!, 0)).toBeCloseTo(0, 4)
    expect(day.fans.pv.high.every((high, t) => high >= day.fans.pv.mean[t]! && day.fans.pv.mean[t]! >= day.fans.pv.low[t]!)).toBe(true)
    expect(day.content.every((e) => e >= 120 - 1e-6 && e <= 1200 + 1e-6)).toBe(true)
    expect(day.content.at(-1)).toBeCloseTo(400, 4)
    // before and after by unit, and every balance kept
    const { units, balance } = outcome.report.operation!
    expect(units.map((u) => u.kind)).toEqual(expect.arrayContaining(['pv', 'wind', 'turbine', 'battery', 'reduction', 'boiler']))
    expect(units.every((u) => u.before.length === 24 && u.after.mean.length === 24 && u.days!.length === day.scenarios.length)).toBe(true)
    expect(balance.map((b) => [b.carrier, b.kept])).toEqual([
        ['electricity', true],
        ['heat', true],
        ['cold', true],
    ])
    expect(day.bound!).toBeLessThanOrEqual(day.objective)
    expect(frontier[1]!.cvar).toBeLessThanOrEqual(frontier[0]!.cvar + 1e-3 * Math.abs(frontier[0]!.cvar))
    expect(evaluation!.vss).toBeGreaterThan(0)
    expect(claims!.filter((c) => c.theorem && !c.holds && c.id !== 'e').map((c) => c.id)).toEqual([])
    const { own, ruleBased, deterministic } = outcome.report.baselines!
    expect(own.objective).toBeCloseTo(day.objective, 9)
    for (const { objective } of [ruleBased, deterministic]) expect(objective).toBeGreaterThan(own.objective * (1 - 1e-4))
    expect(sampling).toMatchObject({ drawn: 60, seed: 3, covers: { samples: 60, holes: { length: 5 } } })
    expect(sampling).not.toHaveProperty('process')
    expect(told.every((share, k) => k === 0 || share >= told[k - 1]!) && told.at(-1)! <= 1).toBe(true)
})

test('dearer missing sun is planned against: no less risk is paid for, and both costs of sun are those asked for', async () => {
    const plan = async (missing: number) => {
        const preferences = { samples: 40, keep: 3, seed: 5, betas: [], beta: 0, sunCosts: { missing, curtailed: 0.05 } }
        const outcome = await runVppStudy(JSON.stringify(district), preferences, solver)
        if (outcome.kind !== 'report') throw new Error(JSON.stringify(outcome))
        return outcome.report
    }
    const [cheap, dear] = [await plan(0.05), await plan(5)]
    // the dearer the less is bought on the day, and the whole costs no less
    expect(dear.baselines!.own.figures.imbalanceKwh).toBeLessThanOrEqual(cheap.baselines!.own.figures.imbalanceKwh + 1e-6)
    expect(dear.day.costs.operatingCost!).toBeGreaterThanOrEqual(cheap.day.costs.operatingCost! - 1e-3)
    expect(dear.day.costs.operatingCost!).not.toBeCloseTo(cheap.day.costs.operatingCost!, 3)
})

test('bad plants come back as issues, impossible ones with what must give way, stopped ones as stopped', async () => {
    const bad = await runVppStudy('{"format":"vpp-instance/1"}', {}, solver)
    expect(bad.kind).toBe('issues')
    const dark = { ...district, grid: { ...district.grid, importMax: 0, imbalance: 'forbidden' } }
    const none = await runVppStudy(JSON.stringify(dark), { samples: 5, keep: 2 }, solver)
    expect(none).toMatchObject({
        kind: 'infeasible',
        relaxation: expect.arrayContaining([expect.objectContaining({ by: expect.any(Number) })]),
    })
    const stop = new AbortController()
    stop.abort()
    expect((await runVppStudy(JSON.stringify(district), { samples: 5, keep: 2 }, solver, { signal: stop.signal })).kind).toBe('stopped')
})

test('VR3 limits are kept, told with what they cost, and a plan saves without letting anybody down', async () => {
    const limits = [
        { kind: 'import', maxKw: 900, fromH: 17, untilH: 21 },
        { kind: 'charge', minPercent: 25, untilH: 18 },
    ] as const
    const outcome = await runVppStudy(JSON.stringify(district), { samples: 12, keep: 2, seed: 3, betas: [], beta: 0, limits }, solver)
    if (outcome.kind !== 'report') throw new Error(JSON.stringify(outcome))
    const { day, limits: told, beforeAfter } = outcome.report
    expect(day.maxViolation).toBeLessThan(1e-6)
    expect(told!.map(({ limit }) => limit.kind)).toEqual(['import', 'charge'])
    expect(told![0]!.reached).toBeLessThanOrEqual(900 + 1e-6)
    expect(told![1]!.reached).toBeGreaterThanOrEqual(25 - 1e-6)
    for (const { cost, price } of told!) expect(Math.min(cost!, price!)).toBeGreaterThanOrEqual(0)
    expect(beforeAfter).toMatchObject({ missedAfter: 0 })
    expect(beforeAfter!.costAfter).toBeLessThan(beforeAfter!.costBefore)
    // the same day at a point of the front, all on carbon dioxide: none that is dearer in it
    const green = await runVppStudy(
        JSON.stringify(district),
        { samples: 12, keep: 2, seed: 3, betas: [], frontWeights: { co2Kg: 1 } },
        solver,
    )
    if (green.kind !== 'report') throw new Error(JSON.stringify(green))
    expect(green.report.baselines!.own.figures.co2Kg).toBeLessThanOrEqual(outcome.report.baselines!.own.figures.co2Kg + 1e-3)
    const wrong = await runVppStudy(JSON.stringify(district), { limits: [{ kind: 'without', unit: 'nobody' }] }, solver)
    expect(wrong).toMatchObject({ kind: 'issues', issues: [{ path: 'limits/0/unit' }] })
})

test('experiments in place of a plan: the claims on a plant changed, with the range each reaches', async () => {
    const shares: number[] = []
    const outcome = await runVppStudy(
        JSON.stringify(district),
        { samples: 20, keep: 2, seed: 3, experiments: { change: { sun: 1.2 }, only: ['a-seller', '2f'], sweeps: { sun: [0.1] } } },
        solver,
        { onProgress: (share) => shares.push(share) },
    )
    if (outcome.kind !== 'claims') throw new Error(JSON.stringify(outcome))
    const { claims, regions, change, days } = outcome.experiments
    expect([change, days, claims.map((c) => c.id)]).toEqual([{ sun: 1.2 }, 2, ['a-seller', '2f']])
    expect(regions.map((r) => [r.claim, r.parameter])).toEqual([
        ['a-seller', 'sun'],
        ['2f', 'sun'],
    ])
    // a tenth of the sun sells nothing at noon
    expect(regions[0]!.points[0]).toMatchObject({ value: 0.1, holds: false })
    expect(shares.at(-1)).toBeCloseTo(1, 6)
})
