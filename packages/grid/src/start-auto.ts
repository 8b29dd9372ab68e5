/**
 * A start that works from nothing, without the voltages of the records:
 *   1. angles of the DC power flow, set points and 1 p.u., then one pair of fast-decoupled half steps, which brings
 *      magnitudes near the solution people operate at; Newton from there, and from the DC angles alone;
 *   2. Newton with step control;
 *   3. load from nothing: the case without load is solved and followed up to the load asked for.
 */
import { followCurve } from './continuation.ts'
import { solveDc } from './dc-power-flow.ts'
import type { Network } from './network.ts'
import type { OpenPowerFlow, Outcome, SolveOptions } from './power-flow.ts'
import { iterateWithStepControl } from './step-control.ts'

export type StartKind = 'dc' | 'dc-angles' | 'step-control' | 'load-steps'
export interface AutoOutcome extends Outcome {
    /** what led to the solution */
    readonly startedBy?: StartKind
}

/** Solves from nothing; `solver` must be of the network as it stands in the records. */
export function solveFromNothing(solver: OpenPowerFlow, network: Network, options: Omit<SolveOptions, 'start'> = {}): AutoOutcome {
    const quick = solveQuickly(solver, network, options)
    if (quick.status === 'converged') return quick
    const v = loadFromNothing(solver)
    if (!v) return quick
    solver.accept(v)
    const last = solver.solve({ ...options, start: 'last' })
    return { ...last, iterations: quick.iterations + last.iterations, ...(last.status === 'converged' ? { startedBy: 'load-steps' } : {}) }
}

/** The same without load step by step, which takes many times as long. */
export function solveQuickly(solver: OpenPowerFlow, network: Network, options: Omit<SolveOptions, 'start'> = {}): AutoOutcome {
    const dc = dcVoltages(solver, network)
    let iterations = 0
    let last: Outcome | undefined
    const attempt = (by: StartKind, v: Float64Array | undefined): AutoOutcome | undefined => {
        if (!v?.every(Number.isFinite)) return undefined
        solver.accept(v)
        last = solver.solve({ ...options, start: 'last' })
        iterations += last.iterations
        return last.status === 'converged' ? { ...last, iterations, startedBy: by } : undefined
    }
    const decoupled = () => {
        if (!dc) return undefined
        solver.accept(dc)
        solver.solve({ start: 'last', method: 'fast-decoupled', maxIterations: 1 })
        return solver.newton.v.slice()
    }
    const controlled = () => {
        solver.solve({ start: 'flat', maxIterations: 0 })
        if (dc) solver.newton.v.set(dc)
        const outcome = iterateWithStepControl(solver.newton, 1e-6, 60)
        iterations += outcome.iterations
        return outcome.status === 'converged' ? solver.newton.v.slice() : undefined
    }
    const found = attempt('dc', decoupled()) ?? attempt('dc-angles', dc) ?? attempt('step-control', controlled())
    return found ?? { ...(last ?? solver.solve({ ...options, start: 'flat' })), iterations }
}

/** DC angles with set points and 1 p.u., in order of elimination; undefined where the DC power flow has no answer. */
export function dcVoltages(solver: OpenPowerFlow, network: Network): Float64Array | undefined {
    const dc = solveDc(network)
    if (dc.status !== 'converged') return undefined
    solver.solve({ start: 'flat', maxIterations: 0 })
    const v = solver.newton.v.slice()
    const { position } = solver.newton.elimination
    dc.vaDeg.forEach((degrees, i) => {
        const k = 2 * position[i]
        const size = Math.hypot(v[k], v[k + 1])
        const angle = (degrees * Math.PI) / 180
        v[k] = size * Math.cos(angle)
        v[k + 1] = size * Math.sin(angle)
    })
    return v
}

/** The case without load, then its load by continuation; undefined where the curve does not get there. */
function loadFromNothing(solver: OpenPowerFlow): Float64Array | undefined {
    solver.solve({ start: 'flat', maxIterations: 0 })
    const a = solver.newton
    const zero = new Float64Array(a.n)
    const loading = { pFixed: zero, qFixed: zero.slice(), pLoad: a.p.slice(), qLoad: a.q.slice() }
    a.p.fill(0)
    a.q.fill(0)
    if (iterateWithStepControl(a, 1e-8, 60).status !== 'converged') return undefined
    const curve = followCurve(a, loading, 0, { until: 1, step: 0.25 })
    return curve.end === 'reached' ? a.v.slice() : undefined
}
