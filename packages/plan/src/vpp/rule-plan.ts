/**
 * What a competent hand plans without an optimiser: turbines by marginal price, stores and comfort by rules
 * (`rule-dispatch.ts`), the forecast net position traded, and on the day every deviation settled as imbalance.
 */
import { byPeriod, commitmentsByPeriod, excessKept, turbineMax } from './day-state.ts'
import { blocksOf, type GasTurbine, loadOf, reductionMax, type Scenario, type Vpp } from './instance.ts'
import { meanScenario } from './mean-scenario.ts'
import { reboundKernel } from './rebound.ts'
import { priceSignal, residualAt, ruleDispatch } from './rule-dispatch.ts'
import { cheapestStarts, dayWithRuns, fixRuns } from './runs.ts'
import type { Dispatch, FirstStage } from './solution.ts'
import { verifySchedule } from './verify.ts'

export interface FixedPlan {
    readonly firstStage: FirstStage
    /** on the forecast; devices keep to it whatever the day brings */
    readonly dispatch: Dispatch
    readonly forecast: Scenario
}

/** How often a hand goes over a plan that the feeder or the connection cannot carry. */
const rounds = 20

/** The plan of rules for the plant's forecast, or the mean of its scenarios. Pure; needs no solver. */
export function rulePlan(vpp: Vpp): FixedPlan {
    const forecast = { ...(vpp.forecast ?? meanScenario(vpp)), probability: 1 }
    if (vpp.runs?.length) {
        const runs = cheapestStarts(vpp)
        const { firstStage, dispatch } = rulePlan(fixRuns(vpp, runs))
        return { firstStage: { ...firstStage, runs }, dispatch, forecast }
    }
    const u = vpp.gasTurbines.map((g) => commitByPrice(vpp, g))
    const signal = priceSignal(vpp.grid.buyPrice)
    // what sun and wind may give where the feeder carries no more of it
    const held = { ...forecast, pv: forecast.pv.map((s) => s.slice()), wind: forecast.wind.map((s) => s.slice()) }
    const limited = vpp.feeder ?? vpp.grid.demandMax ?? vpp.grid.feedInMax
    for (let round = 0; ; round++) {
        const dispatch = ruleDispatch(byPeriod(vpp), held, commitmentsByPeriod(vpp, u), signal)
        const plan = { forecast, ...trade(vpp, held, dispatch, u) }
        if (!limited || round === rounds || !relieve(vpp, plan, held, signal)) return plan
    }
}

/** Where feeder or connection are overloaded, signals are turned against it, and sun and wind held down; false where it is not. */
function relieve(vpp: Vpp, { firstStage, dispatch, forecast }: FixedPlan, held: Scenario, signal: number[]): boolean {
    const { violations } = verifySchedule(vpp, [forecast], { beta: 0, firstStage, scenarios: [dispatch] })
    const excess = new Map<number, number>()
    for (const { what, amount } of violations) {
        const [, kind, period] = /^(flow|squared voltage|demand from|feed-in to) .* in period (\d+)/.exec(what) ?? []
        // 0.001 of a squared voltage is much
        const kw = kind === 'squared voltage' ? amount * 1e5 : amount
        if (period !== undefined) excess.set(Number(period), Math.max(kw, excess.get(Number(period)) ?? 0))
    }
    for (const [t, kw] of excess) {
        const plants = [...held.pv, ...held.wind]
        const given = plants.reduce((sum, series) => sum + series[t]!, 0)
        if (firstStage.sell[t] === 0) signal[t] = Math.min(3, signal[t]! + 1)
        else if (signal[t]! > -1) signal[t] = signal[t]! - 1
        else for (const series of plants) series[t] = series[t]! * Math.max(0, 1 - (kw + 1) / given)
    }
    return excess.size > 0
}

/** Runs where a block's price pays for the mean cost at full power; gaps and runs too short for the turbine are filled and let go. */
function commitByPrice(vpp: Vpp, g: GasTurbine): number[] {
    const blocks = blocksOf(vpp, g)
    if (g.mustRun) return new Array<number>(blocks).fill(1)
    const most = turbineMax(g)
    const fuel = g.segments.reduce((sum, s) => sum + s.width * s.cost, 0)
    const cost = most > 0 ? (fuel + g.noLoadCost) / most + g.om + vpp.carbonPrice * g.co2 : Infinity
    const u = Array.from({ length: blocks }, (_, k) => {
        let price = 0
        let count = 0
        for (let t = k * g.commitBlock; t < Math.min(vpp.periods, (k + 1) * g.commitBlock); t++, count++) price += vpp.grid.sellPrice[t]!
        return price / count >= cost ? 1 : 0
    })
    const blockH = g.commitBlock * vpp.dtH
    const up = Math.max(1, Math.ceil(g.minUpH / blockH - 1e-9))
    const down = Math.max(1, Math.ceil(g.minDownH / blockH - 1e-9))
    // a turbine too high to be stopped at once runs until it has come down
    if (g.onBefore)
        for (let k = 0, p = g.pBefore; k < blocks && p > g.stopRamp + 1e-9; k++) {
            u[k] = 1
            p = Math.max(g.pMin, p - g.rampDown * blockH)
        }
    for (let changed = true; changed; ) {
        changed = false
        let run = 0
        for (let k = 1; k <= blocks; k++) {
            if (k < blocks && u[k] === u[k - 1]) continue
            // a run from `run` to k has ended; the day's edges owe nothing
            const on = u[run] === 1
            const begun = run > 0 || on !== g.onBefore
            if (begun && k < blocks && k - run < (on ? up : down)) {
                // too short either way: it runs on
                if (on) u[k] = 1
                else for (let j = run; j < k; j++) u[j] = 1
                changed = true
                break
            }
            run = k
        }
    }
    return u
}

/**
 * The net position traded, what cannot be traded curtailed or reduced, and what is left over missing or in excess. The
 * dispatch comes back with it.
 */
function trade(vpp: Vpp, scenario: Scenario, dispatch: Dispatch, u: FirstStage['u']): Pick<FixedPlan, 'firstStage' | 'dispatch'> {
    const load = loadOf(vpp, scenario)
    const { grid } = vpp
    const pv = dispatch.pv.map((row) => row.slice())
    const wind = dispatch.wind.map((row) => row.slice())
    const curt = dispatch.curt.map((row) => row.slice())
    const reducedH = curt.map((row) => vpp.dtH * row.reduce((a, b) => a + b, 0))
    const buy: number[] = []
    const sell: number[] = []
    const short: number[] = []
    const surplus: number[] = []
    for (let t = 0; t < vpp.periods; t++) {
        // what is reduced on top before comes back too
        let need = residualAt(vpp, load, { ...dispatch, curt }, t)
        // what the grid takes, and what it gives
        const taken = Math.min(grid.exportMax[t]!, grid.feedInMax?.[t] ?? Infinity)
        const given = Math.min(grid.importMax[t]!, grid.demandMax?.[t] ?? Infinity)
        const spill = (rows: number[][], plants: Vpp['pv']) =>
            rows.forEach((row, n) => {
                const worth = grid.sellPrice[t]! + plants[n]!.curtailCost
                const less = Math.min(row[t]!, worth < 0 ? Math.max(0, -need) : Math.max(0, -need - taken))
                row[t] = row[t]! - less
                need += less
            })
        spill(pv, vpp.pv)
        spill(wind, vpp.wind)
        vpp.curtailable.forEach((tier, i) => {
            const room = Math.min(reductionMax(tier, load, t) - curt[i]![t]!, (tier.energyMax - reducedH[i]!) / vpp.dtH)
            const [own] = reboundKernel(tier, vpp.dtH, 1)
            const more = Math.max(0, Math.min(room, (need - given) / (1 - own!)))
            curt[i]![t] = curt[i]![t]! + more
            reducedH[i] = reducedH[i]! + vpp.dtH * more
            need -= (1 - own!) * more
        })
        buy.push(Math.max(0, Math.min(need, given)))
        sell.push(Math.max(0, Math.min(-need, taken)))
        short.push(Math.max(0, need - given))
        surplus.push(Math.max(0, -need - taken))
    }
    return { firstStage: { buy, sell, u }, dispatch: { ...dispatch, pv, wind, curt, short, surplus } }
}

/**
 * A fixed plan on a day as it was: devices as planned, sun and wind as they came (held down where the plan held them down),
 * the load as it was, and what is missing or in excess settled with the grid; excess worth less than nothing, or more than
 * the grid takes, is curtailed.
 */
export function settleFixed(vpp: Vpp, { firstStage, dispatch, forecast }: FixedPlan, day: Scenario): Dispatch {
    const load = loadOf(fixRuns(vpp, firstStage.runs), dayWithRuns(vpp, firstStage.runs, day))
    const times = Array.from({ length: vpp.periods }, (_, t) => t)
    const came = (plan: Dispatch['pv'], expected: Scenario['pv'], available: Scenario['pv']) =>
        plan.map((row, n) => row.map((p, t) => (p < expected[n]![t]! - 1e-9 ? Math.min(p, available[n]![t]!) : available[n]![t]!)))
    const settled = {
        ...dispatch,
        pv: came(dispatch.pv, forecast.pv, day.pv),
        wind: came(dispatch.wind, forecast.wind, day.wind),
        curt: dispatch.curt.map((row, i) => row.map((p, t) => Math.min(p, reductionMax(vpp.curtailable[i]!, load, t)))),
        short: times.map(() => 0),
        surplus: times.map(() => 0),
    }
    for (const t of times) {
        let need = residualAt(vpp, load, settled, t) + firstStage.sell[t]! - firstStage.buy[t]!
        const position = firstStage.sell[t]! - firstStage.buy[t]!
        const spill = (rows: number[][], plants: Vpp['pv']) =>
            rows.forEach((row, n) => {
                const less = Math.min(row[t]!, Math.max(0, -need - excessKept(vpp, plants[n]!, t, position)))
                row[t] = row[t]! - less
                need += less
            })
        spill(settled.pv, vpp.pv)
        spill(settled.wind, vpp.wind)
        settled.short[t] = Math.max(0, need)
        settled.surplus[t] = Math.max(0, -need)
    }
    return settled
}
