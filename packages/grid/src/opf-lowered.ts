/**
 * An optimal power flow of the plain network that stands for a network, told by the rows of the latter. A link that may
 * carry more or less becomes two generators tied to each other: what the from side draws less losses, the to side gives,
 *   P_to + (1 − share)·P_from = −loss, both into the bus
 * and the link's range is a range of what arrives. Where its losses grow with power it runs one way only, that of its
 * schedule. Other links carry their schedule.
 */
import { isPlain, lowerNetwork } from './lower-network.ts'
import type { DcLink, Generator, GeneratorCost, Network } from './network.ts'
import type { BindingConstraint, Opf, OpfDcLinkRow } from './opf-contract.ts'
import type { Tie } from './opf-ties.ts'

interface OpenLink {
    readonly link: DcLink
    /** rows of the generators that stand for it */
    readonly from: number
    readonly to: number
    /** MW drawn at the from side */
    readonly least: number
    readonly most: number
}

export function solveLowered<T extends Opf>(network: Network, solve: (plain: Network, ties: readonly Tie[]) => T): T {
    if (isPlain(network)) return solve(network, [])
    const { network: opened, links, ties } = openLinks(network)
    const { network: plain, busOf } = lowerNetwork(opened)
    const opf = solve(plain, ties)
    const named = { ...opf, binding: opf.binding.map((row) => nameLink(network, links, row)) }
    if (opf.status !== 'optimal') return named
    const row = new Map(opf.bus.map((b) => [b.id, b]))
    const dcLink = links.map(({ link, from, to }): OpfDcLinkRow => {
        const [a, b] = [opf.generator[from], opf.generator[to]]
        const price = 1 - link.lossPercent / 100
        return {
            index: network.dcLink!.indexOf(link),
            id: link.id,
            pFromMw: -a.pMw,
            qFromMvar: -a.qMvar,
            pToMw: -b.pMw,
            qToMvar: -b.qMvar,
            pMinPrice: price * b.pMinPrice,
            pMaxPrice: price * b.pMaxPrice,
        }
    })
    return {
        ...named,
        bus: network.bus.map(({ id }) => ({ ...row.get(busOf(id))!, id })),
        generator: network.generator.map(({ bus }, g) => ({ ...opf.generator[g], bus })),
        branch: network.branch.map(({ fromBus, toBus }, k) => ({ ...opf.branch[k], fromBus, toBus })),
        ...(dcLink.length ? { dcLink } : {}),
    }
}

/** The network with every link that has a range as two generators after its own. */
function openLinks(network: Network): { network: Network; links: OpenLink[]; ties: Tie[] } {
    const links: OpenLink[] = []
    const generator = [...network.generator]
    const kept = (network.dcLink ?? []).filter((link) => {
        const [low, high] = link.pMw < 0 ? [link.pMinMw, Math.min(0, link.pMaxMw)] : [Math.max(0, link.pMinMw), link.pMaxMw]
        const [least, most] = link.lossPercent > 0 ? [low, high] : [link.pMinMw, link.pMaxMw]
        if (!link.inService || !(least < most) || !Number.isFinite(least + most) || (link.lossPercent > 0 && link.pMw < 0)) return true
        const arrives = (mw: number) => (1 - link.lossPercent / 100) * mw - link.lossMw
        const from = generator.push(side(network, link, 'from', -Infinity, Infinity)) - 1
        const to = generator.push(side(network, link, 'to', arrives(least), arrives(most))) - 1
        links.push({ link, from, to, least, most })
        return false
    })
    const free: GeneratorCost = { model: 'polynomial', startup: 0, shutdown: 0, coefficients: [0, 0] }
    const extend = (costs: readonly GeneratorCost[]) => (costs.length ? [...costs, ...links.flatMap(() => [free, free])] : costs)
    return {
        network: {
            ...network,
            generator,
            generatorCost: extend(network.generatorCost),
            ...(network.generatorReactiveCost ? { generatorReactiveCost: extend(network.generatorReactiveCost) } : {}),
            ...(network.dcLink ? { dcLink: kept } : {}),
        },
        links,
        ties: links.map(({ link, from, to }) => ({
            term: [
                { generator: to, reactive: false, factor: 1 },
                { generator: from, reactive: false, factor: 1 - link.lossPercent / 100 },
            ],
            constant: -link.lossMw / network.baseMva,
        })),
    }
}

function side(network: Network, link: DcLink, which: 'from' | 'to', pMinMw: number, pMaxMw: number): Generator {
    const [bus, holds, q, qMin, qMax] =
        which === 'from'
            ? [link.fromBus, link.vFromPu, link.qFromMvar, link.qMinFromMvar, link.qMaxFromMvar]
            : [link.toBus, link.vToPu, link.qToMvar, link.qMinToMvar, link.qMaxToMvar]
    return {
        id: `${link.id}/${which}`,
        bus,
        pMw: which === 'from' ? -link.pMw : link.pMw,
        qMvar: q,
        qMinMvar: holds > 0 ? qMin : q,
        qMaxMvar: holds > 0 ? qMax : q,
        vSetPu: holds > 0 ? holds : 1,
        baseMva: network.baseMva,
        pMinMw,
        pMaxMw,
        inService: true,
    }
}

/** A limit of what arrives, as the link's limit of what it draws. */
function nameLink(network: Network, links: readonly OpenLink[], row: BindingConstraint): BindingConstraint {
    const open = row.table === 'generator' ? links.find(({ from, to }) => row.index === from || row.index === to) : undefined
    if (!open) return row
    const named = { ...row, table: 'dcLink' as const, index: network.dcLink!.indexOf(open.link), id: open.link.id }
    if (row.kind !== 'pMin' && row.kind !== 'pMax') return named
    return { ...named, limit: row.kind === 'pMin' ? open.least : open.most, price: row.price * (1 - open.link.lossPercent / 100) }
}
