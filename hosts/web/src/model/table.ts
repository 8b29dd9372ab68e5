/** The tables' columns and rows: which points a kind of component shows, how rows are sorted and filtered. */
import type { PointCard } from '@gridverse/twin'
import type { Lang } from '../text/index.ts'
import { componentName, type RegionIndex, splitComponent } from './region.ts'
import type { PointIndex } from './values.ts'

export const tableKinds = ['bus', 'branch', 'generator', 'load', 'storage', 'shunt', 'switch'] as const
export type TableKind = (typeof tableKinds)[number]

/** Quantities by column; a component without one leaves the cell empty. */
export const columnsOf: Record<TableKind, readonly string[]> = {
    bus: ['vmPu', 'vaDeg'],
    branch: ['pFromMw', 'qFromMvar', 'pToMw', 'qToMvar', 'iFromKa', 'loadingPercent', 'tapPosition'],
    generator: ['pMw', 'qMvar', 'pSetMw', 'vSetPu', 'availableMw'],
    load: ['pMw', 'qMvar', 'pSetMw'],
    storage: ['pMw', 'qMvar', 'pSetMw', 'socPercent'],
    shunt: ['qMvar'],
    switch: ['closed'],
}

export interface TableRow {
    readonly component: string
    readonly id: string
    readonly name: string
    /** by column; undefined where the component has no such point */
    readonly cards: readonly (PointCard | undefined)[]
    readonly search: string
}

export function rowsOf(region: RegionIndex, points: PointIndex, kind: TableKind, lang: Lang): TableRow[] {
    const prefix = `${kind}/`
    return [...region.components]
        .filter((c) => c.startsWith(prefix))
        .map((component) => {
            const { id } = splitComponent(component)
            const name = componentName(region, component, lang)
            const list = points.ofComponent.get(component) ?? []
            return {
                component,
                id,
                name,
                cards: columnsOf[kind].map((q) => list.find((c) => c.quantity === q)),
                search: `${id} ${name} ${componentName(region, component, lang === 'en' ? 'zh' : 'en')}`.toLowerCase(),
            }
        })
}

export interface Order {
    /** −2 the name, −1 the id, else a column */
    readonly column: number
    readonly descending: boolean
}

/** Rows that hold every word of the query, in order; unknown values always last, ties by the record's order. */
export function arrange(
    rows: readonly TableRow[],
    query: string,
    order: Order | undefined,
    valueAt: (index: number) => number,
): readonly TableRow[] {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean)
    const kept = words.length ? rows.filter((row) => words.every((w) => row.search.includes(w))) : rows
    if (!order) return kept
    const sign = order.descending ? -1 : 1
    if (order.column < 0) {
        const text = (row: TableRow) => (order.column === -1 ? row.id : row.name)
        return [...kept].sort((a, b) => sign * text(a).localeCompare(text(b), undefined, { numeric: true }))
    }
    const keyed = kept.map((row, at) => {
        const card = row.cards[order.column]
        return { row, at, value: card ? valueAt(card.index) : Number.NaN }
    })
    keyed.sort((a, b) => {
        const [na, nb] = [Number.isNaN(a.value), Number.isNaN(b.value)]
        if (na || nb) return na === nb ? a.at - b.at : na ? 1 : -1
        return sign * (a.value - b.value) || a.at - b.at
    })
    return keyed.map((k) => k.row)
}
