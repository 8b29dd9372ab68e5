/**
 * Weighted least squares state estimation on a fixed measurement layout: z = h(x) + e, R = diag(σ²), x = (θ, V).
 *
 *   Gauss–Newton:  G·Δx = HᵀR⁻¹(z − h),  G = HᵀR⁻¹H,  until max|Δx| < tolerance
 *   J = Σ(r/σ)², degrees of freedom m − rank H;  J above the χ² quantile says that bad data are present
 *   (Abur and Expósito, Power System State Estimation, chapters 2, 4 and 5)
 *
 * Pattern, order of elimination and work arrays are made once; a scan changes values, standard deviations, branch status,
 * taps and sources, and none of these needs a new analysis.
 */
import type { BadDatum, Estimate, EstimatedState, Estimator, EstimatorOptions, Scan } from './estimate-contract.ts'
import { findCriticalSets } from './estimate-critical.ts'
import { createLoweredEstimator } from './estimate-lowered.ts'
import type { MeasurementPlace } from './estimate-measurement.ts'
import { checkObservability } from './estimate-observability.ts'
import { createRemoval, type Removal } from './estimate-removal.ts'
import { writeEstimate, writeState } from './estimate-report.ts'
import { criticalShare, residualShare, testChiSquare, updateInverse } from './estimate-residuals.ts'
import { setStart, takeTopology, takeValues } from './estimate-scan.ts'
import { iterate } from './estimate-steps.ts'
import { createWork, type Work } from './estimate-work.ts'
import { withoutLinks } from './lower-network.ts'
import type { Network } from './network.ts'

/** An estimator for measurements at fixed places. Throws where a place or a branch names what the network does not have. */
export function createEstimator(network: Network, layout: readonly MeasurementPlace[], options: EstimatorOptions = {}): Estimator {
    const create = (plain: Network, places: readonly MeasurementPlace[], passive?: readonly number[]) =>
        new LayoutEstimator(createWork(plain, places, options, passive))
    const lowers = network.coupler?.length || network.transformer3?.length
    return lowers ? createLoweredEstimator(network, layout, create) : create(withoutLinks(network), layout)
}

class LayoutEstimator implements Estimator {
    readonly layout: readonly MeasurementPlace[]
    readonly state: EstimatedState
    private readonly work: Work
    private readonly removal: Removal

    constructor(work: Work) {
        this.work = work
        this.removal = createRemoval(work)
        this.layout = work.layout
        this.state = work.state
    }

    estimate(scan: Scan): Estimate {
        return estimateScan(this.work, this.removal, scan)
    }

    normalisedResiduals(): Float64Array {
        const { weight, residual, hasState } = this.work
        const out = new Float64Array(this.layout.length).fill(NaN)
        if (!hasState) return out
        updateInverse(this.work)
        for (let r = 0; r < out.length; r++) {
            if (!(weight[r] > 0)) continue
            const share = residualShare(this.work, r)
            out[r] = share < criticalShare ? 0 : Math.abs(residual[r]) * Math.sqrt(weight[r] / share)
        }
        return out
    }

    critical(): number[] {
        const { weight, hasState } = this.work
        if (!hasState) return []
        updateInverse(this.work)
        return [...this.layout.keys()].filter((r) => weight[r] > 0 && residualShare(this.work, r) < criticalShare)
    }

    criticalSets(): number[][] {
        return this.work.hasState ? findCriticalSets(this.work) : []
    }
}

/** One scan: topology, values, observability, Gauss–Newton, then removal of bad data one by one while the χ² test fails. */
export function estimateScan(w: Work, removal: Removal, scan: Scan): Estimate {
    takeTopology(w, scan)
    takeValues(w, scan)
    checkObservability(w, scan)
    const wanted = scan.start === 'last' && !w.hasState ? 'flat' : (scan.start ?? 'flat')
    const start = w.needsCurrents && wanted === 'flat' ? 'case' : wanted
    setStart(w, start, w.vm, w.va)

    const { residualLimit, removeBadData, maxRemovals } = w.options
    const badData: BadDatum[] = []
    let { iterations, converged } = iterate(w, start)
    let test = testChiSquare(w)
    if (converged && removeBadData && !test.passed) removal.begin()
    // between removals the state is near enough; what is given, and judged last, is the estimate itself
    for (let settled = true; converged && removeBadData; ) {
        const worst = test.passed || badData.length >= maxRemovals ? undefined : removal.worst()
        const bad = worst !== undefined && worst.normalisedResidual > residualLimit
        if (!bad && settled) break
        if (bad) badData.push(worst)
        const moved = bad ? removal.remove(worst.measurement) : removal.settle()
        settled = !bad
        iterations += moved.iterations
        converged = moved.converged
        test = testChiSquare(w)
    }
    w.hasState = converged
    writeState(w, converged, w.options.pseudo)
    return writeEstimate(w, converged, w.options.pseudo, iterations, test, badData)
}
