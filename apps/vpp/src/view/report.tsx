/** What came of a plan: its figures beside the baselines, its courses, its risk, and what it was drawn from. */
import { Button, Select } from '@mantine/core'
import { useState } from 'react'
import type { DayReport } from '../report.ts'
import type { VppReport } from '../run.ts'
import { DispatchChart, FanChart, PriceChart, TradeChart } from './day-charts.tsx'
import type { PlanCard } from './plans.ts'
import { FrontierChart, RiskChart } from './risk-charts.tsx'
import { useShell } from './shell.ts'
import { Waterfall } from './waterfall.tsx'

export function PlanReport({ card, report, reload }: { card: PlanCard; report: VppReport; reload: () => void }) {
    const shell = useShell()
    const { t, number, post, go, mayAct, useAction, FailureLine, save, href } = shell
    const { day, sampling } = report
    const again = useAction(async (beta: number) => {
        const next = await post<PlanCard>('/studies', {
            study: 'vpp',
            title: `${card.title} · β ${beta}`,
            preferences: { ...card.preferences, beta },
        })
        reload()
        go(`plan/${next.id}`)
    })
    const money = (x: number) => `${number(x, 2)} ${day.currency}`
    const tiles: [string, string][] = [
        [t('vpp.expected'), money(day.costs.operatingCost ?? 0)],
        [`CVaR ${number(100 * day.alpha, 0)} %`, money(day.cvar)],
        [t('vpp.beta'), day.beta.toFixed(2)],
        [t('vpp.gap'), day.gap > 0 ? day.gap.toExponential(1) : '0'],
        [t('vpp.violation'), `${day.maxViolation.toExponential(0)} kW`],
    ]
    return (
        <div className="study-report" data-testid="study-report">
            <ul className="tiles">
                {tiles.map(([name, value]) => (
                    <li key={name}>
                        <small>{name}</small>
                        <b>{value}</b>
                    </li>
                ))}
            </ul>
            <Baselines report={report} />
            <Schedule day={day} />
            <div className="desk-charts">
                <div>
                    <TradeChart day={day} />
                </div>
                <div>
                    <FanChart day={day} />
                </div>
                <Waterfall
                    title={t('vpp.costs')}
                    currency={day.currency}
                    items={Object.entries(day.costs)
                        .filter(([name]) => name !== 'operatingCost')
                        .map(([name, amount]) => ({ id: name, name: t(`vpp.cost.${name}` as 'vpp.cost.otherCost'), amount }))}
                    sumName={t('vpp.cost.operatingCost')}
                    testId="cost-bars"
                />
                <div>
                    <RiskChart day={day} />
                </div>
                {report.frontier.length > 0 && (
                    <div>
                        <FrontierChart
                            frontier={report.frontier}
                            day={day}
                            onPick={mayAct && card.preferences ? (beta) => void again.run(beta) : undefined}
                        />
                        <FailureLine failure={again.failure} />
                    </div>
                )}
            </div>
            {sampling && (
                <p className="dim">
                    {t('vpp.sampling', {
                        drawn: sampling.drawn,
                        seed: sampling.seed,
                        kept: day.scenarios.length,
                        distance: number(100 * sampling.distance, 1),
                        correlation: number(sampling.coverage.correlationError, 2),
                    })}
                </p>
            )}
            <p className="vpp-report-foot">
                {report.claims && <a href={href(`claims/${card.id}`)}>{t('vpp.toClaims')}</a>}
                <Button variant="default" onClick={() => save(`${card.title}.json`, JSON.stringify(report, null, 2), 'application/json')}>
                    JSON
                </Button>
            </p>
        </div>
    )
}

/** The plan beside what it would cost to know less, to know more, and not to coordinate. */
function Baselines({ report: { day, evaluation } }: { report: VppReport }) {
    const { t, number } = useShell()
    if (!evaluation) return null
    const own = day.costs.operatingCost ?? 0
    const rows: [id: string, cost: number, cvar: number | undefined][] = [
        ['plan', own, day.cvar],
        ['uncoordinated', evaluation.uncoordinated.expectedCost, evaluation.uncoordinated.cvar],
        ['deterministic', evaluation.deterministicEvaluated, undefined],
        ['stochastic', evaluation.stochastic, undefined],
        ['waitAndSee', evaluation.waitAndSee, undefined],
    ]
    return (
        <div className="vpp-scroll">
            <table className="plain" data-testid="plan-baselines">
                <thead>
                    <tr>
                        <th>{t('vpp.baselines', { currency: day.currency })}</th>
                        <th className="is-number">{t('vpp.expected')}</th>
                        <th className="is-number">CVaR</th>
                        <th className="is-number">{t('vpp.againstPlan')}</th>
                    </tr>
                </thead>
                <tbody>
                    {rows.map(([id, cost, cvar]) => (
                        <tr key={id} className={id === 'plan' ? 'is-own' : ''}>
                            <td title={t(`vpp.baseline.${id}About` as 'vpp.baseline.planAbout')}>
                                {t(`vpp.baseline.${id}` as 'vpp.baseline.plan')}
                            </td>
                            <td className="is-number">{number(cost, 2)}</td>
                            <td className="is-number">{cvar === undefined ? '' : number(cvar, 2)}</td>
                            <td className="is-number">{id === 'plan' ? '' : `${cost > own ? '+' : ''}${number(cost - own, 2)}`}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    )
}

/** The dispatch under its price: of the mean, or of one of the days that could be. */
function Schedule({ day }: { day: DayReport }) {
    const { t, number } = useShell()
    const [chosen, setChosen] = useState('mean')
    const order = day.scenarios.map((s, k) => ({ s, k })).sort((a, b) => a.s.sunKwh - b.s.sunKwh)
    const one = chosen === 'mean' ? undefined : day.scenarios[Number(chosen)]
    const nameOf = (k: number) => {
        const s = day.scenarios[k]!
        const end = k === order[0]!.k ? ` · ${t('vpp.leastSun')}` : k === order.at(-1)!.k ? ` · ${t('vpp.mostSun')}` : ''
        return `${t('vpp.sunOf', { sun: number(s.sunKwh, 0) })} · ${number(100 * s.probability, 0)} % · ${number(s.cost, 0)} ${day.currency}${end}`
    }
    return (
        <section>
            {order.length > 1 && order.every(({ s }) => s.stack) && (
                <Select
                    label={t('vpp.scenario')}
                    className="vpp-scenario"
                    data={[
                        { value: 'mean', label: t('vpp.meanDay', { count: order.length }) },
                        ...order.map(({ k }) => ({ value: String(k), label: nameOf(k) })),
                    ]}
                    value={chosen}
                    onChange={(value) => setChosen(value ?? 'mean')}
                    allowDeselect={false}
                    data-testid="plan-scenario"
                />
            )}
            <PriceChart day={day} />
            <DispatchChart
                day={day}
                stack={one?.stack ?? day.stack}
                title={
                    one
                        ? `${t('vpp.dispatch')}: ${nameOf(Number(chosen))}`
                        : `${t('vpp.dispatch')}: ${t('vpp.meanDay', { count: order.length })}`
                }
            />
        </section>
    )
}
