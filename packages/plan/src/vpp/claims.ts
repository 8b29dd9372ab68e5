/**
 * What is claimed of virtual power plants, as experiments on one of them: who buys and who sells, how devices answer to
 * little and much sun, whether traded volumes stay equal, what ignoring uncertainty costs, and how risk is paid for
 * (ITU-T FG-MV-27, clause 9.1). Some hold for every plant, some for plants like the one at hand.
 */
import type { LinearSolver } from '@gridverse/math'
import { evaluateFirstStage, meanScenario, NoSchedule, settleDeviations } from './evaluate.ts'
import type { Scenario, Vpp } from './instance.ts'
import { type Schedule, type ScheduleOptions, scheduleVpp } from './schedule.ts'
import type { Dispatch } from './solution.ts'

export interface Claim {
    /** `a-buyer`, `b1`, … `e` */
    readonly id: string
    readonly holds: boolean
    /** true where it follows for every plant; else it depends on the plant's figures */
    readonly theorem: boolean
    /** what was compared, with units in the names */
    readonly figures: Readonly<Record<string, number>>
}

type Solving = Pick<ScheduleOptions, 'gap' | 'timeLimitS' | 'signal'> & { readonly onStep?: (done: number, of: number) => void }

/** Runs every experiment. Throws `NoSchedule` where a plan cannot be made. `betas` ascend from 0. */
export async function checkClaims(
    vpp: Vpp,
    solver: LinearSolver,
    betas: readonly number[] = [0, 0.5, 0.95],
    solving: Solving = {},
): Promise<Claim[]> {
    const { onStep, ...rest } = solving
    const forecast = { ...(vpp.forecast ?? meanScenario(vpp)), probability: 1 }
    const steps = betas.length + 4
    let done = 0
    const plan = async (which: string, options: ScheduleOptions) => {
        const found = await scheduleVpp(vpp, solver, { ...rest, ...options })
        if (found.status !== 'optimal') throw new NoSchedule(which, found)
        onStep?.(++done, steps)
        return found
    }
    const points: Schedule[] = []
    for (const beta of betas) points.push(await plan(`the plan at risk weight ${beta}`, { beta }))
    const stochastic = betas[0] === 0 ? points[0]! : await plan('the stochastic plan', { beta: 0 })
    const deterministic = await plan('the deterministic plan', { beta: 0, scenarios: [forecast] })
    const believed = deterministic.verdict!.expected.operatingCost
    const evaluated = await evaluateFirstStage(vpp, solver, deterministic.solution!.firstStage, rest)
    onStep?.(++done, steps)
    const sameDay = await evaluateFirstStage({ ...vpp, scenarios: [forecast] }, solver, stochastic.solution!.firstStage, rest)
    onStep?.(steps, steps)
    return [
        ...buyersAndSellers(vpp, forecast, stochastic),
        ...littleAndMuchSun(vpp, forecast, stochastic, deterministic),
        equalVolumes(vpp, forecast, stochastic, believed),
        ...ignoredUncertainty(believed, evaluated.expectedCost, sameDay.expectedCost, stochastic.verdict!.expected.operatingCost),
        riskPaidFor(betas, points),
    ]
}

const total = (series: readonly { readonly [t: number]: number }[], t: number) => series.reduce((sum, s) => sum + s[t]!, 0)

function buyersAndSellers(vpp: Vpp, forecast: Scenario, { solution }: Schedule): Claim[] {
    const { buy, sell } = solution!.firstStage
    const dark = 0.01 * vpp.pv.reduce((sum, plant) => sum + plant.capacity, 0)
    const capacity = vpp.gasTurbines.reduce((sum, g) => sum + g.pMin + g.segments.reduce((w, s) => w + s.width, 0), 0)
    const count = { night: 0, bought: 0, day: 0, sold: 0 }
    for (let t = 0; t < vpp.periods; t++) {
        const net = sell[t]! - buy[t]!
        if (total(forecast.pv, t) >= dark) {
            count.day++
            if (net > 1e-6) count.sold++
        } else if (vpp.load[t]! - total(forecast.wind, t) > capacity) {
            count.night++
            if (net < -1e-6) count.bought++
        }
    }
    return [
        {
            id: 'a-buyer',
            holds: count.bought === count.night,
            theorem: false,
            figures: { 'dark periods of high load': count.night, 'of these buying': count.bought },
        },
        {
            id: 'a-seller',
            holds: count.sold === count.day,
            theorem: false,
            figures: { 'sunny periods': count.day, 'of these selling': count.sold },
        },
    ]
}

function littleAndMuchSun(vpp: Vpp, forecast: Scenario, { solution }: Schedule, deterministic: Schedule): Claim[] {
    const energy = (s: Scenario) => Array.from(vpp.load.keys()).reduce((sum, t) => sum + total(s.pv, t), 0)
    const order = vpp.scenarios.map((_, s) => s).sort((a, b) => energy(vpp.scenarios[a]!) - energy(vpp.scenarios[b]!))
    const [low, high] = [order[0]!, order.at(-1)!]
    const sunny = Array.from(vpp.load.keys()).filter((t) => total(forecast.pv, t) > 0)
    const over = (periods: Iterable<number>, of: (d: Dispatch, t: number) => number, s: number) => {
        let sum = 0
        for (const t of periods) sum += vpp.dtH * of(solution!.scenarios[s]!, t)
        return sum
    }
    const everything = [...vpp.load.keys()]
    const turbines = (s: number) => over(everything, (d, t) => total(d.gt, t), s)
    const batteries = (s: number) => over(sunny, (d, t) => d.bat.reduce((sum, b) => sum + b.dis[t]! - b.ch[t]!, 0), s)
    const reduced = (s: number) => over(everything, (d, t) => total(d.curt, t), s)
    // with turbines and stores as planned for the forecast, only the load is left to answer to missing sun
    const planned = deterministic.solution!.scenarios[0]!
    const frozen = everything.reduce((sum, t) => {
        const missing = Math.max(0, total(forecast.pv, t) - total(vpp.scenarios[low]!.pv, t))
        return sum + vpp.dtH * (total(planned.curt, t) + missing)
    }, 0)
    const claim = (id: string, holds: boolean, less: number, more: number, what: string): Claim => ({
        id,
        holds,
        theorem: false,
        figures: { [`${what} with least sun, kWh`]: less, [`${what} with most sun, kWh`]: more },
    })
    const slack = 1e-6
    return [
        claim('b1', turbines(low) >= turbines(high) - slack, turbines(low), turbines(high), 'turbines'),
        claim('b2', batteries(low) >= batteries(high) - slack, batteries(low), batteries(high), 'batteries by day'),
        claim('b3', reduced(low) >= reduced(high) - slack, reduced(low), reduced(high), 'load reduced'),
        {
            id: 'b3-coordinated',
            holds: reduced(low) <= frozen + slack,
            theorem: false,
            figures: { 'load reduced with least sun, kWh': reduced(low), 'the same with turbines and stores frozen, kWh': frozen },
        },
    ]
}

function equalVolumes(vpp: Vpp, forecast: Scenario, { solution }: Schedule, believed: number): Claim {
    const imbalance = solution!.scenarios.reduce((most, d) => Math.max(most, ...d.short, ...d.surplus), 0)
    const { imbalanceKwh } = settleDeviations(vpp, forecast, believed)
    const mean = vpp.scenarios.reduce((sum, s, k) => sum + s.probability * imbalanceKwh[k]!, 0)
    return {
        id: 'c',
        holds: imbalance < 1e-6 && (mean > 0 || vpp.scenarios.length === 1),
        theorem: vpp.grid.imbalance === 'forbidden',
        figures: { 'largest imbalance with coordination, kW': imbalance, 'mean imbalance without, kWh': mean },
    }
}

function ignoredUncertainty(believed: number, evaluated: number, sameDay: number, stochastic: number): Claim[] {
    const claim = (id: string, less: number, more: number, names: [string, string]): Claim => ({
        id,
        holds: less <= more + 1e-6 * Math.max(1, Math.abs(more)),
        theorem: true,
        figures: { [names[0]]: less, [names[1]]: more },
    })
    return [
        claim('d1', believed, sameDay, ['day-ahead cost of the deterministic plan', 'day-ahead cost of the stochastic plan']),
        claim('d2', stochastic, evaluated, ['cost of the stochastic plan', 'cost of the deterministic plan']),
        claim('d3', stochastic - sameDay, evaluated - believed, [
            'intraday cost of the stochastic plan',
            'intraday cost of the deterministic plan',
        ]),
    ]
}

function riskPaidFor(betas: readonly number[], points: readonly Schedule[]): Claim {
    let holds = true
    const figures: Record<string, number> = {}
    points.forEach(({ verdict }, k) => {
        figures[`expected cost at ${betas[k]}`] = verdict!.expected.operatingCost
        figures[`CVaR at ${betas[k]}`] = verdict!.cvar
        if (k === 0) return
        const before = points[k - 1]!.verdict!
        const slack = 1e-6 * Math.max(1, Math.abs(before.cvar), Math.abs(before.expected.operatingCost))
        if (verdict!.cvar > before.cvar + slack || verdict!.expected.operatingCost < before.expected.operatingCost - slack) holds = false
    })
    return { id: 'e', holds, theorem: true, figures }
}
