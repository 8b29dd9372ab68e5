/**
 * Orders to the fleet on their way through the gate. What an order may do is decided purely (`draftOrder`); its effects come
 * in an order that survives a kill at any instant: the log with the hash of every setpoint and the record are durable first,
 * then the field is written. A setpoint is confirmed when the device's own word of it is durable; what is not is tried once
 * more, then named. Orders that stand are said again before devices forget them.
 */
import { createHash, randomUUID } from 'node:crypto'
import { resourcePoint, setpointLastsS } from '@gridverse/assets'
import { canonicalJson } from '@gridverse/trust'
import { type AlarmNotice, type EvidenceLog, type MeasurementBatch, type Person, type Records, roles, type Sink } from '@gridverse/twin'
import {
    draftOrder,
    type FleetHold,
    type FleetNow,
    type FleetState,
    findUnderDelivery,
    isPowerSet,
    type NewOrder,
    type OrderCard,
    type OrderDraft,
    readBackToleranceKw,
    rowOfSlot,
    type StandingOrder,
    type StandingOrders,
    type StandingThen,
    tellStanding,
    toDeviceKw,
    type UnderDelivery,
} from '@gridverse/vpp'
import { ApiError } from './api-error.ts'

export interface FleetDispatch {
    order(by: Person, order: NewOrder, plan?: string): Promise<OrderCard>
    approve(by: Person, id: string): Promise<OrderCard>
    cancel(by: Person, id: string): Promise<OrderCard>
    list(limit: number): OrderCard[]
    get(id: string): OrderCard
    hold(by: Person, target: string, reason: string): Promise<FleetHold[]>
    release(by: Person, target: string): Promise<FleetHold[]>
    holds(): FleetHold[]
    /** measurements that are durable */
    durable(batch: MeasurementBatch): void
    /** once a second */
    tick(now: FleetNow): void
    standing(): StandingOrders & { readonly under: Uint8Array }
    underDelivered(): readonly UnderDelivery[]
    /** the order that has the word on a row */
    orderOf(row: number): OrderCard | undefined
    /** what an order told whom, also long after it ended */
    setpointsOf(id: string): Promise<Pick<KeptSetpoints, 'ids' | 'kw'> | undefined>
    /** rows have moved: the register changed */
    resettle(before: FleetState): void
    readonly counters: { orders: number; setpoints: number; confirmed: number; retried: number; lost: number; failedWrites: number }
    settled(): Promise<void>
}

export interface DispatchPorts {
    readonly records: Records
    readonly log: EvidenceLog
    readonly sink: Sink
    state(): FleetState
    now(): FleetNow
    /** an order that moves more than this needs a second person, kW */
    twoPersonKw(): number
    raise(notice: AlarmNotice): void
    lower(rule: AlarmNotice['rule'], source: string): void
    onError(error: unknown): void
    nowMs(): number
    /** a device has so long to say that it has its setpoint; then it is told once more, then it is lost, ms; 10 s by default */
    readonly confirmMs?: number
}

/** standing orders are said again this often: well within the time devices remember them, ms */
const repeatMs = (setpointLastsS * 1000) / 3
const defaultForS = 900
const longestForS = 86_400
const keptOrders = 2000
const namedLost = 200

interface Underway {
    card: OrderCard
    /** row → setpoint as the device is told it */
    readonly waiting: Map<number, number>
    readonly latencies: number[]
    /** durable before the field was written, ms of the monotonic clock */
    readonly beganMs: number
    tries: number
    triedMs: number
    done: boolean
}
/** setpoints of an order, kW into the network by id; null releases */
interface KeptSetpoints {
    readonly untilMs: number
    readonly createdMs: number
    readonly ids: readonly string[]
    readonly kw: readonly (number | null)[]
}

export async function createFleetDispatch(ports: DispatchPorts): Promise<FleetDispatch> {
    const { records, log, sink, nowMs, onError, confirmMs = 10_000 } = ports
    const orders = new Map<string, OrderCard>()
    for (const { body } of (await records.list<OrderCard>('order')).sort((a, b) => a.body.createdMs - b.body.createdMs))
        orders.set(body.id, body)
    const held = new Map((await records.list<FleetHold>('fleet-hold')).map(({ id, body }) => [id, body]))
    const underway = new Map<string, Underway>()
    /** whose setpoints are kept for a restart, and until when */
    const keptUntilMs = new Map<string, number>()
    const pendingOf = new Map<number, Underway>()
    const counters = { orders: 0, setpoints: 0, confirmed: 0, retried: 0, lost: 0, failedWrites: 0 }
    let columns = createStanding(ports.state().resources.length)
    let under: UnderDelivery[] = []
    let work: Promise<unknown> = Promise.resolve()

    await restore()

    /** Orders enter one at a time. */
    function enter<T>(act: () => Promise<T>): Promise<T> {
        const done = work.then(act, act)
        work = done.catch(() => undefined)
        return done
    }

    async function keep(card: OrderCard): Promise<void> {
        orders.set(card.id, card)
        await records.put('order', card.id, card)
        if (orders.size <= keptOrders) return
        const oldest = orders.keys().next().value!
        orders.delete(oldest)
        await records.remove('order', oldest)
    }

    async function order(by: Person, given: NewOrder, plan?: string): Promise<OrderCard> {
        const createdMs = nowMs()
        const beganMs = performance.now()
        const forS = Math.min(longestForS, given.forS ?? defaultForS)
        const state = ports.state()
        // a plan's orders were agreed upon with the plan
        const twoPersonKw = plan === undefined ? ports.twoPersonKw() : Infinity
        const draft = draftOrder(given, by.role, { state, now: ports.now(), holds: held, twoPersonKw, nowMs: createdMs })
        if (draft.unknown.length > 0)
            throw new ApiError(
                'unknown-resource',
                `there is no ${draft.unknown.slice(0, 5).join(', ')}${draft.unknown.length > 5 ? ' …' : ''}`,
            )
        const setpoints = setpointsOf(state, draft)
        const card: OrderCard = {
            id: randomUUID(),
            by: by.name,
            reason: given.reason,
            state: draft.passes ? (draft.needsSecond ? 'waiting-for-second' : 'sent') : 'refused',
            createdMs,
            untilMs: createdMs + forS * 1000,
            ...(plan === undefined ? {} : { plan }),
            checks: draft.checks,
            askedKw: draft.askedKw,
            orderedKw: draft.orderedKw,
            setpoints: draft.rows.length,
            manifest: createHash('sha256').update(canonicalJson(setpoints)).digest('hex'),
            narrowed: draft.narrowed,
            leftOut: draft.leftOut.slice(0, namedLost),
            confirmed: 0,
            retried: 0,
            lost: [],
            confirmMs: { p50: null, p99: null, max: null },
        }
        if (card.state === 'sent') return send(card, state, draft, beganMs)
        await note(`order.${card.state}`, by.name, card)
        if (card.state === 'waiting-for-second') await records.put('order-waiting', card.id, { order: given, role: by.role })
        await keep(card)
        return card
    }

    const note = (action: string, actor: string, card: OrderCard, more: Record<string, unknown> = {}) =>
        log.append({
            tMs: nowMs(),
            actor,
            action,
            target: 'fleet',
            detail: {
                id: card.id,
                reason: card.reason,
                orderedKw: round(card.orderedKw),
                setpoints: card.setpoints,
                manifest: card.manifest,
                ...(card.plan === undefined ? {} : { plan: card.plan }),
                ...(card.state === 'refused' ? { refused: card.checks.filter((c) => !c.pass).map((c) => c.rule) } : {}),
                ...more,
            },
        })

    async function send(card: OrderCard, state: FleetState, draft: OrderDraft, beganMs: number): Promise<OrderCard> {
        const ids = Array.from(draft.rows, (row) => state.resources[row]!.id)
        const kept: KeptSetpoints = {
            untilMs: card.untilMs,
            createdMs: card.createdMs,
            ids,
            kw: Array.from(draft.kw, (kw) => (Number.isNaN(kw) ? null : kw)),
        }
        // the three are of one another's making: all durable before anything is written
        const more = { untilMs: card.untilMs, ...(card.approvedBy === undefined ? {} : { approvedBy: card.approvedBy }) }
        await Promise.all([note('order.send', card.by, card, more), keep(card), records.put('order-setpoints', card.id, kept)])
        counters.orders++
        keptUntilMs.set(card.id, card.untilMs)
        // rows as they are now: the register may have changed while this became durable
        stand(card, kept, ports.state())
        const entry: Underway = { card, waiting: new Map(), latencies: [], beganMs, tries: 0, triedMs: performance.now(), done: false }
        const current = ports.state()
        kept.ids.forEach((id, n) => {
            const row = current.rowOf(id)
            if (row >= 0) expect(entry, current, row, kept.kw[n]!)
        })
        underway.set(card.id, entry)
        await write(entry, current)
        return settle(entry)
    }

    /** From now on this order has the word on these rows. */
    function stand(card: OrderCard, kept: KeptSetpoints, state: FleetState): void {
        kept.ids.forEach((id, n) => {
            const row = state.rowOf(id)
            if (row < 0) return
            columns.orderedKw[row] = kept.kw[n] ?? Number.NaN
            columns.orderedMs[row] = card.createdMs
            columns.untilMs[row] = card.untilMs
            columns.lost[row] = 0
        })
    }

    function expect(entry: Underway, state: FleetState, row: number, kw: number | null): void {
        const before = pendingOf.get(row)
        // a newer order: nobody waits for the older word any more
        before?.waiting.delete(row)
        entry.waiting.set(row, kw === null ? Number.NaN : toDeviceKw(state.resources[row]!.kind, kw))
        pendingOf.set(row, entry)
    }

    /** Writes what waits; a device that is away is a setpoint that failed, and is tried again. */
    async function write(entry: Underway, state: FleetState): Promise<void> {
        entry.tries++
        entry.triedMs = performance.now()
        const writes: Promise<void>[] = []
        for (const [row, kw] of entry.waiting) {
            const { id } = state.resources[row]!
            const released = Number.isNaN(kw)
            const command = {
                commandId: `${entry.card.id}/${id}`,
                point: resourcePoint(id, released ? 'following' : 'pSetKw'),
                value: released ? 0 : kw,
            }
            counters.setpoints++
            writes.push(
                sink.write(command).then(
                    () => {
                        columns.saidMs[row] = nowMs()
                        // nothing is read back of a release but that it does not follow any more
                        if (released) confirm(entry, row)
                    },
                    () => {
                        counters.failedWrites++
                    },
                ),
            )
        }
        // what the device said before and is told again is not said again by it
        for (const [row, kw] of [...entry.waiting])
            if (state.fresh(row, 'pSetKw', nowMs()) && state.value(row, 'following') === 1 && isNear(state, row, kw)) confirm(entry, row)
        await Promise.all(writes)
    }

    const isNear = (state: FleetState, row: number, kw: number) =>
        Math.abs(state.value(row, 'pSetKw') - kw) <= readBackToleranceKw(state.resources[row]!)

    function confirm(entry: Underway, row: number): void {
        if (!entry.waiting.delete(row)) return
        if (pendingOf.get(row) === entry) pendingOf.delete(row)
        entry.latencies.push(performance.now() - entry.beganMs)
        counters.confirmed++
        columns.lost[row] = 0
        if (entry.waiting.size === 0) settle(entry)
    }

    /** The card as things stand. */
    function settle(entry: Underway): OrderCard {
        const { card, waiting, latencies } = entry
        const sorted = Float64Array.from(latencies).sort()
        const at = (q: number) => (sorted.length === 0 ? null : round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!))
        const over = waiting.size === 0 || entry.done
        const state = ports.state()
        entry.card = {
            ...card,
            state: !over ? 'sent' : waiting.size === 0 ? 'confirmed' : latencies.length > 0 ? 'partly-confirmed' : 'failed',
            confirmed: latencies.length,
            lost: entry.done ? Array.from(waiting.keys(), (row) => state.resources[row]?.id ?? '').slice(0, namedLost) : [],
            confirmMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
        }
        orders.set(card.id, entry.card)
        if (over && underway.delete(card.id)) finish(entry).catch(onError)
        return entry.card
    }

    async function finish(entry: Underway): Promise<void> {
        const { card } = entry
        await note(`order.${card.state}`, 'system', card, {
            confirmed: card.confirmed,
            retried: card.retried,
            lost: card.lost,
            p99Ms: card.confirmMs.p99,
        })
        await keep(card)
        if (card.state === 'confirmed') return
        ports.raise({
            rule: 'dispatch-lost',
            source: 'fleet',
            priority: 'high',
            value: entry.waiting.size,
            unit: '',
            args: { resources: card.lost.slice(0, 5).join(', ') },
        })
    }

    /** What stood when the platform last stopped stands again; what was not confirmed is waited for, and told once more. */
    async function restore(): Promise<void> {
        const state = ports.state()
        const kept = (await records.list<KeptSetpoints>('order-setpoints')).sort((a, b) => a.body.createdMs - b.body.createdMs)
        for (const { id, body } of kept) {
            const card = orders.get(id)
            if (!card || body.untilMs < nowMs()) {
                await retire(id)
                continue
            }
            stand(card, body, state)
            keptUntilMs.set(id, body.untilMs)
            if (card.state !== 'sent') continue
            const beganMs = performance.now() - (nowMs() - card.createdMs)
            const entry: Underway = { card, waiting: new Map(), latencies: [], beganMs, tries: 0, triedMs: performance.now(), done: false }
            body.ids.forEach((resource, n) => {
                const row = state.rowOf(resource)
                if (row >= 0) expect(entry, state, row, body.kw[n]!)
            })
            underway.set(id, entry)
        }
    }

    /** What does not stand any more is kept for those who look back. */
    async function retire(id: string): Promise<void> {
        const kept = await records.get<KeptSetpoints>('order-setpoints', id)
        if (kept) await records.put('order-past', id, kept)
        await records.remove('order-setpoints', id)
    }

    function lookAfter(entry: Underway): void {
        if (performance.now() - entry.triedMs < confirmMs) return
        const state = ports.state()
        if (entry.tries < 2) {
            entry.card = { ...entry.card, retried: entry.card.retried + entry.waiting.size }
            counters.retried += entry.waiting.size
            write(entry, state).catch(onError)
            return
        }
        entry.done = true
        counters.lost += entry.waiting.size
        for (const row of entry.waiting.keys()) {
            columns.lost[row] = 1
            if (pendingOf.get(row) === entry) pendingOf.delete(row)
        }
        settle(entry)
    }

    /** Devices forget what they are not told again. */
    function repeat(now: FleetNow): void {
        const state = ports.state()
        for (let row = 0; row < now.count; row++) {
            const kw = columns.orderedKw[row]!
            if (Number.isNaN(kw)) continue
            if (columns.untilMs[row]! <= now.tMs) {
                columns.orderedKw[row] = Number.NaN
                columns.saidMs[row] = 0
            } else if (now.tMs - columns.saidMs[row]! > repeatMs && !pendingOf.has(row)) {
                columns.saidMs[row] = now.tMs
                const { id, kind } = state.resources[row]!
                const command = { commandId: `repeat/${id}`, point: resourcePoint(id, 'pSetKw'), value: toDeviceKw(kind, kw) }
                sink.write(command).catch(() => {
                    counters.failedWrites++
                })
            }
        }
    }

    const cardOr = (id: string): OrderCard => {
        const card = orders.get(id)
        if (!card) throw new ApiError('unknown-order', `there is no order "${id}"`)
        return card
    }
    const mayAct = (by: Person) => {
        if (roles.indexOf(by.role) < roles.indexOf('operator'))
            throw new ApiError('not-allowed', `orders need an operator, this is a ${by.role}`)
    }

    return {
        counters,
        order: (by, given, plan) => enter(() => order(by, given, plan)),
        approve: (by, id) =>
            enter(async () => {
                mayAct(by)
                const card = cardOr(id)
                if (card.state !== 'waiting-for-second') throw new ApiError('order-state', `order ${id} is ${card.state}`)
                if (card.by === by.name) throw new ApiError('not-allowed', `the second person must be another than ${by.name}`)
                const kept = await records.get<{ order: NewOrder; role: Person['role'] }>('order-waiting', id)
                if (!kept) throw new ApiError('order-state', `order ${id} does not wait any more`)
                await records.remove('order-waiting', id)
                const state = ports.state()
                // the fleet may have changed since: what stood then must still stand
                const draft = draftOrder(kept.order, kept.role, {
                    state,
                    now: ports.now(),
                    holds: held,
                    twoPersonKw: Infinity,
                    nowMs: nowMs(),
                })
                const agreed: OrderCard = {
                    ...card,
                    approvedBy: by.name,
                    checks: draft.checks,
                    state: draft.passes ? 'sent' : 'refused',
                    orderedKw: draft.orderedKw,
                    setpoints: draft.rows.length,
                    narrowed: draft.narrowed,
                    leftOut: draft.leftOut.slice(0, namedLost),
                    manifest: createHash('sha256')
                        .update(canonicalJson(setpointsOf(state, draft)))
                        .digest('hex'),
                }
                await note('order.approve', by.name, agreed)
                if (agreed.state === 'sent') return send(agreed, state, draft, performance.now())
                await keep(agreed)
                return agreed
            }),
        cancel: (by, id) =>
            enter(async () => {
                mayAct(by)
                const card = cardOr(id)
                if (card.state !== 'waiting-for-second') throw new ApiError('order-state', `order ${id} is ${card.state}`)
                const cancelled: OrderCard = { ...card, state: 'cancelled' }
                await note('order.cancelled', by.name, cancelled)
                await records.remove('order-waiting', id)
                await keep(cancelled)
                return cancelled
            }),
        list: (limit) => [...orders.values()].slice(-limit).reverse(),
        get: cardOr,
        hold: (by, target, reason) =>
            enter(async () => {
                const [kind, id] = target.split('/')
                const known =
                    kind === 'group' ? ports.state().resources.some(({ group }) => group === id) : ports.state().rowOf(id ?? '') >= 0
                if ((kind !== 'group' && kind !== 'resource') || !known)
                    throw new ApiError('unknown-resource', `there is no ${target}; write group/ID or resource/ID`)
                const hold: FleetHold = { target, by: by.name, reason, sinceMs: nowMs() }
                await log.append({ tMs: nowMs(), actor: by.name, action: 'hold.set', target, detail: { reason } })
                await records.put('fleet-hold', target, hold)
                held.set(target, hold)
                return [...held.values()]
            }),
        release: (by, target) =>
            enter(async () => {
                const hold = held.get(target)
                if (!hold) throw new ApiError('unknown-resource', `nobody holds ${target}`)
                if (hold.by !== by.name && roles.indexOf(by.role) < roles.indexOf('supervisor'))
                    throw new ApiError('not-allowed', `${hold.by} holds ${target}; a supervisor may release it`)
                await log.append({ tMs: nowMs(), actor: by.name, action: 'hold.release', target, detail: { heldBy: hold.by } })
                await records.remove('fleet-hold', target)
                held.delete(target)
                return [...held.values()]
            }),
        holds: () => [...held.values()],
        durable(batch) {
            if (pendingOf.size === 0) return
            const state = ports.state()
            for (let n = 0; n < batch.count; n++) {
                const slot = state.slotOf(batch.point[n]!)
                if (slot < 0 || !isPowerSet(slot)) continue
                const row = rowOfSlot(slot)
                const entry = pendingOf.get(row)
                const kw = entry?.waiting.get(row)
                if (entry && kw !== undefined && Math.abs(batch.value[n]! - kw) <= readBackToleranceKw(state.resources[row]!))
                    confirm(entry, row)
            }
        },
        tick(now) {
            for (const entry of [...underway.values()]) lookAfter(entry)
            repeat(now)
            for (const [id, untilMs] of keptUntilMs) {
                if (untilMs > now.tMs) continue
                keptUntilMs.delete(id)
                retire(id).catch(onError)
            }
            const before = new Set(under.map(({ resource }) => resource))
            under = findUnderDelivery(ports.state(), now, columns, columns.sinceMs)
            columns.under.fill(0)
            for (const entry of under) {
                columns.under[ports.state().rowOf(entry.resource)] = 1
                if (before.delete(entry.resource)) continue
                const missing = entry.gaveKw === null ? entry.askedKw : entry.askedKw - entry.gaveKw
                ports.raise({
                    rule: 'under-delivery',
                    source: `resource/${entry.resource}`,
                    priority: 'medium',
                    value: round(Math.abs(missing)),
                    limit: round(entry.askedKw),
                    unit: 'kW',
                    args: { cause: entry.causes[0]?.cause ?? 'unknown' },
                })
            }
            for (const resource of before) ports.lower('under-delivery', `resource/${resource}`)
        },
        standing: () => columns,
        underDelivered: () => under,
        orderOf(row) {
            if (Number.isNaN(columns.orderedKw[row]!)) return undefined
            const [createdMs, untilMs] = [columns.orderedMs[row]!, columns.untilMs[row]!]
            return [...orders.values()].findLast((card) => card.createdMs === createdMs && card.untilMs === untilMs)
        },
        setpointsOf: async (id) =>
            (await records.get<KeptSetpoints>('order-setpoints', id)) ?? (await records.get<KeptSetpoints>('order-past', id)),
        resettle(before) {
            const state = ports.state()
            const old = columns
            columns = createStanding(state.resources.length)
            const moved = new Map<number, number>()
            before.resources.forEach(({ id }, from) => {
                const row = state.rowOf(id)
                if (row < 0) return
                moved.set(from, row)
                for (const name of ['orderedKw', 'orderedMs', 'untilMs', 'saidMs', 'sinceMs', 'lost', 'under'] as const)
                    columns[name][row] = old[name][from]!
            })
            pendingOf.clear()
            for (const entry of underway.values()) {
                const waiting = [...entry.waiting]
                entry.waiting.clear()
                for (const [from, kw] of waiting) {
                    const row = moved.get(from)
                    if (row === undefined) continue
                    entry.waiting.set(row, kw)
                    pendingOf.set(row, entry)
                }
            }
        },
        settled: async () => {
            await work
        },
    }
}

/** Orders in force now, with what the devices say of them. */
export function standingNow(state: FleetState, now: FleetNow, dispatch: Pick<FleetDispatch, 'standing' | 'orderOf'>): StandingThen {
    const columns = dispatch.standing()
    const known = new Map<number, Omit<StandingOrder, 'standing' | 'readBack'> | undefined>()
    const orderOf = (row: number) => {
        const key = columns.orderedMs[row]!
        if (!known.has(key)) {
            const card = dispatch.orderOf(row)
            known.set(key, card && { ...card, sinceMs: card.createdMs })
        }
        return known.get(key)
    }
    return tellStanding(state, columns, orderOf, now.tMs)
}

function createStanding(count: number) {
    return {
        orderedKw: new Float64Array(count).fill(Number.NaN),
        orderedMs: new Float64Array(count),
        untilMs: new Float64Array(count),
        /** when the field last took it */
        saidMs: new Float64Array(count),
        /** since when it is short of its order */
        sinceMs: new Float64Array(count).fill(Number.NaN),
        lost: new Uint8Array(count),
        under: new Uint8Array(count),
    }
}

/** Setpoints as they are sealed: id and power as the device is told it, in order of the ids. */
function setpointsOf(state: FleetState, { rows, kw }: OrderDraft): (readonly [string, number | null])[] {
    const list = Array.from(rows, (row, n) => {
        const { id, kind } = state.resources[row]!
        return [id, Number.isNaN(kw[n]!) ? null : toDeviceKw(kind, kw[n]!)] as const
    })
    return list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

const round = (value: number): number => Math.round(value * 1000) / 1000
