/**
 * A region for a network that comes without places, switches and units: what a MATPOWER case needs to be simulated,
 * mirrored and drawn. Nothing is random; the same network gives the same region.
 */
import { fillRow } from '@gridverse/units'
import { computeLayout } from './layout.ts'
import type { Branch, Bus, Generator, Network } from './network.ts'
import { type Region, type Site, site, type Unit, type UnitKind, unit } from './region.ts'
import { breakersOf } from './region-switches.ts'

/** Middle of a synthesised region: open ocean, so that no real country is drawn over. */
const place = { latDeg: 42.5, lonDeg: -36, timeZone: 'Etc/GMT+2' }
const kmPerDeg = 111.195
/** usual series reactance of an overhead line, Ω/km */
const ohmPerKm = 0.4
const loadProfiles = ['mixed', 'residential', 'commercial', 'industrial'] as const

/** Sites by buses that transformers connect, a computed layout, breakers at both ends of every branch and at every unit. */
export function synthesiseRegion(network: Network): Region {
    const groupOf = groupBuses(network)
    const members = new Map<number, number[]>()
    groupOf.forEach((g, i) => {
        const group = members.get(g)
        if (group) group.push(i)
        else members.set(g, [i])
    })
    const sites = placeSites(network, groupOf, members)
    const siteOfBus = new Map(network.bus.map((b, i) => [b.id, `S${network.bus[groupOf[i]].id}`]))
    return {
        id: network.name || 'case',
        name: network.name || 'Case',
        network: { ...network, bus: network.bus.map((b) => ({ ...b, site: siteOfBus.get(b.id)! })) },
        ...place,
        site: sites,
        switch: breakersOf(network),
        unit: synthesiseUnits(network, siteOfBus),
    }
}

const joinsSite = (b: Branch, from: Bus, to: Bus) =>
    b.kind === 'transformer' || (from.baseKv !== to.baseKv && from.baseKv > 0 && to.baseKv > 0)

/** For every bus position, the lowest position of the buses it shares a site with. */
function groupBuses(network: Network): Int32Array {
    const position = positionsOf(network)
    const root = Int32Array.from(network.bus, (_, i) => i)
    const find = (i: number): number => {
        while (root[i] !== i) {
            root[i] = root[root[i]]
            i = root[i]
        }
        return i
    }
    for (const b of network.branch) {
        const [f, t] = [position.get(b.fromBus), position.get(b.toBus)]
        if (f === undefined || t === undefined || !joinsSite(b, network.bus[f], network.bus[t])) continue
        const [a, c] = [find(f), find(t)]
        root[Math.max(a, c)] = Math.min(a, c)
    }
    return root.map((_, i) => find(i))
}

const positionsOf = (network: Network) => new Map(network.bus.map((b, i) => [b.id, i]))

function placeSites(network: Network, groupOf: Int32Array, members: ReadonlyMap<number, readonly number[]>): Site[] {
    const groups = [...members.keys()]
    const siteIndex = new Map(groups.map((g, s) => [g, s]))
    const position = positionsOf(network)
    const links = new Set<number>()
    const lengths: number[] = []
    for (const b of network.branch) {
        const [f, t] = [position.get(b.fromBus), position.get(b.toBus)]
        if (f === undefined || t === undefined || groupOf[f] === groupOf[t]) continue
        const [a, c] = [siteIndex.get(groupOf[f])!, siteIndex.get(groupOf[t])!]
        links.add(Math.min(a, c) * groups.length + Math.max(a, c))
        lengths.push((Math.abs(b.xPu) * network.bus[f].baseKv ** 2) / network.baseMva / ohmPerKm)
    }
    const pairs = Int32Array.from([...links].flatMap((code) => [Math.floor(code / groups.length), code % groups.length]))
    const { x, y } = computeLayout(groups.length, pairs)
    const kmPerUnit = typicalLengthKm(lengths, x, y)
    const generating = new Set(network.generator.filter((g) => g.pMaxMw > 0).map((g) => g.bus))
    const drawing = new Set(network.load.map((l) => l.bus))
    const lonScale = kmPerDeg * Math.cos((place.latDeg * Math.PI) / 180)
    return groups.map((g, s) => {
        const buses = members.get(g)!.map((i) => network.bus[i])
        const main = buses.reduce((a, b) => (b.baseKv > a.baseKv ? b : a))
        const isPlant = buses.some((b) => generating.has(b.id)) && !buses.some((b) => drawing.has(b.id))
        return fillRow(site, {
            id: `S${network.bus[g].id}`,
            name: main.name || `Substation ${main.id}`,
            nameZh: main.name || `${main.id} 号站`,
            kind: isPlant ? 'plant' : 'substation',
            latDeg: place.latDeg + (y[s] * kmPerUnit) / kmPerDeg,
            lonDeg: place.lonDeg + (x[s] * kmPerUnit) / lonScale,
        })
    })
}

/** Kilometres for one unit of the drawing: the middle line's reactance as a length, the whole within 1,500 km. */
function typicalLengthKm(lengths: number[], x: Float64Array, y: Float64Array): number {
    const middle = lengths.sort((a, b) => a - b)[lengths.length >> 1] ?? 10
    const spread = Math.max(1, ...[x, y].map((v) => v.reduce((m, a) => Math.max(m, 2 * Math.abs(a)), 0)))
    return Math.min(Math.max(middle || 0, 0.5), 40, 1500 / spread)
}

function synthesiseUnits(network: Network, siteOfBus: ReadonlyMap<number, string>): Unit[] {
    const siteOf = (bus: number) => siteOfBus.get(bus) ?? ''
    const row = (
        component: string,
        name: string,
        nameZh: string,
        kind: UnitKind,
        bus: number,
        more: { rampMwPerMin?: number; profile?: string } = {},
    ) => fillRow(unit, { component, name, nameZh, kind, site: siteOf(bus), ...more })
    return [
        ...network.generator.map((g) => {
            // 3 % of the size a minute, a usual figure for steam plant
            const size = Number.isFinite(g.pMaxMw) ? Math.abs(g.pMaxMw) : Math.abs(g.pMw)
            return row(`generator/${g.id}`, `Unit ${g.id}`, `${g.id} 号机组`, generatorKind(g), g.bus, {
                rampMwPerMin: Math.max(1, 0.03 * size),
            })
        }),
        ...network.storage.map((s) =>
            row(`storage/${s.id}`, `Battery ${s.id}`, `${s.id} 号储能`, 'battery', s.bus, { rampMwPerMin: Math.max(1, 6 * s.pMaxMw) }),
        ),
        // a negative load is a source nobody models here; it keeps its value
        ...network.load.map((l, i) =>
            row(`load/${l.id}`, `Load ${l.id}`, `${l.id} 号负荷`, 'fixed-load', l.bus, {
                profile: l.pMw < 0 ? '' : loadProfiles[i % loadProfiles.length],
            }),
        ),
    ]
}

const generatorKind = (g: Generator): UnitKind => (g.pMaxMw <= 0 && g.pMinMw >= 0 ? 'condenser' : 'thermal')
