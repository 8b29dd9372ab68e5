/** Amounts of money, each from where the one before ended, to their sum: shown parts add up to the shown whole. */
import type { DayReport } from '../report.ts'
import { useShell } from './shell.ts'
import { roundToSum } from './sums.ts'

interface WaterfallProps {
    readonly title: string
    readonly currency: string
    readonly items: readonly { readonly id: string; readonly name: string; readonly amount: number }[]
    readonly sumName: string
    readonly testId: string
}

export function Waterfall({ title, currency, items, sumName, testId }: WaterfallProps) {
    const { number, save, toCsv, t } = useShell()
    const { parts, whole } = roundToSum(items.map((item) => item.amount))
    let at = 0
    const bars = items.flatMap(({ id, name }, k) => {
        const amount = parts[k]!
        const from = at
        at += amount
        return amount === 0 ? [] : [{ id, name, from, to: at, amount }]
    })
    const ends = [0, whole, ...bars.map((b) => b.to)]
    const [low, high] = [Math.min(...ends), Math.max(...ends)]
    const place = (value: number) => (100 * (value - low)) / (high - low || 1)
    const rows = [...bars, { id: 'sum', name: sumName, from: 0, to: whole, amount: whole }]
    return (
        <figure className="plot">
            <figcaption>
                {title}
                <span className="plot-tools">
                    <button
                        type="button"
                        className="link"
                        onClick={() =>
                            save(
                                `${title}.csv`,
                                toCsv({ header: [title, currency], rows: rows.map((r) => [r.name, r.amount]) }),
                                'text/csv',
                            )
                        }
                        aria-label={t('vpp.csvOf', { what: title })}
                    >
                        CSV
                    </button>
                </span>
            </figcaption>
            <ul className="waterfall" data-testid={testId}>
                {rows.map((r) => (
                    <li key={r.id} className={r.id === 'sum' ? 'is-sum' : ''} data-amount={r.amount}>
                        <span>{r.name}</span>
                        <span className="waterfall-track">
                            <i className="waterfall-zero" style={{ left: `${place(0)}%` }} />
                            <i
                                className={
                                    r.id === 'sum' ? 'waterfall-bar is-sum' : r.amount < 0 ? 'waterfall-bar is-gain' : 'waterfall-bar'
                                }
                                style={{
                                    left: `${place(Math.min(r.from, r.to))}%`,
                                    width: `${place(Math.max(r.from, r.to)) - place(Math.min(r.from, r.to))}%`,
                                }}
                            />
                        </span>
                        <b>{`${number(r.amount, 2)} ${currency}`}</b>
                    </li>
                ))}
            </ul>
        </figure>
    )
}

/** The expected costs of a planned day. */
export function CostWaterfall({ day, testId }: { day: DayReport; testId: string }) {
    const { t } = useShell()
    return (
        <Waterfall
            title={t('vpp.costs')}
            currency={day.currency}
            items={Object.entries(day.costs)
                .filter(([name]) => name !== 'operatingCost')
                .map(([name, amount]) => ({ id: name, name: t(`vpp.cost.${name}` as 'vpp.cost.otherCost'), amount }))}
            sumName={t('vpp.cost.operatingCost')}
            testId={testId}
        />
    )
}
