/** Simulated devices that say what they measure and hear what they are told: the field of a live plan, without the wires. */
import {
    clearSkyIrradiance,
    cloudTransmission,
    createDeviceFleet,
    type Resource,
    resourcePoint,
    solarPosition,
    toProfileTime,
} from '@gridverse/assets'
import { createRandom } from '@gridverse/math'
import { toDeviceKw } from './dispatch.ts'
import { computeFleetNow, type FleetNow } from './fleet-now.ts'
import { createFleetState, type FleetState } from './fleet-state.ts'

export interface SimulatedField {
    readonly state: FleetState
    tMs: number
    airC: number
    /** So many minutes, said each minute. */
    run(minutes: number): void
    look(): FleetNow
    /** kW into the network by id, and who may decide by himself */
    tell(perResource: Readonly<Record<string, number>>, release?: readonly string[]): void
    value(id: string, quantity: string): number
}

export function createSimulatedField(resources: readonly Resource[], startMs: number, utcOffsetH: number): SimulatedField {
    const devices = createDeviceFleet(resources)
    const state = createFleetState(resources, startMs)
    const random = createRandom(11)
    const points = devices.banks.flatMap(({ rows, measured }) =>
        Object.entries(measured).flatMap(([quantity, source]) =>
            rows.map((r, row) => ({ name: resourcePoint(r.id, quantity as never), source, row })),
        ),
    )
    points.forEach(({ name }, index) => void state.learn(index, name))
    const [latDeg, lonDeg] = [resources[0]!.latDeg, resources[0]!.lonDeg]
    const field: SimulatedField = {
        state,
        tMs: startMs,
        airC: 12,
        run(minutes) {
            for (let minute = 0; minute < minutes; minute++) {
                field.tMs += 60_000
                const sun = solarPosition(field.tMs, latDeg, lonDeg)
                devices.step(
                    {
                        tMs: field.tMs,
                        utcOffsetH,
                        time: toProfileTime(field.tMs, utcOffsetH),
                        random,
                        irradianceWm2: Float64Array.of(clearSkyIrradiance(sun.elevationDeg) * cloudTransmission(0.3)),
                        temperatureC: Float64Array.of(field.airC),
                        windMps: Float64Array.of(6),
                        sunElevationDeg: Float64Array.of(sun.elevationDeg),
                        sunAzimuthDeg: Float64Array.of(sun.azimuthDeg),
                    },
                    60,
                )
                const count = points.length
                state.apply(
                    {
                        count,
                        point: Int32Array.from(points.keys()),
                        tMs: new Float64Array(count).fill(field.tMs),
                        value: Float64Array.from(points, ({ source, row }) => source[row]!),
                        quality: new Uint8Array(count),
                    },
                    field.tMs,
                )
            }
        },
        look: () => computeFleetNow(state, field.tMs, toProfileTime(field.tMs, utcOffsetH), 60),
        tell(perResource, release = []) {
            for (const [id, kw] of Object.entries(perResource)) devices.command(id, toDeviceKw(state.resources[state.rowOf(id)]!.kind, kw))
            for (const id of release) devices.follow(id, false)
        },
        value: (id, quantity) => state.value(state.rowOf(id), quantity as never),
    }
    return field
}
