/**
 * Feeders held against their heads: what comes into a feeder, with what its own generators give, against what the fleet and
 * the metered loads of it draw. What is left is drawn by customers without meter and by losses: it must lie between nothing
 * and the rating of those customers, else something is enrolled wrongly, missing, or measured wrongly.
 */
import { qualityOf, type Snapshot, type TwinModel } from '@gridverse/twin'
import type { FleetNow, FleetState, Reconciliation } from '@gridverse/vpp'

/** below it a network is one of feeders, kV */
const feederKv = 60
/** losses of a feeder, share of what it carries, at most */
const lossShare = 0.06

interface Feeder {
    /** the branch at its head, as branch/ID; the greatest where there are several */
    readonly id: string
    /** point and sign of what flows in through each head */
    readonly heads: readonly (readonly [index: number, sign: 1 | -1])[]
    readonly sources: readonly number[]
    /** by load/ID: its point, and the power of its record, kW */
    readonly loads: ReadonlyMap<string, { readonly index: number; readonly ratedKw: number }>
}

export function findFeeders(model: TwinModel): Feeder[] {
    const { network } = model.region
    const kv = new Map(network.bus.map((b) => [b.id, b.baseKv]))
    const low = (bus: number) => kv.get(bus)! > 0 && kv.get(bus)! < feederKv
    // buses joined by branches between them
    const parent = new Map<number, number>()
    const root = (bus: number): number => {
        const up = parent.get(bus) ?? bus
        if (up === bus) return bus
        const top = root(up)
        parent.set(bus, top)
        return top
    }
    for (const { fromBus, toBus } of network.branch) if (low(fromBus) && low(toBus)) parent.set(root(fromBus), root(toBus))
    const heads = new Map<number, { id: string; rate: number; index: number; sign: 1 | -1 }[]>()
    for (const branch of network.branch) {
        const { id, fromBus, toBus, rateMva } = branch
        if (low(fromBus) === low(toBus)) continue
        const inner = low(fromBus) ? fromBus : toBus
        // positive goes from the bus into the branch, and so out of the feeder
        const index = model.at(`branch/${id}`, low(fromBus) ? 'pFromMw' : 'pToMw')
        const entry = { id: `branch/${id}`, rate: rateMva, index, sign: -1 as const }
        heads.set(root(inner), [...(heads.get(root(inner)) ?? []), entry])
    }
    return Array.from(heads, ([top, own]) => {
        const inside = (bus: number) => low(bus) && root(bus) === top
        return {
            id: [...own].sort((a, b) => b.rate - a.rate)[0]!.id,
            heads: own.map(({ index, sign }) => [index, sign] as const),
            sources: [
                ...network.generator.filter(({ bus }) => inside(bus)).map(({ id }) => model.at(`generator/${id}`, 'pMw')),
                ...network.storage.filter(({ bus }) => inside(bus)).map(({ id }) => model.at(`storage/${id}`, 'pMw')),
            ],
            loads: new Map(
                network.load
                    .filter(({ bus }) => inside(bus))
                    .map(({ id, pMw }) => [`load/${id}`, { index: model.at(`load/${id}`, 'pMw'), ratedKw: Math.max(0, pMw) * 1000 }]),
            ),
        }
    })
}

/** One entry for each feeder with resources on it. */
export function reconcileFeeders(
    feeders: readonly Feeder[],
    state: FleetState,
    now: FleetNow,
    snapshot: Snapshot,
    sigmaMw: Float64Array,
): Reconciliation[] {
    const drawn = new Map<string, { kw: number; gross: number; count: number; heard: boolean }>()
    for (let row = 0; row < now.count; row++) {
        const { connection } = state.resources[row]!
        if (!connection) continue
        const entry = drawn.get(connection) ?? { kw: 0, gross: 0, count: 0, heard: true }
        drawn.set(connection, entry)
        entry.kw -= now.pKw[row]!
        entry.gross += Math.abs(now.pKw[row]!)
        entry.count++
        entry.heard &&= now.imputed[row]! <= 1
    }
    const good = (index: number) => index >= 0 && qualityOf(snapshot.quality[index]!) === 'good'
    const kw = (index: number) => (index < 0 ? Number.NaN : snapshot.value[index]! * 1000)
    return feeders.flatMap((feeder): Reconciliation[] => {
        let [sumKw, gross, resources, others, variance] = [0, 0, 0, 0, 0]
        let heard = true
        for (const [load, { index, ratedKw }] of feeder.loads) {
            const own = drawn.get(load)
            if (own) {
                sumKw += own.kw
                gross += own.gross
                resources += own.count
                heard &&= own.heard
            } else if (good(index)) {
                sumKw += kw(index)
                variance += (sigmaMw[index]! * 1000) ** 2
            } else others += ratedKw
        }
        if (resources === 0) return []
        const measured = [...feeder.heads.map(([index]) => index), ...feeder.sources]
        for (const index of measured) variance += index < 0 ? 0 : (sigmaMw[index]! * 1000) ** 2
        const meteredKw =
            feeder.heads.reduce((total, [index, sign]) => total + sign * kw(index), 0) +
            feeder.sources.reduce((total, index) => total + kw(index), 0)
        const toleranceKw = 1 + 4 * Math.sqrt(variance) + 0.05 * gross + lossShare * Math.abs(meteredKw)
        const common = { connection: feeder.id, resources, sumKw, toleranceKw: toleranceKw + others }
        if (Number.isNaN(meteredKw)) return [{ ...common, meteredKw: null, meteredQuality: 'stale', residualKw: null, reconciles: true }]
        const judged = heard && measured.every(good)
        const residualKw = meteredKw - sumKw
        const fits = residualKw >= -toleranceKw && residualKw <= others + toleranceKw
        return [{ ...common, meteredKw, meteredQuality: judged ? 'good' : 'estimated', residualKw, reconciles: !judged || fits }]
    })
}
