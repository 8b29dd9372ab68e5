/** What a MATPOWER case has no place for, and what `writeMatpower` makes of it. */
import type { Issue } from '@gridverse/units'
import { notKept } from './case-format.ts'
import { addedUp, type Kept, lossesOf, renamed } from './losses.ts'
import type { Network } from './network.ts'

export const keptByMatpower: Kept = {
    bus: 'id name type baseKv vmPu vaDeg vMinPu vMaxPu area zone',
    load: 'id bus pMw qMvar inService',
    shunt: 'id bus gMw bMvar inService',
    generator: 'all',
    branch: 'all',
    dcLink: 'all',
    generatorCost: 'all',
    generatorReactiveCost: 'all',
}
const format = 'a MATPOWER case'

export function lostInMatpower(network: Network): Issue[] {
    const { storage, coupler = [], transformer3 = [], dcLink = [], ...rest } = network
    const issues = [...lossesOf({ ...rest, storage: [], dcLink }, format, keptByMatpower), ...addedUp(network, format)]
    const tell = (path: string, count: number, message: string) => {
        if (count) issues.push(notKept(path, `${format} ${message}`))
    }
    tell('storage', storage.length, `has no storage: ${storage.length} written as the format allows, without energy`)
    const closed = coupler.filter((c) => c.closed).length
    tell(
        'coupler',
        coupler.length,
        `has no couplers: ${closed} closed ones join their buses, ${coupler.length - closed} open ones are left out`,
    )
    tell(
        'transformer3',
        transformer3.length,
        `has no three-winding transformers: ${transformer3.length} are written as branches that meet in a star bus`,
    )
    const free = dcLink.filter((d) => d.vFromPu === 0 || d.vToPu === 0).length
    tell('dcLink', free, `holds a voltage at both ends of a DC line: ${free} links that do not are written as what their ends do`)
    const isTransformer = (k: Network['branch'][number]) => k.kind === 'transformer' || k.ratio !== 1 || k.shiftDeg !== 0
    issues.push(
        ...renamed(
            'load',
            network.load,
            network.load.map((d) => `D${d.bus}`),
        ),
        ...renamed(
            'shunt',
            network.shunt,
            network.shunt.map((s) => `S${s.bus}`),
        ),
        ...renamed(
            'generator',
            network.generator,
            network.generator.map((_, g) => `G${g + 1}`),
        ),
        ...renamed(
            'branch',
            network.branch,
            network.branch.map((k, i) => `${isTransformer(k) ? 'T' : 'L'}${i + 1}`),
        ),
    )
    return issues
}
