/**
 * The command gate: select, operate, sent, confirmed by measurement, or else rolled back or failed. A pure function of
 * state, event and time; what is to be done comes out as effects. Nothing is sent but what was selected, passed every
 * check, and was operated by the person who selected it; a later step may refuse, never permit more.
 */
import { quantityOf } from '@gridverse/grid'
import type { AlarmNotice } from './alarms.ts'
import type { Checked } from './checks.ts'
import { type GateWords, sayGate } from './gate-text.ts'
import { qualityCode } from './measurement.ts'
import { type Check, type CommandCard, type CommandState, type Person, roles } from './messages.ts'
import type { TwinModel } from './model.ts'
import type { LogEntry, OutgoingCommand } from './ports.ts'
import { type Refusal, say } from './said.ts'
import type { Snapshot } from './snapshot.ts'

/** Nobody operates a held point; a tag on the handle, with who hung it and why. */
export interface Hold {
    readonly point: string
    readonly by: string
    readonly reason: string
    readonly sinceMs: number
}

export interface GateState {
    /** every command that is not finished, by id */
    readonly commands: ReadonlyMap<string, CommandCard>
    /** by point */
    readonly holds: ReadonlyMap<string, Hold>
    /** when each point was last sent a command, ms */
    readonly lastSentMs: ReadonlyMap<string, number>
}

export type Readings = ReadonlyMap<string, { readonly value: number; readonly good: boolean }>

export type GateEvent =
    | {
          readonly kind: 'select'
          readonly id: string
          readonly point: string
          readonly value: number
          readonly by: Person
          readonly reason: string
          readonly checked: Checked
      }
    /** a second person agrees */
    | { readonly kind: 'approve'; readonly id: string; readonly by: Person }
    /** with the checks made again, where the grid may have changed since the selection */
    | { readonly kind: 'operate'; readonly id: string; readonly by: Person; readonly checked?: Checked }
    | { readonly kind: 'cancel'; readonly id: string; readonly by: Person }
    /** the field could not take the command over */
    | { readonly kind: 'write-failed'; readonly id: string; readonly reason: string }
    /** what the field says of the points of commands under way; also lets time pass */
    | { readonly kind: 'observe'; readonly readings: Readings }
    | { readonly kind: 'hold'; readonly point: string; readonly by: Person; readonly reason: string }
    | { readonly kind: 'release'; readonly point: string; readonly by: Person }

export type GateEffect =
    | { readonly kind: 'send'; readonly command: OutgoingCommand }
    | { readonly kind: 'log'; readonly entry: LogEntry }
    | { readonly kind: 'alarm'; readonly notice: AlarmNotice }
    /** a command's card changed: store it and tell the clients */
    | { readonly kind: 'command'; readonly card: CommandCard }

export interface GateStep {
    readonly state: GateState
    readonly effects: readonly GateEffect[]
    /** why the event was not obeyed */
    readonly refused?: Refusal
}

export const emptyGate: GateState = { commands: new Map(), holds: new Map(), lastSentMs: new Map() }

/** A selection not operated by then lapses, ms. */
export const selectionMs = 30_000

interface Confirmation {
    /** how long the field has, ms */
    readonly timeoutMs: (change: number) => number
    /** how near the reading must come, in the point's unit */
    readonly tolerance: (target: number) => number
}
/** What confirms a command, by quantity. */
const confirmation: Readonly<Record<string, Confirmation>> = {
    closed: { timeoutMs: () => 5_000, tolerance: () => 0.5 },
    // a tap changer takes up to 5 s a step
    tapPosition: { timeoutMs: (change) => 10_000 + 5_000 * Math.max(1, Math.abs(change)), tolerance: () => 0.5 },
    vSetPu: { timeoutMs: () => 60_000, tolerance: () => 0.001 },
    // the echo of the setpoint confirms it; the power itself follows by its ramp
    pSetMw: { timeoutMs: () => 60_000, tolerance: (target) => Math.max(0.02, 0.005 * Math.abs(target)) },
}
const confirmationOf = (point: string) => confirmation[point.slice(point.lastIndexOf('/') + 1)] ?? confirmation.pSetMw!

/** A position is not put back blindly: closing again onto what made it open is the plant's own affair. */
const canRollBack = (point: string) => quantityOf(point)?.kind === 'analog'

const rollBackSuffix = '/roll-back'
const rank = (person: Person) => roles.indexOf(person.role)
const operatorRank = roles.indexOf('operator')
const supervisorRank = roles.indexOf('supervisor')

/** The gate's next state and what is to be done. */
export function stepGate(state: GateState, event: GateEvent, nowMs: number): GateStep {
    const desk = createDesk(state, nowMs)
    desk.expire()
    const refused = handle(desk, event, nowMs)
    return { ...desk.result(), ...(refused === undefined ? {} : { refused }) }
}

/** What an `observe` event needs of a snapshot: readings of the points of commands under way. */
export function gateReadings(model: TwinModel, state: GateState, snapshot: Snapshot): Readings {
    const good = qualityCode('good')
    const readings = new Map<string, { value: number; good: boolean }>()
    for (const { point } of state.commands.values()) {
        const index = model.indexOf(point)
        if (index >= 0) readings.set(point, { value: snapshot.measured[index]!, good: snapshot.quality[index] === good })
    }
    return readings
}

/** One event's work on the gate: changes are gathered here and come out as the next state. */
function createDesk(state: GateState, nowMs: number) {
    const commands = new Map(state.commands)
    const holds = new Map(state.holds)
    const lastSentMs = new Map(state.lastSentMs)
    const effects: GateEffect[] = []

    const log = (actor: string, action: string, target: string, detail: LogEntry['detail']) =>
        effects.push({ kind: 'log', entry: { tMs: nowMs, actor, action, target, detail } })

    /** Moves a card on; a finished one leaves the gate. */
    const move = (card: CommandCard, action: string, actor: string, change: Partial<CommandCard>, open: boolean): CommandCard => {
        const next = { ...card, ...change }
        if (open) commands.set(next.id, next)
        else commands.delete(next.id)
        const { id, value, before, reason, message } = next
        const after = next.after === undefined ? {} : { after: next.after }
        log(actor, `command.${action}`, next.point, { id, before, value, reason, ...after, ...(message === undefined ? {} : { message }) })
        effects.push({ kind: 'command', card: next })
        return next
    }
    const send = (commandId: string, point: string, value: number) => {
        lastSentMs.set(point, nowMs)
        effects.push({ kind: 'send', command: { commandId, point, value } })
    }
    const alarm = (rule: AlarmNotice['rule'], card: CommandCard, value: number) =>
        effects.push({
            kind: 'alarm',
            notice: { rule, source: card.point, priority: 'high', value, limit: card.value, unit: card.unit, args: { by: card.by } },
        })
    const expire = () => {
        for (const card of commands.values())
            if (card.state === 'selected' && nowMs >= card.expiresMs)
                move(card, 'expired', 'system', { state: 'expired', ...sayGate('command.expired', { seconds: selectionMs / 1000 }) }, false)
    }
    return {
        commands,
        holds,
        log,
        move,
        send,
        alarm,
        expire,
        result: (): GateStep => ({ state: { commands, holds, lastSentMs }, effects }),
    }
}
type Desk = ReturnType<typeof createDesk>

/** Obeys one event, or gives the reason why not. */
function handle(desk: Desk, event: GateEvent, nowMs: number): Refusal | undefined {
    if (event.kind === 'select') return select(desk, event, nowMs)
    if (event.kind === 'observe') return observe(desk, event.readings, nowMs)
    if (event.kind === 'write-failed') return writeFailed(desk, event.id, event.reason)
    if (event.kind === 'hold') return hold(desk, event, nowMs)
    if (event.kind === 'release') return release(desk, event)

    const card = desk.commands.get(event.id)
    if (!card) return say('command.closed', { command: event.id })
    if (card.state !== 'selected') return say('command.not-selected', { command: card.id, state: card.state })
    if (event.kind === 'approve') return approve(desk, card, event.by)
    if (event.kind === 'operate') return operate(desk, card, event, nowMs)
    if (event.by.name !== card.by && rank(event.by) < supervisorRank) return say('command.cancel', { person: card.by })
    desk.move(card, 'cancel', event.by.name, { state: 'cancelled' }, false)
    return undefined
}

function select(desk: Desk, event: GateEvent & { kind: 'select' }, nowMs: number): Refusal | undefined {
    if (desk.commands.has(event.id)) return say('command.exists', { command: event.id })
    const { checked } = event
    const rival = [...desk.commands.values()].find((card) => card.point === event.point)
    const checks = rival ? [...checked.checks, pointTaken(rival)] : checked.checks
    const card: CommandCard = {
        id: event.id,
        point: event.point,
        unit: quantityOf(event.point)?.unit ?? '',
        before: checked.before,
        value: event.value,
        by: event.by.name,
        reason: event.reason,
        state: 'selected',
        checks,
        ...(checked.prediction ? { prediction: checked.prediction } : {}),
        ...(checked.confirmedStale ? { confirmedStale: true } : {}),
        selectedMs: nowMs,
        expiresMs: nowMs + selectionMs,
    }
    // what only waits for a second person may wait selected
    const failed = checks.filter((check) => !check.pass && check.rule !== 'two-person')
    if (failed.length > 0)
        desk.move(card, 'refused', card.by, { state: 'refused', message: failed.map((f) => f.message).join('; ') }, false)
    else desk.move(card, 'select', card.by, {}, true)
    return undefined
}

const pointTaken = (rival: CommandCard): Check => ({
    rule: 'point',
    pass: false,
    ...sayGate('point.taken', { person: rival.by, point: rival.point }),
})

function approve(desk: Desk, card: CommandCard, by: Person): Refusal | undefined {
    if (rank(by) < supervisorRank) return say('command.second-role', { person: by.name, role: by.role })
    if (by.name === card.by) return say('command.second-self')
    if (!card.checks.some((check) => check.rule === 'two-person' && !check.pass)) return say('command.second-needless')
    const agreed = sayGate('two-person.agreed', { person: by.name })
    const checks = card.checks.map((check) => (check.rule === 'two-person' ? { ...check, pass: true, ...agreed } : check))
    desk.move(card, 'approve', by.name, { checks, approvedBy: by.name }, true)
    return undefined
}

function operate(desk: Desk, card: CommandCard, event: GateEvent & { kind: 'operate' }, nowMs: number): Refusal | undefined {
    if (event.by.name !== card.by) return say('command.operate-other', { person: card.by })
    const held = desk.holds.get(card.point)
    const checks = (event.checked?.checks ?? card.checks).map((check) => keepGiven(check, card))
    const failed = checks.filter((check) => !check.pass)
    if (failed.length === 1 && failed[0]!.rule === 'two-person' && !held) return toWords(failed[0]!)
    if (failed.length > 0 || held) {
        const reasons = [...failed.map((f) => f.message), ...(held ? [`held by ${held.by}: ${held.reason}`] : [])]
        desk.move(card, 'refused', card.by, { state: 'refused', checks, message: reasons.join('; ') }, false)
        return undefined
    }
    desk.move(card, 'operate', card.by, { state: 'sent', checks, sentMs: nowMs }, true)
    desk.send(card.id, card.point, card.value)
    return undefined
}

const toWords = ({ key, args, message }: GateWords): GateWords => ({ key, args, message })

/** Consents given at the selection hold on: a second person's, and a supervisor's to stale values. */
function keepGiven(check: Check, card: CommandCard): Check {
    const given =
        (check.rule === 'two-person' && card.approvedBy !== undefined) || (check.rule === 'quality' && card.confirmedStale === true)
    if (check.pass || !given) return check
    return card.checks.find((before) => before.rule === check.rule && before.pass) ?? check
}

function observe(desk: Desk, readings: Readings, nowMs: number): undefined {
    for (const card of desk.commands.values()) {
        const reading = readings.get(card.point)
        const { tolerance, timeoutMs: timeoutOf } = confirmationOf(card.point)
        const timeoutMs = timeoutOf(card.value - (card.before ?? card.value))
        const isAt = (target: number) => reading?.good === true && Math.abs(reading.value - target) <= tolerance(target)
        const after = reading === undefined || Number.isNaN(reading.value) ? null : reading.value
        if (card.state === 'sent') {
            if (isAt(card.value)) desk.move(card, 'confirmed', 'system', { state: 'confirmed', confirmedMs: nowMs, after }, false)
            else if (nowMs - card.sentMs! >= timeoutMs) mismatch(desk, card, after, timeoutMs, nowMs)
        } else if (card.state === 'mismatch') {
            if (isAt(card.before!)) desk.move(card, 'rolled-back', 'system', { state: 'rolled-back', after }, false)
            else if (nowMs - (card.rollBackMs ?? 0) >= timeoutMs)
                fail(desk, card, 'roll-back-failed', sayGate('command.roll-back-unconfirmed'), after)
        }
    }
    return undefined
}

/** The field did not confirm in time: put the setpoint back where that can be done, and say so in any case. */
function mismatch(desk: Desk, card: CommandCard, after: number | null, timeoutMs: number, nowMs: number): void {
    const { value, unit } = card
    const said = sayGate('command.mismatch', { seconds: timeoutMs / 1000, value, unit, after: after ?? '–' })
    const back = canRollBack(card.point) && card.before !== null && !desk.holds.has(card.point)
    desk.move(card, 'mismatch', 'system', { state: 'mismatch', after, ...said, ...(back ? { rollBackMs: nowMs } : {}) }, back)
    desk.alarm('command-mismatch', card, after ?? Number.NaN)
    if (!back) return
    desk.log('system', 'command.roll-back', card.point, { id: card.id, value: card.before })
    desk.send(card.id + rollBackSuffix, card.point, card.before!)
}

function fail(desk: Desk, card: CommandCard, rule: AlarmNotice['rule'], said: GateWords, after: number | null): void {
    desk.move(card, 'failed', 'system', { state: 'failed' satisfies CommandState, ...said, after }, false)
    desk.alarm(rule, card, after ?? Number.NaN)
}

function writeFailed(desk: Desk, id: string, reason: string): Refusal | undefined {
    const rollBack = id.endsWith(rollBackSuffix)
    const card = desk.commands.get(rollBack ? id.slice(0, -rollBackSuffix.length) : id)
    if (!card || card.state !== (rollBack ? 'mismatch' : 'sent')) return say('command.not-under-way', { command: id })
    fail(desk, card, rollBack ? 'roll-back-failed' : 'command-failed', sayGate('command.not-taken', { reason }), null)
    return undefined
}

function hold(desk: Desk, { point, by, reason }: GateEvent & { kind: 'hold' }, nowMs: number): Refusal | undefined {
    if (rank(by) < operatorRank) return say('hold.role', { role: by.role })
    const held = desk.holds.get(point)
    if (held) return say('hold.taken', { point, person: held.by, reason: held.reason })
    desk.holds.set(point, { point, by: by.name, reason, sinceMs: nowMs })
    desk.log(by.name, 'hold.set', point, { reason })
    return undefined
}

function release(desk: Desk, { point, by }: GateEvent & { kind: 'release' }): Refusal | undefined {
    const held = desk.holds.get(point)
    if (!held) return say('hold.none-here', { point })
    if (held.by !== by.name && rank(by) < supervisorRank) return say('hold.release', { person: held.by })
    desk.holds.delete(point)
    desk.log(by.name, 'hold.release', point, { reason: held.reason, heldBy: held.by })
    return undefined
}
