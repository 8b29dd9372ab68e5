/**
 * State estimation of the plain network that stands for a network, told by the rows of the latter.
 *
 * Closed couplers make one bus of those they join, and what flows through them is free: voltages measured at any of these
 * buses are those of one, injections measured at them only count together. With Σ over the buses where something is
 * connected (or an injection measured), each with value z and standard deviation σ,
 *   z = Σ zᵢ,  σ² = Σ σᵢ²,  and of the estimate p of the sum each has its part  zᵢ + (σᵢ²/σ²)·(p − z),
 * which is what weighted least squares with free flows give, J included. One not measured leaves the sum unknown.
 * The star of a three-winding transformer is a bus where nothing goes in or out, exactly.
 */
import type { Estimate, EstimatedState, Estimator, Scan } from './estimate-contract.ts'
import { isBranchKind, type MeasurementPlace } from './estimate-measurement.ts'
import { checkNames } from './estimate-places.ts'
import { lowerNetwork } from './lower-network.ts'
import type { Network } from './network.ts'

/** Injections of joined buses: `meters[b]` are the measurements at one of them, the first in use counts. */
interface Sum {
    readonly row: number
    readonly meters: readonly (readonly number[])[]
}

/** Joined buses by rows of the network, `injecting` those where something is connected. */
interface Joined {
    readonly at: readonly number[]
    readonly injecting: readonly number[]
}

interface Lowered {
    readonly plain: Network
    readonly layout: MeasurementPlace[]
    /** buses where nothing goes in or out: the stars */
    readonly passive: readonly number[]
    /** row of the plain network of each bus */
    readonly busRow: Int32Array
    /** row of the plain layout of each measurement */
    readonly rowOf: Int32Array
    readonly sums: readonly Sum[]
    readonly joined: readonly Joined[]
}

/** An estimator of the network from what `create` makes of the plain one; `passive` buses have exactly no injection. */
export function createLoweredEstimator(
    network: Network,
    layout: readonly MeasurementPlace[],
    create: (plain: Network, layout: readonly MeasurementPlace[], passive: readonly number[]) => Estimator,
): Estimator {
    checkNames(network, new Map(network.bus.map((b, i) => [b.id, i])), layout)
    const lowered = lowerLayout(network, layout)
    return new LoweredEstimator(network, layout, lowered, create(lowered.plain, lowered.layout, lowered.passive))
}

function lowerLayout(network: Network, layout: readonly MeasurementPlace[]): Lowered {
    const { network: plain, busOf } = lowerNetwork(network)
    const plainRow = new Map(plain.bus.map((b, i) => [b.id, i]))
    const busRow = Int32Array.from(network.bus, (b) => plainRow.get(busOf(b.id))!)
    const own = new Set(network.bus.map((b) => b.id))

    const connected = new Set([...network.load, ...network.generator, ...network.storage].map((row) => row.bus))
    for (const { fromBus, toBus } of network.dcLink ?? []) connected.add(fromBus).add(toBus)
    for (const { kind, bus } of layout) if (kind === 'p' || kind === 'q') connected.add(bus!)
    const groups = new Map<number, number[]>()
    busRow.forEach((row, i) => {
        const group = groups.get(row)
        if (group) group.push(i)
        else groups.set(row, [i])
    })
    const joined = [...groups.values()]
        .filter((at) => at.length > 1)
        .map((at): Joined => ({ at, injecting: at.filter((i) => connected.has(network.bus[i].id)) }))
    const several = new Map(joined.filter((g) => g.injecting.length > 1).flatMap((g) => g.at.map((i) => [network.bus[i].id, g] as const)))

    const rows: MeasurementPlace[] = []
    const sums = new Map<string, { row: number; meters: number[][] }>()
    const rowOf = Int32Array.from(layout, (place, r) => {
        const { kind, bus } = place
        if (isBranchKind(kind)) return rows.push(place) - 1
        const id = busOf(bus!)
        const group = kind === 'p' || kind === 'q' ? several.get(bus!) : undefined
        if (!group) return rows.push({ ...place, bus: id }) - 1
        let sum = sums.get(`${kind} ${id}`)
        if (!sum) {
            sum = { row: rows.push({ ...place, bus: id }) - 1, meters: group.injecting.map(() => []) }
            sums.set(`${kind} ${id}`, sum)
        }
        sum.meters[group.injecting.findIndex((i) => network.bus[i].id === bus)].push(r)
        return sum.row
    })
    return {
        plain,
        layout: rows,
        passive: plain.bus.filter((b) => !own.has(b.id)).map((b) => b.id),
        busRow,
        rowOf,
        sums: [...sums.values()],
        joined,
    }
}

class LoweredEstimator implements Estimator {
    readonly layout: readonly MeasurementPlace[]
    readonly state: EstimatedState
    private readonly network: Network
    private readonly lowered: Lowered
    private readonly inner: Estimator
    /** of the last scan: measurements behind each row of the plain layout */
    private readonly parts: number[][]

    constructor(network: Network, layout: readonly MeasurementPlace[], lowered: Lowered, inner: Estimator) {
        this.network = network
        this.layout = layout
        this.lowered = lowered
        this.inner = inner
        this.parts = lowered.layout.map(() => [])
        const perBus = () => new Float64Array(network.bus.length)
        const perBranch = () => new Float64Array(network.branch.length)
        this.state = {
            vmPu: perBus(),
            vaDeg: perBus(),
            pMw: perBus(),
            qMvar: perBus(),
            pFromMw: perBranch(),
            qFromMvar: perBranch(),
            pToMw: perBranch(),
            qToMvar: perBranch(),
            pseudo: new Uint8Array(network.bus.length),
            used: new Uint8Array(layout.length),
            measured: new Float64Array(layout.length),
        }
    }

    estimate(scan: Scan): Estimate {
        if (scan.value.length !== this.layout.length)
            throw new Error(`Got ${scan.value.length} values for ${this.layout.length} measurements.`)
        const sigma = scan.sigma ?? this.layout.map((place) => place.sigma)
        const estimate = this.inner.estimate(this.lowerScan(scan, sigma))
        this.liftState(scan, sigma)
        const { network, lowered } = this
        const { plain, busRow } = lowered
        const lift = (ids: readonly number[]) => {
            const those = new Set(ids)
            return network.bus.filter((_, i) => those.has(plain.bus[busRow[i]].id)).map((b) => b.id)
        }
        return {
            ...estimate,
            badData: estimate.badData.flatMap((bad) => this.parts[bad.measurement].map((measurement) => ({ ...bad, measurement }))),
            unobservable: lift(estimate.unobservable),
            deEnergised: lift(estimate.deEnergised),
            bus: network.bus.map(({ id }, i) => ({ ...estimate.bus[busRow[i]], id })),
        }
    }

    normalisedResiduals(): Float64Array {
        const residuals = this.inner.normalisedResiduals()
        const out = new Float64Array(this.layout.length).fill(NaN)
        this.parts.forEach((parts, row) => {
            for (const r of parts) out[r] = residuals[row]
        })
        return out
    }

    critical(): number[] {
        return ascending(this.inner.critical().flatMap((row) => this.parts[row]))
    }

    /** Injections that count together are such a set by themselves. */
    criticalSets(): number[][] {
        const sets = this.inner.criticalSets()
        const told = new Set([...this.inner.critical(), ...sets.flat()])
        const { used } = this.inner.state
        const alone = this.lowered.sums.filter(({ row }) => used[row] !== 0 && !told.has(row) && this.parts[row].length > 1)
        return [...sets, ...alone.map(({ row }) => [row])]
            .map((rows) => ascending(rows.flatMap((row) => this.parts[row])))
            .sort((a, b) => a[0] - b[0])
    }

    private lowerScan(scan: Scan, sigma: ArrayLike<number>): Scan {
        const { parts } = this
        const { plain, layout, rowOf, sums, busRow } = this.lowered
        const value = new Float64Array(layout.length)
        const spread = new Float64Array(layout.length)
        rowOf.forEach((row, r) => {
            parts[row] = [r]
            value[row] = scan.value[r]
            spread[row] = sigma[r]
        })
        const usable = (r: number) => sigma[r] < Infinity && !Number.isNaN(scan.value[r])
        for (const { row, meters } of sums) {
            const chosen = meters.map((each) => each.find(usable))
            const all = chosen.filter((r) => r !== undefined)
            const whole = all.length === chosen.length
            parts[row] = whole ? all : []
            value[row] = whole ? all.reduce((sum, r) => sum + scan.value[r], 0) : NaN
            spread[row] = whole ? Math.hypot(...all.map((r) => sigma[r])) : Infinity
        }
        /** values of the network's rows, then what the further rows of the plain network have */
        const extend = <T>(given: ArrayLike<number> | undefined, rows: readonly T[], own: (row: T) => number) =>
            given && Float64Array.from(rows, (row, k) => (k < given.length ? given[k] : own(row)))
        const perBus = (given: ArrayLike<number> | undefined, add: (sum: number, x: number) => number) => {
            if (!given) return undefined
            const out = new Float64Array(plain.bus.length)
            busRow.forEach((row, i) => {
                out[row] = add(out[row], given[i])
            })
            return out
        }
        const plus = (sum: number, x: number) => sum + x
        const some = {
            branchInService: extend(scan.branchInService, plain.branch, (k) => (k.inService ? 1 : 0)),
            branchRatio: extend(scan.branchRatio, plain.branch, (k) => k.ratio),
            shuntInService: extend(scan.shuntInService, plain.shunt, (s) => (s.inService ? 1 : 0)),
            source: perBus(scan.source, (any, x) => (any !== 0 || x !== 0 ? 1 : 0)),
            scheduledPMw: perBus(scan.scheduledPMw, plus),
            scheduledQMvar: perBus(scan.scheduledQMvar, plus),
        }
        const given = Object.fromEntries(Object.entries(some).filter(([, x]) => x !== undefined))
        return { value, sigma: spread, ...given, ...(scan.start ? { start: scan.start } : {}) }
    }

    /** state ← that of the plain network. */
    private liftState(scan: Scan, sigma: ArrayLike<number>): void {
        const { state, layout } = this
        const { busRow, rowOf, sums, joined } = this.lowered
        const inner = this.inner.state
        for (const name of ['vmPu', 'vaDeg', 'pMw', 'qMvar', 'pseudo'] as const)
            for (let i = 0; i < busRow.length; i++) state[name][i] = inner[name][busRow[i]]
        for (const name of ['pFromMw', 'qFromMvar', 'pToMw', 'qToMvar'] as const)
            state[name].set(inner[name].subarray(0, state[name].length))
        rowOf.forEach((row, r) => {
            state.used[r] = inner.used[row]
            state.measured[r] = inner.measured[row]
        })
        // where several of joined buses inject, the sum is known and its parts where they are measured
        for (const { at, injecting } of joined)
            for (const name of ['pMw', 'qMvar'] as const) {
                const sum = state[name][at[0]]
                for (const i of at) state[name][i] = injecting.length === 1 ? 0 : NaN
                if (injecting.length === 1) state[name][injecting[0]] = sum
                // nothing connected: what the estimate makes of it stands at the first
                if (injecting.length === 0) for (const i of at) state[name][i] = i === at[0] ? sum : 0
                else if (injecting.length > 1) for (const i of at) if (!injecting.includes(i)) state[name][i] = 0
            }
        const place = new Map(this.network.bus.map((b, i) => [b.id, i]))
        for (const { row, meters } of sums) {
            const chosen = this.parts[row]
            const variance = chosen.reduce((sum, r) => sum + sigma[r] ** 2, 0)
            const excess = inner.measured[row] - chosen.reduce((sum, r) => sum + scan.value[r], 0)
            meters.forEach((each, b) => {
                const r = chosen[b]
                const part = r === undefined ? NaN : scan.value[r] + (sigma[r] ** 2 / variance) * excess
                for (const any of each) {
                    state.used[any] = any === r ? inner.used[row] : 0
                    state.measured[any] = part
                    const { kind, bus } = layout[any]
                    state[kind === 'p' ? 'pMw' : 'qMvar'][place.get(bus!)!] = part
                }
            })
        }
    }
}

const ascending = (rows: readonly number[]) => [...rows].sort((a, b) => a - b)
