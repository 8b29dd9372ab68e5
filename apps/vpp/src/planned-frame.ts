/**
 * A plan's period as a frame of the fleet: what every device and group would do and hold, in the columns a frame of now has,
 * so that a map shows the one as the other.
 *
 * A unit's setpoint is shared over its devices by their ratings, a reduction by what its loads want; loads nobody steers have
 * the plan's load by their profiles. So the devices add up to the plan's tiles. Contents are the units' own equations run on
 * from the plan's beginning, the same share of full in every device of a unit, as they stand when the period is over.
 */
import { loadFactor, type ProfileTime, type ResourceOf } from '@gridverse/assets'
import {
    advanceState,
    backKw,
    byPeriod,
    caughtUpKw,
    commitmentsByPeriod,
    type DayState,
    type FixedPlan,
    setpointsAt,
    startOfDay,
    type Vpp,
} from '@gridverse/plan'
import { ratedKw } from './fleet-ability.ts'
import { findUnits, tilesOfSetpoints, unitKw } from './fleet-day.ts'
import type { FleetUnit, PlacedRun } from './fleet-plan-types.ts'
import type { FleetState } from './fleet-state.ts'
import { type FleetColumns, type FleetTiles, resourceLinks } from './fleet-types.ts'

/** GET /api/vpp/day/planned?period= */
export interface PlannedFrame {
    /** from 0 */
    readonly period: number
    readonly periods: number
    /** Unix ms UTC */
    readonly startMs: number
    readonly periodS: number
    readonly tiles: FleetTiles
    /** `tMs` is the period's end; a device the plan leaves out has link `never` and no numbers */
    readonly columns: FleetColumns
    readonly groups: readonly PlannedGroup[]
}
export interface PlannedGroup {
    readonly id: string
    /** into the network, kW */
    readonly pKw: number
    /** of batteries and cars at their posts, weighted by content; null without any */
    readonly socPercent: number | null
}

export interface PlannedDay {
    readonly vpp: Vpp
    readonly plan: FixedPlan
    readonly units: readonly FleetUnit[]
    readonly runs: readonly PlacedRun[]
    /** Unix ms UTC */
    readonly startMs: number
    /** local time of an instant, for profiles */
    timeAt(tMs: number): ProfileTime
}

export function plannedFrame(
    { vpp, plan, units, runs, startMs, timeAt }: PlannedDay,
    fleet: FleetState,
    revision: number,
    period: number,
): PlannedFrame {
    const plant = byPeriod(vpp)
    const u = commitmentsByPeriod(vpp, plan.firstStage.u)
    let before = startOfDay(plant)
    for (let t = 0; t < period; t++) before = advanceState(plant, before, setpointsAt(plant, plan.dispatch, u, t))
    const setpoints = setpointsAt(plant, plan.dispatch, u, period)
    const after = advanceState(plant, before, setpoints)
    const load = (plan.forecast.load ?? vpp.load)[period]!
    // what loads catch up on of their reductions
    const backOf = (tier: number) => backKw(vpp.curtailable[tier]!, vpp.dtH, before.owed[tier]!, setpoints.curt[tier]!)
    const periodMs = vpp.dtH * 3_600_000
    const time = timeAt(startMs + (period + 0.5) * periodMs)

    const { resources } = fleet
    const pKw = new Array<number | null>(resources.length).fill(null)
    const soc = new Array<number | null>(resources.length).fill(null)
    const add = (row: number, kw: number) => {
        pKw[row] = (pKw[row] ?? 0) + kw
    }
    const figure = (row: number, name: string) => (resources[row] as unknown as Record<string, number>)[name]!
    const share = (rows: readonly number[], kw: number, weight: (row: number) => number) => {
        const whole = rows.reduce((sum, row) => sum + weight(row), 0)
        for (const row of rows) add(row, whole > 0 ? (kw * weight(row)) / whole : kw / rows.length)
    }

    // what loads want: those nobody steers and those that can be reduced by profile, runs where they were put
    const wants = new Map<number, number>()
    resources.forEach((r, row) => {
        if (r.kind !== 'fixed-load' && r.kind !== 'curtailable') return
        const { peakKw, profile } = r as ResourceOf<'fixed-load'>
        wants.set(row, peakKw * loadFactor(profile, time))
    })
    for (const { resource, from, to, kw } of runs) {
        const row = fleet.rowOf(resource)
        if (row >= 0) wants.set(row, (wants.get(row) ?? 0) + (period >= from && period < to ? kw : 0))
    }
    share([...wants.keys()], -load, (row) => wants.get(row)!)

    for (const { unit, rows } of findUnits(units, fleet)) {
        if (unit.list === 'ev') {
            const { arrive, depart } = vpp.evs[unit.index]!
            if (period < arrive || period >= depart) {
                for (const row of rows) add(row, 0)
                continue
            }
        }
        const weight = unit.list === 'curt' ? (row: number) => wants.get(row) ?? 0 : (row: number) => ratedKw(resources[row] as never)
        share(rows, unitKw(unit, setpoints) - (unit.list === 'curt' ? backOf(unit.index) : 0), weight)
        const content = contentOfUnit(unit, after)
        if (content === undefined) continue
        const full = unit.list === 'ev' ? 'batteryKwh' : 'energyKwh'
        const whole = rows.reduce((sum, row) => sum + figure(row, full), 0)
        for (const row of rows) soc[row] = whole > 0 ? (100 * content) / whole : null
    }

    const never = resourceLinks.indexOf('never')
    const endMs = startMs + (period + 1) * periodMs
    const round = (x: number | null) => (x === null ? null : Math.round(x * 1e4) / 1e4)
    return {
        period,
        periods: vpp.periods,
        startMs: startMs + period * periodMs,
        periodS: periodMs / 1000,
        tiles: tilesOfSetpoints(setpoints, load + caughtUpKw(vpp, before.owed, setpoints.curt)),
        columns: {
            tMs: endMs,
            revision,
            id: resources.map((r) => r.id),
            kind: resources.map((r) => r.kind),
            group: resources.map((r) => r.group),
            connection: resources.map((r) => r.connection),
            latDeg: resources.map((r) => r.latDeg),
            lonDeg: resources.map((r) => r.lonDeg),
            link: pKw.map((kw) => (kw === null ? never : 0)),
            pKw: pKw.map(round),
            orderedKw: pKw.map(round),
            socPercent: soc.map(round),
            underDelivered: resources.map(() => 0),
            // a plan is measured by nobody
            ageS: resources.map(() => null),
            syncErrorKw: resources.map(() => null),
            syncErrorPercent: resources.map(() => null),
        },
        groups: groupsOf(fleet, pKw, soc),
    }
}

/** kWh; undefined where nothing is stored */
function contentOfUnit({ list, index }: FleetUnit, state: DayState): number | undefined {
    if (list === 'bat') return state.batteries[index]
    if (list === 'ev') return state.evs[index]
    if (list === 'wh') return state.water[index]
    if (list === 'tank') return state.tanks[index]
    return list === 'ice' ? state.ice[index] : undefined
}

function groupsOf({ resources }: FleetState, pKw: readonly (number | null)[], soc: readonly (number | null)[]): PlannedGroup[] {
    const sums = new Map<string, { kw: number; content: number; full: number }>()
    resources.forEach((r, row) => {
        const sum = sums.get(r.group) ?? { kw: 0, content: 0, full: 0 }
        sums.set(r.group, sum)
        sum.kw += pKw[row] ?? 0
        const full = r.kind === 'battery' ? r.energyKwh : r.kind === 'home-ev' || r.kind === 'public-ev' ? r.batteryKwh : 0
        if (soc[row] === null || full === 0) return
        sum.content += (soc[row]! / 100) * full
        sum.full += full
    })
    return Array.from(sums, ([id, { kw, content, full }]) => ({ id, pKw: kw, socPercent: full > 0 ? (100 * content) / full : null }))
}
