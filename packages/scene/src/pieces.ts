/**
 * Runs of spans that look straight from afar: where the eye is far, one straight ribbon stands for a run, and a case of
 * thousands of lines costs some thousand triangles instead of half a million.
 */
import type { Corridors, Point3 } from './corridor.ts'

export interface Pieces {
    readonly count: number
    /** first span of each piece, and the one after its last */
    readonly first: Uint32Array
    readonly end: Uint32Array
    /** middle and half length of each piece's chord, world units: x, y, z, half */
    readonly ball: Float32Array
}

/** Joins spans of a circuit while every support stays within `tolerance` world units of the chord. */
export function joinSpans({ circuits, spans }: Corridors, tolerance = 1.2): Pieces {
    const first: number[] = []
    const end: number[] = []
    for (const c of circuits)
        for (let a = c.firstSpan; a < c.endSpan; ) {
            let b = a + 1
            while (b < c.endSpan && b - a < 24 && isStraight(a, b + 1)) b++
            first.push(a)
            end.push(b)
            a = b
        }
    const ball = new Float32Array(first.length * 4)
    for (let k = 0; k < first.length; k++) {
        const { from } = spans[first[k]!]!
        const { to } = spans[end[k]! - 1]!
        const half = Math.sqrt((to.x - from.x) ** 2 + (to.y - from.y) ** 2 + (to.z - from.z) ** 2) / 2
        ball.set([(from.x + to.x) / 2, (from.y + to.y) / 2, (from.z + to.z) / 2, half], k * 4)
    }
    return { count: first.length, first: Uint32Array.from(first), end: Uint32Array.from(end), ball }

    function isStraight(a: number, b: number): boolean {
        const { from } = spans[a]!
        const { to } = spans[b - 1]!
        for (let k = a; k < b - 1; k++) if (offChord(from, to, spans[k]!.to) > tolerance) return false
        return true
    }
}

/** Distance of a point from the chord between two others. */
function offChord(p: Point3, q: Point3, at: Point3): number {
    const [ux, uy, uz] = [q.x - p.x, q.y - p.y, q.z - p.z]
    const [wx, wy, wz] = [at.x - p.x, at.y - p.y, at.z - p.z]
    const length2 = ux * ux + uy * uy + uz * uz
    const t = length2 > 0 ? Math.min(1, Math.max(0, (ux * wx + uy * wy + uz * wz) / length2)) : 0
    return Math.sqrt((wx - t * ux) ** 2 + (wy - t * uy) ** 2 + (wz - t * uz) ** 2)
}
