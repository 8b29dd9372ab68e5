/**
 * What a resource does by itself, and what it could do now. All powers kW into the network: what draws is negative.
 *
 * Baseline, what it would do undispatched:
 *   sun, wind            what the source could give (`availableKw`)
 *   turbine, generator, battery   nothing: they run for somebody who asks
 *   car                  charges at full power from plugging in until full
 *   cooling, hot water, reducible load   what it says it wants (`wantedKw`)
 *   heat tank, ice, run that can be moved, fixed load   what it drew when it last decided by itself
 *
 * Limits: least and most power of the next quarter of an hour. Contents, comfort and departures are guarded here: power that
 * contents could not carry for that long is not counted, a car that must charge to be ready does, a zone at the edge of
 * comfort keeps its machine.
 */
import type { ResourceKind, ResourceOf, ResourceQuantityName } from '@gridverse/assets'

/** kW and kWh; 30 s and 15 min as markets of balancing power have them. */
export interface Ability {
    readonly baselineKw: number
    /** least and most power within 15 min */
    readonly lowKw: number
    readonly highKw: number
    /** the same within 30 s */
    readonly fastLowKw: number
    readonly fastHighKw: number
    /** energy that can be given beyond the baseline, or held back, until contents end it; Infinity where nothing does */
    readonly upKwh: number
    readonly downKwh: number
    /** what keeps it from its rated limits: comfort, a departure, contents */
    readonly guard?: 'comfort' | 'departure' | 'content' | 'run'
}

export interface Reading {
    /** power into the network, kW; imputed where nothing is heard */
    readonly pKw: number
    /** newest value; NaN where never heard */
    value(quantity: ResourceQuantityName): number
    /** power it drew or gave when it last decided by itself, into the network */
    readonly ownKw: number
    /** local hour of the day */
    readonly hour: number
}

/** the span limits are meant for, h */
const spanH = 0.25
/** margin to the edge of comfort, K */
const marginK = 0.3
/** a car keeps this share of its content when it gives back */
const carReserve = 0.3

const within = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x))
const or = (value: number, otherwise: number) => (Number.isNaN(value) ? otherwise : value)

/** Limits that hold at once as well as later. */
function quick(baselineKw: number, lowKw: number, highKw: number, upKwh = Infinity, downKwh = Infinity, guard?: Ability['guard']): Ability {
    const low = Math.min(lowKw, highKw)
    const base = within(baselineKw, low, highKw)
    return { baselineKw: base, lowKw: low, highKw, fastLowKw: low, fastHighKw: highKw, upKwh, downKwh, ...(guard ? { guard } : {}) }
}
const rigid = (pKw: number, guard?: Ability['guard']) => quick(pKw, pKw, pKw, 0, 0, guard)

function fromSource(r: ResourceOf<'pv'> | ResourceOf<'wind'>, { pKw, value }: Reading): Ability {
    const available = within(or(value('availableKw'), pKw), 0, r.ratedKw)
    return quick(available, 0, available)
}

function fromMachine(r: { pMinKw: number; pMaxKw: number; rampKwPerMin: number }, startMin: number, { pKw, value }: Reading): Ability {
    const running = or(value('running'), pKw > 0 ? 1 : 0) > 0
    // a start takes its time before the ramp begins; a stop is as quick as the ramp to least load
    const rampMin = running ? 15 : Math.max(0, 15 - startMin)
    const from = running ? pKw : r.pMinKw
    const highKw = running || rampMin > 0 ? Math.min(r.pMaxKw, from + rampMin * r.rampKwPerMin) : 0
    const fastKw = running ? r.rampKwPerMin / 2 : 0
    return {
        baselineKw: 0,
        lowKw: 0,
        highKw,
        fastLowKw: running ? Math.max(Math.min(pKw, r.pMinKw), pKw - fastKw) : 0,
        fastHighKw: running ? Math.min(r.pMaxKw, pKw + fastKw) : 0,
        upKwh: Infinity,
        downKwh: Infinity,
    }
}

function fromBattery(r: ResourceOf<'battery'>, { value }: Reading): Ability {
    const [least, most] = [(r.energyKwh * r.socMinPercent) / 100, (r.energyKwh * r.socMaxPercent) / 100]
    const content = contentOf(r.energyKwh, value)
    const upKwh = Math.max(0, content - least) * r.dischargeEfficiency
    const downKwh = Math.max(0, most - content) / r.chargeEfficiency
    const highKw = Math.min(r.dischargeKw, upKwh / spanH)
    const lowKw = -Math.min(r.chargeKw, downKwh / spanH)
    return quick(0, lowKw, highKw, upKwh, downKwh, highKw < r.dischargeKw || lowKw > -r.chargeKw ? 'content' : undefined)
}

/** Content in kWh, from either of the two a store may say; half where it says neither. */
export function contentOf(fullKwh: number, value: Reading['value']): number {
    return within(or(value('energyKwh'), (or(value('socPercent'), 50) / 100) * fullKwh), 0, fullKwh)
}

/** Hours from now until the next time it is `toH` o'clock. */
export const hoursUntil = (fromH: number, toH: number): number => (((toH - fromH) % 24) + 24) % 24

function fromCar(r: ResourceOf<'home-ev'> | ResourceOf<'public-ev'>, { value, pKw, hour }: Reading): Ability {
    const connected = or(value('connected'), pKw === 0 ? 0 : 1) > 0
    if (!connected) return rigid(0)
    const content = contentOf(r.batteryKwh, value)
    const roomKwh = Math.max(0, r.batteryKwh - content) / r.efficiency
    const needKwh = Math.max(0, (r.readyPercent / 100) * r.batteryKwh - content) / r.efficiency
    const lowKw = -Math.min(r.chargeKw, roomKwh / spanH)
    // what could be put off and still be made up for before it leaves
    const slackKwh = r.chargeKw * hoursUntil(hour, r.departH) - needKwh
    if (slackKwh <= r.chargeKw * spanH) return needKwh > 0 ? rigid(lowKw, 'departure') : quick(lowKw, lowKw, 0, 0, roomKwh, 'departure')
    const spareKwh = Math.min(slackKwh - r.chargeKw * spanH, Math.max(0, content - carReserve * r.batteryKwh)) * r.efficiency
    const highKw = r.dischargeKw > 0 ? Math.min(r.dischargeKw, spareKwh / spanH) : 0
    return quick(lowKw, lowKw, highKw, slackKwh + spareKwh, roomKwh, highKw < r.dischargeKw ? 'departure' : undefined)
}

function fromZone(r: ResourceOf<'air-conditioner'>, { value, pKw }: Reading): Ability {
    const wanted = within(or(value('wantedKw'), -pKw), 0, r.pMaxKw)
    const zone = or(value('temperatureC'), r.setpointC)
    const [toWarm, toCold] = [r.comfortMaxC - marginK - zone, zone - r.comfortMinC - marginK]
    // resting lets a cooled zone warm and a heated one cool
    const [restK, workK] = r.mode === 'cool' ? [toWarm, toCold] : [toCold, toWarm]
    const kwhPerK = r.capacityKwhPerK / r.cop
    const mayRest = restK > 0
    const mayWork = workK > 0
    const highKw = mayRest ? 0 : -wanted
    const lowKw = mayWork ? -r.pMaxKw : -wanted
    const guard = mayRest && mayWork ? undefined : 'comfort'
    return quick(-wanted, lowKw, highKw, Math.max(0, restK) * kwhPerK, Math.max(0, workK) * kwhPerK, guard)
}

function fromHotWater(r: ResourceOf<'water-heater'>, { value, pKw }: Reading): Ability {
    const wanted = within(or(value('wantedKw'), -pKw), 0, r.pMaxKw)
    const heat = within(or(value('energyKwh'), r.energyKwh / 2), 0, r.energyKwh)
    const spareKwh = Math.max(0, heat - r.minKwh - r.pMaxKw * spanH) / r.efficiency
    const roomKwh = Math.max(0, r.energyKwh - heat) / r.efficiency
    const cold = spareKwh === 0
    return quick(-wanted, -Math.min(r.pMaxKw, roomKwh / spanH), cold ? -wanted : 0, spareKwh, roomKwh, cold ? 'comfort' : undefined)
}

function fromHeatTank(r: ResourceOf<'heat-tank'>, { value, ownKw }: Reading): Ability {
    const heat = within(or(value('energyKwh'), r.energyKwh / 2), 0, r.energyKwh)
    const demand = or(value('heatKw'), r.demandKw / 2)
    const own = within(ownKw, -r.heaterKw, 0)
    const spareKwh = Math.max(0, heat - demand * spanH) / r.efficiency
    const roomKwh = Math.max(0, r.energyKwh - heat) / r.efficiency
    const empty = spareKwh === 0
    return quick(own, -Math.min(r.heaterKw, roomKwh / spanH + demand), empty ? own : 0, spareKwh, roomKwh, empty ? 'content' : undefined)
}

function fromIce(r: ResourceOf<'ice-store'>, { value, ownKw }: Reading): Ability {
    const cold = within(or(value('energyKwh'), r.energyKwh / 2), 0, r.energyKwh)
    const most = r.makeKw + r.chillerKw
    const own = within(ownKw, -most, 0)
    // ice melts instead of the chiller's work
    const meltKw = Math.min(r.meltKw, cold / spanH) / r.chillerCop
    const roomKwh = Math.max(0, r.energyKwh - cold) / r.makeCop
    const highKw = Math.min(0, own + meltKw + Math.max(0, -own - r.chillerKw))
    const lowKw = -Math.min(most, -own + Math.min(r.makeKw, roomKwh / spanH))
    return quick(own, lowKw, highKw, cold / r.chillerCop, roomKwh, highKw <= own ? 'content' : undefined)
}

function fromReducible(r: ResourceOf<'curtailable'>, { value, pKw }: Reading): Ability {
    const wanted = Math.max(0, or(value('wantedKw'), -pKw))
    return quick(-wanted, -wanted, -wanted * (1 - r.curtailShare))
}

function fromRun(r: ResourceOf<'shiftable'>, { value, pKw, hour }: Reading): Ability {
    const running = or(value('running'), pKw === 0 ? 0 : 1) > 0
    // a run that is under way goes on; one that waits may begin while it can still end in time
    if (running) return rigid(-r.powerKw, 'run')
    const windowH = hoursUntil(r.earliestH, r.latestH) || 24
    const sinceH = hoursUntil(r.earliestH, hour)
    const mayBegin = sinceH + r.durationH <= windowH
    return quick(0, mayBegin ? -r.powerKw : 0, 0, 0, mayBegin ? r.powerKw * r.durationH : 0)
}

type Abilities = { readonly [K in ResourceKind]: (resource: ResourceOf<K>, reading: Reading) => Ability }
const abilities: Abilities = {
    pv: fromSource,
    wind: fromSource,
    'gas-turbine': (r, reading) => fromMachine(r, r.startMin, reading),
    generator: (r, reading) => fromMachine(r, 1, reading),
    battery: fromBattery,
    'home-ev': fromCar,
    'public-ev': fromCar,
    'air-conditioner': fromZone,
    'water-heater': fromHotWater,
    'heat-tank': fromHeatTank,
    'ice-store': fromIce,
    curtailable: fromReducible,
    shiftable: fromRun,
    'fixed-load': (_, { pKw }) => rigid(pKw),
}

export function abilityOf<K extends ResourceKind>(resource: ResourceOf<K>, reading: Reading): Ability {
    return (abilities[resource.kind] as (resource: ResourceOf<K>, reading: Reading) => Ability)(resource, reading)
}

/** Greatest power of its device, kW ≥ 0: the yardstick of shares and tolerances. */
const ratings: { readonly [K in ResourceKind]: (resource: ResourceOf<K>) => number } = {
    pv: (r) => r.ratedKw,
    wind: (r) => r.ratedKw,
    'gas-turbine': (r) => r.pMaxKw,
    generator: (r) => r.pMaxKw,
    battery: (r) => Math.max(r.chargeKw, r.dischargeKw),
    'home-ev': (r) => Math.max(r.chargeKw, r.dischargeKw),
    'public-ev': (r) => Math.max(r.chargeKw, r.dischargeKw),
    'air-conditioner': (r) => r.pMaxKw,
    'water-heater': (r) => r.pMaxKw,
    'heat-tank': (r) => r.heaterKw,
    'ice-store': (r) => r.makeKw + r.chillerKw,
    curtailable: (r) => r.peakKw,
    shiftable: (r) => r.powerKw,
    'fixed-load': (r) => r.peakKw,
}
export function ratedKw<K extends ResourceKind>(resource: ResourceOf<K>): number {
    return (ratings[resource.kind] as (resource: ResourceOf<K>) => number)(resource)
}
