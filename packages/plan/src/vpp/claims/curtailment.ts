/** Whether a plan that weighs risk curtails no more sun and wind than the plan for the forecast, on the same days. */
import { computeMean } from '../../cvar.ts'
import { dayFigures, scorePlan, settledAnyway } from '../baselines.ts'
import { type Claim, type ClaimPlot, series } from './claim.ts'
import { bySun, type ClaimContext, probabilities, sunKwh } from './context.ts'
import { ownRisk } from './parameters.ts'

export async function curtailment(context: ClaimContext): Promise<Claim> {
    const { vpp, betas } = context
    const plant = settledAnyway(vpp)
    const beta = ownRisk(vpp)
    const ofDays = (dispatch: Parameters<typeof dayFigures>[2][]) =>
        dispatch.map((d, s) => dayFigures(plant, vpp.scenarios[s]!, d).curtailedKwh)
    const mean = (of: readonly number[]) => computeMean(of, probabilities(vpp))
    const careful = ofDays([...(await context.at(beta)).solution.scenarios])
    const forecast = ofDays([...(await context.onTheDay()).solution.scenarios])
    const [own, other] = [mean(careful), mean(forecast)]
    const slack = 1e-6 * Math.max(1, other)
    const order = bySun(vpp)
    const weights = [...new Set([...betas, beta])].sort((a, b) => a - b)
    const byBeta: number[] = []
    for (const b of weights) byBeta.push(mean(ofDays([...(await context.at(b)).solution.scenarios])))
    const plots: ClaimPlot[] = [
        {
            id: 'curtailed-days',
            x: { name: 'sun of the day', unit: 'kWh', values: order.map((s) => sunKwh(vpp, vpp.scenarios[s]!)) },
            unit: 'kWh',
            series: [
                series(
                    'planned with CVaR',
                    order.map((s) => careful[s]!),
                ),
                series(
                    'planned for the forecast',
                    order.map((s) => forecast[s]!),
                ),
            ],
        },
        {
            id: 'curtailed-risk',
            x: { name: 'weight of risk', unit: '', values: weights },
            unit: 'kWh',
            series: [series('planned with CVaR', byBeta)],
            limits: [{ name: 'planned for the forecast', at: other }],
        },
    ]
    return {
        id: '3d',
        holds: own <= other + slack,
        theorem: false,
        figures: {
            'curtailed with the plan that weighs risk, kWh': own,
            'curtailed with the plan for the forecast, kWh': other,
            'weight of risk': beta,
            'days tried': careful.length,
            'days on which it curtails more': careful.filter((kwh, s) => kwh > forecast[s]! + slack).length,
            'sun and wind available, kWh': scorePlan(plant, vpp.scenarios, (await context.at(beta)).solution).figures.renewableKwh,
        },
        plots,
    }
}
