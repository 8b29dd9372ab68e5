/**
 * A group of charging posts. Cars come at random (a Poisson stream that follows the hour), each wants some energy, charges
 * at its post's power until it has it, and leaves. A limit from outside is shared evenly among the cars that charge.
 */
import type { Random } from '@gridverse/math'

export interface EvPosts {
    /** most power of all posts together, MW */
    readonly pMaxMw: number
    /** power of one post, MW */
    readonly postMw?: number
    /** energy one car wants on average, MWh; about 18 kWh a session (EV Project, Idaho National Laboratory 2013, rounded up for larger cars) */
    readonly meanSessionMwh?: number
    /** share of the posts that cars would keep busy at the busiest hour */
    readonly busyShare?: number
}

/** Arrivals by hour of the day relative to the busiest: few at night, commuters in the morning, most in the evening. */
const arrivalsByHour = [
    0.12, 0.08, 0.05, 0.05, 0.06, 0.12, 0.3, 0.55, 0.7, 0.6, 0.5, 0.5, 0.55, 0.5, 0.5, 0.55, 0.7, 0.9, 1, 0.95, 0.8, 0.6, 0.4, 0.22,
] as const

/** Energy each car at a post still wants, MWh. */
export type EvSessions = readonly number[]

export interface EvStep {
    readonly sessions: EvSessions
    /** power drawn, MW, 0 … limit */
    readonly pMw: number
}

/** Sessions and power after `dtS` seconds; `limitMw` is what the operator allows. */
export function advanceEvPosts(posts: EvPosts, sessions: EvSessions, hour: number, limitMw: number, dtS: number, random: Random): EvStep {
    const { pMaxMw, postMw = 0.022, meanSessionMwh = 0.02, busyShare = 0.75 } = posts
    const count = Math.max(1, Math.round(pMaxMw / postMw))
    const waiting = [...sessions]
    // at the busiest hour as many arrive as keep `busyShare` of the posts busy
    const ratePerS = (arrivalsByHour[Math.floor(hour) % 24]! * busyShare * count * postMw) / meanSessionMwh / 3600
    for (let n = poisson(ratePerS * dtS, random); n > 0 && waiting.length < count; n--)
        waiting.push(Math.min(4, -Math.log(1 - random.uniform())) * meanSessionMwh)
    const share = Math.min(postMw, Math.max(0, limitMw) / Math.max(1, waiting.length))
    const dtH = dtS / 3600
    let drawn = 0
    const left = waiting.map((want) => {
        const taken = Math.min(want, share * dtH)
        drawn += taken
        return want - taken
    })
    return { sessions: left.filter((want) => want > 1e-9), pMw: dtH > 0 ? drawn / dtH : 0 }
}

/** A Poisson number with a small mean (D. E. Knuth, The Art of Computer Programming 2, 3.4.1). */
function poisson(mean: number, random: Random): number {
    const least = Math.exp(-mean)
    let [product, n] = [random.uniform(), 0]
    while (product > least) {
        product *= random.uniform()
        n++
    }
    return n
}
