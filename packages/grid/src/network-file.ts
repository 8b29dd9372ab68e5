/**
 * Gridverse's own files: a network or a region as JSON, one row of a table a line.
 *
 *   {"gridverse":"network","version":1,"name":"…","baseMva":100,"frequencyHz":50,"bus":[{…},…],"load":[…],…}
 *   {"gridverse":"region","version":1,"id":"…","name":"…",…,"site":[…],"switch":[…],"unit":[…],"network":{…}}
 *
 * Columns, units, ranges and defaults are those of the schema tables; a column at its default is left out, an absent
 * limit is the text "Infinity" or "-Infinity".
 */
import { checkRow, fillRow, type Issue, type Table } from '@gridverse/units'
import type { JsonText } from './json-lines.ts'
import { type GeneratorCost, type Network, networkTables, optionalTables } from './network.ts'
import { type Region, regionTables } from './region.ts'

const version = 1
const costColumns = ['model', 'startup', 'shutdown', 'coefficients']
const networkHead = { name: '', baseMva: 100, frequencyHz: 50 } as const
const regionHead = ['id', 'name', 'latDeg', 'lonDeg', 'timeZone'] as const

type Rows = Readonly<Record<string, unknown>>

/** The network as a file. */
export function writeNetwork(network: Network): string {
    return `{${[`"gridverse":"network"`, `"version":${version}`, ...networkFields(network)].join(',\n')}}\n`
}

/** The region as a file, its network within. */
export function writeRegion(region: Region): string {
    const head = regionHead.map((name) => `${JSON.stringify(name)}:${JSON.stringify(region[name])}`)
    const tables = Object.entries(regionTables).map(([name, table]) => writeTable(name, table, region[name as keyof typeof regionTables]))
    const network = `"network":{${networkFields(region.network).join(',\n')}}`
    return `{${[`"gridverse":"region"`, `"version":${version}`, ...head, ...tables, network].join(',\n')}}\n`
}

function networkFields(network: Network): string[] {
    const head = Object.keys(networkHead).map((name) => `"${name}":${JSON.stringify(network[name as keyof typeof networkHead])}`)
    const tables = Object.entries(networkTables).map(([name, table]) =>
        writeTable(name, table, network[name as keyof typeof networkTables]),
    )
    const optional = Object.entries(optionalTables).flatMap(([name, table]) => {
        const rows = network[name as keyof typeof optionalTables] ?? []
        return rows.length > 0 ? [writeTable(name, table, rows)] : []
    })
    const costs = (name: 'generatorCost' | 'generatorReactiveCost') =>
        network[name]?.length ? [`"${name}":[\n${network[name].map((row) => JSON.stringify(row)).join(',\n')}]`] : []
    return [...head, ...tables, ...optional, ...costs('generatorCost'), ...costs('generatorReactiveCost')]
}

function writeTable(name: string, table: Table, rows: readonly Rows[]): string {
    const written = rows.map((row) => {
        const kept = Object.keys(table).filter((column) => row[column] !== table[column]!.default)
        return JSON.stringify(Object.fromEntries(kept.map((column) => [column, row[column]])), (_, value) =>
            value === Infinity || value === -Infinity ? String(value) : value,
        )
    })
    return `"${name}":[${written.length ? `\n${written.join(',\n')}` : ''}]`
}

export interface NetworkFile {
    readonly network: Network
    readonly region?: Region
    readonly issues: readonly Issue[]
    /** line of a table, a row or a value of it: `branch`, `branch/L7`, `branch/L7/xPu`, `unit/load/D1/site` */
    readonly lineOf: (path: string) => number | undefined
}

const emptyNetwork: Network = {
    ...networkHead,
    bus: [],
    load: [],
    shunt: [],
    generator: [],
    storage: [],
    branch: [],
    generatorCost: [],
}

/** Reads a network or region file; everything wrong with its shape and columns is an issue with its line. */
export function readNetworkFile(json: JsonText): NetworkFile {
    const issues: Issue[] = [...json.issues]
    const places = new Map<string, string>()
    const found = (code: string, path: string, message: string) => {
        const line = json.lineOf(path)
        issues.push({ code, path, message, ...(line === undefined ? {} : { line }) })
    }
    const nothing: NetworkFile = { network: emptyNetwork, issues, lineOf: () => undefined }
    if (json.value === undefined) return nothing
    const root = recordOf(json.value) ?? {}
    const kind = root.gridverse
    if (kind !== 'network' && kind !== 'region') {
        found(
            'wrong-shape',
            'gridverse',
            `a Gridverse file starts {"gridverse":"network","version":1,…}, this one has "gridverse": ${show(kind)}`,
        )
        return nothing
    }
    if (root.version !== version) {
        found('unknown-version', 'version', `version ${show(root.version)} of the file format is not known here; ${version} is`)
        return nothing
    }

    const readTable = (from: Rows, prefix: string, name: string, table: Table): Rows[] => {
        const list = from[name] ?? []
        if (!Array.isArray(list)) {
            found('wrong-type', prefix + name, `"${name}" must be a list of rows, got ${show(list)}`)
            return []
        }
        return list.flatMap((given, i) => {
            const at = `${prefix}${name}/${i}`
            const row = recordOf(given)
            if (!row) {
                found('wrong-type', at, `row ${i} of "${name}" must be a record, got ${show(given)}`)
                return []
            }
            const numbers = Object.fromEntries(Object.entries(row).map(([column, value]) => [column, limitOf(value)]))
            const id = row.id ?? row.component ?? i
            places.set(`${name}/${id}`, at)
            for (const issue of checkRow(table, numbers, `${name}/${id}`)) {
                const line = json.lineOf(`${at}/${issue.path.slice(issue.path.lastIndexOf('/') + 1)}`)
                issues.push(line === undefined ? issue : { ...issue, line })
            }
            return [fillRow(table, numbers as never) as Rows]
        })
    }
    const readNetwork = (from: Rows, prefix: string): Network => {
        for (const name of Object.keys(from))
            if (
                !(
                    name in networkHead ||
                    name in networkTables ||
                    name in optionalTables ||
                    ['gridverse', 'version', 'generatorCost', 'generatorReactiveCost'].includes(name)
                )
            )
                found(
                    'unknown-table',
                    prefix + name,
                    `"${name}" is not part of a network; known: ${[...Object.keys(networkTables), ...Object.keys(optionalTables)].join(', ')}, generatorCost`,
                )
        for (const name of ['baseMva', 'frequencyHz'] as const)
            if (!(typeof from[name] === 'number' && (from[name] as number) > 0))
                found('out-of-range', prefix + name, `${name} must be a number > 0, got ${show(from[name])}`)
        const tables = Object.fromEntries(
            Object.entries(networkTables).map(([name, table]) => [name, readTable(from, prefix, name, table)]),
        )
        const optional = Object.entries(optionalTables).flatMap(([name, table]) => {
            const rows = readTable(from, prefix, name, table)
            return rows.length > 0 ? [[name, rows]] : []
        })
        const reactive = readCosts(from, prefix, 'generatorReactiveCost', found)
        return {
            ...tables,
            ...Object.fromEntries(optional),
            name: typeof from.name === 'string' ? from.name : '',
            baseMva: from.baseMva as number,
            frequencyHz: from.frequencyHz as number,
            generatorCost: readCosts(from, prefix, 'generatorCost', found),
            ...(reactive.length ? { generatorReactiveCost: reactive } : {}),
        } as unknown as Network
    }
    const lineOf = (path: string) => {
        const row = places.get(path)
        if (row !== undefined) return json.lineOf(row)
        const cut = path.lastIndexOf('/')
        if (cut < 0) return json.lineOf(kind === 'region' && !(path in root) ? `network/${path}` : path)
        const above = places.get(path.slice(0, cut))
        return above === undefined ? undefined : json.lineOf(above + path.slice(cut))
    }
    if (kind !== 'region') return { network: readNetwork(root, ''), issues, lineOf }

    for (const name of ['id', 'name', 'timeZone'] as const)
        if (typeof root[name] !== 'string') found('wrong-type', name, `${name} must be text, got ${show(root[name])}`)
    for (const name of ['latDeg', 'lonDeg'] as const)
        if (typeof root[name] !== 'number') found('wrong-type', name, `${name} must be a number of degrees, got ${show(root[name])}`)
    const inner = recordOf(root.network)
    if (!inner) found('missing-value', 'network', 'a region needs its "network"')
    const network = readNetwork(inner ?? { baseMva: 100, frequencyHz: 50 }, 'network/')
    const tables = Object.fromEntries(Object.entries(regionTables).map(([name, table]) => [name, readTable(root, '', name, table)]))
    const head = Object.fromEntries(regionHead.map((name) => [name, root[name]]))
    return { network, region: { ...head, ...tables, network } as unknown as Region, issues, lineOf }
}

function readCosts(
    from: Rows,
    prefix: string,
    name: string,
    found: (code: string, path: string, message: string) => void,
): GeneratorCost[] {
    const list = from[name] ?? []
    if (!Array.isArray(list)) {
        found('wrong-type', prefix + name, `"${name}" must be a list, got ${show(list)}`)
        return []
    }
    return list.map((given, i) => {
        const at = `${prefix}${name}/${i}`
        const row = recordOf(given) ?? {}
        for (const column of Object.keys(row))
            if (!costColumns.includes(column))
                found('unknown-column', `${at}/${column}`, `"${column}" is not a column of a cost; known: ${costColumns.join(', ')}`)
        if (row.model !== 'polynomial' && row.model !== 'piecewise-linear')
            found('out-of-range', `${at}/model`, `model of ${name} ${i} must be polynomial or piecewise-linear, got ${show(row.model)}`)
        for (const column of ['startup', 'shutdown'])
            if (typeof row[column] !== 'number')
                found('wrong-type', `${at}/${column}`, `${column} of ${name} ${i} must be a number, got ${show(row[column])}`)
        if (!Array.isArray(row.coefficients) || row.coefficients.some((c) => typeof c !== 'number'))
            found('wrong-type', `${at}/coefficients`, `coefficients of ${name} ${i} must be a list of numbers`)
        return row as unknown as GeneratorCost
    })
}

const recordOf = (value: unknown): Rows | undefined =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Rows) : undefined
const limitOf = (value: unknown) => (value === 'Infinity' ? Infinity : value === '-Infinity' ? -Infinity : value)
const show = (value: unknown) => (value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 60))
