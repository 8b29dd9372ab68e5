/**
 * What a ray meets: boxes of equipment exactly, lines within a tolerance that grows with distance, so that a thin line
 * far away can still be hit. Plain loops over typed arrays; some ten thousand shapes take well under a millisecond.
 */
import type { Corridors } from './corridor.ts'
import type { Body } from './layout.ts'

export interface Picker {
    readonly count: number
    /** `slope` is the tolerance in world units per unit of distance: an angle. */
    pick(origin: Triple, direction: Triple, slope: number, groundDistance?: number): string | undefined
}
export type Triple = readonly [number, number, number]

export function createPicker(bodies: readonly Body[], corridors: Corridors): Picker {
    const n = bodies.length
    const box = new Float64Array(n * 8)
    for (const [k, b] of bodies.entries())
        box.set([b.x, b.y, b.z, Math.cos(b.heading), Math.sin(b.heading), b.halfX, b.halfY, b.halfZ], k * 8)
    const { spans, circuits } = corridors
    const line = new Float64Array(spans.length * 7)
    for (const [k, s] of spans.entries()) line.set([s.from.x, s.from.y, s.from.z, s.to.x, s.to.y, s.to.z, s.sag], k * 7)
    const components = new Set([...bodies.map((b) => b.component), ...circuits.map((c) => c.component)])

    return {
        count: components.size,
        pick(origin, direction, slope, groundDistance = Infinity) {
            let best = Infinity
            let front = Infinity
            let found: string | undefined
            for (let k = 0; k < n; k++) {
                const distance = hitBox(box, k * 8, origin, direction, slope)
                if (distance === Infinity || distance >= groundDistance + 8) continue
                const cost = distance + handicap(bodies[k]!.component, distance, slope * distance)
                if (cost >= best) continue
                best = cost
                front = distance
                found = bodies[k]!.component
            }
            // a line wins over the ground of a near site; over equipment, and a site seen from afar, only well in front
            const site = found?.startsWith('site/') ?? false
            const sees = found === undefined || (site && slope * front <= 1.6) ? front + 2 : front - 6
            const reach = Math.min(groundDistance + 8, sees)
            let nearest = 1
            for (let k = 0; k < spans.length; k++) {
                const hit = nearLine(line, k * 7, origin, direction)
                const off = hit.off / (0.4 + slope * hit.along)
                if (off >= nearest || hit.along > reach) continue
                nearest = off
                found = circuits[spans[k]!.circuit]!.component
            }
            return found
        },
    }
}

/**
 * How much farther a body counts. Near, a switch stands among busbars and transformers and wins over them, and a site is
 * only the ground of it all; from afar, where the tolerance is wider than a switch, the site is what is meant.
 */
export function handicap(component: string, distance: number, tolerance: number): number {
    const afar = tolerance > 1.6
    // a device of a fleet is small and stands among its like: meant only where it can be told apart
    if (component.startsWith('resource/')) return tolerance > 0.9 ? Infinity : -1.5
    // what a group does hangs over its devices: behind it they are meant
    if (component.startsWith('group/')) return 6
    if (component.startsWith('switch/')) return afar ? Infinity : -2.5
    if (component.startsWith('bus/')) return afar ? 3 * tolerance : 1.5
    if (component.startsWith('branch/')) return afar ? 3 * tolerance : 2
    return component.startsWith('site/') && !afar ? 6 + distance * 0.05 : 0
}

/** Distance along the ray to a box turned about y and grown by the tolerance; Infinity for a miss. */
export function hitBox(box: Float64Array, at: number, [ox, oy, oz]: Triple, [dx, dy, dz]: Triple, slope: number): number {
    const px = ox - box[at]!
    const py = oy - box[at + 1]!
    const pz = oz - box[at + 2]!
    const c = box[at + 3]!
    const s = box[at + 4]!
    const grow = slope * Math.hypot(px, py, pz) * 0.7
    const half = [box[at + 5]! + grow, box[at + 6]! + grow, box[at + 7]! + grow]
    const o = [px * c - pz * s, py, px * s + pz * c]
    const d = [dx * c - dz * s, dy, dx * s + dz * c]
    let near = 0
    let far = Infinity
    for (let k = 0; k < 3; k++) {
        if (Math.abs(d[k]!) < 1e-12) {
            if (Math.abs(o[k]!) > half[k]!) return Infinity
            continue
        }
        const a = (-half[k]! - o[k]!) / d[k]!
        const b = (half[k]! - o[k]!) / d[k]!
        near = Math.max(near, Math.min(a, b))
        far = Math.min(far, Math.max(a, b))
    }
    return near <= far ? near : Infinity
}

/** Nearest approach of a ray to a sagging span, taken as two straight halves: distance off and along the ray. */
export function nearLine(line: Float64Array, at: number, origin: Triple, direction: Triple): { off: number; along: number } {
    const mid: Triple = [
        (line[at]! + line[at + 3]!) / 2,
        (line[at + 1]! + line[at + 4]!) / 2 - line[at + 6]!,
        (line[at + 2]! + line[at + 5]!) / 2,
    ]
    const one = nearSegment([line[at]!, line[at + 1]!, line[at + 2]!], mid, origin, direction)
    const two = nearSegment(mid, [line[at + 3]!, line[at + 4]!, line[at + 5]!], origin, direction)
    return one.off < two.off ? one : two
}

/** Nearest approach of a ray to a segment. */
export function nearSegment(p: Triple, q: Triple, o: Triple, d: Triple): { off: number; along: number } {
    const [ux, uy, uz] = [q[0] - p[0], q[1] - p[1], q[2] - p[2]]
    const [wx, wy, wz] = [p[0] - o[0], p[1] - o[1], p[2] - o[2]]
    const a = ux * ux + uy * uy + uz * uz
    const b = ux * d[0] + uy * d[1] + uz * d[2]
    const e = ux * wx + uy * wy + uz * wz
    const f = d[0] * wx + d[1] * wy + d[2] * wz
    const across = a - b * b
    let t = across > 1e-9 * a ? (b * f - e) / across : 0
    t = Math.min(1, Math.max(0, t))
    const along = Math.max(0, f + b * t)
    const off = Math.hypot(wx + ux * t - along * d[0], wy + uy * t - along * d[1], wz + uz * t - along * d[2])
    return { off, along }
}

/** Distance along a ray to the ground, by steps that grow with height and a bisection; Infinity where it misses. */
export function groundHit(heightAt: (x: number, z: number) => number, [ox, oy, oz]: Triple, [dx, dy, dz]: Triple, reach: number): number {
    let before = 0
    let t = 0
    while (t < reach) {
        const clear = oy + dy * t - Math.max(0, heightAt(ox + dx * t, oz + dz * t))
        if (clear < 0) {
            let [a, b] = [before, t]
            for (let k = 0; k < 20; k++) {
                const m = (a + b) / 2
                if (oy + dy * m - Math.max(0, heightAt(ox + dx * m, oz + dz * m)) < 0) b = m
                else a = m
            }
            return (a + b) / 2
        }
        before = t
        t += Math.max(0.8, clear * 0.4)
    }
    return Infinity
}
