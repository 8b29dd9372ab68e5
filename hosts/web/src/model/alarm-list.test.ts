import type { Alarm } from '@gridverse/twin'
import { expect, test } from 'vitest'
import { alarmList } from './alarm-list.ts'

const alarm = (id: string, state: Alarm['state'], priority: Alarm['priority'], sinceMs: number): Alarm => ({
    id,
    rule: 'r',
    source: 's',
    state,
    priority,
    active: true,
    value: 1,
    limit: 1,
    unit: '',
    message: { key: 'alarm.r', args: {} },
    sinceMs,
    changedMs: sinceMs,
    occurrences: 1,
})
const all = [
    alarm('old', 'acknowledged', 'critical', 1),
    alarm('low', 'unacknowledged', 'low', 5),
    alarm('high', 'unacknowledged', 'high', 3),
    alarm('newer', 'returned-unacknowledged', 'high', 4),
    alarm('shelved', 'shelved', 'critical', 9),
]
const ids = (list: Alarm[]) => list.map((a) => a.id)

test('what waits for a person comes first, then priority, then the newest', () => {
    expect(ids(alarmList(all, 'open'))).toEqual(['newer', 'high', 'low', 'old'])
})
test('shelved alarms stand aside', () => {
    expect(ids(alarmList(all, 'shelved'))).toEqual(['shelved'])
    expect(ids(alarmList(all, 'waiting'))).toEqual(['newer', 'high', 'low'])
    expect(alarmList(all, 'all')).toHaveLength(5)
})
