/**
 * Newton's method for the power-flow equations, one 2×2 block per bus. Per unit and radians; buses are numbered in
 * order of elimination; complex numbers lie as (real, imaginary) pairs.
 *
 *   I = Y·V,  S = V·conj(I),  ΔS = S specified − S
 *
 * Unknown is the complex correction dV of every bus. Linearised, and divided by conj(V) at PQ buses,
 *   PQ:  Σ Yij·dVj + (Ii/conj(Vi))·conj(dVi) = conj(ΔSi/Vi)
 *   PV:  Σ Re(Vi·conj(Yij)·conj(dVj)) + Re(conj(Ii)·dVi) = ΔPi   and   Re(conj(Vi)·dVi) = 0
 * so that off the diagonal a PQ row is the admittance matrix itself. The direction is that of Newton in polar
 * coordinates (Tinney and Hart, IEEE Trans. PAS-86, 1967), as is the step: with dV/V = v + j·t,
 *   V ← V·(1 + v)·(1 + j·t/2)/(1 − j·t/2),
 * a rotation by 2·atan(t/2), equal to t up to third order, without a sine.
 *
 * Elimination is up-looking with static pivots: row i of the Jacobian is assembled, the rows before it are subtracted,
 * and its right side goes along; only the upper factor U, with unit diagonal blocks, is kept. A row of a PV bus has
 * rank one left of its pivot, q·(u0, u1) with one q per row, so products with it cost half.
 */
import type { AdmittancePattern } from './admittance-pattern.ts'
import { busRole } from './islands.ts'

const { fixed, pv, pq } = busRole

export interface NewtonArrays extends AdmittancePattern {
    /** off-diagonal admittances (g, b) by the rows of the pattern; the diagonal apart */
    readonly y: Float64Array
    readonly yDiagonal: Float64Array
    readonly role: Uint8Array
    readonly p: Float64Array
    readonly q: Float64Array
    readonly v: Float64Array
    /** I of the last `computeMismatch` */
    readonly current: Float64Array
    /** (ΔP, ΔQ) of the last `computeMismatch`, 0 where not an equation */
    readonly mismatch: Float64Array
    readonly u: Float64Array
    readonly w: Float64Array
    /** right side, then the correction dV; takes the place of `current`, row by row, and `pivot` that of `mismatch` */
    readonly x: Float64Array
    readonly pivot: Float64Array
    /** five numbers of every branch, see `expandAdmittance`, and 1 where it counts */
    readonly branchY: Float64Array
    readonly carries: Uint8Array
    /** work on these arrays by other code, where there is such: of branch-flow.ts, */
    readonly computeSeries?: () => void
    readonly fillAdmittance?: () => void
    /** and `iterateNewton` */
    readonly iterate?: (tolerance: number, maxIterations: number, outcome: NewtonOutcome) => NewtonOutcome
}

/** Where arrays lie: each on memory of its own, or together in a kernel's. */
export interface ArrayRoom {
    readonly float64: (length: number) => Float64Array
    readonly uint8: (length: number) => Uint8Array
}
const ownRoom: ArrayRoom = { float64: (length) => new Float64Array(length), uint8: (length) => new Uint8Array(length) }

/** Sizes all work arrays. */
export function createNewton(pattern: AdmittancePattern, { float64, uint8 }: ArrayRoom = ownRoom): NewtonArrays {
    const { n, yCol, elimination } = pattern
    const current = float64(2 * n)
    const mismatch = float64(2 * n)
    return {
        ...pattern,
        role: uint8(n),
        y: float64(2 * yCol.length),
        yDiagonal: float64(2 * n),
        p: float64(n),
        q: float64(n),
        v: float64(2 * n),
        current,
        mismatch,
        x: current,
        pivot: mismatch,
        u: float64(4 * elimination.upperCol.length),
        w: float64(4 * n),
        branchY: float64((5 * pattern.slot.length) / 2),
        carries: uint8(pattern.slot.length / 2),
    }
}

/** current and mismatch ← those of v; returns the largest |ΔP| or |ΔQ|, Infinity when it is 1e10 or more or NaN. */
export function computeMismatch(a: NewtonArrays): number {
    const { n, yPtr, yCol, y, yDiagonal, role, p, q, v, current, mismatch } = a
    let worst = 0
    let sum = 0
    for (let i = 0; i < n; i++) {
        const e = v[2 * i]
        const f = v[2 * i + 1]
        const gd = yDiagonal[2 * i]
        const bd = yDiagonal[2 * i + 1]
        let re = gd * e - bd * f
        let im = gd * f + bd * e
        const end = yPtr[i + 1]
        for (let k = yPtr[i]; k < end; k++) {
            const j = 2 * yCol[k]
            const g = y[2 * k]
            const b = y[2 * k + 1]
            const ej = v[j]
            const fj = v[j + 1]
            re += g * ej - b * fj
            im += g * fj + b * ej
        }
        current[2 * i] = re
        current[2 * i + 1] = im
        const kind = role[i]
        const dp = kind === fixed ? 0 : p[i] - (e * re + f * im)
        const dq = kind === pq ? q[i] - (f * re - e * im) : 0
        mismatch[2 * i] = dp
        mismatch[2 * i + 1] = dq
        const ap = Math.abs(dp)
        const aq = Math.abs(dq)
        if (ap > worst) worst = ap
        if (aq > worst) worst = aq
        // a NaN passes every comparison unseen, but not a sum
        sum += ap + aq
    }
    return sum < 1e10 ? worst : Infinity
}

/**
 * u, pivot and x ← upper factor and forward-substituted right side of the Newton equations at v, after
 * `computeMismatch`. Returns −1, or the bus whose pivot vanished.
 */
export function eliminate(a: NewtonArrays): number {
    const { n, yPtr, yCol, y, yDiagonal, role, v, current, mismatch, u, w, x, pivot } = a
    const { upperPtr, upperCol, lowerPtr, lowerCol } = a.elimination
    for (let i = 0; i < n; i++) {
        const kind = role[i]
        if (kind === fixed) {
            x[2 * i] = 0
            x[2 * i + 1] = 0
            continue
        }
        const e = v[2 * i]
        const f = v[2 * i + 1]
        const re = current[2 * i]
        const im = current[2 * i + 1]
        const gd = yDiagonal[2 * i]
        const bd = yDiagonal[2 * i + 1]
        const yEnd = yPtr[i + 1]
        const lowerEnd = lowerPtr[i + 1]
        const upperStart = upperPtr[i]
        const upperEnd = upperPtr[i + 1]
        const i4 = 4 * i
        if (kind === pq) {
            for (let k = yPtr[i]; k < yEnd; k++) {
                const j = 4 * yCol[k]
                const g = y[2 * k]
                const b = y[2 * k + 1]
                w[j] = g
                w[j + 1] = -b
                w[j + 2] = b
                w[j + 3] = g
            }
            const v2 = 1 / (e * e + f * f)
            // I/conj(V), and conj(ΔS)/conj(V)
            const cr = (re * e - im * f) * v2
            const ci = (im * e + re * f) * v2
            w[i4] = gd + cr
            w[i4 + 1] = ci - bd
            w[i4 + 2] = bd + ci
            w[i4 + 3] = gd - cr
            const dp = mismatch[2 * i]
            const dq = mismatch[2 * i + 1]
            let r0 = (dp * e + dq * f) * v2
            let r1 = (dp * f - dq * e) * v2
            for (let s = lowerPtr[i]; s < lowerEnd; s++) {
                const k = lowerCol[s]
                const k4 = k << 2
                const a0 = w[k4]
                const a1 = w[k4 + 1]
                const a2 = w[k4 + 2]
                const a3 = w[k4 + 3]
                w[k4] = 0
                w[k4 + 1] = 0
                w[k4 + 2] = 0
                w[k4 + 3] = 0
                const end = upperPtr[k + 1]
                const before = role[k]
                if (before === pq) {
                    const x0 = x[2 * k]
                    const x1 = x[2 * k + 1]
                    r0 -= a0 * x0 + a1 * x1
                    r1 -= a2 * x0 + a3 * x1
                    for (let t = upperPtr[k]; t < end; t++) {
                        const j = upperCol[t] << 2
                        const t4 = 4 * t
                        const u0 = u[t4]
                        const u1 = u[t4 + 1]
                        const u2 = u[t4 + 2]
                        const u3 = u[t4 + 3]
                        w[j] -= a0 * u0 + a1 * u2
                        w[j + 1] -= a0 * u1 + a1 * u3
                        w[j + 2] -= a2 * u0 + a3 * u2
                        w[j + 3] -= a2 * u1 + a3 * u3
                    }
                } else if (before === pv) {
                    const q0 = pivot[2 * k]
                    const q1 = pivot[2 * k + 1]
                    const s0 = a0 * q0 + a1 * q1
                    const s1 = a2 * q0 + a3 * q1
                    r0 -= s0 * x[2 * k]
                    r1 -= s1 * x[2 * k]
                    for (let t = upperPtr[k]; t < end; t++) {
                        const j = upperCol[t] << 2
                        const u0 = u[4 * t]
                        const u1 = u[4 * t + 1]
                        w[j] -= s0 * u0
                        w[j + 1] -= s0 * u1
                        w[j + 2] -= s1 * u0
                        w[j + 3] -= s1 * u1
                    }
                }
            }
            const d0 = w[i4]
            const d1 = w[i4 + 1]
            const d2 = w[i4 + 2]
            const d3 = w[i4 + 3]
            w[i4] = 0
            w[i4 + 1] = 0
            w[i4 + 2] = 0
            w[i4 + 3] = 0
            const det = d0 * d3 - d1 * d2
            if (!(Math.abs(det) > 0)) return clearRow(a, i)
            const inverse = 1 / det
            const b0 = d3 * inverse
            const b1 = -d1 * inverse
            const b2 = -d2 * inverse
            const b3 = d0 * inverse
            for (let t = upperStart; t < upperEnd; t++) {
                const j = upperCol[t] << 2
                const t4 = 4 * t
                const w0 = w[j]
                const w1 = w[j + 1]
                const w2 = w[j + 2]
                const w3 = w[j + 3]
                w[j] = 0
                w[j + 1] = 0
                w[j + 2] = 0
                w[j + 3] = 0
                u[t4] = b0 * w0 + b1 * w2
                u[t4 + 1] = b0 * w1 + b1 * w3
                u[t4 + 2] = b2 * w0 + b3 * w2
                u[t4 + 3] = b2 * w1 + b3 * w3
            }
            x[2 * i] = b0 * r0 + b1 * r1
            x[2 * i + 1] = b2 * r0 + b3 * r1
        } else {
            for (let k = yPtr[i]; k < yEnd; k++) {
                const j = 4 * yCol[k]
                const g = y[2 * k]
                const b = y[2 * k + 1]
                w[j] = e * g + f * b
                w[j + 1] = f * g - e * b
            }
            let d0 = e * gd + f * bd + re
            let d1 = f * gd - e * bd + im
            w[i4] = d0
            w[i4 + 1] = d1
            let r0 = mismatch[2 * i]
            for (let s = lowerPtr[i]; s < lowerEnd; s++) {
                const k = lowerCol[s]
                const k4 = k << 2
                const a0 = w[k4]
                const a1 = w[k4 + 1]
                w[k4] = 0
                w[k4 + 1] = 0
                const end = upperPtr[k + 1]
                const before = role[k]
                if (before === pq) {
                    r0 -= a0 * x[2 * k] + a1 * x[2 * k + 1]
                    for (let t = upperPtr[k]; t < end; t++) {
                        const j = upperCol[t] << 2
                        const t4 = 4 * t
                        w[j] -= a0 * u[t4] + a1 * u[t4 + 2]
                        w[j + 1] -= a0 * u[t4 + 1] + a1 * u[t4 + 3]
                    }
                } else if (before === pv) {
                    const s0 = a0 * pivot[2 * k] + a1 * pivot[2 * k + 1]
                    r0 -= s0 * x[2 * k]
                    for (let t = upperPtr[k]; t < end; t++) {
                        const j = upperCol[t] << 2
                        w[j] -= s0 * u[4 * t]
                        w[j + 1] -= s0 * u[4 * t + 1]
                    }
                }
            }
            d0 = w[i4]
            d1 = w[i4 + 1]
            w[i4] = 0
            w[i4 + 1] = 0
            // the second row of the pivot block is (e, f): |V| stays
            const det = d0 * f - d1 * e
            if (!(Math.abs(det) > 0)) return clearRow(a, i)
            pivot[2 * i] = f / det
            pivot[2 * i + 1] = -e / det
            x[2 * i] = r0
            for (let t = upperStart; t < upperEnd; t++) {
                const j = upperCol[t] << 2
                u[4 * t] = w[j]
                u[4 * t + 1] = w[j + 1]
                w[j] = 0
                w[j + 1] = 0
            }
        }
    }
    return -1
}

/** Leaves the row buffer clean after a vanished pivot; returns the bus. */
function clearRow(a: NewtonArrays, i: number): number {
    a.w.fill(0)
    return i
}

/** x ← correction dV, from the factor and right side of `eliminate`. */
export function substituteBack(a: NewtonArrays): void {
    const { n, role, u, x, pivot } = a
    const { upperPtr, upperCol } = a.elimination
    for (let i = n - 1; i >= 0; i--) {
        const kind = role[i]
        const end = upperPtr[i + 1]
        let x0 = x[2 * i]
        if (kind === pq) {
            let x1 = x[2 * i + 1]
            for (let t = upperPtr[i]; t < end; t++) {
                const j = upperCol[t] << 1
                const t4 = 4 * t
                const y0 = x[j]
                const y1 = x[j + 1]
                x0 -= u[t4] * y0 + u[t4 + 1] * y1
                x1 -= u[t4 + 2] * y0 + u[t4 + 3] * y1
            }
            x[2 * i] = x0
            x[2 * i + 1] = x1
        } else if (kind === pv) {
            for (let t = upperPtr[i]; t < end; t++) {
                const j = upperCol[t] << 1
                x0 -= u[4 * t] * x[j] + u[4 * t + 1] * x[j + 1]
            }
            x[2 * i] = pivot[2 * i] * x0
            x[2 * i + 1] = pivot[2 * i + 1] * x0
        }
    }
}

/** v ← v after the Newton step x. */
export function applyStep(a: NewtonArrays): void {
    const { n, role, v, x } = a
    for (let i = 0; i < n; i++) {
        const kind = role[i]
        if (kind === fixed) continue
        const e = v[2 * i]
        const f = v[2 * i + 1]
        const x0 = x[2 * i]
        const x1 = x[2 * i + 1]
        const v2 = 1 / (e * e + f * f)
        const t = 0.5 * (x1 * e - x0 * f) * v2
        const grow = kind === pq ? 1 + (x0 * e + x1 * f) * v2 : 1
        const scale = grow / (1 + t * t)
        const c = (1 - t * t) * scale
        const s = 2 * t * scale
        v[2 * i] = e * c - f * s
        v[2 * i + 1] = f * c + e * s
    }
}

export interface NewtonOutcome {
    status: 'converged' | 'diverged' | 'singular'
    iterations: number
    /** largest mismatch left */
    mismatch: number
    /** bus of a vanished pivot, or −1 */
    bus: number
}

/** Newton from the voltages in v until the largest mismatch is at most `tolerance`; writes into `outcome`. */
export function iterateNewton(a: NewtonArrays, tolerance: number, maxIterations: number, outcome: NewtonOutcome): NewtonOutcome {
    if (a.iterate) return a.iterate(tolerance, maxIterations, outcome)
    outcome.status = 'diverged'
    outcome.bus = -1
    for (let iteration = 0; ; iteration++) {
        const worst = computeMismatch(a)
        outcome.iterations = iteration
        outcome.mismatch = worst
        if (worst <= tolerance) {
            outcome.status = 'converged'
            return outcome
        }
        if (iteration >= maxIterations || worst === Infinity) return outcome
        outcome.bus = eliminate(a)
        if (outcome.bus >= 0) {
            outcome.status = 'singular'
            return outcome
        }
        substituteBack(a)
        applyStep(a)
    }
}
