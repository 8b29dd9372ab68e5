/**
 * What a DC line of two line-commutated converters does at its schedule: its current I, its loss R·I², and the reactive
 * power its converters draw. A converter of n bridges with commutating reactance x at its least firing angle α, whose
 * taps keep the DC voltage V, has the power factor cos φ = (V/n)·cos α / (V/n + 3·x·I/π) and draws P·tan φ
 * (E. W. Kimbark, Direct Current Transmission, 1971, chapter 3).
 */
import { tidy } from './network-draft.ts'

export interface DcSchedule {
    /** kA; NaN where the line cannot carry the power */
    readonly current: number
    /** kV at the inverter */
    readonly inverterKv: number
    /** MW into the rectifier, and lost on the line */
    readonly pMw: number
    readonly lossMw: number
    readonly rectifierKv: number
}

/** Line of `ohm` at `kv` scheduled at the point `compounding` ohms from the inverter; positive MW count at the rectifier, negative at the inverter. */
export function scheduleOfPower(mw: number, kv: number, ohm: number, compounding = 0): DcSchedule {
    const power = Math.abs(mw)
    // a·I² + V·I = P with the inverter at V − compounding·I
    const a = mw >= 0 ? ohm - compounding : -compounding
    const current = a === 0 ? power / kv : (Math.sqrt(kv * kv + 4 * a * power) - kv) / (2 * a)
    return scheduleOfCurrent(current, kv, ohm, compounding)
}

/** The same for a given current, kA. */
export function scheduleOfCurrent(current: number, kv: number, ohm: number, compounding = 0): DcSchedule {
    const inverterKv = kv - compounding * current
    const lossMw = ohm * current * current
    return { current, inverterKv, rectifierKv: inverterKv + ohm * current, pMw: tidy(inverterKv * current + lossMw), lossMw: tidy(lossMw) }
}

/** Reactive power a converter draws, Mvar, for its DC voltage, kV, current, kA, bridges, least angle, degrees, and commutating reactance, ohm a bridge. */
export function reactiveOfConverter(kv: number, current: number, bridges: number, angleDeg: number, ohm: number): number {
    const perBridge = kv / Math.max(1, bridges)
    const cosine = (perBridge * Math.cos((angleDeg * Math.PI) / 180)) / (perBridge + (3 * ohm * current) / Math.PI)
    return cosine > 0 && cosine <= 1 ? tidy(kv * current * Math.sqrt(1 / (cosine * cosine) - 1)) : 0
}
