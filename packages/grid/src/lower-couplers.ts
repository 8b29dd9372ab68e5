/**
 * Closed couplers join their buses into one, without impedance; what flows through each is found again from the
 * balance of its buses. With A the incidence of the couplers and b what all else puts into the buses,
 *   A·f = b,  |f|² least:  f = Aᵀ·θ,  A·Aᵀ·θ = b
 * which is the only answer where couplers form a tree, and the share of equal impedances where they form rings.
 */
import type { Lowering } from './lower-network.ts'
import type { Bus, Generator, Network } from './network.ts'
import type { BusRow, PowerFlow } from './solve-power-flow.ts'

export interface CouplerRow {
    /** row in the network, from 0 */
    readonly index: number
    readonly id: string
    readonly fromBus: number
    readonly toBus: number
    readonly closed: boolean
    /** power from the from side to the to side, MW and Mvar */
    readonly pMw: number
    readonly qMvar: number
}

const rank = { slack: 3, pv: 2, pq: 1, isolated: 0 } as const

/** `busOf`: the bus that stands for a bus. */
export function lowerCouplers(network: Network): Lowering & { busOf(id: number): number } {
    const couplers = network.coupler ?? []
    const { coupler: _, ...rest } = network
    const { bus } = network
    const at = new Map(bus.map((b, i) => [b.id, i]))
    const feeds = new Set(network.generator.filter((g) => g.inService).map((g) => g.bus))
    const find = (id: number, coupler: string) => {
        const i = at.get(id)
        if (i === undefined)
            throw new Error(`coupler ${coupler} names bus ${id}, which the network does not have; checkNetwork lists all such rows.`)
        return i
    }
    const works = couplers.map((c) => {
        const [from, to] = [find(c.fromBus, c.id), find(c.toBus, c.id)]
        return { from, to, on: c.closed && from !== to && bus[from].type !== 'isolated' && bus[to].type !== 'isolated' }
    })

    // a group is led by its bus of the highest role, which counts only where a generator works; the first of equals
    const worth = (i: number) => (feeds.has(bus[i].id) ? rank[bus[i].type] : Math.min(1, rank[bus[i].type]))
    const leader = Int32Array.from(bus, (_, i) => i)
    const root = (i: number): number => {
        while (leader[i] !== i) {
            leader[i] = leader[leader[i]]
            i = leader[i]
        }
        return i
    }
    for (const { from, to, on } of works) {
        if (!on) continue
        const [f, t] = [root(from), root(to)]
        if (f === t) continue
        if (worth(f) > worth(t) || (worth(f) === worth(t) && f < t)) leader[t] = f
        else leader[f] = t
    }
    const idOf = new Map(bus.map((b, i) => [b.id, bus[root(i)].id]))
    const to = (id: number) => idOf.get(id) ?? id

    // one set point for a group, that of the last generator at a bus that holds its voltage
    const setPoint = new Map<number, number>()
    const holds = (g: Generator) => {
        const type = bus[at.get(g.bus) ?? -1]?.type
        return g.inService && (type === 'pv' || type === 'slack')
    }
    for (const g of network.generator) if (holds(g)) setPoint.set(to(g.bus), g.vSetPu)
    const sizes = new Map<number, number>()
    for (const id of idOf.values()) sizes.set(id, (sizes.get(id) ?? 0) + 1)
    const generator = network.generator.map((g): Generator => {
        const vSetPu = setPoint.get(to(g.bus))
        if (sizes.get(to(g.bus)) === 1 || vSetPu === undefined) return { ...g, bus: to(g.bus) }
        // one at a bus that holds no voltage goes on giving what it gave
        const fixed = holds(g) ? {} : { qMinMvar: g.qMvar, qMaxMvar: g.qMvar }
        return { ...g, bus: to(g.bus), vSetPu, ...fixed }
    })
    const move = <T extends { readonly bus: number }>(rows: readonly T[]): T[] => rows.map((row) => ({ ...row, bus: to(row.bus) }))
    const lowered: Network = {
        ...rest,
        bus: bus.filter((_, i) => root(i) === i),
        load: move(network.load),
        shunt: move(network.shunt),
        storage: move(network.storage),
        generator,
        branch: network.branch.map((k) => ({ ...k, fromBus: to(k.fromBus), toBus: to(k.toBus) })),
        ...(network.control ? { control: network.control.map((c) => (c.kind === 'shift' ? c : { ...c, bus: to(c.bus) })) } : {}),
    }

    function lift(flow: PowerFlow, reactive: boolean): PowerFlow {
        if (flow.status !== 'converged') return { ...flow, coupler: [] }
        const solved = new Map(flow.bus.map((b) => [b.id, b]))
        const rows = bus.map((b): BusRow => ({ ...solved.get(to(b.id))!, id: b.id }))
        const lifted = {
            ...flow,
            bus: rows,
            branch: flow.branch.map((row, k) => ({ ...row, fromBus: network.branch[k].fromBus, toBus: network.branch[k].toBus })),
            generator: flow.generator.map((row, g) => ({ ...row, bus: network.generator[g].bus })),
        }
        const { p, q } = balance(network, at, lifted, reactive)
        const pMw = shareAmongCouplers(bus, works, p)
        const qMvar = shareAmongCouplers(bus, works, q)
        const coupler = couplers.map((c, index): CouplerRow => ({ index, ...c, pMw: pMw[index], qMvar: qMvar[index] }))
        return { ...lifted, coupler }
    }

    return { network: lowered, lift, busOf: to }
}

/** What everything but couplers puts into each bus, MW and Mvar. */
function balance(network: Network, at: ReadonlyMap<number, number>, flow: PowerFlow, reactive: boolean) {
    const p = new Float64Array(network.bus.length)
    const q = new Float64Array(network.bus.length)
    const add = (id: number, mw: number, mvar: number) => {
        const i = at.get(id)!
        if (!flow.bus[i].energised) return
        p[i] += mw
        if (reactive) q[i] += mvar
    }
    network.generator.forEach((g, k) => {
        if (g.inService) add(g.bus, flow.generator[k].pMw, flow.generator[k].qMvar)
    })
    for (const d of network.load) if (d.inService) add(d.bus, -d.pMw, -d.qMvar)
    for (const s of network.storage) if (s.inService) add(s.bus, s.pMw, s.qMvar)
    for (const s of network.shunt) {
        const v2 = flow.bus[at.get(s.bus)!].vmPu ** 2
        if (s.inService) add(s.bus, -s.gMw * v2, s.bMvar * v2)
    }
    for (const k of flow.branch) {
        add(k.fromBus, -k.pFromMw, -k.qFromMvar)
        add(k.toBus, -k.pToMw, -k.qToMvar)
    }
    return { p, q }
}

interface Link {
    readonly from: number
    readonly to: number
    readonly on: boolean
}

/** Flows of the couplers, positive from − to, that carry away what is put into the buses; the least squares of all that do. */
export function shareAmongCouplers(bus: readonly Bus[], links: readonly Link[], injected: Float64Array): Float64Array {
    const n = bus.length
    const flow = new Float64Array(links.length)
    const left = injected.slice()
    const meeting = new Map<number, number[]>()
    links.forEach(({ from, to, on }, k) => {
        if (!on) return
        for (const i of [from, to]) meeting.set(i, [...(meeting.get(i) ?? []), k])
    })
    // leaf by leaf: the only coupler of a bus carries all there is
    const done = new Uint8Array(links.length)
    const degree = new Int32Array(n)
    for (const [i, list] of meeting) degree[i] = list.length
    const leaves = [...meeting.keys()].filter((i) => degree[i] === 1)
    for (let i = leaves.pop(); i !== undefined; i = leaves.pop()) {
        const k = meeting.get(i)!.find((each) => done[each] === 0)
        if (k === undefined) continue
        const other = links[k].from === i ? links[k].to : links[k].from
        flow[k] = links[k].from === i ? left[i] : -left[i]
        left[other] += left[i]
        done[k] = 1
        degree[i]--
        if (--degree[other] === 1) leaves.push(other)
    }
    for (const ring of rings(links, done, meeting)) shareInRing(links, ring, left, flow)
    return flow
}

/** The connected parts that remain: their buses and couplers. */
function rings(links: readonly Link[], done: Uint8Array, meeting: ReadonlyMap<number, number[]>) {
    const seen = new Set<number>()
    const parts: { bus: number[]; link: number[] }[] = []
    links.forEach(({ from, on }, k) => {
        if (!on || done[k] === 1 || seen.has(from)) return
        const part = { bus: [from], link: [] as number[] }
        seen.add(from)
        for (const i of part.bus)
            for (const each of meeting.get(i)!) {
                if (done[each] === 1) continue
                if (links[each].from === i) part.link.push(each)
                const j = links[each].from === i ? links[each].to : links[each].from
                if (seen.has(j)) continue
                seen.add(j)
                part.bus.push(j)
            }
        parts.push(part)
    })
    return parts
}

/** flow ← least-squares flows of a part, by the Laplacian of its couplers with the first bus left out. */
function shareInRing(
    links: readonly Link[],
    part: { readonly bus: readonly number[]; readonly link: readonly number[] },
    injected: Float64Array,
    flow: Float64Array,
): void {
    const m = part.bus.length - 1
    const local = new Map(part.bus.map((i, k) => [i, k - 1]))
    const a = Array.from({ length: m }, () => new Float64Array(m))
    const theta = Float64Array.from({ length: m }, (_, k) => injected[part.bus[k + 1]])
    for (const k of part.link) {
        const [f, t] = [local.get(links[k].from)!, local.get(links[k].to)!]
        if (f >= 0) a[f][f]++
        if (t >= 0) a[t][t]++
        if (f >= 0 && t >= 0) {
            a[f][t]--
            a[t][f]--
        }
    }
    // Gauss elimination; the matrix is symmetric and positive definite
    for (let i = 0; i < m; i++)
        for (let j = i + 1; j < m; j++) {
            const factor = a[j][i] / a[i][i]
            if (factor === 0) continue
            for (let c = i; c < m; c++) a[j][c] -= factor * a[i][c]
            theta[j] -= factor * theta[i]
        }
    for (let i = m - 1; i >= 0; i--) {
        for (let c = i + 1; c < m; c++) theta[i] -= a[i][c] * theta[c]
        theta[i] /= a[i][i]
    }
    const angle = (i: number) => (local.get(i)! < 0 ? 0 : theta[local.get(i)!])
    for (const k of part.link) flow[k] = angle(links[k].from) - angle(links[k].to)
}
