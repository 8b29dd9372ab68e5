/**
 * Which points the plant measures, and through which edge node and device. Pure: a region in, a plan out.
 *
 * Transmission is metered throughout. A feeder has what feeders have: the head, every unit and the meters of most
 * customers; where a customer has none, the flow into his section is metered, so that a radial feeder stays observable
 * with little to spare.
 */
import { type Network, pointsOf, quantityOf, type Region, splitComponent } from '@gridverse/grid'

export interface MeasuredPoint {
    readonly id: string
    readonly component: string
    readonly quantity: string
    readonly edgeNode: string
    readonly device: string
    /** size of the noise and deadband against the catalogue's, 0 … 1: a feeder's meter is made for small powers */
    readonly scale: number
}

export interface TelemetryPlan {
    readonly edgeNodes: readonly string[]
    readonly points: readonly MeasuredPoint[]
}

/** Above so many sites, sites share concentrators: 64 edge nodes with four devices each, so that a second is 256 messages at most. */
export const mostEdgeNodes = 100
const concentrators = 64

export function planTelemetry(region: Region): TelemetryPlan {
    const place = createPlacer(region)
    const isMetered = createMeterRule(region)
    const points: MeasuredPoint[] = []
    for (const point of pointsOf(region)) {
        if (!isMetered(point.component, point.quantity)) continue
        const at = place(point.component, point.quantity)
        points.push({ ...point, ...at })
    }
    return { edgeNodes: [...new Set(points.map((p) => p.edgeNode))], points }
}

function createMeterRule(region: Region): (component: string, quantity: string) => boolean {
    const { network } = region
    const feeder = feederBuses(region)
    const bus = new Map(network.bus.map((b, i) => [`bus/${b.id}`, { row: b, i }]))
    const branch = new Map(network.branch.map((b) => [`branch/${b.id}`, b]))
    const load = new Map(network.load.map((l) => [`load/${l.id}`, l]))
    const fixed = new Set(region.unit.filter((u) => u.kind === 'fixed-load').map((u) => u.component))
    const weatherSites = new Set(region.unit.filter((u) => u.kind === 'wind' || u.kind === 'pv').map((u) => `site/${u.site}`))
    const holding = network.bus.filter((b) => b.type === 'pv' || b.type === 'slack')
    const phasor = new Set(holding.filter((b, n) => n % 3 === 0 || b.type === 'slack').map((b) => `bus/${b.id}`))
    const units = new Set([...network.generator, ...network.storage].map((u) => u.bus))
    const unmetered = (busId: number) => feeder.has(busId) && busId % 4 === 2
    return (component, quantity) => {
        const { kind } = splitComponent(component)
        if (kind === 'site') return weatherSites.has(component)
        if (kind === 'bus') {
            const { row, i } = bus.get(component)!
            if (quantity === 'vaDeg') return phasor.has(component)
            return !feeder.has(row.id) || units.has(row.id) || i % 3 === 0
        }
        if (kind === 'branch') {
            const row = branch.get(component)!
            if (quantity === 'tapPosition') return true
            if (quantity === 'iToKa' || quantity === 'loadingPercent') return false
            if (!feeder.has(row.toBus)) return true
            const isHead = !feeder.has(row.fromBus) || row.kind === 'transformer'
            if (isHead) return true
            return row.inService && unmetered(row.toBus) && quantity !== 'pToMw' && quantity !== 'qToMvar'
        }
        if (kind === 'load') return !(fixed.has(component) && unmetered(load.get(component)!.bus))
        return true
    }
}

/** Buses that stand at feeder sites, and the busbars that feed them at the same voltage. */
function feederBuses(region: Region): Set<number> {
    const kind = new Map(region.site.map((s) => [s.id, s.kind]))
    return new Set(region.network.bus.filter((b) => kind.get(b.site) === 'feeder').map((b) => b.id))
}

/** Where a point is measured: the site's edge node and the bay or unit in it; feeder sites report through their substation. */
function createPlacer(region: Region) {
    const { network } = region
    const siteOfBus = new Map(network.bus.map((b) => [b.id, b.site]))
    const kvOfBus = new Map(network.bus.map((b) => [b.id, b.baseKv]))
    const unitSite = new Map(region.unit.map((u) => [u.component, u.site]))
    const rows = new Map<string, { readonly bus: number; readonly toBus?: number; readonly component?: string }>()
    for (const b of network.bus) rows.set(`bus/${b.id}`, { bus: b.id })
    for (const b of network.branch) rows.set(`branch/${b.id}`, { bus: b.fromBus, toBus: b.toBus })
    for (const kind of ['generator', 'storage', 'load', 'shunt'] as const)
        for (const r of network[kind]) rows.set(`${kind}/${r.id}`, { bus: r.bus })
    for (const s of region.switch) rows.set(`switch/${s.id}`, { bus: s.bus, component: s.component })
    const slack = network.bus.find((b) => b.type === 'slack') ?? network.bus[0]!
    const nodeOf = createNodeMap(region)
    return (component: string, quantity: string) => {
        const { kind, id } = splitComponent(component)
        if (kind === 'system' || kind === 'site') {
            const site = kind === 'site' ? id : slack.site
            const { edgeNode, device } = nodeOf(site, kind === 'site' ? 'weather' : 'frequency')
            return { edgeNode, device, scale: 1 }
        }
        const row = rows.get(component)!
        const atTo = row.toBus !== undefined && (quantity.startsWith('pTo') || quantity.startsWith('qTo') || quantity.startsWith('iTo'))
        const bus = atTo ? row.toBus! : row.bus
        // a generator or battery reports from where it stands; everything else from the bay at its bus
        const ownSite = kind === 'generator' || kind === 'storage' ? unitSite.get(component) : undefined
        const bay = kind === 'bus' ? `bus-${id}` : splitComponent(row.component ?? component).id
        const lowest = Math.min(kvOfBus.get(row.bus)!, kvOfBus.get(row.toBus ?? row.bus)!)
        const power = /M(w|var)$|Ka$/.test(quantity)
        return { ...nodeOf(ownSite ?? siteOfBus.get(bus)!, bay), scale: power && lowest > 0 && lowest < 60 ? 0.02 : 1 }
    }
}

function createNodeMap(region: Region): (site: string, bay: string) => { edgeNode: string; device: string } {
    const safe = (name: string) => name.replace(/[/+#\s]/g, '-') || 'site'
    const head = feederHeads(region)
    const nodes = region.site.filter((s) => !head.has(s.id))
    if (nodes.length <= mostEdgeNodes)
        return (site, bay) => {
            const above = head.get(site)
            return above ? { edgeNode: safe(above), device: safe(site) } : { edgeNode: safe(site), device: safe(bay) }
        }
    const cell = groupSites(nodes, 4 * concentrators)
    return (site) => {
        const at = cell.get(head.get(site) ?? site)!
        return { edgeNode: `area-${Math.ceil(at / 4)}`, device: `cell-${at}` }
    }
}

/** Every feeder site → the first site of another kind on the way up. */
function feederHeads(region: Region): Map<string, string> {
    const kind = new Map(region.site.map((s) => [s.id, s.kind]))
    const neighbours = siteNeighbours(region.network)
    const head = new Map<string, string>()
    const queue = region.site.filter((s) => s.kind !== 'feeder').map((s) => s.id)
    for (let at = 0; at < queue.length; at++)
        for (const next of neighbours.get(queue[at]!) ?? []) {
            if (kind.get(next) !== 'feeder' || head.has(next)) continue
            head.set(next, head.get(queue[at]!) ?? queue[at]!)
            queue.push(next)
        }
    return head
}

function siteNeighbours(network: Network): Map<string, Set<string>> {
    const site = new Map(network.bus.map((b) => [b.id, b.site]))
    const out = new Map<string, Set<string>>()
    const link = (a: string, b: string) => {
        if (a === b) return
        if (!out.has(a)) out.set(a, new Set())
        out.get(a)!.add(b)
    }
    for (const b of network.branch) {
        if (!b.inService) continue
        link(site.get(b.fromBus)!, site.get(b.toBus)!)
        link(site.get(b.toBus)!, site.get(b.fromBus)!)
    }
    return out
}

/** Sites in compact groups of equal size, numbered from 1: halved again and again across the longer side. */
function groupSites(sites: Region['site'], groups: number): Map<string, number> {
    const group = new Map<string, number>()
    let count = 0
    const split = (part: Region['site'], parts: number) => {
        if (parts <= 1 || part.length <= 1) {
            count++
            for (const s of part) group.set(s.id, count)
            return
        }
        const span = (pick: (s: Region['site'][number]) => number) => Math.max(...part.map(pick)) - Math.min(...part.map(pick))
        const key = span((s) => s.latDeg) > span((s) => s.lonDeg) ? 'latDeg' : 'lonDeg'
        const sorted = [...part].sort((a, b) => a[key] - b[key] || (a.id < b.id ? -1 : 1))
        const middle = sorted.length >> 1
        split(sorted.slice(0, middle), parts / 2)
        split(sorted.slice(middle), parts / 2)
    }
    split(sites, groups)
    return group
}

/** Noise of a point's meter, one standard deviation in its unit: well inside what the catalogue allows a healthy meter. */
export function noiseOf(point: MeasuredPoint): number {
    const quantity = quantityOf(point.id)!
    return isReadback(point.quantity) ? 0 : 0.4 * quantity.sigma * point.scale
}
/** Deadband of reporting by exception: the catalogue's, but wide enough that noise alone seldom reports. */
export function deadbandOf(point: MeasuredPoint): number {
    const quantity = quantityOf(point.id)!
    return Math.max(quantity.deadband * point.scale, 2.5 * noiseOf(point))
}
/** Setpoints and positions are read back as they are. */
const isReadback = (quantity: string) => ['closed', 'tapPosition', 'pSetMw', 'vSetPu'].includes(quantity)
