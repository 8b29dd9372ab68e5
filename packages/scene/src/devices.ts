/**
 * The devices of a fleet in the world: small models by kind, a filling for the state of charge, and arrows that run from a
 * device to its load where it gives, and back where it draws. Over each group stands its own filling, with arrows up where
 * the group gives and down where it draws. A draw call for each shape, one for all fillings, one for all arrows; what is
 * far is a plain box, what is farther is not drawn.
 */
import { Group, type Material, MeshBasicMaterial, type Object3D } from 'three'
import { type Crop, createCrop, cropGlsl } from './crop.ts'
import { type Crowd, createCrowd, type Placing } from './crowd.ts'
import { createDeviceFlows, type FlowPath } from './device-flows.ts'
import type { DevicePlace, MapDevice } from './device-places.ts'
import { type DeviceModel, deviceFarShape, deviceModels, deviceShape, gaugeShape } from './device-shapes.ts'
import { flowKindOf } from './flow-kinds.ts'
import type { Body } from './layout.ts'

/** What devices do now, in the order they were given. */
export interface DeviceStates {
    /** percent; null where there is no store, or nothing is known */
    readonly socPercent: ArrayLike<number | null>
    /** into the network, kW; null where not known */
    readonly pKw: ArrayLike<number | null>
    /** 1 where it is heard */
    readonly online: ArrayLike<number>
    /** sums of groups; those not named keep what was said last */
    readonly groups?: readonly GroupState[]
}
export interface GroupState {
    readonly id: string
    /** into the network, kW */
    readonly pKw: number
    /** of its stores; null without any */
    readonly socPercent: number | null
}
export interface DrawnDevice {
    /** filling, 0 … 1; undefined without a store */
    readonly filled: number | undefined
    /** 1 into the network, −1 out of it, 0 not at all */
    readonly direction: -1 | 0 | 1
    /** of the widest and fastest flow: 0 nothing, 0.25 1 kW, 0.5 10 kW, 1 1 MW */
    readonly share: number
}

export interface Devices {
    readonly bodies: readonly Body[]
    readonly moving: boolean
    setStates(states: DeviceStates): void
    setShown(shown: boolean): void
    setFade(kept: ((component: string | undefined) => boolean) | undefined): void
    setViewport(width: number, height: number): void
    update(eyeX: number, eyeY: number, eyeZ: number, seconds: number, still: boolean, dark: boolean): boolean
    drawn(component: string): DrawnDevice | undefined
    dispose(): void
}

const reach = { model: 170, box: 620 }
/** a filling: its height when full, and its width */
const gauge = { height: 1.3, width: 0.26, full: 0x35a878, empty: 0x8d979e }
/** of a group: where its filling begins over the ground, and its size */
const groupGauge = { above: 7, height: 5, width: 0.9 }
const unheard = 0x8b9299

export function createDevices(
    parent: Object3D,
    devices: readonly MapDevice[],
    places: readonly (DevicePlace | undefined)[],
    heightAt: (x: number, z: number) => number,
    material: Material,
    crop: Crop = createCrop(),
): Devices {
    const group = new Group()
    parent.add(group)
    const crowds = new Map<DeviceModel, Crowd>()
    // a reading, not a body: as bright by night
    const readable = createReadableMaterial(crop)
    const fillings = createCrowd({ near: gaugeShape(), material: readable, nearDistance: reach.model, crop })
    const groupFillings = createCrowd({ near: gaugeShape(), material: readable, nearDistance: 3 * reach.model, crop })
    const bodies: Body[] = []
    const drawn: { crowd: Crowd; index: number; filling: number; at: Placing; filled: number; online: number }[] = []
    const numberOf = new Map<string, number>()
    const paths: FlowPath[] = []
    const members = new Map<string, { x: number; z: number; n: number }>()
    devices.forEach(({ component, kind, group: id }, k) => {
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
                crop,
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
        paths.push({
            from: [p.x, y + 0.5, p.z],
            to: [p.anchor.x, heightAt(p.anchor.x, p.anchor.z) + 1.2, p.anchor.z],
            kind: flowKindOf[kind],
            weight: 1,
        })
        if (id) {
            const sum = members.get(id) ?? { x: 0, z: 0, n: 0 }
            members.set(id, { x: sum.x + p.x, z: sum.z + p.z, n: sum.n + 1 })
        }
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
    const groups = new Map<string, { filling: number; path: number; at: Placing; filled: number }>()
    for (const [id, { x, z, n }] of members) {
        const component = `group/${id}`
        const base = heightAt(x / n, z / n) + groupGauge.above
        const at = { component, x: x / n, y: base, z: z / n, sx: groupGauge.width, colour: gauge.full }
        const top = base + groupGauge.height
        groupFillings.add({ ...at, sx: groupGauge.width * 1.25, sy: groupGauge.height, sz: groupGauge.width * 0.7, colour: gauge.empty })
        const filling = groupFillings.add({ ...at, sy: 0.001, sz: groupGauge.width })
        for (const part of [filling - 1, filling]) groupFillings.setHidden(part, true)
        paths.push({ from: [at.x + 1.4, base, at.z], to: [at.x + 1.4, top, at.z], kind: 'load', weight: 3 })
        groups.set(id, { filling, path: paths.length - 1, at, filled: -1 })
        bodies.push({
            component,
            x: at.x + 0.5,
            y: base + groupGauge.height / 2,
            z: at.z,
            heading: 0,
            halfX: 1.2,
            halfY: groupGauge.height / 2,
            halfZ: 0.6,
        })
    }
    for (const crowd of [...crowds.values(), fillings, groupFillings]) crowd.mount(group)
    const flows = createDeviceFlows(group, paths, crop)
    const all = () => [...crowds.values(), fillings, groupFillings]
    const fill = (
        crowd: Crowd,
        own: { filling: number; at: Placing; filled: number },
        soc: number | null | undefined,
        size: typeof gauge,
    ) => {
        const filled = soc === null || soc === undefined ? -1 : Math.min(1, Math.max(0.02, soc / 100))
        if (own.filling < 0 || Math.abs(filled - own.filled) <= 0.004) return
        if (own.filled < 0 !== filled < 0) for (const part of [own.filling - 1, own.filling]) crowd.setHidden(part, filled < 0)
        own.filled = filled
        if (filled >= 0) crowd.setPlace(own.filling, { ...own.at, sy: size.height * filled, sz: size.width })
    }

    return {
        bodies,
        get moving() {
            return group.visible && flows.running > 0
        },
        setStates({ socPercent, pKw, online, groups: sums }) {
            devices.forEach(({ component }, k) => {
                const slot = numberOf.get(component)
                if (slot === undefined) return
                const own = drawn[slot]!
                fill(fillings, own, socPercent[k], gauge)
                if (online[k] !== own.online) {
                    own.online = online[k]!
                    own.crowd.setColour(own.index, own.online ? 0xffffff : unheard)
                }
                flows.set(slot, pKw[k] ?? 0)
            })
            for (const { id, pKw: kw, socPercent: soc } of sums ?? []) {
                const own = groups.get(id)
                if (!own) continue
                fill(groupFillings, own, soc, { ...gauge, ...groupGauge })
                flows.set(own.path, kw)
            }
            flows.changed()
        },
        setShown(shown) {
            group.visible = shown
        },
        setFade(kept) {
            for (const crowd of all()) crowd.setFade(kept)
        },
        setViewport: flows.setViewport,
        update(x, y, z, seconds, still, dark) {
            if (!group.visible) return false
            flows.update(seconds, still, dark)
            let changed = false
            for (const crowd of all()) changed = crowd.update(x, y, z) || changed
            return changed
        },
        drawn(component) {
            const id = component.startsWith('group/') ? groups.get(component.slice(6)) : undefined
            const slot = numberOf.get(component)
            const own = id ?? (slot === undefined ? undefined : drawn[slot])
            if (!own) return undefined
            const share = flows.drawn(id?.path ?? slot!)
            return {
                filled: own.filled < 0 ? undefined : own.filled,
                direction: Math.sign(share) as -1 | 0 | 1,
                share: Math.abs(share),
            }
        },
        dispose() {
            for (const crowd of all()) crowd.dispose()
            flows.dispose()
            readable.dispose()
            group.removeFromParent()
        },
    }
}

/** Unlit, as a reading is as bright by night; ends at the rim of a model on a table. */
function createReadableMaterial(crop: Crop): MeshBasicMaterial {
    const material = new MeshBasicMaterial({ vertexColors: true })
    material.onBeforeCompile = (shader) => {
        shader.uniforms.uCrop = crop
        shader.vertexShader = shader.vertexShader
            .replace('#include <common>', '#include <common>\nvarying vec3 vPlace;')
            .replace('#include <begin_vertex>', '#include <begin_vertex>\nvPlace = (instanceMatrix * vec4(transformed, 1.0)).xyz;')
        shader.fragmentShader = shader.fragmentShader
            .replace('#include <common>', `#include <common>\nvarying vec3 vPlace;\n${cropGlsl}`)
            .replace('void main() {', 'void main() {\nif (cropped(vPlace)) discard;')
    }
    return material
}
