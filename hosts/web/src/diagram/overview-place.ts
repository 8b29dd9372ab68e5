/**
 * Where the substations of the region's picture stand: geography, stretched until they do not touch, then moved a little
 * at a time wherever that takes crossings away. Deterministic: moves are tried in a fixed order, none by chance.
 */

export interface Block {
    readonly site: string
    /** busbars by voltage, highest first; those of one voltage stand side by side */
    rows: number[][]
    x: number
    y: number
    readonly width: number
    readonly height: number
}
/** Corridor between two blocks, by position in the list, with its number of circuits. */
export interface Corridor {
    readonly a: number
    readonly b: number
    readonly circuits: number
}

const gap = 96
/** Larger pictures keep their geography. */
const untangleMax = 80

export function placeBlocks(blocks: readonly Block[], corridors: readonly Corridor[]): void {
    spread(blocks)
    if (blocks.length <= untangleMax) untangle(blocks, corridors)
}

/** Scale first, then push apart the shorter way, in a fixed order. */
function spread(blocks: readonly Block[]): void {
    const xs = blocks.map((b) => b.x)
    const ys = blocks.map((b) => b.y)
    const [x0, x1, y0, y1] = [xs, ys].flatMap((v) => [v.reduce((m, n) => Math.min(m, n)), v.reduce((m, n) => Math.max(m, n))]) as [
        number,
        number,
        number,
        number,
    ]
    const side = Math.sqrt(blocks.reduce((sum, b) => sum + (b.width + 90) * (b.height + 90), 0)) * 1.25
    const scale = side / Math.sqrt((x1 - x0 || 1) * (y1 - y0 || 1))
    for (const b of blocks) {
        b.x = Math.round(((b.x - x0) * scale) / 10) * 10
        b.y = Math.round(((b.y - y0) * scale) / 10) * 10
    }
    const rounds = blocks.length > 800 ? 12 : 80
    const tallest = blocks.reduce((most, b) => Math.max(most, b.height), 0)
    for (let round = 0; round < rounds; round++) {
        let moved = false
        const order = [...blocks].sort((a, b) => a.y - b.y || a.x - b.x)
        for (let i = 0; i < order.length; i++)
            for (let j = i + 1; j < order.length; j++) {
                const a = order[i]!
                const b = order[j]!
                if (b.y - a.y > tallest + gap) break
                const overX = Math.min(a.x + a.width, b.x + b.width) + gap - Math.max(a.x, b.x)
                const overY = Math.min(a.y + a.height, b.y + b.height) + gap - Math.max(a.y, b.y)
                if (overX <= 0 || overY <= 0) continue
                moved = true
                if (overX < overY) {
                    const left = a.x + a.width / 2 <= b.x + b.width / 2
                    a.x += left ? -overX / 2 : overX / 2
                    b.x += left ? overX / 2 : -overX / 2
                } else {
                    const above = a.y + a.height / 2 <= b.y + b.height / 2
                    a.y += above ? -overY / 2 : overY / 2
                    b.y += above ? overY / 2 : -overY / 2
                }
            }
        if (!moved) break
    }
}

type Segment = readonly [number, number, number, number]
const turn = (ax: number, ay: number, bx: number, by: number, cx: number, cy: number) => (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
/** Whether two segments cross inside both. */
export function segmentsCross([ax, ay, bx, by]: Segment, [cx, cy, dx, dy]: Segment): boolean {
    return (
        turn(ax, ay, bx, by, cx, cy) * turn(ax, ay, bx, by, dx, dy) < 0 && turn(cx, cy, dx, dy, ax, ay) * turn(cx, cy, dx, dy, bx, by) < 0
    )
}
/** Whether a segment passes through a box. */
export function segmentMeets(segment: Segment, x: number, y: number, width: number, height: number): boolean {
    const [ax, ay, bx, by] = segment
    if (Math.max(ax, bx) < x || Math.min(ax, bx) > x + width || Math.max(ay, by) < y || Math.min(ay, by) > y + height) return false
    const inside = (px: number, py: number) => px > x && px < x + width && py > y && py < y + height
    return (
        inside(ax, ay) ||
        inside(bx, by) ||
        segmentsCross(segment, [x, y, x + width, y + height]) ||
        segmentsCross(segment, [x, y + height, x + width, y])
    )
}

/** What a crossing, a line over a substation and a flat line cost, in units of length. */
const weight = { crossing: 400, over: 500, flat: 150, length: 0.5, displacement: 0.02 }
const steps = [40, 90, 180, 320]
const directions = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
    [1, 1],
    [-1, 1],
    [1, -1],
    [-1, -1],
] as const

/** Moves one block at a time, or swaps two, as long as the picture gets simpler. */
function untangle(blocks: readonly Block[], corridors: readonly Corridor[]): void {
    const home = blocks.map(({ x, y }) => ({ x, y }))
    const at = blocks.map((_, n) => corridors.flatMap((c, k) => (c.a === n || c.b === n ? [k] : [])))
    const segment = (c: Corridor): Segment => {
        const [a, b] = [blocks[c.a]!, blocks[c.b]!]
        return [a.x + a.width / 2, a.y + a.height / 2, b.x + b.width / 2, b.y + b.height / 2]
    }
    const segments = corridors.map(segment)
    const costOf = (k: number, without: ReadonlySet<number>): number => {
        const { a, b, circuits } = corridors[k]!
        const [ax, ay, bx, by] = segments[k]!
        // screens are wider than tall: height is dear
        let cost = weight.length * (0.55 * Math.abs(bx - ax) + 1.3 * Math.abs(by - ay)) * Math.min(2, circuits)
        // bars are flat and lines leave up and down, so a line beside its bars goes a long way round
        const [p, q] = [blocks[a]!, blocks[b]!]
        if (Math.max(p.y, q.y) - Math.min(p.y + p.height, q.y + q.height) < 40) cost += weight.flat
        for (let other = 0; other < corridors.length; other++) {
            const c = corridors[other]!
            if (other === k || without.has(other) || c.a === a || c.a === b || c.b === a || c.b === b) continue
            if (segmentsCross(segments[k]!, segments[other]!)) cost += weight.crossing * Math.min(circuits, c.circuits)
        }
        for (let n = 0; n < blocks.length; n++)
            if (
                n !== a &&
                n !== b &&
                segmentMeets(segments[k]!, blocks[n]!.x - 20, blocks[n]!.y - 20, blocks[n]!.width + 80, blocks[n]!.height + 30)
            )
                cost += weight.over
        return cost
    }
    /** what the given blocks' lines, and lines over them, cost */
    const around = (moved: readonly number[]): number => {
        let cost = 0
        const seen = new Set<number>()
        for (const n of moved) {
            cost += weight.displacement * Math.hypot(blocks[n]!.x - home[n]!.x, blocks[n]!.y - home[n]!.y)
            for (const k of at[n]!) {
                if (seen.has(k)) continue
                cost += costOf(k, seen)
                seen.add(k)
            }
        }
        for (let k = 0; k < corridors.length; k++) {
            if (seen.has(k)) continue
            for (const n of moved)
                if (segmentMeets(segments[k]!, blocks[n]!.x - 20, blocks[n]!.y - 20, blocks[n]!.width + 80, blocks[n]!.height + 30))
                    cost += weight.over
        }
        return cost
    }
    const place = (n: number, x: number, y: number) => {
        blocks[n]!.x = x
        blocks[n]!.y = y
        for (const k of at[n]!) segments[k] = segment(corridors[k]!)
    }
    const free = (n: number) => {
        const a = blocks[n]!
        return blocks.every(
            (b, m) =>
                m === n ||
                Math.min(a.x + a.width, b.x + b.width) + gap <= Math.max(a.x, b.x) ||
                Math.min(a.y + a.height, b.y + b.height) + gap * 0.7 <= Math.max(a.y, b.y),
        )
    }
    for (let round = 0; round < 14; round++) {
        let better = false
        for (let n = 0; n < blocks.length; n++) {
            const { x, y } = blocks[n]!
            let least = around([n]) - 1
            let best: { x: number; y: number } | undefined
            for (const step of steps)
                for (const [dx, dy] of directions) {
                    place(n, x + dx * step, y + dy * step)
                    if (!free(n)) continue
                    const cost = around([n])
                    if (cost < least) [least, best] = [cost, { x: blocks[n]!.x, y: blocks[n]!.y }]
                }
            place(n, best?.x ?? x, best?.y ?? y)
            better ||= best !== undefined
        }
        for (let n = 0; n < blocks.length; n++)
            for (let m = n + 1; m < blocks.length; m++) {
                const [a, b] = [{ ...blocks[n]! }, { ...blocks[m]! }]
                if (Math.hypot(a.x - b.x, a.y - b.y) > 500) continue
                const before = around([n, m])
                place(n, b.x, b.y)
                place(m, a.x, a.y)
                if (free(n) && free(m) && around([n, m]) < before - 1) better = true
                else {
                    place(n, a.x, a.y)
                    place(m, b.x, b.y)
                }
            }
        if (!better) break
    }
}
