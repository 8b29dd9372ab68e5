/** A twin looked at before it is built, a first plan of it, and building it. */
import { Button, Checkbox } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { TwinBuilt, TwinLook } from '../twin-answers.ts'
import type { Finding, FindingSection } from '../twin-findings.ts'
import type { Extreme } from '../twin-reach.ts'
import type { TrialPlan } from '../twin-trial.ts'
import { writeTwin } from '../twin-write.ts'
import { EnrolTaken } from './enrol.tsx'
import { IssueList } from './issue-list.tsx'
import { type Shell, useShell } from './shell.ts'
import { twinOf, useDraft } from './twin-draft.ts'

const sections = ['place', 'resources', 'market', 'reach', 'forecast', 'extremes'] as const satisfies readonly FindingSection[]
const signs = { error: '✕', warning: '▲', note: '·' } as const

export function CheckStep() {
    const { t, post, useAction, Loading, FailureLine } = useShell()
    const draft = useDraft()
    const [look, setLook] = useState<TwinLook>()
    const [trial, setTrial] = useState<TrialPlan>()
    const text = writeTwin(twinOf(draft))
    const check = useAction(async () => {
        setTrial(undefined)
        const found = await post<TwinLook>('/vpp/twin/check', { text })
        setLook(found)
        if (found.report.buildable) await plan.run()
    })
    const plan = useAction(async () => setTrial(await post<TrialPlan>('/vpp/twin/trial', { text })))
    // biome-ignore lint/correctness/useExhaustiveDependencies: looked at again when the twin is another
    useEffect(() => void check.run(), [text])
    return (
        <div className="vpp-check" data-testid="build-check" data-buildable={look?.report.buildable}>
            <FailureLine failure={check.failure ?? plan.failure} />
            {!look && check.busy && <Loading />}
            {look && (
                <>
                    {look.issues.length > 0 && <IssueList issues={look.issues} />}
                    <Verdict look={look} />
                    <Findings findings={look.report.findings} />
                    {look.report.extremes.length > 0 && <Extremes extremes={look.report.extremes} />}
                </>
            )}
            {plan.busy && (
                <p role="status">
                    <Loading what={t('vpp.build.planning')} />
                </p>
            )}
            {trial && <Trial trial={trial} />}
        </div>
    )
}

function Verdict({ look: { report, issues } }: { look: TwinLook }) {
    const { t, number } = useShell()
    const errors = report.findings.filter(({ level }) => level === 'error').length + issues.length
    const warnings = report.findings.filter(({ level }) => level === 'warning').length
    return (
        <ul className="tiles vpp-facts">
            <li>
                <small>{t('vpp.build.verdict')}</small>
                <b className={errors > 0 ? 'beyond-2' : ''}>{t(errors > 0 ? 'vpp.build.cannot' : 'vpp.build.can')}</b>
                <span>{t('vpp.build.counted', { errors, warnings })}</span>
            </li>
            <li>
                <small>{t('vpp.build.resources')}</small>
                <b>{number(report.count, 0)}</b>
                <span>{t('vpp.build.groups', { groups: number(report.groups, 0) })}</span>
            </li>
            <li>
                <small>{t('vpp.build.gives')}</small>
                <b>{number(report.givesKw, 0)} kW</b>
                <span>{t('vpp.build.draws', { kw: number(report.drawsKw, 0) })}</span>
            </li>
            <li>
                <small>{t('vpp.build.stores')}</small>
                <b>{number(report.holdsKwh, 0)} kWh</b>
            </li>
            <li>
                <small>{t('vpp.build.metered')}</small>
                <b>{number(100 * report.metered, 0)} %</b>
            </li>
        </ul>
    )
}

/** A finding in the reader's language. */
const findingText = ({ tOr }: Shell, { code, args, message }: Finding) => tOr(`vpp.finding.${code}`, message, args)

function Findings({ findings }: { findings: readonly Finding[] }) {
    const shell = useShell()
    const { t } = shell
    return (
        <div className="vpp-findings" data-testid="twin-findings">
            {sections.map((section) => {
                const own = findings.filter((f) => f.section === section)
                return (
                    <section key={section}>
                        <h3>{t(`vpp.build.section.${section}`)}</h3>
                        {own.length === 0 ? (
                            <p className="dim">✓ {t('vpp.build.nothing')}</p>
                        ) : (
                            <ul>
                                {own.map((f, n) => (
                                    <li key={n} data-level={f.level} data-code={f.code}>
                                        <span className={f.level === 'error' ? 'beyond-2' : f.level === 'warning' ? 'beyond-1' : 'dim'}>
                                            {signs[f.level]} {t(`vpp.build.level.${f.level}`)}
                                        </span>{' '}
                                        {findingText(shell, f)}
                                    </li>
                                ))}
                            </ul>
                        )}
                    </section>
                )
            })}
        </div>
    )
}

function Extremes({ extremes }: { extremes: readonly Extreme[] }) {
    const { t, number } = useShell()
    return (
        <div className="vpp-scroll">
            <table className="plain" data-testid="twin-extremes">
                <caption>{t('vpp.build.extremes')}</caption>
                <thead>
                    <tr>
                        <th>{t('vpp.build.case')}</th>
                        <th className="is-number">{t('vpp.build.exchange')}</th>
                        <th className="is-number">{t('vpp.build.lowest')}</th>
                        <th className="is-number">{t('vpp.build.highest')}</th>
                        <th className="is-number">{t('vpp.build.loading')}</th>
                        <th className="is-number">{t('vpp.build.beyond')}</th>
                    </tr>
                </thead>
                <tbody>
                    {extremes.map((e) => (
                        <tr key={e.name}>
                            <td>{t(`vpp.build.extreme.${e.name}`)}</td>
                            <td className="is-number">{number(e.kw, 0)} kW</td>
                            <td className="is-number">{e.vMinPu === null ? t('vpp.build.noFlow') : `${number(e.vMinPu, 3)} p.u.`}</td>
                            <td className="is-number">{e.vMaxPu === null ? '–' : `${number(e.vMaxPu, 3)} p.u.`}</td>
                            <td className="is-number">
                                {e.worstLoadingPercent === null ? '–' : `${number(e.worstLoadingPercent, 0)} % · ${e.worstBranch}`}
                            </td>
                            <td className={`is-number${e.beyond > 0 ? ' beyond-1' : ''}`}>
                                {e.beyond > 0 ? '▲ ' : ''}
                                {number(e.beyond, 0)}
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    )
}

function Trial({ trial }: { trial: TrialPlan }) {
    const { t, number } = useShell()
    return (
        <section data-testid="twin-trial" data-status={trial.status}>
            <h3>{t('vpp.build.trial')}</h3>
            {trial.cost !== undefined && trial.ruleCost !== undefined ? (
                <p>
                    {t('vpp.build.trialCost', {
                        units: trial.units,
                        cost: `${number(trial.cost, 2)} ${trial.currency}`,
                        rules: `${number(trial.ruleCost, 2)} ${trial.currency}`,
                    })}{' '}
                    {trial.missed === 0 ? t('vpp.normal') : t('vpp.notNormal', { count: trial.missed ?? 0 })}
                </p>
            ) : (
                <>
                    <p className="beyond-1">▲ {t('vpp.infeasible')}</p>
                    <ul className="study-limits">
                        {trial.relaxation.slice(0, 40).map(({ what, by }) => (
                            <li key={what}>
                                {what}: {number(by, 2)}
                            </li>
                        ))}
                        {trial.conflict.slice(0, 40).map((name) => (
                            <li key={name}>{name}</li>
                        ))}
                    </ul>
                </>
            )}
        </section>
    )
}

export function BuildStep() {
    const { t, number, post, go, supervises, useAction, FailureLine, HoldButton } = useShell()
    const draft = useDraft()
    const [exact, setExact] = useState(false)
    const [built, setBuilt] = useState<TwinBuilt>()
    const build = useAction(async () => setBuilt(await post<TwinBuilt>('/vpp/twin', { text: writeTwin(twinOf(draft)), exact })))
    return (
        <div className="vpp-check" data-testid="build-finish">
            <p>
                {t('vpp.build.summary', {
                    name: draft.name,
                    count: number(draft.resources.length, 0),
                    feeder: draft.place.feeder || t('vpp.build.wholeGrid'),
                })}
            </p>
            <Checkbox label={t('vpp.build.exact')} checked={exact} onChange={(e) => setExact(e.currentTarget.checked)} />
            {supervises ? (
                <HoldButton onHeld={() => void build.run()} disabled={build.busy || draft.resources.length === 0} testId="twin-build">
                    {t('vpp.build.hold')}
                </HoldButton>
            ) : (
                <p className="dim">{t('vpp.build.supervisor')}</p>
            )}
            <FailureLine failure={build.failure} />
            {build.failure?.issues && <IssueList issues={build.failure.issues} />}
            {built && (
                <section data-testid="twin-built">
                    <p>
                        {t('vpp.build.done', {
                            name: built.name,
                            enrolled: number(built.enrolled, 0),
                            unchanged: number(built.unchanged, 0),
                            removed: number(built.removed, 0),
                            market: t(built.marketChanged ? 'vpp.build.marketChanged' : 'vpp.build.marketSame'),
                        })}
                    </p>
                    {built.answer ? (
                        <EnrolTaken answer={built.answer} done={() => go('devices')} />
                    ) : (
                        <Button variant="default" onClick={() => go('devices')}>
                            {t('vpp.enrol.look')}
                        </Button>
                    )}
                </section>
            )}
        </div>
    )
}
