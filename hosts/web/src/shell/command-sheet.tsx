/**
 * The command sheet: choose a value → select (the gate checks and predicts) → hold to operate → sent → confirmed. In a
 * what-if the same sheet makes an edit instead, and nothing leaves for the plant.
 */

import type { CommandCard, CommandState, PointCard, Prediction } from '@gridverse/twin'
import { Button, Modal, NumberInput, SegmentedControl, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { part, post } from '../model/api.ts'
import { digitsFor, formatAge, formatTime, formatValue } from '../model/format.ts'
import { worldKind } from '../model/link.ts'
import { componentOf, quantityOfPoint } from '../model/region.ts'
import { cardOfPoint, commandPoint, commands, link, pointValue, region, rememberCommand, session, worlds } from '../model/state.ts'
import { kindOf, quantityName, useComponentName } from '../parts/component-link.tsx'
import { HoldButton } from '../parts/hold-button.tsx'
import { Icon } from '../parts/icon.tsx'
import { FailureLine } from '../parts/pages.tsx'
import { saidText } from '../parts/said-text.ts'
import { useAction, useCell, useLang, useSlice } from '../parts/use.ts'
import { statusText, Value } from '../parts/value.tsx'
import { t } from '../text/index.ts'

export const settled: readonly CommandState[] = ['refused', 'cancelled', 'expired', 'confirmed', 'mismatch', 'rolled-back', 'failed']

export function CommandSheet() {
    useLang()
    const asked = useCell(commandPoint)
    const card = asked && cardOfPoint(asked.point)
    if (!asked || !card) return null
    return <Sheet key={asked.point} card={card} wanted={asked.value} />
}

function Sheet({ card, wanted }: { card: PointCard; wanted: number | undefined }) {
    const world = useSlice(link, (l) => l.world)
    const component = componentOf(card.id)
    const switched = useSlice(region, (r) => (component.startsWith('switch/') ? r?.switch.get(component.slice(7))?.component : undefined))
    const name = useComponentName(switched ?? component)
    const whatIf = worldKind(world).kind === 'what-if'
    const now = pointValue(card.id)
    const [value, setValue] = useState<number>(
        () => wanted ?? (card.kind === 'status' ? (now >= 0.5 ? 0 : 1) : Number.isNaN(now) ? 0 : Number(now.toFixed(digitsFor(card.unit)))),
    )
    const [reason, setReason] = useState('')
    const [commandId, setCommandId] = useState<string>()
    const command = useSlice(commands, (list) => list.find((c) => c.id === commandId))
    const close = () => {
        if (command?.state === 'selected') void post(`/commands/${part(command.id)}/cancel`).catch(() => {})
        commandPoint.set(undefined)
    }
    const select = useAction(async () => {
        const chosen = await post<CommandCard>('/commands/select', { point: card.id, value, reason: reason.trim() })
        rememberCommand(chosen)
        setCommandId(chosen.id)
    })
    const edit = useAction(async () => {
        const changed = await post<{ id: string }>(`/worlds/${part(world)}/edits`, { edits: [{ point: card.id, value }] })
        worlds.update((list) => list.map((w) => (w.id === changed.id ? { ...w, ...changed } : w)))
        commandPoint.set(undefined)
    })
    return (
        <Modal
            opened
            onClose={close}
            size="md"
            classNames={{ content: `command-sheet${whatIf ? ' is-what-if' : ''}` }}
            title={
                <span className="command-title">
                    <small>
                        {kindOf(component)} {component.slice(component.indexOf('/') + 1)}
                    </small>
                    {name} · {quantityName(quantityOfPoint(card.id))}
                </span>
            }
            data-testid="command-sheet"
        >
            {!command ? (
                <form
                    className="command-form"
                    onSubmit={(event) => {
                        event.preventDefault()
                        void (whatIf ? edit : select).run()
                    }}
                >
                    <p className="command-now">
                        {t('command.now')} <Value card={card} />
                    </p>
                    {card.kind === 'status' ? (
                        <SegmentedControl
                            fullWidth
                            size="md"
                            data={[
                                { value: '0', label: t('command.open') },
                                { value: '1', label: t('command.close') },
                            ]}
                            value={String(value)}
                            onChange={(v) => setValue(Number(v))}
                            data-testid="command-value"
                        />
                    ) : (
                        <NumberInput
                            size="md"
                            label={`${t('command.value')}${card.unit ? `, ${card.unit}` : ''}`}
                            description={
                                card.limits
                                    ? t('command.range', {
                                          low: formatValue(card.limits.low ?? Number.NEGATIVE_INFINITY, card.unit, 'en'),
                                          high: formatValue(card.limits.high ?? Number.POSITIVE_INFINITY, card.unit, 'en'),
                                      })
                                    : undefined
                            }
                            value={value}
                            onChange={(v) => setValue(Number(v))}
                            decimalScale={digitsFor(card.unit)}
                            step={stepOf(card)}
                            data-testid="command-value"
                            data-autofocus
                        />
                    )}
                    {!whatIf && (
                        <TextInput
                            size="md"
                            label={t('command.reason')}
                            value={reason}
                            maxLength={300}
                            onChange={(e) => setReason(e.currentTarget.value)}
                            placeholder={t('command.reasonHint')}
                            data-testid="command-reason"
                        />
                    )}
                    <FailureLine failure={select.failure ?? edit.failure} />
                    <Button
                        type="submit"
                        size="md"
                        fullWidth
                        loading={select.busy || edit.busy}
                        disabled={!Number.isFinite(value)}
                        data-testid={whatIf ? 'whatif-apply' : 'command-select'}
                    >
                        {whatIf ? t('whatIf.apply') : t('command.select')}
                    </Button>
                    <p className="dim small">{whatIf ? t('whatIf.neverReaches') : t('command.selectAbout')}</p>
                </form>
            ) : (
                <Selected command={command} card={card} close={close} again={() => setCommandId(undefined)} show={setCommandId} />
            )}
        </Modal>
    )
}

const stepOf = (card: PointCard): number => (card.quantity === 'vSetPu' ? 0.005 : card.quantity === 'tapPosition' ? 1 : 1)

const shownValue = (card: PointCard, value: number | null | undefined, lang: 'en' | 'zh') =>
    card.kind === 'status' ? statusText(value ?? Number.NaN) : formatValue(value, card.unit, lang)

function Selected({
    command,
    card,
    close,
    again,
    show,
}: {
    command: CommandCard
    card: PointCard
    close: () => void
    again: () => void
    show: (id: string) => void
}) {
    const lang = useLang()
    const me = useSlice(session, (s) => (s.state === 'signed-in' ? s.person.name : ''))
    const role = useSlice(session, (s) => (s.state === 'signed-in' ? s.person.role : 'viewer'))
    const operate = useAction(async () => rememberCommand(await post<CommandCard>(`/commands/${part(command.id)}/operate`)))
    const confirm = useAction(async () => rememberCommand(await post<CommandCard>(`/commands/${part(command.id)}/confirm`)))
    const failed = command.checks.filter((c) => !c.pass)
    const mayAccept =
        command.state === 'refused' &&
        failed.length > 0 &&
        failed.every((c) => c.rule === 'quality' || c.rule === 'two-person') &&
        failed.some((c) => c.rule === 'quality') &&
        (role === 'supervisor' || role === 'administrator')
    const accept = useAction(async () => {
        const { point, value, reason } = command
        const chosen = await post<CommandCard>('/commands/select', { point, value, reason, confirmStale: true })
        rememberCommand(chosen)
        show(chosen.id)
    })
    const waitsForSecond = command.state === 'selected' && failed.length > 0 && failed.every((c) => c.rule === 'two-person')
    return (
        <div className="command-selected">
            <p className="command-change">
                <span>{shownValue(card, command.before, lang)}</span>
                <Icon name="forward" size={22} />
                <b>{shownValue(card, command.value, lang)}</b>
            </p>
            <StateLine command={command} />
            <Checks command={command} />
            {command.prediction && (command.state === 'selected' || command.state === 'refused') && (
                <Predicted prediction={command.prediction} />
            )}
            <FailureLine failure={operate.failure ?? confirm.failure ?? accept.failure} />
            {command.state === 'selected' && (
                <div className="command-acts">
                    {waitsForSecond ? (
                        command.by === me ? (
                            <p className="command-wait">{t('command.secondPerson')}</p>
                        ) : (
                            <HoldButton onHeld={() => void confirm.run()} disabled={confirm.busy} testId="command-confirm">
                                {t('command.holdToConfirm')}
                            </HoldButton>
                        )
                    ) : (
                        <HoldButton onHeld={() => void operate.run()} disabled={operate.busy} testId="command-operate">
                            {t('command.hold', {
                                what:
                                    card.kind === 'status'
                                        ? command.value >= 0.5
                                            ? t('command.close')
                                            : t('command.open')
                                        : shownValue(card, command.value, lang),
                            })}
                        </HoldButton>
                    )}
                    <Lapses command={command} />
                    <Button variant="subtle" color="gray" fullWidth onClick={close} data-testid="command-cancel">
                        {t('command.cancel')}
                    </Button>
                </div>
            )}
            {settled.includes(command.state) && (
                <div className="command-end">
                    {mayAccept && (
                        <Button variant="default" loading={accept.busy} onClick={() => void accept.run()} data-testid="command-accept">
                            {t('command.acceptQuality')}
                        </Button>
                    )}
                    {command.state !== 'confirmed' && (
                        <Button variant="default" onClick={again}>
                            {t('command.again')}
                        </Button>
                    )}
                    <Button variant={command.state === 'confirmed' ? 'filled' : 'default'} onClick={close} data-testid="command-done">
                        {t('action.close')}
                    </Button>
                </div>
            )}
        </div>
    )
}

function Lapses({ command }: { command: CommandCard }) {
    const lang = useLang()
    const [now, setNow] = useState(Date.now)
    useEffect(() => {
        const timer = setInterval(() => setNow(Date.now()), 1000)
        return () => clearInterval(timer)
    }, [])
    const leftS = Math.max(0, (command.expiresMs - now) / 1000)
    return <p className="dim small">{t('command.lapses', { age: formatAge(Math.floor(leftS), lang) })}</p>
}

/** Why a command stands where it does: a refusal by what failed, all else by its own words. */
export function whyText(command: CommandCard): string {
    if (command.state !== 'refused') return command.message === undefined ? '' : saidText(command)
    return command.checks
        .filter((check) => !check.pass)
        .map(saidText)
        .join('; ')
}

/** Where the command is on its way, each step with its time. */
function StateLine({ command }: { command: CommandCard }) {
    const lang = useLang()
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const at = (tMs: number | undefined) => (tMs ? formatTime(tMs, zone, lang) : '')
    const steps: [string, boolean, string][] = [
        [t('commandState.selected'), true, at(command.selectedMs)],
        [t('commandState.sent'), command.sentMs !== undefined, at(command.sentMs)],
        [t('commandState.confirmed'), command.state === 'confirmed', at(command.confirmedMs)],
    ]
    const bad = ['refused', 'mismatch', 'failed', 'rolled-back', 'expired', 'cancelled'].includes(command.state)
    return (
        <div className={`command-state is-${command.state}`} data-testid="command-state" data-state={command.state} role="status">
            <b>
                {command.state === 'confirmed' && <Icon name="check" />}
                {bad && <Icon name="close" />}
                {t(`commandState.${command.state}`)}
            </b>
            {command.state !== 'refused' && command.message && <p>{saidText(command)}</p>}
            {!bad && (
                <ol>
                    {steps.map(([name, done, time]) => (
                        <li key={name} className={done ? 'is-done' : ''}>
                            {name} <span>{time}</span>
                        </li>
                    ))}
                </ol>
            )}
        </div>
    )
}

export function Checks({ command }: { command: CommandCard }) {
    const ordered = [...command.checks].sort((a, b) => Number(a.pass) - Number(b.pass))
    return (
        <ul className="checks" aria-label={t('command.checks')}>
            {ordered.map((check) => (
                <li
                    key={check.rule + check.message}
                    className={check.pass ? 'is-pass' : 'is-fail'}
                    data-testid={`check-${check.rule}`}
                    data-pass={check.pass}
                >
                    <span className="check-sign" role="img" aria-label={t(check.pass ? 'command.pass' : 'command.fail')}>
                        {check.pass ? '✓' : '✕'}
                    </span>
                    <b>{t(`rule.${check.rule}`)}</b>
                    <span>{saidText(check)}</span>
                </li>
            ))}
        </ul>
    )
}

function PointText({ point }: { point: string }) {
    const name = useComponentName(componentOf(point))
    return (
        <>
            {name} <small>{quantityName(quantityOfPoint(point))}</small>
        </>
    )
}

export function Predicted({ prediction }: { prediction: Prediction }) {
    const lang = useLang()
    return (
        <section className="predicted">
            <h3>{t('command.predicted')}</h3>
            {prediction.status !== 'solved' && <p className="failure-line">{t(`prediction.${prediction.status}`)}</p>}
            {prediction.violations.length === 0 && prediction.status === 'solved' ? (
                <p className="dim">{t('command.noViolations')}</p>
            ) : (
                <ul className="violations">
                    {prediction.violations.map((v) => (
                        <li key={v.point}>
                            <span className="beyond-sign">▲</span> <PointText point={v.point} /> <b>{formatValue(v.value, v.unit, lang)}</b>
                            <small>{t('command.limitIs', { limit: formatValue(v.limit, v.unit, lang) })}</small>
                        </li>
                    ))}
                </ul>
            )}
            {prediction.changes.length > 0 && (
                <table className="changes">
                    <tbody>
                        {prediction.changes.slice(0, 8).map((c) => (
                            <tr key={c.point}>
                                <th scope="row">
                                    <PointText point={c.point} />
                                </th>
                                <td>{formatValue(c.before, c.unit, lang)}</td>
                                <td aria-hidden="true">→</td>
                                <td>{formatValue(c.after, c.unit, lang)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            )}
        </section>
    )
}
