/**
 * What the field is told of the hours to come: the power the plan expects of each device, which the device keeps to when
 * nobody speaks to it any more, and the position the plant has committed to the market.
 */
import { injects } from '@gridverse/assets'
import type { Scenario, Setpoints } from '@gridverse/plan'
import type { NoticeBody } from '@gridverse/twin'
import { ratedKw } from './fleet-ability.ts'
import { type UnitRows, unitKw } from './fleet-day.ts'
import type { PlacedRun } from './fleet-plan-types.ts'
import type { FleetState } from './fleet-state.ts'

/** periods told ahead; their text has room in the smallest device */
export const toldPeriods = 8

export interface Told {
    /** begin of the first period told, Unix ms */
    readonly startMs: number
    readonly periodS: number
    /** first period told, and the one after the last */
    readonly from: number
    readonly to: number
}

/**
 * By resource: each has its part of its unit by rating, within it. Sources that may give all there is, and loads nothing is
 * wanted of, are left to themselves.
 */
export function predictionsOf(
    found: readonly UnitRows[],
    runs: readonly PlacedRun[],
    forecast: Scenario,
    setpointsOf: (t: number) => Setpoints,
    state: FleetState,
    told: Told,
    holdS: number,
): Map<string, NoticeBody> {
    const { startMs, periodS, from, to } = told
    const courses = new Map<string, (number | null)[]>()
    const put = (row: number, t: number, intoNetworkKw: number) => {
        const { id, kind } = state.resources[row]!
        const rated = ratedKw(state.resources[row] as never)
        const kw = Math.min(rated, Math.max(-rated, intoNetworkKw))
        if (!courses.has(id)) courses.set(id, new Array<null>(to - from).fill(null))
        courses.get(id)![t - from] = Math.round(1000 * (injects(kind) ? kw : -kw)) / 1000 + 0
    }
    for (let t = from; t < to; t++) {
        const setpoints = setpointsOf(t)
        for (const { unit, rows } of found) {
            if (unit.list === 'tank') continue
            const kw = unitKw(unit, setpoints)
            const source = unit.list === 'pv' || unit.list === 'wind'
            if (source && kw >= 0.99 * forecast[unit.list as 'pv' | 'wind'][unit.index]![t]!) continue
            // a reduction counts from what the loads want, which only they know
            if (unit.list === 'curt') continue
            const whole = rows.reduce((sum, row) => sum + ratedKw(state.resources[row] as never), 0)
            for (const row of rows) put(row, t, whole === 0 ? 0 : (kw * ratedKw(state.resources[row] as never)) / whole)
        }
        for (const { resource, from: begin, to: end, kw } of runs) {
            const row = state.rowOf(resource)
            if (row >= 0) put(row, t, t >= begin && t < end ? -kw : 0)
        }
    }
    return new Map(Array.from(courses, ([id, kw]) => [id, { kind: 'prediction', startMs, periodS, holdS, kw }]))
}

/** The committed net position of the periods told, sale positive. */
export function positionNotice(buy: readonly number[], sell: readonly number[], { startMs, periodS, from, to }: Told): NoticeBody {
    const kw = Array.from({ length: to - from }, (_, k) => Math.round(1000 * (sell[from + k]! - buy[from + k]!)) / 1000)
    return { kind: 'market', startMs, periodS, kw }
}

/** One resource for each controller that speaks for some: an edge node, a post, a device behind a gateway. */
export function controllersOf(state: FleetState, ids: Iterable<string>): string[] {
    const first = new Map<string, string>()
    for (const id of ids) {
        const row = state.rowOf(id)
        const device = row < 0 ? undefined : state.deviceOf(row)
        if (device === undefined) continue
        const { protocol } = state.resources[row]!
        // behind a Modbus gateway each device is its own controller; an edge node or post speaks for all it carries
        const controller = protocol === 'sunspec' ? device : device.split('/')[0]!
        if (!first.has(controller)) first.set(controller, id)
    }
    return [...first.values()]
}
