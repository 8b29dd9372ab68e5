/**
 * A PV field on flat ground.
 *
 *   cell temperature  Tc = Ta + (NOCT − 20)/800 · G            (R. G. Ross 1980; IEC 61215: NOCT at 800 W/m², 20 °C)
 *   power             P  = Prated · G/1000 · (1 + γ·(Tc − 25)) (standard test conditions 1000 W/m², 25 °C)
 */
export interface PvField {
    /** power at standard test conditions, MW */
    readonly ratedMw: number
    /** change of power with cell temperature, 1/K; crystalline silicon about −0.004 */
    readonly perKelvin?: number
    /** nominal operating cell temperature, °C */
    readonly noctC?: number
    /** inverter, wiring and soiling, share that arrives, 0 … 1 */
    readonly efficiency?: number
}

/** Power the field could give now, MW, 0 … ratedMw; irradiance W/m², air °C. */
export function pvAvailable(field: PvField, irradianceWm2: number, airC: number): number {
    const { ratedMw, perKelvin = -0.004, noctC = 45, efficiency = 0.93 } = field
    const cellC = airC + ((noctC - 20) / 800) * irradianceWm2
    const p = ratedMw * (irradianceWm2 / 1000) * (1 + perKelvin * (cellC - 25)) * efficiency
    return Math.min(ratedMw, Math.max(0, p))
}
