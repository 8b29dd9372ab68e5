/**
 * The alarm list after ISA-18.2: conditions become alarms after an on-delay and return after an off-delay, each runs
 * through the state table, and the consequences of a greater trouble are suppressed while that lasts.
 */
import { type Alarm, type AlarmPriority, type AlarmRule, type AlarmState, alarmPriorities } from './alarm.ts'
import { type AlarmEvent, nextAlarmState } from './alarm-machine.ts'
import { type AlarmContext, type Condition, createConditionFinder } from './conditions.ts'
import type { TwinModel } from './model.ts'
import type { Snapshot } from './snapshot.ts'
import { createStartGrace } from './start-grace.ts'

/** Something to alarm about that happened, rather than holds: active until somebody acknowledges it. */
export interface AlarmNotice {
    readonly rule: AlarmRule
    readonly source: string
    readonly priority: AlarmPriority
    readonly value?: number
    readonly limit?: number
    readonly unit?: string
    readonly args?: Readonly<Record<string, string | number>>
}

export interface AlarmOptions {
    /** a condition must hold this long before it alarms, ms; 1 s by default */
    readonly onDelayMs?: number
    /** and be gone this long before it returns, ms; 3 s by default */
    readonly offDelayMs?: number
    /** an acknowledged alarm that still holds after this long asks again, ms; 30 min by default, Infinity for never */
    readonly realarmMs?: number
    /** longest shelving, ms; 8 h by default */
    readonly maxShelveMs?: number
    /** after the first look, what births still to come would end is not alarmed this long, ms; 20 s by default, 0 for none */
    readonly startGraceMs?: number
}

export interface Alarms {
    /** Looks at a snapshot; the alarms that changed state. */
    update(snapshot: Snapshot, context: AlarmContext, nowMs: number): Alarm[]
    raise(notice: AlarmNotice, nowMs: number): Alarm
    /** What was raised does not hold any more; undefined where nothing of the kind is active. */
    lower(rule: AlarmRule, source: string, nowMs: number): Alarm | undefined
    /** undefined where there is no such alarm or it cannot be done in its state */
    acknowledge(id: string, by: string, nowMs: number): Alarm | undefined
    /** at most `maxShelveMs` long; expires by itself */
    shelve(id: string, by: string, untilMs: number, nowMs: number): Alarm | undefined
    unshelve(id: string, by: string, nowMs: number): Alarm | undefined
    removeFromService(id: string, by: string, nowMs: number): Alarm | undefined
    returnToService(id: string, by: string, nowMs: number): Alarm | undefined
    /** every alarm that is not normal, worst and newest first */
    list(): Alarm[]
    /** components with a trip nobody has acknowledged; the gate does not close them */
    trippedComponents(): Set<string>
    /** takes up stored alarms after a restart */
    restore(alarms: readonly Alarm[]): void
}

interface Tracked {
    alarm: Alarm
    condition: Condition | undefined
    /** a notice: no condition of a snapshot stands behind it */
    readonly notice: boolean
    /** since when the condition holds, or is gone, without a break */
    heldMs: number
    goneMs: number
}

/** Active or gone, but nobody has taken note. */
const unseen: readonly AlarmState[] = ['unacknowledged', 'returned-unacknowledged']
const quietStates: readonly AlarmState[] = ['shelved', 'suppressed', 'out-of-service']

/** An empty alarm list for a model. */
export function createAlarms(model: TwinModel, options: AlarmOptions = {}): Alarms {
    const { onDelayMs = 1_000, offDelayMs = 3_000, realarmMs = 30 * 60_000, maxShelveMs = 8 * 3_600_000, startGraceMs = 20_000 } = options
    const findConditions = createConditionFinder(model)
    const grace = createStartGrace(startGraceMs)
    const tracked = new Map<string, Tracked>()
    const memory = {
        isActive: (id: string) => tracked.get(id)?.alarm.active === true,
        holding: (id: string) => tracked.get(id)?.condition,
    }

    const track = (id: string, alarm: Alarm, notice: boolean): Tracked => {
        const entry = { alarm, condition: undefined, notice, heldMs: Number.NaN, goneMs: Number.NaN }
        tracked.set(id, entry)
        return entry
    }

    /** Applies an event; true where the state allowed it. */
    const step = (entry: Tracked, event: AlarmEvent, nowMs: number, more: Partial<Alarm> = {}): boolean => {
        const active = more.active ?? entry.alarm.active
        const state = nextAlarmState(entry.alarm.state, event, active)
        if (state === undefined) return false
        const { shelvedUntilMs, quietedBy, acknowledgedBy, ...kept } = entry.alarm
        // who did what goes with the state it belongs to
        const own = {
            ...(state === 'acknowledged' && acknowledgedBy !== undefined ? { acknowledgedBy } : {}),
            ...(state === 'shelved' && shelvedUntilMs !== undefined ? { shelvedUntilMs } : {}),
            ...((state === 'shelved' || state === 'out-of-service') && quietedBy !== undefined ? { quietedBy } : {}),
        }
        entry.alarm = { ...kept, ...own, ...more, state, changedMs: state === kept.state ? kept.changedMs : nowMs }
        return true
    }

    /** Something greater holds of which this condition is the consequence; one that people silenced does not speak for others. */
    const isLed = ({ condition }: Tracked) => condition?.leaders?.some(leads) === true
    const leads = (id: string) => {
        const leader = tracked.get(id)
        if (!leader || leader.alarm.state === 'shelved' || leader.alarm.state === 'out-of-service') return false
        return leader.condition !== undefined || leader.alarm.active
    }

    /** Lets time pass for the condition: alarm after the on-delay, return after the off-delay. */
    const followCondition = (entry: Tracked, nowMs: number): void => {
        const { condition, alarm } = entry
        if (condition) {
            entry.goneMs = Number.NaN
            if (Number.isNaN(entry.heldMs)) entry.heldMs = nowMs
            entry.alarm = { ...alarm, ...shownOf(condition) }
            // a consequence that nobody has been told of yet is not told of at all while its cause lasts
            if (alarm.active || (alarm.state === 'normal' && isLed(entry))) return
            if (nowMs - entry.heldMs >= (condition.onDelayMs ?? onDelayMs))
                step(entry, 'activate', nowMs, { active: true, sinceMs: entry.heldMs, occurrences: alarm.occurrences + 1 })
        } else if (!entry.notice) {
            entry.heldMs = Number.NaN
            if (!alarm.active) return
            if (Number.isNaN(entry.goneMs)) entry.goneMs = nowMs
            if (nowMs - entry.goneMs >= offDelayMs) step(entry, 'return', nowMs, { active: false })
        }
    }

    /** Suppression by what leads it, re-alarm and the end of shelving. */
    const followRules = (entry: Tracked, nowMs: number): void => {
        const { state, changedMs, shelvedUntilMs } = entry.alarm
        const led = isLed(entry)
        if (state === 'suppressed' && !led) step(entry, 'unsuppress', nowMs)
        else if (state !== 'suppressed' && led) step(entry, 'suppress', nowMs)
        else if (state === 'acknowledged' && nowMs - changedMs >= realarmMs) step(entry, 'realarm', nowMs)
        else if (state === 'shelved' && nowMs >= (shelvedUntilMs ?? 0)) step(entry, 'unshelve', nowMs)
    }

    const byPerson = (id: string, event: AlarmEvent, nowMs: number, more: Partial<Alarm> = {}) => {
        const entry = tracked.get(id)
        return entry && step(entry, event, nowMs, more) ? entry.alarm : undefined
    }

    return {
        update(snapshot, context, nowMs) {
            grace.look(context.devices, nowMs)
            const told = findConditions(snapshot, context, memory).filter((c) => memory.isActive(c.id) || !grace.holds(c))
            const holding = new Map(told.map((c) => [c.id, c]))
            for (const [id, condition] of holding) if (!tracked.has(id)) track(id, newAlarm(condition, nowMs), false)
            for (const [id, entry] of tracked) entry.condition = holding.get(id)
            const before = [...tracked.values()].map((entry) => [entry, entry.alarm] as const)
            // every condition first: whether an alarm is led must not hang on the order in the list
            for (const [entry] of before) followCondition(entry, nowMs)
            for (const [entry] of before) followRules(entry, nowMs)
            const changed = before.filter(([{ alarm }, was]) => alarm.state !== was.state || alarm.active !== was.active)
            return changed.map(([entry]) => entry.alarm)
        },
        raise(notice, nowMs) {
            const id = `${notice.rule}:${notice.source}`
            const condition: Condition = { value: Number.NaN, limit: Number.NaN, unit: '', ...notice, id }
            const entry = tracked.get(id) ?? track(id, newAlarm(condition, nowMs), true)
            const again = { ...shownOf(condition), active: true, sinceMs: nowMs, occurrences: entry.alarm.occurrences + 1 }
            // it happened again: an alarm already acknowledged or returned is new
            if (!step(entry, 'activate', nowMs, again) && !step(entry, 'realarm', nowMs, again)) entry.alarm = { ...entry.alarm, ...again }
            return entry.alarm
        },
        lower(rule, source, nowMs) {
            const entry = tracked.get(`${rule}:${source}`)
            if (!entry?.notice || !entry.alarm.active) return undefined
            step(entry, 'return', nowMs, { active: false })
            return entry.alarm
        },
        acknowledge(id, by, nowMs) {
            const entry = tracked.get(id)
            if (!entry || !step(entry, 'acknowledge', nowMs, { acknowledgedBy: by })) return undefined
            // what merely happened is over once somebody has taken note
            if (entry.notice) step(entry, 'return', nowMs, { active: false })
            return entry.alarm
        },
        shelve: (id, by, untilMs, nowMs) =>
            untilMs > nowMs
                ? byPerson(id, 'shelve', nowMs, { shelvedUntilMs: Math.min(untilMs, nowMs + maxShelveMs), quietedBy: by })
                : undefined,
        unshelve: (id, _by, nowMs) => byPerson(id, 'unshelve', nowMs),
        removeFromService: (id, by, nowMs) => byPerson(id, 'remove-from-service', nowMs, { quietedBy: by }),
        returnToService: (id, _by, nowMs) => byPerson(id, 'return-to-service', nowMs),
        list: () =>
            [...tracked.values()]
                .map((entry) => entry.alarm)
                .filter((alarm) => alarm.state !== 'normal')
                .sort(worstFirst),
        trippedComponents: () => {
            const open = [...tracked.values()]
                .map((entry) => entry.alarm)
                .filter((a) => a.rule === 'breaker-tripped' && unseen.includes(a.state))
            return new Set(open.map((a) => String(a.message.args.component)))
        },
        restore(alarms) {
            for (const stored of alarms) {
                // numbers that are none do not survive JSON
                const alarm = { ...stored, value: stored.value ?? Number.NaN, limit: stored.limit ?? Number.NaN }
                const notice = noticeRules.has(alarm.rule)
                const entry = track(alarm.id, alarm, notice)
                // it held when it was stored, and goes on until a value says otherwise
                if (alarm.active && !notice) entry.condition = { ...alarm, rule: alarm.rule as AlarmRule, args: alarm.message.args }
            }
        },
    }
}

/** Rules that come by `raise`. */
const noticeRules: ReadonlySet<string> = new Set([
    'command-mismatch',
    'command-failed',
    'roll-back-failed',
    'fleet-unreconciled',
    'fleet-coverage',
    'under-delivery',
    'dispatch-lost',
])

/** The part of an alarm that follows its condition. */
function shownOf({ rule, source, priority, value, limit, unit, args }: Condition) {
    return { priority, value, limit, unit, message: { key: `alarm.${rule}`, args: { source, value, limit, unit, ...args } } }
}

function newAlarm(condition: Condition, nowMs: number): Alarm {
    const { id, rule, source } = condition
    return { id, rule, source, state: 'normal', active: false, sinceMs: nowMs, changedMs: nowMs, occurrences: 0, ...shownOf(condition) }
}

/** Those that ask for attention before quiet ones, then by priority, then the newest. */
function worstFirst(a: Alarm, b: Alarm): number {
    const quiet = Number(quietStates.includes(a.state)) - Number(quietStates.includes(b.state))
    const priority = alarmPriorities.indexOf(a.priority) - alarmPriorities.indexOf(b.priority)
    return quiet || priority || b.changedMs - a.changedMs || (a.id < b.id ? -1 : 1)
}
