// biome-ignore-all lint/style/useConst: set from outside
/** Eight power flows at once which differ in their injections: the method of `chord.ts`, from the base case. */
import { greaterFlow, lost } from './branch-flow'
import {
    baseVoltage,
    computeMismatch,
    fixed,
    iterations,
    judge,
    larger,
    n,
    narrow,
    note,
    power,
    pq,
    release,
    role,
    step,
    substituteBack,
    substituteForward,
    voltage,
    x,
    y,
    yAt,
    yDiagonal,
    yPtr,
} from './chord'

export {
    accelerated,
    baseVoltage,
    inverse,
    iterations,
    last,
    lower,
    lowerAt,
    lowerPtr,
    n,
    power,
    role,
    state,
    steepness,
    upper,
    upperAt,
    upperPtr,
    voltage,
    worst,
    x,
    y,
    yAt,
    yDiagonal,
    yPtr,
} from './chord'

/** power of the base case, one pair a bus */
export let basePower: usize = 0
/** injections: sources by buses, each with the places of P and Q among the inputs of a lane, in bytes, and a factor */
export let sourcePtr: usize = 0
export let source: usize = 0
/** inputs of the first lane, and bytes from one lane to the next */
export let inputs: usize = 0
export let stride: usize = 0
/** of each lane, from `sumMagnitudes` */
export let sums: usize = 0
/** by branches: the two buses as offsets into `voltage`, 1 where it carries, yff yft ytf ytt, and 1/rating² or 0 */
export let nBranch: i32 = 0
export let ends: usize = 0
export let carries: usize = 0
export let admittance: usize = 0
export let rating: usize = 0
/** of each lane, from `computeFigures`: (worst loading)², least and greatest magnitude², losses, P and Q of slack buses; 8 each */
export let figures: usize = 0
/** branch of the worst loading, −1 without ratings */
export let worstBranch: usize = 0

/** the inputs of two lanes */
function pair(at: usize): v128 {
    return v128.load64_lane(at + stride, v128.load64_zero(at), 1)
}

/** power ← injections, voltage ← that of the base case, x ← mismatch there */
function begin(): void {
    let wA = f32x4.splat(0)
    let wB = f32x4.splat(0)
    const two = stride << 1
    let from = source
    for (let i = 0; i < n; i++) {
        const count = (load<u32>(sourcePtr + (i << 2), 4) - load<u32>(sourcePtr + (i << 2))) as usize
        const end = from + (count << 4)
        let p0 = f64x2.splat(0)
        let p1 = p0
        let p2 = p0
        let p3 = p0
        let q0 = p0
        let q1 = p0
        let q2 = p0
        let q3 = p0
        while (from < end) {
            const scale = v128.load64_splat(from, 8)
            let at = inputs + (load<u32>(from) as usize)
            p0 = f64x2.add(p0, f64x2.mul(scale, pair(at)))
            at += two
            p1 = f64x2.add(p1, f64x2.mul(scale, pair(at)))
            at += two
            p2 = f64x2.add(p2, f64x2.mul(scale, pair(at)))
            at += two
            p3 = f64x2.add(p3, f64x2.mul(scale, pair(at)))
            at = inputs + (load<u32>(from, 4) as usize)
            q0 = f64x2.add(q0, f64x2.mul(scale, pair(at)))
            at += two
            q1 = f64x2.add(q1, f64x2.mul(scale, pair(at)))
            at += two
            q2 = f64x2.add(q2, f64x2.mul(scale, pair(at)))
            at += two
            q3 = f64x2.add(q3, f64x2.mul(scale, pair(at)))
            from += 16
        }
        const set = power + (i << 7)
        v128.store(set, p0)
        v128.store(set, p1, 16)
        v128.store(set, p2, 32)
        v128.store(set, p3, 48)
        v128.store(set, q0, 64)
        v128.store(set, q1, 80)
        v128.store(set, q2, 96)
        v128.store(set, q3, 112)
        const at = voltage + (i << 7)
        const e = v128.load64_splat(baseVoltage + (i << 4))
        const f = v128.load64_splat(baseVoltage + (i << 4), 8)
        v128.store(at, e)
        v128.store(at, e, 16)
        v128.store(at, e, 32)
        v128.store(at, e, 48)
        v128.store(at, f, 64)
        v128.store(at, f, 80)
        v128.store(at, f, 96)
        v128.store(at, f, 112)
        const kind = load<u8>(role + i) as u32
        const to = x + (i << 6)
        let pA = f32x4.splat(0)
        let pB = pA
        let qA = pA
        let qB = pA
        if (kind !== fixed) {
            const p = v128.load64_splat(basePower + (i << 4))
            pA = narrow(f64x2.sub(p0, p), f64x2.sub(p1, p))
            pB = narrow(f64x2.sub(p2, p), f64x2.sub(p3, p))
        }
        if (kind === pq) {
            const q = v128.load64_splat(basePower + (i << 4), 8)
            qA = narrow(f64x2.sub(q0, q), f64x2.sub(q1, q))
            qB = narrow(f64x2.sub(q2, q), f64x2.sub(q3, q))
        }
        v128.store(to, pA)
        v128.store(to, pB, 16)
        v128.store(to, qA, 32)
        v128.store(to, qB, 48)
        wA = larger(larger(wA, pA), qA)
        wB = larger(larger(wB, pB), qB)
    }
    note(wA, wB)
    v128.store(iterations, i32x4.splat(0))
    v128.store(iterations, i32x4.splat(0), 16)
}

/** Solves the lanes whose state is 0, from the base case. */
export function solve(tolerance: f32, maxIterations: i32): void {
    begin()
    let moving = judge(0, tolerance, maxIterations)
    while (moving > 0) {
        release()
        substituteForward()
        substituteBack()
        step()
        computeMismatch()
        moving = judge(1, tolerance, maxIterations)
    }
}

/** |e + j·f| of two lanes */
function magnitude(at: usize): v128 {
    const e = v128.load(at)
    const f = v128.load(at, 64)
    return f64x2.sqrt(f64x2.add(f64x2.mul(e, e), f64x2.mul(f, f)))
}

/** sums ← sum of the voltage magnitudes of each lane */
export function sumMagnitudes(): void {
    let s0 = f64x2.splat(0)
    let s1 = s0
    let s2 = s0
    let s3 = s0
    for (let i = 0; i < n; i++) {
        const at = voltage + (i << 7)
        s0 = f64x2.add(s0, magnitude(at))
        s1 = f64x2.add(s1, magnitude(at + 16))
        s2 = f64x2.add(s2, magnitude(at + 32))
        s3 = f64x2.add(s3, magnitude(at + 48))
    }
    v128.store(sums, s0)
    v128.store(sums, s1, 16)
    v128.store(sums, s2, 32)
    v128.store(sums, s3, 48)
}

/** figures and worstBranch of all lanes, and their sums of magnitudes */
export function computeFigures(): void {
    sumMagnitudes()
    memory.fill(figures, 0, 384)
    for (let pair: usize = 0; pair < 64; pair += 16) v128.store(figures + pair, f64x2.splat(Infinity), 64)
    memory.fill(worstBranch, 255, 32)
    for (let i = 0; i < n; i++) {
        const at = voltage + (i << 7)
        for (let pair: usize = 0; pair < 64; pair += 16) {
            const e = v128.load(at + pair)
            const f = v128.load(at + pair, 64)
            const square = f64x2.add(f64x2.mul(e, e), f64x2.mul(f, f))
            const to = figures + pair
            // a bus without supply has no least voltage
            const least = v128.bitselect(f64x2.splat(Infinity), square, f64x2.eq(square, f64x2.splat(0)))
            v128.store(to, f64x2.pmin(v128.load(to, 64), least), 64)
            v128.store(to, f64x2.pmax(v128.load(to, 128), square), 128)
        }
        if ((load<u8>(role + i) as u32) === fixed) addInjection(i)
    }
    for (let k = 0; k < nBranch; k++) if (load<u8>(carries + k) !== 0) addBranch(k)
}

/** figures ← with P and Q of a slack bus */
function addInjection(i: usize): void {
    const own = voltage + (i << 7)
    const first = load<u32>(yPtr + (i << 2)) as usize
    const end = load<u32>(yPtr + (i << 2), 4) as usize
    for (let pair: usize = 0; pair < 64; pair += 16) {
        const e = v128.load(own + pair)
        const f = v128.load(own + pair, 64)
        let g = v128.load64_splat(yDiagonal + (i << 4))
        let b = v128.load64_splat(yDiagonal + (i << 4), 8)
        let re = f64x2.sub(f64x2.mul(g, e), f64x2.mul(b, f))
        let im = f64x2.add(f64x2.mul(g, f), f64x2.mul(b, e))
        for (let q = first; q < end; q++) {
            const other = voltage + (load<u32>(yAt + (q << 2)) as usize) + pair
            const ej = v128.load(other)
            const fj = v128.load(other, 64)
            g = v128.load64_splat(y + (q << 4))
            b = v128.load64_splat(y + (q << 4), 8)
            re = f64x2.add(re, f64x2.sub(f64x2.mul(g, ej), f64x2.mul(b, fj)))
            im = f64x2.add(im, f64x2.add(f64x2.mul(g, fj), f64x2.mul(b, ej)))
        }
        const to = figures + pair
        v128.store(to, f64x2.add(v128.load(to, 256), f64x2.add(f64x2.mul(e, re), f64x2.mul(f, im))), 256)
        v128.store(to, f64x2.add(v128.load(to, 320), f64x2.sub(f64x2.mul(f, re), f64x2.mul(e, im))), 320)
    }
}

/** figures and worstBranch ← with the losses and the loading of branch k */
function addBranch(k: u32): void {
    const from = voltage + (load<u32>(ends + (k << 3)) as usize)
    const to = voltage + (load<u32>(ends + (k << 3), 4) as usize)
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
        const square = greaterFlow(from + pair, to + pair, g0, b0, g1, b1, g2, b2, g3, b3)
        const place = figures + pair
        v128.store(place, f64x2.add(v128.load(place, 192), lost), 192)
        if (scale === 0) continue
        const loading = f64x2.mul(f64x2.splat(scale), square)
        if (v128.any_true(f64x2.gt(loading, v128.load(place)))) {
            noteLoading((pair >> 3) as u32, k, f64x2.extract_lane(loading, 0))
            noteLoading(((pair >> 3) + 1) as u32, k, f64x2.extract_lane(loading, 1))
        }
    }
}

function noteLoading(lane: u32, k: u32, loading: f64): void {
    if (!(loading > load<f64>(figures + (lane << 3)))) return
    store<f64>(figures + (lane << 3), loading)
    store<u32>(worstBranch + (lane << 2), k)
}
