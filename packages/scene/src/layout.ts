/** The plan of a world: every place, yard, unit and route of a region, as plain numbers; no graphics. */
import type { Region } from '@gridverse/grid'
import { type Corridors, createCorridors, type Ends, gantryTop, type Point3 } from './corridor.ts'
import { seedOf } from './noise.ts'
import { type PlacedSite, type Placement, placeSites } from './place.ts'
import { type PlacedUnit, placeUnits } from './station.ts'
import { createTerrain, type Segment, type Terrain } from './terrain.ts'
import { layYards, switchesByTerminal, type Yard } from './yard.ts'

/** A component's body for picking and flying to: a box about its middle, turned by its heading. */
export interface Body extends Point3 {
    readonly component: string
    readonly heading: number
    /** half sides, world units */
    readonly halfX: number
    readonly halfY: number
    readonly halfZ: number
}

export interface Layout {
    readonly seed: number
    readonly placement: Placement
    readonly terrain: Terrain
    readonly yards: readonly Yard[]
    readonly units: readonly PlacedUnit[]
    readonly corridors: Corridors
    readonly roads: readonly Segment[]
    readonly bodies: readonly Body[]
    /** feeder buses, each a kiosk of its own */
    readonly kiosks: readonly Kiosk[]
}
export interface Kiosk extends Point3 {
    readonly bus: number
    readonly kv: number
    readonly heading: number
}

export function layOut(region: Region, cells?: number): Layout {
    const seed = seedOf(region.id || region.name)
    const placement = placeSites(region)
    const pairs = linkedSites(region, placement)
    const lines = pairs.map(([a, b]) => ({ x0: a.x, z0: a.z, x1: b.x, z1: b.z }))
    const terrain = createTerrain(placement, lines, seed, cells ?? (placement.sites.length > 300 ? 320 : 256))
    const yards = layYards(region, placement, switchesByTerminal(region))
    const units = placeUnits(placement, terrain, lines)
    const kiosks = placeKiosks(placement, terrain)
    const corridors = routeAll(region, placement, terrain, yards, units, kiosks)
    return {
        seed,
        placement,
        terrain,
        yards,
        units,
        corridors,
        kiosks,
        roads: layRoads(placement),
        bodies: bodiesOf(yards, units, kiosks, placement, terrain),
    }
}

function linkedSites(region: Region, placement: Placement): [PlacedSite, PlacedSite][] {
    const seen = new Map<number, [PlacedSite, PlacedSite]>()
    const count = placement.sites.length
    for (const b of region.network.branch) {
        const from = placement.siteOfBus.get(b.fromBus)
        const to = placement.siteOfBus.get(b.toBus)
        if (from && to && from !== to) seen.set(Math.min(from.index, to.index) * count + Math.max(from.index, to.index), [from, to])
    }
    return [...seen.values()]
}

/** One kiosk for each bus of a feeder site; several buses stand in a sunflower pattern. */
function placeKiosks(placement: Placement, terrain: Terrain): Kiosk[] {
    return placement.sites
        .filter((s) => s.role === 'kiosk')
        .flatMap((s) =>
            s.buses.map((bus, k): Kiosk => {
                const r = s.buses.length === 1 ? 0 : 7 * Math.sqrt(k + 0.4)
                const x = s.x + r * Math.cos(k * 2.39996)
                const z = s.z + r * Math.sin(k * 2.39996)
                return {
                    bus: bus.id,
                    kv: bus.baseKv,
                    x,
                    y: Math.max(0.2, terrain.heightAt(x, z)),
                    z,
                    heading: (s.index * 2.39996) % (2 * Math.PI),
                }
            }),
        )
}

function routeAll(
    region: Region,
    placement: Placement,
    terrain: Terrain,
    yards: readonly Yard[],
    units: readonly PlacedUnit[],
    kiosks: readonly Kiosk[],
): Corridors {
    const routes = createCorridors(terrain, placement)
    const yardOf = new Map(yards.map((y) => [y.site, y]))
    const bayAt = new Map<string, { point: Point3; heading: number }>()
    for (const yard of yards)
        for (const bay of yard.bays)
            bayAt.set(`${bay.component}/${bay.side}`, { point: gantryTop(yard, terrain, bay.endX, bay.endZ), heading: bay.heading })
    const kioskAt = new Map(kiosks.map((k) => [k.bus, k]))
    const terminal = (component: string, side: string, bus: number): { point: Point3; heading?: number } | undefined => {
        const bay = bayAt.get(`${component}/${side}`)
        if (bay) return bay
        const kiosk = kioskAt.get(bus)
        return kiosk ? { point: { x: kiosk.x, y: kiosk.y + 3.4, z: kiosk.z } } : undefined
    }
    const bundles = new Map<string, Ends[]>()
    for (const b of region.network.branch) {
        const component = `branch/${b.id}`
        const from = placement.siteOfBus.get(b.fromBus)
        const to = placement.siteOfBus.get(b.toBus)
        if (!from || !to) continue
        const kv = Math.min(placement.busById.get(b.fromBus)!.baseKv, placement.busById.get(b.toBus)!.baseKv)
        const yard = yardOf.get(from)
        const bank = yard?.banks.find((k) => k.component === component)
        if (yard && bank) {
            // from busbar to busbar over the transformer
            const top = (bus: number, toward: { x: number; z: number }): Point3 => {
                const bar = yard.busbars.find((k) => k.bus === bus)!
                const along = Math.cos(bar.heading) * (toward.x - bar.x) - Math.sin(bar.heading) * (toward.z - bar.z)
                const p = gantryTop(yard, terrain, bar.x + along * Math.cos(bar.heading), bar.z - along * Math.sin(bar.heading))
                return { ...p, y: p.y - 2 }
            }
            const middle = { x: bank.x, y: Math.max(0, terrain.heightAt(bank.x, bank.z)) + 4.1, z: bank.z }
            routes.addYardSpans(component, bank.kvHigh, [top(b.fromBus, bank), middle, top(b.toBus, bank)])
            continue
        }
        const start = terminal(component, 'from', b.fromBus)
        const end = terminal(component, 'to', b.toBus)
        if (!start || !end) continue
        if (from === to && from.role === 'yard') {
            routes.addYardSpans(component, kv, [start.point, end.point])
            continue
        }
        const ends: Ends = {
            component,
            kv,
            from,
            to,
            start: start.point,
            end: end.point,
            ...(start.heading === undefined ? {} : { startHeading: start.heading }),
            ...(end.heading === undefined ? {} : { endHeading: end.heading }),
        }
        const bus = from.role === 'kiosk' && to.role === 'kiosk' ? `${b.fromBus}-${b.toBus}` : ''
        const key = `${Math.min(from.index, to.index)}-${Math.max(from.index, to.index)}-${kv >= 200 ? 2 : kv >= 50 ? 1 : 0}-${bus}`
        // a bundle runs one way: circuits given the other way round keep their own direction in the flow's sign
        const list = bundles.get(key)
        if (list) list.push(ends)
        else bundles.set(key, [ends])
    }
    for (const bundle of bundles.values()) routes.addBundle(sameWay(bundle, routes))
    for (const u of units) {
        const bus = placement.busById.get(u.bus)
        if (!bus) continue
        const start = terminal(u.component, 'unit', u.bus)
        if (!start) continue
        const reach = u.size * 0.42
        const edge = { x: u.x + reach * Math.sin(u.heading), z: u.z + reach * Math.cos(u.heading) }
        routes.addCable(u.component, bus.baseKv, bent(start, edge))
    }
    return routes.result
}

/** Circuits of a bundle are routed from the first one's `from` site; one given the other way round is routed alone. */
function sameWay(bundle: Ends[], routes: ReturnType<typeof createCorridors>): Ends[] {
    const first = bundle[0]!
    const against = bundle.filter((e) => e.from !== first.from)
    if (against.length > 0) routes.addBundle(against)
    return bundle.filter((e) => e.from === first.from)
}

/** A cable leaves its bay outwards, then turns to the unit. */
function bent(start: { point: Point3; heading?: number }, end: { x: number; z: number }): { x: number; z: number }[] {
    const { point, heading } = start
    if (heading === undefined) return [point, end]
    const out = { x: point.x + 1.5 * Math.sin(heading), z: point.z + 1.5 * Math.cos(heading) }
    return [point, out, end]
}

/** Roads: the tree of least length over all sites (Prim), a little off the lines. */
function layRoads(placement: Placement): Segment[] {
    const sites = placement.sites
    if (sites.length < 2 || sites.length > 1500) return []
    // squares of distances, and the nearest found while they are updated: one pass a round
    const distance = new Float64Array(sites.length).fill(Infinity)
    const parent = new Int32Array(sites.length).fill(-1)
    const done = new Uint8Array(sites.length)
    const xs = Float64Array.from(sites, (s) => s.x)
    const zs = Float64Array.from(sites, (s) => s.z)
    const roads: Segment[] = []
    let k = 0
    for (let round = 0; round < sites.length; round++) {
        done[k] = 1
        if (parent[k]! >= 0) addRoad(roads, sites[k]!, sites[parent[k]!]!, 0.09 * (k % 2 === 0 ? 1 : -1))
        let nearest = -1
        for (let i = 0; i < sites.length; i++) {
            if (done[i]) continue
            const d = (xs[i]! - xs[k]!) ** 2 + (zs[i]! - zs[k]!) ** 2
            if (d < distance[i]!) {
                distance[i] = d
                parent[i] = k
            }
            if (nearest < 0 || distance[i]! < distance[nearest]!) nearest = i
        }
        k = nearest
    }
    return roads
}

/** A road from one site to another, bent a little to one side. */
function addRoad(roads: Segment[], a: PlacedSite, b: PlacedSite, bend: number): void {
    let last = { x: a.x + 3, z: a.z + 3 }
    for (let t = 1; t <= 10; t++) {
        const s = t / 10
        const bow = 4 * s * (1 - s) * bend
        const next = { x: a.x + 3 + (b.x - a.x) * s - (b.z - a.z) * bow, z: a.z + 3 + (b.z - a.z) * s + (b.x - a.x) * bow }
        roads.push({ x0: last.x, z0: last.z, x1: next.x, z1: next.z })
        last = next
    }
}

function bodiesOf(
    yards: readonly Yard[],
    units: readonly PlacedUnit[],
    kiosks: readonly Kiosk[],
    placement: Placement,
    terrain: Terrain,
): Body[] {
    const bodies: Body[] = []
    const ground = (x: number, z: number) => Math.max(0, terrain.heightAt(x, z))
    const add = (component: string, x: number, y: number, z: number, heading: number, halfX: number, halfY: number, halfZ: number) =>
        bodies.push({ component, x, y: y + halfY, z, heading, halfX, halfY, halfZ })
    for (const yard of yards) {
        const y = ground(yard.site.x, yard.site.z)
        for (const bar of yard.busbars) add(`bus/${bar.bus}`, bar.x, y + 2.5, bar.z, bar.heading, bar.length / 2, 0.6, 0.9)
        for (const bank of yard.banks) add(bank.component, bank.x, y, bank.z, bank.heading, 1.9, 2, 1.9)
        for (const yardSwitch of switchPlaces(yard))
            add(`switch/${yardSwitch.id}`, yardSwitch.x, y, yardSwitch.z, yardSwitch.heading, 0.9, 1.4, 0.6)
    }
    for (const k of kiosks) add(`bus/${k.bus}`, k.x, k.y, k.z, k.heading, 1, 1.2, 0.9)
    for (const u of units) {
        const tall = { nuclear: 9, coal: 8, thermal: 8, wind: 9, oil: 5, gas: 4, hydro: 4 } as Partial<Record<string, number>>
        add(u.component, u.x, u.y, u.z, u.heading, u.size * 0.45, tall[u.kind] ?? Math.min(3, u.size * 0.3), u.size * 0.45)
    }
    for (const s of placement.sites) {
        const r = s.role === 'yard' ? s.yardRadius : s.role === 'kiosk' ? 1.6 : 4
        add(`site/${s.site.id}`, s.x, ground(s.x, s.z), s.z, 0, r * 0.7, 0.2, r * 0.7)
    }
    return bodies
}

export interface SwitchPlace {
    readonly id: string
    readonly kind: 'breaker' | 'disconnector' | 'load-switch'
    readonly kv: number
    readonly x: number
    readonly z: number
    readonly heading: number
}

/** Where the switches of a yard stand: breakers in the middle of their bay, disconnectors to each side of it. */
export function switchPlaces(yard: Yard): SwitchPlace[] {
    const places: SwitchPlace[] = []
    for (const bay of yard.bays) {
        const slots = { breaker: [2.5], disconnector: [1.2, 3.9], 'load-switch': [2.5] }
        const used = { breaker: 0, disconnector: 0, 'load-switch': 0 }
        for (const s of bay.switches) {
            const k = used[s.kind]++
            const along = slots[s.kind][k] ?? 1.2 + 1.1 * k
            places.push({
                id: s.id,
                kind: s.kind,
                kv: bay.kv,
                x: bay.x + along * Math.sin(bay.heading),
                z: bay.z + along * Math.cos(bay.heading),
                heading: bay.heading,
            })
        }
    }
    for (const bank of yard.banks)
        for (const [k, s] of bank.switches.entries()) {
            const sign = k % 2 === 0 ? 1 : -1
            const along = sign * (3.4 + Math.floor(k / 2) * 1.2)
            places.push({
                id: s.id,
                kind: s.kind,
                kv: sign > 0 ? bank.kvHigh : bank.kvLow,
                x: bank.x + along * Math.sin(bank.heading),
                z: bank.z + along * Math.cos(bank.heading),
                heading: bank.heading,
            })
        }
    return places
}
