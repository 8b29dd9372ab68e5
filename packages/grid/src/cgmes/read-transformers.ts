/**
 * Transformers from ends in ohms to records in per unit.
 *
 * Every end has an ideal tap N = n·e^(j·a) at its terminal, n and a by its tap changers, then a shunt g + j·b and an
 * impedance r + j·x, both at its rated voltage. Two ends make a branch with the tap at its from side (end 1):
 *   ratio = n1/n2 · (U1/U2) · (Ubase2/Ubase1),  shift = a1 − a2 + clock,
 *   z = n2²·(z1·(U2/U1)² + z2) in ohms at end 2.
 * The shunts become charging where both ends have the same, and shunts at the buses where not.
 *
 * Tap changers after IEC 61970-301 and ENTSO-E's guide to phase shifting transformers; the angle of a phase tap changer
 * is that of its terminal against the inside, so that a positive one delays the other side.
 */
import { type CimObject, numberOf, targetOf } from './cim-object.ts'

export interface TapState {
    /** ratio of turns against the rated ones */
    readonly n: number
    readonly angleDeg: number
    /** factors of the end's impedance and shunt */
    readonly r: number
    readonly x: number
    readonly g: number
    readonly b: number
}
const neutral: TapState = { n: 1, angleDeg: 0, r: 1, x: 1, g: 1, b: 1 }

export interface EndState {
    readonly object: CimObject
    readonly terminal: CimObject | undefined
    readonly ratedKv: number
    readonly r: number
    readonly x: number
    readonly g: number
    readonly b: number
    readonly n: number
    readonly angleDeg: number
    /** hours by which the terminal lags end 1, 0…11 */
    readonly clock: number
    readonly ratioChanger: CimObject | undefined
    readonly phaseChanger: CimObject | undefined
}

/** Tap changers and their tables, found by end and by table. */
export interface TapIndex {
    readonly ratioOf: ReadonlyMap<CimObject, CimObject>
    readonly phaseOf: ReadonlyMap<CimObject, CimObject>
    readonly pointsOf: ReadonlyMap<CimObject, readonly CimObject[]>
}

/** Step a tap changer is at: by the steady state hypothesis, else the state variables, else normally. */
function stepOf(changer: CimObject, svStep: number | undefined): number {
    const step = numberOf(changer, 'TapChanger.step', svStep ?? Number.NaN)
    return Number.isNaN(step) ? numberOf(changer, 'TapChanger.normalStep', numberOf(changer, 'TapChanger.neutralStep')) : step
}

/** State of an end's ratio tap changer at a step. */
export function ratioTap(changer: CimObject, step: number, index: TapIndex): TapState {
    const table = targetOf(changer, 'RatioTapChanger.RatioTapChangerTable')
    if (table) return tableTap(table, step, index)
    const steps = step - numberOf(changer, 'TapChanger.neutralStep')
    return { ...neutral, n: 1 + (steps * numberOf(changer, 'RatioTapChanger.stepVoltageIncrement')) / 100 }
}

/** State of an end's phase tap changer at a step; `x` is the end's reactance in ohms. */
function phaseTap(changer: CimObject, step: number, x: number, index: TapIndex): TapState {
    const table = targetOf(changer, 'PhaseTapChangerTabular.PhaseTapChangerTable')
    if (table) return tableTap(table, step, index)
    const angleAt = (s: number) => phaseAt(changer, s - numberOf(changer, 'TapChanger.neutralStep'))
    const { n, angleDeg } = angleAt(step)
    const least = numberOf(changer, 'PhaseTapChangerLinear.xMin', numberOf(changer, 'PhaseTapChangerNonLinear.xMin', Number.NaN))
    const most = numberOf(changer, 'PhaseTapChangerLinear.xMax', numberOf(changer, 'PhaseTapChangerNonLinear.xMax', Number.NaN))
    if (!(most > least && least >= 0 && x !== 0)) return { ...neutral, n, angleDeg }
    const ends = [numberOf(changer, 'TapChanger.lowStep'), numberOf(changer, 'TapChanger.highStep')]
    const widest = Math.max(...ends.map((s) => Math.abs(angleAt(s).angleDeg)))
    if (widest === 0) return { ...neutral, n, angleDeg }
    const grown = least + (most - least) * reactanceShare(changer, angleDeg, widest)
    return { ...neutral, n, angleDeg, x: grown / x }
}

/** Turns and angle of a phase tap changer so many steps from neutral. */
function phaseAt(changer: CimObject, steps: number): { n: number; angleDeg: number } {
    if (changer.type === 'PhaseTapChangerLinear')
        return { n: 1, angleDeg: steps * numberOf(changer, 'PhaseTapChangerLinear.stepPhaseShiftIncrement') }
    const out = (steps * numberOf(changer, 'PhaseTapChangerNonLinear.voltageStepIncrement')) / 100
    if (changer.type === 'PhaseTapChangerSymmetrical') return { n: 1, angleDeg: degrees(2 * Math.atan(out / 2)) }
    const connection = radians(numberOf(changer, 'PhaseTapChangerAsymmetrical.windingConnectionAngle', 90))
    const dx = 1 + out * Math.cos(connection)
    const dy = out * Math.sin(connection)
    return { n: Math.hypot(dx, dy), angleDeg: degrees(Math.atan2(dy, dx)) }
}

/** Share of the way from least to greatest reactance at an angle. */
function reactanceShare(changer: CimObject, angleDeg: number, widest: number): number {
    const a = radians(angleDeg)
    const most = radians(widest)
    if (changer.type !== 'PhaseTapChangerAsymmetrical') return (Math.sin(a / 2) / Math.sin(most / 2)) ** 2
    const connection = radians(numberOf(changer, 'PhaseTapChangerAsymmetrical.windingConnectionAngle', 90))
    const [c, s] = [Math.cos(connection), Math.sin(connection)]
    return ((Math.tan(a) / Math.tan(most)) * ((s - Math.tan(most) * c) / (s - Math.tan(a) * c))) ** 2
}

function tableTap(table: CimObject, step: number, { pointsOf }: TapIndex): TapState {
    const points = pointsOf.get(table) ?? []
    let point: CimObject | undefined
    for (const candidate of points) {
        const away = (p: CimObject) => Math.abs(numberOf(p, 'TapChangerTablePoint.step') - step)
        if (!point || away(candidate) < away(point)) point = candidate
    }
    const factor = (name: string) => 1 + numberOf(point, `TapChangerTablePoint.${name}`) / 100
    return {
        n: numberOf(point, 'TapChangerTablePoint.ratio', 1),
        angleDeg: numberOf(point, 'PhaseTapChangerTablePoint.angle'),
        r: factor('r'),
        x: factor('x'),
        g: factor('g'),
        b: factor('b'),
    }
}

/** An end with its tap changers as they stand. */
export function endState(end: CimObject, index: TapIndex, svStepOf: (changer: CimObject) => number | undefined): EndState {
    const ratioChanger = index.ratioOf.get(end)
    const phaseChanger = index.phaseOf.get(end)
    const x = numberOf(end, 'PowerTransformerEnd.x')
    const one = ratioChanger ? ratioTap(ratioChanger, stepOf(ratioChanger, svStepOf(ratioChanger)), index) : neutral
    const two = phaseChanger ? phaseTap(phaseChanger, stepOf(phaseChanger, svStepOf(phaseChanger)), x, index) : neutral
    return {
        object: end,
        terminal: targetOf(end, 'TransformerEnd.Terminal'),
        ratedKv: numberOf(end, 'PowerTransformerEnd.ratedU', Number.NaN),
        r: numberOf(end, 'PowerTransformerEnd.r') * one.r * two.r,
        x: x * one.x * two.x,
        g: numberOf(end, 'PowerTransformerEnd.g') * one.g * two.g,
        b: numberOf(end, 'PowerTransformerEnd.b') * one.b * two.b,
        n: one.n * two.n,
        angleDeg: one.angleDeg + two.angleDeg,
        clock: numberOf(end, 'PowerTransformerEnd.phaseAngleClock'),
        ratioChanger,
        phaseChanger,
    }
}

export interface TwoWindings {
    readonly ratio: number
    readonly shiftDeg: number
    readonly rPu: number
    readonly xPu: number
    /** charging, equal halves at both ends */
    readonly bPu: number
    /** what is more at a side than the half of the charging, p.u. as seen from its bus */
    readonly shuntFrom: { readonly g: number; readonly b: number }
    readonly shuntTo: { readonly g: number; readonly b: number }
}

/** Two ends as a branch record; base voltages in kV of the buses of end 1 and end 2. */
export function combineEnds(one: EndState, two: EndState, baseKv1: number, baseKv2: number, baseMva: number): TwoWindings {
    const turns = two.ratedKv / one.ratedKv
    const zBase = baseKv2 ** 2 / baseMva
    const scale = two.n ** 2 / zBase
    const ratio = ((one.n / two.n) * baseKv2) / baseKv1 / turns
    // shunts in per unit of the to side, inside both taps
    const g1 = one.g / turns ** 2 / scale
    const b1 = one.b / turns ** 2 / scale
    const g2 = two.g / scale
    const b2 = two.b / scale
    const alike = Math.abs(b1 - b2) <= 1e-12 * Math.abs(b2)
    const half = alike ? b2 : 0
    return {
        ratio,
        shiftDeg: wrap(one.angleDeg - two.angleDeg + 30 * (two.clock - one.clock)),
        rPu: (one.r * turns ** 2 + two.r) * scale,
        xPu: (one.x * turns ** 2 + two.x) * scale,
        bPu: 2 * half,
        shuntFrom: { g: g1 / ratio ** 2, b: (alike ? 0 : b1) / ratio ** 2 },
        shuntTo: { g: g2, b: alike ? 0 : b2 },
    }
}

/** Shift of a winding of three: that of its tap, and the star's lead over a terminal that lags by its clock. */
export const starShift = (end: EndState) => wrap(end.angleDeg - 30 * end.clock)

/** −180 < a ≤ 180, only where a lies beyond a full turn's half. */
function wrap(a: number): number {
    if (a > -180 && a <= 180) return a
    const turned = ((a % 360) + 360) % 360
    return turned > 180 ? turned - 360 : turned
}

const degrees = (a: number) => (180 * a) / Math.PI
const radians = (a: number) => (Math.PI * a) / 180
