/** Transformers of a RAW file, written p.u. of the system base and the buses' base voltages. */
import type { Branch, Control, Shunt, Transformer3 } from '../network.ts'
import { tidy, unscale } from '../network-draft.ts'
import type { Layout, RecordKind } from './fields.ts'
import { writeRecord } from './record.ts'

export interface TransformerRow {
    readonly branch: Branch
    /** its two characters */
    readonly circuit: string
    /** shunt at its from side that stands in its record */
    readonly magnetisation: Shunt | undefined
}

type Layouts = Readonly<Record<RecordKind, Layout>>
type Lose = (path: string, message: string) => void

/** The one control a winding may have. */
export function controlOf(element: string, controls: ReadonlyMap<string, Control>, lose: Lose): Control | undefined {
    const tap = controls.get(`tap/${element}`)
    const shift = controls.get(`shift/${element}`)
    if (tap && shift) lose(`control/${shift.id}`, `a winding has one control: ${shift.id} is left out, ${tap.id} is kept`)
    return tap ?? shift
}

function controlFields(control: Control | undefined, lose: Lose): Record<string, number> {
    if (!control) return { RMA: 1.1, RMI: 0.9 }
    const { kind, target, deadband, min, max, step, inService, bus, id } = control
    const band = { VMA: tidy(target + deadband), VMI: tidy(target - deadband) }
    if (kind === 'shift') {
        if (step !== 0) lose(`control/${id}`, `phase shifters move smoothly: the step of control ${id} is not kept`)
        return { COD: inService ? 3 : -3, RMA: Number.isFinite(max) ? max : 180, RMI: Number.isFinite(min) ? min : -180, ...band }
    }
    const range = { RMA: Number.isFinite(max) ? max : 1.5, RMI: Number.isFinite(min) ? min : 0.51 }
    if (range.RMA !== max || range.RMI !== min)
        lose(`control/${id}`, `control ${id} has no limits: written as ${range.RMI} to ${range.RMA}`)
    const steps = step > 0 ? (range.RMA - range.RMI) / step : 0
    const positions = step > 0 ? Math.min(9998, Math.max(2, Math.round(steps) + 1)) : 9999
    if (step > 0 && Math.abs(steps - (positions - 1)) > 1e-6)
        lose(`control/${id}`, `the range of control ${id} is no multiple of its step ${step}: written as ${positions} positions`)
    return { COD: inService ? 1 : -1, CONT: bus, ...range, ...band, NTP: positions }
}

export function writeTransformer(
    row: TransformerRow,
    baseMva: number,
    control: Control | undefined,
    layout: Layouts,
    lose: Lose,
): string[] {
    const { branch: k, circuit, magnetisation: m } = row
    const perUnit = (mw: number | undefined) => (mw ? unscale(mw, baseMva) : 0)
    return [
        writeRecord(layout.transformer, {
            I: k.fromBus,
            J: k.toBus,
            CKT: circuit,
            MAG1: perUnit(m?.gMw),
            MAG2: perUnit(m?.bMvar),
            STAT: k.inService ? 1 : 0,
        }),
        writeRecord(layout.impedance2, { R12: k.rPu, X12: k.xPu, SBASE12: baseMva }),
        writeRecord(layout.winding, {
            WINDV: k.ratio,
            ANG: k.shiftDeg,
            RATE1: k.rateMva,
            RATE2: k.rateShortMva,
            RATE3: k.rateEmergencyMva,
            ...controlFields(control, lose),
        }),
        writeRecord(layout.winding2, { WINDV: 1 }),
    ]
}

export function writeTransformer3(
    t: Transformer3,
    circuit: string,
    baseMva: number,
    controls: readonly (Control | undefined)[],
    layout: Layouts,
    lose: Lose,
): string[] {
    const winding = (ratio: number, shift: number, rate: number, control: Control | undefined) =>
        writeRecord(layout.winding, { WINDV: ratio, ANG: shift, RATE1: rate, ...controlFields(control, lose) })
    return [
        writeRecord(layout.transformer, {
            I: t.bus1,
            J: t.bus2,
            K: t.bus3,
            CKT: circuit,
            MAG1: t.gPu,
            MAG2: t.bPu,
            STAT: t.inService ? 1 : 0,
        }),
        writeRecord(layout.impedance3, {
            R12: t.r12Pu,
            X12: t.x12Pu,
            SBASE12: baseMva,
            R23: t.r23Pu,
            X23: t.x23Pu,
            SBASE23: baseMva,
            R31: t.r31Pu,
            X31: t.x31Pu,
            SBASE31: baseMva,
        }),
        winding(t.ratio1, t.shift1Deg, t.rate1Mva, controls[0]),
        winding(t.ratio2, t.shift2Deg, t.rate2Mva, controls[1]),
        winding(t.ratio3, t.shift3Deg, t.rate3Mva, controls[2]),
    ]
}
