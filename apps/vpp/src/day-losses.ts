/**
 * Devices the day has to do without: those nothing is heard of and those that have tripped; what is left of their units, and
 * what they gave less than planned, so that the ledger can name them. Powers kW into the network.
 */
import type { Setpoints, Vpp } from '@gridverse/plan'
import type { LossCause, UnitLeft } from './field-types.ts'
import { ratedKw } from './fleet-ability.ts'
import { type UnitRows, unitKw } from './fleet-day.ts'
import { type FleetNow, onlineCode } from './fleet-now.ts'
import type { FleetState } from './fleet-state.ts'

/** Why a row cannot be counted on; undefined where it can. */
export function lossOf(row: number, state: FleetState, now: FleetNow): LossCause | undefined {
    if (now.link[row] !== onlineCode) return 'no-link'
    return state.value(row, 'tripped') === 1 ? 'tripped' : undefined
}

export interface Loss {
    readonly resource: string
    readonly row: number
    readonly unit: string
    readonly why: LossCause
}

/** Lost devices of a plan's units, in the order of the units. */
export function findLosses(found: readonly UnitRows[], state: FleetState, now: FleetNow): Loss[] {
    return found.flatMap(({ unit, rows }) =>
        rows.flatMap((row) => {
            const why = lossOf(row, state, now)
            return why ? [{ resource: state.resources[row]!.id, row, unit: unit.name, why }] : []
        }),
    )
}

/** What is left of units that have lost somebody. */
export function unitsLeft(found: readonly UnitRows[], state: FleetState, now: FleetNow): UnitLeft[] {
    return found.flatMap(({ unit, rows }) => {
        const left = rows.filter((row) => lossOf(row, state, now) === undefined)
        if (left.length === unit.resources.length) return []
        const sum = (of: readonly number[], value: (row: number) => number) => of.reduce((total, row) => total + value(row), 0)
        const rated = (row: number) => ratedKw(state.resources[row] as never)
        const whole = sum(rows, rated) * (unit.resources.length / Math.max(1, rows.length))
        return [
            {
                unit: unit.name,
                resources: unit.resources.length,
                left: left.length,
                share: whole === 0 ? 0 : sum(left, rated) / whole,
                upKw: sum(left, (row) => Math.max(0, now.highKw[row]! - now.pKw[row]!)),
                downKw: sum(left, (row) => Math.max(0, now.pKw[row]! - now.lowKw[row]!)),
            },
        ]
    })
}

/** Of one unit over a period: seconds its lost share was missing (of that, tripped), and what the lost gave all the same, kW·s. */
export interface LossSums {
    missingS: number
    trippedS: number
    gaveKwS: number
}

/** Adds `dtS` seconds of losses to the sums of a period, by the name of the unit. */
export function gatherLosses(
    sums: Record<string, LossSums>,
    found: readonly UnitRows[],
    state: FleetState,
    now: FleetNow,
    dtS: number,
): void {
    for (const { unit, rows } of found) {
        let [whole, missing, tripped, gave] = [0, 0, 0, 0]
        for (const row of rows) {
            const rated = ratedKw(state.resources[row] as never)
            whole += rated
            const why = lossOf(row, state, now)
            if (!why) continue
            missing += rated
            if (why === 'tripped') tripped += rated
            gave += now.pKw[row]!
        }
        if (missing === 0) continue
        sums[unit.name] ??= { missingS: 0, trippedS: 0, gaveKwS: 0 }
        const of = sums[unit.name]!
        of.missingS += (dtS * missing) / whole
        of.trippedS += (dtS * tripped) / whole
        of.gaveKwS += dtS * gave
    }
}

/** What a unit's lost devices gave less than their part of the plan, mean over the period, kW. */
export function missedKw({ unit }: UnitRows, planned: Setpoints, { missingS, gaveKwS }: LossSums, seconds: number): number {
    return seconds <= 0 ? 0 : (unitKw(unit, planned) * missingS - gaveKwS) / seconds
}

/**
 * What sun or wind would have offered a unit whose devices have tripped in part, kW: what the others were offered, scaled up;
 * what was forecast where nobody is left to tell.
 */
export function offeredKw(measuredKw: number, forecastKw: number, { trippedS }: LossSums, seconds: number): number {
    const share = 1 - trippedS / Math.max(1e-9, seconds)
    return share > 0.05 ? measuredKw / share : forecastKw
}

/** Powers of units in a period, for people to compare. */
export const unitPowers = (vpp: Vpp, found: readonly UnitRows[], setpoints: Setpoints): { unit: string; kw: number }[] =>
    vpp.periods === 0 ? [] : found.map(({ unit }) => ({ unit: unit.name, kw: Math.round(unitKw(unit, setpoints) * 1000) / 1000 }))
