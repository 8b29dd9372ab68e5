import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { caseFormats } from '@gridverse/grid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, smallCase } from '../main.fixture.ts'
import { writtenFormats } from '../program.ts'
import { tableFormats } from '../table-formats.ts'

let folder: string
let small: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-convert-'))
    small = join(folder, 'small.m')
    writeFileSync(small, smallCase)
})
afterAll(() => rmSync(folder, { recursive: true }))

test('the formats named in the help are those of the kernel', () => {
    expect(writtenFormats).toEqual(expect.arrayContaining(caseFormats.filter((format) => format.write).map((format) => format.id)))
    expect([...caseFormats, ...tableFormats].map((format) => format.id)).toEqual(expect.arrayContaining(writtenFormats))
})

test('CF7 CF8 a case goes through every format, told by name or option, and back; every command reads it', async () => {
    const solved = JSON.parse((await run(['powerflow', small, '--json'])).out)
    for (const [name, options, format] of [
        ['a.raw', [], 'psse33'],
        ['b.raw', ['--psse', '35'], 'psse35'],
        ['c.cdf', [], 'cdf'],
        ['d.json', [], 'network'],
        ['e.json', ['--to', 'pandapower'], 'pandapower'],
        ['f/', [], 'rts-gmlc'],
        ['g', ['--to', 'rts-gmlc'], 'rts-gmlc'],
        ['h.zip', [], 'cgmes'],
    ] as const) {
        const path = join(folder, name)
        const done = await run(['convert', small, path, ...options, '--json'])
        expect(done.code, done.err).toBe(0)
        expect(JSON.parse(done.out)).toMatchObject({ from: { format: 'matpower' }, to: { format }, buses: 3, branches: 3, generators: 2 })
        const again = await run(['powerflow', path, '--json'])
        expect(again.code, `${name} ${again.out}`).toBe(0)
        const { buses } = JSON.parse(again.out) as { buses: { vmPu: number }[] }
        // rows of CGMES come in an order of its own
        const sorted = (list: readonly { vmPu: number }[]) => list.map((b) => b.vmPu).sort()
        sorted(buses).forEach((vm, i) => {
            expect(Math.abs(vm - sorted(solved.buses)[i]!)).toBeLessThan(1e-9)
        })
    }
    expect(readdirSync(join(folder, 'f')).sort()).toEqual(['branch.csv', 'bus.csv', 'gen.csv'])
}, 20_000)

test('CF8 what is lost is told on the standard error, and in the JSON', async () => {
    const path = join(folder, 'lost.cdf')
    const told = await run(['convert', small, path])
    expect(told.err).toContain('warning: the IEEE common data format has no place for')
    expect(told.err).toContain('[not-kept]')
    const { issues } = JSON.parse((await run(['convert', small, path, '--json'])).out)
    expect(issues.some((issue: { code: string }) => issue.code === 'not-kept')).toBe(true)
})

test('CF5 check names file and line of what is wrong, in any format', async () => {
    const raw = join(folder, 'check.raw')
    await run(['convert', small, raw])
    const text = readFileSync(raw, 'utf8')
    writeFileSync(raw, text.replace(/^2,'',/m, "2,'',x"))
    const found = await run(['check', raw])
    expect(found.code).toBe(1)
    expect(found.out).toMatch(/check\.raw:5: error: bus 2.*BASKV/)
    const csv = join(folder, 'check')
    await run(['convert', small, csv, '--to', 'rts-gmlc'])
    writeFileSync(join(csv, 'branch.csv'), readFileSync(join(csv, 'branch.csv'), 'utf8').replace(',1,5,', ',1,9,'))
    expect((await run(['check', csv])).out).toMatch(/check\/branch\.csv:4: error: .*bus 9/)
    expect(JSON.parse((await run(['check', csv, '--json'])).out)).toMatchObject({ format: 'rts-gmlc', issues: expect.any(Array) })
})

test('misuse of the options is told', async () => {
    expect((await run(['convert', small, join(folder, 'x.raw'), '--psse', '34'])).code).toBe(64)
    expect((await run(['convert', small, join(folder, 'x.raw'), '--psse', '33', '--to', 'cdf'])).code).toBe(64)
    const { code, err } = await run(['convert', small, '-', '--to', 'rts-gmlc'])
    expect([code, err]).toEqual([64, expect.stringContaining('name a file or folder')])
})
