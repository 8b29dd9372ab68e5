/**
 * Where the things of the near pictures stand, computed from the region alone: same record, same picture. A substation by
 * bays (busbars by voltage, one column per bay) and a feeder as a tree; the region is in `overview.ts`.
 */
import type { BranchJson, RegionIndex } from '../model/region.ts'
import { bounded, branchOf, type Diagram, flowPoint, type Item, isBranch, isFeederBus, kvOf, otherEnd, shapeOf, switchAt } from './items.ts'

const slot = 124
const bay = 150

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
