/** Studies: ask for a day to be planned, watch it worked out, read what came of it. */
import type { StudyCard } from '@gridverse/study'
import type { VppOutcome, VppPreferences, VppReport } from '@gridverse/vpp'
import { Button, FileButton, NumberInput, Slider, TextInput } from '@mantine/core'
import { useState } from 'react'
import { CostBars, DispatchChart, FanChart, FrontierChart, RiskChart, TradeChart } from '../charts/day-charts.tsx'
import { part, post, remove } from '../model/api.ts'
import { formatDateTime, formatNumber } from '../model/format.ts'
import { go, link, region, session } from '../model/state.ts'
import { Icon } from '../parts/icon.tsx'
import { Empty, Failed, FailureLine, Loading, PageHead } from '../parts/pages.tsx'
import { save } from '../parts/save.ts'
import { useAction, useGet, useLang, useSlice } from '../parts/use.ts'
import { t } from '../text/index.ts'

type Card = StudyCard<VppPreferences>
interface Answer {
    readonly card: Card
    readonly outcome?: VppOutcome
}
const isOpen = (card: Card) => card.state === 'waiting' || card.state === 'running'

export function StudiesView() {
    useLang()
    const open = useSlice(link, (l) => l.part)
    const list = useGet<Card[]>('/studies', { everyMs: 1500 })
    const may = useSlice(session, (s) => s.state === 'signed-in' && s.person.role !== 'viewer')
    if (list.state === 'loading') return <Loading />
    if (list.state === 'failed') return <Failed failure={list.failure} retry={list.reload} />
    return (
        <div className="page studies-view">
            <PageHead title={t('view.studies')} about={t('study.about')} />
            {may && <NewStudy done={list.reload} />}
            {list.data.length === 0 ? (
                <Empty title={t('study.none')}>{may ? t('study.noneAbout') : t('study.noneViewer')}</Empty>
            ) : (
                <ul className="studies">
                    {list.data.map((card) => (
                        <StudyRow key={card.id} card={card} open={card.id === open} reload={list.reload} />
                    ))}
                </ul>
            )}
        </div>
    )
}

function NewStudy({ done, beta: first = 0.2 }: { done: () => void; beta?: number }) {
    const [title, setTitle] = useState('')
    const [beta, setBeta] = useState(first)
    const [samples, setSamples] = useState<number | string>(200)
    const [keep, setKeep] = useState<number | string>(8)
    const [seed, setSeed] = useState<number | string>(1)
    const [plant, setPlant] = useState<{ name: string; text: string }>()
    const ask = useAction(async () => {
        const preferences: VppPreferences = { beta, samples: Number(samples), keep: Number(keep), seed: Number(seed) }
        const card = await post<Card>('/studies', {
            study: 'vpp',
            title: title.trim() || (plant?.name ?? t('study.district')),
            preferences,
            ...(plant ? { plant: plant.text } : {}),
        })
        done()
        go({ part: card.id })
    })
    return (
        <form
            className="study-form"
            onSubmit={(event) => {
                event.preventDefault()
                void ask.run()
            }}
        >
            <TextInput
                label={t('study.title')}
                placeholder={plant?.name ?? t('study.district')}
                value={title}
                onChange={(e) => setTitle(e.currentTarget.value)}
                data-testid="study-title"
            />
            <FileButton
                onChange={(file) => void file?.text().then((text) => setPlant({ name: file.name, text }))}
                accept=".json,application/json"
            >
                {(props) => (
                    <Button {...props} variant="default" leftSection={<Icon name="plus" size={14} />}>
                        {plant ? plant.name : t('study.choosePlant')}
                    </Button>
                )}
            </FileButton>
            <div className="study-beta">
                <span>
                    {t('study.beta')} <b>{beta.toFixed(2)}</b>
                </span>
                <Slider value={beta} onChange={setBeta} min={0} max={0.95} step={0.05} label={null} thumbLabel={t('study.beta')} />
            </div>
            <NumberInput label={t('study.samples')} value={samples} onChange={setSamples} min={0} max={5000} />
            <NumberInput label={t('study.keep')} value={keep} onChange={setKeep} min={1} max={50} />
            <NumberInput label={t('study.seed')} value={seed} onChange={setSeed} min={0} max={4_294_967_295} />
            <Button type="submit" loading={ask.busy} data-testid="study-ask">
                {t('study.ask')}
            </Button>
            <FailureLine failure={ask.failure} />
        </form>
    )
}

function StudyRow({ card, open, reload }: { card: Card; open: boolean; reload: () => void }) {
    const lang = useLang()
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const stop = useAction(async () => {
        await post(`/studies/${part(card.id)}/cancel`)
        reload()
    })
    const drop = useAction(async () => {
        await remove(`/studies/${part(card.id)}`)
        go({ part: '' })
        reload()
    })
    const mine = useSlice(session, (s) => s.state === 'signed-in' && (s.person.name === card.by || s.person.role === 'administrator'))
    return (
        <li className={`study is-${card.state}`} data-testid={`study-${card.state}`}>
            <button type="button" className="decision-head" aria-expanded={open} onClick={() => go({ part: open ? '' : card.id })}>
                <span className="decision-state">{t(`study.state.${card.state}`)}</span>
                <b>{card.title}</b>
                {isOpen(card) && (
                    <progress max={1} value={card.progress}>
                        {formatNumber(100 * card.progress, 0, lang)} %
                    </progress>
                )}
                <span className="dim">
                    {card.by} · {formatDateTime(card.createdMs, zone, lang)}
                    {card.endedMs ? ` · ${formatNumber((card.endedMs - card.createdMs) / 1000, 0, lang)} s` : ''}
                </span>
            </button>
            {open && (
                <div className="study-body">
                    {mine && (
                        <div className="study-tools">
                            {isOpen(card) ? (
                                <Button variant="default" onClick={() => void stop.run()}>
                                    {t('study.stop')}
                                </Button>
                            ) : (
                                <Button variant="default" onClick={() => void drop.run()}>
                                    {t('study.remove')}
                                </Button>
                            )}
                        </div>
                    )}
                    <FailureLine failure={stop.failure ?? drop.failure} />
                    {isOpen(card) ? (
                        <Loading what={`${formatNumber(100 * card.progress, 0, lang)} %`} />
                    ) : (
                        <Outcome card={card} reload={reload} />
                    )}
                </div>
            )}
        </li>
    )
}

function Outcome({ card, reload }: { card: Card; reload: () => void }) {
    const answer = useGet<Answer>(`/studies/${part(card.id)}`)
    if (answer.state === 'loading') return <Loading />
    if (answer.state === 'failed') return <Failed failure={answer.failure} retry={answer.reload} />
    const { outcome } = answer.data
    if (outcome?.kind === 'report') return <Report card={card} report={outcome.report} reload={reload} />
    if (outcome?.kind === 'infeasible')
        return (
            <section>
                <h2>{t('study.infeasible')}</h2>
                <ul className="study-limits">
                    {outcome.relaxation.slice(0, 20).map((row) => (
                        <li key={row.what}>
                            {row.what} <b>{row.by.toFixed(2)}</b>
                        </li>
                    ))}
                </ul>
            </section>
        )
    if (outcome?.kind === 'issues')
        return (
            <ul className="study-limits">
                {outcome.issues.map((issue) => (
                    <li key={issue.path + issue.code}>
                        {issue.line ? `${issue.line}: ` : ''}
                        {issue.message}
                    </li>
                ))}
            </ul>
        )
    return <p>{card.message || t('study.stopped')}</p>
}

function Report({ card, report, reload }: { card: Card; report: VppReport; reload: () => void }) {
    const lang = useLang()
    const { day, evaluation, claims, sampling } = report
    const may = useSlice(session, (s) => s.state === 'signed-in' && s.person.role !== 'viewer')
    const again = useAction(async (beta: number) => {
        const next = await post<Card>('/studies', {
            study: 'vpp',
            title: `${card.title} · β ${beta}`,
            preferences: { ...card.preferences, beta },
        })
        reload()
        go({ part: next.id })
    })
    const money = (x: number) => `${formatNumber(x, 2, lang)} ${day.currency}`
    const tiles: [string, string][] = [
        [t('study.expected'), money(day.costs.operatingCost ?? 0)],
        [`CVaR ${formatNumber(100 * day.alpha, 0, lang)} %`, money(day.cvar)],
        [t('study.beta'), day.beta.toFixed(2)],
        ...(evaluation
            ? ([
                  [t('study.vss'), money(evaluation.vss)],
                  [t('study.evpi'), money(evaluation.evpi)],
                  [t('study.uncoordinated'), money(evaluation.uncoordinated.expectedCost)],
              ] as [string, string][])
            : []),
        [t('study.violation'), `${day.maxViolation.toExponential(0)} kW`],
    ]
    return (
        <div className="study-report" data-testid="study-report">
            <ul className="tiles">
                {tiles.map(([name, value]) => (
                    <li key={name}>
                        <small>{name}</small>
                        <b>{value}</b>
                    </li>
                ))}
            </ul>
            <div className="charts">
                <DispatchBlock report={report} />
                <div>
                    <TradeChart day={day} />
                </div>
                <div>
                    <FanChart day={day} />
                </div>
                <div>
                    <CostBars day={day} />
                </div>
                <div>
                    <RiskChart day={day} />
                </div>
                <div>
                    <FrontierChart report={report} onPick={may && card.preferences ? (beta) => void again.run(beta) : undefined} />
                    <FailureLine failure={again.failure} />
                </div>
            </div>
            {sampling && (
                <p className="dim">
                    {t('study.sampling', {
                        drawn: sampling.drawn,
                        seed: sampling.seed,
                        kept: day.scenarios.length,
                        distance: formatNumber(100 * sampling.distance, 1, lang),
                        correlation: formatNumber(sampling.coverage.correlationError, 2, lang),
                    })}
                </p>
            )}
            {claims && (
                <section>
                    <h2>{t('study.claims')}</h2>
                    <table className="plain">
                        <tbody>
                            {claims.map((claim) => (
                                <tr key={claim.id}>
                                    <td>{t(`study.claim.${claim.id}` as 'study.claim.c')}</td>
                                    <td className={claim.holds ? '' : 'beyond-1'}>
                                        {claim.holds ? `✓ ${t('study.holds')}` : `▲ ${t('study.fails')}`}
                                    </td>
                                    <td className="dim" title={Object.keys(claim.figures).join(' · ')}>
                                        {Object.values(claim.figures)
                                            .map((x) => formatNumber(x, 1, lang))
                                            .join(' · ')}
                                    </td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </section>
            )}
            <Button
                variant="default"
                leftSection={<Icon name="download" size={14} />}
                onClick={() => save(`${card.title}.json`, JSON.stringify(report, null, 2), 'application/json')}
            >
                JSON
            </Button>
        </div>
    )
}

function DispatchBlock({ report }: { report: VppReport }) {
    return (
        <div className="is-wide">
            <DispatchChart day={report.day} />
        </div>
    )
}
