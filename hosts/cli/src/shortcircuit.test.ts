import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './main.fixture.ts'

let folder: string
let small: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-sc-'))
    small = file(
        'feeder.m',
        `function mpc = feeder
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
    1 3 0 0 0 0 1 1 0 10 1 1.1 0.9;
    2 1 1 0 0 0 1 1 0 10 1 1.1 0.9;
];
mpc.gen = [ 1 0 0 9 -9 1 100 1 100 0 ];
mpc.branch = [ 1 2 0.1 0.2 0 0 0 0 0 0 1 -360 360 ];
`,
    )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
function file(name: string, text: string): string {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
}

test('shortcircuit: one JSON value, and what was assumed', async () => {
    const { code, out } = await run(['shortcircuit', small, '--bus', '2', '--json'])
    expect(code).toBe(0)
    const s = JSON.parse(out)
    expect(s).toMatchObject({ status: 'solved', fault: '3ph', bus: 2, c: 1.1 })
    expect(s.ipKa).toBeCloseTo(s.kappa * Math.SQRT2 * s.ikKa, 9)
    expect(s.branches[0].iToKa).toBeCloseTo(s.ikKa, 9)
    expect(s.sources[0]).toMatchObject({ kind: 'generator', bus: 1 })
    expect(s.notes.join()).toContain('assumed')
    const words = await run(['shortcircuit', small, '--bus', '2'])
    expect(words.out).toContain('three-phase short circuit at bus 2')
    expect(words.out).toContain('Sources')
})

test('shortcircuit: line-earth by data; without a path to earth there is no current, exit 2', async () => {
    const data = file(
        'data.json',
        JSON.stringify({
            feeder: [{ id: 'Q', bus: 1, skMaxMva: 100, x0OverX1: 1, r0OverX0: 0.1 }],
            line: [{ branch: 'L1', r0Pu: 0.2, x0Pu: 0.6 }],
        }),
    )
    const earthed = await run(['shortcircuit', small, '--bus', '2', '--fault', '1ph', '--data', data, '--json'])
    expect(earthed.code).toBe(0)
    expect(JSON.parse(earthed.out).ikKa).toBeGreaterThan(0)
    const open = await run(['shortcircuit', small, '--bus', '2', '--fault', '1ph', '--json'])
    expect(open.code).toBe(2)
    expect(JSON.parse(open.out)).toMatchObject({ status: 'isolated', ikKa: 0 })
})

test('shortcircuit: an unknown bus and wrong data are bad input, exit 1; no bus is misuse', async () => {
    const unknown = await run(['shortcircuit', small, '--bus', '7', '--json'])
    expect(unknown.code).toBe(1)
    expect(JSON.parse(unknown.out).issues[0]).toMatchObject({ code: 'missing-bus' })
    const bad = await run(['shortcircuit', small, '--bus', '2', '--data', file('bad.json', '{"feeder":[{"id":"Q","bus":1}]}'), '--json'])
    expect(bad.code).toBe(1)
    expect(JSON.parse(bad.out).issues[0]).toMatchObject({ code: 'missing-value', path: 'feeder/1/skMaxMva' })
    expect((await run(['shortcircuit', small])).code).toBe(64)
})
