/** Commands and decisions: what was asked, what stood against it, what was done, and whether the field confirmed it. */

import type { CommandCard } from '@gridverse/twin'
import { Button, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { part, post } from '../model/api.ts'
import { formatDateTime, formatTime, formatValue } from '../model/format.ts'
import { componentOf, quantityOfPoint } from '../model/region.ts'
import { cardOfPoint, commands, go, holds, link, pick, region, rememberCommand, session, tagAsked } from '../model/state.ts'
import { ComponentLink, quantityName, useComponentName } from '../parts/component-link.tsx'
import { HoldButton } from '../parts/hold-button.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty, FailureLine, PageHead } from '../parts/pages.tsx'
import { useAction, useCell, useLang, useSlice } from '../parts/use.ts'
import { statusText } from '../parts/value.tsx'
import { Checks, Predicted, whyText } from '../shell/command-sheet.tsx'
import { t } from '../text/index.ts'

const filters = ['all', 'open', 'done', 'refused'] as const
type Filter = (typeof filters)[number]
const filterOf = (c: CommandCard): Filter =>
    c.state === 'selected' || c.state === 'sent' ? 'open' : c.state === 'confirmed' ? 'done' : 'refused'

export function DecisionsView() {
    useLang()
    const list = useCell(commands)
    const open = useSlice(link, (l) => l.part)
    const [filter, setFilter] = useState<Filter>('all')
    const shown = list.filter((c) => filter === 'all' || filterOf(c) === filter).sort((a, b) => b.selectedMs - a.selectedMs)
    return (
        <div className="page decisions-view">
            <PageHead title={t('view.decisions')} about={t('decisions.about')}>
                <SegmentedControl
                    data={filters.map((f) => ({ value: f, label: t(`decisions.${f}`) }))}
                    value={filter}
                    onChange={(f) => setFilter(f as Filter)}
                />
            </PageHead>
            <Holds />
            {shown.length === 0 ? (
                <Empty title={t('decisions.none')}>{t('decisions.noneAbout')}</Empty>
            ) : (
                <ul className="decisions">
                    {shown.map((c) => (
                        <Decision key={c.id} command={c} open={c.id === open} />
                    ))}
                </ul>
            )}
        </div>
    )
}

/** Every tag that hangs, with who hung it, when and why. */
function Holds() {
    const lang = useLang()
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const list = [...useCell(holds).values()]
    const may = useSlice(session, (s) => s.state === 'signed-in' && s.person.role !== 'viewer')
    if (list.length === 0) return null
    return (
        <section className="holds">
            <h2>
                <Icon name="lock" size={15} /> {t('tag.all')} <span className="dim">{list.length}</span>
            </h2>
            <ul>
                {list.map((hold) => (
                    <li key={hold.point} data-testid={`hold-${hold.point}`}>
                        <ComponentLink component={componentOf(hold.point)} /> {quantityName(quantityOfPoint(hold.point))}
                        <span>{hold.reason}</span>
                        <span className="dim">
                            {hold.by} · {formatDateTime(hold.sinceMs, zone, lang)}
                        </span>
                        {may && (
                            <Button variant="default" size="compact-xs" onClick={() => tagAsked.set({ point: hold.point, act: 'release' })}>
                                {t('tag.release')}
                            </Button>
                        )}
                    </li>
                ))}
            </ul>
        </section>
    )
}

function Decision({ command: c, open }: { command: CommandCard; open: boolean }) {
    const lang = useLang()
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const me = useSlice(session, (s) => (s.state === 'signed-in' ? s.person : undefined))
    const name = useComponentName(componentOf(c.point))
    const card = cardOfPoint(c.point)
    const shown = (v: number | null | undefined) => (card?.kind === 'status' ? statusText(v ?? Number.NaN) : formatValue(v, c.unit, lang))
    const operate = useAction(async () => rememberCommand(await post<CommandCard>(`/commands/${part(c.id)}/operate`)))
    const confirm = useAction(async () => rememberCommand(await post<CommandCard>(`/commands/${part(c.id)}/confirm`)))
    const failing = c.checks.filter((check) => !check.pass)
    const needsSecond = c.state === 'selected' && failing.length > 0 && failing.every((check) => check.rule === 'two-person')
    return (
        <li className={`decision is-${c.state}`} data-testid={`decision-${c.id}`} data-state={c.state}>
            <button
                type="button"
                className="decision-head"
                onClick={() => go({ part: open ? '' : c.id, pick: componentOf(c.point) })}
                aria-expanded={open}
            >
                <span className="decision-state">{t(`commandState.${c.state}`)}</span>
                <b>
                    {name} · {quantityName(quantityOfPoint(c.point))}
                </b>
                <span>
                    {shown(c.before)} → {shown(c.value)}
                </span>
                <span className="dim">
                    {c.by} · {formatDateTime(c.selectedMs, zone, lang)}
                </span>
            </button>
            {open && (
                <div className="decision-body">
                    {c.reason && <p>„{c.reason}“</p>}
                    {c.message && <p>{whyText(c)}</p>}
                    <dl className="facts">
                        <div>
                            <dt>{t('commandState.selected')}</dt>
                            <dd>{formatTime(c.selectedMs, zone, lang)}</dd>
                        </div>
                        <div>
                            <dt>{t('commandState.sent')}</dt>
                            <dd>{formatTime(c.sentMs, zone, lang)}</dd>
                        </div>
                        <div>
                            <dt>{t('commandState.confirmed')}</dt>
                            <dd>
                                {formatTime(c.confirmedMs, zone, lang)} {c.after !== undefined && shown(c.after)}
                            </dd>
                        </div>
                    </dl>
                    <Checks command={c} />
                    {c.prediction && <Predicted prediction={c.prediction} />}
                    <FailureLine failure={operate.failure ?? confirm.failure} />
                    {needsSecond && c.by !== me?.name && (
                        <HoldButton onHeld={() => void confirm.run()} disabled={confirm.busy} testId="decision-confirm">
                            {t('command.holdToConfirm')}
                        </HoldButton>
                    )}
                    {c.state === 'selected' && !needsSecond && c.by === me?.name && (
                        <HoldButton onHeld={() => void operate.run()} disabled={operate.busy} testId="decision-operate">
                            {t('command.hold', { what: shown(c.value) })}
                        </HoldButton>
                    )}
                    <Button variant="default" size="compact-xs" onClick={() => pick(componentOf(c.point))}>
                        {t('decisions.show')}
                    </Button>
                </div>
            )}
        </li>
    )
}
