/**
 * Which variables measurements determine: the rank of H, by the zero pivots of HᵀH with its rows scaled to one, so that
 * neither weights nor admittances hide it. Rounding can lift a zero pivot above the tolerance after small ones before it,
 * so the factor is then asked for its weakest direction (inverse iteration): one that H takes to nothing is a null vector
 * too, and another variable is held.
 */
import { type Cholesky, factorCholesky, nullVectorCholesky, solveCholesky } from '@gridverse/math'
import type { Rows } from './estimate-equations.ts'
import { assembleGain, type GainPlaces } from './estimate-gain.ts'

/** a pivot this small against its diagonal is a zero */
const zeroPivot = 1e-13
/** a direction x with |Hx| below this times |x| is a null vector */
const nullRatio = 1e-6

/**
 * Marks in `fixed` the variables to hold so that the rows with a weight determine all others; gives their number. `see`
 * gets null vectors, which together are not zero wherever a variable is undetermined; entries are about one or zero.
 */
export function holdUndetermined(
    f: Cholesky,
    places: GainPlaces,
    rows: Rows,
    weight: Float64Array,
    fixed: Uint8Array,
    nothing: Float64Array,
    x: Float64Array,
    see: (nullVector: Float64Array) => void,
): number {
    for (let held = 0; ; held++) {
        assembleGain(f, places, rows, weight, nothing, fixed, x)
        const zeros = factorCholesky(f, zeroPivot)
        if (zeros > 0) {
            nullVectorCholesky(f, x)
            see(x)
            for (let v = 0; v < fixed.length; v++) if (f.zeroPivot[v] !== 0) fixed[v] = 1
            held += zeros
        }
        const weakest = findWeakest(f, fixed, x)
        if (weakest < 0 || !(computeRatio(rows, weight, fixed, x) < nullRatio)) return held
        see(x)
        fixed[weakest] = 1
    }
}

/** x ← the direction the factor says least about, its largest entry one; gives the place of that entry. */
function findWeakest(f: Cholesky, fixed: Uint8Array, x: Float64Array): number {
    for (let v = 0; v < x.length; v++) x[v] = fixed[v] !== 0 ? 0 : 1 + ((v * 0.618033988749895) % 1)
    let weakest = -1
    for (let round = 0; round < 3; round++) {
        solveCholesky(f, x)
        weakest = -1
        let largest = 0
        for (let v = 0; v < x.length; v++)
            if (Math.abs(x[v]) > largest) {
                largest = Math.abs(x[v])
                weakest = v
            }
        if (weakest < 0) return -1
        for (let v = 0; v < x.length; v++) x[v] /= largest
    }
    return weakest
}

/** |Hx|/|x| with the rows scaled by their weights; held variables do not count. */
function computeRatio(rows: Rows, weight: Float64Array, fixed: Uint8Array, x: Float64Array): number {
    const { support, supportPtr, supportBus, rowPtr, derivative } = rows
    let above = 0
    for (let r = 0; r < rows.n; r++) {
        if (weight[r] === 0) continue
        let sum = 0
        let d = rowPtr[r]
        for (let s = supportPtr[support[r]]; s < supportPtr[support[r] + 1]; s++, d += 2) {
            const bus = supportBus[s]
            if (fixed[2 * bus] === 0) sum += derivative[d] * x[2 * bus]
            if (fixed[2 * bus + 1] === 0) sum += derivative[d + 1] * x[2 * bus + 1]
        }
        above += weight[r] * sum * sum
    }
    let below = 0
    for (const entry of x) below += entry * entry
    return Math.sqrt(above / below)
}
