/**
 * Kinds of day, by expectation and maximisation. A day of kind r has the logit of its clearness at μr + σr·h, h
 * autoregressive with φ from period to period; which kind a day is of is not measured. E: γdr ∝ πr·p(yd | μr, σr, φ). M: π, μ
 * (generalised least squares) and σ follow from γ; φ, common to all, by golden section.
 */
import type { Sky } from './sky.ts'

export interface SkyFit {
    readonly skies: readonly Sky[]
    /** of a period with the next */
    readonly memory: number
    readonly logLikelihood: number
    /** by day of `rows`: the likeliest kind; −1 where nothing was measured */
    readonly kind: Int32Array
    readonly days: number
}

interface Sums {
    /** Σ y·ỹ, Σ y·1̃, Σ 1·1̃ whitened, and Σ ln(1 − φ²ᵍ) */
    readonly yy: number
    readonly y1: number
    readonly one: number
    readonly logVariance: number
    readonly count: number
}

/** Fits logits by day and period, NaN where nothing is known, beginning at `start`; undefined below 20 days. */
export function fitSkies(rows: readonly Float64Array[], start: readonly Sky[]): SkyFit | undefined {
    const used = Array.from(rows.keys()).filter((d) => rows[d]!.reduce((n, y) => n + (Number.isNaN(y) ? 0 : 1), 0) >= 4)
    if (used.length < 20) return undefined
    let skies = beginning(
        used.map((d) => rows[d]!),
        start,
    )
    let memory = 0.7
    let before = -Infinity
    let gamma: number[][] = []
    let logLikelihood = before
    for (let step = 0; step < 80; step++) {
        const sums = used.map((d) => sumsOf(rows[d]!, memory))
        const logs = sums.map((s) => skies.map((sky) => Math.log(sky.share) + logDensity(s, sky)))
        logLikelihood = 0
        gamma = logs.map((row) => {
            const top = Math.max(...row)
            const total = row.reduce((sum, x) => sum + Math.exp(x - top), 0)
            logLikelihood += top + Math.log(total)
            return row.map((x) => Math.exp(x - top) / total)
        })
        if (logLikelihood - before < 1e-5 * used.length) break
        before = logLikelihood
        skies = skies.map((sky, r) => maximise(sky, sums, gamma, r))
        const fixed = skies
        memory = goldenSection(0, 0.995, (phi) => {
            let sum = 0
            used.forEach((d, i) => {
                const s = sumsOf(rows[d]!, phi)
                fixed.forEach((sky, r) => {
                    if (gamma[i]![r]! > 1e-6) sum += gamma[i]![r]! * logDensity(s, sky)
                })
            })
            return sum
        })
    }
    const order = skies.map((_, r) => r).sort((a, b) => skies[b]!.mean - skies[a]!.mean)
    const kind = new Int32Array(rows.length).fill(-1)
    used.forEach((d, i) => {
        kind[d] = order.indexOf(gamma[i]!.reduce((best, g, r) => (g > gamma[i]![best]! ? r : best), 0))
    })
    return { skies: order.map((r, k) => ({ ...skies[r]!, name: start[k]!.name })), memory, logLikelihood, kind, days: used.length }
}

/** Days ordered by their mean, cut by the shares to begin with. */
function beginning(rows: readonly Float64Array[], start: readonly Sky[]): Sky[] {
    const mean = rows
        .map((row) => {
            const known = row.filter((y) => !Number.isNaN(y))
            return known.reduce((sum, y) => sum + y, 0) / known.length
        })
        .sort((a, b) => b - a)
    let done = 0
    return start.map((sky) => {
        const part = mean.slice(done, Math.max(done + 1, done + Math.round(sky.share * mean.length)))
        done += part.length
        return { ...sky, mean: part.reduce((sum, y) => sum + y, 0) / Math.max(1, part.length) }
    })
}

function sumsOf(row: Float64Array, memory: number): Sums {
    let [yy, y1, one, logVariance, count] = [0, 0, 0, 0, 0]
    let last = -1
    for (let t = 0; t < row.length; t++) {
        const y = row[t]!
        if (Number.isNaN(y)) continue
        const phi = last < 0 ? 0 : t - last === 1 ? memory : memory ** (t - last)
        const variance = 1 - phi * phi
        const a = last < 0 ? y : y - phi * row[last]!
        const b = 1 - phi
        yy += (a * a) / variance
        y1 += (a * b) / variance
        one += (b * b) / variance
        logVariance += Math.log(variance)
        count++
        last = t
    }
    return { yy, y1, one, logVariance, count }
}

const squares = ({ yy, y1, one }: Sums, mean: number) => yy - 2 * mean * y1 + mean * mean * one
const logDensity = (s: Sums, { mean, deviation }: Sky) =>
    -0.5 * (s.count * Math.log(2 * Math.PI * deviation * deviation) + s.logVariance + squares(s, mean) / (deviation * deviation))

function maximise(sky: Sky, sums: readonly Sums[], gamma: readonly (readonly number[])[], r: number): Sky {
    let [y1, one, weight] = [0, 0, 0]
    sums.forEach((s, i) => {
        const g = gamma[i]![r]!
        y1 += g * s.y1
        one += g * s.one
        weight += g
    })
    const mean = one > 0 ? y1 / one : sky.mean
    let [square, count] = [0, 0]
    sums.forEach((s, i) => {
        square += gamma[i]![r]! * squares(s, mean)
        count += gamma[i]![r]! * s.count
    })
    // a kind no day is of keeps a small share, and never collapses onto one day
    return {
        ...sky,
        share: Math.max(1e-3, weight / sums.length),
        mean,
        deviation: count > 0 ? Math.max(0.15, Math.sqrt(Math.max(0, square) / count)) : sky.deviation,
    }
}

function goldenSection(from: number, to: number, value: (x: number) => number): number {
    const g = (Math.sqrt(5) - 1) / 2
    let [a, b] = [from, to]
    let [c, d] = [b - g * (b - a), a + g * (b - a)]
    let [fc, fd] = [value(c), value(d)]
    while (b - a > 1e-3) {
        if (fc > fd) {
            ;[b, d, fd] = [d, c, fc]
            c = b - g * (b - a)
            fc = value(c)
        } else {
            ;[a, c, fc] = [c, d, fd]
            d = a + g * (b - a)
            fd = value(d)
        }
    }
    return (a + b) / 2
}
