/** One resource: what it is, what it measures, what it could do, and what is wrong with it. */
import { type ResourceQuantityName, resourceTables } from '@gridverse/assets'
import type { NumColumn, Table } from '@gridverse/units'
import type { ResourceState } from '../fleet-types.ts'
import { kindName, resourceName, useThen } from './fleet.ts'
import { Charge } from './groups.tsx'
import { part, useShell } from './shell.ts'
import { TwinFacts } from './twin-facts.tsx'

interface PanelProps {
    readonly id: string
    readonly close?: () => void
    readonly removed?: () => void
}

export function ResourcePanel({ id, close, removed }: PanelProps) {
    const shell = useShell()
    const { t, tOr, number, dateTime, useAction, remove, mayAct, mightAct, href, pick, HoldButton, FailureLine, Failed, Loading } = shell
    const state = useThen<ResourceState>(`/vpp/resources/${part(id)}`, 2000)
    const drop = useAction(async () => {
        await remove(`/vpp/resources/${part(id)}`)
        removed?.()
    })
    if (state.state === 'loading') return <Loading />
    if (state.state === 'failed') return <Failed failure={state.failure} retry={state.reload} />
    const { resource: r, link, availability: a, values, underDelivery, imputed } = state.data
    const table = resourceTables[r.kind] as Table
    const soc = values.socPercent?.value
    const kw = (value: number | null | undefined) => (value === null || value === undefined ? '–' : `${number(value, 2)} kW`)
    return (
        <aside className="vpp-panel" data-testid="resource-panel" aria-label={resourceName(shell, r)}>
            <header>
                <div>
                    <h3>{resourceName(shell, r)}</h3>
                    <p className="dim">
                        {kindName(shell, r.kind)} · {r.id} · {r.group}
                    </p>
                </div>
                {close && (
                    <button type="button" className="quiet" onClick={close} aria-label={t('vpp.close')}>
                        ✕
                    </button>
                )}
            </header>
            <p className={link === 'online' ? '' : 'beyond-1'}>
                {link === 'online' ? '' : '▲ '}
                {t(`vpp.link.${link}`)}
                {state.data.ageS === null ? '' : ` · ${t('vpp.panel.age', { seconds: number(state.data.ageS, 1) })}`}
                {state.data.device ? ` · ${state.data.device}` : ''}
            </p>
            {state.data.order && (
                <p data-testid="resource-order">
                    {t('vpp.panel.order', { by: state.data.order.by, until: dateTime(state.data.order.untilMs) })} ·{' '}
                    {t(state.data.readBack ? 'vpp.panel.orderBack' : 'vpp.panel.orderNotBack')}
                </p>
            )}
            {state.data.held && (
                <p>
                    ⏸ {state.data.held.by}: {state.data.held.reason} ({dateTime(state.data.held.sinceMs)})
                </p>
            )}
            {underDelivery && (
                <div className="vpp-under">
                    <b className="beyond-1">
                        ▲ {t('vpp.panel.under', { asked: number(underDelivery.askedKw, 1), gave: number(underDelivery.gaveKw, 1) })}
                    </b>
                    <ol>
                        {underDelivery.causes.map((c) => (
                            <li key={c.cause} title={c.message}>
                                {t(`vpp.cause.${c.cause}`)} {number(100 * c.weight, 0)} %
                            </li>
                        ))}
                    </ol>
                </div>
            )}
            <dl className="vpp-facts-list">
                <Fact name={t('vpp.fact.power')} value={kw(state.data.pKw)} />
                <Fact name={t('vpp.fact.baseline')} value={kw(state.data.baselineKw)} />
                <Fact name={t('vpp.fact.ordered')} value={kw(state.data.orderedKw)} />
                <Fact name={t('vpp.fact.up')} value={kw(a.upKw)} />
                <Fact name={t('vpp.fact.down')} value={kw(a.downKw)} />
                <Fact name={t('vpp.fact.coverage')} value={`${number(100 * state.data.coverage, 0)} %`} />
                {soc !== undefined && soc !== null && (
                    <div>
                        <dt>{t('vpp.fact.soc')}</dt>
                        <dd>
                            <Charge percent={soc} />
                        </dd>
                    </div>
                )}
            </dl>
            <TwinFacts state={state.data} />
            <h4>{t('vpp.panel.points')}</h4>
            <dl className="vpp-facts-list">
                {Object.entries(values).map(([name, v]) => (
                    <Fact
                        key={name}
                        name={t(`vpp.quantity.${name as ResourceQuantityName}`)}
                        value={
                            v.value === null
                                ? '–'
                                : v.unit === ''
                                  ? t(v.value >= 0.5 ? 'vpp.yes' : 'vpp.no')
                                  : `${number(v.value, 2)} ${v.unit}`
                        }
                        note={
                            imputed.includes(name as ResourceQuantityName)
                                ? t('vpp.panel.imputed')
                                : v.quality === 'good'
                                  ? ''
                                  : t(`vpp.quality.${v.quality}`)
                        }
                    />
                ))}
            </dl>
            <details>
                <summary>{t('vpp.panel.described')}</summary>
                <dl className="vpp-facts-list">
                    {Object.entries(r)
                        .filter(([name, value]) => !['id', 'name', 'nameZh', 'kind', 'group'].includes(name) && value !== '')
                        .map(([name, value]) => (
                            <Fact
                                key={name}
                                name={tOr(`vpp.field.${name}`, name)}
                                value={`${typeof value === 'number' ? String(value) : String(value)} ${(table[name] as NumColumn | undefined)?.unit ?? ''}`}
                            />
                        ))}
                </dl>
            </details>
            <p className="vpp-report-foot">
                {removed ? (
                    <button type="button" className="link" onClick={() => pick(`resource/${r.id}`, true)} data-testid="resource-in-world">
                        {t('vpp.panel.world')}
                    </button>
                ) : (
                    <a href={href(`devices/resource/${r.id}`)} data-testid="resource-at-desk">
                        {t('vpp.panel.desk')}
                    </a>
                )}
                {r.connection && (
                    <button type="button" className="link" onClick={() => pick(r.connection)}>
                        {r.connection}
                    </button>
                )}
            </p>
            {(mayAct || mightAct) && removed && (
                <HoldButton onHeld={() => void drop.run()} disabled={!mayAct || drop.busy} testId="resource-remove">
                    {t('vpp.panel.remove')}
                </HoldButton>
            )}
            <FailureLine failure={drop.failure} />
        </aside>
    )
}

export function Fact({ name, value, note = '' }: { name: string; value: string; note?: string }) {
    return (
        <div>
            <dt>{name}</dt>
            <dd>
                {value}
                {note && <small> {note}</small>}
            </dd>
        </div>
    )
}
