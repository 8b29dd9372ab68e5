/**
 * Where the devices of a fleet stand: in rings about the load whose meter counts them. Near ones stand within far ones and
 * each in the direction it truly lies, but spread evenly, so that a street of them can be told apart on a map drawn larger
 * than life.
 */
import type { Site } from '@gridverse/grid'
import { type ResourceKind, resourceKinds } from '@gridverse/twin'

/** What a device of a fleet looks like, by kind: there is a shape for every kind of resource. */
export const deviceKinds = resourceKinds
export type DeviceKind = ResourceKind

export interface MapDevice {
    /** `resource/ID` */
    readonly component: string
    readonly kind: DeviceKind
    /** load of the grid whose meter counts it, as `load/ID`; '' where none does */
    readonly connection: string
    /** group it is dispatched with; '' or absent for none */
    readonly group?: string
    /** deg, WGS 84; both 0 where not known */
    readonly latDeg: number
    readonly lonDeg: number
}

/** A place of the world devices can stand about: the body of a load, or a site. */
export interface Anchor {
    readonly x: number
    readonly z: number
    /** radius kept free, world units */
    readonly keep: number
}

export interface DevicePlace {
    readonly x: number
    readonly z: number
    /** what it is connected to */
    readonly anchor: Anchor
}

/** between devices of a ring, and between rings, world units */
const pitch = 1.5

/**
 * A place for every device, undefined where neither a meter nor a position says where it belongs. `anchorOf` gives the
 * body of a load; `sites` with `siteAnchor` stand in for devices that have a position only.
 */
export function placeDevices(
    devices: readonly MapDevice[],
    anchorOf: (component: string) => Anchor | undefined,
    sites: readonly Site[],
    siteAnchor: (site: Site) => Anchor | undefined,
): (DevicePlace | undefined)[] {
    const places = new Array<DevicePlace | undefined>(devices.length)
    const about = new Map<Anchor, number[]>()
    devices.forEach((device, k) => {
        const anchor = anchorOf(device.connection) ?? nearest(device, sites, siteAnchor)
        if (!anchor) return
        const list = about.get(anchor)
        if (list) list.push(k)
        else about.set(anchor, [k])
    })
    for (const [anchor, list] of about) ringsAbout(anchor, list, devices, places)
    return places
}

function nearest({ latDeg, lonDeg }: MapDevice, sites: readonly Site[], siteAnchor: (site: Site) => Anchor | undefined) {
    if (latDeg === 0 && lonDeg === 0) return undefined
    const squeeze = Math.cos((latDeg * Math.PI) / 180)
    let best: Site | undefined
    let least = Infinity
    for (const site of sites) {
        const d = (site.latDeg - latDeg) ** 2 + ((site.lonDeg - lonDeg) * squeeze) ** 2
        if (d >= least) continue
        best = site
        least = d
    }
    return best && siteAnchor(best)
}

function ringsAbout(anchor: Anchor, list: readonly number[], devices: readonly MapDevice[], places: (DevicePlace | undefined)[]): void {
    // the middle of the devices stands for where their load truly is
    const known = list.filter((k) => devices[k]!.latDeg !== 0 || devices[k]!.lonDeg !== 0)
    const mean = (of: (d: MapDevice) => number) => known.reduce((sum, k) => sum + of(devices[k]!), 0) / Math.max(1, known.length)
    const [lat, lon] = [mean((d) => d.latDeg), mean((d) => d.lonDeg)]
    const squeeze = Math.cos((lat * Math.PI) / 180)
    const bearing = new Map<number, number>()
    const distance = new Map<number, number>()
    list.forEach((k, n) => {
        const d = devices[k]!
        const placed = d.latDeg !== 0 || d.lonDeg !== 0
        const [east, north] = [(d.lonDeg - lon) * squeeze, d.latDeg - lat]
        bearing.set(k, placed ? Math.atan2(north, east) : ((n * 2.39996) % (2 * Math.PI)) - Math.PI)
        distance.set(k, placed ? Math.hypot(east, north) : 0)
    })
    const order = [...list].sort((a, b) => distance.get(a)! - distance.get(b)! || a - b)
    let ring = 0
    for (let first = 0; first < order.length; ring++) {
        const radius = anchor.keep + pitch * (ring + 0.7)
        const seats = Math.max(4, Math.floor((2 * Math.PI * radius) / pitch))
        const on = order.slice(first, first + seats).sort((a, b) => bearing.get(a)! - bearing.get(b)! || a - b)
        first += seats
        // turned so that the ring as a whole lies as its devices do
        const turn = on.length < seats ? bearing.get(on[0]!)! : -Math.PI
        on.forEach((k, n) => {
            const a = turn + (2 * Math.PI * n) / on.length + ring * 0.35
            places[k] = { x: anchor.x + radius * Math.cos(a), z: anchor.z - radius * Math.sin(a), anchor }
        })
    }
}
