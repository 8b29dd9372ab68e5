/**
 * What is alarming in a snapshot. Limit rules are laid out once per model; the other conditions are found afresh at
 * each tick. A condition that cannot be judged, because its value is unknown, stays as it was.
 */
import type { AlarmPriority, AlarmRule } from './alarm.ts'
import { createLimitFinder } from './limit-rules.ts'
import { qualityCode } from './measurement.ts'
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

/** Something that holds now and deserves an alarm. */
export interface Condition {
    readonly id: string
    readonly rule: AlarmRule
    readonly source: string
    readonly priority: AlarmPriority
    readonly value: number
    readonly limit: number
    readonly unit: string
    readonly args?: Readonly<Record<string, string | number>>
    /** while one of these holds, this condition is its consequence and stays quiet */
    readonly leaders?: readonly string[]
    /** instead of the general delay, ms */
    readonly onDelayMs?: number
}

/** What the machine remembers of conditions from tick to tick. */
export interface ConditionMemory {
    /** the alarm is active, so that returning needs the deadband too */
    isActive(id: string): boolean
    /** the condition as it last held, where it still did at the tick before */
    holding(id: string): Condition | undefined
}

/** Finds the conditions of snapshot after snapshot; remembers the positions of switches to notice a trip. */
export type ConditionFinder = (snapshot: Snapshot, context: AlarmContext, memory: ConditionMemory) => Condition[]

const stale = qualityCode('stale')
const suspect = qualityCode('suspect')
/** The twin must disagree with the field this long before it says so, ms. */
const divergenceDelayMs = 5_000
/** More bad data than this at once are one trouble, not many: a wrong position, a wrong tap, a clock. */
const manyBadData = 5
const manyBadDataId = 'bad-data-many:system/grid'

export function createConditionFinder(model: TwinModel): ConditionFinder {
    const findLimits = createLimitFinder(model)
    const switches = model.column('switch', 'closed')
    const wasClosed = new Int8Array(switches.length).fill(-1)

    return (snapshot, context, memory) => {
        const found: Condition[] = []
        const offline = new Map(context.devices.filter((d) => d.state !== 'online').map((d) => [d.id, deviceAlarmId(d)]))
        const leadersOf = (index: number) => {
            const device = context.deviceOf(index)
            return device === undefined ? [] : leadersOfDevice(device, offline)
        }
        for (const device of context.devices) {
            if (device.state === 'online') continue
            const ageS = Math.round((snapshot.tMs - device.lastMs) / 1000)
            const rule = `device-${device.state}` as const
            const node = device.id.slice(0, device.id.lastIndexOf('/'))
            const leaders = node !== '' && offline.has(node) ? [offline.get(node)!] : []
            const priority = device.state === 'offline' ? 'high' : 'medium'
            found.push({ id: deviceAlarmId(device), rule, source: device.id, priority, value: ageS, limit: 0, unit: 's', leaders })
        }
        findLimits(found, snapshot, memory)
        findSwitches(found, snapshot, context, memory, leadersOf)
        findStale(found, model, snapshot, context, offline)
        findDivergence(found, snapshot)
        return found
    }

    function findSwitches(
        found: Condition[],
        snapshot: Snapshot,
        context: AlarmContext,
        memory: ConditionMemory,
        leadersOf: (index: number) => readonly string[],
    ): void {
        for (let s = 0; s < switches.length; s++) {
            const index = switches[s]!
            const measured = snapshot.measured[index]!
            const quality = snapshot.quality[index]!
            const { id, component } = model.region.switch[s]!
            const source = `switch/${id}`
            if (Number.isNaN(measured) || quality === stale || quality === suspect) {
                const before = memory.holding(`breaker-tripped:${source}`)
                if (before) found.push(before)
                const unknown = { id: `breaker-unknown:${source}`, rule: 'breaker-unknown', source, priority: 'medium' } as const
                if (!Number.isNaN(measured)) found.push({ ...unknown, value: measured, limit: 0, unit: '', leaders: leadersOf(index) })
                continue
            }
            const closed = snapshot.value[index]! > 0.5
            const opened = wasClosed[s] === 1 && !closed && !context.commanded(index)
            wasClosed[s] = closed ? 1 : 0
            if (closed || !(opened || memory.holding(`breaker-tripped:${source}`))) continue
            const trip = { id: `breaker-tripped:${source}`, rule: 'breaker-tripped', source, priority: 'high' } as const
            found.push({ ...trip, value: 0, limit: 1, unit: '', args: { component }, onDelayMs: 0 })
        }
    }
}

/** One condition per device for all its stale points. */
function findStale(
    found: Condition[],
    model: TwinModel,
    snapshot: Snapshot,
    context: AlarmContext,
    offline: ReadonlyMap<string, string>,
): void {
    const count = new Map<string, number>()
    for (let i = 0; i < model.points.length; i++) {
        if (snapshot.quality[i] !== stale || Number.isNaN(snapshot.measured[i]!)) continue
        const device = context.deviceOf(i) ?? 'unknown'
        count.set(device, (count.get(device) ?? 0) + 1)
    }
    for (const [device, points] of count) {
        const leaders = leadersOfDevice(device, offline)
        found.push({
            id: `points-stale:${device}`,
            rule: 'points-stale',
            source: device,
            priority: 'low',
            value: points,
            limit: 0,
            unit: '',
            leaders,
        })
    }
}

function findDivergence(found: Condition[], { fidelity }: Snapshot): void {
    const { status, objective, chiSquareLimit, badData, unobservableBuses } = fidelity
    const grid = 'system/grid'
    if (status === 'diverged')
        found.push({
            id: `twin-diverged:${grid}`,
            rule: 'twin-diverged',
            source: grid,
            priority: 'high',
            value: objective,
            limit: chiSquareLimit,
            unit: '',
            onDelayMs: divergenceDelayMs,
        })
    else if (objective > chiSquareLimit)
        found.push({
            id: `twin-disagrees:${grid}`,
            rule: 'twin-disagrees',
            source: grid,
            priority: 'medium',
            value: objective,
            limit: chiSquareLimit,
            unit: '',
            onDelayMs: divergenceDelayMs,
        })
    const many = badData.length > manyBadData
    if (many) {
        const value = badData.length
        found.push({
            id: manyBadDataId,
            rule: 'bad-data-many',
            source: grid,
            priority: 'medium',
            value,
            limit: manyBadData,
            unit: '',
            onDelayMs: divergenceDelayMs,
        })
    }
    for (const { point, normalisedResidual } of badData)
        found.push({
            id: `bad-data:${point}`,
            rule: 'bad-data',
            source: point,
            priority: 'low',
            value: normalisedResidual,
            limit: 3,
            unit: '',
            onDelayMs: divergenceDelayMs,
            leaders: many ? [manyBadDataId] : [],
        })
    if (unobservableBuses.length > 0) {
        const buses = unobservableBuses.slice(0, 5).join(', ') + (unobservableBuses.length > 5 ? ' …' : '')
        const value = unobservableBuses.length
        found.push({
            id: `area-unobservable:${grid}`,
            rule: 'area-unobservable',
            source: grid,
            priority: 'medium',
            value,
            limit: 0,
            unit: '',
            args: { buses },
            onDelayMs: divergenceDelayMs,
        })
    }
}

const deviceAlarmId = (device: DeviceState) => `device-${device.state}:${device.id}`

/** Alarms of the device and of its edge node, where they are not online. */
function leadersOfDevice(device: string, offline: ReadonlyMap<string, string>): string[] {
    const node = device.slice(0, Math.max(0, device.lastIndexOf('/')))
    return [offline.get(device), offline.get(node)].filter((id) => id !== undefined)
}
