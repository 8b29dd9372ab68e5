/** What a diagram is made of, and what every picture asks of the region. Lengths are SVG units; y grows downwards. */
import type { BranchJson, RegionIndex } from '../model/region.ts'

export type Shape = 'generator' | 'wind' | 'pv' | 'hydro' | 'storage' | 'load' | 'shunt' | 'line' | 'feeder'

export type Item =
    | {
          readonly kind: 'bar'
          readonly component: string
          readonly baseKv: number
          readonly x: number
          readonly y: number
          readonly length: number
          readonly upright?: boolean
      }
    | {
          readonly kind: 'wire'
          readonly component: string
          readonly baseKv: number
          readonly path: readonly (readonly [number, number])[]
          readonly tie?: boolean
          readonly trunk?: boolean
      }
    | {
          readonly kind: 'switch'
          readonly id: string
          readonly device: string
          readonly x: number
          readonly y: number
          readonly angleDeg: number
          readonly small: boolean
      }
    | {
          readonly kind: 'symbol'
          readonly shape: Shape
          readonly component: string
          readonly baseKv: number
          readonly x: number
          readonly y: number
          readonly down: boolean
          readonly size: number
      }
    | {
          readonly kind: 'transformer'
          readonly component: string
          readonly kvA: number
          readonly kvB: number
          readonly x: number
          readonly y: number
          readonly angleDeg: number
          readonly size: number
      }
    /** flow arrow: along the wire, towards `angleDeg` while the point is positive */
    | {
          readonly kind: 'flow'
          readonly component: string
          readonly point: string
          readonly x: number
          readonly y: number
          readonly angleDeg: number
      }
    | {
          readonly kind: 'name'
          readonly component: string
          readonly x: number
          readonly y: number
          readonly anchor: 'start' | 'middle' | 'end'
          readonly level: 'site' | 'bus' | 'bay' | 'id'
      }
    | {
          readonly kind: 'value'
          readonly point: string
          readonly x: number
          readonly y: number
          readonly anchor: 'start' | 'middle' | 'end'
      }

export interface Diagram {
    readonly items: readonly Item[]
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
}

/** Sites that have a picture of their own; a feeder's buses share the picture of the feeder. */
export function isFeederBus(region: RegionIndex, bus: number): boolean {
    return region.site.get(region.bus.get(bus)?.site ?? '')?.kind === 'feeder'
}

export function shapeOf(region: RegionIndex, component: string): Shape {
    if (component.startsWith('load/')) return 'load'
    if (component.startsWith('storage/')) return 'storage'
    if (component.startsWith('shunt/')) return 'shunt'
    const kind = region.unit.get(component)?.kind
    return kind === 'wind' || kind === 'pv' || kind === 'hydro' ? kind : 'generator'
}

export const isBranch = (component: string) => component.startsWith('branch/')
export const branchOf = (region: RegionIndex, component: string): BranchJson => region.branch.get(component.slice('branch/'.length))!
export const otherEnd = (branch: BranchJson, bus: number) => (branch.fromBus === bus ? branch.toBus : branch.fromBus)
export const kvOf = (region: RegionIndex, bus: number) => region.bus.get(bus)?.baseKv ?? 0
export const flowPoint = (branch: BranchJson, bus: number) => `branch/${branch.id}/${branch.fromBus === bus ? 'pFromMw' : 'pToMw'}`

export function switchAt(region: RegionIndex, component: string, bus: number) {
    return (region.switchesOf.get(component) ?? []).filter((s) => s.bus === bus)
}

/** The box around all items, with a margin. */
export function bounded(items: readonly Item[]): Diagram {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
    const grow = (x: number, y: number) => {
        left = Math.min(left, x)
        right = Math.max(right, x)
        top = Math.min(top, y)
        bottom = Math.max(bottom, y)
    }
    for (const item of items) {
        if (item.kind === 'wire') for (const [x, y] of item.path) grow(x, y)
        else {
            grow(item.x, item.y)
            if (item.kind === 'bar') grow(item.x + (item.upright ? 0 : item.length), item.y + (item.upright ? item.length : 0))
            if (item.kind === 'name') grow(item.x + (item.anchor === 'start' ? 90 : item.anchor === 'end' ? -110 : 0), item.y + 16)
            if (item.kind === 'value' && item.anchor === 'start') grow(item.x + 60, item.y)
        }
    }
    if (!Number.isFinite(left)) return { items, x: 0, y: 0, width: 100, height: 100 }
    const margin = 36
    return { items, x: left - margin, y: top - margin, width: right - left + 2 * margin, height: bottom - top + 2 * margin }
}
