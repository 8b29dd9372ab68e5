/** The network as a graph on a canvas: buses by voltage, branches by loading; pan, zoom, and what is under the pointer. */
import type { BranchView, BusView, CaseView } from './contract.ts'

export interface Camera {
    /** what stands in the middle of the canvas, in units of the drawing */
    readonly x: number
    readonly y: number
    /** pixels a unit */
    readonly scale: number
}

/** The whole network with a margin; a case of one place is shown at a fixed scale. */
export function fitCamera(bus: readonly Pick<BusView, 'x' | 'y'>[], width: number, height: number): Camera {
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity]
    for (const { x, y } of bus) {
        if (Number.isNaN(x)) continue
        left = Math.min(left, x)
        right = Math.max(right, x)
        top = Math.min(top, y)
        bottom = Math.max(bottom, y)
    }
    if (!(left <= right)) return { x: 0, y: 0, scale: 60 }
    const scale = Math.min((width - 48) / Math.max(right - left, 1e-9), (height - 48) / Math.max(bottom - top, 1e-9), 120)
    return { x: (left + right) / 2, y: (top + bottom) / 2, scale: Math.max(scale, 1e-3) }
}

/** The camera after a zoom that leaves the point under the pointer where it is. */
export function zoomAt(camera: Camera, factor: number, px: number, py: number, width: number, height: number): Camera {
    const scale = Math.min(Math.max(camera.scale * factor, 0.05), 2000)
    const [ux, uy] = [(px - width / 2) / camera.scale + camera.x, (py - height / 2) / camera.scale + camera.y]
    return { scale, x: ux - (px - width / 2) / scale, y: uy - (py - height / 2) / scale }
}

export type Level = 'none' | 'ok' | 'near' | 'over' | 'dead'

/** 80 and 100 % of the rating part normal, near and over. */
export function branchLevel({ inService, loadingPercent, pFromMw }: Pick<BranchView, 'inService' | 'loadingPercent' | 'pFromMw'>): Level {
    if (!inService) return 'dead'
    if (Number.isNaN(pFromMw)) return 'none'
    if (loadingPercent === null) return 'none'
    return loadingPercent > 100 ? 'over' : loadingPercent > 80 ? 'near' : 'ok'
}

/** Beyond its limits is over; within 0.5 % of one is near. */
export function busLevel({ vmPu, vMinPu, vMaxPu, energised }: Pick<BusView, 'vmPu' | 'vMinPu' | 'vMaxPu' | 'energised'>): Level {
    if (Number.isNaN(vmPu)) return 'none'
    if (!energised) return 'dead'
    const room = Math.min(vmPu - vMinPu, vMaxPu - vmPu)
    return room < -1e-6 ? 'over' : room < 0.005 ? 'near' : 'ok'
}

export type Palette = Readonly<Record<Level | 'text' | 'dim' | 'pick' | 'back', string>>

export type Picked = { readonly kind: 'bus'; readonly row: number } | { readonly kind: 'branch'; readonly row: number } | undefined

/** What is within a few pixels of a point, buses before branches. */
export function pickAt(view: CaseView, camera: Camera, width: number, height: number, px: number, py: number): Picked {
    const sx = (x: number) => (x - camera.x) * camera.scale + width / 2
    const sy = (y: number) => (y - camera.y) * camera.scale + height / 2
    let best: Picked
    let nearest = 9
    view.bus.forEach(({ x, y }, row) => {
        const distance = Math.hypot(sx(x) - px, sy(y) - py)
        if (distance < nearest) {
            nearest = distance
            best = { kind: 'bus', row }
        }
    })
    if (best) return best
    nearest = 5
    view.branch.forEach(({ from, to }, row) => {
        const [a, b] = [view.bus[from], view.bus[to]]
        if (!a || !b) return
        const [ax, ay, bx, by] = [sx(a.x), sy(a.y), sx(b.x), sy(b.y)]
        const along = ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2 || 1)
        const t = Math.min(1, Math.max(0, along))
        const distance = Math.hypot(ax + t * (bx - ax) - px, ay + t * (by - ay) - py)
        if (distance < nearest) {
            nearest = distance
            best = { kind: 'branch', row }
        }
    })
    return best
}

/** Draws everything; sizes in CSS pixels. */
export function drawNetwork(
    context: CanvasRenderingContext2D,
    view: CaseView,
    camera: Camera,
    width: number,
    height: number,
    palette: Palette,
    picked: Picked,
): void {
    context.clearRect(0, 0, width, height)
    const sx = (x: number) => (x - camera.x) * camera.scale + width / 2
    const sy = (y: number) => (y - camera.y) * camera.scale + height / 2
    const size = Math.min(8, Math.max(view.bus.length > 1000 ? 1.4 : 3, camera.scale / 9))
    const line = Math.min(3, Math.max(0.7, camera.scale / 26))
    for (const row of quietFirst(view.branch, (branch) => branchLevel(branch))) {
        const branch = view.branch[row]!
        const [a, b] = [view.bus[branch.from], view.bus[branch.to]]
        if (!a || !b || Number.isNaN(a.x) || Number.isNaN(b.x)) continue
        const level = branchLevel(branch)
        context.strokeStyle = picked?.kind === 'branch' && picked.row === row ? palette.pick : palette[level]
        context.lineWidth = level === 'over' ? line * 2 : level === 'near' ? line * 1.5 : line
        context.setLineDash(level === 'dead' ? [4, 4] : [])
        context.beginPath()
        context.moveTo(sx(a.x), sy(a.y))
        context.lineTo(sx(b.x), sy(b.y))
        context.stroke()
        if (branch.kind === 'transformer' && camera.scale > 30) {
            // two windings
            const [mx, my] = [(sx(a.x) + sx(b.x)) / 2, (sy(a.y) + sy(b.y)) / 2]
            const long = Math.hypot(sx(b.x) - sx(a.x), sy(b.y) - sy(a.y)) || 1
            const [ux, uy] = [(sx(b.x) - sx(a.x)) / long, (sy(b.y) - sy(a.y)) / long]
            for (const side of [-1, 1]) {
                context.beginPath()
                context.arc(mx + side * 0.35 * size * ux, my + side * 0.35 * size * uy, size * 0.6, 0, 2 * Math.PI)
                context.stroke()
            }
        } else if (camera.scale > 24 && Math.abs(branch.pFromMw) > 0)
            arrow(context, sx(a.x), sy(a.y), sx(b.x), sy(b.y), Math.sign(branch.pFromMw), line * 2.4)
    }
    context.setLineDash([])
    for (const row of quietFirst(view.bus, busLevel)) {
        const bus = view.bus[row]!
        if (Number.isNaN(bus.x)) continue
        const level = busLevel(bus)
        context.fillStyle = picked?.kind === 'bus' && picked.row === row ? palette.pick : palette[level]
        const [x, y] = [sx(bus.x), sy(bus.y)]
        context.beginPath()
        // a square generates, a disc does not; beyond a limit it is also larger
        const r = size * (level === 'over' ? 1.5 : 1)
        if (bus.generationMw > 0) context.rect(x - r, y - r, 2 * r, 2 * r)
        else context.arc(x, y, r, 0, 2 * Math.PI)
        context.fill()
        if (camera.scale > 70) {
            context.fillStyle = palette.text
            context.font = '11px system-ui, sans-serif'
            context.fillText(Number.isNaN(bus.vmPu) ? `${bus.id}` : `${bus.id} · ${bus.vmPu.toFixed(3)}`, x + r + 3, y - r)
        }
    }
}

/** Rows, those near or beyond a limit last, so that they lie on top. */
function quietFirst<T>(rows: readonly T[], levelOf: (row: T) => Level): number[] {
    const loud = (row: number) => Number(levelOf(rows[row]!) === 'near') + 2 * Number(levelOf(rows[row]!) === 'over')
    return [...rows.keys()].sort((a, b) => loud(a) - loud(b))
}

/** A head in the middle of a line, pointing where the power goes. */
function arrow(context: CanvasRenderingContext2D, ax: number, ay: number, bx: number, by: number, sign: number, size: number): void {
    const long = Math.hypot(bx - ax, by - ay)
    if (long < 4 * size) return
    const [ux, uy] = [(sign * (bx - ax)) / long, (sign * (by - ay)) / long]
    const [mx, my] = [(ax + bx) / 2, (ay + by) / 2]
    context.beginPath()
    context.moveTo(mx - size * (ux + 0.6 * uy), my - size * (uy - 0.6 * ux))
    context.lineTo(mx + size * ux, my + size * uy)
    context.lineTo(mx - size * (ux - 0.6 * uy), my - size * (uy + 0.6 * ux))
    context.stroke()
}
