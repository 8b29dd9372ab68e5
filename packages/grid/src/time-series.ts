/**
 * Power flow step after step: what changes comes in columns named after the element (`load/L1/pMw`), each step starts from
 * the solution before, and the same arrays serve every step, so that a year of minutes takes the memory of one.
 */
import type { Issue } from '@gridverse/units'
import { copyResult } from './copy-result.ts'
import { isPlain, lowerNetwork } from './lower-network.ts'
import type { Network } from './network.ts'
import { createPowerFlow, type Outcome, type SolveOptions } from './power-flow.ts'
import { type PowerFlowInput, type PowerFlowResult, resultOf } from './power-flow-arrays.ts'

/** What profiles may move: by table, quantity and the input that holds it. */
export const profileQuantities = {
    load: { pMw: 'loadMw', qMvar: 'loadMvar', inService: 'loadOn' },
    shunt: { bMvar: 'shuntMvar', inService: 'shuntOn' },
    generator: { pMw: 'generatorMw', qMvar: 'generatorMvar', vSetPu: 'generatorVPu', inService: 'generatorOn' },
    storage: { pMw: 'storageMw', qMvar: 'storageMvar', inService: 'storageOn' },
    branch: { inService: 'branchOn', ratio: 'branchRatio', shiftDeg: 'branchShiftDeg' },
} as const satisfies Record<string, Record<string, keyof PowerFlowInput>>

/** Columns of equal length by name, `TABLE/ID/QUANTITY`; NaN is what the record says. */
export type Profiles = Readonly<Record<string, ArrayLike<number>>>

export interface TimeSeriesOptions extends Omit<SolveOptions, 'start'> {
    /** where the first step starts, and a step whose start from the one before fails */
    readonly start?: 'case' | 'flat'
}

export interface TimeStep extends Outcome {
    /** from 0 */
    readonly step: number
    /** rows in the network's order; the same arrays at every step, so copy what is to be kept. NaN unless converged */
    readonly result: PowerFlowResult
}

export interface TimeSeries {
    /** Solves the next step; values in the order of the names, NaN for what the record says. */
    solve(values: ArrayLike<number>): TimeStep
}

/** Everything wrong with the names of profiles. */
export function checkProfiles(network: Network, names: readonly string[]): Issue[] {
    const issues: Issue[] = []
    const seen = new Set<string>()
    names.forEach((name, column) => {
        const found = (code: string, message: string) =>
            issues.push({ code, path: `column/${column}`, message: `column "${name}": ${message}` })
        const { table, id, quantity } = split(name)
        const known = profileQuantities[table as keyof typeof profileQuantities]
        if (!known) found('unknown-column', `must be TABLE/ID/QUANTITY, TABLE one of ${Object.keys(profileQuantities).join(', ')}`)
        else if (!(quantity in known))
            found('unknown-column', `${table} has no profile of ${quantity || 'nothing'}; there is ${Object.keys(known).join(', ')}`)
        else if (!network[table as keyof typeof profileQuantities].some((row) => row.id === id))
            found('missing-element', `the network has no ${table} "${id}"`)
        else if (seen.has(name)) found('duplicate-name', 'is there twice')
        seen.add(name)
    })
    return issues
}

/** `load/L1/pMw` in its parts; an id may hold slashes. */
function split(name: string): { table: string; id: string; quantity: string } {
    const first = name.indexOf('/')
    const last = name.lastIndexOf('/')
    return {
        table: name.slice(0, Math.max(first, 0)),
        id: name.slice(first + 1, Math.max(last, first + 1)),
        quantity: name.slice(last + 1),
    }
}

/** A solver that is fed step by step. Throws where a name is wrong; `checkProfiles` lists all that are. */
export function createTimeSeries(network: Network, names: readonly string[], options: TimeSeriesOptions = {}): TimeSeries {
    const issues = checkProfiles(network, names)
    if (issues.length > 0) throw new Error(issues.map(({ message }) => message).join('\n'))
    const lowered = isPlain(network) ? undefined : lowerNetwork(network)
    const solver = createPowerFlow(lowered?.network ?? network)
    const targets = names.map((name) => {
        const { table, id, quantity } = split(name) as { table: keyof typeof profileQuantities; id: string; quantity: string }
        const array = solver.input[(profileQuantities[table] as Record<string, keyof PowerFlowInput>)[quantity]]
        const row = network[table].findIndex((each) => each.id === id)
        return { array, row, record: array[row] }
    })
    const result = resultOf(network)
    const copy = copyResult(network, lowered, result)
    const { start = 'case', ...solve } = options
    let warm = false
    let step = 0
    return {
        solve(values) {
            if (values.length !== names.length) throw new Error(`Got ${values.length} values for ${names.length} columns.`)
            targets.forEach(({ array, row, record }, c) => {
                array[row] = Number.isNaN(values[c]) ? record : values[c]
            })
            let outcome = solver.solve({ ...solve, start: warm ? 'last' : start })
            // what the step before led astray may be within reach from elsewhere
            for (const from of [start, start === 'flat' ? 'case' : 'flat'] as const) {
                if (outcome.status === 'converged' || (!warm && from === start)) continue
                const again = solver.solve({ ...solve, start: from })
                outcome = { ...again, iterations: outcome.iterations + again.iterations }
            }
            warm = outcome.status === 'converged'
            copy(warm ? solver.computeResult() : undefined)
            return { ...outcome, step: step++, result }
        },
    }
}

/**
 * Solves every step of the profiles, each from the one before, one at a time as they are asked for:
 * `for (const { step, status, result } of solveTimeSeries(network, { 'load/L1/pMw': [10, 12, 9] })) …`
 * A step without a solution says so, and the series goes on. Throws where names or lengths are wrong.
 */
export function* solveTimeSeries(
    network: Network,
    profiles: Profiles,
    options: TimeSeriesOptions = {},
): Generator<TimeStep, void, undefined> {
    const names = Object.keys(profiles)
    const columns = names.map((name) => profiles[name])
    const steps = columns.length > 0 ? columns[0].length : 0
    const odd = columns.findIndex((column) => column.length !== steps)
    if (odd >= 0) throw new Error(`Column "${names[odd]}" has ${columns[odd].length} steps, "${names[0]}" ${steps}.`)
    const series = createTimeSeries(network, names, options)
    const values = new Float64Array(names.length)
    for (let step = 0; step < steps; step++) {
        for (let c = 0; c < columns.length; c++) values[c] = columns[c][step]
        yield series.solve(values)
    }
}
