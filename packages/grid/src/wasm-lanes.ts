/**
 * Power flows of one network under many injections, eight at once: chord Newton with the factor of the base case in
 * WebAssembly; where a scenario stalls there, full Newton from the base case. The answer for a scenario depends
 * neither on its lane nor on what the other lanes hold.
 */
import { computeMismatch } from './newton.ts'
import { createOpenPowerFlow, type OpenPowerFlow, type Outcome } from './power-flow.ts'
import type { PowerFlowInput, PowerFlowResult } from './power-flow-arrays.ts'
import { type Kernel, openKernel } from './wasm.ts'
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
    /** Solves the first `count` lanes; the outcomes are valid until the next call. */
    solve(count?: number): readonly LaneOutcome[]
    /** Sum of the voltage magnitudes of all buses with supply, p.u.; of a lane that converged. */
    sumVmPu(lane: number): number
    /** Voltages, flows and powers of a lane that converged; valid until the next call. */
    computeResult(lane: number): PowerFlowResult
}

export function createLanes(network: Parameters<typeof createOpenPowerFlow>[0], options: LanesOptions = {}): Lanes {
    const { tolerance = 1e-8, maxIterations = 30 } = options
    const solver = createOpenPowerFlow(network)
    const { newton, pu } = solver
    const { n } = newton
    const { position } = newton.elimination
    let base = solver.solve({ start: 'case', tolerance })
    if (base.status !== 'converged') base = solver.solve({ start: 'flat', tolerance })
    const baseVoltage = newton.v.slice()
    const kernel = base.status === 'converged' ? openLanes(solver) : undefined
    const input = Array.from({ length: laneCount }, () => laneInputOf(solver.input))
    const outcomes: { -readonly [K in keyof LaneOutcome]: LaneOutcome[K] }[] = Array.from({ length: laneCount }, () => ({
        ...base,
        by: 'newton',
    }))
    // solutions of lanes that full Newton solved, in order of elimination
    const solutions = new Map<number, Float64Array>()

    // rows in service, as places in a lane of `power`
    const placesOf = (on: Uint8Array, bus: Int32Array) => Int32Array.from(bus, (i, k) => (on[k] === 1 ? 2 * laneCount * position[i] : -1))
    const loadPlace = placesOf(solver.input.loadOn, pu.busOfLoad)
    const generatorPlace = placesOf(solver.input.generatorOn, pu.busOfGenerator)
    const storagePlace = placesOf(solver.input.storageOn, pu.busOfStorage)

    function inject({ power }: LaneArrays, lane: number) {
        const { loadMw, loadMvar, generatorMw, generatorMvar, storageMw, storageMvar } = input[lane]
        for (let k = lane; k < power.length; k += laneCount) power[k] = 0
        addPowers(power, lane, generatorPlace, generatorMw, generatorMvar, 1 / pu.baseMva)
        addPowers(power, lane, storagePlace, storageMw, storageMvar, 1 / pu.baseMva)
        addPowers(power, lane, loadPlace, loadMw, loadMvar, -1 / pu.baseMva)
    }

    function solve(count = laneCount): readonly LaneOutcome[] {
        solutions.clear()
        if (kernel) {
            const { state, iterations, worst } = kernel.arrays
            for (let lane = 0; lane < laneCount; lane++) {
                state[lane] = lane < count ? 0 : 1
                if (lane < count) inject(kernel.arrays, lane)
            }
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
        if (outcome.status === 'converged') solutions.set(lane, newton.v.slice())
    }

    /** input of the solver ← that of the lane */
    function take(lane: number) {
        for (const [name, values] of Object.entries(input[lane])) solver.input[name as keyof LaneInput].set(values)
    }

    function sumVmPu(lane: number): number {
        const own = solutions.get(lane)
        const v = own ?? kernel?.arrays.voltage ?? baseVoltage
        const [first, second, step] = own ? [0, 1, 2] : [lane, lane + laneCount, 2 * laneCount]
        return sumMagnitudes(v, first, second, step)
    }

    function computeResult(lane: number): PowerFlowResult {
        take(lane)
        const voltage = solutions.get(lane) ?? new Float64Array(2 * n)
        if (kernel && !solutions.has(lane)) for (let k = 0; k < 2 * n; k++) voltage[k] = kernel.arrays.voltage[laneCount * k + lane]
        solver.accept(voltage)
        return solver.computeResult()
    }

    return { base, input, solve, sumVmPu, computeResult }
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

function addPowers(power: Float64Array, lane: number, place: Int32Array, p: Float64Array, q: Float64Array, scale: number): void {
    for (let k = 0; k < place.length; k++) {
        const at = place[k] + lane
        if (place[k] < 0) continue
        power[at] += scale * p[k]
        power[at + laneCount] += scale * q[k]
    }
}

function sumMagnitudes(v: Float64Array, first: number, second: number, step: number): number {
    let sum = 0
    for (let k = 0; k < v.length; k += step) {
        const e = v[k + first]
        const f = v[k + second]
        sum += Math.sqrt(e * e + f * f)
    }
    return sum
}

interface LaneArrays {
    readonly power: Float64Array
    readonly voltage: Float64Array
    readonly worst: Float32Array
    readonly iterations: Int32Array
    readonly state: Int32Array
}

/** The kernel with the factor of the case just solved; undefined without WebAssembly. */
function openLanes({ newton }: OpenPowerFlow) {
    const { n, yCol } = newton
    const { upperPtr, upperCol, lowerPtr, lowerCol } = newton.elimination
    computeMismatch(newton)
    const factor = buildChordFactor(newton)
    // 448 bytes a bus for all lanes and 77 once, 20 an admittance, 40 an entry of the factor; each array may end 64 bytes further on
    const kernel = factor && openKernel(lanesCode, 528 * n + 20 * yCol.length + 40 * upperCol.length + 8192)
    if (!kernel) return undefined
    const { float64, float32, int32, uint8 } = kernel.room
    const copy = <T extends Float64Array | Float32Array | Uint8Array>(to: T, from: T) => {
        to.set(from)
        return to
    }
    const columns = (from: Int32Array, scale: number) => {
        const to = int32(from.length)
        for (let k = 0; k < from.length; k++) to[k] = scale * from[k]
        return to
    }
    const arrays: LaneArrays = {
        power: float64(2 * laneCount * n),
        voltage: float64(2 * laneCount * n),
        worst: float32(5 * laneCount),
        iterations: int32(laneCount),
        state: int32(laneCount),
    }
    kernel.set({
        ...arrays,
        n,
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
        basePower: copy(float64(2 * n), factor.power),
        x: float32(2 * laneCount * n),
        last: float32(2 * laneCount * n),
        gap: float32(2 * laneCount * n),
    })
    return { arrays, solve: solveOf(kernel) }
}

const solveOf = ({ call }: Kernel) => call.solve as (tolerance: number, maxIterations: number) => void
