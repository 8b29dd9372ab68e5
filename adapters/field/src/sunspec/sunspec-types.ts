import type { FieldLink } from '../field-link.ts'

/** Where a SunSpec device answers, and the resource it is. */
export interface SunspecDevice {
    readonly host: string
    readonly port: number
    /** Modbus unit id, 1…247 */
    readonly unit: number
    /** resource id; its points are `resource/ID/QUANTITY` */
    readonly resource: string
    /** power once a setpoint has run out, kW, kept by the device itself (models 701 and up); default: it decides by itself */
    readonly fallbackKw?: number
}

export interface SunspecSourceOptions {
    readonly devices: readonly SunspecDevice[]
    /** clock, Unix ms UTC: Modbus has no device time, so a measurement bears the instant its answer came */
    readonly nowMs: () => number
    /** default 1 000 */
    readonly pollMs?: number
    /** a value that has not changed is reported again after this long, ms; default 30 000 */
    readonly reportMs?: number
    /** change worth a report, share of the rating for powers; default 0.001 */
    readonly deadband?: number
    /** longest wait for an answer, ms; default 1 000 */
    readonly timeoutMs?: number
    /** unanswered polls in a row that make a death; default 3 */
    readonly missedPolls?: number
    /** a setpoint ends by itself after this long without a word of ours, s; default 900 */
    readonly reversionS?: number
    /** first wait before connecting again, ms; doubles up to 30 times that; default 1 000 */
    readonly retryMs?: number
}

/**
 * Polls SunSpec devices over Modbus TCP. Its Sink takes `resource/ID/pSetKw`, into the network positive: what a storage unit
 * shall give or take, what a PV or other generator may give at most; and `resource/ID/following`, where 0 takes it back.
 */
export interface SunspecSource extends FieldLink {
    /** From now on polled too. */
    add(device: SunspecDevice): void
    /** No longer polled; its points die. */
    remove(resource: string): void
}

/** What a device's registers say at one instant. */
export interface SunspecState {
    /** into the network positive, kW */
    readonly pKw: number
    /** into the network positive, kvar; default 0 */
    readonly qKvar?: number
    /** energy given to the network since it was made, kWh */
    readonly energyKwh: number
    /** energy taken from the network since it was made, kWh; default 0 */
    readonly energyTakenKwh?: number
    readonly socPercent?: number
    /** what a generator could give without a limit, kW */
    readonly availableKw?: number
    readonly temperatureC?: number
    readonly running: boolean
    /** its own protection keeps it off the network; default false */
    readonly tripped?: boolean
    /** line to neutral, V; default 230 */
    readonly voltageV?: number
    /** default 50 */
    readonly frequencyHz?: number
}

/** A simulated device behind the gateway port. */
export interface SunspecUnit {
    /** Modbus unit id, 1…247 */
    readonly unit: number
    /** `der`: models 701, 702, 704, 713, as IEEE 1547-2018 wants them; `legacy`: 103, 120, 121, 122, 123, 124 */
    readonly models: 'der' | 'legacy'
    readonly kind: 'storage' | 'generator'
    readonly manufacturer?: string
    readonly model?: string
    readonly serial: string
    /** rated power into the network, kW */
    readonly ratedKw: number
    /** rated power out of it, kW, for storage; default `ratedKw` */
    readonly ratedChargeKw?: number
    /** usable capacity, kWh, for storage */
    readonly capacityKwh?: number
    /** Asked whenever registers are read. */
    read(): SunspecState
    /** The setpoint in force has changed, into the network positive, kW: a power for storage, an upper limit for a generator; undefined: none. */
    onSetpoint(kW: number | undefined): void
    /** Something to keep came (`readNotice`). Absent: the device has no model for it. */
    onNotice?(text: string): void
}

export interface SunspecServerOptions {
    readonly units: readonly SunspecUnit[]
    /** default 127.0.0.1 */
    readonly host?: string
    /** 0 takes a free port */
    readonly port: number
    /** the devices' own clock, Unix ms, for reversion timers */
    readonly nowMs: () => number
    /** first register of the map: 40000, 50000 or 0; default 40000 */
    readonly base?: number
    /** What a bad line does to the next request of a unit, for fault injection: its answer comes late, or not at all. */
    impair?(unit: number): { readonly delayMs: number; readonly lost: boolean }
}

/** A Modbus TCP gateway with SunSpec devices behind it. */
export interface SunspecServer {
    listen(): Promise<void>
    /** known once it listens */
    readonly port: number
    /** Cuts one unit, or the whole gateway, off and lets it come back. */
    setLink(up: boolean, unit?: number): void
    /** Setpoint in force of a unit, kW; undefined: none. */
    setpointKw(unit: number): number | undefined
    /** What is in force is the device's own value for the time after a setpoint. */
    isFallback(unit: number): boolean
    close(): Promise<void>
}
