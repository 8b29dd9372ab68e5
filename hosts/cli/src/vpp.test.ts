import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './main.fixture.ts'

let folder: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-vpp-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** One hour, sun 20 or 60 kW, a turbine of 40 kW that can fill the gap: solved on paper. */
const day = (importMax = 500, load = 0) =>
    JSON.stringify({
        format: 'vpp-instance/1',
        name: 'hour',
        T: 1,
        dt: 1,
        currency: 'EUR',
        risk: { alpha: 0.5, beta: 0 },
        grid: {
            buyPrice: 0.6,
            sellPrice: 0.45,
            shortPrice: 1,
            surplusPrice: 0,
            importMax,
            exportMax: 500,
            imbalance: load ? 'forbidden' : 'penalised',
        },
        load: { fixed: load },
        pvPlants: [{ name: 'roof', capacity: 60 }],
        gasTurbines: [{ name: 'turbine', pmin: 0, segments: [{ width: 40, cost: 0.5 }], u0: 1 }],
        forecast: { pv: [[40]] },
        scenarios: [
            { prob: 0.5, pv: [[20]] },
            { prob: 0.5, pv: [[60]] },
        ],
    })

test('vpp schedule: one JSON value as in the contract, and the whole schedule in a file', async () => {
    const file = join(folder, 'plan.json')
    const { code, out } = await run(['vpp', 'schedule', '-', '--json', '--solution', file], { input: day() })
    expect(code).toBe(0)
    const found = JSON.parse(out)
    expect(found).toMatchObject({
        status: 'optimal',
        objective: expect.closeTo(-17, 9),
        expectedCost: expect.closeTo(-17, 9),
        cvar: expect.closeTo(-7, 9),
    })
    expect(found.var).toBeCloseTo(-7, 9)
    expect(found.gap).toBeLessThan(1e-8)
    expect(found.bound).toBeCloseTo(-17, 6)
    expect(found.ruleBased.objective).toBeCloseTo(-8, 6)
    expect(Object.keys(found.costs).sort()).toEqual([
        'carbonCost',
        'gasTurbineCost',
        'loadReductionCost',
        'operatingCost',
        'otherCost',
        'purchaseSaleCost',
        'storageCost',
    ])
    expect(found.firstStage).toEqual({ buy: [0], sell: [expect.closeTo(60, 6)], u: [[1]] })
    const solution = JSON.parse(readFileSync(file, 'utf8'))
    expect(solution).toMatchObject({ beta: 0, firstStage: { sell: [expect.closeTo(60, 6)] } })
    expect(solution.scenarios[0].gt[0][0]).toBeCloseTo(40, 6)
})

test('vpp schedule: more weight on risk, tables for people', async () => {
    const { code, out } = await run(['vpp', 'schedule', '-', '--beta', '0.9'], { input: day() })
    expect(code).toBe(0)
    expect(out).toMatch(/^hour: optimal · objective -9\.00 EUR at risk weight 0\.9 · /)
    expect(out).toContain('proven: at least -9.00 EUR')
    expect(out).toContain('By rules on the same scenarios: objective')
    expect(out).toContain('Day ahead')
})

test('VP31 vpp schedule --baselines: the plans by rules and for the forecast beside', async () => {
    const found = JSON.parse((await run(['vpp', 'schedule', '-', '--baselines', '--json'], { input: day() })).out)
    expect(found.baselines.map((b: { plan: string; objective: number }) => [b.plan, Math.round(10 * b.objective) / 10])).toEqual([
        ['for all scenarios', -17],
        ['for the forecast', -13],
        ['by rules', -8],
    ])
    expect((await run(['vpp', 'schedule', '-', '--baselines'], { input: day() })).out).toContain('Plans on the same scenarios')
})

test('vpp frontier and evaluate', async () => {
    const frontier = JSON.parse((await run(['vpp', 'frontier', '-', '--betas', '0,0.9', '--json'], { input: day() })).out)
    expect(frontier.points).toEqual([
        { beta: 0, objective: expect.closeTo(-17, 9), expectedCost: expect.closeTo(-17, 9), cvar: expect.closeTo(-7, 9) },
        { beta: 0.9, objective: expect.closeTo(-9, 9), expectedCost: expect.closeTo(-9, 9), cvar: expect.closeTo(-9, 9) },
    ])
    const found = JSON.parse((await run(['vpp', 'evaluate', '-', '--json'], { input: day() })).out)
    expect(found).toMatchObject({
        deterministic: expect.closeTo(-18, 9),
        deterministicEvaluated: expect.closeTo(-13, 9),
        stochastic: expect.closeTo(-17, 9),
    })
    expect(found.vss).toBeCloseTo(4, 9)
    expect(found.evpi).toBeCloseTo(found.stochastic - found.waitAndSee, 12)
})

test('VP43 vpp schedule --check-feeder', async () => {
    const network = {
        slack: 'a',
        v0: 1,
        vMin: 0.9,
        vMax: 1.1,
        baseKV: 0.4,
        buses: ['a', 'b'],
        branches: [{ from: 'a', to: 'b', r: 0.05, x: 0.02 }],
        assign: { load: { b: 1 }, pv: ['b'], wind: [], gt: ['b'], bat: [], ev: [], other: 'a' },
    }
    const withFeeder = JSON.stringify({ ...JSON.parse(day()), network })
    const { code, out } = await run(['vpp', 'schedule', '-', '--check-feeder', '--json'], { input: withFeeder })
    expect(code).toBe(0)
    const { feeder } = JSON.parse(out)
    expect(feeder).toMatchObject({ solved: 2, diverged: [], violations: [] })
    // 60 kW out over 0.05 Ω at 0.4 kV: 1.1 kW lost
    expect(feeder.lossesKwh).toBeCloseTo(((0.05 * 60 ** 2) / 160) * 0.964, 1)
    expect((await run(['vpp', 'schedule', '-', '--check-feeder'], { input: day() })).code).toBe(64)
})

test('VP41 VP42 vpp schedule --risk-budget and vpp front', async () => {
    const kept = JSON.parse((await run(['vpp', 'schedule', '-', '--risk-budget', '-8', '--json'], { input: day() })).out)
    expect(kept).toMatchObject({ status: 'optimal', cvar: expect.closeTo(-8, 6), expectedCost: expect.closeTo(-13, 6) })
    const none = await run(['vpp', 'schedule', '-', '--risk-budget', '-10', '--json'], { input: day() })
    expect(none.code).toBe(2)
    expect(JSON.parse(none.out)).toMatchObject({ status: 'infeasible', leastCvar: expect.closeTo(-9, 6) })
    const file = join(folder, 'picked.json')
    const { code, out } = await run(['vpp', 'front', '-', '--points', '5', '--pick', '1', '--solution', file, '--json'], { input: day() })
    expect(code).toBe(0)
    const front = JSON.parse(out)
    expect(front.ideal).toMatchObject({ expectedCost: expect.closeTo(-17, 3), cvar: expect.closeTo(-9, 3) })
    expect(front.points[0]).toMatchObject({ expectedCost: expect.closeTo(-17, 3), costs: expect.anything(), firstStage: expect.anything() })
    expect(JSON.parse(readFileSync(file, 'utf8')).firstStage).toEqual(front.points[0].firstStage)
    expect((await run(['vpp', 'front', '-', '--pick', '99', '--solution', file], { input: day() })).code).toBe(64)
})

test('vpp: no schedule is exit 2 with what must give way, bad input exit 1 with lines, misuse 64', async () => {
    const none = await run(['vpp', 'schedule', '-', '--json'], { input: day(10, 90) })
    expect(none.code).toBe(2)
    expect(JSON.parse(none.out)).toMatchObject({ status: 'infeasible', relaxation: [{ by: expect.closeTo(20, 6) }] })
    expect((await run(['vpp', 'schedule', '-'], { input: day(10, 90) })).out).toContain('Least that must give way')
    const bad = await run(['vpp', 'schedule', '-', '--json'], { input: day().replace('"T":1', '"T":0') })
    expect(bad.code).toBe(1)
    expect(JSON.parse(bad.out).issues[0]).toMatchObject({ code: 'out-of-range', path: 'T', line: 1 })
    expect((await run(['vpp', 'schedule', '-', '--beta', '2'], { input: day() })).code).toBe(64)
})

test('vpp scenarios: days drawn, kept and written as an instance that can be scheduled', async () => {
    const out = join(folder, 'drawn.json')
    const table = join(folder, 'days.parquet')
    const { code, out: text } = await run(
        ['vpp', 'scenarios', '-', '--samples', '40', '--keep', '4', '--out', out, '--table', table, '--json'],
        { input: day() },
    )
    expect(code).toBe(0)
    expect(JSON.parse(text)).toMatchObject({ seed: 0, samples: 40, selected: expect.arrayContaining([expect.any(Number)]) })
    const { scenarios } = JSON.parse(readFileSync(out, 'utf8'))
    expect(scenarios).toHaveLength(4)
    expect((await run(['vpp', 'schedule', out, '--json'])).code).toBe(0)
    const rows = await parquetReadObjects({ file: new Uint8Array(readFileSync(table)).buffer })
    expect(rows).toHaveLength(40)
    expect(Object.keys(rows[0]!)).toEqual(['sample', 'period', 'pv/roof', 'load', 'air', 'price'])
    expect((await run(['vpp', 'scenarios', '-', '--keep', '9', '--samples', '3'], { input: day() })).code).toBe(64)
})

test('vpp schedule: every unit before and after, step by step for one, and the residual of every balance', async () => {
    const { code, out } = await run(['vpp', 'schedule', '-', '--unit', 'turbine', '--balance'], { input: day() })
    expect(code).toBe(0)
    // by rules the engine runs for the forecast, which it is too dear for; by the plan it fills what the sun leaves of 60 sold
    expect(out).toMatch(
        /Setpoints of turbine \(turbine\), kW\n\s+from\s+before\s+after\s+least\s+most\s+change\n\s+00:00\s+0\.0\s+20\.0\s+0\.0\s+40\.0\s+20\.0/,
    )
    expect(out).toMatch(/Balance kept in every step/)
    expect(out).toMatch(/Residuals, pu of load/)
    const { units, balance } = JSON.parse((await run(['vpp', 'schedule', '-', '--json'], { input: day() })).out)
    expect(units.map((u: { id: string }) => u.id)).toEqual(['pv/0', 'turbine/0'])
    expect(units[1]).toMatchObject({ before: [0], after: { mean: [expect.closeTo(20, 6)] } })
    expect(balance).toMatchObject({ bound: 1e-6, carriers: [{ carrier: 'electricity', kept: true }] })
    const none = await run(['vpp', 'schedule', '-', '--unit', 'boiler'], { input: day() })
    expect(none.code).toBe(64)
    expect(none.err).toContain('"turbine"')
})

test('vpp claims: some of them, on a plant changed, over values tried, as JSON, as rows and as tables', async () => {
    const csv = join(folder, 'claims.csv')
    const asked = ['vpp', 'claims', '-', '--only', 'c,a-seller', '--set', 'missing=0.5', '--sweep', 'flexibility=0.5,1', '--csv', csv]
    const { code, out } = await run([...asked, '--json'], { input: day() })
    expect(code).toBe(0)
    const report = JSON.parse(out)
    expect(report).toMatchObject({ change: { missing: 0.5 }, days: 2 })
    expect(report.claims.map((c: { id: string; holds: boolean }) => [c.id, c.holds])).toEqual([
        ['a-seller', true],
        ['c', true],
    ])
    // 20 kW of turbine do not fill 40 kW between the least and the most sun
    expect(report.regions[0]).toMatchObject({ claim: 'c', parameter: 'flexibility', own: 1, to: 1 })
    expect(report.regions[0].endsBelow).toBeGreaterThanOrEqual(0.5)
    expect(report.volumeLimit.own).toEqual({ flexibilityKw: 40, spreadKw: 20, covered: true })
    const rows = readFileSync(csv, 'utf8').trim().split('\n')
    expect(rows[0]).toBe('claim,parameter,value,holds,figure,amount')
    expect(rows).toContainEqual(expect.stringMatching(/^c,flexibility,0\.5,no,"largest imbalance with coordination, kW",20(\.0+\d)?$/))
    const told = (await run(['vpp', 'claims', '-', '--only', 'a-seller', '--sweep', 'sun=0.5'], { input: day() })).out
    expect(told).toMatch(/How far they reach/)
    expect(told).toMatch(/a-seller\s+sun\s+1\.00\s+0\.5 … 1\s+nowhere tried/)
    const wrong = await run(['vpp', 'claims', '-', '--only', 'z'], { input: day() })
    expect([wrong.code, (await run(['vpp', 'claims', '-', '--set', 'sun=1,2'], { input: day() })).code]).toEqual([64, 64])
    expect(wrong.err).toContain('a-buyer')
})
