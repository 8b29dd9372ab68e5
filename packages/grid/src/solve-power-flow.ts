/** The one-line call: a network in, rows of results out. */
import { solveDc } from './dc-power-flow.ts'
import type { CouplerRow } from './lower-couplers.ts'
import { type DcLinkRow, type DcPower, settleDcLinks } from './lower-dc-links.ts'
import { isPlain, lowerNetwork } from './lower-network.ts'
import type { Transformer3Row } from './lower-transformers3.ts'
import type { Network } from './network.ts'
import { createPowerFlow } from './power-flow.ts'

export interface PowerFlowOptions {
    readonly method?: 'newton' | 'fast-decoupled' | 'dc'
    /** `case`: voltages of the records, `flat`: 1 p.u. at PQ buses, set points elsewhere, the slack's angle everywhere */
    readonly start?: 'case' | 'flat'
    /** generators at PV buses keep within their reactive limits; the slack is exempt */
    readonly qLimits?: boolean
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
}

/** Solves the power flow of a network. Throws when a row names a bus that does not exist; everything else is in the status. */
export function solvePowerFlow(network: Network, options: PowerFlowOptions = {}): PowerFlow {
    if (isPlain(network)) return solvePlain(network, options)
    // a link that alone feeds an island takes its power from there: a round for each such link at most
    let power: ReadonlyMap<number, DcPower> = new Map()
    for (let round = 0; ; round++) {
        const lowered = lowerNetwork(network, power)
        const flow = lowered.lift(solvePlain(lowered.network, options), options.method !== 'dc')
        const settled = flow.status === 'converged' && network.dcLink?.length ? settleDcLinks(network, flow, power) : undefined
        if (!settled || round > network.dcLink!.length) return flow
        power = settled
    }
}

function solvePlain(network: Network, options: PowerFlowOptions): PowerFlow {
    const { method = 'newton', ...rest } = options
    if (method === 'dc') return dcRows(network)
    const solver = createPowerFlow(network)
    const outcome = solver.solve({ method, ...rest })
    if (outcome.status !== 'converged') return { ...outcome, bus: [], branch: [], generator: [], lossesMw: Number.NaN }
    const r = solver.computeResult()
    return {
        ...outcome,
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
