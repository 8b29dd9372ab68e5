/** The shapes of a fleet's devices, about 1 across, standing on y = 0; few triangles, as there may be ten thousand. */
import type { BufferGeometry } from 'three'
import type { DeviceKind } from './device-places.ts'
import { createShape, type Shape } from './shape.ts'

/** Devices that look alike share a shape, and with it a draw call. */
export type DeviceModel = 'roof' | 'turbine' | 'engine' | 'box' | 'post' | 'house' | 'tank' | 'ice'
export const deviceModels: Readonly<Record<DeviceKind, DeviceModel>> = {
    pv: 'roof',
    wind: 'turbine',
    'gas-turbine': 'engine',
    generator: 'engine',
    battery: 'box',
    'home-ev': 'post',
    'public-ev': 'post',
    'air-conditioner': 'house',
    'water-heater': 'house',
    'heat-tank': 'tank',
    'ice-store': 'ice',
    curtailable: 'house',
    shiftable: 'house',
    'fixed-load': 'house',
}

const wall = 0xece7dc
const tile = 0xd9b9a5
const metal = 0xb3bbc0
const dark = 0x5f6b73

const gable = (s: Shape, left: number, right: number): Shape => {
    s.box(0, 0, 0, 0.9, 0.5, 0.8, wall)
    s.quad([-0.5, 0.47, 0.45], [0.5, 0.47, 0.45], [0.5, 0.85, 0], [-0.5, 0.85, 0], left)
    s.quad([0.5, 0.47, -0.45], [-0.5, 0.47, -0.45], [-0.5, 0.85, 0], [0.5, 0.85, 0], right)
    s.triangle([0.45, 0.5, 0.4], [0.45, 0.5, -0.4], [0.45, 0.84, 0], wall)
    return s.triangle([-0.45, 0.5, -0.4], [-0.45, 0.5, 0.4], [-0.45, 0.84, 0], wall)
}

export function deviceShape(model: DeviceModel): BufferGeometry {
    const s = createShape()
    switch (model) {
        case 'roof':
            // the side towards the equator carries the modules
            gable(s, 0x3f587a, tile).quad([-0.42, 0.52, 0.43], [0.42, 0.52, 0.43], [0.42, 0.83, 0.04], [-0.42, 0.83, 0.04], 0x3f587a)
            break
        case 'turbine':
            s.cone(0, 0, 0, 0.1, 0.06, 2.6, 6, 0xf4f4f2).box(0, 2.55, -0.05, 0.16, 0.16, 0.4, 0xf0f0ee)
            for (let k = 0; k < 3; k++) {
                const a = (k / 3) * 2 * Math.PI + 0.3
                s.beam([0, 2.63, 0.2], [1.1 * Math.sin(a), 2.63 + 1.1 * Math.cos(a), 0.2], 0.1, 0xfafaf8)
            }
            break
        case 'engine':
            s.box(0, 0, 0, 1.2, 0.6, 0.7, metal).box(0.1, 0.6, 0, 0.7, 0.12, 0.5, dark).cone(-0.42, 0.6, 0, 0.09, 0.09, 0.8, 6, dark)
            break
        case 'box':
            s.box(0, 0, 0, 1, 0.62, 0.55, 0xf1f3f2).box(0, 0.62, 0, 1, 0.06, 0.55, 0x4f9d86)
            break
        case 'post':
            s.box(-0.3, 0, 0, 0.16, 0.85, 0.16, 0x4f9d86)
            // the car that comes and goes stays: whether one is plugged in is told in numbers
            s.box(0.25, 0.1, 0, 0.5, 0.2, 0.9, 0xd5dade).box(0.25, 0.3, -0.02, 0.44, 0.17, 0.5, 0x9fb0bb)
            break
        case 'house':
            gable(s, tile, tile).box(0.55, 0.1, 0.1, 0.16, 0.22, 0.3, metal)
            break
        case 'tank':
            s.cone(0, 0, 0, 0.42, 0.42, 1.1, 12, 0xd8b7a0).cone(0, 1.1, 0, 0.42, 0.05, 0.2, 12, 0xc49c82)
            break
        case 'ice':
            s.box(0, 0, 0, 0.95, 0.7, 0.75, 0xbfd8e6).box(0, 0.7, 0, 0.5, 0.14, 0.5, metal)
            break
    }
    return s.build()
}

/** What stands in for all of them from afar. */
export const deviceFarShape = (): BufferGeometry => createShape().box(0, 0, 0, 0.8, 0.7, 0.8, 0xe8e6df).build()
export const gaugeShape = (): BufferGeometry => createShape().box(0, 0, 0, 1, 1, 1, 0xffffff).build()
