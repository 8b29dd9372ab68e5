/** The merit order of one hour: offers by what they cost, those of the plant before the system's thermal plants, and the load they meet. */
import type { MeritOrder } from '@gridverse/plan'
import { Select } from '@mantine/core'
import { useState } from 'react'
import { clockOf, type DayGrid, rangeWithZero } from './frame.ts'
import { useShell } from './shell.ts'

export function MeritChart({ merit, day, currency }: { merit: MeritOrder; day: DayGrid; currency: string }) {
    const { t, tOr, number, Plot, Legend } = useShell()
    // where both are asked most
    const both = merit.thermalWith.map((p, k) =>
        Math.min(
            p,
            merit.offers.reduce((sum, o) => sum + o.taken[k]!, 0),
        ),
    )
    const [step, setStep] = useState(both.indexOf(Math.max(...both)))
    const nameOf = (name: string) => tOr(`vpp.merit.${name}`, name)
    const demand = merit.demand[step]!
    const thermal = Math.max(0, merit.thermalWith[step]!)
    const offers = merit.offers
        .map((o) => ({ name: nameOf(o.name), cost: o.cost[step]!, offered: o.offered[step]!, taken: o.taken[step]!, thermal: false }))
        .filter((o) => o.offered > 1e-6)
    // thermal plants offer whatever is left, at the market's price
    const room = {
        name: t('vpp.merit.thermal'),
        cost: merit.price[step]!,
        offered: Math.max(thermal, 0.15 * demand),
        taken: thermal,
        thermal: true,
    }
    const order = [...offers, room].sort((a, b) => a.cost - b.cost || Number(a.thermal) - Number(b.thermal))
    let at = 0
    const blocks = order.map((o) => {
        const from = at
        at += o.offered
        return { ...o, from }
    })
    const y = rangeWithZero(order.map((o) => o.cost * 1.12))
    const unit = `${currency}/kWh`
    return (
        <>
            <Select
                label={t('vpp.merit.step')}
                className="vpp-scenario"
                data={merit.demand.map((_, k) => ({
                    value: String(k),
                    label: `${clockOf(day, k)} · ${number(merit.price[k], 3)} ${unit}`,
                }))}
                value={String(step)}
                onChange={(value) => setStep(Number(value ?? 0))}
                allowDeselect={false}
                data-testid="merit-step"
            />
            <Plot
                title={t('vpp.merit', { at: clockOf(day, step) })}
                xRange={[0, Math.max(at, demand) * 1.03]}
                yRange={y}
                xLabel="kW"
                yLabel={unit}
                xText={(v) => number(v, 0)}
                yText={(v) => number(v, 2)}
                height={240}
                testId="merit-chart"
                table={() => ({
                    header: [
                        t('vpp.hour'),
                        t('vpp.merit.offer'),
                        `${t('vpp.merit.cost')} [${unit}]`,
                        `${t('vpp.merit.offered')} [kW]`,
                        `${t('vpp.merit.taken')} [kW]`,
                    ],
                    rows: merit.demand.flatMap((_, k) => [
                        ...merit.offers.map((o) => [clockOf(day, k), nameOf(o.name), o.cost[k]!, o.offered[k]!, o.taken[k]!]),
                        [clockOf(day, k), t('vpp.merit.thermal'), merit.price[k]!, null, merit.thermalWith[k]!],
                    ]),
                })}
            >
                {(area) => (
                    <>
                        {blocks.map((b) => (
                            <g key={b.name}>
                                <rect
                                    className={b.thermal ? 'merit-offer is-thermal' : 'merit-offer'}
                                    x={area.x(b.from)}
                                    width={Math.max(1, area.x(b.from + b.offered) - area.x(b.from))}
                                    y={Math.min(area.y(b.cost), area.bottom - 4)}
                                    height={Math.max(4, area.bottom - area.y(b.cost))}
                                />
                                <rect
                                    className={b.thermal ? 'merit-taken is-thermal' : 'merit-taken'}
                                    x={area.x(b.from)}
                                    width={Math.max(0, area.x(b.from + b.taken) - area.x(b.from))}
                                    y={Math.min(area.y(b.cost), area.bottom - 4)}
                                    height={Math.max(4, area.bottom - area.y(b.cost))}
                                >
                                    <title>{`${b.name}: ${number(b.taken, 0)} / ${number(b.offered, 0)} kW · ${number(b.cost, 3)} ${unit}`}</title>
                                </rect>
                                {area.x(b.from + b.offered) - area.x(b.from) > 46 && (
                                    <text
                                        className="plot-tick"
                                        x={area.x(b.from + b.offered / 2)}
                                        y={Math.min(area.y(b.cost), area.bottom - 4) - 4}
                                        textAnchor="middle"
                                    >
                                        {b.name}
                                    </text>
                                )}
                            </g>
                        ))}
                        <line className="plot-limit" x1={area.x(demand)} x2={area.x(demand)} y1={area.top} y2={area.bottom} />
                        <text className="plot-tick" x={area.x(demand) - 4} y={area.top + 10} textAnchor="end">
                            {`${t('vpp.merit.demand')} ${number(demand, 0)} kW`}
                        </text>
                    </>
                )}
            </Plot>
            <Legend
                items={[
                    { name: t('vpp.merit.taken'), className: 'merit-taken' },
                    { name: t('vpp.merit.offered'), className: 'merit-offer' },
                    { name: t('vpp.merit.thermalTaken'), className: 'merit-taken is-thermal' },
                ]}
            />
        </>
    )
}
