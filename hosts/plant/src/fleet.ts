/**
 * Resources of a virtual power plant as part of the simulated grid. Each hangs on a load: what its devices draw less what
 * they give is that load's power. Where a fixed load is among them it stands for the demand the grid's table has there;
 * elsewhere the resources come on top of it.
 */
import {
    createDeviceFleet,
    type DeviceFleet,
    type FallbackSchedule,
    type FleetMemory,
    type Resource,
    type SiteWeatherState,
    type Surroundings,
    solarPosition,
    stepSiteWeather,
    toProfileTime,
    type WeatherState,
    weatherAt,
} from '@gridverse/assets'
import { noticeChecksum, readNotice } from '@gridverse/field'
import type { Random } from '@gridverse/math'
import type { Fault } from './faults.ts'
import type { GridState } from './grid-state.ts'
import { createMachines } from './units.ts'

type NoticeBody = NonNullable<ReturnType<typeof readNotice>>

/** What the physics of the grid needs of a fleet; one entry for each row of the loads. */
export interface ConnectedFleet {
    /** 1 where resources hang */
    readonly carries: Uint8Array
    /** 1 where they stand for the demand of the grid's own table */
    readonly replaces: Uint8Array
    /** MW, net draw */
    readonly drawMw: Float64Array
    /** MW, the part of it with the power factor of the load */
    readonly demandMw: Float64Array
    /** Says which loads have voltage, then advances every device by `dtS` seconds to the instant `tMs`. */
    step(tMs: number, dtS: number, weather: WeatherState, isFed: (row: number) => boolean): void
}

/** What a fleet remembers over a restart. */
export interface PlantFleetMemory {
    readonly devices: FleetMemory
    readonly weather: Readonly<Record<string, SiteWeatherState>>
    /** what devices were given to keep, by resource; absent in memories of before */
    readonly schedules?: Readonly<Record<string, FallbackSchedule>>
    readonly notices?: Readonly<Record<string, KeptNotices>>
}
/** Notices as a device keeps them, the last of each kind. */
export type KeptNotices = Readonly<Partial<Record<NoticeBody['kind'], NoticeBody>>>

export interface PlantFleet extends ConnectedFleet {
    readonly resources: readonly Resource[]
    readonly devices: DeviceFleet
    /** From now on these; who stays keeps its state. */
    replace(resources: readonly Resource[]): void
    /** What active faults do to the devices themselves. */
    suffer(faults: readonly Fault[]): void
    /** A notice arrived, as it travels; false where the device keeps none of the kind. */
    keep(id: string, text: string): boolean
    notices(): Readonly<Record<string, KeptNotices>>
    remember(): PlantFleetMemory
    recall(memory: PlantFleetMemory): void
}

/** Weather of places without a site of their own in the region: at its middle. */
const nowhere = ''

export function createPlantFleet(state: GridState, random: Random, utcOffsetH: number, nowMs: () => number): PlantFleet {
    const { region } = state
    const { network } = region
    const nLoad = network.load.length
    const rowOfLoad = new Map(network.load.map((l, d) => [`load/${l.id}`, d]))
    const siteOfLoad = new Map(region.unit.map((u) => [u.component, u.site]))
    const siteAt = new Map(region.site.map((s, i) => [s.id, i]))
    // sites whose weather the grid's own units see already
    const seen = new Set(createMachines(region).site)
    const [carries, replaces] = [new Uint8Array(nLoad), new Uint8Array(nLoad)]
    const [drawMw, demandMw] = [new Float64Array(nLoad), new Float64Array(nLoad)]
    const own = new Map<string, SiteWeatherState>()
    let devices = createDeviceFleet([])
    const notices = new Map<string, KeptNotices>()
    let lastMs: number | undefined
    let cells: string[] = []
    let around = surroundingsOf(0)
    let connection: (at: { bank: DeviceFleet['banks'][number]; row: number }) => number = () => -1
    let connections: Int32Array[] = []

    function surroundingsOf(n: number) {
        return {
            irradianceWm2: new Float64Array(n),
            temperatureC: new Float64Array(n),
            windMps: new Float64Array(n),
            sunElevationDeg: new Float64Array(n),
            sunAzimuthDeg: new Float64Array(n),
        }
    }

    function replace(resources: readonly Resource[]): void {
        const [before, schedules] = [devices.remember(), devices.schedules()]
        devices = createDeviceFleet(resources)
        devices.recall(before)
        for (const [id, schedule] of Object.entries(schedules)) devices.keepSchedule(id, schedule)
        for (const id of notices.keys()) if (!devices.find(id)) notices.delete(id)
        for (const column of [carries, replaces, drawMw, demandMw]) column.fill(0)
        const cellOf = new Map<string, number>()
        for (const { rows, columns } of devices.banks)
            rows.forEach((r, i) => {
                const site = siteOfLoad.get(r.connection) ?? nowhere
                if (!cellOf.has(site)) cellOf.set(site, cellOf.size)
                columns.cell[i] = cellOf.get(site)!
                const d = rowOfLoad.get(r.connection)
                if (d === undefined) return
                carries[d] = 1
                if (r.kind === 'fixed-load') replaces[d] = 1
            })
        cells = [...cellOf.keys()]
        around = surroundingsOf(cells.length)
        connection = ({ bank, row }) => rowOfLoad.get(bank.rows[row]!.connection) ?? -1
        connections = devices.banks.map((bank) => Int32Array.from(bank.rows, (_, row) => connection({ bank, row })))
    }

    function advanceWeather(tMs: number, dtS: number, weather: WeatherState): void {
        cells.forEach((id, c) => {
            const s = siteAt.get(id) ?? -1
            const { latDeg, lonDeg } = region.site[s] ?? region
            if (seen.has(s)) {
                around.irradianceWm2[c] = state.irradianceWm2[s]!
                around.temperatureC[c] = state.temperatureC[s]!
                around.windMps[c] = state.windMps[s]!
            } else {
                const here = stepSiteWeather(own.get(id) ?? { gust: 0, cloud: 0 }, dtS, random)
                own.set(id, here)
                const now = weatherAt(weather, here, tMs, latDeg, lonDeg)
                around.irradianceWm2[c] = now.irradianceWm2
                around.temperatureC[c] = now.temperatureC
                around.windMps[c] = now.windMps
            }
            const { elevationDeg, azimuthDeg } = solarPosition(tMs, latDeg, lonDeg)
            around.sunElevationDeg[c] = elevationDeg
            around.sunAzimuthDeg[c] = azimuthDeg
        })
    }

    function step(tMs: number, dtS: number, weather: WeatherState, isFed: (row: number) => boolean): void {
        if (devices.banks.length === 0) return
        advanceWeather(tMs, dtS, weather)
        devices.banks.forEach(({ columns }, b) => {
            const at = connections[b]!
            for (let i = 0; i < columns.n; i++) columns.live[i] = at[i]! < 0 || isFed(at[i]!) ? 1 : 0
        })
        const now: Surroundings = { tMs, utcOffsetH, time: toProfileTime(tMs, utcOffsetH), random, ...around }
        // a plant that runs faster than the clock is still spoken with at the clock's pace
        const atMs = nowMs()
        devices.step(now, dtS, Math.max(0, atMs - (lastMs ?? atMs)) / 1000, atMs)
        lastMs = atMs
        devices.sum(connection, drawMw, demandMw)
        for (let d = 0; d < nLoad; d++) {
            if (carries[d] === 0) continue
            drawMw[d] = drawMw[d]! / 1000
            demandMw[d] = demandMw[d]! / 1000
        }
    }

    function suffer(faults: readonly Fault[]): void {
        for (const { columns } of devices.banks) {
            columns.derate.fill(1)
            columns.ignores.fill(0)
            columns.blocked.fill(0)
            columns.tripped.fill(0)
        }
        for (const { kind, target, value = 1 } of faults) {
            const at = devices.find(target.slice(target.indexOf('/') + 1))
            if (!at || !target.startsWith('resource/')) continue
            const { derate, ignores, blocked, tripped } = at.bank.columns
            if (kind === 'derated') derate[at.row] = Math.min(1, Math.max(0, value))
            else if (kind === 'setpoint-ignored') ignores[at.row] = 1
            else if (kind === 'ev-unplugged') blocked[at.row] = 1
            else if (kind === 'turbine-trip' || kind === 'unit-trip') {
                derate[at.row] = 0
                tripped[at.row] = 1
                // a car stays at a post that has tripped
                if (!at.bank.kind.endsWith('-ev')) blocked[at.row] = 1
            }
        }
    }

    function keep(id: string, text: string): boolean {
        const at = devices.find(id)
        const body = readNotice(text)
        if (!at || !body) return false
        if (body.kind === 'prediction') {
            const { startMs, periodS, holdS, kw } = body
            const schedule = kw.length > 0 ? { startMs, periodS, holdS, kw } : undefined
            if (!devices.keepSchedule(id, schedule)) return false
        }
        notices.set(id, { ...notices.get(id), [body.kind]: body })
        at.bank.columns.noticed[at.row] = noticeChecksum(text)
        return true
    }

    return {
        get resources() {
            return devices.resources
        },
        get devices() {
            return devices
        },
        carries,
        replaces,
        drawMw,
        demandMw,
        replace,
        step,
        suffer,
        keep,
        notices: () => Object.fromEntries(notices),
        remember: () => ({
            devices: devices.remember(),
            weather: Object.fromEntries(own),
            schedules: devices.schedules(),
            notices: Object.fromEntries(notices),
        }),
        recall(memory) {
            devices.recall(memory.devices)
            for (const [id, schedule] of Object.entries(memory.schedules ?? {})) devices.keepSchedule(id, schedule)
            for (const [id, kept] of Object.entries(memory.notices ?? {})) if (devices.find(id)) notices.set(id, kept)
            for (const [site, weather] of Object.entries(memory.weather ?? {})) own.set(site, weather)
        },
    }
}
