/** The resources of a fleet that a plan counts on, and how like ones become a unit. */
import { type ProfileTime, type ResourceKind, type ResourceOf, toProfileTime } from '@gridverse/assets'
import { type FleetNow, onlineCode } from './fleet-now.ts'
import type { FleetHorizon, FleetUnit, FleetWeather, UnitList } from './fleet-plan-types.ts'
import type { FleetState } from './fleet-state.ts'

export interface FleetMembers {
    readonly state: FleetState
    readonly now: FleetNow
    readonly weather: FleetWeather
    readonly horizon: FleetHorizon
    /** units made so far, in the order they come */
    readonly units: FleetUnit[]
    /** resources nothing is heard of; loads are there whether they are heard or not */
    readonly leftOut: readonly string[]
    /** rows of these kinds that are counted on */
    rows(...kinds: ResourceKind[]): number[]
    of<K extends ResourceKind>(row: number): ResourceOf<K>
    /** one unit for each key, in the order they come */
    gather<T>(
        list: UnitList,
        found: readonly number[],
        keyOf: (row: number) => string,
        make: (own: readonly number[], name: string) => T,
        /** units of that list there are already */
        already?: number,
    ): T[]
    byGroup(row: number): string
    /** content as measured, kWh; half of `fullKwh` where nothing is known */
    heldKwh(row: number, fullKwh: number): number
    /** a value for each period, to a millionth */
    course(at: (t: number) => number): number[]
    /** local time in the middle of a period */
    timeAt(t: number): ProfileTime
    /** the same instant, Unix ms UTC */
    instantAt(t: number): number
}

export function createFleetMembers(state: FleetState, now: FleetNow, weather: FleetWeather, horizon: FleetHorizon): FleetMembers {
    const { periods, dtH, startMs, utcOffsetH } = horizon
    const all = state.resources.map((_, row) => row)
    const counted = (row: number) => now.link[row] === onlineCode || state.resources[row]!.kind === 'fixed-load'
    const units: FleetUnit[] = []
    const instantAt = (t: number) => startMs + (t + 0.5) * dtH * 3_600_000
    return {
        state,
        now,
        weather,
        horizon,
        units,
        leftOut: all.filter((row) => !counted(row)).map((row) => state.resources[row]!.id),
        rows: (...kinds) => all.filter((row) => kinds.includes(state.resources[row]!.kind) && counted(row)),
        of: <K extends ResourceKind>(row: number) => state.resources[row] as ResourceOf<K>,
        gather: (list, found, keyOf, make, already = 0) =>
            Array.from(groupBy(found, keyOf), ([name, own], n) => {
                units.push({ list, index: already + n, name, resources: own.map((row) => state.resources[row]!.id) })
                return make(own, name)
            }),
        byGroup: (row) => `${state.resources[row]!.group} ${state.resources[row]!.kind}`,
        heldKwh(row, fullKwh) {
            const kwh = state.value(row, 'energyKwh')
            return Number.isNaN(kwh) ? fullKwh / 2 : kwh
        },
        course: (at) => Array.from({ length: periods }, (_, t) => round(at(t))),
        timeAt: (t) => toProfileTime(instantAt(t), utcOffsetH),
        instantAt,
    }
}

/** To a millionth, as files have it. */
export const round = (x: number): number => Number(x.toFixed(6))
export const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x))
export const sum = <T>(own: readonly T[], amount: (one: T) => number): number => own.reduce((total, one) => total + amount(one), 0)
export const mean = <T>(own: readonly T[], amount: (one: T) => number, weight: (one: T) => number): number =>
    sum(own, (one) => weight(one) * amount(one)) / sum(own, weight)

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
    const groups = new Map<string, T[]>()
    for (const item of items) {
        const key = keyOf(item)
        const own = groups.get(key)
        if (own) own.push(item)
        else groups.set(key, [item])
    }
    return groups
}
