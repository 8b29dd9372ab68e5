/** The last half hour of a point as a small line, with its limits; the live value joins its end. */
import type { HistoryJson, PointCard } from '@gridverse/twin'
import { useMemo } from 'react'
import { worldKind } from '../model/link.ts'
import { link } from '../model/state.ts'
import { useBeat, useGet, useSlice } from '../parts/use.ts'
import { readPoint } from '../parts/value.tsx'
import { t } from '../text/index.ts'

const windowMs = 30 * 60_000
const width = 240
const height = 48

/** An SVG path that holds each value until the next, as reporting by exception means it; broken where one is missing. */
export function stepPath(
    tMs: readonly number[],
    value: readonly (number | null)[],
    x: (t: number) => number,
    y: (v: number) => number,
): string {
    let path = ''
    let drawing = false
    for (let i = 0; i < tMs.length; i++) {
        const v = value[i]
        if (v === null || v === undefined || Number.isNaN(v)) {
            drawing = false
            continue
        }
        path += drawing ? `H${x(tMs[i]!).toFixed(1)}V${y(v).toFixed(1)}` : `M${x(tMs[i]!).toFixed(1)} ${y(v).toFixed(1)}`
        drawing = true
    }
    return path
}

export function Sparkline({ card }: { card: PointCard }) {
    useBeat()
    const world = useSlice(link, (l) => l.world)
    const { kind, tMs } = worldKind(world)
    // a new half minute asks for the history again; in between the live value is the tail
    const endMs = kind === 'replay' && tMs ? tMs : Math.ceil(Date.now() / 30_000) * 30_000
    const history = useGet<HistoryJson>(`/history?points=${encodeURIComponent(card.id)}&from=${endMs - windowMs}&to=${endMs}&maxPoints=240`)
    const series = history.state === 'ready' ? history.data.series[0] : undefined
    const now = readPoint(card.index).value
    const nowAt = Date.now()
    const drawn = useMemo(() => {
        const times = [...(series?.tMs ?? [])]
        const vals = [...(series?.value ?? [])]
        // a replay or what-if shows the field's past; only the live value continues it
        if (kind === 'live' && !Number.isNaN(now)) {
            times.push(nowAt)
            vals.push(now)
        }
        const known = vals.filter((v): v is number => v !== null && Number.isFinite(v))
        if (known.length < 2) return undefined
        const low = Math.min(...known)
        const high = Math.max(...known)
        const pad = Math.max((high - low) * 0.12, Math.abs(high) * 1e-3, 1e-6)
        const x = (at: number) => ((at - (endMs - windowMs)) / windowMs) * width
        const y = (v: number) => height - 3 - ((v - low + pad) / (high - low + 2 * pad)) * (height - 6)
        const marks = Object.entries(card.limits ?? {}).filter(([, v]) => v >= low - pad && v <= high + pad)
        return {
            path: stepPath(times, vals, x, y),
            marks: marks.map(([name, v]) => ({ name, y: y(v) })),
            endY: y(known.at(-1)!),
            endX: Math.min(width, x(times.at(-1)!)),
        }
    }, [series, now, nowAt, endMs, kind, card.limits])
    if (history.state === 'loading' && !drawn) return <div className="spark is-loading" style={{ height }} />
    if (!drawn) return <p className="dim spark-none">{t('inspector.noHistory')}</p>
    return (
        <svg className="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={t('inspector.trend')}>
            {drawn.marks.map((m) => (
                <line key={m.name} className={`spark-limit is-${m.name}`} x1="0" x2={width} y1={m.y} y2={m.y} />
            ))}
            <path d={drawn.path} vectorEffect="non-scaling-stroke" />
            <circle cx={drawn.endX} cy={drawn.endY} r="2" />
        </svg>
    )
}
