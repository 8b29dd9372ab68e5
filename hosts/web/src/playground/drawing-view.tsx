/** The canvas of the drawing: drag moves, the wheel zooms, a click picks; arrows, plus and minus do the same by key. */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import { t } from '../text/index.ts'
import type { CaseView } from './contract.ts'
import {
    branchLevel,
    busLevel,
    type Camera,
    drawNetwork,
    fitCamera,
    type Level,
    type Palette,
    type Picked,
    pickAt,
    zoomAt,
} from './drawing.ts'

const colours: Record<keyof Palette, string> = {
    none: '--dim',
    ok: '--dim',
    near: '--medium',
    over: '--critical',
    dead: '--line',
    text: '--text',
    dim: '--dim',
    pick: '--accent',
    back: '--canvas',
}
const legend: readonly (readonly [Level, string])[] = [
    ['ok', '≤ 80 %'],
    ['near', '80–100 %'],
    ['over', '> 100 %'],
]

export function Drawing({ view, picked, onPick }: { view: CaseView; picked: Picked; onPick: (picked: Picked) => void }) {
    const canvas = useRef<HTMLCanvasElement>(null)
    const camera = useRef<Camera>({ x: 0, y: 0, scale: 1 })
    const drag = useRef<{ x: number; y: number; moved: boolean }>(undefined)
    const [size, setSize] = useState({ width: 0, height: 0 })
    const frame = useRef(0)

    const draw = () => {
        const element = canvas.current
        const context = element?.getContext('2d')
        if (!element || !context || size.width === 0) return
        const ratio = devicePixelRatio || 1
        if (element.width !== Math.round(size.width * ratio) || element.height !== Math.round(size.height * ratio)) {
            element.width = Math.round(size.width * ratio)
            element.height = Math.round(size.height * ratio)
        }
        context.setTransform(ratio, 0, 0, ratio, 0, 0)
        const style = getComputedStyle(element)
        const palette = Object.fromEntries(
            Object.entries(colours).map(([name, property]) => [name, style.getPropertyValue(property)]),
        ) as Palette
        drawNetwork(context, view, camera.current, size.width, size.height, palette, picked)
    }
    const soon = () => {
        cancelAnimationFrame(frame.current)
        frame.current = requestAnimationFrame(draw)
    }
    const move = (next: Camera) => {
        camera.current = next
        soon()
    }

    useEffect(() => {
        const element = canvas.current!
        const watch = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }))
        watch.observe(element)
        return () => watch.disconnect()
    }, [])
    useEffect(() => {
        camera.current = fitCamera(view.bus, size.width, size.height)
    }, [view, size])
    useEffect(soon)
    useEffect(() => {
        const element = canvas.current!
        // a wheel listener that may keep the page from scrolling
        const wheel = (event: WheelEvent) => {
            event.preventDefault()
            const { left, top } = element.getBoundingClientRect()
            move(
                zoomAt(
                    camera.current,
                    Math.exp(-event.deltaY / 400),
                    event.clientX - left,
                    event.clientY - top,
                    element.clientWidth,
                    element.clientHeight,
                ),
            )
        }
        element.addEventListener('wheel', wheel, { passive: false })
        return () => element.removeEventListener('wheel', wheel)
    })

    const down = (event: PointerEvent<HTMLCanvasElement>) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        drag.current = { x: event.clientX, y: event.clientY, moved: false }
    }
    const slide = (event: PointerEvent) => {
        const from = drag.current
        if (!from) return
        const [dx, dy] = [event.clientX - from.x, event.clientY - from.y]
        if (!from.moved && Math.hypot(dx, dy) < 4) return
        drag.current = { x: event.clientX, y: event.clientY, moved: true }
        move({ ...camera.current, x: camera.current.x - dx / camera.current.scale, y: camera.current.y - dy / camera.current.scale })
    }
    const up = (event: PointerEvent<HTMLCanvasElement>) => {
        const from = drag.current
        drag.current = undefined
        if (!from || from.moved) return
        const { left, top } = event.currentTarget.getBoundingClientRect()
        onPick(pickAt(view, camera.current, size.width, size.height, event.clientX - left, event.clientY - top))
    }
    const key = (event: KeyboardEvent) => {
        const { x, y, scale } = camera.current
        const by = 60 / scale
        const steps: Record<string, Camera> = {
            ArrowLeft: { x: x - by, y, scale },
            ArrowRight: { x: x + by, y, scale },
            ArrowUp: { x, y: y - by, scale },
            ArrowDown: { x, y: y + by, scale },
            '+': { x, y, scale: scale * 1.25 },
            '-': { x, y, scale: scale / 1.25 },
            '0': fitCamera(view.bus, size.width, size.height),
        }
        const next = steps[event.key]
        if (!next) return
        event.preventDefault()
        move(next)
    }
    return (
        <figure className="play-drawing">
            <canvas
                ref={canvas}
                tabIndex={0}
                role="img"
                aria-label={t('playground.drawing', { name: view.name })}
                data-testid="play-canvas"
                onPointerDown={down}
                onPointerMove={slide}
                onPointerUp={up}
                onKeyDown={key}
            />
            <figcaption>
                {legend.map(([level, text]) => (
                    <span key={level}>
                        <i style={{ background: `var(${colours[level]})` }} /> {text}
                    </span>
                ))}
                <span>■ {t('playground.generates')}</span>
                <span>● {t('playground.bus')}</span>
            </figcaption>
            {picked && (
                <aside className="play-card" data-testid="play-card">
                    <Card view={view} picked={picked} />
                </aside>
            )}
        </figure>
    )
}

function Card({ view, picked }: { view: CaseView; picked: NonNullable<Picked> }) {
    if (picked.kind === 'bus') {
        const bus = view.bus[picked.row]!
        return (
            <>
                <b>{t('playground.busName', { id: bus.id, name: bus.name })}</b>
                <span className={`play-${busLevel(bus)}`}>
                    {Number.isNaN(bus.vmPu) ? '–' : `${bus.vmPu.toFixed(4)} p.u.  ${bus.vaDeg.toFixed(2)}°`}
                </span>
                <span className="dim">
                    {bus.vMinPu}–{bus.vMaxPu} p.u. · {bus.baseKv} kV
                </span>
                <span>{t('playground.busPower', { generation: bus.generationMw.toFixed(1), load: bus.loadMw.toFixed(1) })}</span>
            </>
        )
    }
    const branch = view.branch[picked.row]!
    const [from, to] = [view.bus[branch.from], view.bus[branch.to]]
    return (
        <>
            <b>{t('playground.branchName', { id: branch.id, from: from?.id ?? '–', to: to?.id ?? '–' })}</b>
            <span>{Number.isNaN(branch.pFromMw) ? '–' : `${branch.pFromMw.toFixed(2)} MW  ${branch.qFromMvar.toFixed(2)} Mvar`}</span>
            <span className={`play-${branchLevel(branch)}`}>
                {branch.loadingPercent === null ? t('playground.noRating') : `${branch.loadingPercent.toFixed(1)} %`}
            </span>
        </>
    )
}
