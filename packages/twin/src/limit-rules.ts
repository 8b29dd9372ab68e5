/**
 * Limits of points as alarm conditions, laid out once per model: voltage, loading, frequency, state of charge. The worse
 * of two limits leads the lesser, and a dead bus its voltage, so that one deviation is one alarm.
 */
import type { AlarmPriority, AlarmRule } from './alarm.ts'
import type { Condition, ConditionMemory } from './conditions.ts'
import { loadingEmergencyPercent } from './limits.ts'
import { qualityCode } from './measurement.ts'
import type { PointCard } from './messages.ts'
import type { TwinModel } from './model.ts'
import type { Snapshot } from './snapshot.ts'

interface LimitRule {
    readonly index: number
    readonly id: string
    readonly rule: AlarmRule
    readonly source: string
    readonly unit: string
    readonly priority: AlarmPriority
    readonly limit: number
    /** 1 where the value must not be above, −1 where not below */
    readonly sense: 1 | -1
    readonly deadband: number
    /** buses the value rests on, where nobody measures it */
    readonly buses: readonly number[]
    readonly leaders: readonly string[]
}

/** Below this a bus counts as dead, p.u.; well above what induction leaves on an open line. */
const deadPu = 0.1
const good = qualityCode('good')
const substituted = qualityCode('substituted')

/** Adds to `found` every limit that is violated. */
export type LimitFinder = (found: Condition[], snapshot: Snapshot, memory: ConditionMemory) => void

export function createLimitFinder(model: TwinModel): LimitFinder {
    const rules = limitRules(model)
    return (found, snapshot, memory) => {
        const unobservable = new Set(snapshot.fidelity.unobservableBuses)
        const isKnown = ({ index, buses }: LimitRule) => {
            const quality = snapshot.quality[index]!
            if (quality === good || quality === substituted) return true
            // an estimate counts like a measurement, but not one that rests on pseudo measurements
            return !Number.isNaN(snapshot.estimated[index]!) && !(unobservable.size > 0 && buses.some((bus) => unobservable.has(bus)))
        }
        for (const limitRule of rules) {
            const { index, id, rule, source, unit, priority, limit, sense, deadband, leaders } = limitRule
            if (!isKnown(limitRule)) {
                const before = memory.holding(id)
                if (before) found.push(before)
                continue
            }
            const value = snapshot.value[index]!
            const excess = sense * (value - limit)
            if (excess > 0 || (excess > -deadband && memory.isActive(id)))
                found.push({ id, rule, source, priority, value, limit, unit, leaders })
        }
    }
}

/** Rules of every point with limits: worse ones lead, so that one deviation is one alarm. */
function limitRules(model: TwinModel): LimitRule[] {
    const isolated = new Set(model.region.network.bus.filter((b) => b.type === 'isolated').map((b) => `bus/${b.id}`))
    const neighbours = new Map<string, string[]>()
    for (const { fromBus, toBus } of model.region.network.branch)
        for (const [a, b] of [
            [fromBus, toBus],
            [toBus, fromBus],
        ])
            neighbours.set(`bus/${a}`, [...(neighbours.get(`bus/${a}`) ?? []), `bus/${b}`])
    const ends = new Map(model.region.network.branch.map((b) => [`branch/${b.id}`, [b.fromBus, b.toBus]]))
    const busesOf = (component: string) => (component.startsWith('bus/') ? [Number(component.slice(4))] : (ends.get(component) ?? []))
    const rules: LimitRule[] = []
    const add = (
        card: PointCard,
        deadband: number,
        sense: 1 | -1,
        given: readonly (readonly [AlarmRule, number | undefined, AlarmPriority])[],
        first: readonly string[] = [],
    ) => {
        // given worst first: each is led by all worse than itself
        const leaders = [...first]
        for (const [rule, limit, priority] of given) {
            if (limit === undefined) continue
            const id = `${rule}:${card.component}`
            rules.push({
                index: card.index,
                id,
                rule,
                source: card.component,
                unit: card.unit,
                priority,
                limit,
                sense,
                deadband,
                buses: busesOf(card.component),
                leaders: [...leaders],
            })
            leaders.push(id)
        }
    }
    for (const card of model.points) {
        const { limits } = card
        if (!limits || isolated.has(card.component)) continue
        if (card.quantity === 'vmPu') {
            // a dead feeder is one alarm, at the first of its buses
            const before = (neighbours.get(card.component) ?? []).filter((bus) => model.at(bus, 'vmPu') < card.index)
            add(
                card,
                0.002,
                -1,
                [['bus-dead', deadPu, 'high']],
                before.map((bus) => `bus-dead:${bus}`),
            )
            add(
                card,
                0.002,
                -1,
                [
                    ['voltage-low-low', limits.lowLow, 'high'],
                    ['voltage-low', limits.low, 'medium'],
                ],
                [`bus-dead:${card.component}`],
            )
            add(card, 0.002, 1, [
                ['voltage-high-high', limits.highHigh, 'high'],
                ['voltage-high', limits.high, 'medium'],
            ])
        } else if (card.quantity === 'loadingPercent') {
            add(card, 2, 1, [
                ['loading-emergency', loadingEmergencyPercent, 'critical'],
                ['loading-high', limits.highHigh, 'high'],
                ['loading-near', limits.high, 'low'],
            ])
        } else if (card.quantity === 'frequencyHz') {
            add(card, 0.02, -1, [
                ['frequency-low-low', limits.lowLow, 'critical'],
                ['frequency-low', limits.low, 'high'],
            ])
            add(card, 0.02, 1, [
                ['frequency-high-high', limits.highHigh, 'critical'],
                ['frequency-high', limits.high, 'high'],
            ])
        } else if (card.quantity === 'socPercent') {
            add(card, 1, -1, [
                ['storage-empty', limits.lowLow, 'medium'],
                ['storage-low', limits.low, 'low'],
            ])
        }
    }
    return rules
}
