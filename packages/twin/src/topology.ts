/**
 * What hangs together as the switches stand: a component is in service while all its switches are closed, buses joined
 * by branches in service are an island. An island is live while a generator in service stands at a bus of it that can
 * hold voltage (type slack or pv), as in the power flow; batteries and what feeds in at other buses only follow.
 */
import { applySwitches, type Network } from '@gridverse/grid'
import { qualityCode } from './measurement.ts'
import type { TwinModel } from './model.ts'
import type { Snapshot } from './snapshot.ts'

export interface Topology {
    /** the network with `inService` as the switches stand */
    readonly network: Network
    /** by row of `network.bus`: number of the island, from 0 in bus order */
    readonly island: Int32Array
    /** by island */
    readonly live: readonly boolean[]
    /** by row of `network.bus`: 1 where a generator in service holds voltage */
    readonly source: Uint8Array
}

const suspect = qualityCode('suspect')

/**
 * Position of every switch, by row: as last known, else as the record begins. A suspect position is not believed
 * over the one in `before`.
 */
export function closedSwitches(model: TwinModel, snapshot: Snapshot, before?: Uint8Array): Uint8Array {
    const points = model.column('switch', 'closed')
    return Uint8Array.from(model.region.switch, (sw, s) => {
        const index = points[s]!
        const value = snapshot.value[index]!
        if (Number.isNaN(value) || snapshot.quality[index] === suspect) return before?.[s] ?? Number(sw.closed)
        return value > 0.5 ? 1 : 0
    })
}

/** Islands of the region as the switches stand. */
export function computeTopology(model: TwinModel, closed: Uint8Array): Topology {
    return islandsOf(
        model,
        applySwitches(model.region, (_, s) => closed[s] === 1),
    )
}

/** Islands of a network with the model's buses. */
export function islandsOf(model: TwinModel, network: Network): Topology {
    const root = Int32Array.from(network.bus, (_, i) => i)
    const find = (i: number) => {
        while (root[i] !== i) {
            root[i] = root[root[i]!]!
            i = root[i]!
        }
        return i
    }
    const row = (bus: number) => model.busRow.get(bus)!
    for (const b of network.branch) {
        if (!b.inService) continue
        const [i, j] = [find(row(b.fromBus)), find(row(b.toBus))]
        root[Math.max(i, j)] = Math.min(i, j)
    }
    const number = new Map<number, number>()
    const island = Int32Array.from(network.bus, (_, i) => {
        const top = find(i)
        if (!number.has(top)) number.set(top, number.size)
        return number.get(top)!
    })
    const live = new Array<boolean>(number.size).fill(false)
    const source = new Uint8Array(network.bus.length)
    for (const g of network.generator) {
        const bus = row(g.bus)
        const { type } = network.bus[bus]!
        if (!g.inService || (type !== 'slack' && type !== 'pv')) continue
        source[bus] = 1
        live[island[bus]!] = true
    }
    return { network, island, live, source }
}

/** Whether a bus has voltage, by topology. */
export const isLive = ({ island, live }: Topology, busRow: number): boolean => live[island[busRow]!] === true

/** What another position of switches takes away: loads left without supply, MW, and live islands more than before. */
export function computeLoss(
    model: TwinModel,
    before: Topology,
    after: Topology,
    loadMw: (row: number) => number,
): { loads: string[]; lostMw: number; newIslands: number } {
    const loads: string[] = []
    let lostMw = 0
    after.network.load.forEach((load, row) => {
        const bus = model.busRow.get(load.bus)!
        const had = before.network.load[row]!.inService && isLive(before, bus)
        if (!had || (load.inService && isLive(after, bus))) return
        loads.push(load.id)
        lostMw += loadMw(row)
    })
    const count = (topology: Topology) => topology.live.filter(Boolean).length
    return { loads, lostMw, newIslands: Math.max(0, count(after) - count(before)) }
}
