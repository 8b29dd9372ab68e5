/**
 * The Newton matrix of an interior point: assembled on a fixed pattern, factorised, and shifted until its step descends.
 * An inequality far from its limit is a mild term of M. Close to it μ/z grows without bound and would swallow what else M
 * holds, so such an inequality keeps a row of its own, ∇h·Δx − (z/μ)·Δμ = −(h + γ/μ).
 */
import { createKkt } from './interior-point-kkt.ts'
import type { Evaluation, NonlinearProgram } from './interior-point-program.ts'

export interface Bound {
    readonly variable: number
    /** 1: x − value ≤ 0, −1: value − x ≤ 0 */
    readonly sign: 1 | -1
    readonly value: number
}

/** Finite bounds of variables that are not fixed. */
export function listBounds({ nX, lower, upper }: NonlinearProgram, fixed: Uint8Array): Bound[] {
    const bounds: Bound[] = []
    for (let i = 0; i < nX; i++) {
        if (fixed[i] === 1) continue
        if (upper[i] < Infinity) bounds.push({ variable: i, sign: 1, value: upper[i] })
        if (lower[i] > -Infinity) bounds.push({ variable: i, sign: -1, value: lower[i] })
    }
    return bounds
}

export interface System {
    /** greatest number of unknowns: Δx, Δλ, and Δμ of the inequalities carried along */
    readonly width: number
    /** position of each inequality's Δμ among the unknowns, −1 where it is eliminated beforehand */
    readonly carried: Int32Array
    /** the matrix ← derivatives at x, the objective weighted by `f`, inequalities by μ/z */
    assemble(x: Float64Array, at: Evaluation, f: number, lambda: Float64Array, mu: Float64Array, weight: Float64Array): void
    /** step ← solution, with the inertia put right; false when that cannot be had */
    solve(right: Float64Array, step: Float64Array): boolean
}

export function createSystem(program: NonlinearProgram, fixed: Uint8Array, bounds: readonly Bound[]): System {
    const { nX, nEquality, nInequality, hessianRow, equalityRow, inequalityRow } = program
    const byRow: number[][] = Array.from({ length: nInequality }, () => [])
    for (let p = 0; p < inequalityRow.length; p++) byRow[inequalityRow[p]].push(p)
    const carried = new Int32Array(nInequality).fill(-1)
    const hessian = new Float64Array(hessianRow.length)
    let layout = layOutSystem(program, fixed, bounds, byRow, carried)
    let shift = new Float64Array(layout.n)
    let kept = new Float64Array(layout.n)
    let lastShift = 0

    const assemble: System['assemble'] = (x, at, f, lambda, mu, weight) => {
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
        program.evaluateHessian(x, f, lambda, mu, hessian)
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
                const downhill = negative === n - nX || curvature(b, x) > leastCurvature * square(x, nX)
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
/** curvature along a step per |Δx|², objective scaled: below it the step wanders where nothing holds it */
const leastCurvature = 1e-7
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
function square(x: Float64Array, n: number): number {
    let sum = 0
    for (let i = 0; i < n; i++) sum += x[i] * x[i]
    return sum
}
