import { expect, test } from 'vitest'
import { clampState, createOrbit, eyeOf, flightAt } from './camera.ts'

const limits = { reach: 400, distanceMin: 10, distanceMax: 1500 }
const start = { x: 0, z: 0, distance: 100, headingRad: 0, pitchRad: 0.6 }
const flat = () => 0

test('looking north the eye stands south, looking east it stands west', () => {
    const north = eyeOf(start, 0)
    expect(north[0]).toBeCloseTo(0, 9)
    expect(north[2]).toBeGreaterThan(80)
    const east = eyeOf({ ...start, headingRad: Math.PI / 2 }, 0)
    expect(east[0]).toBeLessThan(-80)
    expect(Math.hypot(...north)).toBeCloseTo(100, 9)
})

test('panning right goes east when looking north, south when looking east', () => {
    const orbit = createOrbit(limits, start)
    orbit.pan(0.1, 0)
    expect(orbit.state().x).toBeGreaterThan(1)
    expect(orbit.state().z).toBeCloseTo(0, 9)
    const east = createOrbit(limits, { ...start, headingRad: Math.PI / 2 })
    east.pan(0.1, 0)
    expect(east.state().z).toBeGreaterThan(1)
    const up = createOrbit(limits, start)
    up.pan(0, 0.1)
    expect(up.state().z).toBeLessThan(-1)
})

test('limits hold, and a state that is no number falls back to them', () => {
    const s = clampState({ x: 1e9, z: Number.NaN, distance: 0, headingRad: 7, pitchRad: 3 }, limits)
    expect(s).toEqual({ x: 400, z: -400, distance: 10, headingRad: Math.atan2(Math.sin(7), Math.cos(7)), pitchRad: Math.PI / 2 - 0.02 })
})

test('a flight begins and ends where it should and turns the short way round', () => {
    const a = { ...start, headingRad: 3 }
    const b = { x: 120, z: -40, distance: 30, headingRad: -3, pitchRad: 0.4 }
    const begin = flightAt(a, b, 0)
    for (const key of ['x', 'z', 'distance', 'headingRad', 'pitchRad'] as const) expect(begin[key]).toBeCloseTo(a[key], 9)
    const end = flightAt(a, b, 1)
    expect(end.x).toBeCloseTo(120, 9)
    expect(end.distance).toBeCloseTo(30, 9)
    expect(Math.cos(end.headingRad)).toBeCloseTo(Math.cos(-3), 9)
    expect(Math.abs(flightAt(a, b, 0.5).headingRad)).toBeGreaterThan(3)
})

test('zooming towards a point brings the view nearer to it', () => {
    const orbit = createOrbit(limits, start)
    orbit.zoom(2, { x: 50, z: 0 })
    expect(orbit.state().distance).toBeCloseTo(50, 9)
    expect(orbit.state().x).toBeCloseTo(25, 9)
})

test('inertia carries on after the finger is lifted and dies away; with reduced motion there is none', () => {
    const orbit = createOrbit(limits, start)
    orbit.pan(0.05, 0)
    const x = orbit.state().x
    for (let k = 0; k < 10; k++) orbit.step(0.016, flat, false)
    const coasted = orbit.state().x
    expect(coasted).toBeGreaterThan(x + 0.5)
    for (let k = 0; k < 300; k++) orbit.step(0.016, flat, false)
    const rest = orbit.state().x
    expect(orbit.step(0.016, flat, false)).toBe(false)
    expect(orbit.state().x).toBe(rest)
    const calm = createOrbit(limits, start)
    calm.pan(0.05, 0)
    const still = calm.state().x
    calm.step(0.016, flat, true)
    expect(calm.state().x).toBe(still)
})

test('a camera at rest asks for no frame', () => {
    const orbit = createOrbit(limits, start)
    expect(orbit.step(0, flat, false)).toBe(true)
    expect(orbit.step(0.016, flat, false)).toBe(false)
})

test('the eye stays above the ground', () => {
    const orbit = createOrbit(limits, { ...start, pitchRad: 0.1 })
    orbit.step(0, (_x, z) => (z > 50 ? 60 : 0), true)
    expect(orbit.camera.position.y).toBeGreaterThan(61)
})
