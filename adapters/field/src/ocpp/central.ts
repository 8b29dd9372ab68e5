/** What a post says and what it is told, without the words of a version; `central-16.ts` and `central-201.ts` have those. */
import type { RateUnit } from './limits.ts'
import type { MeterSample } from './meter-values.ts'
import type { Params } from './rpc.ts'

/** A message of a post, in neutral words. Connector 0 is the post itself. */
export type PostEvent =
    | { readonly kind: 'boot'; readonly maker: string }
    | { readonly kind: 'authorize'; readonly idToken: string }
    | {
          readonly kind: 'status'
          readonly connector: number
          /** undefined: the status does not tell */
          readonly plugged: boolean | undefined
          readonly fault: string | undefined
          /** device time, Unix ms; NaN: now */
          readonly tMs: number
      }
    | { readonly kind: 'meter'; readonly connector: number; readonly samples: readonly MeterSample[] }
    | {
          readonly kind: 'transaction'
          readonly stage: 'started' | 'updated' | 'ended'
          readonly transactionId: string
          /** undefined: as at its start */
          readonly connector: number | undefined
          readonly idToken: string | undefined
          readonly tMs: number
          readonly samples: readonly MeterSample[]
          /** said after the fact, because there was no link */
          readonly historical: boolean
      }
    | { readonly kind: 'other' }

/** What goes into the answers. */
export interface AnswerContext {
    readonly now: string
    readonly heartbeatS: number
    /** the token of the message may charge */
    readonly accepted: boolean
}

export interface IncomingMessage {
    read(params: Params, identity: string): PostEvent
    answer(context: AnswerContext, event: PostEvent): Params
}

export interface Call {
    readonly action: string
    readonly params: Params
}

/** A limit on its way to a post. */
export interface LimitOrder {
    readonly connector: number
    readonly rate: number
    readonly unit: RateUnit
    readonly phases: number
    readonly stackLevel: number
    /** ISO 8601 */
    readonly startsAt: string
    /** s; undefined: without end */
    readonly durationS: number | undefined
    /** further rates, s after the start */
    readonly further?: readonly { readonly startS: number; readonly rate: number }[]
}

/** One version's words. Readers of answers give undefined for yes and the reason for no. */
export interface CentralDialect {
    readonly subprotocol: string
    /** a negative limit is understood as an order to give back */
    readonly discharges: boolean
    readonly messages: Readonly<Record<string, IncomingMessage>>
    setLimit(order: LimitOrder): Call
    clearLimit(connector: number, stackLevel: number): Call
    /** Something of ours to keep, as text; `about` is what it is. */
    transfer(about: string, text: string): Call
    composite(connector: number, unit: RateUnit): Call
    /** Rate of the composite schedule now; NaN where it has none or does not tell. */
    readComposite(answer: Params): { rate: number; unit: RateUnit; phases: number | undefined }
    remoteStart(connector: number, idToken: string, remoteStartId: number): Call
    remoteStop(transactionId: string): Call
    trigger(message: string, connector: number): Call
    reset(hard: boolean): Call
    /** Lets go of a cable. */
    unlock(connector: number): Call
    /** What is asked of a post that has just come: units, intervals, measurands. */
    askUnits(): Call
    readUnits(answer: Params): readonly RateUnit[]
    configure(meterIntervalS: number, measurands: readonly string[]): readonly Call[]
    refusal(answer: Params): string | undefined
}

/** Rows of a schedule: the rate from its start on, then the others. */
export const schedulePeriods = ({ rate, phases, further = [] }: LimitOrder) =>
    [{ startS: 0, rate }, ...further].map(({ startS, rate: limit }) => ({ startPeriod: startS, limit, numberPhases: phases }))

export const text = (value: unknown): string => (typeof value === 'string' ? value : '')
export const instant = (value: unknown): number => (typeof value === 'string' ? Date.parse(value) : Number.NaN)
export const list = (value: unknown): readonly Params[] => (Array.isArray(value) ? (value as Params[]) : [])
export const part = (value: unknown): Params => (typeof value === 'object' && value !== null ? (value as Params) : {})

/** "Rejected", or "Rejected: NoSmartCharging, the meter is missing"; undefined when accepted. */
export function refusalOf(answer: Params): string | undefined {
    const status = text(answer.status)
    if (status === 'Accepted' || status === 'Unlocked') return undefined
    const info = part(answer.statusInfo)
    const why = [info.reasonCode, info.additionalInfo].filter((x) => typeof x === 'string' && x !== '').join(', ')
    return why ? `${status}: ${why}` : status
}
