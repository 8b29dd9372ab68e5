/**
 * Routes of the circuits: from gantry to gantry on towers, two circuits to a tower where two run together, wooden poles
 * for feeders, cables along the ground to the units. Every circuit becomes spans: the middle phase carries the moving
 * light, the others are plain wires.
 */
import { type Cells, createCells } from './cells.ts'
import type { PlacedSite, Placement } from './place.ts'
import { yardFromKv } from './place.ts'
import type { Terrain } from './terrain.ts'
import type { Yard } from './yard.ts'

export type SupportKind = 'single' | 'double' | 'pole'
export interface Support {
    readonly kind: SupportKind
    readonly x: number
    readonly y: number
    readonly z: number
    /** the line runs along local z */
    readonly heading: number
    /** of the shape, which is 10 units high at 1 */
    readonly scale: number
}
export interface Point3 {
    readonly x: number
    readonly y: number
    readonly z: number
}
export interface Span {
    readonly circuit: number
    readonly from: Point3
    readonly to: Point3
    /** of the circuit's length, where the span begins, world units */
    readonly start: number
    readonly sag: number
}
export interface Circuit {
    readonly index: number
    /** branch, generator, storage or load that flows here */
    readonly component: string
    readonly kv: number
    readonly kind: 'tower' | 'pole' | 'cable' | 'yard'
    /** first and last span of the middle phase */
    readonly firstSpan: number
    readonly endSpan: number
    readonly length: number
}
export interface Wire {
    readonly circuit: number
    readonly from: Point3
    readonly to: Point3
    readonly sag: number
}
export interface Corridors {
    readonly circuits: readonly Circuit[]
    readonly spans: readonly Span[]
    readonly wires: readonly Wire[]
    readonly supports: readonly Support[]
}

export interface Ends {
    readonly component: string
    readonly kv: number
    readonly from: PlacedSite
    readonly to: PlacedSite
    readonly start: Point3
    readonly end: Point3
    /** headings out of the yards, undefined at a kiosk */
    readonly startHeading?: number
    readonly endHeading?: number
}

interface XZ {
    readonly x: number
    readonly z: number
}

/** Where the phases hang on a support, for its 10-unit shape: lateral, height; the middle phase first. */
export const phases: Readonly<Record<SupportKind | 'double-left' | 'double-right', readonly (readonly [number, number])[]>> = {
    single: [
        [0, 8.1],
        [-2.3, 8.1],
        [2.3, 8.1],
    ],
    double: [],
    'double-left': [
        [-2.1, 7.2],
        [-1.55, 8.9],
        [-1.6, 5.5],
    ],
    'double-right': [
        [2.1, 7.2],
        [1.55, 8.9],
        [1.6, 5.5],
    ],
    pole: [
        [0, 10.4],
        [-1.7, 9.4],
        [1.7, 9.4],
    ],
}
const hangs: Readonly<Record<SupportKind, readonly (readonly [number, number])[]>> = {
    single: phases.single,
    double: [],
    pole: phases.pole,
}

/** Straight lines between the sites' centres, for the ground to know where to stay low. */
export function corridorLines(pairs: readonly { readonly from: PlacedSite; readonly to: PlacedSite }[]) {
    return pairs.map(({ from, to }) => ({ x0: from.x, z0: from.z, x1: to.x, z1: to.z }))
}

export function createCorridors(terrain: Terrain, placement: Placement) {
    const circuits: Circuit[] = []
    const spans: Span[] = []
    const wires: Wire[] = []
    const supports: Support[] = []

    const begin = () => ({ firstSpan: spans.length, length: 0 })
    const addSpan = (at: { length: number }, from: Point3, to: Point3, sagShare: number) => {
        const d = Math.hypot(to.x - from.x, to.y - from.y, to.z - from.z)
        if (d < 1e-3) return
        spans.push({ circuit: circuits.length, from, to, start: at.length, sag: Math.max(0.01, d * sagShare) })
        at.length += d
    }
    const finish = (component: string, kv: number, kind: Circuit['kind'], at: { firstSpan: number; length: number }) =>
        circuits.push({ index: circuits.length, component, kv, kind, ...at, endSpan: spans.length })

    const sitesNear = createCells<PlacedSite>(120)
    for (const s of placement.sites) {
        const r = s.radius + 6
        sitesNear.add(s, s.x - r, s.z - r, s.x + r, s.z + r)
    }

    /** Circuits between one pair of sites at one voltage, two to a tower. */
    function addBundle(bundle: readonly Ends[]): void {
        const { from, to, kv } = bundle[0]!
        const pole = kv < yardFromKv
        for (let first = 0; first < bundle.length; first += 2) {
            const pair = bundle.slice(first, first + 2)
            const lateral = (first / 2 - (Math.ceil(bundle.length / 2) - 1) / 2) * 8
            const kind: SupportKind = pole ? 'pole' : pair.length === 2 ? 'double' : 'single'
            const scale = pole ? 0.34 : kv >= 200 ? 1.06 : 0.82
            const lead = pole ? 0 : 8
            const start = outside(
                pair.map((e) => e.start),
                pair[0]!.startHeading,
                lead,
            )
            const end = outside(
                pair.map((e) => e.end),
                pair[0]!.endHeading,
                lead,
            )
            const path = avoidSites([start, end], sitesNear, from, to, pole)
            const feet = resample(path, pole ? 7.5 : kv >= 200 ? 38 : 30)
            const stand = pole && feet.length > 1 ? feet.slice(1, -1) : feet
            const made = stand.map((p, k): Support => {
                const before = stand[Math.max(0, k - 1)]!
                const after = stand[Math.min(stand.length - 1, k + 1)]!
                const flat = Math.hypot(after.x - before.x, after.z - before.z) < 1e-6
                const heading = flat ? Math.atan2(end.x - start.x, end.z - start.z) : Math.atan2(after.x - before.x, after.z - before.z)
                const x = p.x + lateral * Math.cos(heading)
                const z = p.z - lateral * Math.sin(heading)
                return { kind, x, y: Math.max(0, terrain.heightAt(x, z)), z, heading, scale }
            })
            supports.push(...made)
            for (const [k, e] of pair.entries()) {
                const hang =
                    kind === 'double' ? phases[leftFirst(pair, made[0]) === (k === 0) ? 'double-left' : 'double-right'] : hangs[kind]
                const at = begin()
                const sagShare = pole ? 0.025 : 0.034
                for (const [phase, offset] of hang.entries()) {
                    const points = [
                        spread(e.start, e.startHeading, phase),
                        ...made.map((s) => hangPoint(s, offset)),
                        spread(e.end, e.endHeading, phase),
                    ]
                    for (let i = 0; i + 1 < points.length; i++) {
                        const [p, q] = [points[i]!, points[i + 1]!]
                        if (phase === 0) addSpan(at, p, q, sagShare)
                        else
                            wires.push({
                                circuit: circuits.length,
                                from: p,
                                to: q,
                                sag: Math.max(0.01, Math.hypot(q.x - p.x, q.z - p.z) * sagShare),
                            })
                    }
                }
                finish(e.component, kv, pole ? 'pole' : 'tower', at)
            }
        }
    }

    /** A cable in the ground, drawn as a trace on it. */
    function addCable(component: string, kv: number, points: readonly XZ[]): void {
        const at = begin()
        const on = resample(points, 7).map((p) => ({ x: p.x, y: Math.max(0, terrain.heightAt(p.x, p.z)) + 0.35, z: p.z }))
        for (let i = 0; i + 1 < on.length; i++) addSpan(at, on[i]!, on[i + 1]!, 0)
        finish(component, kv, 'cable', at)
    }

    /** A connection inside a yard, over the equipment. */
    function addYardSpans(component: string, kv: number, points: readonly Point3[]): void {
        const at = begin()
        for (let i = 0; i + 1 < points.length; i++) addSpan(at, points[i]!, points[i + 1]!, 0.02)
        finish(component, kv, 'yard', at)
    }
    const result: Corridors = { circuits, spans, wires, supports }
    return { addBundle, addCable, addYardSpans, result }
}

/** Position of a phase on a support. */
export function hangPoint(s: Support, [lateral, height]: readonly [number, number]): Point3 {
    return {
        x: s.x + lateral * s.scale * Math.cos(s.heading),
        y: s.y + height * s.scale,
        z: s.z - lateral * s.scale * Math.sin(s.heading),
    }
}

/** Gantry point of a phase: the middle one in the middle, the others 0.8 to each side. */
function spread(p: Point3, heading: number | undefined, phase: number): Point3 {
    if (heading === undefined || phase === 0) return p
    const d = phase === 1 ? -0.8 : 0.8
    return { x: p.x + d * Math.cos(heading), y: p.y, z: p.z - d * Math.sin(heading) }
}

function outside(points: readonly Point3[], heading: number | undefined, lead: number): XZ {
    const x = points.reduce((sum, p) => sum + p.x, 0) / points.length
    const z = points.reduce((sum, p) => sum + p.z, 0) / points.length
    return heading === undefined ? { x, z } : { x: x + lead * Math.sin(heading), z: z + lead * Math.cos(heading) }
}

/** Of two circuits on one tower, whether the first one's gantry is to the left of the line. */
function leftFirst(pair: readonly Ends[], tower: Support | undefined): boolean {
    if (!tower) return true
    const side = (p: Point3) => (p.x - tower.x) * Math.cos(tower.heading) - (p.z - tower.z) * Math.sin(tower.heading)
    return side(pair[0]!.start) <= side(pair[1]!.start)
}

/** Bends a path around sites it would run over, two bends deep. */
function avoidSites(path: readonly XZ[], near: Cells<PlacedSite>, from: PlacedSite, to: PlacedSite, low: boolean, depth = 0): XZ[] {
    const [a, b] = [path[0]!, path[path.length - 1]!]
    const dx = b.x - a.x
    const dz = b.z - a.z
    const length = Math.hypot(dx, dz)
    if (length < 12 || depth > 2) return [...path]
    let worst: { s: PlacedSite; depth: number; t: number; side: number } | undefined
    for (const s of near.near(Math.min(a.x, b.x), Math.min(a.z, b.z), Math.max(a.x, b.x), Math.max(a.z, b.z))) {
        if (s === from || s === to) continue
        const r = s.radius + 6
        if (s.x < Math.min(a.x, b.x) - r || s.x > Math.max(a.x, b.x) + r || s.z < Math.min(a.z, b.z) - r || s.z > Math.max(a.z, b.z) + r)
            continue
        const least = low ? s.yardRadius + 2 : s.radius * 0.9 + 6
        const t = ((s.x - a.x) * dx + (s.z - a.z) * dz) / (length * length)
        if (t < 0.03 || t > 0.97) continue
        const side = ((s.x - a.x) * dz - (s.z - a.z) * dx) / length
        const into = least - Math.abs(side)
        if (into > 0.5 && (!worst || into > worst.depth)) worst = { s, depth: into, t, side }
    }
    if (!worst) return [...path]
    const away = worst.side > 0 ? -1 : 1
    const bend = {
        x: a.x + dx * worst.t + ((away * dz) / length) * (worst.depth + 1.5),
        z: a.z + dz * worst.t - ((away * dx) / length) * (worst.depth + 1.5),
    }
    const one = avoidSites([a, bend], near, from, to, low, depth + 1)
    const two = avoidSites([bend, b], near, from, to, low, depth + 1)
    return [...one, ...two.slice(1)]
}

/** Points along a path at equal spacing near the one asked for, corners and ends kept. */
export function resample(path: readonly XZ[], spacing: number): XZ[] {
    const out: XZ[] = [path[0]!]
    for (let i = 0; i + 1 < path.length; i++) {
        const [p, q] = [path[i]!, path[i + 1]!]
        const steps = Math.max(1, Math.round(Math.hypot(q.x - p.x, q.z - p.z) / spacing))
        for (let k = 1; k <= steps; k++) out.push({ x: p.x + ((q.x - p.x) * k) / steps, z: p.z + ((q.z - p.z) * k) / steps })
    }
    return out
}

/** Top of a bay's gantry. */
export const gantryHeight = 5.2
export const gantryTop = (yard: Yard, terrain: Terrain, x: number, z: number): Point3 => ({
    x,
    y: Math.max(0, terrain.heightAt(yard.site.x, yard.site.z)) + gantryHeight,
    z,
})
