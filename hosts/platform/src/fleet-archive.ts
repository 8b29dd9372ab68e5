/**
 * Keeps what is known of the fleet's devices beside their measurements, so that it has a past too: links that are down, by
 * exception, and errors of synchronisation, once a minute where they moved. The registry knows such a series by the
 * resource's id with a tilde before it. Who was heard in each interval of 90 s is kept as a bit for each point, a while after
 * its end, so that coverage of the past is not counted from a million measurements. What is kept goes when the history goes.
 */
import type { EvidenceLog, HeardIntervals, History, MeasurementBatch, Records } from '@gridverse/twin'
import { coverageIntervalMs, coverageIntervals, type FleetNow, type FleetState } from '@gridverse/vpp'
import type { Intake } from './intake.ts'

export interface FleetArchive {
    /** Looks at the fleet; takes what is due. */
    take(state: FleetState, now: FleetNow): void
    /** What was kept last at or before an instant, of all that a batch holds. */
    read(batch: MeasurementBatch, tMs: number): Kept
    /** The intervals each point was heard in up to an instant, from what was kept and, for the rest, from the history. */
    heard(tMs: number): Promise<HeardIntervals>
    /** Goes on from what was kept before a stop. */
    resume(batch: MeasurementBatch, state: FleetState, nowMs: number): void
    settled(): Promise<void>
}
export interface Kept {
    offline(id: string): boolean
    /** errors of synchronisation as they were shown then; undefined where nobody looked */
    readonly sync: ReadonlyMap<string, KeptSync>
}
interface KeptSync {
    kw?: number
    percent?: number
    tMs: number
}

/** Errors of synchronisation as they were kept. */
export function recallSync(state: FleetState, sync: Kept['sync']): void {
    for (const [id, { kw, percent, tMs }] of sync) {
        const row = state.rowOf(id)
        if (row < 0) continue
        if (kw !== undefined) state.sync.kw.recall(row, tMs, kw)
        if (percent !== undefined) state.sync.percent.recall(row, tMs, percent)
    }
}

const quantities = ['offline', 'syncKw', 'syncPercent'] as const
type Quantity = (typeof quantities)[number]
const pattern = /^~resource\/([A-Za-z0-9_-]{1,64})\/(offline|syncKw|syncPercent)$/

const syncPeriodMs = 60_000
/** a figure that does not move is kept again so often, ms */
const againMs = 540_000
/** and is the one of an instant so much later at most */
const validMs = againMs + 2 * syncPeriodMs
const movedShare = 0.05
const prunePeriodMs = 3_600_000
/** intervals whose late words are waited for */
const lateIntervals = 1
const kindOfHeard = 'fleet-heard'
const heardId = (interval: number) => String(interval).padStart(12, '0')
/** who was heard, a bit for each index of the registry, lowest first, base64 */
interface HeardBits {
    readonly bits: string
}

export function createFleetArchive(ports: {
    readonly history: History
    readonly intake: Intake
    readonly records: Records
    readonly log: EvidenceLog
    onError(error: unknown): void
}): FleetArchive {
    const { history, intake, records, log } = ports
    const series = new Map<string, number>()
    /** registry index → what it is; read again when the registry has grown */
    const known = new Map<number, { id: string; quantity: Quantity }>()
    let scanned = 0
    const offline = new Set<string>()
    const kept = new Map<string, { value: number; tMs: number }>()
    let syncMs = 0
    let pruneMs = 0
    let work: Promise<void> | undefined
    /** the first is begun in the middle, so it is left to the history */
    let heardUpTo: number | undefined

    function scan(): void {
        const ids = intake.registryIds()
        for (; scanned < ids.length; scanned++) {
            const match = ids[scanned]?.match(pattern)
            if (!match) continue
            known.set(scanned, { id: match[1]!, quantity: match[2] as Quantity })
            series.set(ids[scanned]!, scanned)
        }
    }

    const nameOf = (id: string, quantity: Quantity) => `~resource/${id}/${quantity}`

    function due(state: FleetState, now: FleetNow): [name: string, value: number][] {
        const found: [string, number][] = []
        for (let row = 0; row < now.count; row++) {
            const { id } = state.resources[row]!
            const down = state.link(row, now.tMs) === 'offline'
            if (down === offline.has(id)) continue
            if (down) offline.add(id)
            else offline.delete(id)
            found.push([nameOf(id, 'offline'), down ? 1 : 0])
        }
        if (now.tMs - syncMs < syncPeriodMs) return found
        syncMs = now.tMs
        const look = (id: string, quantity: Quantity, value: number) => {
            if (Number.isNaN(value)) return
            const name = nameOf(id, quantity)
            const before = kept.get(name)
            if (before && now.tMs - before.tMs < againMs && Math.abs(value - before.value) <= movedShare * before.value) return
            kept.set(name, { value, tMs: now.tMs })
            found.push([name, value])
        }
        for (let row = 0; row < now.count; row++) {
            const { id } = state.resources[row]!
            look(id, 'syncKw', now.syncKw[row]!)
            look(id, 'syncPercent', now.syncPercent[row]!)
        }
        return found
    }

    async function keep(entries: readonly [name: string, value: number][], tMs: number): Promise<void> {
        const fresh = entries.flatMap(([name]) => (series.has(name) ? [] : [name]))
        if (fresh.length > 0) {
            const indices = await intake.expect(fresh)
            fresh.forEach((name, n) => {
                series.set(name, indices[n]!)
            })
        }
        await history.append({
            count: entries.length,
            point: Int32Array.from(entries, ([name]) => series.get(name)!),
            tMs: new Float64Array(entries.length).fill(tMs),
            value: Float64Array.from(entries, ([, value]) => value),
            quality: new Uint8Array(entries.length),
        })
    }

    async function keepHeard(state: FleetState, nowMs: number): Promise<void> {
        const last = Math.floor(nowMs / coverageIntervalMs) - 1 - lateIntervals
        heardUpTo ??= last + 1 + lateIntervals
        // after a standstill what is too old is left to the history
        for (let which = Math.max(heardUpTo + 1, last - 8); which <= last; which++) {
            const points = state.heardIn(which)
            const bits = new Uint8Array(Math.ceil((1 + (points.at(-1) ?? 0)) / 8))
            for (const point of points) bits[point >> 3] = bits[point >> 3]! | (1 << (point & 7))
            heardUpTo = which
            await records.put(kindOfHeard, heardId(which), { bits: Buffer.from(bits).toString('base64') } satisfies HeardBits)
        }
    }

    async function heard(tMs: number): Promise<HeardIntervals> {
        const now = Math.floor(tMs / coverageIntervalMs)
        const kept = await Promise.all(
            // the interval the instant lies in is told by the last measurements themselves
            Array.from({ length: coverageIntervals - 1 }, (_, k) => records.get<HeardBits>(kindOfHeard, heardId(now - 1 - k))),
        )
        // nothing was kept of it: counted from the measurements, as far back as that goes
        const missing = kept.lastIndexOf(undefined)
        const masks = new Map<number, number>()
        if (missing >= 0) {
            const { point, mask } = await history.heard(tMs, coverageIntervalMs, missing + 2)
            point.forEach((p, n) => {
                masks.set(p, mask[n]!)
            })
        }
        kept.forEach((entry, k) => {
            if (!entry) return
            const bits = Buffer.from(entry.bits, 'base64')
            for (let byte = 0; byte < bits.length; byte++) {
                if (bits[byte] === 0) continue
                for (let bit = 0; bit < 8; bit++) {
                    if (((bits[byte]! >> bit) & 1) === 0) continue
                    const p = 8 * byte + bit
                    masks.set(p, (masks.get(p) ?? 0) | (1 << (k + 1)))
                }
            }
        })
        return { point: Int32Array.from(masks.keys()), mask: Int32Array.from(masks.values()) }
    }

    async function prune(): Promise<void> {
        const span = await history.span()
        if (!span) return
        // what was kept of the week before the history's first day
        const first = Math.floor(span.firstMs / coverageIntervalMs) - coverageIntervals
        await records.removeAll(
            kindOfHeard,
            Array.from({ length: 7000 }, (_, n) => heardId(first - n)),
        )
        const gone = await log.list({ actionPrefix: 'order.send', toMs: span.firstMs, newestFirst: true, limit: 2000 })
        if (gone.length > 0)
            await records.removeAll(
                'order-past',
                gone.map(({ detail }) => String(detail.id)),
            )
    }

    function read({ count, point, tMs: at, value }: MeasurementBatch, tMs: number): { down: Set<string>; sync: Map<string, KeptSync> } {
        scan()
        const down = new Set<string>()
        const sync = new Map<string, KeptSync>()
        for (let n = 0; n < count; n++) {
            const what = known.get(point[n]!)
            if (!what) continue
            if (what.quantity === 'offline') {
                if (value[n] === 1) down.add(what.id)
            } else if (tMs - at[n]! <= validMs) {
                const entry = sync.get(what.id) ?? { tMs: at[n]! }
                sync.set(what.id, entry)
                entry[what.quantity === 'syncKw' ? 'kw' : 'percent'] = value[n]!
                entry.tMs = Math.max(entry.tMs, at[n]!)
            }
        }
        return { down, sync }
    }

    scan()
    return {
        take(state, now) {
            // one at a time: a slow store makes the archive thinner, not the fleet slower
            if (work) return
            const entries = due(state, now)
            const prunes = now.tMs - pruneMs >= prunePeriodMs
            if (prunes) pruneMs = now.tMs
            work = Promise.all([
                entries.length > 0 ? keep(entries, now.tMs) : undefined,
                keepHeard(state, now.tMs),
                prunes ? prune() : undefined,
            ])
                .then(() => undefined)
                .catch(ports.onError)
                .finally(() => {
                    work = undefined
                })
        },
        read(batch, tMs) {
            const { down, sync } = read(batch, tMs)
            return { offline: (id) => down.has(id), sync }
        },
        heard,
        resume(batch, state, nowMs) {
            const { down, sync } = read(batch, nowMs)
            for (const id of down) offline.add(id)
            recallSync(state, sync)
        },
        settled: async () => {
            await work
        },
    }
}
