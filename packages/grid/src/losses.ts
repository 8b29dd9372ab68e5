/** What a format cannot keep of a network, as warnings; found by the columns it declares to keep. */
import type { Issue } from '@gridverse/units'
import { notKept } from './case-format.ts'
import { type Network, networkTables, optionalTables, type Storage } from './network.ts'

const tables = { ...networkTables, ...optionalTables }
type TableName = keyof typeof tables

/** Columns a format keeps, by table: all of them, those listed (words apart by blanks), or for an absent table none. */
export type Kept = Readonly<Partial<Record<TableName | 'generatorCost' | 'generatorReactiveCost', 'all' | string>>>

/** Losses by `kept`: rows of tables that have no place at all, and values unlike their default in columns that have none. */
export function lossesOf(network: Network, format: string, kept: Kept): Issue[] {
    const issues: Issue[] = []
    for (const table of Object.keys(tables) as TableName[]) {
        const rows = (network[table] ?? []) as readonly Readonly<Record<string, unknown>>[]
        const columns = kept[table]
        if (!rows.length || columns === 'all') continue
        if (columns === undefined) {
            issues.push(notKept(table, `${format} has no place for ${table}: ${rows.length} left out`))
            continue
        }
        const known = new Set(columns.split(' '))
        for (const [name, column] of Object.entries(tables[table])) {
            // ids are a matter of each format's own
            if (known.has(name) || name === 'id') continue
            const count = rows.filter((row) => row[name] !== column.default).length
            if (count)
                issues.push(notKept(`${table}/${name}`, `${format} has no place for ${name} (${column.about}): lost for ${count} ${table}`))
        }
    }
    for (const name of ['generatorCost', 'generatorReactiveCost'] as const)
        if (network[name]?.length && !kept[name])
            issues.push(notKept(name, `${format} has no costs of generators: ${network[name].length} left out`))
    return issues
}

/** The network with its storages as negative loads, for formats that have none, and the warning that says so. */
export function storagesAsLoads(network: Network, format: string): { network: Network; issues: Issue[] } {
    if (!network.storage.length) return { network, issues: [] }
    const asLoad = (s: Storage) => ({ id: s.id, bus: s.bus, pMw: -s.pMw, qMvar: -s.qMvar, inService: s.inService })
    const count = network.storage.length
    return {
        network: { ...network, storage: [], load: [...network.load, ...network.storage.map(asLoad)] },
        issues: [notKept('storage', `${format} has no storage: ${count} written as negative load, without limits and energy`)],
    }
}

/** Warnings of formats with one load and one shunt a bus, and none out of service. */
export function addedUp(network: Network, format: string): Issue[] {
    const issues: Issue[] = []
    for (const table of ['load', 'shunt'] as const) {
        const on = network[table].filter((row) => row.inService)
        const off = network[table].length - on.length
        if (off) issues.push(notKept(table, `${format} knows no ${table} out of service: ${off} left out`))
        const several = on.length - new Set(on.map((row) => row.bus)).size
        if (several) issues.push(notKept(table, `${format} has one ${table} a bus: ${several} are added to another of their bus`))
    }
    return issues
}

/** A warning where ids become others, once per table. */
export function renamed(table: string, rows: readonly { readonly id: string }[], ids: readonly string[]): Issue[] {
    const changed = rows.findIndex((row, k) => row.id !== ids[k])
    if (changed < 0) return []
    const count = rows.filter((row, k) => row.id !== ids[k]).length
    return [
        notKept(
            `${table}/${rows[changed].id}`,
            `the format has ids of its own: ${count} ${table} are renamed, ${rows[changed].id} to ${ids[changed]} first`,
        ),
    ]
}
