/**
 * Orders to the fleet on their way through the gate. What an order may do is decided purely (`draftOrder`); its effects come
 * in an order that survives a kill at any instant: the log with the hash of every setpoint and the record are durable first,
 * then the field is written (`confirmations.ts`). Orders that stand are said again before devices forget them
 * (`standing-orders.ts`).
 */
import { createHash, randomUUID } from 'node:crypto'
import { resourcePoint } from '@gridverse/assets'
import { canonicalJson } from '@gridverse/trust'
import { type AlarmNotice, type EvidenceLog, type MeasurementBatch, type Person, type Records, roles, type Sink } from '@gridverse/twin'
import {
    draftOrder,
    type FleetHold,
    type FleetNow,
    type FleetState,
    type NewOrder,
    type OrderCard,
    type OrderDraft,
    type StandingOrder,
    type StandingOrders,
    type StandingThen,
    tellStanding,
    toDeviceKw,
    type UnderDelivery,
} from '@gridverse/vpp'
import { ApiError } from './api-error.ts'
import { createConfirmations, type DispatchCounters, namedLost } from './confirmations.ts'
import { createDeliveryAlarms } from './delivery-alarms.ts'
import { createFleetHolds } from './fleet-holds.ts'
import { createStandingOrders, type KeptSetpoints, type StandingColumns } from './standing-orders.ts'

export interface FleetDispatch {
    order(by: Person, order: NewOrder, plan?: PlanOfOrder): Promise<OrderCard>
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
    standing(): StandingOrders & Pick<StandingColumns, 'under' | 'takenMs' | 'lastsS'>
    underDelivered(): readonly UnderDelivery[]
    /** the order that has the word on a row */
    orderOf(row: number): OrderCard | undefined
    /** what an order told whom, also long after it ended */
    setpointsOf(id: string): Promise<Pick<KeptSetpoints, 'ids' | 'kw'> | undefined>
    /** rows have moved: the register changed */
    resettle(before: FleetState): void
    readonly counters: DispatchCounters
    settled(): Promise<void>
}

/** The day's plan an order comes from. */
export interface PlanOfOrder {
    readonly study: string
    /** how long a device holds a setpoint of it nobody repeats, s; absent: as long as its protocol has it */
    readonly lastsS?: number
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

const defaultForS = 900
const longestForS = 86_400
const keptOrders = 2000

export async function createFleetDispatch(ports: DispatchPorts): Promise<FleetDispatch> {
    const { records, log, sink, nowMs, onError, confirmMs = 10_000 } = ports
    const orders = new Map<string, OrderCard>()
    for (const { body } of (await records.list<OrderCard>('order')).sort((a, b) => a.body.createdMs - b.body.createdMs))
        orders.set(body.id, body)
    const holds = await createFleetHolds(ports)
    /** whose setpoints are kept for a restart, and until when */
    const keptUntilMs = new Map<string, number>()
    const counters: DispatchCounters = { orders: 0, setpoints: 0, confirmed: 0, retried: 0, lost: 0, failedWrites: 0 }
    const standing = createStandingOrders(ports.state().resources.length)
    const delivery = createDeliveryAlarms({ ...ports, standing })
    const confirmations = createConfirmations({
        ...ports,
        standing,
        counters,
        confirmMs,
        onCard: (card) => orders.set(card.id, card),
        onEnd: (card, lost) => void finish(card, lost).catch(onError),
    })
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

    async function order(by: Person, given: NewOrder, plan?: PlanOfOrder): Promise<OrderCard> {
        const createdMs = nowMs()
        const beganMs = performance.now()
        const forS = Math.min(longestForS, given.forS ?? defaultForS)
        const state = ports.state()
        // a plan's orders were agreed upon with the plan
        const twoPersonKw = plan === undefined ? ports.twoPersonKw() : Infinity
        const draft = draftOrder(given, by.role, { state, now: ports.now(), holds: holds.held, twoPersonKw, nowMs: createdMs })
        if (draft.unknown.length > 0)
            throw new ApiError(
                'unknown-resource',
                `there is no ${draft.unknown.slice(0, 5).join(', ')}${draft.unknown.length > 5 ? ' …' : ''}`,
            )
        const card: OrderCard = {
            id: randomUUID(),
            by: by.name,
            reason: given.reason,
            state: draft.passes ? (draft.needsSecond ? 'waiting-for-second' : 'sent') : 'refused',
            createdMs,
            untilMs: createdMs + forS * 1000,
            ...(plan === undefined ? {} : { plan: plan.study }),
            checks: draft.checks,
            askedKw: draft.askedKw,
            orderedKw: draft.orderedKw,
            setpoints: draft.rows.length,
            manifest: manifestOf(state, draft),
            narrowed: draft.narrowed,
            leftOut: draft.leftOut.slice(0, namedLost),
            confirmed: 0,
            retried: 0,
            lost: [],
            confirmMs: { p50: null, p99: null, max: null },
        }
        if (card.state === 'sent') return send(card, state, draft, beganMs, plan?.lastsS)
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

    async function send(card: OrderCard, state: FleetState, draft: OrderDraft, beganMs: number, lastsS?: number): Promise<OrderCard> {
        const kept: KeptSetpoints = {
            untilMs: card.untilMs,
            createdMs: card.createdMs,
            ids: Array.from(draft.rows, (row) => state.resources[row]!.id),
            kw: Array.from(draft.kw, (kw) => (Number.isNaN(kw) ? null : kw)),
            ...(lastsS === undefined ? {} : { lastsS }),
        }
        // the three are of one another's making: all durable before anything is written
        const more = { untilMs: card.untilMs, ...(card.approvedBy === undefined ? {} : { approvedBy: card.approvedBy }) }
        await Promise.all([note('order.send', card.by, card, more), keep(card), records.put('order-setpoints', card.id, kept)])
        counters.orders++
        keptUntilMs.set(card.id, card.untilMs)
        // rows as they are now: the register may have changed while this became durable
        standing.stand(kept, ports.state())
        return confirmations.send(card, kept, beganMs)
    }

    async function finish(card: OrderCard, lost: number): Promise<void> {
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
            value: lost,
            unit: '',
            args: { resources: card.lost.slice(0, 5).join(', ') },
        })
    }

    /** What stood when the platform last stopped stands again; what was not confirmed is waited for, and told once more. */
    async function restore(): Promise<void> {
        const kept = (await records.list<KeptSetpoints>('order-setpoints')).sort((a, b) => a.body.createdMs - b.body.createdMs)
        for (const { id, body } of kept) {
            const card = orders.get(id)
            if (!card || body.untilMs < nowMs()) {
                await retire(id)
                continue
            }
            standing.stand(body, ports.state())
            keptUntilMs.set(id, body.untilMs)
            if (card.state === 'sent') confirmations.resume(card, body)
        }
    }

    /** What does not stand any more is kept for those who look back. */
    async function retire(id: string): Promise<void> {
        const kept = await records.get<KeptSetpoints>('order-setpoints', id)
        if (kept) await records.put('order-past', id, kept)
        await records.remove('order-setpoints', id)
    }

    function sayAgain(row: number, kw: number, lastsS: number | undefined): void {
        const { id, kind } = ports.state().resources[row]!
        const command = { commandId: `repeat/${id}`, point: resourcePoint(id, 'pSetKw'), value: toDeviceKw(kind, kw) }
        sink.write(lastsS === undefined ? command : { ...command, lastsS }).then(
            () => {
                standing.columns.takenMs[row] = nowMs()
            },
            () => {
                counters.failedWrites++
            },
        )
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
                    holds: holds.held,
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
                    manifest: manifestOf(state, draft),
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
        hold: (by, target, reason) => enter(() => holds.hold(by, target, reason)),
        release: (by, target) => enter(() => holds.release(by, target)),
        holds: holds.list,
        durable: confirmations.durable,
        tick(now) {
            confirmations.tick()
            standing.repeat(now, confirmations.isPending, sayAgain)
            for (const [id, untilMs] of keptUntilMs) {
                if (untilMs > now.tMs) continue
                keptUntilMs.delete(id)
                retire(id).catch(onError)
            }
            delivery.tick(now)
        },
        standing: () => standing.columns,
        underDelivered: delivery.list,
        orderOf(row) {
            const { columns } = standing
            if (Number.isNaN(columns.orderedKw[row]!)) return undefined
            const [createdMs, untilMs] = [columns.orderedMs[row]!, columns.untilMs[row]!]
            return [...orders.values()].findLast((card) => card.createdMs === createdMs && card.untilMs === untilMs)
        },
        setpointsOf: async (id) =>
            (await records.get<KeptSetpoints>('order-setpoints', id)) ?? (await records.get<KeptSetpoints>('order-past', id)),
        resettle(before) {
            confirmations.carryOver(standing.carryOver(before, ports.state()))
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

/** The hash of setpoints as they are sealed: id and power as the device is told it, in order of the ids. */
function manifestOf(state: FleetState, { rows, kw }: OrderDraft): string {
    const list = Array.from(rows, (row, n) => {
        const { id, kind } = state.resources[row]!
        return [id, Number.isNaN(kw[n]!) ? null : toDeviceKw(kind, kw[n]!)] as const
    })
    const sorted = list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    return createHash('sha256').update(canonicalJson(sorted)).digest('hex')
}

const round = (value: number): number => Math.round(value * 1000) / 1000
