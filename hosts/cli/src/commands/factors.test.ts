import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, smallCase } from '../main.fixture.ts'

let folder: string
let small: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-factors-'))
    small = join(folder, 'small.m')
    writeFileSync(small, smallCase)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('factors of a triangle are those of the reactances', async () => {
    const { code, out } = await run(['factors', small, '--json'])
    expect(code).toBe(0)
    const { ptdf, lodf, referenceBuses } = JSON.parse(out)
    expect(referenceBuses).toEqual([1])
    // x·ratio of 1–2, 2–5, 1–5; a MW from bus 2 to bus 1 goes over 1–2 against the flow's sign, the rest around
    const [a, b, c] = [0.06, 0.1 * 0.98, 0.12 * 0.98]
    const direct = (b + c) / (a + b + c)
    expect(ptdf.map((row: number[]) => row.length)).toEqual([3, 3, 3])
    expect(ptdf[0][0]).toBe(0)
    expect(ptdf[0][1]).toBeCloseTo(-direct, 12)
    expect(ptdf[1][1]).toBeCloseTo(1 - direct, 12)
    expect(ptdf[2][1]).toBeCloseTo(direct - 1, 12)
    expect(lodf[0][0]).toBe(-1)
    expect(lodf[1][0]).toBeCloseTo(-1, 12)
    expect(lodf[2][0]).toBeCloseTo(1, 12)
})

test('columns of bridges are null', async () => {
    const radial = join(folder, 'radial.m')
    writeFileSync(radial, smallCase.replace('0.98	0	1	-360	360;\n	1	5', '0.98	0	0	-360	360;\n	1	5'))
    const { lodf, ptdf } = JSON.parse((await run(['factors', radial, '--json'])).out)
    expect(lodf).toEqual([
        [null, null, null],
        [null, null, null],
        [null, null, null],
    ])
    expect(ptdf[1]).toEqual([0, 0, 0])
})

test('for people: the strongest outage factors; no solution ends with 2', async () => {
    const { code, out } = await run(['factors', small])
    expect(code).toBe(0)
    expect(out).toContain('reference bus 1 · 3 branches, 0 of them bridges')
    expect(out).toContain('Strongest outage factors')
    const resistive = join(folder, 'resistive.m')
    writeFileSync(resistive, smallCase.replace('0.01	0.06', '0.01	0'))
    const none = await run(['factors', resistive, '--json'])
    expect(none.code).toBe(2)
    expect(JSON.parse(none.out)).toMatchObject({ status: 'singular', worstBranch: 0, ptdf: [], lodf: [] })
})
