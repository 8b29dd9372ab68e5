import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { pressCtrlCWhenHeard } from './commands/ctrl-c.fixture.ts'
import { run, smallCase } from './main.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'gridverse-timeseries-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
}
const rows = (path: string) =>
    readFileSync(path, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => line.split(','))
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

test('timeseries: an interrupted file is continued, to the same rows; other profiles begin anew', async () => {
    const id = await loadId()
    const year = (mw: number) => {
        const lines = Array.from({ length: 12_000 }, (_, t) => `${t},${mw + 10 * Math.sin(t)}`)
        return `step,load/${id}/pMw\n${lines.join('\n')}\n`
    }
    const profiles = file('year.csv', year(60))
    const half = join(folder, 'half.csv')
    pressCtrlCWhenHeard(() => existsSync(half) && statSync(half).size > 0)
    const stopped = await run(['timeseries', small, '--profiles', profiles, '--out', half])
    expect(stopped.code).toBe(130)
    const done = rows(half).length - 1
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(12_000)
    // as a sudden end would leave it: the last line cut off
    writeFileSync(half, `${readFileSync(half, 'utf8')}${done},${done},conv`)
    cpSync(half, join(folder, 'other.csv'))
    cpSync(`${half}.progress`, join(folder, 'other.csv.progress'))

    expect((await run(['timeseries', small, '--profiles', profiles, '--out', half])).err).toContain(`Continuing after ${done} steps`)
    const whole = join(folder, 'whole.csv')
    await run(['timeseries', small, '--profiles', profiles, '--out', whole])
    expect(readFileSync(whole, 'utf8')).toMatch(
        /^step,time,status,iterations,lossesMw,vmMinPu,vmMaxPu,worstLoadingPercent,worstBranch\n0,0,converged,/,
    )
    const again = rows(half)
    expect(again.length).toBe(12_001)
    let farthest = 0
    rows(whole).forEach((row, r) => {
        expect(again[r]!.slice(0, 3)).toEqual(row.slice(0, 3))
        if (r > 0) farthest = Math.max(farthest, Math.abs(Number(again[r]![4]) - Number(row[4])))
    })
    expect(farthest).toBeLessThan(5e-6)

    const other = await run(['timeseries', small, '--profiles', file('year.csv', year(50)), '--out', join(folder, 'other.csv')])
    expect(other.err).not.toContain('Continuing')
    expect(rows(join(folder, 'other.csv')).length).toBe(12_001)
})

test('timeseries: wrong names and cells are told with their line, exit 1', async () => {
    const id = await loadId()
    const names = JSON.parse((await run(['timeseries', small, '--profiles', file('a.csv', 'load/none/pMw,x\n1,2\n'), '--json'])).out)
    expect(names.issues).toMatchObject([
        { code: 'missing-element', line: 1 },
        { code: 'unknown-column', line: 1 },
    ])
    const cells = await run(['timeseries', small, '--profiles', file('b.csv', `load/${id}/pMw\n1\nmany\n\n2,3\nInfinity\n`), '--json'])
    expect(cells.code).toBe(1)
    expect(JSON.parse(cells.out).issues).toMatchObject([
        { code: 'not-a-number', line: 3 },
        { code: 'ragged-row', line: 5 },
        { code: 'not-a-number', line: 6 },
    ])
    expect((await run(['timeseries', small, '--profiles', join(folder, 'absent.csv')])).code).toBe(1)
    expect((await run(['timeseries', small, '--profiles', file('c.csv', `load/${id}/pMw\n1\n`), '--watch', 'bus/99/vmPu'])).code).toBe(1)
})
