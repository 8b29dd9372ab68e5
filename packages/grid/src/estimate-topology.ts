/**
 * Topology error: the branch whose modelled status the measurements contradict (Clements and Davis 1988; Costa and Leão
 * 1993). If the flows at the two ends of branch k were not what its model says but δ more, residuals would be r − M·δ, M
 * having a one where such a flow is measured or is part of a measured injection. The normalised Lagrange multipliers of
 * δ = 0, four to a branch, together are
 *   T = gᵀ·(MᵀWM − Bᵀ·G⁻¹·B)⁻¹·g,   g = MᵀWr,   B = HᵀWM,
 * by how much J would fall were the flows free, to first order. Branches with the largest T are toggled by a change of the
 * rows of G that they touch, and estimated anew.
 *
 * Flows measured at an open branch are measured zeros here, so that all hypotheses answer to the same measurements. Which
 * one holds: the least of J plus `residualLimit`² for every measurement that must be removed and for every toggle.
 */
import { solveCholesky } from '@gridverse/math'
import type { Estimate, EstimatorOptions, Scan } from './estimate-contract.ts'
import { kind } from './estimate-equations.ts'
import type { StateMeasurement } from './estimate-measurement.ts'
import { createRemoval, type Removal } from './estimate-removal.ts'
import { testChiSquare, updateInverse } from './estimate-residuals.ts'
import { estimateScan } from './estimate-solver.ts'
import { evaluate } from './estimate-steps.ts'
import { addRow, createGainUpdate, follow, gainRow } from './estimate-update.ts'
import { createWork, type Work } from './estimate-work.ts'
import type { Network } from './network.ts'

/** branches looked at by their multipliers, and toggled; toggles believed in one scan */
const mostTested = 400
const mostToggled = 6
const mostSuspects = 3

export interface TopologySuspect {
    /** index in case order */
    readonly branch: number
    /** status of the model; the measurements say the other */
    readonly modelled: 'open' | 'closed'
    /** by how much J would fall were the branch's flows free, to first order */
    readonly multiplier: number
    /** J of all measurements, none removed, with the branch as modelled and toggled; flows at open branches count as zeros */
    readonly objectiveBefore: number
    readonly objectiveAfter: number
}

export interface TopologyCheck {
    /**
     * `consistent`: the χ² test passes, or bad data alone explain the measurements better than any toggle. `suspect`: the
     * branches in `suspects` are believed to be in the other state. Otherwise there is no estimate to judge by.
     */
    readonly status: 'consistent' | 'suspect' | 'diverged'
    readonly suspects: readonly TopologySuspect[]
    /** of the topology believed, bad data removed */
    readonly estimate: Estimate
}

/** Looks for branches whose status in the case (or in the scan) contradicts the measurements. */
export function checkTopology(
    network: Network,
    measurements: readonly StateMeasurement[],
    options: Omit<EstimatorOptions, 'pseudo' | 'removeBadData'> = {},
    given: Omit<Scan, 'value'> = {},
): TopologyCheck {
    const judge = createWork(network, measurements, options)
    const plain = createWork(network, measurements, { ...options, removeBadData: false })
    const judgeRemoval = createRemoval(judge)
    const plainRemoval = createRemoval(plain)
    const inService = Float64Array.from(network.branch, (branch, k) =>
        (given.branchInService ? given.branchInService[k] !== 0 : branch.inService) ? 1 : 0,
    )
    const scan: Scan = { ...given, value: measurements.map((m) => m.value), branchInService: inService }
    let estimate = estimateScan(judge, judgeRemoval, scan)
    // removals that end nowhere explain nothing
    let cost = judge.hasState ? costOf(judge, estimate) : Infinity
    const suspects: TopologySuspect[] = []
    const tried = new Set<number>()
    while (suspects.length < mostSuspects) {
        const kept = estimateScan(plain, plainRemoval, scan)
        if (!plain.hasState) break
        const before = kept.objective + zerosOf(plain, Infinity)
        if (kept.chiSquarePassed && zerosOf(plain, plain.options.residualLimit ** 2) === zerosOf(plain, Infinity)) break
        const ranked = rankBranches(plain)
            .filter(({ branch }) => !tried.has(branch))
            .slice(0, mostToggled)
        const toggled = ranked
            .map((row) => ({ ...row, after: toggle(plain, plainRemoval, scan, inService, row.branch) }))
            .filter(({ after }) => before - after > plain.options.residualLimit ** 2)
            .sort((a, b) => a.after - b.after || a.branch - b.branch)
        if (toggled.length === 0) break
        const [best] = toggled
        inService[best.branch] = 1 - inService[best.branch]
        const hypothesis = estimateScan(judge, judgeRemoval, scan)
        const expected = costOf(judge, hypothesis) + judge.options.residualLimit ** 2
        if (!judge.hasState || expected >= cost || hypothesis.unobservable.length > estimate.unobservable.length) {
            inService[best.branch] = 1 - inService[best.branch]
            break
        }
        estimate = hypothesis
        cost = expected
        tried.add(best.branch)
        suspects.push({
            branch: best.branch,
            modelled: inService[best.branch] === 0 ? 'closed' : 'open',
            multiplier: best.multiplier,
            objectiveBefore: before,
            objectiveAfter: best.after,
        })
    }
    const status = estimate.status === 'diverged' ? 'diverged' : suspects.length > 0 ? 'suspect' : 'consistent'
    return { status, suspects, estimate }
}

/** Σ(z/σ)² of the flows and currents measured at open branches, each at most `most`. */
function zerosOf(w: Work, most: number): number {
    const { rows, layout, circuit, z, sigma } = w
    let sum = 0
    for (let r = 0; r < layout.length; r++) {
        if (rows.kind[r] < kind.pFlow || circuit.closed[rows.at[r] >> 1] !== 0) continue
        const share = (z[r] / sigma[r]) ** 2
        if (share > 0) sum += Math.min(share, most)
    }
    return sum
}

function costOf(w: Work, estimate: Estimate): number {
    const each = w.options.residualLimit ** 2
    return estimate.objective + each * estimate.badData.length + zerosOf(w, each)
}

/** Measured rows that hold a flow of branch k: which of (pFrom, qFrom, pTo, qTo), and the row. */
function flowRows(w: Work): (k: number) => { readonly r: number; readonly flow: number }[] {
    const { rows, circuit, nReal } = w
    const atBus = Array.from({ length: circuit.nBus }, () => [] as number[])
    const atBranch = Array.from({ length: circuit.nBranch }, () => [] as number[])
    for (let r = 0; r < nReal; r++) {
        if (rows.kind[r] === kind.p || rows.kind[r] === kind.q) atBus[rows.at[r]].push(r)
        else if (rows.kind[r] === kind.pFlow || rows.kind[r] === kind.qFlow) atBranch[rows.at[r] >> 1].push(r)
    }
    return (k) => {
        const reactive = (r: number) => (rows.kind[r] === kind.q || rows.kind[r] === kind.qFlow ? 1 : 0)
        return [
            ...atBranch[k].map((r) => ({ r, flow: 2 * (rows.at[r] & 1) + reactive(r) })),
            ...[0, 1].flatMap((side) => atBus[circuit.endBus[2 * k + side]].map((r) => ({ r, flow: 2 * side + reactive(r) }))),
        ]
    }
}

/** Branches by T, the largest first; of a converged estimate without removals. */
function rankBranches(w: Work): { branch: number; multiplier: number }[] {
    const { circuit, islands, weight, residual } = w
    updateInverse(w)
    const rowsOf = flowRows(w)
    const live = [...Array(circuit.nBranch).keys()].filter(
        (k) => islands.live[circuit.endBus[2 * k]] !== 0 || islands.live[circuit.endBus[2 * k + 1]] !== 0,
    )
    const zeros = openZeros(w)
    const near = (k: number) => zeros[k] + rowsOf(k).reduce((sum, { r }) => sum + weight[r] * residual[r] ** 2, 0)
    return live
        .map((branch) => ({ branch, near: near(branch) }))
        .sort((a, b) => b.near - a.near)
        .slice(0, mostTested)
        .map(({ branch }) => ({ branch, multiplier: zeros[branch] + multiplierOf(w, rowsOf(branch)) }))
        .sort((a, b) => b.multiplier - a.multiplier || a.branch - b.branch)
}

/** Σ(z/σ)² of what is measured at each open branch. */
function openZeros(w: Work): Float64Array {
    const { rows, layout, circuit, z, sigma } = w
    const sum = new Float64Array(circuit.nBranch)
    for (let r = 0; r < layout.length; r++) {
        const k = rows.at[r] >> 1
        if (rows.kind[r] < kind.pFlow || circuit.closed[k] !== 0) continue
        const share = (z[r] / sigma[r]) ** 2
        if (share > 0) sum[k] += share
    }
    return sum
}

/** T for the rows of one branch. */
function multiplierOf(w: Work, touched: readonly { readonly r: number; readonly flow: number }[]): number {
    const { weight, residual, step, factor } = w
    const g = new Float64Array(4)
    const own = new Float64Array(4)
    const b = Array.from({ length: 4 }, () => new Float64Array(step.length))
    const used = touched.filter(({ r }) => weight[r] > 0).map(({ r, flow }) => ({ flow, row: gainRow(w, r), weight: weight[r], r }))
    for (const { r, flow, row, weight: wr } of used) {
        g[flow] += wr * residual[r]
        own[flow] += wr
        addRow(w, row, wr, b[flow])
    }
    const solved = b.map((column) => column.slice())
    for (let f = 0; f < 4; f++) if (own[f] > 0) solveCholesky(factor, solved[f])
    // S = MᵀWM − Bᵀ·G⁻¹·B, then gᵀ·S⁻¹·g by elimination, flows that nothing determines left out
    const s = b.map((column, i) => solved.map((other, j) => (i === j ? own[i] : 0) - dot(column, other)))
    let sum = 0
    for (let i = 0; i < 4; i++) {
        if (!(s[i][i] > 1e-6 * own[i])) continue
        sum += (g[i] * g[i]) / s[i][i]
        for (let j = i + 1; j < 4; j++) {
            const f = s[j][i] / s[i][i]
            g[j] -= f * g[i]
            for (let c = i + 1; c < 4; c++) s[j][c] -= f * s[i][c]
        }
    }
    return sum
}

const dot = (a: Float64Array, b: Float64Array) => {
    let sum = 0
    for (let v = 0; v < a.length; v++) if (a[v] !== 0) sum += a[v] * b[v]
    return sum
}
/** J of all measurements with branch k toggled; infinite where there is no such estimate. The state is as before. */
function toggle(w: Work, removal: Removal, scan: Scan, inService: Float64Array, k: number): number {
    const kept = { vm: w.vm.slice(), va: w.va.slice(), z: w.z.slice(), weight: w.weight.slice(), active: w.active.slice() }
    const closes = inService[k] === 0
    let after = closes || !isBridge(w, k) ? toggleByUpdate(w, k, closes) : undefined
    // whatever was done to the arrays is undone
    w.circuit.closed[k] = closes ? 0 : 1
    w.vm.set(kept.vm)
    w.va.set(kept.va)
    w.z.set(kept.z)
    w.weight.set(kept.weight)
    w.active.set(kept.active)
    evaluate(w)
    if (after === undefined) {
        inService[k] = closes ? 1 : 0
        const estimate = estimateScan(w, removal, { ...scan, start: 'last' })
        after = w.hasState ? estimate.objective + zerosOf(w, Infinity) : Infinity
        inService[k] = closes ? 0 : 1
        estimateScan(w, removal, scan)
        updateInverse(w)
    }
    return after
}

/** The same by a change of the rows of G that hold a flow of the branch, on the factor of the state as modelled. */
function toggleByUpdate(w: Work, k: number, closes: boolean): number | undefined {
    const { circuit, rows, layout, weight, active, sigma, z, islands } = w
    const [i, j] = [circuit.endBus[2 * k], circuit.endBus[2 * k + 1]]
    // a line to a dead or separate island makes another network
    if (i === j || islands.label[i] !== islands.label[j] || w.turnOf.length > 0) return undefined
    const touched = flowRows(w)(k).map(({ r }) => r)
    const before = touched.filter((r) => weight[r] > 0).map((r) => ({ row: gainRow(w, r), weight: weight[r] }))
    circuit.closed[k] = closes ? 1 : 0
    for (let r = 0; r < layout.length; r++) {
        if (rows.kind[r] < kind.pFlow || rows.at[r] >> 1 !== k) continue
        active[r] = closes ? 1 : 0
        weight[r] = closes && sigma[r] > 0 && sigma[r] < Infinity && !Number.isNaN(z[r]) ? 1 / (sigma[r] * sigma[r]) : 0
    }
    evaluate(w)
    const update = createGainUpdate(w)
    for (const r of touched) if (weight[r] > 0 && !update.add(gainRow(w, r), weight[r])) return undefined
    for (const { row, weight: gone } of before) if (!update.add(row, -gone)) return undefined
    if (follow(w, update) === undefined) return undefined
    return testChiSquare(w).objective + zerosOf(w, Infinity)
}

/** Whether the two ends of a closed branch hang together by it alone. */
function isBridge(w: Work, k: number): boolean {
    const { circuit } = w
    const { endBus, closed, incidentPtr, incident } = circuit
    const seen = new Uint8Array(circuit.nBus)
    const queue = [endBus[2 * k]]
    seen[queue[0]] = 1
    for (const i of queue)
        for (let t = incidentPtr[i]; t < incidentPtr[i + 1]; t++) {
            const e = incident[t]
            const far = endBus[e ^ 1]
            if (e >> 1 === k || closed[e >> 1] === 0 || seen[far] !== 0) continue
            seen[far] = 1
            queue.push(far)
        }
    return seen[endBus[2 * k + 1]] === 0
}
