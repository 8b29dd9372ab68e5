/** Files that are not what they should be: every command says what is wrong with them, in words, and ends. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom } from '@gridverse/math'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, smallCase } from './main.fixture.ts'

let folder: string
let small: string
const at = (name: string) => join(folder, name)

beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-hostile-'))
    small = at('small.m')
    writeFileSync(small, smallCase)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs with `--json`: the code, and the issues; what goes wrong inside would be an issue `failed`. */
async function issuesOf(...words: string[]) {
    const { code, out, err } = await run([...words, '--json'])
    expect(`${out}${err}`, words.join(' ')).not.toMatch(/\n\s+at .*[(:]\d+/)
    const value = JSON.parse(out) as { issues?: { code: string; message: string }[] }
    const issues = value.issues ?? []
    expect(
        issues.filter(
            (issue) => issue.code === 'failed' || /undefined|\[object|Cannot read p|is not a function|is not iterable/.test(issue.message),
        ),
    ).toEqual([])
    if (code === 1) expect(issues.length, words.join(' ')).toBeGreaterThan(0)
    return { code, issues }
}

const junk: Readonly<Record<string, string | Uint8Array>> = {
    empty: '',
    blank: ' \n\n',
    mark: '\ufeff',
    words: 'hello world\n',
    zeros: new Uint8Array(300),
    noise: Uint8Array.from({ length: 3000 }, (_, i) => (i * i * 31 + i * 17) % 256),
    null: 'null',
    list: '[]',
    object: '{}',
    deep: '['.repeat(50_000),
}

test('junk in place of a case is an issue in every command and under every name', async () => {
    for (const [name, content] of Object.entries(junk))
        for (const end of ['m', 'json', 'raw', 'cdf', 'zip', 'parquet', 'arrow', 'parquet.zip', 'xml', '']) {
            const file = at(`${name}.${end}`)
            writeFileSync(file, content)
            expect((await issuesOf('check', file)).code, `${name}.${end}`).toBe(1)
        }
    const file = at('noise.m')
    for (const words of [
        ['powerflow', file],
        ['contingency', file],
        ['factors', file],
        ['opf', file],
        ['batch', file, '--samples', '2'],
        ['shortcircuit', file, '--bus', '1'],
        ['convert', file, at('out.json')],
    ])
        expect((await issuesOf(...words)).code, words[0]).toBe(1)
})

test('junk in place of measurements, outages, profiles and data is an issue; a folder and a missing file are named', async () => {
    for (const name of ['empty.m', 'zeros.m', 'noise.m', 'words.m', 'null.json', 'deep.json', '', 'gone'])
        for (const words of [
            ['estimate', small, '--measurements', at(name)],
            ['contingency', small, '--list', at(name)],
            ['timeseries', small, '--profiles', at(name)],
            ['shortcircuit', small, '--bus', '1', '--data', at(name)],
        ]) {
            const { code, issues } = await issuesOf(...words)
            expect(code, words.join(' ')).toBe(1)
            if (name === '' || name === 'gone') expect(issues).toMatchObject([{ code: 'unreadable-file' }])
        }
})

test('a case of any format cut off, or with bytes or numbers changed, is read or told, never a fault', async () => {
    const random = createRandom(7)
    const pick = (n: number) => Math.floor(random.uniform() * n)
    for (const [name, ...more] of [
        ['a.m'],
        ['a.json'],
        ['a.raw'],
        ['b.raw', '--psse', '35'],
        ['a.cdf'],
        ['p.json', '--to', 'pandapower'],
        ['a.zip'],
        ['a.parquet.zip'],
    ]) {
        const whole = at(name!)
        expect((await run(['convert', small, whole, ...more])).code).toBe(0)
        const bytes = readFileSync(whole)
        const file = at(`broken-${name}`)
        const tried: (Uint8Array | string)[] = [bytes.subarray(0, bytes.length / 2), bytes.subarray(0, bytes.length - 20)]
        const flipped = bytes.slice()
        for (let k = 0; k < 20; k++) flipped[pick(bytes.length)] = pick(256)
        tried.push(flipped)
        const text = bytes.toString('latin1')
        const numbers = [...text.matchAll(/(?<![\w.])\d+\.?\d*(?![\w.])/g)]
        for (const value of ['1e308', 'NaN', '-1', '99999999999999999999']) {
            const { index, 0: old } = numbers[pick(numbers.length)]!
            tried.push(text.slice(0, index) + value + text.slice(index + old.length))
        }
        for (const content of tried) {
            writeFileSync(file, content)
            await issuesOf('check', file)
            await issuesOf('powerflow', file)
        }
    }
})

test('a table that is none of a folder of tables is told, not left out', async () => {
    for (const format of ['parquet', 'arrow']) {
        const tables = at(`tables.${format}`)
        expect((await run(['convert', small, tables])).code).toBe(0)
        for (const name of readdirSync(tables)) {
            const whole = readFileSync(join(tables, name))
            for (const content of [junk.noise!, '', whole.subarray(0, whole.length / 2)]) {
                writeFileSync(join(tables, name), content)
                expect((await issuesOf('powerflow', tables)).code, name).toBe(1)
            }
            writeFileSync(join(tables, name), whole)
        }
        expect((await run(['powerflow', tables])).code).toBe(0)
    }
})

test('a case in UTF-16, as some shells write it, is read', async () => {
    writeFileSync(at('wide.m'), `\ufeff${smallCase}`, 'utf16le')
    expect((await run(['powerflow', at('wide.m'), '--json'])).code).toBe(0)
})

test('a result that cannot be written, or would replace what is read, is told before the work', async () => {
    const profiles = at('day.csv')
    const head = 'time,load/L2/pMw\n0,20\n'
    writeFileSync(profiles, head)
    mkdirSync(at('folder'), { recursive: true })
    const commands = (out: string) => [
        ['batch', small, '--samples', '2', '--out', out],
        ['contingency', small, '--out', out],
        ['timeseries', small, '--profiles', profiles, '--out', out],
    ]
    for (const out of [at('folder'), at('gone/x'), `${small}/x`])
        for (const words of commands(out)) {
            const { code, issues } = await issuesOf(...words)
            expect({ code, issues }, words.join(' ')).toMatchObject({ code: 1, issues: [{ code: 'unwritable-file', path: out }] })
        }
    for (const words of commands(small)) expect((await issuesOf(...words)).code).toBe(64)
    expect((await issuesOf(...commands(profiles)[2]!)).code).toBe(64)
    expect(readFileSync(profiles, 'utf8')).toBe(head)
    expect(readFileSync(small, 'utf8')).toBe(smallCase)
})

test('every command and group of commands shows examples in its help', async () => {
    const { createProgram } = await import('./program.ts')
    const silent = { out() {}, err() {}, colour: false, interactive: false, readInput: async () => '' }
    const names = (await createProgram('0', silent, () => undefined)).commands.flatMap((command) => [
        [command.name()],
        ...command.commands.map((inner) => [command.name(), inner.name()]),
    ])
    expect(names.length).toBeGreaterThan(15)
    for (const words of names) expect((await run([...words, '--help'])).out, words.join(' ')).toMatch(/\nExamples:\n {2}.*gridverse /)
})
