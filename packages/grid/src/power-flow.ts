/**
 * The reusable AC power flow: arrays sized once for a network, inputs changed at will, solved again and again.
 *
 * Branches, generators, loads, storages and shunts are switched by their `…On` flags and transformers by their ratio;
 * the order of elimination covers every branch of the network, in service or not, so nothing is allocated by a solve.
 */
import { buildPattern } from './admittance-pattern.ts'
import { computeBranches, computeFlows, fillAdmittance } from './branch-flow.ts'
import { createFastDecoupled, type FastDecoupled } from './fast-decoupled.ts'
import { createSharing } from './generator-sharing.ts'
import { assignRoles, busRole, declaredType, labelIslands } from './islands.ts'
import type { Network } from './network.ts'
import { computeMismatch, createNewton, iterateNewton, type NewtonArrays, type NewtonOutcome } from './newton.ts'
import { type PerUnit, putBranch, readNetwork } from './per-unit.ts'
import { type PowerFlowInput, type PowerFlowResult, resultOf } from './power-flow-arrays.ts'
import { openNewton } from './wasm-newton.ts'
import { buildPatternQuickly } from './wasm-ordering.ts'

export type Method = 'newton' | 'fast-decoupled'
export interface SolveOptions {
    readonly method?: Method
    /** `case`: voltages of the records; `flat`: 1 p.u. and the slack's angle; `last`: the solution before, flat where there is none */
    readonly start?: 'case' | 'flat' | 'last'
    /** generators at PV buses keep within their reactive limits */
    readonly qLimits?: boolean
    /** largest mismatch, p.u. */
    readonly tolerance?: number
    readonly maxIterations?: number
}

export interface Outcome {
    /** `singular`: a pivot vanished, or nothing holds a voltage anywhere */
    readonly status: 'converged' | 'diverged' | 'singular'
    /** steps of all rounds together */
    readonly iterations: number
    /** largest mismatch left, p.u. */
    readonly mismatchPu: number
    /** id of the bus with the largest mismatch or the vanished pivot, unless converged */
    readonly worstBus?: number
    /** ids of buses left at a reactive limit on the wrong side of their set point, having turned too often; absent where none */
    readonly unsettled?: readonly number[]
}

export interface PowerFlowSolver {
    readonly input: PowerFlowInput
    readonly result: PowerFlowResult
    /** Finds the voltages for `input`. */
    solve(options?: SolveOptions): Outcome
    /** Fills `result` from the voltages of the last solve; leaves it as it was when that did not converge. */
    computeResult(): PowerFlowResult
    /** ids of the buses that hold voltage and angle, one or more per island with supply */
    slackBuses(): number[]
}

export interface SolverOptions {
    /** iterations in WebAssembly where the platform has it; the answers differ in rounding only */
    readonly webAssembly?: boolean
}

export function createPowerFlow(network: Network, options: SolverOptions = {}): PowerFlowSolver {
    return createOpenPowerFlow(network, options)
}

/** A power flow whose work arrays are open to other solvers of the package. */
export interface OpenPowerFlow extends PowerFlowSolver {
    readonly pu: PerUnit
    readonly newton: NewtonArrays
    /** Takes v, in order of elimination, for the solution for `input`. */
    accept(v: Float64Array): void
}

export function createOpenPowerFlow(network: Network, { webAssembly = true }: SolverOptions = {}): OpenPowerFlow {
    const { pu, input, branchData } = readNetwork(network)
    const { nBus, nBranch, baseMva } = pu
    const newton = webAssembly ? openNewton(buildPatternQuickly(nBus, pu.from, pu.to)) : createNewton(buildPattern(nBus, pu.from, pu.to))
    newton.branchY.set(branchData)
    computeBranches(newton)
    const { carries, branchY } = newton
    const { order, position } = newton.elimination
    const result = resultOf(network)
    const last = {
        branchOn: new Uint8Array(nBranch).fill(255),
        branchRatio: input.branchRatio.slice(),
        branchShiftDeg: input.branchShiftDeg.slice(),
        shuntOn: new Uint8Array(network.shunt.length),
        shuntMvar: new Float64Array(network.shunt.length),
        generatorOn: new Uint8Array(network.generator.length).fill(255),
    }
    const label = new Int32Array(nBus)
    const leftOut = new Uint8Array(nBus)
    for (let i = 0; i < nBus; i++) if (pu.type[i] === declaredType.isolated) leftOut[i] = 1
    const someLeftOut = leftOut.includes(1)
    const slackOf = new Int32Array(nBus)
    const hasGenerator = new Uint8Array(nBus)
    const role = new Uint8Array(nBus)
    const energised = new Uint8Array(nBus)
    const vSet = new Float64Array(nBus)
    let turn = new Float64Array(0)
    // cosine and sine of the records' angles, see `findUnit`
    const startUnit = new Float64Array(2 * nBus)
    // angle near which a result's angle is given, so that it does not jump by a turn
    const angleNear = pu.va.slice()
    // injection of loads and storages, in order of elimination
    const other = { p: new Float64Array(nBus), q: new Float64Array(nBus) }
    const sharing = createSharing(network, pu, newton, input, other, vSet)
    const outcome: NewtonOutcome = { status: 'diverged', iterations: 0, mismatch: Number.NaN, bus: -1 }
    let solved = false
    let islands = 0
    let decoupled: FastDecoupled | undefined

    /** brings admittances, islands and roles up to date with the switches */
    function refresh() {
        const switched = !sameBytes(input.branchOn, last.branchOn)
        const tapped = !sameNumbers(input.branchRatio, last.branchRatio) || !sameNumbers(input.branchShiftDeg, last.branchShiftDeg)
        const shunted = !sameBytes(input.shuntOn, last.shuntOn) || !sameNumbers(input.shuntMvar, last.shuntMvar)
        if (switched || tapped || shunted) {
            if (tapped) {
                for (let k = 0; k < nBranch; k++)
                    putBranch(network.branch[k], input.branchRatio[k], (input.branchShiftDeg[k] * Math.PI) / 180, branchY, k)
                computeBranches(newton)
            }
            // in service and at no isolated bus
            carries.set(input.branchOn)
            for (let k = 0; k < nBranch && someLeftOut; k++) if (leftOut[pu.from[k]] === 1 || leftOut[pu.to[k]] === 1) carries[k] = 0
            fillAdmittance(newton, pu, network, input.shuntOn, input.shuntMvar)
            last.branchRatio.set(input.branchRatio)
            last.branchShiftDeg.set(input.branchShiftDeg)
            last.shuntOn.set(input.shuntOn)
            last.shuntMvar.set(input.shuntMvar)
            decoupled = undefined
        }
        if (switched || !sameBytes(input.generatorOn, last.generatorOn)) {
            islands = labelIslands(pu.from, pu.to, input.branchOn, leftOut, label)
            hasGenerator.fill(0)
            input.generatorOn.forEach((on, g) => {
                if (on === 1) hasGenerator[pu.busOfGenerator[g]] = 1
            })
            assignRoles(pu.type, hasGenerator, label, islands, role, energised, slackOf)
            last.branchOn.set(input.branchOn)
            last.generatorOn.set(input.generatorOn)
        }
        for (let i = 0; i < nBus; i++) newton.role[position[i]] = role[i]
    }

    /** specified injections and voltages */
    function inject() {
        const { p, q } = newton
        p.fill(0)
        q.fill(0)
        for (let d = 0; d < input.loadOn.length; d++) {
            if (input.loadOn[d] === 0) continue
            const i = position[pu.busOfLoad[d]]
            p[i] -= input.loadMw[d] / baseMva
            q[i] -= input.loadMvar[d] / baseMva
        }
        for (let s = 0; s < input.storageOn.length; s++) {
            if (input.storageOn[s] === 0) continue
            const i = position[pu.busOfStorage[s]]
            p[i] += input.storageMw[s] / baseMva
            q[i] += input.storageMvar[s] / baseMva
        }
        other.p.set(p)
        other.q.set(q)
        for (let g = 0; g < input.generatorOn.length; g++) {
            if (input.generatorOn[g] === 0) continue
            const bus = pu.busOfGenerator[g]
            const i = position[bus]
            p[i] += input.generatorMw[g] / baseMva
            q[i] += input.generatorMvar[g] / baseMva
            vSet[bus] = input.generatorVPu[g]
        }
        sharing.reset()
    }

    /** startUnit of bus i, once it is asked for; returns 2i */
    function findUnit(i: number): number {
        const k = 2 * i
        if (startUnit[k] === 0 && startUnit[k + 1] === 0) {
            startUnit[k] = Math.cos(pu.va[i])
            startUnit[k + 1] = Math.sin(pu.va[i])
        }
        return k
    }

    /** turn[island] ← rotation that brings its first slack from the angle of the last solution to that of the records */
    function turnIslands() {
        const { v } = newton
        if (turn.length < 2 * islands) turn = new Float64Array(2 * islands)
        for (let island = 0; island < islands; island++) {
            const slack = slackOf[island]
            turn[2 * island] = 1
            turn[2 * island + 1] = 0
            if (slack < 0) continue
            const e = v[2 * position[slack]]
            const f = v[2 * position[slack] + 1]
            const size = Math.sqrt(e * e + f * f)
            if (size === 0) continue
            const at = findUnit(slack)
            const c = startUnit[at]
            const s = startUnit[at + 1]
            turn[2 * island] = (c * e + s * f) / size
            turn[2 * island + 1] = (s * e - c * f) / size
        }
    }

    function start(kind: 'case' | 'flat' | 'last') {
        const { v } = newton
        const again = kind === 'last' && solved
        if (again) turnIslands()
        for (let i = 0; i < nBus; i++) {
            const k = 2 * position[i]
            const e = v[k]
            const f = v[k + 1]
            if (energised[i] === 0) {
                v[k] = 0
                v[k + 1] = 0
            } else if (again && (e !== 0 || f !== 0) && role[i] !== busRole.fixed) {
                const scale = role[i] === busRole.pv ? vSet[i] / Math.sqrt(e * e + f * f) : 1
                const c = turn[2 * label[i]] * scale
                const s = turn[2 * label[i] + 1] * scale
                v[k] = e * c - f * s
                v[k + 1] = f * c + e * s
            } else {
                // a slack bus keeps the angle of the records
                const angle = kind === 'case' || role[i] === busRole.fixed ? i : slackOf[label[i]]
                const vm = role[i] !== busRole.pq ? vSet[i] : kind === 'case' ? pu.vm[i] : 1
                const at = findUnit(angle)
                angleNear[i] = pu.va[angle]
                v[k] = vm * startUnit[at]
                v[k + 1] = vm * startUnit[at + 1]
            }
        }
    }

    function iterate(options: SolveOptions) {
        const { method = 'newton', tolerance = 1e-8, maxIterations = method === 'newton' ? 30 : 100 } = options
        if (method === 'newton') return iterateNewton(newton, tolerance, maxIterations, outcome)
        decoupled ??= createFastDecoupled(newton, network, pu, input, carries)
        return decoupled.iterate(tolerance, maxIterations, outcome)
    }

    function solve(options: SolveOptions = {}): Outcome {
        refresh()
        inject()
        start(options.start ?? 'case')
        solved = false
        if (!energised.includes(1)) return { status: 'singular', iterations: 0, mismatchPu: Number.NaN }
        iterate(options)
        let iterations = outcome.iterations
        while (options.qLimits === true && outcome.status === 'converged' && sharing.settle()) {
            iterate(options)
            iterations += outcome.iterations
        }
        solved = outcome.status === 'converged'
        const { status, mismatch } = outcome
        if (status === 'converged') {
            const stuck = options.qLimits === true ? sharing.stuck() : []
            const unsettled = stuck.length > 0 ? { unsettled: stuck.map((i) => network.bus[order[i]].id) } : {}
            return { status, iterations, mismatchPu: mismatch, ...unsettled }
        }
        const worst = outcome.bus >= 0 ? outcome.bus : worstOf(newton)
        return { status, iterations, mismatchPu: mismatch, worstBus: network.bus[order[worst]].id }
    }

    function accept(v: Float64Array) {
        refresh()
        inject()
        newton.v.set(v)
        solved = true
    }

    function computeResult(): PowerFlowResult {
        if (!solved) return result
        const { v } = newton
        result.energised.set(energised)
        computeMismatch(newton)
        for (let i = 0; i < nBus; i++) {
            const k = 2 * position[i]
            const on = energised[i] === 1
            result.vmPu[i] = on ? Math.sqrt(v[k] * v[k] + v[k + 1] * v[k + 1]) : 0
            if (on) {
                const angle = Math.atan2(v[k + 1], v[k])
                angleNear[i] = angle + 2 * Math.PI * Math.round((angleNear[i] - angle) / (2 * Math.PI))
            }
            result.vaDeg[i] = on ? (angleNear[i] * 180) / Math.PI : 0
        }
        computeFlows(network, pu, newton, result)
        sharing.computeGenerators(result)
        return result
    }

    const slackBuses = () => network.bus.filter((_, i) => energised[i] === 1 && role[i] === busRole.fixed).map((b) => b.id)
    return { input, result, solve, computeResult, slackBuses, pu, newton, accept }
}

function worstOf(a: NewtonArrays): number {
    let worst = 0
    let at = 0
    for (let k = 0; k < 2 * a.n; k++) {
        const size = Math.abs(a.mismatch[k])
        if (Number.isNaN(size)) return k >> 1
        if (size > worst) {
            worst = size
            at = k >> 1
        }
    }
    return at
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
    for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false
    return true
}
function sameNumbers(a: Float64Array, b: Float64Array): boolean {
    for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false
    return true
}
