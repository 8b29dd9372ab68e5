/** What is claimed of virtual power plants, tried on a plan or by itself: what is said, what was found, how far it reaches. */
import type { Claim, ClaimRegion, VolumeLimit } from '@gridverse/plan'
import { Button, Select } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { claimRows } from '../claim-rows.ts'
import type { VppOutcome } from '../run.ts'
import { ClaimChart } from './claim-chart.tsx'
import { parameterName, RegionChart, reachOf, VolumeLimitChart } from './claim-reach.tsx'
import { ExperimentForm } from './experiment-form.tsx'
import { figureName } from './figures.ts'
import { type DayGrid, scientific } from './frame.ts'
import { MeritChart } from './merit-chart.tsx'
import { Progress } from './plan.tsx'
import { isOpen, type PlanCard, usePlan, useStudies } from './plans.ts'
import { useShell } from './shell.ts'

/** What both a plan's report and an experiment bring. */
interface Tried extends DayGrid {
    readonly currency: string
    readonly claims: readonly Claim[]
    readonly regions: readonly ClaimRegion[]
    readonly volumeLimit?: VolumeLimit
}

function triedOf(outcome: VppOutcome | undefined): Tried | undefined {
    if (outcome?.kind === 'claims') return outcome.experiments
    if (outcome?.kind !== 'report' || !outcome.report.claims) return undefined
    const { day, claims } = outcome.report
    return { periods: day.periods, dtH: day.dtH, currency: day.currency, claims, regions: [] }
}

export function ClaimsTab({ id }: { id: string }) {
    const { t, Loading, Failed, Empty, href, go, mayAct } = useShell()
    const studies = useStudies()
    const all = studies.state === 'ready' ? studies.data.filter((c) => c.state === 'done' || c.preferences.experiments) : []
    // `claims/STUDY/CLAIM` leads to one claim
    const [study = '', looked = ''] = id.split('/')
    const card = all.find((c) => c.id === study) ?? (study === '' ? all.find((c) => c.state === 'done') : undefined)
    const answer = usePlan(card)
    if (studies.state === 'failed') return <Failed failure={studies.failure} retry={studies.reload} />
    if (studies.state === 'loading') return <Loading />
    if (!card) return <Empty title={t('vpp.claims.none')}>{t('vpp.claims.noneAbout')}</Empty>
    const nameOf = (c: PlanCard) => `${c.title}${c.state === 'done' ? '' : ` (${t(`vpp.state.${c.state}`)})`}`
    return (
        <div className="vpp-claims" data-testid="claims">
            <p>
                {t('vpp.claims.about')} <a href={href(`plan/${card.id}`)}>{card.title}</a>.
            </p>
            {all.length > 1 && (
                <Select
                    label={t('vpp.claims.which')}
                    className="vpp-scenario"
                    data={all.map((c) => ({ value: c.id, label: nameOf(c) }))}
                    value={card.id}
                    onChange={(to) => to && go(`claims/${to}`)}
                    allowDeselect={false}
                    data-testid="claims-which"
                />
            )}
            {mayAct && !isOpen(card) && <ExperimentForm key={card.id} card={card} reload={studies.reload} />}
            {isOpen(card) ? (
                <Progress card={card} />
            ) : answer.state === 'failed' ? (
                <Failed failure={answer.failure} retry={answer.reload} />
            ) : answer.state === 'loading' ? (
                <Loading />
            ) : (
                <Found card={card} tried={triedOf(answer.data.outcome)} looked={looked} />
            )}
        </div>
    )
}

function Found({ card, tried, looked }: { card: PlanCard; tried: Tried | undefined; looked: string }) {
    const { t, tOr, Empty, href, save, toCsv } = useShell()
    if (!tried) return <Empty title={t('vpp.claims.none')}>{card.message || t('vpp.claims.noneAbout')}</Empty>
    const failing = tried.claims.filter((c) => !c.holds).length
    const empty = tried.claims.filter((c) => c.empty).length
    const ended = tried.regions.filter((r) => r.endsAbove !== undefined || r.endsBelow !== undefined).length
    return (
        <>
            <p className="vpp-report-foot">
                <b>{t('vpp.claims.sum', { holds: tried.claims.length - failing - empty, fails: failing })}</b>
                {empty > 0 && <span>{t('vpp.claims.empty', { count: empty })}</span>}
                {tried.regions.length > 0 && <span>{t('vpp.reach.sum', { tried: tried.regions.length, ended })}</span>}
                <Button
                    variant="default"
                    onClick={() => save(`${card.title}.csv`, toCsv(claimRows(tried)), 'text/csv')}
                    data-testid="claims-csv"
                >
                    CSV
                </Button>
                <Button
                    variant="default"
                    onClick={() => save(`${card.title}.json`, JSON.stringify(tried, null, 2), 'application/json')}
                    data-testid="claims-json"
                >
                    JSON
                </Button>
            </p>
            <nav className="vpp-claim-list" aria-label={t('vpp.tab.claims')}>
                {tried.claims.map((claim) => {
                    const ends = tried.regions.some((r) => r.claim === claim.id && (r.endsAbove !== undefined || r.endsBelow !== undefined))
                    return (
                        <a key={claim.id} href={href(`claims/${card.id}/${claim.id}`)} aria-current={claim.id === looked || undefined}>
                            {`${claim.empty ? '–' : claim.holds ? '✓' : '▲'} ${tOr(`vpp.claim.${claim.id}`, claim.id)}`}
                            {ends && <small>{t('vpp.reach.hasEnd')}</small>}
                        </a>
                    )
                })}
            </nav>
            {tried.claims.map((claim) => (
                <ClaimCard key={claim.id} claim={claim} tried={tried} looked={claim.id === looked} />
            ))}
            <section className="vpp-claim">
                <h3>{t('vpp.claims.wording')}</h3>
                <ul className="vpp-notes">
                    <li>{t('vpp.claims.weather')}</li>
                    <li>{t('vpp.claims.balance')}</li>
                </ul>
            </section>
        </>
    )
}

function ClaimCard({ claim, tried, looked }: { claim: Claim; tried: Tried; looked: boolean }) {
    const shell = useShell()
    const card = useRef<HTMLElement>(null)
    useEffect(() => {
        if (looked) card.current?.scrollIntoView({ block: 'start' })
    }, [looked])
    const { t, tOr, number } = shell
    // the figures, in order, may stand in the note
    const args = Object.fromEntries(Object.values(claim.figures).map((x, k) => [`f${k + 1}`, number(x, 1)]))
    const texts = (['said', 'region', 'note'] as const).flatMap((what) => {
        const own = claim.holds ? '' : tOr(`vpp.claim.${claim.id}.${what}Not`, '', args)
        const text = own || tOr(`vpp.claim.${claim.id}.${what}`, '', args)
        return text ? [[what, text] as const] : []
    })
    const regions = tried.regions.filter((r) => r.claim === claim.id)
    return (
        <article ref={card} className="vpp-claim" data-testid={`claim-${claim.id}`} data-holds={claim.holds}>
            <h3>
                <span className={claim.holds ? 'vpp-verdict' : 'vpp-verdict beyond-1'}>
                    {claim.empty ? `– ${t('vpp.empty')}` : claim.holds ? `✓ ${t('vpp.holds')}` : `▲ ${t('vpp.fails')}`}
                </span>{' '}
                {tOr(`vpp.claim.${claim.id}`, claim.id)}
            </h3>
            <div className="vpp-claim-words">
                <dl>
                    {texts.map(([what, text]) => (
                        <div key={what} className={`is-${what}`}>
                            <dt>{t(`vpp.claims.${what}`)}</dt>
                            <dd>{text}</dd>
                        </div>
                    ))}
                    <div>
                        <dt>{t('vpp.claims.kind')}</dt>
                        <dd>{t(claim.theorem ? 'vpp.claims.theorem' : 'vpp.claims.figuresOnly')}</dd>
                    </div>
                    {regions.length > 0 && (
                        <div>
                            <dt>{t('vpp.claims.reach')}</dt>
                            <dd>
                                <ul>
                                    {regions.map((r) => (
                                        <li key={r.parameter} data-testid={`reaches-${r.claim}-${r.parameter}`}>
                                            {`${parameterName(shell, r.parameter)}: ${reachOf(shell, r)}`}
                                        </li>
                                    ))}
                                </ul>
                            </dd>
                        </div>
                    )}
                </dl>
                <Figures claim={claim} />
            </div>
            <div className="vpp-claim-plots">
                {claim.merit && <MeritChart merit={claim.merit} day={tried} currency={tried.currency} />}
                {claim.plots.map((plot) => (
                    <ClaimChart key={plot.id} plot={plot} day={tried} />
                ))}
                {claim.id === 'c' && tried.volumeLimit && <VolumeLimitChart limit={tried.volumeLimit} />}
                {regions.map((region) => (
                    <RegionChart key={region.parameter} region={region} />
                ))}
            </div>
        </article>
    )
}

function Figures({ claim: { figures, words = {} } }: { claim: Claim }) {
    const shell = useShell()
    const { t, number, tOr } = shell
    // small ones are told by their size
    const text = (x: number) =>
        x !== 0 && Math.abs(x) < 0.01 ? scientific(x) : number(x, Number.isInteger(x) ? 0 : Math.abs(x) < 10 ? 2 : 1)
    return (
        <table className="plain vpp-figures">
            <caption>{t('vpp.claims.found')}</caption>
            <tbody>
                {Object.entries(figures).map(([name, x]) => (
                    <tr key={name}>
                        <th scope="row">{figureName(shell, name)}</th>
                        <td className="is-number">{text(x)}</td>
                    </tr>
                ))}
                {Object.entries(words).map(([name, word]) => (
                    <tr key={name}>
                        <th scope="row">{figureName(shell, name)}</th>
                        <td className="is-number">{tOr(`vpp.stop.${word}`, word)}</td>
                    </tr>
                ))}
            </tbody>
        </table>
    )
}
