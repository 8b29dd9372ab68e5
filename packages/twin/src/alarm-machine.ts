/**
 * The states of one alarm as a table, after ISA-18.2-2016 figure 3 (alarm state transition diagram). Where an alarm
 * comes back from shelving, suppression or maintenance, it is new again if its condition still holds.
 */
import type { AlarmState } from './alarm.ts'

export const alarmEvents = [
    'activate',
    'return',
    'acknowledge',
    'realarm',
    'shelve',
    'unshelve',
    'suppress',
    'unsuppress',
    'remove-from-service',
    'return-to-service',
] as const
export type AlarmEvent = (typeof alarmEvents)[number]

type Next = AlarmState | 'by-condition'

/** State → event → state; an event missing from a row cannot happen there. */
export const alarmTransitions: Readonly<Record<AlarmState, Readonly<Partial<Record<AlarmEvent, Next>>>>> = {
    normal: { activate: 'unacknowledged', shelve: 'shelved', 'remove-from-service': 'out-of-service' },
    unacknowledged: {
        return: 'returned-unacknowledged',
        acknowledge: 'acknowledged',
        shelve: 'shelved',
        suppress: 'suppressed',
        'remove-from-service': 'out-of-service',
    },
    acknowledged: {
        return: 'normal',
        realarm: 'unacknowledged',
        shelve: 'shelved',
        suppress: 'suppressed',
        'remove-from-service': 'out-of-service',
    },
    'returned-unacknowledged': {
        activate: 'unacknowledged',
        acknowledge: 'normal',
        shelve: 'shelved',
        suppress: 'suppressed',
        'remove-from-service': 'out-of-service',
    },
    shelved: { activate: 'shelved', return: 'shelved', unshelve: 'by-condition', 'remove-from-service': 'out-of-service' },
    suppressed: { activate: 'suppressed', return: 'suppressed', unsuppress: 'by-condition', 'remove-from-service': 'out-of-service' },
    'out-of-service': { activate: 'out-of-service', return: 'out-of-service', 'return-to-service': 'by-condition' },
}

/** The state after an event; undefined where the event cannot happen. `active`: the condition holds after it. */
export function nextAlarmState(state: AlarmState, event: AlarmEvent, active: boolean): AlarmState | undefined {
    const next = alarmTransitions[state][event]
    return next === 'by-condition' ? (active ? 'unacknowledged' : 'normal') : next
}
