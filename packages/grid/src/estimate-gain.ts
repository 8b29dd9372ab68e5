/**
 * The gain matrix G = HᵀWH of 2×2 blocks (θ, V) per bus, its right-hand side HᵀWr, and what its inverse says of single
 * measurements. Variables marked `fixed` are held: their columns of H are zeroed and their pivot is one.
 */
import { type Cholesky, findBlock, type InverseSubset } from '@gridverse/math'
import type { Rows } from './estimate-equations.ts'

/** Where each pair of buses of a support stands in the factor: pairs (a, b), a < b, from `pairPtr[support]`, b outer. */
export interface GainPlaces {
    readonly pairPtr: Int32Array
    readonly pair: Int32Array
}

export function buildGainPlaces(f: Cholesky, rows: Rows): GainPlaces {
    const { supportPtr, supportBus } = rows
    const nSupport = supportPtr.length - 1
    const pairPtr = new Int32Array(nSupport + 1)
    for (let g = 0; g < nSupport; g++) {
        const size = supportPtr[g + 1] - supportPtr[g]
        pairPtr[g + 1] = pairPtr[g] + (size * (size - 1)) / 2
    }
    const pair = new Int32Array(pairPtr[nSupport])
    let next = 0
    for (let g = 0; g < nSupport; g++)
        for (let b = supportPtr[g]; b < supportPtr[g + 1]; b++)
            for (let a = supportPtr[g]; a < b; a++) pair[next++] = findBlock(f, supportBus[b], supportBus[a])
    return { pairPtr, pair }
}

/** f ← HᵀWH and right ← HᵀWr over the rows with a weight other than zero; zeroes the derivatives of fixed variables on the way. */
export function assembleGain(
    f: Cholesky,
    places: GainPlaces,
    rows: Rows,
    weight: Float64Array,
    residual: Float64Array,
    fixed: Uint8Array,
    right: Float64Array,
): void {
    const { l, diagonal } = f
    const { pairPtr, pair } = places
    const { support, supportPtr, supportBus, rowPtr, derivative } = rows
    l.fill(0)
    diagonal.fill(0)
    right.fill(0)
    for (let r = 0; r < rows.n; r++) {
        const w = weight[r]
        if (w === 0) continue
        const g = support[r]
        const first = supportPtr[g]
        const size = supportPtr[g + 1] - first
        const wr = w * residual[r]
        let next = pairPtr[g]
        for (let b = 0; b < size; b++) {
            const bus = supportBus[first + b]
            const d = rowPtr[r] + 2 * b
            if (fixed[2 * bus] !== 0) derivative[d] = 0
            if (fixed[2 * bus + 1] !== 0) derivative[d + 1] = 0
            const b0 = derivative[d]
            const b1 = derivative[d + 1]
            right[2 * bus] += wr * b0
            right[2 * bus + 1] += wr * b1
            const w0 = w * b0
            const w1 = w * b1
            diagonal[3 * bus] += w0 * b0
            diagonal[3 * bus + 1] += w0 * b1
            diagonal[3 * bus + 2] += w1 * b1
            for (let a = rowPtr[r]; a < d; a += 2) {
                const at = 4 * pair[next++]
                const a0 = derivative[a]
                const a1 = derivative[a + 1]
                l[at] += w0 * a0
                l[at + 1] += w0 * a1
                l[at + 2] += w1 * a0
                l[at + 3] += w1 * a1
            }
        }
    }
    for (let i = 0; i < f.n; i++) {
        if (fixed[2 * i] !== 0) diagonal[3 * i] = 1
        if (fixed[2 * i + 1] !== 0) diagonal[3 * i + 2] = 1
    }
}

/** Variance of the estimate of row r, h·G⁻¹·hᵀ, from the selected inverse. */
export function computeVariance(z: InverseSubset, places: GainPlaces, rows: Rows, r: number): number {
    const { lower, diagonal } = z
    const { pairPtr, pair } = places
    const { support, supportPtr, supportBus, rowPtr, derivative } = rows
    const g = support[r]
    const first = supportPtr[g]
    let next = pairPtr[g]
    let sum = 0
    for (let b = 0; b < supportPtr[g + 1] - first; b++) {
        const bus = supportBus[first + b]
        const b0 = derivative[rowPtr[r] + 2 * b]
        const b1 = derivative[rowPtr[r] + 2 * b + 1]
        sum += b0 * b0 * diagonal[3 * bus] + 2 * b0 * b1 * diagonal[3 * bus + 1] + b1 * b1 * diagonal[3 * bus + 2]
        for (let a = rowPtr[r]; a < rowPtr[r] + 2 * b; a += 2) {
            const at = 4 * pair[next++]
            const a0 = derivative[a]
            const a1 = derivative[a + 1]
            sum += 2 * (b0 * (lower[at] * a0 + lower[at + 1] * a1) + b1 * (lower[at + 2] * a0 + lower[at + 3] * a1))
        }
    }
    return sum
}
