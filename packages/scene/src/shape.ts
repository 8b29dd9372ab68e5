/** Builds flat-shaded, vertex-coloured meshes from a few solids; one mesh per kind of equipment, instanced. */
import { BufferAttribute, BufferGeometry, Color } from 'three'

type Vec = readonly [number, number, number]

export interface Shape {
    box(x: number, y: number, z: number, sx: number, sy: number, sz: number, colour: number): Shape
    /** a square bar between two points */
    beam(p: Vec, q: Vec, thickness: number, colour: number): Shape
    /** a round body standing on y; `r0` below, `r1` above */
    cone(x: number, y: number, z: number, r0: number, r1: number, height: number, sides: number, colour: number): Shape
    /** a cylinder lying between two points */
    pipe(p: Vec, q: Vec, radius: number, sides: number, colour: number): Shape
    /** a body of revolution from a profile of (radius, height) pairs, lowest first */
    lathe(x: number, z: number, profile: readonly (readonly [number, number])[], sides: number, colour: number): Shape
    quad(a: Vec, b: Vec, c: Vec, d: Vec, colour: number): Shape
    triangle(a: Vec, b: Vec, c: Vec, colour: number): Shape
    readonly triangles: number
    build(): BufferGeometry
}

export function createShape(): Shape {
    const position: number[] = []
    const colour: number[] = []
    const shade = new Color()
    function triangle(a: Vec, b: Vec, c: Vec, tint: number): Shape {
        position.push(...a, ...b, ...c)
        shade.set(tint)
        for (let k = 0; k < 3; k++) colour.push(shade.r, shade.g, shade.b)
        return shape
    }
    const quad = (a: Vec, b: Vec, c: Vec, d: Vec, tint: number): Shape => {
        triangle(a, b, c, tint)
        return triangle(a, c, d, tint)
    }
    /** Joins two rings of equal length, `upper` after `lower` going outwards along the axis. */
    const skin = (lower: readonly Vec[], upper: readonly Vec[], tint: number) => {
        for (let k = 0; k < lower.length; k++) {
            const n = (k + 1) % lower.length
            quad(lower[k]!, lower[n]!, upper[n]!, upper[k]!, tint)
        }
    }
    const ring = (x: number, y: number, z: number, r: number, sides: number): Vec[] =>
        Array.from({ length: sides }, (_, k) => {
            const a = -(k / sides) * 2 * Math.PI
            return [x + r * Math.cos(a), y, z + r * Math.sin(a)] as Vec
        })
    const cap = (r: readonly Vec[], tint: number) => {
        for (let k = 1; k + 1 < r.length; k++) triangle(r[0]!, r[k]!, r[k + 1]!, tint)
    }
    const shape: Shape = {
        box(x, y, z, sx, sy, sz, tint) {
            const [a, b, c] = [sx / 2, sy, sz / 2]
            const lower: Vec[] = [
                [x - a, y, z + c],
                [x + a, y, z + c],
                [x + a, y, z - c],
                [x - a, y, z - c],
            ]
            const upper = lower.map(([px, py, pz]) => [px, py + b, pz] as Vec)
            skin(lower, upper, tint)
            cap(upper, tint)
            return shape
        },
        beam(p, q, thickness, tint) {
            return shape.pipe(p, q, thickness * Math.SQRT1_2, 4, tint)
        },
        cone(x, y, z, r0, r1, height, sides, tint) {
            const lower = ring(x, y, z, r0, sides)
            const upper = ring(x, y + height, z, Math.max(r1, 1e-4), sides)
            skin(lower, upper, tint)
            if (r1 > 1e-3) cap(upper, tint)
            return shape
        },
        pipe(p, q, radius, sides, tint) {
            const [dx, dy, dz] = [q[0] - p[0], q[1] - p[1], q[2] - p[2]]
            const d = Math.hypot(dx, dy, dz) || 1
            const w: Vec = [dx / d, dy / d, dz / d]
            // any direction across the axis
            const other: Vec = Math.abs(w[1]) > 0.9 ? [1, 0, 0] : [0, 1, 0]
            const u = unit(cross(other, w))
            const v = cross(w, u)
            const at = (base: Vec) =>
                Array.from({ length: sides }, (_, k) => {
                    const a = ((k + 0.5) / sides) * 2 * Math.PI
                    const [c, s] = [Math.cos(a) * radius, Math.sin(a) * radius]
                    return [base[0] + u[0] * c + v[0] * s, base[1] + u[1] * c + v[1] * s, base[2] + u[2] * c + v[2] * s] as Vec
                })
            const upper = at(q)
            skin(at(p), upper, tint)
            cap(upper, tint)
            return shape
        },
        lathe(x, z, profile, sides, tint) {
            let lower: Vec[] | undefined
            for (const [r, y] of profile) {
                const upper = ring(x, y, z, Math.max(r, 1e-4), sides)
                if (lower) skin(lower, upper, tint)
                lower = upper
            }
            return shape
        },
        quad,
        triangle,
        get triangles() {
            return position.length / 9
        },
        build() {
            const geometry = new BufferGeometry()
            geometry.setAttribute('position', new BufferAttribute(new Float32Array(position), 3))
            geometry.setAttribute('color', new BufferAttribute(new Float32Array(colour), 3))
            geometry.computeVertexNormals()
            return geometry
        },
    }
    return shape
}

const cross = (a: Vec, b: Vec): Vec => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
const unit = (a: Vec): Vec => {
    const d = Math.hypot(...a) || 1
    return [a[0] / d, a[1] / d, a[2] / d]
}
