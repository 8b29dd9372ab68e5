/**
 * Continuation in load: the curve of power-flow solutions
 *   S(V) = S_fixed + λ·S_load,   λ from 0,
 * past its nose, where no more load can be carried (V. Ajjarapu and C. Christy, "The continuation power flow", IEEE
 * Trans. Power Systems 7 (1992) 416–423). λ multiplies every load, storage and generator's active power; slack buses
 * take the rest. Along the unit tangent τ = (dV/V, dλ) a step of length s is predicted; Newton corrects it on the plane
 * through that point across τ (H. B. Keller's pseudo-arclength), so that nothing breaks where the Jacobian is singular:
 *   J·dV = F + dλ·K,   τ·(dV/V, dλ) = 0,   K = S_load
 * solved by two right sides. With reactive limits a step ends where the first PV bus reaches one, or the first bus at one
 * is back at its set point; it turns there. Per unit; buses in order of elimination.
 */
import { busRole } from './islands.ts'
import { applyStep, computeMismatch, eliminate, type NewtonArrays, substituteBack } from './newton.ts'
import { iterateWithStepControl } from './step-control.ts'

export interface CurvePoint {
    readonly lambda: number
    /** complex voltages, in order of elimination */
    readonly v: Float64Array
}

export interface Curve {
    /** `nose`: found; `limit`: past a reactive limit no more can be carried; `reached`: `until`; `lost`: steps got too small */
    readonly end: 'nose' | 'limit' | 'reached' | 'lost'
    readonly points: readonly CurvePoint[]
    /** greatest λ found, and its voltages */
    readonly top: CurvePoint
    /** tangent there: relative change of every complex voltage as the load nears the greatest, length 1 */
    readonly tangent: Float64Array
    /** positions of buses at a reactive limit at the end, in the order they reached it */
    readonly bound: readonly number[]
}

export interface Loading {
    readonly pFixed: Float64Array
    readonly qFixed: Float64Array
    readonly pLoad: Float64Array
    readonly qLoad: Float64Array
    /** least and most reactive power of the generators at each bus, for PV buses; absent without limits */
    readonly limits?: { readonly low: Float64Array; readonly high: Float64Array; readonly setPoint: Float64Array }
}

export interface CurveOptions {
    /** buses at a reactive limit from the start: 1 at their most, −1 at their least; theirs are the limits in q */
    readonly side?: ReadonlyMap<number, 1 | -1>
    /** ends there when reached */
    readonly until?: number
    /** first and greatest change of λ in a step */
    readonly step?: number
    readonly maxPoints?: number
    readonly tolerance?: number
}

/** times a bus may be back at its set point */
const mostTurns = 6
/** how near to its turn a bus turns, p.u. */
const near = 1e-6

/** Follows the curve from the solution in v at `lambda`; leaves the top's voltages in v and its roles in `role`. */
export function followCurve(a: NewtonArrays, loading: Loading, lambda: number, options: CurveOptions = {}): Curve {
    const { until = Infinity, side: given = new Map(), step = 0.1, maxPoints = 300, tolerance = 1e-9 } = options
    const { v, role, p, q } = a
    const n = a.n
    const { pFixed, qFixed, pLoad, qLoad, limits } = loading
    // buses at a limit: 1 at their most, −1 at their least
    const side = new Map<number, 1 | -1>(given)
    const turns = new Int32Array(n)
    const dv1 = new Float64Array(2 * n)
    // an elimination takes the place of the currents it needs
    const current = new Float64Array(2 * n)
    let tangent = new Float64Array(2 * n)
    let along = 1
    const points: CurvePoint[] = [{ lambda, v: v.slice() }]

    const inject = (at: number) => {
        for (let i = 0; i < n; i++) {
            p[i] = pFixed[i] + at * pLoad[i]
            q[i] = qFixed[i] + at * qLoad[i]
        }
    }
    /** a.x ← J⁻¹·K for the Jacobian at v, whose currents are in `current` */
    const solveLoad = () => {
        a.current.set(current)
        for (let i = 0; i < n; i++) {
            a.mismatch[2 * i] = role[i] === busRole.fixed ? 0 : pLoad[i]
            a.mismatch[2 * i + 1] = role[i] === busRole.pq ? qLoad[i] : 0
        }
        if (eliminate(a) >= 0) return false
        substituteBack(a)
        return true
    }
    /** τ·(dV/V) */
    const dot = (direction: Float64Array, dv: Float64Array) => {
        let sum = 0
        for (let i = 0; i < n; i++) {
            const [e, f] = [v[2 * i], v[2 * i + 1]]
            const v2 = e * e + f * f
            if (v2 === 0) continue
            // dV/V
            const re = (dv[2 * i] * e + dv[2 * i + 1] * f) / v2
            const im = (dv[2 * i + 1] * e - dv[2 * i] * f) / v2
            sum += direction[2 * i] * re + direction[2 * i + 1] * im
        }
        return sum
    }
    /** the unit tangent at the solution in v, on the side of the one before */
    const findTangent = (before: Float64Array, beforeAlong: number) => {
        inject(lambda)
        computeMismatch(a)
        current.set(a.current)
        if (!solveLoad()) return undefined
        const relative = new Float64Array(2 * n)
        let length = 1
        for (let i = 0; i < n; i++) {
            const [e, f] = [v[2 * i], v[2 * i + 1]]
            const v2 = e * e + f * f
            if (v2 === 0) continue
            relative[2 * i] = (a.x[2 * i] * e + a.x[2 * i + 1] * f) / v2
            relative[2 * i + 1] = (a.x[2 * i + 1] * e - a.x[2 * i] * f) / v2
            length += relative[2 * i] ** 2 + relative[2 * i + 1] ** 2
        }
        let sign = beforeAlong
        for (let k = 0; k < 2 * n; k++) sign += before[k] * relative[k]
        const scale = (sign < 0 ? -1 : 1) / Math.sqrt(length)
        for (let k = 0; k < 2 * n; k++) relative[k] *= scale
        return { tangent: relative, along: scale }
    }
    /** from `start` a step of length s along the tangent, corrected; the iterations taken, or −1 */
    const go = (start: CurvePoint, direction: Float64Array, directionAlong: number, s: number): number => {
        v.set(start.v)
        for (let i = 0; i < n; i++) {
            const [e, f] = [v[2 * i], v[2 * i + 1]]
            a.x[2 * i] = s * (direction[2 * i] * e - direction[2 * i + 1] * f)
            a.x[2 * i + 1] = s * (direction[2 * i] * f + direction[2 * i + 1] * e)
        }
        applyStep(a)
        lambda = start.lambda + s * directionAlong
        for (let iteration = 0; iteration < 8; iteration++) {
            inject(lambda)
            const worst = computeMismatch(a)
            if (worst <= tolerance) return iteration
            current.set(a.current)
            if (!(worst < 1e6) || eliminate(a) >= 0) return -1
            substituteBack(a)
            dv1.set(a.x)
            if (!solveLoad()) return -1
            const bottom = directionAlong + dot(direction, a.x)
            if (bottom === 0) return -1
            const dLambda = -dot(direction, dv1) / bottom
            for (let k = 0; k < 2 * n; k++) a.x[k] = dv1[k] + dLambda * a.x[k]
            applyStep(a)
            lambda += dLambda
        }
        return -1
    }
    const magnitude = (i: number) => Math.sqrt(v[2 * i] ** 2 + v[2 * i + 1] ** 2)
    /** the bus furthest past its turn at the solution in v: beyond a limit, or at one and past its set point again */
    const violation = () => {
        let worst = { i: -1, by: -Infinity, high: false }
        if (!limits) return worst
        const { current } = a
        for (const [i, at] of side) {
            const by = at * (magnitude(i) - limits.setPoint[i])
            if (turns[i] < mostTurns && by > worst.by) worst = { i, by, high: at > 0 }
        }
        for (let i = 0; i < n; i++) {
            if (role[i] !== busRole.pv) continue
            // what generators give: the bus's injection less its load
            const given = v[2 * i + 1] * current[2 * i] - v[2 * i] * current[2 * i + 1] - lambda * qLoad[i]
            const over = given - limits.high[i]
            const under = limits.low[i] - given
            const by = Math.max(over, under)
            if (by > worst.by) worst = { i, by, high: over > under }
        }
        return worst
    }

    const end = (kind: Curve['end']): Curve => {
        const top = points.reduce((most, point) => (point.lambda > most.lambda ? point : most))
        v.set(top.v)
        return { end: kind, points, top, tangent, bound: [...side.keys()] }
    }

    for (const [i, at] of side) {
        role[i] = busRole.pq
        qFixed[i] = limits![at > 0 ? 'high' : 'low'][i]
    }
    const first = bindAtStart() ? findTangent(tangent, 1) : undefined
    if (!first) return end('lost')
    ;({ tangent, along } = first)
    let length = step / Math.abs(along)
    // how far the bus nearest to its turn was from it at the last point, negative
    let over = -Infinity
    while (points.length < maxPoints) {
        const start = points.at(-1)!
        // no step changes λ by more than the step, nor a voltage by more than a tenth or so
        length = Math.min(length, step / Math.max(Math.abs(along), 1e-9), 0.3 * Math.sqrt(2 + n / 20))
        if (along > 0 && start.lambda + length * along > until) length = (until - start.lambda) / along
        let taken = go(start, tangent, along, length)
        const overAtStart = over
        if (taken < 0) {
            length /= 3
            if (length < 1e-7) return end('lost')
            continue
        }
        const hit = violation()
        over = hit.by
        if (hit.by > near) {
            // back to where the first bus reaches its limit
            let [low, high] = [0, length]
            let [byLow, byHigh] = [overAtStart, hit.by]
            for (let k = 0; k < 40 && high - low > 1e-10 * length; k++) {
                const part = byLow < 0 && byLow > -Infinity && k % 4 < 3 ? byLow / (byLow - byHigh) : 0.5
                const between = low + Math.min(0.98, Math.max(0.02, part)) * (high - low)
                taken = go(start, tangent, along, between)
                if (taken < 0) break
                const { by } = violation()
                if (Math.abs(by) <= near) break
                if (by > 0) [high, byHigh] = [between, by]
                else [low, byLow] = [between, by]
            }
            if (taken < 0 && go(start, tangent, along, low) < 0) return end('lost')
            points.push({ lambda, v: v.slice() })
            const at = violation()
            over = -Infinity
            const turning = at.by > -2 * near ? at : hit
            const { i } = turning
            const release = turnBus(i, turning.high)
            const before = tangent
            const next = findTangent(before, along)
            if (!next) return end('lost')
            if (release) {
                ;({ tangent, along } = next)
                continue
            }
            // the voltage let go moves away from its set point: down where no more can be given
            const wrong = turning.high ? next.tangent[2 * i] > 0 : next.tangent[2 * i] < 0
            tangent = wrong ? next.tangent.map((x) => -x) : next.tangent
            const nextAlong = wrong ? -next.along : next.along
            if (nextAlong < 0 && along > 0) return end('limit')
            along = nextAlong
            length = step / Math.max(Math.abs(along), 1e-9)
            continue
        }
        const before = { tangent, along }
        const next = findTangent(tangent, along)
        if (!next) return end('lost')
        const here = { lambda, v: v.slice() }
        if (along > 0 && next.along <= 0) {
            refineNose(start, before, length)
            return end('nose')
        }
        points.push(here)
        ;({ tangent, along } = next)
        if (lambda >= until - 1e-12) return end('reached')
        length *= taken <= 3 ? 1.6 : taken >= 6 ? 0.5 : 1
    }
    return end('lost')

    /** bus i to its limit, or back to its set point; whether back */
    function turnBus(i: number, high: boolean): boolean {
        if (role[i] === busRole.pq) {
            role[i] = busRole.pv
            side.delete(i)
            turns[i]++
            const scale = limits!.setPoint[i] / magnitude(i)
            v[2 * i] *= scale
            v[2 * i + 1] *= scale
            return true
        }
        role[i] = busRole.pq
        qFixed[i] = limits![high ? 'high' : 'low'][i]
        side.set(i, high ? 1 : -1)
        return false
    }

    /** buses beyond a limit from the first are at it from the first */
    function bindAtStart() {
        for (let round = 0; round < 20; round++) {
            computeMismatch(a)
            const before = side.size
            for (let worst = violation(); worst.by > near && role[worst.i] === busRole.pv; worst = violation()) {
                turnBus(worst.i, worst.high)
            }
            if (side.size === before) return true
            inject(lambda)
            if (iterateWithStepControl(a, tolerance, 40).status !== 'converged') return false
            points[0] = { lambda, v: v.slice() }
        }
        return false
    }

    /** between the step's ends dλ changes sign: halving and secants on its length until dλ is nothing */
    function refineNose(start: CurvePoint, before: { tangent: Float64Array; along: number }, full: number) {
        let [low, high] = [0, full]
        let [fLow, fHigh] = [before.along, Number.NaN]
        for (let k = 0; k < 40 && high - low > 1e-9 * full; k++) {
            const secant = low + ((high - low) * fLow) / (fLow - fHigh)
            const s = k % 3 < 2 && secant > low && secant < high ? secant : (low + high) / 2
            if (go(start, before.tangent, before.along, s) < 0) break
            const here = findTangent(before.tangent, before.along)
            if (!here) break
            points.push({ lambda, v: v.slice() })
            tangent = here.tangent
            if (Math.abs(here.along) < 1e-7) break
            if (here.along > 0) [low, fLow] = [s, here.along]
            else [high, fHigh] = [s, here.along]
        }
        // in the order of λ on the way up
        points.sort((x, y) => x.lambda - y.lambda)
    }
}
