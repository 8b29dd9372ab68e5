import { Group, Vector3 } from 'three'
import { expect, test } from 'vitest'
import { anchorAt, onFoot, onTable, rigOf, tableReach, toWorld, turn, zoom } from './stand.ts'

const stand = turn(onTable([10, 2, -30], [0.2, 0.8, -0.9], 0.3), 0.5)

test('the rig of three.js puts the focus at the anchor, and every point where the formula says', () => {
    const { position, headingRad, scale } = rigOf(stand)
    const rig = new Group()
    rig.position.set(...position)
    rig.rotation.y = headingRad
    rig.scale.setScalar(scale)
    rig.updateMatrixWorld()
    for (const p of [stand.anchor, [0, 1.6, 0], [1, 2, 3]] as const) {
        const at = rig.localToWorld(new Vector3(...p)).toArray()
        toWorld(stand, p).forEach((x, k) => {
            expect(at[k]).toBeCloseTo(x, 9)
        })
    }
    expect(toWorld(stand, stand.anchor)).toEqual(stand.focus)
})

test('another anchor shows the same view, and a turn leaves what stands at the anchor', () => {
    const other = anchorAt(stand, [1, 0, 1])
    toWorld(other, [0.3, 1.2, -2]).forEach((x, k) => {
        expect(x).toBeCloseTo(toWorld(stand, [0.3, 1.2, -2])[k]!, 9)
    })
    expect(toWorld(turn(other, 1), [1, 0, 1])).toEqual(other.focus)
})

test('a table shows no less than a few devices and no more than a region; on foot the head is over the point', () => {
    expect(zoom(stand, 1e9).unitsPerMetre * 0.55).toBeCloseTo(tableReach.least, 9)
    expect(zoom(stand, 1e-9).unitsPerMetre * 0.55).toBeCloseTo(tableReach.most, 9)
    const [x, y, z] = toWorld(onFoot([5, 1, 6], [0.4, 1.7, -0.2], 2), [0.4, 1.7, -0.2])
    expect([x, z]).toEqual([5, 6])
    expect(y).toBeCloseTo(1 + 0.3 * 1.7, 9)
})
