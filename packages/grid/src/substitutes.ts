/** Stand-ins for what formats of buses and branches have no record for: electrically the same, and told. */
import type { Issue } from '@gridverse/units'
import { notKept } from './case-format.ts'
import { storagesAsLoads } from './losses.ts'
import { lowerDcLinks } from './lower-dc-links.ts'
import { lowerTransformers3 } from './lower-transformers3.ts'
import type { Branch, Network } from './network.ts'

/** reactance that stands for a closed coupler, p.u.: a millionth of the voltage drops there at full system base */
const couplerPu = 1e-6

/** Closed couplers as short branches, which keeps the buses apart that a power flow would join. */
export function couplersAsBranches(network: Network, format: string): { network: Network; issues: Issue[] } {
    const { coupler = [], ...rest } = network
    if (!coupler.length) return { network, issues: [] }
    const closed = coupler.filter((c) => c.closed)
    const short = closed.map(({ id, fromBus, toBus }): Branch => ({ ...plain, id, fromBus, toBus, xPu: couplerPu }))
    const message = `${format} has no couplers: ${closed.length} closed ones are written as branches of ${couplerPu} p.u., ${coupler.length - closed.length} open ones left out`
    return { network: { ...rest, branch: [...network.branch, ...short] }, issues: [notKept('coupler', message)] }
}

/** Storages as negative loads, couplers as short branches, three-winding transformers as stars, DC links as loads or generators. */
export function asBusBranch(given: Network, format: string): { network: Network; issues: Issue[] } {
    const issues: Issue[] = []
    let network = given
    const step = (made: { network: Network; issues: Issue[] }) => {
        network = made.network
        issues.push(...made.issues)
    }
    step(storagesAsLoads(network, format))
    const { transformer3 = [], dcLink = [] } = network
    if (transformer3.length)
        step({
            network: lowerTransformers3(network).network,
            issues: [
                notKept(
                    'transformer3',
                    `${format} has no three-winding transformers: ${transformer3.length} are written as branches that meet in a star bus`,
                ),
            ],
        })
    if (dcLink.length)
        step({
            network: lowerDcLinks(network).network,
            issues: [
                notKept(
                    'dcLink',
                    `${format} has no DC links: ${dcLink.length} are written as loads, or as generators where they hold a voltage`,
                ),
            ],
        })
    step(couplersAsBranches(network, format))
    return { network, issues }
}

const plain: Branch = {
    id: '',
    kind: 'line',
    fromBus: 0,
    toBus: 0,
    rPu: 0,
    xPu: 0,
    bPu: 0,
    ratio: 1,
    shiftDeg: 0,
    rateMva: 0,
    rateShortMva: 0,
    rateEmergencyMva: 0,
    angleMinDeg: -360,
    angleMaxDeg: 360,
    inService: true,
}
