/**
 * Tap changers of pandapower. A step adds to the winding's voltage u a part of it, turned by an angle α:
 *   u' = u·|1 + n·s·e^(jα)|,  turned by atan(n·s·sin α / (1 + n·s·cos α)), n steps of s from neutral.
 * An ideal phase shifter turns by n steps of an angle, or by 2·asin(n·s/2).
 */
import type { Frame } from './frames.ts'

export interface Tapped {
    /** factor of the winding's nominal voltage */
    readonly factor: number
    /** shift this adds to that of the transformer, degrees */
    readonly shiftDeg: number
}

const degrees = 180 / Math.PI

/** What one tap changer does; `prefix` is `tap` or `tap2`. `side` tells the winding it sits at. */
export function tapOf(frame: Frame, row: number, prefix: 'tap' | 'tap2', side: string): Tapped | undefined {
    const num = (column: string) => {
        const value = frame.value(row, `${prefix}_${column}`)
        return typeof value === 'number' ? value : Number.NaN
    }
    if (frame.value(row, `${prefix}_side`) !== side) return undefined
    const steps = num('pos') - num('neutral')
    if (!Number.isFinite(steps) || steps === 0) return undefined
    const [percent, angle] = [num('step_percent') || 0, num('step_degree') || 0]
    const direction = side === 'hv' ? 1 : -1
    const kind = frame.value(row, `${prefix}_changer_type`)
    const ideal = frame.has(`${prefix}_changer_type`) ? kind === 'Ideal' : frame.value(row, `${prefix}_phase_shifter`) === true
    if (ideal) return { factor: 1, shiftDeg: direction * (angle !== 0 ? steps * angle : 2 * Math.asin((steps * percent) / 200) * degrees) }
    // from version 3 on, a changer without a kind does nothing
    if (frame.has(`${prefix}_changer_type`) && kind !== 'Ratio' && kind !== 'Symmetrical') return undefined
    const part = (percent * steps) / 100
    const along = 1 + part * Math.cos(angle / degrees)
    const across = part * Math.sin(angle / degrees)
    return {
        factor: angle === 0 ? along : Math.hypot(along, across),
        shiftDeg: angle === 0 ? 0 : direction * Math.atan(across / along) * degrees,
    }
}
