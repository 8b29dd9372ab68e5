/** What an outage does besides overloads, and what would help: the same words in the list and over the views. */
import type { SecurityRelief, SecurityRow } from '@gridverse/twin'
import { formatNumber } from '../model/format.ts'
import { t } from '../text/index.ts'
import { ComponentLink } from './component-link.tsx'
import { Icon } from './icon.tsx'
import { useLang } from './use.ts'

/** Voltages beyond limits and what loses its supply, in a line each. */
export function OutageFacts({ row }: { row: SecurityRow }) {
    const lang = useLang()
    const [voltage] = row.voltages
    const lost = row.lostLoadMw > 0 || row.lostGenerationMw > 0 || row.lostBusCount > 0
    return (
        <>
            {lost && (
                <span data-testid="outage-islanding">
                    ◊{' '}
                    {t('security.lost', {
                        load: formatNumber(row.lostLoadMw, 1, lang),
                        generation: formatNumber(row.lostGenerationMw, 1, lang),
                        buses: formatNumber(row.lostBusCount, 0, lang),
                    })}
                </span>
            )}
            {voltage && (
                <span>
                    {t('security.voltage', { n: formatNumber(row.voltageCount, 0, lang), vm: formatNumber(voltage.vmPu, 3, lang) })}{' '}
                    <ComponentLink component={voltage.component} />
                </span>
            )}
        </>
    )
}

export function ReliefText({ relief }: { relief: SecurityRelief }) {
    const lang = useLang()
    const mw = (value: number) => formatNumber(value, 1, lang)
    return (
        <details className="relief">
            <summary>
                <Icon name="decisions" size={14} />{' '}
                {t(relief.reliefMw >= relief.neededMw * 0.999 ? 'security.relief' : 'security.reliefPart', {
                    relief: mw(relief.reliefMw),
                    needed: mw(relief.neededMw),
                })}
            </summary>
            <ol>
                {relief.steps.map((s) => (
                    <li key={`${s.lower} ${s.raise}`}>
                        {mw(s.mw)} MW: <ComponentLink component={s.lower} /> ↓ <ComponentLink component={s.raise} /> ↑{' '}
                        <small className="dim">−{mw(s.reliefMw)} MW</small>
                    </li>
                ))}
            </ol>
        </details>
    )
}
