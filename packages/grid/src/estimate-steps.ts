/**
 * Gauss–Newton steps. Far from the solution a step is shortened where it makes the fit much worse. Current magnitudes come
 * in at the third step, when the state has left the flat one, with their curvature (see estimate-equations.ts).
 *
 * Zero injections c(x) = 0 hold exactly, by the method of multipliers (Hestenes 1969, Powell 1969): each is a row of large
 * weight w whose value is shifted by its multiplier, λ/w ← λ/w − c − C·Δx with every step. G keeps its pattern and stays
 * positive definite, and λ converges with the state: every step leaves about 1/(w·σ²) of c, σ² its variance without the
 * constraint.
 */
import { factorCholesky, solveCholesky } from '@gridverse/math'
import { evaluateEnds, evaluateRows, kind, leastCurrent } from './estimate-equations.ts'
import { assembleGain } from './estimate-gain.ts'
import type { Work } from './estimate-work.ts'

/** a step changes no angle, rad, and no voltage, p.u., by more */
const mostTurn = 2
const mostRise = 0.4

/** Gauss–Newton steps from the present state. */
export function iterate(w: Work, start: 'flat' | 'case' | 'last'): { iterations: number; converged: boolean } {
    const { rows, stepWeight, factor, places, residual, fixed, step, turnOf } = w
    const { tolerance, maxIterations } = w.options
    // a current magnitude has no direction to pull in while the state is flat
    const waiting = start === 'flat' && !w.needsCurrents && w.turnOf.length > 0 ? 2 : 0
    w.inverseIsCurrent = false
    evaluate(w)
    let largest = Infinity
    for (let iteration = 1; iteration <= maxIterations; iteration++) {
        const currents = iteration > waiting
        let zeros = 1
        // near the end the whole curvature of the currents, where the gain stays positive with it
        if (currents && turnOf.length > 0 && largest < 1e-2) {
            weighStep(w, currents, -10)
            assembleGain(factor, places, rows, stepWeight, residual, fixed, step)
            zeros = factorCholesky(factor)
        }
        if (zeros > 0) {
            weighStep(w, currents, 0)
            assembleGain(factor, places, rows, stepWeight, residual, fixed, step)
            zeros = factorCholesky(factor)
        }
        if (zeros > 0) return { iterations: iteration, converged: false }
        solveCholesky(factor, step)
        predictConstraints(w)
        largest = takeStep(w, largest < 1e-2)
        shiftConstraints(w)
        if (!(largest < 1e3)) return { iterations: iteration, converged: false }
        if (largest < tolerance && constraintsLeft(w) < tolerance && currents) return { iterations: iteration, converged: true }
    }
    return { iterations: maxIterations, converged: false }
}

/** shift ← what the step leaves of each zero injection to first order; the rows of H are those of the step. */
export function predictConstraints(w: Work): void {
    const { rows, weight, shift, step, layout, nReal } = w
    const { support, supportPtr, supportBus, rowPtr, derivative } = rows
    for (let r = layout.length; r < nReal; r++) {
        if (weight[r] === 0) continue
        let c = rows.h[r]
        for (let s = supportPtr[support[r]], d = rowPtr[r]; d < rowPtr[r + 1]; s++, d += 2)
            c += derivative[d] * step[2 * supportBus[s]] + derivative[d + 1] * step[2 * supportBus[s] + 1]
        shift[r] = c
    }
}

/** Moves the multipliers of the zero injections by what was predicted, the step once taken. */
export function shiftConstraints(w: Work): void {
    const { weight, z, shift, residual, layout, nReal } = w
    for (let r = layout.length; r < nReal; r++) {
        if (weight[r] === 0) continue
        z[r] -= shift[r]
        residual[r] -= shift[r]
    }
}

/** The largest injection at a bus that should have none, p.u. */
export function constraintsLeft(w: Work): number {
    let left = 0
    for (let r = w.layout.length; r < w.nReal; r++) if (w.weight[r] > 0) left = Math.max(left, Math.abs(w.rows.h[r]))
    return left
}

/** stepWeight ← the weights, with those of the turns of currents, at least `leastTurn` of their own; without currents while they wait. */
function weighStep(w: Work, currents: boolean, leastTurn: number): void {
    const { rows, weight, stepWeight, z, turnOf, nCounted } = w
    for (let r = 0; r < nCounted; r++) stepWeight[r] = weight[r]
    for (let t = 0; t < turnOf.length; t++) {
        const r = turnOf[t]
        if (!currents) stepWeight[r] = 0
        stepWeight[nCounted + t] =
            currents && weight[r] > 0 ? weight[r] * Math.max(leastTurn, 1 - z[r] / Math.max(rows.h[r], leastCurrent)) : 0
    }
}

/** Adds the step to the state, shortened while it makes the fit worse (far off: much worse); gives its largest entry, p.u. or rad. */
function takeStep(w: Work, near: boolean): number {
    const { vm, va, step } = w
    const before = weightedSquares(w)
    const bound = near ? before * (1 + 1e-6) + 1e-6 : 2 * before + 1
    let largest = 0
    let share = 1
    for (let x = 0; x < step.length; x++) {
        const change = Math.abs(step[x])
        if (!(change <= largest)) largest = change
        const most = x % 2 === 0 ? mostTurn : mostRise
        if (change * share > most) share = most / change
    }
    let taken = 0
    for (let halving = 0; halving < 6; halving++) {
        for (let i = 0; i < vm.length; i++) {
            va[i] += (share - taken) * step[2 * i]
            vm[i] += (share - taken) * step[2 * i + 1]
        }
        taken = share
        evaluate(w)
        if (weightedSquares(w) <= bound) break
        share /= 2
    }
    return largest
}

/** Σ w·r² over the rows of the step. */
function weightedSquares(w: Work): number {
    const { stepWeight, residual, nCounted } = w
    let sum = 0
    for (let r = 0; r < nCounted; r++) if (stepWeight[r] > 0) sum += stepWeight[r] * residual[r] * residual[r]
    return sum
}

/** Rows, derivatives and residuals of the present state. */
export function evaluate(w: Work): void {
    const { circuit, rows, active, vm, va, z, residual } = w
    evaluateEnds(circuit, vm, va)
    evaluateRows(circuit, rows, active, vm, va)
    for (let r = 0; r < w.nCounted; r++) {
        let difference = z[r] - rows.h[r]
        if (rows.kind[r] === kind.va) difference -= 2 * Math.PI * Math.round(difference / (2 * Math.PI))
        residual[r] = difference
    }
}
