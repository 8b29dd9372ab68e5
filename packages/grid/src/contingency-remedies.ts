/**
 * What an operator can do about an overloaded branch after an outage: move generation, open or close a branch or a
 * coupler, turn a phase shifter. DC factors of the network as the outage leaves it find what is worth trying,
 *   opening m      Δf_l = h(l, m)/(1 − h(m, m))·f_m
 *   closing m      Δf_l = −h(l, m)/(1 + h(m, m))·f, f = b_m·(θ_from − θ_to − shift) as if it were there
 *   shift by Δφ    Δf_l = (h(l, s) − [l = s])·b_s·Δφ
 * (h as in factors.ts; A. J. Wood, B. F. Wollenberg, G. B. Sheblé, Power Generation, Operation, and Control, 3rd edition,
 * chapter 7), and the AC power flow of the outage with the action taken says what each is worth.
 */
import { createContingencies } from './contingency.ts'
import type { Outage } from './contingency-outage.ts'
import { computeRelief, type ReliefStep } from './contingency-relief.ts'
import { createFactorSolver, type FactorSolver } from './factors.ts'
import { lowerNetwork } from './lower-network.ts'
import type { Network } from './network.ts'

export type RemedyAction =
    | { readonly kind: 'redispatch'; readonly steps: readonly ReliefStep[] }
    /** row of the branch, from 0 */
    | { readonly kind: 'open-branch' | 'close-branch'; readonly branch: number }
    /** `shiftDeg`: its shift afterwards */
    | { readonly kind: 'shift'; readonly branch: number; readonly shiftDeg: number }
    /** row of the coupler, from 0 */
    | { readonly kind: 'open-coupler' | 'close-coupler'; readonly coupler: number }

export interface Remedy {
    readonly action: RemedyAction
    /** what the branch carries less by DC factors, MW; null where they cannot tell */
    readonly predictedMw: number | null
    /** nothing is above its limits after the outage with the action taken, and nothing more is lost */
    readonly solves: boolean
    /** how the power flow after the outage ended, the action taken */
    readonly status: 'converged' | 'diverged' | 'islanding'
    /** greatest loading then, percent; null unless solved */
    readonly worstLoadingPercent: number | null
    /** row of the branch loaded so */
    readonly worstBranch: number | null
    /** branches and buses beyond their limits then */
    readonly overloads: number
    readonly voltages: number
    /** load without supply then, MW, what the outage alone takes along included */
    readonly lostLoadMw: number
}

export interface RemedyQuery {
    /** row of the overloaded branch, from 0 */
    readonly branch: number
    readonly outage: Outage
    /** tries of every kind by AC power flow */
    readonly tries?: number
    /** how far phase shifters turn either way where no control says it, degrees */
    readonly shiftRangeDeg?: number
}

export interface Remedies {
    /** percent of its rating, with the outage and no action; null where that has no solution */
    readonly loadingPercent: number | null
    /** best first */
    readonly remedies: readonly Remedy[]
}

/** Remedies for a branch overloaded after an outage, best first: those that solve everything, then by what is left. */
export function rankRemedies(network: Network, query: RemedyQuery): Remedies {
    const { branch, outage, tries = 5, shiftRangeDeg = 30 } = query
    const before = createContingencies(network, { list: [outage] })
    if (before.base.status !== 'converged') return { loadingPercent: null, remedies: [] }
    const row = before.solve(0)
    const { rateMva } = network.branch[branch]
    if (row.vmMinPu === null || !(rateMva > 0)) return { loadingPercent: null, remedies: [] }
    const { pFromMw, qFromMvar, pToMw, qToMvar, generatorMw, vaDeg } = before.result
    const mva = Math.max(Math.hypot(pFromMw[branch], qFromMvar[branch]), Math.hypot(pToMw[branch], qToMvar[branch]))
    const direction = pFromMw[branch] >= 0 ? 1 : -1
    const { network: left } = lowerNetwork(withOutage(network, outage))
    const factors = createFactorSolver(left)
    const pairs: { action: RemedyAction; predictedMw: number | null }[] = []
    if (factors.status === 'solved') {
        const excess = Math.max(0, mva - rateMva)
        const relief = computeRelief(left, factors, { branch, direction, reliefMw: 1.05 * excess, generatorMw })
        if (relief.steps.length) pairs.push({ action: { kind: 'redispatch', steps: relief.steps }, predictedMw: relief.reliefMw })
        const angle = new Map(network.bus.map((b, i) => [b.id, vaDeg[i]]))
        const flow = { at: (k: number) => (pFromMw[k] - pToMw[k]) / 2, vaDeg: left.bus.map((b) => angle.get(b.id) ?? Number.NaN) }
        const spare = (k: number) => network.branch[k]?.inService === false
        pairs.push(...topologyActions(left, factors, branch, direction, flow, spare, tries))
        pairs.push(...shiftActions(left, factors, branch, direction, excess, shiftRangeDeg).slice(0, tries))
    }
    const couplers = (network.coupler ?? []).map(
        (c, coupler): RemedyAction => ({ kind: c.closed ? 'open-coupler' : 'close-coupler', coupler }),
    )
    pairs.push(...couplers.slice(0, 4 * tries).map((action) => ({ action, predictedMw: null })))
    const alone = row.lostLoadMw ?? 0
    const remedies = pairs.map(({ action, predictedMw }): Remedy => {
        const acted = applyRemedy(network, action, generatorMw)
        const solver = createContingencies(acted, { list: [outage] })
        const none = { overloads: 0, voltages: 0, lostLoadMw: 0, worstLoadingPercent: null, worstBranch: null }
        if (solver.base.status !== 'converged') return { action, predictedMw, solves: false, status: 'diverged', ...none }
        const after = solver.solve(0)
        const lostLoadMw = after.lostLoadMw ?? 0
        const solved = after.vmMinPu !== null
        return {
            action,
            predictedMw,
            solves: solved && after.violations.length + after.voltageViolations.length === 0 && lostLoadMw <= alone,
            status: solved ? (after.status === 'islanding' ? 'islanding' : 'converged') : 'diverged',
            worstLoadingPercent: after.worstLoadingPercent,
            worstBranch: after.worstBranch,
            overloads: after.violations.length,
            voltages: after.voltageViolations.length,
            lostLoadMw,
        }
    })
    return { loadingPercent: (100 * mva) / rateMva, remedies: remedies.sort(byWorth) }
}

/** The network with the action taken; `generatorMw` is what generators give before, by row. */
export function applyRemedy(network: Network, action: RemedyAction, generatorMw: ArrayLike<number>): Network {
    const change = <T>(rows: readonly T[], at: number, by: Partial<T>) => rows.map((row, k) => (k === at ? { ...row, ...by } : row))
    switch (action.kind) {
        case 'redispatch': {
            const moved = new Map<number, number>()
            for (const { lower, raise, mw } of action.steps) {
                moved.set(lower, (moved.get(lower) ?? generatorMw[lower]) - mw)
                moved.set(raise, (moved.get(raise) ?? generatorMw[raise]) + mw)
            }
            return { ...network, generator: network.generator.map((g, k) => ({ ...g, pMw: moved.get(k) ?? g.pMw })) }
        }
        case 'open-branch':
        case 'close-branch':
            return { ...network, branch: change(network.branch, action.branch, { inService: action.kind === 'close-branch' }) }
        case 'shift':
            return { ...network, branch: change(network.branch, action.branch, { shiftDeg: action.shiftDeg }) }
        default:
            return { ...network, coupler: change(network.coupler ?? [], action.coupler, { closed: action.kind === 'close-coupler' }) }
    }
}

function withOutage(network: Network, { branches = [], generators = [], buses = [] }: Outage): Network {
    const out = new Set(buses)
    return {
        ...network,
        bus: network.bus.map((b) => (out.has(b.id) ? { ...b, type: 'isolated' } : b)),
        branch: network.branch.map((b, k) =>
            branches.includes(k) || out.has(b.fromBus) || out.has(b.toBus) ? { ...b, inService: false } : b,
        ),
        generator: network.generator.map((g, k) => (generators.includes(k) || out.has(g.bus) ? { ...g, inService: false } : g)),
    }
}

/** Branches worth opening or closing, most relief first by DC factors. */
function topologyActions(
    network: Network,
    factors: FactorSolver,
    l: number,
    direction: 1 | -1,
    flow: { at(k: number): number; readonly vaDeg: ArrayLike<number> },
    spare: (k: number) => boolean,
    tries: number,
) {
    const ptdf = new Float64Array(network.bus.length)
    const other = new Float64Array(network.bus.length)
    factors.computePtdf(l, ptdf)
    const at = new Map(network.bus.map((b, i) => [b.id, i]))
    const ends = (m: number) => [at.get(network.branch[m].fromBus)!, at.get(network.branch[m].toBus)!]
    const across = (by: Float64Array, m: number) => {
        const [f, t] = ends(m)
        return by[f] - by[t]
    }
    /** 1 − h(m, m) where m is in service */
    const own = (m: number) => {
        factors.computePtdf(m, other)
        return across(other, m)
    }
    const carried = Math.abs(flow.at(l))
    const opened = network.branch.flatMap((b, m) => {
        if (!b.inService || m === l || factors.bridge[m] === 1) return []
        const least = -direction * across(ptdf, m) * flow.at(m)
        return least > 1e-3 ? [{ m, least }] : []
    })
    const opening = opened
        .sort((a, b) => b.least - a.least)
        .slice(0, 4 * tries)
        .map(({ m, least }) => ({ action: { kind: 'open-branch', branch: m } as const, predictedMw: least / (1 - own(m)) }))
        .filter(({ predictedMw }) => Number.isFinite(predictedMw))
        // relief beyond what flows is a load the other way
        .sort((a, b) => Math.abs(carried - a.predictedMw) - Math.abs(carried - b.predictedMw))
        .slice(0, tries)
    const closing = network.branch.flatMap((b, m) => {
        const [f, t] = ends(m)
        if (!spare(m) || f === t || network.bus[f].type === 'isolated' || network.bus[t].type === 'isolated') return []
        const susceptance = 1 / (b.xPu * b.ratio)
        const wanted = susceptance * network.baseMva * (((flow.vaDeg[f] - flow.vaDeg[t] - b.shiftDeg) * Math.PI) / 180)
        // a trial line through the same ends weakens itself by what the rest of the network gives way
        const most = -direction * -across(ptdf, m) * wanted
        return most > 1e-3 && Number.isFinite(most)
            ? [{ action: { kind: 'close-branch', branch: m } as const, predictedMw: null, most }]
            : []
    })
    return [
        ...opening,
        ...closing
            .sort((a, b) => b.most - a.most)
            .slice(0, tries)
            .map(({ action, predictedMw }) => ({ action, predictedMw })),
    ]
}

/** Phase shifters turned as far as the relief asks for, within their range; most relief first. */
function shiftActions(network: Network, factors: FactorSolver, l: number, direction: 1 | -1, excess: number, rangeDeg: number) {
    const ptdf = new Float64Array(network.bus.length)
    factors.computePtdf(l, ptdf)
    const at = new Map(network.bus.map((b, i) => [b.id, i]))
    const control = new Map((network.control ?? []).filter((c) => c.kind === 'shift').map((c) => [c.element, c]))
    return network.branch
        .flatMap((b, s) => {
            const held = control.get(b.id)
            if (!b.inService || b.kind !== 'transformer' || (b.shiftDeg === 0 && !held)) return []
            const susceptance = network.baseMva / (b.xPu * b.ratio)
            const perDegree = ((ptdf[at.get(b.fromBus)!] - ptdf[at.get(b.toBus)!] - (s === l ? 1 : 0)) * susceptance * Math.PI) / 180
            if (!(Math.abs(perDegree) > 1e-6)) return []
            const low = Number.isFinite(held?.min) ? held!.min : -rangeDeg
            const high = Number.isFinite(held?.max) ? held!.max : rangeDeg
            const wanted = b.shiftDeg - (direction * 1.05 * excess) / perDegree
            const shiftDeg = Math.min(Math.max(wanted, low), high)
            const predictedMw = -direction * perDegree * (shiftDeg - b.shiftDeg)
            return predictedMw > 1e-3 ? [{ action: { kind: 'shift', branch: s, shiftDeg } as const, predictedMw }] : []
        })
        .sort((a, b) => b.predictedMw - a.predictedMw)
}

const order = { converged: 0, islanding: 1, diverged: 2 } as const

function byWorth(a: Remedy, b: Remedy): number {
    return (
        Number(b.solves) - Number(a.solves) ||
        order[a.status] - order[b.status] ||
        a.lostLoadMw - b.lostLoadMw ||
        a.overloads + a.voltages - (b.overloads + b.voltages) ||
        (a.worstLoadingPercent ?? 0) - (b.worstLoadingPercent ?? 0)
    )
}
