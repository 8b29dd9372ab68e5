/**
 * How well samples cover what could be: evenly filled, tails reached, correlations kept, no holes. Every day is a point of
 * a few features (energy of the sun, mean price, …); features are compared by rank, so their units do not matter.
 */

export interface Coverage {
    /** centred L2 discrepancy of the ranks; 0 would be perfectly even (Hickernell 1998) */
    readonly discrepancy: number
    /** the same over that of as many independent points: below 1 is more even than chance */
    readonly discrepancyRatio: number
    /** greatest distance from any place of the unit cube to the nearest sample, over the cube's diagonal, 0 … 1 */
    readonly hole: number
    /** the place farthest from every sample, by feature, 0 … 1 of its range */
    readonly holeAt: readonly number[]
    /** by feature: share of the range of `whole` that the samples span, 0 … 1 */
    readonly span: readonly number[]
    /** greatest difference of a rank correlation from that of `whole` */
    readonly correlationError: number
}

/**
 * Coverage of `count` samples of features (one array a feature), against the larger set they are drawn from, or
 * themselves where that is all there is. Two features or more; throws on none.
 */
export function measureCoverage(
    features: readonly Float64Array[],
    whole: readonly Float64Array[] = features,
    probability?: ArrayLike<number>,
    wholeProbability?: ArrayLike<number>,
): Coverage {
    const count = features[0]?.length ?? 0
    if (count === 0) throw new Error('Coverage needs at least one feature and one sample.')
    // where in the ordered whole a value lies, 0 … 1
    const place = features.map((feature, f) => placesOf(feature, whole[f]!))
    const d = features.length
    const discrepancy = centredDiscrepancy(place, count, probability)
    // expectation over independent uniform points: ((5/4)^d − (13/12)^d)/n
    const byChance = Math.sqrt(((5 / 4) ** d - (13 / 12) ** d) / count)
    const { hole, holeAt } = largestHole(place, count)
    return {
        discrepancy,
        discrepancyRatio: discrepancy / byChance,
        hole,
        holeAt,
        span: features.map((feature, f) => spanOf(feature, whole[f]!)),
        correlationError: correlationGap(features, whole, probability, wholeProbability),
    }
}

/** Where each value lies in the ordered whole, 0 … 1. */
export function placesOf(values: Float64Array, whole: Float64Array): Float64Array {
    const sorted = whole.slice().sort()
    return values.map((v) => {
        let low = 0
        let high = sorted.length
        while (low < high) {
            const middle = (low + high) >> 1
            if (sorted[middle]! < v) low = middle + 1
            else high = middle
        }
        let equal = low
        while (equal < sorted.length && sorted[equal] === v) equal++
        return (low + equal) / 2 / sorted.length
    })
}

/** F. J. Hickernell, "A generalized discrepancy and quadrature error bound", Mathematics of Computation 67 (1998) 299–322. */
export function centredDiscrepancy(x: readonly Float64Array[], n: number, probability?: ArrayLike<number>): number {
    const weight = (i: number) => probability?.[i] ?? 1 / n
    let single = 0
    let double = 0
    for (let i = 0; i < n; i++) {
        let product = 1
        for (const c of x) {
            const a = Math.abs(c[i]! - 0.5)
            product *= 1 + a / 2 - (a * a) / 2
        }
        single += weight(i) * product
        for (let j = 0; j < n; j++) {
            let pair = 1
            for (const c of x) pair *= 1 + Math.abs(c[i]! - 0.5) / 2 + Math.abs(c[j]! - 0.5) / 2 - Math.abs(c[i]! - c[j]!) / 2
            double += weight(i) * weight(j) * pair
        }
    }
    return Math.sqrt(Math.max(0, (13 / 12) ** x.length - 2 * single + double))
}

export const primes: readonly number[] = [2, 3, 5, 7, 11, 13, 17, 19]
/** Probes the cube at 1,024 points of the Halton sequence. */
function largestHole(x: readonly Float64Array[], n: number): { hole: number; holeAt: number[] } {
    let hole = 0
    let holeAt: number[] = x.map(() => 0.5)
    for (let probe = 1; probe <= 1024; probe++) {
        const at = x.map((_, f) => halton(probe, primes[f % primes.length]!))
        let nearest = Infinity
        for (let i = 0; i < n; i++) {
            let sum = 0
            x.forEach((c, f) => {
                sum += (c[i]! - at[f]!) ** 2
            })
            nearest = Math.min(nearest, sum)
        }
        const far = Math.sqrt(nearest / x.length)
        if (far > hole) {
            hole = far
            holeAt = at
        }
    }
    return { hole, holeAt }
}
export function halton(index: number, base: number): number {
    let result = 0
    for (let i = index, f = 1 / base; i > 0; i = Math.floor(i / base), f /= base) result += f * (i % base)
    return result
}

function spanOf(values: Float64Array, whole: Float64Array): number {
    const range = (v: Float64Array) => v.reduce((m, x) => Math.max(m, x), -Infinity) - v.reduce((m, x) => Math.min(m, x), Infinity)
    const all = range(whole)
    return all === 0 ? 1 : range(values) / all
}

function correlationGap(
    features: readonly Float64Array[],
    whole: readonly Float64Array[],
    probability?: ArrayLike<number>,
    wholeProbability?: ArrayLike<number>,
): number {
    const kept = features.map((feature, f) => placesOf(feature, whole[f]!))
    const all = whole.map((feature) => placesOf(feature, feature))
    let worst = 0
    for (let a = 0; a < kept.length; a++)
        for (let b = 0; b < a; b++)
            worst = Math.max(
                worst,
                Math.abs(correlation(kept[a]!, kept[b]!, probability) - correlation(all[a]!, all[b]!, wholeProbability)),
            )
    return worst
}

/** Pearson's correlation with probabilities; 0 where one of the two never changes. */
export function correlation(a: Float64Array, b: Float64Array, probability?: ArrayLike<number>): number {
    const weight = (i: number) => probability?.[i] ?? 1 / a.length
    const mean = (x: Float64Array) => x.reduce((sum, v, i) => sum + weight(i) * v, 0)
    const [ma, mb] = [mean(a), mean(b)]
    let [ab, aa, bb] = [0, 0, 0]
    for (let i = 0; i < a.length; i++) {
        ab += weight(i) * (a[i]! - ma) * (b[i]! - mb)
        aa += weight(i) * (a[i]! - ma) ** 2
        bb += weight(i) * (b[i]! - mb) ** 2
    }
    return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0
}
