/** A small region for tests: two substations joined by a line, one with a transformer to a feeder of four buses. */
import type { RegionJson } from './region.ts'

const bus = (id: number, baseKv: number, site: string, name = '') => ({ id, name, baseKv, vMinPu: 0.95, vMaxPu: 1.05, site })
const site = (id: string, kind: 'substation' | 'feeder', latDeg: number, lonDeg: number) => ({
    id,
    name: id.toUpperCase(),
    nameZh: `站${id}`,
    kind,
    latDeg,
    lonDeg,
    elevationM: 0,
})
const branch = (id: string, fromBus: number, toBus: number, kind: 'line' | 'transformer' = 'line') => ({
    id,
    kind,
    fromBus,
    toBus,
    rateMva: 100,
})
const breaker = (id: string, bus: number, component: string, side: 'from' | 'to' | 'unit', closed = true) => ({
    id,
    kind: 'breaker' as const,
    bus,
    component,
    side,
    closed,
})

export const smallRegion: RegionJson = {
    id: 'small',
    name: 'Small',
    latDeg: 40,
    lonDeg: 0,
    timeZone: 'UTC',
    network: {
        name: 'small',
        baseMva: 100,
        frequencyHz: 50,
        bus: [bus(1, 230, 'a'), bus(2, 138, 'b', 'B high'), bus(3, 12, 'b', 'B low'), bus(4, 12, 'f1'), bus(5, 12, 'f2'), bus(6, 12, 'f3')],
        branch: [
            branch('L1', 1, 2),
            branch('L2', 1, 2),
            branch('T1', 2, 3, 'transformer'),
            branch('F1', 3, 4),
            branch('F2', 4, 5),
            branch('F3', 4, 6),
            branch('F4', 5, 6),
        ],
        generator: [{ id: 'G1', bus: 1, pMinMw: 0, pMaxMw: 100 }],
        load: [
            { id: 'D1', bus: 2 },
            { id: 'D4', bus: 4 },
        ],
        storage: [],
        shunt: [],
    },
    site: [
        site('a', 'substation', 40, 0),
        site('b', 'substation', 40.5, 0.5),
        site('f1', 'feeder', 40.6, 0.5),
        site('f2', 'feeder', 40.7, 0.5),
        site('f3', 'feeder', 40.7, 0.6),
    ],
    switch: [
        breaker('L1.from', 1, 'branch/L1', 'from'),
        breaker('L1.to', 2, 'branch/L1', 'to'),
        breaker('T1.from', 2, 'branch/T1', 'from'),
        breaker('G1', 1, 'generator/G1', 'unit'),
        breaker('F4.tie', 5, 'branch/F4', 'from', false),
    ],
    unit: [{ component: 'generator/G1', name: 'Mill', nameZh: '磨坊', kind: 'hydro', site: 'a' }],
}
