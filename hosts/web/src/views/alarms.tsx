/** The alarm list: what is wrong, since when, and what has been done about it. */

import type { Alarm } from '@gridverse/twin'
import { Button, Menu, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { type AlarmFilter, alarmFilters, alarmList, isAside, isWaiting } from '../model/alarm-list.ts'
import { part, post } from '../model/api.ts'
import { formatAge, formatDateTime, formatValue } from '../model/format.ts'
import { worldKind } from '../model/link.ts'
import { alarms, link, pick, region, session } from '../model/state.ts'
import { alarmText, sourceName } from '../parts/alarm-text.ts'
import { AlarmMark } from '../parts/marks.tsx'
import { Empty, FailureLine, PageHead } from '../parts/pages.tsx'
import { useAction, useBeat, useCell, useLang, useSlice } from '../parts/use.ts'
import { t } from '../text/index.ts'

const shelveMinutes = [15, 60, 240, 480] as const

export function AlarmsView() {
    const lang = useLang()
    useBeat()
    const all = useCell(alarms)
    const index = useCell(region)!
    const zone = index.json.timeZone
    const role = useSlice(session, (s) => (s.state === 'signed-in' ? s.person.role : 'viewer'))
    const [filter, setFilter] = useState<AlarmFilter>('open')
    const [at, setAt] = useState(0)
    const act = useAction((alarm: Alarm, what: string, body?: object) => post(`/alarms/${part(alarm.id)}/${what}`, body ?? {}))
    const acknowledgeAll = useAction(async (list: readonly Alarm[]) => {
        for (const alarm of list) await post(`/alarms/${part(alarm.id)}/acknowledge`)
    })
    const shown = alarmList(all.values(), filter)
    const waiting = shown.filter(isWaiting)
    // the past is for looking at
    const past = useSlice(link, (l) => worldKind(l.world).kind === 'replay')
    const may = role !== 'viewer' && !past
    const current = shown[Math.min(at, shown.length - 1)]
    const show = (alarm: Alarm) => {
        const component = alarm.source.split('/').slice(0, 2).join('/')
        if (index.components.has(component)) pick(component)
    }
    return (
        <div className="page alarms-view">
            <PageHead title={t('view.alarms')} about={t(past ? 'alarms.past' : may ? 'alarms.about' : 'alarms.viewer')}>
                <SegmentedControl
                    data={alarmFilters.map((f) => ({ value: f, label: `${t(`alarms.${f}`)} ${alarmList(all.values(), f).length}` }))}
                    value={filter}
                    onChange={(f) => setFilter(f as AlarmFilter)}
                />
                <Button
                    variant="default"
                    disabled={!may || waiting.length === 0}
                    loading={acknowledgeAll.busy}
                    onClick={() => void acknowledgeAll.run(waiting)}
                    data-testid="alarm-ack-all"
                >
                    {t('alarms.acknowledgeShown', { n: waiting.length })}
                </Button>
            </PageHead>
            <FailureLine failure={act.failure ?? acknowledgeAll.failure} />
            {shown.length === 0 ? (
                <Empty title={t(filter === 'open' ? 'alarms.none' : 'alarms.noneHere')}>
                    {filter === 'open' ? t('alarms.noneAbout') : undefined}
                </Empty>
            ) : (
                <ul
                    className="alarm-list"
                    // biome-ignore lint/a11y/noNoninteractiveTabindex: the list moves by arrow keys
                    tabIndex={0}
                    aria-label={t('view.alarms')}
                    onKeyDown={(e) => {
                        const move = (to: number) => {
                            setAt(to)
                            const alarm = shown[to]
                            if (alarm) show(alarm)
                        }
                        if (e.key === 'ArrowDown') move(Math.min(at + 1, shown.length - 1))
                        else if (e.key === 'ArrowUp') move(Math.max(at - 1, 0))
                        else if (e.key.toLowerCase() === 'a' && current && may && isWaiting(current)) void act.run(current, 'acknowledge')
                        else return
                        e.preventDefault()
                    }}
                >
                    {shown.map((alarm, n) => (
                        <li
                            key={alarm.id}
                            className={`alarm is-${alarm.priority} is-${alarm.state}${alarm.active ? ' is-active' : ''}${n === at ? ' is-at' : ''}`}
                            data-testid={`alarm-${alarm.id}`}
                            data-state={alarm.state}
                            data-priority={alarm.priority}
                            data-active={alarm.active}
                        >
                            <AlarmMark priority={alarm.priority} state={alarm.state} size={22} />
                            <button
                                type="button"
                                className="alarm-text"
                                onClick={() => {
                                    setAt(n)
                                    show(alarm)
                                }}
                            >
                                <b>{alarmText(alarm)}</b>
                                <span>
                                    {sourceName(alarm.source)} · {t(`alarmState.${alarm.state}`)}
                                    {alarm.acknowledgedBy && alarm.state === 'acknowledged' && ` · ${alarm.acknowledgedBy}`}
                                    {alarm.state === 'shelved' &&
                                        alarm.shelvedUntilMs &&
                                        ` ${t('alarms.until', { time: formatDateTime(alarm.shelvedUntilMs, zone, lang) })}`}
                                    {alarm.occurrences > 1 && ` · ${t('alarms.times', { n: alarm.occurrences })}`}
                                </span>
                            </button>
                            <span className="alarm-value">
                                {typeof alarm.value === 'number' && alarm.unit && Number.isFinite(alarm.value) ? (
                                    <>
                                        <b>{formatValue(alarm.value, alarm.unit, lang)}</b>
                                        {typeof alarm.limit === 'number' && Number.isFinite(alarm.limit) && alarm.unit !== 's' && (
                                            <small>{t('alarms.limit', { limit: formatValue(alarm.limit, alarm.unit, lang) })}</small>
                                        )}
                                    </>
                                ) : null}
                            </span>
                            <span className="alarm-since" title={formatDateTime(alarm.sinceMs, zone, lang)}>
                                {formatAge((Date.now() - alarm.sinceMs) / 1000, lang)}
                                <small>{formatDateTime(alarm.sinceMs, zone, lang)}</small>
                            </span>
                            <span className="alarm-acts">
                                {isWaiting(alarm) && (
                                    <Button
                                        variant="default"
                                        size="compact-sm"
                                        disabled={!may || act.busy}
                                        onClick={() => void act.run(alarm, 'acknowledge')}
                                        data-testid={`ack-${alarm.id}`}
                                    >
                                        {t('alarms.acknowledge')}
                                    </Button>
                                )}
                                {alarm.state === 'shelved' ? (
                                    <Button
                                        variant="default"
                                        size="compact-sm"
                                        disabled={!may || act.busy}
                                        onClick={() => void act.run(alarm, 'unshelve')}
                                        data-testid={`unshelve-${alarm.id}`}
                                    >
                                        {t('alarms.unshelve')}
                                    </Button>
                                ) : (
                                    !isAside(alarm) && (
                                        <Menu position="bottom-end" withinPortal>
                                            <Menu.Target>
                                                <Button
                                                    variant="subtle"
                                                    color="gray"
                                                    size="compact-sm"
                                                    disabled={!may || act.busy}
                                                    data-testid={`shelve-${alarm.id}`}
                                                >
                                                    {t('alarms.shelve')}
                                                </Button>
                                            </Menu.Target>
                                            <Menu.Dropdown>
                                                {shelveMinutes.map((minutes) => (
                                                    <Menu.Item key={minutes} onClick={() => void act.run(alarm, 'shelve', { minutes })}>
                                                        {formatAge(minutes * 60, lang)}
                                                    </Menu.Item>
                                                ))}
                                            </Menu.Dropdown>
                                        </Menu>
                                    )
                                )}
                            </span>
                        </li>
                    ))}
                </ul>
            )}
        </div>
    )
}
