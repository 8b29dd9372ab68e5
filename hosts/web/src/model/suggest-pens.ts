/** Trends before anybody chose: the frequency, and what the busiest line carries. */
import { type RegionIndex, splitComponent } from './region.ts'

/** Point ids of pens worth looking at, those that exist: frequency, active power and loading of the line loaded most. */
export function suggestPens(region: RegionIndex, known: ReadonlySet<string>, value: (point: string) => number): readonly string[] {
    let busiest = ''
    let most = -1
    for (const { id, kind, rateMva } of region.branch.values()) {
        const loading = value(`branch/${id}/loadingPercent`)
        // where nothing is known yet, the line of the greatest rating
        const rank = kind !== 'line' ? -1 : Number.isNaN(loading) ? Math.min(0.99, rateMva / 1e6) : 1 + loading
        if (rank > most) [busiest, most] = [`branch/${id}`, rank]
    }
    return ['system/grid/frequencyHz', `${busiest}/pFromMw`, `${busiest}/loadingPercent`].filter(
        (point) => known.has(point) && splitComponent(point).id !== '',
    )
}
