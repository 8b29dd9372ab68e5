/**
 * Interior point for linear programs of two stages, whose work and memory grow with the number of scenarios alone.
 *
 * Mehrotra's predictor and corrector (SIAM J. Optim. 2, 1992) with Gondzio's further correctors (Comput. Optim. Appl. 6, 1996). With
 * z and v the prices of lower and upper limits, D = z/(x − l) + v/(u − x), K = W·D⁻¹·Wᵀ, a step solves in each scenario
 *   K·dλ = h − T·dx₀,  D·dy = Wᵀ·dλ − g,
 * and in the first stage, with H = D₀ + Σ Tᵀ·K⁻¹·T (dense, as wide as the first stage),
 *   A₀·H⁻¹·A₀ᵀ·dλ₀ = r₀ + A₀·H⁻¹·q,  H·dx₀ = A₀ᵀ·dλ₀ − q,  q = g₀ − Σ Tᵀ·K⁻¹·h   (J. R. Birge and L. Qi, Manage. Sci. 34, 1988).
 * The conditional value at risk is a row of each scenario, excess + ζ − cᵀy ≥ constant, and ζ a column of the first stage: the value
 * at risk less the first stage's cost.
 *
 * Whatever the multipliers λ, the cost of any first stage is at least Σ λᵀ·b + Σ min over the limits of (c − Aᵀλ)·x: each
 * iteration proves such a bound, and a cut that holds for every first stage.
 */

import { createAssembler } from './two-stage-assemble.ts'
import { factorBlock, solveBackward, solveForward } from './two-stage-block.ts'
import {
    aim,
    aimCorrected,
    aimFurther,
    type Columns,
    computeWeights,
    createColumns,
    finishDirection,
    least,
    moveColumns,
    stepLengths,
    sumProducts,
} from './two-stage-columns.ts'
import { backwardDense, denseCholesky, forwardDense } from './two-stage-dense.ts'
import type { Cut, TwoStageProgram } from './two-stage-program.ts'

export interface TwoStageProgress {
    readonly iteration: number
    /** cost at the present point, which may miss rows by `infeasibility`, and the best bound proven */
    readonly objective: number
    readonly bound: number
    /** greatest miss of a row over 1 + the greatest limit */
    readonly infeasibility: number
}

export interface TwoStageOptions {
    /** limits of the first stage's columns in place of the program's */
    readonly lower?: Float64Array
    readonly upper?: Float64Array
    /** relative gap between cost and bound at which it is done */
    readonly tolerance?: number
    /** done once the bound is at least this */
    readonly cutoff?: number
    readonly maxIterations?: number
    /** a point of another solve of the same program to start from, now and later */
    readonly inside?: InsidePoint
    readonly shouldStop?: () => boolean
    /** with it, once, the point for other solves to start from, when it is passed */
    readonly onIteration?: (progress: TwoStageProgress, passed?: InsidePoint) => void
}

/** A point well inside, from the way of a solve, that others start from where limits of the first stage have changed. */
export interface InsidePoint {
    readonly point: readonly Float64Array[]
    readonly lambda: readonly Float64Array[]
    readonly lower: Float64Array
    readonly upper: Float64Array
}

export interface TwoStageAnswer extends TwoStageProgress {
    /** `cutoff`: the bound is at least what was asked for; `stalled`: no further progress, the bound holds all the same */
    readonly status: 'optimal' | 'cutoff' | 'stalled' | 'iterations' | 'stopped'
    /** first stage, within its limits */
    readonly x: Float64Array
    /** what the best bound rests on; holds for any limits of the first stage */
    readonly cut: Cut
}

export interface TwoStage {
    solve(options?: TwoStageOptions): TwoStageAnswer
}

/** distance times price at the first point: the same for commitments between 0 and 1 as for hundreds of kW, else those hold all back */
const firstProduct = 10
/** corrections of a step at most; each costs a fifth of the factors they share */
const corrections = 4
/** part of the way to the nearest limit that is gone */
const stepBack = 0.995
/** the point later solves start from is kept once the products add up to this share of the cost */
const midway = 0.1
/** so many columns of the first stage may have other limits than at a point to start from: with more, from nowhere is nearer */
const fewChanges = 6
/** limits closer than this to each other leave nothing to decide */
const fixedWidth = 1e-9

export function createTwoStage(program: TwoStageProgram): TwoStage {
    const { first, beta } = program
    const scale = program.scenarios.length
    const n0 = first.cost.length
    const m0 = first.rowLower.length
    const nFirst = n0 + (beta > 0 ? 1 : 0)

    // the first stage's rows become equations by slacks
    const slackRows = Array.from({ length: m0 }, (_, r) => r).filter((r) => first.rowLower[r] !== first.rowUpper[r])
    const N0 = nFirst + slackRows.length
    const cost0 = new Float64Array(N0)
    const lower0 = new Float64Array(N0)
    const upper0 = new Float64Array(N0)
    for (let j = 0; j < n0; j++) cost0[j] = scale * first.cost[j]
    if (beta > 0) {
        cost0[n0] = scale * beta
        lower0[n0] = -Infinity
        upper0[n0] = Infinity
    }
    slackRows.forEach((r, k) => {
        lower0[nFirst + k] = first.rowLower[r]
        upper0[nFirst + k] = first.rowUpper[r]
    })
    const b0 = Float64Array.from(first.rowLower, (low, r) => (low === first.rowUpper[r] ? low : 0))
    const root = createColumns(cost0, lower0, upper0)
    const lambda0 = new Float64Array(m0)
    const dlambda0 = new Float64Array(m0)
    const miss0 = new Float64Array(m0)
    const slackOf = new Int32Array(m0).fill(-1)
    slackRows.forEach((r, k) => {
        slackOf[r] = nFirst + k
    })

    let constant = 0
    const createBlock = createAssembler(program)
    const blocks = program.scenarios.map((scenario) => {
        constant += (1 - beta) * scenario.probability * scenario.constant
        return createBlock(scenario)
    })
    const greatestLimit = blocks.reduce((most, { b }) => b.reduce((x, y) => Math.max(x, Math.abs(y)), most), 1)

    const matrix = new Float64Array(nFirst * nFirst)
    const corners = new Map(blocks.map(({ pattern }) => [pattern, new Float64Array(pattern.nBorder * pattern.nBorder)]))
    const q = new Float64Array(N0)
    const everything = [root, ...blocks.map((block) => block.columns)]

    /** miss ← b − A·x everywhere; the greatest */
    function computeMiss(): number {
        let worst = 0
        miss0.set(b0)
        for (let r = 0; r < m0; r++) {
            for (let p = first.start[r]; p < first.start[r + 1]; p++) miss0[r] -= first.value[p] * root.x[first.column[p]]
            if (slackOf[r] >= 0) miss0[r] += root.x[slackOf[r]]
            worst = Math.max(worst, Math.abs(miss0[r]))
        }
        for (const { pattern, miss, b, columns } of blocks) {
            miss.set(b)
            subtractProduct(pattern.n, pattern.colPtr, pattern.row, pattern.value, columns.x, miss)
            subtractProduct(nFirst, pattern.firstPtr, pattern.firstRow, pattern.firstValue, root.x, miss)
            for (let i = 0; i < miss.length; i++) if (!(Math.abs(miss[i]) <= worst)) worst = Math.abs(miss[i])
        }
        return worst
    }

    /** reduced ← c − Aᵀλ everywhere; and what it proves: bound and cut */
    function computeReduced(gradient: Float64Array): { bound: number; constant: number } {
        let total = 0
        root.reduced.set(root.cost)
        for (const { pattern, lambda, b, columns } of blocks) {
            const { colPtr, row, value, firstPtr, firstRow, firstValue, n } = pattern
            const { reduced, cost, lower, upper } = columns
            for (let i = 0; i < b.length; i++) total += b[i] * lambda[i]
            for (let j = 0; j < n; j++) {
                let r = cost[j]
                for (let p = colPtr[j]; p < colPtr[j + 1]; p++) r -= value[p] * lambda[row[p]]
                reduced[j] = r
                total += least(r, lower[j], upper[j])
            }
            for (let j = 0; j < nFirst; j++) {
                let r = 0
                for (let p = firstPtr[j]; p < firstPtr[j + 1]; p++) r += firstValue[p] * lambda[firstRow[p]]
                root.reduced[j] -= r
            }
        }
        gradient.set(root.reduced.subarray(0, n0))
        if (beta > 0) total += least(root.reduced[n0], -Infinity, Infinity)
        const proven = total
        for (let r = 0; r < m0; r++) {
            total += b0[r] * lambda0[r]
            for (let p = first.start[r]; p < first.start[r + 1]; p++) root.reduced[first.column[p]] -= first.value[p] * lambda0[r]
            if (slackOf[r] >= 0) root.reduced[slackOf[r]] = lambda0[r]
        }
        for (let j = 0; j < N0; j++) if (j < n0 || j >= nFirst) total += least(root.reduced[j], root.lower[j], root.upper[j])
        return { bound: total, constant: proven }
    }

    function objectiveAt(): number {
        let sum = 0
        for (const { n, cost, x } of everything) for (let j = 0; j < n; j++) sum += cost[j] * x[j]
        return sum
    }

    /** K of every scenario and H of the first stage factored for the present weights. */
    function factor() {
        for (const corner of corners.values()) corner.fill(0)
        for (const { pattern, work, columns, upper, inverseD } of blocks)
            factorBlock(pattern, columns.weight, upper, inverseD, corners.get(pattern)!, work)
        matrix.fill(0)
        for (const [pattern, corner] of corners) {
            const { border, factor: by, nBorder } = pattern
            for (let i = 0; i < nFirst; i++) {
                if (border[i] < 0) continue
                for (let j = 0; j <= i; j++) {
                    if (border[j] < 0) continue
                    const a = Math.max(border[i], border[j])
                    matrix[i * nFirst + j] += by[i] * by[j] * corner[a * nBorder + Math.min(border[i], border[j])]
                }
            }
        }
        for (let j = 0; j < nFirst; j++) matrix[j * nFirst + j] += root.weight[j] > 0 ? 1 / root.weight[j] : 1e30
        denseCholesky(nFirst, matrix)
        // A₀·H⁻¹·A₀ᵀ, H⁻¹ of a slack being its weight
        for (let r = 0; r < m0; r++) {
            const t = rowSolved.subarray(r * nFirst, (r + 1) * nFirst)
            t.fill(0)
            for (let p = first.start[r]; p < first.start[r + 1]; p++) t[first.column[p]] = first.value[p]
            forwardDense(nFirst, matrix, t)
        }
        for (let r = 0; r < m0; r++) {
            for (let c = 0; c <= r; c++) {
                let sum = 0
                const a = r * nFirst
                const b = c * nFirst
                for (let k = 0; k < nFirst; k++) sum += rowSolved[a + k] * rowSolved[b + k]
                rowMatrix[r * m0 + c] = sum
            }
            if (slackOf[r] >= 0) rowMatrix[r * m0 + r] += root.weight[slackOf[r]]
        }
        denseCholesky(m0, rowMatrix)
    }
    const rowSolved = new Float64Array(m0 * nFirst)
    const rowMatrix = new Float64Array(m0 * m0)

    /** Directions dx, dλ, dz, dv for the changes rz, rv of the products. */
    function solveStep() {
        for (const columns of everything) {
            const { n, xl, xu, rz, rv, reduced, z, v, g } = columns
            for (let j = 0; j < n; j++) {
                // the dual residual c − Aᵀλ − z + v, less what the products ask for
                let sum = reduced[j] - z[j] + v[j]
                if (xl[j] < Infinity) sum -= rz[j] / xl[j]
                if (xu[j] < Infinity) sum += rv[j] / xu[j]
                g[j] = sum
            }
        }
        q.set(root.g)
        for (const { pattern, columns, miss, side, upper } of blocks) {
            const { m, n, nBorder, colPtr, row, value, border, factor: by } = pattern
            const { g, weight } = columns
            side.set(miss)
            for (let j = 0; j < n; j++) {
                const t = weight[j] * g[j]
                if (t === 0) continue
                for (let p = colPtr[j]; p < colPtr[j + 1]; p++) side[row[p]] += value[p] * t
            }
            side.fill(0, m, m + nBorder)
            solveForward(pattern, upper, side)
            for (let j = 0; j < nFirst; j++) if (border[j] >= 0) q[j] += by[j] * side[m + border[j]]
        }
        // first stage
        const t = q.slice(0, nFirst)
        forwardDense(nFirst, matrix, t)
        for (let r = 0; r < m0; r++) {
            let sum = miss0[r]
            for (let k = 0; k < nFirst; k++) sum += rowSolved[r * nFirst + k] * t[k]
            // a slack has the coefficient −1
            if (slackOf[r] >= 0) sum -= root.weight[slackOf[r]] * root.g[slackOf[r]]
            dlambda0[r] = sum
        }
        forwardDense(m0, rowMatrix, dlambda0)
        backwardDense(m0, rowMatrix, dlambda0)
        const { dx } = root
        for (let j = 0; j < nFirst; j++) dx[j] = -q[j]
        for (let r = 0; r < m0; r++)
            for (let p = first.start[r]; p < first.start[r + 1]; p++) dx[first.column[p]] += first.value[p] * dlambda0[r]
        const inner = dx.subarray(0, nFirst)
        forwardDense(nFirst, matrix, inner)
        backwardDense(nFirst, matrix, inner)
        for (let j = 0; j < nFirst; j++) if (root.weight[j] === 0) dx[j] = 0
        for (let r = 0; r < m0; r++) {
            const s = slackOf[r]
            if (s >= 0) dx[s] = root.weight[s] * (-dlambda0[r] - root.g[s])
        }
        finishDirection(root)
        for (const { pattern, columns, side, upper, inverseD, dlambda } of blocks) {
            const { m, n, nBorder, colPtr, row, value, border, factor: by } = pattern
            side.fill(0, m, m + nBorder)
            for (let j = 0; j < nFirst; j++) if (border[j] >= 0) side[m + border[j]] += by[j] * dx[j]
            solveBackward(pattern, upper, inverseD, side)
            dlambda.set(side.subarray(0, m))
            const { dx: dy, weight, g } = columns
            for (let j = 0; j < n; j++) {
                if (weight[j] === 0) {
                    dy[j] = 0
                    continue
                }
                let sum = -g[j]
                for (let p = colPtr[j]; p < colPtr[j + 1]; p++) sum += value[p] * dlambda[row[p]]
                dy[j] = weight[j] * sum
            }
            finishDirection(columns)
        }
    }

    function eachLambda(work: (lambda: Float64Array, d: Float64Array) => void) {
        work(lambda0, dlambda0)
        for (const { lambda, dlambda } of blocks) work(lambda, dlambda)
    }

    /** A first point by least squares, pushed inside the limits. */
    function start() {
        for (const columns of everything) {
            const { n, lower, upper, x, weight, reduced, z, v, xl, xu, rz, rv } = columns
            for (let j = 0; j < n; j++) {
                const fixed = upper[j] - lower[j] <= fixedWidth
                xl[j] = lower[j] > -Infinity && !fixed ? 1 : Infinity
                xu[j] = upper[j] < Infinity && !fixed ? 1 : Infinity
                x[j] = firstValue(lower[j], upper[j])
                weight[j] = fixed ? 0 : 1
                reduced[j] = 0
                z[j] = v[j] = rz[j] = rv[j] = 0
            }
        }
        computeMiss()
        factor()
        solveStep()
        for (const { n, x, dx } of everything) for (let j = 0; j < n; j++) x[j] += dx[j]
        // prices: least squares of c = Aᵀλ + z − v
        for (const { reduced, cost } of everything) reduced.set(cost)
        miss0.fill(0)
        for (const { miss } of blocks) miss.fill(0)
        solveStep()
        eachLambda((lambda, d) => void lambda.set(d))
        computeReduced(new Float64Array(n0))
        for (const { n, lower, upper, x, xl, xu, reduced, z, v } of everything)
            for (let j = 0; j < n; j++) {
                const low = xl[j] === 1
                const high = xu[j] === 1
                if (low && high) {
                    const width = upper[j] - lower[j]
                    const inside = Math.min(0.25 * width, 50)
                    x[j] = Math.min(upper[j] - inside, Math.max(lower[j] + inside, x[j]))
                } else if (low) x[j] = Math.max(lower[j] + 100, x[j])
                else if (high) x[j] = Math.min(upper[j] - 100, x[j])
                if (low) {
                    xl[j] = x[j] - lower[j]
                    z[j] = firstProduct / xl[j] + Math.max(0, reduced[j])
                }
                if (high) {
                    xu[j] = upper[j] - x[j]
                    v[j] = firstProduct / xu[j] + Math.max(0, -reduced[j])
                }
            }
    }

    let inside: InsidePoint | undefined
    const pointOf = ({ x, xl, xu, z, v }: Columns) => [x, xl, xu, z, v]

    function copyInside(): InsidePoint {
        const lambda: Float64Array[] = []
        eachLambda((l) => void lambda.push(l.slice()))
        const point = everything.flatMap((columns) => pointOf(columns).map((a) => a.slice()))
        return { point, lambda, lower: root.lower.slice(), upper: root.upper.slice() }
    }

    /** Starts from the point kept, if there is one and it is near. */
    function startInside(): boolean {
        const from = inside
        if (!from || countChanges(from) > fewChanges) return false
        let p = 0
        for (const columns of everything) {
            for (const a of pointOf(columns)) a.set(from.point[p++])
            const { n, lower, upper, weight } = columns
            for (let j = 0; j < n; j++) weight[j] = upper[j] - lower[j] <= fixedWidth ? 0 : 1
        }
        let l = 0
        eachLambda((a) => void a.set(from.lambda[l++]))
        const { mean } = sumProducts(everything)
        const { x, xl, xu, z, v, lower, upper } = root
        for (let j = 0; j < n0; j++) {
            const width = upper[j] - lower[j]
            const fixed = width <= fixedWidth
            if (lower[j] === from.lower[j] && upper[j] === from.upper[j]) continue
            x[j] = fixed ? lower[j] : Math.min(upper[j] - 0.05 * width, Math.max(lower[j] + 0.05 * width, x[j]))
            xl[j] = lower[j] > -Infinity && !fixed ? x[j] - lower[j] : Infinity
            xu[j] = upper[j] < Infinity && !fixed ? upper[j] - x[j] : Infinity
            z[j] = xl[j] < Infinity ? mean / xl[j] : 0
            v[j] = xu[j] < Infinity ? mean / xu[j] : 0
        }
        return true
    }

    function countChanges({ lower, upper }: InsidePoint): number {
        let count = 0
        for (let j = 0; j < n0; j++) if (root.lower[j] !== lower[j] || root.upper[j] !== upper[j]) count++
        return count
    }

    return {
        solve(options = {}) {
            const { tolerance = 1e-7, cutoff = Infinity, maxIterations = 200, shouldStop, onIteration } = options
            for (let j = 0; j < n0; j++) {
                root.lower[j] = options.lower?.[j] ?? first.lower[j]
                root.upper[j] = options.upper?.[j] ?? first.upper[j]
            }
            if (options.inside) inside = options.inside
            let warm = startInside()
            if (!warm) start()
            const gradient = new Float64Array(n0)
            const cut = { constant: -Infinity, gradient: new Float64Array(n0) }
            let bound = -Infinity
            let poor = 0
            for (let iteration = 0; ; iteration++) {
                const infeasibility = computeMiss() / (1 + greatestLimit)
                const proven = computeReduced(gradient)
                const found = proven.bound / scale + constant
                if (found > bound || !Number.isFinite(cut.constant)) {
                    bound = Math.max(bound, found)
                    cut.constant = proven.constant / scale + constant
                    for (let j = 0; j < n0; j++) cut.gradient[j] = gradient[j] / scale
                }
                const objective = objectiveAt() / scale + constant
                const progress = { iteration, objective, bound, infeasibility }
                const answer = (status: TwoStageAnswer['status']): TwoStageAnswer => ({ status, ...progress, x: root.x.slice(0, n0), cut })
                const mu = sumProducts(everything)
                const passed = !inside && infeasibility < 1e-3 && mu.sum < midway * scale * Math.abs(objective) ? copyInside() : undefined
                inside ??= passed
                onIteration?.(progress, passed)
                if (infeasibility < 1e-7 && objective - bound <= tolerance * Math.max(1e-10, Math.abs(objective))) return answer('optimal')
                if (bound >= cutoff) return answer('cutoff')
                if (shouldStop?.()) return answer('stopped')
                if (iteration >= maxIterations) return answer('iterations')
                if (!(mu.mean > 1e-16) || poor >= 8 || Number.isNaN(objective)) {
                    if (!warm) return answer('stalled')
                    // from the beginning, then
                    warm = false
                    poor = 0
                    start()
                    continue
                }

                computeWeights(root, 1e-12)
                for (const { columns } of blocks) computeWeights(columns, 1e-7)
                factor()
                for (const columns of everything) aim(columns, 0)
                solveStep()
                const affine = stepLengths(everything)
                const ratio = sumProducts(everything, affine).mean / mu.mean
                const sigma = ratio ** 3
                for (const columns of everything) aimCorrected(columns, sigma * mu.mean)
                solveStep()
                let step = stepLengths(everything)
                for (let k = 0; k < corrections; k++) {
                    if (Math.min(step.primal, step.dual) > 0.9) break
                    const wanted = { primal: Math.min(1, 1.08 * step.primal + 0.08), dual: Math.min(1, 1.08 * step.dual + 0.08) }
                    for (const columns of everything) aimFurther(columns, wanted, sigma * mu.mean)
                    const kept = everything.map(({ dx, dz, dv }) => [dx.slice(), dz.slice(), dv.slice()] as const)
                    const keptLambda: Float64Array[] = []
                    eachLambda((_, d) => void keptLambda.push(d.slice()))
                    solveStep()
                    const better = stepLengths(everything)
                    if (better.primal >= step.primal + 0.01 * wanted.primal || better.dual >= step.dual + 0.01 * wanted.dual) {
                        if (Math.min(better.primal, better.dual) >= 0.9 * Math.min(step.primal, step.dual)) {
                            step = better
                            continue
                        }
                    }
                    everything.forEach(({ dx, dz, dv }, e) => {
                        dx.set(kept[e][0])
                        dz.set(kept[e][1])
                        dv.set(kept[e][2])
                    })
                    let l = 0
                    eachLambda((_, d) => void d.set(keptLambda[l++]))
                    break
                }
                const primal = stepBack * step.primal
                const dual = stepBack * step.dual
                poor = Math.max(primal, dual) < 0.02 ? poor + 1 : 0
                for (const columns of everything) moveColumns(columns, { primal, dual })
                eachLambda((lambda, d) => {
                    for (let i = 0; i < lambda.length; i++) lambda[i] += dual * d[i]
                })
            }
        },
    }
}

/** y ← y − A·x. */
function subtractProduct(n: number, ptr: Int32Array, row: Int32Array, value: Float64Array, x: Float64Array, y: Float64Array) {
    for (let j = 0; j < n; j++) {
        const xj = x[j]
        if (xj !== 0) for (let p = ptr[j]; p < ptr[j + 1]; p++) y[row[p]] -= value[p] * xj
    }
}

/** Where the first point is looked for from: well inside, but not far out where limits are wide. */
function firstValue(lower: number, upper: number): number {
    if (lower > -Infinity) return upper < Infinity ? Math.min((lower + upper) / 2, lower + 100) : lower
    return upper < Infinity ? upper : 0
}
