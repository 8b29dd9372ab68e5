import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, smallCase } from '../main.fixture.ts'

let folder: string
let small: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-formats-'))
    small = join(folder, 'small.m')
    writeFileSync(small, smallCase)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const voltages = async (file: string) =>
    JSON.parse((await run(['powerflow', file, '--json'])).out).buses.map((b: { vmPu: number }) => b.vmPu.toFixed(9))

for (const [name, to, format] of [
    ['small.zip', [], 'cgmes'],
    ['small-xml', ['--to', 'cgmes-xml'], 'cgmes-xml'],
    ['small.parquet', [], 'tables'],
    ['small.arrow.zip', [], 'tables'],
] as const)
    test(`a case converted into ${name} has the same power flow`, async () => {
        const file = join(folder, name)
        const { code, out } = await run(['convert', small, file, ...to, '--json'])
        expect(code).toBe(0)
        expect(JSON.parse(out)).toMatchObject({ to: { file }, buses: 3 })
        const back = join(folder, `${name}.json`)
        const returned = JSON.parse((await run(['convert', file, back, '--json'])).out)
        expect(returned.from).toEqual({ file, format })
        expect(await voltages(file)).toEqual(await voltages(small))
        expect(await voltages(back)).toEqual(await voltages(small))
    })

test('check tells file and line of what is wrong in CGMES', async () => {
    const xml = join(folder, 'broken')
    await run(['convert', small, xml, '--to', 'cgmes-xml'])
    const name = readdirSync(xml).find((file) => file.endsWith('_EQ.xml'))!
    const text = readFileSync(join(xml, name), 'utf8')
    const lines = text.split('\n')
    const at = lines.findIndex((line) => line.includes('<cim:ACLineSegment.x>'))
    writeFileSync(join(xml, name), lines.map((line, i) => (i === at ? line.replace(/>[\d.]+</, '>ten<') : line)).join('\n'))
    const { code, out } = await run(['check', xml, '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out).issues).toContainEqual(expect.objectContaining({ code: 'not-a-number', file: name, line: at + 1 }))
    expect((await run(['check', xml])).out).toContain(`${name}:${at + 1}`)
})

test('a format that does not exist is misuse', async () => {
    const { code, err } = await run(['convert', small, join(folder, 'x'), '--to', 'nonsense'])
    expect([code, err]).toEqual([64, expect.stringContaining('cgmes')])
})
