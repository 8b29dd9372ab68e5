import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pressCtrlCWhenHeard } from './commands/ctrl-c.fixture.ts'
import { readYearTable } from './commands/vpp-year-table.ts'
import { run } from './main.fixture.ts'

let folder: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-year-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Four periods of six hours: a roof, a turbine, a battery. */
const plant = JSON.stringify({
    format: 'vpp-instance/1',
    name: 'court',
    T: 4,
    dt: 6,
    currency: 'EUR',
    risk: { alpha: 0.8, beta: 0.1 },
    grid: {
        buyPrice: [0.3, 0.4, 0.35, 0.6],
        sellPrice: [0.28, 0.38, 0.33, 0.55],
        shortPrice: 1.2,
        surplusPrice: 0,
        importMax: 300,
        exportMax: 300,
    },
    load: { fixed: [60, 90, 110, 120] },
    pvPlants: [{ name: 'roof', capacity: 120 }],
    gasTurbines: [{ name: 'engine', pmin: 20, segments: [{ width: 40, cost: 0.45 }], noLoadCost: 1, startCost: 4, minUp: 12 }],
    batteries: [{ name: 'battery', pCh: 20, pDis: 20, eMin: 10, eMax: 120, e0: 60, etaCh: 0.95, etaDis: 0.95, degCost: 0.02 }],
    forecast: { pv: [[0, 60, 50, 0]] },
})
const words = ['vpp', 'year', '-', '--samples', '6', '--keep', '2', '--from', '2026-03-30', '--days', '4', '--json']
const year = (...more: string[]) => run([...words, ...more], { input: plant })
/** what does not depend on how long it took, on how many threads */
const facts = (out: string) => ({ ...JSON.parse(out), seconds: 0, workers: 0, run: 0, file: undefined })

test('VP38 vpp year: the same on any number of threads, kept on Ctrl-C, continued, told by month', async () => {
    const whole = await year('--workers', '2')
    expect(whole.code).toBe(0)
    const report = JSON.parse(whole.out)
    expect(report).toMatchObject({ days: 4, from: '2026-03-30', seed: 0, workers: 2, run: 4, currency: 'EUR' })
    expect(report.months.map((m: { month: string; days: number }) => [m.month, m.days])).toEqual([
        ['2026-03', 2],
        ['2026-04', 2],
    ])
    for (const policy of Object.values(report.policies) as { cost: number; components: object; violations: number }[]) {
        expect(Object.values(policy.components).reduce((a, b) => a + b, 0)).toBe(policy.cost)
        expect(policy.violations).toBe(0)
    }

    const out = join(folder, 'year.parquet')
    pressCtrlCWhenHeard()
    const stopped = await year('--workers', '1', '--out', out)
    if (stopped.code === 130) expect(stopped.err + stopped.out).toMatch(/left|interrupted/)
    const rest = await year('--workers', '1', '--out', out)
    expect(rest.code).toBe(0)
    expect(facts(rest.out)).toEqual(facts(whole.out))
    expect(existsSync(`${out}.part`)).toBe(false)
    const again = await year('--out', out)
    expect(JSON.parse(again.out)).toMatchObject({ run: 0, days: 4 })
    expect(facts(again.out)).toEqual(facts(whole.out))
    expect(await readYearTable(out, 'of something else')).toBe('other')

    const text = (await run(words.slice(0, -1).concat('--out', out), { input: plant })).out
    expect(text).toContain('Policies on the same days')
    expect(text).toContain('2026-04')
}, 180_000)

test('vpp year: wrong dates and plants are refused', async () => {
    expect((await year('--from', '2026-02-30')).code).toBe(64)
    const bad = await run(words, { input: plant.replace('"forecast"', '"other"') })
    expect(bad.code).toBe(1)
    expect(JSON.parse(bad.out).issues[0]).toMatchObject({ path: 'forecast' })
})

test('vpp day: decided, run with a fault and in silence, entered and settled', async () => {
    const words = ['vpp', 'day', '-', '--samples', '6', '--keep', '2', '--date', '2026-07-01']
    const { code, out } = await run([...words, '--fault', 'roof@2-3=0.5', '--silence', '3-4', '--json'], { input: plant })
    expect(code).toBe(0)
    const found = JSON.parse(out)
    expect(found.steps.map((s: { status: string }) => s.status)).toEqual(['optimal', 'optimal', 'optimal', 'safe'])
    const { ledger, settlement } = found
    const sum = (of: { amount: number }[]) => of.reduce((total, e) => total + e.amount, 0)
    expect(sum(ledger.entries) + ledger.undisturbed).toBe(ledger.total)
    expect(sum(settlement.lines)).toBe(settlement.total)
    expect(settlement.total).toBe(Math.round(100 * found.realised.costs.operatingCost))
    expect(ledger.entries.filter((e: { source: string }) => e.source === 'roof')).toMatchObject([{ period: 2 }])
    expect(Object.keys(found.baselines)).toEqual(['deterministic', 'ruleBased'])
    const text = (await run(words, { input: plant })).out
    for (const heading of ['Policies on the same day', 'Statement, EUR', 'every promise kept']) expect(text).toContain(heading)
    for (const wrong of [
        ['--fault', 'nobody@1-2'],
        ['--fault', 'roof@2'],
        ['--silence', '3-9'],
    ])
        expect((await run([...words, ...wrong], { input: plant })).code).toBe(64)
})
