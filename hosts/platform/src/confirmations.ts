/**
 * Setpoints on their way: written to the field, waited for until the device's own word of each is durable, told once more,
 * then named as lost. A device that is away is a setpoint that failed, and is tried again.
 */
import { resourcePoint } from '@gridverse/assets'
import type { MeasurementBatch, Sink } from '@gridverse/twin'
import { type FleetState, isPowerSet, type OrderCard, readBackToleranceKw, rowOfSlot, toDeviceKw } from '@gridverse/vpp'
import type { KeptSetpoints, StandingSetpoints } from './standing-orders.ts'

/** An order whose setpoints are not all confirmed. */
interface Underway {
    card: OrderCard
    /** row → setpoint as the device is told it */
    readonly waiting: Map<number, number>
    readonly latencies: number[]
    readonly lastsS: number | undefined
    /** durable before the field was written, ms of the monotonic clock */
    readonly beganMs: number
    tries: number
    triedMs: number
    done: boolean
}

export interface DispatchCounters {
    orders: number
    setpoints: number
    confirmed: number
    retried: number
    lost: number
    failedWrites: number
}

interface ConfirmationPorts {
    readonly sink: Sink
    readonly standing: StandingSetpoints
    readonly counters: DispatchCounters
    /** a device has so long to say that it has its setpoint, ms */
    readonly confirmMs: number
    /** a card as things stand */
    onCard(card: OrderCard): void
    /** nothing is waited for any more; `lost` of its setpoints were confirmed by nobody */
    onEnd(card: OrderCard, lost: number): void
    state(): FleetState
    onError(error: unknown): void
    nowMs(): number
}

export const namedLost = 200

export function createConfirmations(ports: ConfirmationPorts) {
    const { sink, standing, counters, confirmMs, nowMs, onError } = ports
    const underway = new Map<string, Underway>()
    const pendingOf = new Map<number, Underway>()

    function begin(card: OrderCard, kept: KeptSetpoints, beganMs: number): Underway {
        const state = ports.state()
        const entry: Underway = {
            card,
            waiting: new Map(),
            latencies: [],
            lastsS: kept.lastsS,
            beganMs,
            tries: 0,
            triedMs: performance.now(),
            done: false,
        }
        kept.ids.forEach((id, n) => {
            const row = state.rowOf(id)
            if (row >= 0) expect(entry, state, row, kept.kw[n]!)
        })
        underway.set(card.id, entry)
        return entry
    }

    function expect(entry: Underway, state: FleetState, row: number, kw: number | null): void {
        // a newer order: nobody waits for the older word any more
        pendingOf.get(row)?.waiting.delete(row)
        entry.waiting.set(row, kw === null ? Number.NaN : toDeviceKw(state.resources[row]!.kind, kw))
        pendingOf.set(row, entry)
    }

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
                ...(entry.lastsS === undefined ? {} : { lastsS: entry.lastsS }),
            }
            counters.setpoints++
            writes.push(
                sink.write(command).then(
                    () => {
                        standing.columns.saidMs[row] = nowMs()
                        standing.columns.takenMs[row] = nowMs()
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
        standing.columns.lost[row] = 0
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
        ports.onCard(entry.card)
        if (over && underway.delete(card.id)) ports.onEnd(entry.card, waiting.size)
        return entry.card
    }

    function lookAfter(entry: Underway): void {
        if (performance.now() - entry.triedMs < confirmMs) return
        if (entry.tries < 2) {
            entry.card = { ...entry.card, retried: entry.card.retried + entry.waiting.size }
            counters.retried += entry.waiting.size
            write(entry, ports.state()).catch(onError)
            return
        }
        entry.done = true
        counters.lost += entry.waiting.size
        for (const row of entry.waiting.keys()) {
            standing.columns.lost[row] = 1
            if (pendingOf.get(row) === entry) pendingOf.delete(row)
        }
        settle(entry)
    }

    return {
        /** Writes an order's setpoints; resolves with its card once the field has taken or refused them. */
        async send(card: OrderCard, kept: KeptSetpoints, beganMs: number): Promise<OrderCard> {
            const entry = begin(card, kept, beganMs)
            await write(entry, ports.state())
            return settle(entry)
        },
        /** Waits for what was sent before a restart, and tells it once more if need be. */
        resume(card: OrderCard, kept: KeptSetpoints): void {
            begin(card, kept, performance.now() - (nowMs() - card.createdMs))
        },
        isPending: (row: number) => pendingOf.has(row),
        durable(batch: MeasurementBatch): void {
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
        tick(): void {
            for (const entry of [...underway.values()]) lookAfter(entry)
        },
        /** Rows have moved. */
        carryOver(moved: ReadonlyMap<number, number>): void {
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
    }
}

const round = (value: number): number => Math.round(value * 1000) / 1000
