/**
 * Solutions with G changed by a few rows, from the factor that stands: G' = G + Σ s·uᵀu, s = +w for a row added and −w for
 * one taken away. With Gⱼ₋₁ before the j-th change and gⱼ = Gⱼ₋₁⁻¹·uⱼᵀ,
 *   Gⱼ⁻¹·b = y − gⱼ·(uⱼ·y)·sⱼ/(1 + sⱼ·uⱼ·gⱼ),  y = Gⱼ₋₁⁻¹·b
 * (Sherman and Morrison 1950; Alsaç, Stott and Tinney 1983). A change that leaves the matrix singular is refused.
 */
import { solveCholesky } from '@gridverse/math'
import { constraintsLeft, evaluate, predictConstraints, shiftConstraints } from './estimate-steps.ts'
import type { Work } from './estimate-work.ts'

/** 1 + s·u·g below this is a singular matrix */
const singular = 1e-9
/** a first step this large, p.u. or rad, or a step this large against the one before calls for a new factor */
const farStep = 0.3
const slowShrink = 0.3

/** A row of H: pairs of derivatives at the buses of a support. */
export interface GainRow {
    readonly support: number
    readonly derivative: Float64Array
}

export interface GainUpdate {
    readonly count: number
    /** Changes G by weight·uᵀu; false where that would leave it singular, and nothing is changed. */
    add(row: GainRow, weight: number): boolean
    /** b ← G'⁻¹·b. */
    solve(b: Float64Array): void
    clear(): void
}

/** Row r of H as it stands, held variables out. */
export function gainRow(w: Work, r: number): GainRow {
    const { rows, fixed } = w
    const { support, supportPtr, supportBus, rowPtr } = rows
    const derivative = rows.derivative.slice(rowPtr[r], rowPtr[r + 1])
    for (let s = supportPtr[support[r]], d = 0; d < derivative.length; s++, d += 2) {
        if (fixed[2 * supportBus[s]] !== 0) derivative[d] = 0
        if (fixed[2 * supportBus[s] + 1] !== 0) derivative[d + 1] = 0
    }
    return { support: support[r], derivative }
}

/** u·x. */
export function dotRow(w: Work, { support, derivative }: GainRow, x: Float64Array): number {
    const { supportPtr, supportBus } = w.rows
    let sum = 0
    for (let s = supportPtr[support], d = 0; d < derivative.length; s++, d += 2)
        sum += derivative[d] * x[2 * supportBus[s]] + derivative[d + 1] * x[2 * supportBus[s] + 1]
    return sum
}

/** x ← x + factor·uᵀ. */
export function addRow(w: Work, { support, derivative }: GainRow, factor: number, x: Float64Array): void {
    const { supportPtr, supportBus } = w.rows
    for (let s = supportPtr[support], d = 0; d < derivative.length; s++, d += 2) {
        x[2 * supportBus[s]] += factor * derivative[d]
        x[2 * supportBus[s] + 1] += factor * derivative[d + 1]
    }
}

/** right ← HᵀWr over the rows with a weight, held variables out. */
export function assembleRight(w: Work, right: Float64Array): void {
    const { rows, weight, residual, fixed } = w
    const { support, supportPtr, supportBus, rowPtr, derivative } = rows
    right.fill(0)
    for (let r = 0; r < w.nCounted; r++) {
        const wr = weight[r] * residual[r]
        if (wr === 0) continue
        for (let s = supportPtr[support[r]], d = rowPtr[r]; d < rowPtr[r + 1]; s++, d += 2) {
            right[2 * supportBus[s]] += wr * derivative[d]
            right[2 * supportBus[s] + 1] += wr * derivative[d + 1]
        }
    }
    for (let v = 0; v < right.length; v++) if (fixed[v] !== 0) right[v] = 0
}

export function createGainUpdate(w: Work): GainUpdate {
    const changes: { row: GainRow; g: Float64Array; factor: number }[] = []
    const solve = (b: Float64Array) => {
        solveCholesky(w.factor, b)
        for (const { row, g, factor } of changes) {
            const along = factor * dotRow(w, row, b)
            if (along !== 0) for (let v = 0; v < b.length; v++) b[v] -= along * g[v]
        }
    }
    return {
        get count() {
            return changes.length
        },
        add(row, weight) {
            const g = new Float64Array(w.step.length)
            addRow(w, row, 1, g)
            solve(g)
            const pivot = 1 + weight * dotRow(w, row, g)
            if (!(pivot > singular)) return false
            changes.push({ row, g, factor: weight / pivot })
            return true
        },
        solve,
        clear() {
            changes.length = 0
        },
    }
}

/**
 * Steps of exact residuals and derivatives with the gain as changed, from a state just evaluated; they end where HᵀWr = 0
 * whatever the gain. Gives their number, undefined where they do not shrink fast. Enough is a step below `enough`.
 */
export function follow(w: Work, update: GainUpdate, enough = w.options.tolerance): number | undefined {
    const { vm, va, step } = w
    const { tolerance, maxIterations } = w.options
    let most = farStep
    for (let iteration = 1; iteration <= maxIterations; iteration++) {
        assembleRight(w, step)
        update.solve(step)
        let largest = 0
        for (const change of step) if (!(Math.abs(change) <= largest)) largest = Math.abs(change)
        if (!(largest < most)) return undefined
        predictConstraints(w)
        for (let i = 0; i < vm.length; i++) {
            va[i] += step[2 * i]
            vm[i] += step[2 * i + 1]
        }
        evaluate(w)
        shiftConstraints(w)
        if (largest < enough && constraintsLeft(w) < enough) return iteration
        most = Math.max(largest * slowShrink, tolerance)
    }
    return undefined
}
