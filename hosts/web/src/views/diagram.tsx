/** The single-line diagram: the region, a substation by bays, a feeder as a tree. Pan, zoom, pick, all by key too. */

import { alarmPriorities } from '@gridverse/twin'
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import { bindDiagram, markAlarms, markHolds, markOutage, markPicked, markTrace } from '../diagram/bind.ts'
import { Drawing } from '../diagram/draw.tsx'
import { type Diagram, isFeederBus } from '../diagram/items.ts'
import { feederOf, layoutFeeder, layoutSite } from '../diagram/layout.ts'
import { layoutOverview } from '../diagram/overview.ts'
import { partFor } from '../diagram/part.ts'
import { busName, type RegionIndex, siteName } from '../model/region.ts'
import { placed } from '../model/security.ts'
import { alarms, beat, go, holds, link, pick, points, region, values } from '../model/state.ts'
import { trace } from '../model/tracing.ts'
import { quantityName } from '../parts/component-link.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty } from '../parts/pages.tsx'
import { useCell, useLang, useSize, useSlice } from '../parts/use.ts'
import { t } from '../text/index.ts'

interface Box {
    readonly x: number
    readonly y: number
    readonly scale: number
}

/** Which picture a link's part asks for. */
function layoutFor(index: RegionIndex, part: string): { diagram: Diagram; title: 'region' | 'site' | 'feeder'; root?: number } {
    const site = index.site.get(part)
    if (site?.kind === 'feeder') {
        const bus = index.busesOfSite.get(part)?.[0]
        if (bus !== undefined) return feeder(index, bus)
    }
    if (part.startsWith('feeder-')) return feeder(index, Number(part.slice('feeder-'.length)))
    if (site && (index.busesOfSite.get(part)?.length ?? 0) > 0) return { diagram: layoutSite(index, part), title: 'site' }
    if (site) {
        // a plant or town without busbars is shown where its units are joined to the grid
        const unit = index.json.unit.find((u) => u.site === part)
        const home = unit && index.bus.get(index.busOf.get(unit.component) ?? Number.NaN)?.site
        if (home && home !== part) return layoutFor(index, home)
    }
    return { diagram: layoutOverview(index), title: 'region' }
}
function feeder(index: RegionIndex, bus: number) {
    const { root } = feederOf(index, bus)
    return { diagram: layoutFeeder(index, root), title: 'feeder' as const, root }
}

const parseBox = (text: string): Box | undefined => {
    const [x, y, scale] = text.split(',').map(Number)
    return [x, y, scale].every((n) => n !== undefined && Number.isFinite(n)) && scale! > 0 ? { x: x!, y: y!, scale: scale! } : undefined
}

/** room kept free on top for the chooser, px */
const headPx = 44

function fitBox(diagram: Diagram, width: number, height: number): Box {
    const free = height - headPx
    const whole = Math.min(width / diagram.width, free / diagram.height, 1.6)
    // on a phone the whole would be too small to read; it starts at the upper left instead
    const scale = width < 700 ? Math.max(whole, 0.62) : whole
    const x = scale > whole ? diagram.x : diagram.x - (width / scale - diagram.width) / 2
    const spare = Math.max(0, free / scale - diagram.height)
    return { scale, x, y: diagram.y - headPx / scale - spare / 2 }
}

export function DiagramView() {
    const lang = useLang()
    const theme = useComputedColorScheme('dark')
    const index = useCell(region)!
    const cards = useCell(points)
    const part = useSlice(link, (l) => l.part)
    const picked = useSlice(link, (l) => l.pick)
    const shown = useMemo(() => layoutFor(index, part), [index, part])
    const [holder, size] = useSize<HTMLDivElement>()
    const svg = useRef<SVGSVGElement>(null)
    const drawing = useRef<SVGGElement>(null)
    const [box, setBox] = useState<Box | undefined>(() => parseBox(link.get().camera))
    const drag = useRef<{ x: number; y: number; box: Box; moved: boolean; pointers: Map<number, [number, number]> } | undefined>(undefined)
    const lastPart = useRef(part)
    if (lastPart.current !== part) {
        lastPart.current = part
        setBox(undefined)
    }
    const ready = size.width > 0
    const view = box ?? (ready ? fitBox(shown.diagram, size.width, size.height) : { x: 0, y: 0, scale: 1 })

    // values, picks and alarms go straight to the drawing; React draws it once per layout
    // biome-ignore lint/correctness/useExhaustiveDependencies: a new drawing must be bound again
    useEffect(() => {
        if (!drawing.current) return
        const show = bindDiagram(drawing.current, cards, lang, theme, { title: (card) => `${quantityName(card.quantity)} · ${card.id}` })
        show(values)
        return beat.subscribe(() => show(values))
    }, [shown, cards, lang, theme, ready])
    // biome-ignore lint/correctness/useExhaustiveDependencies: a new drawing must be marked again
    useEffect(() => {
        if (drawing.current) markPicked(drawing.current, picked)
    }, [picked, shown, lang, theme, ready])
    // biome-ignore lint/correctness/useExhaustiveDependencies: a new drawing must be marked again
    useEffect(() => {
        const mark = () => {
            if (!drawing.current) return
            const worst = new Map<string, string>()
            for (const priority of [...alarmPriorities].reverse())
                for (const a of alarms.get().values())
                    if (a.priority === priority && a.active && a.state !== 'shelved')
                        worst.set(a.source.split('/').slice(0, 2).join('/'), priority)
            markAlarms(drawing.current, worst)
        }
        mark()
        return alarms.subscribe(mark)
    }, [shown, lang, theme, ready])

    // biome-ignore lint/correctness/useExhaustiveDependencies: a new drawing must be marked again
    useEffect(() => {
        const light = () => drawing.current && markTrace(drawing.current, trace.get()?.side)
        const hang = () =>
            drawing.current &&
            markHolds(drawing.current, [...holds.get().values()], (by, reason) => t('tag.heldBy', { person: by, reason }))
        const strike = () => drawing.current && markOutage(drawing.current, placed.get()?.lost, placed.get()?.over.keys())
        light()
        hang()
        strike()
        const stops = [trace.subscribe(light), holds.subscribe(hang), placed.subscribe(strike)]
        return () => {
            for (const stop of stops) stop()
        }
    }, [shown, lang, theme, ready])

    const settle = (next: Box) => {
        setBox(next)
        go({ camera: [next.x.toFixed(0), next.y.toFixed(0), next.scale.toFixed(3)].join(',') })
    }
    const zoom = (factor: number, px = size.width / 2, py = size.height / 2) => {
        const scale = Math.min(4, Math.max(0.05, view.scale * factor))
        settle({ scale, x: view.x + px / view.scale - px / scale, y: view.y + py / view.scale - py / scale })
    }
    // a wheel listener of React is passive; zooming must keep the page still
    useEffect(() => {
        const element = svg.current
        if (!element) return
        const wheel = (event: WheelEvent) => {
            event.preventDefault()
            const rect = element.getBoundingClientRect()
            zoom(1.0015 ** -event.deltaY, event.clientX - rect.left, event.clientY - rect.top)
        }
        element.addEventListener('wheel', wheel, { passive: false })
        return () => element.removeEventListener('wheel', wheel)
    })
    const pickedAt = (target: EventTarget | null) =>
        target instanceof Element ? target.closest('[data-pick]')?.getAttribute('data-pick') : undefined
    const open = (component: string) => go({ part: partFor(index, component), camera: '', pick: component })
    const title =
        shown.title === 'region'
            ? index.json.name
            : shown.title === 'feeder'
              ? `${t('kind.feeder')} ${busName(index, shown.root ?? 0, lang)}`
              : siteName(index, part, lang)
    const sites = index.json.site.filter((s) => s.kind !== 'feeder' && (index.busesOfSite.get(s.id)?.length ?? 0) > 0)
    const feeders = useMemo(() => {
        const roots = new Set<number>()
        const seen = new Set<number>()
        for (const bus of index.bus.keys()) {
            if (seen.has(bus) || !isFeederBus(index, bus)) continue
            const found = feederOf(index, bus)
            for (const b of found.buses) seen.add(b)
            roots.add(found.root)
        }
        return [...roots]
    }, [index])
    return (
        <div className="diagram-view" ref={holder}>
            {index.bus.size === 0 ? (
                <Empty title={t('diagram.empty')} />
            ) : (
                <svg
                    ref={svg}
                    className={`diagram${view.scale < 0.34 ? ' is-far' : ''}${view.scale < 0.2 ? ' is-farthest' : ''}`}
                    role="application"
                    aria-label={`${t('view.diagram')} ${title}`}
                    // biome-ignore lint/a11y/noNoninteractiveTabindex: the drawing is one widget with keys of its own
                    tabIndex={0}
                    data-testid="diagram"
                    data-part={part}
                    style={{ '--scale': view.scale } as React.CSSProperties}
                    viewBox={`${view.x} ${view.y} ${Math.max(1, size.width) / view.scale} ${Math.max(1, size.height) / view.scale}`}
                    onPointerDown={(event) => {
                        const pointers = drag.current?.pointers ?? new Map<number, [number, number]>()
                        pointers.set(event.pointerId, [event.clientX, event.clientY])
                        drag.current = {
                            x: event.clientX,
                            y: event.clientY,
                            box: view,
                            moved: (drag.current?.moved ?? false) && pointers.size > 1,
                            pointers,
                        }
                    }}
                    onPointerMove={(event) => {
                        const d = drag.current
                        if (!d?.pointers.has(event.pointerId)) return
                        if (d.pointers.size === 2) {
                            // pinch: scale by the change of distance between the two fingers
                            const [a, b] = [...d.pointers.values()]
                            const before = Math.hypot(a![0] - b![0], a![1] - b![1])
                            d.pointers.set(event.pointerId, [event.clientX, event.clientY])
                            const [p, q] = [...d.pointers.values()]
                            const rect = svg.current!.getBoundingClientRect()
                            d.moved = true
                            zoom(
                                Math.hypot(p![0] - q![0], p![1] - q![1]) / before,
                                (p![0] + q![0]) / 2 - rect.left,
                                (p![1] + q![1]) / 2 - rect.top,
                            )
                            return
                        }
                        const dx = event.clientX - d.x
                        const dy = event.clientY - d.y
                        if (!d.moved && Math.hypot(dx, dy) < 4) return
                        if (!d.moved) svg.current?.setPointerCapture(event.pointerId)
                        d.moved = true
                        setBox({ ...d.box, x: d.box.x - dx / d.box.scale, y: d.box.y - dy / d.box.scale })
                    }}
                    onPointerUp={(event) => {
                        const d = drag.current
                        d?.pointers.delete(event.pointerId)
                        if (d?.moved) settle(view)
                        else if (d) pick(pickedAt(event.target) ?? '')
                        if (!d?.pointers.size) drag.current = undefined
                    }}
                    onPointerCancel={() => {
                        drag.current = undefined
                    }}
                    onDoubleClick={(event) => {
                        const component = pickedAt(event.target)
                        if (component) open(component)
                    }}
                    onKeyDown={(event) => {
                        const step = 60 / view.scale
                        if (event.key === 'ArrowLeft') settle({ ...view, x: view.x - step })
                        else if (event.key === 'ArrowRight') settle({ ...view, x: view.x + step })
                        else if (event.key === 'ArrowUp') settle({ ...view, y: view.y - step })
                        else if (event.key === 'ArrowDown') settle({ ...view, y: view.y + step })
                        else if (event.key === '+' || event.key === '=') zoom(1.25)
                        else if (event.key === '-') zoom(0.8)
                        else if (event.key === '0') settle(fitBox(shown.diagram, size.width, size.height))
                        else if (event.key === 'Enter' && picked) open(picked)
                        else return
                        event.preventDefault()
                    }}
                >
                    <g ref={drawing} key={`${part}-${lang}-${theme}`}>
                        {ready && <Drawing diagram={shown.diagram} region={index} theme={theme} lang={lang} />}
                    </g>
                </svg>
            )}
            <div className="diagram-bar">
                {shown.title !== 'region' && (
                    <button type="button" className="quiet" onClick={() => go({ part: '', camera: '' })} data-testid="diagram-up">
                        <Icon name="back" /> {t('diagram.region')}
                    </button>
                )}
                <select
                    className="quiet"
                    value={shown.title === 'feeder' ? `feeder-${shown.root}` : shown.title === 'site' ? part : ''}
                    onChange={(e) => go({ part: e.target.value, camera: '' })}
                    aria-label={t('diagram.choose')}
                    data-testid="diagram-part"
                >
                    <option value="">{index.json.name}</option>
                    <optgroup label={t('kind.substation')}>
                        {sites.map((s) => (
                            <option key={s.id} value={s.id}>
                                {siteName(index, s.id, lang)}
                            </option>
                        ))}
                    </optgroup>
                    {feeders.length > 0 && (
                        <optgroup label={t('kind.feeder')}>
                            {feeders.map((root) => (
                                <option key={root} value={`feeder-${root}`}>
                                    {busName(index, root, lang)}
                                </option>
                            ))}
                        </optgroup>
                    )}
                </select>
            </div>
            <div className="diagram-zoom">
                <button type="button" onClick={() => zoom(1.3)} aria-label={t('diagram.zoomIn')}>
                    +
                </button>
                <button type="button" onClick={() => zoom(1 / 1.3)} aria-label={t('diagram.zoomOut')}>
                    −
                </button>
                <button type="button" onClick={() => setBox(fitBox(shown.diagram, size.width, size.height))} aria-label={t('diagram.fit')}>
                    <Icon name="fit" />
                </button>
            </div>
            <Legend />
        </div>
    )
}

function Legend() {
    const [open, setOpen] = useState(false)
    return (
        <div className={`legend${open ? ' is-open' : ''}`}>
            <button type="button" className="quiet" onClick={() => setOpen(!open)} aria-expanded={open}>
                {t('legend.title')}
            </button>
            {open && (
                <ul>
                    <li>
                        <svg width="18" height="18" viewBox="-9 -9 18 18" className="diagram" aria-hidden="true">
                            <g className="device is-breaker" data-state="closed">
                                <rect className="body" x="-6" y="-6" width="12" height="12" />
                            </g>
                        </svg>
                        {t('legend.closed')}
                    </li>
                    <li>
                        <svg width="18" height="18" viewBox="-9 -9 18 18" className="diagram" aria-hidden="true">
                            <g className="device is-breaker" data-state="open">
                                <rect className="body" x="-6" y="-6" width="12" height="12" />
                                <path className="blade" d="M-6 0H6" />
                            </g>
                        </svg>
                        {t('legend.open')}
                    </li>
                    <li>
                        <b>?</b> {t('legend.unknown')}
                    </li>
                    <li>
                        <b>▸</b> {t('legend.flow')}
                    </li>
                    <li>
                        <b>≈ ⧖ S</b> {t('legend.quality')}
                    </li>
                    <li>{t('legend.signs')}</li>
                </ul>
            )}
        </div>
    )
}
