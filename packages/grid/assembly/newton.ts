// biome-ignore-all lint/style/useConst: set from outside
/**
 * Newton for one system in 128-bit vectors: what `src/newton.ts` does, on the same arrays, in the same order of
 * operations but for a few sums. A vector holds one row of a 2×2 block, or one complex number.
 *
 * The arrays lie in the module's memory; their addresses are the exported variables below, set from outside before the
 * first call. Columns are given as what is added to an address: `yAt` by complex numbers (16 bytes a bus), `upperAt`
 * and `lowerAt` as addresses of blocks of the row buffer w (32 bytes a bus).
 */
export let n: i32 = 0
export let yPtr: usize = 0
export let yAt: usize = 0
export let y: usize = 0
export let yDiagonal: usize = 0
export let role: usize = 0
export let p: usize = 0
export let q: usize = 0
export let v: usize = 0
export let current: usize = 0
export let mismatch: usize = 0
export let upperPtr: usize = 0
export let upperAt: usize = 0
export let lowerPtr: usize = 0
export let lowerAt: usize = 0
export let u: usize = 0
export let w: usize = 0
export let x: usize = 0
export let pivot: usize = 0
export let nBranch: i32 = 0
/** by branches: places in y of yft and ytf, or −1 less the bus where both ends are one, and 1 where in service */
export let slot: usize = 0
export let carries: usize = 0
/** by branches: ys, half of b, 1/conj(N), see `expandAdmittance` */
export let branchY: usize = 0
/** steps of the last `iterate`, and the largest mismatch it left */
export let iterations: i32 = 0
export let worstMismatch: f64 = 0
/** bus of a vanished pivot in the last `iterate`, or −1 */
export let vanished: i32 = -1

const fixed: u32 = 0
const pq: u32 = 2

function swap(a: v128): v128 {
    return v128.shuffle<f64>(a, a, 1, 0)
}
function low(a: v128): v128 {
    return v128.shuffle<f64>(a, a, 0, 0)
}
function high(a: v128): v128 {
    return v128.shuffle<f64>(a, a, 1, 1)
}
/** (sum of a's lanes, sum of b's lanes) */
function across(a: v128, b: v128): v128 {
    return f64x2.add(v128.shuffle<f64>(a, b, 0, 2), v128.shuffle<f64>(a, b, 1, 3))
}
function plusMinus(): v128 {
    return i64x2(0, i64.MIN_VALUE)
}

/** The `count` indices at `at` become addresses: times 2^shift, plus offset. */
export function locate(at: usize, count: i32, shift: i32, offset: i32): void {
    const last = at + ((count as usize) << 2)
    for (; at < last; at += 4) store<i32>(at, (load<i32>(at) << shift) + offset)
}

/** branchY ← ys of every branch, from r and x. */
export function computeSeries(): void {
    const last = branchY + (nBranch as usize) * 40
    for (let at = branchY; at < last; at += 40) {
        const r = load<f64>(at)
        const x = load<f64>(at, 8)
        const z2 = r * r + x * x
        store<f64>(at, r / z2)
        store<f64>(at, -x / z2, 8)
    }
}

function add(at: usize, re: f64, im: f64): void {
    store<f64>(at, load<f64>(at) + re)
    store<f64>(at, load<f64>(at, 8) + im, 8)
}

/** y and yDiagonal ← the admittances of the branches in service. */
export function fillAdmittance(): void {
    memory.fill(y, 0, (load<u32>(yPtr + ((n as usize) << 2)) as usize) << 4)
    memory.fill(yDiagonal, 0, (n as usize) << 4)
    for (let k: usize = 0; k < (nBranch as usize); k++) {
        if (load<u8>(carries + k) === 0) continue
        const at = branchY + k * 40
        const g = load<f64>(at)
        const b = load<f64>(at, 8)
        const own = b + load<f64>(at, 16)
        const c = load<f64>(at, 24)
        const d = load<f64>(at, 32)
        const square = c * c + d * d
        const ft = load<i32>(slot + (k << 3))
        if (ft < 0) {
            // a branch from a bus to itself
            const bus = yDiagonal + ((-1 - ft) << 4)
            add(bus, g * square, own * square)
            add(bus, g, own)
            add(bus, -(g * c - b * d) - (g * c + b * d), -(b * c + g * d) - (b * c - g * d))
            continue
        }
        const tf = load<i32>(slot + (k << 3), 4)
        add(yDiagonal + (load<u32>(yAt + (tf << 2)) as usize), g * square, own * square)
        add(yDiagonal + (load<u32>(yAt + (ft << 2)) as usize), g, own)
        add(y + (ft << 4), -(g * c - b * d), -(b * c + g * d))
        add(y + (tf << 4), -(g * c + b * d), -(b * c - g * d))
    }
}

/** current and mismatch ← those of v; returns the largest |ΔP| or |ΔQ|, Infinity when it is 1e10 or more or NaN. */
export function computeMismatch(): f64 {
    const nBus = n
    const ptr = yPtr
    const voltage = v
    let at = yAt
    let entry = y
    let worst = f64x2.splat(0)
    let sum = f64x2.splat(0)
    for (let i = 0; i < nBus; i++) {
        const own = v128.load(voltage + (i << 4))
        const diagonal = yDiagonal + (i << 4)
        // products with g, and with b, apart: (e, f)·g + j·(e, f)·b
        let byG = f64x2.mul(v128.load64_splat(diagonal), own)
        let byB = f64x2.mul(v128.load64_splat(diagonal, 8), own)
        const end = entry + (((load<u32>(ptr + (i << 2), 4) - load<u32>(ptr + (i << 2))) as usize) << 4)
        while (entry < end) {
            const other = v128.load(voltage + (load<u32>(at) as usize))
            byG = f64x2.add(byG, f64x2.mul(v128.load64_splat(entry), other))
            byB = f64x2.add(byB, f64x2.mul(v128.load64_splat(entry, 8), other))
            entry += 16
            at += 4
        }
        const i16 = i << 4
        const into = f64x2.add(byG, v128.xor(swap(byB), i64x2(i64.MIN_VALUE, 0)))
        v128.store(current + i16, into)
        const kind = load<u8>(role + i) as u32
        let delta = f64x2.splat(0)
        if (kind !== fixed) {
            // P = e·re + f·im, Q = f·re − e·im
            const power = across(f64x2.mul(own, into), v128.xor(f64x2.mul(swap(own), into), plusMinus()))
            const set = v128.load64_lane(q + (i << 3), v128.load64_zero(p + (i << 3)), 1)
            delta = f64x2.sub(set, power)
            if (kind !== pq) delta = f64x2.replace_lane(delta, 1, 0)
        }
        v128.store(mismatch + i16, delta)
        const size = f64x2.abs(delta)
        worst = f64x2.pmax(worst, size)
        // a NaN may pass comparisons unseen, but not a sum
        sum = f64x2.add(sum, size)
    }
    const largest = Math.max(f64x2.extract_lane(worst, 0), f64x2.extract_lane(worst, 1))
    return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1) < 1e10 ? largest : Infinity
}

/** u, pivot and x ← upper factor and forward-substituted right side; −1, or the bus whose pivot vanished. */
export function eliminate(): i32 {
    const nBus = n
    const buffer = w
    const right = x
    const factor = u
    const columns = upperAt
    const rows = upperPtr
    const roles = role
    const zero = f64x2.splat(0)
    let at = yAt
    let entry = y
    let lower = lowerAt
    for (let i = 0; i < nBus; i++) {
        const i16 = i << 4
        const kind = load<u8>(roles + i) as u32
        const yCount = (load<u32>(yPtr + (i << 2), 4) - load<u32>(yPtr + (i << 2))) as usize
        const yEnd = entry + (yCount << 4)
        const lowerCount = (load<u32>(lowerPtr + (i << 2), 4) - load<u32>(lowerPtr + (i << 2))) as usize
        const lowerEnd = lower + (lowerCount << 2)
        if (kind === fixed) {
            v128.store(right + i16, zero)
            at += yCount << 2
            entry = yEnd
            lower = lowerEnd
            continue
        }
        const own = v128.load(v + i16)
        const into = v128.load(current + i16)
        const diagonal = v128.load(yDiagonal + i16)
        const delta = v128.load(mismatch + i16)
        const here = buffer + (i << 5)
        const first = load<u32>(rows + (i << 2)) as usize
        const upperEnd = columns + ((load<u32>(rows + (i << 2), 4) as usize) << 2)
        let upper = columns + (first << 2)
        let block = factor + (first << 5)
        if (kind === pq) {
            while (entry < yEnd) {
                const gb = v128.load(entry)
                const j = buffer + ((load<u32>(at) as usize) << 1)
                v128.store(j, v128.xor(gb, plusMinus()))
                v128.store(j, swap(gb), 16)
                entry += 16
                at += 4
            }
            const square = f64x2.mul(own, own)
            const v2 = f64x2.splat(1 / (f64x2.extract_lane(square, 0) + f64x2.extract_lane(square, 1)))
            const turned = swap(own)
            const signed = v128.xor(own, plusMinus())
            // I/conj(V) = (re·e − im·f, re·f + im·e)/|V|², and conj(ΔS)/conj(V) = (dp·e + dq·f, dp·f − dq·e)/|V|²
            const ratio = f64x2.mul(across(f64x2.mul(into, signed), f64x2.mul(into, turned)), v2)
            let r = f64x2.mul(across(f64x2.mul(delta, own), f64x2.mul(delta, v128.xor(turned, plusMinus()))), v2)
            v128.store(here, f64x2.add(v128.xor(diagonal, plusMinus()), ratio))
            v128.store(here, f64x2.add(swap(diagonal), v128.xor(swap(ratio), plusMinus())), 16)
            while (lower < lowerEnd) {
                const from = load<u32>(lower) as usize
                lower += 4
                const k = (from - buffer) >> 5
                const row0 = v128.load(from)
                const row1 = v128.load(from, 16)
                v128.store(from, zero)
                v128.store(from, zero, 16)
                const before = load<u8>(roles + k) as u32
                const start = load<u32>(rows + (k << 2)) as usize
                const end = columns + ((load<u32>(rows + (k << 2), 4) as usize) << 2)
                let c = columns + (start << 2)
                let b = factor + (start << 5)
                if (before === pq) {
                    const xk = v128.load(right + (k << 4))
                    r = f64x2.sub(r, across(f64x2.mul(row0, xk), f64x2.mul(row1, xk)))
                    const a0 = low(row0)
                    const a1 = high(row0)
                    const a2 = low(row1)
                    const a3 = high(row1)
                    while (c < end) {
                        const j = load<u32>(c) as usize
                        const u0 = v128.load(b)
                        const u1 = v128.load(b, 16)
                        v128.store(j, f64x2.sub(v128.load(j), f64x2.add(f64x2.mul(a0, u0), f64x2.mul(a1, u1))))
                        v128.store(j, f64x2.sub(v128.load(j, 16), f64x2.add(f64x2.mul(a2, u0), f64x2.mul(a3, u1))), 16)
                        c += 4
                        b += 32
                    }
                } else if (before !== fixed) {
                    const scale = v128.load(pivot + (k << 4))
                    const s = across(f64x2.mul(row0, scale), f64x2.mul(row1, scale))
                    r = f64x2.sub(r, f64x2.mul(s, v128.load64_splat(right + (k << 4))))
                    const s0 = low(s)
                    const s1 = high(s)
                    while (c < end) {
                        const j = load<u32>(c) as usize
                        const u0 = v128.load(b)
                        v128.store(j, f64x2.sub(v128.load(j), f64x2.mul(s0, u0)))
                        v128.store(j, f64x2.sub(v128.load(j, 16), f64x2.mul(s1, u0)), 16)
                        c += 4
                        b += 32
                    }
                }
            }
            const d0 = v128.load(here)
            const d1 = v128.load(here, 16)
            v128.store(here, zero)
            v128.store(here, zero, 16)
            const cross = f64x2.mul(d0, swap(d1))
            const det = f64x2.extract_lane(cross, 0) - f64x2.extract_lane(cross, 1)
            if (!(Math.abs(det) > 0)) return clear(i)
            const inverse = f64x2.splat(1 / det)
            // inverse of the block by columns: (d3, −d2) and (−d1, d0)
            const b0 = f64x2.mul(v128.xor(swap(d1), plusMinus()), inverse)
            const b1 = f64x2.mul(v128.xor(swap(d0), i64x2(i64.MIN_VALUE, 0)), inverse)
            v128.store(right + i16, f64x2.add(f64x2.mul(b0, low(r)), f64x2.mul(b1, high(r))))
            const b00 = low(b0)
            const b01 = low(b1)
            const b10 = high(b0)
            const b11 = high(b1)
            while (upper < upperEnd) {
                const j = load<u32>(upper) as usize
                const w0 = v128.load(j)
                const w1 = v128.load(j, 16)
                v128.store(j, zero)
                v128.store(j, zero, 16)
                v128.store(block, f64x2.add(f64x2.mul(b00, w0), f64x2.mul(b01, w1)))
                v128.store(block, f64x2.add(f64x2.mul(b10, w0), f64x2.mul(b11, w1)), 16)
                upper += 4
                block += 32
            }
        } else {
            // Re(V·conj(Y)): (e·g + f·b, f·g − e·b)
            const turned = v128.xor(swap(own), plusMinus())
            while (entry < yEnd) {
                const j = buffer + ((load<u32>(at) as usize) << 1)
                v128.store(j, f64x2.add(f64x2.mul(own, v128.load64_splat(entry)), f64x2.mul(turned, v128.load64_splat(entry, 8))))
                entry += 16
                at += 4
            }
            v128.store(here, f64x2.add(f64x2.add(f64x2.mul(own, low(diagonal)), f64x2.mul(turned, high(diagonal))), into))
            let r = f64x2.extract_lane(delta, 0)
            while (lower < lowerEnd) {
                const from = load<u32>(lower) as usize
                lower += 4
                const k = (from - buffer) >> 5
                const row = v128.load(from)
                v128.store(from, zero)
                const before = load<u8>(roles + k) as u32
                const start = load<u32>(rows + (k << 2)) as usize
                const end = columns + ((load<u32>(rows + (k << 2), 4) as usize) << 2)
                let c = columns + (start << 2)
                let b = factor + (start << 5)
                if (before === pq) {
                    const product = f64x2.mul(row, v128.load(right + (k << 4)))
                    r -= f64x2.extract_lane(product, 0) + f64x2.extract_lane(product, 1)
                    const a0 = low(row)
                    const a1 = high(row)
                    while (c < end) {
                        const j = load<u32>(c) as usize
                        v128.store(j, f64x2.sub(v128.load(j), f64x2.add(f64x2.mul(a0, v128.load(b)), f64x2.mul(a1, v128.load(b, 16)))))
                        c += 4
                        b += 32
                    }
                } else if (before !== fixed) {
                    const product = f64x2.mul(row, v128.load(pivot + (k << 4)))
                    const s = f64x2.extract_lane(product, 0) + f64x2.extract_lane(product, 1)
                    r -= s * load<f64>(right + (k << 4))
                    const s0 = f64x2.splat(s)
                    while (c < end) {
                        const j = load<u32>(c) as usize
                        v128.store(j, f64x2.sub(v128.load(j), f64x2.mul(s0, v128.load(b))))
                        c += 4
                        b += 32
                    }
                }
            }
            const d = v128.load(here)
            v128.store(here, zero)
            // the second row of the pivot block is (e, f): |V| stays
            const cross = f64x2.mul(d, swap(own))
            const det = f64x2.extract_lane(cross, 0) - f64x2.extract_lane(cross, 1)
            if (!(Math.abs(det) > 0)) return clear(i)
            v128.store(pivot + i16, f64x2.mul(turned, f64x2.splat(1 / det)))
            store<f64>(right + i16, r)
            while (upper < upperEnd) {
                const j = load<u32>(upper) as usize
                v128.store(block, v128.load(j))
                v128.store(j, zero)
                upper += 4
                block += 32
            }
        }
    }
    return -1
}

/** Leaves the row buffer clean after a vanished pivot; returns the bus. */
function clear(i: i32): i32 {
    memory.fill(w, 0, (n as usize) << 5)
    return i
}

/** x ← correction dV, and v ← v after that step. */
export function step(): void {
    const columns = upperAt
    const buffer = w
    const right = x
    const rows = upperPtr
    let upper = columns + ((load<u32>(rows + ((n as usize) << 2)) as usize) << 2)
    let block = u + ((load<u32>(rows + ((n as usize) << 2)) as usize) << 5)
    for (let i = n - 1; i >= 0; i--) {
        const i16 = i << 4
        const kind = load<u8>(role + i) as u32
        const start = load<u32>(rows + (i << 2)) as usize
        const first = columns + (start << 2)
        if (kind === fixed) {
            upper = first
            block = u + (start << 5)
            continue
        }
        const own = v128.load(v + i16)
        let correction: v128
        let grow: f64 = 1
        const square = f64x2.mul(own, own)
        const v2 = 1 / (f64x2.extract_lane(square, 0) + f64x2.extract_lane(square, 1))
        if (kind === pq) {
            let s0 = f64x2.splat(0)
            let s1 = f64x2.splat(0)
            while (upper > first) {
                upper -= 4
                block -= 32
                const xj = v128.load(right + (((load<u32>(upper) as usize) - buffer) >> 1))
                s0 = f64x2.add(s0, f64x2.mul(v128.load(block), xj))
                s1 = f64x2.add(s1, f64x2.mul(v128.load(block, 16), xj))
            }
            correction = f64x2.sub(v128.load(right + i16), across(s0, s1))
            const along = f64x2.mul(correction, own)
            grow = 1 + (f64x2.extract_lane(along, 0) + f64x2.extract_lane(along, 1)) * v2
        } else {
            let s0 = f64x2.splat(0)
            while (upper > first) {
                upper -= 4
                block -= 32
                const xj = v128.load(right + (((load<u32>(upper) as usize) - buffer) >> 1))
                s0 = f64x2.add(s0, f64x2.mul(v128.load(block), xj))
            }
            const left = load<f64>(right + i16) - (f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1))
            correction = f64x2.mul(v128.load(pivot + i16), f64x2.splat(left))
        }
        v128.store(right + i16, correction)
        // x1·e − x0·f
        const cross = f64x2.mul(correction, swap(own))
        const t = 0.5 * (f64x2.extract_lane(cross, 1) - f64x2.extract_lane(cross, 0)) * v2
        const scale = grow / (1 + t * t)
        const c = f64x2.splat((1 - t * t) * scale)
        const s = f64x2.splat(2 * t * scale)
        v128.store(v + i16, f64x2.sub(f64x2.mul(own, c), v128.xor(f64x2.mul(swap(own), s), plusMinus())))
    }
}

/** Newton from the voltages in v until the largest mismatch is at most `tolerance`: 0 converged, 1 diverged, 2 singular. */
export function iterate(tolerance: f64, maxIterations: i32): i32 {
    vanished = -1
    let k = 0
    while (true) {
        const worst = computeMismatch()
        iterations = k
        worstMismatch = worst
        if (worst <= tolerance) return 0
        if (k >= maxIterations || worst === Infinity) return 1
        vanished = eliminate()
        if (vanished >= 0) return 2
        step()
        k++
    }
}
