/** The fleet at one instant, now or past, as it is told: everything the API and the desk show of it comes from here. */
import {
    type CoverageReport,
    columnsOf,
    type FleetColumns,
    type FleetHold,
    type FleetNow,
    type FleetOverlay,
    type FleetState,
    type FleetSummary,
    isReadBack,
    type PageFilter,
    pageOfFleet,
    type Reconciliation,
    type ResourcePage,
    type ResourceState,
    reportCoverage,
    resourceStateOf,
    type StandingOrder,
    type StandingThen,
    type UnderDelivery,
} from '@gridverse/vpp'
import { ApiError } from './api-error.ts'

export interface FleetView {
    readonly summary: FleetSummary
    readonly reconciliation: readonly Reconciliation[]
    readonly underDelivered: readonly UnderDelivery[]
    readonly holds: readonly FleetHold[]
    /** orders in force */
    readonly orders: readonly StandingOrder[]
    coverage(): CoverageReport
    columns(): FleetColumns
    resource(id: string): ResourceState
    page(filter: PageFilter): ResourcePage
}

export interface ViewParts {
    readonly state: FleetState
    readonly now: FleetNow
    readonly revision: number
    readonly orderedKw: Float64Array
    readonly under: readonly UnderDelivery[]
    readonly holds: readonly FleetHold[]
    readonly reconciled: readonly Reconciliation[]
    readonly past?: boolean
    summary(overlay: FleetOverlay): FleetSummary
    standing(): StandingThen
}

/** Orders, holds and deliveries missed, as the sums over the rows take them. */
export function overlayOf({ state, orderedKw, under, holds }: Pick<ViewParts, 'state' | 'orderedKw' | 'under' | 'holds'>): FleetOverlay {
    const heldGroups = new Set(holds.flatMap(({ target }) => (target.startsWith('group/') ? [target.slice(6)] : [])))
    const underDelivered = new Uint8Array(state.resources.length)
    for (const { resource } of under) underDelivered[state.rowOf(resource)] = 1
    return { orderedKw, underDelivered, heldGroup: (group) => heldGroups.has(group) }
}

export function viewFleet(parts: ViewParts): FleetView {
    const { state, now, revision, under, holds, reconciled } = parts
    const overlay = overlayOf(parts)
    let standing: StandingThen | undefined
    let summary: FleetSummary | undefined
    const stands = () => {
        standing ??= parts.standing()
        return standing
    }
    return {
        get summary() {
            summary ??= parts.summary(overlay)
            return summary
        },
        reconciliation: reconciled,
        underDelivered: under,
        holds,
        get orders() {
            return stands().orders
        },
        coverage: () => reportCoverage(state, now),
        columns: () => columnsOf(state, now, overlay, revision),
        resource(id) {
            const row = state.rowOf(id)
            if (row < 0) throw new ApiError('unknown-resource', `there is no resource "${id}"`)
            const { group } = state.resources[row]!
            const held = holds.find(({ target }) => target === `resource/${id}` || target === `group/${group}`)
            const underDelivery = under.find(({ resource }) => resource === id)
            const order = stands().orders[stands().order[row]!]
            const told = resourceStateOf(state, now, overlay, row)
            return {
                ...told,
                // of the past the figure is kept, not what it was made from
                ...(parts.past ? { twin: { ...told.twin, compared: null } } : {}),
                ...(order ? { order, readBack: isReadBack(state, row, parts.orderedKw[row]!, now.tMs) } : {}),
                ...(held ? { held } : {}),
                ...(underDelivery ? { underDelivery } : {}),
            }
        },
        page: (filter) => pageOfFleet(state, now, filter, revision),
    }
}
