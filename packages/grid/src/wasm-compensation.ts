/**
 * Power flows after outages of single branches, eight at once, from a solved base case in WebAssembly: chord Newton
 * with the factor of the base case, the branch taken out by compensation. An outage's answer depends neither on the
 * outages beside it nor on its lane.
 */
import { loadingViolations, none, type SecurityFigures, voltageLimits, voltageViolations } from './contingency-figures.ts'
import type { Switches } from './contingency-switches.ts'
import type { Network } from './network.ts'
import { computeMismatch } from './newton.ts'
import { byColumns, computeFirstSteps } from './outage-first-step.ts'
import { branchAdmittance } from './per-unit.ts'
import type { OpenPowerFlow } from './power-flow.ts'
import { openKernel } from './wasm.ts'
import { compensationCode } from './wasm-code.ts'
import { buildChordFactor } from './wasm-lanes-factor.ts'

const laneCount = 8

/** An outage with a solution. */
export interface SolvedRow extends SecurityFigures {
    readonly branch: number
    readonly status: 'converged'
    readonly iterations: number
    /** largest mismatch left, p.u. */
    readonly mismatchPu: number
}

/** Outage `at` of the list has a solution. */
export type Solved = (at: number, place: number, row: SolvedRow) => void
/** Outage `at` of the list does not arrive by the chord; iterations spent. */
export type GiveUp = (at: number, iterations: number) => void

export interface Compensation {
    /** Solves the outages of these branches, in an order of its own. */
    solve(branches: readonly number[], solved: Solved, giveUp: GiveUp): void
    /** to ← voltages at a place, in order of elimination; while `solved` is called with that place. */
    copyVoltage(place: number, to: Float64Array): void
}

/**
 * `solver` holds the solution of the base case for its input as it is, and is copied. Undefined without WebAssembly or
 * where the base case is at the edge of having no solution.
 */
export function openCompensation(
    network: Network,
    solver: OpenPowerFlow,
    switches: Switches,
    { tolerance = 1e-8, maxIterations = 30 }: { readonly tolerance?: number; readonly maxIterations?: number },
): Compensation | undefined {
    const { newton, pu, input } = solver
    const { n, yCol, v, elimination } = newton
    const { parent, position, upperPtr, upperCol, lowerPtr, lowerCol } = elimination
    const { nBranch } = pu
    computeMismatch(newton)
    const factor = buildChordFactor(newton)
    if (!factor) return undefined
    const depth = heightOf(parent)
    // of two buses, and of these and all next to them
    const waysW = 48 * Math.min(n, 2 * depth)
    const waysX = 48 * Math.min(n, 2 * depth * (degreeOf(newton.yPtr) + 1))
    // 500 bytes a bus for all lanes, 128 for the collection, 200 once; 20 an admittance, 56 an entry of the factor, 230 a
    // branch, the ways up; each array may end 64 bytes further on
    const bytes = 900 * n + 20 * yCol.length + 64 * upperCol.length + 240 * nBranch + laneCount * (waysW + waysX) + 16_384
    const kernel = openKernel(compensationCode, bytes)
    if (!kernel) return undefined
    const { float64, float32, int32, uint8 } = kernel.room
    const copy = <T extends Float64Array | Float32Array | Int32Array | Uint8Array>(to: T, from: ArrayLike<number>) => {
        to.set(from)
        return to
    }
    const columns = (from: Int32Array, scale: number) => {
        const to = int32(from.length)
        for (let k = 0; k < from.length; k++) to[k] = scale * from[k]
        return to
    }
    const alive = (i: number) => v[2 * position[i]] !== 0 || v[2 * position[i] + 1] !== 0
    const admittance = float64(8 * nBranch)
    const ends = int32(2 * nBranch)
    const carries = uint8(nBranch)
    const rating = float64(nBranch)
    network.branch.forEach((row, k) => {
        branchAdmittance(row, input.branchRatio[k], (input.branchShiftDeg[k] * Math.PI) / 180, admittance, k)
        ends[2 * k] = position[pu.from[k]]
        ends[2 * k + 1] = position[pu.to[k]]
        carries[k] = input.branchOn[k] === 1 && alive(pu.from[k]) && alive(pu.to[k]) ? 1 : 0
        rating[k] = row.rateMva > 0 ? (pu.baseMva / row.rateMva) ** 2 : 0
    })
    const conductance = float64(n)
    for (let k = 0; k < nBranch; k++) {
        if (carries[k] === 0 || rating[k] > 0) continue
        conductance[pu.from[k]] += admittance[8 * k]
        conductance[pu.to[k]] += admittance[8 * k + 6]
    }
    const cuts = uint8(nBranch)
    const places = int32(4 * nBranch)
    for (let k = 0; k < nBranch; k++) {
        const cut = switches.cutOff(k)
        if (cut === undefined || cut === 'nothing') continue
        cuts[k] = cut.fromSide ? 2 : 1
        places.set(cut.places, 4 * k)
    }
    const lowerColumn = byColumns(factor.lower, elimination)
    const order = int32(n)
    switches.order.forEach((bus, place) => {
        order[place] = position[bus]
    })
    const specified = float64(2 * n)
    for (let i = 0; i < n; i++) {
        specified[2 * i] = newton.p[i]
        specified[2 * i + 1] = newton.q[i]
    }
    const limits = float64(2 * n)
    const square = (limit: number) => (limit > 0 ? limit * limit : -1)
    const { low, high } = voltageLimits(network)
    for (let i = 0; i < n; i++) {
        limits[2 * i] = alive(i) ? square(low[i]) : -1
        limits[2 * i + 1] = alive(i) ? Math.max(0, high[i]) ** 2 : -1
    }
    const results = {
        queue: int32(nBranch),
        state: int32(laneCount),
        iterations: int32(laneCount),
        worst: float32(4 * laneCount),
        voltage: float64(2 * laneCount * n),
        collected: float64(2 * laneCount * n),
        doneBranch: int32(laneCount),
        doneIterations: int32(laneCount),
        doneWorst: float32(laneCount),
        stalled: int32(2 * nBranch),
        figures: float64(4 * laneCount),
        figureRows: int32(3 * laneCount + 2),
        overloads: float64(2 * laneCount * nBranch),
        beyond: float64(2 * laneCount * n),
    }
    kernel.set({
        ...results,
        n,
        nBranch,
        yPtr: columns(newton.yPtr, 1),
        yAt: columns(yCol, 128),
        y: copy(float64(newton.y.length), newton.y),
        yDiagonal: copy(float64(2 * n), newton.yDiagonal),
        role: copy(uint8(n), newton.role),
        lowerPtr: columns(lowerPtr, 1),
        lowerAt: columns(lowerCol, 64),
        lower: copy(float32(factor.lower.length), factor.lower),
        lowerColumn: copy(float32(factor.lower.length), lowerColumn),
        firstStep: copy(float32(4 * nBranch), computeFirstSteps(newton, factor, lowerColumn, { ends, admittance, cuts })),
        inverse: copy(float32(4 * n), factor.inverse),
        upperPtr: columns(upperPtr, 1),
        upperAt: columns(upperCol, 64),
        upper: copy(float32(factor.upper.length), factor.upper),
        parent: copy(int32(n), parent),
        baseVoltage: copy(float64(2 * n), v),
        specified,
        ends,
        admittance,
        carries,
        rating,
        conductance,
        cuts,
        places,
        order,
        limits,
        busOf: copy(int32(n), position),
        power: float64(2 * laneCount * n),
        x: float32(2 * laneCount * n),
        w: float32(16 * n),
        marks: uint8(n),
        pathW: uint8(laneCount * waysW),
        waysW,
        pathX: uint8(laneCount * waysX),
        waysX,
        lanes: float64(16 * laneCount),
    })
    kernel.call.open()
    const { run, computeFigures } = kernel.call
    const { collected, doneBranch, doneIterations, doneWorst, stalled, figures, figureRows } = results
    const rowsOf = (list: Float64Array) => new Int32Array(list.buffer, list.byteOffset, 2 * list.length)
    const overloadRows = rowsOf(results.overloads)
    const beyondRows = rowsOf(results.beyond)
    const placeOf = new Int32Array(nBranch).fill(-1)
    // branches that carry much go first: these outages take longest, and at the end lanes stand idle
    const { pFromMw, qFromMvar } = solver.result
    const severity = Float64Array.from(pFromMw, (p, k) => p * p + qFromMvar[k] ** 2)
    const bySeverity = Int32Array.from(severity.keys()).sort((a, b) => severity[b] - severity[a] || a - b)

    const ids = network.bus.map((row) => row.id)
    const idOf = (row: number) => (row < 0 ? null : ids[row])

    /** Written in one go, since outages are thousands and rows take as long to make as an iteration of theirs. */
    function rowAt(place: number, overloads: number, beyond: number): SolvedRow {
        const worst = figureRows[place]
        const least = figureRows[laneCount + place]
        const most = figureRows[2 * laneCount + place]
        return {
            branch: doneBranch[place],
            status: 'converged',
            iterations: doneIterations[place],
            mismatchPu: doneWorst[place],
            worstLoadingPercent: worst < 0 ? null : 100 * Math.sqrt(figures[place]),
            worstBranch: worst < 0 ? null : worst,
            violations: overloads === 0 ? none : loadingViolations(...pick(place, overloadRows, results.overloads, overloads, 100)),
            voltageViolations: beyond === 0 ? none : voltageViolations(network, ...pick(place, beyondRows, results.beyond, beyond, 1)),
            vmMinPu: least < 0 ? null : Math.sqrt(figures[laneCount + place]),
            vmMinBus: idOf(least),
            vmMaxPu: most < 0 ? null : Math.sqrt(figures[2 * laneCount + place]),
            vmMaxBus: idOf(most),
            lossesMw: figures[3 * laneCount + place] * pu.baseMva,
        }
    }

    function solve(branches: readonly number[], solved: Solved, giveUp: GiveUp) {
        const again: number[] = []
        for (let at = 0; at < branches.length; at++) {
            if (placeOf[branches[at]] < 0) placeOf[branches[at]] = at
            else again.push(at)
        }
        let queued = 0
        for (let k = 0; k < nBranch; k++) if (placeOf[bySeverity[k]] >= 0) results.queue[queued++] = bySeverity[k]
        kernel!.set({ queued, taken: 0, stalledCount: 0 })
        for (;;) {
            const count = run(tolerance * (1 - 1e-6), maxIterations)
            if (count === 0) break
            computeFigures()
            const overloads = figureRows[3 * laneCount]
            const beyond = figureRows[3 * laneCount + 1]
            for (let place = 0; place < count; place++) solved(placeOf[doneBranch[place]], place, rowAt(place, overloads, beyond))
        }
        const failures = kernel!.get('stalledCount')
        for (let k = 0; k < failures; k++) giveUp(placeOf[stalled[2 * k]], stalled[2 * k + 1])
        for (const k of branches) placeOf[k] = -1
        // a branch named twice
        if (again.length > 0)
            solve(
                again.map((at) => branches[at]),
                (k, ...outcome) => solved(again[k], ...outcome),
                (k, iterations) => giveUp(again[k], iterations),
            )
    }

    function copyVoltage(place: number, to: Float64Array) {
        for (let k = 0; k < 2 * n; k++) to[k] = collected[laneCount * k + place]
    }

    return { solve, copyVoltage }
}

/** Rows of a place among `count` entries of place, row and square, and `scale` times the roots. */
function pick(place: number, rows: Int32Array, squares: Float64Array, count: number, scale: number): [number[], number[]] {
    const found: number[] = []
    const values: number[] = []
    for (let k = 0; k < count; k++) {
        if (rows[4 * k] !== place) continue
        found.push(rows[4 * k + 1])
        values.push(scale * Math.sqrt(squares[2 * k + 1]))
    }
    return [found, values]
}

/** Most buses on one way up the elimination tree. */
function heightOf(parent: Int32Array): number {
    const depth = new Int32Array(parent.length)
    let most = 0
    for (let i = parent.length - 1; i >= 0; i--) {
        depth[i] = parent[i] < 0 ? 1 : depth[parent[i]] + 1
        most = Math.max(most, depth[i])
    }
    return most
}

/** Most entries of a row. */
function degreeOf(ptr: Int32Array): number {
    let most = 0
    for (let i = 1; i < ptr.length; i++) most = Math.max(most, ptr[i] - ptr[i - 1])
    return most
}
