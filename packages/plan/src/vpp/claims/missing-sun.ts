/** Days of less sun than forecast: what they cost, of this on the day itself. */
import { settledAnyway } from '../baselines.ts'
import { byPeriod, commitmentsByPeriod } from '../day-state.ts'
import type { Scenario } from '../instance.ts'
import { type Claim, series } from './claim.ts'
import type { ClaimContext } from './context.ts'

/** errors of the sun tried, falling from 0 */
const errors = [0, -0.1, -0.2, -0.35, -0.5, -0.75]

/** The plan for the forecast on days with less sun than it: sun may always be spilt, so less of it never costs less where spilling is free. */
export async function missingSun(context: ClaimContext): Promise<Claim> {
    const { vpp } = context
    const { firstStage } = (await context.deterministic()).solution
    const forecast = { ...context.forecast, probability: 1 / errors.length }
    const scenarios = errors.map((e): Scenario => ({ ...forecast, pv: forecast.pv.map((row) => row.map((p) => (1 + e) * p)) }))
    const plant = byPeriod(settledAnyway({ ...vpp, scenarios }))
    const { costs } = await context.evaluate(plant, { ...firstStage, u: commitmentsByPeriod(vpp, firstStage.u) })
    const found = costs.map((c) => c.operatingCost)
    const slack = 1e-6 * Math.max(1, Math.abs(found[0]!))
    const share = (e: number) => Number((1 + e).toFixed(4))
    return {
        id: '2n',
        holds: found.every((cost, k) => k === 0 || cost >= found[k - 1]! - slack),
        theorem: vpp.pv.every((plant) => plant.curtailCost <= 0),
        figures: Object.fromEntries(
            errors.flatMap((e, k) => [
                [`cost of the day by share of sun at ${share(e)}`, found[k]!],
                ...(k > 0 ? [[`of this intraday at ${share(e)}`, found[k]! - found[0]!]] : []),
            ]),
        ),
        plots: [
            {
                id: 'missing',
                x: { name: 'sun that came, share of the forecast', unit: '', values: errors.map(share) },
                unit: vpp.currency,
                series: [
                    series('cost of the day', found),
                    series(
                        'of this intraday',
                        found.map((cost) => cost - found[0]!),
                    ),
                ],
            },
        ],
    }
}
