/** The ledger of the day's deviations: from whom, how much energy, what it cost; and who answered. To the cent. */
import type { Ledger } from '@gridverse/plan'
import type { VppDayCard } from '../fleet-types.ts'
import { dayAxis } from './frame.ts'
import { type Shell, useShell } from './shell.ts'

export const sourceName = ({ tOr }: Shell, source: string) => tOr(`vpp.source.${source}`, source)

export function LedgerTables({ ledger, currency, card }: { ledger: Ledger; currency: string; card: VppDayCard }) {
    const shell = useShell()
    const { t, number, save, toCsv } = shell
    const { minor } = ledger.realised
    const money = (coins: number) => number(coins / minor, 2)
    const kwh = (wh: number) => number(wh / 1000, 1)
    const sums = (of: 'volumeWh' | 'amount' | 'imbalance' | 'answers', source: string) =>
        ledger.entries.reduce((sum, e) => (e.source === source ? sum + e[of] : sum), 0)
    const sources = [...new Set(ledger.entries.map((e) => e.source))]
    const answered = [...new Set(ledger.answers.map((a) => a.resource))].map((resource) => ({
        resource,
        wh: ledger.answers.reduce((sum, a) => (a.resource === resource ? sum + a.volumeWh : sum), 0),
    }))
    const { xText } = dayAxis({ periods: card.periods.length, dtH: (card.periodS ?? 3600) / 3600 }, shell, card.startMs)
    const largest = [...ledger.entries].sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount)).slice(0, 12)
    return (
        <section data-testid="day-ledger">
            <h3>
                {t('vpp.ledger')}{' '}
                <button
                    type="button"
                    className="link vpp-csv"
                    aria-label={t('vpp.csvOf', { what: t('vpp.ledger') })}
                    onClick={() =>
                        save(
                            'ledger.csv',
                            toCsv({
                                header: [
                                    'period',
                                    'source',
                                    'Wh',
                                    `imbalance [${currency}/${minor}]`,
                                    `answers [${currency}/${minor}]`,
                                    `amount [${currency}/${minor}]`,
                                ],
                                rows: ledger.entries.map((e) => [xText(e.period), e.source, e.volumeWh, e.imbalance, e.answers, e.amount]),
                            }),
                            'text/csv',
                        )
                    }
                >
                    CSV
                </button>
            </h3>
            <div className="vpp-ledger">
                <div className="vpp-scroll">
                    <table className="plain">
                        <thead>
                            <tr>
                                <th>{t('vpp.ledger.source')}</th>
                                <th className="is-number">{t('vpp.ledger.volume')}</th>
                                <th className="is-number">{t('vpp.ledger.imbalance', { currency })}</th>
                                <th className="is-number">{t('vpp.ledger.answers', { currency })}</th>
                                <th className="is-number">{t('vpp.ledger.amount', { currency })}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {sources.map((source) => (
                                <tr key={source}>
                                    <td>{sourceName(shell, source)}</td>
                                    <td className="is-number">{kwh(sums('volumeWh', source))}</td>
                                    <td className="is-number">{money(sums('imbalance', source))}</td>
                                    <td className="is-number">{money(sums('answers', source))}</td>
                                    <td className="is-number">{money(sums('amount', source))}</td>
                                </tr>
                            ))}
                            <tr>
                                <td>{t('vpp.ledger.undisturbed')}</td>
                                <td />
                                <td />
                                <td />
                                <td className="is-number">{money(ledger.undisturbed)}</td>
                            </tr>
                            <tr className="is-own">
                                <td>{t('vpp.ledger.total')}</td>
                                <td />
                                <td />
                                <td />
                                <td className="is-number" data-testid="ledger-total">
                                    {money(ledger.total)}
                                </td>
                            </tr>
                        </tbody>
                    </table>
                </div>
                <div className="vpp-scroll">
                    <table className="plain">
                        <thead>
                            <tr>
                                <th>{t('vpp.ledger.who')}</th>
                                <th className="is-number">{t('vpp.ledger.more')}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {answered.map(({ resource, wh }) => (
                                <tr key={resource}>
                                    <td>{sourceName(shell, resource)}</td>
                                    <td className="is-number">{kwh(wh)}</td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
                {largest.length > 0 && (
                    <div className="vpp-scroll">
                        <table className="plain">
                            <thead>
                                <tr>
                                    <th>{t('vpp.ledger.largest')}</th>
                                    <th />
                                    <th className="is-number">{t('vpp.ledger.volume')}</th>
                                    <th className="is-number">{t('vpp.ledger.amount', { currency })}</th>
                                </tr>
                            </thead>
                            <tbody>
                                {largest.map((e) => (
                                    <tr key={`${e.period}-${e.source}`}>
                                        <td>{xText(e.period)}</td>
                                        <td>{sourceName(shell, e.source)}</td>
                                        <td className="is-number">{kwh(e.volumeWh)}</td>
                                        <td className="is-number">{money(e.amount)}</td>
                                    </tr>
                                ))}
                            </tbody>
                        </table>
                    </div>
                )}
            </div>
        </section>
    )
}
