/**
 * Whether coordination keeps the sun's uncertainty from the exchange, and how much sun can then be hosted: sun is added
 * until the connection, the feeder, the deviation the exchange has today, or the loss of more than 5 % stops it.
 */
import { computeMean } from '../../cvar.ts'
import { settledAnyway } from '../baselines.ts'
import { reactiveFlows } from '../feeder-program.ts'
import { injections, linearFlows } from '../feeder-state.ts'
import { loadOf, type Series, type Vpp } from '../instance.ts'
import { rulePlan, settleFixed } from '../rule-plan.ts'
import type { Dispatch, FirstStage } from '../solution.ts'
import { type Claim, series } from './claim.ts'
import { type ClaimContext, probabilities, stepsOf, total } from './context.ts'
import { withSun } from './parameters.ts'

/** share of sun and wind that may be lost where they still count as hosted */
const lostMost = 0.05
/** times the sun tried at most */
const mostSun = 4

export type HostingLimit = 'deviation' | 'loss' | 'connection' | 'voltage' | 'line' | 'none'

/** What one amount of sun comes to. */
interface Hosted {
    readonly factor: number
    /** standard deviation of the exchange over the scenarios, kW */
    readonly deviation: number
    /** share of sun and wind */
    readonly lost: number
    /** first limit passed */
    readonly stoppedBy?: HostingLimit
}

/** Excess energy that is worth anything, kW; the rest might as well be spilt. */
function soldExcess(vpp: Vpp, d: Dispatch, t: number): number {
    return vpp.grid.surplusPrice[t]! > 0 ? d.surplus[t]! : Math.max(0, d.surplus[t]! - total(d.pv, t) - total(d.wind, t))
}

/** Root of the mean square deviation of the exchange from its mean over the scenarios, kW. */
const exchangeDeviation = (vpp: Vpp, dispatch: readonly Dispatch[]) =>
    deviation(vpp, (s, t) => soldExcess(vpp, dispatch[s]!, t) - dispatch[s]!.short[t]!)

/** What the exchange would do were every deviation of sun, wind and load passed on to it, kW. */
export const rawDeviation = (vpp: Vpp) =>
    deviation(vpp, (s, t) => {
        const scenario = vpp.scenarios[s]!
        return total(scenario.pv, t) + total(scenario.wind, t) - loadOf(vpp, scenario)[t]!
    })

function deviation(vpp: Vpp, of: (s: number, t: number) => number): number {
    let sum = 0
    for (let t = 0; t < vpp.periods; t++) {
        const values = vpp.scenarios.map((_, s) => of(s, t))
        const mean = computeMean(values, probabilities(vpp))
        sum += computeMean(
            values.map((v) => (v - mean) ** 2),
            probabilities(vpp),
        )
    }
    return Math.sqrt(sum / vpp.periods)
}

/** Share of sun and wind spilt, or given away for nothing. */
function lostShare(vpp: Vpp, dispatch: readonly Dispatch[]): number {
    const times = stepsOf(vpp)
    const mean = (of: (s: number, t: number) => number) =>
        computeMean(
            vpp.scenarios.map((_, s) => times.reduce((sum, t) => sum + of(s, t), 0)),
            probabilities(vpp),
        )
    const there = mean((s, t) => total(vpp.scenarios[s]!.pv, t) + total(vpp.scenarios[s]!.wind, t))
    const taken = mean((s, t) => {
        const d = dispatch[s]!
        return total(d.pv, t) + total(d.wind, t) - (d.surplus[t]! - soldExcess(vpp, d, t))
    })
    return there > 0 ? 1 - taken / there : 0
}

/** The first limit of connection or feeder a dispatch passes. */
function networkLimit(vpp: Vpp, first: FirstStage, dispatch: readonly Dispatch[]): HostingLimit | undefined {
    const slack = 1e-6
    for (const [s, d] of dispatch.entries()) {
        const load = loadOf(vpp, vpp.scenarios[s]!)
        const q = vpp.feeder && reactiveFlows(vpp.feeder, load)
        for (let t = 0; t < vpp.periods; t++) {
            const given = first.sell[t]! + d.surplus[t]! - first.buy[t]! - d.short[t]!
            if (given > Math.min(vpp.grid.exportMax[t]!, vpp.grid.feedInMax?.[t] ?? Infinity) + slack) return 'connection'
            if (!vpp.feeder) continue
            const { flow, square } = linearFlows(vpp.feeder, injections(vpp, vpp.feeder, load, d, t), q!, t)
            for (const { to, pMax } of vpp.feeder.branches) {
                if (Math.abs(flow.get(to)!) > pMax + slack) return 'line'
                if (square.get(to)! > vpp.feeder.vMax ** 2 + slack || square.get(to)! < vpp.feeder.vMin ** 2 - slack) return 'voltage'
            }
        }
    }
    return undefined
}

/** Today's devices by today's rules, whatever sun there is, all of it given to the network. */
function uncoordinated(vpp: Vpp): (factor: number) => Hosted {
    // everything may go out and nothing is held down, so that what passes a limit is seen
    const { feeder, grid, ...rest } = settledAnyway(vpp)
    const { feedInMax: _, demandMax: _d, ...open } = grid
    const unlimited: Vpp = {
        ...rest,
        grid: { ...open, surplusPrice: grid.surplusPrice.map(() => 1e-9), exportMax: grid.exportMax.map(() => 1e12) },
        pv: vpp.pv.map((p) => ({ ...p, curtailCost: 1 })),
        wind: vpp.wind.map((p) => ({ ...p, curtailCost: 1 })),
    }
    // devices as the rules run them within the network of today; sun and wind as they come
    const ruled = rulePlan(settledAnyway(vpp))
    const given = (rows: readonly Series[]) => rows.map((row) => Array.from(row))
    const plan = { ...ruled, dispatch: { ...ruled.dispatch, pv: given(ruled.forecast.pv), wind: given(ruled.forecast.wind) } }
    return (factor) => {
        const more = withSun(unlimited, factor)
        const dispatch = more.scenarios.map((day) => settleFixed(more, plan, day))
        const stoppedBy = networkLimit({ ...more, grid, ...(feeder ? { feeder } : {}) }, plan.firstStage, dispatch)
        return { factor, deviation: rawDeviation(more), lost: lostShare(more, dispatch), ...(stoppedBy ? { stoppedBy } : {}) }
    }
}

/** The most that is hosted, between the last that was and the first that was not; `tries` halvings. */
async function mostHosted(of: (factor: number) => Promise<Hosted>, stops: (h: Hosted) => HostingLimit | undefined, tries: number) {
    const seen: Hosted[] = []
    const look = async (factor: number) => {
        const found = await of(factor)
        seen.push(found)
        return stops(found)
    }
    let stoppedBy = await look(mostSun)
    if (stoppedBy === undefined) return { most: mostSun, stoppedBy: 'none' as const, seen }
    let [low, high] = [0, mostSun]
    const first = await look(1)
    if (first === undefined) low = 1
    else [high, stoppedBy] = [1, first]
    for (let k = 0; k < tries; k++) {
        const middle = (low + high) / 2
        const stop = await look(middle)
        if (stop === undefined) low = middle
        else [high, stoppedBy] = [middle, stop]
    }
    return { most: low, stoppedBy, seen: seen.sort((a, b) => a.factor - b.factor) }
}

/** @param tries halvings of the range of sun with coordination: each a plan */
export async function suppression(context: ClaimContext, tries = 4): Promise<Claim> {
    const { vpp } = context
    const today = await context.at(0)
    const coordinated = exchangeDeviation(vpp, today.solution.scenarios)
    const raw = rawDeviation(vpp)
    const stops = ({ deviation, lost, stoppedBy }: Hosted): HostingLimit | undefined =>
        stoppedBy ?? (deviation > raw * (1 + 1e-9) + 1e-9 ? 'deviation' : lost > lostMost ? 'loss' : undefined)
    const plain = uncoordinated(vpp)
    const alone = async (factor: number) => plain(factor)
    const [without, network, withIt] = [
        await mostHosted(alone, stops, 12),
        // by the network alone, however the exchange deviates
        await mostHosted(alone, (h) => h.stoppedBy, 12),
        await mostHosted(
            async (factor) => {
                const more = withSun(vpp, factor)
                const { scenarios, firstStage } = factor === 1 ? today.solution : (await context.on(more).at(0)).solution
                // what is given away for nothing counts as spilt
                const kept = scenarios.map((d) => ({ ...d, surplus: d.surplus.map((_, t) => soldExcess(more, d, t)) }))
                const stoppedBy = networkLimit(more, firstStage, kept)
                return {
                    factor,
                    deviation: exchangeDeviation(more, scenarios),
                    lost: lostShare(more, scenarios),
                    ...(stoppedBy ? { stoppedBy } : {}),
                }
            },
            stops,
            tries,
        ),
    ]
    const factors = withIt.seen.map((h) => h.factor)
    const beside = factors.map(plain)
    const x = { name: 'times the sun', unit: '', values: factors }
    const marks = [
        { name: 'hosted with coordination', at: withIt.most },
        { name: 'hosted without', at: without.most },
    ]
    return {
        id: '2k',
        holds: coordinated <= raw + 1e-9 && (withIt.most > without.most || raw === 0),
        theorem: false,
        figures: {
            'deviation of the exchange with coordination, kW': coordinated,
            'deviation without, kW': raw,
            'times the sun hosted with coordination': withIt.most,
            'times the sun hosted without': without.most,
            'times the sun the network alone would carry without': network.most,
            'sun hosted with coordination, kW': withIt.most * vpp.pv.reduce((sum, p) => sum + p.capacity, 0),
            'sun hosted without, kW': without.most * vpp.pv.reduce((sum, p) => sum + p.capacity, 0),
        },
        words: {
            'stopped with coordination': withIt.stoppedBy,
            'stopped without': without.stoppedBy,
            'network stopped without': network.stoppedBy,
        },
        plots: [
            {
                id: 'hosting-deviation',
                x,
                unit: 'kW',
                series: [
                    series(
                        'with coordination',
                        withIt.seen.map((h) => h.deviation),
                    ),
                    series(
                        'without coordination',
                        beside.map((h) => h.deviation),
                    ),
                ],
                limits: [{ name: 'deviation today, without', at: raw }],
                marks,
            },
            {
                id: 'hosting-loss',
                x,
                unit: '%',
                series: [
                    series(
                        'lost with coordination',
                        withIt.seen.map((h) => 100 * h.lost),
                    ),
                ],
                limits: [{ name: 'most that may be lost', at: 100 * lostMost }],
            },
        ],
    }
}
