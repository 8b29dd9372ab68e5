/**
 * What is said of a fleet of distributed resources: the JSON of `/api/vpp/…` and of the live stream. Power kW, energy kWh,
 * times Unix ms UTC; what has no number is null. "Into the network" is positive unless a name says otherwise.
 */
import type { Resource, ResourceKind, ResourceQuantityName } from '@gridverse/assets'
import type { Issue } from '@gridverse/units'
import type { LostDevice, Redecision, UnitLeft } from './field-types.ts'

/** online: heard within its time; silent: its link stands, but it says nothing; offline: the link is down; never: not heard yet. */
export const resourceLinks = ['online', 'silent', 'offline', 'never'] as const
export type ResourceLink = (typeof resourceLinks)[number]

/** How well a group's or the fleet's twins keep up with what they mirror. */
export interface TwinFigures {
    /** oldest last measurement among those ever heard, s; null where none was */
    readonly worstAgeS: number | null
    /** root mean square over its resources of the errors of the last hour, kW; null where nothing could be compared */
    readonly syncErrorKw: number | null
    /** the same of the states of charge of stores and cars, percentage points */
    readonly syncErrorPercent: number | null
}

/** The twin of one resource: how old, what it says now, how far off it was. */
export interface TwinCard {
    /** since the last measurement of anything of it, s */
    readonly ageS: number | null
    /** into the network, kW: the last measurement carried forward to now by the model of the device */
    readonly predictedKw: number | null
    readonly predictedSocPercent: number | null
    /** measured less predicted at each measurement, root mean square over the last hour, kW */
    readonly syncErrorKw: number | null
    /** percentage points of state of charge; null for what has none */
    readonly syncErrorPercent: number | null
    /** comparisons behind it; null in the past, where the figure is what was kept then */
    readonly compared: number | null
}

/** What the register is sorted by; what has no figure comes last. */
export const resourceSorts = ['register', 'ageS', 'syncErrorKw', 'syncErrorPercent', 'pKw', 'socPercent', 'coverage'] as const
export type ResourceSort = (typeof resourceSorts)[number]

/** GET /api/vpp/resources?group=&kind=&sort=&order=&at=&offset=&limit= */
export interface ResourcePage {
    /** grows with every change of the register */
    readonly revision: number
    /** that match the filter */
    readonly total: number
    readonly offset: number
    readonly resources: readonly Resource[]
    /** figures of the same resources, in their order */
    readonly twins: readonly {
        readonly link: ResourceLink
        readonly ageS: number | null
        readonly pKw: number | null
        readonly socPercent: number | null
        readonly syncErrorKw: number | null
        readonly syncErrorPercent: number | null
        readonly coverage: number
    }[]
}

/** POST /api/vpp/resources */
export interface EnrolAnswer {
    readonly revision: number
    readonly taken: number
    readonly replaced: number
    /** rows not taken, with `partial`; without it any error takes nothing */
    readonly refused: number
    readonly issues: readonly Issue[]
    readonly groups: readonly string[]
    /** SHA-256 of what was taken, as in the log */
    readonly hash: string
    readonly tookMs: number
    /** edge nodes of the new resources that have no credentials yet, and the token they enrol with, for supervisors */
    readonly edgeNodes: readonly string[]
    readonly enrolmentToken?: string
    /** what new posts need to speak (OCPP), told once */
    readonly secrets: readonly { readonly id: string; readonly identity: string; readonly secret: string }[]
}

/** How much more (up) or less (down) a resource could give into the network than now, kW ≥ 0. */
export interface Availability {
    readonly upKw: number
    readonly downKw: number
    /** the part that answers within 30 s; the rest within 15 min */
    readonly fastUpKw: number
    readonly fastDownKw: number
    /** energy behind it until contents, comfort or departures end it, kWh; null where nothing ends it */
    readonly upKwh: number | null
    readonly downKwh: number | null
}

export interface ResourceValue {
    readonly value: number | null
    readonly quality: 'good' | 'suspect' | 'estimated' | 'substituted' | 'stale'
    readonly tMs: number | null
    readonly unit: string
}

/** Why a resource gives less, or draws more, than it was told to; likeliest first. */
export const deliveryCauses = ['no-link', 'tripped', 'not-following', 'late', 'at-limit', 'guard', 'derated', 'unknown'] as const
export type DeliveryCause = (typeof deliveryCauses)[number]
export interface UnderDelivery {
    readonly resource: string
    readonly group: string
    /** asked into the network, kW */
    readonly askedKw: number
    readonly gaveKw: number | null
    readonly sinceMs: number
    readonly causes: readonly { readonly cause: DeliveryCause; readonly weight: number; readonly message: string }[]
}

/** GET /api/vpp/resources/:id */
export interface ResourceState {
    readonly resource: Resource
    readonly link: ResourceLink
    /** edge node/device or post that speaks for it */
    readonly device?: string
    readonly heardMs: number | null
    readonly ageS: number | null
    readonly twin: TwinCard
    readonly values: Readonly<Partial<Record<ResourceQuantityName, ResourceValue>>>
    /** into the network, kW */
    readonly pKw: number | null
    /** what it would do undispatched, into the network, kW */
    readonly baselineKw: number
    /** ordered, into the network; absent while it decides by itself */
    readonly orderedKw?: number
    /** the order it stands under */
    readonly order?: StandingOrder
    /** with an order: whether the device itself says the setpoint */
    readonly readBack?: boolean
    readonly availability: Availability
    /** measurements that came of those expected in the last 15 min, 0 … 1 */
    readonly coverage: number
    /** quantities whose value is imputed at the moment */
    readonly imputed: readonly ResourceQuantityName[]
    readonly held?: { readonly by: string; readonly reason: string; readonly sinceMs: number }
    readonly underDelivery?: UnderDelivery
}

/** Live tiles; exchange = load − generation − storage, so that they always add up. */
export interface FleetTiles {
    /** sun, wind, turbines, generators, kW ≥ 0 */
    readonly generationKw: number
    /** everything that draws, kW; cars that give back are negative in it */
    readonly loadKw: number
    /** batteries, discharge positive, kW */
    readonly storageKw: number
    /** taken from the grid, kW */
    readonly exchangeKw: number
}

export interface GroupCard {
    readonly id: string
    readonly kinds: Readonly<Partial<Record<ResourceKind, number>>>
    readonly count: number
    readonly online: number
    readonly following: number
    /** into the network, kW */
    readonly pKw: number
    readonly baselineKw: number
    readonly orderedKw: number | null
    readonly availability: Availability
    readonly coverage: number
    /** of stores and cars, weighted by content; null without any */
    readonly socPercent: number | null
    readonly underDelivered: number
    readonly held: boolean
    readonly twin: TwinFigures
}

/** Sum of resources behind a grid load against its meter or estimate. */
export interface Reconciliation {
    /** load/ID, or branch/ID of the head of a feeder */
    readonly connection: string
    readonly resources: number
    /** drawn by the resources, kW */
    readonly sumKw: number
    /** drawn by the grid's load, kW; null where it is neither measured nor estimated */
    readonly meteredKw: number | null
    readonly meteredQuality: ResourceValue['quality']
    /** metered less sum, kW */
    readonly residualKw: number | null
    readonly toleranceKw: number
    readonly reconciles: boolean
}

/** One second of the fleet: GET /api/vpp/fleet, and `{type: 'app', app: 'vpp', body}` of the live stream. */
export interface FleetSummary {
    readonly tMs: number
    readonly revision: number
    readonly count: number
    readonly links: Readonly<Record<ResourceLink, number>>
    readonly following: number
    readonly tiles: FleetTiles
    /** into the network, kW */
    readonly pKw: number
    readonly baselineKw: number
    readonly orderedKw: number | null
    readonly availability: Availability
    readonly socPercent: number | null
    readonly coverage: number
    /** share below which no plan is made */
    readonly coverageNeeded: number
    readonly mayPlan: boolean
    readonly reconciliation: {
        readonly connections: number
        readonly failing: number
        readonly sumKw: number
        readonly meteredKw: number | null
        readonly residualKw: number | null
    }
    readonly underDelivered: number
    readonly twin: TwinFigures
    readonly groups: readonly GroupCard[]
}

/** GET /api/vpp/fleet/coverage */
export interface CoverageReport {
    readonly tMs: number
    readonly windowS: number
    readonly needed: number
    readonly mayPlan: boolean
    readonly fleet: number
    readonly groups: readonly { readonly id: string; readonly coverage: number; readonly imputed: number }[]
    /** worst first, at most 500 */
    readonly resources: readonly {
        readonly id: string
        readonly coverage: number
        readonly link: ResourceLink
        /** what stands in for what is missing, and where it comes from */
        readonly imputed: readonly { readonly quantity: ResourceQuantityName; readonly value: number; readonly from: string }[]
    }[]
}

/** GET /api/vpp/fleet/states: every resource by columns, for maps. */
export interface FleetColumns {
    readonly tMs: number
    readonly revision: number
    readonly id: readonly string[]
    readonly kind: readonly ResourceKind[]
    readonly group: readonly string[]
    /** load/ID, '' where no meter counts it */
    readonly connection: readonly string[]
    readonly latDeg: readonly number[]
    readonly lonDeg: readonly number[]
    /** position in `resourceLinks` */
    readonly link: readonly number[]
    /** into the network, kW */
    readonly pKw: readonly (number | null)[]
    readonly orderedKw: readonly (number | null)[]
    readonly socPercent: readonly (number | null)[]
    /** 1 where it gives less than it was told to */
    readonly underDelivered: readonly number[]
    readonly ageS: readonly (number | null)[]
    readonly syncErrorKw: readonly (number | null)[]
    readonly syncErrorPercent: readonly (number | null)[]
}

// ── dispatch ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** POST /api/vpp/orders */
export interface NewOrder {
    /** groups (or resources by id); the whole fleet where absent */
    readonly groups?: readonly string[]
    readonly resources?: readonly string[]
    /** into the network, kW, shared out over them; absent with `perResource` or `release` */
    readonly totalKw?: number
    /** into the network, kW, by id */
    readonly perResource?: Readonly<Record<string, number>>
    /** lets them decide by themselves again */
    readonly release?: boolean
    readonly forS?: number
    readonly reason: string
}

export type OrderState = 'waiting-for-second' | 'refused' | 'sent' | 'confirmed' | 'partly-confirmed' | 'failed' | 'cancelled'
export interface OrderCheck {
    readonly rule: 'role' | 'quality' | 'hold' | 'limit' | 'coverage' | 'two-person' | 'age'
    readonly pass: boolean
    /** what is said, for every language (`vpp.check.CODE`); absent on cards of before */
    readonly code?: string
    readonly args?: Readonly<Record<string, string | number>>
    /** the same in English */
    readonly message: string
}
/** GET /api/vpp/orders */
export interface OrderCard {
    readonly id: string
    readonly by: string
    readonly reason: string
    readonly state: OrderState
    readonly createdMs: number
    readonly untilMs: number
    readonly approvedBy?: string
    /** the day's plan it comes from */
    readonly plan?: string
    readonly checks: readonly OrderCheck[]
    /** asked and, after narrowing, ordered, into the network, kW */
    readonly askedKw: number | null
    readonly orderedKw: number
    readonly setpoints: number
    /** SHA-256 of the sorted setpoints, as sealed in the log before the field was written */
    readonly manifest: string
    readonly narrowed: number
    readonly leftOut: readonly {
        readonly id: string
        readonly why: 'no-link' | 'stale' | 'held' | 'not-controllable' | 'no-headroom' | 'tripped'
    }[]
    readonly confirmed: number
    readonly retried: number
    /** setpoints no device confirmed, after a second try; at most 200 named */
    readonly lost: readonly string[]
    /** order given to setpoint read back, ms */
    readonly confirmMs: { readonly p50: number | null; readonly p99: number | null; readonly max: number | null }
}

/** GET /api/vpp/orders/standing?at=: orders in force at an instant, the last given first. */
export interface StandingOrder {
    readonly id: string
    readonly by: string
    readonly reason: string
    readonly approvedBy?: string
    readonly plan?: string
    /** when it went to the field, Unix ms */
    readonly sinceMs: number
    readonly untilMs: number
    /** of all its setpoints together, into the network, kW */
    readonly orderedKw: number
    readonly setpoints: number
    /** resources it has the word on at the instant: those no later order took over */
    readonly standing: number
    /** … of which the device itself says the setpoint */
    readonly readBack: number
}

/** GET /api/vpp/holds: hands off a resource or group. */
export interface FleetHold {
    /** resource/ID or group/ID */
    readonly target: string
    readonly by: string
    readonly reason: string
    readonly sinceMs: number
}

// ── the day ────────────────────────────────────────────────────────────────────────────────────────────────────────

export type DayState = 'none' | 'approved' | 'running' | 'stopped' | 'ended'
/** One period of the day, predicted and realised; kW are means over the period, into the network. */
export interface DayPeriod {
    readonly startMs: number
    readonly predicted: FleetTiles & { readonly cost: number | null; readonly tradeKw: number | null }
    /** null where the period has not begun, or nothing was measured in it */
    readonly realised: (FleetTiles & { readonly cost: number | null; readonly minutes: number }) | null
    readonly orders: number
    readonly lost: number
}
/** GET /api/vpp/day */
export interface VppDayCard {
    readonly state: DayState
    readonly study?: string
    readonly startMs?: number
    readonly periodS?: number
    readonly approvedBy?: string
    readonly approvedMs?: number
    readonly appliedBy?: string
    readonly currency: string
    readonly replans: readonly {
        readonly tMs: number
        readonly why: string
        readonly left: readonly string[]
        readonly expectedCost: number | null
        /** where devices were lost or found: the day with and without them */
        readonly change?: Redecision
    }[]
    /** devices the rest of the day is planned without */
    readonly lost: readonly LostDevice[]
    /** what is left of their units */
    readonly left: readonly UnitLeft[]
    readonly periods: readonly DayPeriod[]
    readonly ledger: unknown
    readonly settlement: unknown
    readonly message: string
}
