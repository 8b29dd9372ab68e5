/**
 * The shapes of lines and yards: towers, poles, gantries, breakers, disconnectors, transformers, fences, kiosks. White
 * parts take the colour of their instance; the rest keep their own tint.
 */
import type { BufferGeometry } from 'three'
import type { SupportKind } from './corridor.ts'
import { createShape, type Shape } from './shape.ts'

const steel = 0xffffff
const porcelain = 0x9a6b52
const concrete = 0xd8d5cd
const tank = 0xb9c0c4

type Vec = readonly [number, number, number]

/** A four-legged lattice from half width `w0` at `y0` to `w1` at `y1`, braced in `panels` X panels on each face. */
function lattice(s: Shape, x: number, y0: number, w0: number, y1: number, w1: number, panels: number, bar: number): void {
    const corner = (k: number, t: number): Vec => {
        const w = w0 + (w1 - w0) * t
        return [x + (k === 0 || k === 3 ? -w : w), y0 + (y1 - y0) * t, k < 2 ? w : -w]
    }
    for (let k = 0; k < 4; k++) {
        s.beam(corner(k, 0), corner(k, 1), bar * 1.5, steel)
        for (let p = 0; p < panels; p++) {
            const [t0, t1] = [p / panels, (p + 1) / panels]
            s.beam(corner(k, t0), corner((k + 1) % 4, t1), bar, steel)
            s.beam(corner((k + 1) % 4, t0), corner(k, t1), bar, steel)
        }
    }
}
/** A tapered crossarm from the body out to one side. */
function arm(s: Shape, y: number, x: number, reach: number, rise: number, bar: number, drop: number): void {
    const tip: Vec = [reach, y, 0]
    for (const z of [0.28, -0.28]) {
        s.beam([x, y, z], tip, bar, steel)
        s.beam([x, y + rise, z], tip, bar, steel)
    }
    if (drop > 0) s.pipe([reach, y, 0], [reach, y - drop, 0], 0.07, 4, porcelain)
}

/** A support 10 units high (9.9 for the pole), the line along z. */
export function supportShape(kind: SupportKind): BufferGeometry {
    const s = createShape()
    if (kind === 'pole') {
        s.cone(0, 0, 0, 0.3, 0.2, 10, 6, 0x8d7358)
        s.box(0, 8.9, 0, 3.9, 0.28, 0.28, 0x8d7358)
        for (const x of [-1.7, 1.7]) s.cone(x, 9.1, 0, 0.14, 0.1, 0.35, 5, 0xd8d2c6)
        s.cone(0, 10, 0, 0.14, 0.1, 0.4, 5, 0xd8d2c6)
        return s.build()
    }
    if (kind === 'double') {
        lattice(s, 0, 0, 1.15, 4.6, 0.5, 3, 0.075)
        lattice(s, 0, 4.6, 0.5, 9.6, 0.26, 4, 0.06)
        for (const side of [-1, 1]) {
            arm(s, 6.1, side * 0.4, side * 1.6, 0.42, 0.07, 0.6)
            arm(s, 7.8, side * 0.32, side * 2.1, 0.42, 0.07, 0.6)
            arm(s, 9.5, side * 0.26, side * 1.55, 0.4, 0.07, 0.6)
        }
        s.beam([0, 9.6, 0], [0, 10.4, 0], 0.1, steel)
        return s.build()
    }
    // wine-glass tower: a waist, two forks, a beam with a phase in the window and one on each side
    lattice(s, 0, 0, 1.2, 5.2, 0.36, 4, 0.075)
    for (const side of [-1, 1]) {
        for (const z of [0.25, -0.25]) {
            s.beam([side * 0.36, 5.2, z], [side * 1.25, 7.2, z], 0.1, steel)
            s.beam([side * 0.05, 5.2, z], [side * 0.95, 7.3, z], 0.07, steel)
            s.beam([side * 1.25, 7.2, z], [side * 1.15, 8.75, z], 0.1, steel)
            s.beam([side * 0.95, 7.3, z], [side * 0.9, 8.75, z], 0.07, steel)
            s.beam([side * 0.95, 7.3, z], [side * 1.15, 8.75, -z], 0.06, steel)
        }
        arm(s, 8.75, side * 1, side * 2.4, 0.4, 0.075, 0)
        s.beam([side * 1.1, 9.1, 0], [side * 1.45, 10, 0], 0.09, steel)
        s.pipe([side * 2.3, 8.75, 0], [side * 2.3, 8.1, 0], 0.07, 4, porcelain)
    }
    for (const z of [0.25, -0.25]) {
        s.beam([-1.15, 8.75, z], [1.15, 8.75, z], 0.08, steel)
        s.beam([-1.15, 9.15, z], [1.15, 9.15, z], 0.08, steel)
    }
    s.pipe([0, 8.75, 0], [0, 8.1, 0], 0.07, 4, porcelain)
    return s.build()
}

/** The same from afar, in a few triangles. */
export function supportShapeFar(kind: SupportKind): BufferGeometry {
    const s = createShape()
    if (kind === 'pole') return s.cone(0, 0, 0, 0.35, 0.25, 10, 3, 0x8d7358).box(0, 8.9, 0, 3.9, 0.3, 0.3, 0x8d7358).build()
    for (const x of [-1, 1])
        for (const z of [-1, 1])
            s.pipe([x, 0, z], [x * (kind === 'double' ? 0.25 : 0.3), kind === 'double' ? 9.6 : 5.3, z * 0.25], 0.11, 3, steel)
    if (kind === 'double') for (const y of [6.2, 7.9, 9.5]) s.box(0, y, 0, y === 7.9 ? 4.2 : 3.2, 0.14, 0.14, steel)
    else {
        for (const x of [-1, 1]) s.pipe([x * 0.3, 5.2, 0], [x * 1.15, 8.8, 0], 0.13, 3, steel)
        s.box(0, 8.75, 0, 4.8, 0.22, 0.2, steel)
    }
    return s.build()
}

/** Portal over a bay, 2.6 wide and 5.2 high, its beam along x. */
export function gantryShape(): BufferGeometry {
    const s = createShape()
    for (const x of [-1.25, 1.25]) {
        s.beam([x, 0, 0.3], [x, 5.6, 0], 0.13, steel)
        s.beam([x, 0, -0.3], [x, 5.6, 0], 0.13, steel)
        for (const y of [1.4, 2.8, 4.2]) s.beam([x, y, 0.3 - y * 0.053], [x, y, -0.3 + y * 0.053], 0.08, steel)
    }
    s.beam([-1.25, 5.2, 0.12], [1.25, 5.2, 0.12], 0.1, steel)
    s.beam([-1.25, 5.2, -0.12], [1.25, 5.2, -0.12], 0.1, steel)
    s.beam([-1.25, 5.5, 0], [1.25, 5.5, 0], 0.1, steel)
    for (const x of [-0.8, 0, 0.8]) s.pipe([x, 5.2, 0], [x, 4.7, 0], 0.07, 4, porcelain)
    return s.build()
}

/** What stands in every bay between busbar (z 0) and its end (z 5.4): posts, instrument transformers, the droppers. */
export function bayShape(): BufferGeometry {
    const s = createShape()
    for (const x of [-0.8, 0, 0.8]) {
        s.box(x, 0, 0, 0.16, 1.4, 0.16, 0xc4c8ca)
        s.cone(x, 1.4, 0, 0.11, 0.09, 1, 6, porcelain)
        s.box(x, 0, 4.8, 0.2, 1, 0.2, 0xc4c8ca)
        s.cone(x, 1, 4.8, 0.15, 0.1, 1.1, 6, porcelain)
        s.cone(x, 2.1, 4.8, 0.2, 0.16, 0.35, 6, tank)
        // the conductor through the bay
        s.beam([x, 2.45, 0], [x, 2.45, 4.8], 0.05, 0x8b9298)
        s.beam([x, 2.45, 4.8], [x, 4.75, 5.4], 0.045, 0x8b9298)
    }
    return s.build()
}

/** Three phases of a busbar, 1 long along x, 2.45 above ground; scaled to the row. */
export function busbarShape(): BufferGeometry {
    const s = createShape()
    for (const z of [-0.45, 0, 0.45]) s.box(0, 2.4, z, 1, 0.13, 0.13, steel)
    return s.build()
}

/**
 * A breaker: three poles on a frame. Closed, the chambers stand upright and filled; open, each pole's upper chamber is
 * folded aside and a white ring shows in the gap.
 */
export function breakerShape(closed: boolean): BufferGeometry {
    const s = createShape()
    s.box(0, 0.55, 0, 2.2, 0.22, 0.5, 0xaab1b5)
    for (const x of [-0.9, 0.9]) s.box(x, 0, 0, 0.16, 0.55, 0.4, 0xaab1b5)
    s.box(1.25, 0.2, 0, 0.35, 0.8, 0.5, tank)
    for (const x of [-0.8, 0, 0.8]) {
        s.cone(x, 0.77, 0, 0.15, 0.12, 0.85, 7, porcelain)
        if (closed) {
            s.cone(x, 1.62, 0, 0.22, 0.22, 0.95, 8, steel)
            s.cone(x, 2.57, 0, 0.1, 0.1, 0.14, 6, 0x8b9298)
        } else {
            s.pipe([x, 1.66, -0.1], [x, 2.2, -0.95], 0.17, 7, steel)
            s.lathe(
                x,
                0,
                [
                    [0.24, 1.62],
                    [0.3, 1.68],
                    [0.24, 1.74],
                ],
                8,
                0xf4f4f2,
            )
        }
    }
    return s.build()
}
/** A disconnector: the blade lies between its posts, or stands up. */
export function disconnectorShape(closed: boolean): BufferGeometry {
    const s = createShape()
    for (const x of [-0.8, 0, 0.8]) {
        for (const z of [-0.4, 0.4]) {
            s.box(x, 0, z, 0.12, 1.1, 0.12, 0xc4c8ca)
            s.cone(x, 1.1, z, 0.1, 0.08, 0.9, 6, porcelain)
        }
        if (closed) s.beam([x, 2.05, -0.45], [x, 2.05, 0.45], 0.13, steel)
        else s.beam([x, 2.05, -0.4], [x, 2.95, -0.12], 0.13, steel)
    }
    return s.build()
}

/** A power transformer about 3.4 across: tank, radiators, conservator, bushings to both voltages, oil pit. */
export function transformerShape(): BufferGeometry {
    const s = createShape()
    s.box(0, 0, 0, 4.4, 0.16, 4, concrete)
    s.box(0, 0.3, 0, 2.4, 1.7, 1.6, steel)
    s.box(0, 2, 0, 2.5, 0.12, 1.7, 0xa8b0b5)
    for (let k = 0; k < 5; k++) for (const side of [-1, 1]) s.box(side * 1.62, 0.5, -0.64 + k * 0.32, 0.6, 1.4, 0.14, 0xa8b0b5)
    s.pipe([-1.2, 2.75, -0.55], [1, 2.75, -0.55], 0.3, 9, 0xb4bbbf)
    for (const x of [-0.8, 0.6]) s.box(x, 2.1, -0.55, 0.12, 0.5, 0.12, 0xa8b0b5)
    for (const x of [-0.8, 0, 0.8]) {
        s.pipe([x, 2.1, 0.5], [x * 1.1, 3.4, 0.95], 0.12, 7, porcelain)
        s.pipe([x * 1.1, 3.4, 0.95], [x * 1.12, 3.75, 1.06], 0.05, 5, 0x8b9298)
        s.pipe([x * 0.7, 2.1, -0.2], [x * 0.75, 2.8, -0.25], 0.09, 6, porcelain)
    }
    s.box(1.45, 0.3, 1.1, 0.4, 0.9, 0.35, 0xcfd4d6)
    return s.build()
}

/** A panel of fence, 2 long along x. */
export function fenceShape(): BufferGeometry {
    const s = createShape()
    s.box(-1, 0, 0, 0.09, 1.25, 0.09, 0xb9bfc2)
    for (const y of [0.12, 0.5, 0.88, 1.2]) s.box(0, y, 0, 2, 0.04, 0.03, 0xc6cbcd)
    for (const x of [-0.5, 0, 0.5]) s.box(x, 0.1, 0, 0.03, 1.1, 0.02, 0xc6cbcd)
    return s.build()
}

/** The yard's control house, 3 × 2. */
export function houseShape(): BufferGeometry {
    return createShape()
        .box(0, 0, 0, 3.4, 1.5, 2.2, 0xeceae4)
        .box(0, 1.5, 0, 3.7, 0.14, 2.5, 0x9da6ab)
        .box(0.6, 0, 1.12, 0.5, 1, 0.06, 0x7f8a90)
        .box(-0.7, 0.7, 1.12, 0.9, 0.45, 0.06, 0x8fa6b5)
        .build()
}

/** A feeder's kiosk: cabinet under a pole-mounted transformer. */
export function kioskShape(): BufferGeometry {
    const s = createShape()
    s.box(0, 0, 0, 1.7, 0.1, 1.3, concrete)
    s.box(-0.1, 0.1, 0, 1.1, 1, 0.8, 0xdfe3e1)
    s.box(-0.1, 1.1, 0, 1.25, 0.1, 0.95, steel)
    s.cone(0.62, 0, 0, 0.1, 0.07, 3.4, 6, 0x8d7358)
    s.box(0.62, 3.1, 0, 1.3, 0.1, 0.1, 0x8d7358)
    s.cone(0.62, 1.7, 0.22, 0.2, 0.2, 0.55, 8, 0xaab2b6)
    return s.build()
}

/** A yard as one block with a band in its voltage's colour, for the far distance; 1 × 1 on the ground, 1 high. */
export function yardBlockShape(): BufferGeometry {
    return createShape().box(0, 0, 0, 1, 1, 1, steel).build()
}
