/**
 * The twin's fixed frame: every point of a region by index, with its limits, and the way from a device's point to it.
 * Index is the position in `pointsOf(region)`; every snapshot, frame and alarm of a model speaks of points by it.
 */
import { type Point, pointId, pointsOf, quantities, type Region } from '@gridverse/grid'
import { createLimits } from './limits.ts'
import type { PointCard } from './messages.ts'

/** Tables whose rows are components with points. */
export type ColumnKind = 'bus' | 'branch' | 'generator' | 'storage' | 'load' | 'shunt' | 'switch'

export interface TwinModel {
    readonly region: Region
    /** by index */
    readonly points: readonly PointCard[]
    /** index of a point id; −1 where the region has no such point */
    indexOf(id: string): number
    /** index of one quantity of one component (`branch/L7`, `pFromMw`); −1 where it has none */
    at(component: string, quantity: string): number
    /** index of a quantity for every row of a table (`column('branch', 'pFromMw')[k]`), −1 where a row has none */
    column(kind: ColumnKind, quantity: string): Int32Array
    /** component → quantity → index */
    readonly componentIndex: ReadonlyMap<string, Readonly<Record<string, number>>>
    /** bus id → row in `network.bus` */
    readonly busRow: ReadonlyMap<number, number>
}

/** Lays out a region's points once; `deviceOf` names the edge node/device that measures a point, where known. */
export function buildModel(region: Region, deviceOf: (point: Point) => string | undefined = () => undefined): TwinModel {
    const limitsOf = createLimits(region)
    const indexById = new Map<string, number>()
    const componentIndex = new Map<string, Record<string, number>>()
    const points = pointsOf(region).map((point, index): PointCard => {
        const kind = point.component.slice(0, point.component.indexOf('/'))
        const quantity = quantities[kind]![point.quantity]!
        indexById.set(point.id, index)
        const own = componentIndex.get(point.component) ?? {}
        own[point.quantity] = index
        componentIndex.set(point.component, own)
        const device = deviceOf(point)
        const limits = limitsOf(point)
        return {
            index,
            id: point.id,
            component: point.component,
            quantity: point.quantity,
            unit: quantity.unit,
            kind: quantity.kind,
            commandable: quantity.commandable === true,
            ...(device === undefined ? {} : { device }),
            ...(limits === undefined ? {} : { limits }),
        }
    })
    const columns = new Map<string, Int32Array>()
    const column = (kind: ColumnKind, quantity: string) => {
        const key = `${kind}/${quantity}`
        const known = columns.get(key)
        if (known) return known
        const rows: readonly { readonly id: string | number }[] = kind === 'switch' ? region.switch : region.network[kind]
        const made = Int32Array.from(rows, ({ id }) => indexById.get(pointId(`${kind}/${id}`, quantity)) ?? -1)
        columns.set(key, made)
        return made
    }
    return {
        region,
        points,
        column,
        indexOf: (id) => indexById.get(id) ?? -1,
        at: (component, quantity) => indexById.get(pointId(component, quantity)) ?? -1,
        componentIndex,
        busRow: new Map(region.network.bus.map((bus, row) => [bus.id, row])),
    }
}

/** The way from the store's point registry, which knows every name a device ever spoke, to the model's points. */
export interface PointMap {
    /** model index of a registry index; −1 while no component claims it */
    modelIndex(registryIndex: number): number
    /** registry index that feeds a model point; −1 where nobody measures it */
    registryIndex(modelIndex: number): number
    /** takes the registry's whole list again after it grew */
    extend(registryIds: readonly string[]): void
    /** a person says that this metric is that point; false where either is unknown */
    claim(registryId: string, pointIdClaimed: string): boolean
    /** registry indices that nobody claims */
    unmapped(): number[]
}

/**
 * Maps registry ids to model indices: by equal name, else by a person's claims (metric name → point id).
 */
export function createPointMap(
    model: TwinModel,
    registryIds: readonly string[] = [],
    claims: ReadonlyMap<string, string> = new Map(),
): PointMap {
    const claimed = new Map(claims)
    const toModel: number[] = []
    const toRegistry = new Map<number, number>()
    let ids: readonly string[] = []

    const link = (registry: number) => {
        const id = ids[registry]!
        const own = claimed.get(id)
        const index = own !== undefined ? model.indexOf(own) : model.indexOf(id)
        toModel[registry] = index
        if (index >= 0) toRegistry.set(index, registry)
    }
    const map: PointMap = {
        modelIndex: (registry) => toModel[registry] ?? -1,
        registryIndex: (index) => toRegistry.get(index) ?? -1,
        extend(registry) {
            const known = ids.length
            ids = registry
            for (let r = known; r < registry.length; r++) link(r)
        },
        claim(id, point) {
            if (model.indexOf(point) < 0) return false
            claimed.set(id, point)
            const registry = ids.indexOf(id)
            if (registry < 0) return false
            link(registry)
            return true
        },
        unmapped: () => toModel.flatMap((index, registry) => (index < 0 ? [registry] : [])),
    }
    map.extend(registryIds)
    return map
}
