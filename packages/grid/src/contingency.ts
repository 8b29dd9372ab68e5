/**
 * Security analysis: the AC power flow after every outage of a list, each from the solution of the base case and each
 * to the tolerance (1e-8 p.u.). One solver holds the order of elimination for all of them: an outage only switches.
 *
 * An outage can leave buses without the slack that held them. A bus stays supplied while it is joined to a slack bus
 * of its island in the base case; where these are themselves out, to the bus that takes over (rule PF4). What is not
 * is lost, even where a generator lies there: nobody has shown that it could run alone. Such an outage is `islanding`:
 * its row says what is lost, and what remains is solved all the same, so that an overload there is not overlooked.
 * Single branches are looked up among the bridges, found once; other outages label their islands.
 *
 * Single branches are solved by compensation where there is WebAssembly (`wasm-compensation.ts`), everything else, and
 * what stalls there, by full Newton.
 */
import { solveBase } from './base-case.ts'
import { createFigures, noFigures, type SecurityFigures } from './contingency-figures.ts'
import { type Outage, singleBranch, singleOutages } from './contingency-outage.ts'
import { createScreening, type PredictedLoading, type Screening } from './contingency-screening.ts'
import { createSwitches, type Lost, nothingLost } from './contingency-switches.ts'
import { copyResult } from './copy-result.ts'
import { isPlain, lowerNetwork } from './lower-network.ts'
import type { Network } from './network.ts'
import { createOpenPowerFlow, type Outcome, type SolverOptions } from './power-flow.ts'
import { type PowerFlowResult, resultOf } from './power-flow-arrays.ts'
import { openCompensation } from './wasm-compensation.ts'

export interface ContingencyOptions extends SolverOptions {
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
    /** Solves several outages, with the same answers in less time: a hundred at once are solved eight by eight. */
    solveMany(at: readonly number[]): OutageRow[]
    /** Voltages, flows and powers after the outage solved last, while what remains converged, by rows of the network given. */
    readonly result: PowerFlowResult
}

/** Solves every outage of the list. */
export function analyseContingencies(network: Network, options: ContingencyOptions = {}): ContingencyAnalysis {
    const solver = createContingencies(network, options)
    if (solver.base.status !== 'converged') return { base: solver.base, outages: [] }
    return { base: solver.base, outages: solver.solveMany([...solver.list.keys()]) }
}

/** Solves the base case and prepares for outages, one call each: for progress, for stopping, for threads. */
export function createContingencies(given: Network, options: ContingencyOptions = {}): ContingencySolver {
    const lowered = isPlain(given) ? undefined : lowerNetwork(given)
    const network = lowered?.network ?? given
    const { list = singleOutages(given), screenPercent, qLimits = false, webAssembly, ...limits } = options
    const settings = { qLimits, ...limits }
    const { outcome, solver: baseSolver, started } = solveBase(network, { ...settings, webAssembly })
    const converged = outcome.status === 'converged'
    const figures = createFigures(network)
    const base = { ...outcome, ...(converged ? figures(baseSolver.result) : noFigures) }
    const solver = createOpenPowerFlow(started, { webAssembly })
    const switches = createSwitches(network, solver)
    const screening = converged && screenPercent !== undefined ? createScreening(network, baseSolver.result) : undefined

    const compensation =
        converged && !qLimits && webAssembly !== false ? openCompensation(network, baseSolver, switches, limits) : undefined
    // voltages of the outage solved last where the solver does not hold them
    const voltage = new Float64Array(compensation ? 2 * network.bus.length : 0)
    let shown: Outage | undefined
    /** what solved the outage solved last, where that was a section of a busbar */
    let section: ContingencySolver | undefined
    const told = lowered && resultOf(given)
    const tell = told && copyResult(given, lowered, told)

    function solveMany(wanted: readonly number[]): OutageRow[] {
        if (!converged && wanted.length > 0)
            throw new Error(`The base case ${outcome.status}: there is nothing to start outage ${wanted[0]} from.`)
        const rows = new Array<OutageRow | undefined>(wanted.length).fill(undefined)
        const before = new Map<number, number>()
        shown = undefined
        if (compensation) {
            const places: number[] = []
            const lost: Lost[] = []
            const branches: number[] = []
            wanted.forEach((at, place) => {
                const branch = singleBranch(list[at])
                const cut = branch === null ? undefined : switches.cutOff(branch)
                if (branch === null || cut === undefined) return
                const predicted = cut === 'nothing' ? screen(screening, screenPercent, branch) : undefined
                if (predicted) {
                    rows[place] = withLost(screened(branch, predicted), list[at], nothingLost)
                    return
                }
                places.push(place)
                lost.push(cut === 'nothing' ? nothingLost : switches.lostBy(cut))
                branches.push(branch)
            })
            compensation.solve(
                branches,
                (k, at, row) => {
                    const place = places[k]
                    const outage = list[wanted[place]]
                    rows[place] = outage.name === undefined && lost[k].buses.length === 0 ? row : withLost(row, outage, lost[k])
                    if (place < wanted.length - 1) return
                    compensation.copyVoltage(at, voltage)
                    shown = outage
                },
                (k, iterations) => void before.set(places[k], iterations),
            )
        }
        return wanted.map((at, place) => rows[place] ?? solveFully(at, before.get(place)))
    }

    /** By full Newton, `spent` chord steps before. */
    function solveFully(at: number, spent = 0): OutageRow {
        const outage = list[at]
        section = undefined
        if (outage.buses?.some((bus) => given.coupler?.some((c) => c.closed && (c.fromBus === bus || c.toBus === bus))))
            return solveSection(outage)
        const branch = singleBranch(outage)
        const row = { branch, ...(branch === null || outage.name !== undefined ? { outage } : {}) }
        const lost = switches.apply(outage)
        const predicted = lost.buses.length === 0 && branch !== null ? screen(screening, screenPercent, branch) : undefined
        if (predicted) {
            switches.restore()
            return { ...row, ...screened(branch, predicted) }
        }
        const { status, iterations, mismatchPu, worstBus } = solver.solve({ start: 'case', ...settings })
        const seen = status === 'converged' ? figures(solver.computeResult()) : noFigures
        switches.restore()
        const solved = { iterations: spent + iterations, mismatchPu, ...(worstBus === undefined ? {} : { worstBus }), ...seen }
        if (lost.buses.length === 0) return { ...row, status: status === 'converged' ? 'converged' : 'diverged', ...solved }
        return islanding({ ...row, status: 'islanding', ...solved }, status, lost)
    }

    /** A section of a busbar goes out without those its couplers join it to: they open. */
    function solveSection(outage: Outage): OutageRow {
        const gone = new Set(outage.buses)
        const coupler = given.coupler?.map((c) => (gone.has(c.fromBus) || gone.has(c.toBus) ? { ...c, closed: false } : c))
        const apart = createContingencies({ ...given, ...(coupler ? { coupler } : {}) }, { ...options, list: [outage] })
        if (apart.base.status === 'converged') {
            section = apart
            return apart.solve(0)
        }
        const { iterations, mismatchPu, worstBus } = apart.base
        return {
            branch: null,
            outage,
            status: 'diverged',
            iterations,
            mismatchPu,
            ...(worstBus === undefined ? {} : { worstBus }),
            ...noFigures,
        }
    }

    return {
        base,
        list,
        solve: (at) => solveMany([at])[0],
        solveMany,
        get result() {
            if (shown) {
                switches.apply(shown)
                solver.accept(voltage)
                solver.computeResult()
                switches.restore()
                shown = undefined
                section = undefined
            }
            if (section) return section.result
            tell?.(solver.result)
            return told ?? solver.result
        },
    }
}

function screened(branch: number | null, predicted: PredictedLoading): OutageRow {
    return { branch, status: 'screened', iterations: 0, mismatchPu: null, ...noFigures, ...predicted }
}

function islanding(row: OutageRow, remainder: OutageRow['remainder'], lost: Lost): OutageRow {
    return { ...row, status: 'islanding', remainder, lostBuses: lost.buses, lostLoadMw: lost.loadMw, lostGenerationMw: lost.generationMw }
}

function withLost(row: OutageRow, outage: Outage, lost: Lost): OutageRow {
    const named = outage.name === undefined ? row : { ...row, outage }
    return lost.buses.length === 0 ? named : islanding(named, 'converged', lost)
}

function screen(screening: Screening | undefined, limit: number | undefined, branch: number) {
    const predicted = screening?.(branch)
    return predicted && predicted.worstLoadingPercent < limit! ? predicted : undefined
}
