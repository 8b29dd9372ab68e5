/** Owners under one roof against each alone. */
import { computeMean } from '../../cvar.ts'
import { scorePlan, settledAnyway } from '../baselines.ts'
import { loadOf, type Scenario, type Vpp } from '../instance.ts'
import { netReduction } from '../rebound.ts'
import { rulePlan, settleFixed } from '../rule-plan.ts'
import type { Dispatch, Flow } from '../solution.ts'
import type { Claim } from './claim.ts'
import { series } from './claim.ts'
import { bySun, type ClaimContext, probabilities, sunKwh, total } from './context.ts'

/** The same devices by the same rules, each owner trading alone, its own deviations settled; then under one roof; then planned. */
export async function cheaperTogether(context: ClaimContext): Promise<Claim> {
    const { vpp } = context
    const plant = settledAnyway(vpp)
    const own = scorePlan(plant, vpp.scenarios, (await context.at(0)).solution)
    const planned = own.expected.operatingCost
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
    const order = bySun(vpp)
    const perDay = (cost: number, s: number) =>
        (1000 * cost) / (dtH * loadOf(plant, plant.scenarios[s]!).reduce((a, b) => a + b, 0) || 1000)
    return {
        id: '2e',
        holds: planned <= without + 1e-6 * Math.max(1, Math.abs(without)),
        theorem: false,
        figures: {
            'each by itself, per MWh of load': per(without),
            'under one roof by rules, per MWh of load': per(netted.expected.operatingCost),
            'planned together, per MWh of load': per(planned),
        },
        plots: [
            {
                id: 'together',
                x: { name: 'sun of the day', unit: 'kWh', values: order.map((s) => sunKwh(vpp, vpp.scenarios[s]!)) },
                unit: `${vpp.currency}/MWh`,
                series: [
                    series(
                        'each by itself',
                        order.map((s) => perDay(apart[s]!, s)),
                    ),
                    series(
                        'under one roof by rules',
                        order.map((s) => perDay(netted.costs[s]!.operatingCost, s)),
                    ),
                    series(
                        'planned together',
                        order.map((s) => perDay(own.costs[s]!.operatingCost, s)),
                    ),
                ],
            },
        ],
    }
}

/** What devices draw and give in a period, kW, before any netting. */
export function grossAt(vpp: Vpp, scenario: Scenario, d: Dispatch, t: number): { drawn: number; given: number } {
    const flows = (rows: readonly Flow[], of: 'ch' | 'dis', at = (_: number) => t) =>
        rows.reduce((sum, row, i) => sum + (row[of][at(i)] ?? 0), 0)
    const stay = (i: number) => t - vpp.evs[i]!.arrive
    const thermal =
        total(d.ac, t) + total(d.wh, t) + total(d.eb, t) + total(d.chiller, t) + d.ice.reduce((sum, { make }) => sum + make[t]!, 0)
    return {
        drawn: loadOf(vpp, scenario)[t]! - netReduction(vpp, d.curt, t) + thermal + flows(d.bat, 'ch') + flows(d.ev, 'ch', stay),
        given: total(d.pv, t) + total(d.wind, t) + total(d.gt, t) + flows(d.bat, 'dis') + flows(d.ev, 'dis', stay),
    }
}
