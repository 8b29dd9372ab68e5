/** What came of a plan: its figures beside the baselines, its courses, its risk, and what it was drawn from. */
import type { PlanScore } from '@gridverse/plan'
import { Button, Select } from '@mantine/core'
import { useState } from 'react'
import type { DayReport } from '../report.ts'
import type { VppPreferences, VppReport } from '../run.ts'
import { BalanceStrip } from './balance.tsx'
import { BeforeAfterSection } from './before-after.tsx'
import { DispatchChart, FanChart, PriceChart, TradeChart } from './day-charts.tsx'
import { scientific } from './frame.ts'
import { FrontSection } from './front.tsx'
import { LimitsSection } from './limits-report.tsx'
import type { PlanCard } from './plans.ts'
import { Proof } from './proof.tsx'
import { FrontierChart, RiskChart } from './risk-charts.tsx'
import { Setpoints } from './setpoints.tsx'
import { useShell } from './shell.ts'
import { SunCostsForm } from './sun-costs.tsx'
import { CostWaterfall } from './waterfall.tsx'

interface PlanReportProps {
    readonly card: PlanCard
    readonly report: VppReport
    /** the unit whose setpoints the address asks for */
    readonly unit: string
    readonly reload: () => void
}

export function PlanReport({ card, report, unit, reload }: PlanReportProps) {
    const shell = useShell()
    const { t, number, post, go, mayAct, useAction, FailureLine, save, href } = shell
    const { day, sampling } = report
    const again = useAction(async (title: string, change: Partial<VppPreferences>) => {
        const { goal: _, riskBudget: __, ...own } = card.preferences
        const next = await post<PlanCard>('/studies', {
            study: 'vpp',
            title: `${card.title} · ${title}`.slice(-200),
            like: card.id,
            preferences: { ...own, ...change },
        })
        reload()
        go(`plan/${next.id}`)
    })
    const mayAsk = mayAct && card.preferences !== undefined
    const money = (x: number) => `${number(x, 2)} ${day.currency}`
    const tradedMwh = (day.dtH * (sum(day.buy) + sum(day.sell))) / 1000
    const imbalanceKwh = report.baselines?.own.figures.imbalanceKwh
    const tiles: [string, string][] = [
        [t('vpp.expected'), money(day.costs.operatingCost ?? 0)],
        [`CVaR ${number(100 * day.alpha, 0)} %`, money(day.cvar)],
        [t('vpp.beta'), day.beta.toFixed(2)],
        ...(tradedMwh > 0
            ? [[t('vpp.perTraded'), `${number((day.costs.purchaseSaleCost ?? 0) / tradedMwh, 2)} ${day.currency}/MWh`] as [string, string]]
            : []),
        ...(tradedMwh > 0 && imbalanceKwh !== undefined
            ? [[t('vpp.imbalanceShare'), `${number(imbalanceKwh / (10 * tradedMwh), 1)} %`] as [string, string]]
            : []),
        [t('vpp.gap'), day.gap > 0 ? scientific(day.gap) : '0'],
        [t('vpp.violation'), `${scientific(day.maxViolation)} kW`],
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
            <Proof report={report} />
            {report.beforeAfter && <BeforeAfterSection of={report.beforeAfter} currency={day.currency} />}
            {report.limits && <LimitsSection limits={report.limits} currency={day.currency} />}
            <Baselines report={report} />
            <Schedule day={day} />
            <div className="desk-charts">
                <div>
                    <TradeChart day={day} />
                </div>
                <div>
                    <FanChart day={day} />
                </div>
                <CostWaterfall day={day} testId="cost-bars" />
                <div>
                    <RiskChart day={day} />
                </div>
                {report.frontier.length > 0 && (
                    <div>
                        <FrontierChart
                            frontier={report.frontier}
                            day={day}
                            onPick={mayAsk ? (beta) => void again.run(`β ${beta}`, { beta }) : undefined}
                        />
                        <FailureLine failure={again.failure} />
                    </div>
                )}
            </div>
            {report.operation && (
                <>
                    <Setpoints plan={card.id} day={day} units={report.operation.units} unit={unit} />
                    <BalanceStrip day={day} operation={report.operation} />
                </>
            )}
            {report.front && (
                <FrontSection
                    front={report.front}
                    onPlan={
                        mayAsk
                            ? ({ goal, expectedCost, co2Kg }) =>
                                  void again.run(`${number(expectedCost, 0)} ${day.currency}, ${number(co2Kg, 0)} kg CO₂`, { goal })
                            : undefined
                    }
                />
            )}
            {mayAsk && (
                <SunCostsForm
                    currency={day.currency}
                    given={card.preferences.sunCosts}
                    busy={again.busy}
                    onPlan={(sunCosts) => void again.run(t('vpp.sunCosts.title'), { sunCosts })}
                />
            )}
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

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** The plan beside rules, beside knowing less and more, and beside no coordination: priced on the same days. */
function Baselines({ report: { day, evaluation, baselines } }: { report: VppReport }) {
    const { t, number } = useShell()
    const own = day.costs.operatingCost ?? 0
    interface Row {
        readonly id: string
        readonly cost: number
        readonly cvar?: number
        readonly score?: PlanScore
    }
    const scored = (id: string, score: PlanScore): Row => ({ id, cost: score.expected.operatingCost, cvar: score.cvar, score })
    const rows: Row[] = [
        baselines ? scored('plan', baselines.own) : { id: 'plan', cost: own, cvar: day.cvar },
        ...(baselines ? [scored('ruleBased', baselines.ruleBased), scored('deterministic', baselines.deterministic)] : []),
        ...(evaluation
            ? [
                  // settles deviations of the sun alone: told only where nothing is priced on whole days
                  ...(baselines
                      ? []
                      : [
                            { id: 'uncoordinated', cost: evaluation.uncoordinated.expectedCost, cvar: evaluation.uncoordinated.cvar },
                            { id: 'deterministic', cost: evaluation.deterministicEvaluated },
                        ]),
                  { id: 'stochastic', cost: evaluation.stochastic },
                  { id: 'waitAndSee', cost: evaluation.waitAndSee },
              ]
            : []),
    ]
    const figures = ['co2Kg', 'curtailedKwh', 'imbalanceKwh', 'reducedKwh'] as const
    return (
        <div className="vpp-scroll">
            <table className="plain" data-testid="plan-baselines">
                <thead>
                    <tr>
                        <th>{t('vpp.baselines', { currency: day.currency })}</th>
                        <th className="is-number">{t('vpp.expected')}</th>
                        <th className="is-number">CVaR</th>
                        <th className="is-number">{t('vpp.againstPlan')}</th>
                        {baselines &&
                            figures.map((name) => (
                                <th key={name} className="is-number">
                                    {t(`vpp.figureOf.${name}`)}
                                </th>
                            ))}
                    </tr>
                </thead>
                <tbody>
                    {rows.map(({ id, cost, cvar, score }) => (
                        <tr key={id} className={id === 'plan' ? 'is-own' : ''}>
                            <td title={t(`vpp.baseline.${id}About` as 'vpp.baseline.planAbout')}>
                                {t(`vpp.baseline.${id}` as 'vpp.baseline.plan')}
                            </td>
                            <td className="is-number">{number(cost, 2)}</td>
                            <td className="is-number">{cvar === undefined ? '' : number(cvar, 2)}</td>
                            <td className="is-number">{id === 'plan' ? '' : `${cost > own ? '+' : ''}${number(cost - own, 2)}`}</td>
                            {baselines &&
                                figures.map((name) => (
                                    <td key={name} className="is-number">
                                        {score ? number(score.figures[name], 0) : ''}
                                    </td>
                                ))}
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
