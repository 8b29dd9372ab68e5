/**
 * Primal-dual interior point for smooth programs, after H. Wang, C. E. Murillo-Sánchez, R. D. Zimmerman and R. J.
 * Thomas, "On computational issues of market-based optimal power flow", IEEE Trans. Power Syst. 22(3), 2007.
 *
 * Inequalities and finite bounds become h(x) + z = 0, z > 0, with a barrier of weight γ. With λ and μ multipliers of
 * g and h, [·] diagonal, and M = ∇²L + ∇hᵀ·[μ/z]·∇h, N = ∇L + ∇hᵀ·[1/z]·(γ + [μ]·h), each Newton step solves
 *   | M  ∇gᵀ | |Δx|   |−N|
 *   | ∇g  0  |·|Δλ| = |−g|,   Δz = −h − z − ∇h·Δx,   Δμ = −μ + [1/z]·(γ − [μ]·Δz)
 * and goes the greatest part α of it that keeps z and μ positive; then γ ← σ·zᵀμ/n, σ = max(0.1, (1 − α)³). The objective
 * counts by a weight that makes its steepest slope at the start 10 at most, so that multipliers are of the size of 1, where
 * μ and γ begin: without it half the iterations go into growing them.
 *
 * A step is good where the matrix has as many negative eigenvalues as there are equations, or where at least M curves
 * upwards along it (N. Chiang and V. M. Zavala, Comput. Optim. Appl. 64, 2016). Else M is shifted by growing multiples of
 * the identity; and where the matrix is singular, the zero block by a small negative one (A. Wächter and L. T. Biegler,
 * Math. Program. 106, 2006, section 3.1).
 */
import { createEvaluation, type NonlinearProgram } from './interior-point-program.ts'
import { createSystem, listBounds } from './interior-point-system.ts'

export interface InteriorPointOptions {
    /** greatest scaled violation, gradient and complementarity left */
    readonly tolerance?: number
    readonly maxIterations?: number
    /** called after every iteration */
    readonly onIteration?: (progress: InteriorPointProgress) => void
}

export interface InteriorPointProgress {
    readonly iteration: number
    readonly f: number
    /** greatest |g| or h⁺, over 1 + the greatest |x| or z */
    readonly feasibility: number
    /** greatest entry of ∇L over 1 + the greatest multiplier */
    readonly stationarity: number
    /** zᵀμ over 1 + the greatest |x| */
    readonly complementarity: number
    /** part of the last step taken by x and z, and by the multipliers */
    readonly stepPrimal: number
    readonly stepDual: number
}

/** After it, `f` and the multipliers are those of the objective as given; the three measures are of the weighted one. */
export interface InteriorPointSolution extends InteriorPointProgress {
    /** `stalled`: steps shrank to nothing, or crept on for long; `singular`: no step could be computed; `unbounded`: numbers overflowed */
    readonly status: 'optimal' | 'iterations' | 'stalled' | 'singular' | 'unbounded'
    readonly x: Float64Array
    /** multipliers of g; the optimum changes by lambda[i]·ε when g[i] must be −ε */
    readonly lambda: Float64Array
    /** multipliers of h and of the bounds, ≥ 0 */
    readonly mu: Float64Array
    readonly muLower: Float64Array
    readonly muUpper: Float64Array
    /** g and h at x */
    readonly g: Float64Array
    readonly h: Float64Array
}

const stepBack = 0.99995
const centring = 0.1
const leastSlack = 0.1
const firstBarrier = 0.1
const steepestSlope = 10
/** so many steps in a row below this part lead nowhere */
const creeping = { steps: 12, part: 0.02 }

export function solveInteriorPoint(program: NonlinearProgram, options: InteriorPointOptions = {}): InteriorPointSolution {
    const { tolerance = 1e-9, maxIterations = 150, onIteration } = options
    const { nX, nEquality, nInequality, lower, upper } = program
    const { inequalityRow, inequalityCol, equalityRow, equalityCol } = program
    const fixed = Uint8Array.from(lower, (l, i) => (l === upper[i] ? 1 : 0))
    const bounds = listBounds(program, fixed)
    const n = nInequality + bounds.length
    const system = createSystem(program, fixed, bounds)

    const at = createEvaluation(program)

    const x = program.start.slice()
    for (let i = 0; i < nX; i++) if (fixed[i] === 1) x[i] = lower[i]
    const lambda = new Float64Array(nEquality)
    const z = new Float64Array(n)
    const mu = new Float64Array(n)
    const h = new Float64Array(n)
    const dh = new Float64Array(n)
    const slope = new Float64Array(nX)
    const { carried } = system
    const right = new Float64Array(system.width)
    const step = new Float64Array(system.width)
    const dz = new Float64Array(n)
    const dmu = new Float64Array(n)
    const weight = new Float64Array(n)
    let gamma = firstBarrier
    let stepPrimal = 1
    let stepDual = 1
    let before = 0
    let crept = 0

    let scale = 1
    const evaluate = () => {
        program.evaluate(x, at)
        at.f *= scale
        for (let i = 0; i < nX; i++) at.gradient[i] *= scale
        h.set(at.h)
        for (let k = 0; k < bounds.length; k++) h[nInequality + k] = bounds[k].sign * (x[bounds[k].variable] - bounds[k].value)
    }
    /** out ← out + ∇hᵀ·y */
    const addInequality = (y: Float64Array, out: Float64Array) => {
        for (let p = 0; p < inequalityRow.length; p++) out[inequalityCol[p]] += at.inequality[p] * y[inequalityRow[p]]
        for (let k = 0; k < bounds.length; k++) out[bounds[k].variable] += bounds[k].sign * y[nInequality + k]
    }
    const computeSlope = () => {
        slope.set(at.gradient)
        for (let p = 0; p < equalityRow.length; p++) slope[equalityCol[p]] += at.equality[p] * lambda[equalityRow[p]]
        addInequality(mu, slope)
    }
    const progress = (iteration: number): InteriorPointProgress => {
        let gap = 0
        for (let k = 0; k < n; k++) gap += z[k] * mu[k]
        const violation = Math.max(greatest(at.g), most(h))
        let steepest = 0
        for (let i = 0; i < nX; i++) if (fixed[i] === 0 && !(Math.abs(slope[i]) <= steepest)) steepest = Math.abs(slope[i])
        const size = greatest(x)
        return {
            iteration,
            f: at.f / scale,
            feasibility: violation / (1 + Math.max(size, greatest(z))),
            stationarity: steepest / (1 + Math.max(greatest(lambda), greatest(mu))),
            complementarity: gap / (1 + size),
            stepPrimal,
            stepDual,
        }
    }

    evaluate()
    const steepest = greatest(at.gradient)
    if (steepest > steepestSlope && steepest < Infinity) {
        scale = steepestSlope / steepest
        evaluate()
    }
    for (let k = 0; k < n; k++) {
        z[k] = Math.max(leastSlack, -h[k])
        mu[k] = gamma / z[k]
    }
    computeSlope()
    before = at.f
    let now = progress(0)
    let status: InteriorPointSolution['status'] = 'iterations'
    let iteration = 0
    const met = () => now.feasibility < tolerance && now.stationarity < tolerance && now.complementarity < tolerance
    while (true) {
        if (!Number.isFinite(at.f + now.feasibility + now.stationarity + now.complementarity)) status = 'unbounded'
        else if (met() && (iteration === 0 || Math.abs(at.f - before) < tolerance * (1 + Math.abs(before)))) status = 'optimal'
        if (status !== 'iterations' || iteration === maxIterations) break
        iteration++

        for (let k = 0; k < n; k++) {
            weight[k] = mu[k] / z[k]
            dh[k] = (gamma + mu[k] * h[k]) / z[k]
        }
        system.assemble(x, at, scale, lambda, mu, weight)
        right.fill(0)
        for (let k = 0; k < nInequality; k++) if (carried[k] >= 0) dh[k] = 0
        for (let i = 0; i < nX; i++) right[i] = slope[i]
        addInequality(dh, right)
        for (let i = 0; i < nX; i++) right[i] = fixed[i] === 1 ? 0 : -right[i]
        for (let e = 0; e < nEquality; e++) right[nX + e] = -at.g[e]
        for (let k = 0; k < nInequality; k++) if (carried[k] >= 0) right[carried[k]] = -(h[k] + gamma / mu[k])
        if (!system.solve(right, step)) {
            status = 'singular'
            break
        }

        // Δz, Δμ and how far they let the step go
        dz.fill(0)
        for (let p = 0; p < inequalityRow.length; p++) dz[inequalityRow[p]] -= at.inequality[p] * step[inequalityCol[p]]
        for (let k = 0; k < bounds.length; k++) dz[nInequality + k] -= bounds[k].sign * step[bounds[k].variable]
        stepPrimal = 1
        stepDual = 1
        for (let k = 0; k < n; k++) {
            dz[k] -= h[k] + z[k]
            dmu[k] = k < nInequality && carried[k] >= 0 ? step[carried[k]] : -mu[k] + (gamma - mu[k] * dz[k]) / z[k]
            if (dz[k] < 0) stepPrimal = Math.min(stepPrimal, (stepBack * z[k]) / -dz[k])
            if (dmu[k] < 0) stepDual = Math.min(stepDual, (stepBack * mu[k]) / -dmu[k])
        }
        for (let i = 0; i < nX; i++) x[i] += stepPrimal * step[i]
        for (let e = 0; e < nEquality; e++) lambda[e] += stepDual * step[nX + e]
        let gap = 0
        for (let k = 0; k < n; k++) {
            z[k] += stepPrimal * dz[k]
            mu[k] += stepDual * dmu[k]
            gap += z[k] * mu[k]
        }
        // a short step means that z and μ crowd their bounds: back towards the middle; and no smaller than the tolerance
        // asks for, so that the matrix stays as regular as it can
        const sigma = Math.max(centring, (1 - stepPrimal) ** 3)
        if (n > 0) gamma = Math.max(sigma * gap, 0.1 * tolerance * (1 + greatest(x))) / n

        before = at.f
        evaluate()
        computeSlope()
        now = progress(iteration)
        onIteration?.(now)
        crept = stepPrimal < creeping.part ? crept + 1 : 0
        if (!met() && (crept === creeping.steps || stepPrimal < 1e-10 || stepDual < 1e-10 || (n > 0 && !(gamma > 1e-18 && gamma < 1e18)))) {
            status = Number.isFinite(gamma) && gamma < 1e18 ? 'stalled' : 'unbounded'
            break
        }
    }

    for (let e = 0; e < nEquality; e++) lambda[e] /= scale
    for (let k = 0; k < n; k++) mu[k] /= scale
    const muLower = new Float64Array(nX)
    const muUpper = new Float64Array(nX)
    bounds.forEach((b, k) => {
        const side = b.sign < 0 ? muLower : muUpper
        side[b.variable] = mu[nInequality + k]
    })
    for (let i = 0; i < nX; i++) {
        if (fixed[i] === 0) continue
        muLower[i] = Math.max(0, slope[i] / scale)
        muUpper[i] = Math.max(0, -slope[i] / scale)
    }
    return { ...now, status, x, lambda, mu: mu.slice(0, nInequality), muLower, muUpper, g: at.g, h: at.h }
}

function greatest(x: Float64Array): number {
    let size = 0
    for (let i = 0; i < x.length; i++) if (!(Math.abs(x[i]) <= size)) size = Math.abs(x[i])
    return size
}
function most(x: Float64Array): number {
    let size = 0
    for (let i = 0; i < x.length; i++) if (!(x[i] <= size)) size = x[i]
    return size
}
