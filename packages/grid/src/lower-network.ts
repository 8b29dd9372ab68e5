/**
 * Lowering: couplers, three-winding transformers and HVDC links in terms of buses, branches, loads and generators, and
 * the way back of the results. The equations of the package know plain networks only.
 */
import { lowerCouplers } from './lower-couplers.ts'
import { type DcPower, lowerDcLinks } from './lower-dc-links.ts'
import { lowerTransformers3 } from './lower-transformers3.ts'
import type { Network } from './network.ts'
import type { PowerFlow } from './solve-power-flow.ts'

export interface Lowering {
    /** a network without the lowered elements; rows of its tables begin with those of the network it was made from */
    readonly network: Network
    /** Results for the network it was made from. `reactive` is false for a DC power flow, which knows no reactive power. */
    lift(flow: PowerFlow, reactive: boolean): PowerFlow
}

export interface LoweredNetwork extends Lowering {
    /** the bus that stands for a bus, which differs where couplers join */
    busOf(id: number): number
}

/** Whether a network has anything to lower. */
export function isPlain(network: Network): boolean {
    return !(network.coupler?.length || network.dcLink?.length || network.transformer3?.length)
}

/** The network without HVDC links, in terms of loads and generators; rows of buses and branches stay. */
export function withoutLinks(network: Network): Network {
    return network.dcLink?.length ? lowerDcLinks(network).network : network
}

/**
 * The plain network that stands for a network. Branches keep their rows, as do loads, shunts, storages and generators;
 * buses joined by couplers become one. `power` is what links carry in place of their schedule.
 */
export function lowerNetwork(network: Network, power?: ReadonlyMap<number, DcPower>): LoweredNetwork {
    const steps: Lowering[] = []
    let plain = network
    const lower = (step: (from: Network) => Lowering) => {
        const lowered = step(plain)
        plain = lowered.network
        steps.unshift(lowered)
    }
    if (plain.transformer3?.length) lower(lowerTransformers3)
    if (plain.dcLink?.length) lower((from) => lowerDcLinks(from, power))
    let busOf = (id: number) => id
    if (plain.coupler?.length)
        lower((from) => {
            const joined = lowerCouplers(from)
            busOf = joined.busOf
            return joined
        })
    return { network: plain, busOf, lift: (flow, reactive) => steps.reduce((lifted, step) => step.lift(lifted, reactive), flow) }
}
