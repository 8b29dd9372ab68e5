/**
 * The merit order of the region's supply: the plant's offers by what they cost beside the thermal plants of the system at
 * the market's price; and what those must still give, with the plant and without.
 */
import { computeMean } from '../../cvar.ts'
import { dayFigures } from '../baselines.ts'
import { fleetAt } from '../feeder-state.ts'
import { blockOf, isVehicle, loadOf, reductionMax, type Scenario, type Vpp } from '../instance.ts'
import type { Dispatch } from '../solution.ts'
import { type Claim, courses, type Offer, series } from './claim.ts'
import { type ClaimContext, probabilities, stepsOf, total } from './context.ts'
import { grossAt } from './together.ts'

/**
 * kg CO₂ per kWh of the thermal plants a system runs for what it sells: pulverised coal, direct emissions, median
 * (IPCC 2014, AR5 WG III, Annex III, table A.III.2).
 */
export const thermalCo2KgPerKwh = 0.76

export async function meritOrder(context: ClaimContext): Promise<Claim> {
    const { vpp } = context
    const { solution } = await context.at(0)
    const { buy, sell, u } = solution.firstStage
    const times = stepsOf(vpp)
    const each = (of: (d: Dispatch, s: Scenario, t: number) => number, t: number) =>
        computeMean(
            solution.scenarios.map((d, s) => of(d, vpp.scenarios[s]!, t)),
            probabilities(vpp),
        )
    const course = (of: (d: Dispatch, s: Scenario, t: number) => number) => times.map((t) => each(of, t))
    const kwh = (power: readonly number[]) => vpp.dtH * power.reduce((sum, p) => sum + p, 0)
    const flat = (cost: number) => times.map(() => cost)

    const stored = course(
        (d, _, t) =>
            d.bat.reduce((sum, flow) => sum + flow.dis[t]!, 0) +
            vpp.evs.reduce((sum, _f, i) => sum + (isVehicle(vpp.evs[i]!) ? Math.max(0, fleetAt(vpp, d, i, t)) : 0), 0),
    )
    const bought = (d: Dispatch, t: number) => buy[t]! + d.short[t]! - sell[t]! - d.surplus[t]!
    const offers: Offer[] = [
        { name: 'sun', cost: flat(0), offered: course((_, s, t) => total(s.pv, t)), taken: course((d, _, t) => total(d.pv, t)) },
        { name: 'wind', cost: flat(0), offered: course((_, s, t) => total(s.wind, t)), taken: course((d, _, t) => total(d.wind, t)) },
        // what stores give was paid for when it was stored: on the day it costs their wear
        { name: 'stores', cost: flat(wearOf(vpp)), offered: stored, taken: stored },
        ...vpp.gasTurbines.flatMap((g, i) => {
            const on = times.map((t) => u[i]![blockOf(g, t)]!)
            let below = 0
            return g.segments.map(({ width, cost }, l) => {
                // the least power goes with the first segment
                const from = below
                const room = width + (l === 0 ? g.pMin : 0)
                below += room
                return {
                    name: `${g.name} ${l + 1}`,
                    cost: flat(cost + g.om + vpp.carbonPrice * g.co2),
                    offered: on.map((x) => x * room),
                    taken: course((d, _, t) => Math.max(0, Math.min(room, d.gt[i]![t]! - from))),
                }
            })
        }),
        ...vpp.curtailable.map((tier, i) => ({
            name: tier.name,
            cost: flat(tier.price),
            offered: course((_, s, t) => reductionMax(tier, loadOf(vpp, s), t)),
            taken: course((d, _, t) => d.curt[i]![t]!),
        })),
    ].filter((offer) => offer.offered.some((p) => p > 1e-9))

    const demand = times.map((t) =>
        computeMean(
            solution.scenarios.map((d, s) => grossAt(vpp, vpp.scenarios[s]!, d, t).drawn),
            probabilities(vpp),
        ),
    )
    const left = course((d, _, t) => bought(d, t))
    const spilt = course((d, s, t) => {
        const spill = total(s.pv, t) + total(s.wind, t) - total(d.pv, t) - total(d.wind, t)
        return Math.max(0, Math.min(spill, bought(d, t)))
    })
    const cheaper = times.map((t) =>
        Math.min(
            Math.max(0, left[t]!),
            offers.reduce((sum, o) => (o.cost[t]! < vpp.grid.buyPrice[t]! ? sum + Math.max(0, o.offered[t]! - o.taken[t]!) : sum), 0),
        ),
    )
    const own = computeMean(
        solution.scenarios.map((d, s) => dayFigures(vpp, vpp.scenarios[s]!, d).co2Kg),
        probabilities(vpp),
    )
    // heat must come from somewhere without the plant too: from its boilers, at the least they emit
    const boilers = vpp.heat.boilers.map((b) => b.co2 / b.eff)
    const heat = boilers.length > 0 ? Math.min(...boilers) * kwh(Array.from(vpp.heat.demand)) : 0
    const without = thermalCo2KgPerKwh * kwh(demand) + heat
    const withIt = thermalCo2KgPerKwh * kwh(left) + own
    return {
        id: '2f',
        holds: kwh(left) < kwh(demand) && kwh(spilt) <= 1e-6 * Math.max(1, kwh(demand)) && withIt < without,
        theorem: false,
        figures: {
            'from the system without the plant, kWh': kwh(demand),
            'from the system with it, kWh': kwh(left),
            'of this while sun or wind was spilt, kWh': kwh(spilt),
            'of this while cheaper offers of the plant were left, kWh': kwh(cheaper),
            'from its own turbines, kWh': kwh(course((d, _, t) => total(d.gt, t))),
            'carbon dioxide without the plant, kg': without,
            'carbon dioxide with it, kg': withIt,
        },
        merit: { offers, price: Array.from(vpp.grid.buyPrice), demand, thermalWithout: demand, thermalWith: left },
        plots: [courses('thermal', 'kW', [series('thermal plants without the plant', demand), series('thermal plants with it', left)])],
    }
}

/** Wear of batteries by the power they give, per kWh. */
function wearOf({ batteries }: Vpp): number {
    const power = batteries.reduce((sum, b) => sum + b.pDis, 0)
    return power > 0 ? batteries.reduce((sum, b) => sum + b.pDis * b.degCost, 0) / power : 0
}
