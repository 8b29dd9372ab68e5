/** Plans: ask for one, follow it, read what came of it. */
import { Button } from '@mantine/core'
import { useRef } from 'react'
import type { VppOutcome } from '../run.ts'
import { constraintName } from './constraint-name.ts'
import { isOpen, type PlanCard, usePlan, useStudies } from './plans.ts'
import { PlanReport } from './report.tsx'
import { RequestForm } from './request.tsx'
import { part, useShell } from './shell.ts'

export function PlanTab({ id }: { id: string }) {
    const { t, mayAct, Loading, Failed, Empty, href } = useShell()
    const plans = useStudies()
    if (plans.state === 'loading') return <Loading />
    if (plans.state === 'failed') return <Failed failure={plans.failure} retry={plans.reload} />
    const [own = '', , ...unit] = id.split('/')
    const asking = own === 'new'
    // experiments stand with the claims; here they are only what an address asks for
    const listed = plans.data.filter((c) => !c.preferences.experiments)
    const card = asking ? undefined : (plans.data.find((c) => c.id === own) ?? (own === '' ? listed[0] : undefined))
    return (
        <div className="vpp-plan">
            <nav className="vpp-plans" aria-label={t('vpp.plans')}>
                {mayAct && (
                    <a className={`vpp-new${asking ? ' is-current' : ''}`} href={href('plan/new')} data-testid="plan-new">
                        {t('vpp.new')}
                    </a>
                )}
                {listed.map((c) => (
                    <PlanLink key={c.id} card={c} current={c.id === card?.id} />
                ))}
            </nav>
            <div className="vpp-plan-body">
                {mayAct && (asking || listed.length === 0) && (
                    <RequestForm done={plans.reload} sentence={asking ? id.slice('new/'.length) : ''} />
                )}
                {listed.length === 0 && <Empty title={t('vpp.none')}>{t(mayAct ? 'vpp.noneAbout' : 'vpp.noneViewer')}</Empty>}
                {!asking && own !== '' && !card && <Empty title={t('vpp.gone')} />}
                {card && <Plan key={card.id} card={card} unit={unit.join('/')} reload={plans.reload} />}
            </div>
        </div>
    )
}

function PlanLink({ card, current }: { card: PlanCard; current: boolean }) {
    const { t, href, dateTime, number } = useShell()
    return (
        <a className="vpp-plan-link" href={href(`plan/${card.id}`)} aria-current={current ? 'page' : undefined} data-state={card.state}>
            <b>{card.title}</b>
            <span>
                {t(`vpp.state.${card.state}`)}
                {card.state === 'running' ? ` ${number(100 * card.progress, 0)} %` : ''}
                {card.preferences.beta === undefined ? '' : ` · β ${card.preferences.beta}`}
            </span>
            <small>
                {card.by} · {dateTime(card.createdMs)}
            </small>
        </a>
    )
}

function Plan({ card, unit, reload }: { card: PlanCard; unit: string; reload: () => void }) {
    const { t, post, remove, go, person, mayAct, useAction, FailureLine, Loading, Failed } = useShell()
    const answer = usePlan(card)
    const stop = useAction(async () => {
        await post(`/studies/${part(card.id)}/cancel`)
        reload()
    })
    const drop = useAction(async () => {
        await remove(`/studies/${part(card.id)}`)
        go('plan')
        reload()
    })
    const mine = mayAct && card.by === person
    return (
        <article data-testid={`study-${card.state}`}>
            <header className="vpp-plan-head">
                <h2>{card.title}</h2>
                {mine && isOpen(card) && (
                    <Button variant="default" onClick={() => void stop.run()} data-testid="plan-stop">
                        {t('vpp.stop')}
                    </Button>
                )}
                {mine && !isOpen(card) && (
                    <Button variant="default" onClick={() => void drop.run()} data-testid="plan-remove">
                        {t('vpp.remove')}
                    </Button>
                )}
            </header>
            <FailureLine failure={stop.failure ?? drop.failure} />
            {isOpen(card) ? (
                <Progress card={card} />
            ) : answer.state === 'loading' ? (
                <Loading />
            ) : answer.state === 'failed' ? (
                <Failed failure={answer.failure} retry={answer.reload} />
            ) : (
                <Outcome {...answer.data} unit={unit} reload={reload} />
            )}
        </article>
    )
}

/** How far a plan is, what is under work, and when it should be done at the pace seen. */
export function Progress({ card }: { card: PlanCard }) {
    const { t, number } = useShell()
    const seen = useRef<{ atMs: number; progress: number }>(undefined)
    const nowMs = performance.now()
    if (card.state === 'running') seen.current ??= { atMs: nowMs, progress: card.progress }
    const began = seen.current
    const pace = began && card.progress > began.progress ? (card.progress - began.progress) / (nowMs - began.atMs) : undefined
    const gap = /^gap (\S+)/.exec(card.message)?.[1]
    return (
        <div className="vpp-progress" role="status" data-testid="plan-progress">
            <progress max={1} value={card.progress} aria-label={t('vpp.progress')} />
            <span>
                {card.state === 'waiting'
                    ? t('vpp.waits')
                    : `${number(100 * card.progress, 0)} %${pace ? ` · ${t('vpp.left', { seconds: number((1 - card.progress) / pace / 1000, 0) })}` : ''}`}
            </span>
            <span className="dim">{gap ? t('vpp.gapNow', { gap }) : card.message}</span>
        </div>
    )
}

function Outcome({ card, outcome, unit, reload }: { card: PlanCard; outcome?: VppOutcome; unit: string; reload: () => void }) {
    const { t, href } = useShell()
    switch (outcome?.kind) {
        case 'report':
            return <PlanReport card={card} report={outcome.report} unit={unit} reload={reload} />
        case 'claims':
            return <a href={href(`claims/${card.id}`)}>{t('vpp.toClaims')}</a>
        case 'infeasible':
            return <Infeasible {...outcome} />
        case 'issues':
            return (
                <ul className="study-limits" data-testid="plan-issues">
                    {outcome.issues.map((issue) => (
                        <li key={issue.path + issue.code + issue.message}>
                            {issue.line ? `${issue.line}: ` : ''}
                            {issue.message}
                        </li>
                    ))}
                </ul>
            )
        default:
            return <p>{card.message || t('vpp.stopped')}</p>
    }
}

/** No plan holds every limit: the least that must give way, and the limits that stand against each other. */
function Infeasible({ relaxation, conflict, leastCvar }: Extract<VppOutcome, { kind: 'infeasible' }>) {
    const shell = useShell()
    const { t, number } = shell
    return (
        <section data-testid="plan-infeasible">
            {leastCvar !== undefined && <p>{t('vpp.leastCvar', { cvar: number(leastCvar, 2) })}</p>}
            <h3>{t('vpp.infeasible')}</h3>
            <table className="plain">
                <thead>
                    <tr>
                        <th>{t('vpp.limit')}</th>
                        <th className="is-number">{t('vpp.giveWay')}</th>
                    </tr>
                </thead>
                <tbody>
                    {relaxation.slice(0, 40).map((row) => (
                        <tr key={row.what}>
                            <td>{constraintName(shell, row.what)}</td>
                            <td className="is-number">{number(row.by, 2)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
            {conflict.length > 0 && (
                <>
                    <h3>{t('vpp.conflict')}</h3>
                    <ul className="study-limits">
                        {conflict.slice(0, 40).map((name) => (
                            <li key={name}>{constraintName(shell, name)}</li>
                        ))}
                    </ul>
                </>
            )}
        </section>
    )
}
