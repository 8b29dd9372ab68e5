/** What is claimed of virtual power plants, tried on the plan looked at: what is said, what was found, where it holds. */
import type { Claim } from '@gridverse/plan'
import type { VppReport } from '../run.ts'
import { TradeChart } from './day-charts.tsx'
import { usePlan, usePlans } from './plans.ts'
import { FrontierChart } from './risk-charts.tsx'
import { type Shell, useShell } from './shell.ts'

export function ClaimsTab({ id }: { id: string }) {
    const { t, Loading, Failed, Empty, href } = useShell()
    const plans = usePlans()
    const done = plans.state === 'ready' ? plans.data.filter((c) => c.state === 'done') : []
    const card = done.find((c) => c.id === id) ?? (id === '' ? done[0] : undefined)
    const answer = usePlan(card)
    if (plans.state === 'failed') return <Failed failure={plans.failure} retry={plans.reload} />
    if (plans.state === 'ready' && !card) return <Empty title={t('vpp.claims.none')}>{t('vpp.claims.noneAbout')}</Empty>
    if (answer.state === 'failed') return <Failed failure={answer.failure} retry={answer.reload} />
    if (answer.state === 'loading' || !card) return <Loading />
    const { outcome } = answer.data
    const report = outcome?.kind === 'report' ? outcome.report : undefined
    if (!report?.claims) return <Empty title={t('vpp.claims.none')}>{t('vpp.claims.noneAbout')}</Empty>
    const failing = report.claims.filter((c) => !c.holds).length
    return (
        <div className="vpp-claims" data-testid="claims">
            <p>
                {t('vpp.claims.about')} <a href={href(`plan/${card.id}`)}>{card.title}</a>.{' '}
                <b>{t('vpp.claims.sum', { holds: report.claims.length - failing, fails: failing })}</b>
            </p>
            {report.claims.map((claim) => (
                <ClaimCard key={claim.id} claim={claim} report={report} />
            ))}
            <section className="vpp-claim">
                <h3>{t('vpp.claims.wording')}</h3>
                <ul className="vpp-notes">
                    <li>{t('vpp.claims.weather')}</li>
                    <li>{t('vpp.claims.balance')}</li>
                </ul>
            </section>
        </div>
    )
}

function ClaimCard({ claim, report }: { claim: Claim; report: VppReport }) {
    const shell = useShell()
    const { t, tOr, number } = shell
    // the figures, in order, may stand in the note
    const args = Object.fromEntries(Object.values(claim.figures).map((x, k) => [`f${k + 1}`, number(x, 1)]))
    const texts = (['said', 'region', 'note'] as const).flatMap((what) => {
        const own = claim.holds ? '' : tOr(`vpp.claim.${claim.id}.${what}Not`, '', args)
        const text = own || tOr(`vpp.claim.${claim.id}.${what}`, '', args)
        return text ? [[what, text] as const] : []
    })
    return (
        <article className="vpp-claim" data-testid={`claim-${claim.id}`} data-holds={claim.holds}>
            <h3>
                <span className={claim.holds ? 'vpp-verdict' : 'vpp-verdict beyond-1'}>
                    {claim.holds ? `✓ ${t('vpp.holds')}` : `▲ ${t('vpp.fails')}`}
                </span>{' '}
                {tOr(`vpp.claim.${claim.id}`, claim.id)}
            </h3>
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
            </dl>
            <div>
                {claim.id === 'a-buyer' ? (
                    <TradeChart day={report.day} />
                ) : claim.id === 'e' && report.frontier.length > 1 ? (
                    <FrontierChart frontier={report.frontier} day={report.day} />
                ) : null}
                <FigureBars figures={claim.figures} />
            </div>
        </article>
    )
}

/** The name of a figure in the reader's language: `turbines with least sun, kWh`, `CVaR at 0.95`. */
export function figureName({ tOr }: Shell, name: string): string {
    const [, words = name, at] = /^(.*?)(?: at ([\d.]+))?$/.exec(name)!
    const key = words.toLowerCase().replaceAll(/[^a-z]+/g, '-')
    return tOr(`vpp.figure.${key}`, name, at === undefined ? {} : { at })
}

function FigureBars({ figures }: { figures: Claim['figures'] }) {
    const shell = useShell()
    const rows = Object.entries(figures)
    const most = Math.max(...rows.map(([, v]) => Math.abs(v)), 1e-9)
    return (
        <ul className="waterfall">
            {rows.map(([name, value]) => (
                <li key={name}>
                    <span>{figureName(shell, name)}</span>
                    <span className="waterfall-track">
                        <i
                            className={value < 0 ? 'waterfall-bar is-gain' : 'waterfall-bar'}
                            style={{ left: 0, width: `${(100 * Math.abs(value)) / most}%` }}
                        />
                    </span>
                    <b>{shell.number(value, Number.isInteger(value) ? 0 : 1)}</b>
                </li>
            ))}
        </ul>
    )
}
