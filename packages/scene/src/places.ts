/** Where each component is in the world, for marks, flights and the shell's own labels. */
import type { Layout } from './layout.ts'

export interface Place {
    readonly x: number
    readonly y: number
    readonly z: number
    readonly halfY: number
    /** distance a good view of it needs */
    readonly view: number
}

/** Where each component is: its body, or the middle of its line. */
export function placesOf(layout: Layout): Map<string, Place> {
    const places = new Map<string, Place>()
    const { spans, circuits } = layout.corridors
    for (const c of circuits) {
        const at = c.length / 2
        const span = spans.slice(c.firstSpan, c.endSpan).find((_, k, all) => (all[k + 1]?.start ?? Infinity) > at)
        if (!span) continue
        places.set(c.component, {
            x: (span.from.x + span.to.x) / 2,
            y: (span.from.y + span.to.y) / 2 - span.sag,
            z: (span.from.z + span.to.z) / 2,
            halfY: 0.4,
            view: Math.max(60, Math.min(420, c.length * 1.1)),
        })
    }
    const radius = new Map(layout.placement.sites.map((p) => [`site/${p.site.id}`, p.radius]))
    for (const b of layout.bodies) {
        const site = radius.get(b.component)
        const view = site === undefined ? Math.max(16, Math.hypot(b.halfX, b.halfZ) * 6) : Math.max(36, site * 4.2)
        places.set(b.component, { x: b.x, y: b.y, z: b.z, halfY: b.halfY, view })
    }
    return places
}
