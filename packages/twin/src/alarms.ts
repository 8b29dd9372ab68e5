import type { Alarm, AlarmPriority } from './alarm.ts'
import type { TwinModel } from './model.ts'
import type { Snapshot } from './snapshot.ts'

/** How a device stands with the platform. */
export interface DeviceState {
    /** edge node, or edge node/device */
    readonly id: string
    readonly state: 'online' | 'offline' | 'silent'
    readonly lastMs: number
}

/** What the conditions need besides the snapshot. */
export interface AlarmContext {
    readonly devices: readonly DeviceState[]
    /** device that measures a point, where known */
    deviceOf(index: number): string | undefined
    /** a command on this point is under way or just done, so its change is expected */
    commanded(index: number): boolean
}

/** Something to alarm about that happened, rather than holds: raised active, over when cleared or acknowledged. */
export interface AlarmNotice {
    readonly rule: string
    readonly source: string
    readonly priority: AlarmPriority
    readonly value?: number
    readonly limit?: number
    readonly unit?: string
    readonly message: Alarm['message']
}

export interface AlarmOptions {
    /** the condition must hold this long before it alarms, ms; 1 s by default */
    readonly onDelayMs?: number
    /** and be gone this long before it returns, ms; 3 s by default */
    readonly offDelayMs?: number
    /** an acknowledged alarm that still holds after this long asks again, ms; 30 min by default, Infinity for never */
    readonly realarmMs?: number
    /** longest shelving, ms; 8 h by default */
    readonly maxShelveMs?: number
}

export interface Alarms {
    /** Looks at a snapshot; the alarms that changed. */
    update(snapshot: Snapshot, context: AlarmContext, nowMs: number): Alarm[]
    raise(notice: AlarmNotice, nowMs: number): Alarm
    /** undefined where there is no such alarm or it cannot be done in its state */
    acknowledge(id: string, by: string, nowMs: number): Alarm | undefined
    shelve(id: string, by: string, untilMs: number, nowMs: number): Alarm | undefined
    unshelve(id: string, by: string, nowMs: number): Alarm | undefined
    removeFromService(id: string, by: string, nowMs: number): Alarm | undefined
    returnToService(id: string, by: string, nowMs: number): Alarm | undefined
    /** every alarm that is not normal, worst first */
    list(): Alarm[]
    /** takes up stored alarms after a restart */
    restore(alarms: readonly Alarm[]): void
}

export function createAlarms(_model: TwinModel, _options?: AlarmOptions): Alarms {
    throw new Error('being written')
}
