/**
 * The devices of a fleet in the world: small models by kind, a filling for the state of charge, and lights that run from a
 * device to its load where it gives, and back where it draws. A draw call for each shape, one for all fillings, one for all
 * lights; what is far is a plain box, what is farther is not drawn.
 */
import {
    BufferAttribute,
    BufferGeometry,
    Color,
    Group,
    type Material,
    MeshBasicMaterial,
    type Object3D,
    Points,
    ShaderMaterial,
} from 'three'
import { type Crowd, createCrowd, type Placing } from './crowd.ts'
import type { DevicePlace, MapDevice } from './device-places.ts'
import { type DeviceModel, deviceFarShape, deviceModels, deviceShape, gaugeShape } from './device-shapes.ts'
import type { Body } from './layout.ts'

/** What devices do now, in the order they were given. */
export interface DeviceStates {
    /** percent; null where there is no store, or nothing is known */
    readonly socPercent: ArrayLike<number | null>
    /** into the network, kW; null where not known */
    readonly pKw: ArrayLike<number | null>
    /** 1 where it is heard */
    readonly online: ArrayLike<number>
}
export interface DrawnDevice {
    /** filling, 0 … 1; undefined without a store */
    readonly filled: number | undefined
    /** 1 into the network, −1 out of it, 0 not at all */
    readonly direction: -1 | 0 | 1
}

export interface Devices {
    readonly bodies: readonly Body[]
    readonly moving: boolean
    setStates(states: DeviceStates): void
    setShown(shown: boolean): void
    setFade(kept: ((component: string | undefined) => boolean) | undefined): void
    update(eyeX: number, eyeY: number, eyeZ: number, seconds: number, dark: boolean): boolean
    drawn(component: string): DrawnDevice | undefined
    dispose(): void
}

const reach = { model: 170, box: 620, light: 260 }
/** a filling: its height when full, and its width */
const gauge = { height: 1.3, width: 0.26, full: 0x35a878, empty: 0x8d979e }
const quietKw = 0.02
const unheard = 0x8b9299

export function createDevices(
    parent: Object3D,
    devices: readonly MapDevice[],
    places: readonly (DevicePlace | undefined)[],
    heightAt: (x: number, z: number) => number,
    material: Material,
): Devices {
    const group = new Group()
    parent.add(group)
    const crowds = new Map<DeviceModel, Crowd>()
    // a reading, not a body: as bright by night
    const readable = new MeshBasicMaterial({ vertexColors: true })
    const fillings = createCrowd({ near: gaugeShape(), material: readable, nearDistance: reach.model })
    const bodies: Body[] = []
    const drawn: { crowd: Crowd; index: number; filling: number; at: Placing; filled: number; online: number }[] = []
    const numberOf = new Map<string, number>()
    const place = new Float32Array(devices.length * 3)
    const end = new Float32Array(devices.length * 3)
    const flow = new Float32Array(devices.length)
    devices.forEach(({ component, kind }, k) => {
        const p = places[k]
        if (!p) return
        const model = deviceModels[kind]
        let crowd = crowds.get(model)
        if (!crowd) {
            crowd = createCrowd({
                near: deviceShape(model),
                far: deviceFarShape(),
                material,
                nearDistance: reach.model,
                farDistance: reach.box,
                shadow: true,
            })
            crowds.set(model, crowd)
        }
        const y = heightAt(p.x, p.z)
        // faces its load
        const heading = Math.atan2(p.anchor.x - p.x, p.anchor.z - p.z)
        const index = crowd.add({ component, x: p.x, y, z: p.z, heading: kind === 'pv' ? 0 : heading, sx: 1 })
        const at = { component, x: p.x + 0.7 * Math.cos(heading), y, z: p.z - 0.7 * Math.sin(heading), sx: gauge.width, colour: gauge.full }
        numberOf.set(component, drawn.length)
        drawn.push({ crowd, index, filling: -1, at, filled: -1, online: -1 })
        const slot = drawn.length - 1
        place.set([p.x, y + 0.5, p.z], slot * 3)
        end.set([p.anchor.x, heightAt(p.anchor.x, p.anchor.z) + 1.2, p.anchor.z], slot * 3)
        const tall = model === 'turbine' ? 1.4 : 0.45
        bodies.push({ component, x: p.x, y: y + tall, z: p.z, heading, halfX: 0.55, halfY: tall, halfZ: 0.5 })
    })
    // every device that could fill has both parts of its gauge from the start: crowds are mounted once
    const stores = new Set(['battery', 'home-ev', 'public-ev', 'water-heater', 'heat-tank', 'ice-store'])
    for (const d of devices) {
        const slot = numberOf.get(d.component)
        if (slot === undefined || !stores.has(d.kind)) continue
        const own = drawn[slot]!
        fillings.add({ ...own.at, sx: gauge.width * 1.3, sy: gauge.height, sz: gauge.width * 0.7, colour: gauge.empty })
        own.filling = fillings.add({ ...own.at, sy: 0.001, sz: gauge.width })
        fillings.setHidden(own.filling, true)
        fillings.setHidden(own.filling - 1, true)
    }
    for (const crowd of crowds.values()) crowd.mount(group)
    fillings.mount(group)
    const lights = createLights(group, drawn.length, place, end, flow)

    return {
        bodies,
        get moving() {
            return group.visible && lights.running > 0
        },
        setStates({ socPercent, pKw, online }) {
            devices.forEach(({ component }, k) => {
                const slot = numberOf.get(component)
                if (slot === undefined) return
                const own = drawn[slot]!
                const soc = socPercent[k]
                const filled = soc === null || soc === undefined ? -1 : Math.min(1, Math.max(0.02, soc / 100))
                if (own.filling >= 0 && Math.abs(filled - own.filled) > 0.004) {
                    if (own.filled < 0 !== filled < 0)
                        for (const part of [own.filling - 1, own.filling]) fillings.setHidden(part, filled < 0)
                    own.filled = filled
                    if (filled >= 0) fillings.setPlace(own.filling, { ...own.at, sy: gauge.height * filled, sz: gauge.width })
                }
                if (online[k] !== own.online) {
                    own.online = online[k]!
                    own.crowd.setColour(own.index, own.online ? 0xffffff : unheard)
                }
                const p = pKw[k] ?? 0
                flow[slot] = Math.abs(p) < quietKw ? 0 : Math.sign(p) * Math.min(1, 0.25 + 0.2 * Math.log10(1 + Math.abs(p)))
            })
            lights.changed()
        },
        setShown(shown) {
            group.visible = shown
        },
        setFade(kept) {
            for (const crowd of [...crowds.values(), fillings]) crowd.setFade(kept)
        },
        update(x, y, z, seconds, dark) {
            if (!group.visible) return false
            lights.update(seconds, dark)
            let changed = fillings.update(x, y, z)
            for (const crowd of crowds.values()) changed = crowd.update(x, y, z) || changed
            return changed
        },
        drawn(component) {
            const slot = numberOf.get(component)
            if (slot === undefined) return undefined
            const { filled } = drawn[slot]!
            return { filled: filled < 0 ? undefined : filled, direction: Math.sign(flow[slot]!) as -1 | 0 | 1 }
        },
        dispose() {
            for (const crowd of [...crowds.values(), fillings]) crowd.dispose()
            lights.dispose()
            readable.dispose()
            group.removeFromParent()
        },
    }
}

/** A light for each device: to its load where it gives, from it where it draws. */
function createLights(parent: Object3D, count: number, place: Float32Array, end: Float32Array, flow: Float32Array) {
    const geometry = new BufferGeometry()
    geometry.setAttribute('position', new BufferAttribute(place, 3))
    geometry.setAttribute('aEnd', new BufferAttribute(end, 3))
    const flowing = new BufferAttribute(flow, 1)
    geometry.setAttribute('aFlow', flowing)
    geometry.setDrawRange(0, count)
    const uniforms = { uTime: { value: 0 }, uTint: { value: new Color() }, uReach: { value: reach.light } }
    const material = new ShaderMaterial({
        uniforms,
        transparent: true,
        depthWrite: false,
        vertexShader: /* glsl */ `
            attribute vec3 aEnd; attribute float aFlow;
            uniform float uTime, uReach;
            varying float vAlpha;
            void main() {
                float along = fract(uTime * (0.2 + 0.5 * abs(aFlow)) + position.x * 0.37 + position.z * 0.11);
                vec3 p = mix(position, aEnd, aFlow > 0.0 ? along : 1.0 - along);
                p.y += 0.6 * sin(3.14159 * along);
                vec4 view = viewMatrix * vec4(p, 1.0);
                float away = -view.z;
                vAlpha = smoothstep(0.0, 0.15, along) * smoothstep(1.0, 0.85, along) * (1.0 - smoothstep(uReach * 0.6, uReach, away));
                gl_Position = projectionMatrix * view;
                gl_PointSize = clamp((120.0 + 160.0 * abs(aFlow)) / away, 2.0, 14.0);
                if (aFlow == 0.0 || vAlpha < 0.01) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
            }`,
        fragmentShader: /* glsl */ `
            uniform vec3 uTint; varying float vAlpha;
            void main() {
                float r = length(gl_PointCoord - 0.5);
                if (r > 0.5) discard;
                gl_FragColor = vec4(uTint, vAlpha * (1.0 - smoothstep(0.3, 0.5, r)));
                #include <colorspace_fragment>
            }`,
    })
    const points = new Points(geometry, material)
    points.frustumCulled = false
    points.renderOrder = 7
    points.visible = false
    parent.add(points)
    let running = 0
    return {
        get running() {
            return running
        },
        changed() {
            running = flow.reduce((n, f) => n + (f === 0 ? 0 : 1), 0)
            points.visible = running > 0
            flowing.needsUpdate = true
        },
        update(seconds: number, dark: boolean) {
            uniforms.uTime.value = seconds % 3600
            uniforms.uTint.value.set(dark ? 0xa9e8cf : 0x1d7a57)
        },
        dispose() {
            points.removeFromParent()
            geometry.dispose()
            material.dispose()
        },
    }
}
