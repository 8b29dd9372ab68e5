/**
 * What residuals say: J = Σ(r/σ)² against its χ² quantile; Ω = R − H·G⁻¹·Hᵀ and normalised residuals |r|/√Ωᵢᵢ; Ωᵢᵢ ≈ 0 marks
 * a critical measurement, which nothing can check (Abur and Expósito, Power System State Estimation, chapters 4 and 5).
 */
import { chiSquareQuantile, computeInverseSubset, factorCholesky } from '@gridverse/math'
import { assembleGain, computeVariance } from './estimate-gain.ts'
import type { ChiSquareTest } from './estimate-report.ts'
import type { Work } from './estimate-work.ts'

/** share of a measurement's variance that must remain in its residual for it to be checkable */
export const criticalShare = 1e-6

/** J of the measurements; zero injections count among the degrees of freedom, and being exact add nothing to J. */
export function testChiSquare(w: Work): ChiSquareTest {
    const { weight, residual, nReal, layout } = w
    let objective = 0
    let m = 0
    for (let r = 0; r < nReal; r++) {
        if (!(weight[r] > 0)) continue
        m++
        if (r < layout.length) objective += weight[r] * residual[r] * residual[r]
    }
    const degreesOfFreedom = Math.max(m - w.rank, 0)
    const limit = limitOf(w, degreesOfFreedom)
    return { objective, degreesOfFreedom, limit, passed: degreesOfFreedom === 0 || objective <= limit }
}

function limitOf(w: Work, degreesOfFreedom: number): number {
    if (w.limitFor !== degreesOfFreedom) {
        w.limitFor = degreesOfFreedom
        w.limit = chiSquareQuantile(w.options.confidence, degreesOfFreedom)
    }
    return w.limit
}

/** Ωᵢᵢ/σᵢ², between 0 and 1. */
export function residualShare(w: Work, r: number): number {
    return 1 - w.weight[r] * computeVariance(w.inverse, w.places, w.rows, r)
}

export function updateInverse(w: Work): void {
    if (w.inverseIsCurrent) return
    // G = HᵀR⁻¹H proper, without the turns that helped the last step
    assembleGain(w.factor, w.places, w.rows, w.weight, w.residual, w.fixed, w.step)
    factorCholesky(w.factor)
    computeInverseSubset(w.factor, w.inverse)
    // held variables have no variance; the unit pivots that stand for them must not show
    const { diagonal } = w.inverse
    for (let i = 0; i < w.vm.length; i++) {
        if (w.fixed[2 * i] !== 0) diagonal[3 * i] = 0
        if (w.fixed[2 * i + 1] !== 0) diagonal[3 * i + 2] = 0
    }
    w.inverseIsCurrent = true
}
