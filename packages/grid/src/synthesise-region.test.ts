import { checkRow, fillRow } from '@gridverse/units'
import { expect, test } from 'vitest'
import { computeLayout } from './layout.ts'
import { branch, bus, generator, load, type Network, shunt } from './network.ts'
import { pointsOf } from './point.ts'
import { regionTables } from './region.ts'
import { applySwitches } from './region-switches.ts'
import { synthesiseRegion } from './synthesise-region.ts'

/** A bare case: a square mesh of 220 kV buses with a 20 kV bus below every third. */
function meshNetwork(side: number): Network {
    const rows = { bus: [] as Network['bus'][number][], branch: [] as Network['branch'][number][] }
    const add = (from: number, to: number, kind: 'line' | 'transformer') =>
        rows.branch.push(fillRow(branch, { id: `L${rows.branch.length + 1}`, kind, fromBus: from, toBus: to, rPu: 0.005, xPu: 0.04 }))
    for (let i = 0; i < side * side; i++) {
        rows.bus.push(fillRow(bus, { id: i + 1, type: i ? 'pq' : 'slack', baseKv: 220 }))
        if (i % side) add(i, i + 1, 'line')
        if (i >= side) add(i + 1 - side, i + 1, 'line')
    }
    for (let i = 0; i < side * side; i += 3) {
        rows.bus.push(fillRow(bus, { id: 10_000 + i, type: 'pq', baseKv: 20 }))
        add(i + 1, 10_000 + i, 'transformer')
    }
    return {
        name: 'mesh',
        baseMva: 100,
        frequencyHz: 50,
        ...rows,
        load: rows.bus.filter((b) => b.baseKv === 20).map((b) => fillRow(load, { id: `D${b.id}`, bus: b.id, pMw: 10, qMvar: 2 })),
        shunt: [fillRow(shunt, { id: 'S1', bus: 2, gMw: 0, bMvar: 5 })],
        generator: [
            fillRow(generator, { id: 'G1', bus: 1, pMw: 0, pMaxMw: 500 }),
            fillRow(generator, { id: 'G2', bus: 2, pMw: 0, pMinMw: 0, pMaxMw: 0 }),
            fillRow(generator, { id: 'G3', bus: 5, pMw: 0, pMaxMw: 100, inService: false }),
        ],
        storage: [],
        generatorCost: [],
    }
}

function nearest(x: ArrayLike<number>, y: ArrayLike<number>): number {
    let least = Infinity
    for (let i = 0; i < x.length; i++) for (let j = 0; j < i; j++) least = Math.min(least, Math.hypot(x[i] - x[j], y[i] - y[j]))
    return least
}

test('a bare case becomes a region that keeps its tables', () => {
    const network = meshNetwork(6)
    const region = synthesiseRegion(network)
    for (const [name, table] of Object.entries(regionTables))
        for (const row of region[name as keyof typeof regionTables]) expect(checkRow(table, row as never, name)).toEqual([])
    // a transformer's buses share a site
    expect(region.site.length).toBe(36)
    const siteOf = new Map(region.network.bus.map((b) => [b.id, b.site]))
    expect(siteOf.get(10_003)).toBe(siteOf.get(4))
    expect(region.switch.length).toBe(2 * network.branch.length + network.load.length + 3 + 1)
    expect(region.switch.find((s) => s.component === 'generator/G3')?.closed).toBe(false)
    expect(applySwitches(region)).toEqual(region.network)
    expect(region.unit.find((u) => u.component === 'generator/G2')?.kind).toBe('condenser')
    expect(region.unit.find((u) => u.component === 'generator/G1')?.kind).toBe('thermal')
    expect(new Set(pointsOf(region).map((p) => p.id)).size).toBe(pointsOf(region).length)
    // 0.04 p.u. at 220 kV is 19.4 Ω, about 48 km; lengths are held to 40
    const [a, b] = [region.site[0], region.site[1]]
    const km = Math.hypot((a.latDeg - b.latDeg) * 111.2, (a.lonDeg - b.lonDeg) * 82)
    expect(km).toBeGreaterThan(15)
    expect(km).toBeLessThan(90)
})

test('the same network gives the same region', () => {
    expect(synthesiseRegion(meshNetwork(5))).toEqual(synthesiseRegion(meshNetwork(5)))
})

test('a drawing keeps sites apart and links short, whatever the graph', () => {
    const star = Int32Array.from({ length: 60 }, (_, e) => (e % 2 ? (e + 1) / 2 : 0))
    const path = Int32Array.from({ length: 80 }, (_, e) => (e + 1) >> 1)
    const loose = Int32Array.from([0, 1, 2, 3, 4, 5])
    for (const [count, links] of [
        [31, star],
        [41, path],
        [12, loose],
        [1, new Int32Array(0)],
    ] as const) {
        const { x, y } = computeLayout(count, links)
        if (count > 1) expect(nearest(x, y)).toBeGreaterThanOrEqual(0.299)
        for (let e = 0; e < links.length; e += 2)
            expect(Math.hypot(x[links[e]] - x[links[e + 1]], y[links[e]] - y[links[e + 1]])).toBeLessThan(4)
    }
})

test('a mesh of 2,500 sites is drawn quickly, evenly and without overlap', () => {
    const region = meshNetwork(50)
    const links = Int32Array.from(region.branch.filter((b) => b.kind === 'line').flatMap((b) => [b.fromBus - 1, b.toBus - 1]))
    const { x, y } = computeLayout(2500, links)
    expect(nearest(x, y)).toBeGreaterThanOrEqual(0.299)
    const lengths = Array.from({ length: links.length / 2 }, (_, e) =>
        Math.hypot(x[links[2 * e]] - x[links[2 * e + 1]], y[links[2 * e]] - y[links[2 * e + 1]]),
    ).sort((a, b) => a - b)
    expect(lengths[lengths.length >> 1]).toBeGreaterThan(0.5)
    expect(lengths[lengths.length >> 1]).toBeLessThan(1.6)
    expect(lengths[Math.floor(0.99 * lengths.length)]).toBeLessThan(3)
})
