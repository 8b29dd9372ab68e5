/**
 * How exactly a point is measured: standard deviations for the estimator. The catalogue's figure is that of a meter on
 * the transmission grid; a meter on something smaller is ranged for it, 1 % of its size.
 */
import { quantityOf, splitComponent } from '@gridverse/grid'
import type { TwinModel } from './model.ts'

const shareOfSize = 0.01
/** No meter is better than this, MW or Mvar. */
const leastPowerSigma = 0.002

/** Standard deviation of every point's meter, in the point's unit, by index. */
export function meterSigmas(model: TwinModel): Float64Array {
    const { network } = model.region
    const sizeMva = new Map<string, number>()
    for (const b of network.branch) if (b.rateMva > 0) sizeMva.set(`branch/${b.id}`, b.rateMva)
    for (const g of network.generator) sizeMva.set(`generator/${g.id}`, Math.max(g.baseMva, finite(g.pMaxMw), Math.abs(g.pMw)))
    for (const s of network.storage) sizeMva.set(`storage/${s.id}`, Math.max(s.pMaxMw, -s.pMinMw))
    for (const l of network.load) sizeMva.set(`load/${l.id}`, Math.hypot(l.pMw, l.qMvar))
    for (const s of network.shunt) sizeMva.set(`shunt/${s.id}`, Math.abs(s.bMvar))
    const kvOf = new Map(network.bus.map((b) => [b.id, b.baseKv]))
    const kv = new Map(network.branch.map((b) => [`branch/${b.id}`, [kvOf.get(b.fromBus), kvOf.get(b.toBus)] as const]))
    return Float64Array.from(model.points, (card) => {
        const { sigma } = quantityOf(card.id)!
        const size = sizeMva.get(card.component)
        if (size === undefined) return sigma
        if (card.unit === 'MW' || card.unit === 'Mvar') return Math.min(sigma, Math.max(shareOfSize * size, leastPowerSigma))
        if (card.unit !== 'kA' || splitComponent(card.component).kind !== 'branch') return sigma
        const side = kv.get(card.component)?.[card.quantity === 'iFromKa' ? 0 : 1] ?? 0
        return side > 0 ? Math.min(sigma, Math.max((shareOfSize * size) / (Math.sqrt(3) * side), 1e-4)) : sigma
    })
}

const finite = (x: number) => (Number.isFinite(x) ? x : 0)
