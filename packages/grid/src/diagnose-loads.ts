/**
 * Loads beyond what can reach them. A load of S at cos φ behind an impedance |z|∠θ and a source of E has a solution up to
 *   S = E²/(2·|z|·(1 + cos(θ − φ)))
 * The branches at a bus are no less impedance together than side by side to stiff sources, so their sum of 1/|z| bounds
 * what the bus can take; a bridge, the only way to what lies behind it, bounds what all of that takes.
 */
import { branchName, figure, listOf, type Suspicion } from './diagnosis.ts'
import { networkIslands } from './islands.ts'
import type { Network } from './network.ts'

/** voltage of the sources in the bound, p.u. */
const stiff = 1.1

interface Draw {
    p: number
    q: number
    /** whether a generator is at it, so that the bound is none */
    helped: boolean
}

/** Islands, pockets behind one branch, and single buses that draw more than can be had. */
export function suspectLoads(network: Network): Suspicion[] {
    const at = new Map(network.bus.map((b, i) => [b.id, i]))
    const draw = network.bus.map((): Draw => ({ p: 0, q: 0, helped: false }))
    const base = network.baseMva
    for (const d of network.load)
        if (d.inService) {
            const here = draw[at.get(d.bus)!]
            here.p += d.pMw / base
            here.q += d.qMvar / base
        }
    for (const s of network.storage)
        if (s.inService) {
            const here = draw[at.get(s.bus)!]
            here.p -= s.pMw / base
            here.q -= s.qMvar / base
        }
    for (const g of network.generator) if (g.inService) draw[at.get(g.bus)!].helped = true
    // a capacitor makes up for reactive load
    for (const s of network.shunt) if (s.inService && s.bMvar > 0) draw[at.get(s.bus)!].q -= (stiff ** 2 * s.bMvar) / base
    return [...absurdLoads(network), ...overloadedLoads(network, at, draw)]
}

/** Loads out of line with all others, as one in kW among megawatts is. */
function absurdLoads(network: Network): Suspicion[] {
    const drawn = network.load.filter((d) => d.inService && d.pMw > 0)
    const middle = drawn.map((d) => d.pMw).sort((a, b) => a - b)[drawn.length >> 1]
    const total = drawn.reduce((sum, d) => sum + d.pMw, 0)
    return drawn
        .filter((d) => drawn.length > 4 && d.pMw > 30 * middle && d.pMw > 0.2 * total)
        .sort((a, b) => b.pMw - a.pMw)
        .slice(0, 3)
        .map((d) => ({
            code: 'absurd-load',
            certainty: 'likely',
            message: `load ${d.id} at bus ${d.bus} draws ${figure(d.pMw)} MW, ${figure(d.pMw / middle)} times the median of all and ${figure((100 * d.pMw) / total)} % of their sum; given in kW?`,
            bus: [d.bus],
            remedy: 'a thousandth of it',
            repair: (from) => ({
                ...from,
                load: from.load.map((each) => (each.id === d.id ? { ...each, pMw: each.pMw / 1000, qMvar: each.qMvar / 1000 } : each)),
            }),
        }))
}

function overloadedLoads(network: Network, at: ReadonlyMap<number, number>, draw: readonly Draw[]): Suspicion[] {
    const pockets = overloadedPockets(network, at, draw)
    const told = new Set(pockets.flatMap(({ bus = [] }) => (bus.length === 1 ? bus : [])))
    const single = overloadedBuses(network, at, draw).filter(({ bus = [] }) => !told.has(bus[0]))
    return [...pockets, ...single, ...overloadedIslands(network)]
}

const limitOf = (r: number, x: number, p: number, q: number) =>
    stiff ** 2 / (2 * Math.hypot(r, x) * (1 + Math.cos(Math.atan2(x, r) - Math.atan2(q, p))))
const lighter = (ids: ReadonlySet<number>, factor: number) => (from: Network) => ({
    ...from,
    load: from.load.map((d) => (ids.has(d.bus) ? { ...d, pMw: factor * d.pMw, qMvar: factor * d.qMvar } : d)),
})

/** Single buses whose load is beyond what all their branches together could bring from stiff neighbours. */
function overloadedBuses(network: Network, at: ReadonlyMap<number, number>, draw: readonly Draw[]): Suspicion[] {
    const strength = network.bus.map(() => 0)
    const angle = network.bus.map(() => Math.PI / 2)
    for (const k of network.branch) {
        if (!k.inService) continue
        const [f, t] = [at.get(k.fromBus)!, at.get(k.toBus)!]
        const y = 1 / Math.hypot(k.rPu, k.xPu)
        strength[f] += y / k.ratio
        strength[t] += y / Math.min(1, k.ratio)
        for (const i of [f, t]) if (y === strength[i]) angle[i] = Math.atan2(k.xPu, k.rPu)
    }
    return network.bus.flatMap((b, i): Suspicion[] => {
        const { p, q, helped } = draw[i]
        const s = Math.hypot(p, q)
        if (helped || p <= 0 || strength[i] === 0 || b.type === 'isolated') return []
        // all reactance gives the most for unity and lagging loads
        const limit = (stiff ** 2 * strength[i]) / (2 * (1 + Math.max(0, Math.sin(Math.atan2(q, p)))))
        if (!(s > limit)) return []
        return [overloaded(network, [b.id], s, limit, `the branches at bus ${b.id}`)]
    })
}

function overloaded(network: Network, ids: readonly number[], s: number, limit: number, what: string, branch?: number): Suspicion {
    const factor = Number(((0.3 * limit) / s).toPrecision(2))
    return {
        code: 'overloaded-corridor',
        certainty: 'likely',
        message: `${ids.length > 1 ? `buses ${listOf(ids)} draw` : `bus ${ids[0]} draws`} ${figure(s * network.baseMva)} MVA, ${what} can bring ${figure(limit * network.baseMva)} MVA at most`,
        bus: ids,
        ...(branch === undefined ? {} : { branch: [branch] }),
        remedy: `${figure(100 * factor)} % of that load`,
        repair: lighter(new Set(ids), factor),
    }
}

/** What lies behind each bridge, seen from the slack, in one walk through the network. */
function overloadedPockets(network: Network, at: ReadonlyMap<number, number>, draw: readonly Draw[]): Suspicion[] {
    const n = network.bus.length
    const meeting: number[][] = network.bus.map(() => [])
    network.branch.forEach((k, row) => {
        const [f, t] = [at.get(k.fromBus)!, at.get(k.toBus)!]
        if (!k.inService || f === t || network.bus[f].type === 'isolated' || network.bus[t].type === 'isolated') return
        meeting[f].push(row)
        meeting[t].push(row)
    })
    const order = new Int32Array(n).fill(-1)
    const lowest = new Int32Array(n)
    const via = new Int32Array(n).fill(-1)
    const sum = draw.map((each) => ({ ...each }))
    const walked: number[] = []
    const otherEnd = (row: number, i: number) =>
        at.get(network.branch[row].fromBus)! === i ? at.get(network.branch[row].toBus)! : at.get(network.branch[row].fromBus)!
    const found: { excess: number; suspicion: Suspicion }[] = []
    for (const { slack } of networkIslands(network)) {
        const root = slack.length > 0 ? at.get(slack[0])! : -1
        if (root < 0 || order[root] >= 0) continue
        const stack = [{ i: root, next: 0 }]
        order[root] = lowest[root] = walked.length
        walked.push(root)
        while (stack.length > 0) {
            const here = stack.at(-1)!
            const row = meeting[here.i][here.next++]
            if (row !== undefined) {
                const j = otherEnd(row, here.i)
                if (order[j] < 0) {
                    order[j] = lowest[j] = walked.length
                    walked.push(j)
                    via[j] = row
                    stack.push({ i: j, next: 0 })
                } else if (row !== via[here.i]) lowest[here.i] = Math.min(lowest[here.i], order[j])
                continue
            }
            stack.pop()
            const above = stack.at(-1)
            if (!above) continue
            lowest[above.i] = Math.min(lowest[above.i], lowest[here.i])
            sum[above.i].p += sum[here.i].p
            sum[above.i].q += sum[here.i].q
            sum[above.i].helped ||= sum[here.i].helped
            // nothing behind it reaches beyond it: the branch is a bridge
            if (lowest[here.i] <= order[above.i] || sum[here.i].helped || sum[here.i].p <= 0) continue
            const k = network.branch[via[here.i]]
            const { p, q } = sum[here.i]
            const limit = limitOf(k.rPu, k.xPu, p, q)
            const s = Math.hypot(p, q)
            if (!(s > limit)) continue
            const behind = walked.slice(order[here.i]).map((i) => network.bus[i].id)
            const drawing = behind.filter((id) => Math.hypot(draw[at.get(id)!].p, draw[at.get(id)!].q) > 0)
            found.push({
                excess: s / limit,
                suspicion: overloaded(network, drawing, s, limit, branchName(network, via[here.i]), via[here.i]),
            })
        }
    }
    return found.sort((a, b) => b.excess - a.excess).map(({ suspicion }) => suspicion)
}

/** Islands whose generators cannot give what is drawn. */
function overloadedIslands(network: Network): Suspicion[] {
    return networkIslands(network).flatMap((island): Suspicion[] => {
        if (!island.energised) return []
        const inside = new Set(island.bus)
        const demand = network.load.reduce((sum, d) => (d.inService && inside.has(d.bus) ? sum + d.pMw : sum), 0)
        const stored = network.storage.reduce((sum, s) => (s.inService && inside.has(s.bus) ? sum + s.pMw : sum), 0)
        const most = network.generator.reduce((sum, g) => (g.inService && inside.has(g.bus) ? sum + Math.max(g.pMaxMw, g.pMw) : sum), 0)
        if (!(demand > most + stored)) return []
        const factor = Number(((0.9 * (most + stored)) / demand).toPrecision(2))
        return [
            {
                code: 'overloaded-island',
                certainty: 'likely',
                message: `the island of bus ${island.slack[0]} (${island.bus.length} buses) draws ${figure(demand)} MW, its generators can give ${figure(most)} MW; the slack at bus ${island.slack[0]} must bring the rest`,
                bus: island.slack,
                ...(factor > 0 ? { remedy: `${figure(100 * factor)} % of the island's load`, repair: lighter(inside, factor) } : {}),
            },
        ]
    })
}
