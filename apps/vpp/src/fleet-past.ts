/**
 * Orders in force at an instant, from what was sent: the last order given to a resource has the word on it until it ends, a
 * release gives the word back, and what a later order took over does not come back when that one ends.
 */
import { readBackToleranceKw, toDeviceKw } from './dispatch.ts'
import type { FleetState } from './fleet-state.ts'
import type { StandingOrder } from './fleet-types.ts'

/** An order as it went to the field. */
export interface SentOrder extends Omit<StandingOrder, 'standing' | 'readBack'> {
    readonly ids: readonly string[]
    /** setpoints in the order of the ids, into the network, kW; null releases */
    readonly kw: readonly (number | null)[]
}

/** Orders that stand, by row. */
export interface StandingThen {
    /** into the network, kW; NaN without one */
    readonly orderedKw: Float64Array
    /** when it went to the field, Unix ms */
    readonly orderedMs: Float64Array
    /** 1 where the device had not said it long after it should have */
    readonly lost: Uint8Array
    /** position in `orders`; −1 without one */
    readonly order: Int32Array
    /** that have the word on something, the last given first */
    readonly orders: readonly StandingOrder[]
}

/** told twice and still not said back after so long: lost, ms */
const lostMs = 30_000

/** True where the device itself says, lately, that it follows the setpoint. */
export function isReadBack(state: FleetState, row: number, orderedKw: number, tMs: number): boolean {
    const resource = state.resources[row]!
    return (
        state.fresh(row, 'pSetKw', tMs) &&
        state.value(row, 'following') === 1 &&
        Math.abs(state.value(row, 'pSetKw') - toDeviceKw(resource.kind, orderedKw)) <= readBackToleranceKw(resource)
    )
}

/** `sent` by time, from before the oldest that may still be in force. */
export function standOrders(state: FleetState, sent: readonly SentOrder[], tMs: number): StandingThen {
    const count = state.resources.length
    const orderedKw = new Float64Array(count).fill(Number.NaN)
    const orderedMs = new Float64Array(count)
    const by = new Int32Array(count).fill(-1)
    sent.forEach((order, n) => {
        if (order.sinceMs > tMs) return
        order.ids.forEach((id, k) => {
            const row = state.rowOf(id)
            if (row < 0) return
            orderedKw[row] = order.kw[k] ?? Number.NaN
            orderedMs[row] = order.sinceMs
            by[row] = n
        })
    })
    for (let row = 0; row < count; row++) {
        if (by[row]! >= 0 && sent[by[row]!]!.untilMs > tMs && !Number.isNaN(orderedKw[row]!)) continue
        orderedKw[row] = Number.NaN
        by[row] = -1
    }
    return tellStanding(state, { orderedKw, orderedMs }, (row) => (by[row]! < 0 ? undefined : sent[by[row]!]!), tMs)
}

/** Counts what stands under each order, and what of it the devices say themselves. */
export function tellStanding(
    state: FleetState,
    { orderedKw, orderedMs }: Pick<StandingThen, 'orderedKw' | 'orderedMs'>,
    orderOf: (row: number) => Omit<StandingOrder, 'standing' | 'readBack'> | undefined,
    tMs: number,
): StandingThen {
    const count = state.resources.length
    const lost = new Uint8Array(count)
    const order = new Int32Array(count).fill(-1)
    const found = new Map<string, { at: number; order: Omit<StandingOrder, 'standing' | 'readBack'>; standing: number; readBack: number }>()
    for (let row = 0; row < count; row++) {
        const given = Number.isNaN(orderedKw[row]!) ? undefined : orderOf(row)
        if (!given) continue
        const entry = found.get(given.id) ?? { at: found.size, order: given, standing: 0, readBack: 0 }
        found.set(given.id, entry)
        entry.standing++
        order[row] = entry.at
        if (isReadBack(state, row, orderedKw[row]!, tMs)) entry.readBack++
        else if (tMs - orderedMs[row]! > lostMs) lost[row] = 1
    }
    const entries = [...found.values()].sort((a, b) => b.order.sinceMs - a.order.sinceMs || (a.order.id < b.order.id ? -1 : 1))
    const place = new Int32Array(entries.length)
    entries.forEach(({ at }, n) => {
        place[at] = n
    })
    for (let row = 0; row < count; row++) if (order[row]! >= 0) order[row] = place[order[row]!]!
    return {
        orderedKw,
        orderedMs,
        lost,
        order,
        orders: entries.map(
            ({ order: { id, by, reason, approvedBy, plan, sinceMs, untilMs, orderedKw: kw, setpoints }, standing, readBack }) => ({
                id,
                by,
                reason,
                ...(approvedBy === undefined ? {} : { approvedBy }),
                ...(plan === undefined ? {} : { plan }),
                sinceMs,
                untilMs,
                orderedKw: kw,
                setpoints,
                standing,
                readBack,
            }),
        ),
    }
}
