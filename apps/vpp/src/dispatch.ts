/**
 * What a dispatch order may do, decided without any effect: who is asked, what each is told, what was narrowed and who is
 * left out, rule by rule. Limits are only ever narrowed. Powers kW into the network.
 */
import { injects, type Resource, type ResourceKind } from '@gridverse/assets'
import { ageCheck, checkOf, roleCheck } from './checks.ts'
import { type SharePool, sharePower } from './dispatch-share.ts'
import { ratedKw } from './fleet-ability.ts'
import { type FleetNow, onlineCode } from './fleet-now.ts'
import type { FleetState } from './fleet-state.ts'
import type { FleetHold, NewOrder, OrderCard, OrderCheck } from './fleet-types.ts'

export interface OrderContext {
    readonly state: FleetState
    readonly now: FleetNow
    readonly holds: ReadonlyMap<string, FleetHold>
    /** an order that moves more than this needs a second person, kW */
    readonly twoPersonKw: number
    readonly nowMs: number
}

/** Setpoints of an order, by row of the state. */
export interface OrderDraft {
    readonly checks: readonly OrderCheck[]
    readonly passes: boolean
    readonly needsSecond: boolean
    readonly rows: Int32Array
    /** into the network; NaN where the device is to decide by itself again */
    readonly kw: Float64Array
    readonly askedKw: number | null
    /** what all that were asked will give: setpoints, and those left out as they are */
    readonly orderedKw: number
    readonly narrowed: number
    readonly leftOut: OrderCard['leftOut']
    /** ids or groups nobody knows */
    readonly unknown: readonly string[]
}

/** kinds that run or rest: a share of them cannot be asked for */
const wholeOnly: ReadonlySet<ResourceKind> = new Set(['shiftable'])
const machines: ReadonlySet<ResourceKind> = new Set(['gas-turbine', 'generator'])

export function draftOrder(order: NewOrder, role: string, context: OrderContext): OrderDraft {
    const { state, now, holds, nowMs } = context
    const unknown: string[] = []
    const asked = rowsOf(order, state, unknown)
    const leftOut: { id: string; why: OrderCard['leftOut'][number]['why'] }[] = []
    const rows: number[] = []
    for (const row of asked) {
        const why = whyNot(row, context, holds, order)
        if (why) leftOut.push({ id: state.resources[row]!.id, why })
        else rows.push(row)
    }
    const out = new Set(leftOut.map(({ id }) => id))
    let restKw = 0
    for (const row of asked) if (out.has(state.resources[row]!.id)) restKw += now.pKw[row]!
    const told = order.release
        ? release(rows)
        : order.perResource
          ? each(order.perResource, rows, state, now)
          : share(order.totalKw ?? 0, restKw, rows, state, now)
    let movedKw = 0
    let orderedKw = restKw
    told.kw.forEach((kw, n) => {
        const row = rows[n]!
        const gives = Number.isNaN(kw) ? now.baselineKw[row]! : kw
        orderedKw += gives
        movedKw += Math.abs(gives - now.pKw[row]!)
    })
    const heldCount = leftOut.filter(({ why }) => why === 'held').length
    const needsSecond = movedKw > context.twoPersonKw
    const checks: OrderCheck[] = [
        roleCheck(role),
        ageCheck(nowMs - now.tMs),
        rows.length > 0
            ? checkOf('quality', true, 'hear', { count: rows.length, all: asked.length })
            : leftOut[0]
              ? checkOf('quality', false, 'none-hear-first', { all: asked.length, name: leftOut[0].id, why: leftOut[0].why })
              : checkOf('quality', false, 'none-hear', { all: asked.length }),
        heldCount > 0 ? checkOf('hold', rows.length > 0, 'held', { count: heldCount }) : checkOf('hold', true, 'nobody-holds'),
        told.narrowed > 0 ? checkOf('limit', true, 'narrowed', { count: told.narrowed }) : checkOf('limit', true, 'within-limits'),
        needsSecond
            ? checkOf('two-person', true, 'second-person', { kw: Number(movedKw.toFixed(0)), limitKw: context.twoPersonKw })
            : checkOf('two-person', true, 'one-person'),
    ]
    return {
        checks,
        passes: checks.every((c) => c.pass) && unknown.length === 0,
        needsSecond,
        rows: Int32Array.from(rows),
        kw: told.kw,
        askedKw: order.release ? null : order.perResource ? sumOf(Object.values(order.perResource)) : (order.totalKw ?? 0),
        orderedKw,
        narrowed: told.narrowed,
        leftOut,
        unknown,
    }
}

const sumOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

function rowsOf(order: NewOrder, state: FleetState, unknown: string[]): number[] {
    const { groups, resources, perResource } = order
    const ids = perResource ? Object.keys(perResource) : (resources ?? [])
    const rows = new Set<number>()
    for (const id of ids) {
        const row = state.rowOf(id)
        if (row < 0) unknown.push(`resource/${id}`)
        else rows.add(row)
    }
    if (groups || ids.length === 0) {
        const wanted = groups && new Set(groups)
        const found = new Set<string>()
        state.resources.forEach(({ group }, row) => {
            if (wanted && !wanted.has(group)) return
            found.add(group)
            rows.add(row)
        })
        for (const group of wanted ?? []) if (!found.has(group)) unknown.push(`group/${group}`)
    }
    return [...rows].sort((a, b) => a - b)
}

function whyNot(
    row: number,
    { state, now }: OrderContext,
    holds: OrderContext['holds'],
    order: NewOrder,
): OrderCard['leftOut'][number]['why'] | undefined {
    const { id, group, kind } = state.resources[row]!
    if (kind === 'fixed-load') return 'not-controllable'
    if (holds.has(`resource/${id}`) || holds.has(`group/${group}`)) return 'held'
    if (now.link[row] !== onlineCode) return 'no-link'
    if (now.imputed[row] !== 0) return 'stale'
    // what has tripped is only let go
    if (!order.release && state.value(row, 'tripped') === 1) return 'tripped'
    if (order.release || order.perResource) return undefined
    if (wholeOnly.has(kind) || (machines.has(kind) && state.value(row, 'running') !== 1)) return 'not-controllable'
    return now.lowKw[row] === now.highKw[row] ? 'no-headroom' : undefined
}

interface Told {
    readonly kw: Float64Array
    readonly narrowed: number
}
const release = (rows: readonly number[]): Told => ({ kw: new Float64Array(rows.length).fill(Number.NaN), narrowed: 0 })

function each(wanted: Readonly<Record<string, number>>, rows: readonly number[], state: FleetState, now: FleetNow): Told {
    let narrowed = 0
    const kw = Float64Array.from(rows, (row) => {
        const resource = state.resources[row]!
        const asked = wanted[resource.id]!
        const given = Math.min(now.highKw[row]!, Math.max(now.lowKw[row]!, asked))
        if (Math.abs(given - asked) > 1e-9) narrowed++
        return given
    })
    return { kw, narrowed }
}

/** The total shared out; those left out go on as they are, and the others make up for them. */
function share(totalKw: number, restKw: number, rows: readonly number[], state: FleetState, now: FleetNow): Told {
    const { kw, missingKw } = sharePower(totalKw - restKw, poolOf(rows, state, now))
    return { kw, narrowed: Math.abs(missingKw) > 1e-6 ? rows.length : 0 }
}

/** Weight: the room of a device, less where its contents could not carry it for an hour. */
const weightOf = (roomKw: number, kwh: number) => (Number.isFinite(kwh) ? (roomKw * kwh) / (kwh + roomKw || 1) : roomKw)

export function poolOf(rows: readonly number[], state: FleetState, now: FleetNow): SharePool {
    const column = (of: (row: number) => number) => Float64Array.from(rows, of)
    // a machine that runs goes on: it is not stopped by a share of an order
    const lowOf = (row: number) => {
        const resource = state.resources[row]!
        return machines.has(resource.kind) && 'pMinKw' in resource
            ? Math.min(now.highKw[row]!, Math.max(now.lowKw[row]!, resource.pMinKw))
            : now.lowKw[row]!
    }
    const referenceOf = (row: number) => {
        const resource = state.resources[row]!
        const at = machines.has(resource.kind) ? now.pKw[row]! : now.baselineKw[row]!
        return Math.min(now.highKw[row]!, Math.max(lowOf(row), at))
    }
    return {
        referenceKw: column(referenceOf),
        lowKw: column(lowOf),
        highKw: column((row) => now.highKw[row]!),
        upWeight: column((row) => weightOf(now.highKw[row]! - referenceOf(row), now.upKwh[row]!)),
        downWeight: column((row) => weightOf(referenceOf(row) - lowOf(row), now.downKwh[row]!)),
    }
}

/** A power into the network as the device is told it: generation and storage give positive, everything else draws positive. */
export const toDeviceKw = (kind: ResourceKind, intoNetworkKw: number): number => {
    const kw = injects(kind) ? intoNetworkKw : -intoNetworkKw
    return kw === 0 ? 0 : kw
}

/** How near a device's own word must come to what it was told, kW. */
export const readBackToleranceKw = (resource: Resource): number => Math.max(0.01, 0.005 * ratedKw(resource as never))
