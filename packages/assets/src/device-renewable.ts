/**
 * Small wind and sun: what the weather of its place offers, up to a limit from outside.
 *
 *   P = min(available, limit)
 *
 * Sun by the plane's irradiance (`tilted-plane.ts`) and the cell's temperature (`pv.ts`), wind by the power curve
 * (`wind-turbine.ts`) at 50 m, the height of turbines of this size.
 */
import { createColumns, type DeviceBank, obeys, type Surroundings } from './device.ts'
import { pvAvailable } from './pv.ts'
import type { ResourceOf } from './resource.ts'
import { tiltedIrradiance } from './tilted-plane.ts'
import { hubWind, windShare } from './wind-turbine.ts'

const hubHeightM = 50

type Source = ResourceOf<'pv'> | ResourceOf<'wind'>

/** What a PV resource could give, kW, 0 … ratedKw, at an irradiance of level ground, W/m², a sun, deg, and air, °C. */
export function pvAvailableKw(r: ResourceOf<'pv'>, globalWm2: number, elevationDeg: number, azimuthDeg: number, airC: number): number {
    const plane = tiltedIrradiance(globalWm2, elevationDeg, azimuthDeg, r.tiltDeg, r.azimuthDeg)
    return pvAvailable({ ratedMw: r.ratedKw, perKelvin: r.temperatureCoefficientPerK }, plane, airC)
}
/** What a wind resource could give, kW, 0 … ratedKw, at a wind 10 m above ground, m/s. */
export function windAvailableKw(r: ResourceOf<'wind'>, windMps: number): number {
    return r.ratedKw * windShare(hubWind(windMps, hubHeightM), r)
}

function createSources<S extends Source>(
    rows: readonly S[],
    offer: (row: S, around: Surroundings, cell: number) => number,
): Omit<DeviceBank, 'kind' | 'rows'> {
    const columns = createColumns(rows.length)
    const { pKw, pSetKw, following, live, derate, blocked, cell } = columns
    const availableKw = new Float64Array(rows.length)
    function step(around: Surroundings): void {
        for (let i = 0; i < rows.length; i++) {
            const offered = blocked[i] === 1 ? 0 : derate[i]! * offer(rows[i]!, around, cell[i]!)
            availableKw[i] = offered
            const held = obeys(columns, i) ? Math.min(offered, Math.max(0, pSetKw[i]!)) : offered
            pKw[i] = live[i] === 1 ? held : 0
        }
    }
    return { columns, measured: { pKw, pSetKw, following, availableKw }, kept: {}, step }
}

export const createPvBank = (rows: readonly ResourceOf<'pv'>[]): DeviceBank => ({
    kind: 'pv',
    rows,
    ...createSources(rows, (r, a, c) =>
        pvAvailableKw(r, a.irradianceWm2[c]!, a.sunElevationDeg[c]!, a.sunAzimuthDeg[c]!, a.temperatureC[c]!),
    ),
})

export const createWindBank = (rows: readonly ResourceOf<'wind'>[]): DeviceBank => ({
    kind: 'wind',
    rows,
    ...createSources(rows, (r, a, c) => windAvailableKw(r, a.windMps[c]!)),
})
