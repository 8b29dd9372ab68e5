/**
 * A substation's yard: one row of busbar per voltage level, a bay for every branch end and unit, transformers between the
 * rows. Local frame: x along the busbars, z towards the front, where the highest voltage's lines leave.
 */
import type { Branch, Region, Switch } from '@gridverse/grid'
import { bayLength, bayPitch, type PlacedSite, type Placement, rowPitch } from './place.ts'

export interface Bay {
    readonly component: string
    readonly side: 'from' | 'to' | 'unit'
    readonly bus: number
    readonly kv: number
    /** world position of the bay's foot at the busbar, its heading (outwards) and the gantry's foot */
    readonly x: number
    readonly z: number
    readonly heading: number
    readonly endX: number
    readonly endZ: number
    /** unit bays have no gantry; they leave by cable */
    readonly gantry: boolean
    readonly switches: readonly Switch[]
}
export interface Busbar {
    readonly bus: number
    readonly kv: number
    readonly x: number
    readonly z: number
    readonly length: number
    readonly heading: number
}
export interface Bank {
    /** transformer branch */
    readonly component: string
    readonly x: number
    readonly z: number
    readonly heading: number
    readonly rateMva: number
    readonly kvHigh: number
    readonly kvLow: number
    readonly switches: readonly Switch[]
}
export interface Yard {
    readonly site: PlacedSite
    readonly heading: number
    readonly width: number
    readonly depth: number
    readonly bays: readonly Bay[]
    readonly busbars: readonly Busbar[]
    readonly banks: readonly Bank[]
}

interface Terminal {
    readonly component: string
    readonly side: 'from' | 'to' | 'unit'
    readonly bus: number
    /** where it leads to, relative to the site */
    readonly dx: number
    readonly dz: number
}

/** Switches by `component/side`, so that a bay finds its own. */
export function switchesByTerminal(region: Region): Map<string, Switch[]> {
    const map = new Map<string, Switch[]>()
    for (const s of region.switch) {
        const key = `${s.component}/${s.side}`
        const list = map.get(key)
        if (list) list.push(s)
        else map.set(key, [s])
    }
    return map
}

/** Turns a local point of a frame at (x, z) with a heading (local +z points to it) into the world. */
export function toWorldPoint(x: number, z: number, heading: number, localX: number, localZ: number): [number, number] {
    const c = Math.cos(heading)
    const s = Math.sin(heading)
    return [x + localX * c + localZ * s, z - localX * s + localZ * c]
}

/** The yards of all sites that have one. */
export function layYards(region: Region, placement: Placement, switches: ReadonlyMap<string, Switch[]>): Yard[] {
    const terminals = new Map<PlacedSite, Terminal[]>()
    const banks = new Map<PlacedSite, Branch[]>()
    const add = (site: PlacedSite, t: Terminal) => {
        const list = terminals.get(site)
        if (list) list.push(t)
        else terminals.set(site, [t])
    }
    for (const b of region.network.branch) {
        const from = placement.siteOfBus.get(b.fromBus)
        const to = placement.siteOfBus.get(b.toBus)
        if (!from || !to) continue
        if (from === to && b.kind === 'transformer') {
            const list = banks.get(from)
            if (list) list.push(b)
            else banks.set(from, [b])
            continue
        }
        const component = `branch/${b.id}`
        add(from, { component, side: 'from', bus: b.fromBus, dx: to.x - from.x, dz: to.z - from.z })
        add(to, { component, side: 'to', bus: b.toBus, dx: from.x - to.x, dz: from.z - to.z })
    }
    const unit = (kind: string, id: string, bus: number) => {
        const site = placement.siteOfBus.get(bus)
        if (site) add(site, { component: `${kind}/${id}`, side: 'unit', bus, dx: 0, dz: 0 })
    }
    for (const g of region.network.generator) unit('generator', g.id, g.bus)
    for (const s of region.network.storage) unit('storage', s.id, s.bus)
    for (const l of region.network.load) unit('load', l.id, l.bus)
    for (const s of region.network.shunt) unit('shunt', s.id, s.bus)
    return placement.sites
        .filter((s) => s.role === 'yard')
        .map((s) => layYard(s, terminals.get(s) ?? [], banks.get(s) ?? [], placement, switches))
}

function layYard(
    site: PlacedSite,
    terminals: readonly Terminal[],
    branches: readonly Branch[],
    placement: Placement,
    switches: ReadonlyMap<string, Switch[]>,
): Yard {
    const rows = site.buses
    const top = rows[0]!
    let dx = 0
    let dz = 0
    for (const t of terminals) {
        const d = Math.hypot(t.dx, t.dz)
        if (d > 0 && t.bus === top.id) {
            dx += t.dx / d
            dz += t.dz / d
        }
    }
    const heading = Math.hypot(dx, dz) > 0.05 ? Math.atan2(dx, dz) : 0
    const place = (x: number, z: number) => toWorldPoint(site.x, site.z, heading, x, z)
    const bays: Bay[] = []
    const busbars: Busbar[] = []
    let width = 0
    const rowZ = (r: number) => ((rows.length - 1) / 2 - r) * rowPitch
    for (const [r, bus] of rows.entries()) {
        const mine = terminals.filter((t) => t.bus === bus.id)
        const lines = mine.filter((t) => t.side !== 'unit')
        const units = mine.filter((t) => t.side === 'unit')
        const backwards = rows.length > 1 && r === rows.length - 1
        const other: Terminal[] = rows.length === 1 ? units : []
        const main = rows.length === 1 ? lines : [...lines, ...units]
        const span = Math.max(main.length, other.length, 2) * bayPitch
        width = Math.max(width, span)
        const [bx, bz] = place(0, rowZ(r))
        busbars.push({ bus: bus.id, kv: bus.baseKv, x: bx, z: bz, length: span, heading })
        const row = (list: readonly Terminal[], sign: 1 | -1) => {
            // the bay that leads leftmost stands leftmost: lines do not cross over the yard
            const lateral = (t: Terminal) => t.dx * Math.cos(heading) - t.dz * Math.sin(heading)
            const order = [...list].sort((a, b) => lateral(a) - lateral(b) || (a.component < b.component ? -1 : 1))
            for (const [k, t] of order.entries()) {
                const x = (k - (order.length - 1) / 2) * bayPitch
                const [wx, wz] = place(x, rowZ(r))
                const [ex, ez] = place(x, rowZ(r) + sign * bayLength)
                bays.push({
                    component: t.component,
                    side: t.side,
                    bus: t.bus,
                    kv: bus.baseKv,
                    x: wx,
                    z: wz,
                    heading: sign > 0 ? heading : heading + Math.PI,
                    endX: ex,
                    endZ: ez,
                    gantry: t.side !== 'unit',
                    switches: switches.get(`${t.component}/${t.side}`) ?? [],
                })
            }
        }
        row(main, backwards ? -1 : 1)
        row(other, -1)
    }
    const bankPlaces = new Map<number, number>()
    const made = branches.map((b): Bank => {
        const rf = rows.findIndex((x) => x.id === b.fromBus)
        const rt = rows.findIndex((x) => x.id === b.toBus)
        const gap = Math.min(rf, rt)
        const k = bankPlaces.get(gap) ?? 0
        bankPlaces.set(gap, k + 1)
        const count = branches.filter(
            (o) => Math.min(...[o.fromBus, o.toBus].map((id) => rows.findIndex((x) => x.id === id))) === gap,
        ).length
        const [x, z] = place((k - (count - 1) / 2) * 6, (rowZ(rf) + rowZ(rt)) / 2)
        const kvs = [placement.busById.get(b.fromBus)?.baseKv ?? 0, placement.busById.get(b.toBus)?.baseKv ?? 0]
        width = Math.max(width, count * 6)
        return {
            component: `branch/${b.id}`,
            x,
            z,
            heading,
            rateMva: b.rateMva,
            kvHigh: Math.max(...kvs),
            kvLow: Math.min(...kvs),
            switches: [...(switches.get(`branch/${b.id}/from`) ?? []), ...(switches.get(`branch/${b.id}/to`) ?? [])],
        }
    })
    const depth = (rows.length - 1) * rowPitch + 2 * bayLength + 3
    return { site, heading, width: width + 3.6, depth, bays, busbars, banks: made }
}
