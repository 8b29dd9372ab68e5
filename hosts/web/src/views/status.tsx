/** How the loop is doing: pace, latency, what arrived wrong, and every device. */

import type { DeviceCard, StatusJson } from '@gridverse/twin'
import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { post } from '../model/api.ts'
import { formatAge, formatCount, formatNumber } from '../model/format.ts'
import { latencies, session, totals } from '../model/state.ts'
import { Empty, Failed, FailureLine, Loading, PageHead } from '../parts/pages.tsx'
import { useAction, useCell, useGet, useLang, useSlice } from '../parts/use.ts'
import { t, tOr } from '../text/index.ts'

const stateOrder: DeviceCard['state'][] = ['offline', 'silent', 'online']

export function StatusView() {
    const lang = useLang()
    const status = useGet<StatusJson>('/status', { everyMs: 2000 })
    const { fidelity } = useCell(totals)
    const role = useSlice(session, (s) => (s.state === 'signed-in' ? s.person.role : 'viewer'))
    if (status.state === 'loading') return <Loading />
    if (status.state === 'failed') return <Failed failure={status.failure} retry={status.reload} />
    const { loop, latencyMs, counters, devices } = status.data
    const ms = (v: number | null) => `${formatNumber(v, 1, lang)} ms`
    const tiles: [string, string, string, boolean][] = [
        [t('status.rate'), `${formatCount(loop.pointsPerS, lang)} /s`, t('status.rateAbout'), false],
        [t('status.tick'), ms(loop.tickMs), t('status.tickAbout'), loop.tickMs > 1000],
        [t('status.estimate'), ms(loop.estimateMs), t('status.estimateAbout'), loop.estimateMs > 1000],
        [t('status.lag'), ms(loop.lagMs), t('status.lagAbout'), loop.lagMs > 1000],
        [
            t('status.latency'),
            `${formatNumber(latencyMs.p50, 0, lang)} / ${formatNumber(latencyMs.p99, 0, lang)} ms`,
            t('status.latencyAbout'),
            latencyMs.p99 > 1000,
        ],
    ]
    const screen = latencies.figures()
    if (screen.count > 0)
        tiles.push([
            t('status.screen'),
            `${formatNumber(screen.p50, 0, lang)} / ${formatNumber(screen.p99, 0, lang)} ms`,
            t('status.screenAbout'),
            screen.p99 > 1000,
        ])
    const sorted = [...devices].sort((a, b) => stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state) || a.id.localeCompare(b.id))
    return (
        <div className="page status-view">
            <PageHead title={t('view.status')} about={t('status.about')} />
            <ul className="tiles">
                {tiles.map(([name, value, about, bad]) => (
                    <li key={name} className={bad ? 'beyond-1' : ''} title={about} data-testid={`tile-${name}`}>
                        <small>{name}</small>
                        <b>
                            {bad && <span className="beyond-sign">▲</span>}
                            {value}
                        </b>
                        <span>{about}</span>
                    </li>
                ))}
                {fidelity && (
                    <li className={fidelity.status === 'estimated' || fidelity.status === 'solved' ? '' : 'beyond-1'}>
                        <small>{t('fidelity.name')}</small>
                        <b>{t(`fidelity.${fidelity.status}`)}</b>
                        <span>
                            {t('fidelity.residual', {
                                j: formatNumber(fidelity.objective, 1, lang),
                                limit: formatNumber(fidelity.chiSquareLimit, 1, lang),
                            })}
                            {fidelity.badData.map((b) => ` · ${b.point} (${formatNumber(b.normalisedResidual, 1, lang)})`)}
                        </span>
                    </li>
                )}
            </ul>
            <section>
                <h2>{t('status.counters')}</h2>
                <dl className="facts counters">
                    {Object.entries(counters).map(([name, value]) => (
                        <div key={name}>
                            <dt>{tOr(`counter.${name}`, name)}</dt>
                            <dd>{formatCount(value, lang)}</dd>
                        </div>
                    ))}
                </dl>
            </section>
            <section>
                <h2>
                    {t('status.devices')} <span className="dim">{formatCount(devices.length, lang)}</span>
                </h2>
                {devices.length === 0 ? (
                    <Empty title={t('status.noDevices')}>{t('status.noDevicesAbout')}</Empty>
                ) : (
                    <div className="table-scroll is-inline">
                        <table className="grid" data-testid="devices">
                            <thead>
                                <tr>
                                    <th scope="col">{t('status.device')}</th>
                                    <th scope="col">{t('status.state')}</th>
                                    <th scope="col" className="is-number">
                                        {t('status.last')}
                                    </th>
                                    <th scope="col" className="is-number">
                                        {t('status.points')}
                                    </th>
                                    {(['received', 'late', 'duplicate', 'outOfOrder', 'malformed'] as const).map((c) => (
                                        <th key={c} scope="col" className="is-number">
                                            {tOr(`counter.${c}`, c)}
                                        </th>
                                    ))}
                                </tr>
                            </thead>
                            <tbody>
                                {sorted.map((d) => (
                                    <tr
                                        key={d.id}
                                        className={d.state === 'online' ? '' : 'beyond-1'}
                                        data-testid={`device-${d.id}`}
                                        data-state={d.state}
                                    >
                                        <th scope="row">{d.id}</th>
                                        <td>
                                            {d.state === 'online' ? '●' : d.state === 'silent' ? '◐' : '○'} {t(`device.${d.state}`)}
                                        </td>
                                        <td className="is-number">{formatAge((Date.now() - d.lastMs) / 1000, lang)}</td>
                                        <td className="is-number">{formatCount(d.points, lang)}</td>
                                        {([d.received, d.late, d.duplicate, d.outOfOrder, d.malformed] as const).map((v, i) => (
                                            <td key={i} className="is-number">
                                                {formatCount(v, lang)}
                                            </td>
                                        ))}
                                    </tr>
                                ))}
                            </tbody>
                        </table>
                    </div>
                )}
            </section>
            {role === 'administrator' && <Enrol />}
        </div>
    )
}

/** A token with which named edge nodes fetch their credentials, once. */
function Enrol() {
    const [names, setNames] = useState('')
    const [token, setToken] = useState<string>()
    const list = names.split(/[\s,]+/).filter(Boolean)
    const enrol = useAction(async () => setToken((await post<{ token: string }>('/devices', { edgeNodes: list })).token))
    return (
        <section className="enrol">
            <h2>{t('enrol.title')}</h2>
            <p className="dim">{t('enrol.about')}</p>
            <Textarea
                size="sm"
                autosize
                minRows={1}
                value={names}
                onChange={(e) => setNames(e.currentTarget.value)}
                placeholder={t('enrol.names')}
                data-testid="enrol-names"
                aria-label={t('enrol.names')}
            />
            <Button disabled={list.length === 0} loading={enrol.busy} onClick={() => void enrol.run()} data-testid="enrol-make">
                {t('enrol.make', { n: list.length })}
            </Button>
            <FailureLine failure={enrol.failure} />
            {token && (
                <code className="one-time" data-testid="enrol-token">
                    {token}
                </code>
            )}
        </section>
    )
}
