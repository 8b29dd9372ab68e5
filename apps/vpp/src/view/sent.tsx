/** What was sent to the field, by kind: dispatch, prediction, market position, diagnosis; to whom, and who acknowledged it when. */
import type { NoticeCard } from '../field-types.ts'
import type { OrderCard } from '../fleet-types.ts'
import './field.css'
import { type Shell, useShell } from './shell.ts'

const kinds = ['dispatch', 'prediction', 'market', 'diagnosis'] as const
type Kind = (typeof kinds)[number]

interface Sent {
    readonly id: string
    readonly kind: Kind
    readonly tMs: number
    readonly what: string
    readonly to: string
    readonly count: number
    readonly done: number
    readonly lastMs: number | null
    readonly p99: number | null
    readonly isRefused: boolean
    readonly declined: readonly string[]
    readonly lost: readonly string[]
}

/** `only` is part of the address, so that one kind may be linked to. */
export function SentToField({ only }: { only: string }) {
    const shell = useShell()
    const { t, useGet, href, number, time, FailureLine } = shell
    const notices = useGet<NoticeCard[]>('/vpp/notices?limit=60', { everyMs: 3000 })
    const orders = useGet<OrderCard[]>('/vpp/orders?limit=20', { everyMs: 3000 })
    const kind = kinds.find((k) => k === only)
    const rows = [
        ...(orders.state === 'ready' ? orders.data.map((card) => ofOrder(shell, card)) : []),
        ...(notices.state === 'ready' ? notices.data.map((card) => ofNotice(shell, card)) : []),
    ]
        .filter((row) => kind === undefined || row.kind === kind)
        .sort((a, b) => b.tMs - a.tMs)
        .slice(0, 16)
    return (
        <section data-testid="day-field">
            <h3>{t('vpp.field')}</h3>
            <p className="dim">{t('vpp.field.about')}</p>
            <nav className="row" aria-label={t('vpp.field.kinds')}>
                <a href={href('day')} aria-current={kind === undefined ? 'true' : undefined}>
                    {t('vpp.field.all')}
                </a>
                {kinds.map((k) => (
                    <a key={k} href={href(`day/${k}`)} aria-current={kind === k ? 'true' : undefined} data-testid={`field-${k}`}>
                        {t(`vpp.field.kind.${k}`)}
                    </a>
                ))}
            </nav>
            {notices.state === 'failed' && <FailureLine failure={notices.failure} />}
            {rows.length === 0 ? (
                <p className="dim">{t('vpp.field.none')}</p>
            ) : (
                <div className="vpp-scroll">
                    <table className="plain vpp-stacked">
                        <thead>
                            <tr>
                                <th>{t('vpp.field.sent')}</th>
                                <th>{t('vpp.field.kindOf')}</th>
                                <th>{t('vpp.field.what')}</th>
                                <th>{t('vpp.field.to')}</th>
                                <th>{t('vpp.field.acknowledged')}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {rows.map((row) => (
                                <tr key={row.id} data-kind={row.kind} data-acknowledged={row.done}>
                                    <td>{time(row.tMs)}</td>
                                    <td>{t(`vpp.field.kind.${row.kind}`)}</td>
                                    <td>{row.what}</td>
                                    <td data-label={t('vpp.field.to')}>{row.to}</td>
                                    <td data-label={t('vpp.field.acknowledged')}>
                                        {row.isRefused ? (
                                            <span className="beyond-1">▲ {t('vpp.field.refused')}</span>
                                        ) : (
                                            t('vpp.field.count', { done: number(row.done, 0), all: number(row.count, 0) })
                                        )}
                                        {row.lastMs !== null && row.p99 !== null && (
                                            <span className="dim">
                                                {' '}
                                                · {t('vpp.field.last', { at: time(row.lastMs), ms: number(row.p99, 0) })}
                                            </span>
                                        )}
                                        <Named of="vpp.field.declined" names={row.declined} />
                                        <Named of="vpp.field.lost" names={row.lost} />
                                    </td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
        </section>
    )
}

function Named({ of, names }: { of: 'vpp.field.declined' | 'vpp.field.lost'; names: readonly string[] }) {
    const { t } = useShell()
    if (names.length === 0) return null
    return (
        <div className="beyond-1" title={names.join('\n')}>
            ▲ {t(of, { count: names.length, names: names.slice(0, 3).join(', ') })}
        </div>
    )
}

const toWhom = ({ t, number }: Shell, count: number, one: string | undefined) =>
    count === 1 && one ? one : t('vpp.field.devices', { count: number(count, 0) })

function ofOrder(shell: Shell, card: OrderCard): Sent {
    const { t, number } = shell
    const { p99, max } = card.confirmMs
    return {
        id: card.id,
        kind: 'dispatch',
        tMs: card.createdMs,
        what: card.askedKw === null ? t('vpp.order.released') : t('vpp.field.setpoints', { kw: number(card.orderedKw, 1) }),
        to: toWhom(shell, card.setpoints, undefined),
        count: card.setpoints,
        done: card.confirmed,
        lastMs: max === null ? null : card.createdMs + max,
        p99,
        isRefused: card.state === 'refused',
        declined: [],
        lost: card.lost,
    }
}

function ofNotice(shell: Shell, card: NoticeCard): Sent {
    return {
        id: card.id,
        kind: card.kind,
        tMs: card.createdMs,
        what: whatOf(shell, card),
        to: toWhom(shell, card.recipients, card.example?.resource),
        count: card.recipients,
        done: card.acknowledged,
        lastMs: card.acknowledgedMs,
        p99: card.ackMs.p99,
        isRefused: card.state === 'refused',
        declined: card.declined.map(({ id, reason }) => `${id}: ${reason}`),
        lost: card.lost,
    }
}

function whatOf({ t, tOr, number }: Shell, { example, reason }: NoticeCard): string {
    if (!example) return reason
    const { body, resource } = example
    if (body.kind === 'diagnosis')
        return t('vpp.field.diagnosed', {
            cause: tOr(`vpp.cause.${body.cause}`, body.cause),
            inspect: body.inspect ? t('vpp.field.inspect') : '',
        })
    const kw = body.kw.map((x) => (x === null ? '–' : number(x, 1))).join(' · ')
    if (body.kind === 'market') return t('vpp.field.position', { kw })
    return body.kw.length === 0 ? t('vpp.field.withdrawn') : t('vpp.field.schedule', { periods: body.kw.length, resource, kw })
}
