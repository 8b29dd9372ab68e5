/**
 * A few days that stand for many: fast forward selection (H. Heitsch, W. Römisch, "Scenario reduction algorithms in
 * stochastic programming", Computational Optimization and Applications 24 (2003) 187–206).
 */

export interface Reduction {
    /** rows kept, in the order of their choice */
    readonly rows: readonly number[]
    /** each kept row with what its neighbours gave it */
    readonly probability: readonly number[]
    /** mean distance of a day to the one that stands for it, in the unit of the points */
    readonly distance: number
}

/** of more points than these the kept ones are chosen among the first so many */
const mostCandidates = 1500

/**
 * Keeps `count` of the points; each of the others gives its probability to the nearest kept one. Points are rows of equal
 * length, distances Euclidean; scale coordinates first so that they weigh alike. Work grows with points² and `count`, so of
 * more than 1,500 points (in an order of chance) those kept are among the first 1,500; they stand for all of them.
 */
export function selectForward(points: readonly Float64Array[], probability: ArrayLike<number>, count: number): Reduction {
    if (points.length <= mostCandidates) return selectAmong(points, probability, count)
    const { rows } = selectAmong(points.slice(0, mostCandidates), probability, count)
    const share = new Float64Array(rows.length)
    let mean = 0
    points.forEach((point, k) => {
        let [nearest, least] = [0, Infinity]
        rows.forEach((row, s) => {
            let sum = 0
            for (let j = 0; j < point.length && sum < least; j++) sum += (point[j]! - points[row]![j]!) ** 2
            if (sum < least) [nearest, least] = [s, sum]
        })
        share[nearest] = share[nearest]! + probability[k]!
        mean += probability[k]! * Math.sqrt(least)
    })
    return { rows, probability: Array.from(share), distance: mean }
}

function selectAmong(points: readonly Float64Array[], probability: ArrayLike<number>, count: number): Reduction {
    const n = points.length
    const distance = Array.from({ length: n }, () => new Float64Array(n))
    for (let i = 0; i < n; i++)
        for (let j = 0; j < i; j++) {
            let sum = 0
            for (let k = 0; k < points[i]!.length; k++) sum += (points[i]![k]! - points[j]![k]!) ** 2
            distance[i]![j] = distance[j]![i] = Math.sqrt(sum)
        }
    const rest = distance.map((row) => row.slice())
    const left = new Set(points.keys())
    const rows: number[] = []
    while (rows.length < Math.min(count, n)) {
        let best = -1
        let least = Infinity
        for (const u of left) {
            let sum = 0
            for (const k of left) if (k !== u) sum += probability[k]! * rest[k]![u]!
            if (sum < least) {
                least = sum
                best = u
            }
        }
        rows.push(best)
        left.delete(best)
        // from now on a day is no farther from any other than from the one that stands for it
        for (const k of left) for (let j = 0; j < n; j++) rest[k]![j] = Math.min(rest[k]![j]!, rest[k]![best]!)
    }
    const share = rows.map((row) => probability[row]!)
    let mean = 0
    for (const k of left) {
        let nearest = 0
        for (let s = 1; s < rows.length; s++) if (distance[k]![rows[s]!]! < distance[k]![rows[nearest]!]!) nearest = s
        share[nearest] = share[nearest]! + probability[k]!
        mean += probability[k]! * distance[k]![rows[nearest]!]!
    }
    return { rows, probability: share, distance: mean }
}
