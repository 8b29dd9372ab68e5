/**
 * One stream of gestures from mouse, touch, pen and keyboard: drag pans, right drag or two fingers turn, wheel and pinch
 * zoom, a tap selects, a double tap, long press or Enter opens. Everything ends in the same few calls.
 */
export interface Gestures {
    pan(right: number, up: number): void
    turn(heading: number, pitch: number): void
    zoom(factor: number, x: number, y: number): void
    hold(held: boolean, coast?: boolean): void
    /** canvas pixels; undefined when the pointer leaves */
    hover(place: { x: number; y: number } | undefined): void
    tap(x: number, y: number): void
    open(x: number, y: number): void
    key(name: 'open' | 'clear' | 'overview' | 'next' | 'previous'): void
}

const tapSlopPx = 7
const longPressMs = 550
const doubleTapMs = 320

/** Listens on a canvas; returns its clean-up. */
export function listen(canvas: HTMLCanvasElement, gestures: Gestures): () => void {
    const fingers = new Map<number, { x: number; y: number }>()
    let moved = 0
    let turning = false
    let press: ReturnType<typeof setTimeout> | undefined
    let opened = false
    let lastTap = { t: -1e9, x: 0, y: 0 }
    let lastMoveT = 0
    const at = (e: { clientX: number; clientY: number }) => {
        const box = canvas.getBoundingClientRect()
        return { x: e.clientX - box.left, y: e.clientY - box.top, height: Math.max(1, box.height) }
    }
    const spread = () => {
        const [a, b] = [...fingers.values()]
        return a && b
            ? { d: Math.hypot(a.x - b.x, a.y - b.y), angle: Math.atan2(b.y - a.y, b.x - a.x), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
            : undefined
    }
    const down = (e: PointerEvent) => {
        const p = at(e)
        canvas.setPointerCapture(e.pointerId)
        fingers.set(e.pointerId, p)
        gestures.hold(true, false)
        moved = fingers.size > 1 ? 1e3 : 0
        opened = false
        turning = e.button === 2 || e.button === 1 || e.ctrlKey || e.shiftKey
        clearTimeout(press)
        if (e.pointerType !== 'mouse' && fingers.size === 1)
            press = setTimeout(() => {
                opened = true
                gestures.open(p.x, p.y)
            }, longPressMs)
    }
    const move = (e: PointerEvent) => {
        const p = at(e)
        const before = fingers.get(e.pointerId)
        if (!before) {
            gestures.hover(p)
            return
        }
        const two = fingers.size === 2 ? spread() : undefined
        fingers.set(e.pointerId, p)
        const dx = p.x - before.x
        const dy = p.y - before.y
        moved += Math.hypot(dx, dy)
        if (moved > tapSlopPx) clearTimeout(press)
        else return
        lastMoveT = e.timeStamp
        if (two) {
            const now = spread()!
            if (two.d > 0) gestures.zoom(now.d / two.d, now.x, now.y)
            let turn = now.angle - two.angle
            turn = Math.atan2(Math.sin(turn), Math.cos(turn))
            gestures.turn(-turn, ((now.y - two.y) / p.height) * 1.2)
            gestures.pan(-(now.x - two.x) / p.height, 0)
        } else if (turning) gestures.turn((dx / p.height) * 2.6, (dy / p.height) * 2)
        else gestures.pan(-dx / p.height, dy / p.height)
    }
    const up = (e: PointerEvent) => {
        const p = at(e)
        clearTimeout(press)
        if (!fingers.delete(e.pointerId)) return
        if (fingers.size > 0) return
        gestures.hold(false, e.timeStamp - lastMoveT < 60)
        if (moved > tapSlopPx || opened || e.type === 'pointercancel' || turning) return
        const double = e.timeStamp - lastTap.t < doubleTapMs && Math.hypot(p.x - lastTap.x, p.y - lastTap.y) < 24
        lastTap = { t: double ? -1e9 : e.timeStamp, x: p.x, y: p.y }
        if (double) gestures.open(p.x, p.y)
        else gestures.tap(p.x, p.y)
    }
    const leave = () => {
        if (fingers.size === 0) gestures.hover(undefined)
    }
    const wheel = (e: WheelEvent) => {
        e.preventDefault()
        const p = at(e)
        const pixels = e.deltaMode === 1 ? e.deltaY * 30 : e.deltaY
        gestures.zoom(Math.exp(-Math.max(-240, Math.min(240, pixels)) * 0.0016), p.x, p.y)
    }
    const key = (e: KeyboardEvent) => {
        if (e.altKey || e.metaKey || e.ctrlKey) return
        const step = 0.09
        const box = canvas.getBoundingClientRect()
        const acts: Record<string, () => void> = {
            ArrowLeft: () => (e.shiftKey ? gestures.turn(-0.12, 0) : gestures.pan(-step, 0)),
            ArrowRight: () => (e.shiftKey ? gestures.turn(0.12, 0) : gestures.pan(step, 0)),
            ArrowUp: () => (e.shiftKey ? gestures.turn(0, 0.08) : gestures.pan(0, step)),
            ArrowDown: () => (e.shiftKey ? gestures.turn(0, -0.08) : gestures.pan(0, -step)),
            '+': () => gestures.zoom(1.25, box.width / 2, box.height / 2),
            '=': () => gestures.zoom(1.25, box.width / 2, box.height / 2),
            '-': () => gestures.zoom(0.8, box.width / 2, box.height / 2),
            Home: () => gestures.key('overview'),
            Enter: () => gestures.key('open'),
            Escape: () => gestures.key('clear'),
            '.': () => gestures.key('next'),
            ',': () => gestures.key('previous'),
        }
        const act = acts[e.key]
        if (!act) return
        e.preventDefault()
        act()
    }
    const menu = (e: Event) => e.preventDefault()
    canvas.addEventListener('pointerdown', down)
    canvas.addEventListener('pointermove', move)
    canvas.addEventListener('pointerup', up)
    canvas.addEventListener('pointercancel', up)
    canvas.addEventListener('pointerleave', leave)
    canvas.addEventListener('wheel', wheel, { passive: false })
    canvas.addEventListener('keydown', key)
    canvas.addEventListener('contextmenu', menu)
    const touchAction = canvas.style.touchAction
    canvas.style.touchAction = 'none'
    return () => {
        clearTimeout(press)
        canvas.removeEventListener('pointerdown', down)
        canvas.removeEventListener('pointermove', move)
        canvas.removeEventListener('pointerup', up)
        canvas.removeEventListener('pointercancel', up)
        canvas.removeEventListener('pointerleave', leave)
        canvas.removeEventListener('wheel', wheel)
        canvas.removeEventListener('keydown', key)
        canvas.removeEventListener('contextmenu', menu)
        canvas.style.touchAction = touchAction
    }
}
