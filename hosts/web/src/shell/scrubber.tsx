/** Time at the bottom: drag to any instant of the history, play it, or go back to live. */
import { useEffect, useMemo, useRef, useState } from 'react'
import { formatDateTime, formatTime } from '../model/format.ts'
import { worldKind } from '../model/link.ts'
import { link, play, playing, region, replayAt, showWorld, span, values } from '../model/state.ts'
import { Icon } from '../parts/icon.tsx'
import { useBeat, useCell, useLang, useSlice } from '../parts/use.ts'
import { t } from '../text/index.ts'

const windows = [15 * 60_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000, 7 * 24 * 3_600_000] as const
const windowNames = ['15 min', '1 h', '6 h', '24 h', '7 d']
const speeds = [1, 10, 60, 600] as const

/** Round steps for about `count` time marks across `widthMs`. */
export function timeSteps(fromMs: number, toMs: number, count: number): number[] {
    const steps = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].map((s) => s * 1000)
    const step = steps.find((s) => (toMs - fromMs) / s <= count) ?? 86_400_000
    const marks: number[] = []
    for (let at = Math.ceil(fromMs / step) * step; at <= toMs; at += step) marks.push(at)
    return marks
}

export function Scrubber() {
    const lang = useLang()
    useBeat()
    const world = useSlice(link, (l) => l.world)
    const held = useCell(span)
    const speed = useCell(playing)
    const zone = useSlice(region, (r) => r?.json.timeZone ?? 'UTC')
    const [windowAt, setWindowAt] = useState(1)
    const [dragMs, setDragMs] = useState<number>()
    const [endMs, setEndMs] = useState(Date.now)
    const track = useRef<HTMLDivElement>(null)
    const lastMove = useRef(0)
    const { kind, tMs } = worldKind(world)
    const widthMs = windows[windowAt]!
    const shownMs =
        dragMs ??
        (kind === 'replay'
            ? speed > 0 && Number.isFinite(values.tMs)
                ? values.tMs
                : (tMs ?? endMs)
            : kind === 'live'
              ? endMs
              : values.tMs)
    // the window ends at now, unless the instant shown lies before it
    useEffect(() => {
        const timer = setInterval(() => setEndMs(Date.now()), 1000)
        return () => clearInterval(timer)
    }, [])
    const toMs = Number.isFinite(shownMs) && shownMs < endMs - widthMs ? shownMs + widthMs / 2 : endMs
    const fromMs = toMs - widthMs
    const share = (at: number) => Math.min(1, Math.max(0, (at - fromMs) / widthMs))
    const instantAt = (clientX: number) => {
        const box = track.current!.getBoundingClientRect()
        return fromMs + Math.min(1, Math.max(0, (clientX - box.left) / box.width)) * widthMs
    }
    const marks = useMemo(() => (held?.marks ?? []).filter((m) => m.tMs >= fromMs && m.tMs <= toMs).slice(0, 400), [held, fromMs, toMs])
    const steps = timeSteps(fromMs, toMs, innerWidth < 720 ? 3 : 8)
    const move = (byMs: number) => {
        const next = (Number.isFinite(shownMs) ? shownMs : endMs) + byMs
        if (next >= endMs - 1000) showWorld('live')
        else replayAt(next)
    }
    return (
        <footer className="scrubber" data-testid="scrubber" data-kind={kind}>
            <button
                type="button"
                className="quiet"
                onClick={() => play(speed > 0 ? 0 : 1)}
                title={t(speed > 0 ? 'scrub.pause' : 'scrub.play')}
                aria-label={t(speed > 0 ? 'scrub.pause' : 'scrub.play')}
                data-testid="scrub-play"
            >
                <Icon name={speed > 0 ? 'pause' : 'play'} />
            </button>
            <select
                className="quiet"
                value={speed > 0 ? speed : ''}
                onChange={(e) => play(Number(e.target.value))}
                title={t('scrub.speed')}
                aria-label={t('scrub.speed')}
                data-testid="scrub-speed"
            >
                {speed === 0 && <option value="">×</option>}
                {speeds.map((s) => (
                    <option key={s} value={s}>
                        ×{s}
                    </option>
                ))}
            </select>
            <div
                ref={track}
                className="track"
                role="slider"
                tabIndex={0}
                aria-label={t('scrub.name')}
                aria-valuemin={held?.firstMs ?? fromMs}
                aria-valuemax={endMs}
                aria-valuenow={Number.isFinite(shownMs) ? Math.round(shownMs) : endMs}
                aria-valuetext={formatDateTime(shownMs, zone, lang)}
                data-testid="scrub-track"
                onPointerDown={(e) => {
                    e.currentTarget.setPointerCapture(e.pointerId)
                    setDragMs(instantAt(e.clientX))
                }}
                onPointerMove={(e) => {
                    if (dragMs === undefined) return
                    const at = instantAt(e.clientX)
                    setDragMs(at)
                    // the view follows the drag a few times a second; the first step can be undone by "back"
                    if (e.timeStamp - lastMove.current < 250 || Math.abs(at - dragMs) < 1) return
                    lastMove.current = e.timeStamp
                    replayAt(at, kind === 'replay')
                }}
                onPointerUp={(e) => {
                    if (dragMs === undefined) return
                    const at = instantAt(e.clientX)
                    setDragMs(undefined)
                    if (at >= endMs - widthMs * 0.004) showWorld('live')
                    else replayAt(at, kind === 'replay')
                }}
                onKeyDown={(e) => {
                    if (e.key === 'ArrowLeft' || e.key === 'ArrowRight')
                        move((e.key === 'ArrowLeft' ? -1 : 1) * (e.shiftKey ? widthMs / 12 : widthMs / 120))
                    else if (e.key === 'End') showWorld('live')
                    else if (e.key === 'Home' && held) replayAt(held.firstMs)
                    else return
                    e.preventDefault()
                }}
            >
                {held && <div className="track-held" style={{ left: `${share(held.firstMs) * 100}%`, right: 0 }} />}
                {steps.map((at) => (
                    <span key={at} className="track-step" style={{ left: `${share(at) * 100}%` }}>
                        {widthMs > 2 * 86_400_000 ? formatDateTime(at, zone, lang).slice(0, 5) : formatTime(at, zone, lang).slice(0, 5)}
                    </span>
                ))}
                {marks.map((m, i) => (
                    <i
                        key={`${m.tMs}-${i}`}
                        className={`track-mark is-${m.kind} is-${m.kind === 'alarm' ? (m.priority ?? 'low') : 'event'}`}
                        style={{ left: `${share(m.tMs) * 100}%` }}
                        title={`${formatTime(m.tMs, zone, lang)} ${m.target ?? ''}`}
                    />
                ))}
                {Number.isFinite(shownMs) && (
                    <span className="track-at" style={{ left: `${share(shownMs) * 100}%` }}>
                        {(dragMs !== undefined || kind !== 'live') && <b>{formatDateTime(shownMs, zone, lang)}</b>}
                    </span>
                )}
            </div>
            <select
                className="quiet"
                value={windowAt}
                onChange={(e) => setWindowAt(Number(e.target.value))}
                title={t('scrub.window')}
                aria-label={t('scrub.window')}
            >
                {windowNames.map((name, i) => (
                    <option key={name} value={i}>
                        {name}
                    </option>
                ))}
            </select>
            <button
                type="button"
                className="back-to-live"
                disabled={kind === 'live'}
                onClick={() => showWorld('live')}
                data-testid="back-to-live"
            >
                <Icon name="live" size={16} /> <span>{t(kind === 'live' ? 'world.live' : 'world.backToLive')}</span>
            </button>
        </footer>
    )
}
