import { expect, test } from 'vitest'
import { type MapDevice, placeDevices } from './device-places.ts'

const anchor = { x: 100, z: -50, keep: 3 }
const site = { id: 'S', name: 'S', latDeg: 42, lonDeg: -36 } as never
const device = (n: number, change: Partial<MapDevice> = {}): MapDevice => ({
    component: `resource/r${n}`,
    kind: 'battery',
    connection: 'load/D1',
    latDeg: 0,
    lonDeg: 0,
    ...change,
})
const place = (devices: MapDevice[]) =>
    placeDevices(
        devices,
        (component) => (component === 'load/D1' ? anchor : undefined),
        [site],
        () => anchor,
    )

test('a thousand devices of a load stand about it, none on another, none on the load', () => {
    const places = place(Array.from({ length: 1000 }, (_, n) => device(n)))
    let least = Infinity
    for (const [k, p] of places.entries()) {
        expect(Math.hypot(p!.x - anchor.x, p!.z - anchor.z)).toBeGreaterThan(anchor.keep)
        for (let j = 0; j < k; j++) least = Math.min(least, Math.hypot(p!.x - places[j]!.x, p!.z - places[j]!.z))
    }
    expect(least).toBeGreaterThan(0.9)
    expect(Math.max(...places.map((p) => Math.hypot(p!.x - anchor.x, p!.z - anchor.z)))).toBeLessThan(40)
})

test('those with a position keep their direction: east of another stays east of it', () => {
    const around = [0, 1, 2, 3].map((n) =>
        device(n, { latDeg: 42 + 0.001 * Math.sin((n * Math.PI) / 2), lonDeg: -36 + 0.001 * Math.cos((n * Math.PI) / 2) }),
    )
    const [east, north, west, south] = place(around)
    expect(east!.x).toBeGreaterThan(west!.x)
    // south is positive z
    expect(south!.z).toBeGreaterThan(north!.z)
})

test('without a meter a position finds the nearest site; without either there is no place', () => {
    const [found, lost] = place([device(0, { connection: '', latDeg: 42.1, lonDeg: -36 }), device(1, { connection: '' })])
    expect(found!.anchor).toBe(anchor)
    expect(lost).toBeUndefined()
})
