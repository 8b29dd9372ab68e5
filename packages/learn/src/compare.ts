/** Whether one model is better than another, day by day; and whether days are still as they were. */
import { createRandom } from '@gridverse/math'

export interface Comparison {
    readonly days: number
    /** what the loss is: `CRPS kW`, … */
    readonly loss: string
    readonly candidate: number
    /** of what is in use */
    readonly incumbent: number
    /** 1 − candidate/incumbent */
    readonly gain: number
    /** chance of such a gain were neither better */
    readonly pValue: number
    readonly better: boolean
}

const draws = 1999

/**
 * Paired by day, one-sided: signs of the differences are flipped at random, which changes nothing where neither is better
 * (R. A. Fisher 1935, §21). Better is: by the margin (share of the incumbent's loss) or more, at 5 % or less. Days are taken
 * as independent of each other.
 */
export function compareLosses(
    candidate: readonly number[],
    incumbent: readonly number[],
    loss: string,
    { margin = 0.005, level = 0.05, seed = 1 } = {},
): Comparison {
    if (candidate.length !== incumbent.length) throw new Error(`${candidate.length} losses cannot be paired with ${incumbent.length}.`)
    const n = candidate.length
    const mean = (x: readonly number[]) => x.reduce((sum, v) => sum + v, 0) / Math.max(1, n)
    const difference = candidate.map((c, i) => incumbent[i]! - c)
    const observed = difference.reduce((sum, v) => sum + v, 0)
    const random = createRandom(seed)
    let asGood = 1
    for (let k = 0; k < draws; k++) {
        let sum = 0
        for (const d of difference) sum += random.uint32() & 1 ? d : -d
        // sums that differ by rounding only are equal
        if (sum >= observed - 1e-12 * Math.abs(observed)) asGood++
    }
    const pValue = asGood / (draws + 1)
    const [c, i] = [mean(candidate), mean(incumbent)]
    const gain = i === 0 ? 0 : (i - c) / Math.abs(i)
    return { days: n, loss, candidate: c, incumbent: i, gain, pValue, better: n > 0 && gain >= margin && pValue <= level }
}

export interface Drift {
    readonly quantity: string
    /** population stability index over ten bins; by custom below 0.1 the same, above 0.25 other */
    readonly index: number
    /** chance of such an index were days exchangeable between then and now */
    readonly pValue: number
    readonly verdict: 'stable' | 'moving' | 'drifted'
}

/**
 * Σ (p − q)·ln(p/q) over bins that hold a tenth each of the values learnt from. Values of a day belong together, so
 * chance is judged by exchanging whole days.
 */
export function measureDrift(quantity: string, learnt: readonly Float64Array[], recent: readonly Float64Array[], seed = 1): Drift {
    const days = [...learnt, ...recent].map((day) => day.filter((v) => !Number.isNaN(v)))
    const index = stabilityIndex(days.slice(0, learnt.length), days.slice(learnt.length))
    const random = createRandom(seed)
    const rounds = 199
    let asFar = 1
    for (let k = 0; k < rounds; k++) {
        const mixed = [...days]
        for (let i = mixed.length - 1; i > 0; i--) {
            const j = random.below(i + 1)
            ;[mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!]
        }
        if (stabilityIndex(mixed.slice(0, learnt.length), mixed.slice(learnt.length)) >= index) asFar++
    }
    const pValue = asFar / (rounds + 1)
    return { quantity, index, pValue, verdict: index < 0.1 || pValue > 0.05 ? 'stable' : index > 0.25 ? 'drifted' : 'moving' }
}

const bins = 10
/** Half a value is added to every bin, so that none is empty. */
export function stabilityIndex(learnt: readonly Float64Array[], recent: readonly Float64Array[]): number {
    const all = Float64Array.from(learnt.flatMap((day) => Array.from(day))).sort()
    if (all.length === 0) return 0
    const edges = Array.from({ length: bins - 1 }, (_, k) => all[Math.floor(((k + 1) * all.length) / bins)]!)
    const shares = (days: readonly Float64Array[]) => {
        const count = new Float64Array(bins).fill(0.5)
        for (const day of days)
            for (const v of day) {
                let b = 0
                while (b < bins - 1 && v >= edges[b]!) b++
                count[b] = count[b]! + 1
            }
        const total = count.reduce((sum, c) => sum + c, 0)
        return count.map((c) => c / total)
    }
    const [p, q] = [shares(learnt), shares(recent)]
    return p.reduce((sum, x, b) => sum + (x - q[b]!) * Math.log(x / q[b]!), 0)
}
