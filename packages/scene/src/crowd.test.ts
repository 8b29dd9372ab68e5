import { type InstancedMesh, Matrix4, MeshBasicMaterial, Object3D, Vector3 } from 'three'
import { expect, test } from 'vitest'
import { createCrowd } from './crowd.ts'
import { createShape } from './shape.ts'

const box = () => createShape().box(0, 0, 0, 1, 1, 1, 0xffffff).build()
function build(n: number) {
    const parent = new Object3D()
    const crowd = createCrowd({ near: box(), far: box(), material: new MeshBasicMaterial(), nearDistance: 50, farDistance: 200 })
    for (let k = 0; k < n; k++) crowd.add({ x: k * 10, y: 0, z: 0, sx: 1, component: `bus/${k}` })
    crowd.mount(parent)
    const [near, far] = parent.children as InstancedMesh[]
    return { crowd, near: near!, far: far! }
}

test('instances near the eye get the full shape, farther ones the plain one, the farthest none', () => {
    const { crowd, near, far } = build(40)
    crowd.update(0, 0, 0)
    expect(near.count).toBe(5)
    expect(far.count).toBe(15)
    crowd.update(200, 0, 0)
    expect(near.count).toBe(9)
    expect(near.count + far.count).toBe(39)
})

test('a hidden instance is not drawn, and nothing is done while nothing changed', () => {
    const { crowd, near } = build(4)
    expect(crowd.update(0, 0, 0)).toBe(true)
    expect(crowd.update(0.5, 0, 0)).toBe(false)
    crowd.setHidden(1, true)
    expect(crowd.update(0.5, 0, 0)).toBe(true)
    expect(near.count).toBe(3)
})

test('heading turns local +z clockwise seen from above, roll turns about it', () => {
    const { crowd, near } = build(1)
    crowd.setPlace(0, { x: 1, y: 2, z: 3, heading: Math.PI / 2, sx: 2, roll: Math.PI / 2 })
    crowd.update(0, 0, 0)
    const m = new Matrix4()
    near.getMatrixAt(0, m)
    const at = (x: number, y: number, z: number) =>
        new Vector3(x, y, z)
            .applyMatrix4(m)
            .toArray()
            .map((v) => Math.round(v * 1e6) / 1e6 + 0)
    expect(at(0, 0, 0)).toEqual([1, 2, 3])
    expect(at(0, 0, 1)).toEqual([3, 2, 3])
    expect(at(1, 0, 0)).toEqual([1, 4, 3])
})

test('fading marks all but the kept', () => {
    const { crowd, near } = build(3)
    crowd.setFade((component) => component === 'bus/1')
    crowd.update(0, 0, 0)
    expect(Array.from(near.geometry.getAttribute('aFade').array)).toEqual([1, 0, 1])
    crowd.setFade(undefined)
    crowd.update(0, 0, 0)
    expect(Array.from(near.geometry.getAttribute('aFade').array)).toEqual([0, 0, 0])
})
