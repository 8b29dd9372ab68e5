import type { FieldLink } from '../field-link.ts'

export type OcppVersion = '1.6' | '2.0.1'

/** A connector (1.6) or EVSE (2.0.1) of a post, and the resource it is. */
export interface PostConnector {
    /** 1 and up; 0 takes the whole post as one resource */
    readonly connector: number
    /** resource id; its points are `resource/ID/QUANTITY` */
    readonly resource: string
    /** line to neutral, V; default 230 */
    readonly voltageV?: number
    /** 1 or 3; default 3 */
    readonly phases?: number
    /** largest charging power, kW; what the point `pSetKw` says while nothing limits the post */
    readonly maxKw: number
    /** largest discharging power, kW ≥ 0; above 0 the vehicle may feed the network, which needs 2.0.1; default 0 */
    readonly maxDischargeKw?: number
    /** content of the car when full, kWh; with it the state of charge also gives `energyKwh` */
    readonly batteryKwh?: number
    /** limit that rules whenever no setpoint does, kW; default: none, the post decides */
    readonly fallbackKw?: number
}

/** Who connects, as the platform knows it. */
export interface PostIdentity {
    /** the version it must speak; absent: any of ours */
    readonly version?: OcppVersion
    readonly connectors: readonly PostConnector[]
}

/** Misses in a row under one identity from one address, or from one address under any. */
export interface PostGuessing {
    readonly identity: string
    readonly address: string
    readonly misses: number
    /** how long it is turned away unheard, ms */
    readonly waitMs: number
}

/** Start or end of a charging session, as its post told it; one told twice comes twice, with the same `transactionId` and `kind`. */
export interface PostTransaction {
    readonly kind: 'started' | 'ended'
    readonly resource: string
    readonly transactionId: string
    readonly idToken: string
    /** device time, Unix ms UTC */
    readonly tMs: number
    /** register of energy taken from the network, kWh; NaN where the post did not tell it */
    readonly energyKwh: number
}

export interface OcppSourceOptions {
    /** address to listen on */
    readonly host: string
    /** 0 takes a free port */
    readonly port: number
    /** clock, Unix ms UTC */
    readonly nowMs: () => number
    /** The post behind a credential (HTTP Basic), or undefined when it is unknown. */
    authenticate(identity: string, password: string): Promise<PostIdentity | undefined>
    /** Whether a token may charge; absent: every token, the post being trusted to ask its own operator. */
    authorize?(idToken: string, identity: string): Promise<boolean>
    /** Awaited before the post gets its answer, so that what it resolves to is never lost. */
    onTransaction?(transaction: PostTransaction): Promise<void>
    /**
     * PEM; with it the port speaks TLS (security profile 2), without it profile 1. With `clientCa` a post must show a
     * certificate of that authority, whose common name is its identity (profile 3); no password is asked then.
     */
    readonly tls?: { readonly key: string; readonly cert: string; readonly clientCa?: string }
    /** The post of a proven certificate, or undefined when it is unknown; needed with `clientCa`. */
    certified?(identity: string): Promise<PostIdentity | undefined>
    /** Somebody guesses: hears of each miss that costs a wait. */
    onGuessing?(guessing: PostGuessing): void
    /** interval of heartbeats, s; default 60 */
    readonly heartbeatS?: number
    /** interval of meter values of a transaction, s; default 10; 0 leaves what the post has */
    readonly meterIntervalS?: number
    /** a setpoint ends by itself after this long without a word of ours, s; default 900 */
    readonly reversionS?: number
    /** what has not changed while the link stands is said again after this long, ms; default 30 000 */
    readonly reportMs?: number
    /** longest wait for a post's answer, ms; default 10 000 */
    readonly callTimeoutMs?: number
    /** interval of WebSocket pings; a post that misses one is dead, ms; default 30 000 */
    readonly pingMs?: number
    /** a measurement older than this is late, ms; default 60 000 */
    readonly lateMs?: number
    /** a measurement further ahead than this has a wrong clock, ms; default 5 000 */
    readonly futureMs?: number
}

/**
 * The central system (1.6) or CSMS (2.0.1). Its Sink takes `resource/ID/pSetKw`, the limit of charging (positive) or the
 * power to give back (negative), and `resource/ID/following`, where 0 takes the setpoint back.
 */
export interface OcppSource extends FieldLink {
    /** `ws://127.0.0.1:9000/ocpp`; known once started */
    readonly url: string
    remoteStart(resource: string, idToken: string): Promise<void>
    remoteStop(resource: string): Promise<void>
    /** Asks for a message now. */
    trigger(resource: string, message: 'MeterValues' | 'StatusNotification' | 'BootNotification' | 'Heartbeat'): Promise<void>
    /** Restarts a post; `hard` without waiting for its transactions. */
    reset(identity: string, hard?: boolean): Promise<void>
    /** Lets go of a cable; 1.6 ends a running session first, 2.0.1 refuses while one runs. */
    unlock(resource: string): Promise<void>
    /** Cuts a post's connection, as after a withdrawn credential. */
    disconnect(identity: string): void
}

export interface ChargePointOptions {
    /** `ws://127.0.0.1:9000/ocpp`; the identity is appended */
    readonly url: string
    readonly version: OcppVersion
    readonly identity: string
    readonly password: string
    readonly vendor?: string
    readonly model?: string
    /** connectors (1.6) or EVSEs of one connector each (2.0.1), numbered from 1 */
    readonly connectors: number
    /** the post's own clock, Unix ms UTC */
    readonly nowMs: () => number
    /** line to neutral, V, and phases, to turn a limit in A into kW; default 230 and 3 */
    readonly voltageV?: number
    readonly phases?: number
    /** units the post accepts limits in; default both */
    readonly rateUnits?: readonly ('A' | 'W')[]
    /** The limit in force has changed, kW, charging positive; undefined: none. Negative orders discharging. */
    onLimit(connector: number, kW: number | undefined): void
    /** With it the post measures by itself while a transaction runs, as often as the central system has asked (60 s before). */
    read?(connector: number): PostReading
    /** Someone starts a session from afar; false refuses. Absent: refused. */
    onRemoteStart?(connector: number, idToken: string): boolean
    /** Someone ends a session from afar; false refuses. Absent: refused. */
    onRemoteStop?(connector: number): boolean
    onReset?(hard: boolean): void
    /** Something to keep came for a connector (`readNotice`). Absent: it is declined as of an unknown vendor. */
    onNotice?(connector: number, text: string): void
    /** What a bad line does to the next message, either way, for fault injection: it comes late, or not at all. */
    impair?(): { readonly delayMs: number; readonly lost: boolean }
    /** the link came up or went down */
    onLink?(up: boolean, reason: string): void
    /** messages kept while the link is down; the oldest meter values go first, starts and stops never; default 10 000 */
    readonly bufferMessages?: number
    /** first wait before connecting again, ms; doubles up to 30 times that; default 500 */
    readonly retryMs?: number
    /** longest wait for an answer, ms; default 30 000 */
    readonly callTimeoutMs?: number
}

/** What a connector measures at one instant. */
export interface PostReading {
    /** device time, Unix ms UTC; default now */
    readonly tMs?: number
    /** into the vehicle positive, out of it negative, kW */
    readonly pKw: number
    /** register of energy taken from the network, kWh */
    readonly energyKwh: number
    /** of the vehicle, where it tells */
    readonly socPercent?: number
}

/** The post's side of OCPP: boots, reports, obeys charging profiles, and keeps what it could not say. */
export interface ChargePoint {
    /** Resolves when the boot is accepted; rejects when the credential or version is refused. Later losses are repaired. */
    connect(): Promise<void>
    /** A cable is plugged in or pulled out. Told as a status; pulling it ends a running transaction. */
    plug(connector: number, connected: boolean, reading: PostReading): void
    /** Starts a transaction; resolves when the central system has it, however late that is. */
    startTransaction(connector: number, idToken: string, reading: PostReading): Promise<void>
    stopTransaction(connector: number, reading: PostReading): Promise<void>
    /** Meter values; resolves at the acknowledgement, which on our side means durable. */
    report(connector: number, reading: PostReading): Promise<void>
    /** A fault comes (a reason) or goes (undefined). */
    setFault(connector: number, fault: string | undefined): void
    /** The limit in force, kW; undefined: none. */
    limitKw(connector: number): number | undefined
    /** The limit in force is that for the time no setpoint rules. */
    isFallback(connector: number): boolean
    readonly connected: boolean
    /** `sent`, `acknowledged`, `resent`, `dropped`, `lost`, `waiting`, `profiles`, `refused` (messages) */
    counters(): Record<string, number>
    /** Cuts the link as a broken cable would (`false`), and lets it come back (`true`). */
    setLink(up: boolean): void
    close(): Promise<void>
}
