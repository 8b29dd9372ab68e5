/**
 * The living state of measured points. Per point the newest measurement by the device's own clock is shown; what is
 * impossible is suspect, what is too old is stale, what an operator substituted stands until he removes it.
 */
import { quantityOf } from '@gridverse/grid'
import { type MeasurementBatch, qualityCode } from './measurement.ts'
import type { PointCard } from './messages.ts'
import type { TwinModel } from './model.ts'
import type { Snapshot } from './snapshot.ts'
import { summarise, waitingFidelity } from './summary.ts'

export interface TwinOptions {
    /** world the snapshots belong to; `live` by default */
    readonly world?: string
    /** model index of a batch's point index, −1 for one nobody claims; the same index by default */
    readonly modelIndex?: (registryIndex: number) => number
    /** the longest a healthy device leaves a point unreported, ms; a point is stale after one and a half of them; 60 s by default.
     *  Points that hold still by nature (positions, setpoints, taps) are not stale while their device is alive. */
    readonly reportIntervalMs?: number | ((point: PointCard) => number)
    /** a value this far ahead of the platform's clock is not believed, ms; 60 s by default */
    readonly futureToleranceMs?: number
    /** mark a jump of an analog by more than this many meter standard deviations as suspect until it is repeated; off by default */
    readonly jumpSigmas?: number
    /** mark an analog that reports the very same non-zero value this many times in a row as suspect; off by default */
    readonly frozenReports?: number
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
    /** reports of a frozen value marked suspect */
    readonly frozen: number
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
    /** grows whenever a point comes to another device */
    bindings(): number
    /** A device is heard of or lost; the points of a lost device, or of all devices of a lost edge node, are stale at once. */
    deviceAlive(device: string, alive: boolean): void
    isAlive(device: string): boolean
    counters(): TwinCounters
    /** The measured part of the snapshot at an instant; `seq` grows by one. Nothing in it changes later. */
    freeze(nowMs: number): Snapshot
}

const suspect = qualityCode('suspect')
const substituted = qualityCode('substituted')
/** A point is stale when this many of its report intervals have passed without a word. */
const staleIntervals = 1.5
const stale = qualityCode('stale')

/** A twin that has heard nothing yet. */
export function createTwin(model: TwinModel, options: TwinOptions = {}): Twin {
    const { world = 'live', modelIndex = (i) => i, reportIntervalMs = 60_000, futureToleranceMs = 60_000 } = options
    const { jumpSigmas = Number.POSITIVE_INFINITY, frozenReports = Number.POSITIVE_INFINITY } = options
    const count = model.points.length
    const nothing = () => new Float64Array(count).fill(Number.NaN)
    const catalogue = model.points.map((p) => quantityOf(p.id)!)
    const holdsStill = Uint8Array.from(model.points, (p) => (p.kind === 'status' || p.commandable ? 1 : 0))
    const staleAfterMs = Float64Array.from(
        model.points,
        (p) => staleIntervals * (typeof reportIntervalMs === 'number' ? reportIntervalMs : reportIntervalMs(p)),
    )

    const measured = nothing()
    const measuredMs = nothing()
    const reported = new Uint8Array(count).fill(stale)
    const substitute = nothing()
    const substituteMs = nothing()
    const repeats = new Uint32Array(count)
    // a jump waits here until a second report near it confirms that it is real
    const jumpTo = nothing()
    const noEstimate = nothing()

    const deviceRow = new Int32Array(count).fill(-1)
    let bindings = 0
    const devices: string[] = []
    const rowOf = new Map<string, number>()
    // a device nobody spoke of is neither alive nor dead: its points go by age alone
    const aliveness: (boolean | undefined)[] = []
    let seq = 0
    const counters = { applied: 0, older: 0, duplicate: 0, outOfRange: 0, unmapped: 0, future: 0, jumps: 0, frozen: 0 }

    const rowOfDevice = (device: string): number => {
        const known = rowOf.get(device)
        if (known !== undefined) return known
        rowOf.set(device, devices.length)
        aliveness.push(undefined)
        return devices.push(device) - 1
    }
    for (const p of model.points) if (p.device !== undefined) deviceRow[p.index] = rowOfDevice(p.device)

    /** Quality of a value as it comes in; keeps the memory of jumps and repeats. */
    const judge = (i: number, value: number, given: number): number => {
        const { min, max, sigma, kind } = catalogue[i]!
        if (!(value >= min && value <= max)) {
            counters.outOfRange++
            return suspect
        }
        if (kind === 'status') {
            if (value === 0 || value === 1) return given
            counters.outOfRange++
            return suspect
        }
        const last = measured[i]!
        repeats[i] = value === last && value !== 0 ? repeats[i]! + 1 : 0
        if (repeats[i]! + 1 >= frozenReports) {
            counters.frozen++
            return suspect
        }
        const reach = jumpSigmas * sigma
        const near = !(Math.abs(value - last) > reach) || Math.abs(value - jumpTo[i]!) <= reach
        jumpTo[i] = near ? Number.NaN : value
        if (near) return given
        counters.jumps++
        return suspect
    }

    return {
        apply(batch, nowMs) {
            const { point, tMs, value, quality } = batch
            for (let n = 0; n < batch.count; n++) {
                const i = modelIndex(point[n]!)
                const t = tMs[n]!
                if (!(i >= 0 && i < count)) counters.unmapped++
                else if (!(t <= nowMs + futureToleranceMs)) counters.future++
                else if (t < measuredMs[i]!) counters.older++
                else if (t === measuredMs[i] && Object.is(value[n], measured[i])) counters.duplicate++
                else {
                    reported[i] = judge(i, value[n]!, quality[n]!)
                    measuredMs[i] = t
                    if (Number.isFinite(value[n])) measured[i] = value[n]!
                    counters.applied++
                }
            }
        },
        substitute(index, value, nowMs) {
            if (!(index >= 0 && index < count)) throw new Error(`No point ${index}; this model has ${count}.`)
            if (!Number.isFinite(value)) throw new Error(`${model.points[index]!.id} cannot be substituted by ${value}.`)
            substitute[index] = value
            substituteMs[index] = nowMs
        },
        removeSubstitution(index) {
            const had = !Number.isNaN(substitute[index] ?? Number.NaN)
            if (had) substitute[index] = Number.NaN
            return had
        },
        bindDevice(device, indices) {
            const row = rowOfDevice(device)
            for (const i of indices)
                if (i >= 0 && i < count && deviceRow[i] !== row) {
                    deviceRow[i] = row
                    bindings++
                }
        },
        bindings: () => bindings,
        deviceOf: (index) => devices[deviceRow[index] ?? -1],
        deviceAlive(device, alive) {
            aliveness[rowOfDevice(device)] = alive
            // a device of an edge node has none of its own
            if (alive || device.includes('/')) return
            // with an edge node die its devices; each is born again by itself
            for (const [name, row] of rowOf) if (name.startsWith(`${device}/`)) aliveness[row] = false
        },
        isAlive: (device) => aliveness[rowOf.get(device) ?? -1] === true,
        counters: () => ({ ...counters }),
        freeze(nowMs) {
            const value = measured.slice()
            const valueMs = measuredMs.slice()
            const quality = new Uint8Array(count)
            for (let i = 0; i < count; i++) {
                const alive = aliveness[deviceRow[i]!]
                const old = nowMs - measuredMs[i]! > staleAfterMs[i]! && !(holdsStill[i] === 1 && alive !== false)
                quality[i] = Number.isNaN(measured[i]!) || alive === false || old ? stale : reported[i]!
                if (Number.isNaN(substitute[i]!)) continue
                value[i] = substitute[i]!
                valueMs[i] = substituteMs[i]!
                quality[i] = substituted
            }
            const fidelity = waitingFidelity(quality, valueMs, measured, nowMs)
            const summary = summarise(model, value, Number.NaN)
            return {
                world,
                seq: ++seq,
                tMs: nowMs,
                value,
                quality,
                valueMs,
                measured: measured.slice(),
                estimated: noEstimate,
                summary,
                fidelity,
            }
        },
    }
}
