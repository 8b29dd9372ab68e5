/** What a day may cost, what its costs are made of, and what caution costs. */
import type { DayReport } from '../report.ts'
import type { VppReport } from '../run.ts'
import { digitsOf, rangeAround } from './frame.ts'
import { type PlotArea, useShell } from './shell.ts'

/** A bar for each of the days at its cost, as high as its probability; expected cost, VaR and CVaR marked. */
export function RiskChart({ day }: { day: DayReport }) {
    const { Plot, t, number } = useShell()
    const costs = day.scenarios.map((s) => s.cost)
    const expected = day.costs.operatingCost ?? 0
    const range = rangeAround([...costs, day.cvar])
    const top = Math.max(...day.scenarios.map((s) => s.probability))
    const marks: [string, number, string][] = [
        [t('vpp.expected'), expected, 'mark-mean'],
        ['VaR', day.valueAtRisk, 'mark-var'],
        ['CVaR', day.cvar, 'mark-cvar'],
    ]
    return (
        <Plot
            title={t('vpp.risk', { alpha: number(100 * day.alpha, 0) })}
            xRange={range}
            yRange={[0, 1.35 * top]}
            xLabel={day.currency}
            yLabel="%"
            xText={(v) => number(v, digitsOf(range))}
            yText={(v) => number(100 * v, 0)}
            testId="chart-risk"
            table={() => ({
                header: [`${t('vpp.cost.operatingCost')} [${day.currency}]`, t('vpp.probability')],
                rows: day.scenarios.map((s) => [s.cost, s.probability]),
            })}
        >
            {(area) => (
                <>
                    {day.scenarios.map((s, k) => (
                        <rect
                            key={k}
                            className={s.cost >= day.valueAtRisk - 1e-9 ? 'bar-tail' : 'bar'}
                            x={area.x(s.cost) - 4}
                            width={8}
                            y={area.y(s.probability)}
                            height={area.bottom - area.y(s.probability)}
                        >
                            <title>{`${number(s.cost, 0)} ${day.currency} · ${number(100 * s.probability, 1)} %`}</title>
                        </rect>
                    ))}
                    {marks.map(([name, value, className], k) => (
                        <Mark
                            key={name}
                            area={area}
                            at={value}
                            row={k}
                            className={className}
                            text={`${name} ${number(value, Math.min(2, digitsOf(range)))}`}
                        />
                    ))}
                </>
            )}
        </Plot>
    )
}

function Mark({ area, at, row, className, text }: { area: PlotArea; at: number; row: number; className: string; text: string }) {
    const x = area.x(at)
    const leftwards = x > area.right - 110
    return (
        <g>
            <line className={className} x1={x} x2={x} y1={area.top + 14 * row} y2={area.bottom} />
            <text className="plot-tick" x={x + (leftwards ? -4 : 4)} y={area.top + 10 + 14 * row} textAnchor={leftwards ? 'end' : 'start'}>
                {text}
            </text>
        </g>
    )
}

/** Expected cost against CVaR over weights of risk; a point picked asks for the plan of its weight. */
export function FrontierChart({
    frontier,
    day,
    onPick,
}: {
    frontier: VppReport['frontier']
    day: Pick<DayReport, 'currency' | 'beta'>
    onPick?: ((beta: number) => void) | undefined
}) {
    const { Plot, t, number } = useShell()
    const [x, y] = [rangeAround(frontier.map((p) => p.expectedCost)), rangeAround(frontier.map((p) => p.cvar))]
    return (
        <Plot
            title={t(onPick ? 'vpp.frontierPick' : 'vpp.frontier')}
            xRange={x}
            yRange={y}
            xLabel={`${t('vpp.expected')} ${day.currency}`}
            yLabel={`CVaR ${day.currency}`}
            xText={(v) => number(v, digitsOf(x))}
            yText={(v) => number(v, digitsOf(y))}
            testId="chart-frontier"
            table={() => ({
                header: ['β', `${t('vpp.expected')} [${day.currency}]`, `CVaR [${day.currency}]`],
                rows: frontier.map((p) => [p.beta, p.expectedCost, p.cvar]),
            })}
        >
            {(area) => (
                <>
                    <polyline
                        className="line-frontier"
                        points={frontier.map((p) => `${area.x(p.expectedCost)},${area.y(p.cvar)}`).join(' ')}
                    />
                    {frontier.map((p) => (
                        <Dot
                            key={p.beta}
                            x={area.x(p.expectedCost)}
                            y={area.y(p.cvar)}
                            chosen={Math.abs(p.beta - day.beta) < 1e-9}
                            name={`β ${p.beta} · ${number(p.expectedCost, 0)} / ${number(p.cvar, 0)} ${day.currency}`}
                            label={`β ${p.beta}`}
                            onPick={onPick && (() => onPick(p.beta))}
                        />
                    ))}
                </>
            )}
        </Plot>
    )
}

/** A point of a drawing that may be picked, by pointer and by key. */
export function Dot({
    x,
    y,
    chosen,
    name,
    label,
    onPick,
}: {
    x: number
    y: number
    chosen: boolean
    name: string
    label: string
    onPick?: (() => void) | undefined
}) {
    const inside = (
        <>
            {onPick && <rect x={x - 10} y={y - 20} width={52} height={30} fill="transparent" />}
            <circle className={chosen ? 'dot is-chosen' : 'dot'} cx={x} cy={y} r={chosen ? 7 : 5.5} />
            <title>{name}</title>
            <text className="plot-tick" x={x + 9} y={y - 7}>
                {label}
            </text>
        </>
    )
    if (!onPick) return <g>{inside}</g>
    return (
        // biome-ignore lint/a11y/useSemanticElements: a button of HTML cannot stand inside a drawing
        <g
            role="button"
            tabIndex={0}
            aria-label={name}
            className="dot-button"
            onClick={onPick}
            onKeyDown={(event) => (event.key === 'Enter' || event.key === ' ') && onPick()}
        >
            {inside}
        </g>
    )
}
