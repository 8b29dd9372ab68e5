/**
 * The reusable AC power flow: arrays sized once for a network, inputs changed at will, solved again and again.
 *
 * Branches, generators, loads, storages and shunts are switched by their `…On` flags and transformers by their ratio;
 * the order of elimination covers every branch of the network, in service or not, so nothing is allocated by a solve.
 */
import { createFastDecoupled, type FastDecoupled } from './fast-decoupled.ts'
import { createSharing } from './generator-sharing.ts'
import { assignRoles, busRole, labelIslands } from './islands.ts'
import type { Network } from './network.ts'
import { computeMismatch, createNewton, iterateNewton, type NewtonArrays, type NewtonOutcome } from './newton.ts'
import { branchAdmittance, type PerUnit, toPerUnit } from './per-unit.ts'

/** What may change between solves, rows in the network's order; starts as the network says. */
export interface PowerFlowInput {
    /** active power drawn, MW */
    readonly loadMw: Float64Array
    /** reactive power drawn, Mvar */
    readonly loadMvar: Float64Array
    /** 1 connected, 0 not; likewise below */
    readonly loadOn: Uint8Array
    readonly shuntOn: Uint8Array
    /** active power given, MW; at a slack bus the first generator takes the rest */
    readonly generatorMw: Float64Array
    /** reactive power given, Mvar; counts at PQ buses only */
    readonly generatorMvar: Float64Array
    /** voltage held at its bus, p.u.; the last generator in service at a bus decides */
    readonly generatorVPu: Float64Array
    readonly generatorOn: Uint8Array
    /** active power, MW, discharge positive */
    readonly storageMw: Float64Array
    readonly storageMvar: Float64Array
    readonly storageOn: Uint8Array
    readonly branchOn: Uint8Array
    /** off-nominal turns ratio from/to */
    readonly branchRatio: Float64Array
    /** phase shift, degrees, positive delays the to side */
    readonly branchShiftDeg: Float64Array
}

/** The solution, rows in the network's order; written by `computeResult`. */
export interface PowerFlowResult {
    /** voltage magnitude, p.u.; 0 at a bus without supply */
    readonly vmPu: Float64Array
    /** voltage angle, degrees; 0 at a bus without supply */
    readonly vaDeg: Float64Array
    /** 1 where the bus has supply */
    readonly energised: Uint8Array
    /** power into the branch at its two sides, MW and Mvar; 0 out of service */
    readonly pFromMw: Float64Array
    readonly qFromMvar: Float64Array
    readonly pToMw: Float64Array
    readonly qToMvar: Float64Array
    /** greater apparent power of both sides over `rateMva`, percent; 0 without a rating */
    readonly loadingPercent: Float64Array
    /** power given by generators, MW and Mvar; 0 out of service or without supply */
    readonly generatorMw: Float64Array
    readonly generatorMvar: Float64Array
    /** −1 held at its least reactive power, 1 at its most, 0 free */
    readonly generatorAtLimit: Int8Array
    /** active power lost in branches, MW */
    lossesMw: number
}

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
}

export interface PowerFlowSolver {
    readonly input: PowerFlowInput
    readonly result: PowerFlowResult
    /** Finds the voltages for `input`. */
    solve(options?: SolveOptions): Outcome
    /** Fills `result` from the voltages of the last solve. */
    computeResult(): PowerFlowResult
    /** ids of the buses that hold voltage and angle, one or more per island with supply */
    slackBuses(): number[]
}

export function createPowerFlow(network: Network): PowerFlowSolver {
    const pu = toPerUnit(network)
    const { nBus, nBranch, baseMva } = pu
    const newton = createNewton(nBus, pu.from, pu.to)
    const { order, position } = newton.elimination
    const input = inputOf(network)
    const result = resultOf(network)
    const last = {
        branchOn: new Uint8Array(nBranch).fill(255),
        branchRatio: new Float64Array(nBranch),
        branchShiftDeg: new Float64Array(nBranch),
        shuntOn: new Uint8Array(network.shunt.length),
        generatorOn: new Uint8Array(network.generator.length).fill(255),
    }
    const admittance = new Float64Array(8 * nBranch)
    // in service and at no isolated bus
    const carries = new Uint8Array(nBranch)
    const label = new Int32Array(nBus)
    const leftOut = pu.type.map((t) => (t === 3 ? 1 : 0))
    const slackOf = new Int32Array(nBus)
    const hasGenerator = new Uint8Array(nBus)
    const role = new Uint8Array(nBus)
    const energised = result.energised
    const vSet = new Float64Array(nBus)
    const startUnit = new Float64Array(2 * nBus)
    for (let i = 0; i < nBus; i++) {
        startUnit[2 * i] = Math.cos(pu.va[i])
        startUnit[2 * i + 1] = Math.sin(pu.va[i])
    }
    // angle near which a result's angle is given, so that it does not jump by a turn
    const angleNear = pu.va.slice()
    // injection of loads and storages, in order of elimination
    const other = { p: new Float64Array(nBus), q: new Float64Array(nBus) }
    const sharing = createSharing(network, pu, newton, input, other)
    const outcome: NewtonOutcome = { status: 'diverged', iterations: 0, mismatch: Number.NaN, bus: -1 }
    let solvedOnce = false
    let live = 0
    let decoupled: FastDecoupled | undefined

    /** brings admittances, islands and roles up to date with the switches */
    function refresh() {
        const switched = !sameBytes(input.branchOn, last.branchOn)
        const tapped = !sameNumbers(input.branchRatio, last.branchRatio) || !sameNumbers(input.branchShiftDeg, last.branchShiftDeg)
        if (switched || tapped || !sameBytes(input.shuntOn, last.shuntOn)) {
            network.branch.forEach((k, index) => {
                branchAdmittance(k, input.branchRatio[index], (input.branchShiftDeg[index] * Math.PI) / 180, admittance, index)
            })
            for (let k = 0; k < nBranch; k++) carries[k] = leftOut[pu.from[k]] === 1 || leftOut[pu.to[k]] === 1 ? 0 : input.branchOn[k]
            fillAdmittance(newton, newton.slot, pu, network, admittance, carries, input.shuntOn)
            last.branchRatio.set(input.branchRatio)
            last.branchShiftDeg.set(input.branchShiftDeg)
            last.shuntOn.set(input.shuntOn)
            decoupled = undefined
        }
        if (switched || !sameBytes(input.generatorOn, last.generatorOn)) {
            live = labelIslands(pu.from, pu.to, input.branchOn, leftOut, label)
            hasGenerator.fill(0)
            input.generatorOn.forEach((on, g) => {
                if (on === 1) hasGenerator[pu.busOfGenerator[g]] = 1
            })
            assignRoles(pu.type, hasGenerator, label, live, role, energised, slackOf)
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

    function start(kind: 'case' | 'flat' | 'last') {
        const { v } = newton
        for (let i = 0; i < nBus; i++) {
            const k = 2 * position[i]
            if (energised[i] === 0) {
                v[k] = 0
                v[k + 1] = 0
                continue
            }
            const held = role[i] !== busRole.pq
            const size = Math.hypot(v[k], v[k + 1])
            if (kind === 'last' && solvedOnce && size > 0) {
                if (!held) continue
                // a slack bus keeps the angle of the records
                const from = role[i] === busRole.fixed ? startUnit : v
                const at = role[i] === busRole.fixed ? 2 * i : k
                const scale = vSet[i] / Math.hypot(from[at], from[at + 1])
                v[k] = from[at] * scale
                v[k + 1] = from[at + 1] * scale
                continue
            }
            const angle = kind === 'case' || role[i] === busRole.fixed ? i : slackOf[label[i]]
            const vm = held ? vSet[i] : kind === 'case' ? pu.vm[i] : 1
            angleNear[i] = pu.va[angle]
            v[k] = vm * startUnit[2 * angle]
            v[k + 1] = vm * startUnit[2 * angle + 1]
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
        solvedOnce = false
        if (!energised.includes(1)) return { status: 'singular', iterations: 0, mismatchPu: Number.NaN }
        iterate(options)
        let iterations = outcome.iterations
        while (options.qLimits === true && outcome.status === 'converged' && sharing.bind()) {
            iterate(options)
            iterations += outcome.iterations
        }
        solvedOnce = outcome.status === 'converged'
        const { status, mismatch } = outcome
        if (status === 'converged') return { status, iterations, mismatchPu: mismatch }
        const worst = outcome.bus >= 0 ? outcome.bus : worstOf(newton)
        return { status, iterations, mismatchPu: mismatch, worstBus: network.bus[order[worst]].id }
    }

    function computeResult(): PowerFlowResult {
        const { v } = newton
        computeMismatch(newton)
        const turn = 2 * Math.PI
        for (let i = 0; i < nBus; i++) {
            const k = 2 * position[i]
            const on = energised[i] === 1
            result.vmPu[i] = on ? Math.sqrt(v[k] * v[k] + v[k + 1] * v[k + 1]) : 0
            if (on) {
                const angle = Math.atan2(v[k + 1], v[k])
                angleNear[i] = angle + turn * Math.round((angleNear[i] - angle) / turn)
            }
            result.vaDeg[i] = on ? (angleNear[i] * 180) / Math.PI : 0
        }
        computeFlows(network, pu, admittance, carries, newton, result)
        sharing.computeGenerators(result)
        return result
    }

    const slackBuses = () => network.bus.filter((_, i) => energised[i] === 1 && role[i] === busRole.fixed).map((b) => b.id)
    return { input, result, solve, computeResult, slackBuses }
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

function inputOf(network: Network): PowerFlowInput {
    const { load, shunt, generator, storage, branch } = network
    const on = (rows: readonly { inService: boolean }[]) => Uint8Array.from(rows, (row) => (row.inService ? 1 : 0))
    return {
        loadMw: Float64Array.from(load, (d) => d.pMw),
        loadMvar: Float64Array.from(load, (d) => d.qMvar),
        loadOn: on(load),
        shuntOn: on(shunt),
        generatorMw: Float64Array.from(generator, (g) => g.pMw),
        generatorMvar: Float64Array.from(generator, (g) => g.qMvar),
        generatorVPu: Float64Array.from(generator, (g) => g.vSetPu),
        generatorOn: on(generator),
        storageMw: Float64Array.from(storage, (s) => s.pMw),
        storageMvar: Float64Array.from(storage, (s) => s.qMvar),
        storageOn: on(storage),
        branchOn: on(branch),
        branchRatio: Float64Array.from(branch, (k) => k.ratio),
        branchShiftDeg: Float64Array.from(branch, (k) => k.shiftDeg),
    }
}

function resultOf(network: Network): PowerFlowResult {
    const { bus, branch, generator } = network
    const numbers = (rows: readonly unknown[]) => new Float64Array(rows.length)
    return {
        vmPu: numbers(bus),
        vaDeg: numbers(bus),
        energised: new Uint8Array(bus.length),
        pFromMw: numbers(branch),
        qFromMvar: numbers(branch),
        pToMw: numbers(branch),
        qToMvar: numbers(branch),
        loadingPercent: numbers(branch),
        generatorMw: numbers(generator),
        generatorMvar: numbers(generator),
        generatorAtLimit: new Int8Array(generator.length),
        lossesMw: 0,
    }
}

/** y and yDiagonal ← admittances of the branches and shunts in service. */
function fillAdmittance(
    a: NewtonArrays,
    slot: Int32Array,
    pu: PerUnit,
    network: Network,
    admittance: Float64Array,
    carries: Uint8Array,
    shuntOn: Uint8Array,
): void {
    const { y, yDiagonal } = a
    const { position } = a.elimination
    y.fill(0)
    yDiagonal.fill(0)
    for (let k = 0; k < pu.nBranch; k++) {
        if (carries[k] === 0) continue
        const o = 8 * k
        const f = 2 * position[pu.from[k]]
        const t = 2 * position[pu.to[k]]
        yDiagonal[f] += admittance[o]
        yDiagonal[f + 1] += admittance[o + 1]
        yDiagonal[t] += admittance[o + 6]
        yDiagonal[t + 1] += admittance[o + 7]
        const ft = slot[2 * k]
        if (ft < 0) {
            // a branch from a bus to itself
            yDiagonal[f] += admittance[o + 2] + admittance[o + 4]
            yDiagonal[f + 1] += admittance[o + 3] + admittance[o + 5]
            continue
        }
        const tf = slot[2 * k + 1]
        y[2 * ft] += admittance[o + 2]
        y[2 * ft + 1] += admittance[o + 3]
        y[2 * tf] += admittance[o + 4]
        y[2 * tf + 1] += admittance[o + 5]
    }
    network.shunt.forEach((s, index) => {
        if (shuntOn[index] === 0) return
        const i = 2 * position[pu.busOfShunt[index]]
        yDiagonal[i] += s.gMw / pu.baseMva
        yDiagonal[i + 1] += s.bMvar / pu.baseMva
    })
}

/** Flows, loadings and losses of `result` ← those of the voltages. */
function computeFlows(
    network: Network,
    pu: PerUnit,
    admittance: Float64Array,
    carries: Uint8Array,
    a: NewtonArrays,
    result: PowerFlowResult,
): void {
    const { v } = a
    const { position } = a.elimination
    const { pFromMw, qFromMvar, pToMw, qToMvar, loadingPercent } = result
    const base = pu.baseMva
    let losses = 0
    for (let k = 0; k < pu.nBranch; k++) {
        if (carries[k] === 0 || result.energised[pu.from[k]] === 0) {
            pFromMw[k] = 0
            qFromMvar[k] = 0
            pToMw[k] = 0
            qToMvar[k] = 0
            loadingPercent[k] = 0
            continue
        }
        const f = 2 * position[pu.from[k]]
        const t = 2 * position[pu.to[k]]
        const o = 8 * k
        const ef = v[f]
        const ff = v[f + 1]
        const et = v[t]
        const ft = v[t + 1]
        const fromRe = admittance[o] * ef - admittance[o + 1] * ff + admittance[o + 2] * et - admittance[o + 3] * ft
        const fromIm = admittance[o] * ff + admittance[o + 1] * ef + admittance[o + 2] * ft + admittance[o + 3] * et
        const toRe = admittance[o + 4] * ef - admittance[o + 5] * ff + admittance[o + 6] * et - admittance[o + 7] * ft
        const toIm = admittance[o + 4] * ff + admittance[o + 5] * ef + admittance[o + 6] * ft + admittance[o + 7] * et
        pFromMw[k] = (ef * fromRe + ff * fromIm) * base
        qFromMvar[k] = (ff * fromRe - ef * fromIm) * base
        pToMw[k] = (et * toRe + ft * toIm) * base
        qToMvar[k] = (ft * toRe - et * toIm) * base
        losses += pFromMw[k] + pToMw[k]
        const rate = network.branch[k].rateMva
        const fromMva = Math.sqrt(pFromMw[k] ** 2 + qFromMvar[k] ** 2)
        const toMva = Math.sqrt(pToMw[k] ** 2 + qToMvar[k] ** 2)
        loadingPercent[k] = rate > 0 ? (100 * Math.max(fromMva, toMva)) / rate : 0
    }
    result.lossesMw = losses
}
