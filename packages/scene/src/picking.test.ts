import { expect, test } from 'vitest'
import type { Corridors } from './corridor.ts'
import { createPicker, groundHit, handicap, hitBox, nearSegment } from './picking.ts'

const corridors: Corridors = {
    circuits: [{ index: 0, component: 'branch/L1', kv: 138, kind: 'tower', firstSpan: 0, endSpan: 1, length: 40 }],
    spans: [{ circuit: 0, from: { x: -20, y: 8, z: 0 }, to: { x: 20, y: 8, z: 0 }, start: 0, sag: 1 }],
    wires: [],
    supports: [],
}
const body = (component: string, x: number, y: number, z: number, half: number, heading = 0) => ({
    component,
    x,
    y,
    z,
    heading,
    halfX: half,
    halfY: half,
    halfZ: half,
})
const down = [0, -1, 0] as const

test('a ray through a turned box meets it at its face, one beside it does not', () => {
    const box = Float64Array.from([0, 0, 0, Math.cos(0.6), Math.sin(0.6), 1, 1, 1])
    expect(hitBox(box, 0, [0, 10, 0], down, 0)).toBeCloseTo(9, 9)
    expect(hitBox(box, 0, [1.6, 10, 0], down, 0)).toBe(Infinity)
    // the corner of the turned box reaches farther than its side
    const corner = Math.SQRT2 * 0.99
    const a = Math.PI / 4 - 0.6
    expect(hitBox(box, 0, [corner * Math.cos(a), 10, corner * Math.sin(a)], down, 0)).toBeCloseTo(9, 9)
})

test('nearest approach of a ray to a segment: across it, and to its end', () => {
    expect(nearSegment([-5, 0, 3], [5, 0, 3], [0, 10, 0], down)).toEqual({ off: 3, along: 10 })
    expect(nearSegment([4, 0, 0], [9, 0, 0], [0, 10, 0], down).off).toBeCloseTo(4, 12)
})

test('a line is hit within its tolerance, which grows with distance', () => {
    const picker = createPicker([], corridors)
    expect(picker.pick([5, 100, 0.9], down, 0.01)).toBe('branch/L1')
    expect(picker.pick([5, 100, 2.5], down, 0.01)).toBeUndefined()
    expect(picker.pick([5, 1000, 2.5], down, 0.01)).toBe('branch/L1')
})

test('equipment wins over the line above it, the line over the ground of the site', () => {
    const site = { ...body('site/A', 0, 0.2, 0, 12), halfY: 0.2 }
    const breaker = body('switch/L1.from', 0, 1.4, 0, 1.4)
    expect(createPicker([site], corridors).pick([0, 60, 0], down, 0.005)).toBe('branch/L1')
    expect(createPicker([site, breaker], corridors).pick([0.2, 60, 1], down, 0.002)).toBe('switch/L1.from')
    expect(createPicker([site], corridors).pick([6, 60, 9], down, 0.002)).toBe('site/A')
})

test('from afar the site is meant, from near its switch', () => {
    const site = { ...body('site/A', 0, 0.2, 0, 12), halfY: 0.2 }
    const picker = createPicker([site, body('switch/L1.from', 0, 1.4, 0, 1.4)], { ...corridors, spans: [] })
    expect(picker.pick([0, 40, 0], down, 0.005)).toBe('switch/L1.from')
    expect(picker.pick([0, 900, 0], down, 0.005)).toBe('site/A')
    expect(handicap('switch/X', 900, 4.5)).toBe(Infinity)
})

test('what stands behind a hill is not picked', () => {
    const picker = createPicker([body('bus/1', 0, 0, 0, 1)], corridors)
    expect(picker.pick([0, 50, 0], down, 0, 20)).toBeUndefined()
})

test('a ray finds the ground of a slope, water where the ground is below it, nothing above the horizon', () => {
    const slope = (x: number) => x * 0.5
    const d = 1 / Math.SQRT2
    expect(groundHit(slope, [0, 30, 0], [d, -d, 0], 500)).toBeCloseTo(20 * Math.SQRT2, 3)
    expect(groundHit(() => -9, [0, 30, 0], [0, -1, 0], 500)).toBeCloseTo(30, 3)
    expect(groundHit(slope, [0, 30, 0], [0, 1, 0], 500)).toBe(Infinity)
})
