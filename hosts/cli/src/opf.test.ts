import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './main.fixture.ts'

let folder: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-opf-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** cheap power at bus 1, dear power and the load at bus 2, 40 MVA between */
function twoBuses(loadMw: number, cost = '2 0 0 2 10 0') {
    const path = join(folder, `two-${loadMw}.m`)
    writeFileSync(
        path,
        `function mpc = two
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
    1 3 0 0 0 0 1 1 0 110 1 1.1 0.9;
    2 2 ${loadMw} 0 0 0 1 1 0 110 1 1.1 0.9;
];
mpc.gen = [
    1 40 0 90 -90 1 100 1 100 0;
    2 20 0 90 -90 1 100 1 30 0;
];
mpc.branch = [ 1 2 0 0.1 0 40 40 40 0 0 1 -360 360 ];
mpc.gencost = [
    ${cost};
    2 0 0 2 30 0${' 0'.repeat(cost.split(' ').length - 6)};
];
`,
    )
    return path
}

test('opf: one JSON value with costs, prices and powers, exit 0', async () => {
    const { code, out } = await run(['opf', twoBuses(60), '--dc', '--json'])
    expect(code).toBe(0)
    const opf = JSON.parse(out)
    expect(opf.status).toBe('optimal')
    expect(opf.objective).toBeCloseTo(1000, 4)
    expect(Object.keys(opf.buses[0]).slice(0, 4)).toEqual(['id', 'vmPu', 'vaDeg', 'lmpPerMwh'])
    expect(opf.buses.map((bus: { lmpPerMwh: number }) => bus.lmpPerMwh)).toEqual([expect.closeTo(10, 5), expect.closeTo(30, 5)])
    expect(opf.generators[1]).toMatchObject({ index: 1, bus: 2, pMw: expect.closeTo(20, 5) })
    expect(opf.branches[0]).toMatchObject({ index: 0, fromBus: 1, toBus: 2, inService: true, loadingPercent: expect.closeTo(100, 4) })
    const ac = JSON.parse((await run(['opf', twoBuses(60), '--json'])).out)
    expect(ac.objective).toBeGreaterThan(999)
})

test('opf: tables for people name the limits that cost money', async () => {
    const { code, out } = await run(['opf', twoBuses(60), '--dc'])
    expect(code).toBe(0)
    expect(out).toMatch(/^two-60: optimal in \d+ iterations · cost 1000\.00 per hour · .* · 1 limit with a price\n/)
    expect(out).toContain('rating at the from side of branch')
    expect((await run(['opf', twoBuses(60), '--summary'])).out.split('\n').length).toBe(2)
})

test('opf: what cannot be is said with what must give way, exit 2', async () => {
    const { code, out } = await run(['opf', twoBuses(80), '--dc', '--json'])
    expect(code).toBe(2)
    const { status, failure, buses } = JSON.parse(out)
    expect(status).toBe('infeasible')
    expect(buses).toEqual([])
    expect(failure.relaxation.reduce((sum: number, row: { by: number }) => sum + row.by, 0)).toBeCloseTo(10, 3)
    expect(failure.conflict.map((row: { kind: string }) => row.kind)).toEqual(expect.arrayContaining(['pMax', 'flowFrom']))
    const words = await run(['opf', twoBuses(80)])
    expect(words.code).toBe(2)
    expect(words.out).toContain('Least relaxation')
    expect(words.out).toContain('Limits in the way')
    expect(words.out).toMatch(/these 2 limits cannot hold together while every load is served: .* without any one of them the others can/)
})

test('opf: a cost no optimiser can follow is bad input, exit 1', async () => {
    const { code, out } = await run(['opf', twoBuses(61, '1 0 0 3 0 0 50 1000 100 1100'), '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out).issues.map((issue: { code: string }) => issue.code)).toContain('bad-cost')
})

test('opf --secure: the ratings hold after outages, and the JSON says what each costs', async () => {
    // two lines of 40 MVA side by side carry 80, but only 40 when one may go
    const path = join(folder, 'twin.m')
    writeFileSync(
        path,
        readFileSync(twoBuses(70), 'utf8')
            .replace('mpc.branch = [', 'mpc.branch = [ 1 2 0 0.1 0 40 40 40 0 0 1 -360 360;')
            .replace('30 0;', '90 0;'),
    )
    const plain = JSON.parse((await run(['opf', path, '--dc', '--json'])).out)
    expect(plain.objective).toBeCloseTo(700, 4)
    const { code, out } = await run(['opf', path, '--dc', '--secure', '--json'])
    expect(code).toBe(0)
    const opf = JSON.parse(out)
    expect(opf.objective).toBeCloseTo(40 * 10 + 30 * 30, 3)
    expect(opf.contingencies.map((row: { status: string }) => row.status)).toEqual(['secured', 'secured'])
    expect(opf.contingencies[0]).toMatchObject({ outage: { branches: [0] }, worstLoadingPercent: expect.closeTo(100, 4), worstBranch: 1 })
    expect(opf.buses[1].parts).toMatchObject({ energyPerMwh: expect.closeTo(10, 4), securityPerMwh: expect.closeTo(20, 4) })
    const words = await run(['opf', path, '--dc', '--secure'])
    expect(words.out).toMatch(/2 outages secured in 2 rounds/)
    expect(words.out).toContain('Outages, dearest first')
    expect((await run(['opf', path, '--secure'])).code).toBe(64)
})
