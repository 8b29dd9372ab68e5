/** Studies: everything people asked the platform to work out, whichever desk it belongs to. */
import type { StudyCard } from '@gridverse/study'
import { Button } from '@mantine/core'
import { part, post, remove } from '../model/api.ts'
import { formatDateTime, formatNumber } from '../model/format.ts'
import { views } from '../model/link.ts'
import { hrefOf, region, session } from '../model/state.ts'
import { Empty, Failed, FailureLine, Loading, PageHead } from '../parts/pages.tsx'
import { useAction, useGet, useLang, useSlice } from '../parts/use.ts'
import { t } from '../text/index.ts'

export function StudiesView() {
    useLang()
    const list = useGet<StudyCard[]>('/studies', { everyMs: 1500 })
    if (list.state === 'loading') return <Loading />
    if (list.state === 'failed') return <Failed failure={list.failure} retry={list.reload} />
    return (
        <div className="page studies-view">
            <PageHead title={t('view.studies')} about={t('study.about')} />
            {list.data.length === 0 ? (
                <Empty title={t('study.none')}>
                    <a href={hrefOf({ view: 'vpp', part: 'plan', camera: '' })}>{t('study.ask')}</a>
                </Empty>
            ) : (
                <ul className="studies">
                    {list.data.map((card) => (
                        <StudyRow key={card.id} card={card} reload={list.reload} />
                    ))}
                </ul>
            )}
        </div>
    )
}

function StudyRow({ card, reload }: { card: StudyCard; reload: () => void }) {
    const lang = useLang()
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const mine = useSlice(session, (s) => s.state === 'signed-in' && (s.person.name === card.by || s.person.role === 'administrator'))
    const open = card.state === 'waiting' || card.state === 'running'
    const end = useAction(async () => {
        if (open) await post(`/studies/${part(card.id)}/cancel`)
        else await remove(`/studies/${part(card.id)}`)
        reload()
    })
    const desk = views.find((view) => view === card.study)
    return (
        <li className={`study is-${card.state}`} data-testid={`study-${card.state}`}>
            <span className="decision-state">{t(`study.state.${card.state}`)}</span>
            {desk ? <a href={hrefOf({ view: desk, part: `plan/${card.id}`, camera: '' })}>{card.title}</a> : <b>{card.title}</b>}
            {open && (
                <progress max={1} value={card.progress}>
                    {formatNumber(100 * card.progress, 0, lang)} %
                </progress>
            )}
            <span className="dim">
                {card.by} · {formatDateTime(card.createdMs, zone, lang)}
                {card.endedMs ? ` · ${formatNumber((card.endedMs - card.createdMs) / 1000, 0, lang)} s` : ''}
            </span>
            {mine && (
                <Button variant="default" size="compact-xs" loading={end.busy} onClick={() => void end.run()}>
                    {t(open ? 'study.stop' : 'study.remove')}
                </Button>
            )}
            <FailureLine failure={end.failure} />
        </li>
    )
}
