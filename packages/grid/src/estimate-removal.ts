/**
 * Removal of bad data one by one without a new factorisation. The factor of the first solution stays; a measurement leaves
 * it by compensation (estimate-update.ts), the state follows by steps of exact residuals and derivatives with that gain,
 * which end where HᵀWr = 0 whatever the gain, and the variance of every other measurement i grows by
 *   (hᵢ·g)²·w/(1 − w·h·g),  g = G⁻¹·hᵀ of the measurement removed.
 * Where the steps do not shrink fast, the state has moved far, or many are gone, all is factored anew.
 */
import type { BadDatum } from './estimate-contract.ts'
import { computeVariance } from './estimate-gain.ts'
import { criticalShare, updateInverse } from './estimate-residuals.ts'
import { iterate } from './estimate-steps.ts'
import { addRow, createGainUpdate, dotRow, follow, type GainRow } from './estimate-update.ts'
import type { Work } from './estimate-work.ts'

/** removals on one factor */
const mostUpdates = 32
/** p.u. or rad: what a step this small leaves of the way is far below any σ, good enough to judge by residuals */
const nearStep = 5e-3

export interface Removal {
    /** Starts from the converged state of a scan. */
    begin(): void
    /** The measurement with the largest normalised residual among those that can be checked. */
    worst(): BadDatum | undefined
    /** Takes a measurement out and moves the state to nearly the estimate without it. */
    remove(measurement: number): { iterations: number; converged: boolean }
    /** Moves the state to the estimate itself. */
    settle(): { iterations: number; converged: boolean }
}

export function createRemoval(w: Work): Removal {
    const { layout, rows, weight, residual, step } = w
    const update = createGainUpdate(w)
    const variance = new Float64Array(layout.length)
    const g = new Float64Array(step.length)
    const { support, supportPtr, supportBus, rowPtr } = rows
    // rows of H at the state of the factor
    const base = new Float64Array(rows.rowPtr[layout.length])

    const begin = () => {
        updateInverse(w)
        update.clear()
        for (let r = 0; r < layout.length; r++) {
            if (!(weight[r] > 0)) continue
            variance[r] = computeVariance(w.inverse, w.places, rows, r)
        }
        // rows with a weight have their held variables out since the factor was assembled
        base.set(rows.derivative.subarray(0, base.length))
    }
    const refactor = () => {
        const again = iterate(w, 'last')
        if (again.converged) begin()
        return again
    }
    return {
        begin,
        worst() {
            let measurement = -1
            let worst = 0
            for (let r = 0; r < layout.length; r++) {
                if (!(weight[r] > 0)) continue
                const share = 1 - weight[r] * variance[r]
                if (share < criticalShare) continue
                const square = (residual[r] * residual[r] * weight[r]) / share
                // equal residuals of a set that cannot be told apart go to the earliest
                if (square > worst * (1 + 1e-6)) {
                    worst = square
                    measurement = r
                }
            }
            return measurement < 0 ? undefined : { measurement, normalisedResidual: Math.sqrt(worst) }
        },
        remove(measurement) {
            const row: GainRow = { support: support[measurement], derivative: base.slice(rowPtr[measurement], rowPtr[measurement + 1]) }
            const gone = weight[measurement]
            weight[measurement] = 0
            w.inverseIsCurrent = false
            g.fill(0)
            addRow(w, row, 1, g)
            update.solve(g)
            const growth = gone / (1 - gone * dotRow(w, row, g))
            // current magnitudes bring curvature of their own into the gain
            if (w.turnOf.length > 0 || update.count >= mostUpdates || !update.add(row, -gone)) return refactor()
            for (let r = 0; r < layout.length; r++) {
                if (!(weight[r] > 0)) continue
                let along = 0
                for (let s = supportPtr[support[r]], d = rowPtr[r]; d < rowPtr[r + 1]; s++, d += 2)
                    along += base[d] * g[2 * supportBus[s]] + base[d + 1] * g[2 * supportBus[s] + 1]
                variance[r] += growth * along * along
            }
            const iterations = follow(w, update, Math.max(nearStep, w.options.tolerance))
            return iterations === undefined ? refactor() : { iterations, converged: true }
        },
        settle() {
            const iterations = follow(w, update)
            return iterations === undefined ? refactor() : { iterations, converged: true }
        },
    }
}
