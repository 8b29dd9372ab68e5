/**
 * The region as GET /api/region gives it, and an index over it: what a component is called, where it stands, what it is
 * joined to. Infinite limits come as null.
 */
import type { Lang } from '../text/index.ts'

export interface SiteJson {
    readonly id: string
    readonly name: string
    readonly nameZh: string
    readonly kind: 'substation' | 'plant' | 'settlement' | 'feeder'
    readonly latDeg: number
    readonly lonDeg: number
    readonly elevationM: number
}
export interface SwitchJson {
    readonly id: string
    readonly kind: 'breaker' | 'disconnector' | 'load-switch'
    readonly bus: number
    readonly component: string
    readonly side: 'from' | 'to' | 'unit'
    readonly closed: boolean
}
export interface UnitJson {
    readonly component: string
    readonly name: string
    readonly nameZh: string
    readonly kind: string
    readonly site: string
}
export interface BusJson {
    readonly id: number
    readonly name: string
    readonly baseKv: number
    readonly vMinPu: number
    readonly vMaxPu: number
    readonly site: string
}
export interface BranchJson {
    readonly id: string
    readonly kind: 'line' | 'transformer'
    readonly fromBus: number
    readonly toBus: number
    readonly rateMva: number
}
export interface UnitAtBus {
    readonly id: string
    readonly bus: number
    readonly pMinMw?: number | null
    readonly pMaxMw?: number | null
    readonly energyMwh?: number
}
export interface RegionJson {
    readonly id: string
    readonly name: string
    readonly latDeg: number
    readonly lonDeg: number
    readonly timeZone: string
    readonly network: {
        readonly name: string
        readonly baseMva: number
        readonly frequencyHz: number
        readonly bus: readonly BusJson[]
        readonly branch: readonly BranchJson[]
        readonly generator: readonly UnitAtBus[]
        readonly load: readonly UnitAtBus[]
        readonly storage: readonly UnitAtBus[]
        readonly shunt: readonly UnitAtBus[]
    }
    readonly site: readonly SiteJson[]
    readonly switch: readonly SwitchJson[]
    readonly unit: readonly UnitJson[]
}

/** `branch/L7` → its kind and id. */
export function splitComponent(component: string): { kind: string; id: string } {
    const cut = component.indexOf('/')
    return { kind: component.slice(0, cut), id: component.slice(cut + 1) }
}

/** The component of a point id: all but the last part. */
export const componentOf = (point: string): string => point.slice(0, point.lastIndexOf('/'))
/** The quantity of a point id: its last part. */
export const quantityOfPoint = (point: string): string => point.slice(point.lastIndexOf('/') + 1)

export interface RegionIndex {
    readonly json: RegionJson
    readonly site: ReadonlyMap<string, SiteJson>
    readonly bus: ReadonlyMap<number, BusJson>
    readonly branch: ReadonlyMap<string, BranchJson>
    readonly unit: ReadonlyMap<string, UnitJson>
    readonly switch: ReadonlyMap<string, SwitchJson>
    /** bus a one-terminal component stands at */
    readonly busOf: ReadonlyMap<string, number>
    /** components at a bus: branches, units, shunts */
    readonly atBus: ReadonlyMap<number, readonly string[]>
    readonly busesOfSite: ReadonlyMap<string, readonly number[]>
    /** switches that stand before a component */
    readonly switchesOf: ReadonlyMap<string, readonly SwitchJson[]>
    /** branches that share both ends' sites with another; their id belongs to their name */
    readonly parallel: ReadonlySet<string>
    /** every component in the order of the record */
    readonly components: ReadonlySet<string>
}

const push = <K, V>(map: Map<K, V[]>, key: K, value: V) => {
    const list = map.get(key)
    if (list) list.push(value)
    else map.set(key, [value])
}

export function buildRegionIndex(json: RegionJson): RegionIndex {
    const { network } = json
    const busOf = new Map<string, number>()
    const atBus = new Map<number, string[]>()
    const busesOfSite = new Map<string, number[]>()
    const switchesOf = new Map<string, SwitchJson[]>()
    for (const b of network.bus) push(busesOfSite, b.site, b.id)
    for (const b of network.branch) {
        push(atBus, b.fromBus, `branch/${b.id}`)
        if (b.toBus !== b.fromBus) push(atBus, b.toBus, `branch/${b.id}`)
    }
    for (const kind of ['generator', 'storage', 'load', 'shunt'] as const)
        for (const row of network[kind]) {
            busOf.set(`${kind}/${row.id}`, row.bus)
            push(atBus, row.bus, `${kind}/${row.id}`)
        }
    for (const s of json.switch) push(switchesOf, s.component, s)
    const siteOfBus = new Map(network.bus.map((b) => [b.id, b.site || String(b.id)]))
    const pairs = new Map<string, string[]>()
    for (const b of network.branch) {
        const [from, to] = [siteOfBus.get(b.fromBus), siteOfBus.get(b.toBus)]
        push(pairs, from === to ? `${b.fromBus} ${b.toBus}` : [from, to].sort().join(' '), b.id)
    }
    const parallel = new Set([...pairs.values()].filter((ids) => ids.length > 1).flat())
    const components = [
        ...json.site.map((s) => `site/${s.id}`),
        ...network.bus.map((b) => `bus/${b.id}`),
        ...network.branch.map((b) => `branch/${b.id}`),
        ...(['generator', 'storage', 'load', 'shunt'] as const).flatMap((kind) => network[kind].map((row) => `${kind}/${row.id}`)),
        ...json.switch.map((s) => `switch/${s.id}`),
    ]
    return {
        json,
        site: new Map(json.site.map((s) => [s.id, s])),
        bus: new Map(network.bus.map((b) => [b.id, b])),
        branch: new Map(network.branch.map((b) => [b.id, b])),
        unit: new Map(json.unit.map((u) => [u.component, u])),
        switch: new Map(json.switch.map((s) => [s.id, s])),
        busOf,
        atBus,
        busesOfSite,
        switchesOf,
        parallel,
        components: new Set(components),
    }
}

/** The site a component stands in, or undefined for a line between sites. */
export function siteOf(region: RegionIndex, component: string): string | undefined {
    const { kind, id } = splitComponent(component)
    if (kind === 'site') return id
    if (kind === 'bus') return region.bus.get(Number(id))?.site
    if (kind === 'switch') {
        const s = region.switch.get(id)
        return s && region.bus.get(s.bus)?.site
    }
    if (kind === 'branch') {
        const b = region.branch.get(id)
        const from = b && region.bus.get(b.fromBus)?.site
        return b && from === region.bus.get(b.toBus)?.site ? from : undefined
    }
    const bus = region.busOf.get(component)
    return region.unit.get(component)?.site || (bus === undefined ? undefined : region.bus.get(bus)?.site)
}

export function siteName(region: RegionIndex, id: string | undefined, lang: Lang): string {
    const site = id === undefined ? undefined : region.site.get(id)
    if (!site) return id ?? ''
    return (lang === 'zh' && site.nameZh) || site.name || site.id
}

/** A bus's own name; the number is added where two buses of a site share one. */
export function busName(region: RegionIndex, id: number, lang: Lang): string {
    const bus = region.bus.get(id)
    if (!bus) return String(id)
    const place = siteName(region, bus.site, lang)
    const others = (region.busesOfSite.get(bus.site) ?? []).filter((other) => other !== id)
    if (lang === 'zh' && place) {
        if (!others.length) return place
        const kv = `${place} ${bus.baseKv} kV`
        return others.some((other) => region.bus.get(other)?.baseKv === bus.baseKv) ? `${kv} (${id})` : kv
    }
    if (bus.name) return others.some((other) => region.bus.get(other)?.name === bus.name) ? `${bus.name} (${id})` : bus.name
    return place ? (others.length ? `${place} ${id}` : place) : String(id)
}

/** What people call a component, without its kind: `Abel – Adams`, `Wind Ridge 2`. */
export function componentName(region: RegionIndex, component: string, lang: Lang): string {
    const { kind, id } = splitComponent(component)
    if (kind === 'site') return siteName(region, id, lang)
    if (kind === 'bus') return busName(region, Number(id), lang)
    if (kind === 'system') return region.json.name
    if (kind === 'switch') {
        const s = region.switch.get(id)
        return s ? `${componentName(region, s.component, lang)}${s.side === 'unit' ? '' : s.side === 'from' ? ' ◂' : ' ▸'}` : id
    }
    if (kind === 'branch') {
        const b = region.branch.get(id)
        if (!b) return id
        const from = region.bus.get(b.fromBus)
        const to = region.bus.get(b.toBus)
        const sameSite = from && to && from.site === to.site
        const end = (bus: number) =>
            sameSite ? busName(region, bus, lang) : siteName(region, region.bus.get(bus)?.site, lang) || String(bus)
        return `${end(b.fromBus)} – ${end(b.toBus)}${region.parallel.has(id) ? ` (${id})` : ''}`
    }
    const unit = region.unit.get(component)
    if (unit) return (lang === 'zh' && unit.nameZh) || unit.name || id
    // what has no name of its own, a capacitor bank, is called by its place
    const place = siteName(region, siteOf(region, component), lang)
    return place ? `${place} ${id}` : id
}

/** What a component is joined to: a bus to what hangs at it, everything else to its buses; a site to what stands there. */
export function neighboursOf(region: RegionIndex, component: string): string[] {
    const { kind, id } = splitComponent(component)
    if (kind === 'site') return (region.busesOfSite.get(id) ?? []).map((b) => `bus/${b}`)
    if (kind === 'bus') return [...(region.atBus.get(Number(id)) ?? [])]
    if (kind === 'branch') {
        const b = region.branch.get(id)
        return b ? [`bus/${b.fromBus}`, `bus/${b.toBus}`] : []
    }
    if (kind === 'switch') {
        const s = region.switch.get(id)
        return s ? [`bus/${s.bus}`, s.component] : []
    }
    const bus = region.busOf.get(component)
    return bus === undefined ? [] : [`bus/${bus}`]
}
