/**
 * What is claimed of a virtual power plant as a part of its power system, as experiments on one of them: that sun and wind
 * complete each other, that generation gets cheaper and thermal energy less, that coordination keeps the sun's uncertainty
 * from the exchange, that missing sun costs, and that no more is curtailed (ITU-T FG-MV-27, clause 9.1.1-2 and -3).
 */
import type { LinearSolver } from '@gridverse/math'
import { computeMean } from '../cvar.ts'
import { computeBaselines, type PlanScore, scorePlan, settledAnyway } from './baselines.ts'
import type { Claim } from './claims.ts'
import { byPeriod, commitmentsByPeriod, turbineMax } from './day-state.ts'
import { evaluateFirstStage, meanScenario, NoSchedule } from './evaluate.ts'
import { loadOf, type Scenario, type Vpp } from './instance.ts'
import { rulePlan, settleFixed } from './rule-plan.ts'
import { type Schedule, type ScheduleOptions, scheduleVpp } from './schedule.ts'
import type { Dispatch, Flow } from './solution.ts'

export interface SystemClaimOptions extends Pick<ScheduleOptions, 'gap' | 'timeLimitS' | 'signal'> {
    /** multiples of the sun's capacity tried for what can be hosted, ascending; 1.25, 1.5, 2 where absent */
    readonly hosting?: readonly number[]
    /** errors of the sun tried, falling from 0 */
    readonly errors?: readonly number[]
    /** score of the plan for the forecast at risk weight 0, where it is known already */
    readonly deterministic?: PlanScore
    readonly onStep?: (done: number, of: number) => void
}

/** Runs every experiment. Throws `NoSchedule` where a plan cannot be made. */
export async function checkSystemClaims(vpp: Vpp, solver: LinearSolver, options: SystemClaimOptions = {}): Promise<Claim[]> {
    const { hosting = [1.25, 1.5, 2], errors = [0, -0.15, -0.3, -0.5], onStep, deterministic: _, ...solving } = options
    const steps = hosting.length + 3
    let done = 0
    const plan = async (which: string, plant: Vpp) => {
        const found = await scheduleVpp(plant, solver, { ...solving, beta: 0 })
        if (!found.solution) throw new NoSchedule(which, found)
        onStep?.(++done, steps)
        return found
    }
    const stochastic = await plan('the stochastic plan', vpp)
    const deterministic = options.deterministic ?? (await computeBaselines(vpp, solver, { ...solving, beta: 0 })).deterministic
    onStep?.(++done, steps)
    const hosted: Hosted[] = []
    for (const factor of hosting) {
        const more = withSun(vpp, factor)
        const { scenarios } = (await plan(`the plan with ${factor} times the sun`, more)).solution!
        hosted.push({ factor, deviation: exchangeDeviation(more, scenarios), lost: lostShare(more, scenarios) })
    }
    const missing = await missingSun(vpp, solver, deterministic.firstStage, errors, solving)
    onStep?.(steps, steps)
    const own = scorePlan(settledAnyway(vpp), vpp.scenarios, stochastic.solution!)
    return [
        complementarity(vpp),
        cheaperTogether(vpp, own.expected.operatingCost),
        meritOrder(vpp, stochastic),
        suppression(vpp, stochastic.solution!.scenarios, hosted),
        missing,
        {
            id: '3d',
            holds: own.figures.curtailedKwh <= deterministic.figures.curtailedKwh + 1e-6,
            theorem: false,
            figures: {
                'curtailed with the plan for all scenarios, kWh': own.figures.curtailedKwh,
                'curtailed with the plan for the forecast, kWh': deterministic.figures.curtailedKwh,
                'sun and wind available, kWh': own.figures.renewableKwh,
            },
        },
    ]
}

const periodsOf = (vpp: Vpp) => Array.from({ length: vpp.periods }, (_, t) => t)
const total = (rows: readonly ArrayLike<number>[], t: number) => rows.reduce((sum, row) => sum + row[t]!, 0)
const probabilities = (vpp: Vpp) => vpp.scenarios.map((s) => s.probability)

function withSun(vpp: Vpp, factor: number): Vpp {
    const more = (s: Scenario): Scenario => ({ ...s, pv: s.pv.map((series) => series.map((p) => factor * p)) })
    return {
        ...vpp,
        pv: vpp.pv.map((plant) => ({ ...plant, capacity: factor * plant.capacity })),
        ...(vpp.forecast ? { forecast: more(vpp.forecast) } : {}),
        scenarios: vpp.scenarios.map(more),
    }
}

/**
 * The load alone with sun and wind, once sun alone, once wind alone, once both, the energy being the same. What is used on
 * the spot is concave, what turbines cannot fill is convex in what is given, so that the mix is never worse than the mean
 * of the two.
 */
function complementarity(vpp: Vpp): Claim {
    const times = periodsOf(vpp)
    const sun = vpp.scenarios.map((s) => times.map((t) => total(s.pv, t)))
    const wind = vpp.scenarios.map((s) => times.map((t) => total(s.wind, t)))
    const energy = (rows: readonly number[][]) =>
        computeMean(
            rows.map((row) => vpp.dtH * row.reduce((a, b) => a + b, 0)),
            probabilities(vpp),
        )
    const [bySun, byWind] = [energy(sun), energy(wind)]
    const all = bySun + byWind
    const share = all > 0 ? bySun / all : 0
    const turbines = vpp.gasTurbines.reduce((sum, g) => sum + turbineMax(g), 0)
    const run = (given: readonly number[][]) => {
        const at = (s: number, of: (power: number, load: number) => number) => {
            const load = loadOf(vpp, vpp.scenarios[s]!)
            return vpp.dtH * times.reduce((sum, t) => sum + of(given[s]![t]!, load[t]!), 0)
        }
        const mean = (of: (power: number, load: number) => number) =>
            computeMean(
                given.map((_, s) => at(s, of)),
                probabilities(vpp),
            )
        return { used: mean((p, l) => Math.min(p, l)), unserved: mean((p, l) => Math.max(0, l - p - turbines)) }
    }
    const scaled = (rows: readonly number[][], by: number) => rows.map((row) => row.map((p) => (by > 0 ? (p * all) / by : 0)))
    const [alone, still] = [run(scaled(sun, bySun)), run(scaled(wind, byWind))]
    const sum = (others: readonly number[][]) => sun.map((row, s) => row.map((p, t) => p + others[s]![t]!))
    const both = run(sum(wind))
    const apart = { used: share * alone.used + (1 - share) * still.used, unserved: share * alone.unserved + (1 - share) * still.unserved }
    // the same wind of each day, where it blows most when the sun is least, and the other way round
    const ordered = (sign: number) =>
        wind.map((row, s) => {
            const rank = times.slice().sort((a, b) => sign * (sun[s]![a]! - sun[s]![b]!) || a - b)
            const values = row.slice().sort((a, b) => a - b)
            const turned = new Array<number>(times.length).fill(0)
            rank.forEach((t, k) => {
                turned[t] = values[k]!
            })
            return turned
        })
    const single = bySun === 0 || byWind === 0
    return {
        id: '2d',
        holds: both.used >= apart.used - 1e-6 * Math.max(1, all) && both.unserved <= apart.unserved + 1e-6 * Math.max(1, all),
        theorem: true,
        figures: {
            'used on the spot together, kWh': both.used,
            'used on the spot apart, kWh': single ? both.used : apart.used,
            'beyond turbines together, kWh': both.unserved,
            'beyond turbines apart, kWh': single ? both.unserved : apart.unserved,
            'correlation of sun and wind': correlation(sun.flat(), wind.flat()),
            'used on the spot were wind most against the sun, kWh': run(sum(ordered(-1))).used,
            'used on the spot were wind most with the sun, kWh': run(sum(ordered(1))).used,
        },
    }
}

function correlation(a: readonly number[], b: readonly number[]): number {
    const mean = (x: readonly number[]) => x.reduce((s, v) => s + v, 0) / x.length
    const [ma, mb] = [mean(a), mean(b)]
    const dot = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
        x.reduce((s, v, k) => s + (v - mx) * (y[k]! - my), 0)
    return dot(a, ma, b, mb) / Math.sqrt(Math.max(1e-12, dot(a, ma, a, ma) * dot(b, mb, b, mb)))
}

/** The same devices by the same rules, each owner trading alone, its own deviations settled; then under one roof; then planned. */
function cheaperTogether(vpp: Vpp, planned: number): Claim {
    const plant = settledAnyway(vpp)
    const rule = rulePlan(plant)
    const { grid, dtH } = plant
    const netted = scorePlan(plant, plant.scenarios, {
        beta: 0,
        firstStage: rule.firstStage,
        scenarios: plant.scenarios.map((day) => settleFixed(plant, rule, day)),
    })
    // what one roof saves on the day before is the difference of the prices, on the day that errors cancel
    const apart = plant.scenarios.map((day, s) => {
        let cost = netted.costs[s]!.operatingCost
        const settled = settleFixed(plant, rule, day)
        for (let t = 0; t < plant.periods; t++) {
            const { drawn, given } = grossAt(plant, rule.forecast, rule.dispatch, t)
            cost += dtH * (grid.buyPrice[t]! * (drawn - rule.firstStage.buy[t]!) - grid.sellPrice[t]! * (given - rule.firstStage.sell[t]!))
            const errors = [
                ...settled.pv.map((row, n) => row[t]! - rule.dispatch.pv[n]![t]!),
                ...settled.wind.map((row, n) => row[t]! - rule.dispatch.wind[n]![t]!),
                loadOf(plant, rule.forecast)[t]! - loadOf(plant, day)[t]!,
            ]
            for (const e of errors) cost += dtH * (e < 0 ? -e * grid.shortPrice[t]! : -e * grid.surplusPrice[t]!)
            cost -= dtH * (grid.shortPrice[t]! * settled.short[t]! - grid.surplusPrice[t]! * settled.surplus[t]!)
        }
        return cost
    })
    const without = computeMean(apart, probabilities(plant))
    const mwh =
        computeMean(
            plant.scenarios.map((s) => dtH * loadOf(plant, s).reduce((a, b) => a + b, 0)),
            probabilities(plant),
        ) / 1000
    const per = (cost: number) => (mwh > 0 ? cost / mwh : cost)
    return {
        id: '2e',
        holds: planned <= without + 1e-6 * Math.max(1, Math.abs(without)),
        theorem: false,
        figures: {
            'each by itself, per MWh of load': per(without),
            'under one roof by rules, per MWh of load': per(netted.expected.operatingCost),
            'planned together, per MWh of load': per(planned),
        },
    }
}

/** What devices draw and give in a period, kW, before any netting. */
function grossAt(vpp: Vpp, scenario: Scenario, d: Dispatch, t: number): { drawn: number; given: number } {
    const flows = (rows: readonly Flow[], of: 'ch' | 'dis', at = (_: number) => t) =>
        rows.reduce((sum, row, i) => sum + (row[of][at(i)] ?? 0), 0)
    const stay = (i: number) => t - vpp.evs[i]!.arrive
    const thermal =
        total(d.ac, t) + total(d.wh, t) + total(d.eb, t) + total(d.chiller, t) + d.ice.reduce((sum, { make }) => sum + make[t]!, 0)
    return {
        drawn: loadOf(vpp, scenario)[t]! - total(d.curt, t) + thermal + flows(d.bat, 'ch') + flows(d.ev, 'ch', stay),
        given: total(d.pv, t) + total(d.wind, t) + total(d.gt, t) + flows(d.bat, 'dis') + flows(d.ev, 'dis', stay),
    }
}

/** Energy the system's thermal plants must give this region, with the plant and with its load alone; and whether any of it was taken while sun or wind was spilt. */
function meritOrder(vpp: Vpp, { solution }: Schedule): Claim {
    const { buy, sell } = solution!.firstStage
    const times = periodsOf(vpp)
    const mean = (of: (d: Dispatch, s: Scenario, t: number) => number) =>
        computeMean(
            solution!.scenarios.map((d, s) => vpp.dtH * times.reduce((sum, t) => sum + of(d, vpp.scenarios[s]!, t), 0)),
            probabilities(vpp),
        )
    const bought = (d: Dispatch, t: number) => buy[t]! + d.short[t]! - sell[t]! - d.surplus[t]!
    const drawn = mean((d, s, t) => grossAt(vpp, s, d, t).drawn)
    const left = mean((d, _, t) => bought(d, t))
    const spilt = mean((d, s, t) => {
        const spill = total(s.pv, t) + total(s.wind, t) - total(d.pv, t) - total(d.wind, t)
        return Math.max(0, Math.min(spill, bought(d, t)))
    })
    return {
        id: '2f',
        holds: left < drawn && spilt <= 1e-6 * Math.max(1, drawn),
        theorem: false,
        figures: {
            'from the system without the plant, kWh': drawn,
            'from the system with it, kWh': left,
            'of this while sun or wind was spilt, kWh': spilt,
            'from its own turbines, kWh': mean((d, _, t) => total(d.gt, t)),
        },
    }
}

interface Hosted {
    readonly factor: number
    /** of the exchange, kW */
    readonly deviation: number
    /** share of sun and wind */
    readonly lost: number
}
/** share of sun and wind that may be lost where they still count as hosted */
const lostMost = 0.05

/** Excess energy that is worth anything, kW; the rest might as well be spilt. */
function soldExcess(vpp: Vpp, d: Dispatch, t: number): number {
    return vpp.grid.surplusPrice[t]! > 0 ? d.surplus[t]! : Math.max(0, d.surplus[t]! - total(d.pv, t) - total(d.wind, t))
}

/** Root of the mean square deviation of the exchange from its mean over the scenarios, kW. */
function exchangeDeviation(vpp: Vpp, dispatch: readonly Dispatch[]): number {
    return deviation(vpp, (s, t) => soldExcess(vpp, dispatch[s]!, t) - dispatch[s]!.short[t]!)
}

/** Share of sun and wind spilt, or given away for nothing. */
function lostShare(vpp: Vpp, dispatch: readonly Dispatch[]): number {
    const times = periodsOf(vpp)
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

function suppression(vpp: Vpp, dispatch: readonly Dispatch[], hosted: readonly Hosted[]): Claim {
    const coordinated = exchangeDeviation(vpp, dispatch)
    const raw = deviation(vpp, (s, t) => {
        const scenario = vpp.scenarios[s]!
        return total(scenario.pv, t) + total(scenario.wind, t) - loadOf(vpp, scenario)[t]!
    })
    let most = coordinated <= raw ? 1 : 0
    for (const { factor, deviation: found, lost } of hosted) {
        if (found > raw || lost > lostMost) break
        most = factor
    }
    return {
        id: '2k',
        holds: coordinated <= raw + 1e-9 && (hosted.length === 0 || most > 1 || raw === 0),
        theorem: false,
        figures: {
            'deviation of the exchange with coordination, kW': coordinated,
            'deviation without, kW': raw,
            'times the sun hosted within that deviation, 5 % lost at most, of those tried': most,
            ...Object.fromEntries(
                hosted.flatMap(({ factor, deviation: found, lost }) => [
                    [`deviation with more sun, kW at ${factor}`, found],
                    [`lost of sun and wind, % at ${factor}`, 100 * lost],
                ]),
            ),
        },
    }
}

/** The plan for the forecast on days with less sun than it: sun may always be spilt, so less of it never costs less where spilling is free. */
async function missingSun(
    vpp: Vpp,
    solver: LinearSolver,
    firstStage: Parameters<typeof evaluateFirstStage>[2],
    errors: readonly number[],
    solving: Pick<ScheduleOptions, 'gap' | 'timeLimitS' | 'signal'>,
): Promise<Claim> {
    const forecast = { ...(vpp.forecast ?? meanScenario(vpp)), probability: 1 / errors.length }
    const scenarios = errors.map((e): Scenario => ({ ...forecast, pv: forecast.pv.map((series) => series.map((p) => (1 + e) * p)) }))
    const plant = byPeriod(settledAnyway({ ...vpp, scenarios }))
    const { costs } = await evaluateFirstStage(plant, solver, { ...firstStage, u: commitmentsByPeriod(vpp, firstStage.u) }, solving)
    const found = costs.map((c) => c.operatingCost)
    const slack = 1e-6 * Math.max(1, Math.abs(found[0]!))
    return {
        id: '2n',
        holds: found.every((cost, k) => k === 0 || cost >= found[k - 1]! - slack),
        theorem: vpp.pv.every((plant) => plant.curtailCost <= 0),
        figures: Object.fromEntries(
            errors.flatMap((e, k) => [
                [`cost of the day by share of sun at ${Number((1 + e).toFixed(4))}`, found[k]!],
                ...(k > 0 ? [[`of this intraday at ${Number((1 + e).toFixed(4))}`, found[k]! - found[0]!]] : []),
            ]),
        ),
    }
}
