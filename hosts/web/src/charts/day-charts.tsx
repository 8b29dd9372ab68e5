/** The charts of a planned day: who gives and takes, what is traded at which price, costs, risk, and the price of caution. */
import type { DayReport, Fan, VppReport } from '@gridverse/vpp'
import { formatNumber } from '../model/format.ts'
import { useLang } from '../parts/use.ts'
import { t } from '../text/index.ts'
import { Legend, Plot, type PlotArea } from './plot.tsx'
import { rangeWithZero } from './scale.ts'

const clock = (day: DayReport, period: number) => {
    const minutes = Math.round(period * day.dtH * 60)
    return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
/** every so many periods a tick, at whole hours */
const hours = (day: DayReport) => {
    const every = Math.max(1, Math.round(4 / day.dtH))
    return Array.from({ length: Math.floor(day.periods / every) + 1 }, (_, k) => k * every)
}
const frameOf = (day: DayReport) => ({
    xRange: [0, day.periods] as const,
    xTicks: hours(day),
    xText: (p: number) => clock(day, p),
    xLabel: t('study.hour'),
})
const known = (name: string) => t(`study.part.${name}` as 'study.part.pv')

export function DispatchChart({ day }: { day: DayReport }) {
    const lang = useLang()
    const parts = day.stack.filter((s) => s.power.some((p) => Math.abs(p) > 0.5))
    const sums = Array.from({ length: day.periods }, (_, p) => [
        parts.reduce((sum, s) => sum + Math.max(0, s.power[p]!), 0),
        parts.reduce((sum, s) => sum + Math.min(0, s.power[p]!), 0),
    ]).flat()
    return (
        <>
            <Plot
                {...frameOf(day)}
                title={t('study.dispatch')}
                yRange={rangeWithZero(sums)}
                yLabel="kW"
                yText={(v) => formatNumber(v, 0, lang)}
                height={260}
                testId="chart-dispatch"
            >
                {(area) => (
                    <>
                        {Array.from({ length: day.periods }, (_, p) => (
                            <Pile key={p} day={day} parts={parts} period={p} area={area} />
                        ))}
                    </>
                )}
            </Plot>
            <Legend items={parts.map((s) => ({ name: known(s.name), className: `part-${s.name}` }))} />
        </>
    )
}

function Pile({ day, parts, period, area }: { day: DayReport; parts: DayReport['stack']; period: number; area: PlotArea }) {
    const lang = useLang()
    let [up, down] = [0, 0]
    const width = Math.max(1, area.x(period + 1) - area.x(period) - 1)
    return (
        <g>
            {parts.map((s) => {
                const power = s.power[period]!
                if (Math.abs(power) < 1e-3) return null
                const from = power > 0 ? up : down
                if (power > 0) up += power
                else down += power
                const [high, low] = power > 0 ? [up, from] : [from, down]
                return (
                    <rect
                        key={s.name}
                        className={`part-${s.name}`}
                        x={area.x(period)}
                        width={width}
                        y={area.y(high)}
                        height={Math.max(0, area.y(low) - area.y(high))}
                    >
                        <title>{`${clock(day, period)} · ${known(s.name)}: ${formatNumber(power, 0, lang)} kW`}</title>
                    </rect>
                )
            })}
        </g>
    )
}

export function TradeChart({ day }: { day: DayReport }) {
    const lang = useLang()
    const net = day.sell.map((s, p) => s - day.buy[p]!)
    const top = Math.max(...day.buyPrice, 1e-9)
    const [low, high] = rangeWithZero(net)
    const price = (area: PlotArea, p: number) => area.bottom - ((area.bottom - area.top) * day.buyPrice[p]!) / (1.1 * top)
    return (
        <>
            <Plot
                {...frameOf(day)}
                title={t('study.trade', { top: formatNumber(top, 2, lang), currency: day.currency })}
                yRange={[low, high]}
                yLabel="kW"
                yText={(v) => formatNumber(v, 0, lang)}
                testId="chart-trade"
            >
                {(area) => (
                    <>
                        {net.map((power, p) => (
                            <rect
                                // biome-ignore lint/suspicious/noArrayIndexKey: a period is its index
                                key={p}
                                className={power >= 0 ? 'part-sale' : 'part-purchase'}
                                x={area.x(p)}
                                width={Math.max(1, area.x(p + 1) - area.x(p) - 1)}
                                y={Math.min(area.y(power), area.y(0))}
                                height={Math.abs(area.y(power) - area.y(0))}
                            >
                                <title>
                                    {`${clock(day, p)} · ${power >= 0 ? known('sale') : known('purchase')} ${formatNumber(Math.abs(power), 0, lang)} kW · ${formatNumber(day.buyPrice[p]!, 3, lang)} ${day.currency}/kWh`}
                                </title>
                            </rect>
                        ))}
                        <path
                            className="plot-price"
                            d={day.buyPrice
                                .map((_, p) => `${p === 0 ? 'M' : 'V'}${p === 0 ? `${area.x(p)},` : ''}${price(area, p)}H${area.x(p + 1)}`)
                                .join('')}
                        />
                    </>
                )}
            </Plot>
            <Legend
                items={[
                    { name: known('sale'), className: 'part-sale' },
                    { name: known('purchase'), className: 'part-purchase' },
                    { name: t('study.price'), className: 'plot-price-key' },
                ]}
            />
        </>
    )
}

export function FanChart({ day }: { day: DayReport }) {
    const lang = useLang()
    const fans: [string, Fan][] = [
        ['pv', day.fans.pv],
        ['wind', day.fans.wind],
        ['load', day.fans.load],
    ]
    return (
        <>
            <Plot
                {...frameOf(day)}
                title={t('study.fans')}
                yRange={rangeWithZero(fans.flatMap(([, f]) => [...f.high, ...f.low]))}
                yLabel="kW"
                yText={(v) => formatNumber(v, 0, lang)}
                testId="chart-fans"
            >
                {(area) => {
                    const at = (p: number) => area.x(p + 0.5)
                    return fans.map(([name, fan]) => (
                        <g key={name}>
                            <polygon
                                className={`part-${name} fan`}
                                points={[
                                    ...fan.high.map((v, p) => `${at(p)},${area.y(v)}`),
                                    ...fan.low.map((v, p) => `${at(p)},${area.y(v)}`).reverse(),
                                ].join(' ')}
                            />
                            <polyline className={`line-${name}`} points={fan.mean.map((v, p) => `${at(p)},${area.y(v)}`).join(' ')} />
                        </g>
                    ))
                }}
            </Plot>
            <Legend items={fans.map(([name]) => ({ name: known(name), className: `part-${name}` }))} />
        </>
    )
}

/** What the day may cost: a bar for each scenario at its cost, as high as its probability. */
export function RiskChart({ day }: { day: DayReport }) {
    const lang = useLang()
    const costs = day.scenarios.map((s) => s.cost)
    const expected = day.costs.operatingCost ?? 0
    const span = Math.max(...costs, day.cvar) - Math.min(...costs) || Math.abs(expected) || 1
    const xRange = [Math.min(...costs) - 0.06 * span, Math.max(...costs, day.cvar) + 0.06 * span] as const
    const top = Math.max(...day.scenarios.map((s) => s.probability))
    const marks: [string, number, string][] = [
        [t('study.expected'), expected, 'mark-mean'],
        [t('study.var'), day.valueAtRisk, 'mark-var'],
        ['CVaR', day.cvar, 'mark-cvar'],
    ]
    return (
        <Plot
            title={t('study.risk', { alpha: formatNumber(100 * day.alpha, 0, lang) })}
            xRange={xRange}
            yRange={[0, 1.25 * top]}
            xLabel={day.currency}
            yLabel="%"
            xText={(v) => formatNumber(v, 0, lang)}
            yText={(v) => formatNumber(100 * v, 0, lang)}
            testId="chart-risk"
        >
            {(area) => (
                <>
                    {day.scenarios.map((s, k) => (
                        <rect
                            // biome-ignore lint/suspicious/noArrayIndexKey: a scenario is its index
                            key={k}
                            className={s.cost >= day.valueAtRisk - 1e-9 ? 'bar-tail' : 'bar'}
                            x={area.x(s.cost) - 4}
                            width={8}
                            y={area.y(s.probability)}
                            height={area.bottom - area.y(s.probability)}
                        >
                            <title>{`${formatNumber(s.cost, 0, lang)} ${day.currency} · ${formatNumber(100 * s.probability, 1, lang)} %`}</title>
                        </rect>
                    ))}
                    {marks.map(([name, value, className], k) => (
                        <g key={name}>
                            <line className={className} x1={area.x(value)} x2={area.x(value)} y1={area.top + 14 * k} y2={area.bottom} />
                            <text
                                className="plot-tick"
                                x={area.x(value) + 4}
                                y={area.top + 10 + 14 * k}
                                textAnchor={area.x(value) > area.right - 90 ? 'end' : 'start'}
                                dx={area.x(value) > area.right - 90 ? -8 : 0}
                            >
                                {`${name} ${formatNumber(value, 0, lang)}`}
                            </text>
                        </g>
                    ))}
                </>
            )}
        </Plot>
    )
}

/** Expected cost against CVaR over weights of risk; a click asks for the plan of that weight. */
export function FrontierChart({ report, onPick }: { report: VppReport; onPick: ((beta: number) => void) | undefined }) {
    const lang = useLang()
    const { frontier, day } = report
    const [x, y] = [frontier.map((p) => p.expectedCost), frontier.map((p) => p.cvar)]
    const air = (v: readonly number[]) => {
        const span = Math.max(...v) - Math.min(...v) || Math.abs(v[0] ?? 1) * 0.01 || 1
        return [Math.min(...v) - 0.15 * span, Math.max(...v) + 0.15 * span] as const
    }
    return (
        <Plot
            title={t('study.frontier')}
            xRange={air(x)}
            yRange={air(y)}
            xLabel={`${t('study.expected')} ${day.currency}`}
            yLabel="CVaR"
            xText={(v) => formatNumber(v, 0, lang)}
            yText={(v) => formatNumber(v, 0, lang)}
            testId="chart-frontier"
        >
            {(area) => (
                <>
                    <polyline
                        className="line-frontier"
                        points={frontier.map((p) => `${area.x(p.expectedCost)},${area.y(p.cvar)}`).join(' ')}
                    />
                    {frontier.map((p) => {
                        const name = `β ${p.beta} · ${formatNumber(p.expectedCost, 0, lang)} / ${formatNumber(p.cvar, 0, lang)} ${day.currency}`
                        const chosen = Math.abs(p.beta - day.beta) < 1e-9
                        const dot = (
                            <circle
                                className={chosen ? 'dot is-chosen' : 'dot'}
                                cx={area.x(p.expectedCost)}
                                cy={area.y(p.cvar)}
                                r={chosen ? 7 : 5.5}
                            />
                        )
                        return (
                            // biome-ignore lint/a11y/useSemanticElements: a button of HTML cannot stand inside a drawing
                            <g
                                key={p.beta}
                                role="button"
                                tabIndex={onPick ? 0 : -1}
                                aria-label={name}
                                className="dot-button"
                                onClick={() => onPick?.(p.beta)}
                                onKeyDown={(event) => event.key === 'Enter' && onPick?.(p.beta)}
                            >
                                {dot}
                                <title>{name}</title>
                                <text className="plot-tick" x={area.x(p.expectedCost) + 9} y={area.y(p.cvar) - 7}>
                                    {`β ${p.beta}`}
                                </text>
                            </g>
                        )
                    })}
                </>
            )}
        </Plot>
    )
}

export function CostBars({ day }: { day: DayReport }) {
    const lang = useLang()
    const items = Object.entries(day.costs).filter(([name, value]) => name !== 'operatingCost' && Math.abs(value) > 0.005)
    const most = Math.max(...items.map(([, v]) => Math.abs(v)), 1e-9)
    return (
        <figure className="plot">
            <figcaption>{t('study.costs')}</figcaption>
            <ul className="cost-bars" data-testid="cost-bars">
                {[...items, ['operatingCost', day.costs.operatingCost ?? 0] as const].map(([name, value]) => (
                    <li key={name} className={name === 'operatingCost' ? 'is-sum' : ''}>
                        <span>{t(`study.cost.${name}` as 'study.cost.otherCost')}</span>
                        <i
                            style={{ width: `${Math.min(100, (100 * Math.abs(value)) / most) / 2}%` }}
                            className={value < 0 ? 'is-gain' : ''}
                        />
                        <b>
                            {formatNumber(value, 2, lang)} {day.currency}
                        </b>
                    </li>
                ))}
            </ul>
        </figure>
    )
}
