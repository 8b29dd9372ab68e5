/** Every time the rest of the day was decided anew; where devices were lost or came back, the day before and after. */
import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Redecision } from '../field-types.ts'
import type { VppDayCard } from '../fleet-types.ts'
import { constraintName } from './constraint-name.ts'
import { useShell } from './shell.ts'

export function Replans({ card: { replans, currency } }: { card: VppDayCard }) {
    const shell = useShell()
    const { t, tOr, number, time } = shell
    const [all, setAll] = useState(false)
    const shown = all ? [...replans].reverse() : replans.slice(-6).reverse()
    const last = replans.findLast(({ change }) => change)
    return (
        <section data-testid="day-replans">
            <h3>{t('vpp.day.replans', { count: replans.length })}</h3>
            {last?.change && <Change change={last.change} currency={currency} tMs={last.tMs} isOpen />}
            <div className="vpp-scroll">
                <table className="plain">
                    <tbody>
                        {shown.map((r, k) => (
                            <tr key={`${r.tMs}-${k}`}>
                                <td>{time(r.tMs)}</td>
                                <td>{tOr(`vpp.why.${r.why.replaceAll(' ', '-')}`, r.why)}</td>
                                <td className="is-number">
                                    {r.expectedCost === null ? '–' : t('vpp.day.rest', { cost: number(r.expectedCost, 2), currency })}
                                </td>
                                <td>
                                    {r.change && r !== last ? (
                                        <Change change={r.change} currency={currency} tMs={r.tMs} />
                                    ) : (
                                        <span className="dim">{r.left.map((name) => constraintName(shell, name)).join(', ')}</span>
                                    )}
                                </td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
            {replans.length > 6 && (
                <Button variant="default" size="compact-xs" onClick={() => setAll(!all)}>
                    {t(all ? 'vpp.less' : 'vpp.more')}
                </Button>
            )}
        </section>
    )
}

/** The first few, and how many more. */
const someOf = (names: readonly string[]) => names.slice(0, 4).join(', ') + (names.length > 4 ? ` … +${names.length - 4}` : '')

/** The same rest of the day with and without who was lost or found: trade, setpoints, cost. */
function Change({ change, currency, tMs, isOpen = false }: { change: Redecision; currency: string; tMs: number; isOpen?: boolean }) {
    const { t, number, time } = useShell()
    const { lost, found, before, after } = change
    const costs = before.restCost === null || after.restCost === null ? null : after.restCost - before.restCost
    const names = someOf(lost.map(({ resource, why }) => `${resource} (${t(`vpp.cause.${why}`)})`))
    const rows = [
        { name: t('vpp.change.committed'), was: before.committedKw, is: after.committedKw, digits: 1 },
        { name: t('vpp.change.imbalance'), was: before.imbalanceKw, is: after.imbalanceKw, digits: 1 },
        ...after.units.map(({ unit, kw }) => ({
            name: t('vpp.change.unit', { unit }),
            was: before.units.find((u) => u.unit === unit)?.kw ?? 0,
            is: kw,
            digits: 1,
        })),
        { name: t('vpp.change.rest', { currency }), was: before.restCost, is: after.restCost, digits: 2 },
    ].filter(({ was, is }, k) => k < 2 || was === null || is === null || Math.abs(was - is) >= 0.05)
    return (
        <details open={isOpen} className="vpp-change" data-testid="day-change">
            <summary>
                {time(tMs)} ·{' '}
                {[names && t('vpp.change.lost', { names }), found.length > 0 && t('vpp.change.found', { names: someOf(found) })]
                    .filter(Boolean)
                    .join(' · ')}
                {costs !== null && (
                    <b> · {t(costs >= 0 ? 'vpp.change.costs' : 'vpp.change.saves', { cost: number(Math.abs(costs), 2), currency })}</b>
                )}
            </summary>
            <div className="vpp-scroll">
                <table className="plain">
                    <caption>{t('vpp.change.show')}</caption>
                    <thead>
                        <tr>
                            <th>{t('vpp.change.what')}</th>
                            <th className="is-number">{t('vpp.change.before')}</th>
                            <th className="is-number">{t('vpp.change.after')}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {rows.map(({ name, was, is, digits }) => (
                            <tr key={name}>
                                <td>{name}</td>
                                <td className="is-number">{number(was, digits)}</td>
                                <td className="is-number">{number(is, digits)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </details>
    )
}
