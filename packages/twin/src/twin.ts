import type { MeasurementBatch } from './measurement.ts'
import type { PointCard } from './messages.ts'
import type { TwinModel } from './model.ts'
import type { Snapshot } from './snapshot.ts'

export interface TwinOptions {
    /** world the snapshots belong to; `live` by default */
    readonly world?: string
    /** model index of a batch's point index, −1 for one nobody claims; the same index by default */
    readonly modelIndex?: (registryIndex: number) => number
    /** the longest a healthy device leaves a point unreported, ms; a point is stale after three of them; 10 s by default */
    readonly reportIntervalMs?: number | ((point: PointCard) => number)
    /** a value this far ahead of the platform's clock is not believed, ms; 60 s by default */
    readonly futureToleranceMs?: number
    /** mark a jump of an analog by more than this many meter standard deviations as suspect until it is repeated; off by default */
    readonly jumpSigmas?: number
}

/** What the twin made of what it was given, since it began. */
export interface TwinCounters {
    /** measurements that became a point's newest */
    readonly applied: number
    /** older than what the point already shows: stored, not shown */
    readonly older: number
    /** same instant and same value as shown */
    readonly duplicate: number
    /** outside what is physically possible, or not a number */
    readonly outOfRange: number
    /** of points that no component claims */
    readonly unmapped: number
    /** stamped further ahead of the clock than tolerated */
    readonly future: number
    /** jumps marked suspect */
    readonly jumps: number
}

export interface Twin {
    /** Takes measurements in; per point the newest by device time is shown. */
    apply(batch: MeasurementBatch, nowMs: number): void
    /** An operator's value stands for a point until removed; quality `substituted`. */
    substitute(index: number, value: number, nowMs: number): void
    removeSubstitution(index: number): boolean
    /** Points (model indices) that a device measures; the last device to claim a point has it. */
    bindDevice(device: string, indices: Iterable<number>): void
    deviceOf(index: number): string | undefined
    /** A device is heard of or lost; the points of a lost device are stale at once. */
    deviceAlive(device: string, alive: boolean): void
    isAlive(device: string): boolean
    counters(): TwinCounters
    /** The measured part of the snapshot at an instant; `seq` grows by one. Nothing in it changes later. */
    freeze(nowMs: number): Snapshot
}

export function createTwin(_model: TwinModel, _options?: TwinOptions): Twin {
    throw new Error('being written')
}
