/** Limits asked of a plan: what they came to, whether they bind, what they cost, and what one unit more of room would save. */
import type { LimitReport, PlanLimit } from '@gridverse/plan'
import { clockText } from './limit-rows.tsx'
import { type Shell, useShell } from './shell.ts'

const unitOf: Readonly<Record<PlanLimit['kind'], string>> = {
    import: 'kW',
    export: 'kW',
    charge: '%',
    without: '',
    curtailment: 'kWh',
    co2: 'kg',
    comfort: 'K',
}

/** A limit in words: what, how much, when. */
export function limitText({ t, number }: Pick<Shell, 't' | 'number'>, limit: PlanLimit): string {
    const window = limit as { fromH?: number; untilH?: number; unit?: string }
    const when = [
        window.fromH === undefined ? '' : t('vpp.limit.from', { time: clockText(window.fromH) }),
        window.untilH === undefined ? '' : t('vpp.limit.until', { time: clockText(window.untilH) }),
    ]
    const what = {
        import: () => `≤ ${number((limit as { maxKw: number }).maxKw, 0)} kW`,
        export: () => `≤ ${number((limit as { maxKw: number }).maxKw, 0)} kW`,
        charge: () => `${window.unit ? `${window.unit} ` : ''}≥ ${number((limit as { minPercent: number }).minPercent, 0)} %`,
        without: () => window.unit ?? '',
        curtailment: () => `≤ ${number((limit as { maxKwh: number }).maxKwh, 0)} kWh`,
        co2: () => `≤ ${number((limit as { maxKg: number }).maxKg, 0)} kg`,
        comfort: () => {
            const { minC, maxC } = limit as { minC?: number; maxC?: number }
            return [minC === undefined ? '' : `≥ ${number(minC, 1)} °C`, maxC === undefined ? '' : `≤ ${number(maxC, 1)} °C`]
                .filter(Boolean)
                .join(', ')
        },
    }[limit.kind]()
    return [t(`vpp.limit.${limit.kind}`), what, ...when].filter(Boolean).join(' ')
}

export function LimitsSection({ limits, currency }: { limits: readonly LimitReport[]; currency: string }) {
    const shell = useShell()
    const { t, number } = shell
    if (limits.length === 0) return null
    return (
        <section className="vpp-scroll">
            <table className="plain" data-testid="plan-limits">
                <thead>
                    <tr>
                        <th>{t('vpp.limits.asked')}</th>
                        <th className="is-number">{t('vpp.limits.reached')}</th>
                        <th>{t('vpp.limits.binds')}</th>
                        <th className="is-number" title={t('vpp.limits.costAbout')}>
                            {t('vpp.limits.cost', { currency })}
                        </th>
                        <th className="is-number" title={t('vpp.limits.priceAbout')}>
                            {t('vpp.limits.price')}
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {limits.map(({ limit, reached, binds, cost, price }, n) => (
                        <tr key={n} data-binds={binds}>
                            <td>{limitText(shell, limit)}</td>
                            <td className="is-number">
                                {reached === undefined
                                    ? '–'
                                    : limit.kind === 'comfort'
                                      ? t('vpp.limits.room', { kelvin: number(reached, 2) })
                                      : `${number(reached, 1)} ${unitOf[limit.kind]}`}
                            </td>
                            <td>{t(binds ? 'vpp.limits.yes' : 'vpp.limits.no')}</td>
                            <td className="is-number">{cost === undefined ? '–' : number(cost, 2)}</td>
                            <td className="is-number">
                                {price === undefined ? '–' : `${number(price, 3)} ${currency}/${unitOf[limit.kind]}`}
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </section>
    )
}
