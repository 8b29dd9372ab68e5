/** The page on formats, and the shared cases through every format against answers of an independent engine. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parseCaseFile } from './case-file.ts'
import type { CaseFolder } from './case-format.ts'
import { caseFormats, nameOfFile } from './formats.ts'
import { keptByCdf } from './ieee-cdf/writer.ts'
import type { Kept } from './losses.ts'
import { parseMatpower } from './matpower.ts'
import { keptByMatpower } from './matpower-losses.ts'
import { networkTables, optionalTables } from './network.ts'
import { keptByPandapower } from './pandapower/writer.ts'
import { everything33 } from './psse/psse.fixture.ts'
import { parsePsse } from './psse/reader.ts'
import { keptByPsse } from './psse/writer.ts'
import { keptByRtsGmlc } from './rts-gmlc/writer.ts'
import { loadShippedRegion } from './shipped-region.ts'
import { solvePowerFlow } from './solve-power-flow.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/formats.md'), 'utf8')

/** What each format keeps of each table, in words. */
function describeKept(): string[] {
    const kept: Readonly<Record<string, Kept>> = {
        MATPOWER: keptByMatpower,
        'PSS/E RAW': keptByPsse,
        'IEEE CDF': keptByCdf,
        pandapower: keptByPandapower,
        'RTS-GMLC': keptByRtsGmlc,
    }
    const tables = { ...networkTables, ...optionalTables }
    const cell = (table: keyof typeof tables, columns: string | undefined) => {
        if (columns === undefined) return '–'
        if (columns === 'all') return 'all'
        const known = new Set(columns.split(' '))
        const missing = Object.keys(tables[table]).filter((name) => !known.has(name))
        return missing.length === 0 ? 'all' : `without ${missing.join(', ')}`
    }
    const rows = (Object.keys(tables) as (keyof typeof tables)[]).map((table) => [
        table,
        ...Object.values(kept).map((k) => cell(table, k[table])),
    ])
    const costs = (['generatorCost', 'generatorReactiveCost'] as const).map((table) => [
        table,
        ...Object.values(kept).map((k) => (k[table] ? 'all' : '–')),
    ])
    return [['table', ...Object.keys(kept)], Object.keys(['', ...Object.keys(kept)]).map(() => '---'), ...rows, ...costs].map(
        (row) => `| ${row.join(' | ')} |`,
    )
}

test('CF8 the page on formats names every format, and what each keeps', () => {
    for (const format of caseFormats) {
        expect(page).toContain(`\`${format.id}\``)
        for (const end of format.extensions.filter((each) => each !== '/')) expect(page).toContain(`\`${end}\``)
    }
    // formats whose tables are not declared so have columns after these
    for (const row of describeKept()) expect(page).toContain(`\n${row.slice(0, -2)} |`)
})

test('CF8 a region written as a network says so', () => {
    const region = loadShippedRegion()
    for (const { id, write } of caseFormats)
        if (write && id !== 'region' && !id.startsWith('cgmes'))
            expect(
                write(region.network, region).issues.map((issue) => issue.path),
                id,
            ).toContain('region')
})

test('CF7 a file is called by its name without folders and extension', () => {
    expect(nameOfFile('/a/b/case14.m')).toBe('case14')
    expect(nameOfFile('case14.v2.RAW')).toBe('case14.v2')
    expect(nameOfFile('RTS_Data/SourceData/')).toBe('SourceData')
    expect(nameOfFile('plain')).toBe('plain')
    expect(nameOfFile('.json')).toBe('.json')
})

test('CF5 nothing a file holds makes a reader throw', () => {
    const network = parsePsse(everything33, 'x').network
    let state = 7
    const random = (n: number) => {
        state = (state * 48271) % 2147483647
        return state % n
    }
    const spoil = (text: string): string => {
        const at = random(text.length)
        const kind = random(5)
        if (kind === 0) return text.slice(0, at)
        if (kind === 1) return text.slice(0, at) + text.slice(at + 1 + random(40))
        if (kind === 2) return `${text.slice(0, at)}${['x', ',', '"', "'", '\n', '-', '[', 'null', '1e999'][random(9)]}${text.slice(at)}`
        const numbers = [...text.matchAll(/-?\d+(\.\d+)?/g)]
        const one = numbers[random(numbers.length)]!
        return text.slice(0, one.index) + ['', '-1', '0', 'NaN', 'x', '999999'][random(6)] + text.slice(one.index + one[0].length)
    }
    for (const id of ['psse33', 'psse35', 'cdf', 'pandapower', 'rts-gmlc']) {
        const { content } = caseFormats.find((format) => format.id === id)!.write!(network)
        for (let round = 0; round < 25; round++) {
            const spoiled =
                typeof content === 'string'
                    ? spoil(content)
                    : new Map([...(content as CaseFolder)].map(([name, part]) => [name, random(2) === 0 ? spoil(part as string) : part]))
            expect(() => parseCaseFile(spoiled, `x.${id}`)).not.toThrow()
        }
    }
})

const shared = resolve(import.meta.dirname, '../../../../shared')
const answers = existsSync(join(shared, 'reference'))
    ? readdirSync(join(shared, 'reference')).filter((file) => /^acpf_(case(9|14|57|118)|case24_ieee_rts|case_ieee30)\.json$/.test(file))
    : []
for (const file of answers)
    test(`CF8 PF2 ${file} through every format`, () => {
        const wanted = JSON.parse(readFileSync(join(shared, 'reference', file), 'utf8')) as { case: string; vm: number[]; va: number[] }
        const { network } = parseMatpower(readFileSync(join(shared, 'cases', `${wanted.case}.m`), 'utf8'))
        for (const id of ['psse33', 'psse35', 'cdf', 'pandapower', 'rts-gmlc']) {
            const format = caseFormats.find((each) => each.id === id)!
            const { network: read } = format.parse(format.write!(network).content, wanted.case)
            const flow = solvePowerFlow(read)
            expect(flow.status).toBe('converged')
            flow.bus.forEach((b, i) => {
                expect(b.id).toBe(network.bus[i]!.id)
                expect(Math.abs(b.vmPu - wanted.vm[i]!), `${id} ${b.id}`).toBeLessThan(1e-6)
                expect(Math.abs(b.vaDeg - wanted.va[i]!), `${id} ${b.id}`).toBeLessThan(1e-6)
            })
        }
    })
