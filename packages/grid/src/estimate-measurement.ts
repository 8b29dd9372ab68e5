/**
 * What the state estimator takes: kinds of measurement, their units, and everything that can be wrong with a list.
 *
 * | kind | of | unit | sign |
 * |---|---|---|---|
 * | `vm` `va` | bus | p.u. of the bus's base, degrees | angles as the slack bus's angle in the case counts them |
 * | `p` `q` | bus | MW, Mvar | net injection: generation and discharge less load; shunts belong to the network |
 * | `pFrom` `qFrom` `pTo` `qTo` | branch | MW, Mvar | into the branch at that side |
 * | `iFrom` `iTo` | branch | p.u. of baseMva and the bus's baseKv | magnitude |
 *
 * A standard deviation has the unit of its value. kA = p.u. · baseMva / (√3 · baseKv).
 */
import type { Issue } from '@gridverse/units'
import type { Network } from './network.ts'

export const measurementKinds = ['vm', 'va', 'p', 'q', 'pFrom', 'qFrom', 'pTo', 'qTo', 'iFrom', 'iTo'] as const
export type MeasurementKind = (typeof measurementKinds)[number]

/** What is measured where: `bus` is an id for the first four kinds, `branch` an index from 0 in case order for the others. */
export interface MeasurementPlace {
    readonly kind: MeasurementKind
    readonly bus?: number
    readonly branch?: number
    /** standard deviation, in the unit of the value; Infinity leaves the measurement out */
    readonly sigma: number
}

/** A measurement of the estimator: a place and a value in the unit of its kind. */
export interface StateMeasurement extends MeasurementPlace {
    readonly value: number
}

/** 1 for kinds measured at a branch, by their place in `measurementKinds`. */
export const isBranchKind = (kind: MeasurementKind): boolean => measurementKinds.indexOf(kind) >= 4

/** Unit of a kind's value and standard deviation. */
export function measurementUnit(kind: MeasurementKind): string {
    if (kind === 'va') return 'deg'
    if (kind === 'vm' || kind === 'iFrom' || kind === 'iTo') return 'p.u.'
    return kind.startsWith('p') ? 'MW' : 'Mvar'
}

/** Everything wrong with the measurements of a network, in one pass; warnings for those that cannot count. */
export function checkMeasurements(network: Network, input: unknown): Issue[] {
    const issues: Issue[] = []
    const list = measurementsOf(input)
    if (!list) {
        const got = input === null ? 'null' : Array.isArray(input) ? 'a list of something else' : typeof input
        const message = `the file must hold {"measurements":[{kind, bus or branch, value, sigma}, …]}, got ${got}`
        return [{ code: 'wrong-shape', path: 'measurements', message }]
    }
    if (list.length === 0)
        issues.push({
            code: 'no-measurements',
            path: 'measurements',
            message: 'the list of measurements is empty: nothing can be estimated',
        })
    const busIds = new Map(network.bus.map((bus) => [bus.id, bus]))
    for (let index = 0; index < list.length; index++) checkMeasurement(network, busIds, list[index], index, issues)
    return issues
}

/** The list inside `{measurements:[…]}` or a bare list; undefined for anything else. */
export function measurementsOf(input: unknown): readonly unknown[] | undefined {
    if (Array.isArray(input)) return input
    const inner = (input as { measurements?: unknown } | null | undefined)?.measurements
    return Array.isArray(inner) ? inner : undefined
}

function checkMeasurement(network: Network, busIds: Map<number, Network['bus'][number]>, given: unknown, index: number, issues: Issue[]) {
    const path = `measurements/${index}`
    const found = (code: string, field: string, message: string, severity?: 'warning') =>
        issues.push({
            code,
            path: field ? `${path}/${field}` : path,
            message: `measurement ${index}: ${message}`,
            ...(severity ? { severity } : {}),
        })
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
        found('wrong-type', '', `must be a record {kind, bus or branch, value, sigma}, got ${JSON.stringify(given) ?? String(given)}`)
        return
    }
    const row = given as Record<string, unknown>
    for (const name of Object.keys(row))
        if (!['kind', 'bus', 'branch', 'value', 'sigma', 'name'].includes(name))
            found('unknown-column', name, `"${name}" is not a column and not read; known: kind, bus, branch, value, sigma, name`, 'warning')
    if (typeof row.value !== 'number' || !Number.isFinite(row.value))
        found('not-a-number', 'value', `value must be a finite number, got ${show(row.value)}`)
    if (typeof row.sigma !== 'number' || Number.isNaN(row.sigma))
        found('not-a-number', 'sigma', `sigma must be a number, got ${show(row.sigma)}`)
    else if (!(row.sigma > 0)) found('out-of-range', 'sigma', `sigma must be > 0, got ${row.sigma}; it is a standard deviation`)
    if (!measurementKinds.includes(row.kind as MeasurementKind)) {
        found('unknown-kind', 'kind', `kind must be one of ${measurementKinds.join(', ')}, got ${show(row.kind)}`)
        return
    }
    const kind = row.kind as MeasurementKind
    if (isBranchKind(kind)) {
        const last = network.branch.length - 1
        const k = row.branch
        if (row.bus !== undefined) found('misplaced', 'bus', `${kind} is measured at a branch, but a bus is named too`)
        if (k === undefined) found('missing-value', 'branch', `${kind} needs a branch, an index from 0 to ${last}`)
        else if (typeof k !== 'number' || !Number.isInteger(k) || k < 0 || k > last)
            found('missing-branch', 'branch', `branch ${show(k)} is not in the case; indices run from 0 to ${last}`)
        else if (!network.branch[k].inService)
            found('out-of-service', 'branch', `${kind} of branch ${k} is left out: the branch is out of service`, 'warning')
        if (kind.startsWith('i') && typeof row.value === 'number' && row.value < 0)
            found('out-of-range', 'value', `a current magnitude must be ≥ 0 p.u., got ${row.value}`)
        return
    }
    if (row.branch !== undefined) found('misplaced', 'branch', `${kind} is measured at a bus, but a branch is named too`)
    if (row.bus === undefined) found('missing-value', 'bus', `${kind} needs a bus id`)
    else if (!busIds.has(row.bus as number)) found('missing-bus', 'bus', `bus ${show(row.bus)} is not in the case`)
    else if (busIds.get(row.bus as number)!.type === 'isolated')
        found('isolated-bus', 'bus', `${kind} of bus ${row.bus} is left out: the bus is isolated`, 'warning')
    if (kind === 'vm' && typeof row.value === 'number' && row.value < 0)
        found('out-of-range', 'value', `a voltage magnitude must be ≥ 0 p.u., got ${row.value}`)
}

const show = (value: unknown) => (value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)))
