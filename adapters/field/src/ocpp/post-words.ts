/** What a charge point says and hears, without the words of a version; `post-16.ts` and `post-201.ts` have those. */
import type { Call } from './central.ts'
import type { ChargingProfile, ProfileCriteria } from './charging-profiles.ts'
import type { RateUnit } from './limits.ts'
import type { Params } from './rpc.ts'

export interface Transaction {
    readonly connector: number
    /** 2.0.1: given by the post. 1.6: given by the central system, empty until it has answered */
    id: string
    readonly idToken: string
    readonly startMs: number
    /** 2.0.1 counts the messages of a transaction */
    seqNo: number
}

export interface Sample {
    readonly tMs: number
    readonly pKw: number
    readonly energyKwh: number
    readonly socPercent: number | undefined
}

export type StopReason = 'local' | 'remote' | 'unplugged' | 'reset'

/** An order of the central system, in neutral words. */
export type Order =
    | { readonly kind: 'profile'; readonly profile: ChargingProfile }
    | { readonly kind: 'clear'; readonly criteria: ProfileCriteria }
    | { readonly kind: 'composite'; readonly connector: number; readonly unit: RateUnit | undefined; readonly durationS: number }
    | { readonly kind: 'start'; readonly connector: number | undefined; readonly idToken: string }
    | { readonly kind: 'stop'; readonly transactionId: string }
    | { readonly kind: 'trigger'; readonly message: string; readonly connector: number | undefined }
    | { readonly kind: 'reset'; readonly hard: boolean }
    /** `ends`: a running transaction is ended by it, else it stands against it */
    | { readonly kind: 'unlock'; readonly connector: number; readonly ends: boolean }
    | { readonly kind: 'transfer'; readonly vendor: string; readonly text: string }
    /** settings by name, and what they shall be where they shall change */
    | { readonly kind: 'get'; readonly names: readonly string[] }
    | { readonly kind: 'set'; readonly values: ReadonlyMap<string, string> }

/** What became of an order. */
export type Outcome =
    | { readonly kind: 'accepted' | 'rejected' | 'unknown' }
    | { readonly kind: 'composite'; readonly startMs: number; readonly rate: number; readonly unit: RateUnit }
    | { readonly kind: 'kept'; readonly checksum: number }
    | { readonly kind: 'settings'; readonly values: ReadonlyMap<string, string | undefined> }

/** Settings both versions have, by our name for them. */
export const settingNames = ['rateUnits', 'meterIntervalS', 'measurands'] as const
export type SettingName = (typeof settingNames)[number]

export interface PostDialect {
    readonly subprotocol: string
    boot(vendor: string, model: string, again: boolean): Call
    heartbeat(): Call
    status(connector: number, tMs: number, plugged: boolean, charging: boolean, fault: string | undefined): Call
    start(tx: Transaction, sample: Sample, offline: boolean): Call
    meter(connector: number, tx: Transaction | undefined, sample: Sample, offline: boolean): Call
    stop(tx: Transaction, sample: Sample, reason: StopReason, offline: boolean): Call
    /** Transaction id the central system gave, where it does. */
    readStart(answer: Params): string | undefined
    /** Orders by action: how each is read and answered. */
    readonly orders: Readonly<Record<string, { read(params: Params): Order; answer(outcome: Outcome, params: Params): Params }>>
}
