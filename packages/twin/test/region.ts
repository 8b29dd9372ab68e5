/**
 * A small region for tests: 138 kV ring A–B–C, a transformer from C to a 20 kV feeder D–E–F. Two generators (slack at
 * A), a battery at B, loads at B, C, E, F; D has no injection. Every branch end and unit has a breaker.
 */
import { branch, bus, generator, load, type Region, shunt, site, storage, switchTable, unit } from '@gridverse/grid'
import { fillRow } from '@gridverse/units'

export function testRegion(): Region {
    const busRow = (id: number, type: 'pq' | 'pv' | 'slack', baseKv: number) =>
        fillRow(bus, { id, name: `Bus ${id}`, type, baseKv, vMinPu: 0.94, vMaxPu: 1.06, site: `S${id}` })
    const branchRow = (
        id: string,
        fromBus: number,
        toBus: number,
        rPu: number,
        xPu: number,
        rateMva: number,
        kind: 'line' | 'transformer' = 'line',
    ) => fillRow(branch, { id, kind, fromBus, toBus, rPu, xPu, bPu: kind === 'line' && rateMva > 40 ? 0.02 : 0, rateMva })
    const branches = [
        branchRow('L1', 1, 2, 0.01, 0.06, 120),
        branchRow('L2', 2, 3, 0.02, 0.09, 100),
        branchRow('L3', 1, 3, 0.015, 0.07, 120),
        branchRow('T1', 3, 4, 0.002, 0.1, 40, 'transformer'),
        branchRow('F1', 4, 5, 0.05, 0.06, 25),
        branchRow('F2', 5, 6, 0.06, 0.07, 15),
    ]
    const generators = [
        fillRow(generator, { id: 'G1', bus: 1, pMw: 60, vSetPu: 1.03, pMaxMw: 150, qMinMvar: -60, qMaxMvar: 80 }),
        fillRow(generator, { id: 'G2', bus: 2, pMw: 40, vSetPu: 1.02, pMaxMw: 80, qMinMvar: -40, qMaxMvar: 50 }),
    ]
    const loads = [
        fillRow(load, { id: 'D2', bus: 2, pMw: 45, qMvar: 12 }),
        fillRow(load, { id: 'D3', bus: 3, pMw: 40, qMvar: 15 }),
        fillRow(load, { id: 'D5', bus: 5, pMw: 8, qMvar: 3 }),
        fillRow(load, { id: 'D6', bus: 6, pMw: 5, qMvar: 2 }),
    ]
    const breaker = (component: string, at: number, side: 'from' | 'to' | 'unit') => {
        const id = component.slice(component.indexOf('/') + 1)
        return fillRow(switchTable, { id: side === 'unit' ? id : `${id}.${side}`, kind: 'breaker', bus: at, component, side })
    }
    return {
        id: 'test',
        name: 'Test region',
        latDeg: 47,
        lonDeg: 8,
        timeZone: 'Europe/Zurich',
        network: {
            name: 'test',
            baseMva: 100,
            frequencyHz: 50,
            bus: [
                busRow(1, 'slack', 138),
                busRow(2, 'pv', 138),
                busRow(3, 'pq', 138),
                busRow(4, 'pq', 20),
                busRow(5, 'pq', 20),
                busRow(6, 'pq', 20),
            ],
            branch: branches,
            generator: generators,
            load: loads,
            shunt: [fillRow(shunt, { id: 'C3', bus: 3, gMw: 0, bMvar: 8 })],
            storage: [fillRow(storage, { id: 'B2', bus: 2, pMw: 2, pMinMw: -10, pMaxMw: 10, energyMwh: 20 })],
            generatorCost: [],
        },
        site: [1, 2, 3, 4, 5, 6].map((n) =>
            fillRow(site, { id: `S${n}`, name: `Site ${n}`, kind: 'substation', latDeg: 47 + n / 10, lonDeg: 8 }),
        ),
        switch: [
            ...branches.flatMap((b) => [breaker(`branch/${b.id}`, b.fromBus, 'from'), breaker(`branch/${b.id}`, b.toBus, 'to')]),
            fillRow(switchTable, { id: 'L1.q1', kind: 'disconnector', bus: 1, component: 'branch/L1', side: 'from' }),
            ...generators.map((g) => breaker(`generator/${g.id}`, g.bus, 'unit')),
            ...loads.map((l) => breaker(`load/${l.id}`, l.bus, 'unit')),
            breaker('storage/B2', 2, 'unit'),
            breaker('shunt/C3', 3, 'unit'),
        ],
        unit: [
            fillRow(unit, { component: 'generator/G1', name: 'Unit 1', kind: 'gas', site: 'S1' }),
            fillRow(unit, { component: 'generator/G2', name: 'Wind 2', kind: 'wind', site: 'S2' }),
            fillRow(unit, { component: 'storage/B2', name: 'Battery 2', kind: 'battery', site: 'S2' }),
            fillRow(unit, { component: 'load/D2', name: 'Town', kind: 'flexible-load', site: 'S2' }),
        ],
    }
}

/** A batch from rows of model index, time, value and, where not good, quality code. */
export function batchOf(rows: readonly (readonly [index: number, tMs: number, value: number, quality?: number])[]) {
    return {
        count: rows.length,
        point: Int32Array.from(rows, (r) => r[0]),
        tMs: Float64Array.from(rows, (r) => r[1]),
        value: Float64Array.from(rows, (r) => r[2]),
        quality: Uint8Array.from(rows, (r) => r[3] ?? 0),
    }
}
