/**
 * Builds the world of a region on a canvas and keeps it in step with the state. Draws on demand: when a value, the
 * camera or the theme changed, or while light, rotors and plumes move; never while the page is hidden.
 */
import type { AlarmPriority } from '@gridverse/twin'
import { Scene, Vector3 } from 'three'
import { createOrbit } from './camera.ts'
import { type Anchor, placeDevices } from './device-places.ts'
import { createDevices, type Devices } from './devices.ts'
import { createFlow, emphasis } from './flow.ts'
import { circuitStatus, circuitStatusNames, createFlowState, valueAt } from './flow-state.ts'
import { createGround } from './ground.ts'
import { createLabels } from './labels.ts'
import { layOut } from './layout.ts'
import { createMarkers, type Mark } from './markers.ts'
import { createModels } from './models.ts'
import { labelsOf } from './names.ts'
import { alarmMarks, loadingColour, loadingLevel } from './palette.ts'
import { createPicker, groundHit, type Triple } from './picking.ts'
import { placesOf } from './places.ts'
import { createPlumes } from './plume.ts'
import { listen } from './pointer.ts'
import { createSightings } from './sightings.ts'
import { createSky } from './sky.ts'
import { createStage } from './stage.ts'
import { clearSkyWm2, sunDirection, sunPosition } from './sun.ts'
import type {
    CameraState,
    Language,
    PlacedOutage,
    ScreenPlace,
    Theme,
    World,
    WorldEvents,
    WorldOptions,
    WorldState,
} from './world-types.ts'

/** tolerance of picking, CSS pixels */
const pickPx = 7
/** light, rotors and plumes are drawn at most this often, frames per second */
const movingFps = { full: 30, plain: 8 }

export function createWorld(options: WorldOptions): World {
    const began = performance.now()
    const { canvas, model } = options
    const { region } = model
    let { theme, reducedMotion } = options
    let language: Language = options.language ?? 'en'
    let palette = options.palette ?? 'quiet'

    const stage = options.stage ?? createStage({ canvas, ...(options.quality ? { quality: options.quality } : {}) })
    const { renderer, full } = stage
    const pixelRatioMax = options.pixelRatioMax ?? (full ? 2 : 1)
    const scene = new Scene()
    const layout = layOut(region)
    const { terrain, placement, corridors } = layout
    const sky = createSky(scene, terrain.half)
    const ground = createGround(scene, terrain, layout.seed, layout.roads, theme, full)
    const models = createModels(scene, layout)
    const flow = createFlow(scene, corridors)
    const flowState = createFlowState(model, corridors.circuits)
    const circuitOf = new Map(corridors.circuits.map((circuit) => [circuit.component, circuit.index]))
    const plumes = createPlumes(scene, layout.units)
    const markers = createMarkers(scene)
    const labels = createLabels(scene)
    let picker = createPicker(layout.bodies, corridors)
    let devices: Devices | undefined
    let devicesShown = true
    const places = placesOf(layout)
    const circuitsOf = new Map<string, number[]>()
    for (const c of corridors.circuits) circuitsOf.set(c.component, [...(circuitsOf.get(c.component) ?? []), c.index])

    const overview: CameraState = { x: 0, z: placement.half * 0.1, distance: placement.half * 2.2, headingRad: 0, pitchRad: 0.6 }
    const limits = { reach: placement.half * 1.3, distanceMin: 9, distanceMax: placement.half * 4.2 }
    const orbit = createOrbit(limits, overview)
    const heightAt = (x: number, z: number) => Math.max(0, terrain.heightAt(x, z))

    const sight = createSightings(region, model.indexOf)
    const listeners: { [K in keyof WorldEvents]: Set<(detail: WorldEvents[K]) => void> } = {
        hover: new Set(),
        select: new Set(),
        open: new Set(),
        camera: new Set(),
    }
    const emit = <K extends keyof WorldEvents>(event: K, detail: WorldEvents[K]) => {
        for (const listener of [...listeners[event]]) listener(detail)
    }

    let alarms: ReadonlyMap<string, AlarmPriority> = new Map()
    let selected: string | undefined
    let hovered: string | undefined
    let kept: ReadonlySet<string> | undefined
    let outage: PlacedOutage | undefined
    let state: WorldState | undefined
    let sunMs = Number.NaN
    let width = Math.max(1, canvas.clientWidth || 1280)
    let height = Math.max(1, canvas.clientHeight || 720)
    let dirty = true
    let shadowDirty = true
    let lookDirty = true
    let labelsDirty = true
    let lastFrameMs = Number.NaN
    let lastDrawMs = -1e9
    let frameMs = 0
    let clearness = 1
    const wind = { mps: 6, fromDeg: 250 }
    const windOf = new Map<string, { mps: number; fromDeg: number }>()
    const rotorAngle = models.rotors.map((r) => r.phase)
    const scratch = new Vector3()
    const sunAt = new Vector3(0, 1, 0)

    const isKept = (component: string | undefined): boolean => kept === undefined || (component !== undefined && kept.has(component))

    function applyLook(): void {
        const night = sky.night
        const dark = theme === 'dark' || night > 0.6 ? 'dark' : 'light'
        models.setLook(palette, theme)
        flow.setLook(palette, theme, night)
        labels.set(labelsOf(layout, region, language), dark)
        labelsDirty = shadowDirty = dirty = true
    }
    function placeSun(tMs: number): void {
        const sun = sunPosition(tMs, region.latDeg, region.lonDeg)
        const wasDark = sky.night > 0.6
        sky.update(sun, clearness, theme)
        const [x, y, z] = sunDirection(sun)
        sunAt.set(x, y, z)
        models.uniforms.uNight.value = sky.night
        // modules lean towards the sun by day and lie flat at night
        models.uniforms.uTilt.value =
            sun.elevationDeg > 0 ? ((region.latDeg >= 0 ? 1 : -1) * Math.min(55, Math.max(8, 90 - sun.elevationDeg)) * Math.PI) / 180 : 0.15
        if (wasDark !== sky.night > 0.6) lookDirty = true
        sunMs = tMs
        shadowDirty = dirty = true
    }
    function emphasise(): void {
        for (const c of corridors.circuits)
            flow.setEmphasis(
                c.index,
                c.component === selected
                    ? emphasis.selected
                    : c.component === hovered
                      ? emphasis.hovered
                      : isKept(c.component)
                        ? emphasis.normal
                        : emphasis.faded,
            )
        dirty = true
    }
    function placeMarks(): void {
        const marks: Mark[] = []
        const dark = theme === 'dark' || sky.night > 0.6
        if (hovered && hovered !== selected) addMark(marks, hovered, dark ? 0xc9d6e0 : 0x55646f, 0, 15, false)
        if (selected) addMark(marks, selected, dark ? 0xffffff : 0x14202a, 0, 19, false)
        for (const [component, priority] of alarms) {
            const { colour, corners } = alarmMarks[priority]
            addMark(marks, component, colour, corners, priority === 'critical' ? 11 : 9, priority === 'critical' || priority === 'high')
        }
        if (outage) {
            for (const component of outage.loadingPercent.keys()) addMark(marks, component, loadingColour(100, 0, theme), 5, 11, false)
            addMark(marks, outage.lost, dark ? 0xb9a4e8 : 0x5a3a8c, 8, 13, false)
        }
        markers.set(marks)
        dirty = true
    }
    function addMark(marks: Mark[], component: string, colour: number, corners: number, sizePx: number, pulse: boolean): void {
        const p = places.get(component)
        if (p) marks.push({ x: p.x, y: p.y + p.halfY, z: p.z, colour, corners, sizePx, pulse })
    }

    function rayAt(xNdc: number, yNdc: number): { origin: Triple; direction: Triple } {
        const { camera } = orbit
        scratch.set(xNdc, yNdc, 0.5).unproject(camera).sub(camera.position).normalize()
        return { origin: [camera.position.x, camera.position.y, camera.position.z], direction: [scratch.x, scratch.y, scratch.z] }
    }
    const slope = () => (pickPx * 2 * Math.tan((orbit.camera.fov * Math.PI) / 360)) / height
    const pickRay = (origin: Triple, direction: Triple, tolerance = 0.008) => {
        const component = picker.pick(origin, direction, tolerance, groundHit(heightAt, origin, direction, terrain.half * 3))
        return component === undefined ? undefined : { component }
    }
    const pick = (xNdc: number, yNdc: number) => {
        const { origin, direction } = rayAt(xNdc, yNdc)
        return pickRay(origin, direction, slope())
    }
    const ndc = (x: number, y: number): [number, number] => [(x / width) * 2 - 1, 1 - (y / height) * 2]

    function flyTo(target: string): void {
        const p = target === 'overview' ? undefined : places.get(target)
        const now = orbit.state()
        if (target === 'overview') orbit.flyTo(fitOverview(), reducedMotion)
        else if (p)
            orbit.flyTo(
                {
                    ...now,
                    x: p.x,
                    z: p.z,
                    distance: Math.min(limits.distanceMax, p.view),
                    pitchRad: Math.min(0.62, Math.max(0.38, now.pitchRad)),
                },
                reducedMotion,
            )
        dirty = true
    }
    /** On an upright screen the region needs a farther eye. */
    const fitOverview = (): CameraState => {
        const aspect = width / height
        if (aspect >= 1.2) return overview
        return { ...overview, distance: overview.distance * Math.min(1.35, 1.25 / aspect), pitchRad: 0.85, z: placement.half * 0.02 }
    }

    /** The state's flows, with the placed outage over them. */
    function showFlows(): void {
        if (state) flowState.read(state)
        if (outage) {
            for (const k of circuitsOf.get(outage.lost) ?? []) flowState.status[k] = circuitStatus.open
            for (const [component, percent] of outage.loadingPercent)
                for (const k of circuitsOf.get(component) ?? []) flowState.level[k] = loadingLevel(percent)
        }
        flow.show(flowState)
        dirty = true
    }

    const unitOf = new Map(layout.units.map((u) => [u.component, u]))
    const busOfLoad = new Map(region.network.load.map((l) => [`load/${l.id}`, l.bus]))
    const anchors = new Map<string, Anchor>()
    /** What devices of a load stand about: its body, else the kiosk or yard of its bus. One object for each, as they are told apart by it. */
    function loadAnchor(component: string): Anchor | undefined {
        const known = anchors.get(component)
        if (known) return known
        const unit = unitOf.get(component)
        const bus = busOfLoad.get(component)
        const site = bus === undefined ? undefined : placement.siteOfBus.get(bus)
        const made = unit ? { x: unit.x, z: unit.z, keep: unit.size * 0.6 } : site && { x: site.x, z: site.z, keep: site.yardRadius }
        if (made) anchors.set(component, made)
        return made
    }
    const siteAnchor = (site: { readonly id: string }): Anchor | undefined => {
        const placed = placement.sites.find((s) => s.site.id === site.id)
        const key = `site/${site.id}`
        const made = anchors.get(key) ?? (placed && { x: placed.x, z: placed.z, keep: placed.yardRadius })
        if (made) anchors.set(key, made)
        return made
    }

    const world: World = {
        apply(next) {
            state = next
            showFlows()
            for (const s of sight.switches) {
                const v = valueAt(next, s.index)
                models.setSwitch(s.id, Number.isNaN(v) ? undefined : v > 0.5)
            }
            for (const s of sight.charges) {
                const v = valueAt(next, s.index)
                if (!Number.isNaN(v)) models.setCharge(s.component, v)
            }
            for (const g of sight.outputs) plumes.setOutput(g.component, valueAt(next, g.index) / g.pMaxMw)
            readWeather(next)
            // the sun moves by a quarter of a degree in a minute
            if (!(Math.abs(next.tMs - sunMs) < 60_000)) placeSun(next.tMs)
            dirty = true
        },
        setOutage(next) {
            outage = next
            showFlows()
            placeMarks()
        },
        setAlarms(components) {
            alarms = components
            placeMarks()
        },
        setDevices(list) {
            for (const body of devices?.bodies ?? []) places.delete(body.component)
            devices?.dispose()
            devices = undefined
            if (list.length > 0) {
                const spots = placeDevices(list, loadAnchor, region.site, siteAnchor)
                devices = createDevices(scene, list, spots, (x, z) => Math.max(0.2, terrain.heightAt(x, z)), models.solid)
                devices.setShown(devicesShown)
                if (kept) devices.setFade(isKept)
                for (const b of devices.bodies) places.set(b.component, { x: b.x, y: b.y, z: b.z, halfY: b.halfY, view: 16 })
            }
            picker = createPicker([...layout.bodies, ...(devicesShown ? (devices?.bodies ?? []) : [])], corridors)
            placeMarks()
            return devices?.bodies.length ?? 0
        },
        setDeviceStates(states) {
            devices?.setStates(states)
            dirty = true
        },
        showDevices(shown) {
            devicesShown = shown
            devices?.setShown(shown)
            picker = createPicker([...layout.bodies, ...(shown ? (devices?.bodies ?? []) : [])], corridors)
            shadowDirty = dirty = true
        },
        select(component) {
            if (component === selected) return
            selected = component
            emphasise()
            placeMarks()
        },
        hover(component) {
            if (component === hovered) return
            hovered = component
            emphasise()
            placeMarks()
        },
        fade(componentsKept) {
            kept = componentsKept
            flow.setFaded(kept !== undefined)
            models.setFade(kept === undefined ? undefined : isKept)
            devices?.setFade(kept === undefined ? undefined : isKept)
            emphasise()
            labelsDirty = true
        },
        flyTo,
        camera: () => orbit.state(),
        setCamera(next) {
            orbit.set(next)
            dirty = true
        },
        pick,
        pickRay,
        on(event, listener) {
            listeners[event].add(listener)
            return () => listeners[event].delete(listener)
        },
        setTheme(next: Theme) {
            if (next === theme) return
            theme = next
            ground.setTheme(theme)
            complete = false
            if (!Number.isNaN(sunMs)) placeSun(sunMs)
            lookDirty = true
            placeMarks()
        },
        setLanguage(next) {
            language = next
            lookDirty = dirty = true
        },
        setPalette(next) {
            palette = next
            lookDirty = dirty = true
        },
        setReducedMotion(reduced) {
            reducedMotion = reduced
            dirty = true
        },
        resize(w, h, dpr) {
            width = Math.max(1, w)
            height = Math.max(1, h)
            renderer.setPixelRatio(Math.min(pixelRatioMax, Math.max(1, dpr)))
            renderer.setSize(width, height, false)
            orbit.setAspect(width / height)
            flow.setViewport(width, height)
            labelsDirty = dirty = true
        },
        frame,
        stats: () => ({
            drawCalls: renderer.info.render.calls,
            triangles: renderer.info.render.triangles,
            components: picker.count,
            frameMs,
            buildMs,
        }),
        drawn(component) {
            const k = circuitOf.get(component)
            if (k === undefined) return undefined
            const direction = flowState.direction[k]! as -1 | 0 | 1
            return { status: circuitStatusNames[flowState.status[k]!]!, direction, level: flowState.level[k]! }
        },
        drawnDevice: (component) => devices?.drawn(component),
        project(component): ScreenPlace {
            const p = places.get(component)
            if (!p) return { x: 0, y: 0, visible: false }
            scratch.set(p.x, p.y + p.halfY, p.z).project(orbit.camera)
            const visible = scratch.z < 1 && Math.abs(scratch.x) <= 1 && Math.abs(scratch.y) <= 1
            return { x: ((scratch.x + 1) / 2) * width, y: ((1 - scratch.y) / 2) * height, visible }
        },
        three: { renderer, scene, camera: orbit.camera },
        dispose() {
            unlisten()
            devices?.dispose()
            for (const part of [ground, models, flow, plumes, markers, labels, sky]) part.dispose()
            // a stage that was lent outlives the world
            if (!options.stage) stage.dispose()
        },
    }

    function readWeather(next: WorldState): void {
        let ratio = 0
        let known = 0
        for (const s of sight.weather) {
            const mps = valueAt(next, s.windMps)
            const fromDeg = valueAt(next, s.windFromDeg)
            const irradiance = valueAt(next, s.irradianceWm2)
            if (!Number.isNaN(mps)) {
                wind.mps = mps
                wind.fromDeg = Number.isNaN(fromDeg) ? wind.fromDeg : fromDeg
                windOf.set(s.site, { mps, fromDeg: wind.fromDeg })
            }
            const clear = clearSkyWm2(sunPosition(next.tMs, region.latDeg, region.lonDeg).elevationDeg)
            if (!Number.isNaN(irradiance) && clear > 60) {
                ratio += Math.min(1, irradiance / clear)
                known++
            }
        }
        const now = known > 0 ? Math.min(1, ratio / known) : 0.9
        if (Math.abs(now - clearness) > 0.04) {
            clearness = now
            sunMs = Number.NaN
        }
    }

    /** Rotor speed, rad/s: still below the cut-in wind and above the cut-out, 12 turns a minute at most. */
    const rotorSpeed = (mps: number) => (mps < 3 || mps > 25 ? 0 : Math.min(1.26, 0.25 + mps * 0.09))

    function frame(tMs: number): void {
        const dt = Number.isNaN(lastFrameMs) ? 0 : Math.min(0.1, (tMs - lastFrameMs) / 1000)
        lastFrameMs = tMs
        if (typeof document !== 'undefined' && document.hidden) return
        const cameraMoved = orbit.step(dt, heightAt, reducedMotion)
        const animated =
            !reducedMotion && (flow.moving || plumes.moving || markers.moving || models.rotors.length > 0 || devices?.moving === true)
        // a slow machine draws motion less often, so that at most a third of its time goes into it
        if (drewLast && !cameraMoved) costMs += 0.3 * (Math.min(2000, tMs - lastDrawMs) - costMs)
        drewLast = false
        const pauseMs = Math.max(1000 / movingFps[full ? 'full' : 'plain'] - 4, costMs > 40 ? 3 * costMs : 0)
        const due = animated && tMs - lastDrawMs >= pauseMs
        if (drawn && !complete && !cameraMoved) complete = !improve(Math.min(80, Math.max(12, 0.25 * costMs)))
        if (!dirty && !cameraMoved && !due) return
        draw(tMs, cameraMoved)
        drewLast = drawn = true
    }
    let drawn = false
    let complete = false
    /** While the camera rests: the fine picture of the ground, then what is too small to be seen at first. False when all is there. */
    function improve(budgetMs: number): boolean {
        const until = performance.now() + budgetMs
        for (;;) {
            const picture = ground.refine()
            if (picture === 'done') return models.fillNext()
            if (picture === 'shown') dirty = true
            if (picture === 'shown' || performance.now() > until) return true
        }
    }
    let drewLast = false
    /** from one frame drawn to the next call, ms, smoothed: what a frame really costs */
    let costMs = 0

    function draw(tMs: number, cameraMoved: boolean): void {
        const started = performance.now()
        const seconds = tMs / 1000
        const elapsed = Math.min(0.2, (tMs - lastDrawMs) / 1000)
        lastDrawMs = tMs
        dirty = false
        if (Number.isNaN(sunMs)) placeSun(state?.tMs ?? Date.UTC(2026, 5, 21, 12) - region.lonDeg * 240_000)
        if (lookDirty) {
            lookDirty = false
            applyLook()
        }
        const { camera } = orbit
        const now = orbit.state()
        const eye = camera.position
        turnRotors(elapsed)
        if (models.update(eye.x, eye.y, eye.z)) shadowDirty ||= cameraMoved || lastShadow !== sunMs
        const dark = theme === 'dark' || sky.night > 0.6
        if (devices?.update(eye.x, eye.y, eye.z, reducedMotion ? 0.3 : seconds, dark)) shadowDirty ||= cameraMoved
        flow.update(eye.x, eye.y, eye.z, now.distance, seconds, reducedMotion)
        const to = ((wind.fromDeg + 180) * Math.PI) / 180
        const push = Math.min(1.6, wind.mps / 8)
        plumes.update(reducedMotion ? 5 : seconds, Math.sin(to) * push, -Math.cos(to) * push, sky.night, sky.horizon)
        ground.update(reducedMotion ? 0 : seconds, sky.night, sky.horizon, sunAt, now.distance)
        sky.drift(reducedMotion ? 0 : seconds)
        markers.update(seconds, width, height, reducedMotion, dark)
        if (cameraMoved || labelsDirty) {
            labelsDirty = false
            labels.update(camera, width, height, kept)
            emitCamera(now)
        }
        if (cameraMoved || shadowDirty) sky.follow(now.x, heightAt(now.x, now.z), now.z, now.distance)
        // shadows are drawn again when the sun or the view moved noticeably
        const view = `${Math.round(now.x / (now.distance * 0.06))},${Math.round(now.z / (now.distance * 0.06))},${Math.round(Math.log2(now.distance) * 5)}`
        if (shadowDirty || view !== shadowView) {
            shadowDirty = false
            shadowView = view
            lastShadow = sunMs
            renderer.shadowMap.needsUpdate = true
        }
        renderer.info.reset()
        renderer.render(scene, camera)
        stage.settle()
        frameMs = performance.now() - started
    }
    let shadowView = ''
    let lastShadow = Number.NaN
    let lastCamera = ''
    function emitCamera(now: CameraState): void {
        const text = `${now.x.toFixed(1)},${now.z.toFixed(1)},${now.distance.toFixed(1)},${now.headingRad.toFixed(3)},${now.pitchRad.toFixed(3)}`
        if (text === lastCamera) return
        lastCamera = text
        emit('camera', now)
    }
    let rotorsPlaced = false
    function turnRotors(dt: number): void {
        if (models.rotors.length === 0 || (reducedMotion && rotorsPlaced)) return
        rotorsPlaced = true
        for (const [k, r] of models.rotors.entries()) {
            const local = windOf.get(r.site) ?? wind
            rotorAngle[k] = (rotorAngle[k]! - rotorSpeed(local.mps) * dt) % (2 * Math.PI)
            // the rotor's plane faces where the wind comes from
            models.turnRotor(k, Math.PI - (local.fromDeg * Math.PI) / 180, rotorAngle[k]!)
        }
    }

    const unlisten =
        options.input === false
            ? () => {}
            : listen(canvas, {
                  pan: (right, up) => orbit.pan(right, up),
                  turn: (heading, pitch) => orbit.turn(heading, pitch),
                  zoom(factor, x, y) {
                      const { origin, direction } = rayAt(...ndc(x, y))
                      const t = groundHit(heightAt, origin, direction, terrain.half * 3)
                      orbit.zoom(
                          factor,
                          Number.isFinite(t) ? { x: origin[0] + direction[0] * t, z: origin[2] + direction[2] * t } : undefined,
                      )
                  },
                  hold: (held, coast) => orbit.hold(held, coast),
                  hover(place) {
                      const found = place ? pick(...ndc(place.x, place.y))?.component : undefined
                      const changed = found !== hovered
                      world.hover(found)
                      if (changed || found) emit('hover', { component: found, x: place?.x ?? 0, y: place?.y ?? 0 })
                  },
                  tap(x, y) {
                      const found = pick(...ndc(x, y))?.component
                      world.select(found)
                      emit('select', { component: found })
                  },
                  open(x, y) {
                      const found = pick(...ndc(x, y))?.component
                      if (!found) return
                      world.select(found)
                      emit('select', { component: found })
                      emit('open', { component: found })
                  },
                  key(name) {
                      if (name === 'overview') flyTo('overview')
                      else if (name === 'open') {
                          if (selected) emit('open', { component: selected })
                      } else if (name === 'clear') {
                          world.select(undefined)
                          emit('select', { component: undefined })
                      } else step(name === 'next' ? 1 : -1)
                  },
              })
    /** The keyboard walks from site to site, west to east. */
    const tour = placement.sites.filter((s) => s.role !== 'kiosk').sort((a, b) => a.x - b.x)
    function step(by: 1 | -1): void {
        if (tour.length === 0) return
        const at = tour.findIndex((s) => `site/${s.site.id}` === selected)
        const next = `site/${tour[(at + by + tour.length) % tour.length]!.site.id}`
        world.select(next)
        emit('select', { component: next })
        flyTo(next)
    }
    const buildMs = performance.now() - began
    // nothing is known before the first state
    flow.show(flowState)
    world.resize(width, height, globalThis.devicePixelRatio ?? 1)
    orbit.set(fitOverview())
    return world
}
