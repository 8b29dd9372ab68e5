/**
 * The sun behind moving clouds. Clear sky: Haurwitz 1945 with the coefficients of Reno, Hansen, Stein, "Global horizontal
 * irradiance clear sky models", SAND2012-2389, eq. 16; clouds: a regime of the day, within it a logistic autoregressive
 * process; cells lose 0.38 % per kelvin above 25 °C.
 */

/**
 * W/m² in the middle of each period; the declination is that of the day's number (Cooper 1969). Latitude in degrees, north
 * positive; `noonH` is the clock's hour when the sun is highest.
 */
export function clearSky(latDeg: number, dayOfYear: number, periods: number, dtH: number, noonH = 12): Float64Array {
    const rad = Math.PI / 180
    const declination = 23.45 * rad * Math.sin((2 * Math.PI * (284 + dayOfYear)) / 365)
    return Float64Array.from({ length: periods }, (_, t) => {
        const hour = 15 * rad * ((t + 0.5) * dtH - noonH)
        const cosZenith = Math.sin(latDeg * rad) * Math.sin(declination) + Math.cos(latDeg * rad) * Math.cos(declination) * Math.cos(hour)
        return cosZenith > 1e-3 ? 1098 * cosZenith * Math.exp(-0.059 / cosZenith) : 0
    })
}

/** A kind of day: its share, and mean and deviation of the clearness before the logistic curve. */
export interface Sky {
    readonly name: string
    readonly share: number
    readonly mean: number
    readonly deviation: number
}

/** From bright to dull. */
export const skies: readonly Sky[] = [
    { name: 'clear', share: 0.4, mean: 2.4, deviation: 0.5 },
    { name: 'partly', share: 0.4, mean: 0.9, deviation: 1.2 },
    { name: 'overcast', share: 0.2, mean: -0.7, deviation: 0.8 },
]

/** The kind of a day from a number within 0 … 1, by the shares in their order. */
export function skyAt(u: number, kinds: readonly Sky[] = skies): Sky {
    let sum = 0
    for (const sky of kinds) {
        sum += sky.share
        if (u < sum) return sky
    }
    return kinds[kinds.length - 1]!
}

/** Share of the clear sky's light that comes through, 0.12 … 1.03, from the process z about the mean of the day's kind. */
export const clearness = (sky: Sky, z: number) => least + (most - least) / (1 + Math.exp(-(sky.mean + z)))
const [least, most] = [0.12, 1.03]

/** The logit of a clearness, which is mean and process; what lies outside is put 1 % inside the border. */
export function logitOfClearness(share: number): number {
    const u = Math.min(0.99, Math.max(0.01, (share - least) / (most - least)))
    return Math.log(u / (1 - u))
}

/**
 * What the logit of every kind of sky is shifted by so that the mean clearness over all kinds is `expected` (put within what
 * clouds leave); found by halving, the mean by the trapezoidal rule over ±4 deviations.
 */
export function shiftOfClearness(expected: number, kinds: readonly Sky[] = skies): number {
    const wanted = Math.min(most - 0.01, Math.max(least + 0.01, expected))
    const nodes = Array.from({ length: 33 }, (_, i) => -4 + i / 4)
    const weights = nodes.map((z) => Math.exp((-z * z) / 2))
    const whole = weights.reduce((a, b) => a + b, 0) * kinds.reduce((sum, { share }) => sum + share, 0)
    const mean = (shift: number) =>
        kinds.reduce(
            (sum, sky) => sum + sky.share * nodes.reduce((part, z, i) => part + weights[i]! * clearness(sky, shift + sky.deviation * z), 0),
            0,
        ) / whole
    let [low, high] = [-12, 12]
    for (let step = 0; step < 40; step++) {
        const middle = (low + high) / 2
        if (mean(middle) < wanted) low = middle
        else high = middle
    }
    return (low + high) / 2
}

/** Power of cells, kW, from their capacity (kW), the light on them (W/m²) and the air (°C). */
export function cellPower(capacity: number, light: number, airC: number): number {
    const cellC = airC + (25 / 800) * light
    return Math.max(0, ((capacity * 0.86 * light) / 1000) * (1 - 0.0038 * (cellC - 25)))
}

/** Light on cells of this capacity, W/m², that gives this power, kW: the smaller root of the curve of `cellPower`. */
export function lightOfPower(capacity: number, power: number, airC: number): number {
    // power = a·light·(b − c·light)
    const a = (capacity * 0.86) / 1000
    const b = 1 - 0.0038 * (airC - 25)
    const c = (0.0038 * 25) / 800
    const under = b * b - (4 * c * power) / a
    return under > 0 ? (b - Math.sqrt(under)) / (2 * c) : b / (2 * c)
}
