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

export const coupler = {
    id: text('unique among couplers'),
    fromBus: int('bus at the from side'),
    toBus: int('bus at the to side'),
    closed: flag('joins its buses without impedance', { default: true }),
}

export const dcLink = {
    id: text('unique among links'),
    fromBus: int('bus of the converter that draws'),
    toBus: int('bus of the converter that gives'),
    pMw: num('MW', 'active power drawn at the from side; negative runs the other way'),
    lossMw: num('MW', 'loss at no power', { min: 0, default: 0 }),
    lossPercent: num('%', 'further loss, of the power drawn', { min: 0, max: 100, default: 0 }),
    vFromPu: num('p.u.', 'voltage held at the from side; 0 holds none', { min: 0, default: 0 }),
    vToPu: num('p.u.', 'voltage held at the to side; 0 holds none', { min: 0, default: 0 }),
    qFromMvar: num('Mvar', 'reactive power given at the from side where it holds no voltage', { default: 0 }),
    qToMvar: num('Mvar', 'reactive power given at the to side where it holds no voltage', { default: 0 }),
    qMinFromMvar: num('Mvar', 'least reactive power at the from side', { infinite: true, default: -Infinity }),
    qMaxFromMvar: num('Mvar', 'most reactive power at the from side', { infinite: true, default: Infinity }),
    qMinToMvar: num('Mvar', 'least reactive power at the to side', { infinite: true, default: -Infinity }),
    qMaxToMvar: num('Mvar', 'most reactive power at the to side', { infinite: true, default: Infinity }),
    pMinMw: num('MW', 'least power', { infinite: true, default: -Infinity }),
    pMaxMw: num('MW', 'most power', { infinite: true, default: Infinity }),
    inService: flag('connected', { default: true }),
}

/** Impedances between pairs of windings, the third open, p.u. of `baseMva`; ratios and shifts to the star point, as of a two-winding one. */
export const transformer3 = {
    id: text('unique among three-winding transformers'),
    bus1: int('bus of winding 1, the highest voltage'),
    bus2: int('bus of winding 2'),
    bus3: int('bus of winding 3'),
    r12Pu: num('p.u.', 'resistance between windings 1 and 2'),
    x12Pu: num('p.u.', 'reactance between windings 1 and 2'),
    r23Pu: num('p.u.', 'resistance between windings 2 and 3'),
    x23Pu: num('p.u.', 'reactance between windings 2 and 3'),
    r31Pu: num('p.u.', 'resistance between windings 3 and 1'),
    x31Pu: num('p.u.', 'reactance between windings 3 and 1'),
    gPu: num('p.u.', 'magnetising conductance at winding 1', { default: 0 }),
    bPu: num('p.u.', 'magnetising susceptance at winding 1, negative for iron', { default: 0 }),
    ratio1: num('', 'off-nominal turns ratio of winding 1', { above: 0, default: 1 }),
    ratio2: num('', 'off-nominal turns ratio of winding 2', { above: 0, default: 1 }),
    ratio3: num('', 'off-nominal turns ratio of winding 3', { above: 0, default: 1 }),
    shift1Deg: num('deg', 'phase shift of winding 1', { default: 0 }),
    shift2Deg: num('deg', 'phase shift of winding 2', { default: 0 }),
    shift3Deg: num('deg', 'phase shift of winding 3', { default: 0 }),
    rate1Mva: num('MVA', 'rating of winding 1; 0 means none', { min: 0, default: 0 }),
    rate2Mva: num('MVA', 'rating of winding 2; 0 means none', { min: 0, default: 0 }),
    rate3Mva: num('MVA', 'rating of winding 3; 0 means none', { min: 0, default: 0 }),
    inService: flag('connected at all windings', { default: true }),
}

/** What holds a quantity by moving something: a transformer's ratio or shift, a shunt's steps, a generator's reactive power. */
export const control = {
    id: text('unique among controls'),
    kind: choice(['tap', 'shift', 'shunt', 'voltage'], "moves a branch's ratio or shift, a shunt's bMvar, or a generator's reactive power"),
    element: text('id of the branch, shunt or generator that moves'),
    bus: int('bus whose voltage is held; 0 for a phase shifter', { min: 0, default: 0 }),
    target: num('', 'voltage, p.u., or active power into the branch at its from side, MW'),
    deadband: num('', 'half the width of the band about the target', { min: 0, default: 0 }),
    min: num('', 'least ratio, shift (deg) or bMvar', { infinite: true, default: -Infinity }),
    max: num('', 'greatest ratio, shift (deg) or bMvar', { infinite: true, default: Infinity }),
    step: num('', 'size of one step from `min`; 0 moves smoothly', { min: 0, default: 0 }),
    inService: flag('at work', { default: true }),
}

export type Bus = RowOf<typeof bus>
export type Load = RowOf<typeof load>
export type Shunt = RowOf<typeof shunt>
export type Generator = RowOf<typeof generator>
export type Storage = RowOf<typeof storage>
export type Branch = RowOf<typeof branch>
export type Coupler = RowOf<typeof coupler>
export type DcLink = RowOf<typeof dcLink>
export type Transformer3 = RowOf<typeof transformer3>
export type Control = RowOf<typeof control>

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
    readonly coupler?: readonly Coupler[]
    readonly dcLink?: readonly DcLink[]
    readonly transformer3?: readonly Transformer3[]
    readonly control?: readonly Control[]
}

/** Tables a network may have besides. */
export const optionalTables = { coupler, dcLink, transformer3, control } as const

/** Every table each network has, by its name, for validators, forms and the manual. */
export const networkTables = { bus, load, shunt, generator, storage, branch } as const
