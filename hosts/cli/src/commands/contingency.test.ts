import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, smallCase } from '../main.fixture.ts'
import { pressCtrlCWhenHeard } from './ctrl-c.fixture.ts'

const bin = fileURLToPath(new URL('../../bin/gridverse.mjs', import.meta.url))
let folder: string
let small: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-contingency-'))
    small = file('small.m', smallCase)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
function file(name: string, text: string): string {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
}
/** A ring of so many buses, each with a load. */
function ring(n: number): string {
    const rows = Array.from({ length: n }, (_, i) => i + 1)
    return `function mpc = ring
mpc.version = '2'; mpc.baseMVA = 100;
mpc.bus = [${rows.map((i) => `${i} ${i === 1 ? 3 : 1} 0.01 0.005 0 0 1 1 0 110 1 1.1 0.9`).join(';\n')}];
mpc.gen = [1 0 0 300 -300 1 100 1 300 0];
mpc.branch = [${rows.map((i) => `${i} ${(i % n) + 1} 0.001 0.005 0 100 0 0 0 0 1 -360 360`).join(';\n')}];
`
}

test('every branch goes out in turn, with the fields of the contract', async () => {
    const { code, out, err } = await run(['contingency', small, '--json'])
    expect([code, err]).toEqual([0, ''])
    const { base, outages } = JSON.parse(out)
    expect(base.status).toBe('converged')
    expect(outages.map((row: { branch: number }) => row.branch)).toEqual([0, 1, 2])
    expect(Object.keys(outages[0])).toEqual(
        expect.arrayContaining('branch status iterations worstLoadingPercent worstBranch violations vmMinPu vmMaxPu'.split(' ')),
    )
    // a line and a transformer out of the triangle leave everything supplied, the transformer left overloaded
    expect(outages.map((row: { status: string }) => row.status)).toEqual(['converged', 'converged', 'converged'])
    expect(outages[1].violations.map((v: { branch: number }) => v.branch)).toEqual([2])
    expect(outages[1].worstLoadingPercent).toBe(outages[1].violations[0].loadingPercent)
})

test('for people: a summary, then the worst outage first', async () => {
    const { code, out } = await run(['contingency', small])
    expect(code).toBe(0)
    expect(out).toMatch(/3 outages · 3 converged · 0 islanding · 0 diverged · \d with overloads/)
    expect(out).toContain('Outages, worst first')
    expect(out).toMatch(/Branch \d \(\d–\d\) is [\d.]+ MVA above its rating after branch \d/)
    expect((await run(['contingency', small, '--summary'])).out.trim().split('\n').length).toBe(1)
})

test('a list names outages of any kind, in long or short', async () => {
    const list = file('list.json', '[1, [0, 1], {"bus": 5}, {"name": "unit", "generators": [1]}]')
    const { outages } = JSON.parse((await run(['contingency', small, '--list', list, '--json'])).out)
    expect(outages[0]).toMatchObject({ branch: 1, status: 'converged' })
    expect(outages[1]).toMatchObject({ branch: null, outage: { branches: [0, 1] }, status: 'islanding', lostBuses: [2], lostLoadMw: 20 })
    expect(outages[2]).toMatchObject({ outage: { buses: [5] }, status: 'converged' })
    expect(outages[3]).toMatchObject({ outage: { name: 'unit', generators: [1] }, status: 'converged' })
    for (const text of ['{"branches": [2, 0]}', '{"outages": [{"branches": [2]}, {"branch": 0}]}']) {
        const same = JSON.parse((await run(['contingency', small, '--list', file('other.json', text), '--json'])).out)
        expect(same.outages.map((row: { branch: number }) => row.branch)).toEqual([2, 0])
    }
    expect((await run(['contingency', small, '--list', list])).out).toContain('branches 0, 1')
})

test('a wrong list ends with all its issues and their lines', async () => {
    const list = file('wrong.json', '{"outages": [\n{"branches": [7]},\n{"buses": [3]},\n{}\n]}')
    const { code, out } = await run(['contingency', small, '--list', list, '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out).issues.map((issue: { code: string; line: number }) => [issue.code, issue.line])).toEqual([
        ['out-of-range', 2],
        ['missing-bus', 3],
        ['missing-value', 4],
    ])
})

test('a base case without a solution ends with 2 and says so', async () => {
    const hopeless = file('hopeless.m', smallCase.replace('60	25', '6000	2500'))
    const { code, out } = await run(['contingency', hopeless, '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({ base: { status: 'diverged' }, outages: [] })
})

test('Ctrl-C keeps what is done, and the same command continues there', async () => {
    const large = file('ring.m', ring(600))
    const kept = join(folder, 'kept.json')
    const whole = JSON.parse((await run(['contingency', large, '--json'])).out)
    pressCtrlCWhenHeard()
    const first = await run(['contingency', large, '--json', '--out', kept])
    expect(first.code).toBe(130)
    expect(first.err).toContain('the same command continues there')
    const part = JSON.parse(first.out)
    expect(part.interrupted).toBe(true)
    expect(part.outages.length + part.remaining).toBe(600)
    expect(part.outages.length).toBeGreaterThan(0)
    const second = await run(['contingency', large, '--json', '--out', kept])
    expect(second.code).toBe(0)
    expect(second.err).toContain(`Continuing after ${part.outages.length} outages`)
    const { key: _, ...rest } = JSON.parse(readFileSync(kept, 'utf8'))
    expect(rest).toEqual(whole)
    expect(existsSync(`${kept}.part`)).toBe(false)
    // of another case nothing is taken over
    const other = await run(['contingency', small, '--json', '--out', kept])
    expect(other.err).toContain('will be replaced')
    expect(JSON.parse(other.out).outages.length).toBe(3)
})

test('threads give what one thread gives', async () => {
    const large = file('threads.m', ring(90))
    const words = ['contingency', large, '--json', '--workers']
    const env = { ...process.env, GRIDVERSE_SOURCE: '1' }
    const done = spawnSync(process.execPath, [bin, ...words, '3'], { encoding: 'utf8', env })
    expect(done.status, done.stderr).toBe(0)
    expect(done.stdout).toBe((await run([...words, '1'])).out)
})

test('screening marks what it leaves out', async () => {
    const { outages } = JSON.parse((await run(['contingency', small, '--json', '--screen', '1000'])).out)
    expect(outages.every((row: { status: string }) => row.status === 'screened')).toBe(true)
    expect((await run(['contingency', small, '--screen', '1000'])).out).toContain('3 screened, not solved')
})

test('whole kinds of outages, the heaviest pairs, and what can be done', async () => {
    const kinds = JSON.parse((await run(['contingency', small, '--generators', '--buses', '--json'])).out)
    expect(kinds.outages.map((row: { outage: object }) => Object.keys(row.outage)[0])).toEqual(
        expect.arrayContaining(['generators', 'buses']),
    )
    const pairs = await run(['contingency', file('ring6.m', ring(6)), '--pairs', '5', '--json'])
    expect(pairs.err).toMatch(/15 pairs looked at by DC factors: the 0 heaviest are taken, 15 part the network/)
    expect(JSON.parse(pairs.out).outages).toEqual([])
    const { remedies, outages } = JSON.parse((await run(['contingency', small, '--remedies', '2', '--json'])).out)
    expect(remedies.length).toBeGreaterThan(0)
    for (const each of remedies) {
        expect(each.loadingPercent).toBeCloseTo(outages[each.outage].worstLoadingPercent, 6)
        expect(each.branch).toBe(outages[each.outage].worstBranch)
    }
    expect((await run(['contingency', small, '--remedies', '2'])).out).toMatch(
        /what can be done, by AC power flow|nothing found that relieves it/,
    )
})
