// biome-ignore-all lint/style/useConst: set from outside
/**
 * What the voltages after eight outages show: loadings and voltages against their limits, extremes, losses. A place has
 * the voltages of one outage, laid out as in `chord.ts`; at buses without supply they are zero.
 */
import { greaterFlow, lost } from './branch-flow'
import { n } from './chord'

/** of each branch: buses, yff yft ytf ytt, whether it carries current, (base/rating)² or 0 */
export let nBranch: i32 = 0
export let ends: usize = 0
export let admittance: usize = 0
export let carries: usize = 0
export let rating: usize = 0
/** voltages that converged, laid out as `voltage`; of each place its branch; how many places are filled */
export let collected: usize = 0
export let count: i32 = 0
export let doneBranch: usize = 0
/** in the network's order: bus, (lowest, highest magnitude)²; −1 for a bus without supply */
export let busOf: usize = 0
export let limits: usize = 0
/** of each bus in the network's order: real parts of yff and ytt of branches without a rating, added up */
export let conductance: usize = 0
/** of each place: (worst loading)² and its branch, least and greatest magnitude² and their buses, losses; 8 each */
export let figures: usize = 0
/** those rows, then how many entries `overloads` and `beyond` have */
export let figureRows: usize = 0
/** what is beyond a limit: place, row, and square of its loading or magnitude */
export let overloads: usize = 0
let overloadCount: i32 = 0
export let beyond: usize = 0
let beyondCount: i32 = 0

export function busFrom(k: u32): usize {
    return load<u32>(ends + (k << 3)) as usize
}
export function busTo(k: u32): usize {
    return load<u32>(ends + (k << 3), 4) as usize
}

/** The next place is filled. */
export function fill(): void {
    count++
}
/** No place is filled. */
export function empty(): void {
    count = 0
}

/** Figures of every place of the collection. */
export function computeFigures(): void {
    memory.fill(figures, 0, 256)
    for (let place: usize = 0; place < 8; place++) {
        store<f64>(figures + (place << 3), -1)
        store<f64>(figures + (place << 3), Infinity, 64)
        store<f64>(figures + (place << 3), -1, 128)
        store<i32>(figureRows + (place << 2), -1)
        store<i32>(figureRows + (place << 2), -1, 32)
        store<i32>(figureRows + (place << 2), -1, 64)
    }
    overloadCount = 0
    beyondCount = 0
    for (let place = 0; place < count; place++) mark(place, 2)
    for (let k: u32 = 0; k < (nBranch as u32); k++) {
        const carried = load<u8>(carries + k)
        if (carried === 0) continue
        if (load<f64>(rating + (k << 3)) > 0) lookAtBranch(k, carried)
        else addLosses(k, carried)
    }
    for (let place = 0; place < count; place++) mark(place, 1)
    for (let i: u32 = 0; i < (n as u32); i++) lookAtBus(i)
    store<i32>(figureRows, overloadCount, 96)
    store<i32>(figureRows, beyondCount, 100)
}

function mark(place: i32, value: u8): void {
    store<u8>(carries + load<u32>(doneBranch + (place << 2)), value)
}

function lookAtBranch(k: u32, carried: u8): void {
    const from = collected + (busFrom(k) << 7)
    const to = collected + (busTo(k) << 7)
    const branch = admittance + (k << 6)
    const scale = load<f64>(rating + (k << 3))
    const g0 = v128.load64_splat(branch)
    const b0 = v128.load64_splat(branch, 8)
    const g1 = v128.load64_splat(branch, 16)
    const b1 = v128.load64_splat(branch, 24)
    const g2 = v128.load64_splat(branch, 32)
    const b2 = v128.load64_splat(branch, 40)
    const g3 = v128.load64_splat(branch, 48)
    const b3 = v128.load64_splat(branch, 56)
    for (let pair: usize = 0; pair < 64; pair += 16) {
        let loading = f64x2.mul(f64x2.splat(scale), greaterFlow(from + pair, to + pair, g0, b0, g1, b1, g2, b2, g3, b3))
        let loss = lost
        if (carried === 2) {
            const out = i64x2(elsewhere(k, pair), elsewhere(k, pair + 8))
            loading = v128.and(loading, out)
            loss = v128.and(loss, out)
        }
        const losses = figures + 192 + pair
        v128.store(losses, f64x2.add(v128.load(losses), loss))
        const news = v128.or(f64x2.gt(loading, v128.load(figures + pair)), f64x2.gt(loading, f64x2.splat(1)))
        if (v128.any_true(news)) {
            noteBranch((pair >> 3) as u32, k, f64x2.extract_lane(loading, 0))
            noteBranch(((pair >> 3) + 1) as u32, k, f64x2.extract_lane(loading, 1))
        }
    }
}

/**
 * Losses of a branch without a rating, less what buses add:
 *   P from + P to = gff·|Vf|² + gtt·|Vt|² + (gft + gtf)·Re(Vf·conj(Vt)) + (bft − btf)·Im(Vf·conj(Vt))
 */
function addLosses(k: u32, carried: u8): void {
    const from = collected + (busFrom(k) << 7)
    const to = collected + (busTo(k) << 7)
    const branch = admittance + (k << 6)
    const g = f64x2.splat(load<f64>(branch, 16) + load<f64>(branch, 32))
    const turns = load<f64>(branch, 24) - load<f64>(branch, 40)
    for (let pair: usize = 0; pair < 64; pair += 16) {
        const e = v128.load(from + pair)
        const f = v128.load(from + pair, 64)
        const et = v128.load(to + pair)
        const ft = v128.load(to + pair, 64)
        let loss = f64x2.mul(g, f64x2.add(f64x2.mul(e, et), f64x2.mul(f, ft)))
        if (turns !== 0) loss = f64x2.add(loss, f64x2.mul(f64x2.splat(turns), f64x2.sub(f64x2.mul(f, et), f64x2.mul(e, ft))))
        if (carried === 2) {
            const own = f64x2.add(
                f64x2.mul(v128.load64_splat(branch), f64x2.add(f64x2.mul(e, e), f64x2.mul(f, f))),
                f64x2.mul(v128.load64_splat(branch, 48), f64x2.add(f64x2.mul(et, et), f64x2.mul(ft, ft))),
            )
            loss = v128.bitselect(loss, f64x2.neg(own), i64x2(elsewhere(k, pair), elsewhere(k, pair + 8)))
        }
        const losses = figures + 192 + pair
        v128.store(losses, f64x2.add(v128.load(losses), loss))
    }
}

/** no bits where branch k is out at a place, else all */
function elsewhere(k: u32, place: usize): i64 {
    return load<u32>(doneBranch + (place >> 1)) === k ? 0 : -1
}

function noteBranch(place: u32, k: u32, loading: f64): void {
    if (loading > load<f64>(figures + (place << 3))) {
        store<f64>(figures + (place << 3), loading)
        store<u32>(figureRows + (place << 2), k)
    }
    if (loading > 1 && place < (count as u32)) {
        const at = overloads + (overloadCount << 4)
        store<u32>(at, place)
        store<u32>(at, k, 4)
        store<f64>(at, loading, 8)
        overloadCount++
    }
}

function lookAtBus(row: u32): void {
    const low = load<f64>(limits + (row << 4))
    const high = load<f64>(limits + (row << 4), 8)
    if (high < 0) return
    const at = collected + ((load<u32>(busOf + (row << 2)) as usize) << 7)
    for (let pair: usize = 0; pair < 64; pair += 16) {
        const e = v128.load(at + pair)
        const f = v128.load(at + pair, 64)
        const square = f64x2.add(f64x2.mul(e, e), f64x2.mul(f, f))
        const losses = figures + 192 + pair
        v128.store(losses, f64x2.add(v128.load(losses), f64x2.mul(v128.load64_splat(conductance + (row << 3)), square)))
        const extreme = v128.or(f64x2.lt(square, v128.load(figures + pair, 64)), f64x2.gt(square, v128.load(figures + pair, 128)))
        const outside = v128.or(f64x2.lt(square, f64x2.splat(low)), f64x2.gt(square, f64x2.splat(high)))
        if (v128.any_true(v128.or(extreme, outside))) {
            noteBus((pair >> 3) as u32, row, f64x2.extract_lane(square, 0), low, high)
            noteBus(((pair >> 3) + 1) as u32, row, f64x2.extract_lane(square, 1), low, high)
        }
    }
}

function noteBus(place: u32, row: u32, square: f64, low: f64, high: f64): void {
    // cut off
    if (square === 0) return
    const at = figures + (place << 3)
    // where buses are alike but for rounding, the first counts
    if (square < load<f64>(at, 64) - 2e-12) {
        store<f64>(at, square, 64)
        store<u32>(figureRows + (place << 2), row, 32)
    }
    if (square > load<f64>(at, 128) + 2e-12) {
        store<f64>(at, square, 128)
        store<u32>(figureRows + (place << 2), row, 64)
    }
    if ((square < low || square > high) && place < (count as u32)) {
        const to = beyond + (beyondCount << 4)
        store<u32>(to, place)
        store<u32>(to, row, 4)
        store<f64>(to, square, 8)
        beyondCount++
    }
}
