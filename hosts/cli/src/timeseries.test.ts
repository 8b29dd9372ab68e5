import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { run, smallCase } from './main.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'gridverse-timeseries-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
}
const small = file('small.m', smallCase)
const network = async () =>
    JSON.parse(readFileSync(file('network.json', (await run(['convert', small, '-', '--to', 'network'])).out), 'utf8'))
const loadId = async () => (await network()).load.find((row: { bus: number }) => row.bus === 5).id

test('timeseries: rows by step, with the times and columns asked for', async () => {
    const id = await loadId()
    const profiles = file('day.csv', `time,load/${id}/pMw,load/${id}/qMvar\n00:00,60,25\n01:00,30,\n02:00,9000,25\n03:00,60,25\n`)
    const { code, out } = await run(['timeseries', small, '--profiles', profiles, '--watch', 'bus/5/vmPu', '--json'])
    expect(code).toBe(0)
    const { steps, converged, rows } = JSON.parse(out)
    expect({ steps, converged }).toEqual({ steps: 4, converged: 3 })
    expect(rows.map((row: { time: string; status: string }) => `${row.time} ${row.status}`)).toEqual([
        '00:00 converged',
        '01:00 converged',
        '02:00 diverged',
        '03:00 converged',
    ])
    const flow = JSON.parse((await run(['powerflow', small, '--json'])).out)
    expect(rows[0]['bus/5/vmPu']).toBeCloseTo(flow.buses[2].vmPu, 8)
    expect(rows[3].lossesMw).toBeCloseTo(flow.lossesMw, 5)
    expect(rows[2].lossesMw).toBeNull()
    expect((await run(['timeseries', small, '--profiles', profiles])).out).toContain('1 without a solution')
})

test('timeseries: an interrupted file is continued, to the same rows', async () => {
    const id = await loadId()
    const lines = Array.from({ length: 30 }, (_, t) => `${t},${60 + 10 * Math.sin(t)}`)
    const profiles = file('year.csv', `step,load/${id}/pMw\n${lines.join('\n')}\n`)
    const out = join(folder, 'result.csv')
    await run(['timeseries', small, '--profiles', profiles, '--out', out])
    const whole = readFileSync(out, 'utf8')
    expect(whole.trimEnd().split('\n').length).toBe(31)
    expect(whole).toMatch(/^step,time,status,iterations,lossesMw,vmMinPu,vmMaxPu,worstLoadingPercent,worstBranch\n0,0,converged,/)
    // as a stop would leave it: some rows, one cut off, and the note of what is being made; its key is that of the command
    const bad = file('bad.csv', `step,load/${id}/pMw\n${lines.slice(0, 12).join('\n')}\nx,y\n`)
    const half = join(folder, 'half.csv')
    expect((await run(['timeseries', small, '--profiles', bad, '--out', half])).code).toBe(1)
    writeFileSync(half, `${readFileSync(half, 'utf8')}12,12,conv`)
    const { err } = await run(['timeseries', small, '--profiles', profiles, '--out', half])
    expect(err).toContain('Continuing after 12 steps')
    const rows = (text: string) =>
        text
            .trimEnd()
            .split('\n')
            .map((line) => line.split(','))
    const again = rows(readFileSync(half, 'utf8'))
    expect(again.length).toBe(31)
    rows(whole).forEach((row, r) => {
        if (r > 0) expect(Number(again[r]![4])).toBeCloseTo(Number(row[4]), 5)
        expect(again[r]!.slice(0, 3)).toEqual(row.slice(0, 3))
    })
})

test('timeseries: wrong names and cells are told with their line, exit 1', async () => {
    const id = await loadId()
    const names = JSON.parse((await run(['timeseries', small, '--profiles', file('a.csv', 'load/none/pMw,x\n1,2\n'), '--json'])).out)
    expect(names.issues).toMatchObject([
        { code: 'missing-element', line: 1 },
        { code: 'unknown-column', line: 1 },
    ])
    const cells = await run(['timeseries', small, '--profiles', file('b.csv', `load/${id}/pMw\n1\nmany\n`), '--json'])
    expect(cells.code).toBe(1)
    expect(JSON.parse(cells.out).issues).toMatchObject([{ code: 'not-a-number', line: 3 }])
    expect((await run(['timeseries', small, '--profiles', join(folder, 'absent.csv')])).code).toBe(1)
    expect((await run(['timeseries', small, '--profiles', file('c.csv', `load/${id}/pMw\n1\n`), '--watch', 'bus/99/vmPu'])).code).toBe(1)
})
