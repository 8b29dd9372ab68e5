/** Whether the traded volume is the same whatever the sun does. */
import { computeMean } from '../../cvar.ts'
import { settleDeviations } from '../evaluate.ts'
import { type Claim, courses, series } from './claim.ts'
import { bySun, type ClaimContext, probabilities, stepsOf, total } from './context.ts'

/** days drawn one by one; beyond them those between are left out */
const shownDays = 12
/** kW two volumes may differ by and count as the same */
export const sameVolume = 1e-6

export async function equalVolumes(context: ClaimContext): Promise<Claim> {
    const { vpp, forecast } = context
    const { solution } = await context.at(0)
    const deterministic = await context.deterministic()
    const times = stepsOf(vpp)
    const { buy, sell } = solution.firstStage
    const exchange = solution.scenarios.map((d) => times.map((t) => sell[t]! + d.surplus[t]! - buy[t]! - d.short[t]!))
    const spread = times.map((t) => Math.max(...exchange.map((row) => row[t]!)) - Math.min(...exchange.map((row) => row[t]!)))
    const largest = Math.max(...spread)
    const imbalance = solution.scenarios.reduce((most, d) => Math.max(most, ...d.short, ...d.surplus), 0)
    const { imbalanceKwh } = settleDeviations(vpp, forecast, deterministic.verdict.expected.operatingCost)
    const mean = computeMean(imbalanceKwh, probabilities(vpp))
    // without coordination every deviation of the sun shows in the exchange
    const first = deterministic.solution.firstStage
    const without = times.map((t) => vpp.scenarios.map((s) => first.sell[t]! - first.buy[t]! + total(s.pv, t) - total(forecast.pv, t)))
    const order = bySun(vpp)
    const shown = order.filter((_, k) => order.length <= shownDays || k % Math.ceil(order.length / shownDays) === 0)
    return {
        id: 'c',
        holds: imbalance < sameVolume,
        theorem: vpp.grid.imbalance === 'forbidden',
        figures: {
            'largest imbalance with coordination, kW': imbalance,
            'largest spread of the traded volume, kW': largest,
            'mean imbalance without, kWh': mean,
        },
        plots: [
            courses('volumes', 'kW', [
                series(
                    'without coordination, most',
                    without.map((of) => Math.max(...of)),
                ),
                series(
                    'without coordination, least',
                    without.map((of) => Math.min(...of)),
                ),
                ...shown.map((s, k) => series(`traded on day at ${k + 1}`, exchange[s]!)),
            ]),
        ],
    }
}
