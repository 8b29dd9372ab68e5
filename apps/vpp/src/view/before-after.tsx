/** What the plan saves, and that nobody pays for it: cost and service by rules, and by the plan. */
import type { Service } from '@gridverse/plan'
import type { BeforeAfter } from '../before-after.ts'
import { useShell } from './shell.ts'

/** Figure, its unit, and how many were let down. */
const rows = [
    ['comfort', 'comfortKh', 'K·h', 'comfortRooms'],
    ['ev', 'evShortKwh', 'kWh', 'evSessions'],
    ['water', 'waterShortKwh', 'kWh', 'waterHeaters'],
    ['task', 'taskShortKwh', 'kWh', 'tasks'],
    ['heat', 'heatShortKwh', 'kWh', undefined],
    ['cold', 'coldShortKwh', 'kWh', undefined],
] as const satisfies readonly (readonly [string, keyof Service, string, keyof Service | undefined])[]

export function BeforeAfterSection({ of, currency }: { of: BeforeAfter; currency: string }) {
    const { t, number } = useShell()
    const saved = of.costBefore - of.costAfter
    const share = of.costBefore === 0 ? 0 : saved / Math.abs(of.costBefore)
    const cell = (service: Service, amount: keyof Service, unit: string, count: keyof Service | undefined) => {
        const missed = service[amount]
        return (
            <td className={`is-number${missed > 0 ? ' beyond-1' : ''}`}>
                {missed > 0 ? '▲ ' : ''}
                {number(missed, 2)} {unit}
                {count ? ` · ${number(service[count], 0)}` : ''}
            </td>
        )
    }
    return (
        <section className="vpp-scroll" data-testid="before-after" data-missed={of.missedAfter}>
            <table className="plain">
                <caption>
                    {t(saved >= 0 ? 'vpp.saves' : 'vpp.costsMore', {
                        amount: `${number(Math.abs(saved), 2)} ${currency}`,
                        share: number(100 * Math.abs(share), 1),
                    })}{' '}
                    {t(of.missedAfter === 0 ? 'vpp.normal' : 'vpp.notNormal', { count: of.missedAfter })}
                </caption>
                <thead>
                    <tr>
                        <th>{t('vpp.service')}</th>
                        <th className="is-number">{t('vpp.service.before')}</th>
                        <th className="is-number">{t('vpp.service.after')}</th>
                    </tr>
                </thead>
                <tbody>
                    <tr>
                        <td>{t('vpp.expected')}</td>
                        <td className="is-number">
                            {number(of.costBefore, 2)} {currency}
                        </td>
                        <td className="is-number">
                            {number(of.costAfter, 2)} {currency}
                        </td>
                    </tr>
                    <tr>
                        <td>{t('vpp.measure.co2Kg')}</td>
                        <td className="is-number">{number(of.co2Before, 0)} kg</td>
                        <td className="is-number">{number(of.co2After, 0)} kg</td>
                    </tr>
                    {rows.map(([name, amount, unit, count]) => (
                        <tr key={name}>
                            <td title={t(`vpp.service.${name}About`)}>{t(`vpp.service.${name}`)}</td>
                            {cell(of.before, amount, unit, count)}
                            {cell(of.after, amount, unit, count)}
                        </tr>
                    ))}
                </tbody>
            </table>
        </section>
    )
}
