/** Series made of known processes. */
import { createRandom } from '@gridverse/math'
import type { SeriesDay } from './forecast.ts'

const dateOf = (d: number) => new Date(Date.UTC(2026, 0, 1) + d * 86_400_000).toISOString().slice(0, 10)

/** Load with evening peaks, lower at weekends, and a deviation that lasts: hour by hour, MW. */
export function loadDays(seed: number, count: number): SeriesDay[] {
    const random = createRandom(seed)
    let z = 0
    return Array.from({ length: count }, (_, d) => {
        const weekday = new Date(Date.UTC(2026, 0, 1) + d * 86_400_000).getUTCDay()
        const level = weekday === 0 || weekday === 6 ? 0.8 : 1
        return {
            day: dateOf(d),
            values: Float64Array.from({ length: 24 }, (_, t) => {
                z = 0.95 * z + Math.sqrt(1 - 0.95 ** 2) * random.normal()
                return level * (60 - 20 * Math.cos((2 * Math.PI * (t - 4)) / 24)) * (1 + 0.05 * z)
            }),
        }
    })
}

/** Wind of 100 MW: a logistic autoregression that forgets within a day. */
export function windDays(seed: number, count: number): SeriesDay[] {
    const random = createRandom(seed)
    let z = 0
    return Array.from({ length: count }, (_, d) => ({
        day: dateOf(d),
        values: Float64Array.from({ length: 24 }, () => {
            z = 0.93 * z + Math.sqrt(1 - 0.93 ** 2) * random.normal()
            return 100 / (1 + Math.exp(0.7 - 1.2 * z))
        }),
    }))
}

/** Sun of 50 MW under days of one cloudiness each, with the clear sky's power, which grows by half a year long. */
export function sunDays(seed: number, count: number): SeriesDay[] {
    const random = createRandom(seed)
    return Array.from({ length: count }, (_, d) => {
        const cloud = 0.3 + 0.7 * random.uniform()
        const half = 4 + 2 * Math.sin((Math.PI * d) / 365)
        const reference = Float64Array.from(
            { length: 24 },
            (_, t) => 50 * Math.max(0, Math.cos((Math.PI * (t + 0.5 - 12)) / (2 * half))) * (Math.abs(t + 0.5 - 12) < half ? 1 : 0),
        )
        return { day: dateOf(d), reference, values: reference.map((r) => r * cloud * (0.9 + 0.2 * random.uniform())) }
    })
}
