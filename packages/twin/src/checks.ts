/**
 * The rules a command must pass, in the order people should hear of them: role, point, range, interlock, hold, quality,
 * limit, rate, two-person. All are looked at every time, so that everything wrong is said at once.
 */
import { quantityOf, ratioAtTap, type Switch, splitComponent } from '@gridverse/grid'
import type { GateState } from './gate.ts'
import { type GateArgs, type GateKey, sayGate } from './gate-text.ts'
import { qualityCode } from './measurement.ts'
import { type Check, type Person, type Prediction, roles } from './messages.ts'
import type { TwinModel } from './model.ts'
import { predictCommand } from './prediction.ts'
import type { Snapshot } from './snapshot.ts'
import { closedSwitches, computeLoss, computeTopology, isLive } from './topology.ts'

/** A command somebody, or some program, wants. */
export interface CommandRequest {
    readonly point: string
    readonly value: number
    readonly by: Person
    /** a supervisor takes it upon himself to act on stale values */
    readonly confirmStale?: boolean
}

/** What the checks look at. */
export interface CheckContext {
    readonly snapshot: Snapshot
    readonly gate: GateState
    /** the point's device, where known */
    readonly device: string | undefined
    readonly deviceAlive: boolean
    /** false to leave out the power-flow prediction (it is the slowest check) */
    readonly predict?: boolean
    /** components with a trip nobody has acknowledged yet; they may have a fault */
    readonly tripped?: ReadonlySet<string>
}

/** What the gate's checks found; a command goes through only when all pass. */
export interface Checked {
    readonly checks: readonly Check[]
    /** the point's value now; null where unknown */
    readonly before: number | null
    readonly prediction?: Prediction
    readonly confirmedStale?: boolean
}

/** Synchro-check within an island and between two: greatest angle across the open breaker, deg, and voltage, p.u. */
export const synchroCheck = { sameIsland: { angleDeg: 25, voltagePu: 0.1 }, twoIslands: { angleDeg: 10, voltagePu: 0.05 } } as const

/** A disconnector may break or make no more than this, MVA. */
const disconnectorMva = 0.1
/** Least time between commands to one point, ms. */
const restMs: Readonly<Record<string, number>> = { closed: 3_000, tapPosition: 5_000 }
const otherRestMs = 1_000

/** Every rule of the gate, in priority order, on one request. */
export function checkCommand(model: TwinModel, request: CommandRequest, context: CheckContext, nowMs: number): Checked {
    const index = model.indexOf(request.point)
    const quantity = quantityOf(request.point)
    const known = index >= 0 && quantity?.commandable === true
    const value = known ? context.snapshot.value[index]! : Number.NaN
    const before = Number.isNaN(value) ? null : value
    const role = checkRole(request.by)
    const point = checkPoint(request.point, known, index, context)
    if (!known) return { checks: [role, point], before }

    const range = checkRange(model, index, request.value, context.snapshot)
    const interlock = checkInterlock(model, index, request.value, context)
    const hold = checkHold(request.point, context.gate)
    const quality = checkQuality(request, index, context.snapshot)
    const predicted = range.pass && point.pass && context.predict !== false ? predictCommand(model, context.snapshot, request) : undefined
    const checks = [role, point, range, interlock, hold, quality.check]
    checks.push(
        checkLimit(predicted, context.predict !== false),
        checkRate(request.point, context.gate, nowMs),
        checkTwoPerson(model, index, request, context.snapshot),
    )
    return { checks, before, ...(predicted ? { prediction: predicted } : {}), ...(quality.confirmed ? { confirmedStale: true } : {}) }
}

type Rule = Check['rule']
const passed = <R extends Rule>(rule: R, says: SaidOf<R>, args?: GateArgs): Check => ({ rule, pass: true, ...say(rule, says, args) })
const failed = <R extends Rule>(rule: R, says: SaidOf<R>, args?: GateArgs): Check => ({ rule, pass: false, ...say(rule, says, args) })
type SaidOf<R extends Rule> = GateKey extends infer K ? (K extends `${R}.${infer Rest}` ? Rest : never) : never
const say = (rule: string, says: string, args?: GateArgs) => sayGate(`${rule}.${says}` as GateKey, args)
const isAtLeast = (person: Person, role: (typeof roles)[number]) => roles.indexOf(person.role) >= roles.indexOf(role)

function checkRole(by: Person): Check {
    return isAtLeast(by, 'operator')
        ? passed('role', 'may', { person: by.name, role: by.role })
        : failed('role', 'may-not', { role: by.role })
}

function checkPoint(point: string, known: boolean, index: number, { device, deviceAlive }: CheckContext): Check {
    if (index < 0) return failed('point', 'none', { point })
    if (!known) return failed('point', 'not-commandable', { point })
    if (device === undefined) return failed('point', 'no-device', { point })
    return deviceAlive ? passed('point', 'online', { device }) : failed('point', 'offline', { device, point })
}

function checkRange(model: TwinModel, index: number, value: number, snapshot: Snapshot): Check {
    const card = model.points[index]!
    const { unit } = card
    if (!Number.isFinite(value)) return failed('range', 'not-a-value', { value: String(value) })
    if (card.kind === 'status' && value !== 0 && value !== 1) return failed('range', 'position', { value })
    if (card.quantity === 'tapPosition' && !Number.isInteger(value)) return failed('range', 'tap', { value })
    const quantity = quantityOf(card.id)!
    const low = Math.max(card.limits?.low ?? quantity.min, quantity.min)
    const high = Math.min(card.limits?.high ?? quantity.max, quantity.max)
    if (value < low || value > high) return failed('range', 'outside', { value, low: said(low), high: said(high), unit })
    return checkEnergy(model, card.component, value, snapshot) ?? passed('range', 'within', { low: said(low), high: said(high), unit })
}

/** A bound in words; JSON knows no infinity. */
const said = (bound: number): string | number => (Number.isFinite(bound) ? bound : bound < 0 ? '−∞' : '∞')

/** An empty storage gives nothing, a full one takes nothing. */
function checkEnergy(model: TwinModel, component: string, value: number, snapshot: Snapshot): Check | undefined {
    const soc = snapshot.value[model.at(component, 'socPercent')]
    if (soc === undefined || Number.isNaN(soc)) return undefined
    if (value > 0 && soc <= 1) return failed('range', 'empty', { soc: soc.toFixed(1) })
    if (value < 0 && soc >= 99) return failed('range', 'full', { soc: soc.toFixed(1) })
    return undefined
}

function checkInterlock(model: TwinModel, index: number, value: number, { snapshot, tripped }: CheckContext): Check {
    const row = model.column('switch', 'closed').indexOf(index)
    if (row < 0) return passed('interlock', 'none')
    const sw = model.region.switch[row]!
    const closed = closedSwitches(model, snapshot)
    if (closed[row] === value) return passed('interlock', value === 1 ? 'closed-already' : 'open-already')
    const others = model.region.switch.flatMap((other, s) => (other.component === sw.component && s !== row ? [s] : []))
    const completes = others.every((s) => closed[s] === 1)
    if (sw.kind === 'disconnector' && completes) {
        const mva = flowOf(model, sw, snapshot)
        // it may make or break what stands still, never what flows or is about to
        if (value === 1 || !(mva <= disconnectorMva)) return failed('interlock', 'under-load', { component: sw.component })
    }
    if (value === 0 || !completes) return passed('interlock', value === 0 ? 'can-break' : 'incomplete')
    if (tripped?.has(sw.component)) return failed('interlock', 'tripped', { component: sw.component })
    return checkSynchronism(model, sw, closed, snapshot)
}

/** Apparent power through the switch's component, MVA; NaN where unknown. */
function flowOf(model: TwinModel, sw: Switch, { value }: Snapshot): number {
    const [p, q] = sw.side === 'unit' ? ['pMw', 'qMvar'] : sw.side === 'from' ? ['pFromMw', 'qFromMvar'] : ['pToMw', 'qToMvar']
    const pMw = model.at(sw.component, p!)
    const qMvar = value[model.at(sw.component, q!)]!
    return Math.hypot(pMw < 0 ? 0 : value[pMw]!, qMvar)
}

/** Closing a branch between live buses: angle and voltage across it must be near enough. */
function checkSynchronism(model: TwinModel, sw: Switch, closed: Uint8Array, snapshot: Snapshot): Check {
    const { kind, id } = splitComponent(sw.component)
    const branch = kind === 'branch' ? model.region.network.branch.find((b) => b.id === id) : undefined
    if (!branch) return passed('interlock', 'unit')
    const topology = computeTopology(model, closed)
    const [from, to] = [model.busRow.get(branch.fromBus)!, model.busRow.get(branch.toBus)!]
    if (!isLive(topology, from) || !isLive(topology, to)) return passed('interlock', 'dead-side')
    const at = (bus: number, quantity: string) => snapshot.value[model.at(`bus/${bus}`, quantity)]!
    const tap = snapshot.value[model.at(sw.component, 'tapPosition')]
    const ratio = ratioAtTap(branch.ratio, tap === undefined || Number.isNaN(tap) ? 0 : tap)
    const angle = wrapDeg(at(branch.fromBus, 'vaDeg') - at(branch.toBus, 'vaDeg') - branch.shiftDeg)
    const voltage = at(branch.fromBus, 'vmPu') / ratio - at(branch.toBus, 'vmPu')
    const apart = topology.island[from] !== topology.island[to]
    const limit = apart ? synchroCheck.twoIslands : synchroCheck.sameIsland
    const across = { angle: Math.abs(angle).toFixed(1), voltage: Math.abs(voltage).toFixed(3) }
    if (Number.isNaN(angle) || Number.isNaN(voltage)) return failed('interlock', 'unknown-voltage', { component: sw.component })
    const near = Math.abs(angle) <= limit.angleDeg && Math.abs(voltage) <= limit.voltagePu
    return near
        ? passed('interlock', apart ? 'near-islands' : 'near', across)
        : failed('interlock', apart ? 'far-islands' : 'far', { ...across, angleMax: limit.angleDeg, voltageMax: limit.voltagePu })
}

const wrapDeg = (deg: number) => deg - 360 * Math.round(deg / 360)

function checkHold(point: string, { holds }: GateState): Check {
    const hold = holds.get(point)
    return hold ? failed('hold', 'held', { person: hold.by, reason: hold.reason }) : passed('hold', 'none')
}

const usable = [qualityCode('good'), qualityCode('substituted')]
const blind = ['waiting', 'unobservable', 'diverged']

function checkQuality({ by, confirmStale }: CommandRequest, index: number, snapshot: Snapshot): { check: Check; confirmed: boolean } {
    const { status } = snapshot.fidelity
    const doubtful = !usable.includes(snapshot.quality[index]!)
    const isBlind = blind.includes(status)
    if (!doubtful && !isBlind) return { check: passed('quality', 'known'), confirmed: false }
    if (confirmStale && isAtLeast(by, 'supervisor')) return { check: passed('quality', 'accepted', { person: by.name }), confirmed: true }
    return { check: failed('quality', !isBlind ? 'value' : doubtful ? 'both' : 'grid', { status }), confirmed: false }
}

function checkLimit(prediction: Prediction | undefined, wanted: boolean): Check {
    if (!prediction) return wanted ? failed('limit', 'unpredicted') : passed('limit', 'skipped')
    if (prediction.status === 'diverged') return failed('limit', 'no-solution')
    const worst = prediction.violations
        .slice(0, 3)
        .map((v) => `${v.point} ${v.value.toFixed(3)} ${v.value > v.limit ? '>' : '<'} ${v.limit} ${v.unit}`)
    return worst.length > 0 ? failed('limit', 'violates', { violations: worst.join(', ') }) : passed('limit', 'none')
}

function checkRate(point: string, { lastSentMs }: GateState, nowMs: number): Check {
    const rest = restMs[point.slice(point.lastIndexOf('/') + 1)] ?? otherRestMs
    const since = nowMs - (lastSentMs.get(point) ?? Number.NEGATIVE_INFINITY)
    return since >= rest ? passed('rate', 'rested') : failed('rate', 'too-soon', { sinceMs: since, waitMs: rest - since })
}

/** Opening what takes supply from loads or parts the grid needs a second person. */
function checkTwoPerson(model: TwinModel, index: number, { value, by }: CommandRequest, snapshot: Snapshot): Check {
    const row = model.column('switch', 'closed').indexOf(index)
    if (row < 0 || value !== 0) return passed('two-person', 'not-needed')
    const closed = closedSwitches(model, snapshot)
    const opened = closed.slice()
    opened[row] = 0
    const loads = model.column('load', 'pMw')
    const power = (load: number) => {
        const mw = snapshot.value[loads[load]!]!
        return Number.isNaN(mw) ? model.region.network.load[load]!.pMw : mw
    }
    const loss = computeLoss(model, computeTopology(model, closed), computeTopology(model, opened), power)
    if (loss.loads.length === 0 && loss.newIslands === 0) return passed('two-person', 'no-loss')
    const some = loss.loads.length === 1 ? 'load' : 'loads'
    const says = loss.loads.length === 0 ? 'apart' : loss.newIslands > 0 ? (`${some}-apart` as const) : some
    return failed('two-person', says, {
        load: String(loss.loads[0] ?? ''),
        count: loss.loads.length,
        mw: loss.lostMw.toFixed(2),
        person: by.name,
    })
}
