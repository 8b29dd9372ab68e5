/** The devices of a fleet as a layer of the world: placed about the loads that count them, shown or not, told what they do. */
import type { Region } from '@gridverse/grid'
import type { Object3D } from 'three'
import type { Crop } from './crop.ts'
import { type Anchor, type MapDevice, placeDevices } from './device-places.ts'
import { createDevices, type DeviceStates, type Devices, type DrawnDevice } from './devices.ts'
import type { Body, Layout } from './layout.ts'
import type { Place } from './places.ts'

type Kept = ((component: string | undefined) => boolean) | undefined

export interface FleetLayer {
    /** those that can be picked now */
    readonly bodies: readonly Body[]
    readonly moving: boolean
    /** Gives how many have a place; an empty list takes them away. */
    set(list: readonly MapDevice[], kept: Kept): number
    setStates(states: DeviceStates): void
    show(shown: boolean): void
    setFade(kept: Kept): void
    setViewport(width: number, height: number): void
    update(eyeX: number, eyeY: number, eyeZ: number, seconds: number, still: boolean, dark: boolean): boolean
    drawn(component: string): DrawnDevice | undefined
    dispose(): void
}

export function createFleetLayer(
    parent: Object3D,
    region: Region,
    layout: Layout,
    material: Parameters<typeof createDevices>[4],
    crop: Crop,
    places: Map<string, Place>,
): FleetLayer {
    const { terrain, placement } = layout
    let devices: Devices | undefined
    let shown = true
    let viewport: readonly [number, number] = [1280, 720]
    const unitOf = new Map(layout.units.map((u) => [u.component, u]))
    const busOfLoad = new Map(region.network.load.map((l) => [`load/${l.id}`, l.bus]))
    const anchors = new Map<string, Anchor>()
    /** One object for each, as they are told apart by it. */
    const keep = (key: string, make: () => Anchor | undefined): Anchor | undefined => {
        const made = anchors.get(key) ?? make()
        if (made) anchors.set(key, made)
        return made
    }
    /** What devices of a load stand about: its body, else the kiosk or yard of its bus. */
    const loadAnchor = (component: string) =>
        keep(component, () => {
            const unit = unitOf.get(component)
            if (unit) return { x: unit.x, z: unit.z, keep: unit.size * 0.6 }
            const bus = busOfLoad.get(component)
            const site = bus === undefined ? undefined : placement.siteOfBus.get(bus)
            return site && { x: site.x, z: site.z, keep: site.yardRadius }
        })
    const siteAnchor = ({ id }: { readonly id: string }) =>
        keep(`site/${id}`, () => {
            const placed = placement.sites.find((s) => s.site.id === id)
            return placed && { x: placed.x, z: placed.z, keep: placed.yardRadius }
        })

    return {
        get bodies() {
            return shown ? (devices?.bodies ?? []) : []
        },
        get moving() {
            return devices?.moving === true
        },
        set(list, kept) {
            for (const body of devices?.bodies ?? []) places.delete(body.component)
            devices?.dispose()
            devices = undefined
            if (list.length === 0) return 0
            const spots = placeDevices(list, loadAnchor, region.site, siteAnchor)
            devices = createDevices(parent, list, spots, (x, z) => Math.max(0.2, terrain.heightAt(x, z)), material, crop)
            devices.setShown(shown)
            devices.setViewport(...viewport)
            if (kept) devices.setFade(kept)
            for (const b of devices.bodies) {
                const view = b.component.startsWith('group/') ? 46 : 16
                places.set(b.component, { x: b.x, y: b.y, z: b.z, halfY: b.halfY, view })
            }
            return spots.filter((spot) => spot !== undefined).length
        },
        setStates: (states) => devices?.setStates(states),
        show(next) {
            shown = next
            devices?.setShown(next)
        },
        setFade: (kept) => devices?.setFade(kept),
        setViewport(width, height) {
            viewport = [width, height]
            devices?.setViewport(width, height)
        },
        update: (x, y, z, seconds, still, dark) => devices?.update(x, y, z, seconds, still, dark) ?? false,
        drawn: (component) => devices?.drawn(component),
        dispose: () => devices?.dispose(),
    }
}
