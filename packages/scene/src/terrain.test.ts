import { loadShippedRegion } from '@gridverse/grid'
import { expect, test } from 'vitest'
import { terrainGeometry } from './ground.ts'
import { sceneries } from './palette.ts'
import { placeSites } from './place.ts'
import { createTerrain, downhill, paintTerrain, unwarp, warp } from './terrain.ts'

const placement = placeSites(loadShippedRegion())
const terrain = createTerrain(placement, [], 11, 96)

test('the same seed gives the same ground, another seed another', () => {
    expect(createTerrain(placement, [], 11, 96).heights).toEqual(terrain.heights)
    expect(createTerrain(placement, [], 12, 96).heights).not.toEqual(terrain.heights)
})

test('the grid of heights is finer in the middle and its coordinate turns back', () => {
    for (const u of [-1, -0.7, -0.2, 0, 0.3, 0.9, 1]) expect(unwarp(warp(u))).toBeCloseTo(u, 9)
    expect(terrain.coordinate(0)).toBeCloseTo(-terrain.half, 6)
    expect(terrain.coordinate(96)).toBeCloseTo(terrain.half, 6)
    expect(terrain.coordinate(49) - terrain.coordinate(48)).toBeLessThan((terrain.coordinate(96) - terrain.coordinate(95)) / 2)
})

test('the height between grid lines is that of the mesh', () => {
    const k = 40 * 97 + 55
    expect(terrain.heightAt(terrain.coordinate(55), terrain.coordinate(40))).toBeCloseTo(terrain.heights[k]!, 4)
    const between = terrain.heightAt((terrain.coordinate(55) + terrain.coordinate(56)) / 2, terrain.coordinate(40))
    const [a, b] = [terrain.heights[k]!, terrain.heights[k + 1]!]
    expect(between).toBeGreaterThanOrEqual(Math.min(a, b) - 1e-3)
    expect(between).toBeLessThanOrEqual(Math.max(a, b) + 1e-3)
})

test('there is sea down the slope of the land and none up it', () => {
    const [x, z] = downhill(placement.sites, 11)
    expect(Math.hypot(x, z)).toBeCloseTo(1, 9)
    const at = (r: number) => terrain.heightAt(x * r, z * r)
    expect(at(placement.half * 1.6)).toBeLessThan(0)
    expect(at(-placement.half * 1.9)).toBeGreaterThan(10)
})

test('normals point up and are of length 1', () => {
    const normal = terrainGeometry(terrain).getAttribute('normal').array
    for (let k = 0; k < normal.length; k += 3) {
        expect(Math.hypot(normal[k]!, normal[k + 1]!, normal[k + 2]!)).toBeCloseTo(1, 5)
        expect(normal[k + 1]).toBeGreaterThan(0)
    }
})

test('the picture of the ground is opaque, pale by day and deterministic', () => {
    const size = 64
    const picture = paintTerrain(terrain, size, 11, [], sceneries.light)
    expect(paintTerrain(terrain, size, 11, [], sceneries.light)).toEqual(picture)
    let sum = 0
    for (let k = 0; k < picture.length; k += 4) {
        expect(picture[k + 3]).toBe(255)
        sum += picture[k]! + picture[k + 1]! + picture[k + 2]!
    }
    expect(sum / (size * size * 3)).toBeGreaterThan(190)
})
