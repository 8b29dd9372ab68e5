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
    /** growth of woods at the grid's corners, and distance to the nearest site, world units */
    readonly woods: Float32Array
    readonly clearance: Float32Array
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
    const [coastX, coastZ] = downhill(sites, seed)
    const reach = placement.half
    const river = layRiver(sites, reach, half, coastX, coastZ, seed)
    const toLines = distanceField(half, corridors)
    const toRiver = distanceField(half, river)
    const lift = elevations(sites, half)
    // a larger region has larger mountains
    const grain = Math.max(1, reach / 420)

    // every term is left out where its weight is nothing: noise is what a large ground costs
    const wildHeight = (x: number, z: number, u = unwarp(x / half), v = unwarp(z / half)): number => {
        const along = (x * coastX + z * coastZ) / reach
        const across = (-x * coastZ + z * coastX) / reach
        const clear = toLines.at(u, v)
        const wild = smoothstep(14, 120, clear)
        const inland = smoothstep(0.75, -1.25, along + 0.2 * (noise2(across * 1.6, 3, seed) - 0.5))
        const far = smoothstep(0.95, 1.9, Math.sqrt(x * x + z * z) / reach)
        const hills = wild > 0 ? 15 * fractal(x / (90 * grain), z / (90 * grain), seed + 5, 4) * wild : 0
        const range =
            far > 0 ? (26 + 92 * inland) * far * ridge(x / (210 * grain), z / (210 * grain), seed + 9, 5) * Math.min(2.4, grain) : 0
        const knolls = inland * wild > 0 ? 24 * inland * wild * ridge(x / (150 * grain), z / (150 * grain), seed + 21, 4) : 0
        const roll = 5 * fractal(x / (190 * grain), z / (190 * grain), seed + 33, 3)
        let h = 2.6 + roll + lift(x, z) + (hills + knolls + range) * smoothstep(0, 60, clear)
        // the river's flood plain, then its bed
        const river = toRiver.at(u, v)
        if (river < 73) {
            const bank = river + 5 * (noise2(x / 24, z / 24, seed + 2) - 0.5)
            h = 1.5 + (h - 1.5) * smoothstep(4, 70, bank)
            h -= 4.2 * smoothstep(10.5, 4.5, bank)
        }
        // the sea
        if (along > 1.07) {
            const shore = along + 0.16 * (fractal(across * 2.2 + 5, 1, seed + 3, 4) - 0.5)
            h -= (h + 16) * smoothstep(1.16, 1.36, shore)
        }
        return h
    }
    const side = cells + 1
    const heights = new Float32Array(side * side)
    const coordinate = (line: number) => half * warp((2 * line) / cells - 1)
    const unit = Float64Array.from({ length: side }, (_, i) => (2 * i) / cells - 1)
    const line = Float64Array.from({ length: side }, (_, i) => coordinate(i))
    for (let j = 0; j < side; j++) for (let i = 0; i < side; i++) heights[j * side + i] = wildHeight(line[i]!, line[j]!, unit[i]!, unit[j]!)
    const padHeight = sites.map((s) => Math.max(1.6, wildHeight(s.x, s.z)))
    levelPads(sites, padHeight, heights, half, cells, toRiver)

    const toSites = distanceField(
        half,
        sites.map((s) => ({ x0: s.x, z0: s.z, x1: s.x, z1: s.z })),
    )
    // growth of woods and distance to the sites, known at the grid's corners
    const woods = new Float32Array(side * side)
    const clearance = new Float32Array(side * side)
    for (let j = 0; j < side; j++)
        for (let i = 0; i < side; i++) {
            const clear = smoothstep(10, 34, toLines.at(unit[i]!, unit[j]!))
            woods[j * side + i] = clear === 0 ? 0 : (fractal(line[i]! / 62, line[j]! / 62, seed + 71, 4) - 0.44) * clear
            clearance[j * side + i] = toSites.at(unit[i]!, unit[j]!)
        }
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
        forestAt(x, z) {
            const gx = ((unwarp(x / half) + 1) / 2) * cells
            const gz = ((unwarp(z / half) + 1) / 2) * cells
            return forestShare(bilinear(woods, side, gx, gz), bilinear(heights, side, gx, gz))
        },
        woods,
        clearance,
    }
}

/** Share of forest from the growth and the height: none by the water, none on the peaks. */
const forestShare = (growth: number, h: number): number => smoothstep(0.06, 0.13, growth) * smoothstep(2.2, 6, h) * smoothstep(70, 40, h)

export function bilinear(grid: Float32Array, side: number, gx: number, gz: number): number {
    const i = Math.min(side - 2, Math.max(0, Math.floor(gx)))
    const j = Math.min(side - 2, Math.max(0, Math.floor(gz)))
    const u = Math.min(1, Math.max(0, gx - i))
    const v = Math.min(1, Math.max(0, gz - j))
    const at = j * side + i
    const top = grid[at]! * (1 - u) + grid[at + 1]! * u
    return top * (1 - v) + (grid[at + side]! * (1 - u) + grid[at + side + 1]! * u) * v
}

/** Where the sea lies: down the plane fitted to the sites' elevations; by the seed where they are level. */
export function downhill(sites: readonly PlacedSite[], seed: number): [number, number] {
    let [xx, xz, zz, xe, ze] = [1e-9, 0, 1e-9, 0, 0]
    const mean = (f: (s: PlacedSite) => number) => sites.reduce((sum, s) => sum + f(s), 0) / Math.max(1, sites.length)
    const [mx, mz, me] = [mean((s) => s.x), mean((s) => s.z), mean((s) => s.site.elevationM)]
    for (const s of sites) {
        const [x, z, e] = [s.x - mx, s.z - mz, s.site.elevationM - me]
        xx += x * x
        xz += x * z
        zz += z * z
        xe += x * e
        ze += z * e
    }
    const det = xx * zz - xz * xz
    const gx = (xe * zz - ze * xz) / det
    const gz = (ze * xx - xe * xz) / det
    const d = Math.hypot(gx, gz)
    const turn = (hash2(7, 3, seed) - 0.5) * 1.2 + Math.PI * 0.5
    return Number.isFinite(d) && d > 1e-6 ? [-gx / d, -gz / d] : [Math.cos(turn), Math.sin(turn)]
}

/** Site elevations, m, become 0…26 world units, spread by inverse distance. */
function elevations(sites: readonly PlacedSite[], half: number): (x: number, z: number) => number {
    const low = Math.min(...sites.map((s) => s.site.elevationM))
    const span = Math.max(...sites.map((s) => s.site.elevationM)) - low
    if (!(span > 1)) return () => 0
    const scale = Math.min(26, span / 8) / span
    const known = sites.length > 120 ? sites.filter((_, i) => i % Math.ceil(sites.length / 120) === 0) : sites
    // the sum over the sites is smooth: a coarse grid of it is enough
    const n = 48
    const grid = new Float32Array((n + 1) * (n + 1))
    for (let j = 0; j <= n; j++)
        for (let i = 0; i <= n; i++) {
            const x = (2 * i * half) / n - half
            const z = (2 * j * half) / n - half
            let sum = 0
            let weight = 0
            for (const s of known) {
                const d2 = 900 + (x - s.x) ** 2 + (z - s.z) ** 2
                const w = 1 / (d2 * Math.sqrt(d2))
                sum += w * (s.site.elevationM - low)
                weight += w
            }
            grid[j * (n + 1) + i] = (sum / weight) * scale
        }
    return (x, z) => bilinear(grid, n + 1, ((x / half + 1) / 2) * n, ((z / half + 1) / 2) * n)
}

function levelPads(
    sites: readonly PlacedSite[],
    padHeight: readonly number[],
    heights: Float32Array,
    half: number,
    cells: number,
    toRiver: Field,
): void {
    const side = cells + 1
    // yards last: where pads meet, the yard keeps its level
    for (const [k, s] of [...sites.entries()].sort(([, p], [, q]) => p.yardRadius - q.yardRadius)) {
        const rim = Math.max(s.radius * 0.95 + 4, s.yardRadius + 9)
        const skirt = 12 + s.radius * 0.5
        const lines = (c: number, sign: number) => ((unwarp((c + sign * (rim + skirt)) / half) + 1) / 2) * cells
        const [i0, i1] = [Math.max(0, Math.floor(lines(s.x, -1))), Math.min(cells, Math.ceil(lines(s.x, 1)))]
        const [j0, j1] = [Math.max(0, Math.floor(lines(s.z, -1))), Math.min(cells, Math.ceil(lines(s.z, 1)))]
        for (let j = j0; j <= j1; j++)
            for (let i = i0; i <= i1; i++) {
                const [u, v] = [(2 * i) / cells - 1, (2 * j) / cells - 1]
                const d2 = (half * warp(u) - s.x) ** 2 + (half * warp(v) - s.z) ** 2
                if (d2 >= (rim + skirt) ** 2) continue
                const t = smoothstep(rim + skirt, rim, Math.sqrt(d2)) * smoothstep(7, 15, toRiver.at(u, v))
                const at = j * side + i
                heights[at] = heights[at]! * (1 - t) + padHeight[k]! * t
            }
    }
}

/** A river from the mountains to the sea by the cheapest way: sites are dear, noise makes it wind (Dijkstra on a grid). */
function layRiver(sites: readonly PlacedSite[], reach: number, half: number, cx: number, cz: number, seed: number): Segment[] {
    const n = 112
    const cell = (2 * half) / n
    const at = (i: number) => (i + 0.5) * cell - half
    const index = (x: number) => Math.min(n - 1, Math.max(0, Math.floor((x + half) / cell)))
    const cost = new Float64Array(n * n)
    for (let j = 0; j < n; j++)
        for (let i = 0; i < n; i++) cost[j * n + i] = 0.25 + 2.6 * fractal(at(i) / (reach * 0.3), at(j) / (reach * 0.3), seed + 41, 3) ** 2
    for (const s of sites) {
        const outer = s.radius + 22 + 2 * cell
        for (let j = index(s.z - outer); j <= index(s.z + outer); j++)
            for (let i = index(s.x - outer); i <= index(s.x + outer); i++) {
                const d = Math.hypot(at(i) - s.x, at(j) - s.z)
                cost[j * n + i]! += 60 * smoothstep(s.radius + 22, s.radius + 10, d) + 2 * smoothstep(outer, s.radius + 20, d)
            }
    }
    const start = index(-cz * half * 0.82) * n + index(-cx * half * 0.82)
    const goal = index(cz * reach * 1.42) * n + index(cx * reach * 1.42)
    const total = new Float64Array(n * n).fill(Infinity)
    const parent = new Int32Array(n * n).fill(-1)
    total[start] = 0
    // a ring of buckets by cost is enough of a queue here
    const buckets: number[][] = [[start]]
    const grain = 0.25
    for (let b = 0; b < buckets.length; b++)
        for (const k of buckets[b] ?? []) {
            if (Math.floor(total[k]! / grain) !== b) continue
            const [i, j] = [k % n, Math.floor(k / n)]
            for (let dj = -1; dj <= 1; dj++)
                for (let di = -1; di <= 1; di++) {
                    const [p, q] = [i + di, j + dj]
                    if ((di === 0 && dj === 0) || p < 0 || q < 0 || p >= n || q >= n) continue
                    const to = q * n + p
                    const next = total[k]! + Math.max(grain, ((cost[k]! + cost[to]!) / 2) * Math.hypot(di, dj))
                    if (next >= total[to]!) continue
                    total[to] = next
                    parent[to] = k
                    const slot = Math.floor(next / grain)
                    const bucket = buckets[slot]
                    if (bucket) bucket.push(to)
                    else {
                        while (buckets.length <= slot) buckets.push([])
                        buckets[slot]!.push(to)
                    }
                }
        }
    // every third cell, shifted a little, so that the bends are round and not of the grid's eight directions
    let points: { x: number; z: number }[] = []
    for (let k = goal, step = 0; k >= 0; k = parent[k]!, step++) {
        const sway = (shift: number) => (noise2(step / 3.1, shift, seed + 43) - 0.5) * cell * 1.5
        if (step % 3 === 0 || parent[k]! < 0) points.push({ x: at(k % n) + sway(1), z: at(Math.floor(k / n)) + sway(9) })
    }
    // corners are cut three times (Chaikin)
    for (let round = 0; round < 3; round++)
        points = points.flatMap((p, k) => {
            const q = points[k + 1]
            if (!q) return [p]
            return [
                { x: p.x * 0.75 + q.x * 0.25, z: p.z * 0.75 + q.z * 0.25 },
                { x: p.x * 0.25 + q.x * 0.75, z: p.z * 0.25 + q.z * 0.75 },
            ]
        })
    return points.slice(1).map((p, k) => ({ x0: points[k]!.x, z0: points[k]!.z, x1: p.x, z1: p.z }))
}

/** Something known over the whole ground. */
interface Field {
    /** by grid coordinates, −1…1 */
    at(u: number, v: number): number
}

/** Distance to the nearest segment: exact near them (seeds carry their nearest point), swept over a grid. */
function distanceField(half: number, segments: readonly Segment[]): Field {
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
            distance[k] = Math.min(1e6, Math.sqrt((px[k]! - xs[i]!) ** 2 + (pz[k]! - xs[j]!) ** 2))
        }
    return { at: (u, v) => bilinear(distance, side, ((u + 1) / 2) * n, ((v + 1) / 2) * n) }
}

/** The ground's picture: tints by height, forests, fields about the sites, roads; RGBA, rows from north to south. */
export function paintTerrain(terrain: Terrain, size: number, seed: number, roads: readonly Segment[], scenery: Scenery): Uint8Array {
    const work = paintTerrainBySlices(terrain, size, seed, roads, scenery)
    for (;;) {
        const { done, value } = work.next()
        if (done) return value
    }
}

/** The same, a few rows at a time: the picture is given at the end. */
export function* paintTerrainBySlices(
    terrain: Terrain,
    size: number,
    seed: number,
    roads: readonly Segment[],
    scenery: Scenery,
): Generator<void, Uint8Array> {
    const { cells, heights, half } = terrain
    const pixels = new Uint8Array(size * size * 4)
    const rgb = (c: number) => [(c >> 16) & 255, (c >> 8) & 255, c & 255] as const
    const tints = [scenery.shore, scenery.lowland, scenery.upland, scenery.mountain, scenery.snow].map(rgb)
    const stops = [0.6, 3, 18, 42, 82]
    const forest = rgb(scenery.forest)
    const bed = rgb(scenery.water)
    const fields = scenery.fields.map(rgb)
    const side = cells + 1
    const tint = new Float64Array(3)
    const unit = Float64Array.from({ length: size }, (_, k) => (2 * (k + 0.5)) / size - 1)
    const line = unit.map((u) => half * warp(u))
    for (let row = 0; row < size; row++) {
        const z = line[row]!
        const gz = ((unit[row]! + 1) / 2) * cells
        for (let column = 0; column < size; column++) {
            const x = line[column]!
            const gx = ((unit[column]! + 1) / 2) * cells
            const h = bilinear(heights, side, gx, gz)
            const at = (row * size + column) * 4
            const jitter = h + (noise2(x / 13, z / 13, seed + 51) - 0.5) * (3 + h * 0.25)
            let k = 0
            while (k < stops.length - 2 && jitter > stops[k + 1]!) k++
            const t = Math.min(1, Math.max(0, (jitter - stops[k]!) / (stops[k + 1]! - stops[k]!)))
            const [low, high] = [tints[k]!, tints[k + 1]!]
            for (let c = 0; c < 3; c++) tint[c] = low[c]! * (1 - t) + high[c]! * t
            if (h > 1.2 && h < 24) {
                const near =
                    smoothstep(190, 60, bilinear(terrain.clearance, side, gx, gz)) * smoothstep(1.4, 2.4, h) * smoothstep(24, 14, h)
                if (near > 0) blend(tint, fieldAt(x, z, seed, fields), near)
            }
            if (h > 1.5) blend(tint, forest, 0.85 * forestShare(bilinear(terrain.woods, side, gx, gz), h))
            if (h < 0.4) blend(tint, bed, smoothstep(0.4, -1.5, h))
            pixels[at] = tint[0]!
            pixels[at + 1] = tint[1]!
            pixels[at + 2] = tint[2]!
            pixels[at + 3] = 255
        }
        if (row % 32 === 31) yield
    }
    const road = rgb(scenery.road)
    for (const s of roads) paintRoad(pixels, size, half, s, road)
    return pixels
}

function blend(tint: Float64Array, towards: readonly number[], share: number): void {
    for (let c = 0; c < 3; c++) tint[c]! += (towards[c]! - tint[c]!) * share
}

/** Fields: districts of about 100 units, each with its own direction of ploughing, cut into strips of one tint each. */
function fieldAt(x: number, z: number, seed: number, fields: readonly (readonly [number, number, number])[]): readonly number[] {
    const size = 95
    const i = Math.floor(x / size)
    const j = Math.floor(z / size)
    let best = Infinity
    let district = 0
    for (let a = i - 1; a <= i + 1; a++)
        for (let b = j - 1; b <= j + 1; b++) {
            const d = (a + 0.2 + 0.6 * hash2(a, b, seed + 61) - x / size) ** 2 + (b + 0.2 + 0.6 * hash2(a, b, seed + 62) - z / size) ** 2
            if (d >= best) continue
            best = d
            district = hash2(a, b, seed + 63)
        }
    const turn = district * Math.PI
    const along = (x * Math.cos(turn) + z * Math.sin(turn)) / (20 + 16 * district)
    const strip = Math.floor((z * Math.cos(turn) - x * Math.sin(turn)) / (8 + 7 * hash2(7, Math.floor(district * 1e6), seed)))
    const parcel = Math.floor(along + hash2(strip, Math.floor(district * 1e6), seed + 64))
    return fields[Math.floor(hash2(strip, parcel, seed + Math.floor(district * 1e6)) * fields.length)] ?? fields[0]!
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
