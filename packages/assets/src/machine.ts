/**
 * A synchronous unit seen from the grid: ramp, limits, start and stop, governor.
 *
 *   primary response  ΔP = −(Δf/f0)/R · Pmax, outside a dead band      (UCTE Operation Handbook, Policy 1; R 4–6 %)
 *   started           from the closing of its breaker the unit ramps to its least output, then obeys its setpoint
 */
import { rampTowards } from './ramp.ts'

export interface Machine {
    readonly pMinMw: number
    readonly pMaxMw: number
    /** fastest change of the base point, MW/min */
    readonly rampMwPerMin: number
    /** governor droop R, p.u. frequency per p.u. power; 0 means no governor */
    readonly droop: number
}

/** Dead band of governors, Hz (NERC BAL-003: 36 mHz on 60 Hz). */
export const governorDeadBandHz = 0.036

/** Where the base point stands after `dtS` seconds on the way to a setpoint, MW; never beyond the limits, never faster than the ramp. */
export function advanceBasePoint(machine: Machine, pMw: number, pSetMw: number, dtS: number): number {
    const { pMinMw, pMaxMw, rampMwPerMin } = machine
    const target = Math.min(pMaxMw, Math.max(pMinMw, pSetMw))
    return rampTowards(pMw, target, rampMwPerMin, dtS)
}

/** What the governor asks for beside the base point, MW, positive when the frequency is low; `deviationHz` = f − f0. */
export function primaryResponse(machine: Machine, deviationHz: number, nominalHz: number, pMw: number): number {
    const { droop, pMinMw, pMaxMw } = machine
    const beyond = Math.sign(deviationHz) * Math.max(0, Math.abs(deviationHz) - governorDeadBandHz)
    if (droop <= 0 || beyond === 0) return 0
    const wanted = (-beyond / nominalHz / droop) * pMaxMw
    // a unit that is still starting below its least output gives nothing back
    return wanted > 0 ? Math.max(0, Math.min(wanted, pMaxMw - pMw)) : Math.min(0, Math.max(wanted, pMinMw - pMw))
}
