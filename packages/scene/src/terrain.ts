/**
 * The ground: a height function shaped by the sites. Lowland where the grid stands, hills where it does not, mountains
 * away from the coast, a river from them to the sea kept clear of the sites; each site has a level pad. The grid of
 * heights is finer in the middle: grid coordinate u in −1…1 stands at x = half · (c·u + (1−c)·u³).
 */
import { fractal, hash2, noise2, ridge, smoothstep } from './noise.ts'
import type { Scenery } from './palette.ts'
import type { PlacedSite, Placement } from './place.ts'

export interface Terrain {
    /** half the side of the ground, world units */
    readonly half: number
    /** cells along a side */
    readonly cells: number
    /** (cells+1)² heights, rows from north to south */
    readonly heights: Float32Array
    /** height of the ground, world units above the water */
    heightAt(x: number, z: number): number
    /** share of forest, 0…1 */
    forestAt(x: number, z: number): number
    /** distance to the nearest site's pad, world units */
    clearanceAt(x: number, z: number): number
    /** world coordinate of a grid line, 0…cells */
    coordinate(line: number): number
}
export interface Segment {
    readonly x0: number
    readonly z0: number
    readonly x1: number
    readonly z1: number
}

const squeeze = 0.6
const fieldCells = 160

/** x of grid coordinate u, both −1…1 of the half side, and its inverse. */
export const warp = (u: number): number => squeeze * u + (1 - squeeze) * u * u * u
export function unwarp(x: number): number {
    let u = x
    for (let k = 0; k < 6; k++) u -= (warp(u) - x) / (squeeze + 3 * (1 - squeeze) * u * u)
    return Math.max(-1, Math.min(1, u))
}

export function createTerrain(placement: Placement, corridors: readonly Segment[], seed: number, cells = 256): Terrain {
    const half = placement.half * 2.3 + 160
    const { sites } = placement
    const coast = (hash2(7, 3, seed) - 0.5) * 1.2 + Math.PI * 0.5
    const coastX = Math.cos(coast)
    const coastZ = Math.sin(coast)
    const reach = placement.half
    const river = layRiver(sites, reach, half, coastX, coastZ, seed)
    const toLines = distanceField(half, corridors)
    const toRiver = distanceField(half, river)
    const lift = elevations(sites)
    const wildScale = Math.max(1, reach / 420)

    const wildHeight = (x: number, z: number): number => {
        const along = (x * coastX + z * coastZ) / reach
        const across = (-x * coastZ + z * coastX) / reach
        const clear = toLines(x, z)
        const wild = smoothstep(14, 120, clear)
        const inland = smoothstep(0.75, -1.25, along + 0.2 * (noise2(across * 1.6, 3, seed) - 0.5))
        const far = smoothstep(0.95, 1.9, Math.hypot(x, z) / reach)
        const hills = 15 * fractal(x / 90, z / 90, seed + 5, 4) * wild
        const range = (26 + 92 * inland) * far * ridge(x / 210, z / 210, seed + 9, 5) * Math.min(2, wildScale)
        const knolls = 24 * inland * wild * ridge(x / 150, z / 150, seed + 21, 4)
        const roll = 5 * fractal(x / 190, z / 190, seed + 33, 3)
        let h = 2.6 + roll + lift(x, z) + (hills + knolls + range) * smoothstep(0, 60, clear)
        // the river's flood plain, then its bed
        const bank = toRiver(x, z) + 5 * (noise2(x / 24, z / 24, seed + 2) - 0.5)
        h = 1.5 + (h - 1.5) * smoothstep(4, 70, bank)
        h -= 4.2 * smoothstep(10.5, 4.5, bank)
        // the sea
        const shore = along + 0.16 * (fractal(across * 2.2 + 5, 1, seed + 3, 4) - 0.5)
        h -= (h + 16) * smoothstep(1.16, 1.36, shore)
        return h
    }
    const side = cells + 1
    const heights = new Float32Array(side * side)
    const coordinate = (line: number) => half * warp((2 * line) / cells - 1)
    for (let j = 0; j < side; j++) for (let i = 0; i < side; i++) heights[j * side + i] = wildHeight(coordinate(i), coordinate(j))
    const padHeight = sites.map((s) => Math.max(1.6, wildHeight(s.x, s.z)))
    levelPads(sites, padHeight, heights, half, cells)

    const toSites = distanceField(
        half,
        sites.map((s) => ({ x0: s.x, z0: s.z, x1: s.x, z1: s.z })),
    )
    const heightAt = (x: number, z: number): number => {
        const gx = ((unwarp(x / half) + 1) / 2) * cells
        const gz = ((unwarp(z / half) + 1) / 2) * cells
        return bilinear(heights, side, gx, gz)
    }
    return {
        half,
        cells,
        heights,
        heightAt,
        coordinate,
        clearanceAt: (x, z) => toSites(x, z),
        forestAt: (x, z) => {
            const clear = smoothstep(10, 34, toLines(x, z))
            const h = heightAt(x, z)
            const belt = smoothstep(2.2, 6, h) * smoothstep(70, 40, h)
            return smoothstep(0.5, 0.6, fractal(x / 62, z / 62, seed + 71, 4)) * clear * belt
        },
    }
}

export function bilinear(grid: Float32Array, side: number, gx: number, gz: number): number {
    const i = Math.min(side - 2, Math.max(0, Math.floor(gx)))
    const j = Math.min(side - 2, Math.max(0, Math.floor(gz)))
    const u = Math.min(1, Math.max(0, gx - i))
    const v = Math.min(1, Math.max(0, gz - j))
    const at = j * side + i
    const top = grid[at]! * (1 - u) + grid[at + 1]! * u
    return top * (1 - v) + (grid[at + side]! * (1 - u) + grid[at + side + 1]! * u) * v
}

/** Site elevations, m, become 0…26 world units, spread by inverse distance. */
function elevations(sites: readonly PlacedSite[]): (x: number, z: number) => number {
    const low = Math.min(...sites.map((s) => s.site.elevationM))
    const span = Math.max(...sites.map((s) => s.site.elevationM)) - low
    if (!(span > 1)) return () => 0
    const scale = Math.min(26, span / 8) / span
    const known = sites.length > 120 ? sites.filter((_, i) => i % Math.ceil(sites.length / 120) === 0) : sites
    return (x, z) => {
        let sum = 0
        let weight = 0
        for (const s of known) {
            const w = 1 / (900 + (x - s.x) ** 2 + (z - s.z) ** 2) ** 1.5
            sum += w * (s.site.elevationM - low)
            weight += w
        }
        return (sum / weight) * scale
    }
}

function levelPads(sites: readonly PlacedSite[], padHeight: readonly number[], heights: Float32Array, half: number, cells: number): void {
    const side = cells + 1
    for (const [k, s] of sites.entries()) {
        const rim = s.radius * 0.95 + 4
        const skirt = 12 + s.radius * 0.5
        const lines = (c: number, sign: number) => ((unwarp((c + sign * (rim + skirt)) / half) + 1) / 2) * cells
        const [i0, i1] = [Math.max(0, Math.floor(lines(s.x, -1))), Math.min(cells, Math.ceil(lines(s.x, 1)))]
        const [j0, j1] = [Math.max(0, Math.floor(lines(s.z, -1))), Math.min(cells, Math.ceil(lines(s.z, 1)))]
        for (let j = j0; j <= j1; j++)
            for (let i = i0; i <= i1; i++) {
                const x = half * warp((2 * i) / cells - 1)
                const z = half * warp((2 * j) / cells - 1)
                const t = smoothstep(rim + skirt, rim, Math.hypot(x - s.x, z - s.z))
                const at = j * side + i
                heights[at] = heights[at]! * (1 - t) + padHeight[k]! * t
            }
    }
}

/** A river from the mountains to the sea that bends around the sites. */
function layRiver(sites: readonly PlacedSite[], reach: number, half: number, cx: number, cz: number, seed: number): Segment[] {
    const n = 90
    const along = (k: number) => -half * 0.8 + (k / (n - 1)) * (half * 0.8 + reach * 1.5)
    const offset = new Float64Array(n)
    const start = (hash2(1, 9, seed) - 0.5) * reach * 0.7
    for (let k = 0; k < n; k++) offset[k] = start + (fractal(along(k) / (reach * 0.55), 4, seed + 41, 3) - 0.5) * reach * 0.9
    for (let round = 0; round < 60; round++) {
        for (let k = 0; k < n; k++) {
            const x = along(k) * cx - offset[k]! * cz
            const z = along(k) * cz + offset[k]! * cx
            for (const s of sites) {
                const least = s.radius + 24
                if (Math.abs(x - s.x) > least || Math.abs(z - s.z) > least || Math.hypot(x - s.x, z - s.z) > least) continue
                const across = -s.x * cz + s.z * cx
                offset[k]! += (offset[k]! >= across ? 1 : -1) * 5
            }
        }
        for (let k = 1; k < n - 1; k++) offset[k] = 0.5 * offset[k]! + 0.25 * (offset[k - 1]! + offset[k + 1]!)
    }
    const path: Segment[] = []
    for (let k = 0; k + 1 < n; k++)
        path.push({
            x0: along(k) * cx - offset[k]! * cz,
            z0: along(k) * cz + offset[k]! * cx,
            x1: along(k + 1) * cx - offset[k + 1]! * cz,
            z1: along(k + 1) * cz + offset[k + 1]! * cx,
        })
    return path
}

/** Distance to the nearest segment: exact near them (seeds carry their nearest point), swept over a grid. */
function distanceField(half: number, segments: readonly Segment[]): (x: number, z: number) => number {
    const n = fieldCells
    const side = n + 1
    const px = new Float32Array(side * side).fill(1e9)
    const pz = new Float32Array(side * side).fill(1e9)
    const at = (line: number) => half * warp((2 * line) / n - 1)
    const grid = (x: number) => ((unwarp(x / half) + 1) / 2) * n
    const xs = Float32Array.from({ length: side }, (_, i) => at(i))
    const offer = (k: number, x: number, z: number, cx: number, cz: number) => {
        if ((x - cx) ** 2 + (z - cz) ** 2 >= (px[k]! - cx) ** 2 + (pz[k]! - cz) ** 2) return
        px[k] = x
        pz[k] = z
    }
    for (const s of segments) {
        const steps = Math.max(1, Math.ceil(Math.hypot(s.x1 - s.x0, s.z1 - s.z0) / ((half / n) * 0.7)))
        for (let t = 0; t <= steps; t++) {
            const x = s.x0 + ((s.x1 - s.x0) * t) / steps
            const z = s.z0 + ((s.z1 - s.z0) * t) / steps
            const i = Math.round(grid(x))
            const j = Math.round(grid(z))
            offer(j * side + i, x, z, xs[i]!, xs[j]!)
        }
    }
    // two sweeps hand the nearest point on to the neighbours (Danielsson)
    const sweep = (from: number, to: number, step: number) => {
        for (let j = from; j !== to; j += step)
            for (let pass = 0; pass < 2; pass++)
                for (let q = 0; q < side; q++) {
                    const i = pass === 0 ? q : n - q
                    const k = j * side + i
                    const back = j - step
                    if (back >= 0 && back < side) {
                        offer(k, px[back * side + i]!, pz[back * side + i]!, xs[i]!, xs[j]!)
                    }
                    const beside = pass === 0 ? i - 1 : i + 1
                    if (beside >= 0 && beside < side) offer(k, px[j * side + beside]!, pz[j * side + beside]!, xs[i]!, xs[j]!)
                }
    }
    sweep(0, side, 1)
    sweep(n, -1, -1)
    const distance = new Float32Array(side * side)
    for (let j = 0; j < side; j++)
        for (let i = 0; i < side; i++) {
            const k = j * side + i
            distance[k] = Math.min(1e6, Math.hypot(px[k]! - xs[i]!, pz[k]! - xs[j]!))
        }
    return (x, z) => bilinear(distance, side, grid(x), grid(z))
}

/** The ground's picture: tints by height, forests, fields about the sites, roads; RGBA, rows from north to south. */
export function paintTerrain(terrain: Terrain, size: number, seed: number, roads: readonly Segment[], scenery: Scenery): Uint8Array {
    const { cells, heights, half } = terrain
    const pixels = new Uint8Array(size * size * 4)
    const rgb = (c: number) => [(c >> 16) & 255, (c >> 8) & 255, c & 255] as const
    const tints = [scenery.shore, scenery.lowland, scenery.upland, scenery.mountain, scenery.snow].map(rgb)
    const stops = [0.6, 3, 18, 42, 82]
    const forest = rgb(scenery.forest)
    const bed = rgb(scenery.water)
    const fields = scenery.fields.map(rgb)
    const side = cells + 1
    for (let row = 0; row < size; row++) {
        const v = (2 * (row + 0.5)) / size - 1
        const z = half * warp(v)
        for (let column = 0; column < size; column++) {
            const u = (2 * (column + 0.5)) / size - 1
            const x = half * warp(u)
            const h = bilinear(heights, side, ((u + 1) / 2) * cells, ((v + 1) / 2) * cells)
            const at = (row * size + column) * 4
            const jitter = h + (noise2(x / 13, z / 13, seed + 51) - 0.5) * (3 + h * 0.25)
            let k = 0
            while (k < stops.length - 2 && jitter > stops[k + 1]!) k++
            const t = Math.min(1, Math.max(0, (jitter - stops[k]!) / (stops[k + 1]! - stops[k]!)))
            let r = tints[k]![0] * (1 - t) + tints[k + 1]![0] * t
            let g = tints[k]![1] * (1 - t) + tints[k + 1]![1] * t
            let b = tints[k]![2] * (1 - t) + tints[k + 1]![2] * t
            const blend = (c: readonly number[], share: number) => {
                r += (c[0]! - r) * share
                g += (c[1]! - g) * share
                b += (c[2]! - b) * share
            }
            if (h > 1.2 && h < 24) {
                const near = smoothstep(190, 60, terrain.clearanceAt(x, z)) * smoothstep(1.4, 2.4, h) * smoothstep(24, 14, h)
                if (near > 0) blend(fieldAt(x, z, seed, fields), near)
            }
            if (h > 1.5) blend(forest, 0.85 * terrain.forestAt(x, z))
            if (h < 0.4) blend(bed, smoothstep(0.4, -1.5, h))
            pixels[at] = r
            pixels[at + 1] = g
            pixels[at + 2] = b
            pixels[at + 3] = 255
        }
    }
    for (const s of roads) paintRoad(pixels, size, half, s, rgb(scenery.road))
    return pixels
}

/** Fields: jittered cells of about 20 units, each of one tint, with a darker hedge at the border. */
function fieldAt(x: number, z: number, seed: number, fields: readonly (readonly [number, number, number])[]): readonly number[] {
    const turn = 0.4
    const fx = (x * Math.cos(turn) - z * Math.sin(turn)) / 24
    const fz = (x * Math.sin(turn) + z * Math.cos(turn)) / 15
    const i = Math.floor(fx)
    const j = Math.floor(fz)
    let best = 1e9
    let tint = 0
    for (let a = -1; a <= 1; a++)
        for (let b = -1; b <= 1; b++) {
            const dx = i + a + 0.25 + 0.5 * hash2(i + a, j + b, seed + 61) - fx
            const dz = j + b + 0.25 + 0.5 * hash2(i + a, j + b, seed + 62) - fz
            const d = Math.abs(dx) + Math.abs(dz)
            if (d >= best) continue
            best = d
            tint = Math.floor(hash2(i + a, j + b, seed + 63) * fields.length)
        }
    return fields[tint] ?? fields[0]!
}

function paintRoad(pixels: Uint8Array, size: number, half: number, s: Segment, road: readonly number[]): void {
    const steps = Math.ceil(Math.hypot(s.x1 - s.x0, s.z1 - s.z0) / 0.8)
    for (let k = 0; k <= steps; k++) {
        const column = ((unwarp((s.x0 + ((s.x1 - s.x0) * k) / steps) / half) + 1) / 2) * size - 0.5
        const row = ((unwarp((s.z0 + ((s.z1 - s.z0) * k) / steps) / half) + 1) / 2) * size - 0.5
        for (let b = 0; b < 2; b++)
            for (let a = 0; a < 2; a++) {
                const i = Math.floor(column) + a
                const j = Math.floor(row) + b
                if (i < 0 || j < 0 || i >= size || j >= size) continue
                const share = (1 - Math.abs(column - i)) * (1 - Math.abs(row - j)) * 0.6
                const at = (j * size + i) * 4
                for (let c = 0; c < 3; c++) pixels[at + c] = pixels[at + c]! + (road[c]! - pixels[at + c]!) * share
            }
    }
}
