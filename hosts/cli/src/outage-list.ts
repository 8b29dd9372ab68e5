/** Lists of outages: read from a file, and told in short. */
import {
    busOutages,
    checkOutages,
    generatorOutages,
    type Network,
    type Outage,
    parseJson,
    screenPairs,
    singleOutages,
} from '@gridverse/grid'
import { errorsOf, type Issue } from '@gridverse/units'
import { readText } from './case-file.ts'
import { BadInput, describeIssue } from './failure.ts'
import type { Terminal } from './terminal.ts'

export interface OutageChoice {
    readonly list?: string
    readonly branches?: boolean
    readonly generators?: boolean
    readonly buses?: boolean
    /** so many pairs of branches */
    readonly pairs?: number
}

/** The outages asked for: those of the list, then whole kinds; undefined where nothing is said. */
export async function chooseOutages(network: Network, choice: OutageChoice, terminal: Terminal): Promise<Outage[] | undefined> {
    const { list, branches, generators, buses, pairs } = choice
    if (list === undefined && !branches && !generators && !buses && pairs === undefined) return undefined
    const screened = pairs === undefined ? undefined : screenPairs(network, { most: pairs })
    if (screened)
        terminal.err(
            `${screened.examined} pairs looked at by DC factors: the ${screened.list.length} heaviest are taken, ${screened.islanding} part the network and are not.\n`,
        )
    return [
        ...(list === undefined ? [] : await readOutages(network, list, terminal)),
        ...(branches ? singleOutages(network) : []),
        ...(generators ? generatorOutages(network) : []),
        ...(buses ? busOutages(network) : []),
        ...(screened?.list ?? []),
    ]
}

/** A list of outages: {"outages":[…]}, {"branches":[…]} for single branches, or a bare list; a number is a branch, a list of numbers branches at once. */
async function readOutages(network: Network, file: string, terminal: Terminal): Promise<Outage[]> {
    const json = parseJson(await readText(file, terminal))
    const root = json.value as { outages?: unknown; branches?: unknown } | null | undefined
    const [given, prefix] = Array.isArray(root)
        ? [root, '']
        : root?.outages !== undefined
          ? [root.outages, 'outages']
          : root?.branches !== undefined
            ? [root.branches, 'branches']
            : [undefined, '']
    const outages = Array.isArray(given) ? given.map(outageOf) : given
    const located = (issue: Issue): Issue => {
        const path = issue.path.replace(/^outages\/?/, prefix && `${prefix}/`).replace(/\/$/, '')
        const line = json.lineOf(path)
        return line === undefined ? issue : { ...issue, line }
    }
    const found = json.value === undefined ? [] : checkOutages(network, outages).map(located)
    const issues = [...json.issues, ...found]
    if (errorsOf(issues).length) throw new BadInput(file, issues)
    for (const issue of issues) terminal.err(describeIssue(terminal, file, issue))
    return outages as Outage[]
}

function outageOf(given: unknown): unknown {
    if (typeof given === 'number') return { branches: [given] }
    if (Array.isArray(given)) return { branches: given }
    if (typeof given !== 'object' || given === null) return given
    // one element may stand without its list
    const { branch, generator, bus, ...rest } = given as Record<string, unknown>
    return {
        ...rest,
        ...(branch === undefined ? {} : { branches: [branch] }),
        ...(generator === undefined ? {} : { generators: [generator] }),
        ...(bus === undefined ? {} : { buses: [bus] }),
    }
}

/** What goes out, by rows as in the case: `branch 3`, `generators 0, 2`; or as people call it. */
export function describeOutageRows({ name, branches = [], generators = [], buses = [] }: Outage): string {
    if (name) return name
    const part = (one: string, many: string, rows: readonly number[]) =>
        rows.length ? [`${rows.length === 1 ? one : many} ${rows.join(', ')}`] : []
    return [...part('branch', 'branches', branches), ...part('generator', 'generators', generators), ...part('bus', 'buses', buses)].join(
        '; ',
    )
}
