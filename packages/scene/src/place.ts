/**
 * Where the sites stand in the world. Latitude and longitude become a plane (equirectangular about the region's centre,
 * x east, z south), scaled so that equipment is large enough to see; sites that would touch are pushed apart, feeders
 * are magnified about the substation they hang from. Equipment is drawn larger than the map, as on a relief model.
 */
import type { Branch, Bus, Region, Site, Unit } from '@gridverse/grid'

/** A group of like units at one site: a power station, a wind farm, a town. */
export interface Station {
    readonly kind: Unit['kind']
    readonly site: number
    readonly units: readonly StationUnit[]
}
export interface StationUnit {
    readonly component: string
    /** MW; how large the unit is drawn */
    readonly sizeMw: number
    /** number of the bus it is connected to */
    readonly bus: number
}
export interface PlacedSite {
    readonly index: number
    readonly site: Site
    readonly buses: readonly Bus[]
    readonly maxKv: number
    /** fenced yard with rows of bays, a kiosk of a feeder, or open ground */
    readonly role: 'yard' | 'kiosk' | 'ground'
    readonly stations: readonly Station[]
    x: number
    z: number
    /** of the ground it needs, world units */
    readonly radius: number
    /** of the yard alone */
    readonly yardRadius: number
}
export interface Placement {
    readonly sites: readonly PlacedSite[]
    readonly siteOfBus: ReadonlyMap<number, PlacedSite>
    readonly busById: ReadonlyMap<number, Bus>
    /** half the side of the square that holds all sites, about the origin */
    readonly half: number
}

/** Buses of this nominal voltage, kV, and above stand in a fenced yard. */
export const yardFromKv = 50

/** Dimensions of a yard, world units: between bays, along a bay, between busbars. */
export const bayPitch = 2.6
export const bayLength = 5.4
export const rowPitch = 14

/** Footprint of one unit by its kind, world units across, from its size in MW. */
export function footprint(kind: Unit['kind'], sizeMw: number): number {
    const mw = Math.max(0, sizeMw)
    switch (kind) {
        case 'nuclear':
            return 22
        case 'coal':
        case 'thermal':
            return 9 + Math.min(7, mw / 50)
        case 'oil':
        case 'gas':
            return 7 + Math.min(4, mw / 60)
        case 'hydro':
            return 9
        case 'wind':
            return 14 + 5 * Math.min(4, Math.sqrt(mw / 12))
        case 'pv':
            return 8 + Math.min(20, 1.9 * Math.sqrt(mw))
        case 'battery':
            return 5 + Math.min(6, Math.sqrt(mw))
        case 'condenser':
            return 6
        case 'ev-post':
            return 3.4
        default:
            return Math.min(36, 3 + 2.2 * Math.sqrt(mw))
    }
}

/** All sites of a region, placed. */
export function placeSites(region: Region): Placement {
    const { bus, branch } = region.network
    const busById = new Map(bus.map((b) => [b.id, b]))
    const stations = stationsBySite(region)
    const ends = countEnds(region)
    const busesBySite = new Map<string, Bus[]>()
    for (const b of bus) {
        const list = busesBySite.get(b.site)
        if (list) list.push(b)
        else busesBySite.set(b.site, [b])
    }
    const sites = region.site.map((site, index): PlacedSite => {
        const buses = (busesBySite.get(site.id) ?? []).sort((a, b) => b.baseKv - a.baseKv)
        const maxKv = buses[0]?.baseKv ?? 0
        const role = buses.length === 0 ? 'ground' : maxKv >= yardFromKv ? 'yard' : 'kiosk'
        const yardRadius = role === 'yard' ? yardReach(buses, ends) : role === 'kiosk' ? 1.6 : 0
        const own = (stations.get(site.id) ?? []).map((s) => ({ ...s, site: index }))
        let area = Math.PI * yardRadius ** 2
        for (const s of own) for (const u of s.units) area += 1.3 * footprint(s.kind, u.sizeMw) ** 2
        return {
            index,
            site,
            buses,
            maxKv,
            role,
            stations: own,
            x: 0,
            z: 0,
            radius: 2 + 0.72 * Math.sqrt(area),
            yardRadius,
        }
    })
    const siteOfBus = new Map<number, PlacedSite>()
    for (const s of sites) for (const b of s.buses) siteOfBus.set(b.id, s)
    project(region, sites)
    magnifyFeeders(sites, branch, siteOfBus)
    pushApart(sites)
    return { sites, siteOfBus, busById, half: centre(sites) }
}

function stationsBySite(region: Region): Map<string, Omit<Station, 'site'>[]> {
    const network = region.network
    const size = new Map<string, { sizeMw: number; bus: number }>()
    for (const g of network.generator)
        size.set(`generator/${g.id}`, { sizeMw: Number.isFinite(g.pMaxMw) ? g.pMaxMw : Math.abs(g.pMw), bus: g.bus })
    for (const s of network.storage) size.set(`storage/${s.id}`, { sizeMw: s.pMaxMw, bus: s.bus })
    for (const l of network.load) size.set(`load/${l.id}`, { sizeMw: Math.abs(l.pMw), bus: l.bus })
    const bySite = new Map<string, Map<string, StationUnit[]>>()
    for (const u of region.unit) {
        const found = size.get(u.component)
        if (!found) continue
        const kinds = bySite.get(u.site) ?? new Map<string, StationUnit[]>()
        bySite.set(u.site, kinds)
        const units = kinds.get(u.kind) ?? []
        kinds.set(u.kind, units)
        units.push({ component: u.component, ...found })
    }
    const result = new Map<string, Omit<Station, 'site'>[]>()
    for (const [site, kinds] of bySite)
        result.set(
            site,
            [...kinds].map(([kind, units]) => ({ kind: kind as Unit['kind'], units })),
        )
    return result
}

/** Bays of each bus: [for branches, for units]. */
function countEnds(region: Region): Map<number, readonly [number, number]> {
    const ends = new Map<number, [number, number]>()
    const count = (bus: number, which: 0 | 1) => {
        const pair = ends.get(bus) ?? [0, 0]
        pair[which]++
        ends.set(bus, pair)
    }
    const { branch, generator, storage, load, shunt } = region.network
    for (const b of branch) {
        count(b.fromBus, 0)
        count(b.toBus, 0)
    }
    for (const table of [generator, storage, load, shunt]) for (const row of table) count(row.bus, 1)
    return ends
}

/** Radius of the circle a yard of these rows just fits into. */
function yardReach(buses: readonly Bus[], ends: ReadonlyMap<number, readonly [number, number]>): number {
    const bays = buses.map((b) => {
        const [branches, units] = ends.get(b.id) ?? [0, 0]
        return buses.length === 1 ? Math.max(branches, units) : branches + units
    })
    return 0.46 * Math.hypot(Math.max(2, ...bays) * bayPitch + 5, (buses.length - 1) * rowPitch + 2 * bayLength + 5)
}

function project(region: Region, sites: readonly PlacedSite[]): void {
    const kmPerDeg = 111.32
    const squeeze = Math.cos((region.latDeg * Math.PI) / 180)
    for (const s of sites) {
        s.x = (s.site.lonDeg - region.lonDeg) * kmPerDeg * squeeze
        s.z = -(s.site.latDeg - region.latDeg) * kmPerDeg
    }
    const large = sites.filter((s) => s.role === 'yard')
    const base = large.length > 1 ? large : sites
    centre(base)
    const reach = Math.max(1e-6, ...base.map((s) => Math.hypot(s.x, s.z)))
    // the middle one of a few hundred stands for that of thousands
    const some = base.filter((_, n) => n % Math.ceil(base.length / 300) === 0)
    const gaps = some
        .map((s) => {
            let least = Infinity
            for (const o of base) if (o !== s) least = Math.min(least, (o.x - s.x) ** 2 + (o.z - s.z) ** 2)
            return Math.sqrt(least)
        })
        .filter((d) => d > 1e-6 && Number.isFinite(d))
        .sort((a, b) => a - b)
    const gap = gaps[gaps.length >> 1] ?? reach
    const scale = Math.min(6000 / reach, Math.max(360 / reach, 60 / gap))
    const cx = base.reduce((sum, s) => sum + s.site.lonDeg, 0) / base.length
    const cz = base.reduce((sum, s) => sum + s.site.latDeg, 0) / base.length
    for (const s of sites) {
        s.x = (s.site.lonDeg - cx) * kmPerDeg * squeeze * scale
        s.z = -(s.site.latDeg - cz) * kmPerDeg * scale
    }
}

/** Kiosks linked by feeder lines stand off their substation by a spacing one can read. */
function magnifyFeeders(sites: readonly PlacedSite[], branches: readonly Branch[], siteOfBus: ReadonlyMap<number, PlacedSite>): void {
    const neighbours = new Map<PlacedSite, PlacedSite[]>()
    const link = (a: PlacedSite, b: PlacedSite) => neighbours.set(a, [...(neighbours.get(a) ?? []), b])
    for (const b of branches) {
        const from = siteOfBus.get(b.fromBus)
        const to = siteOfBus.get(b.toBus)
        if (!from || !to || from === to || (from.role !== 'kiosk' && to.role !== 'kiosk')) continue
        link(from, to)
        link(to, from)
    }
    const done = new Set<PlacedSite>()
    for (const head of sites) {
        if (head.role !== 'yard' || !neighbours.has(head)) continue
        const group: PlacedSite[] = []
        const queue = [head]
        const lengths: number[] = []
        while (queue.length > 0) {
            const s = queue.pop()!
            for (const n of neighbours.get(s) ?? []) {
                lengths.push(Math.hypot(n.x - s.x, n.z - s.z))
                if (n.role !== 'kiosk' || done.has(n)) continue
                done.add(n)
                group.push(n)
                queue.push(n)
            }
        }
        lengths.sort((a, b) => a - b)
        const median = lengths[lengths.length >> 1] ?? 0
        const factor = median > 1e-6 ? Math.min(60, Math.max(1, 11.5 / median)) : 1
        for (const s of group) {
            s.x = head.x + (s.x - head.x) * factor
            s.z = head.z + (s.z - head.z) * factor
        }
    }
}

/** Pairs nearer than their radii move apart, half each; sorted by x, so that only near pairs are looked at. */
function pushApart(sites: readonly PlacedSite[]): void {
    const order = [...sites]
    const widest = Math.max(...sites.map((s) => s.radius))
    for (let round = 0; round < 60; round++) {
        order.sort((a, b) => a.x - b.x || a.index - b.index)
        let moved = false
        for (let i = 0; i < order.length; i++) {
            const a = order[i]!
            for (let j = i + 1; j < order.length && order[j]!.x - a.x < a.radius + widest + 12; j++) {
                const b = order[j]!
                const least = a.radius + b.radius + (a.role === 'yard' && b.role === 'yard' ? 12 : 1.5)
                let dx = b.x - a.x
                let dz = b.z - a.z
                const d2 = dx * dx + dz * dz
                if (d2 >= least * least) continue
                let d = Math.sqrt(d2)
                const push = (least - d) * 0.9 + 0.01
                // coincident sites part along a direction given by their numbers
                if (d < 1e-6) {
                    dx = Math.cos(a.index * 2.4 + b.index)
                    dz = Math.sin(a.index * 2.4 + b.index)
                    d = 1
                }
                const share = b.radius / (a.radius + b.radius)
                a.x -= (dx / d) * push * share
                a.z -= (dz / d) * push * share
                b.x += (dx / d) * push * (1 - share)
                b.z += (dz / d) * push * (1 - share)
                moved ||= push > 0.5
            }
        }
        if (!moved) return
    }
}

/** Moves the sites' bounding box onto the origin; gives half its longer side. */
function centre(sites: readonly PlacedSite[]): number {
    let [x0, x1, z0, z1] = [Infinity, -Infinity, Infinity, -Infinity]
    for (const s of sites) {
        x0 = Math.min(x0, s.x - s.radius)
        x1 = Math.max(x1, s.x + s.radius)
        z0 = Math.min(z0, s.z - s.radius)
        z1 = Math.max(z1, s.z + s.radius)
    }
    if (!Number.isFinite(x0)) return 100
    for (const s of sites) {
        s.x -= (x0 + x1) / 2
        s.z -= (z0 + z1) / 2
    }
    return Math.max(60, (x1 - x0) / 2, (z1 - z0) / 2)
}
