/**
 * What was delivered of what was ordered, and why something is missing. A resource under-delivers where, measured from its
 * baseline in the direction of the order, it stays short of it by more than the tolerance, for longer than a device takes to
 * follow. Causes are weighed by what is seen of the device: nothing here knows what is wrong inside it.
 */
import { type Ability, ratedKw } from './fleet-ability.ts'
import { type FleetNow, guards, onlineCode } from './fleet-now.ts'
import type { FleetState } from './fleet-state.ts'
import type { DeliveryCause, UnderDelivery } from './fleet-types.ts'

/** Orders that stand, by row. */
export interface StandingOrders {
    /** into the network, kW; NaN without one */
    readonly orderedKw: Float64Array
    /** when it was given, Unix ms */
    readonly orderedMs: Float64Array
    /** 1 where the device never said that it has it */
    readonly lost: Uint8Array
}

/** longest a device may take to follow, ms: a minute's ramp and its report */
export const followMs = 60_000
/** how short of the order it may stay: share of the rating, kW */
const toleranceShare = 0.05
const toleranceKw = 0.2

/** kW short of the order, seen from the baseline; 0 where it is near enough. */
export function shortfallKw(orderedKw: number, pKw: number, baselineKw: number, rated: number): number {
    const direction = Math.abs(orderedKw - baselineKw) < 1e-6 ? 0 : Math.sign(orderedKw - baselineKw)
    const short = direction === 0 ? Math.abs(orderedKw - pKw) : direction * (orderedKw - pKw)
    return short > toleranceKw + toleranceShare * rated ? short : 0
}

/** What is missing now, greatest first. `sinceMs` remembers by row when the shortfall began and is kept up to date. */
export function findUnderDelivery(state: FleetState, now: FleetNow, orders: StandingOrders, sinceMs: Float64Array): UnderDelivery[] {
    const found: UnderDelivery[] = []
    for (let row = 0; row < now.count; row++) {
        const askedKw = orders.orderedKw[row]!
        if (Number.isNaN(askedKw)) {
            sinceMs[row] = Number.NaN
            continue
        }
        const resource = state.resources[row]!
        const rated = ratedKw(resource as never)
        const reachable = now.link[row] === onlineCode
        const short = shortfallKw(askedKw, now.pKw[row]!, now.baselineKw[row]!, rated)
        if (short === 0 && reachable) {
            sinceMs[row] = Number.NaN
            continue
        }
        if (Number.isNaN(sinceMs[row]!)) sinceMs[row] = Math.max(orders.orderedMs[row]!, now.tMs)
        // it may still be on its way; what is not heard of is told at once
        if (reachable && now.tMs - sinceMs[row]! < followMs) continue
        found.push({
            resource: resource.id,
            group: resource.group,
            askedKw,
            gaveKw: now.imputed[row] === 0 ? now.pKw[row]! : null,
            sinceMs: sinceMs[row]!,
            causes: rankCauses(state, now, orders, row, rated),
        })
    }
    const missing = ({ askedKw, gaveKw }: UnderDelivery) => (gaveKw === null ? Infinity : Math.abs(askedKw - gaveKw))
    return found.sort((a, b) => missing(b) - missing(a) || (a.resource < b.resource ? -1 : 1))
}

const guardWords: Readonly<Record<NonNullable<Ability['guard']>, string>> = {
    comfort: 'the zone or water is at the edge of what people accept',
    departure: 'the car has to be ready when it leaves',
    content: 'its contents do not carry more',
    run: 'a run is under way and is not broken off',
}

/** Likeliest first; weights add up to one. */
function rankCauses(state: FleetState, now: FleetNow, orders: StandingOrders, row: number, rated: number): UnderDelivery['causes'] {
    const askedKw = orders.orderedKw[row]!
    const weights: { cause: DeliveryCause; weight: number; message: string }[] = []
    const add = (cause: DeliveryCause, weight: number, message: string) => weight > 0 && weights.push({ cause, weight, message })
    const heardS = (now.tMs - state.heardMs(row)) / 1000
    if (now.link[row] !== onlineCode)
        add('no-link', 10, Number.isNaN(heardS) ? 'it was never heard' : `nothing heard for ${heardS.toFixed(0)} s`)
    if (state.value(row, 'tripped') === 1) add('tripped', 20, 'its own protection has taken it off the network')
    if (orders.lost[row] === 1) add('no-link', 2, 'it did not confirm the setpoint, asked twice')
    if (state.fresh(row, 'following', now.tMs) && now.following[row] === 0) add('not-following', 5, 'it says that it decides by itself')
    const guard = guards[now.guard[row]!]!
    const outside = Math.max(askedKw - now.highKw[row]!, now.lowKw[row]! - askedKw)
    const beyond = outside > toleranceKw + toleranceShare * rated
    if (beyond && guard) add('guard', 4, guardWords[guard])
    else if (beyond) add('at-limit', 4, `it can do ${now.lowKw[row]!.toFixed(1)} to ${now.highKw[row]!.toFixed(1)} kW now`)
    // it follows, could do more, and does part of it
    const part = askedKw === 0 ? 0 : now.pKw[row]! / askedKw
    if (!beyond && now.following[row] === 1 && part > 0.05 && part < 0.95)
        add('derated', 3, `it follows at ${(100 * part).toFixed(0)} % of what it is told`)
    if (!beyond && now.following[row] === 1 && part <= 0.05) add('not-following', 3, 'it says that it follows, and does not move')
    const ageS = (now.tMs - orders.orderedMs[row]!) / 1000
    if (ageS < 2 * (followMs / 1000)) add('late', 1, `the order is ${ageS.toFixed(0)} s old: it may still be on its way`)
    if (weights.length === 0) add('unknown', 1, 'nothing that is measured explains it')
    const total = weights.reduce((sum, { weight }) => sum + weight, 0)
    return weights.map((entry) => ({ ...entry, weight: entry.weight / total })).sort((a, b) => b.weight - a.weight)
}

/** Delivered against ordered from the baseline, kW, for a set of rows: what a group is paid for. */
export function deliveryOf(
    now: FleetNow,
    orders: StandingOrders,
    rows: Iterable<number>,
): { orderedKw: number; deliveredKw: number; baselineKw: number } {
    let [orderedKw, deliveredKw, baselineKw] = [0, 0, 0]
    for (const row of rows) {
        if (Number.isNaN(orders.orderedKw[row]!)) continue
        baselineKw += now.baselineKw[row]!
        orderedKw += orders.orderedKw[row]! - now.baselineKw[row]!
        deliveredKw += now.pKw[row]! - now.baselineKw[row]!
    }
    return { orderedKw, deliveredKw, baselineKw }
}
