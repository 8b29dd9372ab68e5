/** The charts of a planned day: who gives and takes under the price, what is traded, what was forecast. */
import type { Course, DayReport, Fan } from '../report.ts'
import { clockOf, courseTable, dayAxis, rangeWithZero, steps } from './frame.ts'
import { type PlotArea, type Shell, useShell } from './shell.ts'
import { runsOf } from './sums.ts'

export const partName = ({ t }: Shell, name: string) => t(`vpp.part.${name}` as 'vpp.part.pv')

export function PriceChart({ day }: { day: DayReport }) {
    const shell = useShell()
    const { Plot, t, number } = shell
    const unit = `${day.currency}/kWh`
    return (
        <Plot
            {...dayAxis(day, shell)}
            xLabel=""
            title={t('vpp.price')}
            yRange={rangeWithZero(day.buyPrice)}
            yLabel={unit}
            yText={(v) => number(v, 2)}
            height={104}
            testId="chart-price"
            table={courseTable(day, t('vpp.hour'), [[`${t('vpp.price')} [${unit}]`, day.buyPrice]])}
        >
            {(area) => <path className="plot-price" d={steps(day.buyPrice, area.x, area.y)} />}
        </Plot>
    )
}

/** The dispatch of the mean day, or of one of the days, as areas piled on each other. */
export function DispatchChart({ day, stack, title }: { day: DayReport; stack: readonly Course[]; title: string }) {
    const shell = useShell()
    const { Plot, Legend, number, t } = shell
    const parts = stack.filter((s) => s.power.some((p) => Math.abs(p) > 0.5))
    // one range for all days: switching between them shows what changes
    const sums = [day.stack, ...day.scenarios.flatMap((s) => (s.stack ? [s.stack] : []))].flatMap((of) =>
        Array.from({ length: day.periods }, (_, p) => [
            of.reduce((sum, s) => sum + Math.max(0, s.power[p]!), 0),
            of.reduce((sum, s) => sum + Math.min(0, s.power[p]!), 0),
        ]).flat(),
    )
    return (
        <>
            <Plot
                {...dayAxis(day, shell)}
                title={title}
                yRange={rangeWithZero(sums)}
                yLabel="kW"
                yText={(v) => number(v, 0)}
                height={270}
                testId="chart-dispatch"
                table={courseTable(
                    day,
                    t('vpp.hour'),
                    stack.map((s) => [`${partName(shell, s.name)} [kW]`, s.power]),
                )}
            >
                {(area) => Array.from({ length: day.periods }, (_, p) => <Pile key={p} day={day} parts={parts} period={p} area={area} />)}
            </Plot>
            <Legend items={parts.map((s) => ({ name: partName(shell, s.name), className: `part-${s.name}` }))} />
        </>
    )
}

function Pile({ day, parts, period, area }: { day: DayReport; parts: readonly Course[]; period: number; area: PlotArea }) {
    const shell = useShell()
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
                        <title>{`${clockOf(day, period)} · ${partName(shell, s.name)}: ${shell.number(power, 0)} kW`}</title>
                    </rect>
                )
            })}
        </g>
    )
}

/** What is traded the day before, with the periods of buying and of selling named. */
export function TradeChart({ day }: { day: DayReport }) {
    const shell = useShell()
    const { Plot, Legend, t, number } = shell
    const net = day.sell.map((s, p) => s - day.buy[p]!)
    const roles = runsOf(net.map((power) => (power > 1e-6 ? 'sells' : power < -1e-6 ? 'buys' : 'rests')))
    const [low, high] = rangeWithZero(net)
    return (
        <>
            <Plot
                {...dayAxis(day, shell)}
                title={t('vpp.trade')}
                // room for the names of the periods
                yRange={[low, high + 0.16 * (high - low)]}
                yLabel="kW"
                yText={(v) => number(v, 0)}
                testId="chart-trade"
                table={courseTable(day, t('vpp.hour'), [
                    [`${t('vpp.part.purchase')} [kW]`, day.buy],
                    [`${t('vpp.part.sale')} [kW]`, day.sell],
                    [`${t('vpp.price')} [${day.currency}/kWh]`, day.buyPrice],
                ])}
            >
                {(area) => (
                    <>
                        {roles.map(({ from, to, answer }) => (
                            <g key={from} className={`role-${answer}`}>
                                <rect x={area.x(from) + 0.5} width={area.x(to) - area.x(from) - 1} y={area.top} height={14} />
                                {area.x(to) - area.x(from) > 44 && (
                                    <text x={(area.x(from) + area.x(to)) / 2} y={area.top + 11} textAnchor="middle">
                                        {t(`vpp.role.${answer}`)}
                                    </text>
                                )}
                            </g>
                        ))}
                        {net.map((power, p) => (
                            <rect
                                key={p}
                                className={power >= 0 ? 'part-sale' : 'part-purchase'}
                                x={area.x(p)}
                                width={Math.max(1, area.x(p + 1) - area.x(p) - 1)}
                                y={Math.min(area.y(power), area.y(0))}
                                height={Math.abs(area.y(power) - area.y(0))}
                            >
                                <title>
                                    {`${clockOf(day, p)} · ${partName(shell, power >= 0 ? 'sale' : 'purchase')} ${number(Math.abs(power), 0)} kW · ${number(day.buyPrice[p], 3)} ${day.currency}/kWh`}
                                </title>
                            </rect>
                        ))}
                    </>
                )}
            </Plot>
            <Legend
                items={[
                    { name: partName(shell, 'sale'), className: 'part-sale' },
                    { name: partName(shell, 'purchase'), className: 'part-purchase' },
                ]}
            />
        </>
    )
}

export function FanChart({ day }: { day: DayReport }) {
    const shell = useShell()
    const { Plot, Legend, t, number } = shell
    const fans = (['pv', 'wind', 'load'] as const).map((name) => [name, day.fans[name]] as const)
    const shown = fans.filter(([, fan]) => fan.high.some((v) => v > 0))
    const columns = shown.flatMap(([name, fan]) =>
        (['mean', 'low', 'high'] as const).map((of): [string, readonly number[]] => [
            `${partName(shell, name)} ${t(`vpp.fan.${of}`)} [kW]`,
            fan[of],
        ]),
    )
    return (
        <>
            <Plot
                {...dayAxis(day, shell)}
                title={t('vpp.fans')}
                yRange={rangeWithZero(shown.flatMap(([, f]) => [...f.high, ...f.low]))}
                yLabel="kW"
                yText={(v) => number(v, 0)}
                testId="chart-fans"
                table={courseTable(day, t('vpp.hour'), columns)}
            >
                {(area) => shown.map(([name, fan]) => <FanBand key={name} name={name} fan={fan} area={area} />)}
            </Plot>
            <Legend items={shown.map(([name]) => ({ name: partName(shell, name), className: `part-${name}` }))} />
        </>
    )
}

/** A band from least to most with the mean in it. */
export function FanBand({ name, fan, area }: { name: string; fan: Fan; area: PlotArea }) {
    const at = (p: number) => area.x(p + 0.5)
    const points = (values: readonly number[]) => values.map((v, p) => `${at(p)},${area.y(v)}`)
    return (
        <g>
            <polygon className={`part-${name} fan`} points={[...points(fan.high), ...points(fan.low).reverse()].join(' ')} />
            <polyline className={`line-${name}`} points={points(fan.mean).join(' ')} />
        </g>
    )
}
