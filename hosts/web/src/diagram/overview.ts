/**
 * The region's picture: each substation a small diagram of its busbars, placed by geography with few crossings, lines
 * between them straight from side to side, their figures where there is room. Same record, same picture.
 */
import type { BranchJson, RegionIndex } from '../model/region.ts'
import { bounded, branchOf, type Diagram, type Item, isBranch, isFeederBus, kvOf, otherEnd, shapeOf, switchAt } from './items.ts'
import { type Block, type Corridor, placeBlocks } from './overview-place.ts'
import { createWords, type Words } from './overview-words.ts'

const pitch = 22
const rowHeight = 88
const headHeight = 30
/** between busbars of one voltage: the voltage of the left one stands there */
const barGap = 118

/** Where a line leaves its bar, and the way out of its block. */
interface End {
    readonly x: number
    readonly y: number
    readonly up: boolean
    readonly way: readonly (readonly [number, number])[]
}

/** The whole region: each substation a small diagram of its busbars, placed by geography, lines straight between them. */
export function layoutOverview(region: RegionIndex): Diagram {
    const items: Item[] = []
    const linesAt = (bus: number) => (region.atBus.get(bus) ?? []).filter(isBranch).map((c) => branchOf(region, c))
    const siteOfBus = (bus: number) => region.bus.get(bus)?.site
    const outer = (bus: number) =>
        linesAt(bus).filter((b) => siteOfBus(otherEnd(b, bus)) !== siteOfBus(bus) && !isFeederBus(region, otherEnd(b, bus)))
    const inner = (bus: number) => linesAt(bus).filter((b) => siteOfBus(otherEnd(b, bus)) === siteOfBus(bus))
    const feeds = (bus: number) => linesAt(bus).filter((b) => isFeederBus(region, otherEnd(b, bus)))
    /** what hangs below a busbar: its units, and one sign for all the feeders it supplies */
    const hanging = (bus: number) => [
        ...(region.atBus.get(bus) ?? []).filter((c) => !isBranch(c)),
        ...feeds(bus)
            .slice(0, 1)
            .map((b) => `branch/${b.id}`),
    ]
    /** the first busbar of a substation carries its name, left of the lines that leave upwards */
    const barLength = (bus: number, nameRoom = 0) =>
        Math.max(4, hanging(bus).length + outer(bus).length + inner(bus).length, nameRoom + outer(bus).length) * pitch
    const nameRoom = (site: string) => Math.ceil((region.site.get(site)?.name.length ?? 0) * 0.85)

    const { latDeg } = region.json
    const stretch = 1 / Math.cos((latDeg * Math.PI) / 180)
    const blocks = region.json.site.flatMap((s): Block[] => {
        const buses = (region.busesOfSite.get(s.id) ?? []).filter((b) => !isFeederBus(region, b))
        if (!buses.length) return []
        const levels = [...new Set(buses.map((b) => kvOf(region, b)))].sort((a, b) => b - a)
        const rows = levels.map((kv) => buses.filter((b) => kvOf(region, b) === kv).sort((a, b) => a - b))
        const width = Math.max(
            ...rows.map((row, r) => row.reduce((sum, bus, n) => sum + barLength(bus, r + n === 0 ? nameRoom(s.id) : 0) + barGap, -barGap)),
        )
        // screens are wider than tall, so is the picture
        return [{ site: s.id, rows, x: s.lonDeg * 1.7, y: -s.latDeg * stretch, width, height: headHeight + rows.length * rowHeight - 44 }]
    })
    if (!blocks.length) return bounded(items)
    const blockAt = new Map(blocks.flatMap((block, n) => block.rows.flat().map((bus) => [bus, n] as const)))
    const corridors = new Map<string, Corridor>()
    for (const { fromBus, toBus } of region.json.network.branch) {
        const [a, b] = [blockAt.get(fromBus), blockAt.get(toBus)]
        if (a === undefined || b === undefined || a === b) continue
        const key = `${Math.min(a, b)} ${Math.max(a, b)}`
        corridors.set(key, { a: Math.min(a, b), b: Math.max(a, b), circuits: (corridors.get(key)?.circuits ?? 0) + 1 })
    }
    placeBlocks(blocks, [...corridors.values()])
    const middleX = (block: Block) => block.x + block.width / 2
    // busbars of one voltage stand in the order of where their lines go
    for (const block of blocks) {
        const pull = (bus: number) => {
            const to = outer(bus).flatMap((b) => blocks[blockAt.get(otherEnd(b, bus)) ?? -1] ?? [])
            return to.length ? to.reduce((sum, b) => sum + middleX(b), 0) / to.length : middleX(block)
        }
        for (const row of block.rows) row.sort((a, b) => pull(a) - pull(b) || a - b)
    }
    // thousands of substations are an outline; their switches and units show in their own pictures
    const outline = blocks.length > 400

    const blockOf = new Map<number, Block>()
    const bar = new Map<number, { x: number; y: number; length: number; row: number }>()
    for (const block of blocks)
        block.rows.forEach((row, r) => {
            let x = block.x
            row.forEach((bus, n) => {
                const length = barLength(bus, r + n === 0 ? nameRoom(block.site) : 0)
                blockOf.set(bus, block)
                bar.set(bus, { x, y: block.y + headHeight + r * rowHeight, length, row: r })
                x += length + barGap
            })
        })
    // ends of lines along each bar: the top row leaves upwards, the bottom row downwards, a lone row either way; what has to
    // go to the other side goes round its block
    const ends = new Map<string, End>()
    for (const block of blocks) {
        const lone = block.rows.length === 1
        const lanes = { left: 0, right: 0 }
        for (const bus of block.rows.flat()) {
            const own = bar.get(bus)!
            const list = outer(bus)
                .filter((b) => blockOf.has(otherEnd(b, bus)))
                .map((branch) => {
                    const other = blockOf.get(otherEnd(branch, bus))!
                    const above = other.y + other.height / 2 < block.y + block.height / 2
                    const up = lone ? above : own.row === 0
                    const round =
                        outline || up === above
                            ? undefined
                            : middleX(other) < own.x + own.length / 2
                              ? ('left' as const)
                              : ('right' as const)
                    return { branch, up, above, round, toX: middleX(other), order: round === 'left' ? 0 : round === 'right' ? 2 : 1 }
                })
                .sort((a, b) => a.order - b.order || a.toX - b.toX || (a.branch.id < b.branch.id ? -1 : 1))
            const taken = hanging(bus).length
            for (const up of [true, false]) {
                const side = list.filter((e) => e.up === up)
                side.forEach((e, n) => {
                    const x = up ? own.x + own.length - (side.length - n - 0.5) * pitch : own.x + (taken + n + 0.5) * pitch
                    const sense = up ? -1 : 1
                    if (!e.round) {
                        ends.set(`${e.branch.id}@${bus}`, { x, y: own.y, up, way: [[x, up ? block.y - 14 : own.y + 54]] })
                        return
                    }
                    const lane = lanes[e.round]++
                    const runY = own.y + sense * (46 + lane * 6)
                    const runX = e.round === 'left' ? block.x - 16 - lane * 7 : block.x + block.width + 70 + lane * 7
                    const lastY = e.above ? block.y - 14 : block.y + block.height + 20
                    ends.set(`${e.branch.id}@${bus}`, {
                        x,
                        y: own.y,
                        up,
                        way: [
                            [x, runY],
                            [runX, runY],
                            [runX, lastY],
                        ],
                    })
                })
            }
        }
    }
    const words: Words | undefined = outline ? undefined : createWords()
    for (const block of blocks) {
        words?.take(block.x, block.y - 12, 19 * (region.site.get(block.site)?.name.length ?? 0), 36)
        for (const bus of block.rows.flat()) {
            const { x, y, length } = bar.get(bus)!
            words?.take(x, y - 6, length, 44)
            words?.take(x + length + 4, y - 8, 108, 22)
        }
    }
    const legs: (readonly [number, number, number, number])[] = []
    const trunks: { branch: BranchJson; leg: readonly [number, number, number, number] }[] = []
    for (const branch of region.json.network.branch) {
        const a = ends.get(`${branch.id}@${branch.fromBus}`)
        const b = ends.get(`${branch.id}@${branch.toBus}`)
        if (!a || !b) continue
        const component = `branch/${branch.id}`
        const kv = kvOf(region, branch.fromBus)
        items.push({
            kind: 'wire',
            component,
            baseKv: kv,
            trunk: true,
            path: [[a.x, a.y], ...a.way, ...[...b.way].reverse(), [b.x, b.y]],
        })
        const [[ax, ay], [bx, by]] = [a.way.at(-1)!, b.way.at(-1)!]
        const leg = [ax, ay, bx, by] as const
        legs.push(leg)
        trunks.push({ branch, leg })
        for (const [bus, end] of [
            [branch.fromBus, a],
            [branch.toBus, b],
        ] as const)
            for (const s of switchAt(region, component, bus))
                items.push({
                    kind: 'switch',
                    id: s.id,
                    device: s.kind,
                    x: end.x,
                    y: end.y + (end.up ? -12 : 12),
                    angleDeg: 90,
                    small: true,
                })
    }
    for (const { branch, leg } of trunks) {
        const component = `branch/${branch.id}`
        const [ax, ay, bx, by] = leg
        const { share, x, y, anchor } = words?.along(leg, legs) ?? {
            share: 0.5,
            x: (ax + bx) / 2,
            y: (ay + by) / 2,
            anchor: 'start' as const,
        }
        const [mx, my] = [ax + (bx - ax) * share, ay + (by - ay) * share]
        const angleDeg = (Math.atan2(by - ay, bx - ax) * 180) / Math.PI
        items.push({ kind: 'flow', component, point: `${component}/pFromMw`, x: mx, y: my, angleDeg })
        items.push({ kind: 'value', point: `${component}/pFromMw`, x, y, anchor })
        if (branch.kind === 'transformer')
            items.push({
                kind: 'transformer',
                component,
                kvA: kvOf(region, branch.fromBus),
                kvB: kvOf(region, branch.toBus),
                x: mx,
                y: my,
                angleDeg,
                size: 9,
            })
    }
    for (const block of blocks) addBlock(block)
    return bounded(outline ? items.filter((i) => !outlineLeavesOut(i)) : items)

    function addBlock(block: Block) {
        items.push({ kind: 'name', component: `site/${block.site}`, x: block.x, y: block.y + 16, anchor: 'start', level: 'site' })
        const done = new Set<BranchJson>()
        for (const bus of block.rows.flat()) {
            const { x, y, length } = bar.get(bus)!
            const kv = kvOf(region, bus)
            items.push({ kind: 'bar', component: `bus/${bus}`, baseKv: kv, x, y, length })
            items.push({ kind: 'value', point: `bus/${bus}/vmPu`, x: x + length + 6, y: y + 4, anchor: 'start' })
            hanging(bus).forEach((component, n) => {
                const ux = x + (n + 0.5) * pitch
                items.push({
                    kind: 'wire',
                    component,
                    baseKv: kv,
                    path: [
                        [ux, y],
                        [ux, y + 20],
                    ],
                })
                if (!isBranch(component))
                    for (const s of switchAt(region, component, bus))
                        items.push({ kind: 'switch', id: s.id, device: s.kind, x: ux, y: y + 12, angleDeg: 90, small: true })
                items.push({
                    kind: 'symbol',
                    shape: isBranch(component) ? 'feeder' : shapeOf(region, component),
                    component,
                    baseKv: kv,
                    x: ux,
                    y: y + 20,
                    down: true,
                    size: 8,
                })
            })
            for (const branch of inner(bus)) {
                if (done.has(branch)) continue
                done.add(branch)
                addInner(branch, done.size - 1)
            }
        }
    }

    /** A transformer or coupler inside a block. */
    function addInner(branch: BranchJson, lane: number) {
        const component = `branch/${branch.id}`
        const [upper, lower] =
            bar.get(branch.fromBus)!.row <= bar.get(branch.toBus)!.row ? [branch.fromBus, branch.toBus] : [branch.toBus, branch.fromBus]
        const a = bar.get(upper)!
        const b = bar.get(lower)!
        const order = inner(upper).indexOf(branch)
        const belowOuter = a.row === 0 ? 0 : outer(upper).length
        const xa = a.x + (hanging(upper).length + belowOuter + order + 0.5) * pitch
        const xb = b.x + (inner(lower).indexOf(branch) + 0.5) * (b.length / (inner(lower).length + 0.5))
        const laneY = a.row === b.row ? a.y + 60 + (lane % 4) * 5 : a.y + 52 + (lane % 4) * 6
        items.push({
            kind: 'wire',
            component,
            baseKv: kvOf(region, upper),
            path: [
                [xa, a.y],
                [xa, a.y + 34],
            ],
        })
        items.push({
            kind: 'wire',
            component,
            baseKv: kvOf(region, lower),
            path: [
                [xa, a.y + 34],
                [xa, laneY],
                [xb, laneY],
                [xb, b.y],
            ],
        })
        for (const s of switchAt(region, component, upper))
            items.push({ kind: 'switch', id: s.id, device: s.kind, x: xa, y: a.y + 12, angleDeg: 90, small: true })
        for (const s of switchAt(region, component, lower))
            items.push({ kind: 'switch', id: s.id, device: s.kind, x: xb, y: b.y - 9, angleDeg: 90, small: true })
        if (branch.kind === 'transformer')
            items.push({
                kind: 'transformer',
                component,
                kvA: kvOf(region, upper),
                kvB: kvOf(region, lower),
                x: xa,
                y: a.y + 34,
                angleDeg: 90,
                size: 7,
            })
    }
}

/** Switches, units and numbers of lines are left to the pictures of their own. */
const outlineLeavesOut = (item: Item): boolean =>
    item.kind === 'switch' ||
    item.kind === 'symbol' ||
    item.kind === 'value' ||
    (item.kind === 'wire' && !item.trunk && !item.component.startsWith('branch/'))
