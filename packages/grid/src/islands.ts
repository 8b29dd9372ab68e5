/** Islands: sets of buses joined by branches in service. */
import type { Network } from './network.ts'

export interface Island {
    /** ids of its buses, in the network's order */
    readonly bus: readonly number[]
    /** ids of the buses that hold voltage and angle; empty when nothing can feed the island */
    readonly slack: readonly number[]
    readonly energised: boolean
}

/** What a bus is to the equations. */
export const busRole = { fixed: 0, pv: 1, pq: 2 } as const

/**
 * label[i] ← number of bus i's island, from 0 in order of first buses; −1 for buses left out. Returns the count.
 * Union by the lower root, with path halving.
 */
export function labelIslands(from: Int32Array, to: Int32Array, branchOn: Uint8Array, leftOut: Uint8Array, label: Int32Array): number {
    const n = label.length
    for (let i = 0; i < n; i++) label[i] = i
    for (let k = 0; k < from.length; k++) {
        let f = from[k]
        let t = to[k]
        if (branchOn[k] === 0 || leftOut[f] === 1 || leftOut[t] === 1) continue
        while (label[f] !== f) {
            label[f] = label[label[f]]
            f = label[f]
        }
        while (label[t] !== t) {
            label[t] = label[label[t]]
            t = label[t]
        }
        if (f < t) label[t] = f
        else label[f] = t
    }
    // roots come before their members, so a root's number is known when a member asks
    let count = 0
    for (let i = 0; i < n; i++) {
        if (leftOut[i] === 1) label[i] = -1
        else if (label[i] === i) label[i] = -2 - count++
        else label[i] = label[root2(label, i)]
    }
    for (let i = 0; i < n; i++) if (label[i] <= -2) label[i] = -2 - label[i]
    return count
}
/** the root of i when roots are already marked by numbers below −1 */
function root2(label: Int32Array, i: number): number {
    while (label[i] >= 0) i = label[i]
    return i
}

/** Type of a bus as its record says it, coded for kernels. */
export const declaredType = { pq: 0, pv: 1, slack: 2, isolated: 3 } as const

/**
 * role[i] and slackOf[island] ← roles of the buses, after MATPOWER's `bustypes`, island by island: slack and PV need a
 * generator in service; an island without a slack takes its first PV bus; one without either is dead. `slackOf` holds
 * the first slack bus, −1 for a dead island. `alive[i]` is 1 where voltage can be.
 */
export function assignRoles(
    type: Uint8Array,
    hasGenerator: Uint8Array,
    label: Int32Array,
    islands: number,
    role: Uint8Array,
    alive: Uint8Array,
    slackOf: Int32Array,
): void {
    const n = type.length
    for (let k = 0; k < islands; k++) slackOf[k] = -1
    for (let i = 0; i < n; i++) {
        role[i] = type[i] === declaredType.pv && hasGenerator[i] === 1 ? busRole.pv : busRole.pq
        if (label[i] < 0) role[i] = busRole.fixed
        else if (type[i] === declaredType.slack && hasGenerator[i] === 1) {
            role[i] = busRole.fixed
            if (slackOf[label[i]] < 0) slackOf[label[i]] = i
        }
    }
    for (let i = 0; i < n; i++)
        if (label[i] >= 0 && slackOf[label[i]] < 0 && role[i] === busRole.pv) {
            slackOf[label[i]] = i
            role[i] = busRole.fixed
        }
    for (let i = 0; i < n; i++) {
        alive[i] = label[i] >= 0 && slackOf[label[i]] >= 0 ? 1 : 0
        if (alive[i] === 0) role[i] = busRole.fixed
    }
}

/** The pairs of buses that branches, couplers and three-winding transformers in service join. */
function joinedPairs(network: Network): [number, number][] {
    return [
        ...network.branch.filter((k) => k.inService).map((k): [number, number] => [k.fromBus, k.toBus]),
        ...(network.coupler ?? []).filter((c) => c.closed).map((c): [number, number] => [c.fromBus, c.toBus]),
        ...(network.transformer3 ?? [])
            .filter((t) => t.inService)
            .flatMap((t): [number, number][] => [
                [t.bus1, t.bus2],
                [t.bus1, t.bus3],
            ]),
    ]
}

/** The islands of a network, each with the buses that hold it. Isolated buses belong to none. */
export function networkIslands(network: Network): Island[] {
    const n = network.bus.length
    const at = new Map(network.bus.map((b, i) => [b.id, i]))
    const joined = joinedPairs(network).filter(([from, to]) => at.has(from) && at.has(to))
    const label = new Int32Array(n)
    const type = Uint8Array.from(network.bus, (b) => declaredType[b.type])
    const count = labelIslands(
        Int32Array.from(joined, ([from]) => at.get(from)!),
        Int32Array.from(joined, ([, to]) => at.get(to)!),
        new Uint8Array(joined.length).fill(1),
        type.map((t) => (t === declaredType.isolated ? 1 : 0)),
        label,
    )
    const hasGenerator = new Uint8Array(n)
    for (const g of network.generator) if (g.inService && at.has(g.bus)) hasGenerator[at.get(g.bus)!] = 1
    // a converter that holds a voltage does what a generator at a PV bus does
    for (const d of network.dcLink ?? [])
        for (const [id, vPu] of [
            [d.fromBus, d.vFromPu],
            [d.toBus, d.vToPu],
        ]) {
            const i = at.get(id)
            if (!d.inService || !(vPu > 0) || i === undefined) continue
            hasGenerator[i] = 1
            if (type[i] === declaredType.pq) type[i] = declaredType.pv
        }
    const role = new Uint8Array(n)
    const alive = new Uint8Array(n)
    assignRoles(type, hasGenerator, label, count, role, alive, new Int32Array(count))
    const islands = Array.from({ length: count }, () => ({ bus: [] as number[], slack: [] as number[], energised: false }))
    network.bus.forEach((b, i) => {
        const island = islands[label[i]]
        if (!island) return
        island.bus.push(b.id)
        if (alive[i] === 1) island.energised = true
        if (alive[i] === 1 && role[i] === busRole.fixed) island.slack.push(b.id)
    })
    return islands
}
