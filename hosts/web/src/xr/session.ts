/**
 * The world in a headset: as a model on a table, in a room where the headset lets it through, or walked in. What is shown,
 * picked and read is the desk's own state; nothing can be commanded from here.
 */
import type { World } from '@gridverse/scene'
import { Group, Mesh, MeshBasicMaterial, Object3D, type Raycaster, RingGeometry, Vector3 } from 'three'
import { get } from '../model/api.ts'
import { fleetAsked, fleetMap } from '../model/fleet-map.ts'
import { splitComponent } from '../model/region.ts'
import { beat, go, link, pick } from '../model/state.ts'
import { setHandleXr } from '../parts/handle.ts'
import { lang, t } from '../text/index.ts'
import { createHands, type Stick } from './hands.ts'
import { createPanel, type PanelButton } from './panel.ts'
import { findFloor } from './place-in-room.ts'
import { anchorAt, onFoot, onTable, rigOf, type Triple, tableRadiusM, toWorld, turn, turnStepRad, zoom } from './stand.ts'
import { hourText, wordsOf } from './words.ts'

export type XrMode = 'immersive-vr' | 'immersive-ar'
/** from the eye, m */
const panelDistanceM = 1.35
const tableHeightM = 0.82
/** how far a walker sees, world units */
const walkSight = 240
const tableAwayM = 0.95

/** Enters; resolves when the session runs. The session's own end brings the screen back. */
export async function enterXr(world: World, mode: XrMode, onEnd: () => void): Promise<XRSession> {
    const room = mode === 'immersive-ar'
    const session = await navigator.xr!.requestSession(mode, {
        requiredFeatures: ['local-floor'],
        optionalFeatures: ['hand-tracking', ...(room ? ['hit-test', 'anchors'] : [])],
    })
    const { renderer } = world.three
    renderer.xr.enabled = true
    renderer.xr.setReferenceSpaceType('local-floor')
    const immersion = world.immerse()
    const { rig, camera } = immersion
    const hands = createHands(renderer, rig, camera)
    const panel = createPanel()
    const rim = createRim()
    rig.add(panel.mesh, rim.mesh)

    let stand = onTable(firstFocus(world), [0, tableHeightM, -tableAwayM], 0)
    /** in a room the model is carried along by the eye until it is put down */
    let carried = room
    let settled = false
    const placed = room ? findFloor(session, renderer) : undefined

    // ── what can be pointed at: the panel, and the world behind one stand-in ──
    const targets = new Group()
    const stage = new Stage((origin, direction) => {
        if (carried) return undefined
        const component = world.pickRay(origin, direction)?.component
        const at = (component && world.placeOf(component)) || world.groundAt(origin, direction)
        if (!at) return undefined
        const outside =
            stand.mode === 'table' && Math.hypot(at[0] - stand.focus[0], at[2] - stand.focus[2]) > tableRadiusM * stand.unitsPerMetre
        return outside ? undefined : { at, ...(component ? { component } : {}) }
    })
    const listen = (object: Object3D, type: string, listener: (event: Pointed) => void) =>
        (object as unknown as { addEventListener(type: string, listener: (event: Pointed) => void): void }).addEventListener(type, listener)
    listen(panel.mesh, 'click', ({ uv }) => uv && press(panel.buttonAt(uv.x, uv.y)))
    listen(panel.mesh, 'pointermove', ({ uv }) => panel.light(uv && panel.buttonAt(uv.x, uv.y)))
    listen(panel.mesh, 'pointerleave', () => panel.light(undefined))
    listen(stage, 'pointermove', () => world.hover(stage.hit?.component))
    listen(stage, 'pointerleave', () => world.hover(undefined))
    listen(stage, 'click', () => {
        const { hit } = stage
        if (!hit) return
        if (hit.component) choose(hit.component)
        else goTo(hit.at)
    })
    targets.add(stage)
    // the panel hangs in the rig; it is pointed at there
    targets.interactableDescendants = [stage, panel.mesh]

    function choose(component: string): void {
        world.select(component)
        pick(component)
        hands.buzz()
    }
    /** Brings a point of the ground to the middle of the table, or the person to it. */
    function goTo([x, , z]: Triple): void {
        const at: Triple = [x, world.heightAt(x, z), z]
        if (stand.mode === 'table') stand = { ...stand, focus: at }
        else {
            stand = { ...onFoot(at, headOf(), stand.headingRad) }
            placePanel()
        }
    }
    const headOf = (): Triple => {
        const { x, y, z } = camera.position
        return [x, y, z]
    }
    /** where the eye looks to, along the floor */
    const forward = (): readonly [number, number] => {
        const d = new Vector3(0, 0, -1).applyQuaternion(camera.quaternion)
        const flat = Math.hypot(d.x, d.z)
        return flat < 0.05 ? [0, -1] : [d.x / flat, d.z / flat]
    }
    /** Stands behind the model, or before the person, and faces him. */
    function placePanel(): void {
        const [hx, hy, hz] = headOf()
        const [fx, fz] = forward()
        const side = stand.mode === 'table' ? 0 : 0.35
        panel.mesh.position.set(hx + fx * panelDistanceM - fz * side, hy - 0.12, hz + fz * panelDistanceM + fx * side)
        panel.mesh.rotation.set(0, Math.atan2(hx - panel.mesh.position.x, hz - panel.mesh.position.z), 0)
    }

    // ── the hours of the plan ──
    function stepHour(by: 1 | -1): void {
        const plan = fleetMap.get()?.plan
        if (!plan) go({ part: 'plan', world: 'live', camera: '' }, true)
        else go({ part: `plan/${(plan.period + by + plan.periods) % plan.periods}` }, true)
    }
    function press(button: string | undefined): void {
        if (!button) return
        hands.buzz()
        if (button === 'earlier') stepHour(-1)
        else if (button === 'later') stepHour(1)
        else if (button === 'now') go({ part: '', world: 'live' }, true)
        else if (button === 'smaller') stand = zoom(stand, 1 / 1.5)
        else if (button === 'larger') stand = zoom(stand, 1.5)
        else if (button === 'left') rotate(-1)
        else if (button === 'right') rotate(1)
        else if (button === 'walk') {
            const picked = world.placeOf(link.get().pick)
            const at = picked ? standBefore(picked) : stand.focus
            stand = onFoot([at[0], world.heightAt(at[0], at[2]), at[2]], headOf(), stand.headingRad)
            placePanel()
        } else if (button === 'table') layTable(stand.focus)
        else if (button === 'exit') void session.end()
    }
    /** A few steps to the south of a thing: it is seen, not stood in. */
    const standBefore = ([x, y, z]: Triple): Triple => [x, y, z + 5]
    function rotate(by: 1 | -1): void {
        // about the person where he walks, about its middle where it is a model
        if (stand.mode === 'walk') stand = anchorAt(stand, [camera.position.x, 0, camera.position.z])
        stand = turn(stand, by * turnStepRad)
    }
    function layTable(focus: Triple): void {
        const [hx, , hz] = headOf()
        const [fx, fz] = forward()
        const anchor: Triple = [hx + fx * tableAwayM, tableHeightM, hz + fz * tableAwayM]
        stand = onTable([focus[0], world.heightAt(focus[0], focus[2]), focus[2]], anchor, stand.headingRad)
        placePanel()
    }

    // ── what the panel says ──
    const names = new Map<string, string>()
    function say(): void {
        const fleet = fleetMap.get()
        const component = link.get().pick
        const { kind, id } = splitComponent(component)
        if (kind === 'resource' && !names.has(id)) {
            names.set(id, id)
            void get<{ resource: { name: string; nameZh?: string } }>(`/vpp/resources/${encodeURIComponent(id)}`).then(
                ({ resource }) => {
                    names.set(id, (lang.get() === 'zh' && resource.nameZh) || resource.name)
                    say()
                },
                () => undefined,
            )
        }
        const plan = fleet?.plan !== undefined
        const table = stand.mode === 'table'
        const buttons: PanelButton[] = [
            { id: 'earlier', text: `◀ ${t('xr.earlier')}` },
            { id: 'later', text: `${t('xr.later')} ▶` },
            { id: 'now', text: t('xr.now'), off: !plan },
            { id: 'left', text: `⟲ ${t('xr.turn')}` },
            { id: 'right', text: `${t('xr.turn')} ⟳` },
            { id: 'smaller', text: `− ${t('xr.size')}`, off: !table },
            { id: 'larger', text: `+ ${t('xr.size')}`, off: !table },
            room ? { id: 'table', text: t('xr.here') } : table ? { id: 'walk', text: t('xr.walk') } : { id: 'table', text: t('xr.table') },
            { id: 'exit', text: t('xr.exit') },
        ]
        const foot = carried ? t('xr.putDown') : hourText(fleet, lang.get())
        panel.set({ ...wordsOf(component, fleet, names.get(id), lang.get()), foot, buttons })
    }
    const stops = [link, fleetMap, lang, beat].map((cell) => cell.subscribe(say))

    // ── frames ──
    const edge = { left: 0, right: 0, up: 0 }
    /** A stick pushed over counts once until it is let go. */
    const pushed = (which: keyof typeof edge, value: number): -1 | 0 | 1 => {
        const now = Math.abs(value) > 0.7 ? (Math.sign(value) as -1 | 1) : Math.abs(value) < 0.4 ? 0 : edge[which]
        const fresh = now !== 0 && edge[which] === 0
        edge[which] = now
        return fresh ? (now as -1 | 1) : 0
    }
    function readSticks(left: Stick, right: Stick): void {
        const side = pushed('right', right.x)
        if (side !== 0) rotate(side)
        const hour = pushed('left', left.x)
        if (hour !== 0) stepHour(hour)
        const away = pushed('up', right.y)
        if (away !== 0 && stand.mode === 'table') stand = zoom(stand, away > 0 ? 1.25 : 1 / 1.25)
        else if (away > 0) goTo(toWorld(stand, [camera.position.x + forward()[0] * 2, 0, camera.position.z + forward()[1] * 2]))
    }
    session.addEventListener('selectend', () => {
        if (!carried) return
        carried = false
        placed?.keep()
        placePanel()
        say()
    })
    function frame(tMs: number, xrFrame?: XRFrame): void {
        if (!settled && xrFrame && camera.position.lengthSq() > 0) {
            settled = true
            layTable(stand.focus)
            say()
        }
        if (placed && xrFrame) {
            const at = placed.look(xrFrame)
            if (at && stand.mode === 'table') {
                if (carried) placePanel()
                stand = { ...stand, anchor: at }
            }
        }
        const { position, headingRad, scale } = rigOf(stand)
        rig.position.set(...position)
        rig.rotation.set(0, headingRad, 0)
        rig.scale.setScalar(scale)
        rig.updateMatrixWorld()
        stage.updateMatrixWorld()
        const { left, right } = hands.update(targets, tMs)
        readSticks(left, right)
        const table = stand.mode === 'table'
        rim.mesh.visible = table
        rim.mesh.position.set(...stand.anchor)
        const radius = table ? tableRadiusM * stand.unitsPerMetre : walkSight
        const [x, , z] = stand.focus
        immersion.frame(tMs, {
            x,
            z,
            distance: table ? 1.3 * stand.unitsPerMetre : 90,
            unitsPerMetre: stand.unitsPerMetre,
            radius,
            sky: !table && !room,
        })
    }
    const end = () => {
        renderer.setAnimationLoop(null)
        renderer.xr.enabled = false
        for (const stop of stops) stop()
        placed?.dispose()
        hands.dispose()
        panel.dispose()
        rim.dispose()
        immersion.end()
        setHandleXr(undefined)
        onEnd()
    }
    session.addEventListener('end', end, { once: true })
    try {
        await renderer.xr.setSession(session)
    } catch (cause) {
        await session.end()
        throw cause
    }
    say()
    setHandleXr({
        mode,
        get stand() {
            return stand
        },
        get carried() {
            return carried
        },
        get anchored() {
            return placed?.anchored ?? false
        },
        get panel() {
            return panel.content
        },
        get views() {
            return renderer.xr.getCamera().cameras.length
        },
        get asked() {
            return fleetAsked()
        },
        placeOf(component) {
            const at = world.placeOf(component)
            return at && (rig.worldToLocal(new Vector3(...at)).toArray() as unknown as Triple)
        },
        buttonAt(id) {
            const at = panel.placeOf(id)
            if (!at) return undefined
            panel.mesh.updateMatrix()
            return new Vector3(at[0], at[1], 0).applyMatrix4(panel.mesh.matrix).toArray() as unknown as Triple
        },
    })
    renderer.setAnimationLoop(frame)
    return session
}

interface Pointed {
    readonly uv?: { readonly x: number; readonly y: number }
}

/** Answers rays with what the world has under them. */
class Stage extends Object3D {
    readonly find: (origin: Triple, direction: Triple) => { readonly at: Triple; readonly component?: string } | undefined
    hit: { readonly at: Triple; readonly component?: string } | undefined
    constructor(find: Stage['find']) {
        super()
        this.find = find
    }
    override raycast({ ray }: Raycaster, intersects: { distance: number; point: Vector3; object: Object3D }[]): void {
        const { origin, direction } = ray
        this.hit = this.find([origin.x, origin.y, origin.z], [direction.x, direction.y, direction.z])
        if (!this.hit) return
        const point = new Vector3(...this.hit.at)
        intersects.push({ distance: point.distanceTo(origin), point, object: this })
    }
}

/** What is picked, else where the first device stands, else the middle of the region. */
function firstFocus(world: World): Triple {
    const fleet = fleetMap.get()
    const wanted = [
        link.get().pick,
        ...(fleet?.groups.map(({ id }) => `group/${id}`) ?? []),
        ...(fleet?.columns.id.map((id) => `resource/${id}`) ?? []),
    ]
    for (const component of wanted) {
        const at = component && world.placeOf(component)
        if (at) return [at[0], world.heightAt(at[0], at[2]), at[2]]
    }
    return [0, world.heightAt(0, 0), 0]
}

/** The rim of the table. */
function createRim() {
    const geometry = new RingGeometry(tableRadiusM, tableRadiusM + 0.012, 96).rotateX(-Math.PI / 2)
    const material = new MeshBasicMaterial({ color: 0x6fb7e0, fog: false })
    const mesh = new Mesh(geometry, material)
    return {
        mesh,
        dispose() {
            mesh.removeFromParent()
            geometry.dispose()
            material.dispose()
        },
    }
}
