/**
 * A network, or a region, as tables: one for every table of records that has rows, costs in two long tables. What is no
 * table (name, base power, place) stands in the metadata of each.
 */
import { type GeneratorCost, type Network, networkTables, optionalTables, type Region, regionTables } from '@gridverse/grid'
import { choice, type Issue, int, num, type Table } from '@gridverse/units'
import { compareColumns, type DataTable, rowsOfTable, tableOfRows } from './table.ts'

const cost = {
    generator: int('row of the generator, from 0', { min: 0 }),
    model: choice(['polynomial', 'piecewise-linear'], 'how the coefficients are meant'),
    startup: num('', 'money for a start'),
    shutdown: num('', 'money for a stop'),
}
const coefficient = {
    generator: int('row of the generator, from 0', { min: 0 }),
    order: int('place in the list, from 0', { min: 0 }),
    value: num('', 'polynomial: coefficients, highest power first; piecewise: MW and money per hour in turn'),
}
const costTables = ['generatorCost', 'generatorReactiveCost'] as const

const recordTables: Readonly<Record<string, Table>> = { ...networkTables, ...optionalTables }
const regionHead = ['id', 'name', 'timeZone', 'latDeg', 'lonDeg'] as const

/** Every table of a network, and of its region where one is given. */
export function networkToTables(network: Network, region?: Region): DataTable[] {
    const metadata = {
        'network.name': network.name,
        'network.baseMva': String(network.baseMva),
        'network.frequencyHz': String(network.frequencyHz),
        ...(region ? Object.fromEntries(regionHead.map((key) => [`region.${key}`, String(region[key])])) : {}),
    }
    const tables = Object.entries(recordTables).flatMap(([name, schema]) => {
        const rows = network[name as keyof Network] as readonly object[] | undefined
        return rows && (rows.length > 0 || name === 'bus') ? [tableOfRows(name, schema, rows, metadata)] : []
    })
    const costs = costTables.flatMap((name) => {
        const rows = network[name] ?? []
        if (rows.length === 0) return []
        const values = rows.flatMap((row, generator) => row.coefficients.map((value, order) => ({ generator, order, value })))
        return [
            tableOfRows(
                name,
                cost,
                rows.map(({ coefficients: _, ...row }, generator) => ({ generator, ...row })),
                metadata,
            ),
            tableOfRows(`${name}Coefficient`, coefficient, values, metadata),
        ]
    })
    const places = region
        ? Object.entries(regionTables).map(([name, schema]) =>
              tableOfRows(name, schema, region[name as keyof typeof regionTables], metadata),
          )
        : []
    return [...tables, ...costs, ...places]
}

export interface NetworkOfTables {
    readonly network: Network
    readonly region?: Region
    /** tables and columns unknown or missing; values are checked by `checkNetwork` */
    readonly issues: readonly Issue[]
}

/** The network of tables; nothing is thrown for what is wrong with them. */
export function networkOfTables(tables: readonly DataTable[], name = ''): NetworkOfTables {
    const issues: Issue[] = []
    const byName = new Map(tables.map((table) => [table.name, table]))
    const read = (table: string, schema: Table) => {
        const found = byName.get(table)
        if (!found) return []
        const { unknown, missing } = compareColumns(found, schema)
        for (const column of unknown)
            issues.push({
                code: 'unknown-column',
                path: `${table}/${column}`,
                message: `"${column}" is not a column of ${table}; known: ${Object.keys(schema).join(', ')}`,
                severity: 'warning',
            })
        for (const column of missing)
            issues.push({ code: 'missing-columns', path: `${table}/${column}`, message: `table ${table} has no column "${column}"` })
        return missing.length ? [] : rowsOfTable(found, schema)
    }
    const known = new Set([
        ...Object.keys(recordTables),
        ...Object.keys(regionTables),
        ...costTables.flatMap((table) => [table, `${table}Coefficient`]),
    ])
    for (const table of byName.keys())
        if (!known.has(table))
            issues.push({ code: 'unknown-table', path: table, message: `"${table}" is not a table of a network`, severity: 'warning' })
    const bus = byName.get('bus')
    if (!bus) issues.push({ code: 'missing-table', path: 'bus', message: 'there is no table of buses' })
    const text = (key: string) => bus?.metadata[key]
    const number = (key: string, missing: number) => {
        const value = Number(text(key) ?? missing)
        if (value > 0) return value
        issues.push({ code: 'out-of-range', path: key, message: `${key} must be a number > 0, got "${text(key)}"` })
        return missing
    }
    const records = Object.fromEntries(Object.entries(networkTables).map(([table, schema]) => [table, read(table, schema)]))
    const optional = Object.fromEntries(
        Object.entries(optionalTables)
            .filter(([table]) => byName.has(table))
            .map(([table, schema]) => [table, read(table, schema)]),
    )
    const costs = (table: (typeof costTables)[number]) =>
        costsOf(read(table, cost), byName.has(table) ? read(`${table}Coefficient`, coefficient) : [])
    const reactive = costs('generatorReactiveCost')
    const network = {
        name: text('network.name') ?? name,
        baseMva: number('network.baseMva', 100),
        frequencyHz: number('network.frequencyHz', 50),
        ...records,
        generatorCost: costs('generatorCost'),
        ...(reactive.length ? { generatorReactiveCost: reactive } : {}),
        ...optional,
    } as unknown as Network
    if (text('region.id') === undefined) return { network, issues }
    const places = Object.fromEntries(Object.entries(regionTables).map(([table, schema]) => [table, read(table, schema)]))
    const head = Object.fromEntries(
        regionHead.map((key) => [key, /Deg$/.test(key) ? Number(text(`region.${key}`)) : text(`region.${key}`)]),
    )
    return { network, region: { ...head, ...places, network } as unknown as Region, issues }
}

function costsOf(rows: readonly Record<string, unknown>[], values: readonly Record<string, unknown>[]): GeneratorCost[] {
    const lists = new Map<number, number[]>()
    for (const { generator, order, value } of values as readonly { generator: number; order: number; value: number }[]) {
        const list = lists.get(generator) ?? []
        lists.set(generator, list)
        list[order] = value
    }
    return [...(rows as readonly (Omit<GeneratorCost, 'coefficients'> & { generator: number })[])]
        .sort((a, b) => a.generator - b.generator)
        .map(({ generator, ...row }) => ({ ...row, coefficients: lists.get(generator) ?? [] }))
}
