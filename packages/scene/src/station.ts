/**
 * Where the units of a site stand: around the yard, clear of it, of one another, of the corridors and the neighbours.
 * Every candidate place is scored; the best wins, ties by order, so the same region gives the same picture.
 */

import type { UnitKind } from '@gridverse/grid'
import { createCells } from './cells.ts'
import { footprint, type PlacedSite, type Placement, type Station, type StationUnit } from './place.ts'
import type { Segment, Terrain } from './terrain.ts'

export interface PlacedUnit {
    readonly component: string
    readonly kind: UnitKind
    readonly site: PlacedSite
    readonly sizeMw: number
    readonly bus: number
    readonly x: number
    readonly y: number
    readonly z: number
    /** local +z faces the yard */
    readonly heading: number
    /** footprint across, world units */
    readonly size: number
}

interface Disc {
    readonly x: number
    readonly z: number
    readonly r: number
}

export function placeUnits(placement: Placement, terrain: Terrain, corridors: readonly Segment[]): PlacedUnit[] {
    const placed: PlacedUnit[] = []
    const sitesNear = createCells<PlacedSite>(120)
    for (const s of placement.sites) sitesNear.add(s, s.x - s.radius, s.z - s.radius, s.x + s.radius, s.z + s.radius)
    const linesNear = createCells<Segment>(120)
    for (const c of corridors) linesNear.add(c, Math.min(c.x0, c.x1), Math.min(c.z0, c.z1), Math.max(c.x0, c.x1), Math.max(c.z0, c.z1))
    for (const site of placement.sites) {
        if (site.stations.length === 0) continue
        const reach = site.radius + 30
        const box = [site.x - reach, site.z - reach, site.x + reach, site.z + reach] as const
        const near = sitesNear
            .near(...box)
            .filter((o) => o !== site && (o.x - site.x) ** 2 + (o.z - site.z) ** 2 < (o.radius + site.radius + 30) ** 2)
        const lines = linesNear.near(...box).filter((c) => touches(c, site.x, site.z, reach))
        const taken: Disc[] = near.map((o) => ({ x: o.x, z: o.z, r: Math.max(o.yardRadius, o.radius * 0.8) }))
        if (site.yardRadius > 0) taken.push({ x: site.x, z: site.z, r: site.yardRadius })
        const order = [...site.stations].sort((a, b) => rank(b) - rank(a))
        for (const station of order) placeStation(station, site, terrain, lines, taken, placed)
    }
    return placed
}

const rank = (s: Station) => s.units.reduce((sum, u) => sum + footprint(s.kind, u.sizeMw) ** 2, 0)

function placeStation(
    station: Station,
    site: PlacedSite,
    terrain: Terrain,
    lines: readonly Segment[],
    taken: Disc[],
    placed: PlacedUnit[],
): void {
    const { units, kind } = station
    const sizes = units.map((u) => footprint(kind, u.sizeMw))
    const widest = Math.max(...sizes)
    const columns = units.length <= 3 ? units.length : Math.ceil(Math.sqrt(units.length * 1.6))
    const rows = Math.ceil(units.length / columns)
    const r = 0.5 * Math.hypot(columns * widest, rows * widest) * 0.92
    let best: { x: number; z: number; score: number } | undefined
    if (site.yardRadius === 0 && taken.every((d) => Math.hypot(d.x - site.x, d.z - site.z) > d.r))
        best = { x: site.x, z: site.z, score: -1e9 }
    // a farther ring costs 6 more: once the best costs less than that, no farther place can win
    for (let ring = 0; ring < 7 && !(best && best.score <= 6 * ring); ring++)
        for (let k = 0; k < 28; k++) {
            const angle = (k / 28) * 2 * Math.PI + ring * 0.11
            const distance = site.yardRadius + r + 1.5 + ring * Math.max(3, r * 0.35)
            const x = site.x + distance * Math.sin(angle)
            const z = site.z + distance * Math.cos(angle)
            let score = ring * 6
            for (let q = 0; q < taken.length; q++) {
                const d = taken[q]!
                score += 22 * Math.max(0, d.r + r + 1 - Math.sqrt((d.x - x) ** 2 + (d.z - z) ** 2))
            }
            for (const c of lines) score += 9 * Math.max(0, r * 0.9 + 4 - distanceTo(c, x, z))
            const h = terrain.heightAt(x, z)
            score += h < 1 ? 60 * (1.2 - h) : 0
            score += kind === 'hydro' ? 1.5 * Math.max(0, 12 - h) : 0.1
            if (!best || score < best.score) best = { x, z, score }
        }
    const { x, z } = best!
    taken.push({ x, z, r: r * 0.95 })
    const heading = site.yardRadius > 0 ? Math.atan2(site.x - x, site.z - z) : 0
    for (const [k, unit] of units.entries())
        placed.push(onStand(unit, k, units.length, columns, rows, widest, station, site, x, z, heading, terrain))
}

function onStand(
    unit: StationUnit,
    k: number,
    count: number,
    columns: number,
    rows: number,
    pitch: number,
    station: Station,
    site: PlacedSite,
    x: number,
    z: number,
    heading: number,
    terrain: Terrain,
): PlacedUnit {
    const row = Math.floor(k / columns)
    const inRow = row === rows - 1 ? count - row * columns : columns
    const lx = ((k % columns) - (inRow - 1) / 2) * pitch
    const lz = (row - (rows - 1) / 2) * pitch
    const wx = x + lx * Math.cos(heading) + lz * Math.sin(heading)
    const wz = z - lx * Math.sin(heading) + lz * Math.cos(heading)
    return {
        component: unit.component,
        kind: station.kind,
        site,
        sizeMw: unit.sizeMw,
        bus: unit.bus,
        x: wx,
        y: Math.max(0.3, terrain.heightAt(wx, wz)),
        z: wz,
        heading,
        size: footprint(station.kind, unit.sizeMw),
    }
}

const touches = (s: Segment, x: number, z: number, r: number) =>
    Math.min(s.x0, s.x1) - r < x &&
    x < Math.max(s.x0, s.x1) + r &&
    Math.min(s.z0, s.z1) - r < z &&
    z < Math.max(s.z0, s.z1) + r &&
    distanceTo(s, x, z) < r

/** Distance from a point to a segment. */
export function distanceTo(s: Segment, x: number, z: number): number {
    const dx = s.x1 - s.x0
    const dz = s.z1 - s.z0
    const d2 = dx * dx + dz * dz
    const t = d2 > 0 ? Math.min(1, Math.max(0, ((x - s.x0) * dx + (z - s.z0) * dz) / d2)) : 0
    return Math.sqrt((s.x0 + t * dx - x) ** 2 + (s.z0 + t * dz - z) ** 2)
}
