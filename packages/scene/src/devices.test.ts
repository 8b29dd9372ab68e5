import { type InstancedMesh, type Mesh, MeshBasicMaterial, Object3D } from 'three'
import { expect, test } from 'vitest'
import { type DeviceKind, deviceKinds, type MapDevice } from './device-places.ts'
import { deviceModels, deviceShape } from './device-shapes.ts'
import { createDevices } from './devices.ts'

const anchor = { x: 0, z: 0, keep: 3 }
function build(n: number, kindOf: (k: number) => DeviceKind = (k) => deviceKinds[k % deviceKinds.length]!) {
    const parent = new Object3D()
    const list = Array.from(
        { length: n },
        (_, k): MapDevice => ({ component: `resource/r${k}`, kind: kindOf(k), connection: 'load/D', latDeg: 0, lonDeg: 0 }),
    )
    const places = list.map((_, k) => ({ x: 5 + (k % 100), z: Math.floor(k / 100), anchor }))
    const devices = createDevices(parent, list, places, () => 1, new MeshBasicMaterial())
    const draws = () => {
        let [calls, instances] = [0, 0]
        parent.traverse((o) => {
            const mesh = o as InstancedMesh & Mesh
            if (mesh.isInstancedMesh && mesh.visible) [calls, instances] = [calls + 1, instances + mesh.count]
            else if (mesh.isMesh && mesh.visible) calls++
        })
        return { calls, instances }
    }
    const states = (change: { soc?: number | null; p?: number | null; online?: number } = {}) =>
        devices.setStates({
            socPercent: list.map(() => (change.soc === undefined ? null : change.soc)),
            pKw: list.map(() => change.p ?? null),
            online: list.map(() => change.online ?? 1),
        })
    return { parent, devices, draws, states }
}

test('ten thousand devices are drawn in few calls, and none of them where they are too far to be seen', () => {
    const { devices, draws, states } = build(10_000)
    states({ soc: 50, p: 3 })
    devices.update(50, 20, 50, 1, false, false)
    const near = draws()
    expect(near.instances).toBeGreaterThanOrEqual(10_000)
    expect(near.calls).toBeLessThanOrEqual(20)
    devices.update(50, 5000, 50, 1, false, false)
    expect(draws().instances).toBe(0)
})

test('the filling is as high as the state of charge, and there is none where nothing is known', () => {
    const { devices, states } = build(3, (k) => (['battery', 'pv', 'home-ev'] as const)[k]!)
    expect(devices.drawn('resource/r0')).toEqual({ filled: undefined, direction: 0, share: 0 })
    states({ soc: 40, p: -7 })
    expect(devices.drawn('resource/r0')).toMatchObject({ filled: 0.4, direction: -1 })
    states({ soc: null, p: 0.001 })
    expect(devices.drawn('resource/r2')).toEqual({ filled: undefined, direction: 0, share: 0 })
    states({ p: 5 })
    expect(devices.drawn('resource/r1')!.direction).toBe(1)
    expect(devices.moving).toBe(true)
    devices.setShown(false)
    expect(devices.moving).toBe(false)
    expect(devices.drawn('resource/nobody')).toBeUndefined()
})

test('a flow is wider and faster by powers of ten, and a group shows its own sum', () => {
    const parent = new Object3D()
    const list = [0, 1].map(
        (k): MapDevice => ({ component: `resource/r${k}`, kind: 'battery', connection: 'load/D', group: 'G', latDeg: 0, lonDeg: 0 }),
    )
    const devices = createDevices(
        parent,
        list,
        [
            { x: 0, z: 0, anchor },
            { x: 4, z: 0, anchor },
        ],
        () => 0,
        new MeshBasicMaterial(),
    )
    devices.setStates({
        socPercent: [20, 80],
        pKw: [1, -100],
        online: [1, 1],
        groups: [
            { id: 'G', pKw: -99, socPercent: 50 },
            { id: 'none', pKw: 1, socPercent: null },
        ],
    })
    expect(devices.drawn('resource/r0')!.share).toBeCloseTo(0.25, 6)
    expect(devices.drawn('resource/r1')!.share).toBeCloseTo(0.75, 6)
    expect(devices.drawn('group/G')).toMatchObject({ filled: 0.5, direction: -1 })
    expect(devices.drawn('group/none')).toBeUndefined()
    expect(devices.bodies.find((b) => b.component === 'group/G')!.x).toBeCloseTo(2.5, 6)
})

test('a device without a place is not drawn, and every kind has a shape of few triangles', () => {
    const parent = new Object3D()
    const lost: MapDevice = { component: 'resource/x', kind: 'pv', connection: '', latDeg: 0, lonDeg: 0 }
    const devices = createDevices(parent, [lost], [undefined], () => 0, new MeshBasicMaterial())
    expect(devices.bodies).toEqual([])
    for (const model of new Set(Object.values(deviceModels)))
        expect(deviceShape(model).getAttribute('position').count / 3, model).toBeLessThan(150)
    devices.dispose()
    expect(parent.children).toEqual([])
})
