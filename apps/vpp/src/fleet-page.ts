/** Resources by page: filtered, sorted by what is known of them, with the figures of their twins. */
import type { FleetNow } from './fleet-now.ts'
import type { FleetState } from './fleet-state.ts'
import { type ResourcePage, type ResourceSort, resourceLinks } from './fleet-types.ts'

export interface PageFilter {
    readonly group?: string
    readonly kind?: string
    readonly protocol?: string
    /** part of the id or name */
    readonly text?: string
    readonly sort?: ResourceSort
    /** `desc` where absent: the worst first */
    readonly order?: 'asc' | 'desc'
    readonly offset: number
    readonly limit: number
}

const orNull = (value: number) => (Number.isFinite(value) ? value : null)

export function pageOfFleet(state: FleetState, now: FleetNow, filter: PageFilter, revision: number): ResourcePage {
    const { group, kind, protocol, text, sort = 'register', order = 'desc', offset, limit } = filter
    const wanted = text?.toLowerCase()
    const rows: number[] = []
    state.resources.forEach((r, row) => {
        if (group !== undefined && r.group !== group) return
        if (kind !== undefined && r.kind !== kind) return
        if (protocol !== undefined && r.protocol !== protocol) return
        if (wanted !== undefined && !`${r.id} ${r.name} ${r.nameZh}`.toLowerCase().includes(wanted)) return
        rows.push(row)
    })
    // measured, not imputed: what is shown is what is sorted
    const measuredKw = (row: number) => (now.imputed[row] === 0 ? now.pKw[row]! : Number.NaN)
    if (sort !== 'register') {
        const by: Record<Exclude<ResourceSort, 'register'>, (row: number) => number> = {
            ageS: (row) => now.ageS[row]!,
            syncErrorKw: (row) => now.syncKw[row]!,
            syncErrorPercent: (row) => now.syncPercent[row]!,
            pKw: measuredKw,
            socPercent: (row) => state.value(row, 'socPercent'),
            coverage: (row) => now.coverage[row]!,
        }
        const key = Float64Array.from(now.coverage, (_, row) => by[sort](row))
        const turn = order === 'asc' ? 1 : -1
        rows.sort((a, b) => {
            const [x, y] = [key[a]!, key[b]!]
            if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b
            return turn * (x - y) || a - b
        })
    }
    const shown = rows.slice(offset, offset + limit)
    return {
        revision,
        total: rows.length,
        offset,
        resources: shown.map((row) => state.resources[row]!),
        twins: shown.map((row) => ({
            link: resourceLinks[now.link[row]!]!,
            ageS: orNull(now.ageS[row]!),
            pKw: orNull(measuredKw(row)),
            socPercent: orNull(state.value(row, 'socPercent')),
            syncErrorKw: orNull(now.syncKw[row]!),
            syncErrorPercent: orNull(now.syncPercent[row]!),
            coverage: now.coverage[row]!,
        })),
    }
}
