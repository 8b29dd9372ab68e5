/**
 * A fleet of devices: banks of every kind, setpoints by name, net power by connection, memory by name. All the plant does
 * with its resources goes through here.
 */

import type { DeviceBank, Surroundings } from './device.ts'
import { createAirConditionerBank } from './device-air.ts'
import { createBatteryBank } from './device-battery.ts'
import { createCurtailableBank, createFixedLoadBank, createShiftableBank } from './device-demand.ts'
import { createEvBank } from './device-ev.ts'
import { createHeatTankBank, createWaterHeaterBank } from './device-heat.ts'
import { createIceStoreBank } from './device-ice.ts'
import { createGasTurbineBank, createGeneratorBank } from './device-machine.ts'
import { createPvBank, createWindBank } from './device-renewable.ts'
import { type FallbackSchedule, scheduledKw } from './fallback-schedule.ts'
import { injects, type Resource, type ResourceKind, type ResourceOf, setpointLastsS } from './resource.ts'

/** Where a device's row is. */
export interface DeviceRow {
    readonly bank: DeviceBank
    readonly row: number
}
/** What devices of one kind remember: setpoints, whether they follow, since when, and what their kind keeps; a column each. */
export interface DeviceMemory {
    readonly ids: readonly string[]
    readonly columns: Readonly<Record<string, readonly (number | null)[]>>
}
export type FleetMemory = Readonly<Partial<Record<ResourceKind, DeviceMemory>>>

export interface DeviceFleet {
    readonly resources: readonly Resource[]
    readonly banks: readonly DeviceBank[]
    find(id: string): DeviceRow | undefined
    /** A setpoint arrives; false for an unknown device or one that takes none. */
    command(id: string, pSetKw: number): boolean
    /** It is to decide by itself again, or (true) to follow what it was told last. */
    follow(id: string, following: boolean): boolean
    /** It keeps a schedule for the time nobody speaks to it, or (undefined) none any more; false for an unknown device or one that takes no setpoints. */
    keepSchedule(id: string, schedule: FallbackSchedule | undefined): boolean
    /** Its own link says what stands in for the setpoint that ended, kW, until the next word. */
    fallBack(id: string, pSetKw: number): boolean
    schedules(): Readonly<Record<string, FallbackSchedule>>
    /** Advances every device by `dtS` seconds; `quietS` of a clock on the wall have passed, by which setpoints grow old, and it shows `wallMs`. */
    step(around: Surroundings, dtS: number, quietS?: number, wallMs?: number): void
    /** drawKw and demandKw (one entry for each connection) ← net draw, and the part of it that consumers with motors and lamps draw. */
    sum(connectionOf: (row: DeviceRow) => number, drawKw: Float64Array, demandKw: Float64Array): void
    remember(): FleetMemory
    /** Puts remembered devices back; others are left as they are. */
    recall(memory: FleetMemory): void
}

type Rows<K extends ResourceKind> = readonly ResourceOf<K>[]
const makers: { readonly [K in ResourceKind]: (rows: Rows<K>) => DeviceBank } = {
    pv: createPvBank,
    wind: createWindBank,
    'gas-turbine': createGasTurbineBank,
    generator: createGeneratorBank,
    battery: createBatteryBank,
    'home-ev': (rows) => createEvBank('home-ev', rows),
    'public-ev': (rows) => createEvBank('public-ev', rows),
    'air-conditioner': createAirConditionerBank,
    'water-heater': createWaterHeaterBank,
    'heat-tank': createHeatTankBank,
    'ice-store': createIceStoreBank,
    curtailable: createCurtailableBank,
    shiftable: createShiftableBank,
    'fixed-load': createFixedLoadBank,
}
/** what draws reactive power as the load of its bus does */
const withMotors: ReadonlySet<ResourceKind> = new Set(['fixed-load', 'curtailable', 'shiftable', 'air-conditioner', 'ice-store'])

export function createDeviceFleet(resources: readonly Resource[]): DeviceFleet {
    const banks = (Object.keys(makers) as ResourceKind[]).flatMap((kind) => {
        const rows = resources.filter((r) => r.kind === kind)
        return rows.length > 0 ? [(makers[kind] as (rows: readonly Resource[]) => DeviceBank)(rows)] : []
    })
    const rowOf = new Map(banks.flatMap((bank) => bank.rows.map((r, row) => [r.id, { bank, row }] as const)))
    const schedules = new Map<string, FallbackSchedule>()
    /** what their own links let stand in, kW */
    const fallen = new Map<string, number>()

    function command(id: string, pSetKw: number): boolean {
        const at = rowOf.get(id)
        if (!at || at.bank.kind === 'fixed-load') return false
        const { columns } = at.bank
        columns.pSetKw[at.row] = pSetKw
        columns.following[at.row] = 1
        columns.heardS[at.row] = 0
        columns.onSchedule[at.row] = 0
        fallen.delete(id)
        return true
    }
    function keepSchedule(id: string, schedule: FallbackSchedule | undefined): boolean {
        const at = rowOf.get(id)
        if (!at || at.bank.kind === 'fixed-load') return false
        if (schedule) schedules.set(id, schedule)
        else schedules.delete(id)
        return true
    }
    function fallBack(id: string, pSetKw: number): boolean {
        const at = rowOf.get(id)
        if (!at || at.bank.kind === 'fixed-load') return false
        at.bank.columns.following[at.row] = 0
        fallen.set(id, pSetKw)
        return true
    }
    /** Setpoints nobody repeated end; where a schedule is kept for that, it takes their place. */
    function endSetpoints(wallMs: number): void {
        for (const { columns } of banks) columns.onSchedule.fill(0)
        for (const [id, { bank, row }] of rowOf) {
            const { columns } = bank
            const schedule = schedules.get(id)
            const kw = fallen.get(id) ?? (schedule && scheduledKw(schedule, wallMs))
            const lastsS = schedule && kw !== undefined ? Math.min(schedule.holdS, setpointLastsS) : setpointLastsS
            if (columns.heardS[row]! > lastsS) columns.following[row] = 0
            // who was let go decides by itself, and who was never told anything too
            const isAlone = columns.following[row] === 0 && (fallen.has(id) || columns.heardS[row]! < Infinity)
            if (kw === undefined || !isAlone) continue
            columns.onSchedule[row] = 1
            columns.pSetKw[row] = kw
        }
    }
    function follow(id: string, following: boolean): boolean {
        const at = rowOf.get(id)
        if (!at || at.bank.kind === 'fixed-load') return false
        at.bank.columns.following[at.row] = following ? 1 : 0
        at.bank.columns.heardS[at.row] = following ? 0 : Infinity
        at.bank.columns.onSchedule[at.row] = 0
        fallen.delete(id)
        return true
    }
    function step(around: Surroundings, dtS: number, quietS = dtS, wallMs = around.tMs): void {
        for (const { columns } of banks) for (let i = 0; i < columns.n; i++) columns.heardS[i] = columns.heardS[i]! + quietS
        endSetpoints(wallMs)
        const offered = new Map<string, number>()
        for (const bank of banks) {
            const { n, pKw, aboveKwh, belowKwh } = bank.columns
            // machines come before the tanks of their networks
            if (bank.takeHeat) {
                const taken = bank.takeHeat(offered, around, dtS)
                for (const giver of banks) giver.heatTaken?.(offered, taken)
            }
            bank.step(around, dtS)
            bank.offerHeat?.(offered)
            for (let i = 0; i < n; i++) {
                const kwh = (pKw[i]! * dtS) / 3600
                if (kwh > 0) aboveKwh[i] = aboveKwh[i]! + kwh
                else belowKwh[i] = belowKwh[i]! - kwh
            }
        }
    }
    function sum(connectionOf: (row: DeviceRow) => number, drawKw: Float64Array, demandKw: Float64Array): void {
        drawKw.fill(0)
        demandKw.fill(0)
        const at = connectionCache(connectionOf)
        banks.forEach((bank, b) => {
            const { n, pKw } = bank.columns
            const sign = injects(bank.kind) ? -1 : 1
            const motors = withMotors.has(bank.kind)
            const connection = at[b]!
            for (let i = 0; i < n; i++) {
                const c = connection[i]!
                if (c < 0) continue
                drawKw[c] = drawKw[c]! + sign * pKw[i]!
                if (motors) demandKw[c] = demandKw[c]! + pKw[i]!
            }
        })
    }
    let cached: { of: unknown; at: Int32Array[] } | undefined
    function connectionCache(connectionOf: (row: DeviceRow) => number): Int32Array[] {
        if (cached?.of !== connectionOf)
            cached = { of: connectionOf, at: banks.map((bank) => Int32Array.from(bank.rows, (_, row) => connectionOf({ bank, row }))) }
        return cached.at
    }

    const columnsToKeep = ({ columns, kept }: DeviceBank): Readonly<Record<string, Float64Array>> => ({
        pSetKw: columns.pSetKw,
        following: columns.following,
        heardS: columns.heardS,
        noticed: columns.noticed,
        aboveKwh: columns.aboveKwh,
        belowKwh: columns.belowKwh,
        ...kept,
    })
    function remember(): FleetMemory {
        const memory: Partial<Record<ResourceKind, DeviceMemory>> = {}
        for (const bank of banks) {
            const columns = Object.entries(columnsToKeep(bank)).map(([name, column]) => [
                name,
                // files know no infinity and need no more than a millionth
                Array.from(column, (x) => (Number.isFinite(x) ? Math.round(x * 1e6) / 1e6 : null)),
            ])
            memory[bank.kind] = { ids: bank.rows.map((r) => r.id), columns: Object.fromEntries(columns) }
        }
        return memory
    }
    function recall(memory: FleetMemory): void {
        for (const bank of banks) {
            const was = memory[bank.kind]
            if (!was) continue
            const at = new Map(was.ids.map((id, k) => [id, k]))
            const columns = Object.entries(columnsToKeep(bank))
            bank.rows.forEach((r, i) => {
                const k = at.get(r.id)
                if (k === undefined) return
                for (const [name, column] of columns) {
                    const value = was.columns[name]?.[k]
                    if (typeof value === 'number') column[i] = value
                }
            })
        }
    }
    return {
        resources,
        banks,
        find: (id) => rowOf.get(id),
        command,
        follow,
        keepSchedule,
        fallBack,
        schedules: () => Object.fromEntries(schedules),
        step,
        sum,
        remember,
        recall,
    }
}
