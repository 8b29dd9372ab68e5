/**
 * Security analysis: the AC power flow after every outage of a list, each from the solution of the base case and each
 * to the tolerance (1e-8 p.u.). One solver holds the order of elimination for all of them: an outage only switches.
 *
 * An outage can leave buses without the slack that held them. A bus stays supplied while it is joined to a slack bus
 * of its island in the base case; where these are themselves out, to the bus that takes over (rule PF4). What is not
 * is lost, even where a generator lies there: nobody has shown that it could run alone. Such an outage is `islanding`:
 * its row says what is lost, and what remains is solved all the same, so that an overload there is not overlooked.
 * Single branches are looked up among the bridges, found once; other outages label their islands.
 */
import { solveBase } from './base-case.ts'
import { findBridges } from './bridges.ts'
import { type Outage, singleOutages } from './contingency-outage.ts'
import { createScreening, type Screening } from './contingency-screening.ts'
import { assignRoles, busRole, labelIslands } from './islands.ts'
import type { Network } from './network.ts'
import { toPerUnit } from './per-unit.ts'
import { createPowerFlow, type Outcome, type PowerFlowSolver } from './power-flow.ts'
import type { PowerFlowResult } from './power-flow-arrays.ts'

/** Voltages at a limit to this are within it, p.u.: machines are often set to hold the limit itself. */
const voltageSlack = 1e-6

export interface ContingencyOptions {
    /** what goes out; every branch in service, one at a time, where absent */
    readonly list?: readonly Outage[]
    /** generators at PV buses keep within their reactive limits; the slack is exempt */
    readonly qLimits?: boolean
    /** largest mismatch, p.u. */
    readonly tolerance?: number
    readonly maxIterations?: number
    /**
     * Outages of one branch whose greatest loading by DC factors is below this, percent, are not solved: they are
     * `screened`, with the loading predicted and without voltages. Absent: every outage is solved.
     */
    readonly screenPercent?: number
}

export interface LoadingViolation {
    /** row of the branch, from 0 */
    readonly branch: number
    /** above 100 */
    readonly loadingPercent: number
}
export interface VoltageViolation {
    /** id of the bus */
    readonly bus: number
    readonly vmPu: number
    /** the limit it is beyond, p.u. */
    readonly limitPu: number
}

/** What the solved network shows; null where it was not solved, or no branch has a rating. */
export interface SecurityFigures {
    readonly worstLoadingPercent: number | null
    /** row of that branch, from 0 */
    readonly worstBranch: number | null
    /** branches above their rating, in the network's order */
    readonly violations: readonly LoadingViolation[]
    /** buses with supply beyond their limits, in the network's order */
    readonly voltageViolations: readonly VoltageViolation[]
    readonly vmMinPu: number | null
    /** id of that bus */
    readonly vmMinBus: number | null
    readonly vmMaxPu: number | null
    readonly vmMaxBus: number | null
    /** active power lost in branches, MW */
    readonly lossesMw: number | null
}

export interface BaseRow extends SecurityFigures, Outcome {}

export interface OutageRow extends SecurityFigures {
    /** row of the branch where one branch alone goes out, else null */
    readonly branch: number | null
    /** what goes out, where it is not one branch alone */
    readonly outage?: Outage
    /** `islanding`: some buses lose their supply; `screened`: not solved, the loading is a prediction */
    readonly status: 'converged' | 'diverged' | 'islanding' | 'screened'
    readonly iterations: number
    /** largest mismatch left, p.u.; null unless solved */
    readonly mismatchPu: number | null
    /** id of the bus with the largest mismatch or the vanished pivot, where not converged */
    readonly worstBus?: number
    /** `islanding`: how the power flow of what remains ended */
    readonly remainder?: 'converged' | 'diverged' | 'singular'
    /** ids of buses that lose their supply, without those that go out themselves */
    readonly lostBuses?: readonly number[]
    /** loads and generators in service there, MW */
    readonly lostLoadMw?: number
    readonly lostGenerationMw?: number
}

export interface ContingencyAnalysis {
    readonly base: BaseRow
    /** in the order of the list; empty where the base case has no solution */
    readonly outages: readonly OutageRow[]
}

export interface ContingencySolver {
    readonly base: BaseRow
    readonly list: readonly Outage[]
    /** Solves outage `at` of the list; the order of calls does not matter. Throws where the base case has no solution. */
    solve(at: number): OutageRow
    /** Voltages, flows and powers after the outage solved last, while what remains converged. */
    readonly result: PowerFlowResult
}

/** Solves every outage of the list. */
export function analyseContingencies(network: Network, options: ContingencyOptions = {}): ContingencyAnalysis {
    const solver = createContingencies(network, options)
    if (solver.base.status !== 'converged') return { base: solver.base, outages: [] }
    return { base: solver.base, outages: solver.list.map((_, at) => solver.solve(at)) }
}

/** Solves the base case and prepares for outages, one call each: for progress, for stopping, for threads. */
export function createContingencies(network: Network, options: ContingencyOptions = {}): ContingencySolver {
    const { list = singleOutages(network), screenPercent, qLimits = false, ...limits } = options
    const settings = { qLimits, ...limits }
    const { outcome, solver: baseSolver, started } = solveBase(network, settings)
    const converged = outcome.status === 'converged'
    const figures = createFigures(network)
    const base = { ...outcome, ...(converged ? figures(baseSolver.result) : noFigures) }
    const solver = createPowerFlow(started)
    const switches = createSwitches(network, solver)
    const screening = converged && screenPercent !== undefined ? createScreening(network, baseSolver.result) : undefined

    function solve(at: number): OutageRow {
        const outage = list[at]
        if (!converged) throw new Error(`The base case ${outcome.status}: there is nothing to start outage ${at} from.`)
        const branch = singleBranch(outage)
        const row = { branch, ...(branch === null || outage.name !== undefined ? { outage } : {}) }
        const lost = switches.apply(outage)
        const predicted = lost.buses.length === 0 && branch !== null ? screen(screening, screenPercent, branch) : undefined
        if (predicted) {
            switches.restore()
            return { ...row, status: 'screened', iterations: 0, mismatchPu: null, ...noFigures, ...predicted }
        }
        const { status, iterations, mismatchPu, worstBus } = solver.solve({ start: 'case', ...settings })
        const shown = status === 'converged' ? figures(solver.computeResult()) : noFigures
        switches.restore()
        const solved = { iterations, mismatchPu, ...(worstBus === undefined ? {} : { worstBus }), ...shown }
        if (lost.buses.length === 0) return { ...row, status: status === 'converged' ? 'converged' : 'diverged', ...solved }
        return {
            ...row,
            status: 'islanding',
            ...solved,
            remainder: status,
            lostBuses: lost.buses,
            lostLoadMw: lost.loadMw,
            lostGenerationMw: lost.generationMw,
        }
    }

    return { base, list, solve, result: solver.result }
}

function singleBranch(outage: Outage): number | null {
    const { branches = [], generators = [], buses = [] } = outage
    return branches.length === 1 && generators.length === 0 && buses.length === 0 ? branches[0] : null
}

function screen(screening: Screening | undefined, limit: number | undefined, branch: number) {
    const predicted = screening?.(branch)
    return predicted && predicted.worstLoadingPercent < limit! ? predicted : undefined
}

interface Lost {
    readonly buses: readonly number[]
    readonly loadMw: number
    readonly generationMw: number
}
const nothingLost: Lost = { buses: [], loadMw: 0, generationMw: 0 }

/** Switches elements of an outage in the solver's input, with everything that loses its supply, and back again. */
function createSwitches(network: Network, solver: PowerFlowSolver) {
    const pu = toPerUnit(network)
    const { input } = solver
    const { nBus, from, to, busOfGenerator, busOfLoad, busOfShunt, busOfStorage } = pu
    const before = {
        branch: input.branchOn.slice(),
        generator: input.generatorOn.slice(),
        load: input.loadOn.slice(),
        shunt: input.shuntOn.slice(),
        storage: input.storageOn.slice(),
    }
    const leftOut = pu.type.map((t) => (t === 3 ? 1 : 0))
    const label = new Int32Array(nBus)
    const role = new Uint8Array(nBus)
    const alive = new Uint8Array(nBus)
    const hasGenerator = new Uint8Array(nBus)
    /** label, role and alive ← those of the switches as they are; returns the first slack of every island, −1 if dead */
    const labelNow = () => {
        hasGenerator.fill(0)
        input.generatorOn.forEach((on, g) => {
            if (on === 1) hasGenerator[busOfGenerator[g]] = 1
        })
        const islands = labelIslands(from, to, input.branchOn, leftOut, label)
        const slackOf = new Int32Array(islands)
        assignRoles(pu.type, hasGenerator, label, islands, role, alive, slackOf)
        return slackOf
    }
    labelNow()
    const island = label.slice()
    const held = alive.slice()
    const holds = role.map((r, i) => (r === busRole.fixed && alive[i] === 1 ? 1 : 0))
    const carries = input.branchOn.map((on, k) => (on === 1 && held[from[k]] === 1 && held[to[k]] === 1 ? 1 : 0))
    const bridge = findBridges(nBus, from, to, carries)

    function apply(outage: Outage): Lost {
        const { branches = [], generators = [], buses = [] } = outage
        for (const k of branches) input.branchOn[k] = 0
        for (const g of generators) input.generatorOn[g] = 0
        const out = new Uint8Array(nBus)
        for (const id of buses) out[pu.busAt.get(id)!] = 1
        if (buses.length > 0) {
            for (let k = 0; k < from.length; k++) if (out[from[k]] === 1 || out[to[k]] === 1) input.branchOn[k] = 0
            switchOff(out)
        }
        // a branch outside every ring, or more than one element: only then can a bus lose its supply
        const single = singleBranch(outage)
        return single !== null && bridge[single] === 0 ? nothingLost : findLost(out)
    }

    function switchOff(at: Uint8Array) {
        busOfGenerator.forEach((i, g) => {
            if (at[i] === 1) input.generatorOn[g] = 0
        })
        busOfLoad.forEach((i, d) => {
            if (at[i] === 1) input.loadOn[d] = 0
        })
        busOfShunt.forEach((i, s) => {
            if (at[i] === 1) input.shuntOn[s] = 0
        })
        busOfStorage.forEach((i, s) => {
            if (at[i] === 1) input.storageOn[s] = 0
        })
    }

    /** What had supply and has no more, buses of `out` aside; generators there are switched off, so that it is dead. */
    function findLost(out: Uint8Array): Lost {
        const slackOf = labelNow()
        // parts with a slack of the base case keep it; where an island has none left, its largest part with a source goes on
        const keeps = new Uint8Array(slackOf.length)
        const size = new Int32Array(slackOf.length)
        const largest = new Int32Array(nBus + 1).fill(-1)
        const settled = new Uint8Array(nBus + 1)
        for (let i = 0; i < nBus; i++) {
            if (label[i] < 0 || alive[i] === 0) continue
            size[label[i]]++
            if (holds[i] === 0 || role[i] !== busRole.fixed) continue
            keeps[label[i]] = 1
            settled[island[i]] = 1
        }
        slackOf.forEach((slack, part) => {
            const before = largest[island[slack]]
            if (slack >= 0 && (before < 0 || size[part] > size[before])) largest[island[slack]] = part
        })
        largest.forEach((part, i) => {
            if (part >= 0 && settled[i] === 0) keeps[part] = 1
        })
        const lost = new Uint8Array(nBus)
        for (let i = 0; i < nBus; i++) if (held[i] === 1 && out[i] === 0 && keeps[label[i]] === 0) lost[i] = 1
        if (!lost.includes(1)) return nothingLost
        let loadMw = 0
        busOfLoad.forEach((i, d) => {
            if (lost[i] === 1 && input.loadOn[d] === 1) loadMw += input.loadMw[d]
        })
        let generationMw = 0
        busOfGenerator.forEach((i, g) => {
            if (lost[i] === 0) return
            if (input.generatorOn[g] === 1) generationMw += input.generatorMw[g]
            input.generatorOn[g] = 0
        })
        return { buses: network.bus.filter((_, i) => lost[i] === 1).map((row) => row.id), loadMw, generationMw }
    }

    function restore() {
        input.branchOn.set(before.branch)
        input.generatorOn.set(before.generator)
        input.loadOn.set(before.load)
        input.shuntOn.set(before.shunt)
        input.storageOn.set(before.storage)
    }

    return { apply, restore }
}

const noFigures: SecurityFigures = {
    worstLoadingPercent: null,
    worstBranch: null,
    violations: [],
    voltageViolations: [],
    vmMinPu: null,
    vmMinBus: null,
    vmMaxPu: null,
    vmMaxBus: null,
    lossesMw: null,
}

/** Limits as flat arrays, and the figures a solution shows against them. */
function createFigures(network: Network): (result: PowerFlowResult) => SecurityFigures {
    const rate = Float64Array.from(network.branch, (row) => row.rateMva)
    const low = Float64Array.from(network.bus, (row) => row.vMinPu - voltageSlack)
    const high = Float64Array.from(network.bus, (row) => row.vMaxPu + voltageSlack)
    return (result) => figuresOf(network, rate, low, high, result)
}

function figuresOf(
    network: Network,
    rate: Float64Array,
    low: Float64Array,
    high: Float64Array,
    { loadingPercent, vmPu, energised, lossesMw }: PowerFlowResult,
): SecurityFigures {
    const violations: LoadingViolation[] = []
    let worst = -1
    for (let k = 0; k < rate.length; k++) {
        if (!(rate[k] > 0)) continue
        if (worst < 0 || loadingPercent[k] > loadingPercent[worst]) worst = k
        if (loadingPercent[k] > 100) violations.push({ branch: k, loadingPercent: loadingPercent[k] })
    }
    const voltageViolations: VoltageViolation[] = []
    let [least, most] = [-1, -1]
    for (let i = 0; i < vmPu.length; i++) {
        if (energised[i] === 0) continue
        if (least < 0 || vmPu[i] < vmPu[least]) least = i
        if (most < 0 || vmPu[i] > vmPu[most]) most = i
        if (vmPu[i] >= low[i] && vmPu[i] <= high[i]) continue
        const { id, vMinPu, vMaxPu } = network.bus[i]
        voltageViolations.push({ bus: id, vmPu: vmPu[i], limitPu: vmPu[i] < vMinPu ? vMinPu : vMaxPu })
    }
    return {
        worstLoadingPercent: worst < 0 ? null : loadingPercent[worst],
        worstBranch: worst < 0 ? null : worst,
        violations,
        voltageViolations,
        vmMinPu: least < 0 ? null : vmPu[least],
        vmMinBus: least < 0 ? null : network.bus[least].id,
        vmMaxPu: most < 0 ? null : vmPu[most],
        vmMaxBus: most < 0 ? null : network.bus[most].id,
        lossesMw,
    }
}
