/**
 * Where the diagram's things stand, computed from the region alone: same record, same picture. Three pictures: a
 * substation by bays (busbars by voltage, one column per bay), a feeder as a tree, and the region as small substations
 * placed by geography. Lengths are SVG units; y grows downwards.
 */
import type { BranchJson, RegionIndex } from '../model/region.ts'

export type Shape = 'generator' | 'wind' | 'pv' | 'hydro' | 'storage' | 'load' | 'shunt' | 'line' | 'feeder'

export type Item =
    | {
          readonly kind: 'bar'
          readonly component: string
          readonly baseKv: number
          readonly x: number
          readonly y: number
          readonly length: number
          readonly upright?: boolean
      }
    | {
          readonly kind: 'wire'
          readonly component: string
          readonly baseKv: number
          readonly path: readonly (readonly [number, number])[]
          readonly tie?: boolean
          readonly trunk?: boolean
      }
    | {
          readonly kind: 'switch'
          readonly id: string
          readonly device: string
          readonly x: number
          readonly y: number
          readonly angleDeg: number
          readonly small: boolean
      }
    | {
          readonly kind: 'symbol'
          readonly shape: Shape
          readonly component: string
          readonly baseKv: number
          readonly x: number
          readonly y: number
          readonly down: boolean
          readonly size: number
      }
    | {
          readonly kind: 'transformer'
          readonly component: string
          readonly kvA: number
          readonly kvB: number
          readonly x: number
          readonly y: number
          readonly angleDeg: number
          readonly size: number
      }
    /** flow arrow: along the wire, towards `angleDeg` while the point is positive */
    | {
          readonly kind: 'flow'
          readonly component: string
          readonly point: string
          readonly x: number
          readonly y: number
          readonly angleDeg: number
      }
    | {
          readonly kind: 'name'
          readonly component: string
          readonly x: number
          readonly y: number
          readonly anchor: 'start' | 'middle' | 'end'
          readonly level: 'site' | 'bus' | 'bay' | 'id'
      }
    | {
          readonly kind: 'value'
          readonly point: string
          readonly x: number
          readonly y: number
          readonly anchor: 'start' | 'middle' | 'end'
      }

export interface Diagram {
    readonly items: readonly Item[]
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
}

const slot = 124
const bay = 150

/** Sites that have a picture of their own; a feeder's buses share the picture of the feeder. */
export function isFeederBus(region: RegionIndex, bus: number): boolean {
    return region.site.get(region.bus.get(bus)?.site ?? '')?.kind === 'feeder'
}

export function shapeOf(region: RegionIndex, component: string): Shape {
    if (component.startsWith('load/')) return 'load'
    if (component.startsWith('storage/')) return 'storage'
    if (component.startsWith('shunt/')) return 'shunt'
    const kind = region.unit.get(component)?.kind
    return kind === 'wind' || kind === 'pv' || kind === 'hydro' ? kind : 'generator'
}

const isBranch = (component: string) => component.startsWith('branch/')
const branchOf = (region: RegionIndex, component: string): BranchJson => region.branch.get(component.slice('branch/'.length))!
const otherEnd = (branch: BranchJson, bus: number) => (branch.fromBus === bus ? branch.toBus : branch.fromBus)
const kvOf = (region: RegionIndex, bus: number) => region.bus.get(bus)?.baseKv ?? 0
const flowPoint = (branch: BranchJson, bus: number) => `branch/${branch.id}/${branch.fromBus === bus ? 'pFromMw' : 'pToMw'}`

function switchAt(region: RegionIndex, component: string, bus: number) {
    return (region.switchesOf.get(component) ?? []).filter((s) => s.bus === bus)
}

// ── a substation by bays ───────────────────────────────────────────────────────────────────────────────────────────

export function layoutSite(region: RegionIndex, siteId: string): Diagram {
    const items: Item[] = []
    const buses = [...(region.busesOfSite.get(siteId) ?? [])].sort((a, b) => kvOf(region, b) - kvOf(region, a) || a - b)
    const here = new Set(buses)
    const levels = [...new Set(buses.map((b) => kvOf(region, b)))]
    const inner = [...new Set(buses.flatMap((b) => (region.atBus.get(b) ?? []).filter(isBranch)))]
        .map((c) => branchOf(region, c))
        .filter((b) => here.has(b.fromBus) && here.has(b.toBus))
    const rowOf = (bus: number) => levels.indexOf(kvOf(region, bus))

    // bays of each busbar: what leaves on top and what leaves below
    const sides = new Map(
        buses.map((bus) => {
            const all = region.atBus.get(bus) ?? []
            const lines = all.filter((c) => isBranch(c) && !here.has(otherEnd(branchOf(region, c), bus)))
            const units = all.filter((c) => !isBranch(c))
            const couplers = inner.filter((b) => b.fromBus === bus || b.toBus === bus)
            const down = couplers.filter((b) => rowOf(otherEnd(b, bus)) > rowOf(bus)).map((b) => `branch/${b.id}`)
            const up = couplers.filter((b) => rowOf(otherEnd(b, bus)) <= rowOf(bus)).map((b) => `branch/${b.id}`)
            return [
                bus,
                rowOf(bus) === 0
                    ? { top: [...lines, ...up], bottom: [...down, ...units] }
                    : { top: up, bottom: [...lines, ...down, ...units] },
            ] as const
        }),
    )
    const lanes = levels.map((_, r) => inner.filter((b) => Math.min(rowOf(b.fromBus), rowOf(b.toBus)) === r).length)
    const rowY: number[] = []
    let y = bay + 40
    for (let r = 0; r < levels.length; r++) {
        rowY.push(y)
        y += bay + 90 + lanes[r]! * 22 + (r + 1 < levels.length ? 70 : 0)
    }
    // busbars of one voltage stand side by side
    const barX = new Map<number, { x: number; length: number }>()
    const nextX = levels.map(() => 0)
    for (const bus of buses) {
        const { top, bottom } = sides.get(bus)!
        const length = Math.max(2, top.length, bottom.length) * slot
        const r = rowOf(bus)
        barX.set(bus, { x: nextX[r]!, length })
        nextX[r] = nextX[r]! + length + 150
    }
    const widest = Math.max(0, ...nextX)
    for (const bus of buses) {
        const place = barX.get(bus)!
        place.x += (widest - nextX[rowOf(bus)]!) / 2
    }
    const slotX = (bus: number, side: 'top' | 'bottom', component: string) => {
        const place = barX.get(bus)!
        const list = sides.get(bus)![side]
        const at = list.indexOf(component)
        return place.x + (place.length / list.length) * (at + 0.5)
    }

    for (const bus of buses) {
        const { x, length } = barX.get(bus)!
        const barY = rowY[rowOf(bus)]!
        const kv = kvOf(region, bus)
        items.push({ kind: 'bar', component: `bus/${bus}`, baseKv: kv, x, y: barY, length })
        items.push({ kind: 'name', component: `bus/${bus}`, x: x - 10, y: barY - 12, anchor: 'end', level: 'bus' })
        items.push({ kind: 'value', point: `bus/${bus}/vmPu`, x: x - 10, y: barY + 6, anchor: 'end' })
        items.push({ kind: 'value', point: `bus/${bus}/vaDeg`, x: x - 10, y: barY + 24, anchor: 'end' })
        const { top, bottom } = sides.get(bus)!
        for (const component of top) if (!isInner(component)) addBay(component, bus, slotX(bus, 'top', component), barY, -1)
        for (const component of bottom) if (!isInner(component)) addBay(component, bus, slotX(bus, 'bottom', component), barY, 1)
    }
    const laneOf = levels.map(() => 0)
    for (const branch of inner) addCoupler(branch)
    return bounded(items)

    function isInner(component: string) {
        return isBranch(component) && here.has(branchOf(region, component).fromBus) && here.has(branchOf(region, component).toBus)
    }

    /** One bay from the bar at `barY` away in direction `sense` (−1 up, 1 down). */
    function addBay(component: string, bus: number, x: number, barY: number, sense: 1 | -1) {
        const kv = kvOf(region, bus)
        const at = (d: number) => barY + sense * d
        items.push({
            kind: 'wire',
            component,
            baseKv: kv,
            path: [
                [x, barY],
                [x, at(104)],
            ],
        })
        switchAt(region, component, bus).forEach((s, n) => {
            items.push({ kind: 'switch', id: s.id, device: s.kind, x, y: at(30 + 26 * n), angleDeg: 90, small: false })
        })
        if (isBranch(component)) {
            const branch = branchOf(region, component)
            const point = flowPoint(branch, bus)
            if (branch.kind === 'transformer')
                items.push({
                    kind: 'transformer',
                    component,
                    kvA: kv,
                    kvB: kvOf(region, otherEnd(branch, bus)),
                    x,
                    y: at(78),
                    angleDeg: 90,
                    size: 12,
                })
            else items.push({ kind: 'flow', component, point, x, y: at(66), angleDeg: sense * 90 })
            items.push({
                kind: 'symbol',
                shape: isFeederBus(region, otherEnd(branch, bus)) ? 'feeder' : 'line',
                component,
                baseKv: kv,
                x,
                y: at(108),
                down: sense > 0,
                size: 12,
            })
            items.push({
                kind: 'name',
                component: `bus/${otherEnd(branch, bus)}`,
                x,
                y: at(sense > 0 ? 134 : 126),
                anchor: 'middle',
                level: 'bay',
            })
            items.push({ kind: 'value', point, x: x + 9, y: at(66) - 4, anchor: 'start' })
            items.push({
                kind: 'value',
                point: point.replace('pFromMw', 'qFromMvar').replace('pToMw', 'qToMvar'),
                x: x + 9,
                y: at(66) + 13,
                anchor: 'start',
            })
            items.push({ kind: 'value', point: `branch/${branch.id}/loadingPercent`, x: x + 9, y: at(66) + 30, anchor: 'start' })
            return
        }
        items.push({ kind: 'symbol', shape: shapeOf(region, component), component, baseKv: kv, x, y: at(104), down: sense > 0, size: 16 })
        items.push({
            kind: 'value',
            point: `${component}/${component.startsWith('shunt/') ? 'qMvar' : 'pMw'}`,
            x: x + 9,
            y: at(62),
            anchor: 'start',
        })
        if (!component.startsWith('shunt/'))
            items.push({ kind: 'value', point: `${component}/qMvar`, x: x + 9, y: at(62) + 17, anchor: 'start' })
        items.push({ kind: 'name', component, x, y: at(sense > 0 ? 153 : 144), anchor: 'middle', level: 'bay' })
    }

    /** A branch between two busbars of this site: a transformer between rows, or a coupler over one row. */
    function addCoupler(branch: BranchJson) {
        const component = `branch/${branch.id}`
        const [upper, lower] =
            rowOf(branch.fromBus) <= rowOf(branch.toBus) ? [branch.fromBus, branch.toBus] : [branch.toBus, branch.fromBus]
        const r = rowOf(upper)
        const flat = r === rowOf(lower)
        const xa = slotX(upper, flat ? 'top' : 'bottom', component)
        const xb = slotX(lower, 'top', component)
        const ya = rowY[r]!
        const yb = rowY[rowOf(lower)]!
        const lane = laneOf[r]!
        laneOf[r] = lane + 1
        const laneY = flat ? ya - 70 - lane * 22 : ya + 118 + lane * 22
        const kvA = kvOf(region, upper)
        const kvB = kvOf(region, lower)
        const sense = flat ? -1 : 1
        const middle = ya + sense * 78
        items.push({
            kind: 'wire',
            component,
            baseKv: kvA,
            path: [
                [xa, ya],
                [xa, middle],
            ],
        })
        items.push({
            kind: 'wire',
            component,
            baseKv: kvB,
            path: [
                [xa, middle],
                [xa, laneY],
                [xb, laneY],
                [xb, yb],
            ],
        })
        for (const s of switchAt(region, component, upper))
            items.push({ kind: 'switch', id: s.id, device: s.kind, x: xa, y: ya + sense * 30, angleDeg: 90, small: false })
        for (const s of switchAt(region, component, lower))
            items.push({ kind: 'switch', id: s.id, device: s.kind, x: xb, y: yb - 30, angleDeg: 90, small: false })
        if (branch.kind === 'transformer')
            items.push({ kind: 'transformer', component, kvA, kvB, x: xa, y: middle, angleDeg: 90, size: 13 })
        items.push({ kind: 'value', point: flowPoint(branch, upper), x: xa + 22, y: middle - 8, anchor: 'start' })
        items.push({ kind: 'value', point: `${component}/loadingPercent`, x: xa + 22, y: middle + 9, anchor: 'start' })
        if (branch.kind === 'transformer')
            items.push({ kind: 'value', point: `${component}/tapPosition`, x: xa + 22, y: middle + 26, anchor: 'start' })
        items.push({ kind: 'name', component, x: xa - 20, y: middle + 4, anchor: 'end', level: 'id' })
        items.push({ kind: 'flow', component, point: flowPoint(branch, upper), x: xb, y: yb - 62, angleDeg: 90 })
    }
}

// ── a feeder as a tree ─────────────────────────────────────────────────────────────────────────────────────────────

/** The feeder a bus belongs to: the substation bus that feeds it and every bus behind that. */
export function feederOf(region: RegionIndex, bus: number): { readonly root: number; readonly buses: readonly number[] } {
    const seen = new Set([bus])
    const queue = [bus]
    let root = isFeederBus(region, bus) ? undefined : bus
    for (let n = 0; n < queue.length; n++)
        for (const component of region.atBus.get(queue[n]!) ?? []) {
            if (!isBranch(component)) continue
            const branch = branchOf(region, component)
            const next = otherEnd(branch, queue[n]!)
            if (seen.has(next)) continue
            if (!isFeederBus(region, next)) {
                if (root === undefined && kvOf(region, next) === kvOf(region, bus)) root = next
                continue
            }
            seen.add(next)
            queue.push(next)
        }
    const first = root ?? Math.min(...seen)
    seen.add(first)
    return { root: first, buses: [...seen] }
}

export function layoutFeeder(region: RegionIndex, root: number): Diagram {
    const items: Item[] = []
    const { buses } = feederOf(region, root)
    const here = new Set(buses)
    const inService = (b: BranchJson) => (region.switchesOf.get(`branch/${b.id}`) ?? []).every((s) => s.closed)
    const joined = (bus: number) =>
        (region.atBus.get(bus) ?? [])
            .filter(isBranch)
            .map((c) => branchOf(region, c))
            .filter((b) => here.has(b.fromBus) && here.has(b.toBus))
    // tree: breadth first over what is closed in the record, then over the rest
    const parent = new Map<number, BranchJson | undefined>([[root, undefined]])
    const children = new Map<number, number[]>()
    for (const onlyClosed of [true, false]) {
        const queue = [...parent.keys()]
        for (let n = 0; n < queue.length; n++) {
            const bus = queue[n]!
            for (const branch of joined(bus)) {
                const next = otherEnd(branch, bus)
                if (parent.has(next) || (onlyClosed && !inService(branch))) continue
                parent.set(next, branch)
                children.set(bus, [...(children.get(bus) ?? []), next])
                queue.push(next)
            }
        }
    }
    const sizes = new Map<number, number>()
    const depthOf = (bus: number): number => {
        const known = sizes.get(bus)
        if (known !== undefined) return known
        const own = 1 + Math.max(0, ...(children.get(bus) ?? []).map(depthOf))
        sizes.set(bus, own)
        return own
    }
    depthOf(root)
    const place = new Map<number, { x: number; y: number }>()
    const stepX = 132
    const stepY = 144
    let lowest = 0
    // the longest way keeps the line straight; side branches start on rows of their own
    const put = (bus: number, depth: number, row: number) => {
        place.set(bus, { x: depth * stepX, y: row * stepY })
        const kids = [...(children.get(bus) ?? [])].sort((a, b) => sizes.get(b)! - sizes.get(a)! || a - b)
        kids.forEach((kid, n) => {
            if (n === 0) put(kid, depth + 1, row)
            else {
                lowest++
                put(kid, depth + 1, lowest)
            }
        })
    }
    put(root, 0, 0)
    const drawn = new Set<string>()
    for (const [bus, { x, y }] of place) {
        const kv = kvOf(region, bus)
        items.push({ kind: 'bar', component: `bus/${bus}`, baseKv: kv, x, y: y - 20, length: 40, upright: true })
        items.push({ kind: 'name', component: `bus/${bus}`, x: x + 5, y: y - 26, anchor: 'start', level: 'bay' })
        items.push({ kind: 'value', point: `bus/${bus}/vmPu`, x: x + 5, y: y - 44, anchor: 'start' })
        const units = (region.atBus.get(bus) ?? []).filter((c) => !isBranch(c))
        units.forEach((component, n) => {
            const ux = x + n * 26
            items.push({
                kind: 'wire',
                component,
                baseKv: kv,
                path:
                    n === 0
                        ? [
                              [x, y + 20],
                              [x, y + 34],
                          ]
                        : [
                              [x, y + 24],
                              [ux, y + 24],
                              [ux, y + 34],
                          ],
            })
            for (const s of switchAt(region, component, bus))
                items.push({ kind: 'switch', id: s.id, device: s.kind, x: ux, y: y + 29, angleDeg: 90, small: true })
            items.push({ kind: 'symbol', shape: shapeOf(region, component), component, baseKv: kv, x: ux, y: y + 36, down: true, size: 9 })
        })
        if (units.length === 1)
            items.push({
                kind: 'value',
                point: `${units[0]}/${units[0]!.startsWith('shunt/') ? 'qMvar' : 'pMw'}`,
                x: x + 12,
                y: y + 50,
                anchor: 'start',
            })
    }
    for (const [bus, branch] of parent) if (branch) addWire(branch, otherEnd(branch, bus), bus, false)
    for (const bus of buses)
        for (const branch of joined(bus)) if (!drawn.has(branch.id)) addWire(branch, branch.fromBus, branch.toBus, true)
    // what feeds the root
    for (const component of (region.atBus.get(root) ?? []).filter(isBranch)) {
        const branch = branchOf(region, component)
        const other = otherEnd(branch, root)
        if (here.has(other)) continue
        items.push({
            kind: 'wire',
            component,
            baseKv: kvOf(region, root),
            path: [
                [-96, 0],
                [0, 0],
            ],
        })
        if (branch.kind === 'transformer')
            items.push({
                kind: 'transformer',
                component,
                kvA: kvOf(region, other),
                kvB: kvOf(region, root),
                x: -62,
                y: 0,
                angleDeg: 0,
                size: 11,
            })
        for (const s of switchAt(region, component, root))
            items.push({ kind: 'switch', id: s.id, device: s.kind, x: -24, y: 0, angleDeg: 0, small: false })
        items.push({ kind: 'name', component: `bus/${other}`, x: -100, y: 4, anchor: 'end', level: 'bus' })
        items.push({ kind: 'value', point: flowPoint(branch, other), x: -100, y: 20, anchor: 'end' })
    }
    return bounded(items)

    function addWire(branch: BranchJson, a: number, b: number, tie: boolean) {
        drawn.add(branch.id)
        const component = `branch/${branch.id}`
        const p = place.get(a)
        const q = place.get(b)
        if (!p || !q) return
        const kv = kvOf(region, a)
        if (tie) {
            const middle: readonly [number, number] = [(p.x + q.x) / 2, (p.y + q.y) / 2 + 14]
            items.push({ kind: 'wire', component, baseKv: kv, tie: true, path: [[p.x, p.y + 14], middle, [q.x, q.y + 14]] })
            const s = (region.switchesOf.get(component) ?? [])[0]
            if (s)
                items.push({
                    kind: 'switch',
                    id: s.id,
                    device: s.kind,
                    x: middle[0],
                    y: middle[1],
                    angleDeg: (Math.atan2(q.y - p.y, q.x - p.x) * 180) / Math.PI,
                    small: true,
                })
            return
        }
        const elbow = p.x + 22
        items.push({
            kind: 'wire',
            component,
            baseKv: kv,
            path:
                p.y === q.y
                    ? [
                          [p.x, p.y],
                          [q.x, q.y],
                      ]
                    : [
                          [p.x, p.y + 12],
                          [elbow, p.y + 12],
                          [elbow, q.y],
                          [q.x, q.y],
                      ],
        })
        for (const s of switchAt(region, component, a))
            items.push({
                kind: 'switch',
                id: s.id,
                device: s.kind,
                x: p.y === q.y ? p.x + 14 : elbow + 10,
                y: q.y,
                angleDeg: 0,
                small: true,
            })
        for (const s of switchAt(region, component, b))
            items.push({ kind: 'switch', id: s.id, device: s.kind, x: q.x - 14, y: q.y, angleDeg: 0, small: true })
        items.push({ kind: 'flow', component, point: flowPoint(branch, a), x: p.x + 60, y: q.y, angleDeg: 0 })
        items.push({ kind: 'value', point: flowPoint(branch, a), x: p.x + 60, y: q.y + 19, anchor: 'middle' })
    }
}

// ── the region ─────────────────────────────────────────────────────────────────────────────────────────────────────

interface Block {
    readonly site: string
    /** busbars by voltage, highest first; those of one voltage stand side by side */
    readonly rows: readonly (readonly number[])[]
    x: number
    y: number
    readonly width: number
    readonly height: number
}

const pitch = 22
const rowHeight = 88
const headHeight = 30

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
    const barLength = (bus: number) => Math.max(4, hanging(bus).length + outer(bus).length + inner(bus).length) * pitch

    const { latDeg } = region.json
    const stretch = 1 / Math.cos((latDeg * Math.PI) / 180)
    const blocks = region.json.site.flatMap((s): Block[] => {
        const buses = (region.busesOfSite.get(s.id) ?? []).filter((b) => !isFeederBus(region, b))
        if (!buses.length) return []
        const levels = [...new Set(buses.map((b) => kvOf(region, b)))].sort((a, b) => b - a)
        const rows = levels.map((kv) => buses.filter((b) => kvOf(region, b) === kv).sort((a, b) => a - b))
        const width = Math.max(...rows.map((row) => row.reduce((sum, bus) => sum + barLength(bus) + 2 * pitch, -2 * pitch)))
        // screens are wider than tall, so is the picture
        return [{ site: s.id, rows, x: s.lonDeg * 1.7, y: -s.latDeg * stretch, width, height: headHeight + rows.length * rowHeight - 44 }]
    })
    if (!blocks.length) return bounded(items)
    spread(blocks)
    // thousands of substations are an outline; their switches and units show in their own pictures
    const outline = blocks.length > 400

    const blockOf = new Map<number, Block>()
    const bar = new Map<number, { x: number; y: number; length: number; row: number }>()
    for (const block of blocks)
        block.rows.forEach((row, r) => {
            let x = block.x
            for (const bus of row) {
                blockOf.set(bus, block)
                bar.set(bus, { x, y: block.y + headHeight + r * rowHeight, length: barLength(bus), row: r })
                x += barLength(bus) + 2 * pitch
            }
        })
    // ends of lines along each bar: the top row leaves upwards, the bottom row downwards, a lone row either way
    const ends = new Map<string, { x: number; y: number; edgeY: number; up: boolean }>()
    for (const block of blocks)
        for (const bus of block.rows.flat()) {
            const own = bar.get(bus)!
            const lone = block.rows.length === 1
            const list = outer(bus)
                .filter((b) => blockOf.has(otherEnd(b, bus)))
                .map((branch) => {
                    const other = blockOf.get(otherEnd(branch, bus))!
                    return {
                        branch,
                        up: lone ? other.y + other.height / 2 < block.y + block.height / 2 : own.row === 0,
                        toX: other.x + other.width / 2,
                    }
                })
                .sort((a, b) => a.toX - b.toX || (a.branch.id < b.branch.id ? -1 : 1))
            const up = list.filter((e) => e.up)
            const down = list.filter((e) => !e.up)
            const taken = hanging(bus).length
            up.forEach((e, n) => {
                ends.set(`${e.branch.id}@${bus}`, {
                    x: own.x + (own.length / (up.length + 1)) * (n + 1),
                    y: own.y,
                    edgeY: block.y - 16,
                    up: true,
                })
            })
            down.forEach((e, n) => {
                ends.set(`${e.branch.id}@${bus}`, { x: own.x + (taken + n + 0.5) * pitch, y: own.y, edgeY: own.y + 54, up: false })
            })
        }
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
            path: [
                [a.x, a.y],
                [a.x, a.edgeY],
                [b.x, b.edgeY],
                [b.x, b.y],
            ],
        })
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
        const angleDeg = (Math.atan2(b.edgeY - a.edgeY, b.x - a.x) * 180) / Math.PI
        // circuits side by side say their flows at different places along the way
        const twins = region.json.network.branch.filter(
            (other) =>
                Math.min(other.fromBus, other.toBus) === Math.min(branch.fromBus, branch.toBus) &&
                Math.max(other.fromBus, other.toBus) === Math.max(branch.fromBus, branch.toBus),
        )
        const share = twins.length > 1 ? 0.32 + (0.36 * twins.indexOf(branch)) / (twins.length - 1) : 0.5
        const mx = a.x + (b.x - a.x) * share
        const my = a.edgeY + (b.edgeY - a.edgeY) * share
        items.push({ kind: 'flow', component, point: `${component}/pFromMw`, x: mx, y: my, angleDeg })
        items.push({ kind: 'value', point: `${component}/pFromMw`, x: mx + 9, y: my - 5, anchor: 'start' })
        if (branch.kind === 'transformer')
            items.push({ kind: 'transformer', component, kvA: kv, kvB: kvOf(region, branch.toBus), x: mx, y: my, angleDeg, size: 9 })
    }
    for (const block of blocks) addBlock(block)
    return bounded(outline ? items.filter((i) => !outlineLeavesOut(i)) : items)

    function addBlock(block: Block) {
        items.push({ kind: 'name', component: `site/${block.site}`, x: block.x, y: block.y - 22, anchor: 'start', level: 'site' })
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

/** Geography, stretched until blocks do not touch: scale first, then push apart the shorter way, in a fixed order. */
function spread(blocks: Block[]): void {
    const xs = blocks.map((b) => b.x)
    const ys = blocks.map((b) => b.y)
    const spanX = Math.max(...xs) - Math.min(...xs) || 1
    const spanY = Math.max(...ys) - Math.min(...ys) || 1
    const side = Math.sqrt(blocks.reduce((sum, b) => sum + (b.width + 90) * (b.height + 90), 0)) * 1.25
    const scale = side / Math.sqrt(spanX * spanY)
    const x0 = Math.min(...xs)
    const y0 = Math.min(...ys)
    for (const b of blocks) {
        b.x = Math.round(((b.x - x0) * scale) / 10) * 10
        b.y = Math.round(((b.y - y0) * scale) / 10) * 10
    }
    const gap = 96
    const rounds = blocks.length > 800 ? 12 : 80
    for (let round = 0; round < rounds; round++) {
        let moved = false
        const order = [...blocks].sort((a, b) => a.y - b.y || a.x - b.x)
        const tallest = Math.max(...blocks.map((b) => b.height))
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

/** The box around all items, with a margin. */
function bounded(items: readonly Item[]): Diagram {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
    const grow = (x: number, y: number) => {
        left = Math.min(left, x)
        right = Math.max(right, x)
        top = Math.min(top, y)
        bottom = Math.max(bottom, y)
    }
    for (const item of items) {
        if (item.kind === 'wire') for (const [x, y] of item.path) grow(x, y)
        else {
            grow(item.x, item.y)
            if (item.kind === 'bar') grow(item.x + (item.upright ? 0 : item.length), item.y + (item.upright ? item.length : 0))
            if (item.kind === 'name') grow(item.x + (item.anchor === 'start' ? 90 : item.anchor === 'end' ? -110 : 0), item.y + 16)
            if (item.kind === 'value' && item.anchor === 'start') grow(item.x + 60, item.y)
        }
    }
    if (!Number.isFinite(left)) return { items, x: 0, y: 0, width: 100, height: 100 }
    const margin = 36
    return { items, x: left - margin, y: top - margin, width: right - left + 2 * margin, height: bottom - top + 2 * margin }
}
