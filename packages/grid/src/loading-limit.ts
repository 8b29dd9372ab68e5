/** How much load a network can carry: the nose of its PV curve, and the buses whose voltage gives way there. */
import { type Curve, followCurve, type Loading } from './continuation.ts'
import { lowerNetwork } from './lower-network.ts'
import type { Network } from './network.ts'
import { createOpenPowerFlow, type OpenPowerFlow } from './power-flow.ts'
import { solveQuickly } from './start-auto.ts'
import { iterateWithStepControl } from './step-control.ts'

export interface LoadingLimitOptions {
    /** generators at PV buses keep within their reactive limits; the slack is exempt */
    readonly qLimits?: boolean
    /** begins without load where `nothing`, else at the load of the records, or where that has no solution at a part of it */
    readonly from?: 'records' | 'nothing'
    /** greatest change of the factor in a step */
    readonly step?: number
}

export interface WeakBus {
    readonly bus: number
    /** magnitude at the limit, p.u. */
    readonly vmPu: number
    /** how fast its magnitude falls there, as a share of that of the weakest bus, 0 … 1 */
    readonly share: number
}

export interface LoadingLimit {
    /** `nose`: more cannot be carried; `reactive-limit`: once generators are at a reactive limit more cannot be carried; `open`: the curve was lost, `lambda` is a lower bound; `unsolvable`: not even without load */
    readonly status: 'nose' | 'reactive-limit' | 'open' | 'unsolvable'
    /** greatest factor on all loads, storages and generators' active power; 1 is the case as it stands; NaN unsolvable */
    readonly lambda: number
    /** buses whose voltage falls fastest at the limit, the weakest first */
    readonly weakBus: readonly WeakBus[]
    /** ids of buses whose generators are at a reactive limit there, in the order they reached it */
    readonly reactiveLimitBus: readonly number[]
    /** the PV curve, magnitudes p.u. in the order of the buses, 0 without supply */
    readonly curve: readonly { readonly lambda: number; readonly vmPu: Float64Array }[]
    /** state at the limit, p.u. and degrees */
    readonly vmPu: Float64Array
    readonly vaDeg: Float64Array
}

const weakest = 10

/** Follows the PV curve of a network to its nose. */
export function findLoadingLimit(given: Network, options: LoadingLimitOptions = {}): LoadingLimit {
    const { network, busOf } = lowerNetwork(given)
    const solver = createOpenPowerFlow(network)
    const found = traceLoading(solver, network, options)
    const row = new Map(network.bus.map((b, i) => [b.id, i]))
    const rows = given.bus.map(({ id }) => row.get(busOf(id))!)
    if (!found)
        return {
            ...{ status: 'unsolvable', lambda: Number.NaN, weakBus: [], reactiveLimitBus: [], curve: [] },
            vmPu: new Float64Array(rows.length),
            vaDeg: new Float64Array(rows.length),
        }
    const { end, points, top, tangent, bound } = found
    const { order, position } = solver.newton.elimination
    const magnitudes = (v: Float64Array) => Float64Array.from(rows, (i) => Math.hypot(v[2 * position[i]], v[2 * position[i] + 1]))
    // d|V| along the curve; where the load grows it is negative at the buses that give way
    const fall = network.bus.map((b, i) => {
        const k = 2 * position[i]
        return { bus: b.id, vmPu: Math.hypot(top.v[k], top.v[k + 1]), share: -tangent[k] * Math.hypot(top.v[k], top.v[k + 1]) }
    })
    const most = fall.reduce((max, each) => Math.max(max, each.share), 0)
    const weakBus = fall
        .filter((each) => each.share > 0.1 * most)
        .sort((a, b) => b.share - a.share)
        .slice(0, weakest)
        .map((each) => ({ ...each, share: each.share / most }))
    return {
        status: end === 'nose' ? 'nose' : end === 'limit' ? 'reactive-limit' : 'open',
        lambda: top.lambda,
        weakBus,
        reactiveLimitBus: bound.map((i) => network.bus[order[i]].id),
        curve: points.map(({ lambda, v }) => ({ lambda, vmPu: magnitudes(v) })),
        vmPu: magnitudes(top.v),
        vaDeg: Float64Array.from(rows, (i) => (Math.atan2(top.v[2 * position[i] + 1], top.v[2 * position[i]]) * 180) / Math.PI),
    }
}

/** parts of the load a curve begins from where the whole has no solution */
const factors = [1, 0.9, 0.75, 0.5, 0.25, 0.1, 0.03, 0.01, 0.003]

function scaleLoad(network: Network, factor: number): Network {
    if (factor === 1) return network
    const scale = <T extends { readonly pMw: number }>(rows: readonly T[]) => rows.map((row) => ({ ...row, pMw: factor * row.pMw }))
    return {
        ...network,
        load: network.load.map((d) => ({ ...d, pMw: factor * d.pMw, qMvar: factor * d.qMvar })),
        storage: network.storage.map((s) => ({ ...s, pMw: factor * s.pMw, qMvar: factor * s.qMvar })),
        generator: scale(network.generator),
    }
}

/** Raises the load of a solver that holds a solution towards `high`, where there is none, each time half the way; the part it got to. */
function climb(probe: OpenPowerFlow, network: Network, low: number, high: number, qLimits: boolean): number {
    const { input, newton } = probe
    const put = (part: number) => {
        network.load.forEach((d, k) => {
            input.loadMw[k] = part * d.pMw
            input.loadMvar[k] = part * d.qMvar
        })
        network.storage.forEach((s, k) => {
            input.storageMw[k] = part * s.pMw
            input.storageMvar[k] = part * s.qMvar
        })
        network.generator.forEach((g, k) => {
            input.generatorMw[k] = part * g.pMw
        })
    }
    let best = low
    let v = newton.v.slice()
    for (let round = 0; round < 4; round++) {
        const middle = (best + high) / 2
        put(middle)
        probe.accept(v)
        if (probe.solve({ start: 'last', qLimits }).status === 'converged') [best, v] = [middle, newton.v.slice()]
        else high = middle
    }
    put(best)
    probe.accept(v)
    probe.solve({ start: 'last', qLimits })
    return best
}

/** The curve of a solver's network; undefined where there is nothing to begin from. */
export function traceLoading(solver: OpenPowerFlow, network: Network, options: LoadingLimitOptions): Curve | undefined {
    const { qLimits = false, from = 'records', step = 0.1 } = options
    const a = solver.newton
    for (const [k, part] of from === 'records' ? factors.entries() : []) {
        const there = scaleLoad(network, part)
        const probe = createOpenPowerFlow(there)
        if (solveQuickly(probe, there, { qLimits }).status !== 'converged') continue
        const factor = k === 0 ? part : climb(probe, network, part, factors[k - 1], qLimits)
        const { generatorAtLimit } = probe.computeResult()
        const { position } = a.elimination
        const side = new Map<number, 1 | -1>()
        generatorAtLimit.forEach((at, g) => {
            if (at !== 0) side.set(position[probe.pu.busOfGenerator[g]], at > 0 ? 1 : -1)
        })
        solver.solve({ start: 'flat', maxIterations: 0 })
        const loading = loadingOf(solver, network, qLimits)
        for (let i = 0; i < network.bus.length; i++) {
            const [k, k2] = [2 * position[i], 2 * probe.newton.elimination.position[i]]
            a.v[k] = probe.newton.v[k2]
            a.v[k + 1] = probe.newton.v[k2 + 1]
        }
        return followCurve(a, loading, factor, { step: step * Math.max(factor, 0.02), side })
    }
    solver.solve({ start: 'flat', maxIterations: 0 })
    const loading = loadingOf(solver, network, qLimits)
    a.p.set(loading.pFixed)
    a.q.set(loading.qFixed)
    if (iterateWithStepControl(a, 1e-9, 80).status !== 'converged') return undefined
    const curve = followCurve(a, loading, 0, { step })
    // lost where it began, it is none
    return curve.end === 'lost' && curve.points.length < 2 ? undefined : curve
}

/** What is fixed and what grows, after a solve that left injections in the solver's arrays. */
function loadingOf(solver: OpenPowerFlow, network: Network, qLimits: boolean): Loading {
    const { newton: a, pu, input } = solver
    const { position } = a.elimination
    const base = network.baseMva
    const qLoad = new Float64Array(a.n)
    network.load.forEach((_, d) => {
        if (input.loadOn[d] === 1) qLoad[position[pu.busOfLoad[d]]] -= input.loadMvar[d] / base
    })
    network.storage.forEach((_, s) => {
        if (input.storageOn[s] === 1) qLoad[position[pu.busOfStorage[s]]] += input.storageMvar[s] / base
    })
    const loading = { pFixed: new Float64Array(a.n), qFixed: a.q.map((q, i) => q - qLoad[i]), pLoad: a.p.slice(), qLoad }
    if (!qLimits) return loading
    const limits = { low: new Float64Array(a.n), high: new Float64Array(a.n), setPoint: new Float64Array(a.n) }
    network.generator.forEach((g, k) => {
        if (input.generatorOn[k] === 0) return
        const i = position[pu.busOfGenerator[k]]
        limits.low[i] += g.qMinMvar / base
        limits.high[i] += g.qMaxMvar / base
        limits.setPoint[i] = input.generatorVPu[k]
    })
    return { ...loading, limits }
}
