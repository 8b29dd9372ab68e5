// biome-ignore-all lint/style/useConst: set from outside
/**
 * Eight power flows at once on one grid: chord Newton, in polar coordinates, with one factor for all of them and for
 * every step (Stott, Proc. IEEE 62, 1974, on Newton with a constant Jacobian).
 *
 *   d = J⁻¹·s·ΔS(V),  J = L·U of the base case;   unknowns (v, t): dV/V = v + j·t
 *   s = (5 − 3·|V|²/|V0|²)/2 at PQ buses, V0 that of the base case; or 1
 *   V ← V·(1 + v)·(1 + j·t/2)/(1 − j·t/2)   for (v, t) = ω·d
 *   ω = −ω′·⟨d′, d − d′⟩/⟨d − d′, d − d′⟩   (Irons and Tuck, Int. J. Numer. Methods Eng. 1, 1969), at first 1
 *
 * where primes mark the step before: ω takes out the slowest of the errors that shrink by a constant factor. The scale s
 * stands for |V0/V|³: as voltages move away from those of J its rows grow with them, and so does what the load draws; the
 * third power was found by trial, on grids of 118 to 9,241 buses, and saves a step in eight on the largest. Voltages
 * and mismatches are double precision, factor and corrections single: each iteration corrects the rounding of the one
 * before. A lane computes the same whatever the others hold.
 *
 * A bus has 16 numbers, two for each lane: the eight first ones (e, P, v), then the eight second ones (f, Q, t). The
 * factor has 2×2 blocks by rows; those of a bus that holds its voltage are zero.
 */
export let n: i32 = 0
export let yPtr: usize = 0
/** columns times 128 */
export let yAt: usize = 0
export let y: usize = 0
export let yDiagonal: usize = 0
export let role: usize = 0
export let lowerPtr: usize = 0
/** columns times 64, likewise `upperAt` */
export let lowerAt: usize = 0
export let lower: usize = 0
export let inverse: usize = 0
export let upperPtr: usize = 0
export let upperAt: usize = 0
export let upper: usize = 0
/** voltage of the base case, one pair a bus */
export let baseVoltage: usize = 0
/** specified injections */
export let power: usize = 0
export let voltage: usize = 0
/** 3/2 over the square of each bus's voltage in the base case, single precision; 0 where nothing is scaled */
export let steepness: usize = 0
/** whether steps are ω·d; else they are d and `last` is not used */
export let accelerated: i32 = 0
/** mismatch, then the correction d; and d of the step before: they change places */
export let x: usize = 0
export let last: usize = 0
/** of each lane: largest mismatch, iterations, and 0 while iterating, 1 converged, 2 stalled */
export let worst: usize = 0
export let iterations: usize = 0
export let state: usize = 0

export const fixed: u32 = 0
export const pq: u32 = 2

// of lanes 0 to 3 and 4 to 7: largest mismatch, and all ones where a lane still moves
let worstA: v128 = f32x4.splat(0)
let worstB: v128 = f32x4.splat(0)
let movesA: v128 = f32x4.splat(0)
let movesB: v128 = f32x4.splat(0)
// ω, and its numerator and denominator
let omegaA: v128 = f32x4.splat(1)
let omegaB: v128 = f32x4.splat(1)
let dotA: v128 = f32x4.splat(0)
let dotB: v128 = f32x4.splat(0)
let squareA: v128 = f32x4.splat(0)
let squareB: v128 = f32x4.splat(0)

/** four single-precision lanes of two pairs */
export function narrow(a: v128, b: v128): v128 {
    return v128.shuffle<f32>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 1, 4, 5)
}
export function highHalf(a: v128): v128 {
    return v128.shuffle<f64>(a, a, 1, 1)
}

/** notes the largest mismatch of every lane */
export function note(wA: v128, wB: v128): void {
    worstA = wA
    worstB = wB
}
/** the larger magnitude, lane by lane; as whole numbers, where a NaN is larger than anything */
export function larger(most: v128, value: v128): v128 {
    return i32x4.max_u(most, f32x4.abs(value))
}

/** x ← mismatch */
export function computeMismatch(): void {
    const nBus = n
    const from = voltage
    const steep = steepness
    let wA = f32x4.splat(0)
    let wB = f32x4.splat(0)
    let at = yAt
    let entry = y
    for (let i = 0; i < nBus; i++) {
        const kind = load<u8>(role + i) as u32
        const count = (load<u32>(yPtr + (i << 2), 4) - load<u32>(yPtr + (i << 2))) as usize
        const end = entry + (count << 4)
        const to = x + (i << 6)
        if (kind === fixed) {
            entry = end
            at += count << 2
            const zero = f32x4.splat(0)
            v128.store(to, zero)
            v128.store(to, zero, 16)
            v128.store(to, zero, 32)
            v128.store(to, zero, 48)
            continue
        }
        const own = from + (i << 7)
        let j = own
        let g = v128.load64_splat(yDiagonal + (i << 4))
        let b = v128.load64_splat(yDiagonal + (i << 4), 8)
        let re0 = f64x2.splat(0)
        let re1 = re0
        let re2 = re0
        let re3 = re0
        let im0 = re0
        let im1 = re0
        let im2 = re0
        let im3 = re0
        while (true) {
            let e = v128.load(j)
            let f = v128.load(j, 64)
            re0 = f64x2.add(re0, f64x2.sub(f64x2.mul(g, e), f64x2.mul(b, f)))
            im0 = f64x2.add(im0, f64x2.add(f64x2.mul(g, f), f64x2.mul(b, e)))
            e = v128.load(j, 16)
            f = v128.load(j, 80)
            re1 = f64x2.add(re1, f64x2.sub(f64x2.mul(g, e), f64x2.mul(b, f)))
            im1 = f64x2.add(im1, f64x2.add(f64x2.mul(g, f), f64x2.mul(b, e)))
            e = v128.load(j, 32)
            f = v128.load(j, 96)
            re2 = f64x2.add(re2, f64x2.sub(f64x2.mul(g, e), f64x2.mul(b, f)))
            im2 = f64x2.add(im2, f64x2.add(f64x2.mul(g, f), f64x2.mul(b, e)))
            e = v128.load(j, 48)
            f = v128.load(j, 112)
            re3 = f64x2.add(re3, f64x2.sub(f64x2.mul(g, e), f64x2.mul(b, f)))
            im3 = f64x2.add(im3, f64x2.add(f64x2.mul(g, f), f64x2.mul(b, e)))
            if (entry >= end) break
            j = from + (load<u32>(at) as usize)
            g = v128.load64_splat(entry)
            b = v128.load64_splat(entry, 8)
            entry += 16
            at += 4
        }
        const set = power + (i << 7)
        const e0 = v128.load(own)
        const e1 = v128.load(own, 16)
        const e2 = v128.load(own, 32)
        const e3 = v128.load(own, 48)
        const f0 = v128.load(own, 64)
        const f1 = v128.load(own, 80)
        const f2 = v128.load(own, 96)
        const f3 = v128.load(own, 112)
        const p0 = f64x2.sub(v128.load(set), f64x2.add(f64x2.mul(e0, re0), f64x2.mul(f0, im0)))
        const p1 = f64x2.sub(v128.load(set, 16), f64x2.add(f64x2.mul(e1, re1), f64x2.mul(f1, im1)))
        const p2 = f64x2.sub(v128.load(set, 32), f64x2.add(f64x2.mul(e2, re2), f64x2.mul(f2, im2)))
        const p3 = f64x2.sub(v128.load(set, 48), f64x2.add(f64x2.mul(e3, re3), f64x2.mul(f3, im3)))
        let pA = narrow(p0, p1)
        let pB = narrow(p2, p3)
        let qA = f32x4.splat(0)
        let qB = qA
        wA = larger(wA, pA)
        wB = larger(wB, pB)
        if (kind === pq) {
            const q0 = f64x2.sub(v128.load(set, 64), f64x2.sub(f64x2.mul(f0, re0), f64x2.mul(e0, im0)))
            const q1 = f64x2.sub(v128.load(set, 80), f64x2.sub(f64x2.mul(f1, re1), f64x2.mul(e1, im1)))
            const q2 = f64x2.sub(v128.load(set, 96), f64x2.sub(f64x2.mul(f2, re2), f64x2.mul(e2, im2)))
            const q3 = f64x2.sub(v128.load(set, 112), f64x2.sub(f64x2.mul(f3, re3), f64x2.mul(e3, im3)))
            qA = narrow(q0, q1)
            qB = narrow(q2, q3)
            wA = larger(wA, qA)
            wB = larger(wB, qB)
            if (steep !== 0) {
                const rate = v128.load32_splat(steep + (i << 2))
                const squareA = narrow(f64x2.add(f64x2.mul(e0, e0), f64x2.mul(f0, f0)), f64x2.add(f64x2.mul(e1, e1), f64x2.mul(f1, f1)))
                const squareB = narrow(f64x2.add(f64x2.mul(e2, e2), f64x2.mul(f2, f2)), f64x2.add(f64x2.mul(e3, e3), f64x2.mul(f3, f3)))
                const scaleA = f32x4.sub(f32x4.splat(2.5), f32x4.mul(rate, squareA))
                const scaleB = f32x4.sub(f32x4.splat(2.5), f32x4.mul(rate, squareB))
                pA = f32x4.mul(scaleA, pA)
                pB = f32x4.mul(scaleB, pB)
                qA = f32x4.mul(scaleA, qA)
                qB = f32x4.mul(scaleB, qB)
            }
        }
        v128.store(to, pA)
        v128.store(to, pB, 16)
        v128.store(to, qA, 32)
        v128.store(to, qB, 48)
    }
    note(wA, wB)
}

/** x ← L⁻¹·x. At a bus that holds its magnitude v = 0: only the first row of its blocks and t count. */
export function substituteForward(): void {
    const nBus = n
    const right = x
    let at = lowerAt
    let block = lower
    let pivot = inverse
    let to = right
    for (let i = 0; i < nBus; i++) {
        const count = (load<u32>(lowerPtr + (i << 2), 4) - load<u32>(lowerPtr + (i << 2))) as usize
        const end = block + (count << 4)
        let a0 = v128.load(to)
        let a1 = v128.load(to, 16)
        if ((load<u8>(role + i) as u32) === pq) {
            let b0 = v128.load(to, 32)
            let b1 = v128.load(to, 48)
            while (block < end) {
                const k = right + (load<u32>(at) as usize)
                const v0 = v128.load(k)
                const v1 = v128.load(k, 16)
                const t0 = v128.load(k, 32)
                const t1 = v128.load(k, 48)
                const l0 = v128.load32_splat(block)
                const l1 = v128.load32_splat(block, 4)
                a0 = f32x4.sub(a0, f32x4.add(f32x4.mul(l0, v0), f32x4.mul(l1, t0)))
                a1 = f32x4.sub(a1, f32x4.add(f32x4.mul(l0, v1), f32x4.mul(l1, t1)))
                const l2 = v128.load32_splat(block, 8)
                const l3 = v128.load32_splat(block, 12)
                b0 = f32x4.sub(b0, f32x4.add(f32x4.mul(l2, v0), f32x4.mul(l3, t0)))
                b1 = f32x4.sub(b1, f32x4.add(f32x4.mul(l2, v1), f32x4.mul(l3, t1)))
                at += 4
                block += 16
            }
            const d0 = v128.load32_splat(pivot)
            const d1 = v128.load32_splat(pivot, 4)
            const d2 = v128.load32_splat(pivot, 8)
            const d3 = v128.load32_splat(pivot, 12)
            v128.store(to, f32x4.add(f32x4.mul(d0, a0), f32x4.mul(d1, b0)))
            v128.store(to, f32x4.add(f32x4.mul(d0, a1), f32x4.mul(d1, b1)), 16)
            v128.store(to, f32x4.add(f32x4.mul(d2, a0), f32x4.mul(d3, b0)), 32)
            v128.store(to, f32x4.add(f32x4.mul(d2, a1), f32x4.mul(d3, b1)), 48)
        } else {
            while (block < end) {
                const k = right + (load<u32>(at) as usize)
                const l0 = v128.load32_splat(block)
                const l1 = v128.load32_splat(block, 4)
                a0 = f32x4.sub(a0, f32x4.add(f32x4.mul(l0, v128.load(k)), f32x4.mul(l1, v128.load(k, 32))))
                a1 = f32x4.sub(a1, f32x4.add(f32x4.mul(l0, v128.load(k, 16)), f32x4.mul(l1, v128.load(k, 48))))
                at += 4
                block += 16
            }
            const d2 = v128.load32_splat(pivot, 8)
            const zero = f32x4.splat(0)
            v128.store(to, zero)
            v128.store(to, zero, 16)
            v128.store(to, f32x4.mul(d2, a0), 32)
            v128.store(to, f32x4.mul(d2, a1), 48)
        }
        pivot += 16
        to += 64
    }
}

/** x ← U⁻¹·x = d, and the sums for ω */
export function substituteBack(): void {
    const right = x
    const nBus = n
    let at = upperAt + ((load<u32>(upperPtr + ((nBus as usize) << 2)) as usize) << 2)
    let block = upper + ((load<u32>(upperPtr + ((nBus as usize) << 2)) as usize) << 4)
    const compares = accelerated !== 0
    let dA = f32x4.splat(0)
    let dB = dA
    let qA = dA
    let qB = dA
    for (let i = nBus - 1; i >= 0; i--) {
        const to = right + (i << 6)
        const first = upper + ((load<u32>(upperPtr + (i << 2)) as usize) << 4)
        let a0 = f32x4.splat(0)
        let a1 = a0
        let b0 = v128.load(to, 32)
        let b1 = v128.load(to, 48)
        if ((load<u8>(role + i) as u32) === pq) {
            a0 = v128.load(to)
            a1 = v128.load(to, 16)
            while (block > first) {
                at -= 4
                block -= 16
                const k = right + (load<u32>(at) as usize)
                const v0 = v128.load(k)
                const v1 = v128.load(k, 16)
                const t0 = v128.load(k, 32)
                const t1 = v128.load(k, 48)
                const u0 = v128.load32_splat(block)
                const u1 = v128.load32_splat(block, 4)
                a0 = f32x4.sub(a0, f32x4.add(f32x4.mul(u0, v0), f32x4.mul(u1, t0)))
                a1 = f32x4.sub(a1, f32x4.add(f32x4.mul(u0, v1), f32x4.mul(u1, t1)))
                const u2 = v128.load32_splat(block, 8)
                const u3 = v128.load32_splat(block, 12)
                b0 = f32x4.sub(b0, f32x4.add(f32x4.mul(u2, v0), f32x4.mul(u3, t0)))
                b1 = f32x4.sub(b1, f32x4.add(f32x4.mul(u2, v1), f32x4.mul(u3, t1)))
            }
            v128.store(to, a0)
            v128.store(to, a1, 16)
        } else {
            while (block > first) {
                at -= 4
                block -= 16
                const k = right + (load<u32>(at) as usize)
                const u2 = v128.load32_splat(block, 8)
                const u3 = v128.load32_splat(block, 12)
                b0 = f32x4.sub(b0, f32x4.add(f32x4.mul(u2, v128.load(k)), f32x4.mul(u3, v128.load(k, 32))))
                b1 = f32x4.sub(b1, f32x4.add(f32x4.mul(u2, v128.load(k, 16)), f32x4.mul(u3, v128.load(k, 48))))
            }
        }
        v128.store(to, b0, 32)
        v128.store(to, b1, 48)
        if (!compares) continue
        const before = last + (i << 6)
        let old = v128.load(before)
        let change = f32x4.sub(a0, old)
        dA = f32x4.add(dA, f32x4.mul(change, old))
        qA = f32x4.add(qA, f32x4.mul(change, change))
        old = v128.load(before, 16)
        change = f32x4.sub(a1, old)
        dB = f32x4.add(dB, f32x4.mul(change, old))
        qB = f32x4.add(qB, f32x4.mul(change, change))
        old = v128.load(before, 32)
        change = f32x4.sub(b0, old)
        dA = f32x4.add(dA, f32x4.mul(change, old))
        qA = f32x4.add(qA, f32x4.mul(change, change))
        old = v128.load(before, 48)
        change = f32x4.sub(b1, old)
        dB = f32x4.add(dB, f32x4.mul(change, old))
        qB = f32x4.add(qB, f32x4.mul(change, change))
    }
    dotA = dA
    dotB = dB
    squareA = qA
    squareB = qB
}

/** V after the step (v, t) of one pair of lanes at `at` */
export function move(at: usize, v: v128, t: v128): void {
    const half = f64x2.mul(t, f64x2.splat(0.5))
    const square = f64x2.mul(half, half)
    const one = f64x2.splat(1)
    rotate(at, square, t, f64x2.div(f64x2.add(one, v), f64x2.add(one, square)))
}

/** the same where |V| is held */
export function turn(at: usize, t: v128): void {
    const half = f64x2.mul(t, f64x2.splat(0.5))
    const square = f64x2.mul(half, half)
    const one = f64x2.splat(1)
    rotate(at, square, t, f64x2.div(one, f64x2.add(one, square)))
}

function rotate(at: usize, square: v128, t: v128, scale: v128): void {
    const e = v128.load(at)
    const f = v128.load(at, 64)
    const c = f64x2.mul(f64x2.sub(f64x2.splat(1), square), scale)
    const s = f64x2.mul(t, scale)
    v128.store(at, f64x2.sub(f64x2.mul(e, c), f64x2.mul(f, s)))
    v128.store(at, f64x2.add(f64x2.mul(f, c), f64x2.mul(e, s)), 64)
}

/** −ω·dot/square, within bounds that a sound lane rarely meets; 1 at a lane's first step */
function relax(omega: v128, dot: v128, square: v128, k: v128): v128 {
    const free = f32x4.neg(f32x4.div(f32x4.mul(omega, dot), square))
    const bound = f32x4.max(f32x4.splat(0.3), f32x4.min(f32x4.splat(2), free))
    return v128.bitselect(f32x4.splat(1), bound, i32x4.eq(k, i32x4.splat(0)))
}

/** voltage ← after the step, x ↔ last where accelerated; a lane that moves no more keeps every bit */
export function step(): void {
    if (accelerated !== 0) {
        omegaA = relax(omegaA, dotA, squareA, v128.load(iterations))
        omegaB = relax(omegaB, dotB, squareB, v128.load(iterations, 16))
    }
    for (let i = 0; i < n; i++) {
        const kind = load<u8>(role + i) as u32
        if (kind === fixed) continue
        const at = voltage + (i << 7)
        const d = x + (i << 6)
        const tA = v128.and(f32x4.mul(omegaA, v128.load(d, 32)), movesA)
        const tB = v128.and(f32x4.mul(omegaB, v128.load(d, 48)), movesB)
        if (kind === pq) {
            const vA = v128.and(f32x4.mul(omegaA, v128.load(d)), movesA)
            const vB = v128.and(f32x4.mul(omegaB, v128.load(d, 16)), movesB)
            move(at, f64x2.promote_low_f32x4(vA), f64x2.promote_low_f32x4(tA))
            move(at + 16, f64x2.promote_low_f32x4(highHalf(vA)), f64x2.promote_low_f32x4(highHalf(tA)))
            move(at + 32, f64x2.promote_low_f32x4(vB), f64x2.promote_low_f32x4(tB))
            move(at + 48, f64x2.promote_low_f32x4(highHalf(vB)), f64x2.promote_low_f32x4(highHalf(tB)))
        } else {
            turn(at, f64x2.promote_low_f32x4(tA))
            turn(at + 16, f64x2.promote_low_f32x4(highHalf(tA)))
            turn(at + 32, f64x2.promote_low_f32x4(tB))
            turn(at + 48, f64x2.promote_low_f32x4(highHalf(tB)))
        }
    }
    if (accelerated === 0) return
    const spare = last
    last = x
    x = spare
}

/**
 * Takes note of who has arrived and who has stalled, `more` iterations after the last call; returns how many lanes
 * still move. Behind the eight results of `worst` lie eight each of this mismatch and those of the last two iterations.
 */
export function judge(more: i32, tolerance: f32, maxIterations: i32): i32 {
    v128.store(worst, worstA, 32)
    v128.store(worst, worstB, 48)
    let moving = 0
    for (let lane = 0; lane < 8; lane++) {
        const at = (lane as usize) << 2
        if (load<u32>(state + at) !== 0) continue
        const k = load<i32>(iterations + at) + more
        const before = worst + at + 64 + (((k & 1) as usize) << 5)
        const largest = load<f32>(worst + at, 32)
        const sound = largest < 1e10
        const stalls = k >= 4 && largest > 0.6 * load<f32>(before)
        store<f32>(before, largest)
        let now = 0
        if (sound && largest <= tolerance) now = 1
        else if (!sound || stalls || k >= maxIterations) now = 2
        store<u32>(state + at, now)
        store<i32>(iterations + at, k)
        store<f32>(worst + at, sound ? largest : Infinity)
        if (now === 0) moving++
    }
    return moving
}

/** lets the lanes whose state is 0 move */
export function release(): void {
    movesA = i32x4.eq(v128.load(state), i32x4.splat(0))
    movesB = i32x4.eq(v128.load(state, 16), i32x4.splat(0))
}
