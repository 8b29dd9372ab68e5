/**
 * The first moments after a start: devices are born one after the other, and until all had their chance, a device not
 * yet heard of is late, not lost, and what nobody has measured yet is not out of sight. Conditions of that kind wait.
 */
import type { AlarmRule } from './alarm.ts'
import type { Condition, DeviceState } from './conditions.ts'

/** what births that have not come yet look like */
const awaitsBirths: ReadonlySet<AlarmRule> = new Set<AlarmRule>([
    'device-offline',
    'device-silent',
    'points-stale',
    'area-unobservable',
    'twin-diverged',
    'twin-disagrees',
])
/** births that still arrive draw the grace out: it ends this long after the last, ms */
const afterBirthMs = 5_000
/** but never later than this many times its length */
const longestFold = 6

export interface StartGrace {
    /** Takes note of who is online; call once a tick, before `holds`. */
    look(devices: readonly DeviceState[], nowMs: number): void
    /** True while this condition is not to be told of. */
    holds(condition: Condition): boolean
}

/** A grace of `graceMs` from the first look. A device that was online since is no longer awaited: its loss tells at once. */
export function createStartGrace(graceMs: number): StartGrace {
    const heard = new Set<string>()
    let startMs = Number.NaN
    let lastBirthMs = Number.NEGATIVE_INFINITY
    let over = graceMs <= 0
    return {
        look(devices, nowMs) {
            if (over) return
            if (Number.isNaN(startMs)) startMs = nowMs
            for (const { id, state } of devices)
                if (state === 'online' && !heard.has(id)) {
                    heard.add(id)
                    lastBirthMs = nowMs
                }
            const sinceMs = nowMs - startMs
            over = sinceMs >= graceMs * longestFold || (sinceMs >= graceMs && nowMs - lastBirthMs >= afterBirthMs)
        },
        holds: ({ rule, source }) => !over && awaitsBirths.has(rule) && !heard.has(source),
    }
}
