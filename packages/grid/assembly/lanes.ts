// biome-ignore-all lint/style/useConst: set from outside
/** Eight power flows at once which differ in their injections: the method of `chord.ts`, from the base case. */
import {
    baseVoltage,
    computeMismatch,
    fixed,
    iterations,
    judge,
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

/** the inputs of two lanes */
function pair(at: usize): v128 {
    return v128.load64_lane(at + stride, v128.load64_zero(at), 1)
}

/** power ← injections, voltage ← that of the base case, x ← mismatch there */
function begin(): void {
    let wA = f32x4.splat(0)
    let wB = f32x4.splat(0)
    let sA = f32x4.splat(0)
    let sB = f32x4.splat(0)
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
        pA = f32x4.abs(pA)
        pB = f32x4.abs(pB)
        qA = f32x4.abs(qA)
        qB = f32x4.abs(qB)
        wA = f32x4.pmax(f32x4.pmax(wA, pA), qA)
        wB = f32x4.pmax(f32x4.pmax(wB, pB), qB)
        sA = f32x4.add(f32x4.add(sA, pA), qA)
        sB = f32x4.add(f32x4.add(sB, pB), qB)
    }
    note(wA, wB, sA, sB)
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
