/**
 * Devices of a fleet as columns: one bank for each kind, one row for each device. Powers kW, energies kWh, temperatures °C.
 *
 * A device that follows obeys `pSetKw` as far as its own limits allow; otherwise it decides by itself. Limits come first:
 * no setpoint, however wrong, takes a store beyond what it holds, a room out of its comfort or a car away unready.
 */
import type { Random } from '@gridverse/math'
import type { ProfileTime } from './load-profile.ts'
import type { Resource, ResourceKind, ResourceQuantityName } from './resource.ts'

/** What all devices see at one instant. */
export interface Surroundings {
    /** end of the step, Unix ms */
    readonly tMs: number
    /** local time ahead of UTC, h */
    readonly utcOffsetH: number
    readonly time: ProfileTime
    readonly random: Random
    /** one entry for each cell of weather */
    readonly irradianceWm2: Float64Array
    readonly temperatureC: Float64Array
    readonly windMps: Float64Array
    /** deg; one entry for each cell */
    readonly sunElevationDeg: Float64Array
    readonly sunAzimuthDeg: Float64Array
}

/** What every device has, whatever its kind. */
export interface DeviceColumns {
    readonly n: number
    /** kW, as the kind's table signs it */
    readonly pKw: Float64Array
    readonly pSetKw: Float64Array
    /** 1 while it follows `pSetKw` */
    readonly following: Float64Array
    /** since it last heard a setpoint, s */
    readonly heardS: Float64Array
    /** meter registers, kWh: of power above and below nothing, as the kind signs it */
    readonly aboveKwh: Float64Array
    readonly belowKwh: Float64Array
    /** cell of weather it stands in */
    readonly cell: Int32Array
    /** 1 while its busbar has voltage */
    readonly live: Uint8Array
    /** share of its power it can use, 0 … 1 */
    readonly derate: Float64Array
    /** 1: takes setpoints and does not act on them */
    readonly ignores: Uint8Array
    /** 1: tripped, or the car pulled out */
    readonly blocked: Uint8Array
    /** 1 while its own protection keeps it off the network */
    readonly tripped: Float64Array
    /** 1 while nobody speaks to it and it keeps to the schedule it holds for that */
    readonly onSchedule: Float64Array
    /** checksum of the notice it took last; 0 before the first */
    readonly noticed: Float64Array
}

export interface DeviceBank {
    readonly kind: ResourceKind
    readonly rows: readonly Resource[]
    readonly columns: DeviceColumns
    /** columns behind the quantities of the kind */
    readonly measured: Readonly<Partial<Record<ResourceQuantityName, Float64Array>>>
    /** what has to outlive a restart, beside setpoints */
    readonly kept: Readonly<Record<string, Float64Array>>
    /** Adds what its devices give to heating networks, kW by name. */
    offerHeat?(into: Map<string, number>): void
    /** Takes of it what its devices can in the step to come; says what was taken, for the networks it stands in. */
    takeHeat?(offered: ReadonlyMap<string, number>, around: Surroundings, dtS: number): ReadonlyMap<string, number>
    /** What networks were offered and what they took, kW by name. */
    heatTaken?(offered: ReadonlyMap<string, number>, taken: ReadonlyMap<string, number>): void
    /** Advances every device by `dtS` seconds. */
    step(around: Surroundings, dtS: number): void
}

export function createColumns(n: number): DeviceColumns {
    return {
        n,
        pKw: new Float64Array(n),
        pSetKw: new Float64Array(n),
        following: new Float64Array(n),
        heardS: new Float64Array(n).fill(Infinity),
        aboveKwh: new Float64Array(n),
        belowKwh: new Float64Array(n),
        cell: new Int32Array(n),
        live: new Uint8Array(n).fill(1),
        derate: new Float64Array(n).fill(1),
        ignores: new Uint8Array(n),
        blocked: new Uint8Array(n),
        tripped: new Float64Array(n),
        onSchedule: new Float64Array(n),
        noticed: new Float64Array(n),
    }
}

/** True where a device acts on its setpoint, or on the schedule that stands in for one. */
export const obeys = (c: DeviceColumns, i: number): boolean => (c.following[i] === 1 || c.onSchedule[i] === 1) && c.ignores[i] === 0

/** A column of a table's numbers. */
export const columnOf = <R>(rows: readonly R[], value: (row: R) => number): Float64Array => Float64Array.from(rows, value)

export const clamp = (low: number, high: number, x: number): number => (x < low ? low : x > high ? high : x)

/** Local midnight before an instant, Unix ms of local time; and hours since. */
export const localMs = (around: Surroundings): number => around.tMs + 3_600_000 * around.utcOffsetH
export const dayMs = 86_400_000
export const hourMs = 3_600_000
