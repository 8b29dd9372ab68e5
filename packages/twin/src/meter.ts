/**
 * How exactly a point is measured: standard deviations for the estimator. The catalogue's figure is that of a meter on
 * the transmission grid; below 60 kV meters of power and current are made for small powers and fifty times finer.
 */
import { quantityOf } from '@gridverse/grid'
import type { TwinModel } from './model.ts'

const distributionKv = 60
const distributionShare = 0.02

/** Standard deviation of every point's meter, in the point's unit, by index. */
export function meterSigmas(model: TwinModel): Float64Array {
    const { network } = model.region
    const kvOf = new Map(network.bus.map((b) => [b.id, b.baseKv]))
    const fine = new Set<string>()
    const note = (component: string, ...buses: number[]) => {
        const kv = Math.min(...buses.map((bus) => kvOf.get(bus)!))
        if (kv > 0 && kv < distributionKv) fine.add(component)
    }
    for (const b of network.branch) note(`branch/${b.id}`, b.fromBus, b.toBus)
    for (const kind of ['generator', 'storage', 'load', 'shunt'] as const)
        for (const row of network[kind]) note(`${kind}/${row.id}`, row.bus)
    const scaled = (unit: string) => unit === 'MW' || unit === 'Mvar' || unit === 'kA'
    return Float64Array.from(model.points, (card) => {
        const { sigma } = quantityOf(card.id)!
        return scaled(card.unit) && fine.has(card.component) ? sigma * distributionShare : sigma
    })
}
