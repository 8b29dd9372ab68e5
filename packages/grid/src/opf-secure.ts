/**
 * Security-constrained optimal power flow, preventive, in DC: the cheapest operation within the limits of the network as
 * it is and, without anyone doing anything, after every outage of a list.
 *
 * Almost none of the limits after outages bind. So they are generated: solve, compute the flows after every outage, add
 * those beyond their limits, and again until none is (O. Alsac, B. Stott, IEEE Trans. Power App. Syst. 93(3), 1974). What
 * was never violated is no constraint; the last answer is that of all limits together.
 */
import { type InteriorPointProgress, type InteriorPointSolution, solveInteriorPoint } from '@gridverse/math'
import { type Outage, singleOutages } from './contingency-outage.ts'
import type { Branch, Network } from './network.ts'
import { checkOpf } from './opf-check.ts'
import type { BindingConstraint, Opf } from './opf-contract.ts'
import { buildDcModel, type FlowLimit } from './opf-dc.ts'
import { buildFrame, type NamedConstraint, type OpfFrame } from './opf-frame.ts'
import { explainConflict, explainFailure } from './opf-infeasible.ts'
import { solveLowered } from './opf-lowered.ts'
import type { OpfModel } from './opf-model.ts'
import { createOutageFactors, type FlowsAfter } from './opf-outage.ts'
import { addPriceParts } from './opf-price-parts.ts'
import { describeOptimum } from './opf-rows.ts'
import type { Tie } from './opf-ties.ts'

export interface SecureOpfOptions {
    /** what goes out; every branch in service, one at a time, where absent */
    readonly list?: readonly Outage[]
    /** limit of flows after an outage; where a branch has none, the next one: emergency, short, normal */
    readonly rating?: PostRating
    readonly tolerance?: number
    readonly maxIterations?: number
    /** called after every iteration, all rounds counted together */
    readonly onIteration?: (progress: InteriorPointProgress) => void
}
export type PostRating = 'emergency' | 'short' | 'normal'

export interface ContingencyRow {
    readonly outage: Outage
    /** `islanding`: something loses its supply, and `unbalanced`: no generator can give what is missing; no limit is held after these */
    readonly status: 'secured' | 'islanding' | 'unbalanced'
    /** greatest loading after it, percent of the rating that holds then; null where nothing is rated or nothing held */
    readonly worstLoadingPercent: number | null
    /** row of the branch loaded so */
    readonly worstBranch: number | null
    /** limits after it that cost money, dearest first; `price` is per MW and hour */
    readonly binding: readonly BindingConstraint[]
}

export interface SecureOpf extends Opf {
    /** times solved, each with the limits found violated before */
    readonly rounds: number
    /** limits after outages in the last program */
    readonly constraints: number
    /** in the order of the list; empty unless optimal */
    readonly contingencies: readonly ContingencyRow[]
}

/** a flow this much above its limit counts, per unit */
const violated = 1e-8
const mostRounds = 60

/** Solves it. Infeasible cases say what conflicts and what must give way, limits after outages included. Throws on data that `checkOpf` finds wrong. */
export function solveSecureOpf(network: Network, options: SecureOpfOptions = {}): SecureOpf {
    const { list = singleOutages(network) } = options
    return solveLowered(network, (plain, ties) => solvePlain(plain, { ...options, list }, ties))
}

function solvePlain(network: Network, options: SecureOpfOptions, ties: readonly Tie[]): SecureOpf {
    const { list = [], rating = 'emergency', tolerance = 1e-9, maxIterations = 150, onIteration } = options
    const [issue] = checkOpf(network, 'dc')
    if (issue) throw new Error(`${issue.message}; checkOpf lists everything wrong.`)
    const frame = buildFrame(network, ties)
    const factors = createOutageFactors(frame)
    const nothing = { method: 'dc', objective: Number.NaN, bus: [], generator: [], branch: [], binding: [], lossesMw: Number.NaN } as const
    const none = { ...nothing, constraints: 0, contingencies: [] }
    if (frame.bus.length === 0 || !factors) {
        const reason = factors
            ? 'no bus has supply: no island has a slack or PV bus with a generator in service'
            : 'reactances cancel: DC has no answer'
        return { ...none, status: 'infeasible', iterations: 0, rounds: 0, failure: { reason } }
    }
    const watch = createWatch(frame, list, rating, factors.computeAfter)
    let iterations = 0
    const settings = {
        tolerance,
        maxIterations,
        ...(onIteration ? { onIteration: (p: InteriorPointProgress) => onIteration({ ...p, iteration: iterations + p.iteration }) } : {}),
    }
    const limits: FlowLimit[] = []
    const pointOf = (x: Float64Array) => {
        const { flow, p } = buildDcModel(frame, 'flat', limits).read(x)
        return { flow: flow.filter((_, at) => at % 4 === 0), p }
    }
    // once infeasible, more limits do not help: only the least relaxation is left to find
    let failed: InteriorPointSolution | undefined
    for (let rounds = 1; ; rounds++) {
        const model = buildDcModel(frame, 'flat', limits)
        const s = failed ?? solveInteriorPoint(model.program, settings)
        if (!failed) iterations += s.iteration
        if (s.status === 'optimal') {
            const { flow, p } = pointOf(s.x)
            const found = watch.check(flow, p)
            if (found.length === 0) {
                const opf = addPriceParts(describeOptimum(model, s, iterations), frame, factors, limits, multipliersOf(model, s))
                return { ...opf, rounds, constraints: limits.length, contingencies: watch.describe(flow, p, opf.binding) }
            }
            if (rounds < mostRounds) {
                limits.push(...found)
                continue
            }
            const reason = `limits after outages were still being found after ${rounds} rounds, ${limits.length} of them so far`
            return { ...none, status: 'diverged', iterations, rounds, failure: { reason } }
        }
        // the least relaxation has to know the limits that only its own point breaks
        const explanation = explainFailure(model, s, settings)
        iterations += explanation.iterations
        const at = explanation.point && rounds < mostRounds ? pointOf(explanation.point) : undefined
        const found = at ? watch.check(at.flow, at.p) : []
        if (found.length > 0) {
            limits.push(...found)
            failed = s
            continue
        }
        const { failure, iterations: more } = explainConflict(model, { ...explanation, iterations: 0 }, settings)
        const status = failure.relaxation ? 'infeasible' : 'diverged'
        return { ...none, constraints: limits.length, status, iterations: iterations + more, rounds, failure }
    }
}

/** multipliers of the limits after outages, in their order */
const multipliersOf = ({ inequality }: OpfModel, { mu }: InteriorPointSolution) => mu.filter((_, at) => inequality[at]?.after !== undefined)

/** MVA that hold after an outage; 0 where nothing does. */
export function postRatingOf(branch: Branch, rating: PostRating): number {
    const { rateMva, rateShortMva, rateEmergencyMva } = branch
    const order = { emergency: [rateEmergencyMva, rateShortMva, rateMva], short: [rateShortMva, rateMva], normal: [rateMva] }[rating]
    return order.find((rate) => rate > 0) ?? 0
}

/** The list of outages with their factors, which limits are broken after them, and how near the others are. */
function createWatch(
    frame: OpfFrame,
    list: readonly Outage[],
    rating: PostRating,
    computeAfter: (outage: Outage) => FlowsAfter | { readonly status: 'islanding' | 'unbalanced' },
) {
    const { network, base } = frame
    const rate = frame.branch.map((row) => postRatingOf(network.branch[row], rating) / base)
    const known = new Set<string>()

    /** flows after outage `at`; undefined where it is not secured */
    function flowsAfter(after: FlowsAfter, flow: Float64Array, p: Float64Array): Float64Array {
        const now = flow.slice()
        for (let l = 0; l < now.length; l++) now[l] += after.constant[l]
        for (const { k, factor } of after.branch) for (let l = 0; l < now.length; l++) now[l] += factor[l] * flow[k]
        for (const { k, factor } of after.power) for (let l = 0; l < now.length; l++) now[l] += factor[l] * p[k]
        return now
    }

    /** for every branch and direction the limit broken most; the others mostly hold once it does */
    function check(flow: Float64Array, p: Float64Array): FlowLimit[] {
        const worst = new Map<string, { excess: number; id: string; limit: () => FlowLimit }>()
        list.forEach((outage, at) => {
            const after = computeAfter(outage)
            if (after.status !== 'secured') return
            const now = flowsAfter(after, flow, p)
            rate.forEach((most, l) => {
                const sign = now[l] > 0 ? 1 : -1
                const excess = Math.abs(now[l]) - most
                const id = `${at} ${l} ${sign}`
                if (most === 0 || after.out.has(l) || !(excess > violated) || known.has(id)) return
                const key = `${l} ${sign}`
                if (excess > (worst.get(key)?.excess ?? 0))
                    worst.set(key, { excess, id, limit: () => limitOf(after, outage, l, sign, most) })
            })
        })
        return [...worst.values()].map(({ id, limit }) => {
            known.add(id)
            return limit()
        })
    }

    function limitOf(after: FlowsAfter, outage: Outage, l: number, sign: 1 | -1, most: number): FlowLimit {
        const row = frame.branch[l]
        const keep = ({ k, factor }: { k: number; factor: Float64Array }) => ({ k, factor: sign * factor[l] })
        return {
            flow: [{ k: l, factor: sign }, ...after.branch.map(keep)].filter(({ factor }) => Math.abs(factor) > 1e-12),
            power: after.power.map(keep).filter(({ factor }) => Math.abs(factor) > 1e-12),
            limit: most - sign * after.constant[l],
            name: nameLimit(frame, row, sign, most * base, describeOutage(network, outage)),
        }
    }

    function describe(flow: Float64Array, p: Float64Array, binding: readonly BindingConstraint[]): ContingencyRow[] {
        return list.map((outage): ContingencyRow => {
            const after = computeAfter(outage)
            if (after.status !== 'secured')
                return { outage, status: after.status, worstLoadingPercent: null, worstBranch: null, binding: [] }
            const now = flowsAfter(after, flow, p)
            let worst = -1
            rate.forEach((most, l) => {
                if (most > 0 && !after.out.has(l) && (worst < 0 || Math.abs(now[l]) / most > Math.abs(now[worst]) / rate[worst])) worst = l
            })
            const called = describeOutage(network, outage)
            return {
                outage,
                status: 'secured',
                worstLoadingPercent: worst < 0 ? null : (100 * Math.abs(now[worst])) / rate[worst],
                worstBranch: worst < 0 ? null : frame.branch[worst],
                binding: binding.filter((row) => row.after === called),
            }
        })
    }
    return { check, describe }
}

function nameLimit({ network, base }: OpfFrame, row: number, sign: 1 | -1, limit: number, after: string): NamedConstraint {
    return {
        kind: sign > 0 ? 'flowFrom' : 'flowTo',
        table: 'branch',
        index: row,
        id: network.branch[row].id,
        unit: 'MVA',
        limit,
        after,
        priceScale: 1 / base,
        amount: (x) => x * base,
        penalty: base,
    }
}

/** An outage in words, by ids: `branch L3`, `generators G1, G2`; or as people call it. */
export function describeOutage(network: Network, { name, branches = [], generators = [], buses = [] }: Outage): string {
    if (name) return name
    const part = (one: string, many: string, ids: readonly (string | number)[]) =>
        ids.length ? [`${ids.length === 1 ? one : many} ${ids.join(', ')}`] : []
    return [
        ...part(
            'branch',
            'branches',
            branches.map((k) => network.branch[k].id),
        ),
        ...part(
            'generator',
            'generators',
            generators.map((k) => network.generator[k].id),
        ),
        ...part('bus', 'buses', buses),
    ].join(' and ')
}
