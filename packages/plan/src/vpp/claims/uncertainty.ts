/** What ignoring uncertainty looks like the day before and costs in all, and how risk is paid for. */
import { type Claim, type ClaimId, type ClaimPlot, courses, series } from './claim.ts'
import { bySun, type ClaimContext, type Planned, stepsOf, sunKwh } from './context.ts'

const names = { stochastic: 'planned for all days', deterministic: 'planned for the forecast' }

async function costs(context: ClaimContext) {
    const [stochastic, deterministic, onTheDay, onTheForecast] = await Promise.all([
        context.at(0),
        context.deterministic(),
        context.onTheDay(),
        context.onTheForecast(),
    ])
    return {
        believed: deterministic.verdict.expected.operatingCost,
        sameDay: onTheForecast.expectedCost,
        stochastic: stochastic.verdict.expected.operatingCost,
        evaluated: onTheDay.score.expected.operatingCost,
        stochasticDays: stochastic.verdict.scenarios.map((c) => c.operatingCost),
        deterministicDays: onTheDay.score.costs.map((c) => c.operatingCost),
        positions: [deterministic, stochastic].map(({ solution: { firstStage } }) =>
            stepsOf(context.vpp).map((t) => firstStage.sell[t]! - firstStage.buy[t]!),
        ),
    }
}

/** Where deviations may not be settled the plan for the forecast has another market than the plan for all days. */
const follows = ({ vpp }: ClaimContext) => vpp.grid.imbalance === 'penalised'

const claim = (
    context: ClaimContext,
    id: ClaimId,
    less: number,
    more: number,
    what: readonly [string, string],
    plot: ClaimPlot,
): Claim => ({
    id,
    holds: less <= more + 1e-6 * Math.max(1, Math.abs(more)),
    theorem: follows(context),
    figures: { [what[0]]: less, [what[1]]: more },
    plots: [plot],
})

/** Two costs of every day against the sun it brought. */
function againstSun(context: ClaimContext, id: string, stochastic: readonly number[], deterministic: readonly number[]): ClaimPlot {
    const { vpp } = context
    const order = bySun(vpp)
    return {
        id,
        x: { name: 'sun of the day', unit: 'kWh', values: order.map((s) => sunKwh(vpp, vpp.scenarios[s]!)) },
        unit: vpp.currency,
        series: [
            series(
                names.stochastic,
                order.map((s) => stochastic[s]!),
            ),
            series(
                names.deterministic,
                order.map((s) => deterministic[s]!),
            ),
        ],
    }
}

export async function looksCheaper(context: ClaimContext): Promise<Claim> {
    const { believed, sameDay, positions } = await costs(context)
    return claim(
        context,
        'd1',
        believed,
        sameDay,
        ['day-ahead cost of the deterministic plan', 'day-ahead cost of the stochastic plan'],
        courses('positions', 'kW', [series(names.deterministic, positions[0]!), series(names.stochastic, positions[1]!)]),
    )
}

export async function costsMore(context: ClaimContext): Promise<Claim> {
    const { stochastic, evaluated, stochasticDays, deterministicDays } = await costs(context)
    return claim(
        context,
        'd2',
        stochastic,
        evaluated,
        ['cost of the stochastic plan', 'cost of the deterministic plan'],
        againstSun(context, 'costs', stochasticDays, deterministicDays),
    )
}

export async function dayCostsMore(context: ClaimContext): Promise<Claim> {
    const { stochastic, sameDay, evaluated, believed, stochasticDays, deterministicDays } = await costs(context)
    return claim(
        context,
        'd3',
        stochastic - sameDay,
        evaluated - believed,
        ['intraday cost of the stochastic plan', 'intraday cost of the deterministic plan'],
        againstSun(
            context,
            'intraday',
            stochasticDays.map((cost) => cost - sameDay),
            deterministicDays.map((cost) => cost - believed),
        ),
    )
}

export async function riskPaidFor(context: ClaimContext): Promise<Claim> {
    const { betas, vpp } = context
    let holds = true
    const figures: Record<string, number> = {}
    const points: Planned['verdict'][] = []
    for (const beta of betas) points.push((await context.at(beta)).verdict)
    points.forEach(({ expected, cvar }, k) => {
        figures[`expected cost at ${betas[k]}`] = expected.operatingCost
        figures[`CVaR at ${betas[k]}`] = cvar
        if (k === 0) return
        const before = points[k - 1]!
        const slack = 1e-6 * Math.max(1, Math.abs(before.cvar), Math.abs(before.expected.operatingCost))
        if (cvar > before.cvar + slack || expected.operatingCost < before.expected.operatingCost - slack) holds = false
    })
    return {
        id: 'e',
        holds,
        theorem: true,
        figures,
        plots: [
            {
                id: 'risk',
                x: { name: 'weight of risk', unit: '', values: betas },
                unit: vpp.currency,
                series: [
                    series(
                        'expected cost',
                        points.map((p) => p.expected.operatingCost),
                    ),
                    series(
                        'CVaR',
                        points.map((p) => p.cvar),
                    ),
                ],
            },
        ],
    }
}
