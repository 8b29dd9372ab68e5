/** The fleet this second: four tiles that add up, what it could do, its groups, and what is wrong. */
import { useState } from 'react'
import type { FleetSummary, Reconciliation, UnderDelivery } from '../fleet-types.ts'
import { useFleet, useThen } from './fleet.ts'
import { GroupTable } from './groups.tsx'
import { Orders } from './orders.tsx'
import { OrdersThen } from './past.tsx'
import { useShell } from './shell.ts'

export function NowTab() {
    const { t, Loading, Failed, Empty, href, instantMs } = useShell()
    const fleet = useFleet()
    if (fleet.state === 'loading') return <Loading />
    if (fleet.state === 'failed') return <Failed failure={fleet.failure} retry={fleet.reload} />
    const now = fleet.data
    if (now.count === 0)
        return (
            <Empty title={t('vpp.now.none')}>
                <a href={href('devices/enrol')}>{t('vpp.now.enrol')}</a>
            </Empty>
        )
    return (
        <div className="vpp-now" data-testid="vpp-now">
            <Balance now={now} />
            <State now={now} />
            <Diagnosis count={now.underDelivered} />
            <GroupTable groups={now.groups} />
            {instantMs !== undefined && <OrdersThen />}
            <Orders now={now} />
            <Meters now={now} />
        </div>
    )
}

/** Generation, storage and exchange against the load, as they add up; and what the grid's meters say of the same. */
function Balance({ now: { tiles, reconciliation } }: { now: FleetSummary }) {
    const { t, number } = useShell()
    const parts = [
        ['generation', tiles.generationKw, ''],
        ['storage', tiles.storageKw, '+'],
        ['exchange', tiles.exchangeKw, '+'],
        ['load', tiles.loadKw, '='],
    ] as const
    const { residualKw, failing, connections } = reconciliation
    return (
        <dl className="vpp-balance" data-testid="vpp-balance">
            {parts.map(([name, kw, sign]) => (
                <div key={name} data-tile={name} data-value={kw}>
                    {sign && <span className="vpp-sign">{sign}</span>}
                    <dt title={t(`vpp.tile.${name}About`)}>{t(`vpp.tile.${name}`)}</dt>
                    <dd>
                        {number(kw, 1)} <small>kW</small>
                    </dd>
                </div>
            ))}
            <div className="vpp-residual" data-tile="residual">
                <dt title={t('vpp.tile.residualAbout')}>{t('vpp.tile.residual')}</dt>
                <dd className={failing > 0 ? 'beyond-1' : ''}>
                    {residualKw === null ? (
                        t('vpp.tile.unmetered')
                    ) : (
                        <>
                            {failing > 0 ? '▲ ' : ''}
                            {number(residualKw, 1)} <small>kW</small>
                        </>
                    )}
                </dd>
                <small>{t('vpp.tile.meters', { right: connections - failing, all: connections })}</small>
            </div>
        </dl>
    )
}

function State({ now }: { now: FleetSummary }) {
    const { t, number, time, dateTime, instantMs } = useShell()
    const { availability: a, links, twin } = now
    const kw = (value: number | null) => (value === null ? '–' : `${number(value, 1)} kW`)
    const facts: [name: string, value: string, about: string, bad?: boolean][] = [
        [t('vpp.fact.power'), kw(now.pKw), t('vpp.fact.powerAbout')],
        [t('vpp.fact.baseline'), kw(now.baselineKw), t('vpp.fact.baselineAbout')],
        [t('vpp.fact.ordered'), kw(now.orderedKw), t('vpp.fact.orderedAbout')],
        [t('vpp.fact.up'), kw(a.upKw), t('vpp.fact.fast', { kw: number(a.fastUpKw, 1) })],
        [t('vpp.fact.down'), kw(a.downKw), t('vpp.fact.fast', { kw: number(a.fastDownKw, 1) })],
        [t('vpp.fact.soc'), now.socPercent === null ? '–' : `${number(now.socPercent, 1)} %`, t('vpp.fact.socAbout')],
        [
            t('vpp.fact.online'),
            `${number(links.online, 0)} / ${number(now.count, 0)}`,
            t('vpp.fact.onlineAbout', { silent: links.silent, offline: links.offline, never: links.never }),
            links.online < now.count,
        ],
        [t('vpp.fact.following'), number(now.following, 0), t('vpp.fact.followingAbout')],
        [
            t('vpp.fact.coverage'),
            `${number(100 * now.coverage, 1)} %`,
            t(now.mayPlan ? 'vpp.fact.mayPlan' : 'vpp.fact.mayNotPlan', { needed: number(100 * now.coverageNeeded, 0) }),
            !now.mayPlan,
        ],
        [
            t('vpp.fact.twin'),
            twin.syncErrorKw === null ? '–' : `${number(twin.syncErrorKw, 3)} kW`,
            t('vpp.fact.twinAbout', {
                percent: twin.syncErrorPercent === null ? '–' : t('vpp.twin.points', { value: number(twin.syncErrorPercent, 2) }),
                age: twin.worstAgeS === null ? '–' : `${number(twin.worstAgeS, 0)} s`,
            }),
        ],
    ]
    return (
        <>
            <ul className="tiles vpp-facts">
                {facts.map(([name, value, about, bad]) => (
                    <li key={name}>
                        <small>{name}</small>
                        <b className={bad ? 'beyond-1' : ''}>
                            {bad ? '▲ ' : ''}
                            {value}
                        </b>
                        <span>{about}</span>
                    </li>
                ))}
            </ul>
            <p className="dim small">
                {instantMs === undefined ? t('vpp.now.signs', { time: time(now.tMs) }) : t('vpp.past.signs', { time: dateTime(now.tMs) })}
            </p>
        </>
    )
}

/** Who gives less than it was told to, and why: likeliest cause first. */
function Diagnosis({ count }: { count: number }) {
    const { t, number, dateTime, href, FailureLine, instantMs } = useShell()
    const list = useThen<UnderDelivery[]>(count > 0 ? '/vpp/fleet/diagnosis' : undefined, 2000)
    const past = instantMs !== undefined
    if (count === 0) return <p data-testid="vpp-delivers">{t(past ? 'vpp.past.delivers' : 'vpp.now.delivers')}</p>
    return (
        <section data-testid="vpp-diagnosis">
            <h3 className="beyond-1">▲ {t(past ? 'vpp.past.under' : 'vpp.now.under', { count })}</h3>
            {list.state === 'failed' && <FailureLine failure={list.failure} />}
            {list.state === 'ready' && (
                <div className="vpp-scroll">
                    <table className="plain">
                        <thead>
                            <tr>
                                <th>{t('vpp.col.resource')}</th>
                                <th className="is-number">{t('vpp.col.asked')}</th>
                                <th className="is-number">{t('vpp.col.gave')}</th>
                                <th>{t('vpp.col.since')}</th>
                                <th>{t('vpp.col.cause')}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {list.data.slice(0, 50).map((u) => (
                                <tr key={u.resource}>
                                    <td>
                                        <a href={href(`devices/resource/${u.resource}`)}>{u.resource}</a>
                                    </td>
                                    <td className="is-number">{number(u.askedKw, 1)} kW</td>
                                    <td className="is-number">{u.gaveKw === null ? '–' : `${number(u.gaveKw, 1)} kW`}</td>
                                    <td>{dateTime(u.sinceMs)}</td>
                                    <td>
                                        {u.causes
                                            .slice(0, 3)
                                            .map((c) => `${t(`vpp.cause.${c.cause}`)} ${number(100 * c.weight, 0)} %`)
                                            .join(' · ')}
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

/** Every meter that counts resources, against their sum: asked for when opened. */
function Meters({ now }: { now: FleetSummary }) {
    const { t } = useShell()
    const [open, setOpen] = useState(now.reconciliation.failing > 0)
    if (now.reconciliation.connections === 0) return <p className="dim">{t('vpp.now.noMeters')}</p>
    return (
        <details className="vpp-meters" open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
            <summary>{t('vpp.now.meters')}</summary>
            {open && <MeterTable />}
        </details>
    )
}

function MeterTable() {
    const { t, number, pick, Failed, Loading } = useShell()
    const list = useThen<Reconciliation[]>('/vpp/fleet/reconciliation', 5000)
    if (list.state === 'failed') return <Failed failure={list.failure} retry={list.reload} />
    if (list.state === 'loading') return <Loading />
    return (
        <div className="vpp-scroll">
            <table className="plain" data-testid="vpp-meters">
                <thead>
                    <tr>
                        <th>{t('vpp.col.connection')}</th>
                        <th className="is-number">{t('vpp.col.resources')}</th>
                        <th className="is-number">{t('vpp.col.sum')}</th>
                        <th className="is-number">{t('vpp.col.metered')}</th>
                        <th className="is-number">{t('vpp.col.residual')}</th>
                        <th className="is-number">{t('vpp.col.tolerance')}</th>
                    </tr>
                </thead>
                <tbody>
                    {list.data.map((r) => (
                        <tr key={r.connection}>
                            <td>
                                <button type="button" className="link" onClick={() => pick(r.connection)}>
                                    {r.connection}
                                </button>
                            </td>
                            <td className="is-number">{number(r.resources, 0)}</td>
                            <td className="is-number">{number(r.sumKw, 1)} kW</td>
                            <td className="is-number">{r.meteredKw === null ? '–' : `${number(r.meteredKw, 1)} kW`}</td>
                            <td className={`is-number${r.reconciles ? '' : ' beyond-1'}`}>
                                {r.reconciles ? '' : '▲ '}
                                {r.residualKw === null ? '–' : `${number(r.residualKw, 1)} kW`}
                            </td>
                            <td className="is-number">±{number(r.toleranceKw, 1)} kW</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    )
}
