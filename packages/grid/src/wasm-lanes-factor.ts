/**
 * The factor of the Jacobian at a solved case, kept whole for many right sides: J = L·U with 2×2 blocks, U with unit
 * diagonal blocks. Per unit and radians, buses in order of elimination.
 *
 * Unknowns are (v, t) of each bus, dV/V = v + j·t, equations (P, Q). With a + j·b = Vi·conj(Yij·Vj) a block is
 *   ( a  b ; b  −a ),  on the diagonal  ( a + P  b − Q ; b + Q  −a + P ).
 * At a PV bus the second equation is v = 0; a bus that holds its voltage has zeros throughout.
 */
import { busRole } from './islands.ts'
import type { NewtonArrays } from './newton.ts'

const { fixed, pq } = busRole

/** Blocks by rows, patterns those of `elimination`; in single precision for correcting what is checked in double. */
export interface ChordFactor {
    readonly lower: Float32Array
    /** inverses of the diagonal blocks */
    readonly inverse: Float32Array
    readonly upper: Float32Array
    /** (P, Q) of each bus */
    readonly power: Float64Array
}

/** Needs `computeMismatch` at the voltages in v; undefined when a pivot vanishes. */
export function buildChordFactor(a: NewtonArrays): ChordFactor | undefined {
    const { n, yPtr, yCol, y, yDiagonal, role, v, current } = a
    const { upperPtr, upperCol, lowerPtr, lowerCol } = a.elimination
    const lower = new Float32Array(4 * lowerCol.length)
    const inverse = new Float32Array(4 * n)
    const upper = new Float32Array(4 * upperCol.length)
    const power = new Float64Array(2 * n)
    const u = new Float64Array(4 * upperCol.length)
    const w = new Float64Array(4 * n)
    for (let i = 0; i < n; i++) {
        if (role[i] === fixed) continue
        const e = v[2 * i]
        const f = v[2 * i + 1]
        const p = e * current[2 * i] + f * current[2 * i + 1]
        const q = f * current[2 * i] - e * current[2 * i + 1]
        power[2 * i] = p
        power[2 * i + 1] = q
        for (let k = yPtr[i] - 1; k < yPtr[i + 1]; k++) {
            // the diagonal first
            const own = k < yPtr[i]
            const j = own ? i : yCol[k]
            const g = own ? yDiagonal[2 * i] : y[2 * k]
            const b = own ? yDiagonal[2 * i + 1] : y[2 * k + 1]
            const re = g * v[2 * j] - b * v[2 * j + 1]
            const im = g * v[2 * j + 1] + b * v[2 * j]
            const real = e * re + f * im
            const imaginary = f * re - e * im
            w[4 * j] = own ? real + p : real
            w[4 * j + 1] = own ? imaginary - q : imaginary
            if (role[i] === pq) {
                w[4 * j + 2] = own ? imaginary + q : imaginary
                w[4 * j + 3] = own ? p - real : -real
            } else if (own) w[4 * j + 2] = 1
        }
        for (let s = lowerPtr[i]; s < lowerPtr[i + 1]; s++) {
            const k = lowerCol[s]
            const a0 = w[4 * k]
            const a1 = w[4 * k + 1]
            const a2 = w[4 * k + 2]
            const a3 = w[4 * k + 3]
            w.fill(0, 4 * k, 4 * k + 4)
            if (role[k] === fixed) continue
            lower[4 * s] = a0
            lower[4 * s + 1] = a1
            lower[4 * s + 2] = a2
            lower[4 * s + 3] = a3
            for (let t = upperPtr[k]; t < upperPtr[k + 1]; t++) {
                const j = 4 * upperCol[t]
                w[j] -= a0 * u[4 * t] + a1 * u[4 * t + 2]
                w[j + 1] -= a0 * u[4 * t + 1] + a1 * u[4 * t + 3]
                w[j + 2] -= a2 * u[4 * t] + a3 * u[4 * t + 2]
                w[j + 3] -= a2 * u[4 * t + 1] + a3 * u[4 * t + 3]
            }
        }
        const d0 = w[4 * i]
        const d1 = w[4 * i + 1]
        const d2 = w[4 * i + 2]
        const d3 = w[4 * i + 3]
        w.fill(0, 4 * i, 4 * i + 4)
        const det = d0 * d3 - d1 * d2
        if (!(Math.abs(det) > 0)) return undefined
        // at a PV bus d3 = 0 and d2 = 1, hence v = 0 to the last bit
        const b0 = d3 / det
        const b1 = -d1 / det
        const b2 = -d2 / det
        const b3 = d0 / det
        inverse.set([b0, b1, b2, b3], 4 * i)
        for (let t = upperPtr[i]; t < upperPtr[i + 1]; t++) {
            const j = 4 * upperCol[t]
            u[4 * t] = b0 * w[j] + b1 * w[j + 2]
            u[4 * t + 1] = b0 * w[j + 1] + b1 * w[j + 3]
            u[4 * t + 2] = b2 * w[j] + b3 * w[j + 2]
            u[4 * t + 3] = b2 * w[j + 1] + b3 * w[j + 3]
            w.fill(0, j, j + 4)
        }
    }
    upper.set(u)
    return { lower, inverse, upper, power }
}
