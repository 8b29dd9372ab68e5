/**
 * Load scenarios: the AC power flow of a network with every load multiplied by a factor of its own, thousands of times.
 *
 * In scenario s, active and reactive power of the loads at row i of the bus table are multiplied by
 * `loadFactor(seed, s, i, spread)`; everything else is as the records say. Every scenario starts from the solution of
 * the base case, never from that of another scenario, so a result depends on nothing but network, seed, spread and s:
 * neither on the order of solving nor on how many threads share the work. In lanes, or one at a time with reactive
 * limits, until no bus has more than
 * the tolerance of active or reactive power unaccounted for; a scenario without a solution keeps its row and says so.
 */
import { solveBase } from './base-case.ts'
import { networkIslands } from './islands.ts'
import { loadFactor } from './load-factor.ts'
import { lowerNetwork } from './lower-network.ts'
import type { Network } from './network.ts'
import { toPerUnit } from './per-unit.ts'
import { createPowerFlow, type Outcome } from './power-flow.ts'
import type { PowerFlowInput, PowerFlowResult } from './power-flow-arrays.ts'
import { createFigures, type Figures } from './result-figures.ts'
import { createLanes, type LaneInput, laneCount } from './wasm-lanes.ts'

export interface BatchOptions {
    /** seed of the load factors, a whole number, 0 … 2³² − 1 */
    readonly seed?: number
    /** factors lie within 1 ± spread, 0 … 1 */
    readonly spread?: number
    /** factors of your own in place of the seed's: of the loads at row `row` of the bus table in scenario `sample` */
    readonly factor?: (sample: number, row: number) => number
    /** generators at PV buses keep within their reactive limits; the slack is exempt */
    readonly qLimits?: boolean
    /** largest mismatch, p.u. */
    readonly tolerance?: number
    readonly maxIterations?: number
}

/** What a code in the column `status` means; 0 is a row not solved yet. */
export const batchStatus = ['open', 'converged', 'diverged', 'singular'] as const
export type BatchStatus = (typeof batchStatus)[number]

/** One row for each scenario; powers and voltages are NaN unless converged. Arrays may lie on shared memory. */
export interface BatchColumns {
    /** code, see `batchStatus` */
    readonly status: Uint8Array
    readonly iterations: Uint8Array
    /** largest mismatch left, p.u. */
    readonly mismatchPu: Float64Array
    /** sum of the voltage magnitudes of all buses with supply, p.u. */
    readonly sumVmPu: Float64Array
    /** net power the slack buses feed into the network: generators and storages less loads, MW and Mvar */
    readonly slackMw: Float64Array
    readonly slackMvar: Float64Array
    /** active power drawn by all loads with supply, MW */
    readonly loadMw: Float64Array
    /** active power lost in branches, MW */
    readonly lossesMw: Float64Array
    /** least and greatest voltage magnitude of the buses with supply, p.u. */
    readonly vmMinPu: Float64Array
    readonly vmMaxPu: Float64Array
    /** greatest loading of a branch, percent of `rateMva`; 0 without ratings */
    readonly worstLoadingPercent: Float64Array
    /** row of that branch; −1 without ratings, or unless converged */
    readonly worstBranch: Int32Array
}

export interface Batch {
    readonly samples: number
    /** how many scenarios have a solution */
    readonly converged: number
    /** mean over the converged ones, p.u.; NaN without any */
    readonly meanSumVmPu: number
    readonly columns: BatchColumns
    /** the base case: where it does not converge, scenarios start flat */
    readonly base: Outcome
}

export interface BatchSolver {
    readonly base: Outcome
    /** Solves scenarios and writes their rows; most quickly where several are given at once. */
    solve(samples: number | readonly number[], columns: BatchColumns): void
    /** Voltages, flows and powers of the last scenario given, until the next call; undefined where it has no solution. */
    readonly result: PowerFlowResult | undefined
}

/** Solves scenarios 0 … samples − 1 on this thread. */
export function runBatch(network: Network, options: BatchOptions & { readonly samples: number }): Batch {
    const { samples, ...rest } = options
    const solver = createBatch(network, rest)
    const columns = createBatchColumns(samples)
    solver.solve(
        Array.from({ length: samples }, (_, s) => s),
        columns,
    )
    return { ...summariseBatch(columns), columns, base: solver.base }
}

/** Solves the base case and prepares for scenarios in any order. */
export function createBatch(given: Network, options: BatchOptions = {}): BatchSolver {
    const { network } = lowerNetwork(given)
    const { seed = 0, spread = 0.2, qLimits = false, factor, ...limits } = options
    if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32))
        throw new Error(`The seed must be a whole number, 0 … 2³² − 1, got ${seed}.`)
    if (!(spread >= 0 && spread <= 1)) throw new Error(`The spread must lie within 0 … 1, got ${spread}.`)
    const engine = qLimits ? openSingle(network, limits) : openLanes(network, limits)
    const { size, input } = engine
    const { busOfLoad } = toPerUnit(network)
    // what stands for a link is no load
    const baseMw = Float64Array.from(given.load, (d) => d.pMw)
    const baseMvar = Float64Array.from(given.load, (d) => d.qMvar)
    const supplied = networkIslands(network).flatMap((island) => (island.energised ? island.bus : []))
    const isSupplied = new Set(supplied)
    const drawing = network.load.flatMap((d, k) => (d.inService && isSupplied.has(d.bus) ? [k] : []))
    /** of the last scenario, where it has a solution */
    let shownLane = -1

    function scale(sample: number, { loadMw, loadMvar }: LoadInput) {
        for (let d = 0; d < baseMw.length; d++) {
            const row = busOfLoad[d]
            const times = factor ? factor(sample, row) : loadFactor(seed, sample, row, spread)
            loadMw[d] = baseMw[d] * times
            loadMvar[d] = baseMvar[d] * times
        }
    }

    function solve(samples: number | readonly number[], columns: BatchColumns) {
        const list = typeof samples === 'number' ? [samples] : samples
        for (let first = 0; first < list.length; first += size) {
            const count = Math.min(size, list.length - first)
            for (let lane = 0; lane < count; lane++) scale(list[first + lane], input[lane])
            const outcomes = engine.solve(count)
            for (let lane = 0; lane < count; lane++) {
                const row = list[first + lane]
                const { status, iterations, mismatchPu } = outcomes[lane]
                columns.status[row] = batchStatus.indexOf(status)
                columns.iterations[row] = Math.min(255, iterations)
                columns.mismatchPu[row] = mismatchPu
                shownLane = status === 'converged' ? lane : -1
                if (status !== 'converged') {
                    clearRow(columns, row)
                    continue
                }
                let drawn = 0
                for (const d of drawing) drawn += input[lane].loadMw[d]
                fillRow(columns, row, engine.computeFigures(lane), drawn)
            }
        }
    }

    return {
        base: engine.base,
        solve,
        get result() {
            return shownLane < 0 ? undefined : engine.computeResult(shownLane)
        },
    }
}

type LoadInput = Pick<PowerFlowInput, 'loadMw' | 'loadMvar'>
type Limits = Pick<BatchOptions, 'tolerance' | 'maxIterations'>

/** Scenarios solved `size` at once: loads of every lane in, outcomes and results of every lane out. */
interface Engine {
    readonly size: number
    readonly base: Outcome
    readonly input: readonly LaneInput[]
    solve(count: number): readonly Outcome[]
    computeFigures(lane: number): Figures
    computeResult(lane: number): PowerFlowResult
}

function openLanes(network: Network, limits: Limits): Engine {
    return { size: laneCount, ...createLanes(network, limits) }
}

/** One at a time, since reactive limits change what a bus holds. */
function openSingle(network: Network, limits: Limits): Engine {
    const { outcome: base, started } = solveBase(network, { qLimits: true, ...limits })
    const { input, solve, computeResult } = createPowerFlow(started)
    const start = base.status === 'converged' ? 'case' : 'flat'
    const figures = createFigures(started)
    return {
        size: 1,
        base,
        input: [input],
        solve: () => [solve({ start, qLimits: true, ...limits })],
        computeFigures: () => figures(computeResult(), input),
        computeResult,
    }
}

function fillRow(columns: BatchColumns, row: number, figures: Figures, loadMw: number): void {
    columns.sumVmPu[row] = figures.sumVmPu
    columns.slackMw[row] = figures.slackMw
    columns.slackMvar[row] = figures.slackMvar
    columns.loadMw[row] = loadMw
    columns.lossesMw[row] = figures.lossesMw
    columns.vmMinPu[row] = figures.vmMinPu
    columns.vmMaxPu[row] = figures.vmMaxPu
    columns.worstLoadingPercent[row] = figures.worstLoadingPercent
    columns.worstBranch[row] = figures.worstBranch
}

function clearRow(columns: BatchColumns, row: number) {
    const { sumVmPu, slackMw, slackMvar, loadMw, lossesMw, vmMinPu, vmMaxPu, worstLoadingPercent } = columns
    for (const column of [sumVmPu, slackMw, slackMvar, loadMw, lossesMw, vmMinPu, vmMaxPu, worstLoadingPercent]) column[row] = Number.NaN
    columns.worstBranch[row] = -1
}

/** Bytes that `createBatchColumns` takes for so many scenarios. */
export const batchBytes = (samples: number) => 80 * samples

/** Columns for so many scenarios, on memory of their own or on given (shared) memory of `batchBytes(samples)` bytes. */
export function createBatchColumns(samples: number, memory: ArrayBufferLike = new ArrayBuffer(batchBytes(samples))): BatchColumns {
    let at = 0
    const numbers = () => {
        at += 8 * samples
        return new Float64Array(memory, at - 8 * samples, samples)
    }
    return {
        mismatchPu: numbers(),
        sumVmPu: numbers(),
        slackMw: numbers(),
        slackMvar: numbers(),
        loadMw: numbers(),
        lossesMw: numbers(),
        vmMinPu: numbers(),
        vmMaxPu: numbers(),
        worstLoadingPercent: numbers(),
        worstBranch: new Int32Array(memory, at, samples),
        status: new Uint8Array(memory, at + 4 * samples, samples),
        iterations: new Uint8Array(memory, at + 5 * samples, samples),
    }
}

/** Counts and means over the rows solved, added in the order of scenarios. */
export function summariseBatch(columns: BatchColumns): { samples: number; converged: number; meanSumVmPu: number } {
    let [samples, converged, sum] = [0, 0, 0]
    for (let s = 0; s < columns.status.length; s++) {
        if (columns.status[s] !== 0) samples++
        if (columns.status[s] !== 1) continue
        converged++
        sum += columns.sumVmPu[s]
    }
    return { samples, converged, meanSumVmPu: sum / converged }
}
