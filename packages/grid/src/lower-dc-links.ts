/**
 * HVDC links as what their converters do at their buses: a generator where a voltage is held, with the reactive limits
 * of that side and its power fixed; a load else. Of the power P drawn at one side,
 *   P − lossMw − P·lossPercent/100
 * comes out at the other.
 */
import type { Lowering } from './lower-network.ts'
import type { DcLink, Generator, GeneratorCost, Load, Network } from './network.ts'
import type { PowerFlow } from './solve-power-flow.ts'

export interface DcLinkRow {
    /** row in the network, from 0 */
    readonly index: number
    readonly id: string
    readonly fromBus: number
    readonly toBus: number
    readonly inService: boolean
    /** power from the bus into the link at each side, MW and Mvar */
    readonly pFromMw: number
    readonly qFromMvar: number
    readonly pToMw: number
    readonly qToMvar: number
    readonly lossMw: number
    /** sides held at a reactive limit */
    readonly fromAtLimit?: 'qMin' | 'qMax'
    readonly toAtLimit?: 'qMin' | 'qMax'
}

/** What the link takes at its sides, MW from the bus into the link; positive `pMw` runs from − to. */
export interface DcPower {
    readonly fromMw: number
    readonly toMw: number
}

/** Powers at both sides of a link that draws `pMw` at its from side, or gives −pMw there. */
export function powerOfLink(link: DcLink, pMw = link.pMw): DcPower {
    const share = link.lossPercent / 100
    return pMw >= 0 ? { fromMw: pMw, toMw: -(pMw - link.lossMw - share * pMw) } : { fromMw: pMw, toMw: (-pMw + link.lossMw) / (1 - share) }
}

/** The same, given what the link takes at its to side. */
export function powerOfLinkAtTo(link: DcLink, toMw: number): DcPower {
    const share = link.lossPercent / 100
    return toMw <= -link.lossMw || toMw < 0
        ? { fromMw: (-toMw + link.lossMw) / (1 - share), toMw }
        : { fromMw: -(toMw - link.lossMw - share * toMw), toMw }
}

/** The row a side becomes; `flow` says what happens there. */
interface Side {
    readonly bus: number
    readonly generator: number
    readonly load: number
}

/** `power`: what links carry instead of their schedule, by row. */
export function lowerDcLinks(network: Network, power: ReadonlyMap<number, DcPower> = new Map()): Lowering {
    const links = network.dcLink ?? []
    const { dcLink: _, ...rest } = network
    const generator: Generator[] = [...network.generator]
    const load: Load[] = [...network.load]
    const holding = new Set<number>()
    // a converter follows the set point of a generator at its bus
    const holders = new Set(network.bus.filter((b) => b.type === 'pv' || b.type === 'slack').map((b) => b.id))
    const setAt = new Map(network.generator.filter((g) => g.inService && holders.has(g.bus)).map((g) => [g.bus, g.vSetPu]))
    const add = (link: DcLink, side: 'from' | 'to', mw: number): Side => {
        const from = side === 'from'
        const bus = from ? link.fromBus : link.toBus
        const vSetPu = from ? link.vFromPu : link.vToPu
        const qMvar = from ? link.qFromMvar : link.qToMvar
        const id = `${link.id}/${side}`
        if (vSetPu === 0) {
            load.push({ id, bus, pMw: mw, qMvar: -qMvar, inService: link.inService })
            return { bus, generator: -1, load: load.length - 1 }
        }
        if (link.inService) holding.add(bus)
        generator.push({
            id,
            bus,
            pMw: -mw,
            qMvar,
            qMinMvar: from ? link.qMinFromMvar : link.qMinToMvar,
            qMaxMvar: from ? link.qMaxFromMvar : link.qMaxToMvar,
            vSetPu: setAt.get(bus) ?? vSetPu,
            baseMva: network.baseMva,
            pMinMw: -mw,
            pMaxMw: -mw,
            inService: link.inService,
        })
        return { bus, generator: generator.length - 1, load: -1 }
    }
    const sides = links.map((link, index) => {
        const { fromMw, toMw } = power.get(index) ?? powerOfLink(link)
        return { from: add(link, 'from', fromMw), to: add(link, 'to', toMw) }
    })
    const added = generator.length - network.generator.length
    const free: GeneratorCost = { model: 'polynomial', startup: 0, shutdown: 0, coefficients: [0, 0] }
    const extend = (costs: readonly GeneratorCost[]) =>
        costs.length > 0 ? [...costs, ...new Array<GeneratorCost>(added).fill(free)] : costs
    const lowered: Network = {
        ...rest,
        bus: network.bus.map((b) => (b.type === 'pq' && holding.has(b.id) ? { ...b, type: 'pv' } : b)),
        generator,
        load,
        generatorCost: extend(network.generatorCost),
        ...(network.generatorReactiveCost ? { generatorReactiveCost: extend(network.generatorReactiveCost) } : {}),
    }

    function lift(flow: PowerFlow, reactive: boolean): PowerFlow {
        if (flow.status !== 'converged') return { ...flow, dcLink: [] }
        const live = new Set(flow.bus.filter((b) => b.energised).map((b) => b.id))
        const at = (side: Side) => {
            const given = flow.generator[side.generator]
            if (given) return { p: -given.pMw, q: -given.qMvar, atLimit: given.atLimit }
            const on = load[side.load]?.inService === true && live.has(side.bus)
            return { p: on ? load[side.load].pMw : 0, q: on && reactive ? load[side.load].qMvar : 0, atLimit: undefined }
        }
        const dcLink = links.map(({ id, fromBus, toBus, inService }, index): DcLinkRow => {
            const [from, to] = [at(sides[index].from), at(sides[index].to)]
            return {
                index,
                id,
                fromBus,
                toBus,
                inService,
                pFromMw: from.p + 0,
                qFromMvar: from.q + 0,
                pToMw: to.p + 0,
                qToMvar: to.q + 0,
                lossMw: from.p + to.p,
                ...(from.atLimit ? { fromAtLimit: from.atLimit } : {}),
                ...(to.atLimit ? { toAtLimit: to.atLimit } : {}),
            }
        })
        return { ...flow, generator: flow.generator.slice(0, network.generator.length), dcLink }
    }

    return { network: lowered, lift }
}

/**
 * Where a converter alone feeds an island, it gives what the island takes: the powers links then carry, by row, or
 * nothing where all carry what `flow` was solved with. A link to a bus without supply carries nothing.
 */
export function settleDcLinks(
    network: Network,
    flow: PowerFlow,
    power: ReadonlyMap<number, DcPower>,
): ReadonlyMap<number, DcPower> | undefined {
    const live = new Set(flow.bus.filter((b) => b.energised).map((b) => b.id))
    const settled = new Map(power)
    let moved = false
    network.dcLink?.forEach((link, index) => {
        if (!link.inService) return
        const before = power.get(index) ?? powerOfLink(link)
        const row = flow.dcLink![index]
        const dead = !live.has(link.fromBus) || !live.has(link.toBus)
        const near = (a: number, b: number) => Math.abs(a - b) <= 1e-7 * network.baseMva
        const now = dead
            ? { fromMw: 0, toMw: 0 }
            : near(row.pToMw, before.toMw)
              ? near(row.pFromMw, before.fromMw)
                  ? before
                  : powerOfLink(link, row.pFromMw)
              : powerOfLinkAtTo(link, row.pToMw)
        if (near(now.fromMw, before.fromMw) && near(now.toMw, before.toMw)) return
        settled.set(index, now)
        moved = true
    })
    return moved ? settled : undefined
}
