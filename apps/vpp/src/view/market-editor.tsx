/** Prices by hour of the day, edited in a table and seen as a chart; limits of the connection and what risk is measured at beside them. */
import { NumberInput, TextInput } from '@mantine/core'
import type { ClipboardEvent } from 'react'
import { type PriceName, priceNames, type VppMarket } from '../market.ts'
import { digitsOf, rangeWithZero, steps } from './frame.ts'
import { useShell } from './shell.ts'

export function MarketEditor({ market, set }: { market: VppMarket; set?: ((market: VppMarket) => void) | undefined }) {
    const { t } = useShell()
    const numbers = [
        ['importMaxKw', 'kW', Infinity],
        ['exportMaxKw', 'kW', Infinity],
        ['carbonPrice', `${market.currency}/kg`, Infinity],
        ['alpha', '', 0.999],
        ['beta', '', 1],
    ] as const
    return (
        <div className="vpp-market" data-testid="market-editor">
            <PricePlot market={market} />
            <div className="vpp-form">
                <TextInput
                    label={t('vpp.market.currency')}
                    value={market.currency}
                    onChange={(e) => set?.({ ...market, currency: e.currentTarget.value })}
                    disabled={!set}
                />
                {numbers.map(([name, unit, most]) => (
                    <NumberInput
                        key={name}
                        label={`${t(`vpp.market.${name}`)}${unit ? ` [${unit}]` : ''}`}
                        value={market[name]}
                        onChange={(value) => value !== '' && set?.({ ...market, [name]: Number(value) })}
                        min={0}
                        max={most}
                        decimalScale={4}
                        disabled={!set}
                        data-testid={`market-${name}`}
                    />
                ))}
            </div>
            <PriceTable market={market} set={set} />
        </div>
    )
}

function PricePlot({ market }: { market: VppMarket }) {
    const { t, number, Plot, Legend } = useShell()
    const yRange = rangeWithZero(priceNames.flatMap((name) => market[name]))
    const clock = (h: number) => `${String(h).padStart(2, '0')}:00`
    return (
        <div>
            <Plot
                title={t('vpp.market.plot')}
                testId="chart-market"
                height={230}
                xRange={[0, 24]}
                yRange={yRange}
                xTicks={[0, 4, 8, 12, 16, 20, 24]}
                xText={clock}
                yText={(p) => number(p, digitsOf(yRange))}
                xLabel={t('vpp.hour')}
                yLabel={`${market.currency}/kWh`}
                table={() => ({
                    header: [t('vpp.hour'), ...priceNames.map((name) => t(`vpp.price.${name}`))],
                    rows: Array.from({ length: 24 }, (_, h) => [clock(h), ...priceNames.map((name) => market[name][h] ?? null)]),
                })}
            >
                {({ x, y }) =>
                    priceNames.map((name) => <path key={name} className={`line-price line-${name}`} d={steps(market[name], x, y)} />)
                }
            </Plot>
            <Legend items={priceNames.map((name) => ({ name: t(`vpp.price.${name}`), className: `key-${name}` }))} />
        </div>
    )
}

/** A cell takes one price, or a column copied from a sheet: the hours below are filled. */
function PriceTable({ market, set }: { market: VppMarket; set?: ((market: VppMarket) => void) | undefined }) {
    const { t } = useShell()
    const put = (name: PriceName, hour: number, values: readonly number[]) => {
        const next = [...market[name]]
        values.forEach((value, k) => {
            if (hour + k < 24) next[hour + k] = value
        })
        set?.({ ...market, [name]: next })
    }
    const paste = (event: ClipboardEvent, name: PriceName, hour: number) => {
        const rows = event.clipboardData
            .getData('text')
            .trim()
            .split(/[\s;]+/)
        const values = rows.map((cell) => Number(cell.replace(',', '.')))
        if (rows.length < 2 || values.some(Number.isNaN)) return
        event.preventDefault()
        put(name, hour, values)
    }
    return (
        <section className="vpp-scroll vpp-prices" aria-label={t('vpp.market.table')}>
            <table className="plain" data-testid="market-table">
                <caption>{t('vpp.market.paste')}</caption>
                <thead>
                    <tr>
                        <th>{t('vpp.hour')}</th>
                        {priceNames.map((name) => (
                            <th key={name} className="is-number" title={t(`vpp.price.${name}About`)}>
                                {t(`vpp.price.${name}`)} [{market.currency}/kWh]
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {Array.from({ length: 24 }, (_, h) => (
                        <tr key={h}>
                            <th scope="row">{`${String(h).padStart(2, '0')}:00`}</th>
                            {priceNames.map((name) => (
                                <td key={name} className="is-number">
                                    <input
                                        type="number"
                                        step="any"
                                        value={market[name][h] ?? ''}
                                        aria-label={`${t(`vpp.price.${name}`)} ${String(h).padStart(2, '0')}:00`}
                                        readOnly={!set}
                                        onChange={(e) => e.currentTarget.value !== '' && put(name, h, [Number(e.currentTarget.value)])}
                                        onPaste={(e) => paste(e, name, h)}
                                        data-testid={`price-${name}-${h}`}
                                    />
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </section>
    )
}
