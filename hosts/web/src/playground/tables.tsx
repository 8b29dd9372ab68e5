/** Tables of the playground, the worst first; long ones are cut, and say so. */
import { t } from '../text/index.ts'
import type { CaseView, ContingencyView } from './contract.ts'
import { branchLevel, busLevel, type Picked } from './drawing.ts'

const mostRows = 300

interface TableProps {
    readonly view: CaseView
    readonly picked: Picked
    readonly onPick: (picked: Picked) => void
}

const shown = (value: number, decimals: number) => (Number.isFinite(value) ? value.toFixed(decimals) : '–')

function More({ rows }: { rows: number }) {
    return rows > mostRows ? <p className="dim">{t('playground.more', { n: rows - mostRows })}</p> : null
}

export function BusTable({ view, picked, onPick }: TableProps) {
    const room = ({ vmPu, vMinPu, vMaxPu }: CaseView['bus'][number]) => Math.min(vmPu - vMinPu, vMaxPu - vmPu)
    const rows = [...view.bus.keys()]
    if (view.flow?.status === 'converged') rows.sort((a, b) => room(view.bus[a]!) - room(view.bus[b]!))
    return (
        <>
            <table data-testid="play-buses">
                <thead>
                    <tr>
                        <th>{t('playground.bus')}</th>
                        <th>V p.u.</th>
                        <th>°</th>
                        <th>{t('playground.generationMw')}</th>
                        <th>{t('playground.loadMw')}</th>
                    </tr>
                </thead>
                <tbody>
                    {rows.slice(0, mostRows).map((row) => {
                        const bus = view.bus[row]!
                        return (
                            <tr key={bus.id} aria-selected={picked?.kind === 'bus' && picked.row === row}>
                                <td>
                                    <button type="button" onClick={() => onPick({ kind: 'bus', row })}>
                                        {bus.id} {bus.name}
                                    </button>
                                </td>
                                <td className={`play-${busLevel(bus)}`}>{shown(bus.vmPu, 4)}</td>
                                <td>{shown(bus.vaDeg, 2)}</td>
                                <td>{bus.generationMw === 0 ? '' : shown(bus.generationMw, 1)}</td>
                                <td>{bus.loadMw === 0 ? '' : shown(bus.loadMw, 1)}</td>
                            </tr>
                        )
                    })}
                </tbody>
            </table>
            <More rows={rows.length} />
        </>
    )
}

export function BranchTable({ view, picked, onPick }: TableProps) {
    const rows = [...view.branch.keys()].sort((a, b) => (view.branch[b]!.loadingPercent ?? -1) - (view.branch[a]!.loadingPercent ?? -1))
    return (
        <>
            <table data-testid="play-branches">
                <thead>
                    <tr>
                        <th>{t('playground.branch')}</th>
                        <th>MW</th>
                        <th>Mvar</th>
                        <th>%</th>
                    </tr>
                </thead>
                <tbody>
                    {rows.slice(0, mostRows).map((row) => {
                        const branch = view.branch[row]!
                        return (
                            <tr key={branch.index} aria-selected={picked?.kind === 'branch' && picked.row === row}>
                                <td>
                                    <button type="button" onClick={() => onPick({ kind: 'branch', row })}>
                                        {branch.id} {view.bus[branch.from]?.id}–{view.bus[branch.to]?.id}
                                    </button>
                                </td>
                                <td>{branch.inService ? shown(branch.pFromMw, 2) : t('playground.out')}</td>
                                <td>{branch.inService ? shown(branch.qFromMvar, 2) : ''}</td>
                                <td className={`play-${branchLevel(branch)}`}>
                                    {branch.loadingPercent === null ? '' : shown(branch.loadingPercent, 1)}
                                </td>
                            </tr>
                        )
                    })}
                </tbody>
            </table>
            <More rows={rows.length} />
        </>
    )
}

const statusKeys = {
    converged: 'playground.outageConverged',
    diverged: 'playground.outageDiverged',
    islanding: 'playground.outageIslanding',
    screened: 'playground.outageScreened',
} as const

export function OutageTable({ view, outages, onPick }: { view: CaseView; outages?: ContingencyView; onPick: (picked: Picked) => void }) {
    if (!outages) return <p className="dim">{t('playground.outagesAbout')}</p>
    return (
        <>
            <p data-testid="play-outages-result">
                {t('playground.outagesDone', { n: outages.total, seconds: outages.seconds.toFixed(2) })}
            </p>
            <table>
                <thead>
                    <tr>
                        <th>{t('playground.outage')}</th>
                        <th>{t('playground.status')}</th>
                        <th>{t('playground.worstLoading')}</th>
                        <th>{t('playground.vmMin')}</th>
                    </tr>
                </thead>
                <tbody>
                    {outages.outages.map((row) => (
                        <tr key={row.branch}>
                            <td>
                                <button type="button" onClick={() => row.branch !== null && onPick({ kind: 'branch', row: row.branch })}>
                                    {view.branch[row.branch ?? -1]?.id}
                                </button>
                            </td>
                            <td className={row.status === 'converged' ? '' : 'play-over'}>{t(statusKeys[row.status])}</td>
                            <td className={(row.worstLoadingPercent ?? 0) > 100 ? 'play-over' : ''}>
                                {shown(row.worstLoadingPercent ?? Number.NaN, 1)}
                            </td>
                            <td>{shown(row.vmMinPu ?? Number.NaN, 4)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
            {outages.total > outages.outages.length && (
                <p className="dim">{t('playground.more', { n: outages.total - outages.outages.length })}</p>
            )}
        </>
    )
}
