/** The market as it is: prices and limits changed by a supervisor with a reason, and everything that was changed, by whom. */
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { MarketChange, VppMarket } from '../market.ts'
import { MarketEditor } from './market-editor.tsx'
import { useShell } from './shell.ts'

export function MarketTab() {
    const { useGet, Loading, Failed } = useShell()
    const market = useGet<VppMarket>('/vpp/market')
    const history = useGet<MarketChange[]>('/vpp/market/history')
    if (market.state === 'loading') return <Loading />
    if (market.state === 'failed') return <Failed failure={market.failure} retry={market.reload} />
    return (
        <div className="vpp-market-tab">
            <Change
                key={JSON.stringify(market.data)}
                market={market.data}
                done={() => {
                    market.reload()
                    history.reload()
                }}
            />
            {history.state === 'ready' && <History changes={history.data} />}
        </div>
    )
}

function Change({ market, done }: { market: VppMarket; done: () => void }) {
    const { t, put, supervises, useAction, FailureLine } = useShell()
    const [draft, setDraft] = useState(market)
    const [reason, setReason] = useState('')
    const changed = (Object.keys(market) as (keyof VppMarket)[]).filter(
        (name) => JSON.stringify(draft[name]) !== JSON.stringify(market[name]),
    )
    const save = useAction(async () => {
        await put('/vpp/market', { ...Object.fromEntries(changed.map((name) => [name, draft[name]])), reason })
        done()
    })
    return (
        <>
            <MarketEditor market={draft} set={supervises ? setDraft : undefined} />
            {supervises ? (
                <form
                    className="vpp-save"
                    onSubmit={(event) => {
                        event.preventDefault()
                        void save.run()
                    }}
                >
                    <TextInput
                        label={t('vpp.market.reason')}
                        value={reason}
                        onChange={(e) => setReason(e.currentTarget.value)}
                        required
                        data-testid="market-reason"
                    />
                    <Button type="submit" loading={save.busy} disabled={changed.length === 0} data-testid="market-save">
                        {t('vpp.market.save', { count: changed.length })}
                    </Button>
                    <Button variant="default" disabled={changed.length === 0} onClick={() => setDraft(market)}>
                        {t('vpp.market.undo')}
                    </Button>
                    <FailureLine failure={save.failure} />
                </form>
            ) : (
                <p className="dim">{t('vpp.market.readOnly')}</p>
            )}
        </>
    )
}

function History({ changes }: { changes: readonly MarketChange[] }) {
    const { t, dateTime, tOr, number } = useShell()
    if (changes.length === 0) return <p className="dim">{t('vpp.market.noChanges')}</p>
    /** of prices how many hours, of figures from what to what */
    const told = ({ before, after }: MarketChange, name: string) => {
        const [was, is] = [(before as Record<string, unknown>)[name], (after as Record<string, unknown>)[name]]
        const label = tOr(`vpp.price.${name}`, tOr(`vpp.market.${name}`, name))
        if (!Array.isArray(was) || !Array.isArray(is)) return `${label}: ${String(was)} → ${String(is)}`
        const hours = is.flatMap((p, h) => (p === was[h] ? [] : [h]))
        const [first] = hours
        return first === undefined
            ? label
            : hours.length === 1
              ? `${label} ${String(first).padStart(2, '0')}:00: ${number(was[first], 4)} → ${number(is[first], 4)}`
              : t('vpp.market.hours', { price: label, count: hours.length })
    }
    return (
        <section className="vpp-scroll">
            <h3>{t('vpp.market.history')}</h3>
            <table className="plain" data-testid="market-history">
                <thead>
                    <tr>
                        <th>{t('vpp.market.when')}</th>
                        <th>{t('vpp.market.who')}</th>
                        <th>{t('vpp.market.what')}</th>
                        <th>{t('vpp.market.reason')}</th>
                    </tr>
                </thead>
                <tbody>
                    {changes.map((change) => (
                        <tr key={change.tMs}>
                            <td>{dateTime(change.tMs)}</td>
                            <td>{change.by}</td>
                            <td>
                                {Object.keys(change.after)
                                    .map((name) => told(change, name))
                                    .join(' · ')}
                            </td>
                            <td>{change.reason}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </section>
    )
}
