/**
 * What goes to the field beside setpoints, and who is lost to it: the JSON of `/api/vpp/notices` and of the day. Power kW,
 * times Unix ms UTC.
 */
import type { NoticeBody, NoticeKind } from '@gridverse/twin'
import type { OrderCard, OrderCheck } from './fleet-types.ts'

export type NoticeState = 'refused' | 'sent' | 'acknowledged' | 'partly-acknowledged' | 'unacknowledged'

/** GET /api/vpp/notices: predictions, market positions and diagnoses given to the controllers of devices to keep. */
export interface NoticeCard {
    readonly id: string
    readonly kind: NoticeKind
    readonly by: string
    readonly reason: string
    readonly state: NoticeState
    readonly createdMs: number
    /** the day's plan it comes from */
    readonly plan?: string
    readonly checks: readonly OrderCheck[]
    readonly leftOut: OrderCard['leftOut']
    /** devices it was sent to */
    readonly recipients: number
    /** SHA-256 of what each was sent, as sealed in the log before the field was written */
    readonly manifest: string
    /** devices that have said that they keep it */
    readonly acknowledged: number
    /** the last of them, Unix ms; null before the first */
    readonly acknowledgedMs: number | null
    /** from the notice to the device's own word of it, ms */
    readonly ackMs: { readonly p50: number | null; readonly p99: number | null; readonly max: number | null }
    /** devices that declined it, and why; at most 200 named */
    readonly declined: readonly { readonly id: string; readonly reason: string }[]
    /** devices that said nothing, asked twice; at most 200 named */
    readonly lost: readonly string[]
    /** what the first of them was given */
    readonly example: { readonly resource: string; readonly body: NoticeBody } | null
}

/** A schedule as a device keeps it, in the device's own sign. */
export interface KeptSchedule {
    readonly sentMs: number
    readonly acknowledgedMs: number
    readonly startMs: number
    readonly periodS: number
    readonly holdS: number
    readonly kw: readonly (number | null)[]
}

export const lossCauses = ['no-link', 'tripped'] as const
export type LossCause = (typeof lossCauses)[number]

/** A device the day is planned without. */
export interface LostDevice {
    readonly resource: string
    readonly name: string
    readonly nameZh: string
    /** of the plan */
    readonly unit: string
    readonly why: LossCause
    readonly sinceMs: number
    /** when the setpoint it was told last ends by itself; null where it had none */
    readonly setpointEndsMs: number | null
    /** what it keeps to from then on; null where it decides by itself */
    readonly schedule: KeptSchedule | null
    /** what the schedule wants of it now, into the network; null where it says nothing */
    readonly scheduledKw: number | null
}

/** What is left of a unit of the plan that has lost devices. */
export interface UnitLeft {
    readonly unit: string
    readonly resources: number
    readonly left: number
    /** share of its rating, 0 … 1 */
    readonly share: number
    /** what those left could give more, and less, than now, kW */
    readonly upKw: number
    readonly downKw: number
}

/** One decision of the rest of the day, for the period at hand. */
export interface DecidedSide {
    /** committed before the day, sale less purchase, kW */
    readonly committedKw: number
    /** settled with the grid beside it, given positive, kW */
    readonly imbalanceKw: number
    /** expected from now to the day's end; null where nothing could be decided */
    readonly restCost: number | null
    /** kW into the network */
    readonly units: readonly { readonly unit: string; readonly kw: number }[]
}
/** The same day decided with and without what was lost, or found. */
export interface Redecision {
    readonly lost: readonly { readonly resource: string; readonly unit: string; readonly why: LossCause }[]
    readonly found: readonly string[]
    readonly before: DecidedSide
    readonly after: DecidedSide
}
