/**
 * Security of a world: the power flow after the loss of every branch in service, one at a time, ranked by what a person
 * must see first: no solution, then the power at risk (load without supply and what flows beyond ratings), then voltages. For the worst overloads the
 * redispatch that relieves them with the least power moved.
 */
import {
    type ContingencySolver,
    computeRelief,
    createContingencies,
    createFactorSolver,
    type Network,
    type OutageRow,
} from '@gridverse/grid'

/** An overload after an outage, or before any. */
export interface SecurityOverload {
    /** `branch/ID` */
    readonly component: string
    /** percent of the long-term rating, above 100 */
    readonly loadingPercent: number
}
export interface SecurityVoltage {
    /** `bus/ID` */
    readonly component: string
    readonly vmPu: number
    /** the limit it is beyond, p.u. */
    readonly limitPu: number
}
/** Power moved from one generator to another so that the worst branch carries less. */
export interface SecurityRelief {
    /** `branch/ID` of the branch relieved */
    readonly branch: string
    /** active power it should carry less, MW */
    readonly neededMw: number
    /** what the steps achieve, MW; less than needed where generators cannot do more */
    readonly reliefMw: number
    readonly steps: readonly { readonly lower: string; readonly raise: string; readonly mw: number; readonly reliefMw: number }[]
}
export interface SecurityFindings {
    /** null where nothing was solved or no branch has a rating */
    readonly worstLoadingPercent: number | null
    readonly worstBranch: string | null
    /** the worst first; `overloadCount` says how many there are */
    readonly overloads: readonly SecurityOverload[]
    readonly overloadCount: number
    /** the farthest beyond its limit first */
    readonly voltages: readonly SecurityVoltage[]
    readonly voltageCount: number
}
export interface SecurityRow extends SecurityFindings {
    /** `branch/ID` of what goes out */
    readonly outage: string
    /** `islanding`: buses lose their supply; `diverged`: what remains has no solution */
    readonly status: 'converged' | 'islanding' | 'diverged'
    /** ids of the buses that lose their supply, the first of them */
    readonly lostBuses: readonly number[]
    readonly lostBusCount: number
    readonly lostLoadMw: number
    readonly lostGenerationMw: number
    readonly relief?: SecurityRelief
}
export interface SecurityAnalysis {
    readonly base: SecurityFindings & { readonly status: 'converged' | 'diverged' | 'singular'; readonly worstBus?: number }
    readonly counts: {
        readonly outages: number
        readonly diverged: number
        readonly islanding: number
        /** outages with a branch above its rating */
        readonly overloads: number
        /** outages with a bus beyond its voltage limits */
        readonly voltages: number
    }
    /** the worst outages, worst first */
    readonly rows: readonly SecurityRow[]
}

const named = 12
/** so many of the worst overloads are given a relief */
const relieved = 15
/** so many outages are solved in one go; the rest waits its turn */
const stretch = 256

/** Every single branch outage of a network, ranked; the worst `max` are told of. */
export function analyseSecurity(network: Network, max = 50): SecurityAnalysis {
    const solver = createContingencies(network)
    const { base } = solver
    const findings = createFindings(network)
    const told = { ...findings(base), status: base.status, ...(base.worstBus === undefined ? {} : { worstBus: base.worstBus }) }
    const none = { outages: 0, diverged: 0, islanding: 0, overloads: 0, voltages: 0 }
    if (base.status !== 'converged') return { base: told, counts: none, rows: [] }

    const all: Tried[] = []
    for (let from = 0; from < solver.list.length; from += stretch) {
        const at = Array.from({ length: Math.min(stretch, solver.list.length - from) }, (_, k) => from + k)
        solver.solveMany(at).forEach((row, k) => void all.push({ row, at: at[k]! }))
    }
    for (const { place, row } of withAnotherSlack(network, all)) all[place] = { ...all[place]!, row }
    // what is beyond its limits already is not the outage's doing: it counts where it gets worse
    const before = new Map(base.violations.map(({ branch, loadingPercent }) => [branch, loadingPercent]))
    const voltageBefore = new Map(base.voltageViolations.map(({ bus, vmPu, limitPu }) => [bus, Math.abs(vmPu - limitPu)]))
    const worse = ({ row, at }: Tried) => ({
        at,
        row: {
            ...row,
            violations: row.violations.filter((v) => v.loadingPercent > (before.get(v.branch) ?? 0) + 0.5),
            voltageViolations: row.voltageViolations.filter((v) => Math.abs(v.vmPu - v.limitPu) > (voltageBefore.get(v.bus) ?? 0) + 0.001),
        },
    })
    const harm = createHarm(network)
    const ranked = all
        .map(worse)
        .map((tried) => ({ ...tried, harm: harm(tried.row) }))
        .sort((a, b) => compareHarm(a.harm, b.harm) || a.at - b.at)
    const count = (test: (row: OutageRow) => boolean) => ranked.filter(({ row }) => test(row)).length
    const relief = createReliefFinder(network, solver)
    let asked = 0
    const rows = ranked.slice(0, max).map(({ row, at }): SecurityRow => {
        const found = row.violations.length > 0 && asked++ < relieved ? relief(row, at) : undefined
        return {
            outage: `branch/${network.branch[row.branch!]!.id}`,
            status: isUnsolved(row) ? 'diverged' : row.status === 'islanding' ? 'islanding' : 'converged',
            ...findings(row),
            lostBuses: (row.lostBuses ?? []).slice(0, named),
            lostBusCount: row.lostBuses?.length ?? 0,
            lostLoadMw: row.lostLoadMw ?? 0,
            lostGenerationMw: row.lostGenerationMw ?? 0,
            ...(found ? { relief: found } : {}),
        }
    })
    const counts = {
        outages: ranked.length,
        diverged: count(isUnsolved),
        islanding: count((row) => row.status === 'islanding'),
        overloads: count((row) => row.violations.length > 0),
        voltages: count((row) => row.voltageViolations.length > 0),
    }
    return { base: told, counts, rows }
}

const isUnsolved = (row: OutageRow) => row.status === 'diverged' || (row.remainder !== undefined && row.remainder !== 'converged')

/** How bad an outage is, the first difference deciding. */
type Harm = readonly [unsolved: number, mw: number, voltagePu: number, loadingPercent: number]

/** No solution; power at risk, MW: load without supply and what flows beyond ratings; voltages beyond limits; loading. */
function createHarm({ branch }: Network) {
    return (row: OutageRow): Harm => {
        const beyond = row.violations.reduce((sum, v) => sum + (v.loadingPercent / 100 - 1) * branch[v.branch]!.rateMva, 0)
        const voltage = row.voltageViolations.reduce((sum, v) => sum + Math.abs(v.vmPu - v.limitPu), 0)
        return [Number(isUnsolved(row)), (row.lostLoadMw ?? 0) + beyond, voltage, row.worstLoadingPercent ?? 0]
    }
}
function compareHarm(a: Harm, b: Harm): number {
    for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return b[k]! - a[k]!
    return 0
}

interface Tried {
    readonly row: OutageRow
    readonly at: number
}

/**
 * Outages that part the slack bus from most of the grid, solved again with the largest other machine as slack: the grid
 * goes on without the machine that happened to balance it in the record.
 */
function withAnotherSlack(network: Network, all: readonly Tried[]): { readonly place: number; readonly row: OutageRow }[] {
    const parted = all.flatMap(({ row }, place) => ((row.lostBuses?.length ?? 0) > network.bus.length / 2 ? [place] : []))
    if (parted.length === 0) return []
    const typeOf = new Map(network.bus.map((b) => [b.id, b.type]))
    const [largest] = network.generator.filter((g) => g.inService && typeOf.get(g.bus) === 'pv').sort((a, b) => b.pMaxMw - a.pMaxMw)
    if (!largest) return []
    const type = (b: Network['bus'][number]): typeof b.type => (b.id === largest.bus ? 'slack' : b.type === 'slack' ? 'pv' : b.type)
    const moved = { ...network, bus: network.bus.map((b) => ({ ...b, type: type(b) })) }
    const solver = createContingencies(moved, { list: parted.map((place) => ({ branches: [all[place]!.row.branch!] })) })
    return solver.base.status === 'converged' ? parted.map((place, k) => ({ place, row: solver.solve(k) })) : []
}

/** Figures of the kernel, which speaks of rows, in names. */
function createFindings({ branch }: Network) {
    return (figures: Pick<OutageRow, 'worstLoadingPercent' | 'worstBranch' | 'violations' | 'voltageViolations'>): SecurityFindings => {
        const { worstLoadingPercent, worstBranch, violations, voltageViolations } = figures
        const beyond = (v: { vmPu: number; limitPu: number }) => Math.abs(v.vmPu - v.limitPu)
        return {
            worstLoadingPercent,
            worstBranch: worstBranch === null ? null : `branch/${branch[worstBranch]!.id}`,
            overloads: [...violations]
                .sort((a, b) => b.loadingPercent - a.loadingPercent)
                .slice(0, named)
                .map((v) => ({ component: `branch/${branch[v.branch]!.id}`, loadingPercent: v.loadingPercent })),
            overloadCount: violations.length,
            voltages: [...voltageViolations]
                .sort((a, b) => beyond(b) - beyond(a))
                .slice(0, named)
                .map(({ bus, vmPu, limitPu }) => ({ component: `bus/${bus}`, vmPu, limitPu })),
            voltageCount: voltageViolations.length,
        }
    }
}

/** The redispatch for the worst overload of an outage; nothing where there is none, or no generator can help. */
function createReliefFinder(network: Network, solver: ContingencySolver) {
    let factors: ReturnType<typeof createFactorSolver> | undefined
    return (row: OutageRow, at: number): SecurityRelief | undefined => {
        const worst = row.violations.reduce<(typeof row.violations)[number] | undefined>(
            (most, v) => (most && most.loadingPercent >= v.loadingPercent ? most : v),
            undefined,
        )
        if (!worst || isUnsolved(row)) return undefined
        factors ??= createFactorSolver(network)
        solver.solve(at)
        const pFromMw = solver.result.pFromMw[worst.branch]!
        const generatorMw = solver.result.generatorMw
        // the share of the active power that is beyond the rating, the angle of the current being what it is
        const neededMw = Math.abs(pFromMw) * (1 - 100 / worst.loadingPercent)
        const query = {
            branch: worst.branch,
            direction: pFromMw >= 0 ? 1 : -1,
            reliefMw: neededMw,
            outage: row.branch!,
            generatorMw,
        } as const
        const { steps, reliefMw } = computeRelief(network, factors, query)
        if (steps.length === 0) return undefined
        const nameOf = (k: number) => `generator/${network.generator[k]!.id}`
        return {
            branch: `branch/${network.branch[worst.branch]!.id}`,
            neededMw,
            reliefMw,
            steps: steps.map(({ lower, raise, mw, reliefMw: by }) => ({
                lower: nameOf(lower),
                raise: nameOf(raise),
                mw,
                reliefMw: by,
            })),
        }
    }
}
