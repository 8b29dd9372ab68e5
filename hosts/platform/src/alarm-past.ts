/** The alarm list as it stood at an instant, read back from the log, which holds every change of an alarm. */
import type { Alarm, AlarmState, EvidenceLog } from '@gridverse/twin'

/** how many changes before the instant are looked at; an alarm unchanged for longer is not remembered */
const mostChanges = 5000

/** What the log holds of an alarm that changed. */
export function alarmDetail(alarm: Alarm): Record<string, unknown> {
    const orNull = (value: number) => (Number.isFinite(value) ? value : null)
    return { ...alarm, value: orNull(alarm.value), limit: orNull(alarm.limit) }
}

/** Alarms that were not normal at the instant. */
export async function alarmsAt(log: EvidenceLog, tMs: number): Promise<Alarm[]> {
    const entries = await log.list({ actionPrefix: 'alarm.', toMs: tMs, newestFirst: true, limit: mostChanges })
    const states = new Map<string, AlarmState>()
    const found = new Map<string, Alarm>()
    // newest first: the first state seen of an alarm is its last, the first whole record gives the rest
    for (const { detail } of entries) {
        const { id, state, rule } = detail as Partial<Alarm>
        if (!id || !state) continue
        if (!states.has(id)) states.set(id, state)
        if (rule && !found.has(id)) found.set(id, { ...(detail as unknown as Alarm), state: states.get(id)! })
    }
    return [...found.values()].filter((alarm) => alarm.state !== 'normal')
}
