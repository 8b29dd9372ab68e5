/**
 * How the generators of a bus share what the bus gives, and their reactive limits.
 *
 * Reactive power of a bus that holds its voltage is shared in proportion to the generators' ranges, each starting from
 * its least (MATPOWER `pfsoln`); an infinite limit stands for the sum of all finite limits and equal shares at the bus;
 * where the ranges are zero altogether the shares are equal. Active power of a slack bus beyond what its generators
 * are set to goes to the first of them.
 */
import { busRole } from './islands.ts'
import type { Network } from './network.ts'
import type { NewtonArrays } from './newton.ts'
import type { PerUnit } from './per-unit.ts'
import type { PowerFlowInput, PowerFlowResult } from './power-flow-arrays.ts'

/** excess of reactive power that counts as a violated limit, Mvar */
const excess = 5e-6
/** excess of voltage that turns a bus back, p.u. */
const beyond = 1e-7
/** times a bus may turn back to its set point in one solve */
const mostTurns = 6

export interface Sharing {
    /** Before a solve: generators give what the input says and none is at a limit. */
    reset(): void
    /**
     * After a solve: PV buses with a generator beyond a limit become PQ buses, all at once, those generators at their
     * limit and others at the bus as they are. Where there is none, buses at their most above their set point, and at
     * their least below it, hold it again. Once a bus would turn back a second time, one bus turns at a time, the one
     * furthest off; each turns back a bounded number of times, so this ends. Slack buses are exempt. Returns whether
     * any bus turned.
     */
    settle(): boolean
    /** Positions of buses left at a limit they should leave, having turned too often. */
    stuck(): number[]
    /** result.generator… ← powers of every generator. */
    computeGenerators(result: PowerFlowResult): void
}

/** `other` is what loads and storages inject, per unit and in order of elimination; `vSet` the set points of buses, p.u. */
export function createSharing(
    network: Network,
    pu: PerUnit,
    newton: NewtonArrays,
    input: PowerFlowInput,
    other: { readonly p: Float64Array; readonly q: Float64Array },
    vSet: Float64Array,
): Sharing {
    const { baseMva } = pu
    const { position } = newton.elimination
    const { v, current, role } = newton
    const nGen = network.generator.length
    const mvar = new Float64Array(nGen)
    const atLimit = new Int8Array(nGen)
    const low = Float64Array.from(network.generator, (g) => g.qMinMvar)
    const high = Float64Array.from(network.generator, (g) => g.qMaxMvar)
    // generators bus by bus, in the network's order within a bus
    const byBus = new Map<number, number[]>()
    for (let g = 0; g < nGen; g++) {
        const gens = byBus.get(pu.busOfGenerator[g])
        if (gens) gens.push(g)
        else byBus.set(pu.busOfGenerator[g], [g])
    }
    const groups = [...byBus].map(([bus, gens]) => ({ bus, i: position[bus], gens, turns: 0 }))
    type Group = (typeof groups)[number]
    const byUrgency = (a: { size: number }, b: { size: number }) => b.size - a.size

    function reset() {
        atLimit.fill(0)
        for (const group of groups) group.turns = 0
        for (let g = 0; g < nGen; g++) mvar[g] = input.generatorOn[g] === 1 ? input.generatorMvar[g] : 0
    }

    /** finite stand-in for an infinite limit */
    const finite = (limit: number, stand: number) => (limit === Infinity ? stand : limit === -Infinity ? -stand : limit)

    /** mvar of the generators at a bus that holds its voltage ← their shares */
    function shareAt(i: number, gens: readonly number[]) {
        const e = v[2 * i]
        const f = v[2 * i + 1]
        const total = (f * current[2 * i] - e * current[2 * i + 1] - other.q[i]) * baseMva
        let count = 0
        for (const g of gens) count += input.generatorOn[g]
        let stand = Math.abs(total)
        for (const g of gens) {
            if (input.generatorOn[g] === 0) continue
            if (Number.isFinite(low[g])) stand += Math.abs(low[g])
            if (Number.isFinite(high[g])) stand += Math.abs(high[g])
        }
        let least = 0
        let most = 0
        for (const g of gens) {
            if (input.generatorOn[g] === 0) continue
            least += finite(low[g], stand)
            most += finite(high[g], stand)
        }
        const fraction = (total - least) / (most - least)
        for (const g of gens) {
            if (input.generatorOn[g] === 0) continue
            const from = finite(low[g], stand)
            mvar[g] = count === 1 || least === most ? total / count : from + fraction * (finite(high[g], stand) - from)
        }
    }

    /** reactive power beyond the limits at a PV bus, p.u.; 0 within them. Sets the sides of the generators beyond. */
    function violation({ i, gens }: Group): number {
        if (role[i] !== busRole.pv) return 0
        shareAt(i, gens)
        let size = 0
        for (const g of gens) {
            if (input.generatorOn[g] === 0) continue
            if (mvar[g] > high[g] + excess) size += mvar[g] - high[g]
            else if (mvar[g] < low[g] - excess) size += low[g] - mvar[g]
        }
        return size / baseMva
    }

    function bind({ i, gens }: Group) {
        shareAt(i, gens)
        let sum = 0
        for (const g of gens) {
            if (input.generatorOn[g] === 1) {
                if (mvar[g] > high[g] + excess) atLimit[g] = 1
                else if (mvar[g] < low[g] - excess) atLimit[g] = -1
            }
            if (atLimit[g] !== 0) mvar[g] = atLimit[g] > 0 ? high[g] : low[g]
            sum += mvar[g]
        }
        role[i] = busRole.pq
        newton.q[i] = other.q[i] + sum / baseMva
    }

    /** how far a bus at its limits is on the other side of its set point, in p.u. of reactive power as B·ΔV; 0 where it belongs */
    function regret({ bus, i, gens }: Group): number {
        if (role[i] !== busRole.pq) return 0
        let side = 0
        let range = 0
        for (const g of gens) {
            if (input.generatorOn[g] === 0) continue
            if (atLimit[g] === 0 || atLimit[g] === -side) return 0
            side = atLimit[g]
            range += high[g] - low[g]
        }
        if (side === 0 || !(range > 0)) return 0
        const above = side * (Math.sqrt(v[2 * i] ** 2 + v[2 * i + 1] ** 2) - vSet[bus])
        return above > beyond ? above * (1 + Math.abs(newton.yDiagonal[2 * i + 1])) : 0
    }

    function release({ bus, i, gens }: Group) {
        for (const g of gens) atLimit[g] = 0
        role[i] = busRole.pv
        const scale = vSet[bus] / Math.sqrt(v[2 * i] ** 2 + v[2 * i + 1] ** 2)
        v[2 * i] *= scale
        v[2 * i + 1] *= scale
    }

    function settle(): boolean {
        const over = groups.map((group) => ({ group, size: violation(group) })).filter(({ size }) => size > 0)
        const cycling = groups.some(({ turns }) => turns > 1)
        if (over.length > 0 && !cycling) {
            for (const { group } of over) bind(group)
            return true
        }
        const back = groups
            .filter(({ turns }) => turns < mostTurns)
            .map((group) => ({ group, size: regret(group) }))
            .filter(({ size }) => size > 0)
        const turning = cycling || back.some(({ group }) => group.turns > 0) ? [...over, ...back].sort(byUrgency).slice(0, 1) : back
        for (const { group } of turning) {
            if (role[group.i] === busRole.pv) bind(group)
            else {
                release(group)
                group.turns++
            }
        }
        return turning.length > 0
    }

    const stuck = () => groups.filter((group) => group.turns >= mostTurns && regret(group) > 0).map(({ i }) => i)

    function computeGenerators(result: PowerFlowResult) {
        const { generatorMw, generatorMvar, generatorAtLimit } = result
        for (const { i, gens } of groups) {
            const e = v[2 * i]
            const f = v[2 * i + 1]
            const live = e !== 0 || f !== 0
            const holds = live && role[i] !== busRole.pq
            if (holds) shareAt(i, gens)
            // the first generator in service of a slack bus takes the rest
            let rest = role[i] === busRole.fixed ? (e * current[2 * i] + f * current[2 * i + 1] - other.p[i]) * baseMva : 0
            let first = -1
            for (const g of gens) {
                const on = live && input.generatorOn[g] === 1
                generatorMw[g] = on ? input.generatorMw[g] : 0
                generatorMvar[g] = on ? mvar[g] : 0
                if (on && first < 0) first = g
                else rest -= generatorMw[g]
            }
            if (live && role[i] === busRole.fixed && first >= 0) generatorMw[first] = rest
        }
        generatorAtLimit.set(atLimit)
    }

    return { reset, settle, stuck, computeGenerators }
}
