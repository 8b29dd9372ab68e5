/**
 * Why a power flow has no solution, and the nearest state that has one. Every suspicion is tried: the case with just
 * that put right is solved, from nothing and by step control, and where it then solves the finding is proven. Then the
 * load is followed up from nothing to where no more can be carried.
 */

import { solveDc } from './dc-power-flow.ts'
import { suspectBranches, suspectSetPoints, suspectValues } from './diagnose-branches.ts'
import { suspectLoads } from './diagnose-loads.ts'
import { branchName, type Finding, figure, findingCodes, listOf, type Suspicion } from './diagnosis.ts'
import { networkIslands } from './islands.ts'
import { findLoadingLimit, type LoadingLimit, type WeakBus } from './loading-limit.ts'
import { lowerNetwork } from './lower-network.ts'
import type { Network } from './network.ts'
import { createOpenPowerFlow, type Outcome } from './power-flow.ts'
import { type PowerFlowOptions, solvePowerFlow } from './solve-power-flow.ts'
import { solveQuickly } from './start-auto.ts'
import { iterateWithStepControl } from './step-control.ts'

/** What would have to be put in at a bus, on top of what the case says, for the state where step control came to rest. */
export interface Shortfall {
    readonly bus: number
    readonly pMw: number
    readonly qMvar: number
}

/** The nearest state that solves, by two measures. */
export interface NearestState {
    /** greatest factor on all loads and generators' active power that solves, below 1; NaN where not even no load does */
    readonly lambda: number
    readonly status: LoadingLimit['status']
    /** buses whose voltage gives way there, the weakest first */
    readonly weakBus: readonly WeakBus[]
    /** ids of buses whose generators are at a reactive limit there */
    readonly reactiveLimitBus: readonly number[]
    /** magnitude of the weakest bus on the way, p.u. */
    readonly curve: readonly { readonly lambda: number; readonly vmPu: number }[]
    /** state at that factor */
    readonly bus: readonly { readonly id: number; readonly vmPu: number; readonly vaDeg: number }[]
    /** by step control: where the mismatch is least, what is short there, the most first */
    readonly shortfall: readonly Shortfall[]
    /** sums over all buses, MVA */
    readonly shortfallMva: number
}

export interface Diagnosis {
    readonly status: Outcome['status']
    /** most likely causes first; empty for a case that solves */
    readonly findings: readonly Finding[]
    /** for a case that does not solve from any start */
    readonly nearest?: NearestState
}

/** suspicions of a kind tried one by one */
const mostTried = 8
/** and tried together */
const mostSuspects = 60
const listedShortfalls = 10
const nearestState = 'the greatest load that solves'

/** What is tried next, and what is found before. */
export interface DiagnosisStep {
    /** in words: "branch L4 in order" */
    readonly trying: string
    readonly found: Diagnosis
}

/** Says why the power flow with these options does not converge. */
export function diagnosePowerFlow(network: Network, options: PowerFlowOptions = {}): Diagnosis {
    const steps = diagnoseInSteps(network, options)
    for (;;) {
        const { done, value } = steps.next()
        if (done) return value
    }
}

/** The same, told before each thing that is tried: for progress, and to stop with what is found so far. */
export function* diagnoseInSteps(network: Network, options: PowerFlowOptions = {}): Generator<DiagnosisStep, Diagnosis, void> {
    const asked = solvePowerFlow(network, options)
    if (asked.status === 'converged') return { status: 'converged', findings: [] }
    const { network: plain } = lowerNetwork(network)
    const findings: Finding[] = []
    const add = (s: Pick<Suspicion, 'code' | 'message' | 'bus' | 'branch'>, certainty: Finding['certainty'], rest = '') =>
        findings.push({
            code: s.code,
            certainty,
            message: s.message + rest,
            bus: s.bus ?? [],
            branch: (s.branch ?? []).filter((k) => k < network.branch.length),
        })
    const { qLimits = false } = options
    const solves = (candidate: Network, limits = qLimits) => trySolve(candidate, limits)
    const done = (nearest?: NearestState): Diagnosis => ({
        status: asked.status,
        findings: [...findings].sort((a, b) => rank(a) - rank(b)),
        ...(nearest ? { nearest } : {}),
    })
    const next = (trying: string): DiagnosisStep => ({ trying, found: done() })

    for (const island of networkIslands(plain))
        if (!island.energised && networkIslands(plain).every((each) => !each.energised))
            add(
                {
                    code: 'no-source',
                    message: `the island of buses ${listOf(island.bus)} has no slack or PV bus with a generator in service`,
                    bus: island.bus,
                },
                'proven',
            )
    if (findings.length > 0) return done()

    // numbers that cannot be computed with come first: nothing else can be tried beside them
    const values = suspectValues(plain)
    if (values.length > 0) {
        yield next('values in order')
        const repaired = values.reduce((from, s) => s.repair!(from), plain)
        const solved = solves(repaired)
        for (const s of values.slice(0, 2 * mostTried)) add(s, solved ? 'proven' : 'likely', solved ? `; it solves with ${s.remedy}` : '')
        if (solved) return done()
        yield next(nearestState)
        return done(findNearest(repaired, repaired, qLimits))
    }

    // other starts
    for (const start of ['auto', 'flat', 'case'] as const) {
        if (start === (options.start ?? 'case')) continue
        const { method = 'newton', ...rest } = options
        yield next(`start ${start}`)
        if (solvePowerFlow(network, { ...rest, ...(method === 'dc' ? {} : { method }), start }).status !== 'converged') continue
        const odd = plain.bus.filter((b) => b.type !== 'isolated' && (b.vmPu < 0.7 || b.vmPu > 1.3)).map((b) => b.id)
        const wide = wideStarts(plain)
        const blame = (options.start ?? 'case') === 'case' && (odd.length > 0 || wide.length > 0)
        const why = blame
            ? `: ${[
                  ...(odd.length > 0 ? [`start magnitudes of buses ${listOf(odd)} are far from 1 p.u.`] : []),
                  ...(wide.length > 0
                      ? [
                            `start angles across ${listOf(
                                wide.map((k) => branchName(plain, k)),
                                3,
                            )} are more than 90° apart`,
                        ]
                      : []),
              ].join(', ')}`
            : ''
        add(
            {
                code: 'wrong-start',
                message: `the case has a solution: it converges from start "${start}", not from "${options.start ?? 'case'}"${why}`,
                ...(blame ? { bus: odd, branch: wide } : {}),
            },
            'proven',
        )
        return done()
    }

    // branches and set points, together first and then one by one
    const suspects = [...suspectBranches(plain), ...suspectSetPoints(plain)].slice(0, mostSuspects)
    if (suspects.length > 0) {
        yield next(`${suspects.length} branches and set points in order`)
        const together = suspects.reduce((from, s) => s.repair!(from), plain)
        const all = suspects.length > 1 ? solves(together) : undefined
        const alone = new Map<Suspicion, boolean>()
        for (const s of all === false ? [] : suspects.slice(0, mostTried)) {
            yield next(repairOf(plain, s))
            alone.set(s, solves(s.repair!(plain)))
        }
        const any = [...alone.values()].includes(true)
        // where putting them right does not help, a few remarks are enough
        const shown = all || any ? 2 * mostTried : 3
        for (const s of suspects.slice(0, shown)) {
            if (alone.get(s)) add(s, 'proven', `; it solves with ${s.remedy}`)
            else if (all && !any && s.certainty === 'likely')
                add(s, 'proven', `; it solves with ${s.remedy}, and the others of these put right`)
            // what does not help is a remark, not a cause
            else if (!any) add(s, all === false ? 'possible' : s.certainty)
        }
        if (any) {
            yield next(nearestState)
            return done(findNearest(network, plain, qLimits))
        }
    }

    // reactive limits alone
    if (qLimits) yield next('no reactive limits')
    if (qLimits && solves(plain, false)) {
        const free = solvePowerFlow(plain, { start: 'auto' })
        const short = plain.generator
            .map((g, k) => ({ bus: g.bus, by: (free.generator[k]?.qMvar ?? 0) - g.qMaxMvar }))
            .filter(({ by }) => by > 0)
            .sort((a, b) => b.by - a.by)
        add(
            {
                code: 'reactive-limits',
                message: `it solves without reactive limits; ${short.length > 0 ? `generators then give ${listOf(short.map(({ bus, by }) => `${figure(by)} Mvar too much at bus ${bus}`))}` : 'some generators then take more than they can'}`,
                bus: [...new Set(short.map(({ bus }) => bus))],
            },
            'proven',
        )
    }

    // loads beyond what can reach them
    const loads = suspectLoads(plain)
    let explained = false
    for (const s of loads.slice(0, mostTried)) {
        if (s.repair) yield next(repairOf(plain, s))
        const solved = s.repair ? solves(s.repair(plain)) : false
        explained ||= solved
        add(s, solved ? 'proven' : s.certainty, solved ? `; it solves with ${s.remedy}` : '')
    }
    const angles = wideAngles(plain)
    if (angles.length > 0)
        add(
            {
                code: 'angle-beyond-90',
                message: `by the DC power flow the angles across ${listOf(
                    angles.map(({ k, degrees }) => `${branchName(plain, k)} ${figure(degrees)}°`),
                    4,
                )} are beyond 90°: too much power for these branches, or a wrong shift or reactance`,
                bus: [...new Set(angles.flatMap(({ k }) => [plain.branch[k].fromBus, plain.branch[k].toBus]))],
                branch: angles.map(({ k }) => k),
            },
            'likely',
        )

    yield next(nearestState)
    const nearest = findNearest(network, plain, qLimits)
    if (nearest.lambda > 0 && nearest.lambda < 1) {
        const weak = nearest.weakBus.map((each) => each.bus)
        const carried = `${figure(100 * nearest.lambda)} % of the load can be carried`
        const where = weak.length > 0 ? `; voltages give way at buses ${listOf(weak)}` : ''
        add({ code: 'overload', message: `${carried}${where}`, bus: weak }, nearest.status === 'open' ? 'likely' : 'proven')
        if (!explained) yield { ...next('reactive power at the weakest buses'), found: done(nearest) }
        if (!explained) supportWeakest(plain, weak, qLimits, nearest, add)
    }
    return done(nearest)
}

const repairOf = (network: Network, { branch = [], bus = [], code, remedy = 'in order' }: Suspicion) =>
    `${branch.length > 0 ? branchName(network, branch[0]) : bus.length > 0 ? `bus ${listOf(bus)}` : code}: ${remedy}`

const certainties = { proven: 0, likely: 1, possible: 2 } as const
// what is proven to be a value or a branch comes before the overload it causes
const rank = (f: Finding) => 100 * certainties[f.certainty] + findingCodes.indexOf(f.code)

/** Whether a plain network solves from anywhere, in a bounded time. */
function trySolve(network: Network, qLimits: boolean): boolean {
    const solver = createOpenPowerFlow(network)
    if (solver.solve({ start: 'case', qLimits }).status === 'converged') return true
    return solveQuickly(solver, network, { qLimits }).status === 'converged'
}

/** Reactive power at the weakest bus, as much as it takes, shows whether that is what is missing. */
function supportWeakest(
    plain: Network,
    weak: readonly number[],
    qLimits: boolean,
    nearest: NearestState,
    add: (s: Pick<Suspicion, 'code' | 'message' | 'bus' | 'branch'>, certainty: Finding['certainty']) => void,
): void {
    for (const bus of weak.slice(0, 3)) {
        const here = plain.bus.find((b) => b.id === bus)
        if (here?.type !== 'pq') continue
        const vSetPu = Math.max(0.95, here.vMinPu)
        const supported: Network = {
            ...plain,
            bus: plain.bus.map((b) => (b.id === bus ? { ...b, type: 'pv' } : b)),
            generator: [
                ...plain.generator,
                {
                    id: '+',
                    bus,
                    pMw: 0,
                    qMvar: 0,
                    qMinMvar: -Infinity,
                    qMaxMvar: Infinity,
                    vSetPu,
                    baseMva: plain.baseMva,
                    pMinMw: 0,
                    pMaxMw: 0,
                    inService: true,
                },
            ],
        }
        const flow = solvePowerFlow(supported, { start: 'auto', qLimits })
        if (flow.status !== 'converged') continue
        const q = flow.generator.at(-1)!.qMvar
        const limits =
            nearest.reactiveLimitBus.length > 0
                ? `; generators at buses ${listOf(nearest.reactiveLimitBus)} are at their reactive limits`
                : ''
        add(
            {
                code: 'missing-reactive-power',
                message: `it solves with ${figure(q)} Mvar put in at bus ${bus}, which holds ${vSetPu} p.u. there${limits}`,
                bus: [bus, ...nearest.reactiveLimitBus],
            },
            'proven',
        )
        return
    }
    if (nearest.reactiveLimitBus.length > 0)
        add(
            {
                code: 'missing-reactive-power',
                message: `generators at buses ${listOf(nearest.reactiveLimitBus)} are at their reactive limits where voltages give way`,
                bus: nearest.reactiveLimitBus,
            },
            'likely',
        )
}

/** branches whose start angles are more than 90° apart, shifts counted */
function wideStarts(network: Network): number[] {
    const angle = new Map(network.bus.map((b) => [b.id, b.vaDeg]))
    return network.branch.flatMap((k, row) => {
        const off = (angle.get(k.fromBus)! - angle.get(k.toBus)! - k.shiftDeg) % 360
        return k.inService && Math.min(Math.abs(off), 360 - Math.abs(off)) > 90 ? [row] : []
    })
}

/** branches beyond 90° in the DC power flow, the worst first */
function wideAngles(network: Network): { k: number; degrees: number }[] {
    const dc = solveDc(network)
    if (dc.status !== 'converged') return []
    const angle = new Map(network.bus.map((b, i) => [b.id, dc.vaDeg[i]]))
    return network.branch
        .map((row, k) => ({ k, degrees: row.inService ? Math.abs(angle.get(row.fromBus)! - angle.get(row.toBus)! - row.shiftDeg) : 0 }))
        .filter(({ degrees }) => degrees > 90)
        .sort((a, b) => b.degrees - a.degrees)
}

function findNearest(network: Network, plain: Network, qLimits: boolean): NearestState {
    const limit = findLoadingLimit(network, { qLimits, step: 0.2 })
    const row = network.bus.findIndex((b) => b.id === limit.weakBus[0]?.bus)
    const shortfall = findShortfall(plain)
    return {
        lambda: limit.lambda,
        status: limit.status,
        weakBus: limit.weakBus,
        reactiveLimitBus: limit.reactiveLimitBus,
        curve: row < 0 ? [] : limit.curve.map(({ lambda, vmPu }) => ({ lambda, vmPu: vmPu[row] })),
        bus: limit.status === 'unsolvable' ? [] : network.bus.map(({ id }, i) => ({ id, vmPu: limit.vmPu[i], vaDeg: limit.vaDeg[i] })),
        shortfall: shortfall.slice(0, listedShortfalls),
        shortfallMva: shortfall.reduce((sum, { pMw, qMvar }) => sum + Math.hypot(pMw, qMvar), 0),
    }
}

/** What step control cannot remove from a flat start: put in there, its state is a solution. */
function findShortfall(plain: Network): Shortfall[] {
    const solver = createOpenPowerFlow(plain)
    solver.solve({ start: 'flat', maxIterations: 0 })
    const { newton } = solver
    const { order } = newton.elimination
    if (iterateWithStepControl(newton, 1e-8, 60).status === 'converged') return []
    const base = plain.baseMva
    // the state solves what it draws: the mismatch is specified less drawn, so what is short is its negative
    return Array.from(order, (i, k) => ({
        bus: plain.bus[i].id,
        pMw: -base * newton.mismatch[2 * k],
        qMvar: -base * newton.mismatch[2 * k + 1],
    }))
        .filter(({ pMw, qMvar }) => Math.hypot(pMw, qMvar) > 1e-3)
        .sort((a, b) => Math.hypot(b.pMw, b.qMvar) - Math.hypot(a.pMw, a.qMvar))
}
