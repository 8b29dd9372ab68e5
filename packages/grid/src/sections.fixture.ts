/** Networks whose buses are sections of busbars, and what they are with the sections made one. */
import { createRandom } from '@gridverse/math'
import { fillRow } from '@gridverse/units'
import { coupler, type Network } from './network.ts'

export interface Sections {
    readonly network: Network
    /** the bus each bus was split from, or itself */
    readonly parentOf: ReadonlyMap<number, number>
}

/** Every third bus or so in two or three sections behind closed couplers, what is connected there spread over them. */
export function splitBuses(network: Network, seed: number): Sections {
    const random = createRandom(seed)
    let free = Math.max(...network.bus.map((b) => b.id)) + 1
    const parentOf = new Map(network.bus.map((b) => [b.id, b.id]))
    const bus = [...network.bus]
    const couplers = []
    const sections = new Map<number, number[]>()
    for (const b of network.bus) {
        if (b.type === 'isolated' || random.uniform() > 0.35) continue
        const ids = [b.id]
        for (let more = 1 + random.below(2); more > 0; more--) {
            const id = free++
            couplers.push(fillRow(coupler, { id: `Q${id}`, fromBus: ids.at(-1)!, toBus: id, closed: true }))
            bus.push({ ...b, id, type: 'pq' })
            parentOf.set(id, b.id)
            ids.push(id)
        }
        sections.set(b.id, ids)
    }
    const pick = (id: number) => {
        const ids = sections.get(id)
        return ids ? ids[random.below(ids.length)] : id
    }
    const move = <T extends { readonly bus: number }>(rows: readonly T[]): T[] => rows.map((row) => ({ ...row, bus: pick(row.bus) }))
    return {
        parentOf,
        network: {
            ...network,
            bus,
            load: move(network.load),
            shunt: move(network.shunt),
            storage: move(network.storage),
            branch: network.branch.map((k) => ({ ...k, fromBus: pick(k.fromBus), toBus: pick(k.toBus) })),
            coupler: couplers,
        },
    }
}
