/** What goes out together in one contingency, and what is wrong with a list of them. */
import type { Issue } from '@gridverse/units'
import type { Network } from './network.ts'

/** Elements that go out at the same time. A bus goes out with every branch, generator, load, shunt and storage at it. */
export interface Outage {
    /** what people call it */
    readonly name?: string
    /** rows of the branch table, from 0 */
    readonly branches?: readonly number[]
    /** rows of the generator table, from 0 */
    readonly generators?: readonly number[]
    /** ids of buses */
    readonly buses?: readonly number[]
}

/** Every branch in service, one at a time, in the network's order. */
export function singleOutages(network: Network): Outage[] {
    return network.branch.flatMap((row, k) => (row.inService ? [{ branches: [k] }] : []))
}

/** Every generator in service, one at a time. */
export function generatorOutages(network: Network): Outage[] {
    return network.generator.flatMap((row, k) => (row.inService ? [{ generators: [k] }] : []))
}

/** Every bus in use, one at a time, with all that is at it. */
export function busOutages(network: Network): Outage[] {
    return network.bus.flatMap((row) => (row.type === 'isolated' ? [] : [{ buses: [row.id] }]))
}

/** Row of the branch that goes out alone, else null. */
export function singleBranch(outage: Outage): number | null {
    const { branches, generators, buses } = outage
    return branches?.length === 1 && !generators?.length && !buses?.length ? branches[0] : null
}

const lists = ['branches', 'generators', 'buses'] as const

/**
 * Everything wrong with a list of outages as read from a file. Paths count outages from 0: `outages/3/branches/0`.
 * Elements already out of service are warnings.
 */
export function checkOutages(network: Network, given: unknown): Issue[] {
    if (!Array.isArray(given)) return [{ code: 'wrong-type', path: 'outages', message: 'the outages must be a list' }]
    const busIds = new Set(network.bus.map((row) => row.id))
    return given.flatMap((outage: unknown, at) => checkOutage(network, busIds, outage, `outages/${at}`))
}

function checkOutage(network: Network, busIds: ReadonlySet<number>, given: unknown, path: string): Issue[] {
    if (typeof given !== 'object' || given === null || Array.isArray(given))
        return [
            { code: 'wrong-type', path, message: `an outage is a record of branches, generators or buses, got ${JSON.stringify(given)}` },
        ]
    const outage = given as Record<string, unknown>
    const issues: Issue[] = Object.keys(outage)
        .filter((key) => key !== 'name' && !lists.includes(key as never))
        .map((key) => ({
            code: 'unknown-column',
            path: `${path}/${key}`,
            message: `"${key}" is not part of an outage; known: name, ${lists.join(', ')}`,
        }))
    let count = 0
    for (const key of lists) {
        const list = outage[key] ?? []
        if (!Array.isArray(list)) issues.push({ code: 'wrong-type', path: `${path}/${key}`, message: `${key} must be a list of numbers` })
        else {
            count += list.length
            list.forEach((x, i) => {
                const issue = checkElement(network, busIds, key, x, `${path}/${key}/${i}`)
                if (issue) issues.push(issue)
            })
        }
    }
    if (issues.length === 0 && count === 0) issues.push({ code: 'missing-value', path, message: 'the outage names nothing that goes out' })
    return issues
}

function checkElement(
    network: Network,
    busIds: ReadonlySet<number>,
    key: (typeof lists)[number],
    x: unknown,
    path: string,
): Issue | undefined {
    if (typeof x !== 'number' || !Number.isInteger(x))
        return { code: 'wrong-type', path, message: `${key} must hold whole numbers, got ${JSON.stringify(x)}` }
    if (key === 'buses') return busIds.has(x) ? undefined : { code: 'missing-bus', path, message: `there is no bus ${x}` }
    const [table, what] = key === 'branches' ? ([network.branch, 'branch'] as const) : ([network.generator, 'generator'] as const)
    const row = table[x]
    if (row === undefined)
        return { code: 'out-of-range', path, message: `there is no ${what} ${x}; they count from 0 to ${table.length - 1}` }
    if (row.inService) return undefined
    return { code: 'already-out', path, severity: 'warning', message: `${what} ${x} (${row.id}) is out of service already` }
}
