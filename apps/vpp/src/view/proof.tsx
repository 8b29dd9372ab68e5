/** What is proven of a plan, said first: how far from the best it can be at most, and what it is against rules. */
import type { VppReport } from '../run.ts'
import { scientific } from './frame.ts'
import { useShell } from './shell.ts'

export function Proof({ report: { day, baselines } }: { report: VppReport }) {
    const { t, number } = useShell()
    const { objective, bound, gap, currency, status } = day
    const rules = baselines && baselines.ruleBased.objective - baselines.own.objective
    const forecast = baselines && baselines.deterministic.objective - baselines.own.objective
    const worse = rules !== undefined && rules < -1e-6 * Math.max(1, Math.abs(objective))
    const money = (x: number) => `${number(x, 2)} ${currency}`
    return (
        <p className="vpp-proof" data-testid="plan-proof" data-gap={gap} data-against-rules={rules}>
            <b className={status === 'optimal' ? 'vpp-verdict' : 'vpp-verdict beyond-1'}>
                {status === 'optimal' ? `✓ ${t('vpp.proof.optimal')}` : `▲ ${t('vpp.proof.stopped')}`}
            </b>{' '}
            {bound === undefined
                ? t('vpp.proof.noBound', { objective: money(objective) })
                : t('vpp.proof.bound', { objective: money(objective), bound: money(bound), gap: gap > 0 ? scientific(gap) : '0' })}{' '}
            {rules !== undefined && (
                <span className={worse ? 'beyond-1' : undefined}>
                    {worse ? '▲ ' : '✓ '}
                    {t(worse ? 'vpp.proof.worse' : 'vpp.proof.rules', { saved: money(Math.abs(rules)) })}
                </span>
            )}{' '}
            {forecast !== undefined && forecast > 0 && t('vpp.proof.forecast', { saved: money(forecast) })}
        </p>
    )
}
