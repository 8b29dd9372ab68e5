/**
 * What many samples cover, in words and figures: tails by feature, correlations, how evenly they fill, and holes with the
 * place they are at. Holes and evenness are looked for where correlations let samples be: ranks become normal scores, the
 * scores are made independent by the factor of their correlations, and become places in the unit cube again.
 */
import { createRandom, factorDense, normalCdf, normalQuantile } from '@gridverse/math'
import { centredDiscrepancy, correlation, halton, placesOf, primes } from './coverage.ts'

export interface Feature {
    readonly name: string
    readonly unit: string
    /** one number a sample */
    readonly values: Float64Array
}

export interface FeatureCoverage {
    readonly name: string
    readonly unit: string
    readonly least: number
    /** 1 %, 50 % and 99 % of the samples lie below */
    readonly low: number
    readonly median: number
    readonly high: number
    readonly most: number
    /** samples beyond the 1 % and 99 % of the reference; of the samples themselves without one */
    readonly inTails: readonly [low: number, high: number]
    /** share of the reference's range that the samples span, 0 … 1 */
    readonly span: number
}

export interface Hole {
    /** to the nearest sample, over the cube's diagonal, 0 … 1 */
    readonly radius: number
    /** the place of no sample, by name of the feature, in its unit */
    readonly at: Readonly<Record<string, number>>
}

export interface CoverageReport {
    readonly samples: number
    readonly features: readonly FeatureCoverage[]
    /** rank correlations, feature by feature */
    readonly correlation: readonly (readonly number[])[]
    /** greatest difference from those of the reference; absent without one */
    readonly correlationError?: number
    /** discrepancy over that of as many independent samples; about 1 is as even as chance */
    readonly evenness: number
    /** greatest first, apart from each other */
    readonly holes: readonly Hole[]
    /** the greatest hole over the one that as many independent samples leave; about 1 is no more than chance */
    readonly holeRatio: number
}

/** discrepancy grows with the square: so many samples, the first ones, tell it */
const discrepancySamples = 1500
const toldHoles = 5

/** Coverage of samples by features, against those of a reference (history, or a larger set) where there is one. One sample or more. */
export function reportCoverage(features: readonly Feature[], reference?: readonly Feature[]): CoverageReport {
    const count = features[0]?.values.length ?? 0
    if (count === 0) throw new Error('Coverage needs at least one feature and one sample.')
    const ranks = features.map(({ values }) => placesOf(values, values))
    const matrix = ranks.map((a) => ranks.map((b) => (a === b ? 1 : correlation(a, b))))
    const scores = ranks.map((row) => row.map(normalQuantile))
    const factor = factorOf(scores)
    const cube = decorrelate(scores, factor)
    const chance = independent(cube.length, count)
    const some = (x: readonly Float64Array[]) => x.map((row) => row.subarray(0, discrepancySamples))
    const n = Math.min(count, discrepancySamples)
    const holes = findHoles(cube, toldHoles)
    const sorted = features.map(({ values }) => values.slice().sort())
    return {
        samples: count,
        features: features.map((feature, f) => coverageOf(feature, reference?.[f]?.values)),
        correlation: matrix,
        ...(reference ? { correlationError: worstDifference(matrix, reference) } : {}),
        evenness: centredDiscrepancy(some(cube), n) / centredDiscrepancy(some(chance), n),
        holes: holes.map(({ radius, at }) => ({
            radius,
            at: Object.fromEntries(features.map(({ name }, f) => [name, valueAt(sorted[f]!, correlateBack(at, factor, f))])),
        })),
        holeRatio: holes[0]!.radius / findHoles(chance, 1)[0]!.radius,
    }
}

function coverageOf({ name, unit, values }: Feature, reference: Float64Array = values): FeatureCoverage {
    const sorted = values.slice().sort()
    const known = reference.slice().sort()
    const [from, to] = [valueAt(known, 0.01), valueAt(known, 0.99)]
    const [least, most] = [sorted[0]!, sorted.at(-1)!]
    const range = known.at(-1)! - known[0]!
    return {
        name,
        unit,
        least,
        low: valueAt(sorted, 0.01),
        median: valueAt(sorted, 0.5),
        high: valueAt(sorted, 0.99),
        most,
        inTails: [values.reduce((n, v) => n + (v <= from ? 1 : 0), 0), values.reduce((n, v) => n + (v >= to ? 1 : 0), 0)],
        span: range > 0 ? Math.max(0, Math.min(most, known.at(-1)!) - Math.max(least, known[0]!)) / range : 1,
    }
}

/** The value below which a share p of the sorted ones lie, between neighbours by a straight line. */
function valueAt(sorted: Float64Array, p: number): number {
    const at = Math.min(sorted.length - 1, Math.max(0, p * (sorted.length - 1)))
    const low = Math.floor(at)
    return sorted[low]! + (at - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!)
}

function worstDifference(matrix: readonly (readonly number[])[], reference: readonly Feature[]): number {
    const ranks = reference.map(({ values }) => placesOf(values, values))
    let worst = 0
    matrix.forEach((row, a) => {
        for (let b = 0; b < a; b++) worst = Math.max(worst, Math.abs(row[b]! - correlation(ranks[a]!, ranks[b]!)))
    })
    return worst
}

/** L of the scores' correlations; of independence where one follows from the others. */
function factorOf(scores: readonly Float64Array[]): Float64Array {
    const d = scores.length
    const matrix = scores.flatMap((a) => scores.map((b) => (a === b ? 1 : correlation(a, b))))
    for (let keep = 1; keep >= 0; keep -= 0.1) {
        const factor = factorDense(
            matrix.map((rho, k) => (k % (d + 1) === 0 ? 1 : 0.999 * keep * rho)),
            d,
        )
        if (factor) return factor
    }
    throw new Error('Independence has a factor.')
}

/** u = Φ(L⁻¹·score), sample by sample. */
function decorrelate(scores: readonly Float64Array[], l: Float64Array): Float64Array[] {
    const d = scores.length
    const out = scores.map((row) => new Float64Array(row.length))
    const z = new Float64Array(d)
    for (let i = 0; i < scores[0]!.length; i++)
        for (let f = 0; f < d; f++) {
            let sum = scores[f]![i]!
            for (let k = 0; k < f; k++) sum -= l[f * d + k]! * z[k]!
            z[f] = sum / l[f * d + f]!
            out[f]![i] = normalCdf(z[f]!)
        }
    return out
}

/** The rank of feature f at a place of the cube of independent features. */
function correlateBack(at: readonly number[], l: Float64Array, f: number): number {
    const d = at.length
    let sum = 0
    for (let k = 0; k <= f; k++) sum += l[f * d + k]! * normalQuantile(at[k]!)
    return normalCdf(sum)
}

function independent(d: number, count: number): Float64Array[] {
    const random = createRandom(1)
    return Array.from({ length: d }, () => Float64Array.from({ length: count }, () => random.uniform()))
}

/** Probes the cube at 1,024 points of the Halton sequence; holes are farther from each other than the first is wide. */
function findHoles(cube: readonly Float64Array[], most: number): { radius: number; at: number[] }[] {
    const d = cube.length
    const n = cube[0]!.length
    const probes = Array.from({ length: 1024 }, (_, p) => {
        const at = cube.map((_row, f) => halton(p + 1, primes[f % primes.length]!))
        let nearest = Infinity
        for (let i = 0; i < n; i++) {
            let sum = 0
            for (let f = 0; f < d && sum < nearest; f++) sum += (cube[f]![i]! - at[f]!) ** 2
            if (sum < nearest) nearest = sum
        }
        return { radius: Math.sqrt(nearest / d), at }
    }).sort((a, b) => b.radius - a.radius)
    const found: typeof probes = []
    for (const probe of probes) {
        const apart = (other: readonly number[]) => Math.sqrt(probe.at.reduce((sum, x, f) => sum + (x - other[f]!) ** 2, 0) / d)
        if (found.every((hole) => apart(hole.at) > hole.radius)) found.push(probe)
        if (found.length === most) break
    }
    return found
}
