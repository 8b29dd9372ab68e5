/** The log of who did what, newest first, each entry chained to the one before by its hash. */

import type { EventCard } from '@gridverse/twin'
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { get } from '../model/api.ts'
import { formatCount, formatDateTime } from '../model/format.ts'
import { worldKind } from '../model/link.ts'
import { events, go, link, pick, region, showWorld } from '../model/state.ts'
import { sourceName } from '../parts/alarm-text.ts'
import { Icon } from '../parts/icon.tsx'
import { Empty, Failed, FailureLine, Loading, PageHead } from '../parts/pages.tsx'
import { useAction, useCell, useGet, useLang, useSlice } from '../parts/use.ts'
import { t, tOr } from '../text/index.ts'

type Verdict = { ok: true; entries: number; head: string } | { ok: false; entries: number; brokenAt: number; reason: string }
const prefixes = ['', 'command', 'alarm', 'world', 'person', 'device', 'point', 'hold'] as const
const pageSize = 100

export function EventsView() {
    const lang = useLang()
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const part = useSlice(link, (l) => l.part)
    const newest = useCell(events)
    const [prefix, setPrefix] = useState<string>('')
    const world = useSlice(link, (l) => l.world)
    const { kind, tMs } = worldKind(world)
    // a replay shows what had been done by then
    const until = kind === 'replay' ? `&until=${Math.round(tMs ?? 0)}` : ''
    const query = `limit=${pageSize}${until}${prefix ? `&prefix=${prefix}.` : ''}${part ? `&target=${encodeURIComponent(part)}` : ''}`
    const first = useGet<EventCard[]>(`/events?${query}`)
    const [older, setOlder] = useState<{ query: string; list: readonly EventCard[]; end: boolean }>({ query, list: [], end: false })
    const [verdict, setVerdict] = useState<Verdict>()
    const verify = useAction(async () => setVerdict(await get<Verdict>('/events/verify')))
    const held = older.query === query ? older : { query, list: [], end: false }
    const fits = (e: EventCard) => !until && (!prefix || e.action.startsWith(`${prefix}.`)) && (!part || e.target === part)
    const fetched = first.state === 'ready' ? first.data : []
    const top = fetched[0]?.seq ?? -1
    const shown = [...newest.filter((e) => e.seq > top && fits(e)), ...fetched, ...held.list]
    const more = useAction(async () => {
        const last = shown.at(-1)
        if (!last) return
        const list = await get<EventCard[]>(`/events?${query}&before=${last.seq}`)
        setOlder({ query, list: [...held.list, ...list], end: list.length < pageSize })
    })
    // a new query begins at the newest again
    useEffect(() => setVerdict(undefined), [])
    return (
        <div className="page events-view">
            <PageHead title={t('view.events')} about={t('events.about')}>
                <SegmentedControl
                    data={prefixes.map((p) => ({ value: p, label: t(`events.kind.${p || 'all'}`) }))}
                    value={prefix}
                    onChange={setPrefix}
                />
                <TextInput
                    placeholder={t('events.target')}
                    aria-label={t('events.target')}
                    value={part}
                    onChange={(e) => go({ part: e.currentTarget.value })}
                />
                <Button
                    variant="default"
                    loading={verify.busy}
                    onClick={() => void verify.run()}
                    leftSection={<Icon name="lock" size={14} />}
                    data-testid="events-verify"
                >
                    {t('events.verify')}
                </Button>
            </PageHead>
            <FailureLine failure={verify.failure} />
            {verdict && (
                <p
                    className={`verdict ${verdict.ok ? 'is-ok' : 'is-broken'}`}
                    role="status"
                    data-testid="events-verdict"
                    data-ok={verdict.ok}
                >
                    <Icon name={verdict.ok ? 'check' : 'close'} />
                    {verdict.ok
                        ? t('events.holds', { n: formatCount(verdict.entries, lang), head: verdict.head.slice(0, 12) })
                        : t('events.broken', { at: verdict.brokenAt, reason: verdict.reason })}
                </p>
            )}
            {first.state === 'loading' && <Loading />}
            {first.state === 'failed' && <Failed failure={first.failure} retry={first.reload} />}
            {first.state === 'ready' && shown.length === 0 && <Empty title={t('events.none')}>{t('events.noneAbout')}</Empty>}
            {shown.length > 0 && (
                <div className="table-scroll">
                    <table className="grid events" data-testid="events">
                        <thead>
                            <tr>
                                <th scope="col" className="is-number">
                                    {t('events.seq')}
                                </th>
                                <th scope="col">{t('events.time')}</th>
                                <th scope="col">{t('events.actor')}</th>
                                <th scope="col">{t('events.action')}</th>
                                <th scope="col">{t('events.what')}</th>
                                <th scope="col">{t('events.detail')}</th>
                                <th scope="col">{t('events.hash')}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {shown.map((e) => (
                                <tr key={e.seq} data-testid={`event-${e.seq}`} data-action={e.action}>
                                    <td className="is-number id">{e.seq}</td>
                                    <td className="nowrap">{formatDateTime(e.tMs, zone, lang)}</td>
                                    <td>{e.actor === 'system' ? t('events.system') : e.actor}</td>
                                    <td className="nowrap" title={e.action}>
                                        {tOr(`action.${e.action}`, e.action)}
                                    </td>
                                    <td>
                                        <Target target={e.target} />
                                    </td>
                                    <td className="event-detail">{detailText(e.detail)}</td>
                                    <td className="hash" title={e.hash}>
                                        {e.hash.slice(0, 10)}
                                    </td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                    {!held.end && shown.length >= pageSize && (
                        <Button variant="subtle" color="gray" fullWidth loading={more.busy} onClick={() => void more.run()}>
                            {t('events.older')}
                        </Button>
                    )}
                </div>
            )}
        </div>
    )
}

/** What was acted on: a component is picked by a click, a what-if is shown. */
function Target({ target }: { target: string }) {
    useLang()
    const known = useSlice(region, (r) => r?.components.has(target.split('/').slice(0, 2).join('/')) ?? false)
    if (!known && !target.startsWith('what-if/')) return target
    const name = sourceName(target)
    return (
        <button
            type="button"
            className="component-link"
            onClick={() => (known ? pick(target.split('/').slice(0, 2).join('/')) : showWorld(target))}
        >
            {name}
            {name !== target && <small className="component-id">{target}</small>}
        </button>
    )
}

/** A free record in one line: `before open · after closed`. */
export function detailText(detail: Readonly<Record<string, unknown>>): string {
    return Object.entries(detail)
        .filter(([k, v]) => k !== 'id' && v !== null && v !== '' && v !== undefined)
        .map(([k, v]) => `${k} ${typeof v === 'object' ? JSON.stringify(v) : String(v)}`)
        .join(' · ')
}
