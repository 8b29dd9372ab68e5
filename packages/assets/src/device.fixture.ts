/** Devices under test: weather as given, hours as they pass. */
import { createRandom } from '@gridverse/math'
import { fillRow } from '@gridverse/units'
import type { Surroundings } from './device.ts'
import { createDeviceFleet, type DeviceFleet } from './device-fleet.ts'
import { toProfileTime } from './load-profile.ts'
import { type Resource, type ResourceKind, resourceTables } from './resource.ts'
import { solarPosition } from './solar.ts'

/** Monday 5 October 2026, midnight UTC. */
export const mondayMs = Date.UTC(2026, 9, 5)

export function resource<K extends ResourceKind>(kind: K, given: Record<string, unknown>, id: string = kind): Resource {
    return fillRow(resourceTables[kind], { id, kind, group: 'g', ...given } as never) as unknown as Resource
}

export interface DeviceBench {
    readonly fleet: DeviceFleet
    readonly around: { irradianceWm2: number; temperatureC: number; windMps: number }
    tMs: number
    /** So many steps of `dtS` seconds; `each` is called after every one. */
    run(steps: number, dtS?: number, each?: () => void): void
    /** A measured value now. */
    value(id: string, quantity: string): number
}

export function createDeviceBench(resources: readonly Resource[], startMs = mondayMs, seed = 3): DeviceBench {
    const fleet = createDeviceFleet(resources)
    const random = createRandom(seed)
    const bench: DeviceBench = {
        fleet,
        around: { irradianceWm2: 0, temperatureC: 12, windMps: 0 },
        tMs: startMs,
        run(steps, dtS = 1, each = () => {}) {
            for (let s = 0; s < steps; s++) {
                bench.tMs += 1000 * dtS
                const { elevationDeg, azimuthDeg } = solarPosition(bench.tMs, 42, 0)
                const around: Surroundings = {
                    tMs: bench.tMs,
                    utcOffsetH: 0,
                    time: toProfileTime(bench.tMs, 0),
                    random,
                    irradianceWm2: Float64Array.of(bench.around.irradianceWm2),
                    temperatureC: Float64Array.of(bench.around.temperatureC),
                    windMps: Float64Array.of(bench.around.windMps),
                    sunElevationDeg: Float64Array.of(elevationDeg),
                    sunAzimuthDeg: Float64Array.of(azimuthDeg),
                }
                fleet.step(around, dtS)
                each()
            }
        },
        value(id, quantity) {
            const { bank, row } = fleet.find(id)!
            return (bank.measured as Record<string, Float64Array>)[quantity]![row]!
        },
    }
    return bench
}
