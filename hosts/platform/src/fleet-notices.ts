/**
 * What is given to the controllers of devices to keep: predictions, market positions, diagnoses. The same way as orders: the
 * gate decides purely (`draftNotices`), the log with the hash of all of it and the record are durable before the field is
 * written, and a notice counts when the device's own word of it has come; who says nothing is told once more, then named.
 */
import { createHash, randomUUID } from 'node:crypto'
import { canonicalJson } from '@gridverse/trust'
import type { EvidenceLog, MeasurementBatch, NoticeBody, NoticeKind, Person, Records, Sink } from '@gridverse/twin'
import {
    draftNotices,
    type FleetHold,
    type FleetNow,
    type FleetState,
    isNoticed,
    type KeptSchedule,
    type NoticeCard,
    rowOfSlot,
} from '@gridverse/vpp'
import { ApiError } from './api-error.ts'

export interface NewNotices {
    readonly kind: NoticeKind
    readonly reason: string
    readonly bodies: ReadonlyMap<string, NoticeBody>
    /** the day's plan it comes from */
    readonly plan?: string
}

export interface FleetNotices {
    /** Resolves once it is durable and on its way; its card goes on changing until everybody has answered or is named. */
    send(by: Person, given: NewNotices): Promise<NoticeCard>
    list(limit: number): NoticeCard[]
    get(id: string): NoticeCard
    /** the schedule a device has said that it keeps; undefined without one */
    scheduleOf(resource: string): KeptSchedule | undefined
    durable(batch: MeasurementBatch): void
    settled(): Promise<void>
}

interface NoticePorts {
    readonly records: Records
    readonly log: EvidenceLog
    readonly sink: Sink
    holds(): readonly FleetHold[]
    state(): FleetState
    now(): FleetNow
    onError(error: unknown): void
    nowMs(): number
    /** a device has so long to answer, twice, ms; 10 s by default */
    readonly confirmMs?: number
}

const keptNotices = 1000
const mostNamed = 200
const cardKind = 'notice'
const scheduleKind = 'notice-schedules'

export async function createFleetNotices(ports: NoticePorts): Promise<FleetNotices> {
    const { records, log, sink, nowMs, onError, confirmMs = 10_000 } = ports
    const cards = new Map<string, NoticeCard>()
    for (const { body } of (await records.list<NoticeCard>(cardKind)).sort((a, b) => a.body.createdMs - b.body.createdMs))
        cards.set(body.id, body)
    const schedules = new Map(
        Object.entries((await records.get<{ schedules: Record<string, KeptSchedule> }>(scheduleKind, 'current'))?.schedules ?? {}),
    )
    /** who has yet to say this checksum: resource → what to do then */
    const awaited = new Map<string, { readonly checksum: number; readonly said: () => void }>()
    /** one notice at a time to each device, the newest of a kind only */
    const turns = new Map<string, Promise<void>>()
    const newest = new Map<string, string>()
    const open = new Set<Promise<void>>()

    async function keep(card: NoticeCard): Promise<void> {
        cards.set(card.id, card)
        await records.put(cardKind, card.id, card)
        if (cards.size <= keptNotices) return
        const oldest = cards.keys().next().value!
        cards.delete(oldest)
        await records.remove(cardKind, oldest)
    }
    const note = (action: string, actor: string, card: NoticeCard, more: Record<string, unknown> = {}) =>
        log.append({
            tMs: nowMs(),
            actor,
            action: `notice.${action}`,
            target: 'fleet',
            detail: {
                id: card.id,
                kind: card.kind,
                reason: card.reason,
                recipients: card.recipients,
                manifest: card.manifest,
                ...(card.plan === undefined ? {} : { plan: card.plan }),
                ...more,
            },
        })

    async function send(by: Person, { kind, reason, bodies, plan }: NewNotices): Promise<NoticeCard> {
        const holds = new Map(ports.holds().map((hold) => [hold.target, hold]))
        const draft = draftNotices(bodies, by.role, { state: ports.state(), now: ports.now(), holds, nowMs: nowMs() })
        const sorted = [...draft.told].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
        const card: NoticeCard = {
            id: randomUUID(),
            kind,
            by: by.name,
            reason,
            state: draft.passes ? 'sent' : 'refused',
            createdMs: nowMs(),
            ...(plan === undefined ? {} : { plan }),
            checks: draft.checks,
            leftOut: draft.leftOut.slice(0, mostNamed),
            recipients: draft.told.length,
            manifest: createHash('sha256').update(canonicalJson(sorted)).digest('hex'),
            acknowledged: 0,
            acknowledgedMs: null,
            ackMs: { p50: null, p99: null, max: null },
            declined: [],
            lost: [],
            example: draft.told[0] ? { resource: draft.told[0][0], body: draft.told[0][1] } : null,
        }
        if (!draft.passes) {
            await note('refused', by.name, card, { refused: card.checks.filter((c) => !c.pass).map((c) => c.rule) })
            await keep(card)
            return card
        }
        await Promise.all([note('send', by.name, card), keep(card)])
        const work = deliver(card, draft.told)
            .catch(onError)
            .finally(() => open.delete(work))
        open.add(work)
        return card
    }

    async function deliver(card: NoticeCard, told: readonly (readonly [string, NoticeBody])[]): Promise<void> {
        const beganMs = performance.now()
        const latencies: number[] = []
        const declined: { id: string; reason: string }[] = []
        const lost: string[] = []
        let acknowledgedMs: number | null = null
        /** the card as things stand */
        const stand = (isOver: boolean): NoticeCard => {
            const sorted = Float64Array.from(latencies).sort()
            const at = (q: number) =>
                sorted.length === 0 ? null : Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!)
            const all = latencies.length === told.length
            const next: NoticeCard = {
                ...card,
                state: !isOver ? 'sent' : all ? 'acknowledged' : latencies.length > 0 ? 'partly-acknowledged' : 'unacknowledged',
                acknowledged: latencies.length,
                acknowledgedMs,
                ackMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
                declined: declined.slice(0, mostNamed),
                lost: lost.slice(0, mostNamed),
            }
            cards.set(card.id, next)
            return next
        }
        await Promise.all(
            told.map(([resource, body]) =>
                inTurn(resource, body.kind, card.id, async () => {
                    const answer = await tellTwice(card.id, resource, body)
                    if (answer === 'kept') {
                        latencies.push(performance.now() - beganMs)
                        acknowledgedMs = nowMs()
                        remember(resource, body, card.createdMs, acknowledgedMs)
                    } else if (answer === 'lost') lost.push(resource)
                    else declined.push({ id: resource, reason: answer.reason })
                    stand(false)
                }),
            ),
        )
        const over = stand(true)
        await note(over.state, 'system', over, { acknowledged: over.acknowledged, declined: declined.length, lost: over.lost })
        await keep(over)
        if (card.kind === 'prediction') await records.put(scheduleKind, 'current', { schedules: Object.fromEntries(schedules) })
    }

    function remember(resource: string, body: NoticeBody, sentMs: number, acknowledgedMs: number): void {
        if (body.kind !== 'prediction') return
        const { startMs, periodS, holdS, kw } = body
        if (kw.length === 0) schedules.delete(resource)
        else schedules.set(resource, { sentMs, acknowledgedMs, startMs, periodS, holdS, kw })
    }

    function inTurn(resource: string, kind: NoticeKind, id: string, act: () => Promise<void>): Promise<void> {
        const key = `${resource}\n${kind}`
        newest.set(key, id)
        const before = turns.get(resource) ?? Promise.resolve()
        // what was overtaken while it waited is not told any more
        const mine = before.then(() => (newest.get(key) === id ? act() : undefined))
        turns.set(resource, mine)
        return mine
    }

    /** `lost`: no word of it, asked twice. A reason: it declined. */
    async function tellTwice(id: string, resource: string, body: NoticeBody): Promise<'kept' | 'lost' | { readonly reason: string }> {
        for (let attempt = 0; ; attempt++) {
            let checksum: number
            try {
                if (!sink.tell) return { reason: 'nothing here carries notices' }
                const answer = await sink.tell({ noticeId: `${id}/${resource}`, resource, body })
                if (answer === 'kept') return 'kept'
                checksum = answer
            } catch (error) {
                return { reason: (error as Error).message }
            }
            if (await hear(resource, checksum)) return 'kept'
            if (attempt === 1) return 'lost'
        }
    }

    /** True when the device says the checksum in time. */
    function hear(resource: string, checksum: number): Promise<boolean> {
        return new Promise((resolve) => {
            const late = setTimeout(() => {
                awaited.delete(resource)
                resolve(false)
            }, confirmMs)
            late.unref()
            awaited.set(resource, {
                checksum,
                said() {
                    clearTimeout(late)
                    awaited.delete(resource)
                    resolve(true)
                },
            })
        })
    }

    return {
        send,
        list: (limit) => [...cards.values()].slice(-limit).reverse(),
        get(id) {
            const card = cards.get(id)
            if (!card) throw new ApiError('unknown-notice', `there is no notice "${id}"`)
            return card
        },
        scheduleOf: (resource) => schedules.get(resource),
        durable(batch) {
            if (awaited.size === 0) return
            const state = ports.state()
            for (let n = 0; n < batch.count; n++) {
                const slot = state.slotOf(batch.point[n]!)
                if (slot < 0 || !isNoticed(slot)) continue
                const waiting = awaited.get(state.resources[rowOfSlot(slot)]!.id)
                if (waiting && batch.value[n] === waiting.checksum) waiting.said()
            }
        },
        settled: async () => {
            await Promise.race([Promise.allSettled(open), new Promise((resolve) => setTimeout(resolve, 500))])
        },
    }
}
