/** The order of an alarm list, after ISA-18.2: what waits for a person first, then by priority, then the newest. */
import { type Alarm, alarmPriorities } from '@gridverse/twin'

export const alarmFilters = ['open', 'waiting', 'shelved', 'all'] as const
export type AlarmFilter = (typeof alarmFilters)[number]

export const isWaiting = (alarm: Alarm): boolean => alarm.state === 'unacknowledged' || alarm.state === 'returned-unacknowledged'
export const isAside = (alarm: Alarm): boolean =>
    alarm.state === 'shelved' || alarm.state === 'suppressed' || alarm.state === 'out-of-service'

export function alarmList(alarms: Iterable<Alarm>, filter: AlarmFilter): Alarm[] {
    const keep = (a: Alarm) =>
        filter === 'all' ? true : filter === 'waiting' ? isWaiting(a) : filter === 'shelved' ? isAside(a) : !isAside(a)
    return [...alarms]
        .filter(keep)
        .sort(
            (a, b) =>
                Number(isWaiting(b)) - Number(isWaiting(a)) ||
                alarmPriorities.indexOf(a.priority) - alarmPriorities.indexOf(b.priority) ||
                b.sinceMs - a.sinceMs ||
                (a.id < b.id ? -1 : 1),
        )
}
