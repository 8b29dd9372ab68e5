/** What a fleet draws: loads nobody asks, those that can be reduced, and runs that can be moved. */
import { loadFactor, type ResourceOf } from '@gridverse/assets'
import { hoursUntil } from './fleet-ability.ts'
import { type FleetMembers, mean, sum } from './fleet-plan-members.ts'
import type { FleetHorizon, PlacedRun } from './fleet-plan-types.ts'

/** What can be reduced by group, where the runs are put, and the load with both in it, kW by period. */
export function demandOf({ of, rows, gather, byGroup, course, timeAt, horizon }: FleetMembers, buyPrice: readonly number[]) {
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
    }))
    const startH = timeAt(-0.5).hour
    const runs = rows('shiftable').flatMap((row) => place(of<'shiftable'>(row), buyPrice, horizon, startH))
    const fixed = rows('fixed-load')
    const load = course(
        (t) =>
            sum(fixed, (row) => of<'fixed-load'>(row).peakKw * loadFactor(of<'fixed-load'>(row).profile, timeAt(t))) +
            sum(reducible, (row) => wants(row, t)) +
            sum(runs, (run) => (t >= run.from && t < run.to ? run.kw : 0)),
    )
    return { curtailable, runs, load }
}

/**
 * The cheapest periods a run fits into within its hours; none where the rest of the day has no room for it, or it has run in
 * them. One under way goes on to its end.
 */
function place(r: ResourceOf<'shiftable'>, price: readonly number[], horizon: FleetHorizon, startH: number): PlacedRun[] {
    const { periods, dtH, startMs } = horizon
    const hourMs = 3_600_000
    const begunMs = horizon.begunMs?.(r.id) ?? -Infinity
    const leftH = (begunMs - startMs) / hourMs + r.durationH
    if (leftH > 1e-9) return [{ resource: r.id, from: 0, to: Math.min(periods, Math.ceil(leftH / dtH - 1e-9)), kw: r.powerKw }]
    const length = Math.max(1, Math.round(r.durationH / dtH))
    const windowH = hoursUntil(r.earliestH, r.latestH) || 24
    let best = -1
    let least = Infinity
    for (let from = 0; from + length <= periods; from++) {
        const openH = hoursUntil(r.earliestH, startH + from * dtH)
        if (openH + r.durationH > windowH + 1e-9) continue
        if (begunMs >= startMs + (from * dtH - openH) * hourMs) continue
        let cost = 0
        for (let t = from; t < from + length; t++) cost += price[t]!
        if (cost < least - 1e-12) [least, best] = [cost, from]
    }
    return best < 0 ? [] : [{ resource: r.id, from: best, to: best + length, kw: r.powerKw }]
}
