/** The outage that is placed: over world, diagram and tables it says what is lost, what is then overloaded and what helps. */
import { Button } from '@mantine/core'
import { part, post } from '../model/api.ts'
import { formatNumber } from '../model/format.ts'
import type { View } from '../model/link.ts'
import { clearOutage, placed, security } from '../model/security.ts'
import { createWhatIf, go, link } from '../model/state.ts'
import { ComponentLink, useComponentName } from '../parts/component-link.tsx'
import { Icon } from '../parts/icon.tsx'
import { OutageFacts, ReliefText } from '../parts/outage-facts.tsx'
import { FailureLine } from '../parts/pages.tsx'
import { useAction, useCell, useLang, useSlice } from '../parts/use.ts'
import { t } from '../text/index.ts'

const placedViews: readonly View[] = ['world', 'diagram', 'tables']

export function OutageBar() {
    const lang = useLang()
    const now = useCell(placed)
    const view = useSlice(link, (l) => l.view)
    const busy = useSlice(security, (s) => s.busy)
    const name = useComponentName(now?.lost ?? '')
    const branch = useAction(async () => {
        const card = await createWhatIf(link.get().world)
        await post(`/worlds/${part(card.id)}/edits`, { edits: [{ point: `${now!.lost}/inService`, value: 0 }] })
        clearOutage()
    })
    if (!now || !placedViews.includes(view)) return null
    const { row } = now
    return (
        <section className="outage-placed" aria-label={t('security.placed')} data-testid="outage-placed" data-outage={now.lost}>
            <p>
                <span className="outage-mark" aria-hidden="true">
                    ✕
                </span>
                <b>{t('security.without', { name })}</b>
            </p>
            {row ? (
                <div className="outage-facts">
                    {row.status === 'diverged' && <span className="is-over">{t('security.noSolution')}</span>}
                    {row.overloads.slice(0, 4).map((o) => (
                        <span key={o.component} className="is-over">
                            ▲ {formatNumber(o.loadingPercent, 1, lang)} % <ComponentLink component={o.component} />
                        </span>
                    ))}
                    {row.overloadCount > 4 && (
                        <span className="dim">{t('security.more', { n: formatNumber(row.overloadCount - 4, 0, lang) })}</span>
                    )}
                    <OutageFacts row={row} />
                </div>
            ) : (
                <p className="dim">{busy ? t('security.working') : t('security.notRanked')}</p>
            )}
            {row?.relief && <ReliefText relief={row.relief} />}
            <FailureLine failure={branch.failure} />
            <div className="row">
                {placedViews
                    .filter((v) => v !== view)
                    .map((v) => (
                        <Button
                            key={v}
                            variant="default"
                            size="compact-xs"
                            leftSection={<Icon name={v} size={14} />}
                            onClick={() => go({ view: v, ...(v === 'tables' ? { part: 'branch' } : {}) })}
                        >
                            {t(`view.${v}`)}
                        </Button>
                    ))}
                <Button variant="default" size="compact-xs" onClick={() => go({ view: 'security' })} data-testid="outage-list">
                    {t('security.list')}
                </Button>
                <Button
                    variant="default"
                    size="compact-xs"
                    loading={branch.busy}
                    onClick={() => void branch.run()}
                    data-testid="outage-try"
                >
                    {t('security.try')}
                </Button>
                <Button variant="subtle" color="gray" size="compact-xs" onClick={clearOutage} data-testid="outage-clear">
                    {t('security.clear')}
                </Button>
            </div>
        </section>
    )
}
