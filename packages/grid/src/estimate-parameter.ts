/**
 * Parameters of a suspect branch, estimated from several scans together with the states (Abur and Expósito, chapter 7):
 * the state x_s of each scan, and one vector p of series resistance, reactance, charging or turns ratio,
 *   min Σ_s Σ (r/σ)²,  r = z_s − h(x_s, p).
 * Gauss–Newton with P = ∂h/∂p; the states are eliminated scan by scan, G_s = HᵀWH,
 *   S = Σ_s PᵀWP − Bᵀ·G_s⁻¹·B,  t = Σ_s PᵀWr − Bᵀ·G_s⁻¹·HᵀWr,  B = HᵀWP,   S·Δp = t,  Δx_s = G_s⁻¹·(HᵀWr − B·Δp),
 * and S⁻¹ is the covariance of p.
 *
 * With y = g + j·s = 1/(r + j·x): ∂y/∂r = −y², ∂y/∂x = −j·y²; the rest of the pi model is linear in g, s and b.
 */
import { factorCholesky, solveCholesky } from '@gridverse/math'
import { setBranch } from './estimate-circuit.ts'
import type { EstimatorOptions, Scan } from './estimate-contract.ts'
import { kind } from './estimate-equations.ts'
import { assembleGain } from './estimate-gain.ts'
import type { MeasurementPlace } from './estimate-measurement.ts'
import { checkObservability } from './estimate-observability.ts'
import { createRemoval } from './estimate-removal.ts'
import { takeTopology, takeValues } from './estimate-scan.ts'
import { estimateScan } from './estimate-solver.ts'
import { constraintsLeft, evaluate, predictConstraints } from './estimate-steps.ts'
import { addRow, gainRow } from './estimate-update.ts'
import { createWork, type Work } from './estimate-work.ts'
import type { Branch, Network } from './network.ts'

export const branchParameters = ['rPu', 'xPu', 'bPu', 'ratio'] as const
export type BranchParameter = (typeof branchParameters)[number]

/** pivots of S below this share of PᵀWP leave a parameter undetermined */
const undeterminedShare = 1e-8
const mostIterations = 30

export interface ParameterEstimate {
    readonly name: BranchParameter
    /** p.u. of the system base; the ratio is a plain number */
    readonly value: number
    readonly standardDeviation: number
    /** what the case says */
    readonly modelled: number
    /** (value − modelled)/standardDeviation */
    readonly deviation: number
}

export interface BranchEstimate {
    /**
     * `undetermined`: the measurements say nothing about the parameters in `undetermined`. `unobservable`: a scan does not
     * determine its state.
     */
    readonly status: 'converged' | 'undetermined' | 'unobservable' | 'diverged'
    readonly iterations: number
    readonly parameters: readonly ParameterEstimate[]
    readonly undetermined: readonly BranchParameter[]
    /** J of all scans, with the case's parameters and with these */
    readonly objectiveBefore: number
    readonly objectiveAfter: number
}

/** Estimates parameters of one branch (by index) from scans of one layout; nothing is removed as bad. */
export function estimateBranch(
    network: Network,
    layout: readonly MeasurementPlace[],
    scans: readonly Scan[],
    { branch: k, parameters, ...options }: { branch: number; parameters: readonly BranchParameter[] } & EstimatorOptions,
): BranchEstimate {
    const record = network.branch[k]
    if (!record) throw new Error(`Branch ${k} is not in the case; indices run from 0 to ${network.branch.length - 1}.`)
    if (scans.length === 0 || parameters.length === 0) throw new Error('Parameters need a scan and a parameter at least.')
    const w = createWork(network, layout, { ...options, pseudo: false, removeBadData: false })
    const removal = createRemoval(w)
    const present: Record<BranchParameter, number> = { rPu: record.rPu, xPu: record.xPu, bPu: record.bPu, ratio: record.ratio }
    const answer = (
        status: BranchEstimate['status'],
        iterations: number,
        before: number,
        after: number,
        more: Partial<BranchEstimate> = {},
    ) => ({
        status,
        iterations,
        parameters: [],
        undetermined: [],
        objectiveBefore: before,
        objectiveAfter: after,
        ...more,
    })

    // the states that go with the case's parameters
    let before = 0
    const states: State[] = []
    for (const scan of scans) {
        const estimate = estimateScan(w, removal, scan)
        before += estimate.objective
        if (estimate.status !== 'converged') return answer(estimate.status === 'diverged' ? 'diverged' : 'unobservable', 0, before, NaN)
        states.push({ vm: w.vm.slice(), va: w.va.slice(), z: w.z.slice() })
    }

    const n = parameters.length
    const enough = Math.max(w.options.tolerance, 1e-9)
    for (let iteration = 1; iteration <= mostIterations; iteration++) {
        const now: Branch = { ...record, ...present }
        const normal: Normal = { s: parameters.map(() => new Float64Array(n)), own: new Float64Array(n), t: new Float64Array(n) }
        let after = 0
        let left = 0
        const eliminated = scans.map((scan, index) => {
            enter(w, scan, states[index], k, now)
            for (let r = 0; r < layout.length; r++) after += w.weight[r] * w.residual[r] ** 2
            left = Math.max(left, constraintsLeft(w))
            const columns = columnsOf(w, k, now, parameters)
            return { columns, steps: eliminate(w, columns, normal) }
        })
        const { covariance, undetermined } = invert(normal)
        const lost = parameters.filter((_, j) => undetermined.includes(j))
        if (lost.length > 0) return answer('undetermined', iteration, before, after, { undetermined: lost })
        const change = covariance.map((row) => row.reduce((sum, entry, j) => sum + entry * normal.t[j], 0))
        // in one step no parameter moves by more than half of its size
        const most = Math.max(...parameters.map((name, j) => Math.abs(change[j]) / sizeOf(record, name)))
        if (!(most < Infinity)) return answer('diverged', iteration, before, after)
        const share = Math.min(1, 0.5 / most)
        let largest = most
        scans.forEach((scan, index) => {
            const state = states[index]
            enter(w, scan, state, k, now)
            const [y, ...x] = eliminated[index].steps
            for (let v = 0; v < y.length; v++) {
                w.step[v] = y[v]
                for (let j = 0; j < n; j++) w.step[v] -= change[j] * x[j][v]
                largest = Math.max(largest, Math.abs(w.step[v]))
            }
            predictConstraints(w)
            for (const { r, by } of eliminated[index].columns) for (let j = 0; j < n; j++) w.shift[r] += by[j] * change[j]
            for (let r = layout.length; r < w.nReal; r++) state.z[r] -= share * w.shift[r]
            for (let i = 0; i < state.vm.length; i++) {
                state.va[i] += share * w.step[2 * i]
                state.vm[i] += share * w.step[2 * i + 1]
            }
        })
        parameters.forEach((name, j) => {
            present[name] += share * change[j]
        })
        if (!(largest < enough && left < enough)) continue
        const estimates = parameters.map((name, j) => {
            const standardDeviation = Math.sqrt(covariance[j][j])
            const deviation = (present[name] - record[name]) / standardDeviation
            return { name, value: present[name], standardDeviation, modelled: record[name], deviation }
        })
        return answer('converged', iteration, before, after, { parameters: estimates })
    }
    return answer('diverged', mostIterations, before, NaN)
}

interface State {
    readonly vm: Float64Array
    readonly va: Float64Array
    readonly z: Float64Array
}
/** S, the diagonal of PᵀWP, and t. */
interface Normal {
    readonly s: readonly Float64Array[]
    readonly own: Float64Array
    readonly t: Float64Array
}
/** A row of P that is not zero: one number a parameter. */
interface Column {
    readonly r: number
    readonly by: Float64Array
}

/** What a whole step of a parameter is measured against. */
function sizeOf(record: Branch, name: BranchParameter): number {
    return name === 'ratio' ? record.ratio : name === 'bPu' ? Math.max(Math.abs(record.bPu), 0.1) : Math.hypot(record.rPu, record.xPu)
}

/** Rows, derivatives and residuals of one scan at a state, with the branch as given. */
function enter(w: Work, scan: Scan, state: State, k: number, branch: Branch): void {
    takeTopology(w, scan)
    takeValues(w, scan)
    checkObservability(w, scan)
    setBranch(w.circuit, k, branch, branch.ratio)
    w.vm.set(state.vm)
    w.va.set(state.va)
    for (let r = w.layout.length; r < w.nReal; r++) w.z[r] = state.z[r]
    evaluate(w)
}

/** P = ∂h/∂p for the rows that see branch k. */
function columnsOf(w: Work, k: number, branch: Branch, parameters: readonly BranchParameter[]): Column[] {
    const { rows, circuit, weight, nReal } = w
    const by = parameters.map((name) => admittanceDerivative(branch, name))
    const columns: Column[] = []
    for (let r = 0; r < nReal; r++) {
        if (!(weight[r] > 0)) continue
        const code = rows.kind[r]
        const flow = code >= kind.pFlow
        if (flow ? rows.at[r] >> 1 !== k : code < kind.p) continue
        const ends = flow ? [rows.at[r]] : [2 * k, 2 * k + 1].filter((e) => circuit.endBus[e] === rows.at[r])
        if (ends.length === 0) continue
        const of = Float64Array.from(by, (y) => ends.reduce((sum, e) => sum + flowDerivative(w, e, code, y), 0))
        columns.push({ r, by: of })
    }
    return columns
}

/** The eight numbers of `branchAdmittance`, differentiated by a parameter; the present ratio is that of the branch. */
export function admittanceDerivative(branch: Branch, name: BranchParameter): Float64Array {
    const { rPu: r, xPu: x, bPu: b, ratio } = branch
    const z2 = r * r + x * x
    const [g, s] = [r / z2, -x / z2]
    const shift = (branch.shiftDeg * Math.PI) / 180
    const [c, d] = [Math.cos(shift) / ratio, Math.sin(shift) / ratio]
    // the pi model is linear in series admittance and charging
    const of = (dg: number, ds: number, db: number) =>
        Float64Array.of(
            dg / (ratio * ratio),
            (ds + db / 2) / (ratio * ratio),
            -(dg * c - ds * d),
            -(ds * c + dg * d),
            -(dg * c + ds * d),
            -(ds * c - dg * d),
            dg,
            ds + db / 2,
        )
    if (name === 'rPu') return of(s * s - g * g, -2 * g * s, 0)
    if (name === 'xPu') return of(2 * g * s, s * s - g * g, 0)
    if (name === 'bPu') return of(0, 0, 1)
    return of(g, s, b).map((y, at) => (at < 2 ? (-2 * y) / ratio : at < 6 ? -y / ratio : 0))
}

/** Of P, Q or |I| at end e of a branch whose admittances move by `y`. */
function flowDerivative(w: Work, e: number, code: number, y: Float64Array): number {
    const { circuit, vm, va } = w
    const { endBus, gn, bn, gf, bf } = circuit
    const [v, vf] = [vm[endBus[e]], vm[endBus[e ^ 1]]]
    const theta = va[endBus[e]] - va[endBus[e ^ 1]]
    const [cos, sin] = [Math.cos(theta), Math.sin(theta)]
    const [dgn, dbn, dgf, dbf] = (e & 1) === 0 ? [y[0], y[1], y[2], y[3]] : [y[6], y[7], y[4], y[5]]
    if (code === kind.p || code === kind.pFlow) return dgn * v * v + v * vf * (dgf * cos + dbf * sin)
    if (code === kind.q || code === kind.qFlow) return -dbn * v * v + v * vf * (dgf * sin - dbf * cos)
    const re = gn[e] * v + (gf[e] * cos + bf[e] * sin) * vf
    const im = bn[e] * v + (bf[e] * cos - gf[e] * sin) * vf
    const current = Math.hypot(re, im)
    if (current === 0) return 0
    return (re * (dgn * v + (dgf * cos + dbf * sin) * vf) + im * (dbn * v + (dbf * cos - dgf * sin) * vf)) / current
}

/** Adds a scan to S and t; gives G⁻¹·HᵀWr, then G⁻¹·b for each column b of B. */
function eliminate(w: Work, columns: readonly Column[], { s, own, t }: Normal): Float64Array[] {
    const { factor, places, rows, weight, residual, fixed, step } = w
    assembleGain(factor, places, rows, weight, residual, fixed, step)
    factorCholesky(factor)
    const y = step.slice()
    solveCholesky(factor, y)
    const b = s.map(() => new Float64Array(step.length))
    for (const { r, by } of columns) {
        const row = gainRow(w, r)
        for (let j = 0; j < b.length; j++) {
            addRow(w, row, weight[r] * by[j], b[j])
            t[j] += weight[r] * by[j] * residual[r]
            own[j] += weight[r] * by[j] * by[j]
            for (let i = 0; i < b.length; i++) s[i][j] += weight[r] * by[i] * by[j]
        }
    }
    const x = b.map((column) => {
        const solved = column.slice()
        solveCholesky(factor, solved)
        return solved
    })
    b.forEach((column, j) => {
        for (let v = 0; v < column.length; v++) {
            if (column[v] === 0) continue
            t[j] -= column[v] * y[v]
            for (let i = 0; i < b.length; i++) s[j][i] -= column[v] * x[i][v]
        }
    })
    return [y, ...x]
}

/** S⁻¹ by Gauss–Jordan elimination, and the parameters whose pivot is nothing. */
function invert({ s, own }: Normal): { covariance: Float64Array[]; undetermined: number[] } {
    const n = s.length
    const a = s.map((row) => row.slice())
    const covariance = s.map((_, j) => Float64Array.from(s, (_, i) => (i === j ? 1 : 0)))
    const undetermined: number[] = []
    for (let j = 0; j < n; j++) {
        if (!(a[j][j] > undeterminedShare * own[j])) {
            undetermined.push(j)
            continue
        }
        const pivot = a[j][j]
        for (let c = 0; c < n; c++) {
            a[j][c] /= pivot
            covariance[j][c] /= pivot
        }
        for (let i = 0; i < n; i++) {
            const f = a[i][j]
            if (i === j || f === 0) continue
            for (let c = 0; c < n; c++) {
                a[i][c] -= f * a[j][c]
                covariance[i][c] -= f * covariance[j][c]
            }
        }
    }
    return { covariance, undetermined }
}
