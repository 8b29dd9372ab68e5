/**
 * Newton with step control, for cases plain Newton does not solve. Of the step x the part μ is taken at which
 *   f(μ) = ½·Σ (ΔP² + ΔQ²)
 * is least on the way, found by halving and a parabola, so that the mismatch never grows (S. Iwamoto and Y. Tamura, "A
 * load flow calculation method for ill-conditioned power systems", IEEE Trans. PAS-100 (1981) 1736–1743). Without a
 * solution it comes to rest where the mismatch is least in its surroundings: the state there solves the case whose
 * injections differ by that mismatch (T. J. Overbye, "A power flow measure for unsolvable cases", IEEE Trans. Power
 * Systems 9 (1994) 1359–1365). Per unit; buses in order of elimination.
 */
import { applyStep, computeMismatch, eliminate, type NewtonArrays, substituteBack } from './newton.ts'

export interface StepControlOutcome {
    /** `stalled`: the mismatch gets no less; `singular`: a pivot vanished */
    readonly status: 'converged' | 'stalled' | 'singular'
    readonly iterations: number
    /** largest mismatch left, p.u. */
    readonly mismatch: number
    /** position of a vanished pivot, or −1 */
    readonly bus: number
}

/** least part of a step worth taking */
const leastPart = 1e-4

/** Newton with step control from the voltages in v; leaves the best voltages there, with their current and mismatch. */
export function iterateWithStepControl(a: NewtonArrays, tolerance: number, maxIterations: number): StepControlOutcome {
    const from = a.v.slice()
    const step = a.x.slice()
    let worst = computeMismatch(a)
    let size = squares(a)
    let slow = 0
    for (let iteration = 0; ; iteration++) {
        if (worst <= tolerance) return { status: 'converged', iterations: iteration, mismatch: worst, bus: -1 }
        if (iteration >= maxIterations || slow > 3 || !Number.isFinite(size))
            return { status: 'stalled', iterations: iteration, mismatch: worst, bus: -1 }
        const bus = eliminate(a)
        if (bus >= 0) {
            computeMismatch(a)
            return { status: 'singular', iterations: iteration, mismatch: worst, bus }
        }
        substituteBack(a)
        from.set(a.v)
        step.set(a.x)
        const at = (part: number) => {
            for (let k = 0; k < step.length; k++) a.x[k] = part * step[k]
            a.v.set(from)
            applyStep(a)
            return computeMismatch(a) === Infinity ? Infinity : squares(a)
        }
        const part = bestPart(at, size)
        const after = at(part)
        if (part < leastPart || !(after < size)) {
            a.v.set(from)
            worst = computeMismatch(a)
            return { status: 'stalled', iterations: iteration, mismatch: worst, bus: -1 }
        }
        slow = after > 0.98 * size ? slow + 1 : 0
        size = after
        worst = a.mismatch.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
    }
}

/** The part of the step with the least f: the full step where that is good, else the best of halves and a parabola. */
function bestPart(at: (part: number) => number, size: number): number {
    let part = 1
    let value = at(1)
    if (value < 0.25 * size) return 1
    while (part > leastPart / 4) {
        const half = at(part / 2)
        if (half >= value && value < size) break
        part /= 2
        value = half
    }
    if (part <= leastPart) return part
    // the parabola through half, part and twice the part
    const [l, m, r] = [at(part / 2), value, part < 1 ? at(2 * part) : Infinity]
    if (!Number.isFinite(r)) return part
    const h = part / 2
    // points at h, 2h and 4h
    const slope1 = (m - l) / h
    const slope2 = (r - m) / (2 * h)
    const curve = (slope2 - slope1) / (3 * h)
    if (!(curve > 0)) return part
    const best = 1.5 * h - slope1 / (2 * curve)
    return best > h && best < 4 * h && at(best) < value ? best : part
}

function squares(a: NewtonArrays): number {
    let sum = 0
    for (const x of a.mismatch) sum += x * x
    return sum / 2
}
