import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadFactor } from '@gridverse/grid'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, smallCase } from '../main.fixture.ts'
import { pressCtrlCWhenHeard } from './ctrl-c.fixture.ts'

const bin = fileURLToPath(new URL('../../bin/gridverse.mjs', import.meta.url))
let folder: string
let small: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-batch-'))
    small = join(folder, 'small.m')
    writeFileSync(small, smallCase)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
function bufferOf(file: string): ArrayBuffer {
    const bytes = readFileSync(file)
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
}
const rowsOf = (file: string) => parquetReadObjects({ file: bufferOf(file) })

test('the fields of the contract, and a table with a row for every scenario', async () => {
    const table = join(folder, 'rows.parquet')
    const { code, out, err } = await run(['batch', small, '--samples', '50', '--seed', '1', '--workers', '1', '--out', table, '--json'])
    expect([code, err]).toEqual([0, ''])
    const report = JSON.parse(out)
    expect(report).toMatchObject({ samples: 50, converged: 50, workers: 1, file: table })
    expect(report.seconds).toBeGreaterThan(0)
    const rows = await rowsOf(table)
    expect(rows.map((row) => row.sample)).toEqual(Array.from({ length: 50 }, (_, s) => s))
    expect(new Set(rows.map((row) => row.status))).toEqual(new Set(['converged']))
    const sum = rows.reduce((total, row) => total + (row.sumVmPu as number), 0)
    expect(report.meanSumVmPu).toBeCloseTo(sum / 50, 12)
    rows.forEach((row, s) => {
        // loads of 20 and 60 MW at bus rows 1 and 2
        expect(row.loadMw).toBeCloseTo(20 * loadFactor(1, s, 1, 0.2) + 60 * loadFactor(1, s, 2, 0.2), 9)
        expect(row.mismatchPu).toBeLessThanOrEqual(1e-8)
    })
    const metadata = parquetMetadata(bufferOf(table)).key_value_metadata!
    expect(Object.fromEntries(metadata.map(({ key, value }) => [key, value]))).toMatchObject({
        seed: '1',
        spread: '0.2',
        samples: '50',
        model: expect.stringMatching(/^gridverse \d/),
    })
    const about = JSON.parse(metadata.find(({ key }) => key === 'gridverse.columns')!.value!)
    expect(about.lossesMw).toEqual({ unit: 'MW', about: 'active power lost in branches' })
})

test('scenarios without a solution keep their rows, with nothing in them', async () => {
    const heavy = join(folder, 'heavy.m')
    writeFileSync(heavy, smallCase.replace('60	25', '500	200'))
    const table = join(folder, 'heavy.parquet')
    const words = ['batch', heavy, '--samples', '40', '--spread', '0.9', '--out', table]
    const { code, out } = await run([...words, '--json'])
    const { samples, converged } = JSON.parse(out)
    expect([code, samples]).toEqual([0, 40])
    expect(converged).toBeGreaterThan(0)
    expect(converged).toBeLessThan(40)
    const unsolved = (await rowsOf(table)).filter((row) => row.status !== 'converged')
    expect(unsolved.length).toBe(40 - converged)
    for (const row of unsolved) expect([row.sumVmPu, row.slackMw, row.worstBranch]).toEqual([null, null, null])
    expect((await run(words)).out).toContain(`${40 - converged} without a solution`)
})

test('threads give the bytes of one thread', () => {
    const tables = ['1', '3'].map((workers) => {
        const table = join(folder, `threads-${workers}.parquet`)
        const words = ['batch', small, '--samples', '300', '--seed', '4', '--workers', workers, '--out', table, '--json']
        const env = { ...process.env, GRIDVERSE_SOURCE: '1' }
        const done = spawnSync(process.execPath, [bin, ...words], { encoding: 'utf8', env })
        expect(done.status, done.stderr).toBe(0)
        expect(JSON.parse(done.stdout)).toMatchObject({ samples: 300, converged: 300, workers: Number(workers) })
        return readFileSync(table)
    })
    expect(tables[0]!.equals(tables[1]!)).toBe(true)
})

test('Ctrl-C keeps what is done, and the same command continues there', async () => {
    const table = join(folder, 'kept.parquet')
    const whole = join(folder, 'whole.parquet')
    // with reactive limits, one by one: eight at once would be done before the key is pressed
    const words = ['batch', small, '--samples', '60000', '--seed', '2', '--q-limits', '--workers', '1', '--json', '--out']
    pressCtrlCWhenHeard()
    const first = await run([...words, table])
    expect(first.code).toBe(130)
    const part = JSON.parse(first.out)
    expect(part.interrupted).toBe(true)
    expect(part.samples + part.remaining).toBe(60000)
    expect(part.samples).toBeGreaterThan(0)
    const second = await run([...words, table])
    expect(second.code).toBe(0)
    expect(second.err).toContain(`Continuing with ${part.samples} scenarios`)
    await run([...words, whole])
    expect(readFileSync(table).equals(readFileSync(whole))).toBe(true)
    // another seed is other work
    const other = await run(['batch', small, '--samples', '5', '--seed', '3', '--json', '--out', table])
    expect(other.err).toContain('will be replaced')
    expect((await rowsOf(table)).length).toBe(5)
})

test('misuse is told', async () => {
    for (const words of [[], ['--samples', '0'], ['--samples', '5', '--spread', '1.5'], ['--samples', '5', '--seed', '4294967296']])
        expect((await run(['batch', small, ...words])).code).toBe(64)
})
