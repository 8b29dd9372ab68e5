/** Security: what the loss of each branch would do to the world on screen, worst first; a click places the outage in every view. */
import type { SecurityJson, SecurityRow } from '@gridverse/twin'
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { formatDateTime, formatNumber } from '../model/format.ts'
import { worldKind } from '../model/link.ts'
import { loadSecurity, placeOutage, security } from '../model/security.ts'
import { link, region } from '../model/state.ts'
import { ComponentLink, useComponentName } from '../parts/component-link.tsx'
import { OutageFacts, ReliefText } from '../parts/outage-facts.tsx'
import { Empty, Failed, Loading, PageHead } from '../parts/pages.tsx'
import { useCell, useLang, useSlice } from '../parts/use.ts'
import { t } from '../text/index.ts'

const shownBars = 24

export function SecurityView() {
    useLang()
    const world = useSlice(link, (l) => l.world)
    const state = useCell(security)
    const current = state.world === world ? state : { world, busy: true }
    useEffect(() => void loadSecurity(world), [world])
    const { analysis, failure, busy } = current as typeof state
    return (
        <div className="page security-view" data-testid="security">
            <PageHead title={t('view.security')} about={t('security.about')}>
                <Button variant="default" loading={busy} onClick={() => void loadSecurity(world)} data-testid="security-again">
                    {t('security.again')}
                </Button>
            </PageHead>
            {failure ? (
                <Failed failure={failure} retry={() => void loadSecurity(world)} />
            ) : analysis ? (
                <Analysis analysis={analysis} />
            ) : (
                <Loading what={t('security.working')} />
            )}
        </div>
    )
}

function Analysis({ analysis }: { analysis: SecurityJson }) {
    const lang = useLang()
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const placed = useSlice(link, (l) => l.outage)
    const { base, counts, rows, tMs } = analysis
    if (base.status !== 'converged') return <Empty title={t('security.noBase')}>{t('security.noBaseAbout')}</Empty>
    const harmful = rows.filter(isHarmful)
    const n = (value: number) => formatNumber(value, 0, lang)
    return (
        <>
            <p className="security-sum" data-testid="security-sum">
                {t('security.tried', { count: n(counts.outages), time: formatDateTime(tMs, zone, lang) })}{' '}
                {worldKind(analysis.world).kind === 'live' && <span className="dim">{t('security.kept')}</span>}
            </p>
            <dl className="security-counts">
                <Count name={t('security.overloads')} value={n(counts.overloads)} bad={counts.overloads > 0} />
                <Count name={t('security.voltages')} value={n(counts.voltages)} bad={counts.voltages > 0} />
                <Count name={t('security.islanding')} value={n(counts.islanding)} />
                <Count name={t('security.diverged')} value={n(counts.diverged)} bad={counts.diverged > 0} />
            </dl>
            {(base.overloadCount > 0 || base.voltageCount > 0) && (
                <p className="failure-line">
                    {t('security.already', { overloads: n(base.overloadCount), voltages: n(base.voltageCount) })}
                </p>
            )}
            {harmful.length === 0 ? (
                <Empty title={t('security.none')}>{t('security.noneAbout')}</Empty>
            ) : (
                <>
                    <Bars rows={harmful.slice(0, shownBars)} placed={placed} />
                    <ol className="outages">
                        {harmful.map((row, k) => (
                            <Outage key={row.outage} row={row} rank={k + 1} placed={row.outage === placed} />
                        ))}
                    </ol>
                </>
            )}
        </>
    )
}

/** An outage after which something is lost or beyond a limit, or close to it. */
const isHarmful = (row: SecurityRow): boolean =>
    row.status === 'diverged' ||
    row.lostLoadMw > 0 ||
    row.lostGenerationMw > 0 ||
    row.voltageCount > 0 ||
    (row.worstLoadingPercent ?? 0) >= 80

function Count({ name, value, bad = false }: { name: string; value: string; bad?: boolean }) {
    return (
        <div className={bad ? 'is-bad' : ''}>
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    )
}

const levelOf = (percent: number | null): string => (percent === null ? '' : percent >= 100 ? ' is-over' : percent >= 80 ? ' is-near' : '')

/** The greatest loading after each of the worst outages; one stop for the keyboard, arrows go along. */
function Bars({ rows, placed }: { rows: readonly SecurityRow[]; placed: string }) {
    const lang = useLang()
    const [at, setAt] = useState(0)
    const top = Math.min(200, Math.max(120, ...rows.map((r) => r.worstLoadingPercent ?? 0)))
    const height = (row: SecurityRow) => (row.status === 'diverged' ? 100 : (Math.min(top, row.worstLoadingPercent ?? 0) / top) * 100)
    return (
        <fieldset className="outage-bars" style={{ '--limit': 100 / top } as React.CSSProperties}>
            <legend>{t('security.bars')}</legend>
            <div className="bars-field">
                <span className="bars-limit">100 %</span>
                {rows.map((row, k) => (
                    <Bar
                        key={row.outage}
                        row={row}
                        share={height(row)}
                        focusable={k === at}
                        placed={row.outage === placed}
                        text={row.worstLoadingPercent === null ? '–' : formatNumber(row.worstLoadingPercent, 0, lang)}
                        onMove={(by) => {
                            const next = Math.min(rows.length - 1, Math.max(0, k + by))
                            setAt(next)
                            document.querySelectorAll<HTMLElement>('.outage-bars button')[next]?.focus()
                        }}
                    />
                ))}
            </div>
        </fieldset>
    )
}

function Bar({
    row,
    share,
    focusable,
    placed,
    text,
    onMove,
}: {
    row: SecurityRow
    share: number
    focusable: boolean
    placed: boolean
    text: string
    onMove: (by: number) => void
}) {
    const name = useComponentName(row.outage)
    const words = row.status === 'diverged' ? t('security.noSolution') : `${text} %`
    return (
        <button
            type="button"
            className={`outage-bar${levelOf(row.worstLoadingPercent)}${row.status === 'diverged' ? ' is-diverged' : ''}${placed ? ' is-placed' : ''}`}
            style={{ '--share': `${share}%` } as React.CSSProperties}
            tabIndex={focusable ? 0 : -1}
            title={`${name}: ${words}`}
            aria-label={`${name}: ${words}`}
            onClick={() => placeOutage(row.outage)}
            onKeyDown={(e) => {
                if (e.key === 'ArrowRight') onMove(1)
                else if (e.key === 'ArrowLeft') onMove(-1)
                else return
                e.preventDefault()
            }}
        >
            <i />
            <small>{row.lostLoadMw > 0 || row.lostGenerationMw > 0 ? '◊' : row.voltageCount > 0 ? 'V' : ''}</small>
        </button>
    )
}

function Outage({ row, rank, placed }: { row: SecurityRow; rank: number; placed: boolean }) {
    const name = useComponentName(row.outage)
    return (
        <li className={`outage is-${row.status}${placed ? ' is-placed' : ''}`} data-testid={`outage-${row.outage}`}>
            <span className="outage-rank">{rank}</span>
            <button type="button" className="outage-name" onClick={() => placeOutage(row.outage)} title={t('security.place')}>
                <b>{name}</b>
                <small className="component-id">{row.outage}</small>
            </button>
            <OutageLoading row={row} />
            <div className="outage-facts">
                <OutageFacts row={row} />
            </div>
            {row.relief && <ReliefText relief={row.relief} />}
        </li>
    )
}

function OutageLoading({ row }: { row: SecurityRow }) {
    const lang = useLang()
    if (row.status === 'diverged') return <p className="outage-loading is-over">{t('security.noSolution')}</p>
    if (row.worstLoadingPercent === null || row.worstBranch === null) return <p className="outage-loading dim">–</p>
    return (
        <div className={`outage-loading${levelOf(row.worstLoadingPercent)}`}>
            <span
                className="loading-bar"
                style={{ '--share': `${Math.min(100, row.worstLoadingPercent / 1.5)}%` } as React.CSSProperties}
            />
            <b>{formatNumber(row.worstLoadingPercent, 1, lang)} %</b>
            <ComponentLink component={row.worstBranch} />
            {row.overloadCount > 1 && (
                <small className="dim">{t('security.more', { n: formatNumber(row.overloadCount - 1, 0, lang) })}</small>
            )}
        </div>
    )
}
