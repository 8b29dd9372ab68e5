/**
 * What the twin needs of the outside, as ports. Adapters implement them; hosts compose them. Each port has a conformance
 * suite beside its adapters.
 */
import type { MeasurementBatch } from './measurement.ts'

// ── field ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a device says a point is when it is born. */
export interface BornPoint {
    /** metric name; equal to the point id where the device speaks our names */
    readonly name: string
    readonly unit?: string
    readonly kind: 'analog' | 'status' | 'text'
    readonly commandable: boolean
}

/** Something that happened to a device or its link; counted, named and logged. */
export interface DeviceEvent {
    readonly kind: 'online' | 'offline' | 'birth' | 'death' | 'malformed' | 'sequence-gap' | 'refused' | 'rebirth-requested' | 'flood'
    /** edge node, or edge node/device */
    readonly device: string
    readonly tMs: number
    readonly detail: string
}

/** What a Source calls. All calls for one device come in the order it sent them. */
export interface SourceHandler {
    /** Index of a born point in the registry, registering names nobody mapped yet. Called once per birth and point. */
    resolve(device: string, points: readonly BornPoint[]): Promise<Int32Array>
    /** Resolves once every measurement of the batch is durable; only then does the Source acknowledge to the device. */
    receive(device: string, batch: MeasurementBatch): Promise<void>
    event(event: DeviceEvent): void
}

export interface Source {
    start(handler: SourceHandler): Promise<void>
    close(): Promise<void>
}

/** A setpoint or command on its way to a device. */
export interface OutgoingCommand {
    readonly commandId: string
    /** point id */
    readonly point: string
    readonly value: number
    /** a setpoint ends by itself after so long without another word, s, where the protocol can say so; default: as long as the adapter says */
    readonly lastsS?: number
}

/** Powers by period, kW. */
export interface PowerCourse {
    /** begin of the first period, Unix ms UTC */
    readonly startMs: number
    /** length of a period, s */
    readonly periodS: number
    /** null: nothing is said of this period */
    readonly kw: readonly (number | null)[]
}

/** What the controller of a device is told beside setpoints, to keep. */
export type NoticeBody =
    /** power expected of it, as the device signs it, which it keeps to when `holdS` seconds after a setpoint nobody speaks to it any more */
    | ({ readonly kind: 'prediction'; readonly holdS: number } & PowerCourse)
    /** net position committed to the market by the plant it belongs to, sale positive */
    | ({ readonly kind: 'market' } & PowerCourse)
    /** what was found out about it; `inspect`: somebody should look at it; `cleared`: it is well again */
    | {
          readonly kind: 'diagnosis'
          readonly cause: string
          readonly sinceMs: number
          readonly inspect: boolean
      }
export type NoticeKind = NoticeBody['kind']

export interface OutgoingNotice {
    readonly noticeId: string
    readonly resource: string
    readonly body: NoticeBody
}

/**
 * `kept`: the device has said that it keeps it. A number: it has been sent, and is kept once the point
 * `resource/ID/noticed` says this checksum.
 */
export type NoticeAnswer = 'kept' | number

export interface Sink {
    /** Resolves when the field protocol has taken it over; rejects with the reason (device offline, unknown point). */
    write(command: OutgoingCommand): Promise<void>
    /** Gives a device something to keep; rejects with the reason (offline, it takes no notices, it refused). Absent: no device of this sink takes any. */
    tell?(notice: OutgoingNotice): Promise<NoticeAnswer>
}

// ── store ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Series {
    readonly point: number
    readonly tMs: Float64Array
    readonly value: Float64Array
    readonly quality: Uint8Array
    /** with `maxPoints` reached: extremes of each bucket, so that a spike is never lost */
    readonly thinned: boolean
}

/** Points and the intervals they were heard in, as columns. */
export interface HeardIntervals {
    readonly point: Int32Array
    readonly mask: Int32Array
}

export interface History {
    /** Resolves when durable (committed, fsynced). Calls may overlap; the adapter groups them. */
    append(batch: MeasurementBatch): Promise<void>
    /** The last measurement of every point at or before an instant. */
    at(tMs: number): Promise<MeasurementBatch>
    /** Measurements of some points within [fromMs, toMs], thinned to `maxPoints` each. */
    range(points: readonly number[], fromMs: number, toMs: number, maxPoints?: number): Promise<Series[]>
    /** Every measurement in (fromMs, toMs], by time: what a replay plays. */
    between(fromMs: number, toMs: number): Promise<MeasurementBatch>
    /**
     * Which of the last `intervals` intervals of `stepMs` (whole multiples of it since 1970) each point was heard in, up to an
     * instant: bit 0 is the interval the instant lies in, bit k the k-th before. Points never heard in them are left out.
     * At most 31 intervals.
     */
    heard(tMs: number, stepMs: number, intervals: number): Promise<HeardIntervals>
    /** First and last instant held, or undefined while empty. */
    span(): Promise<{ firstMs: number; lastMs: number } | undefined>
}

/** Which index a point id has: given once, kept for ever. */
export interface PointRegistry {
    /** Indices of the ids, in their order, new ones registered durably. */
    register(ids: readonly string[]): Promise<Int32Array>
    /** Every id by index. */
    all(): Promise<readonly string[]>
}

/** Small records by kind and id: users, credentials, devices, alarms, decisions, worlds, settings. */
export interface Records {
    get<T>(kind: string, id: string): Promise<T | undefined>
    list<T>(kind: string): Promise<{ id: string; body: T }[]>
    put(kind: string, id: string, body: unknown): Promise<void>
    /** Stores all of them or none, each id once. */
    putAll(kind: string, entries: readonly { readonly id: string; readonly body: unknown }[]): Promise<void>
    /** Stores only where absent; false where the id is taken. */
    insert(kind: string, id: string, body: unknown): Promise<boolean>
    remove(kind: string, id: string): Promise<void>
    removeAll(kind: string, ids: readonly string[]): Promise<void>
}

/** One entry of the log of who did what. */
export interface LogEntry {
    readonly tMs: number
    /** user name, `system`, or a device */
    readonly actor: string
    /** `command.select`, `command.operate`, `command.confirmed`, `alarm.acknowledge`, `user.create`, … */
    readonly action: string
    /** point, asset, user or other thing acted on */
    readonly target: string
    /** free record: before, after, reason, decision id */
    readonly detail: Readonly<Record<string, unknown>>
}
export interface SealedEntry extends LogEntry {
    /** 1, 2, 3 … without gaps */
    readonly seq: number
    /** SHA-256, hex, over the previous hash and the canonical entry */
    readonly hash: string
    readonly previousHash: string
}
export interface EvidenceLog {
    /** Resolves when durable and chained. */
    append(entry: LogEntry): Promise<SealedEntry>
    list(options?: {
        /** entries made at this instant or before, Unix ms */
        toMs?: number
        afterSeq?: number
        beforeSeq?: number
        limit?: number
        target?: string
        actionPrefix?: string
        newestFirst?: boolean
    }): Promise<SealedEntry[]>
    /** Walks the whole chain; names the first entry that does not hold. */
    verify(): Promise<{ ok: true; entries: number; head: string } | { ok: false; entries: number; brokenAt: number; reason: string }>
}
