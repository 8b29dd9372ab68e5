/** Commands and decisions: what was asked, what stood against it, what was done, and whether the field confirmed it. */

import type { CommandCard } from '@gridverse/twin'
import { Button, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { part, post } from '../model/api.ts'
import { formatDateTime, formatTime, formatValue } from '../model/format.ts'
import { componentOf, quantityOfPoint } from '../model/region.ts'
import { cardOfPoint, commands, go, link, pick, region, rememberCommand, session } from '../model/state.ts'
import { quantityName, useComponentName } from '../parts/component-link.tsx'
import { HoldButton } from '../parts/hold-button.tsx'
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
