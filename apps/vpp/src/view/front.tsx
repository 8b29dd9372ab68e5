/** The front of cost, risk, CO₂ and curtailment: points to pick from, each with its schedule; one asked for becomes the plan. */
import { Button, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import type { FrontReport } from '../front-report.ts'
import { DispatchChart } from './day-charts.tsx'
import { digitsOf, rangeAround } from './frame.ts'
import { Dot } from './risk-charts.tsx'
import { useShell } from './shell.ts'
import { CostWaterfall } from './waterfall.tsx'

const across = ['co2Kg', 'cvar', 'curtailedKwh'] as const
type Across = (typeof across)[number]

export function FrontSection({
    front,
    onPlan,
}: {
    front: FrontReport
    onPlan: ((point: FrontReport['points'][number]) => void) | undefined
}) {
    const { Plot, t, number } = useShell()
    const [measure, setMeasure] = useState<Across>(across.find((m) => front.inConflict.includes(m)) ?? 'co2Kg')
    const [picked, setPicked] = useState<number>()
    const { points } = front
    const currency = points[0]?.day.currency ?? ''
    const unit = { co2Kg: 'kg', cvar: currency, curtailedKwh: 'kWh' }[measure]
    const [x, y] = [rangeAround(points.map((p) => p.expectedCost)), rangeAround(points.map((p) => p[measure]))]
    const point = picked === undefined ? undefined : points[picked]
    return (
        <section className="vpp-front" data-testid="plan-front">
            <h3>{t('vpp.front')}</h3>
            <p className="dim">
                {t('vpp.front.about', { count: points.length, dominated: front.dominated })}
                {front.inConflict.length < 4 &&
                    ` ${t('vpp.front.agree', {
                        names: (['expectedCost', ...across] as const)
                            .filter((m) => !front.inConflict.includes(m))
                            .map((m) => t(`vpp.measure.${m}`))
                            .join(', '),
                    })}`}
            </p>
            <SegmentedControl
                data={across.map((m) => ({ value: m, label: t(`vpp.measure.${m}`) }))}
                value={measure}
                onChange={(m) => setMeasure(m as Across)}
            />
            <Plot
                title={t('vpp.front.chart', { measure: t(`vpp.measure.${measure}`) })}
                xRange={x}
                yRange={y}
                xLabel={`${t('vpp.expected')} ${currency}`}
                yLabel={unit}
                xText={(v) => number(v, digitsOf(x))}
                yText={(v) => number(v, digitsOf(y))}
                testId="chart-front"
                table={() => ({
                    header: [
                        `${t('vpp.expected')} [${currency}]`,
                        `CVaR [${currency}]`,
                        'CO₂ [kg]',
                        `${t('vpp.measure.curtailedKwh')} [kWh]`,
                    ],
                    rows: points.map((p) => [p.expectedCost, p.cvar, p.co2Kg, p.curtailedKwh]),
                })}
            >
                {(area) =>
                    points.map((p, k) => (
                        <Dot
                            key={k}
                            x={area.x(p.expectedCost)}
                            y={area.y(p[measure])}
                            chosen={k === picked}
                            name={`${number(p.expectedCost, 0)} ${currency} · CVaR ${number(p.cvar, 0)} · ${number(p.co2Kg, 0)} kg CO₂ · ${number(p.curtailedKwh, 0)} kWh`}
                            label={String(k + 1)}
                            onPick={() => setPicked(k)}
                        />
                    ))
                }
            </Plot>
            {point && (
                <div data-testid="front-point">
                    <ul className="tiles">
                        {(['expectedCost', ...across] as const).map((m) => (
                            <li key={m}>
                                <small>{t(`vpp.measure.${m}`)}</small>
                                <b>{`${number(point[m], m === 'expectedCost' || m === 'cvar' ? 2 : 1)} ${m === 'co2Kg' ? 'kg' : m === 'curtailedKwh' ? 'kWh' : currency}`}</b>
                            </li>
                        ))}
                    </ul>
                    {onPlan && (
                        <p className="vpp-report-foot">
                            <Button onClick={() => onPlan(point)} data-testid="front-plan">
                                {t('vpp.front.plan')}
                            </Button>
                        </p>
                    )}
                    <div className="desk-charts">
                        <div>
                            <DispatchChart day={point.day} stack={point.day.stack} title={`${t('vpp.dispatch')}: ${picked! + 1}`} />
                        </div>
                        <CostWaterfall day={point.day} testId="front-costs" />
                    </div>
                </div>
            )}
        </section>
    )
}
