/** An optimal power flow of the plain network that stands for a network, told by the rows of the latter. */
import { isPlain, lowerNetwork } from './lower-network.ts'
import type { Network } from './network.ts'
import type { Opf } from './opf-contract.ts'

export function solveLowered<T extends Opf>(network: Network, solve: (plain: Network) => T): T {
    if (isPlain(network)) return solve(network)
    const { network: plain, busOf } = lowerNetwork(network)
    const opf = solve(plain)
    if (opf.status !== 'optimal') return opf
    const row = new Map(opf.bus.map((b) => [b.id, b]))
    return {
        ...opf,
        bus: network.bus.map(({ id }) => ({ ...row.get(busOf(id))!, id })),
        generator: network.generator.map(({ bus }, g) => ({ ...opf.generator[g], bus })),
        branch: network.branch.map(({ fromBus, toBus }, k) => ({ ...opf.branch[k], fromBus, toBus })),
    }
}
