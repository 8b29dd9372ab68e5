/**
 * A slack shared by the generators of an island: each gives P(t) = P₀ + w·t within its limits, with one t for the island
 * so that nothing is left over at the reference bus. Found by rounds of the power flow: what the reference bus gives
 * beyond its own share goes to all, by a secant step once two rounds are known, until that is no more than the
 * tolerance. Weights w are the room of a generator, pMax − P₀ where power is lacking and P₀ − pMin where there is too
 * much (the machine base where that limit is infinite), unless given.
 */
import { networkIslands } from './islands.ts'
import type { Network } from './network.ts'
import type { PowerFlowResult } from './power-flow-arrays.ts'

export interface SlackRow {
    /** bus that keeps its angle */
    readonly bus: number
    /** power shared out, MW; negative where generators were held back */
    readonly sharedMw: number
    /** power beyond what the participants could give, left to the first generator at `bus`, MW */
    readonly remainingMw: number
    /** ids of the generators that take part */
    readonly generators: readonly string[]
}

interface Participant {
    readonly row: number
    readonly start: number
    readonly low: number
    readonly high: number
    readonly weight?: number
    readonly baseMva: number
}

interface Share {
    readonly bus: number
    /** row of the generator that takes what is left, first in service at the reference bus */
    readonly reference: number
    readonly participants: readonly Participant[]
    total: number
    before?: { readonly total: number; readonly left: number }
    left: number
}

export interface DistributedSlack {
    /** the network with one reference per island, further slack buses hold their voltage only */
    readonly network: Network
    /** Sets the generators' powers, MW, for another round; false when nothing is left to share. */
    share(result: Pick<PowerFlowResult, 'generatorMw'>, generatorMw: Float64Array, toleranceMw: number): boolean
    rows(): SlackRow[]
}

/** `weights` by id of generator; those without one do not take part. */
export function createDistributedSlack(given: Network, weights?: Readonly<Record<string, number>>): DistributedSlack {
    const references = new Set(networkIslands(given).flatMap((island) => island.slack.slice(0, 1)))
    const network: Network = {
        ...given,
        bus: given.bus.map((b) => (b.type === 'slack' && !references.has(b.id) ? { ...b, type: 'pv' } : b)),
    }
    const shares = networkIslands(network)
        .filter((island) => island.energised)
        .map((island): Share => {
            const bus = island.slack[0]
            const inside = new Set(island.bus)
            const participants = network.generator.flatMap((g, row): Participant[] => {
                if (!g.inService || !inside.has(g.bus) || (weights && !((weights[g.id] ?? 0) > 0))) return []
                const limits = { low: Math.min(g.pMinMw, g.pMw), high: Math.max(g.pMaxMw, g.pMw) }
                return [{ row, start: g.pMw, ...limits, baseMva: g.baseMva, ...(weights ? { weight: weights[g.id] } : {}) }]
            })
            const reference = network.generator.findIndex((g) => g.inService && g.bus === bus)
            return { bus, reference, participants, total: 0, left: 0 }
        })

    function share(result: Pick<PowerFlowResult, 'generatorMw'>, generatorMw: Float64Array, toleranceMw: number): boolean {
        let again = false
        for (const each of shares) {
            const { reference, participants } = each
            const left = result.generatorMw[reference] - generatorMw[reference]
            each.left = left
            if (Math.abs(left) <= toleranceMw) continue
            const { before, total } = each
            // left is nearly −total plus a constant: losses alone change it otherwise
            const slope = before && before.total !== total ? (left - before.left) / (total - before.total) : -1
            each.before = { total, left }
            const next = total - left / (slope < -0.2 && slope > -5 ? slope : -1)
            const given = shareOut(participants, next, generatorMw)
            each.total = given
            if (Math.abs(given - total) > 0.1 * toleranceMw) again = true
        }
        return again
    }

    const rows = () =>
        shares.map(({ bus, total, left, participants }) => ({
            bus,
            sharedMw: total,
            remainingMw: left,
            generators: participants.map(({ row }) => network.generator[row].id),
        }))
    return { network, share, rows }
}

/** generatorMw ← the starts plus `total` MW in proportion to the weights, within limits; returns what could be shared. */
function shareOut(participants: readonly Participant[], total: number, generatorMw: Float64Array): number {
    const up = total > 0
    const room = ({ start, low, high }: Participant) => (up ? high - start : start - low)
    const weightOf = (each: Participant) => each.weight ?? (room(each) === Infinity ? each.baseMva : room(each))
    let active = participants.filter((each) => room(each) > 0 && weightOf(each) > 0)
    for (const { row, start } of participants) generatorMw[row] = start
    let left = Math.abs(total)
    // those that reach their limit take no more, and the others share what they leave
    while (active.length > 0) {
        const sum = active.reduce((all, each) => all + weightOf(each), 0)
        const t = left / sum
        const full = active.filter((each) => weightOf(each) * t >= room(each))
        for (const each of full.length > 0 ? full : active) {
            const part = full.length > 0 ? room(each) : weightOf(each) * t
            generatorMw[each.row] = each.start + (up ? part : -part)
            left -= part
        }
        if (full.length === 0) return total
        active = active.filter((each) => !full.includes(each))
    }
    return up ? total - left : total + left
}
