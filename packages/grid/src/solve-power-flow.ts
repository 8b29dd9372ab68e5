/** The one-line call: a network in, rows of results out. */
import { applyControls, type ControlRow, runControls } from './controls.ts'
import { solveDc } from './dc-power-flow.ts'
import { createDistributedSlack, type DistributedSlack, type SlackRow } from './distributed-slack.ts'
import type { CouplerRow } from './lower-couplers.ts'
import { type DcLinkRow, type DcPower, settleDcLinks } from './lower-dc-links.ts'
import { isPlain, lowerNetwork } from './lower-network.ts'
import type { Transformer3Row } from './lower-transformers3.ts'
import type { Network } from './network.ts'
import { createOpenPowerFlow } from './power-flow.ts'
import { type AutoOutcome, type StartKind, solveFromNothing } from './start-auto.ts'

export interface PowerFlowOptions {
    readonly method?: 'newton' | 'fast-decoupled' | 'dc'
    /**
     * `case`: voltages of the records, `flat`: 1 p.u. at PQ buses, set points elsewhere, the slack's angle everywhere,
     * `auto`: without any, from the DC power flow, and by step control or load step by step where that does not do
     */
    readonly start?: 'case' | 'flat' | 'auto'
    /** generators at PV buses keep within their reactive limits; the slack is exempt */
    readonly qLimits?: boolean
    /** who gives what is lacking: the first generator at each slack bus, or all generators of the island by their room */
    readonly slack?: 'single' | 'distributed'
    /** weights of generators in the distributed slack by id, in place of their room; those without one do not take part */
    readonly participation?: Readonly<Record<string, number>>
    /** rows of `control` move what they move; else everything stays where the records have it */
    readonly controls?: boolean
    /** largest mismatch of active or reactive power at a bus, p.u. */
    readonly tolerance?: number
    readonly maxIterations?: number
}

export interface BusRow {
    readonly id: number
    /** p.u.; 0 without supply */
    readonly vmPu: number
    /** degrees; 0 without supply */
    readonly vaDeg: number
    /** false at isolated buses and in islands nothing feeds */
    readonly energised: boolean
}
export interface BranchRow {
    /** row in the network, from 0 */
    readonly index: number
    readonly id: string
    readonly fromBus: number
    readonly toBus: number
    readonly inService: boolean
    /** power into the branch at each side, MW and Mvar */
    readonly pFromMw: number
    readonly qFromMvar: number
    readonly pToMw: number
    readonly qToMvar: number
    /** greater apparent power of both sides over `rateMva`, percent; null without a rating */
    readonly loadingPercent: number | null
}
export interface GeneratorRow {
    /** row in the network, from 0 */
    readonly index: number
    readonly id: string
    readonly bus: number
    /** power into the bus, MW and Mvar */
    readonly pMw: number
    readonly qMvar: number
    /** held at a reactive limit */
    readonly atLimit?: 'qMin' | 'qMax'
}

/** Rows are in the network's order, and empty unless converged. */
export interface PowerFlow {
    readonly status: 'converged' | 'diverged' | 'singular'
    readonly iterations: number
    /** largest mismatch left, p.u.; NaN when nothing was solved */
    readonly mismatchPu: number
    /** id of the bus with the largest mismatch or the vanished pivot, unless converged */
    readonly worstBus?: number
    /** what led to the solution from `auto` */
    readonly startedBy?: StartKind
    /** ids of buses left at a reactive limit on the wrong side of their set point, having turned too often; absent where none */
    readonly unsettled?: readonly number[]
    readonly bus: readonly BusRow[]
    readonly branch: readonly BranchRow[]
    readonly generator: readonly GeneratorRow[]
    /** active power lost in branches and windings, MW */
    readonly lossesMw: number
    /** where the network has such rows */
    readonly coupler?: readonly CouplerRow[]
    readonly dcLink?: readonly DcLinkRow[]
    readonly transformer3?: readonly Transformer3Row[]
    /** with `controls`: where each came to stand; `applyControls` gives the network so */
    readonly control?: readonly ControlRow[]
    /** with a distributed slack: what each island's generators share */
    readonly slack?: readonly SlackRow[]
}

/** Solves the power flow of a network. Throws when a row names a bus that does not exist; everything else is in the status. */
export function solvePowerFlow(network: Network, options: PowerFlowOptions = {}): PowerFlow {
    if (isPlain(network)) return solvePlain(network, options)
    // a link that alone feeds an island takes its power from there: a round for each such link at most
    let power: ReadonlyMap<number, DcPower> = new Map()
    for (let round = 0; ; round++) {
        const solved = solvePlain(lowerNetwork(network, power).network, options)
        const control = solved.control?.map((row) => ({ ...row, bus: network.control![row.index].bus }))
        const where = control ? applyControls(network, control) : network
        const flow = { ...lowerNetwork(where, power).lift(solved, options.method !== 'dc'), ...(control ? { control } : {}) }
        const settled = flow.status === 'converged' && network.dcLink?.length ? settleDcLinks(network, flow, power) : undefined
        if (!settled || round > network.dcLink!.length) return flow
        power = settled
    }
}

function solvePlain(network: Network, options: PowerFlowOptions): PowerFlow {
    const { method = 'newton', start, slack = 'single', participation, controls = false, ...rest } = options
    const shared = slack === 'distributed' ? createDistributedSlack(network, participation) : undefined
    if (method === 'dc') return solveDcShared(network, shared)
    const controlled = controls && network.control?.length ? network : undefined
    const prepared = withRemoteHolders(shared?.network ?? network, controlled)
    const solver = createOpenPowerFlow(prepared)
    // further rounds start from the last solution
    const begin = (from: PowerFlowOptions['start'] | 'last'): AutoOutcome =>
        from === 'auto' ? solveFromNothing(solver, prepared, { method, ...rest }) : solver.solve({ method, ...rest, start: from })
    const solve = (from: PowerFlowOptions['start'] | 'last'): AutoOutcome => {
        let outcome = begin(from)
        let { iterations } = outcome
        for (let round = 0; shared && outcome.status === 'converged' && round < mostRounds; round++) {
            if (!shared.share(solver.computeResult(), solver.input.generatorMw, 10 * (rest.tolerance ?? 1e-8) * network.baseMva)) break
            outcome = { ...outcome, ...solver.solve({ method, ...rest, start: 'last' }) }
            iterations += outcome.iterations
        }
        return { ...outcome, iterations }
    }
    let outcome = solve(start)
    let control: ControlRow[] | undefined
    if (controlled && outcome.status === 'converged') {
        solver.computeResult()
        const { iterations } = outcome
        const moved = runControls(network, solver, () => solve('last'))
        outcome = { ...outcome, ...moved.outcome, iterations: iterations + moved.outcome.iterations }
        control = moved.rows
    }
    if (outcome.status !== 'converged') return { ...outcome, bus: [], branch: [], generator: [], lossesMw: Number.NaN }
    const r = solver.computeResult()
    return {
        ...outcome,
        ...(control ? { control } : {}),
        ...(shared ? { slack: shared.rows() } : {}),
        bus: network.bus.map((b, i) => ({ id: b.id, vmPu: r.vmPu[i], vaDeg: r.vaDeg[i], energised: r.energised[i] === 1 })),
        branch: network.branch.map((k, index) => ({
            index,
            id: k.id,
            fromBus: k.fromBus,
            toBus: k.toBus,
            inService: k.inService,
            pFromMw: r.pFromMw[index],
            qFromMvar: r.qFromMvar[index],
            pToMw: r.pToMw[index],
            qToMvar: r.qToMvar[index],
            loadingPercent: k.rateMva > 0 ? r.loadingPercent[index] : null,
        })),
        generator: network.generator.map((g, index) => ({
            index,
            id: g.id,
            bus: g.bus,
            pMw: r.generatorMw[index],
            qMvar: r.generatorMvar[index],
            ...(r.generatorAtLimit[index] === 0 ? {} : { atLimit: r.generatorAtLimit[index] > 0 ? ('qMax' as const) : ('qMin' as const) }),
        })),
        lossesMw: r.lossesMw,
    }
}

/** most rounds of sharing the slack */
const mostRounds = 20

/** A PQ bus whose generator holds a voltage elsewhere holds its own for it. */
function withRemoteHolders(network: Network, controlled: Network | undefined): Network {
    const movers = new Set(controlled?.control?.filter((c) => c.inService && c.kind === 'voltage').map((c) => c.element))
    if (movers.size === 0) return network
    const holders = new Set(network.generator.filter((g) => g.inService && movers.has(g.id)).map((g) => g.bus))
    return { ...network, bus: network.bus.map((b) => (b.type === 'pq' && holders.has(b.id) ? { ...b, type: 'pv' } : b)) }
}

/** Without losses the slack is shared in one round. */
function solveDcShared(network: Network, shared: DistributedSlack | undefined): PowerFlow {
    if (!shared) return dcRows(network)
    const alone = solveDc(shared.network)
    const mw = Float64Array.from(network.generator, (g) => g.pMw)
    if (alone.status === 'converged') shared.share(alone, mw, 1e-9)
    const flow = dcRows({ ...shared.network, generator: network.generator.map((g, k) => ({ ...g, pMw: mw[k] })) })
    if (flow.status !== 'converged') return flow
    shared.share({ generatorMw: Float64Array.from(flow.generator, (g) => g.pMw) }, mw, 1e-9 * network.baseMva)
    return { ...flow, slack: shared.rows() }
}

function dcRows(network: Network): PowerFlow {
    const dc = solveDc(network)
    if (dc.status !== 'converged')
        return { status: dc.status, iterations: 0, mismatchPu: Number.NaN, bus: [], branch: [], generator: [], lossesMw: Number.NaN }
    return {
        status: 'converged',
        iterations: 1,
        mismatchPu: 0,
        bus: network.bus.map((b, i) => ({ id: b.id, vmPu: dc.energised[i], vaDeg: dc.vaDeg[i], energised: dc.energised[i] === 1 })),
        branch: network.branch.map((k, index) => ({
            index,
            id: k.id,
            fromBus: k.fromBus,
            toBus: k.toBus,
            inService: k.inService,
            pFromMw: dc.pFromMw[index],
            qFromMvar: 0,
            pToMw: -dc.pFromMw[index],
            qToMvar: 0,
            loadingPercent: k.rateMva > 0 ? (100 * Math.abs(dc.pFromMw[index])) / k.rateMva : null,
        })),
        generator: network.generator.map((g, index) => ({ index, id: g.id, bus: g.bus, pMw: dc.generatorMw[index], qMvar: 0 })),
        lossesMw: 0,
    }
}
