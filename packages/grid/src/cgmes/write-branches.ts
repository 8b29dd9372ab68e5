/** Lines, transformers and couplers as CIM equipment: per unit to ohms, ratios to rated voltages or tap changers. */
import { notKept } from '../case-format.ts'
import type { Branch, Control, Transformer3 } from '../network.ts'
import { kind, ref } from './cim-writer.ts'
import type { WriteFrame } from './write-frame.ts'

/** Every branch in the network's order. */
export function writeBranches(frame: WriteFrame): void {
    const { network, mrid, kvOf, terminal } = frame
    const taps = new Map<string, Control>()
    const shifts = new Map<string, Control>()
    for (const c of network.control ?? []) if (c.kind === 'tap' || c.kind === 'shift') (c.kind === 'tap' ? taps : shifts).set(c.element, c)
    const lines: string[] = []
    for (const branch of network.branch) {
        const id = mrid('branch', branch.id)
        const { fromBus: from, toBus: to } = branch
        const plain = branch.kind === 'line' && branch.ratio === 1 && branch.shiftDeg === 0 && kvOf(from) === kvOf(to)
        if (!plain && branch.kind === 'line') lines.push(branch.id)
        if (plain) writeLine(frame, branch, id)
        else writeTransformer(frame, branch, id, taps.get(branch.id), shifts.get(branch.id))
        const joined = frame.joined([from, to], branch.inService)
        const ends = [
            terminal(id, 1, from, `branch/${branch.id}`, 'from', joined),
            terminal(id, 2, to, `branch/${branch.id}`, 'to', joined),
        ]
        if (!plain) writeEnds(frame, branch, id, ends, taps.get(branch.id), shifts.get(branch.id))
        writeRatings(frame, ends[0]!, [branch.rateMva, branch.rateShortMva, branch.rateEmergencyMva])
    }
    if (lines.length)
        frame.issues.push(
            notKept(
                'branch/kind',
                `${lines.length} lines have a ratio or join two voltages (${lines.slice(0, 3).join(', ')}): written as transformers`,
            ),
        )
}

function writeLine({ eq, ohm, baseVoltageOf }: WriteFrame, branch: Branch, id: string): void {
    const z = ohm(branch.fromBus)
    eq.define('ACLineSegment', id, {
        'IdentifiedObject.name': branch.id,
        'ConductingEquipment.BaseVoltage': ref(baseVoltageOf(branch.fromBus)),
        'ACLineSegment.r': branch.rPu * z,
        'ACLineSegment.x': branch.xPu * z,
        'ACLineSegment.bch': branch.bPu / z,
        'ACLineSegment.gch': 0,
    })
}

function writeTransformer(frame: WriteFrame, branch: Branch, id: string, tap: Control | undefined, shift: Control | undefined): void {
    const { eq, substationOf, issues } = frame
    if (tap && shift) issues.push(notKept(`control/${shift.id}`, `branch ${branch.id} has two controls: that of its shift is not written`))
    eq.define('PowerTransformer', id, {
        'IdentifiedObject.name': branch.id,
        'Equipment.EquipmentContainer': ref(substationOf(branch.fromBus)),
    })
}

/**
 * The π circuit behind an ideal transformer at the from side: impedance at end 1 in ohms of its rated voltage, the
 * charging half at each end.
 */
function writeEnds(
    frame: WriteFrame,
    branch: Branch,
    id: string,
    ends: readonly string[],
    tap: Control | undefined,
    shift: Control | undefined,
): void {
    const { network, kvOf, ohm } = frame
    const { fromBus: from, toBus: to } = branch
    const steps = tap ? tapSteps(tap) : undefined
    // a ratio nothing moves is that of the rated voltages
    const rated1 = kvOf(from) * (steps ? steps.base : branch.ratio)
    const z1 = rated1 ** 2 / network.baseMva
    const clock = shift || branch.shiftDeg % 30 !== 0 ? 0 : mod(branch.shiftDeg / 30, 12)
    const end1 = writeEnd(frame, id, 1, ends[0]!, from, {
        ratedU: rated1,
        r: branch.rPu * z1,
        x: branch.xPu * z1,
        b: branch.bPu / 2 / z1,
        clock: 0,
    })
    writeEnd(frame, id, 2, ends[1]!, to, { ratedU: kvOf(to), r: 0, x: 0, b: branch.bPu / 2 / ohm(to), clock })
    if (tap && steps) writeRatioTapChanger(frame, branch, end1, tap, steps, rated1)
    if (shift && !tap) writePhaseControl(frame, branch, end1, ends[0]!, shift, branch.xPu * z1, rated1)
    else if (branch.shiftDeg % 30 !== 0) writeFixedShift(frame, branch.id, end1, branch.shiftDeg, branch.xPu * z1, rated1)
}

interface End {
    readonly ratedU: number
    readonly r: number
    readonly x: number
    readonly b: number
    readonly g?: number
    readonly clock: number
}

function writeEnd(frame: WriteFrame, transformer: string, number: number, terminal: string, bus: number, end: End): string {
    const id = frame.mrid('end', transformer, String(number))
    frame.eq.define('PowerTransformerEnd', id, {
        'IdentifiedObject.name': `end ${number}`,
        'TransformerEnd.endNumber': number,
        'TransformerEnd.Terminal': ref(terminal),
        'TransformerEnd.BaseVoltage': ref(frame.baseVoltageOf(bus)),
        'PowerTransformerEnd.PowerTransformer': ref(transformer),
        'PowerTransformerEnd.ratedU': end.ratedU,
        'PowerTransformerEnd.r': end.r,
        'PowerTransformerEnd.x': end.x,
        'PowerTransformerEnd.g': end.g ?? 0,
        'PowerTransformerEnd.b': end.b,
        ...(end.clock ? { 'PowerTransformerEnd.phaseAngleClock': end.clock } : {}),
    })
    return id
}

interface TapSteps {
    /** ratio of the rated voltages */
    readonly base: number
    readonly low: number
    readonly high: number
    /** change of the ratio by a step */
    readonly step: number
}

/** Steps that reach a control's least and greatest ratio: about the ratio 1 where it is one of them, else from the least. */
function tapSteps({ min, max, step }: Control): TapSteps {
    const low = Number.isFinite(min) ? min : 0.8
    const high = Number.isFinite(max) ? max : 1.2
    const size = step > 0 ? step : (high - low) / 1000
    const first = (low - 1) / size
    const whole = Math.abs(first - Math.round(first)) < 1e-6
    const base = whole ? 1 : low
    const lowStep = whole ? Math.round(first) : 0
    return { base, low: lowStep, high: lowStep + Math.round((high - low) / size), step: size }
}

function writeRatioTapChanger(frame: WriteFrame, branch: Branch, end: string, tap: Control, steps: TapSteps, ratedU: number): void {
    const { eq, ssh, sv, mrid, kvOf, busbarTerminalOf, issues } = frame
    if (!(tap.step > 0 && Number.isFinite(tap.min) && Number.isFinite(tap.max)))
        issues.push(notKept(`control/${tap.id}`, `control ${tap.id} moves without steps or limits: written in 1000 steps`))
    const id = mrid('control', tap.id, 'tap changer')
    const control = mrid('control', tap.id)
    const position = cleanStep((branch.ratio / steps.base - 1) / (steps.step / steps.base))
    eq.define('RatioTapChanger', id, {
        'IdentifiedObject.name': branch.id,
        'RatioTapChanger.TransformerEnd': ref(end),
        'RatioTapChanger.stepVoltageIncrement': (100 * steps.step) / steps.base,
        'RatioTapChanger.tculControlMode': kind('TransformerControlMode.volt'),
        'TapChanger.lowStep': steps.low,
        'TapChanger.highStep': steps.high,
        'TapChanger.neutralStep': 0,
        'TapChanger.neutralU': ratedU,
        'TapChanger.normalStep': Math.round(position),
        'TapChanger.ltcFlag': true,
        'TapChanger.TapChangerControl': ref(control),
    })
    ssh.describe('RatioTapChanger', id, { 'TapChanger.step': position, 'TapChanger.controlEnabled': tap.inService })
    writeControl(frame, tap, 'TapChangerControl', busbarTerminalOf(tap.bus), kvOf(tap.bus), 'voltage')
    sv.define('SvTapStep', mrid('control', tap.id, 'sv step'), { 'SvTapStep.TapChanger': ref(id), 'SvTapStep.position': position })
}

const cleanStep = (x: number) => (Math.abs(x - Math.round(x)) < 1e-9 ? Math.round(x) : x)

function writePhaseControl(
    frame: WriteFrame,
    branch: Branch,
    end: string,
    terminal: string,
    shift: Control,
    x: number,
    ratedU: number,
): void {
    const { eq, ssh, mrid, issues } = frame
    const id = mrid('control', shift.id, 'tap changer')
    const least = Number.isFinite(shift.min) ? shift.min : -60
    const most = Number.isFinite(shift.max) ? shift.max : 60
    const step = shift.step > 0 ? shift.step : (most - least) / 1000
    const exact = shift.step > 0 && Number.isFinite(shift.min) && Math.abs(least / step - Math.round(least / step)) < 1e-6
    if (!exact)
        issues.push(notKept(`control/${shift.id}`, `steps of control ${shift.id} do not reach 0 degrees: its limits are written rounded`))
    const position = cleanStep(branch.shiftDeg / step)
    eq.define('PhaseTapChangerLinear', id, {
        'IdentifiedObject.name': branch.id,
        'PhaseTapChanger.TransformerEnd': ref(end),
        'PhaseTapChangerLinear.stepPhaseShiftIncrement': step,
        'PhaseTapChangerLinear.xMin': x,
        'PhaseTapChangerLinear.xMax': x,
        'TapChanger.lowStep': Math.round(least / step),
        'TapChanger.highStep': Math.round(most / step),
        'TapChanger.neutralStep': 0,
        'TapChanger.neutralU': ratedU,
        'TapChanger.normalStep': Math.round(position),
        'TapChanger.ltcFlag': true,
        'TapChanger.TapChangerControl': ref(mrid('control', shift.id)),
    })
    ssh.describe('PhaseTapChangerLinear', id, { 'TapChanger.step': position, 'TapChanger.controlEnabled': shift.inService })
    writeControl(frame, shift, 'TapChangerControl', terminal, 1, 'activePower')
}

/** A shift nothing moves, as the one step of a phase tap changer. */
function writeFixedShift({ eq, ssh, mrid }: WriteFrame, name: string, end: string, shiftDeg: number, x: number, ratedU: number): void {
    const id = mrid('end', end, 'shift')
    eq.define('PhaseTapChangerLinear', id, {
        'IdentifiedObject.name': name,
        'PhaseTapChanger.TransformerEnd': ref(end),
        'PhaseTapChangerLinear.stepPhaseShiftIncrement': shiftDeg,
        'PhaseTapChangerLinear.xMin': x,
        'PhaseTapChangerLinear.xMax': x,
        'TapChanger.lowStep': 0,
        'TapChanger.highStep': 1,
        'TapChanger.neutralStep': 0,
        'TapChanger.neutralU': ratedU,
        'TapChanger.normalStep': 1,
        'TapChanger.ltcFlag': false,
    })
    ssh.describe('PhaseTapChangerLinear', id, { 'TapChanger.step': 1, 'TapChanger.controlEnabled': false })
}

/** A regulating control: in kV for voltages (`scale` kV of 1 p.u.), in MW for powers (`scale` 1). */
export function writeControl(
    { eq, ssh, mrid }: WriteFrame,
    control: Control,
    type: 'RegulatingControl' | 'TapChangerControl',
    terminal: string,
    scale: number,
    mode: 'voltage' | 'activePower',
): void {
    const id = mrid('control', control.id)
    eq.define(type, id, {
        'IdentifiedObject.name': control.id,
        'RegulatingControl.Terminal': ref(terminal),
        'RegulatingControl.mode': kind(`RegulatingControlModeKind.${mode}`),
    })
    ssh.describe(type, id, {
        'RegulatingControl.discrete': control.step > 0,
        'RegulatingControl.enabled': control.inService,
        'RegulatingControl.targetValue': control.target * scale,
        'RegulatingControl.targetDeadband': 2 * control.deadband * scale,
        'RegulatingControl.targetValueUnitMultiplier': kind(`UnitMultiplier.${mode === 'voltage' ? 'k' : 'M'}`),
    })
}

/** The durations of the limits written, s; undefined for the continuous one. */
const durations = [undefined, 900, 60] as const
const limitNames = ['PATL', 'TATL 900 s', 'TATL 60 s'] as const
const limitId = (frame: WriteFrame, i: number) => frame.mrid('limit type', limitNames[i]!)

/** The kinds of ratings and voltage limits, once. */
export function writeLimitTypes(frame: WriteFrame): void {
    limitNames.forEach((name, i) => {
        frame.eq.define('OperationalLimitType', limitId(frame, i), {
            'IdentifiedObject.name': name,
            'OperationalLimitType.acceptableDuration': durations[i],
            'OperationalLimitType.direction': kind('OperationalLimitDirectionKind.absoluteValue'),
            'OperationalLimitType.limitType': kind(`LimitTypeKind.${i === 0 ? 'patl' : 'tatl'}`),
        })
    })
    for (const [name, direction] of [
        ['highVoltage', 'high'],
        ['lowVoltage', 'low'],
    ] as const)
        frame.eq.define('OperationalLimitType', frame.mrid('limit type', name), {
            'IdentifiedObject.name': name,
            'OperationalLimitType.direction': kind(`OperationalLimitDirectionKind.${direction}`),
            'OperationalLimitType.limitType': kind(`LimitTypeKind.${name}`),
        })
}

function writeRatings(frame: WriteFrame, terminal: string, ratings: readonly number[]): void {
    if (ratings.every((mva) => mva === 0)) return
    const { eq, mrid } = frame
    const set = mrid('terminal', terminal, 'limits')
    eq.define('OperationalLimitSet', set, { 'IdentifiedObject.name': 'ratings', 'OperationalLimitSet.Terminal': ref(terminal) })
    ratings.forEach((mva, i) => {
        if (mva > 0)
            eq.define('ApparentPowerLimit', mrid('terminal', terminal, `limit ${i}`), {
                'IdentifiedObject.name': limitNames[i],
                'OperationalLimit.OperationalLimitSet': ref(set),
                'OperationalLimit.OperationalLimitType': ref(limitId(frame, i)),
                'ApparentPowerLimit.value': mva,
            })
    })
}

/** Three windings as a star of ends, each in ohms of its own rated voltage. */
export function writeTransformers3(frame: WriteFrame): void {
    for (const t of frame.network.transformer3 ?? []) writeTransformer3(frame, t)
}

function writeTransformer3(frame: WriteFrame, t: Transformer3): void {
    const { eq, mrid, kvOf, ohm, network, terminal, substationOf } = frame
    const id = mrid('transformer3', t.id)
    eq.define('PowerTransformer', id, {
        'IdentifiedObject.name': t.id,
        'Equipment.EquipmentContainer': ref(substationOf(t.bus1)),
    })
    const windings = [
        {
            bus: t.bus1,
            r: t.r12Pu + t.r31Pu - t.r23Pu,
            x: t.x12Pu + t.x31Pu - t.x23Pu,
            ratio: t.ratio1,
            shift: t.shift1Deg,
            rate: t.rate1Mva,
        },
        {
            bus: t.bus2,
            r: t.r12Pu + t.r23Pu - t.r31Pu,
            x: t.x12Pu + t.x23Pu - t.x31Pu,
            ratio: t.ratio2,
            shift: t.shift2Deg,
            rate: t.rate2Mva,
        },
        {
            bus: t.bus3,
            r: t.r23Pu + t.r31Pu - t.r12Pu,
            x: t.x23Pu + t.x31Pu - t.x12Pu,
            ratio: t.ratio3,
            shift: t.shift3Deg,
            rate: t.rate3Mva,
        },
    ]
    const joined = frame.joined([t.bus1, t.bus2, t.bus3], t.inService)
    windings.forEach(({ bus, r, x, ratio, shift, rate }, i) => {
        const ratedU = kvOf(bus) * ratio
        const z = ratedU ** 2 / network.baseMva
        const end = terminal(id, i + 1, bus, `transformer3/${t.id}`, 'unit', joined)
        // a clock tells how far the terminal lags winding 1, a shift how far the star does
        const clock = i > 0 && shift % 30 === 0 ? mod(-shift / 30, 12) : 0
        const made = writeEnd(frame, id, i + 1, end, bus, {
            ratedU,
            r: (r / 2) * z,
            x: (x / 2) * z,
            g: i === 0 ? t.gPu / ohm(bus) : 0,
            b: i === 0 ? t.bPu / ohm(bus) : 0,
            clock,
        })
        if (shift !== 0 && !clock) writeFixedShift(frame, t.id, made, shift, (x / 2) * z, ratedU)
        writeRatings(frame, end, [rate])
    })
}

/** Couplers as switches that topology processing keeps. */
export function writeCouplers(frame: WriteFrame): void {
    const { eq, ssh, mrid, terminal, voltageLevelOf } = frame
    for (const c of frame.network.coupler ?? []) {
        const id = mrid('coupler', c.id)
        eq.define('Breaker', id, {
            'IdentifiedObject.name': c.id,
            'Equipment.EquipmentContainer': ref(voltageLevelOf(c.fromBus)),
            'Switch.normalOpen': !c.closed,
            'Switch.retained': true,
        })
        ssh.describe('Breaker', id, { 'Switch.open': !c.closed })
        terminal(id, 1, c.fromBus, `coupler/${c.id}`, 'from', true)
        terminal(id, 2, c.toBus, `coupler/${c.id}`, 'to', true)
    }
}

const mod = (a: number, n: number) => ((a % n) + n) % n
