/** The shapes of power plants, turbines, panels, batteries, posts, buildings and trees; footprints about 10 across. */
import type { UnitKind } from '@gridverse/grid'
import type { BufferGeometry } from 'three'
import { createShape } from './shape.ts'

const wall = 0xe9e6de
const roof = 0xb3bbc0
const concrete = 0xdcd9d1
const dark = 0x8c969c

/** Kinds drawn as one body per unit. */
export const plantKinds = [
    'nuclear',
    'coal',
    'oil',
    'gas',
    'thermal',
    'hydro',
    'condenser',
    'battery',
    'ev-post',
] as const satisfies readonly UnitKind[]
export type PlantKind = (typeof plantKinds)[number]

/** Mouths of the chimneys in the 10-unit frame: x, y, z, width of the plume. */
export const chimneys: Partial<Readonly<Record<UnitKind, readonly (readonly [number, number, number, number])[]>>> = {
    nuclear: [[-2.6, 5.3, -1.2, 1.5]],
    coal: [[3.2, 9.3, -2.6, 0.6]],
    thermal: [[3.2, 9.3, -2.6, 0.6]],
    oil: [[2.6, 6.6, -2, 0.45]],
    gas: [[2.3, 4.5, -1.6, 0.35]],
}

export function plantShape(kind: PlantKind): BufferGeometry {
    const s = createShape()
    switch (kind) {
        case 'nuclear': {
            // hyperboloid shell
            const shell = Array.from({ length: 9 }, (_, k) => {
                const y = (k / 8) * 5.2
                return [1.15 * Math.sqrt(1 + ((y - 3.9) / 2.9) ** 2), y] as const
            })
            s.lathe(-2.6, -1.2, shell, 24, 0xe6e3dc)
            s.lathe(
                -2.6,
                -1.2,
                [
                    [1.1, 5.2],
                    [0.9, 4.6],
                ],
                24,
                0xb9b6ae,
            )
            s.lathe(
                1.6,
                -1.7,
                [
                    [1.35, 0],
                    [1.35, 2.3],
                    [1.22, 2.9],
                    [0.85, 3.4],
                    [0.4, 3.65],
                    [0, 3.7],
                ],
                20,
                0xefede7,
            )
            s.box(1.9, 0, 1.7, 4.4, 1.7, 2.2, wall).box(1.9, 1.7, 1.7, 4.5, 0.15, 2.3, roof)
            s.box(-1.2, 0, 2.2, 1.6, 0.9, 1.4, wall)
            s.cone(3.6, 0, -1.2, 0.16, 0.12, 4.4, 8, 0xdedbd3)
            break
        }
        case 'coal':
        case 'thermal':
            s.box(-0.4, 0, -2.2, 3, 5, 2.6, wall).box(-0.4, 5, -2.2, 3.1, 0.2, 2.7, roof)
            s.box(-0.6, 0, 1, 5.6, 2.2, 2.6, 0xe2dfd6).box(-0.6, 2.2, 1, 5.7, 0.15, 2.7, roof)
            s.cone(3.2, 0, -2.6, 0.55, 0.32, 9.2, 12, 0xe1ddd5)
            s.cone(3.2, 8.2, -2.6, 0.37, 0.35, 0.45, 12, 0xc98b7c).cone(3.2, 7.2, -2.6, 0.4, 0.38, 0.45, 12, 0xc98b7c)
            if (kind === 'coal') {
                s.cone(-3.4, 0, -3, 1.5, 0.1, 1, 9, 0x6d6a66).cone(-3.8, 0, -1.2, 1.1, 0.1, 0.8, 9, 0x6d6a66)
                s.beam([-3, 0.7, -2.4], [-1.4, 4.2, -2.3], 0.3, dark)
            }
            break
        case 'oil':
            s.box(-0.8, 0, 0.8, 5, 2.4, 2.8, wall).box(-0.8, 2.4, 0.8, 5.1, 0.15, 2.9, roof)
            s.cone(2.6, 0, -2, 0.42, 0.26, 6.5, 10, 0xe1ddd5)
            for (const [x, z] of [
                [-2.8, -2.6],
                [-0.6, -2.8],
            ] as const)
                s.cone(x, 0, z, 0.95, 0.95, 1.2, 14, 0xdfe2e2).cone(x, 1.2, z, 0.97, 0, 0.25, 14, roof)
            break
        case 'gas':
            s.box(-1.2, 0, 0.6, 5, 2, 3.2, wall).box(-1.2, 2, 0.6, 5.1, 0.15, 3.3, roof)
            s.box(2.3, 0, 0.4, 1.5, 3, 2, 0xd3d7d8)
            s.cone(2.3, 0, -1.6, 0.4, 0.34, 4.4, 10, 0xdadcdb)
            s.box(-2.8, 2.1, -0.2, 1.3, 1, 1.5, 0xcfd5d8).box(-1, 0, -2.4, 2, 1, 1, 0xdfe2e2)
            break
        case 'hydro': {
            // a curved wall between abutments, water behind, the powerhouse below
            const n = 10
            for (let k = 0; k < n; k++) {
                const at = (q: number, r: number): readonly [number, number] => {
                    const a = -0.62 + (1.24 * q) / n
                    return [r * Math.sin(a), 5.2 - r * Math.cos(a)]
                }
                const [a0, a1, b0, b1] = [at(k, 8), at(k + 1, 8), at(k, 6.7), at(k + 1, 6.7)]
                const [c0, c1] = [at(k, 7.6), at(k + 1, 7.6)]
                s.quad([b0[0], 0, b0[1]], [b1[0], 0, b1[1]], [c1[0], 3.6, c1[1]], [c0[0], 3.6, c0[1]], concrete)
                s.quad([c0[0], 3.6, c0[1]], [c1[0], 3.6, c1[1]], [a1[0], 3.6, a1[1]], [a0[0], 3.6, a0[1]], 0xefece4)
                s.quad([a1[0], 0, a1[1]], [a0[0], 0, a0[1]], [a0[0], 3.6, a0[1]], [a1[0], 3.6, a1[1]], concrete)
                s.triangle([a0[0], 3.2, a0[1]], [a1[0], 3.2, a1[1]], [0, 3.2, -5.4], 0x9fc3d2)
            }
            s.box(0, 0, 1.2, 4.6, 1.5, 1.5, wall).box(0, 1.5, 1.2, 4.7, 0.15, 1.6, roof)
            for (const x of [-1.5, 0, 1.5]) s.pipe([x, 2.6, -1.9], [x, 0.7, 0.5], 0.3, 8, 0xb7bfc3)
            break
        }
        case 'condenser':
            s.box(0, 0, 0, 6, 3, 4, wall).box(0, 3, 0, 6.2, 0.25, 4.2, roof)
            s.pipe([-2, 1.2, 3], [2, 1.2, 3], 1.1, 12, 0xb9c4c0)
            s.box(0, 0, 3, 4, 0.6, 1.6, concrete)
            break
        case 'battery':
            for (let row = 0; row < 2; row++)
                for (let k = 0; k < 4; k++) {
                    s.box(-3.3 + k * 2.2, 0, row * 3.8 - 1.9, 1.7, 1.7, 2.9, 0xf0f0ed)
                    s.box(-3.3 + k * 2.2, 0.35, row * 3.8 - 1.9 + 1.47, 1.2, 0.9, 0.08, 0xaab3b8)
                }
            s.box(0, 0, 0, 9.6, 0.12, 8, concrete)
            break
        case 'ev-post':
            s.box(0, 0, 0, 9, 0.15, 7, 0xc9ccca)
            s.box(0, 4.4, -1, 9, 0.35, 5, 0xf2f2ef)
            for (const x of [-3.8, 3.8]) s.box(x, 0, -1, 0.35, 4.4, 0.35, dark)
            for (const x of [-2.7, 0, 2.7]) {
                s.box(x, 0, -2.7, 0.7, 2.2, 0.6, 0x4f9d86)
                s.box(x, 0.35, 0.3, 1.5, 0.8, 3.2, 0xd5dade).box(x, 1.15, 0.2, 1.3, 0.7, 1.7, 0x9fb0bb)
            }
            break
    }
    return s.build()
}

/** Wind turbine without its rotor: hub at height 10, rotor plane facing +z. */
export const turbineShape = (): BufferGeometry =>
    createShape().cone(0, 0, 0, 0.34, 0.2, 10, 10, 0xf4f4f2).pipe([0, 10.05, -0.75], [0, 10.05, 0.5], 0.27, 8, 0xf0f0ee).build()
/** Three blades of 5.2 about the z axis. */
export function rotorShape(): BufferGeometry {
    const s = createShape()
    s.pipe([0, 0, 0.05], [0, 0, 0.5], 0.22, 8, 0xf0f0ee)
    for (let k = 0; k < 3; k++) {
        const a = (k / 3) * 2 * Math.PI
        const turn = (r: number, w: number, z: number): readonly [number, number, number] => [
            r * Math.sin(a) + w * Math.cos(a),
            r * Math.cos(a) - w * Math.sin(a),
            z,
        ]
        const outline = [
            turn(0.15, -0.1, 0.25),
            turn(1.1, -0.34, 0.3),
            turn(5.2, -0.04, 0.34),
            turn(5.2, 0.06, 0.34),
            turn(1.1, 0.2, 0.24),
            turn(0.15, 0.1, 0.25),
        ] as const
        for (let q = 1; q < 5; q++) {
            s.triangle(outline[0], outline[q]!, outline[q + 1]!, 0xfafaf8)
            s.triangle(outline[0], outline[q + 1]!, outline[q]!, 0xfafaf8)
        }
    }
    return s.build()
}

/** A row of PV modules, 1 long along x, 0.9 deep, turning about x at height 0.55; the post stays. */
export function panelShape(): BufferGeometry {
    const s = createShape()
    s.box(0, -0.02, 0, 1, 0.05, 0.92, 0x3f587a)
    for (const x of [-0.25, 0, 0.25]) s.box(x, 0.031, 0, 0.015, 0.004, 0.92, 0x9fb2c8)
    return s.build()
}

/** A house with a gable roof and a plain block, both 1 × 1 × 1. */
export const houseBlockShape = (): BufferGeometry => {
    const s = createShape().box(0, 0, 0, 1, 0.66, 1, 0xffffff)
    const r = 0xd9b9a5
    s.quad([-0.55, 0.62, 0.55], [0.55, 0.62, 0.55], [0.55, 1, 0], [-0.55, 1, 0], r)
    s.quad([0.55, 0.62, -0.55], [-0.55, 0.62, -0.55], [-0.55, 1, 0], [0.55, 1, 0], r)
    s.triangle([0.5, 0.66, 0.5], [0.5, 0.66, -0.5], [0.5, 1, 0], 0xffffff)
    s.triangle([-0.5, 0.66, -0.5], [-0.5, 0.66, 0.5], [-0.5, 1, 0], 0xffffff)
    return s.build()
}
export const towerBlockShape = (): BufferGeometry =>
    createShape().box(0, 0, 0, 1, 1, 1, 0xffffff).box(0.1, 1, 0.1, 0.4, 0.05, 0.4, 0xd5d5d0).build()

/** A tree 1 high. */
export const treeShape = (): BufferGeometry =>
    createShape()
        .cone(0, 0, 0, 0.05, 0.04, 0.25, 4, 0x8a7760)
        .cone(0, 0.18, 0, 0.3, 0.16, 0.42, 6, 0xffffff)
        .cone(0, 0.5, 0, 0.22, 0, 0.5, 6, 0xffffff)
        .build()
