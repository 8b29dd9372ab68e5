/** How much of what the fleet should say was heard, who is worst, and what stands in for what is missing. */
import { type ResourceQuantityName, resourceQuantities } from '@gridverse/assets'
import type { CoverageReport } from '../fleet-types.ts'
import { useThen } from './fleet.ts'
import { useShell } from './shell.ts'

export function CoverageTab() {
    const { t, tOr, number, href, Failed, Loading } = useShell()
    const report = useThen<CoverageReport>('/vpp/fleet/coverage', 5000)
    if (report.state === 'loading') return <Loading />
    if (report.state === 'failed') return <Failed failure={report.failure} retry={report.reload} />
    const { data } = report
    const percent = (share: number) => `${number(100 * share, 1)} %`
    /** `12.5 kW`, `42 %`, `yes` */
    const amount = (quantity: ResourceQuantityName, value: number) => {
        const { unit, kind } = resourceQuantities[quantity]
        return kind === 'status' ? t(value >= 0.5 ? 'vpp.yes' : 'vpp.no') : `${number(value, 2)}${unit ? ` ${unit}` : ''}`
    }
    return (
        <div className="vpp-coverage" data-testid="vpp-coverage">
            <p className={data.mayPlan ? '' : 'beyond-1'}>
                {data.mayPlan ? '✓ ' : '▲ '}
                {t(data.mayPlan ? 'vpp.coverage.enough' : 'vpp.coverage.lacking', {
                    share: percent(data.fleet),
                    needed: percent(data.needed),
                    minutes: number(data.windowS / 60, 0),
                })}
            </p>
            <div className="vpp-scroll">
                <table className="plain">
                    <thead>
                        <tr>
                            <th>{t('vpp.col.group')}</th>
                            <th className="is-number">{t('vpp.col.coverage')}</th>
                            <th className="is-number">{t('vpp.col.imputed')}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {data.groups.map((g) => (
                            <tr key={g.id}>
                                <td>
                                    <a href={href(`devices/group/${g.id}`)}>{g.id}</a>
                                </td>
                                <td className="is-number">{percent(g.coverage)}</td>
                                <td className="is-number">{number(g.imputed, 0)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
            {data.resources.length > 0 && (
                <div className="vpp-scroll">
                    <table className="plain">
                        <thead>
                            <tr>
                                <th>{t('vpp.coverage.worst')}</th>
                                <th className="is-number">{t('vpp.col.coverage')}</th>
                                <th>{t('vpp.col.link')}</th>
                                <th>{t('vpp.coverage.standsIn')}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {data.resources.slice(0, 200).map((r) => (
                                <tr key={r.id}>
                                    <td>
                                        <a href={href(`devices/resource/${r.id}`)}>{r.id}</a>
                                    </td>
                                    <td className="is-number">{percent(r.coverage)}</td>
                                    <td>{t(`vpp.link.${r.link}`)}</td>
                                    <td>
                                        {r.imputed
                                            .map(
                                                (i) =>
                                                    `${t(`vpp.quantity.${i.quantity}`)} ${amount(i.quantity, i.value)} (${tOr(`vpp.from.${i.from}`, i.from)})`,
                                            )
                                            .join(' · ')}
                                    </td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
        </div>
    )
}
