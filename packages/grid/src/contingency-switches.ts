/**
 * An outage in a power flow's switches, with what loses its supply by it. Bridges are found once: a single branch that
 * is none parts nothing; for everything else the islands are labelled anew.
 */
import { findParts } from './bridges.ts'
import { type Outage, singleBranch } from './contingency-outage.ts'
import { assignRoles, busRole, labelIslands } from './islands.ts'
import type { Network } from './network.ts'
import { toPerUnit } from './per-unit.ts'
import type { PowerFlowSolver } from './power-flow.ts'

/** Buses that lose their supply, without those that go out themselves; loads and generators in service there. */
export interface Lost {
    /** ids, in the network's order */
    readonly buses: readonly number[]
    readonly loadMw: number
    readonly generationMw: number
}

/** What one branch holds to the slacks. */
export interface CutOff {
    /** whether it lies at the branch's from side */
    readonly fromSide: boolean
    /** its buses stand from place 0 to 1 and from 2 to 3 of `Switches.order` */
    readonly places: readonly [number, number, number, number]
}

export const nothingLost: Lost = { buses: [], loadMw: 0, generationMw: 0 }

export interface Switches {
    /** Switches off what goes out and, at buses that lose their supply, the generators, so that they are dead. */
    apply(outage: Outage): Lost
    /** Everything as it was. */
    restore(): void
    /** What the outage of branch row k alone cuts off from the slacks, if anything; undefined where it carries nothing. */
    cutOff(k: number): CutOff | 'nothing' | undefined
    /** What is lost by that; the switches must be as they were. */
    lostBy(cut: CutOff): Lost
    /** Buses in an order in which those cut off stand together. */
    readonly order: Int32Array
}

/** Works on the input of `solver`, as it is now. */
export function createSwitches(network: Network, solver: PowerFlowSolver): Switches {
    const pu = toPerUnit(network)
    const { input } = solver
    const { nBus, from, to, busOfGenerator, busOfLoad, busOfShunt, busOfStorage } = pu
    const before = {
        branch: input.branchOn.slice(),
        generator: input.generatorOn.slice(),
        load: input.loadOn.slice(),
        shunt: input.shuntOn.slice(),
        storage: input.storageOn.slice(),
    }
    const leftOut = pu.type.map((t) => (t === 3 ? 1 : 0))
    const label = new Int32Array(nBus)
    const role = new Uint8Array(nBus)
    const alive = new Uint8Array(nBus)
    const hasGenerator = new Uint8Array(nBus)
    /** label, role and alive ← those of the switches as they are; returns the first slack of every island, −1 if dead */
    const labelNow = () => {
        hasGenerator.fill(0)
        input.generatorOn.forEach((on, g) => {
            if (on === 1) hasGenerator[busOfGenerator[g]] = 1
        })
        const islands = labelIslands(from, to, input.branchOn, leftOut, label)
        const slackOf = new Int32Array(islands)
        assignRoles(pu.type, hasGenerator, label, islands, role, alive, slackOf)
        return slackOf
    }
    labelNow()
    const island = label.slice()
    const held = alive.slice()
    const holds = role.map((r, i) => (r === busRole.fixed && alive[i] === 1 ? 1 : 0))
    const carries = input.branchOn.map((on, k) => (on === 1 && held[from[k]] === 1 && held[to[k]] === 1 ? 1 : 0))
    const { bridge, order, parts } = findParts(nBus, from, to, carries)
    // slack buses, loads and generators by the places of their buses in `order`
    const slacksBefore = new Int32Array(nBus + 1)
    const placeOf = new Int32Array(nBus)
    order.forEach((bus, place) => {
        placeOf[bus] = place
        slacksBefore[place + 1] = slacksBefore[place] + holds[bus]
    })
    const loadsAt = listsOf(nBus, busOfLoad)
    const generatorsAt = listsOf(nBus, busOfGenerator)

    function cutOff(k: number): CutOff | 'nothing' | undefined {
        if (carries[k] === 0 || from[k] === to[k]) return undefined
        if (bridge[k] === 0) return 'nothing'
        const [begin, first, last, end] = parts.subarray(4 * k, 4 * k + 4)
        const slacks = slacksBefore[last] - slacksBefore[first]
        const others = slacksBefore[end] - slacksBefore[begin] - slacks
        if (slacks > 0 && others > 0) return 'nothing'
        const inside = placeOf[from[k]] >= first && placeOf[from[k]] < last
        return { fromSide: inside === (slacks === 0), places: slacks === 0 ? [first, last, 0, 0] : [begin, first, last, end] }
    }

    function lostBy({ places }: CutOff): Lost {
        const lost: number[] = []
        for (const side of [0, 2]) for (let place = places[side]; place < places[side + 1]; place++) lost.push(order[place])
        lost.sort((a, b) => a - b)
        const sum = (lists: readonly (readonly number[])[], on: Uint8Array, mw: Float64Array) => {
            const rows = lost.flatMap((i) => lists[i].filter((row) => on[row] === 1))
            return rows.sort((a, b) => a - b).reduce((total, row) => total + mw[row], 0)
        }
        return {
            buses: lost.map((i) => network.bus[i].id),
            loadMw: sum(loadsAt, before.load, input.loadMw),
            generationMw: sum(generatorsAt, before.generator, input.generatorMw),
        }
    }

    function apply(outage: Outage): Lost {
        const { branches = [], generators = [], buses = [] } = outage
        for (const k of branches) input.branchOn[k] = 0
        for (const g of generators) input.generatorOn[g] = 0
        const out = new Uint8Array(nBus)
        for (const id of buses) out[pu.busAt.get(id)!] = 1
        if (buses.length > 0) {
            for (let k = 0; k < from.length; k++) if (out[from[k]] === 1 || out[to[k]] === 1) input.branchOn[k] = 0
            switchOff(out)
        }
        // a branch outside every ring, or more than one element: only then can a bus lose its supply
        const single = singleBranch(outage)
        return single !== null && bridge[single] === 0 ? nothingLost : findLost(out)
    }

    function switchOff(at: Uint8Array) {
        busOfGenerator.forEach((i, g) => {
            if (at[i] === 1) input.generatorOn[g] = 0
        })
        busOfLoad.forEach((i, d) => {
            if (at[i] === 1) input.loadOn[d] = 0
        })
        busOfShunt.forEach((i, s) => {
            if (at[i] === 1) input.shuntOn[s] = 0
        })
        busOfStorage.forEach((i, s) => {
            if (at[i] === 1) input.storageOn[s] = 0
        })
    }

    /** What had supply and has no more, buses of `out` aside; generators there are switched off, so that it is dead. */
    function findLost(out: Uint8Array): Lost {
        const slackOf = labelNow()
        // parts with a slack of the base case keep it; where an island has none left, its largest part with a source goes on
        const keeps = new Uint8Array(slackOf.length)
        const size = new Int32Array(slackOf.length)
        const largest = new Int32Array(nBus + 1).fill(-1)
        const settled = new Uint8Array(nBus + 1)
        for (let i = 0; i < nBus; i++) {
            if (label[i] < 0 || alive[i] === 0) continue
            size[label[i]]++
            if (holds[i] === 0 || role[i] !== busRole.fixed) continue
            keeps[label[i]] = 1
            settled[island[i]] = 1
        }
        slackOf.forEach((slack, part) => {
            const before = largest[island[slack]]
            if (slack >= 0 && (before < 0 || size[part] > size[before])) largest[island[slack]] = part
        })
        largest.forEach((part, i) => {
            if (part >= 0 && settled[i] === 0) keeps[part] = 1
        })
        const lost = new Uint8Array(nBus)
        for (let i = 0; i < nBus; i++) if (held[i] === 1 && out[i] === 0 && keeps[label[i]] === 0) lost[i] = 1
        if (!lost.includes(1)) return nothingLost
        let loadMw = 0
        busOfLoad.forEach((i, d) => {
            if (lost[i] === 1 && input.loadOn[d] === 1) loadMw += input.loadMw[d]
        })
        let generationMw = 0
        busOfGenerator.forEach((i, g) => {
            if (lost[i] === 0) return
            if (input.generatorOn[g] === 1) generationMw += input.generatorMw[g]
            input.generatorOn[g] = 0
        })
        return { buses: network.bus.filter((_, i) => lost[i] === 1).map((row) => row.id), loadMw, generationMw }
    }

    function restore() {
        input.branchOn.set(before.branch)
        input.generatorOn.set(before.generator)
        input.loadOn.set(before.load)
        input.shuntOn.set(before.shunt)
        input.storageOn.set(before.storage)
    }

    return { apply, restore, cutOff, lostBy, order }
}

/** Rows by the buses they are at. */
function listsOf(nBus: number, busOf: Int32Array): number[][] {
    const lists = Array.from({ length: nBus }, (): number[] => [])
    busOf.forEach((bus, row) => void lists[bus].push(row))
    return lists
}
