/** Builds the world on a canvas and keeps it fed from the state, without React. */
import { type CameraState, createWorld, type Stage, type World } from '@gridverse/scene'
import { type AlarmPriority, alarmPriorities } from '@gridverse/twin'
import { partFor } from '../diagram/part.ts'
import { fleetMap } from '../model/fleet-map.ts'
import { splitComponent } from '../model/region.ts'
import { placed } from '../model/security.ts'
import { alarms, go, indexOfPoint, lastCamera, link, onFrame, pick, region, values } from '../model/state.ts'
import { setHandleWorld } from '../parts/handle.ts'
import { showFleet } from './show-fleet.ts'

const cameraText = (c: CameraState) => [c.x, c.z, c.distance, c.headingRad, c.pitchRad].map((n) => Number(n.toFixed(3))).join(',')
function parseCamera(text: string): CameraState | undefined {
    const [x, z, distance, headingRad, pitchRad] = text.split(',').map(Number)
    const all = [x, z, distance, headingRad, pitchRad]
    return all.every((n) => n !== undefined && Number.isFinite(n))
        ? { x: x!, z: z!, distance: distance!, headingRad: headingRad!, pitchRad: pitchRad! }
        : undefined
}

const reducedMotion = () => matchMedia('(prefers-reduced-motion: reduce)')
/** The sun stands where it will in the plan's hour. */
function middleOfHour(): number | undefined {
    const plan = fleetMap.get()?.plan
    return plan && plan.startMs + 500 * plan.periodS
}

function worstAlarms(): Map<string, AlarmPriority> {
    const worst = new Map<string, AlarmPriority>()
    for (const priority of [...alarmPriorities].reverse())
        for (const a of alarms.get().values())
            if (a.priority === priority && a.active && a.state !== 'shelved') worst.set(a.source.split('/').slice(0, 2).join('/'), priority)
    return worst
}

/** Builds the world on the canvas and keeps it fed; returns what ends it. */
export function startWorld(
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
            world.apply({ tMs: middleOfHour() ?? values.tMs, value: values.value, quality: values.quality, estimated: values.estimated })
    }
    feed()
    world.setAlarms(worstAlarms())
    let shown = link.get().pick
    world.select(shown || undefined)
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
        fleetMap.subscribe(feed),
        alarms.subscribe(() => world.setAlarms(worstAlarms())),
        link.subscribe(() => {
            const next = link.get()
            if (next.pick !== shown) {
                shown = next.pick
                world.select(shown || undefined)
            }
        }),
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
            else if (kind === 'group') go({ view: 'vpp', part: 'now' })
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
