import { expect, test } from 'vitest'
import { manyResources } from './many-resources.ts'
import { type Resource, readResources, resourceKinds, resourceProtocols } from './resource.ts'
import { shippedFleet, shippedGroups } from './shipped-fleet.ts'

const fleet = shippedFleet()
const total = (kind: Resource['kind'], of: (r: never) => number) =>
    fleet.filter((r) => r.kind === kind).reduce((sum, r) => sum + of(r as never), 0)

test('AS13 the shipped fleet is sound: every kind, every protocol, six groups, named in two languages', () => {
    expect(readResources(fleet as never).issues).toEqual([])
    expect(fleet.length).toBeGreaterThanOrEqual(40)
    expect(fleet.length).toBeLessThanOrEqual(72)
    expect(new Set(fleet.map((r) => r.kind))).toEqual(new Set(resourceKinds))
    expect(new Set(fleet.map((r) => r.protocol))).toEqual(new Set(resourceProtocols))
    expect(new Set(fleet.map((r) => r.group))).toEqual(new Set(shippedGroups.map((g) => g.id)))
    for (const r of fleet) expect(r.name && r.nameZh && r.connection.startsWith('load/DA') && r.latDeg).toBeTruthy()
    for (const protocol of ['ocpp-1.6', 'ocpp-2.0.1', 'sunspec'] as const)
        expect(fleet.filter((r) => r.protocol === protocol).length).toBe(2)
    // whoever speaks Sparkplug speaks through an edge node
    for (const r of fleet) if (r.protocol === 'sparkplug') expect(r.address).toMatch(/^vpp-/)
})

test('AS13 it is as large as a district of two megawatts', () => {
    expect(total('pv', (r: { ratedKw: number }) => r.ratedKw)).toBe(2600)
    expect(total('wind', (r: { ratedKw: number }) => r.ratedKw)).toBe(600)
    const load = total('fixed-load', (r: { peakKw: number }) => r.peakKw) + total('curtailable', (r: { peakKw: number }) => r.peakKw)
    expect(load).toBeGreaterThan(1600)
    expect(load).toBeLessThan(2100)
})

test('AS13 many resources: as many as asked, sound, the same for the same seed, in groups and edge nodes of bounded size', () => {
    const many = manyResources(2000, 7)
    expect(many.length).toBe(2000)
    expect(readResources(many as never).issues).toEqual([])
    expect(manyResources(2000, 7)).toEqual(many)
    expect(manyResources(2000, 8)).not.toEqual(many)
    const largest = (of: (r: Resource) => string) => {
        const count = new Map<string, number>()
        for (const r of many) count.set(of(r), (count.get(of(r)) ?? 0) + 1)
        return Math.max(...count.values())
    }
    expect(largest((r) => r.group)).toBeLessThanOrEqual(500)
    expect(largest((r) => r.address)).toBeLessThanOrEqual(250)
})
