/**
 * MATPOWER case files, versions 1 and 2 (manual, appendix B), to a network and back.
 *
 * A bus's Pd and Qd become load `D<bus>`, its Gs and Bs shunt `S<bus>`; generators are `G<n>` and branches `L<n>` or
 * `T<n>` by row, DC lines `H<n>`, n from 1. A branch with a ratio or a shift in the file is a transformer. Columns beyond those of a
 * network (solved values, ramp rates) are read past and not kept.
 */
import type { Issue } from '@gridverse/units'
import type { PlaceOf } from './check-network.ts'
import { runCaseFile } from './matpower-language.ts'
import type { Matrix, Value } from './matpower-value.ts'
import type { Branch, Bus, DcLink, Generator, GeneratorCost, Load, Network, Shunt } from './network.ts'

/** 1-based lines of the file that rows of a network came from, table by table in the rows' order. */
export interface NetworkLines {
    readonly baseMva?: number
    readonly bus: readonly number[]
    readonly load: readonly number[]
    readonly shunt: readonly number[]
    readonly generator: readonly number[]
    readonly branch: readonly number[]
    readonly dcLink: readonly number[]
}

export interface ParsedCase {
    readonly network: Network
    readonly lines: NetworkLines
    readonly issues: Issue[]
}

/** types of a bus in the order of their numbers, from 1 */
export const busTypes = ['pq', 'pv', 'slack', 'isolated'] as const

/** Reads a case file. What cannot be read is an issue with its line; the network holds the rest. */
export function parseMatpower(text: string, name?: string): { network: Network; issues: Issue[] } {
    const { network, issues } = parseCase(text, name)
    return { network, issues }
}

/** The same, with the line every row came from. */
export function parseCase(text: string, name?: string): ParsedCase {
    const file = runCaseFile(text)
    const issues = file.issues
    const found = (code: string, path: string, line: number | undefined, message: string, severity?: 'warning') =>
        issues.push({ code, path, ...(line === undefined ? {} : { line }), message, ...(severity ? { severity } : {}) })

    const version = textOf(file.field.get('version'))
    if (version !== undefined && version !== '1' && version !== '2')
        found(
            'unknown-version',
            'version',
            file.line.get('version'),
            `case format version "${version}" is not 1 or 2; read as 2`,
            'warning',
        )
    const layout = version === '1' || file.layout === 1 ? 1 : 2

    const table = (field: string, required: number): Table => {
        const value = file.field.get(field)
        const line = file.line.get(field)
        if (value === undefined) found('missing-table', field, undefined, `the case has no table "${field}"`)
        else if (value.kind !== 'matrix') found('wrong-type', field, line, `"${field}" must be a table of numbers`)
        else if (value.nRow > 0 && value.nCol < required)
            found(
                'missing-columns',
                field,
                value.lines?.[0] ?? line,
                `"${field}" has ${value.nCol} columns, at least ${required} are needed`,
            )
        else return tableOf(value, line ?? 1)
        return { nRow: 0, line: () => line ?? 1, at: () => 0 }
    }

    // layout of columns, from 0
    const buses = table('bus', 10)
    const gens = table('gen', 8)
    const branches = table('branch', 11)
    const names = file.field.get('bus_name')
    const nameOf = (i: number) => (names?.kind === 'cell' ? (textOf(names.rows[i]?.[0]) ?? '') : '')

    const bus: Bus[] = []
    const load: Load[] = []
    const shunt: Shunt[] = []
    const lines = {
        bus: [] as number[],
        load: [] as number[],
        shunt: [] as number[],
        generator: [] as number[],
        branch: [] as number[],
        dcLink: [] as number[],
    }
    const seen = new Map<number, number>()
    layOutRecords()
    for (let i = 0; i < buses.nRow; i++) {
        const at = (j: number, otherwise = 0) => buses.at(i, j, otherwise)
        const line = buses.line(i)
        const id = at(0)
        const type = busTypes[at(1) - 1]
        if (type === undefined)
            found(
                'unknown-bus-type',
                `bus/${id}/type`,
                line,
                `bus ${id}: type ${at(1)} is none of 1 (PQ), 2 (PV), 3 (slack), 4 (isolated); read as PQ`,
            )
        bus.push(busOf(at, nameOf(i), type ?? 'pq'))
        lines.bus.push(line)
        const repeat = (seen.get(id) ?? 0) + 1
        seen.set(id, repeat)
        const suffix = repeat === 1 ? `${id}` : `${id}.${repeat}`
        if (at(2) !== 0 || at(3) !== 0) {
            load.push(loadOf(at, `D${suffix}`))
            lines.load.push(line)
        }
        if (at(4) !== 0 || at(5) !== 0) {
            shunt.push(shuntOf(at, `S${suffix}`))
            lines.shunt.push(line)
        }
    }

    const generator: Generator[] = []
    for (let g = 0; g < gens.nRow; g++) {
        generator.push(generatorOf((j, otherwise = 0) => gens.at(g, j, otherwise), g))
        lines.generator.push(gens.line(g))
    }

    const branch: Branch[] = []
    for (let k = 0; k < branches.nRow; k++) {
        branch.push(branchOf((j, otherwise = 0) => branches.at(k, j, otherwise), k, layout))
        lines.branch.push(branches.line(k))
    }

    const [generatorCost, generatorReactiveCost] = costsOf(file.field.get('gencost'), file.line.get('gencost'), generator.length, found)
    const dcLink = dcLinksOf(file.field.get('dcline'), file.line.get('dcline'), lines.dcLink, found)
    const dcCosts = file.field.get('dclinecost')
    if (dcCosts?.kind === 'matrix' && dcCosts.nRow > 0)
        found(
            'not-modelled',
            'dclinecost',
            file.line.get('dclinecost'),
            'costs of DC lines are left out: links keep their schedule',
            'warning',
        )

    const base = file.field.get('baseMVA')
    if (base === undefined) found('missing-value', 'baseMva', undefined, 'the case has no baseMVA; read as 100', 'warning')
    const frequency = file.field.get('frequencyHz')
    const network: Network = {
        name: name ?? file.name,
        baseMva: base?.kind === 'matrix' && base.data.length > 0 ? base.data[0] : 100,
        frequencyHz: frequency?.kind === 'matrix' && frequency.data.length > 0 ? frequency.data[0] : 50,
        bus,
        load,
        shunt,
        generator,
        storage: [],
        branch,
        generatorCost,
        ...(generatorReactiveCost ? { generatorReactiveCost } : {}),
        ...(dcLink.length > 0 ? { dcLink } : {}),
    }
    issues.sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
    const baseMvaLine = file.line.get('baseMVA')
    return { network, lines: { ...lines, ...(baseMvaLine === undefined ? {} : { baseMva: baseMvaLine }) }, issues }
}

/** Where the rows of a case came from, by their lines. */
export function placesOfLines(lines: NetworkLines): PlaceOf {
    const { baseMva, ...tables } = lines
    return (table, row) => {
        const line = table === 'baseMva' ? baseMva : tables[table as keyof typeof tables]?.[row]
        return line === undefined ? undefined : { line }
    }
}

/** entry of a row by its column, counted from 0 */
type Entry = (column: number, otherwise?: number) => number

const busOf = (at: Entry, name: string, type: Bus['type']): Bus => ({
    id: at(0),
    name,
    type,
    baseKv: at(9),
    vmPu: at(7, 1),
    vaDeg: at(8),
    vMinPu: at(12, 0.9),
    vMaxPu: at(11, 1.1),
    area: at(6, 1),
    zone: at(10, 1),
    site: '',
})
const loadOf = (at: Entry, id: string): Load => ({ id, bus: at(0), pMw: at(2), qMvar: at(3), inService: true })
const shuntOf = (at: Entry, id: string): Shunt => ({ id, bus: at(0), gMw: at(4), bMvar: at(5), inService: true })
const generatorOf = (at: Entry, g: number): Generator => ({
    id: `G${g + 1}`,
    bus: at(0),
    pMw: at(1),
    qMvar: at(2),
    qMinMvar: at(4),
    qMaxMvar: at(3),
    vSetPu: at(5, 1),
    baseMva: at(6, 100),
    pMinMw: at(9),
    pMaxMw: at(8, Infinity),
    inService: at(7) > 0,
})
function branchOf(at: Entry, k: number, layout: 1 | 2): Branch {
    const isTransformer = at(8) !== 0 || at(9) !== 0
    // version 1 has solved flows where version 2 has the limits; 0 and 0 means none
    const limited = layout === 2 && (at(11, -360) !== 0 || at(12, 360) !== 0)
    return {
        id: `${isTransformer ? 'T' : 'L'}${k + 1}`,
        kind: isTransformer ? 'transformer' : 'line',
        fromBus: at(0),
        toBus: at(1),
        rPu: at(2),
        xPu: at(3),
        bPu: at(4),
        ratio: at(8) === 0 ? 1 : at(8),
        shiftDeg: at(9),
        rateMva: rating(at(5)),
        rateShortMva: rating(at(6)),
        rateEmergencyMva: rating(at(7)),
        angleMinDeg: limited ? at(11, -360) : -360,
        angleMaxDeg: limited ? at(12, 360) : 360,
        inService: at(10) > 0,
    }
}

/**
 * Makes a record of each kind with fractions wherever a fraction may stand. An engine lays records out like the first of
 * them: were its numbers whole, the first fraction would have all of them laid out anew, one by one, when next touched.
 */
function layOutRecords(): void {
    const at = (column: number) => (column === 0 ? 1 : 0.5)
    busOf((column) => (column === 6 || column === 10 ? 1 : at(column)), '', 'pq')
    loadOf(at, '')
    shuntOf(at, '')
    generatorOf(at, 0)
    branchOf((column) => (column === 1 ? 1 : at(column)), 0, 2)
}

/** an infinite rating is none */
const rating = (mva: number) => (mva === Infinity ? 0 : mva)

interface Table {
    readonly nRow: number
    line(i: number): number
    /** entry of row i, column j counted from 0; `otherwise` beyond the last column */
    at(i: number, j: number, otherwise: number): number
}
function tableOf(m: Matrix, line: number): Table {
    const { nRow, nCol, data, lines } = m
    return {
        nRow,
        line: (i) => lines?.[i] ?? line,
        // + 0 turns −0 into 0
        at: (i, j, otherwise) => (j < nCol ? data[i * nCol + j] + 0 : otherwise),
    }
}
function textOf(value: Value | undefined): string | undefined {
    if (value?.kind === 'text') return value.text
    return value?.kind === 'matrix' && value.data.length === 1 ? String(value.data[0]) : undefined
}

type Found = (code: string, path: string, line: number | undefined, message: string, severity?: 'warning') => void

/** DC lines as links; each end holds the voltage of its column, or none where that is 0. */
function dcLinksOf(value: Value | undefined, tableLine: number | undefined, lines: number[], found: Found): DcLink[] {
    if (value?.kind !== 'matrix' || value.nRow === 0) return []
    const { nRow, nCol, data, lines: rowLines } = value
    if (nCol < 17) {
        found('missing-columns', 'dcline', rowLines?.[0] ?? tableLine, `"dcline" has ${nCol} columns, at least 17 are needed`)
        return []
    }
    return Array.from({ length: nRow }, (_, k) => {
        // + 0 turns −0 into 0
        const at = (j: number) => data[k * nCol + j] + 0
        lines.push(rowLines?.[k] ?? tableLine ?? 1)
        return {
            id: `H${k + 1}`,
            fromBus: at(0),
            toBus: at(1),
            pMw: at(3),
            lossMw: at(15),
            lossPercent: toPercent(at(16)),
            vFromPu: at(7),
            vToPu: at(8),
            qFromMvar: at(5),
            qToMvar: at(6),
            qMinFromMvar: at(11),
            qMaxFromMvar: at(12),
            qMinToMvar: at(13),
            qMaxToMvar: at(14),
            pMinMw: at(9),
            pMaxMw: at(10),
            inService: at(2) > 0,
        }
    })
}
/** a share as percent, without the last digits that doubles add */
const toPercent = (share: number) => Number((100 * share).toPrecision(15))

/** Costs of active power, and of reactive power where the table has a second half. */
function costsOf(
    value: Value | undefined,
    tableLine: number | undefined,
    nGen: number,
    found: Found,
): [GeneratorCost[], GeneratorCost[] | undefined] {
    if (value?.kind !== 'matrix' || value.nRow === 0) return [[], undefined]
    const { nRow, nCol, data, lines } = value
    if (nRow !== nGen && nRow !== 2 * nGen)
        found(
            'wrong-count',
            'gencost',
            tableLine,
            `gencost has ${nRow} rows; ${nGen} generators need ${nGen}, or ${2 * nGen} with reactive costs`,
        )
    const costs: GeneratorCost[] = []
    for (let g = 0; g < nRow; g++) {
        const row = data.subarray(g * nCol, (g + 1) * nCol)
        const line = lines?.[g] ?? tableLine
        const [model, startup, shutdown, n] = row
        const count = model === 1 ? 2 * n : n
        if (model !== 1 && model !== 2)
            found(
                'out-of-range',
                `gencost/${g + 1}`,
                line,
                `gencost row ${g + 1}: model ${model} is neither 1 (piecewise linear) nor 2 (polynomial)`,
            )
        else if (!(Number.isInteger(n) && n >= 0 && 4 + count <= nCol))
            found(
                'missing-columns',
                `gencost/${g + 1}`,
                line,
                `gencost row ${g + 1}: ${n} ${model === 1 ? 'points' : 'coefficients'} do not fit in ${nCol} columns`,
            )
        costs.push({
            model: model === 1 ? 'piecewise-linear' : 'polynomial',
            startup: startup + 0,
            shutdown: shutdown + 0,
            coefficients: [...row.subarray(4, 4 + Math.max(count, 0))].map((x) => x + 0),
        })
    }
    return nRow === 2 * nGen && nGen > 0 ? [costs.slice(0, nGen), costs.slice(nGen)] : [costs, undefined]
}
