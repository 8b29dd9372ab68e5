/**
 * A network while it is read from a case file: rows with the places they came from, and issues. What a format gives and
 * a network cannot keep is counted and told once per kind, with the place of the first.
 */
import { fillRow, type Issue, type RowInputOf } from '@gridverse/units'
import type { ParsedFormat } from './case-format.ts'
import type { Place } from './check-network.ts'
import { type GeneratorCost, type Network, networkTables, optionalTables } from './network.ts'

const tables = { ...networkTables, ...optionalTables }
type Tables = typeof tables

export interface NetworkDraft {
    readonly rows: { readonly [T in keyof Tables]: RowInputOf<Tables[T]>[] }
    readonly issues: Issue[]
    /** Appends a row; columns with a default may be left out. */
    add<T extends keyof Tables>(table: T, row: RowInputOf<Tables[T]>, place: Place): void
    error(code: string, path: string, place: Place | undefined, message: string): void
    warning(code: string, path: string, place: Place | undefined, message: string): void
    /** Counts one more case of something left out: a warning `not-modelled`, worded by `describe` with the number of cases. */
    leftOut(path: string, place: Place | undefined, describe: (count: number) => string): void
    /** What was read. Tables besides the usual are there only when they have rows. */
    finish(head: {
        readonly name: string
        readonly baseMva: number
        readonly frequencyHz: number
        readonly baseMvaPlace?: Place
        readonly generatorCost?: readonly GeneratorCost[]
    }): ParsedFormat
}

export function createDraft(): NetworkDraft {
    const rows = Object.fromEntries(Object.keys(tables).map((name) => [name, []])) as unknown as NetworkDraft['rows']
    const places = Object.fromEntries(Object.keys(tables).map((name) => [name, [] as Place[]])) as Record<string, Place[]>
    const issues: Issue[] = []
    const counted = new Map<string, { count: number; place: Place | undefined; describe: (count: number) => string }>()
    return {
        rows,
        issues,
        add(table, row, place) {
            ;(rows[table] as unknown[]).push(fillRow(tables[table], row as never))
            places[table]!.push(place)
        },
        error: (code, path, place, message) => issues.push({ code, path, ...place, message }),
        warning: (code, path, place, message) => issues.push({ code, path, ...place, message, severity: 'warning' }),
        leftOut(path, place, describe) {
            const before = counted.get(path)
            if (before) before.count++
            else counted.set(path, { count: 1, place, describe })
        },
        finish({ name, baseMva, frequencyHz, baseMvaPlace, generatorCost = [] }) {
            for (const [path, { count, place, describe }] of counted)
                issues.push({ code: 'not-modelled', path, ...place, message: describe(count), severity: 'warning' })
            const { coupler, dcLink, transformer3, control, ...usual } = rows
            const further = Object.fromEntries(
                Object.entries({ coupler, dcLink, transformer3, control }).filter(([, list]) => list.length > 0),
            )
            return {
                network: { name, baseMva, frequencyHz, ...usual, generatorCost, ...further } as unknown as Network,
                issues,
                placeOf: (table, row) => (table === 'baseMva' ? baseMvaPlace : places[table]?.[row]),
            }
        },
    }
}

/** A number derived by arithmetic, without the noise of its last digits, so that it survives being written and read. */
export const tidy = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(13)) : value)

/** `value` such that value·scale gives `product` again where a double can: the quotient or one of its neighbours. */
export function unscale(product: number, scale: number): number {
    const quotient = product / scale
    if (quotient * scale === product || !Number.isFinite(quotient)) return quotient
    for (let digits = 17; digits >= 14; digits--) {
        const shorter = Number(quotient.toPrecision(digits))
        if (shorter * scale === product) return shorter
    }
    const ulp = 2 ** (Math.floor(Math.log2(Math.abs(quotient))) - 52)
    for (const near of [quotient + ulp, quotient - ulp]) if (near * scale === product) return near
    return quotient
}

/** The id, or where it is taken the first free one of `id.2`, `id.3`, …; takes it. */
export function claim(id: string, taken: Set<string>): string {
    let free = id
    for (let n = 2; taken.has(free); n++) free = `${id}.${n}`
    taken.add(free)
    return free
}
