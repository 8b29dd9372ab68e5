/** The moment of the past the desk stands at: said clearly, with the way back. */
import { Button } from '@mantine/core'
import type { StandingOrder } from '../fleet-types.ts'
import { useThen } from './fleet.ts'
import { useShell } from './shell.ts'

/** `replayed`: whether the page below shows that moment, or is one that knows only now. */
export function PastBar({ replayed }: { replayed: boolean }) {
    const { t, dateTime, instantMs, goLive } = useShell()
    if (instantMs === undefined) return null
    return (
        <div className="vpp-past" role="status" data-testid="vpp-past" data-at={instantMs}>
            <b>⏪ {t('vpp.past', { time: dateTime(instantMs) })}</b>
            <span>{t(replayed ? 'vpp.past.about' : 'vpp.past.notReplayed')}</span>
            <Button variant="default" size="compact-sm" onClick={goLive} data-testid="vpp-past-live">
                {t('vpp.past.live')}
            </Button>
        </div>
    )
}

/** Orders in force at the moment: who gave them, until when, and whether the devices said them back. */
export function OrdersThen() {
    const { t, number, dateTime, time, FailureLine } = useShell()
    const list = useThen<StandingOrder[]>('/vpp/orders/standing')
    return (
        <section>
            <h3>{t('vpp.past.orders')}</h3>
            {list.state === 'failed' && <FailureLine failure={list.failure} />}
            {list.state === 'ready' && list.data.length === 0 && (
                <p className="dim" data-testid="vpp-orders-none">
                    {t('vpp.past.noOrders')}
                </p>
            )}
            {list.state === 'ready' && list.data.length > 0 && (
                <div className="vpp-scroll">
                    <table className="plain" data-testid="vpp-orders-then">
                        <thead>
                            <tr>
                                <th>{t('vpp.col.by')}</th>
                                <th>{t('vpp.col.since')}</th>
                                <th>{t('vpp.col.until')}</th>
                                <th className="is-number">{t('vpp.col.ordered')}</th>
                                <th className="is-number">{t('vpp.col.stands')}</th>
                                <th className="is-number">{t('vpp.col.readBack')}</th>
                                <th>{t('vpp.col.reason')}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {list.data.map((o) => (
                                <tr key={o.id} data-testid={`order-then-${o.id}`}>
                                    <td>{[o.by, o.approvedBy].filter(Boolean).join(', ')}</td>
                                    <td>{dateTime(o.sinceMs)}</td>
                                    <td>{time(o.untilMs)}</td>
                                    <td className="is-number">{number(o.orderedKw, 1)}</td>
                                    <td className="is-number">{number(o.standing, 0)}</td>
                                    <td className={`is-number${o.readBack < o.standing ? ' beyond-1' : ''}`}>
                                        {o.readBack < o.standing ? '▲ ' : ''}
                                        {number(o.readBack, 0)}
                                    </td>
                                    <td>{o.reason}</td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
        </section>
    )
}
