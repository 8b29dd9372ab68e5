import { loadShippedRegion, type Network, synthesiseRegion } from '@gridverse/grid'
import { type InstancedMesh, Scene } from 'three'
import { expect, test } from 'vitest'
import { createFlow } from './flow.ts'
import { type Layout, layOut, switchPlaces } from './layout.ts'
import { createModels } from './models.ts'
import { createPlumes } from './plume.ts'

const region = loadShippedRegion()
const layout = layOut(region, 128)

/** A grid of n × n buses at 138 kV, every third with a load, every tenth with a machine. */
function latticeCase(n: number): Network {
    const id = (i: number, j: number) => i * n + j + 1
    const all = Array.from({ length: n * n }, (_, k) => k + 1)
    const line = (fromBus: number, toBus: number, k: number) => ({
        id: `L${k}`,
        kind: 'line' as const,
        fromBus,
        toBus,
        rPu: 0.01,
        xPu: 0.05,
        bPu: 0.01,
        ratio: 1,
        shiftDeg: 0,
        rateMva: 100,
        rateShortMva: 0,
        rateEmergencyMva: 0,
        angleMinDeg: -360,
        angleMaxDeg: 360,
        inService: true,
    })
    const pairs = all.flatMap((b) => {
        const [i, j] = [Math.floor((b - 1) / n), (b - 1) % n]
        return [...(j + 1 < n ? [[b, id(i, j + 1)] as const] : []), ...(i + 1 < n ? [[b, id(i + 1, j)] as const] : [])]
    })
    return {
        name: 'lattice',
        baseMva: 100,
        frequencyHz: 50,
        bus: all.map((b) => ({
            id: b,
            name: `B${b}`,
            type: b === 1 ? 'slack' : 'pq',
            baseKv: b % 7 === 0 ? 400 : 138,
            vmPu: 1,
            vaDeg: 0,
            vMinPu: 0.9,
            vMaxPu: 1.1,
            area: 1,
            zone: 1,
            site: '',
        })),
        load: all.filter((b) => b % 3 === 0).map((b) => ({ id: `D${b}`, bus: b, pMw: 30, qMvar: 5, inService: true })),
        shunt: [],
        generator: all
            .filter((b) => b % 10 === 1)
            .map((b) => ({
                id: `G${b}`,
                bus: b,
                pMw: 100,
                qMvar: 0,
                qMinMvar: -50,
                qMaxMvar: 50,
                vSetPu: 1,
                baseMva: 100,
                pMinMw: 0,
                pMaxMw: 150,
                inService: true,
            })),
        storage: [],
        branch: pairs.map(([a, b], k) => line(a, b, k)),
        generatorCost: [],
    }
}

/** Draw calls of the solids, lines and plumes; ground, water, sky, marks and two label layers add six. */
function drawCalls(of: Layout): number {
    const scene = new Scene()
    const models = createModels(scene, of)
    while (models.fillNext());
    createFlow(scene, of.corridors)
    createPlumes(scene, of.units)
    return scene.children.length + 6
}

test('the same region gives the same world', () => {
    const again = layOut(loadShippedRegion(), 128)
    expect(again.terrain.heights).toEqual(layout.terrain.heights)
    expect(again.corridors.supports).toEqual(layout.corridors.supports)
    expect(again.units).toEqual(layout.units)
})

test('every branch and unit has a circuit, every component a body or a line', () => {
    const circuits = new Set(layout.corridors.circuits.map((c) => c.component))
    for (const b of region.network.branch) expect(circuits, b.id).toContain(`branch/${b.id}`)
    for (const u of region.unit) expect(circuits, u.component).toContain(u.component)
    const bodies = new Set(layout.bodies.map((b) => b.component))
    for (const b of region.network.bus) expect(bodies).toContain(`bus/${b.id}`)
    for (const s of region.site) expect(bodies).toContain(`site/${s.id}`)
    for (const u of region.unit) expect(bodies).toContain(u.component)
})

test('every switch at a yard stands in its bay, none twice', () => {
    const places = layout.yards.flatMap((y) => switchPlaces(y))
    expect(new Set(places.map((p) => p.id)).size).toBe(places.length)
    const yardBuses = new Set(layout.yards.flatMap((y) => y.site.buses.map((b) => b.id)))
    const expected = region.switch.filter((s) => yardBuses.has(s.bus)).map((s) => s.id)
    expect(new Set(places.map((p) => p.id))).toEqual(new Set(expected))
})

test('spans join into one line from end to end of a circuit', () => {
    for (const c of layout.corridors.circuits) {
        const own = layout.corridors.spans.slice(c.firstSpan, c.endSpan)
        expect(own.length).toBeGreaterThan(0)
        for (let k = 1; k < own.length; k++) {
            expect(own[k]!.from).toEqual(own[k - 1]!.to)
            expect(own[k]!.start).toBeGreaterThan(own[k - 1]!.start)
        }
        expect(own.every((s) => s.circuit === c.index)).toBe(true)
    }
})

test('sites keep clear of one another, and stand on level ground above the water', () => {
    const { sites } = layout.placement
    for (const a of sites) {
        expect(layout.terrain.heightAt(a.x, a.z), a.site.id).toBeGreaterThan(0.5)
        for (const b of sites) if (a.index < b.index) expect(Math.hypot(a.x - b.x, a.z - b.z)).toBeGreaterThan((a.radius + b.radius) * 0.6)
    }
    for (const y of layout.yards) {
        const h = layout.terrain.heightAt(y.site.x, y.site.z)
        for (const bay of y.bays) expect(Math.abs(layout.terrain.heightAt(bay.endX, bay.endZ) - h)).toBeLessThan(2.5)
    }
})

test('a line hangs on towers that keep it off the ground', () => {
    const { spans, circuits } = layout.corridors
    for (const s of spans) {
        if (circuits[s.circuit]!.kind !== 'tower') continue
        const [x, y, z] = [(s.from.x + s.to.x) / 2, (s.from.y + s.to.y) / 2 - s.sag, (s.from.z + s.to.z) / 2]
        // hills between two towers may come near, never far above
        expect(y - layout.terrain.heightAt(x, z)).toBeGreaterThan(-6)
    }
})

test('instances: one tower shape per support, a bay per branch end and unit, open breakers where the record is open', () => {
    const models = createModels(new Scene(), layout)
    while (models.fillNext());
    const counts = models.counts()
    const by = (kind: string) => layout.corridors.supports.filter((s) => s.kind === kind).length
    expect(counts['tower-single']).toBe(by('single'))
    expect(counts['tower-double']).toBe(by('double'))
    expect(counts['tower-pole']).toBe(by('pole'))
    expect(counts.bay).toBe(layout.yards.reduce((sum, y) => sum + y.bays.length, 0))
    expect(counts.transformer).toBe(region.network.branch.filter((b) => b.kind === 'transformer').length)
    expect(counts['breaker-closed']).toBe(counts['breaker-open'])
    expect(counts['yard-ground']).toBe(layout.yards.length)
})

test('an open breaker shows its open shape and hides the closed one', () => {
    const scene = new Scene()
    const models = createModels(scene, layout)
    const drawn = () => scene.children.reduce((sum, m) => sum + (m as InstancedMesh).count, 0)
    const id = region.switch.find((s) => s.kind === 'breaker' && layout.yards.some((y) => y.site.buses.some((b) => b.id === s.bus)))!.id
    const place = layout.bodies.find((b) => b.component === `switch/${id}`)!
    models.update(place.x, place.y + 10, place.z)
    const before = drawn()
    const opened = () => scene.children.map((m) => (m as InstancedMesh).count)
    const closedCounts = opened()
    models.setSwitch(id, false)
    models.update(place.x, place.y + 10, place.z)
    expect(drawn()).toBe(before)
    const changed = opened().map((n, k) => n - closedCounts[k]!)
    expect(changed.filter((n) => n !== 0).sort()).toEqual([-1, 1])
})

test('the shipped region needs at most 60 draw calls', () => {
    expect(drawCalls(layout)).toBeLessThanOrEqual(60)
})

test('2,000 synthesised buses need no more draw calls than the region', () => {
    const large = layOut(synthesiseRegion(latticeCase(45)), 96)
    expect(large.placement.sites.length).toBeGreaterThan(800)
    expect(large.corridors.circuits.length).toBeGreaterThan(4000)
    expect(drawCalls(large)).toBeLessThanOrEqual(60)
})

test('a region of one bus and nothing else still has a world', () => {
    const one = latticeCase(1)
    const tiny = layOut(synthesiseRegion({ ...one, branch: [] }), 48)
    expect(tiny.placement.sites.length).toBe(1)
    expect(tiny.terrain.heights.every(Number.isFinite)).toBe(true)
})
