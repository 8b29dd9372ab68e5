/**
 * A load that can be held down. It draws what its process wants, up to the limit given; what it had to forgo it catches up
 * on later, within its size (a store of heat, cold, water or product behind the process).
 */
import { rampTowards } from './ramp.ts'

export interface FlexibleLoad {
    /** most it can draw, MW */
    readonly pMaxMw: number
    readonly rampMwPerMin: number
    /** most energy it can owe its process, MWh; beyond it the process is lost, not postponed */
    readonly storeMwh: number
}
export interface FlexibleLoadState {
    /** power drawn, MW */
    readonly pMw: number
    /** energy still to catch up on, MWh */
    readonly owedMwh: number
}

/** State after `dtS` seconds: the process wants `wantMw`, the operator allows `limitMw`. */
export function advanceFlexibleLoad(
    load: FlexibleLoad,
    state: FlexibleLoadState,
    wantMw: number,
    limitMw: number,
    dtS: number,
): FlexibleLoadState {
    const { pMaxMw, rampMwPerMin, storeMwh } = load
    const dtH = dtS / 3600
    // it catches up within half an hour where the limit allows
    const catchUpMw = state.owedMwh / 0.5
    const target = Math.max(0, Math.min(wantMw + catchUpMw, limitMw, pMaxMw))
    const pMw = rampTowards(state.pMw, target, rampMwPerMin, dtS)
    return { pMw, owedMwh: Math.min(storeMwh, Math.max(0, state.owedMwh + (wantMw - pMw) * dtH)) }
}
