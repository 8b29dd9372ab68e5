import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readParquet } from '@gridverse/tables'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../main.fixture.ts'

let folder: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-scenarios-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Four periods; sun, load, a turbine, a fleet. */
const plant = JSON.stringify({
    format: 'vpp-instance/1',
    name: 'four',
    T: 4,
    dt: 6,
    currency: 'EUR',
    risk: { alpha: 0.9, beta: 0.2 },
    grid: { buyPrice: 0.4, sellPrice: 0.3, shortPrice: 1, surplusPrice: 0, importMax: 900, exportMax: 900 },
    load: { fixed: [100, 150, 180, 120] },
    pvPlants: [{ name: 'roof', capacity: 200 }],
    gasTurbines: [{ name: 'engine', pmin: 0, segments: [{ width: 60, cost: 0.5 }], u0: 1 }],
    evs: [{ name: 'posts', arrive: 2, depart: 4, pCh: 20, eArrive: 20, eDepart: 100, eMax: 150, etaCh: 1 }],
    forecast: { pv: [[0, 80, 60, 0]] },
})
const table = async (file: string) => readParquet(readFileSync(file))

test('vpp scenarios: the same rows on one thread and on two; a longer table goes on from a shorter one', async () => {
    const [one, two] = [join(folder, 'one.parquet'), join(folder, 'two.parquet')]
    const words = (count: number, file: string, workers: number) => [
        'vpp',
        'scenarios',
        '-',
        '--count',
        `${count}`,
        '--workers',
        `${workers}`,
        '--out',
        file,
        '--json',
    ]
    const first = await run(words(90, one, 1), { input: plant })
    expect(first.code).toBe(0)
    expect(JSON.parse(first.out)).toMatchObject({ samples: 90, workers: 1, covers: { samples: 90, holes: { length: 5 } } })
    const longer = await run(words(200, one, 1), { input: plant })
    expect(longer.err).toContain(`Continuing with 90 days from ${one}`)
    expect((await run(words(200, two, 2), { input: plant })).code).toBe(0)
    const [a, b] = [await table(one), await table(two)]
    expect(a.rowCount).toBe(800)
    expect(a.columns.map(({ name, unit }) => `${name} ${unit}`)).toEqual([
        'sample ',
        'period ',
        'pv/roof kW',
        'load kW',
        'air °C',
        'price EUR/kWh',
        'ev/posts/arrive h',
        'ev/posts/energy kWh',
    ])
    expect(a.columns).toEqual(b.columns)
    expect(a.metadata).toMatchObject({ study: 'vpp', seed: '0', samples: '200', instance: 'four' })
    expect(JSON.parse(a.metadata.coverage!).features).toHaveLength(6)
    // another seed is another table
    expect((await run([...words(90, one, 1), '--seed', '3'], { input: plant })).err).toContain('will be replaced')
})

test('vpp scenarios --evaluate: inputs, controls and outputs of every day, resumed and on threads alike', async () => {
    const file = join(folder, 'tried.parquet')
    const words = (count: number, workers: number) => [
        'vpp',
        'scenarios',
        '-',
        '--count',
        `${count}`,
        '--keep',
        '5',
        '--workers',
        `${workers}`,
        '--evaluate',
        '--out',
        file,
        '--json',
    ]
    const { code, out } = await run(words(12, 2), { input: plant })
    expect(code).toBe(0)
    expect(JSON.parse(out).evaluated).toMatchObject({ days: 12, infeasible: 0 })
    const tried = await table(file)
    const of = (name: string) => tried.columns.find((column) => column.name === name)!.values as number[]
    expect(of('status')).toEqual(new Array(48).fill('evaluated'))
    for (let s = 0; s < 12; s++) {
        // what was traded before the day, at its own price, is part of what it cost
        const parts = ['purchaseSaleCost', 'gasTurbineCost', 'storageCost', 'loadReductionCost', 'carbonCost', 'otherCost']
        expect(parts.reduce((sum, name) => sum + of(name)[4 * s]!, 0)).toBeCloseTo(of('operatingCost')[4 * s]!, 6)
        const traded = [0, 1, 2, 3].reduce(
            (sum, t) => sum + 6 * of('price')[4 * s + t]! * (of('buy')[4 * s + t]! - 0.75 * of('sell')[4 * s + t]!),
            0,
        )
        expect(of('purchaseSaleCost')[4 * s]!).toBeGreaterThan(traded - 1e-6)
    }
    const again = await run(words(12, 1), { input: plant })
    expect(again.err).toContain('Continuing with 12 days')
    expect((await table(file)).columns).toEqual(tried.columns)
})

test('vpp scenarios --history: calibrated to days measured, or put together of them', async () => {
    const days = join(folder, 'measured.parquet')
    expect((await run(['vpp', 'scenarios', '-', '--count', '40', '--seed', '9', '--out', days], { input: plant })).code).toBe(0)
    for (const method of ['copula', 'analog']) {
        const words = [
            'vpp',
            'scenarios',
            '-',
            '--count',
            '60',
            '--history',
            days,
            '--method',
            method,
            '--json',
            '--out',
            join(folder, `${method}.parquet`),
        ]
        const found = JSON.parse((await run(words, { input: plant })).out)
        expect([method, found.covers.correlationError < 0.75]).toEqual([method, true])
        if (method === 'copula') {
            expect(found.climate.model.courses.load.deviation).toBeGreaterThan(0.01)
            // vehicles too: the process the days were drawn from has 0.15
            expect(Math.abs(found.climate.model.ev.energy - 0.15)).toBeLessThan(0.05)
        } else expect(found.climate.model).toBeUndefined()
    }
    const shown = await run(['vpp', 'scenarios', '-', '--no-weather', '--certain', 'price,ev'], { input: plant })
    expect(shown.out).toMatch(/^four: 200 days in .* on 1 thread/)
    expect(shown.out).toContain('Holes: days that could be and were not drawn')
    expect(shown.out).not.toContain('mean price')
    expect((await run(['vpp', 'scenarios', '-', '--method', 'analog'], { input: plant })).code).toBe(64)
    expect((await run(['vpp', 'scenarios', '-', '--certain', 'moon'], { input: plant })).code).toBe(64)
})
