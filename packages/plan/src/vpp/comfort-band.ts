/**
 * What a room must keep: what people accept, as far as its machine can hold it. The measure is a thermostat at the edge of
 * comfort: the machine does nothing while the room is within, all it can while it is not. Where that leaves the room outside
 * (too small a machine, a cool night under an air conditioner), a plan may be as far outside, and no farther.
 */
import type { AirConditioner } from './instance.ts'

export interface ComfortBand {
    /** coldest and warmest after each period, °C */
    readonly low: Float64Array
    readonly high: Float64Array
}

export function comfortBand(unit: AirConditioner, dtH: number): ComfortBand {
    const periods = unit.tOut.length
    const low = new Float64Array(periods).fill(unit.tMin)
    const high = new Float64Array(periods).fill(unit.tMax)
    if (!unit.comfort) return { low, high }
    const [coldest, warmest] = unit.comfort
    const keep = Math.exp(-dtH / (unit.r * unit.c))
    const cools = unit.mode === 'cool'
    let x = unit.t0
    for (let t = 0; t < periods; t++) {
        const towards = (p: number) => unit.tOut[t]! + unit.r * (unit.gain[t]! + (cools ? -1 : 1) * unit.cop * p)
        const rest = keep * x + (1 - keep) * towards(0)
        const full = keep * x + (1 - keep) * towards(unit.pMax)
        x = cools ? Math.min(rest, Math.max(full, warmest)) : Math.max(rest, Math.min(full, coldest))
        // rounding must not stand between a plan and its own measure
        low[t] = Math.max(unit.tMin, Math.min(coldest, x - 1e-6))
        high[t] = Math.min(unit.tMax, Math.max(warmest, x + 1e-6))
    }
    return { low, high }
}
