import { expect, test } from 'vitest'
import { smallRegion } from '../model/fixture.ts'
import { buildRegionIndex } from '../model/region.ts'
import type { Diagram, Item } from './items.ts'
import { feederOf, layoutFeeder, layoutSite } from './layout.ts'
import { layoutOverview } from './overview.ts'
import { partFor } from './part.ts'

const region = buildRegionIndex(smallRegion)
const only = <K extends Item['kind']>(d: Diagram, kind: K) => d.items.filter((i): i is Extract<Item, { kind: K }> => i.kind === kind)
const inside = (d: Diagram) =>
    d.items.every((i) => i.kind === 'wire' || (i.x >= d.x && i.x <= d.x + d.width && i.y >= d.y && i.y <= d.y + d.height))

test('the same region gives the same picture', () => {
    expect(layoutOverview(region)).toEqual(layoutOverview(buildRegionIndex(smallRegion)))
})

test('the overview draws every busbar that is not a feeder and every line between sites', () => {
    const overview = layoutOverview(region)
    expect(only(overview, 'bar').map((b) => b.component)).toEqual(['bus/1', 'bus/2', 'bus/3'])
    const trunks = only(overview, 'wire').filter((w) => w.trunk)
    expect(trunks.map((w) => w.component)).toEqual(['branch/L1', 'branch/L2'])
    expect(only(overview, 'symbol').filter((s) => s.shape === 'feeder')).toHaveLength(1)
    expect(inside(overview)).toBe(true)
})

test('blocks of the overview do not touch', () => {
    const crowded = buildRegionIndex({
        ...smallRegion,
        site: smallRegion.site.map((s) => ({ ...s, latDeg: 40 + (s.id === 'a' ? 0.001 : 0), lonDeg: 0 })),
    })
    const bars = only(layoutOverview(crowded), 'bar')
    for (const a of bars)
        for (const b of bars) if (a !== b && Math.abs(a.y - b.y) < 8) expect(a.x + a.length < b.x || b.x + b.length < a.x).toBe(true)
})

test('each end of a line starts on its busbar', () => {
    const overview = layoutOverview(region)
    const bars = new Map(only(overview, 'bar').map((b) => [b.component, b]))
    for (const wire of only(overview, 'wire').filter((w) => w.trunk)) {
        const b = region.branch.get(wire.component.slice(7))!
        for (const [end, bus] of [
            [wire.path[0]!, b.fromBus],
            [wire.path.at(-1)!, b.toBus],
        ] as const) {
            const bar = bars.get(`bus/${bus}`)!
            expect(end[1]).toBe(bar.y)
            expect(end[0]).toBeGreaterThanOrEqual(bar.x)
            expect(end[0]).toBeLessThanOrEqual(bar.x + bar.length)
        }
    }
})

test('a substation has its switches, the transformer between its busbars, higher voltage on top', () => {
    const site = layoutSite(region, 'b')
    const [high, low] = only(site, 'bar')
    expect([high!.component, low!.component]).toEqual(['bus/2', 'bus/3'])
    expect(high!.y).toBeLessThan(low!.y)
    const [transformer] = only(site, 'transformer')
    expect(transformer!.y).toBeGreaterThan(high!.y)
    expect(transformer!.y).toBeLessThan(low!.y)
    expect(only(site, 'switch').map((s) => s.id)).toEqual(['L1.to', 'T1.from'])
})

test('bays of one side stand apart', () => {
    const xs = only(layoutSite(region, 'b'), 'symbol').map((s) => `${Math.round(s.x)},${Math.round(s.y)}`)
    expect(new Set(xs).size).toBe(xs.length)
})

test('a feeder is a tree from its substation, its open tie drawn apart', () => {
    expect(feederOf(region, 6)).toMatchObject({ root: 3 })
    const feeder = layoutFeeder(region, 3)
    expect(
        only(feeder, 'bar')
            .map((b) => b.component)
            .sort(),
    ).toEqual(['bus/3', 'bus/4', 'bus/5', 'bus/6'])
    expect(
        only(feeder, 'wire')
            .filter((w) => w.tie)
            .map((w) => w.component),
    ).toEqual(['branch/F4'])
    expect(only(feeder, 'switch').map((s) => s.id)).toContain('F4.tie')
})

test('a component knows the picture that shows it up close', () => {
    expect(partFor(region, 'branch/L1')).toBe('a')
    expect(partFor(region, 'load/D4')).toBe('feeder-3')
    expect(partFor(region, 'switch/F4.tie')).toBe('feeder-3')
    expect(partFor(region, 'site/b')).toBe('b')
})
