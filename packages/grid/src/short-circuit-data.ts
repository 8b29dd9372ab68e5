/**
 * What a short-circuit calculation needs beyond the power-flow records, as tables of their own keyed to the network's
 * rows. Per unit is of the machine's or transformer's own rating; zero-sequence impedances of branches are p.u. of the
 * network's `baseMva` like their positive-sequence ones.
 */
import { checkRow, choice, fillRow, flag, type Issue, int, num, type RowOf, text } from '@gridverse/units'
import type { Network } from './network.ts'

/** A network beyond the model, at one bus. */
export const feeder = {
    id: text('unique among feeders'),
    bus: int('bus it stands at', { min: 1 }),
    skMaxMva: num('MVA', 'greatest initial short-circuit power', { above: 0 }),
    skMinMva: num('MVA', 'least initial short-circuit power; 0 takes the greatest', { min: 0, default: 0 }),
    rOverX: num('', 'R/X of its impedance', { min: 0, default: 0.1 }),
    x0OverX1: num('', 'zero- over positive-sequence reactance; 0 without an earthed neutral', { min: 0, default: 0 }),
    r0OverX0: num('', 'zero-sequence R/X', { min: 0, default: 0.1 }),
}

/** A synchronous generator, alone or as a power-station unit with its transformer. */
export const machine = {
    generator: text('id of the generator'),
    ratedMva: num('MVA', 'rated apparent power', { above: 0 }),
    ratedKv: num('kV', 'rated voltage', { above: 0 }),
    xSubPu: num('p.u.', 'saturated subtransient reactance', { above: 0 }),
    rPu: num('p.u.', 'stator resistance', { min: 0, default: 0 }),
    cosPhi: num('', 'rated power factor', { above: 0, max: 1, default: 0.85 }),
    rangePercent: num('%', 'how far its voltage may lastingly exceed the rated one, pG', { min: 0, default: 0 }),
    unitTransformer: text('id of the branch that makes a power-station unit with it', { default: '' }),
    onLoadTaps: flag('the unit transformer has an on-load tap-changer', { default: false }),
    tapPercent: num('%', 'without one: off-load tap range pT, taken as 1 − pT', { min: 0, default: 0 }),
}

/** An asynchronous motor or group of equal ones. */
export const motor = {
    id: text('unique among motors'),
    bus: int('bus it stands at', { min: 1 }),
    ratedMva: num('MVA', 'rated apparent power: mechanical power over cos φ and efficiency', { above: 0 }),
    ratedKv: num('kV', 'rated voltage', { above: 0 }),
    startRatio: num('', 'locked-rotor over rated current', { above: 0, default: 5 }),
    rOverX: num('', '0.10 from 1 MW a pole pair, 0.15 below, 0.42 at low voltage', { min: 0, default: 0.1 }),
    mwPerPolePair: num('MW', 'rated power of a pole pair', { above: 0, default: 1 }),
}

/** A two-winding transformer; windings from side first, N where the neutral is earthed. */
export const windings = ['YNyn', 'YNy', 'Yyn', 'Yy', 'YNd', 'Yd', 'Dyn', 'Dy', 'Dd'] as const
export const transformer = {
    branch: text('id of the branch'),
    ratedMva: num('MVA', 'rated apparent power', { above: 0 }),
    ratedToKv: num('kV', 'rated voltage of the to side', { above: 0 }),
    lowKv: num('kV', 'nominal voltage of the network at the low side', { above: 0 }),
    factor: num('', 'impedance correction known beforehand; 0 takes that of the standard', { min: 0, default: 0 }),
    windings: choice(windings, 'vector group'),
    r0Pu: num('p.u.', 'zero-sequence resistance', { min: 0, default: 0 }),
    x0Pu: num('p.u.', 'zero-sequence reactance; 0 takes r and x of the branch', { min: 0, default: 0 }),
    earthFromOhm: num('Ω', 'reactance between the from neutral and earth', { min: 0, default: 0 }),
    earthToOhm: num('Ω', 'reactance between the to neutral and earth', { min: 0, default: 0 }),
}

/** Zero-sequence impedance of a line, and how hot it gets. */
export const line = {
    branch: text('id of the branch'),
    r0Pu: num('p.u.', 'zero-sequence resistance', { min: 0 }),
    x0Pu: num('p.u.', 'zero-sequence reactance', { above: 0 }),
    endC: num('°C', 'conductor temperature at the end of the short circuit, for least currents', { min: 20, default: 80 }),
}

export type Feeder = RowOf<typeof feeder>
export type Machine = RowOf<typeof machine>
export type Motor = RowOf<typeof motor>
export type TransformerSequence = RowOf<typeof transformer>
export type LineSequence = RowOf<typeof line>

/** Every table by its name. */
export const shortCircuitTables = { feeder, machine, motor, transformer, line } as const

export interface ShortCircuitData {
    readonly feeder?: readonly Feeder[]
    readonly machine?: readonly Machine[]
    readonly motor?: readonly Motor[]
    readonly transformer?: readonly TransformerSequence[]
    readonly line?: readonly LineSequence[]
}

/** Rows that name what the network does not have; empty for sound data. */
export function checkShortCircuitData(network: Network, data: ShortCircuitData): Issue[] {
    const known = {
        bus: new Set<number | string>(network.bus.map((row) => row.id)),
        branch: new Set<number | string>(network.branch.map((row) => row.id)),
        generator: new Set<number | string>(network.generator.map((row) => row.id)),
    }
    const issues: Issue[] = []
    const need = (table: string, name: number | string, kind: keyof typeof known, value: number | string) => {
        if (known[kind].has(value)) return
        issues.push({
            code: `missing-${kind}`,
            path: `${table}/${name}/${kind}`,
            message: `${table} ${name} names ${kind} ${value}, which the network does not have`,
        })
    }
    for (const row of data.feeder ?? []) need('feeder', row.id, 'bus', row.bus)
    for (const row of data.motor ?? []) need('motor', row.id, 'bus', row.bus)
    for (const row of data.transformer ?? []) need('transformer', row.branch, 'branch', row.branch)
    for (const row of data.line ?? []) need('line', row.branch, 'branch', row.branch)
    const transformers = new Set((data.transformer ?? []).map((row) => row.branch))
    for (const row of data.machine ?? []) {
        need('machine', row.generator, 'generator', row.generator)
        if (row.unitTransformer === '') continue
        need('machine', row.generator, 'branch', row.unitTransformer)
        if (!transformers.has(row.unitTransformer))
            issues.push({
                code: 'missing-transformer',
                path: `machine/${row.generator}/unitTransformer`,
                message: `machine ${row.generator} names unit transformer ${row.unitTransformer}, which has no row in the transformer table`,
            })
    }
    return issues
}

/** Reads `{"feeder":[…],"machine":[…],"motor":[…],"transformer":[…],"line":[…]}`; columns with a default may be left out. */
export function parseShortCircuitData(source: string, network: Network): { data: ShortCircuitData; issues: Issue[] } {
    let tables: unknown
    try {
        tables = JSON.parse(source)
    } catch (error) {
        return {
            data: {},
            issues: [{ code: 'not-json', path: '', message: `the short-circuit data are not JSON: ${(error as Error).message}` }],
        }
    }
    if (typeof tables !== 'object' || tables === null || Array.isArray(tables))
        return {
            data: {},
            issues: [
                {
                    code: 'wrong-type',
                    path: '',
                    message: `short-circuit data are an object of tables: ${Object.keys(shortCircuitTables).join(', ')}`,
                },
            ],
        }
    const issues: Issue[] = []
    const data: Record<string, unknown[]> = {}
    for (const [name, rows] of Object.entries(tables)) {
        const table = (shortCircuitTables as Record<string, (typeof shortCircuitTables)[keyof typeof shortCircuitTables]>)[name]
        if (!table) {
            issues.push({
                code: 'unknown-table',
                path: name,
                message: `${name} is no table here; known: ${Object.keys(shortCircuitTables).join(', ')}`,
            })
            continue
        }
        if (!Array.isArray(rows)) {
            issues.push({ code: 'wrong-type', path: name, message: `${name} must be a list of rows` })
            continue
        }
        rows.forEach((row: unknown, k) => {
            if (typeof row !== 'object' || row === null)
                issues.push({ code: 'wrong-type', path: `${name}/${k + 1}`, message: `${name} row ${k + 1} is no record` })
            else issues.push(...checkRow(table, row as Record<string, unknown>, `${name}/${k + 1}`))
        })
        if (issues.length === 0) data[name] = rows.map((row) => fillRow(table, row))
    }
    if (issues.length) return { data: {}, issues }
    return { data, issues: checkShortCircuitData(network, data) }
}
