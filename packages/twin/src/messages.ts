/**
 * What the platform says to its clients: the JSON of the API and the frames of `/api/live`. The web, the command line
 * and other programs share these types. All times are Unix ms UTC.
 */
import type { Alarm } from './alarm.ts'
import type { GateArgs, GateKey } from './gate-text.ts'
import type { Quality } from './measurement.ts'
import type { SecurityAnalysis } from './security.ts'
import type { Fidelity, Summary } from './snapshot.ts'

export const roles = ['viewer', 'operator', 'supervisor', 'administrator'] as const
export type Role = (typeof roles)[number]

export interface Person {
    readonly name: string
    readonly role: Role
}

/** `live`, `replay@1732280400000`, `what-if/ID`. */
export type WorldId = string

/** GET /api/worlds */
export interface WorldCard {
    readonly id: WorldId
    readonly kind: 'live' | 'replay' | 'what-if'
    readonly title: string
    readonly tMs: number
    readonly createdBy?: string
    readonly createdMs?: number
    /** a what-if's base: the world and instant it branched from, and the edits made since */
    readonly base?: { readonly world: WorldId; readonly tMs: number }
    readonly edits?: readonly WhatIfEdit[]
}

/** POST /api/worlds/{world}/edits; `point` is switch/…/closed, generator/…/pSetMw, load/…/pMw, branch/…/inService, …/tapPosition. */
export interface WhatIfEdit {
    readonly point: string
    readonly value: number
}

/** GET /api/points, in index order. */
export interface PointCard {
    readonly index: number
    readonly id: string
    readonly component: string
    readonly quantity: string
    readonly unit: string
    readonly kind: 'analog' | 'status'
    readonly commandable: boolean
    /** edge node/device that measures it; absent where nobody does */
    readonly device?: string
    readonly limits?: Limits
}
export interface Limits {
    readonly lowLow?: number
    readonly low?: number
    readonly high?: number
    readonly highHigh?: number
}

/** GET /api/points/unmapped: metrics that devices send and no component claims. */
export interface UnmappedPoint {
    readonly id: string
    readonly device: string
    readonly unit: string
    readonly lastValue: number
    readonly lastMs: number
    /** component point it could be, best first */
    readonly suggestions: readonly string[]
}

/** GET /api/worlds/{world}/snapshot */
export interface SnapshotJson {
    readonly world: WorldId
    readonly seq: number
    readonly tMs: number
    readonly summary: Summary
    readonly fidelity: Fidelity
    readonly points: readonly {
        readonly id: string
        readonly value: number | null
        readonly unit: string
        readonly quality: Quality
        readonly tMs: number | null
        readonly ageS: number | null
        readonly measured: number | null
        readonly estimated: number | null
        readonly device?: string
    }[]
}

/** GET /api/history?points=a,b&from=ms&to=ms&maxPoints=n */
export interface HistoryJson {
    readonly series: readonly {
        readonly point: string
        readonly unit: string
        readonly tMs: readonly number[]
        readonly value: readonly (number | null)[]
        readonly quality: readonly number[]
        readonly thinned: boolean
    }[]
}

/** POST /api/commands/select, then POST /api/commands/{id}/operate or /cancel; GET /api/commands. */
export type CommandState = 'selected' | 'refused' | 'cancelled' | 'expired' | 'sent' | 'confirmed' | 'mismatch' | 'rolled-back' | 'failed'
export interface CommandCard {
    readonly id: string
    readonly point: string
    readonly unit: string
    readonly before: number | null
    readonly value: number
    readonly by: string
    readonly reason: string
    readonly state: CommandState
    readonly checks: readonly Check[]
    readonly prediction?: Prediction
    readonly selectedMs: number
    /** a selection not operated by then lapses */
    readonly expiresMs: number
    readonly sentMs?: number
    readonly confirmedMs?: number
    readonly after?: number | null
    /** the second person who agreed */
    readonly approvedBy?: string
    /** a supervisor took it upon himself to act on stale values */
    readonly confirmedStale?: boolean
    /** when the value before was sent again, after a mismatch */
    readonly rollBackMs?: number
    /** why it ended as it did: in English, and by key for other languages (a refusal is told by its checks) */
    readonly message?: string
    readonly key?: GateKey
    readonly args?: GateArgs
}
/** One rule of the gate and what it says; a command goes through only when every check passes. */
export interface Check {
    readonly rule: 'role' | 'point' | 'range' | 'interlock' | 'hold' | 'quality' | 'limit' | 'rate' | 'two-person'
    readonly pass: boolean
    /** what it says: by key, its arguments, and the same in English */
    readonly key: GateKey
    readonly args: GateArgs
    readonly message: string
}
/** What a what-if solve says the command would do. */
export interface Prediction {
    readonly status: 'solved' | 'diverged' | 'islands'
    readonly violations: readonly { readonly point: string; readonly value: number; readonly limit: number; readonly unit: string }[]
    readonly changes: readonly { readonly point: string; readonly before: number; readonly after: number; readonly unit: string }[]
}

/** GET /api/events: the log, newest first, with its hashes. */
export interface EventCard {
    readonly seq: number
    readonly tMs: number
    readonly actor: string
    readonly action: string
    readonly target: string
    readonly detail: Readonly<Record<string, unknown>>
    readonly hash: string
}

/** GET /api/status: counters and rates of the loop. */
export interface StatusJson {
    readonly counters: Readonly<Record<string, number>>
    readonly loop: { readonly tickMs: number; readonly estimateMs: number; readonly pointsPerS: number; readonly lagMs: number }
    readonly latencyMs: { readonly p50: number; readonly p99: number }
    /** the plant in the field is the simulated one this platform started */
    readonly simulatedPlant: boolean
    readonly devices: readonly DeviceCard[]
}
export interface DeviceCard {
    readonly id: string
    readonly state: 'online' | 'offline' | 'silent'
    readonly lastMs: number
    readonly received: number
    readonly late: number
    readonly duplicate: number
    readonly outOfOrder: number
    readonly malformed: number
    readonly points: number
}

/** GET /api/compare?a=world&b=world: points that differ, largest relative difference first. */
export interface CompareJson {
    readonly a: WorldId
    readonly b: WorldId
    readonly summary: { readonly a: Summary; readonly b: Summary }
    readonly rows: readonly {
        readonly point: string
        readonly unit: string
        readonly a: number | null
        readonly b: number | null
        readonly difference: number | null
    }[]
}

/** What `/api/worlds/{world}/contingencies` answers: the worst outages of a world, computed from one instant of it. */
export interface SecurityJson extends SecurityAnalysis {
    readonly world: WorldId
    /** instant of the state the outages were tried on, Unix ms */
    readonly tMs: number
    /** time the analysis took, ms */
    readonly tookMs: number
}

/**
 * `/api/live`: the client sends JSON text `{subscribe: WorldId, rate?: frames/s}` or, for a replay, `{subscribe, play: speed}`.
 * The server answers with binary snapshot frames (first a whole one, then differences) and JSON text messages.
 */
export type LiveText =
    | { readonly type: 'alarms'; readonly alarms: readonly Alarm[]; readonly whole: boolean }
    | { readonly type: 'event'; readonly event: EventCard }
    | { readonly type: 'command'; readonly command: CommandCard }
    | {
          readonly type: 'summary'
          readonly world: WorldId
          readonly seq: number
          readonly tMs: number
          readonly summary: Summary
          readonly fidelity: Fidelity
      }
    // an application's own message; its type is the application's
    | { readonly type: 'app'; readonly app: string; readonly body: unknown }
    | { readonly type: 'worlds'; readonly worlds: readonly WorldCard[] }
    | {
          readonly type: 'error'
          readonly code: string
          readonly message: string
          readonly key?: string
          readonly args?: Readonly<Record<string, string | number>>
      }

/** A decoded binary frame: values that changed since the frame before (all of them when `whole`). */
export interface SnapshotFrame {
    readonly whole: boolean
    readonly world: WorldId
    readonly seq: number
    readonly tMs: number
    readonly index: Uint32Array
    readonly value: Float64Array
    readonly quality: Uint8Array
    readonly valueMs: Float64Array
    readonly estimated: Float64Array
}
