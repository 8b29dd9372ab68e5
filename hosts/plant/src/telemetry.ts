/**
 * From the truth to readings: noise, deadband, integrity report. Columns over the measured points, so that a second of
 * a large case makes no garbage but the readings that go out.
 */
import type { EdgeDevice, EdgeReading } from '@gridverse/field'
import { quantityOf, splitComponent } from '@gridverse/grid'
import type { Random } from '@gridverse/math'
import type { Faults } from './faults.ts'
import { columnsOf, createRowFinder, type GridState } from './grid-state.ts'
import { deadbandOf, noiseOf, type TelemetryPlan } from './telemetry-plan.ts'

/** Every point is reported at least so often, s, however late a scan may be; staggered so that each second brings its part. */
export const integrityPeriodS = 60
/** points up to which a device tells everything at once rather than often */
const smallDevice = 8
/** readings in one message of a flood */
const mostReadings = 500

/** A measured point: where its truth stands, who reports it, how well. */
export interface TelemetryPoint {
    readonly id: string
    readonly edgeNode: string
    readonly device: string
    readonly source: ArrayLike<number>
    readonly row: number
    /** one standard deviation, and the change worth a report, in the unit */
    readonly noise: number
    readonly deadband: number
    readonly kind: 'analog' | 'status'
    readonly unit: string
    readonly commandable: boolean
}

export interface Device {
    readonly edgeNode: string
    readonly id: string
    /** positions in the plan's points */
    readonly points: Int32Array
}

export interface Telemetry {
    readonly devices: readonly Device[]
    /** Devices of an edge node (all, or those named) as it declares them at birth, with values of now. */
    describe(edgeNode: string, isWanted?: (device: string) => boolean): EdgeDevice[]
    /** What a device was commanded is told at its next scan, changed or not: who commanded waits for its word. */
    answer(device: Device): void
    /** Hands over what has changed, and with `isRegular` what is due, device by device (all, or those given). */
    scan(tMs: number, isRegular: boolean, emit: (device: Device, readings: EdgeReading[]) => void, among?: Iterable<Device>): void
    /** `count` readings of analog points, whether changed or not, devices in turn, times up to `tMs`. */
    flood(tMs: number, count: number, emit: (device: Device, readings: EdgeReading[]) => void): void
    /** The true value of every point, by id. */
    truth(): [id: string, value: number][]
    /** Last reported value of each point and when the next is due, for a successor that knows some of the points. */
    reported(): ReadonlyMap<string, readonly [value: number, dueMs: number]>
}

/** Points of the grid by the plan of its meters. */
export function gridPoints(state: GridState, plan: TelemetryPlan): TelemetryPoint[] {
    const columns = columnsOf(state)
    const find = createRowFinder(state.region)
    return plan.points.map((p) => {
        const { kind, unit, commandable = false } = quantityOf(p.id)!
        const source = columns[splitComponent(p.component).kind]![p.quantity]!
        const meter = { noise: noiseOf(p), deadband: deadbandOf(p) }
        return { id: p.id, edgeNode: p.edgeNode, device: p.device, source, row: find(p.component), ...meter, kind, unit, commandable }
    })
}

export function createTelemetry(points: readonly TelemetryPoint[], random: Random, faults: Faults, before?: Telemetry): Telemetry {
    const n = points.length
    const source = points.map((p) => p.source)
    const row = Int32Array.from(points, (p) => p.row)
    const noise = Float64Array.from(points, (p) => p.noise)
    const deadband = Float64Array.from(points, (p) => p.deadband)
    const last = new Float64Array(n).fill(Number.NaN)
    const dueMs = new Float64Array(n)
    const periodMs = 1000 * integrityPeriodS
    const devices = groupByDevice(points)
    const was = before?.reported()
    points.forEach((p, k) => {
        ;[last[k], dueMs[k]] = was?.get(p.id) ?? [Number.NaN, 0]
    })

    function read(k: number): number {
        const value = source[k]![row[k]!]!
        // a dead busbar and an open line read nothing, not a little noise around it
        const shown = noise[k]! > 0 && value !== 0 ? value + noise[k]! * random.normal() : value
        return faults.touchesReadings() ? faults.distort(points[k]!.id, shown) : shown
    }

    function scan(
        tMs: number,
        isRegular: boolean,
        emit: (device: Device, readings: EdgeReading[]) => void,
        among: Iterable<Device> = devices,
    ): void {
        for (const device of among) {
            let readings: EdgeReading[] | undefined
            for (const k of device.points) {
                const value = read(k)
                const change = Math.abs(value - last[k]!)
                if (change <= deadband[k]! && !(isRegular && tMs >= dueMs[k]!)) continue
                // the first period is shortened differently for each point; half a second early is in time for the next scan
                dueMs[k] = tMs + (dueMs[k] === 0 ? 1000 * ((k * 37) % integrityPeriodS) : periodMs) - 500
                last[k] = value
                readings ??= []
                readings.push({ name: points[k]!.id, value, tMs })
            }
            if (!readings) continue
            // what a small device would have to send a message for soon goes along
            if (isRegular && device.points.length <= smallDevice)
                for (const k of device.points) {
                    if (tMs < dueMs[k]! - periodMs / 2 || readings.some((r) => r.name === points[k]!.id)) continue
                    dueMs[k] = tMs + periodMs - 500
                    last[k] = read(k)
                    readings.push({ name: points[k]!.id, value: last[k]!, tMs })
                }
            emit(device, readings)
        }
    }

    const flooded = devices
        .map((device) => ({ device, analog: device.points.filter((k) => points[k]!.kind === 'analog') }))
        .filter((d) => d.analog.length > 0)
    let nextFlooded = 0
    function flood(tMs: number, count: number, emit: (device: Device, readings: EdgeReading[]) => void): void {
        for (let left = count; left > 0 && flooded.length > 0; ) {
            const { device, analog } = flooded[nextFlooded]!
            nextFlooded = (nextFlooded + 1) % flooded.length
            // many rounds of one device in one message, a millisecond apart and all before now
            const size = Math.min(left, mostReadings)
            const rounds = Math.ceil(size / analog.length)
            const readings = Array.from({ length: size }, (_, c) => {
                const k = analog[c % analog.length]!
                last[k] = read(k)
                return { name: points[k]!.id, value: last[k]!, tMs: tMs - rounds + 1 + Math.floor(c / analog.length) }
            })
            left -= size
            emit(device, readings)
        }
    }

    function describe(edgeNode: string, isWanted: (device: string) => boolean = () => true): EdgeDevice[] {
        return devices
            .filter((d) => d.edgeNode === edgeNode && isWanted(d.id))
            .map((d) => ({
                id: d.id,
                metrics: [...d.points].map((k) => {
                    const { id, kind, unit, commandable } = points[k]!
                    last[k] = read(k)
                    return { name: id, kind, unit, commandable, value: last[k]! }
                }),
            }))
    }

    return {
        devices,
        answer(device) {
            for (const k of device.points) if (points[k]!.commandable) last[k] = Number.NaN
        },
        describe,
        scan,
        flood,
        truth: () => points.map((p, k) => [p.id, source[k]![row[k]!]!]),
        reported: () => new Map(points.map((p, k) => [p.id, [last[k]!, dueMs[k]!]])),
    }
}

function groupByDevice(points: readonly TelemetryPoint[]): Device[] {
    const groups = new Map<string, { edgeNode: string; id: string; points: number[] }>()
    points.forEach((p, k) => {
        const key = `${p.edgeNode}/${p.device}`
        const group = groups.get(key) ?? { edgeNode: p.edgeNode, id: p.device, points: [] }
        group.points.push(k)
        groups.set(key, group)
    })
    return [...groups.values()].map((g) => ({ edgeNode: g.edgeNode, id: g.id, points: Int32Array.from(g.points) }))
}
