/** The groups that are dispatched together: who answers, what they give, what they could. */
import type { GroupCard } from '../fleet-types.ts'
import { kindName } from './fleet.ts'
import { useShell } from './shell.ts'

export function GroupTable({ groups }: { groups: readonly GroupCard[] }) {
    const shell = useShell()
    const { t, number, href } = shell
    const figure = (value: number | null, digits: number) => (value === null ? '–' : number(value, digits))
    const kw = (value: number | null) => figure(value, 1)
    return (
        <section>
            <h3>{t('vpp.groups')}</h3>
            <div className="vpp-scroll">
                <table className="plain vpp-groups" data-testid="vpp-groups">
                    <thead>
                        <tr>
                            <th>{t('vpp.col.group')}</th>
                            <th>{t('vpp.col.kinds')}</th>
                            <th className="is-number">{t('vpp.col.online')}</th>
                            <th className="is-number">{t('vpp.col.following')}</th>
                            <th className="is-number">{t('vpp.col.power')}</th>
                            <th className="is-number">{t('vpp.col.baseline')}</th>
                            <th className="is-number">{t('vpp.col.ordered')}</th>
                            <th className="is-number">{t('vpp.col.up')}</th>
                            <th className="is-number">{t('vpp.col.down')}</th>
                            <th>{t('vpp.col.soc')}</th>
                            <th className="is-number">{t('vpp.col.coverage')}</th>
                            <th className="is-number">{t('vpp.col.age')}</th>
                            <th className="is-number">{t('vpp.col.sync')}</th>
                            <th className="is-number">{t('vpp.col.syncPercent')}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {groups.map((g) => (
                            <tr key={g.id} data-testid={`group-${g.id}`}>
                                <td>
                                    <a href={href(`devices/group/${g.id}`)}>{g.id}</a>
                                    {g.held && <span title={t('vpp.held')}> ⏸</span>}
                                    {g.underDelivered > 0 && (
                                        <span className="beyond-1"> ▲ {t('vpp.underShort', { count: g.underDelivered })}</span>
                                    )}
                                </td>
                                <td className="dim">
                                    {Object.entries(g.kinds)
                                        .map(([kind, count]) => `${number(count, 0)} ${kindName(shell, kind as keyof GroupCard['kinds'])}`)
                                        .join(', ')}
                                </td>
                                <td className={`is-number${g.online < g.count ? ' beyond-1' : ''}`}>
                                    {g.online < g.count ? '▲ ' : ''}
                                    {number(g.online, 0)} / {number(g.count, 0)}
                                </td>
                                <td className="is-number">{number(g.following, 0)}</td>
                                <td className="is-number">{kw(g.pKw)}</td>
                                <td className="is-number">{kw(g.baselineKw)}</td>
                                <td className="is-number">{kw(g.orderedKw)}</td>
                                <td className="is-number">{kw(g.availability.upKw)}</td>
                                <td className="is-number">{kw(g.availability.downKw)}</td>
                                <td>{g.socPercent === null ? <span className="dim">–</span> : <Charge percent={g.socPercent} />}</td>
                                <td className="is-number">{number(100 * g.coverage, 0)} %</td>
                                <td className="is-number">{figure(g.twin.worstAgeS, 1)}</td>
                                <td className="is-number">{figure(g.twin.syncErrorKw, 3)}</td>
                                <td className="is-number">{figure(g.twin.syncErrorPercent, 2)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </section>
    )
}

/** A state of charge, as a filling with its number. */
export function Charge({ percent }: { percent: number }) {
    const { number } = useShell()
    return (
        <span className="vpp-charge">
            <i>
                <i style={{ width: `${Math.min(100, Math.max(0, percent))}%` }} />
            </i>
            {number(percent, 0)} %
        </span>
    )
}
