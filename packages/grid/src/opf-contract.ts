/** What an optimal power flow is asked and what it answers. */
import type { InteriorPointProgress } from '@gridverse/math'

export interface OpfOptions {
    /** `ac`: the full equations; `dc`: angles and active power only, every magnitude 1 p.u., no losses */
    readonly method?: 'ac' | 'dc'
    /** scaled violation, gradient and complementarity left */
    readonly tolerance?: number
    readonly maxIterations?: number
    /** what ratings limit in AC: MVA, MW, or the current that makes the rating at 1 p.u. */
    readonly flowLimit?: FlowLimitKind
    /** `flat`: the middle of every range, the slack's angle everywhere; `case`: the records. AC goes on from the other where this one fails. */
    readonly start?: 'flat' | 'case'
    /** called after every iteration, all attempts counted together */
    readonly onIteration?: (progress: InteriorPointProgress) => void
}

export type FlowLimitKind = 'apparent' | 'active' | 'current'

/** What a constraint limits. Balances are at buses, magnitudes at buses, powers of generators, flows and angles of branches. */
export type OpfConstraintKind =
    | 'pBalance'
    | 'qBalance'
    | 'vMin'
    | 'vMax'
    | 'pMin'
    | 'pMax'
    | 'qMin'
    | 'qMax'
    | 'flowFrom'
    | 'flowTo'
    | 'angleMin'
    | 'angleMax'

/** One constraint by name. */
export interface OpfConstraint {
    readonly kind: OpfConstraintKind
    readonly table: 'bus' | 'generator' | 'branch' | 'dcLink'
    /** row in that table, from 0 */
    readonly index: number
    /** id of that row: number of the bus, text of others */
    readonly id: number | string
    readonly unit: 'MW' | 'Mvar' | 'MVA' | 'p.u.' | 'deg'
    /** the limit in that unit; 0 for a balance */
    readonly limit: number
    /** the outage after which it holds, as people call it; absent for the network as it is */
    readonly after?: string
}

/** A constraint that costs money. */
export interface BindingConstraint extends OpfConstraint {
    /** what one unit more of room would save, money per hour and unit; positive */
    readonly price: number
}

/** A constraint that must give way. */
export interface Relaxation extends OpfConstraint {
    /** how far beyond its limit, in its unit; at a balance positive where load must go, negative where generation must */
    readonly by: number
}

/** A constraint that stands in the way. */
export interface Conflict extends OpfConstraint {
    /** how much less relaxation in all one unit of room here would leave; MVA for powers, else as weighted */
    readonly weight: number
}

export interface OpfBusRow {
    readonly id: number
    /** p.u.; 0 without supply */
    readonly vmPu: number
    /** degrees; 0 without supply */
    readonly vaDeg: number
    /** false at isolated buses and in islands nothing feeds */
    readonly energised: boolean
    /** what one more MWh drawn here costs; null without supply */
    readonly lmpPerMwh: number | null
    /** what one more Mvarh drawn here costs; null without supply, 0 in DC */
    readonly lmpPerMvarh: number | null
    /** DC only: what the price is made of */
    readonly parts?: PriceParts
    /** what a limit of one p.u. more or less would save, money per hour and p.u.; ≥ 0 */
    readonly vMinPrice: number
    readonly vMaxPrice: number
}

/** Parts of a price in DC, per MWh; they add up to it. */
export interface PriceParts {
    /** the price at the bus that is slack of the island */
    readonly energyPerMwh: number
    /** limits of the network as it is, against that bus */
    readonly congestionPerMwh: number
    /** limits after outages */
    readonly securityPerMwh: number
}
export interface OpfGeneratorRow {
    /** row in the network, from 0 */
    readonly index: number
    readonly id: string
    readonly bus: number
    readonly inService: boolean
    /** power into the bus; 0 out of service or without supply */
    readonly pMw: number
    readonly qMvar: number
    /** money per hour at this power; 0 out of service */
    readonly costPerH: number
    /** what a limit of one MW or Mvar more room would save per hour; ≥ 0 */
    readonly pMinPrice: number
    readonly pMaxPrice: number
    readonly qMinPrice: number
    readonly qMaxPrice: number
}
export interface OpfBranchRow {
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
    /** what one MVA more of rating at each side would save per hour; ≥ 0 */
    readonly flowFromPrice: number
    readonly flowToPrice: number
    /** what one degree more of room would save per hour; ≥ 0 */
    readonly angleMinPrice: number
    readonly angleMaxPrice: number
}

/** A link that found its own power. */
export interface OpfDcLinkRow {
    /** row in the network, from 0 */
    readonly index: number
    readonly id: string
    /** power from the bus into the link at each side, MW and Mvar */
    readonly pFromMw: number
    readonly qFromMvar: number
    readonly pToMw: number
    readonly qToMvar: number
    /** what a range of one MW more would save per hour; ≥ 0 */
    readonly pMinPrice: number
    readonly pMaxPrice: number
}

/** Why there is no optimum. */
/** What is missing where every limit of voltage, flow, angle and generator is kept. */
export interface Unserved {
    /** load that must go, MW and Mvar in all */
    readonly loadMw: number
    readonly loadMvar: number
    /** generation that must go, MW and Mvar in all */
    readonly generationMw: number
    readonly generationMvar: number
    /** by bus and kind of power, greatest first */
    readonly at: readonly Relaxation[]
}

export interface OpfFailure {
    /** in words: what happened, where, what is left */
    readonly reason: string
    /** the constraint violated most at the last iterate, and by how much, in its unit */
    readonly worst?: Relaxation
    /** of an infeasible case: the least power that cannot be served, or not be taken, while every limit holds */
    readonly unserved?: Unserved
    /** least relaxation that makes the case solvable, balances and limits alike; of an infeasible case */
    readonly relaxation?: readonly Relaxation[]
    /** constraints at their limits that call for that relaxation, heaviest first */
    readonly conflict?: readonly Conflict[]
    /** limits that cannot hold together while every balance does; drop any one and the rest can, where `irreducible` */
    readonly conflictSet?: readonly OpfConstraint[]
    readonly irreducible?: boolean
}

/** Rows are in the network's order, and empty unless optimal. */
export interface Opf {
    readonly status: 'optimal' | 'infeasible' | 'diverged'
    readonly method: 'ac' | 'dc'
    /** what ratings limit; absent for apparent power */
    readonly flowLimit?: FlowLimitKind
    /** money per hour; NaN unless optimal */
    readonly objective: number
    readonly iterations: number
    readonly bus: readonly OpfBusRow[]
    readonly generator: readonly OpfGeneratorRow[]
    readonly branch: readonly OpfBranchRow[]
    /** links with a range; absent without any */
    readonly dcLink?: readonly OpfDcLinkRow[]
    /** constraints with a price, dearest first; without the balances */
    readonly binding: readonly BindingConstraint[]
    /** active power lost in branches, MW */
    readonly lossesMw: number
    readonly failure?: OpfFailure
}
