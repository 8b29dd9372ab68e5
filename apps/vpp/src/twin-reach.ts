/** A twin held against the grid it stands in: which feeder reaches whom, and what the grid carries at its extremes. */
import type { Resource } from '@gridverse/assets'
import { applySwitches, type Network, type Region, solvePowerFlow } from '@gridverse/grid'
import { type Finding, finding } from './twin-findings.ts'
import type { TwinFile } from './twin-write.ts'

/** below it a network is one of feeders, kV */
const feederKv = 60

export interface FeederPlace {
    /** branch at its head, as branch/ID */
    readonly id: string
    readonly name: string
    readonly baseKv: number
    readonly buses: readonly number[]
    /** where resources may be connected: load/ID, with its demand in the case, kW */
    readonly loads: readonly { readonly id: string; readonly bus: number; readonly kw: number }[]
}

/** Feeders of a grid: buses below 60 kV that branches join, with the branches they are fed by. */
export function feedersOf(region: Region): FeederPlace[] {
    const network = applySwitches(region)
    const kv = new Map(network.bus.map((b) => [b.id, b.baseKv]))
    const names = new Map(network.bus.map((b) => [b.id, b.name]))
    const low = (bus: number) => kv.get(bus)! > 0 && kv.get(bus)! < feederKv
    const near = joined(network, (from, to) => low(from) && low(to))
    const seen = new Map<number, number[]>()
    return network.branch.flatMap(({ id, fromBus, toBus, inService }): FeederPlace[] => {
        if (!inService || low(fromBus) === low(toBus)) return []
        const inner = low(fromBus) ? fromBus : toBus
        const buses = seen.get(inner) ?? reach(inner, near)
        for (const bus of buses) seen.set(bus, buses)
        const inside = new Set(buses)
        return [
            {
                id: `branch/${id}`,
                name: names.get(inner) || `bus ${inner}`,
                baseKv: kv.get(inner)!,
                buses,
                loads: network.load
                    .filter((load) => inside.has(load.bus))
                    .map((load) => ({ id: `load/${load.id}`, bus: load.bus, kw: 1000 * load.pMw })),
            },
        ]
    })
}

function joined(network: Network, counts: (from: number, to: number) => boolean): Map<number, number[]> {
    const near = new Map<number, number[]>()
    const link = (a: number, b: number) => near.set(a, [...(near.get(a) ?? []), b])
    for (const { fromBus, toBus, inService } of network.branch)
        if (inService && counts(fromBus, toBus)) {
            link(fromBus, toBus)
            link(toBus, fromBus)
        }
    return near
}

function reach(from: number, near: ReadonlyMap<number, readonly number[]>): number[] {
    const found = new Set([from])
    for (const bus of found) for (const next of near.get(bus) ?? []) found.add(next)
    return [...found]
}

/** Names a few of many. */
export const fewIds = (list: readonly { readonly id: string }[]): string =>
    `${list
        .slice(0, 5)
        .map(({ id }) => id)
        .join(', ')}${list.length > 5 ? ', …' : ''}`

export function checkReach({ place, resources }: TwinFile, region: Region): Finding[] {
    const found: Finding[] = []
    const network = applySwitches(region)
    const loads = new Map(network.load.map((load) => [`load/${load.id}`, load]))
    const connected = resources.filter(({ connection }) => connection !== '')
    const unknown = connected.filter(({ connection }) => !loads.has(connection))
    if (unknown.length > 0) found.push(finding('error', 'reach', 'unknown-connection', { count: unknown.length, ids: fewIds(unknown) }))
    const known = connected.filter(({ connection }) => loads.has(connection))
    const busOf = ({ connection }: Resource) => loads.get(connection)!.bus
    const sources = network.bus.filter(({ type }) => type === 'slack').map(({ id }) => id)
    const near = joined(network, () => true)
    const fed = new Set(sources.flatMap((bus) => reach(bus, near)))
    const dead = known.filter((r) => !fed.has(busOf(r)) || !loads.get(r.connection)!.inService)
    if (dead.length > 0) found.push(finding('error', 'reach', 'dead', { count: dead.length, ids: fewIds(dead) }))
    if (place.feeder !== '') {
        const feeder = feedersOf(region).find(({ id }) => id === place.feeder)
        if (!feeder) found.push(finding('error', 'place', 'unknown-feeder', { feeder: place.feeder }))
        else {
            const inside = new Set(feeder.buses)
            const outside = known.filter((r) => !inside.has(busOf(r)))
            if (outside.length > 0)
                found.push(
                    finding('warning', 'reach', 'outside-feeder', { count: outside.length, feeder: place.feeder, ids: fewIds(outside) }),
                )
        }
    }
    return found
}

export interface Extreme {
    readonly name: 'as-is' | 'all-draw' | 'all-give'
    readonly status: 'converged' | 'diverged' | 'singular'
    /** of the twin's resources, out of the grid positive, kW */
    readonly kw: number
    readonly vMinPu: number | null
    readonly vMaxPu: number | null
    readonly worstBranch: string
    readonly worstLoadingPercent: number | null
    /** buses of the feeder beyond their limits, and branches above their rating */
    readonly beyond: number
}

/** Most a resource draws, and most it gives, kW. */
export function extremesOf(r: Resource): { readonly draws: number; readonly gives: number } {
    switch (r.kind) {
        case 'pv':
        case 'wind':
            return { draws: 0, gives: r.ratedKw }
        case 'gas-turbine':
        case 'generator':
            return { draws: 0, gives: r.pMaxKw }
        case 'battery':
            return { draws: r.chargeKw, gives: r.dischargeKw }
        case 'home-ev':
        case 'public-ev':
            return { draws: r.chargeKw, gives: r.dischargeKw }
        case 'air-conditioner':
        case 'water-heater':
            return { draws: r.pMaxKw, gives: 0 }
        case 'heat-tank':
            return { draws: r.heaterKw, gives: 0 }
        case 'ice-store':
            return { draws: r.makeKw + r.chillerKw, gives: 0 }
        case 'shiftable':
            return { draws: r.powerKw, gives: 0 }
        default:
            return { draws: r.peakKw, gives: 0 }
    }
}

/**
 * AC power flow with every resource at its most, one way and the other. A connection's load is what the case says or what its
 * resources draw, whichever is more; when all give, it is what they give against a quarter of the case's demand.
 */
export function solveExtremes({ place, resources }: TwinFile, region: Region): Extreme[] {
    const network = applySwitches(region)
    const feeder = feedersOf(region).find(({ id }) => id === place.feeder)
    const buses = new Set(feeder?.buses ?? network.bus.map(({ id }) => id))
    const sums = new Map<string, { draws: number; gives: number }>()
    for (const r of resources) {
        if (!r.connection) continue
        const own = sums.get(r.connection) ?? { draws: 0, gives: 0 }
        const { draws, gives } = extremesOf(r)
        sums.set(r.connection, { draws: own.draws + draws, gives: own.gives + gives })
    }
    const total = (of: 'draws' | 'gives') => [...sums.values()].reduce((sum, own) => sum + own[of], 0)
    const solve = (name: Extreme['name'], kw: number, pOf: (id: string, pMw: number) => number): Extreme => {
        const load = network.load.map((row) => (sums.has(`load/${row.id}`) ? { ...row, pMw: pOf(`load/${row.id}`, row.pMw) } : row))
        const flow = solvePowerFlow({ ...network, load }, { start: 'auto', slack: 'distributed' })
        const common = { name, kw, status: flow.status }
        if (flow.status !== 'converged')
            return { ...common, vMinPu: null, vMaxPu: null, worstBranch: String(flow.worstBus ?? ''), worstLoadingPercent: null, beyond: 0 }
        const voltages = flow.bus.filter((b) => buses.has(b.id) && b.energised).map((b) => b.vmPu)
        const limits = new Map(network.bus.map((b) => [b.id, b]))
        const branches = flow.branch.filter((b) => buses.has(b.fromBus) || buses.has(b.toBus))
        const worst = branches.reduce((a, b) => ((b.loadingPercent ?? -1) > (a.loadingPercent ?? -1) ? b : a), branches[0]!)
        const off = flow.bus.filter(
            (b) => buses.has(b.id) && b.energised && (b.vmPu < limits.get(b.id)!.vMinPu - 1e-6 || b.vmPu > limits.get(b.id)!.vMaxPu + 1e-6),
        )
        return {
            ...common,
            vMinPu: Math.min(...voltages),
            vMaxPu: Math.max(...voltages),
            worstBranch: worst ? `branch/${worst.id}` : '',
            worstLoadingPercent: worst?.loadingPercent ?? null,
            beyond: off.length + branches.filter((b) => (b.loadingPercent ?? 0) > 100).length,
        }
    }
    const [draws, gives] = [total('draws'), total('gives')]
    return [
        solve('as-is', 0, (_, pMw) => pMw),
        ...(draws > 0 ? [solve('all-draw', draws, (id, pMw) => Math.max(pMw, sums.get(id)!.draws / 1000))] : []),
        ...(gives > 0 ? [solve('all-give', -gives, (id, pMw) => 0.25 * Math.max(0, pMw) - sums.get(id)!.gives / 1000)] : []),
    ]
}

export function extremeFindings(extremes: readonly Extreme[]): Finding[] {
    const digits = (x: number | null, n: number) => (x === null ? '–' : x.toFixed(n))
    return extremes.map((e) =>
        e.status === 'converged'
            ? finding(e.beyond > 0 ? 'warning' : 'note', 'extremes', e.name, {
                  kw: Math.round(Math.abs(e.kw)),
                  low: digits(e.vMinPu, 3),
                  high: digits(e.vMaxPu, 3),
                  branch: e.worstBranch,
                  loading: digits(e.worstLoadingPercent, 0),
              })
            : finding('warning', 'extremes', 'no-solution', { kw: Math.round(Math.abs(e.kw)), bus: e.worstBranch }),
    )
}
