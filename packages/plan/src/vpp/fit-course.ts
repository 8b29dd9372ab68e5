/**
 * The process of one course, by maximum likelihood. Day d has x = σ·(√w·D + √(1 − w)·h) at its measured periods, D
 * standard normal and h autoregressive with φ over a period, so the covariance is σ²·((1 − w)·R + w·1·1ᵀ), R the
 * autoregression's. R⁻¹ acts by innovations e = (h − φᵍ·h₋)/√(1 − φ²ᵍ) over gaps of g periods, 1·1ᵀ by the formula of
 * Sherman and Morrison; σ² follows from φ and w, which are looked for on a grid drawn ever closer.
 */

export interface CourseFit {
    readonly deviation: number
    /** of a period with the next */
    readonly memory: number
    readonly dailyShare: number
    readonly logLikelihood: number
    /** values fitted */
    readonly values: number
}

/** Fits deviations by day and period, NaN where nothing is known; undefined below `leastValues` of them. */
export function fitCourse(rows: readonly Float64Array[], leastValues = 60): CourseFit | undefined {
    const days = rows.map(known).filter((day) => day.value.length > 0)
    const values = days.reduce((sum, day) => sum + day.value.length, 0)
    const variance = days.reduce((sum, day) => sum + day.value.reduce((s, x) => s + x * x, 0), 0)
    if (values < leastValues || !(variance > 0)) return undefined
    let best = { memory: 0.5, dailyShare: 0.3, deviation: 1, logLikelihood: -Infinity }
    let [memoryStep, shareStep] = [0.12, 0.12]
    for (let round = 0; round < 7; round++) {
        const centre = best
        for (let i = -4; i <= 4; i++)
            for (let j = -4; j <= 4; j++) {
                const memory = Math.min(0.998, Math.max(0, centre.memory + i * memoryStep))
                const dailyShare = Math.min(0.97, Math.max(0, centre.dailyShare + j * shareStep))
                const found = likelihood(days, memory, dailyShare, values)
                if (found.logLikelihood > best.logLikelihood) best = { memory, dailyShare, ...found }
            }
        memoryStep *= 0.42
        shareStep *= 0.42
    }
    return { ...best, values }
}

interface Known {
    readonly value: Float64Array
    /** periods since the value before */
    readonly gap: Int32Array
}

function known(row: Float64Array): Known {
    const at: number[] = []
    for (let t = 0; t < row.length; t++) if (!Number.isNaN(row[t]!)) at.push(t)
    return { value: Float64Array.from(at, (t) => row[t]!), gap: Int32Array.from(at, (t, i) => (i === 0 ? 0 : t - at[i - 1]!)) }
}

function likelihood(days: readonly Known[], memory: number, share: number, values: number) {
    const rest = 1 - share
    let [sum, logDeterminant] = [0, 0]
    for (const { value, gap } of days) {
        // q = xᵀR⁻¹x, s = 1ᵀR⁻¹x, o = 1ᵀR⁻¹1
        let [q, s, o] = [value[0]! ** 2, value[0]!, 1]
        for (let i = 1; i < value.length; i++) {
            const phi = gap[i] === 1 ? memory : memory ** gap[i]!
            const variance = 1 - phi * phi
            const x = value[i]! - phi * value[i - 1]!
            const one = 1 - phi
            q += (x * x) / variance
            s += (x * one) / variance
            o += (one * one) / variance
            logDeterminant += Math.log(variance)
        }
        const ratio = share / rest
        sum += (q - (ratio * s * s) / (1 + ratio * o)) / rest
        logDeterminant += value.length * Math.log(rest) + Math.log(1 + ratio * o)
    }
    const variance = sum / values
    return { deviation: Math.sqrt(variance), logLikelihood: -0.5 * (values * (Math.log(2 * Math.PI * variance) + 1) + logDeterminant) }
}
