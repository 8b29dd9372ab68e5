/** The 3D world: a thin binding between the scene and the state. Nothing here runs through React per frame. */
import { type CameraState, createStage, createWorld, type Stage, voltageColour, voltagePaletteNames, type World } from '@gridverse/scene'
import { type AlarmPriority, alarmPriorities } from '@gridverse/twin'
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import { partFor } from '../diagram/part.ts'
import { createCell } from '../model/cell.ts'
import { fleetMap, watchFleet } from '../model/fleet-map.ts'
import { formatNumber } from '../model/format.ts'
import { worldKind } from '../model/link.ts'
import { splitComponent } from '../model/region.ts'
import { placed } from '../model/security.ts'
import { alarms, go, indexOfPoint, lastCamera, link, onFrame, pick, points, region, values } from '../model/state.ts'
import { trace } from '../model/tracing.ts'
import { kindOf, quantityName, useComponentName } from '../parts/component-link.tsx'
import { setHandleWorld } from '../parts/handle.ts'
import { Icon } from '../parts/icon.tsx'
import { Failed, Loading } from '../parts/pages.tsx'
import { useCell, useLang, useSlice } from '../parts/use.ts'
import { Value } from '../parts/value.tsx'
import { t } from '../text/index.ts'

const cameraText = (c: CameraState) => [c.x, c.z, c.distance, c.headingRad, c.pitchRad].map((n) => Number(n.toFixed(3))).join(',')
function parseCamera(text: string): CameraState | undefined {
    const [x, z, distance, headingRad, pitchRad] = text.split(',').map(Number)
    const all = [x, z, distance, headingRad, pitchRad]
    return all.every((n) => n !== undefined && Number.isFinite(n))
        ? { x: x!, z: z!, distance: distance!, headingRad: headingRad!, pitchRad: pitchRad! }
        : undefined
}

const reducedMotion = () => matchMedia('(prefers-reduced-motion: reduce)')
/** `?quality=full` or `plain` in the address overrules what the scene makes of the renderer: pictures, slow machines. */
const qualityAsked = (): { quality?: 'full' | 'plain' } => {
    const asked = new URLSearchParams(location.search).get('quality')
    return asked === 'full' || asked === 'plain' ? { quality: asked } : {}
}
const storedPalette = () => {
    const kept = localStorage.getItem('gridverse.palette')
    return kept && voltagePaletteNames.includes(kept) ? kept : 'quiet'
}

/** Keeps the devices of the fleet on the map in step with what they do. The fleet is known as it is now: another world shows none. */
function showFleet(world: World): () => void {
    let revision = Number.NaN
    const show = () => {
        const columns = fleetMap.get()?.columns
        const shown = devicesAsked.get() && worldKind(link.get().world).kind === 'live'
        world.showDevices(shown)
        if (!columns || !shown) return
        if (columns.revision !== revision) {
            revision = columns.revision
            world.setDevices(
                columns.id.map((id, k) => ({
                    component: `resource/${id}`,
                    kind: columns.kind[k]!,
                    connection: columns.connection[k]!,
                    latDeg: columns.latDeg[k]!,
                    lonDeg: columns.lonDeg[k]!,
                })),
            )
        }
        world.setDeviceStates({ socPercent: columns.socPercent, pKw: columns.pKw, online: columns.link.map((l) => (l === 0 ? 1 : 0)) })
    }
    show()
    const stops = [watchFleet(), fleetMap.subscribe(show), devicesAsked.subscribe(show), link.subscribe(show)]
    return () => {
        for (const stop of stops) stop()
    }
}

const devicesAsked = createCell(localStorage.getItem('gridverse.devices') !== 'off')

function worstAlarms(): Map<string, AlarmPriority> {
    const worst = new Map<string, AlarmPriority>()
    for (const priority of [...alarmPriorities].reverse())
        for (const a of alarms.get().values())
            if (a.priority === priority && a.active && a.state !== 'shelved') worst.set(a.source.split('/').slice(0, 2).join('/'), priority)
    return worst
}

/** Builds the world on the canvas and keeps it fed; returns what ends it. */
function startWorld(
    stage: Stage,
    theme: 'light' | 'dark',
    lang: 'en' | 'zh',
    palette: string,
    hover: (at: { component: string; x: number; y: number } | undefined) => void,
): { world: World; stop: () => void } {
    const { canvas } = stage
    const world = createWorld({
        canvas,
        stage,
        model: { region: region.get()!.json as never, indexOf: indexOfPoint },
        theme,
        language: lang,
        palette,
        reducedMotion: reducedMotion().matches,
    })
    const holder = canvas.parentElement!
    const resize = () => world.resize(holder.clientWidth, holder.clientHeight, Math.min(devicePixelRatio, 2))
    resize()
    const watch = new ResizeObserver(resize)
    watch.observe(holder)
    const given = parseCamera(link.get().camera) ?? parseCamera(lastCamera.get())
    if (given) world.setCamera(given)
    const feed = () => {
        if (values.value.length > 0)
            world.apply({ tMs: values.tMs, value: values.value, quality: values.quality, estimated: values.estimated })
    }
    feed()
    world.setAlarms(worstAlarms())
    let shown = link.get().pick
    world.select(shown || undefined)
    world.fade(trace.get()?.path)
    let struck = ''
    /** Marks the placed outage; one that is new is flown to. */
    const strike = () => {
        const now = placed.get()
        world.setOutage(now && { lost: now.lost, loadingPercent: now.over })
        if (now && now.lost !== struck && !link.get().camera) world.flyTo(now.lost)
        struck = now?.lost ?? ''
    }
    strike()
    let cameraTimer: ReturnType<typeof setTimeout> | undefined
    const stops = [
        onFrame(feed),
        alarms.subscribe(() => world.setAlarms(worstAlarms())),
        link.subscribe(() => {
            const next = link.get()
            if (next.pick !== shown) {
                shown = next.pick
                world.select(shown || undefined)
            }
        }),
        trace.subscribe(() => world.fade(trace.get()?.path)),
        placed.subscribe(strike),
        showFleet(world),
        world.on('hover', ({ component, x, y }) => hover(component ? { component, x, y } : undefined)),
        world.on('select', ({ component }) => {
            shown = component ?? ''
            pick(shown)
        }),
        world.on('open', ({ component }) => {
            const { kind, id } = splitComponent(component)
            if (kind === 'resource') go({ view: 'vpp', part: `devices/resource/${id}` })
            else if (kind === 'site' || kind === 'bus') world.flyTo(component)
            else go({ view: 'diagram', part: partFor(region.get()!, component), pick: component })
        }),
        world.on('camera', (state) => {
            clearTimeout(cameraTimer)
            cameraTimer = setTimeout(() => {
                lastCamera.set(cameraText(state))
                if (link.get().view === 'world') go({ camera: cameraText(state) })
            }, 400)
        }),
    ]
    const motion = reducedMotion()
    const motionChanged = () => world.setReducedMotion(motion.matches)
    motion.addEventListener('change', motionChanged)
    let request = requestAnimationFrame(function draw(at) {
        world.frame(at)
        request = requestAnimationFrame(draw)
    })
    setHandleWorld(world)
    return {
        world,
        stop() {
            cancelAnimationFrame(request)
            clearTimeout(cameraTimer)
            motion.removeEventListener('change', motionChanged)
            watch.disconnect()
            for (const stop of stops) stop()
            setHandleWorld(undefined)
            world.dispose()
        },
    }
}

export function WorldView() {
    const lang = useLang()
    // known at once: a world built in one theme and turned to the other is painted twice
    const theme = useComputedColorScheme('dark', { getInitialValueInEffect: false })
    const canvas = useRef<HTMLCanvasElement>(null)
    const world = useRef<World>(undefined)
    const [failure, setFailure] = useState<string>()
    const [hover, setHover] = useState<{ component: string; x: number; y: number }>()
    const [palette, setPalette] = useState(storedPalette)
    const stage = useRef<Stage>(undefined)
    const index = useCell(region)
    const picked = useSlice(link, (l) => l.pick)
    // the canvas is made ready while the region is fetched
    useEffect(() => {
        try {
            const made = createStage({ canvas: canvas.current!, ...qualityAsked() })
            stage.current = made
            return () => {
                stage.current = undefined
                made.dispose()
            }
        } catch (cause) {
            setFailure(cause instanceof Error ? cause.message : String(cause))
        }
    }, [])
    // built once per region; theme, language and palette are changed in place
    // biome-ignore lint/correctness/useExhaustiveDependencies: see above
    useEffect(() => {
        if (!stage.current || !index) return
        try {
            const started = startWorld(stage.current, theme, lang, palette, setHover)
            world.current = started.world
            return () => {
                world.current = undefined
                started.stop()
            }
        } catch (cause) {
            setFailure(cause instanceof Error ? cause.message : String(cause))
        }
    }, [index])
    useEffect(() => world.current?.setTheme(theme), [theme])
    useEffect(() => world.current?.setLanguage(lang), [lang])
    useEffect(() => {
        world.current?.setPalette(palette)
        localStorage.setItem('gridverse.palette', palette)
    }, [palette])
    if (failure) return <Failed failure={{ code: 'no-webgl', message: failure }} />
    return (
        <div className="world-view">
            <canvas ref={canvas} data-testid="world-canvas" tabIndex={0} aria-label={t('world.canvas')} />
            {!index && <Loading what={t('shell.loadingRegion')} />}
            {index &&
                hover &&
                (hover.component.startsWith('resource/') ? (
                    <DeviceCard key={hover.component} {...hover} />
                ) : (
                    <HoverCard key={hover.component} {...hover} />
                ))}
            <div className="diagram-zoom">
                <button
                    type="button"
                    onClick={() => world.current?.flyTo('overview')}
                    aria-label={t('world.overview')}
                    title={t('world.overview')}
                    data-testid="world-overview"
                >
                    <Icon name="fit" />
                </button>
                <button
                    type="button"
                    disabled={!picked}
                    onClick={() => picked && world.current?.flyTo(picked)}
                    aria-label={t('world.flyTo')}
                    title={t('world.flyTo')}
                    data-testid="world-fly"
                >
                    <Icon name="target" />
                </button>
            </div>
            {index && <WorldLegend palette={palette} setPalette={setPalette} theme={theme} />}
        </div>
    )
}

function HoverCard({ component, x, y }: { component: string; x: number; y: number }) {
    const name = useComponentName(component)
    const { ofComponent } = useCell(points)
    const list = ofComponent.get(component) ?? []
    const first = ['pFromMw', 'loadingPercent', 'pMw', 'vmPu', 'closed', 'socPercent', 'qMvar', 'windMps']
        .flatMap((q) => list.find((c) => c.quantity === q) ?? [])
        .slice(0, 3)
    return (
        <div className="hover-card" style={{ left: x, top: y }} role="tooltip">
            <b>{name}</b>
            <small>
                {kindOf(component)} {splitComponent(component).id}
            </small>
            {first.map((c) => (
                <span key={c.id}>
                    {quantityName(c.quantity)} <Value card={c} />
                </span>
            ))}
        </div>
    )
}

function DeviceCard({ component, x, y }: { component: string; x: number; y: number }) {
    const lang = useLang()
    const fleet = useCell(fleetMap)
    const id = splitComponent(component).id
    const k = fleet?.indexOf.get(id)
    if (!fleet || k === undefined) return null
    const { kind, group, pKw, socPercent, link: heard } = fleet.columns
    const soc = socPercent[k]
    return (
        <div className="hover-card" style={{ left: x, top: y }} role="tooltip">
            <b>{id}</b>
            <small>
                {t(`device.${kind[k]!}`)} · {group[k]}
            </small>
            {heard[k] !== 0 && <span>▲ {t('device.unheard')}</span>}
            <span>
                {t('device.power')} {formatNumber(pKw[k], 2, lang)} kW
            </span>
            {soc !== null && soc !== undefined && (
                <span>
                    {quantityName('socPercent')} {formatNumber(soc, 0, lang)} %
                </span>
            )}
        </div>
    )
}

function WorldLegend({ palette, setPalette, theme }: { palette: string; setPalette: (p: string) => void; theme: 'light' | 'dark' }) {
    const lang = useLang()
    const index = useCell(region)!
    const [open, setOpen] = useState(false)
    const devices = useCell(devicesAsked)
    const levels = useMemo(() => [...new Set(index.json.network.bus.map((b) => b.baseKv))].sort((a, b) => b - a).slice(0, 8), [index])
    return (
        <div className={`legend${open ? ' is-open' : ''}`}>
            <button type="button" className="quiet" onClick={() => setOpen(!open)} aria-expanded={open}>
                {t('legend.title')}
            </button>
            {open && (
                <ul>
                    {levels.map((kv) => (
                        <li key={kv}>
                            <i
                                className="swatch"
                                style={{ background: `#${voltageColour(kv, palette, theme).toString(16).padStart(6, '0')}` }}
                            />
                            {formatNumber(kv, Number.isInteger(kv) ? 0 : 2, lang)} kV
                        </li>
                    ))}
                    <li>
                        <i className="swatch loading" /> {t('legend.loading')}
                    </li>
                    <li>
                        <b>▸</b> {t('legend.movingLight')}
                    </li>
                    <li>{t('legend.signs')}</li>
                    <li>
                        <label>
                            <input
                                type="checkbox"
                                checked={devices}
                                onChange={(e) => {
                                    devicesAsked.set(e.target.checked)
                                    localStorage.setItem('gridverse.devices', e.target.checked ? 'on' : 'off')
                                }}
                                data-testid="world-devices"
                            />{' '}
                            {t('legend.devices')}
                        </label>
                    </li>
                    <li>
                        <select
                            className="quiet"
                            value={palette}
                            onChange={(e) => setPalette(e.target.value)}
                            aria-label={t('legend.palette')}
                        >
                            {voltagePaletteNames.map((p) => (
                                <option key={p} value={p}>
                                    {t('legend.palette')}: {p}
                                </option>
                            ))}
                        </select>
                    </li>
                </ul>
            )}
        </div>
    )
}
