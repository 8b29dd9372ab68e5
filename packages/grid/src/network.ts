/**
 * The network's records, as schema tables with units. Types, validators and the manual page come from these tables.
 *
 * Signs: generator and storage power positive into the bus; load power positive out of it; branch power positive from
 * the bus into the branch. Powers MW and Mvar, voltages p.u. of `baseKv` and degrees, impedances p.u. on `baseMva`.
 * Names after IEC 61970-301 (CIM) and the MATPOWER manual, appendix B.
 */
import { choice, flag, int, num, type RowOf, text } from '@gridverse/units'

export const bus = {
    id: int('number of the bus, unique', { min: 1 }),
    name: text('what people call it', { default: '' }),
    type: choice(['pq', 'pv', 'slack', 'isolated'], 'role in the power flow'),
    baseKv: num('kV', 'nominal line-to-line voltage', { min: 0 }),
    vmPu: num('p.u.', 'voltage magnitude, start value', { default: 1 }),
    vaDeg: num('deg', 'voltage angle, start value', { default: 0 }),
    vMinPu: num('p.u.', 'lowest permitted voltage', { min: 0, default: 0.9 }),
    vMaxPu: num('p.u.', 'highest permitted voltage', { min: 0, default: 1.1 }),
    area: int('control area', { default: 1 }),
    zone: int('loss zone', { default: 1 }),
    site: text('id of the site it stands in', { default: '' }),
}

export const load = {
    id: text('unique among loads'),
    bus: int('bus it draws from'),
    pMw: num('MW', 'active power drawn'),
    qMvar: num('Mvar', 'reactive power drawn'),
    inService: flag('connected', { default: true }),
}

export const shunt = {
    id: text('unique among shunts'),
    bus: int('bus it stands at'),
    gMw: num('MW', 'active power drawn at 1 p.u.'),
    bMvar: num('Mvar', 'reactive power given at 1 p.u. (capacitor positive)'),
    inService: flag('connected', { default: true }),
}

export const generator = {
    id: text('unique among generators'),
    bus: int('bus it feeds'),
    pMw: num('MW', 'active power given'),
    qMvar: num('Mvar', 'reactive power given', { default: 0 }),
    qMinMvar: num('Mvar', 'least reactive power', { infinite: true, default: -Infinity }),
    qMaxMvar: num('Mvar', 'most reactive power', { infinite: true, default: Infinity }),
    vSetPu: num('p.u.', 'voltage it holds at its bus', { default: 1 }),
    baseMva: num('MVA', 'machine base', { default: 100 }),
    pMinMw: num('MW', 'least active power', { infinite: true, default: 0 }),
    pMaxMw: num('MW', 'most active power', { infinite: true, default: Infinity }),
    inService: flag('connected', { default: true }),
}

export const storage = {
    id: text('unique among storages'),
    bus: int('bus it stands at'),
    pMw: num('MW', 'active power, discharge positive'),
    qMvar: num('Mvar', 'reactive power given', { default: 0 }),
    pMinMw: num('MW', 'most charge power, negative', { max: 0 }),
    pMaxMw: num('MW', 'most discharge power', { min: 0 }),
    energyMwh: num('MWh', 'usable energy when full', { above: 0 }),
    socPercent: num('%', 'state of charge', { min: 0, max: 100, default: 50 }),
    inService: flag('connected', { default: true }),
}

export const branch = {
    id: text('unique among branches'),
    kind: choice(['line', 'transformer'], 'a transformer has a ratio; its tap is on the from side'),
    fromBus: int('bus at the from side'),
    toBus: int('bus at the to side'),
    rPu: num('p.u.', 'series resistance'),
    xPu: num('p.u.', 'series reactance'),
    bPu: num('p.u.', 'total line charging susceptance', { default: 0 }),
    ratio: num('', 'off-nominal turns ratio from/to; 1 for a line', { above: 0, default: 1 }),
    shiftDeg: num('deg', 'phase shift, positive delays the to side', { default: 0 }),
    rateMva: num('MVA', 'continuous rating; 0 means none', { min: 0, default: 0 }),
    rateShortMva: num('MVA', 'short-term rating; 0 means none', { min: 0, default: 0 }),
    rateEmergencyMva: num('MVA', 'emergency rating; 0 means none', { min: 0, default: 0 }),
    angleMinDeg: num('deg', 'least angle difference from−to', { default: -360 }),
    angleMaxDeg: num('deg', 'greatest angle difference from−to', { default: 360 }),
    inService: flag('connected at both ends', { default: true }),
}

export type Bus = RowOf<typeof bus>
export type Load = RowOf<typeof load>
export type Shunt = RowOf<typeof shunt>
export type Generator = RowOf<typeof generator>
export type Storage = RowOf<typeof storage>
export type Branch = RowOf<typeof branch>

/** Cost of a generator's power, money per hour; the order of `generatorCost` is that of `generator`. */
export interface GeneratorCost {
    readonly model: 'polynomial' | 'piecewise-linear'
    readonly startup: number
    readonly shutdown: number
    /** polynomial: coefficients, highest power first; piecewise: MW, money/h pairs in turn */
    readonly coefficients: readonly number[]
}

/** A power system as data. Rows keep the order of the file they came from. */
export interface Network {
    readonly name: string
    readonly baseMva: number
    readonly frequencyHz: number
    readonly bus: readonly Bus[]
    readonly load: readonly Load[]
    readonly shunt: readonly Shunt[]
    readonly generator: readonly Generator[]
    readonly storage: readonly Storage[]
    readonly branch: readonly Branch[]
    readonly generatorCost: readonly GeneratorCost[]
    /** cost of reactive power, same order, where the case gives it */
    readonly generatorReactiveCost?: readonly GeneratorCost[]
}

/** Every table of a network by its name, for validators, forms and the manual. */
export const networkTables = { bus, load, shunt, generator, storage, branch } as const
