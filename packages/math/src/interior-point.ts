/**
 * Primal-dual interior point for smooth programs, after H. Wang, C. E. Murillo-Sánchez, R. D. Zimmerman and R. J.
 * Thomas, "On computational issues of market-based optimal power flow", IEEE Trans. Power Syst. 22(3), 2007.
 *
 * Inequalities and finite bounds become h(x) + z = 0, z > 0, with a barrier of weight γ. With λ and μ multipliers of
 * g and h, [·] diagonal, and M = ∇²L + ∇hᵀ·[μ/z]·∇h, N = ∇L + ∇hᵀ·[1/z]·(γ + [μ]·h), each Newton step solves
 *   | M  ∇gᵀ | |Δx|   |−N|
 *   | ∇g  0  |·|Δλ| = |−g|,   Δz = −h − z − ∇h·Δx,   Δμ = −μ + [1/z]·(γ − [μ]·Δz)
 * and goes the greatest part α of it that keeps z and μ positive; then γ ← σ·zᵀμ/n, σ = max(0.1, (1 − α)³).
 *
 * A step is good where the matrix has as many negative eigenvalues as there are equations, or where at least M curves
 * upwards along it (N. Chiang and V. M. Zavala, Comput. Optim. Appl. 64, 2016). Else M is shifted by growing multiples of
 * the identity; and where the matrix is singular, the zero block by a small negative one (A. Wächter and L. T. Biegler,
 * Math. Program. 106, 2006, section 3.1).
 */
import { createKkt } from './interior-point-kkt.ts'
import { createEvaluation, type Evaluation, type NonlinearProgram } from './interior-point-program.ts'

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

export interface InteriorPointSolution extends InteriorPointProgress {
    /** `stalled`: steps shrank to nothing; `singular`: no step could be computed; `unbounded`: numbers overflowed */
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
const leastSlack = 1

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
    const z = new Float64Array(n).fill(leastSlack)
    const mu = new Float64Array(n).fill(leastSlack)
    const h = new Float64Array(n)
    const dh = new Float64Array(n)
    const slope = new Float64Array(nX)
    const { carried } = system
    const right = new Float64Array(system.width)
    const step = new Float64Array(system.width)
    const dz = new Float64Array(n)
    const dmu = new Float64Array(n)
    const weight = new Float64Array(n)
    let gamma = 1
    let stepPrimal = 1
    let stepDual = 1
    let before = 0

    const evaluate = () => {
        program.evaluate(x, at)
        h.set(at.h)
        bounds.forEach((b, k) => {
            h[nInequality + k] = b.sign * (x[b.variable] - b.value)
        })
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
            f: at.f,
            feasibility: violation / (1 + Math.max(size, greatest(z))),
            stationarity: steepest / (1 + Math.max(greatest(lambda), greatest(mu))),
            complementarity: gap / (1 + size),
            stepPrimal,
            stepDual,
        }
    }

    evaluate()
    for (let k = 0; k < n; k++) {
        if (h[k] < -leastSlack) z[k] = -h[k]
        mu[k] = Math.max(leastSlack, gamma / z[k])
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
        system.assemble(x, at, lambda, mu, weight)
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
        if (!met() && (stepPrimal < 1e-10 || stepDual < 1e-10 || (n > 0 && !(gamma > 1e-18 && gamma < 1e18)))) {
            status = Number.isFinite(gamma) && gamma < 1e18 ? 'stalled' : 'unbounded'
            break
        }
    }

    const muLower = new Float64Array(nX)
    const muUpper = new Float64Array(nX)
    bounds.forEach((b, k) => {
        const side = b.sign < 0 ? muLower : muUpper
        side[b.variable] = mu[nInequality + k]
    })
    for (let i = 0; i < nX; i++) {
        if (fixed[i] === 0) continue
        muLower[i] = Math.max(0, slope[i])
        muUpper[i] = Math.max(0, -slope[i])
    }
    return { ...now, status, x, lambda, mu: mu.slice(0, nInequality), muLower, muUpper, g: at.g, h: at.h }
}

interface Bound {
    readonly variable: number
    /** 1: x − value ≤ 0, −1: value − x ≤ 0 */
    readonly sign: 1 | -1
    readonly value: number
}

function listBounds({ nX, lower, upper }: NonlinearProgram, fixed: Uint8Array): Bound[] {
    const bounds: Bound[] = []
    for (let i = 0; i < nX; i++) {
        if (fixed[i] === 1) continue
        if (upper[i] < Infinity) bounds.push({ variable: i, sign: 1, value: upper[i] })
        if (lower[i] > -Infinity) bounds.push({ variable: i, sign: -1, value: lower[i] })
    }
    return bounds
}

interface System {
    /** greatest number of unknowns: Δx, Δλ, and Δμ of the inequalities carried along */
    readonly width: number
    /** position of each inequality's Δμ among the unknowns, −1 where it is eliminated beforehand */
    readonly carried: Int32Array
    /** the matrix ← derivatives at x, inequalities weighted by μ/z */
    assemble(x: Float64Array, at: Evaluation, lambda: Float64Array, mu: Float64Array, weight: Float64Array): void
    /** step ← solution, with the inertia put right; false when that cannot be had */
    solve(right: Float64Array, step: Float64Array): boolean
}

/**
 * The Newton matrix. An inequality far from its limit is a mild term of M. Close to it μ/z grows without bound and would
 * swallow what else M holds, so such an inequality keeps a row of its own, ∇h·Δx − (z/μ)·Δμ = −(h + γ/μ).
 */
function createSystem(program: NonlinearProgram, fixed: Uint8Array, bounds: readonly Bound[]): System {
    const { nX, nEquality, nInequality, hessianRow, equalityRow, inequalityRow } = program
    const byRow: number[][] = Array.from({ length: nInequality }, () => [])
    for (let p = 0; p < inequalityRow.length; p++) byRow[inequalityRow[p]].push(p)
    const carried = new Int32Array(nInequality).fill(-1)
    const hessian = new Float64Array(hessianRow.length)
    let layout = layOutSystem(program, fixed, bounds, byRow, carried)
    let shift = new Float64Array(layout.n)
    let kept = new Float64Array(layout.n)
    let lastShift = 0

    const assemble: System['assemble'] = (x, at, lambda, mu, weight) => {
        if (carried.some((c, k) => c < 0 && weight[k] > carryAbove)) {
            let n = nX + nEquality
            for (let k = 0; k < nInequality; k++) carried[k] = weight[k] > carryFrom ? n++ : -1
            layout = layOutSystem(program, fixed, bounds, byRow, carried)
            shift = new Float64Array(layout.n)
            kept = new Float64Array(layout.n)
        }
        const { kkt, first, second, product, row, rowEntry, barrier, bound, held } = layout
        const { value, slot } = kkt
        value.fill(0)
        program.evaluateHessian(x, 1, lambda, mu, hessian)
        for (let p = 0; p < hessian.length; p++) value[slot[p]] += hessian[p]
        for (let p = 0; p < equalityRow.length; p++) value[slot[hessian.length + p]] += at.equality[p]
        for (let p = 0; p < first.length; p++)
            value[slot[product + p]] += weight[inequalityRow[first[p]]] * at.inequality[first[p]] * at.inequality[second[p]]
        for (let p = 0; p < rowEntry.length; p++) value[slot[row + p]] += at.inequality[rowEntry[p]]
        for (let k = 0, t = barrier; k < nInequality; k++) if (carried[k] >= 0) value[slot[t++]] -= 1 / weight[k]
        for (let k = 0; k < bounds.length; k++) value[slot[bound + k]] += weight[nInequality + k]
        for (let t = held; t < slot.length; t++) value[slot[t]] = 1
    }

    /** Δxᵀ·M·Δx of a solution, from the equations it solves: Δxᵀ·b − Δλᵀ·∇g·Δx */
    const curvature = (b: Float64Array, x: Float64Array) => {
        let sum = 0
        for (let i = 0; i < nX; i++) sum += b[i] * x[i]
        for (let e = nX; e < layout.n; e++) sum -= b[e] * x[e]
        return sum
    }

    const solve: System['solve'] = (right, step) => {
        const { kkt, n } = layout
        const b = right.subarray(0, n)
        const x = step.subarray(0, n)
        let primal = 0
        let dual = 0
        for (let trial = 0; trial < 60; trial++) {
            for (let i = 0; i < nX; i++) kept[i] = fixed[i] === 1 ? 0 : primal
            shift.set(kept)
            shift.fill(-dual, nX)
            const negative = kkt.factorise(shift)
            if (negative >= 0) {
                const left = kkt.solve(b, x, kept)
                const downhill = negative === n - nX || curvature(b, x) > 0
                if (left < (dual === 0 ? 1e-8 : 1e-4) && downhill) {
                    if (primal > 0) lastShift = primal
                    return Number.isFinite(greatest(x))
                }
                if (downhill && dual === 0) {
                    dual = leastDual
                    continue
                }
            }
            if (negative < n - nX && dual === 0) dual = leastDual
            else primal = primal > 0 ? primal * (lastShift > 0 ? 8 : 100) : Math.max(leastPrimal, lastShift / 3)
            if (primal > 1e20) return false
        }
        return false
    }
    return { width: nX + nEquality + nInequality, carried, assemble, solve }
}

/** an inequality gets its own row when μ/z passes the first figure; then all beyond the second do */
const carryAbove = 1e6
const carryFrom = 1e3
/** first shifts tried */
const leastPrimal = 1e-4
const leastDual = 1e-8

/** Places of all entries: Hessian, ∇g, products of eliminated inequalities, rows of carried ones, their barriers, bounds, ones for fixed variables. */
function layOutSystem(
    program: NonlinearProgram,
    fixed: Uint8Array,
    bounds: readonly Bound[],
    byRow: readonly (readonly number[])[],
    carried: Int32Array,
) {
    const { nX, nEquality, hessianRow, hessianCol, equalityRow, equalityCol, inequalityCol } = program
    const rows: number[] = []
    const cols: number[] = []
    const place = (r: number, c: number) => {
        const out = (r < nX && fixed[r] === 1) || (c < nX && fixed[c] === 1)
        rows.push(out ? -1 : r)
        cols.push(c)
    }
    for (let p = 0; p < hessianRow.length; p++) place(hessianRow[p], hessianCol[p])
    for (let p = 0; p < equalityRow.length; p++) place(nX + equalityRow[p], equalityCol[p])
    const product = rows.length
    const first: number[] = []
    const second: number[] = []
    byRow.forEach((entries, k) => {
        if (carried[k] >= 0) return
        for (let a = 0; a < entries.length; a++)
            for (let b = 0; b <= a; b++) {
                first.push(entries[a])
                second.push(entries[b])
                place(inequalityCol[entries[a]], inequalityCol[entries[b]])
            }
    })
    const row = rows.length
    const rowEntry: number[] = []
    byRow.forEach((entries, k) => {
        if (carried[k] < 0) return
        for (const p of entries) {
            rowEntry.push(p)
            place(carried[k], inequalityCol[p])
        }
    })
    const barrier = rows.length
    const rowGroup: number[] = []
    byRow.forEach((entries, k) => {
        if (carried[k] < 0) return
        place(carried[k], carried[k])
        rowGroup.push(program.group?.x[inequalityCol[entries[0]]] ?? 0)
    })
    const bound = rows.length
    for (const b of bounds) place(b.variable, b.variable)
    const held = rows.length
    for (let i = 0; i < nX; i++)
        if (fixed[i] === 1) {
            rows.push(i)
            cols.push(i)
        }
    const n = nX + nEquality + rowGroup.length
    const group = new Int32Array(n)
    if (program.group) {
        group.set(program.group.x)
        group.set(program.group.equality, nX)
        group.set(rowGroup, nX + nEquality)
    }
    const kkt = createKkt(n, group, Int32Array.from(rows), Int32Array.from(cols))
    return {
        n,
        kkt,
        first: Int32Array.from(first),
        second: Int32Array.from(second),
        product,
        row,
        rowEntry: Int32Array.from(rowEntry),
        barrier,
        bound,
        held,
    }
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
