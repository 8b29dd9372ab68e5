/**
 * Positions for the sites of a network that has none: a drawing in which linked sites stand about one unit apart and
 * no two nearer than `minDistance`. The same graph always gives the same drawing.
 *
 *   1. Pivot MDS of every connected part: distances in steps from k pivots, double-centred, projected on the two
 *      leading axes (U. Brandes, C. Pich, "Eigensolver methods for progressive multidimensional scaling of large data",
 *      Graph Drawing 2006, LNCS 4372, 42–53).
 *   2. Springs along links and repulsion between near neighbours, found by a grid of square cells
 *      (T. Fruchterman, E. Reingold, Software: Practice and Experience 21 (1991) 1129–1164).
 *   3. Sites that are still too close move to the nearest free cell; the parts are set side by side.
 */

export interface Layout {
    readonly x: Float64Array
    readonly y: Float64Array
}

const pivots = 40
const steps = 90
const reach = 1.6

/** Layout of `count` sites whose links are pairs `links[2e], links[2e + 1]`; unit: the usual length of a link. */
export function computeLayout(count: number, links: Int32Array, minDistance = 0.3): Layout {
    const x = new Float64Array(count)
    const y = new Float64Array(count)
    const graph = buildAdjacency(count, links)
    const parts = findParts(count, graph)
    // largest part in the middle of the first shelf, the rest to its right in rows
    let [shelfX, shelfY, shelfHeight] = [0, 0, 0]
    const widest = 1.5 * Math.sqrt(count)
    for (const part of parts) {
        placePart(part, graph, x, y)
        relax(part, graph, x, y)
        separate(part, x, y, minDistance)
        const box = boundsOf(part, x, y)
        if (shelfX > 0 && shelfX + box.width > widest) [shelfX, shelfY, shelfHeight] = [0, shelfY + shelfHeight + 1, 0]
        for (const i of part) {
            x[i] += shelfX - box.x
            y[i] += shelfY - box.y
        }
        shelfX += box.width + 1
        shelfHeight = Math.max(shelfHeight, box.height)
    }
    const all = boundsOf(
        Int32Array.from({ length: count }, (_, i) => i),
        x,
        y,
    )
    for (let i = 0; i < count; i++) {
        x[i] -= all.x + all.width / 2
        y[i] -= all.y + all.height / 2
    }
    return { x, y }
}

interface Adjacency {
    readonly start: Int32Array
    readonly neighbour: Int32Array
}

function buildAdjacency(count: number, links: Int32Array): Adjacency {
    const start = new Int32Array(count + 1)
    for (const i of links) start[i + 1]++
    for (let i = 0; i < count; i++) start[i + 1] += start[i]
    const next = start.slice()
    const neighbour = new Int32Array(links.length)
    for (let e = 0; e < links.length; e += 2) {
        neighbour[next[links[e]]++] = links[e + 1]
        neighbour[next[links[e + 1]]++] = links[e]
    }
    return { start, neighbour }
}

/** Connected parts, largest first, then by their lowest member. */
function findParts(count: number, graph: Adjacency): Int32Array[] {
    const seen = new Uint8Array(count)
    const parts: Int32Array[] = []
    for (let root = 0; root < count; root++) {
        if (seen[root]) continue
        const part = [root]
        seen[root] = 1
        for (let head = 0; head < part.length; head++)
            for (let p = graph.start[part[head]]; p < graph.start[part[head] + 1]; p++) {
                const j = graph.neighbour[p]
                if (!seen[j]) {
                    seen[j] = 1
                    part.push(j)
                }
            }
        parts.push(Int32Array.from(part))
    }
    return parts.sort((a, b) => b.length - a.length || a[0] - b[0])
}

/** distance[i] ← steps from `root` to i within its part; gives the last one reached. */
function countSteps(root: number, graph: Adjacency, distance: Float64Array, queue: Int32Array): number {
    distance.fill(-1)
    distance[root] = 0
    queue[0] = root
    let tail = 1
    for (let head = 0; head < tail; head++) {
        const i = queue[head]
        for (let p = graph.start[i]; p < graph.start[i + 1]; p++) {
            const j = graph.neighbour[p]
            if (distance[j] < 0) {
                distance[j] = distance[i] + 1
                queue[tail++] = j
            }
        }
    }
    return queue[tail - 1]
}

function placePart(part: Int32Array, graph: Adjacency, x: Float64Array, y: Float64Array): void {
    const n = part.length
    if (n === 1) return
    const k = Math.min(pivots, n)
    const distance = new Float64Array(x.length)
    const nearest = new Float64Array(n).fill(Infinity)
    const queue = new Int32Array(n)
    const c = new Float64Array(n * k)
    // each next pivot is the site farthest from all before it; the first lies at the rim
    let pivot = countSteps(part[0], graph, distance, queue)
    for (let q = 0; q < k; q++) {
        countSteps(pivot, graph, distance, queue)
        let far = 0
        for (let i = 0; i < n; i++) {
            const d = distance[part[i]]
            c[i * k + q] = d * d
            nearest[i] = Math.min(nearest[i], d)
            if (nearest[i] > nearest[far]) far = i
        }
        pivot = part[far]
    }
    centre(c, n, k)
    const first = leadingAxis(c, n, k)
    const second = leadingAxis(c, n, k, first)
    const u = project(c, n, k, first)
    const v = project(c, n, k, second)
    // the axes keep their proportions; a path gets a little width so that springs can act; lengths fit one unit a link
    const scale = linkScale(part, graph, x.length, u, v)
    for (let i = 0; i < n; i++) {
        const turn = i * 2.399963
        x[part[i]] = u[i] * scale + 0.15 * Math.cos(turn)
        y[part[i]] = v[i] * scale + 0.15 * Math.sin(turn)
    }
}

/** c ← −½·(c − row mean − column mean + mean) */
function centre(c: Float64Array, n: number, k: number): void {
    const row = new Float64Array(n)
    const column = new Float64Array(k)
    let mean = 0
    for (let i = 0; i < n; i++)
        for (let q = 0; q < k; q++) {
            row[i] += c[i * k + q] / k
            column[q] += c[i * k + q] / n
            mean += c[i * k + q] / (n * k)
        }
    for (let i = 0; i < n; i++) for (let q = 0; q < k; q++) c[i * k + q] = -0.5 * (c[i * k + q] - row[i] - column[q] + mean)
}

/** Leading eigenvector of cᵀ·c by power iteration, orthogonal to `against`. */
function leadingAxis(c: Float64Array, n: number, k: number, against?: Float64Array): Float64Array {
    const axis = Float64Array.from({ length: k }, (_, q) => Math.cos(q * q + (against ? 1 : 0)))
    for (let step = 0; step < 60; step++) {
        if (against) {
            let along = 0
            for (let q = 0; q < k; q++) along += axis[q] * against[q]
            for (let q = 0; q < k; q++) axis[q] -= along * against[q]
        }
        const u = project(c, n, k, axis)
        axis.fill(0)
        for (let i = 0; i < n; i++) for (let q = 0; q < k; q++) axis[q] += c[i * k + q] * u[i]
        const length = Math.hypot(...axis) || 1
        for (let q = 0; q < k; q++) axis[q] /= length
    }
    return axis
}

function project(c: Float64Array, n: number, k: number, axis: Float64Array): Float64Array {
    const u = new Float64Array(n)
    for (let i = 0; i < n; i++) for (let q = 0; q < k; q++) u[i] += c[i * k + q] * axis[q]
    return u
}

function linkScale(part: Int32Array, graph: Adjacency, count: number, u: Float64Array, v: Float64Array): number {
    const at = new Int32Array(count)
    part.forEach((i, position) => {
        at[i] = position
    })
    let [total, links] = [0, 0]
    part.forEach((i, a) => {
        for (let p = graph.start[i]; p < graph.start[i + 1]; p++, links++) {
            const b = at[graph.neighbour[p]]
            total += Math.hypot(u[a] - u[b], v[a] - v[b])
        }
    })
    return total > 0 ? (0.8 * links) / total : 1
}

/** Sites by square cell: `order` from `start[cell]` to `start[cell + 1]`. Rebuilt in place. */
class CellGrid {
    readonly order: Int32Array
    start = new Int32Array(0)
    columns = 0
    rows = 0
    x0 = 0
    y0 = 0
    readonly size: number
    readonly cellOf: Int32Array

    constructor(n: number, size: number) {
        this.order = new Int32Array(n)
        this.cellOf = new Int32Array(n)
        this.size = size
    }

    build(part: Int32Array, x: Float64Array, y: Float64Array): void {
        const box = boundsOf(part, x, y)
        this.x0 = box.x
        this.y0 = box.y
        this.columns = Math.floor(box.width / this.size) + 1
        this.rows = Math.floor(box.height / this.size) + 1
        const cells = this.columns * this.rows
        if (this.start.length < cells + 1) this.start = new Int32Array(2 * cells + 1)
        const { start, cellOf, order } = this
        start.fill(0, 0, cells + 1)
        for (let p = 0; p < part.length; p++) {
            const i = part[p]
            cellOf[p] = Math.floor((y[i] - box.y) / this.size) * this.columns + Math.floor((x[i] - box.x) / this.size)
            start[cellOf[p] + 1]++
        }
        for (let cell = 0; cell < cells; cell++) start[cell + 1] += start[cell]
        for (let p = part.length - 1; p >= 0; p--) order[--start[cellOf[p] + 1]] = part[p]
        // the count-down above moved every start one place ahead; the end of the last cell is the number of sites
        start.copyWithin(0, 1, cells + 1)
        start[cells] = part.length
    }
}

function relax(part: Int32Array, graph: Adjacency, x: Float64Array, y: Float64Array): void {
    const n = part.length
    if (n === 1) return
    const grid = new CellGrid(n, reach)
    const fx = new Float64Array(x.length)
    const fy = new Float64Array(x.length)
    for (let step = 0; step < steps; step++) {
        const limit = 0.6 * (1 - step / steps) + 0.02
        for (const i of part) fx[i] = fy[i] = 0
        for (const i of part)
            for (let p = graph.start[i]; p < graph.start[i + 1]; p++) {
                const j = graph.neighbour[p]
                const [dx, dy] = [x[j] - x[i], y[j] - y[i]]
                const d = Math.hypot(dx, dy) || 1e-9
                const pull = (0.3 * (d - 1)) / d
                fx[i] += pull * dx
                fy[i] += pull * dy
            }
        grid.build(part, x, y)
        repel(part, grid, x, y, fx, fy)
        for (const i of part) {
            const length = Math.hypot(fx[i], fy[i])
            const share = length > limit ? limit / length : 1
            x[i] += share * fx[i]
            y[i] += share * fy[i]
        }
    }
}

/** Adds to each site's force the push of every site within reach. */
function repel(part: Int32Array, grid: CellGrid, x: Float64Array, y: Float64Array, fx: Float64Array, fy: Float64Array): void {
    const { start, order, columns, rows, cellOf } = grid
    for (let p = 0; p < part.length; p++) {
        const i = part[p]
        const [row, column] = [Math.floor(cellOf[p] / columns), cellOf[p] % columns]
        for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
            const to = start[r * columns + Math.min(columns - 1, column + 1) + 1]
            for (let s = start[r * columns + Math.max(0, column - 1)]; s < to; s++) {
                const j = order[s]
                if (j === i) continue
                // two sites on one spot part along a direction of their own
                const dx = x[i] - x[j] || 1e-6 * (i - j)
                const dy = y[i] - y[j] || 1e-6 * (j % 7) - 3e-6
                const d2 = dx * dx + dy * dy
                if (d2 > reach * reach) continue
                const push = 0.25 * (1 / Math.max(d2, 0.04) - 1 / (reach * reach))
                fx[i] += push * dx
                fy[i] += push * dy
            }
        }
    }
}

/** Moves each site that stands too close to an earlier one to the nearest free spot. */
function separate(part: Int32Array, x: Float64Array, y: Float64Array, minDistance: number): void {
    const placed = new Map<string, number[]>()
    const key = (cx: number, cy: number) => `${cx},${cy}`
    const isFree = (px: number, py: number) => {
        const [cx, cy] = [Math.floor(px / minDistance), Math.floor(py / minDistance)]
        for (let u = cx - 1; u <= cx + 1; u++)
            for (let v = cy - 1; v <= cy + 1; v++)
                for (const j of placed.get(key(u, v)) ?? []) if (Math.hypot(x[j] - px, y[j] - py) < minDistance) return false
        return true
    }
    for (const i of part) {
        const [px, py] = [x[i], y[i]]
        // spots on a widening spiral, a golden angle apart
        for (let t = 1; !isFree(x[i], y[i]); t++) {
            const r = 0.5 * minDistance * Math.sqrt(t)
            x[i] = px + r * Math.cos(2.399963 * t)
            y[i] = py + r * Math.sin(2.399963 * t)
        }
        const cell = key(Math.floor(x[i] / minDistance), Math.floor(y[i] / minDistance))
        const there = placed.get(cell)
        if (there) there.push(i)
        else placed.set(cell, [i])
    }
}

function boundsOf(part: Int32Array, x: Float64Array, y: Float64Array) {
    let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity]
    for (const i of part) {
        left = Math.min(left, x[i])
        right = Math.max(right, x[i])
        bottom = Math.min(bottom, y[i])
        top = Math.max(top, y[i])
    }
    return { x: left, y: bottom, width: right - left, height: top - bottom }
}
