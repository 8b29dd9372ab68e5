// biome-ignore-all lint/style/useConst: set from outside
/**
 * Power flows after the outage of one branch each, eight at once, by the factor of the base case: the method of
 * `chord.ts`, with what is else at the branch's two buses brought into the factor by compensation (O. Alsaç, B. Stott,
 * W. F. Tinney, IEEE Trans. PAS-102, 1983). With E the four columns of the unit matrix and R the change of the
 * Jacobian's four rows of these buses,
 *   (J + E·R)⁻¹·b = U⁻¹·(y − W·(I + Xᵀ·W)⁻¹·Xᵀ·y),   y = L⁻¹·b,  W = L⁻¹·E,  X = U⁻ᵀ·Rᵀ,
 * where W and X have rows only on the ways from these buses, and the next to them, up the elimination tree. After the
 * first step the two buses have the Jacobian of the voltages they have then, where most has changed: that saves as much
 * as acceleration would, and one step of six besides. The first step itself, with the branch out of the Jacobian at the
 * base case, needs no more than four numbers at the two buses, which come with the base case (`outage-first-step.ts`).
 * In the mismatch the branch's own flow is added to what is specified at its buses.
 *
 * Where the branch is all that holds some buses to the others, only the other end loses it. What is cut off goes on as
 * though it were still fed, which keeps the Jacobian regular and is felt nowhere else, and is dead in what is collected.
 *
 * A lane that is done takes the next outage of the queue at once, while the others go on. Voltages that converged are
 * collected, and figures are computed for eight of them at a time.
 */
import {
    baseVoltage,
    computeMismatch,
    fixed,
    highHalf,
    inverse,
    iterations,
    judge,
    move,
    n,
    power,
    pq,
    role,
    state,
    substituteBack,
    substituteForward,
    turn,
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
import { admittance, busFrom, busTo, collected, count, doneBranch, empty, fill } from './outage-figures'

export {
    baseVoltage,
    inverse,
    iterations,
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
export {
    admittance,
    beyond,
    busOf,
    carries,
    collected,
    computeFigures,
    conductance,
    count,
    doneBranch,
    ends,
    figureRows,
    figures,
    limits,
    nBranch,
    overloads,
    rating,
} from './outage-figures'

/** specified injections of the base case, one pair a bus; its buses' next ones up the elimination tree, −1 at a root */
export let specified: usize = 0
export let parent: usize = 0
/** the blocks of L that belong to the entries of U, transposed pattern */
export let lowerColumn: usize = 0
/** of each branch: what stands at its two buses for the first step, by `outage-first-step.ts` */
export let firstStep: usize = 0
/** rows of W or X of each bus, and marks of those on the way up; zero between uses */
export let w: usize = 0
export let marks: usize = 0
/** what a branch's outage cuts off: 1 at its to side, 2 at its from side, else 0; four places in `order`, from 0 to 1 and 2 to 3 */
export let cuts: usize = 0
export let places: usize = 0
export let order: usize = 0
/** branches that are to go out, how many, and how many have been taken */
export let queue: usize = 0
export let queued: i32 = 0
export let taken: i32 = 0
/** of each lane: rows of W and of X, 48 bytes each, at the end of `waysW` and `waysX` bytes */
export let pathW: usize = 0
export let waysW: usize = 0
export let pathX: usize = 0
export let waysX: usize = 0
/** of each lane 128 bytes: where its rows of W begin, those of X, its branch, (I + Xᵀ·W)⁻¹ by columns */
export let lanes: usize = 0
/** of each place of the collection: iterations and mismatch */
export let doneIterations: usize = 0
export let doneWorst: usize = 0
/** branches whose lane stalled, with iterations; how many */
export let stalled: usize = 0
export let stalledCount: i32 = 0
const toSide: u32 = 1
const fromSide: u32 = 2

const moving: u32 = 0
const converged: u32 = 1
const stalls: u32 = 2
const idle: u32 = 3

/** Every lane idle, with the injections of the base case. */
export function open(): void {
    for (let lane = 0; lane < 8; lane++) store<u32>(state + ((lane as usize) << 2), idle)
    for (let i = 0; i < n; i++) {
        for (let half = 0; half < 2; half++) {
            const value = v128.load64_splat(specified + (i << 4) + (half << 3))
            const to = power + (i << 7) + (half << 6)
            v128.store(to, value)
            v128.store(to, value, 16)
            v128.store(to, value, 32)
            v128.store(to, value, 48)
        }
    }
}

function kindOf(i: usize): u32 {
    return load<u8>(role + i) as u32
}

/** Puts the lane at the base case with branch k out. */
function start(lane: u32, k: u32): void {
    store<u32>(lanes + (lane << 7), k, 8)
    let at = voltage + (lane << 3)
    let base = baseVoltage
    let to = x + (lane << 2)
    for (let i = 0; i < n; i++) {
        store<f64>(at, load<f64>(base))
        store<f64>(at, load<f64>(base, 8), 64)
        store<f32>(to, 0)
        store<f32>(to, 0, 32)
        at += 128
        base += 16
        to += 64
    }
    const first = firstStep + (k << 4)
    at = x + (lane << 2) + (busFrom(k) << 6)
    store<f32>(at, load<f32>(first))
    store<f32>(at, load<f32>(first, 4), 32)
    at = x + (lane << 2) + (busTo(k) << 6)
    store<f32>(at, load<f32>(first, 8))
    store<f32>(at, load<f32>(first, 12), 32)
    store<u32>(iterations + (lane << 2), 0)
}

/** adds the buses from i up the tree, as far as they are not marked, in front of those at `first`; returns the new first */
function climb(i: usize, first: usize): usize {
    let length: usize = 0
    for (let j = i as i32; j >= 0 && load<u8>(marks + j) === 0; j = load<i32>(parent + (j << 2))) {
        store<u8>(marks + j, 1)
        length += 48
    }
    first -= length
    // a way joins one found before it, and so comes in front of that: each bus comes after those below it
    let to = first
    for (let j = i as i32; length > 0; length -= 48) {
        store<u32>(to, (j as u32) << 6)
        to += 48
        j = load<i32>(parent + (j << 2))
    }
    return first
}

/** W of a lane */
function climbW(lane: u32): void {
    const own = lanes + (lane << 7)
    const f = busFrom(load<u32>(own, 8))
    const t = busTo(load<u32>(own, 8))
    const end = pathW + ((lane + 1) as usize) * waysW
    const first = climb(t, climb(f, end))
    store<u32>(own, first as u32)
    v128.store(w + (f << 6), f32x4(1, 0, 0, 0))
    v128.store(w + (f << 6), f32x4(0, 1, 0, 0), 16)
    v128.store(w + (t << 6), f32x4(0, 0, 1, 0))
    v128.store(w + (t << 6), f32x4(0, 0, 0, 1), 16)
    for (let at = first; at < end; at += 48) {
        const offset = load<u32>(at) as usize
        const from = w + offset
        const r0 = v128.load(from)
        const r1 = v128.load(from, 16)
        const pivot = inverse + (offset >> 2)
        const w0 = f32x4.add(f32x4.mul(v128.load32_splat(pivot), r0), f32x4.mul(v128.load32_splat(pivot, 4), r1))
        const w1 = f32x4.add(f32x4.mul(v128.load32_splat(pivot, 8), r0), f32x4.mul(v128.load32_splat(pivot, 12), r1))
        v128.store(at, w0, 16)
        v128.store(at, w1, 32)
        v128.store(from, f32x4.splat(0))
        v128.store(from, f32x4.splat(0), 16)
        store<u8>(marks + (offset >> 6), 0)
        let s = load<u32>(upperPtr + (offset >> 4)) as usize
        const last = load<u32>(upperPtr + (offset >> 4), 4) as usize
        while (s < last) {
            const above = w + (load<u32>(upperAt + (s << 2)) as usize)
            const block = lowerColumn + (s << 4)
            subtract(above, block, block + 4, w0, w1)
            subtract(above + 16, block + 8, block + 12, w0, w1)
            s++
        }
    }
}

/** X and (I + Xᵀ·W)⁻¹ of a lane for its voltages */
function setRows(lane: u32): void {
    const own = lanes + (lane << 7)
    const k = load<u32>(own, 8)
    const f = busFrom(k)
    const t = busTo(k)
    const end = pathX + ((lane + 1) as usize) * waysX
    let first = climb(t, climb(f, end))
    const branch = admittance + (k << 6)
    const cut = load<u8>(cuts + k) as u32
    if (cut !== fromSide) {
        first = addChange(lane, f, 0, first)
        takeOut(lane, f, t, branch, branch + 16, 0)
    }
    if (cut !== toSide) {
        first = addChange(lane, t, 2, first)
        takeOut(lane, t, f, branch + 48, branch + 32, 2)
    }
    store<u32>(own, first as u32, 4)
    for (let at = first; at < end; at += 48) {
        const offset = load<u32>(at) as usize
        const from = w + offset
        const x0 = v128.load(from)
        const x1 = v128.load(from, 16)
        v128.store(at, x0, 16)
        v128.store(at, x1, 32)
        store<u8>(marks + (offset >> 6), 0)
        let s = load<u32>(upperPtr + (offset >> 4)) as usize
        const last = load<u32>(upperPtr + (offset >> 4), 4) as usize
        while (s < last) {
            const above = w + (load<u32>(upperAt + (s << 2)) as usize)
            const block = upper + (s << 4)
            subtract(above, block, block + 8, x0, x1)
            subtract(above + 16, block + 4, block + 12, x0, x1)
            s++
        }
    }
    let z0 = f32x4(1, 0, 0, 0)
    let z1 = f32x4(0, 1, 0, 0)
    let z2 = f32x4(0, 0, 1, 0)
    let z3 = f32x4(0, 0, 0, 1)
    const last = pathW + ((lane + 1) as usize) * waysW
    for (let at = load<u32>(own) as usize; at < last; at += 48) {
        const from = w + (load<u32>(at) as usize)
        const x0 = v128.load(from)
        const x1 = v128.load(from, 16)
        const w0 = v128.load(at, 16)
        const w1 = v128.load(at, 32)
        z0 = f32x4.add(z0, f32x4.add(f32x4.mul(splat0(x0), w0), f32x4.mul(splat0(x1), w1)))
        z1 = f32x4.add(z1, f32x4.add(f32x4.mul(splat1(x0), w0), f32x4.mul(splat1(x1), w1)))
        z2 = f32x4.add(z2, f32x4.add(f32x4.mul(splat2(x0), w0), f32x4.mul(splat2(x1), w1)))
        z3 = f32x4.add(z3, f32x4.add(f32x4.mul(splat3(x0), w0), f32x4.mul(splat3(x1), w1)))
    }
    for (let at = first; at < end; at += 48) {
        const from = w + (load<u32>(at) as usize)
        v128.store(from, f32x4.splat(0))
        v128.store(from, f32x4.splat(0), 16)
    }
    invert(z0, z1, z2, z3, own + 16)
}

/** four numbers at `to` less p·a + q·b */
function subtract(to: usize, p: usize, q: usize, a: v128, b: v128): void {
    v128.store(to, f32x4.sub(v128.load(to), f32x4.add(f32x4.mul(v128.load32_splat(p), a), f32x4.mul(v128.load32_splat(q), b))))
}
function splat0(a: v128): v128 {
    return v128.shuffle<f32>(a, a, 0, 0, 0, 0)
}
function splat1(a: v128): v128 {
    return v128.shuffle<f32>(a, a, 1, 1, 1, 1)
}
function splat2(a: v128): v128 {
    return v128.shuffle<f32>(a, a, 2, 2, 2, 2)
}
function splat3(a: v128): v128 {
    return v128.shuffle<f32>(a, a, 3, 3, 3, 3)
}

/** Rᵀ at w ← plus v in column (bus, magnitude or angle), row r */
function addTo(bus: usize, angle: usize, r: usize, value: f64): void {
    const at = w + (bus << 6) + (angle << 4) + (r << 2)
    store<f32>(at, load<f32>(at) + (value as f32))
}

/** rows r and r + 1 of R ← plus the change, from the base case to the lane's voltages, of the rows of bus i with all branches */
function addChange(lane: u32, i: usize, r: usize, first: usize): usize {
    const kind = kindOf(i)
    if (kind === fixed) return first
    const e = load<f64>(voltage + (i << 7) + (lane << 3))
    const h = load<f64>(voltage + (i << 7) + (lane << 3), 64)
    const e0 = load<f64>(baseVoltage + (i << 4))
    const h0 = load<f64>(baseVoltage + (i << 4), 8)
    const d = e * e + h * h - e0 * e0 - h0 * h0
    // V·conj(Y·V): of the diagonal, then of all
    const own = d * load<f64>(yDiagonal + (i << 4))
    const other = -d * load<f64>(yDiagonal + (i << 4), 8)
    let p = own
    let q = other
    let s = load<u32>(yPtr + (i << 2)) as usize
    const end = load<u32>(yPtr + (i << 2), 4) as usize
    while (s < end) {
        const j = (load<u32>(yAt + (s << 2)) as usize) >> 7
        const g = load<f64>(y + (s << 4))
        const b = load<f64>(y + (s << 4), 8)
        const ej = load<f64>(voltage + (j << 7) + (lane << 3))
        const hj = load<f64>(voltage + (j << 7) + (lane << 3), 64)
        const ej0 = load<f64>(baseVoltage + (j << 4))
        const hj0 = load<f64>(baseVoltage + (j << 4), 8)
        // Vi·conj(Vj), changed; times conj(y)
        const c = e * ej + h * hj - e0 * ej0 - h0 * hj0
        const t = h * ej - e * hj - h0 * ej0 + e0 * hj0
        const re = g * c + b * t
        const im = g * t - b * c
        p += re
        q += im
        if (kindOf(j) !== fixed) {
            first = climb(j, first)
            addTo(j, 0, r, re)
            addTo(j, 1, r, im)
            if (kind === pq) {
                addTo(j, 0, r + 1, im)
                addTo(j, 1, r + 1, -re)
            }
        }
        s++
    }
    addTo(i, 0, r, own + p)
    addTo(i, 1, r, other - q)
    if (kind === pq) {
        addTo(i, 0, r + 1, other + q)
        addTo(i, 1, r + 1, p - own)
    }
    return first
}

/** rows r and r + 1 of R ← less the derivatives of what the branch draws at bus i; its admittances to i and j at `own` and `other` */
function takeOut(lane: u32, i: usize, j: usize, own: usize, other: usize, r: usize): void {
    const kind = kindOf(i)
    if (kind === fixed) return
    const e = load<f64>(voltage + (i << 7) + (lane << 3))
    const h = load<f64>(voltage + (i << 7) + (lane << 3), 64)
    const ej = load<f64>(voltage + (j << 7) + (lane << 3))
    const hj = load<f64>(voltage + (j << 7) + (lane << 3), 64)
    const c = e * ej + h * hj
    const t = h * ej - e * hj
    const re = load<f64>(other) * c + load<f64>(other, 8) * t
    const im = load<f64>(other) * t - load<f64>(other, 8) * c
    const size = 2 * (e * e + h * h)
    addTo(i, 0, r, -(size * load<f64>(own) + re))
    addTo(i, 1, r, im)
    addTo(j, 0, r, -re)
    addTo(j, 1, r, -im)
    if (kind !== pq) return
    addTo(i, 0, r + 1, size * load<f64>(own, 8) - im)
    addTo(i, 1, r + 1, -re)
    addTo(j, 0, r + 1, -im)
    addTo(j, 1, r + 1, re)
}

/** columns of the inverse of the matrix with these rows, by its 2×2 minors (Laplace's expansion); not finite where there is none */
function invert(z0: v128, z1: v128, z2: v128, z3: v128, to: usize): void {
    const a00 = f32x4.extract_lane(z0, 0) as f64
    const a01 = f32x4.extract_lane(z0, 1) as f64
    const a02 = f32x4.extract_lane(z0, 2) as f64
    const a03 = f32x4.extract_lane(z0, 3) as f64
    const a10 = f32x4.extract_lane(z1, 0) as f64
    const a11 = f32x4.extract_lane(z1, 1) as f64
    const a12 = f32x4.extract_lane(z1, 2) as f64
    const a13 = f32x4.extract_lane(z1, 3) as f64
    const a20 = f32x4.extract_lane(z2, 0) as f64
    const a21 = f32x4.extract_lane(z2, 1) as f64
    const a22 = f32x4.extract_lane(z2, 2) as f64
    const a23 = f32x4.extract_lane(z2, 3) as f64
    const a30 = f32x4.extract_lane(z3, 0) as f64
    const a31 = f32x4.extract_lane(z3, 1) as f64
    const a32 = f32x4.extract_lane(z3, 2) as f64
    const a33 = f32x4.extract_lane(z3, 3) as f64
    const s0 = a00 * a11 - a10 * a01
    const s1 = a00 * a12 - a10 * a02
    const s2 = a00 * a13 - a10 * a03
    const s3 = a01 * a12 - a11 * a02
    const s4 = a01 * a13 - a11 * a03
    const s5 = a02 * a13 - a12 * a03
    const c5 = a22 * a33 - a32 * a23
    const c4 = a21 * a33 - a31 * a23
    const c3 = a21 * a32 - a31 * a22
    const c2 = a20 * a33 - a30 * a23
    const c1 = a20 * a32 - a30 * a22
    const c0 = a20 * a31 - a30 * a21
    const scale = 1 / (s0 * c5 - s1 * c4 + s2 * c3 + s3 * c2 - s4 * c1 + s5 * c0)
    store<f32>(to, (scale * (a11 * c5 - a12 * c4 + a13 * c3)) as f32)
    store<f32>(to, (scale * (a12 * c2 - a10 * c5 - a13 * c1)) as f32, 4)
    store<f32>(to, (scale * (a10 * c4 - a11 * c2 + a13 * c0)) as f32, 8)
    store<f32>(to, (scale * (a11 * c1 - a10 * c3 - a12 * c0)) as f32, 12)
    store<f32>(to, (scale * (a02 * c4 - a01 * c5 - a03 * c3)) as f32, 16)
    store<f32>(to, (scale * (a00 * c5 - a02 * c2 + a03 * c1)) as f32, 20)
    store<f32>(to, (scale * (a01 * c2 - a00 * c4 - a03 * c0)) as f32, 24)
    store<f32>(to, (scale * (a00 * c3 - a01 * c1 + a02 * c0)) as f32, 28)
    store<f32>(to, (scale * (a31 * s5 - a32 * s4 + a33 * s3)) as f32, 32)
    store<f32>(to, (scale * (a32 * s2 - a30 * s5 - a33 * s1)) as f32, 36)
    store<f32>(to, (scale * (a30 * s4 - a31 * s2 + a33 * s0)) as f32, 40)
    store<f32>(to, (scale * (a31 * s1 - a30 * s3 - a32 * s0)) as f32, 44)
    store<f32>(to, (scale * (a22 * s4 - a21 * s5 - a23 * s3)) as f32, 48)
    store<f32>(to, (scale * (a20 * s5 - a22 * s2 + a23 * s1)) as f32, 52)
    store<f32>(to, (scale * (a21 * s2 - a20 * s4 - a23 * s0)) as f32, 56)
    store<f32>(to, (scale * (a20 * s3 - a21 * s1 + a22 * s0)) as f32, 60)
}

/** specified injections of a lane ← those of the base case and what its branch would draw */
function draw(lane: u32): void {
    const k = load<u32>(lanes + (lane << 7), 8)
    const f = busFrom(k)
    const t = busTo(k)
    const branch = admittance + (k << 6)
    const from = voltage + (f << 7) + (lane << 3)
    const to = voltage + (t << 7) + (lane << 3)
    const e = load<f64>(from)
    const h = load<f64>(from, 64)
    const et = load<f64>(to)
    const ht = load<f64>(to, 64)
    const cut = load<u8>(cuts + k) as u32
    if (cut !== fromSide) {
        const re = load<f64>(branch) * e - load<f64>(branch, 8) * h + load<f64>(branch, 16) * et - load<f64>(branch, 24) * ht
        const im = load<f64>(branch) * h + load<f64>(branch, 8) * e + load<f64>(branch, 16) * ht + load<f64>(branch, 24) * et
        const set = power + (f << 7) + (lane << 3)
        store<f64>(set, load<f64>(specified + (f << 4)) + (e * re + h * im))
        store<f64>(set, load<f64>(specified + (f << 4), 8) + (h * re - e * im), 64)
    }
    if (cut !== toSide) {
        const re = load<f64>(branch, 32) * e - load<f64>(branch, 40) * h + load<f64>(branch, 48) * et - load<f64>(branch, 56) * ht
        const im = load<f64>(branch, 32) * h + load<f64>(branch, 40) * e + load<f64>(branch, 48) * ht + load<f64>(branch, 56) * et
        const set = power + (t << 7) + (lane << 3)
        store<f64>(set, load<f64>(specified + (t << 4)) + (et * re + ht * im))
        store<f64>(set, load<f64>(specified + (t << 4), 8) + (ht * re - et * im), 64)
    }
}

/** injections of the lane as in the base case, for its next outage */
function restore(lane: u32): void {
    const k = load<u32>(lanes + (lane << 7), 8)
    for (let side = 0; side < 2; side++) {
        const i = side === 0 ? busFrom(k) : busTo(k)
        const set = power + (i << 7) + (lane << 3)
        store<f64>(set, load<f64>(specified + (i << 4)))
        store<f64>(set, load<f64>(specified + (i << 4), 8), 64)
    }
}

/** x of a lane, L⁻¹·ΔS, ← x − W·(I + Xᵀ·W)⁻¹·Xᵀ·x */
function compensate(lane: u32): void {
    const own = lanes + (lane << 7)
    const right = x + (lane << 2)
    let end = pathX + ((lane + 1) as usize) * waysX
    let g = f32x4.splat(0)
    for (let at = load<u32>(own, 4) as usize; at < end; at += 48) {
        const to = right + (load<u32>(at) as usize)
        g = f32x4.add(
            g,
            f32x4.add(f32x4.mul(v128.load(at, 16), v128.load32_splat(to)), f32x4.mul(v128.load(at, 32), v128.load32_splat(to, 32))),
        )
    }
    const z = f32x4.add(
        f32x4.add(f32x4.mul(v128.load(own, 16), splat0(g)), f32x4.mul(v128.load(own, 32), splat1(g))),
        f32x4.add(f32x4.mul(v128.load(own, 48), splat2(g)), f32x4.mul(v128.load(own, 64), splat3(g))),
    )
    end = pathW + ((lane + 1) as usize) * waysW
    for (let at = load<u32>(own) as usize; at < end; at += 48) {
        const to = right + (load<u32>(at) as usize)
        const a = f32x4.mul(v128.load(at, 16), z)
        const b = f32x4.mul(v128.load(at, 32), z)
        const half = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7))
        const sum = f32x4.add(half, v128.shuffle<f32>(half, half, 1, 0, 3, 2))
        store<f32>(to, load<f32>(to) - f32x4.extract_lane(sum, 0))
        store<f32>(to, load<f32>(to, 32) - f32x4.extract_lane(sum, 2), 32)
    }
}

/** voltages of a lane to the next place of the collection */
function collect(lane: u32): void {
    let from = voltage + (lane << 3)
    let to = collected + (count << 3)
    for (let i = 0; i < n; i++) {
        store<f64>(to, load<f64>(from))
        store<f64>(to, load<f64>(from, 64), 64)
        from += 128
        to += 128
    }
    const k = load<u32>(lanes + (lane << 7), 8)
    if (load<u8>(cuts + k) !== 0)
        for (let side = places + (k << 4); side < places + ((k + 1) << 4); side += 8)
            for (let place = load<u32>(side); place < load<u32>(side, 4); place++) {
                const dead = collected + (load<u32>(order + (place << 2)) << 7) + (count << 3)
                store<f64>(dead, 0)
                store<f64>(dead, 0, 64)
            }
    const at = (count as usize) << 2
    store<u32>(doneBranch + at, k)
    store<u32>(doneIterations + at, load<u32>(iterations + (lane << 2)))
    store<f32>(doneWorst + at, load<f32>(worst + (lane << 2)))
    fill()
}

function drop(lane: u32): void {
    const at = stalled + (stalledCount << 3)
    store<u32>(at, load<u32>(lanes + (lane << 7), 8))
    store<u32>(at, load<u32>(iterations + (lane << 2)), 4)
    stalledCount++
}

/** voltage ← after the step d = x; idle lanes may go anywhere */
function advance(): void {
    for (let i = 0; i < n; i++) {
        const kind = kindOf(i)
        if (kind === fixed) continue
        const at = voltage + (i << 7)
        const d = x + (i << 6)
        const t0 = v128.load(d, 32)
        const t1 = v128.load(d, 48)
        if (kind === pq) {
            const v0 = v128.load(d)
            const v1 = v128.load(d, 16)
            move(at, f64x2.promote_low_f32x4(v0), f64x2.promote_low_f32x4(t0))
            move(at + 16, f64x2.promote_low_f32x4(highHalf(v0)), f64x2.promote_low_f32x4(highHalf(t0)))
            move(at + 32, f64x2.promote_low_f32x4(v1), f64x2.promote_low_f32x4(t1))
            move(at + 48, f64x2.promote_low_f32x4(highHalf(v1)), f64x2.promote_low_f32x4(highHalf(t1)))
        } else {
            turn(at, f64x2.promote_low_f32x4(t0))
            turn(at + 16, f64x2.promote_low_f32x4(highHalf(t0)))
            turn(at + 32, f64x2.promote_low_f32x4(t1))
            turn(at + 48, f64x2.promote_low_f32x4(highHalf(t1)))
        }
    }
}

/**
 * Goes on with the queue until eight places of the collection, empty at first, are filled or all is done; returns how
 * many are.
 */
export function run(tolerance: f32, maxIterations: i32): i32 {
    empty()
    while (true) {
        let busy = 0
        let waiting = 0
        for (let lane: u32 = 0; lane < 8; lane++) {
            const at = state + (lane << 2)
            let now = load<u32>(at)
            if (now === stalls || (now === converged && count < 8)) {
                if (now === stalls) drop(lane)
                else collect(lane)
                restore(lane)
                now = idle
            }
            if (now === idle && taken < queued) {
                start(lane, load<u32>(queue + ((taken as usize) << 2)))
                taken++
                now = moving
            }
            store<u32>(at, now)
            if (now === moving) busy++
            else if (now === converged) waiting++
        }
        if (waiting > 0 || busy === 0) return count
        substituteForward()
        for (let lane: u32 = 0; lane < 8; lane++) {
            if (load<u32>(state + (lane << 2)) !== moving) continue
            const k = load<u32>(iterations + (lane << 2))
            if (k === 0) continue
            if (k === 1) {
                climbW(lane)
                setRows(lane)
            }
            compensate(lane)
        }
        substituteBack()
        advance()
        for (let lane: u32 = 0; lane < 8; lane++) if (load<u32>(state + (lane << 2)) === moving) draw(lane)
        computeMismatch()
        judge(1, tolerance, maxIterations)
    }
}
