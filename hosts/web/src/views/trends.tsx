/** Trends: pens over the history and the live tail; one chart per unit, one cursor and one time axis across all. */

import type { HistoryJson, PointCard } from '@gridverse/twin'
import { Button, Select, useComputedColorScheme } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { digitsFor, formatDateTime, formatNumber, formatTime, formatValue, toCsv, unitText } from '../model/format.ts'
import { worldKind } from '../model/link.ts'
import { alignPens, groupByUnit, type PenSeries, withTail } from '../model/pens.ts'
import { componentName, componentOf } from '../model/region.ts'
import { beat, cardOfPoint, go, link, points, pointValue, region, span, values } from '../model/state.ts'
import { suggestPens } from '../model/suggest-pens.ts'
import { drawTrends } from '../model/trend-svg.ts'
import { quantityName } from '../parts/component-link.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty, Failed, Loading } from '../parts/pages.tsx'
import { save } from '../parts/save.ts'
import { useCell, useGet, useLang, useSize, useSlice } from '../parts/use.ts'
import { readPoint, Value } from '../parts/value.tsx'
import { t } from '../text/index.ts'

const spansMs = [5 * 60_000, 15 * 60_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000] as const
const spanNames = ['5 min', '15 min', '1 h', '6 h', '24 h']
/** Pens by colour and dash, so that two are told apart without colour; none of them is an alarm's. */
const penColours = {
    dark: ['#7fb2d6', '#c9a8e8', '#8fd0b0', '#d8c48a', '#e2a5bd', '#a9b7c2'],
    light: ['#1f5f8b', '#6b3fa0', '#1c7a52', '#7a6210', '#a03a66', '#4c5962'],
}
const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [1, 4]]

const cardIds = () => points.get().byId.keys()

export function TrendsView() {
    const lang = useLang()
    const asked = useSlice(link, (l) => l.pens)
    const picked = useSlice(link, (l) => l.pick)
    const world = useSlice(link, (l) => l.world)
    const { ofComponent } = useCell(points)
    const theme = useComputedColorScheme('dark')
    const index = useCell(region)!
    // never an empty page: until somebody chooses, the frequency and the busiest line, as they stood when the page opened
    const ready = useSlice(beat, (count) => count > 0)
    // biome-ignore lint/correctness/useExhaustiveDependencies: suggested once, when there are values
    const suggested = useMemo(() => (ready ? suggestPens(index, new Set(cardIds()), pointValue) : []), [index, ready])
    const pens = asked.length > 0 ? asked : suggested
    const [spanAt, setSpanAt] = useState(1)
    const [range, setRange] = useState<[number, number]>()
    const { kind, tMs } = worldKind(world)
    const spanMs = spansMs[spanAt]!
    const [endMs, setEndMs] = useState(() => (kind === 'replay' && tMs ? tMs : Date.now()))
    useEffect(() => setEndMs(kind === 'replay' && tMs ? tMs + spanMs / 4 : Date.now()), [kind, tMs, spanMs])
    const [fromMs, toMs] = range ?? [endMs - spanMs, endMs]
    const path = pens.length
        ? `/history?points=${encodeURIComponent(pens.join(','))}&from=${Math.round(fromMs)}&to=${Math.round(toMs)}&maxPoints=1500`
        : undefined
    const asking = useGet<HistoryJson>(path)
    // while the same pens are fetched for another range, what is known of them stays on screen
    const last = useRef<HistoryJson>(undefined)
    if (asking.state === 'ready') last.current = asking.data
    const held = asking.state === 'loading' && last.current?.series.map((s) => s.point).join() === pens.join() ? last.current : undefined
    const history = held ? { state: 'ready' as const, data: held, reload: asking.reload } : asking
    const addable = (ofComponent.get(picked) ?? []).filter((c) => !pens.includes(c.id))
    const setPens = (next: readonly string[]) => go({ pens: next })
    const live = kind === 'live' && !range
    return (
        <div className="trends-view" data-range={`${Math.round(fromMs)},${Math.round(toMs)}`}>
            <div className="trend-tools">
                <div className="pens">
                    {pens.map((id, n) => (
                        <Pen key={id} point={id} n={n} drop={() => setPens(pens.filter((p) => p !== id))} />
                    ))}
                    {addable.length > 0 && (
                        <Select
                            size="xs"
                            placeholder={t('trends.addOf', { name: componentName(index, picked, lang) })}
                            data={addable.map((c) => ({ value: c.id, label: quantityName(c.quantity) }))}
                            value={null}
                            onChange={(id) => id && setPens([...pens, id])}
                            data-testid="pen-add"
                        />
                    )}
                </div>
                <div className="row">
                    {range && (
                        <Button variant="default" size="compact-xs" onClick={() => setRange(undefined)}>
                            {t('trends.unzoom')}
                        </Button>
                    )}
                    <select
                        className="quiet"
                        value={spanAt}
                        aria-label={t('scrub.window')}
                        onChange={(e) => {
                            setRange(undefined)
                            setEndMs(kind === 'replay' && tMs ? tMs : Date.now())
                            setSpanAt(Number(e.target.value))
                        }}
                    >
                        {spanNames.map((name, i) => (
                            <option key={name} value={i}>
                                {name}
                            </option>
                        ))}
                    </select>
                    <Button
                        variant="default"
                        size="compact-xs"
                        disabled={history.state !== 'ready' || !pens.length}
                        onClick={() => history.state === 'ready' && exportCsv(history.data)}
                        leftSection={<Icon name="download" size={14} />}
                        data-testid="trend-csv"
                    >
                        CSV
                    </Button>
                    <Button
                        variant="default"
                        size="compact-xs"
                        disabled={!pens.length}
                        onClick={exportPng}
                        leftSection={<Icon name="download" size={14} />}
                        data-testid="trend-png"
                    >
                        PNG
                    </Button>
                    <Button
                        variant="default"
                        size="compact-xs"
                        disabled={history.state !== 'ready' || !pens.length}
                        onClick={() => history.state === 'ready' && exportSvg(history.data, pens, [fromMs, toMs], theme, lang)}
                        leftSection={<Icon name="download" size={14} />}
                        data-testid="trend-svg"
                    >
                        SVG
                    </Button>
                </div>
            </div>
            {pens.length === 0 && !ready && <Loading />}
            {pens.length === 0 && ready && <Empty title={t('trends.none')}>{t('trends.noneAbout')}</Empty>}
            {asked.length === 0 && pens.length > 0 && <p className="dim small trends-hint">{t('trends.suggested')}</p>}
            {pens.length > 0 && history.state === 'loading' && <Loading />}
            {pens.length > 0 && history.state === 'failed' && <Failed failure={history.failure} retry={history.reload} />}
            {pens.length > 0 && history.state === 'ready' && (
                <Charts history={history.data} pens={pens} fromMs={fromMs} toMs={toMs} live={live} spanMs={spanMs} setRange={setRange} />
            )}
        </div>
    )
}

function Pen({ point, n, drop }: { point: string; n: number; drop: () => void }) {
    const lang = useLang()
    const theme = useComputedColorScheme('dark')
    const index = useCell(region)!
    const card = cardOfPoint(point)
    const component = componentOf(point)
    return (
        <span className="pen" data-testid={`pen-${point}`}>
            <svg width="22" height="8" aria-hidden="true">
                <line
                    x1="0"
                    x2="22"
                    y1="4"
                    y2="4"
                    stroke={penColours[theme][n % 6]}
                    strokeWidth="2.500"
                    strokeDasharray={dashes[n % 6]!.join(' ')}
                />
            </svg>
            <button type="button" className="component-link" onClick={() => go({ pick: component })}>
                {componentName(index, component, lang)} · {card ? quantityName(card.quantity) : point}
            </button>
            {card && <Value card={card} />}
            <button type="button" className="quiet" onClick={drop} aria-label={t('trends.drop')}>
                <Icon name="close" size={12} />
            </button>
        </span>
    )
}

function exportCsv(history: HistoryJson): void {
    const [times, ...columns] = alignPens(history.series)
    const header = ['time (UTC)', ...history.series.map((s) => `${s.point}${s.unit ? ` [${s.unit}]` : ''}`)]
    save(
        'trend.csv',
        `\ufeff${toCsv(
            header,
            times.map((at, i) => [new Date(at * 1000).toISOString(), ...columns.map((c) => c[i] ?? null)]),
        )}`,
        'text/csv',
    )
}

/** The same charts as a drawing: one panel per unit, limits as bands, alarms as flags, the key below each. */
function exportSvg(
    history: HistoryJson,
    pens: readonly string[],
    window: readonly [number, number],
    theme: 'light' | 'dark',
    lang: 'en' | 'zh',
): void {
    const index = region.get()!
    const zone = index.json.timeZone
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const marks = (span.get()?.marks ?? []).filter((m) => m.kind === 'alarm').map((m) => m.tMs)
    const drawn = drawTrends({
        window,
        width: 1200,
        panels: groupByUnit(history.series).map(({ unit, pens: lines }) => ({
            unit: unitText(unit),
            limits: lines.length === 1 ? cardOfPoint(lines[0]!.point)?.limits : undefined,
            lines: lines.map((line) => {
                const n = Math.max(0, pens.indexOf(line.point)) % 6
                return {
                    name: `${componentName(index, componentOf(line.point), lang)} · ${quantityName(cardOfPoint(line.point)?.quantity ?? '')}`,
                    colour: penColours[theme][n]!,
                    dash: dashes[n]!,
                    tMs: line.tMs,
                    value: line.value,
                }
            }),
        })),
        flags: marks,
        timeText: (tMs) => formatTime(tMs, zone, lang),
        numberText: (v, digits) => formatNumber(v, digits, lang),
        colours: {
            back: colour('--panel'),
            text: colour('--text'),
            dim: colour('--dim'),
            grid: colour('--grid'),
            band: colour('--band'),
            limit: colour('--high'),
            flag: colour('--critical'),
        },
    })
    save('trend.svg', drawn, 'image/svg+xml')
}

/** All charts under each other in one picture. */
function exportPng(): void {
    const canvases = [...document.querySelectorAll<HTMLCanvasElement>('.trends-view .uplot canvas')]
    if (!canvases.length) return
    const whole = document.createElement('canvas')
    whole.width = Math.max(...canvases.map((c) => c.width))
    whole.height = canvases.reduce((sum, c) => sum + c.height, 0)
    const pen = whole.getContext('2d')!
    pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--panel')
    pen.fillRect(0, 0, whole.width, whole.height)
    let y = 0
    for (const c of canvases) {
        pen.drawImage(c, 0, y)
        y += c.height
    }
    whole.toBlob((blob) => blob && save('trend.png', blob, 'image/png'))
}

/** The live tail of each pen since the history was fetched. */
function useTail(pens: readonly string[], live: boolean) {
    const tail = useRef(new Map<string, [number, number][]>())
    const [count, setCount] = useState(0)
    useEffect(() => {
        tail.current = new Map()
        if (!live) return
        return beat.subscribe(() => {
            for (const id of pens) {
                const card = cardOfPoint(id)
                if (!card || !Number.isFinite(values.tMs)) continue
                const { value } = readPoint(card.index)
                if (Number.isNaN(value)) continue
                const list = tail.current.get(id) ?? []
                if (list.at(-1)?.[0] !== values.tMs) list.push([values.tMs, value])
                tail.current.set(id, list.slice(-7200))
            }
            setCount((n) => n + 1)
        })
    }, [pens, live])
    return [tail.current, count] as const
}

interface ChartsProps {
    readonly history: HistoryJson
    readonly pens: readonly string[]
    readonly fromMs: number
    readonly toMs: number
    readonly live: boolean
    readonly spanMs: number
    readonly setRange: (range: [number, number]) => void
}

function Charts({ history, pens, fromMs, toMs, live, spanMs, setRange }: ChartsProps) {
    const [holder, size] = useSize<HTMLDivElement>()
    const [tail, count] = useTail(pens, live)
    // biome-ignore lint/correctness/useExhaustiveDependencies: `count` says that the tail grew
    const groups = useMemo(() => groupByUnit(withTail(history.series, tail)), [history, tail, count])
    const last = live && Number.isFinite(values.tMs) ? values.tMs : toMs
    const window: [number, number] = live ? [last - spanMs, last] : [fromMs, toMs]
    const empty = groups.every((g) => g.pens.every((p) => p.tMs.length === 0))
    const height = Math.max(150, size.height / Math.max(1, groups.length) - 6)
    return (
        <div className="charts" ref={holder}>
            {empty && <p className="dim charts-none">{t('trends.noData')}</p>}
            {size.width > 0 &&
                groups.map((g) => (
                    <Chart
                        key={`${g.unit}|${g.pens.map((p) => p.point).join()}`}
                        unit={g.unit}
                        pens={g.pens}
                        all={pens}
                        width={size.width}
                        height={height}
                        window={window}
                        setRange={setRange}
                    />
                ))}
        </div>
    )
}

/** Limits as bands, alarm flags as marks, drawn under and over the pens. */
function bandsAndFlags(
    cards: readonly PointCard[],
    marks: () => readonly { tMs: number; kind: string; target?: string }[],
    colours: { band: string; limit: string; flag: string },
): uPlot.Plugin {
    return {
        hooks: {
            drawClear: (u) => {
                const card =
                    cards.length === 1
                        ? cards[0]
                        : cards.every(
                                (c) => c.quantity === cards[0]?.quantity && JSON.stringify(c.limits) === JSON.stringify(cards[0]?.limits),
                            )
                          ? cards[0]
                          : undefined
                if (!card?.limits) return
                const { left, top, width, height } = u.bbox
                const { ctx } = u
                ctx.save()
                ctx.beginPath()
                ctx.rect(left, top, width, height)
                ctx.clip()
                const y = (v: number) => u.valToPos(v, 'y', true)
                const { low, high, lowLow, highHigh } = card.limits
                ctx.fillStyle = colours.band
                if (high !== undefined) ctx.fillRect(left, top, width, Math.max(0, y(high) - top))
                if (low !== undefined) ctx.fillRect(left, y(low), width, Math.max(0, top + height - y(low)))
                ctx.strokeStyle = colours.limit
                ctx.setLineDash([4, 4])
                for (const v of [low, high, lowLow, highHigh]) {
                    if (v === undefined) continue
                    ctx.beginPath()
                    ctx.moveTo(left, y(v))
                    ctx.lineTo(left + width, y(v))
                    ctx.stroke()
                }
                ctx.restore()
            },
            draw: (u) => {
                const { left, top, width, height } = u.bbox
                const { ctx } = u
                ctx.save()
                ctx.fillStyle = colours.flag
                ctx.strokeStyle = colours.flag
                for (const m of marks()) {
                    const x = u.valToPos(m.tMs / 1000, 'x', true)
                    if (x < left || x > left + width) continue
                    ctx.beginPath()
                    ctx.moveTo(x - 5, top)
                    ctx.lineTo(x + 5, top)
                    ctx.lineTo(x, top + 9)
                    ctx.closePath()
                    ctx.fill()
                    ctx.globalAlpha = 0.35
                    ctx.beginPath()
                    ctx.moveTo(x, top)
                    ctx.lineTo(x, top + height)
                    ctx.stroke()
                    ctx.globalAlpha = 1
                }
                ctx.restore()
            },
        },
    }
}

function Chart({
    unit,
    pens,
    all,
    width,
    height,
    window,
    setRange,
}: {
    unit: string
    pens: readonly PenSeries[]
    all: readonly string[]
    width: number
    height: number
    window: [number, number]
    setRange: (range: [number, number]) => void
}) {
    const lang = useLang()
    const theme = useComputedColorScheme('dark')
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const holder = useRef<HTMLDivElement>(null)
    const plot = useRef<uPlot>(undefined)
    const shown = useRef(window)
    shown.current = window
    const ids = pens.map((p) => p.point).join()
    // biome-ignore lint/correctness/useExhaustiveDependencies: the chart is made anew only for other pens, theme or language
    useEffect(() => {
        if (!holder.current) return
        const style = getComputedStyle(document.documentElement)
        const colour = (name: string) => style.getPropertyValue(name).trim()
        const index = region.get()!
        const components = new Set(pens.map((p) => componentOf(p.point)))
        const marks = () =>
            (span.get()?.marks ?? []).filter(
                (m) => m.kind === 'alarm' && (!m.target || components.has(m.target.split('/').slice(0, 2).join('/'))),
            )
        const axis: uPlot.Axis = {
            stroke: colour('--dim'),
            grid: { stroke: colour('--grid'), width: 1 },
            ticks: { stroke: colour('--line'), width: 1 },
            font: '11px system-ui',
        }
        const made = new uPlot(
            {
                width,
                height,
                cursor: { sync: { key: 'trends' }, drag: { x: true, y: false, setScale: false }, focus: { prox: 24 } },
                legend: { live: true },
                scales: {
                    x: { time: true, range: () => [shown.current[0] / 1000, shown.current[1] / 1000] },
                    y: { range: (_u, low, high) => padRange(low, high) },
                },
                axes: [
                    { ...axis, values: (_u, at) => at.map((v) => formatTime(v * 1000, zone, lang)), space: 90 },
                    {
                        ...axis,
                        size: 64,
                        label: unitText(unit),
                        labelSize: 16,
                        labelFont: '11px system-ui',
                        values: (_u, at) =>
                            at.map((v) =>
                                formatNumber(
                                    v,
                                    at.length > 1 && at[1]! - at[0]! < 0.01 ? 3 : at.length > 1 && at[1]! - at[0]! < 1 ? 2 : 0,
                                    lang,
                                ),
                            ),
                    },
                ],
                series: [
                    { label: t('events.time'), value: (_u, v) => formatDateTime(v === null ? null : v * 1000, zone, lang) },
                    ...pens.map((p): uPlot.Series => {
                        const n = Math.max(0, all.indexOf(p.point))
                        const card = cardOfPoint(p.point)
                        // devices report by exception: a value holds until the next
                        const step = uPlot.paths.stepped?.({ align: 1 })
                        return {
                            label: `${componentName(index, componentOf(p.point), lang)} ${quantityName(card?.quantity ?? '')}`,
                            stroke: penColours[theme][n % 6]!,
                            dash: dashes[n % 6]!,
                            width: 1.6,
                            spanGaps: true,
                            points: { show: false },
                            value: (_u, v) => formatValue(v, unit, lang),
                            ...(step ? { paths: step } : {}),
                        }
                    }),
                ],
                hooks: {
                    setSelect: [
                        (u) => {
                            if (u.select.width < 6) return
                            setRange([u.posToVal(u.select.left, 'x') * 1000, u.posToVal(u.select.left + u.select.width, 'x') * 1000])
                            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
                        },
                    ],
                },
                plugins: [
                    bandsAndFlags(
                        pens.flatMap((p) => cardOfPoint(p.point) ?? []),
                        marks,
                        { band: colour('--band'), limit: colour('--high'), flag: colour('--critical') },
                    ),
                ],
            },
            alignPens(pens) as uPlot.AlignedData,
            holder.current,
        )
        plot.current = made
        // the wheel zooms about the pointer, with shift it pans
        const wheel = (event: WheelEvent) => {
            event.preventDefault()
            const [from, to] = shown.current
            const rect = made.over.getBoundingClientRect()
            const at = from + ((event.clientX - rect.left) / rect.width) * (to - from)
            if (event.shiftKey) {
                const by = ((event.deltaY || event.deltaX) / 600) * (to - from)
                setRange([from + by, to + by])
            } else {
                const factor = 1.0015 ** event.deltaY
                setRange([at - (at - from) * factor, at + (to - at) * factor])
            }
        }
        made.over.addEventListener('wheel', wheel, { passive: false })
        return () => {
            made.destroy()
            plot.current = undefined
        }
    }, [ids, unit, theme, lang, zone])
    useEffect(() => plot.current?.setSize({ width, height: height - 26 }), [width, height])
    useEffect(() => {
        plot.current?.setData(alignPens(pens) as uPlot.AlignedData, true)
    })
    return <div className="chart" ref={holder} data-testid={`chart-${unit || 'status'}`} />
}

/** A little air above and below; a flat line stands in the middle. */
function padRange(low: number | null, high: number | null): [number, number] {
    if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1]
    const pad = (high - low) * 0.1 || Math.max(Math.abs(high) * 0.02, 0.5 * 10 ** -digitsFor('p.u.'))
    return [low - pad, high + pad]
}
