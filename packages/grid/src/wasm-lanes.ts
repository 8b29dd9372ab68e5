/**
 * Power flows of one network under many injections, eight at once: chord Newton with the factor of the base case in
 * WebAssembly; where a scenario stalls there, full Newton from the base case. The answer for a scenario depends
 * neither on its lane nor on what the other lanes hold.
 */
import type { Network } from './network.ts'
import { computeMismatch } from './newton.ts'
import { expandAdmittance } from './per-unit.ts'
import { createOpenPowerFlow, type OpenPowerFlow, type Outcome } from './power-flow.ts'
import type { PowerFlowInput, PowerFlowResult } from './power-flow-arrays.ts'
import { createFigures, type Figures } from './result-figures.ts'
import { openKernel } from './wasm.ts'
import { lanesCode } from './wasm-code.ts'
import { buildChordFactor } from './wasm-lanes-factor.ts'

/** scenarios solved at once */
export const laneCount = 8

export interface LanesOptions {
    /** largest mismatch, p.u. */
    readonly tolerance?: number
    /** steps of the chord method, and again of full Newton */
    readonly maxIterations?: number
}

/** What may differ between lanes, rows in the network's order; starts as the records say. */
export type LaneInput = Pick<PowerFlowInput, 'loadMw' | 'loadMvar' | 'generatorMw' | 'generatorMvar' | 'storageMw' | 'storageMvar'>

export interface LaneOutcome extends Outcome {
    /** `chord`: solved with the base case's factor; `newton`: by full Newton */
    readonly by: 'chord' | 'newton'
}

export interface Lanes {
    /** the base case, whose solution every lane starts from; where it did not converge, lanes start flat */
    readonly base: Outcome
    /** of each lane */
    readonly input: readonly LaneInput[]
    /** Solves the first `count` lanes; their outcomes are valid until the next call, those of other lanes mean nothing. */
    solve(count?: number): readonly LaneOutcome[]
    /** Sum of the voltage magnitudes of all buses with supply, p.u.; of a lane that converged. */
    sumVmPu(lane: number): number
    /** What a lane that converged comes to; valid until the next call. */
    computeFigures(lane: number): Figures
    /** Voltages, flows and powers of a lane that converged; valid until the next call. */
    computeResult(lane: number): PowerFlowResult
}

export function createLanes(network: Network, options: LanesOptions = {}): Lanes {
    const { tolerance = 1e-8, maxIterations = 30 } = options
    const solver = createOpenPowerFlow(network)
    const { newton } = solver
    const { n } = newton
    let base = solver.solve({ start: 'case', tolerance })
    if (base.status !== 'converged') base = solver.solve({ start: 'flat', tolerance })
    const baseVoltage = newton.v.slice()
    const kernel = base.status === 'converged' ? openLanes(solver, network) : undefined
    const input = kernel?.input ?? Array.from({ length: laneCount }, () => laneInputOf(solver.input))
    const outcomes: { -readonly [K in keyof LaneOutcome]: LaneOutcome[K] }[] = Array.from({ length: laneCount }, () => ({
        ...base,
        by: 'newton',
    }))
    // solutions of lanes that full Newton solved, in order of elimination
    const solutions = new Map<number, Float64Array>()
    let summed = false
    let figured = false

    function solve(count = laneCount): readonly LaneOutcome[] {
        solutions.clear()
        if (kernel) {
            const { state, iterations, worst } = kernel.arrays
            for (let lane = 0; lane < laneCount; lane++) state[lane] = lane < count ? 0 : 1
            summed = false
            figured = false
            kernel.solve(tolerance * (1 - 1e-6), maxIterations)
            for (let lane = 0; lane < count; lane++) {
                const outcome = outcomes[lane]
                outcome.status = state[lane] === 1 ? 'converged' : 'diverged'
                outcome.iterations = iterations[lane]
                outcome.mismatchPu = worst[lane]
                outcome.by = 'chord'
                outcome.worstBus = undefined
            }
        }
        for (let lane = 0; lane < count; lane++) if (!kernel || outcomes[lane].status !== 'converged') solveFully(lane)
        return outcomes
    }

    function solveFully(lane: number) {
        const before = kernel ? outcomes[lane].iterations : 0
        take(lane)
        if (base.status === 'converged') solver.accept(baseVoltage)
        const outcome = solver.solve({ start: base.status === 'converged' ? 'last' : 'flat', tolerance, maxIterations })
        Object.assign(outcomes[lane], { worstBus: undefined, ...outcome, iterations: before + outcome.iterations, by: 'newton' })
        if (outcome.status !== 'converged') return
        solutions.set(lane, newton.v.slice())
        if (kernel) for (let k = 0; k < 2 * n; k++) kernel.arrays.voltage[laneCount * k + lane] = newton.v[k]
    }

    /** input of the solver ← that of the lane */
    function take(lane: number) {
        for (const [name, values] of Object.entries(input[lane])) solver.input[name as keyof LaneInput].set(values)
    }

    function sumVmPu(lane: number): number {
        const own = solutions.get(lane)
        if (own) return sumMagnitudes(own)
        if (!kernel) return Number.NaN
        if (!summed) kernel.sumMagnitudes()
        summed = true
        return kernel.arrays.sums[lane]
    }

    let figuresByHand: ReturnType<typeof createFigures> | undefined

    function computeFigures(lane: number): Figures {
        if (!kernel) {
            figuresByHand ??= createFigures(network)
            return figuresByHand(computeResult(lane), input[lane])
        }
        if (!figured) kernel.computeFigures()
        figured = true
        const { figures, sums, worstBranch } = kernel.arrays
        const base = solver.pu.baseMva
        const of = (row: number) => figures[laneCount * row + lane]
        return {
            sumVmPu: sums[lane],
            vmMinPu: Math.sqrt(of(1)),
            vmMaxPu: Math.sqrt(of(2)),
            slackMw: base * of(4),
            slackMvar: base * of(5),
            lossesMw: base * of(3),
            worstLoadingPercent: 100 * Math.sqrt(of(0)),
            worstBranch: worstBranch[lane],
        }
    }

    function computeResult(lane: number): PowerFlowResult {
        take(lane)
        const voltage = solutions.get(lane) ?? new Float64Array(2 * n)
        if (kernel && !solutions.has(lane)) for (let k = 0; k < 2 * n; k++) voltage[k] = kernel.arrays.voltage[laneCount * k + lane]
        solver.accept(voltage)
        return solver.computeResult()
    }

    return { base, input, solve, sumVmPu, computeFigures, computeResult }
}

function laneInputOf(input: PowerFlowInput): LaneInput {
    return {
        loadMw: input.loadMw.slice(),
        loadMvar: input.loadMvar.slice(),
        generatorMw: input.generatorMw.slice(),
        generatorMvar: input.generatorMvar.slice(),
        storageMw: input.storageMw.slice(),
        storageMvar: input.storageMvar.slice(),
    }
}

function sumMagnitudes(v: Float64Array): number {
    let sum = 0
    for (let k = 0; k < v.length; k += 2) sum += Math.sqrt(v[k] * v[k] + v[k + 1] * v[k + 1])
    return sum
}

interface LaneArrays {
    readonly voltage: Float64Array
    readonly worst: Float32Array
    readonly iterations: Int32Array
    readonly state: Int32Array
    readonly sums: Float64Array
    readonly figures: Float64Array
    readonly worstBranch: Int32Array
}

const inputNames = ['loadMw', 'loadMvar', 'generatorMw', 'generatorMvar', 'storageMw', 'storageMvar'] as const

/** The kernel with the factor of the case just solved; undefined without WebAssembly. */
function openLanes(solver: OpenPowerFlow, network: Network) {
    const { newton } = solver
    const { n, yCol, branchY, carries } = newton
    const { position, upperPtr, upperCol, lowerPtr, lowerCol } = newton.elimination
    computeMismatch(newton)
    const factor = buildChordFactor(newton)
    const { sourcePtr, source, stride } = sourcesOf(solver)
    // 384 bytes a bus for all lanes and 89 once, 20 an admittance, 40 an entry of the factor, 81 a branch; each array may end
    // 64 bytes further on
    const inputBytes = source.byteLength + 8 * laneCount * stride
    const bytes = 480 * n + 20 * yCol.length + 40 * upperCol.length + 81 * carries.length + inputBytes + 8192
    const kernel = factor && openKernel(lanesCode, bytes)
    if (!kernel) return undefined
    const { float64, float32, int32, uint8 } = kernel.room
    const copy = <T extends Float64Array | Float32Array | Int32Array | Uint8Array>(to: T, from: T) => {
        to.set(from)
        return to
    }
    const columns = (from: Int32Array, scale: number) => {
        const to = int32(from.length)
        for (let k = 0; k < from.length; k++) to[k] = scale * from[k]
        return to
    }
    const arrays: LaneArrays = {
        voltage: float64(2 * laneCount * n),
        worst: float32(4 * laneCount),
        iterations: int32(laneCount),
        state: int32(laneCount),
        sums: float64(laneCount),
        figures: float64(6 * laneCount),
        worstBranch: int32(laneCount),
    }
    const inputs = float64(laneCount * stride)
    const input = Array.from({ length: laneCount }, (_, lane): LaneInput => {
        let at = lane * stride
        const views = inputNames.map((name) => {
            const values = solver.input[name]
            at += values.length
            return [name, copy(inputs.subarray(at - values.length, at), values)] as const
        })
        return Object.fromEntries(views) as unknown as LaneInput
    })
    const steepness = float32(n)
    for (let i = 0; i < n; i++) steepness[i] = 1.5 / (newton.v[2 * i] ** 2 + newton.v[2 * i + 1] ** 2)
    const ends = int32(2 * carries.length)
    const admittance = float64(8 * carries.length)
    for (let k = 0; k < carries.length; k++) {
        ends[2 * k] = 128 * position[solver.pu.from[k]]
        ends[2 * k + 1] = 128 * position[solver.pu.to[k]]
        expandAdmittance(branchY, k, admittance, k)
    }
    kernel.set({
        ...arrays,
        n,
        accelerated: 1,
        yPtr: columns(newton.yPtr, 1),
        yAt: columns(yCol, 128),
        y: copy(float64(newton.y.length), newton.y),
        yDiagonal: copy(float64(2 * n), newton.yDiagonal),
        role: copy(uint8(n), newton.role),
        lowerPtr: columns(lowerPtr, 1),
        lowerAt: columns(lowerCol, 64),
        lower: copy(float32(factor.lower.length), factor.lower),
        inverse: copy(float32(4 * n), factor.inverse),
        upperPtr: columns(upperPtr, 1),
        upperAt: columns(upperCol, 64),
        upper: copy(float32(factor.upper.length), factor.upper),
        baseVoltage: copy(float64(2 * n), newton.v),
        steepness,
        basePower: copy(float64(2 * n), factor.power),
        sourcePtr: columns(sourcePtr, 1),
        source: copy(float64(source.length), source),
        inputs,
        stride: 8 * stride,
        power: float64(2 * laneCount * n),
        x: float32(2 * laneCount * n),
        last: float32(2 * laneCount * n),
        nBranch: carries.length,
        ends,
        carries: copy(uint8(carries.length), carries),
        admittance,
        rating: copy(float64(carries.length), ratingsOf(network)),
    })
    const solve = kernel.call.solve as (tolerance: number, maxIterations: number) => void
    const { sumMagnitudes, computeFigures } = kernel.call as Record<string, () => void>
    return { arrays, input, solve, sumMagnitudes, computeFigures }
}

/** 1/rating² of every branch, per unit; 0 without a rating */
const ratingsOf = ({ branch, baseMva }: Network) => Float64Array.from(branch, ({ rateMva }) => (rateMva > 0 ? (baseMva / rateMva) ** 2 : 0))

/**
 * Loads, generators and storages in service by buses in order of elimination: for each the places of P and Q in a
 * lane's inputs, in bytes, packed into one number, then the factor that makes MW per-unit injections. `stride` is the
 * length of a lane's inputs.
 */
function sourcesOf({ input, pu, newton }: OpenPowerFlow) {
    const { n, elimination } = newton
    const kinds = [
        { on: input.loadOn, bus: pu.busOfLoad, sign: -1 },
        { on: input.generatorOn, bus: pu.busOfGenerator, sign: 1 },
        { on: input.storageOn, bus: pu.busOfStorage, sign: 1 },
    ]
    const sourcePtr = new Int32Array(n + 1)
    for (const { on, bus } of kinds) for (let k = 0; k < on.length; k++) sourcePtr[elimination.position[bus[k]] + 1] += on[k]
    for (let i = 0; i < n; i++) sourcePtr[i + 1] += sourcePtr[i]
    const source = new Float64Array(2 * sourcePtr[n])
    const places = new Int32Array(source.buffer)
    const cursor = sourcePtr.slice(0, n)
    let stride = 0
    for (const { on, bus, sign } of kinds) {
        for (let k = 0; k < on.length; k++) {
            if (on[k] === 0) continue
            const at = cursor[elimination.position[bus[k]]]++
            places[4 * at] = 8 * (stride + k)
            places[4 * at + 1] = 8 * (stride + on.length + k)
            source[2 * at + 1] = sign / pu.baseMva
        }
        stride += 2 * on.length
    }
    return { sourcePtr, source, stride }
}
