/**
 * Builds the world of a region on a canvas and keeps it in step with the state. Draws on demand: when a value, the
 * camera or the theme changed, or while light, rotors and plumes move; never while the page is hidden.
 */
import { type PerspectiveCamera, Scene, Vector3 } from 'three'
import { createAttention, emphasisOf, isKept, marksOf } from './attention.ts'
import { createOrbit } from './camera.ts'
import { createCrop } from './crop.ts'
import { createFleetLayer } from './fleet-layer.ts'
import { createFlow } from './flow.ts'
import { circuitStatus, circuitStatusNames, createFlowState, valueAt } from './flow-state.ts'
import { createGround } from './ground.ts'
import { createImmersion } from './immersion.ts'
import { createLabels } from './labels.ts'
import { layOut } from './layout.ts'
import { createMarkers } from './markers.ts'
import { createModels } from './models.ts'
import { labelsOf } from './names.ts'
import { createPace } from './pace.ts'
import { loadingLevel } from './palette.ts'
import { createPicker, groundHit, type Triple } from './picking.ts'
import { placesOf } from './places.ts'
import { createPlumes } from './plume.ts'
import { createSightings } from './sightings.ts'
import { createSky } from './sky.ts'
import { createStage } from './stage.ts'
import { sunDirection, sunPosition } from './sun.ts'
import { createWeather } from './weather.ts'
import { listenToWorld } from './world-input.ts'
import type { CameraState, Language, ScreenPlace, Theme, World, WorldEvents, WorldOptions, WorldState } from './world-types.ts'

/** tolerance of picking, CSS pixels */
const pickPx = 7
/** What is seen, by whom: the orbit's camera, or a headset's. */
interface View {
    readonly camera: PerspectiveCamera
    readonly eye: Vector3
    /** point looked at and its distance, world units */
    readonly x: number
    readonly z: number
    readonly distance: number
    /** pixels of an eye */
    readonly width: number
    readonly height: number
    /** 1 on a screen; of a model on a table, how much of the world a metre is */
    readonly unitsPerMetre: number
    /** all is fog beyond, world units */
    readonly sight?: number
    readonly moved: boolean
}

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
    const crop = createCrop()
    const sky = createSky(scene, terrain.half)
    const ground = createGround(scene, terrain, layout.seed, layout.roads, theme, full, crop)
    const models = createModels(scene, layout, crop)
    const flow = createFlow(scene, corridors, crop)
    const flowState = createFlowState(model, corridors.circuits)
    const circuitOf = new Map(corridors.circuits.map((circuit) => [circuit.component, circuit.index]))
    const plumes = createPlumes(scene, layout.units, crop)
    const markers = createMarkers(scene, crop)
    const labels = createLabels(scene, crop)
    let picker = createPicker(layout.bodies, corridors)
    const places = placesOf(layout)
    const fleet = createFleetLayer(scene, region, layout, models.solid, crop, places)
    const circuitsOf = new Map<string, number[]>()
    for (const c of corridors.circuits) circuitsOf.set(c.component, [...(circuitsOf.get(c.component) ?? []), c.index])

    const overview: CameraState = { x: 0, z: placement.half * 0.1, distance: placement.half * 2.2, headingRad: 0, pitchRad: 0.6 }
    const limits = { reach: placement.half * 1.3, distanceMin: 9, distanceMax: placement.half * 4.2 }
    const orbit = createOrbit(limits, overview)
    const heightAt = (x: number, z: number) => Math.max(0, terrain.heightAt(x, z))

    const sight = createSightings(region, model.indexOf)
    const weather = createWeather(sight.weather, region.latDeg, region.lonDeg)
    const pace = createPace(full)
    const attention = createAttention()
    const listeners: { [K in keyof WorldEvents]: Set<(detail: WorldEvents[K]) => void> } = {
        hover: new Set(),
        select: new Set(),
        open: new Set(),
        camera: new Set(),
    }
    const emit = <K extends keyof WorldEvents>(event: K, detail: WorldEvents[K]) => {
        for (const listener of [...listeners[event]]) listener(detail)
    }

    let state: WorldState | undefined
    let sunMs = Number.NaN
    let width = Math.max(1, canvas.clientWidth || 1280)
    let height = Math.max(1, canvas.clientHeight || 720)
    let dirty = true
    let shadowDirty = true
    let lookDirty = true
    let labelsDirty = true
    let lastFrameMs = Number.NaN
    let frameMs = 0
    let complete = false
    const rotorAngle = models.rotors.map((r) => r.phase)
    const scratch = new Vector3()
    const sunAt = new Vector3(0, 1, 0)

    const keeps = (component: string | undefined) => isKept(attention, component)
    const isDark = () => theme === 'dark' || sky.night > 0.6

    function applyLook(): void {
        const night = sky.night
        models.setLook(palette, theme)
        flow.setLook(palette, theme, night)
        labels.set(labelsOf(layout, region, language), isDark() ? 'dark' : 'light')
        labelsDirty = shadowDirty = dirty = true
    }
    function placeSun(tMs: number): void {
        const sun = sunPosition(tMs, region.latDeg, region.lonDeg)
        const wasDark = sky.night > 0.6
        sky.update(sun, weather.clearness, theme)
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
        for (const c of corridors.circuits) flow.setEmphasis(c.index, emphasisOf(attention, c.component))
        dirty = true
    }
    function placeMarks(): void {
        markers.set(marksOf(attention, places, isDark(), theme))
        dirty = true
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
        const { outage } = attention
        if (outage) {
            for (const k of circuitsOf.get(outage.lost) ?? []) flowState.status[k] = circuitStatus.open
            for (const [component, percent] of outage.loadingPercent)
                for (const k of circuitsOf.get(component) ?? []) flowState.level[k] = loadingLevel(percent)
        }
        flow.show(flowState)
        dirty = true
    }

    const lookForPicks = () => {
        picker = createPicker([...layout.bodies, ...fleet.bodies], corridors)
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
            if (weather.read(next)) sunMs = Number.NaN
            // the sun moves by a quarter of a degree in a minute
            if (!(Math.abs(next.tMs - sunMs) < 60_000)) placeSun(next.tMs)
            dirty = true
        },
        setOutage(next) {
            attention.outage = next
            showFlows()
            placeMarks()
        },
        setAlarms(components) {
            attention.alarms = components
            placeMarks()
        },
        setDevices(list) {
            const placed = fleet.set(list, attention.kept && keeps)
            lookForPicks()
            placeMarks()
            return placed
        },
        setDeviceStates(states) {
            fleet.setStates(states)
            dirty = true
        },
        showDevices(shown) {
            fleet.show(shown)
            lookForPicks()
            shadowDirty = dirty = true
        },
        select(component) {
            if (component === attention.selected) return
            attention.selected = component
            emphasise()
            placeMarks()
        },
        hover(component) {
            if (component === attention.hovered) return
            attention.hovered = component
            emphasise()
            placeMarks()
        },
        fade(componentsKept) {
            attention.kept = componentsKept
            const kept = componentsKept && keeps
            flow.setFaded(kept !== undefined)
            models.setFade(kept)
            fleet.setFade(kept)
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
            // the headset sets the size while it shows the world; what is asked for meanwhile comes after
            if (renderer.xr.isPresenting) return
            renderer.setPixelRatio(Math.min(pixelRatioMax, Math.max(1, dpr)))
            renderer.setSize(width, height, false)
            orbit.setAspect(width / height)
            for (const part of [flow, fleet]) part.setViewport(width, height)
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
        drawnDevice: fleet.drawn,
        project(component): ScreenPlace {
            const p = places.get(component)
            if (!p) return { x: 0, y: 0, visible: false }
            scratch.set(p.x, p.y + p.halfY, p.z).project(orbit.camera)
            const visible = scratch.z < 1 && Math.abs(scratch.x) <= 1 && Math.abs(scratch.y) <= 1
            return { x: ((scratch.x + 1) / 2) * width, y: ((1 - scratch.y) / 2) * height, visible }
        },
        three: { renderer, scene, camera: orbit.camera },
        placeOf(component) {
            const p = places.get(component)
            return p && [p.x, p.y, p.z]
        },
        groundAt(origin, direction) {
            const t = groundHit(heightAt, origin, direction, terrain.half * 3)
            return Number.isFinite(t)
                ? [origin[0] + direction[0] * t, origin[1] + direction[1] * t, origin[2] + direction[2] * t]
                : undefined
        },
        heightAt,
        immerse() {
            immersed = true
            return createImmersion({
                renderer,
                scene,
                crop,
                setSky: sky.setShown,
                draw(tMs, camera, eye, { x, z, distance, unitsPerMetre, radius, sky: open }, size) {
                    for (const part of [flow, fleet]) part.setViewport(size.x, size.y)
                    if (pace.drawn && !complete) complete = !improve(2)
                    draw(tMs, {
                        camera,
                        eye,
                        x,
                        z,
                        distance,
                        unitsPerMetre,
                        width: size.x,
                        height: size.y,
                        moved: true,
                        ...(open && radius > 0 ? { sight: radius } : {}),
                    })
                },
                end() {
                    immersed = false
                    shadowView = ''
                    orbit.set(orbit.state())
                    world.resize(width, height, globalThis.devicePixelRatio ?? 1)
                },
            })
        },
        dispose() {
            unlisten()
            fleet.dispose()
            for (const part of [ground, models, flow, plumes, markers, labels, sky]) part.dispose()
            // a stage that was lent outlives the world
            if (!options.stage) stage.dispose()
        },
    }

    /** Rotor speed, rad/s: still below the cut-in wind and above the cut-out, 12 turns a minute at most. */
    const rotorSpeed = (mps: number) => (mps < 3 || mps > 25 ? 0 : Math.min(1.26, 0.25 + mps * 0.09))

    function frame(tMs: number): void {
        const dt = Number.isNaN(lastFrameMs) ? 0 : Math.min(0.1, (tMs - lastFrameMs) / 1000)
        lastFrameMs = tMs
        if (immersed || (typeof document !== 'undefined' && document.hidden)) return
        const moved = orbit.step(dt, heightAt, reducedMotion)
        const animated = !reducedMotion && (flow.moving || plumes.moving || markers.moving || models.rotors.length > 0 || fleet.moving)
        const due = pace.look(tMs, moved, animated)
        if (pace.drawn && !complete && !moved) complete = !improve(Math.min(80, Math.max(12, 0.25 * pace.costMs)))
        if (!dirty && !moved && !due) return
        const { camera } = orbit
        const { x, z, distance } = orbit.state()
        draw(tMs, { camera, eye: camera.position, x, z, distance, width, height, unitsPerMetre: 1, moved })
    }
    let immersed = false
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

    function draw(tMs: number, { camera, eye, x, z, distance, width: w, height: h, unitsPerMetre, sight, moved }: View): void {
        const started = performance.now()
        const seconds = tMs / 1000
        const elapsed = pace.elapsed(tMs)
        pace.drew(tMs)
        dirty = false
        if (Number.isNaN(sunMs)) placeSun(state?.tMs ?? Date.UTC(2026, 5, 21, 12) - region.lonDeg * 240_000)
        if (lookDirty) {
            lookDirty = false
            applyLook()
        }
        turnRotors(elapsed)
        if (models.update(eye.x, eye.y, eye.z)) shadowDirty ||= moved || lastShadow !== sunMs
        const dark = isDark()
        if (fleet.update(eye.x, eye.y, eye.z, seconds, reducedMotion, dark)) shadowDirty ||= moved
        flow.update(eye.x, eye.y, eye.z, distance, seconds, reducedMotion)
        const { wind } = weather
        const to = ((wind.fromDeg + 180) * Math.PI) / 180
        const push = Math.min(1.6, wind.mps / 8)
        plumes.update(reducedMotion ? 5 : seconds, Math.sin(to) * push, -Math.cos(to) * push, sky.night, sky.horizon)
        ground.update(reducedMotion ? 0 : seconds, sky.night, sky.horizon, sunAt, distance)
        sky.drift(reducedMotion ? 0 : seconds)
        markers.update(seconds, w, h, reducedMotion, dark)
        if (moved || labelsDirty) {
            labelsDirty = false
            labels.update(camera, w, h, attention.kept)
            if (!immersed) emitCamera(orbit.state())
        }
        if (moved || shadowDirty) sky.follow(x, heightAt(x, z), z, distance, unitsPerMetre, sight)
        // shadows are drawn again when the sun or the view moved noticeably
        const view = `${Math.round(x / (distance * 0.06))},${Math.round(z / (distance * 0.06))},${Math.round(Math.log2(distance) * 5)}`
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
            const local = weather.windOf(r.site)
            rotorAngle[k] = (rotorAngle[k]! - rotorSpeed(local.mps) * dt) % (2 * Math.PI)
            // the rotor's plane faces where the wind comes from
            models.turnRotor(k, Math.PI - (local.fromDeg * Math.PI) / 180, rotorAngle[k]!)
        }
    }

    const unlisten =
        options.input === false
            ? () => {}
            : listenToWorld(canvas, {
                  world,
                  orbit,
                  attention,
                  emit,
                  tour: placement.sites
                      .filter((p) => p.role !== 'kiosk')
                      .sort((a, b) => a.x - b.x)
                      .map((p) => `site/${p.site.id}`),
                  ndc,
                  groundAt(x, y) {
                      const { origin, direction } = rayAt(...ndc(x, y))
                      return world.groundAt(origin, direction)
                  },
              })
    const buildMs = performance.now() - began
    // nothing is known before the first state
    flow.show(flowState)
    world.resize(width, height, globalThis.devicePixelRatio ?? 1)
    orbit.set(fitOverview())
    return world
}
