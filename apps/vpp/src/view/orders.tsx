/** Telling the fleet what to do: an order for a group or all, what the gate says to it, and what came of it. */
import { Button, NumberInput, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { FleetSummary, NewOrder, OrderCard } from '../fleet-types.ts'
import { part, useShell } from './shell.ts'

export function Orders({ now }: { now: FleetSummary }) {
    const { t, useGet, mayAct, mightAct, instantMs, FailureLine } = useShell()
    const past = instantMs !== undefined
    const list = useGet<OrderCard[]>(past ? undefined : '/vpp/orders?limit=20', { everyMs: 1500 })
    if (past)
        return mightAct ? (
            <fieldset disabled className="vpp-off" data-testid="vpp-orders-off">
                <legend>{t('vpp.orders')}</legend>
                <p className="dim">{t('vpp.past.about')}</p>
                <OrderForm now={now} done={() => undefined} off />
            </fieldset>
        ) : null
    return (
        <section>
            <h3>{t('vpp.orders')}</h3>
            {mayAct && <OrderForm now={now} done={list.reload} />}
            {list.state === 'failed' && <FailureLine failure={list.failure} />}
            {list.state === 'ready' && list.data.length === 0 && <p className="dim">{t('vpp.order.none')}</p>}
            {list.state === 'ready' && list.data.length > 0 && (
                <ul className="vpp-orders" data-testid="vpp-orders">
                    {list.data.map((card) => (
                        <Order key={card.id} card={card} reload={list.reload} />
                    ))}
                </ul>
            )}
        </section>
    )
}

function OrderForm({ now, done, off = false }: { now: FleetSummary; done: () => void; off?: boolean }) {
    const { t, number, post, useAction, HoldButton, FailureLine } = useShell()
    const [group, setGroup] = useState<string | null>(null)
    const [kw, setKw] = useState<number | string>('')
    const [minutes, setMinutes] = useState<number | string>(15)
    const [reason, setReason] = useState('')
    const of = group === null ? now : now.groups.find((g) => g.id === group)
    const send = useAction(async (change: Partial<NewOrder>) => {
        const order: NewOrder = {
            ...(group === null ? {} : { groups: [group] }),
            reason: reason.trim() || t('vpp.order.byHand'),
            ...change,
        }
        await post<OrderCard>('/vpp/orders', order)
        done()
    })
    const given = typeof kw === 'number'
    return (
        <form className="study-form" onSubmit={(e) => e.preventDefault()}>
            <Select
                label={t('vpp.col.group')}
                placeholder={t('vpp.order.all')}
                data={now.groups.map((g) => g.id)}
                value={group}
                onChange={setGroup}
                clearable
                searchable
            />
            <NumberInput
                label={t('vpp.order.power')}
                inputWrapperOrder={['label', 'input', 'description']}
                description={
                    of &&
                    t('vpp.order.range', {
                        low: number(of.pKw - of.availability.downKw, 0),
                        high: number(of.pKw + of.availability.upKw, 0),
                    })
                }
                value={kw}
                onChange={setKw}
                data-testid="order-kw"
            />
            <NumberInput label={t('vpp.order.minutes')} value={minutes} onChange={setMinutes} min={1} max={1440} />
            <TextInput label={t('vpp.order.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
            <HoldButton
                onHeld={() => void send.run({ totalKw: Number(kw), forS: 60 * Number(minutes) })}
                disabled={off || !given || send.busy}
                testId="order-send"
            >
                {given ? t('vpp.order.send', { kw: number(kw as number, 0) }) : t('vpp.order.sendWhat')}
            </HoldButton>
            <HoldButton onHeld={() => void send.run({ release: true })} disabled={off || send.busy} testId="order-release">
                {t('vpp.order.release')}
            </HoldButton>
            <FailureLine failure={send.failure} />
        </form>
    )
}

function Order({ card, reload }: { card: OrderCard; reload: () => void }) {
    const { t, tOr, number, dateTime, post, person, mayAct, useAction, HoldButton, FailureLine } = useShell()
    const act = useAction(async (what: 'confirm' | 'cancel') => {
        await post(`/vpp/orders/${part(card.id)}/${what}`)
        reload()
    })
    const failing = card.checks.filter((check) => !check.pass)
    const kw = (value: number | null) => (value === null ? t('vpp.order.released') : `${number(value, 1)} kW`)
    const missing = card.setpoints - card.confirmed
    // a reason why somebody was left out has words of its own
    const said = ({ code, args, message }: OrderCard['checks'][number]) =>
        tOr(`vpp.check.${code}`, message, {
            ...args,
            ...(args?.why === undefined ? {} : { why: tOr(`vpp.leftOut.${args.why}`, `${args.why}`) }),
        })
    return (
        <li data-state={card.state} data-testid={`order-${card.state}`}>
            <b className={['refused', 'failed', 'partly-confirmed'].includes(card.state) ? 'beyond-1' : ''}>
                {t(`vpp.order.is.${card.state}`)}
            </b>
            <span>
                {kw(card.askedKw)} → {kw(card.orderedKw)}
            </span>
            <span>
                {t('vpp.order.confirmed', { done: number(card.confirmed, 0), all: number(card.setpoints, 0) })}
                {card.confirmMs.p99 === null ? '' : ` · p99 ${number(card.confirmMs.p99, 0)} ms`}
            </span>
            {missing > 0 && card.lost.length > 0 && (
                <span className="beyond-1">▲ {t('vpp.order.lost', { names: card.lost.slice(0, 5).join(', ') })}</span>
            )}
            {card.leftOut.length > 0 && (
                <span className="dim" title={card.leftOut.map((o) => `${o.id}: ${tOr(`vpp.leftOut.${o.why}`, o.why)}`).join('\n')}>
                    {t('vpp.order.leftOut', { count: number(card.leftOut.length, 0) })}
                </span>
            )}
            <span className="dim">
                {card.by} · {dateTime(card.createdMs)} · {card.reason}
            </span>
            {failing.map((check) => (
                <span key={check.rule} className="beyond-1">
                    ▲ {said(check)}
                </span>
            ))}
            <details className="dim">
                <summary>{t('vpp.order.checks')}</summary>
                <ul>
                    {card.checks.map((check) => (
                        <li key={check.rule}>
                            {check.pass ? '✓' : '▲'} {said(check)}
                        </li>
                    ))}
                </ul>
            </details>
            {mayAct && card.state === 'waiting-for-second' && card.by !== person && (
                <HoldButton onHeld={() => void act.run('confirm')} disabled={act.busy} testId="order-confirm">
                    {t('vpp.order.confirm')}
                </HoldButton>
            )}
            {mayAct && (card.state === 'waiting-for-second' || card.state === 'sent') && (
                <Button variant="default" size="compact-xs" onClick={() => void act.run('cancel')}>
                    {t('vpp.order.cancel')}
                </Button>
            )}
            <FailureLine failure={act.failure} />
        </li>
    )
}
