/**
 * On-load tap changer with automatic voltage control: a step after the voltage has been outside its band for some time
 * (line-drop compensation left out), IEC 60214-2. One step takes the drive a few seconds.
 */
export interface TapControl {
    /** voltage to hold at the regulated side, p.u. */
    readonly targetPu: number
    /** half the band, p.u.; more than half a step, or it would hunt */
    readonly halfBandPu: number
    /** time outside the band before a step, s */
    readonly delayS: number
    /** positions −range … range */
    readonly range: number
}
export const defaultTapControl: TapControl = { targetPu: 1.03, halfBandPu: 0.01, delayS: 30, range: 16 }

export interface TapState {
    readonly position: number
    /** how long the voltage has been outside the band, s; negative below it */
    readonly outsideS: number
}

/**
 * State after `dtS` seconds at a voltage. The tap is on the from side and the regulated bus on the to side, so a lower
 * position (lower ratio) raises the voltage.
 */
export function advanceTapControl(control: TapControl, state: TapState, vmPu: number, dtS: number): TapState {
    const { targetPu, halfBandPu, delayS, range } = control
    const side = vmPu > targetPu + halfBandPu ? 1 : vmPu < targetPu - halfBandPu ? -1 : 0
    if (side === 0 || !(vmPu > 0)) return { position: state.position, outsideS: 0 }
    const outsideS = Math.sign(state.outsideS) === -side ? side * dtS : state.outsideS + side * dtS
    if (Math.abs(outsideS) < delayS) return { position: state.position, outsideS }
    return { position: Math.min(range, Math.max(-range, state.position + side)), outsideS: 0 }
}
