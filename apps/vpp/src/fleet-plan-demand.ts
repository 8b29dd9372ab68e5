/** What a fleet draws: loads nobody asks, those that can be reduced, and runs that can be moved. */
import { catchUpH, loadFactor, type ResourceOf } from '@gridverse/assets'
import { hoursUntil } from './fleet-ability.ts'
import { type FleetMembers, mean, sum } from './fleet-plan-members.ts'
import type { FleetHorizon, PlacedRun } from './fleet-plan-types.ts'

/** What can be reduced by group, the runs, those the plan decides as the instance has them, and the load with runs under way, kW by period. */
export function demandOf({ of, rows, gather, byGroup, course, timeAt, horizon }: FleetMembers) {
    const wants = (row: number, t: number) => {
        const r = of<'curtailable'>(row)
        return r.peakKw * loadFactor(r.profile, timeAt(t))
    }
    const reducible = rows('curtailable')
    const curtailable = gather('curt', reducible, byGroup, (own, name) => ({
        name,
        max: course((t) => sum(own, (row) => of<'curtailable'>(row).curtailShare * wants(row, t))),
        price: mean(
            own,
            (row) => of<'curtailable'>(row).compensationPerKwh,
            (row) => of<'curtailable'>(row).peakKw,
        ),
        rebound: mean(
            own,
            (row) => of<'curtailable'>(row).reboundShare,
            (row) => of<'curtailable'>(row).peakKw,
        ),
        reboundH: catchUpH,
    }))
    const startH = timeAt(-0.5).hour
    const runs: PlacedRun[] = []
    const toDecide: object[] = []
    for (const row of rows('shiftable')) {
        const r = of<'shiftable'>(row)
        const underWay = runUnderWay(r, horizon)
        const windows = underWay ? [] : windowsOf(r, horizon, startH)
        if (underWay) runs.push(underWay)
        else if (windows.length > 0) {
            const from = windows[0]!.from
            runs.push({ resource: r.id, from, to: from + periodsOf(r, horizon), kw: r.powerKw, run: toDecide.length })
            toDecide.push({ name: r.id, power: r.powerKw, hours: r.durationH, windows })
        }
    }
    const fixed = rows('fixed-load')
    const load = course(
        (t) =>
            sum(fixed, (row) => of<'fixed-load'>(row).peakKw * loadFactor(of<'fixed-load'>(row).profile, timeAt(t))) +
            sum(reducible, (row) => wants(row, t)) +
            sum(runs, ({ run, from, to, kw }) => (run === undefined && t >= from && t < to ? kw : 0)),
    )
    return { curtailable, runs, toDecide, load }
}

/** Runs as a plan has decided that they begin. */
export const beginRuns = (runs: readonly PlacedRun[], starts: readonly number[] = []): PlacedRun[] =>
    runs.map((placed) => {
        const from = starts[placed.run ?? -1]
        return from === undefined ? placed : { ...placed, from, to: from + placed.to - placed.from }
    })

const hourMs = 3_600_000
const periodsOf = ({ durationH }: ResourceOf<'shiftable'>, { dtH }: FleetHorizon) => Math.max(1, Math.ceil(durationH / dtH - 1e-9))
const begunOf = ({ id }: ResourceOf<'shiftable'>, horizon: FleetHorizon) => horizon.begunMs?.(id) ?? -Infinity

/** One under way goes on to its end. */
function runUnderWay(r: ResourceOf<'shiftable'>, horizon: FleetHorizon): PlacedRun | undefined {
    const { periods, dtH, startMs } = horizon
    const leftH = (begunOf(r, horizon) - startMs) / hourMs + r.durationH
    return leftH > 1e-9 ? { resource: r.id, from: 0, to: Math.min(periods, Math.ceil(leftH / dtH - 1e-9)), kw: r.powerKw } : undefined
}

/** Periods a run has room in within its hours; none where the rest of the day has no room for it, or it has run in them. */
function windowsOf(r: ResourceOf<'shiftable'>, horizon: FleetHorizon, startH: number): { from: number; to: number }[] {
    const { periods, dtH, startMs } = horizon
    const length = periodsOf(r, horizon)
    const windowH = hoursUntil(r.earliestH, r.latestH) || 24
    const windows: { from: number; to: number }[] = []
    for (let from = 0; from + length <= periods; from++) {
        const openH = hoursUntil(r.earliestH, startH + from * dtH)
        if (openH + r.durationH > windowH + 1e-9) continue
        if (begunOf(r, horizon) >= startMs + (from * dtH - openH) * hourMs) continue
        const last = windows.at(-1)
        // begins that follow each other are one window, as far as the last of them ends
        if (last && last.to === from + length - 1) last.to++
        else windows.push({ from, to: from + length })
    }
    return windows
}
