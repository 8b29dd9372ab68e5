/** Alarms after ISA-18.2-2016: states, priorities and the record of one alarm. */

export const alarmStates = [
    'normal',
    'unacknowledged',
    'acknowledged',
    'returned-unacknowledged',
    'shelved',
    'suppressed',
    'out-of-service',
] as const
export type AlarmState = (typeof alarmStates)[number]
export const alarmPriorities = ['critical', 'high', 'medium', 'low'] as const
export type AlarmPriority = (typeof alarmPriorities)[number]

export interface Alarm {
    /** stable: rule and source, `voltage-low:bus/101` */
    readonly id: string
    readonly rule: string
    /** point or component the alarm is about */
    readonly source: string
    readonly state: AlarmState
    readonly priority: AlarmPriority
    /** the condition holds now, whatever the state says */
    readonly active: boolean
    readonly value: number
    readonly limit: number
    readonly unit: string
    /** message key and its arguments, so that each client speaks its own language */
    readonly message: { readonly key: string; readonly args: Readonly<Record<string, string | number>> }
    readonly sinceMs: number
    readonly changedMs: number
    readonly acknowledgedBy?: string
    readonly shelvedUntilMs?: number
    /** who shelved it or took it out of service */
    readonly quietedBy?: string
    readonly occurrences: number
}

/** Every rule that can alarm; its message is the key `alarm.RULE`. */
export const alarmRules = [
    'voltage-low',
    'voltage-low-low',
    'voltage-high',
    'voltage-high-high',
    'bus-dead',
    'loading-near',
    'loading-high',
    'loading-emergency',
    'frequency-low',
    'frequency-low-low',
    'frequency-high',
    'frequency-high-high',
    'storage-low',
    'storage-empty',
    'device-offline',
    'device-silent',
    'points-stale',
    'breaker-unknown',
    'breaker-tripped',
    'twin-diverged',
    'twin-disagrees',
    'bad-data',
    'bad-data-many',
    'area-unobservable',
    'command-mismatch',
    'command-failed',
    'roll-back-failed',
    'fleet-unreconciled',
    'fleet-coverage',
    'under-delivery',
    'dispatch-lost',
    'unit-tripped',
] as const
export type AlarmRule = (typeof alarmRules)[number]
