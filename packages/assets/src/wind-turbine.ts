/**
 * Wind turbines with pitch control.
 *
 * Between cut-in and rated speed the power follows the cube of the wind; above rated it is held; above cut-out the
 * turbines stop, spread over 3 m/s because a farm's turbines do not stop at once (storm ride-through, T. Burton et al.,
 * "Wind Energy Handbook", 2nd ed. 2011, chapter 3). Wind grows with height by the power law with exponent 1/7.
 */
export interface TurbineSpeeds {
    readonly cutInMps: number
    readonly ratedMps: number
    readonly cutOutMps: number
}
/** Figures of IEC class II turbines. */
export const classTwo: TurbineSpeeds = { cutInMps: 3, ratedMps: 12, cutOutMps: 25 }

/** Wind at hub height, m/s, from the wind 10 m above ground. */
export function hubWind(windMps: number, hubHeightM = 90): number {
    return windMps * (hubHeightM / 10) ** (1 / 7)
}

/** Share of the rated power available at a hub wind, 0 … 1. */
export function windShare(hubMps: number, speeds: TurbineSpeeds = classTwo): number {
    const { cutInMps, ratedMps, cutOutMps } = speeds
    if (hubMps <= cutInMps) return 0
    const spread = 3
    if (hubMps >= cutOutMps) return Math.max(0, 1 - (hubMps - cutOutMps) / spread)
    if (hubMps >= ratedMps) return 1
    return (hubMps ** 3 - cutInMps ** 3) / (ratedMps ** 3 - cutInMps ** 3)
}
