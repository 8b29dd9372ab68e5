/**
 * The sun behind moving clouds. Clear sky: Haurwitz 1945 with the coefficients of Reno, Hansen, Stein, "Global horizontal
 * irradiance clear sky models", SAND2012-2389, eq. 16; clouds: a regime of the day, within it a logistic autoregressive
 * process; cells lose 0.38 % per kelvin above 25 °C.
 */
import type { PortableRandom } from '@gridverse/math'

/** W/m² in the middle of each period; the declination is that of the day's number (Cooper 1969). Latitude in degrees, north positive. */
export function clearSky(latDeg: number, dayOfYear: number, periods: number, dtH: number): Float64Array {
    const rad = Math.PI / 180
    const declination = 23.45 * rad * Math.sin((2 * Math.PI * (284 + dayOfYear)) / 365)
    return Float64Array.from({ length: periods }, (_, t) => {
        const hour = 15 * rad * ((t + 0.5) * dtH - 12)
        const cosZenith = Math.sin(latDeg * rad) * Math.sin(declination) + Math.cos(latDeg * rad) * Math.cos(declination) * Math.cos(hour)
        return cosZenith > 1e-3 ? 1098 * cosZenith * Math.exp(-0.059 / cosZenith) : 0
    })
}

/** Kinds of day: their share, and mean and deviation of the clearness before the logistic curve. */
export const skies = [
    { name: 'clear', share: 0.4, mean: 2.4, deviation: 0.5 },
    { name: 'partly', share: 0.4, mean: 0.9, deviation: 1.2 },
    { name: 'overcast', share: 0.2, mean: -0.7, deviation: 0.8 },
] as const

/** Correlation of a quarter of an hour with the next. */
const memoryPerQuarter = 0.92
export const memoryOf = (dtH: number) => memoryPerQuarter ** (dtH / 0.25)

/** Draws the kind of a day. */
export function drawSky(random: PortableRandom): (typeof skies)[number] {
    const u = random.uniform()
    let sum = 0
    for (const sky of skies) {
        sum += sky.share
        if (u < sum) return sky
    }
    return skies[skies.length - 1]!
}

/** Share of the clear sky's light that comes through, 0.12 … 1.03, from the process z about the mean of the day's kind. */
export const clearness = (sky: (typeof skies)[number], z: number) => 0.12 + (1.03 - 0.12) / (1 + Math.exp(-(sky.mean + z)))

/** Power of cells, kW, from their capacity (kW), the light on them (W/m²) and the air (°C). */
export function cellPower(capacity: number, light: number, airC: number): number {
    const cellC = airC + (25 / 800) * light
    return Math.max(0, ((capacity * 0.86 * light) / 1000) * (1 - 0.0038 * (cellC - 25)))
}
