/**
 * What AC and DC optimal power flow have in common: which buses, branches and generators take part, given injections,
 * the variables of generators and their costs, and the names of the constraints. Per unit of `baseMva`, radians.
 */

import { assignRoles, busRole, labelIslands } from './islands.ts'
import type { GeneratorCost, Network } from './network.ts'
import type { FlowLimitKind, OpfConstraint } from './opf-contract.ts'
import { type Cost, costAt, costOf } from './opf-cost.ts'
import { powerFactorTies, type Tie } from './opf-ties.ts'
import { toPerUnit } from './per-unit.ts'

export interface OpfFrame {
    readonly network: Network
    readonly base: number
    /** rows of the network that take part */
    readonly bus: readonly number[]
    readonly branch: readonly number[]
    readonly generator: readonly number[]
    /** by taking part: ends of branches and bus of generators, as positions in `bus` */
    readonly from: Int32Array
    readonly to: Int32Array
    readonly busOfGenerator: Int32Array
    /** drawn at each bus besides generators; and its shunt, drawn and given at 1 p.u. */
    readonly p: Float64Array
    readonly q: Float64Array
    readonly g: Float64Array
    readonly b: Float64Array
    /** 1 where the angle is held, at `angle` */
    readonly held: Uint8Array
    /** angle of the slack of the bus's island */
    readonly angle: Float64Array
    /** angles of the records, near `angle` */
    readonly angleStart: Float64Array
    readonly cost: readonly Cost[]
    /** equations between powers; `k` counts generators that take part */
    readonly tie: readonly { readonly term: readonly { k: number; reactive: boolean; factor: number }[]; readonly constant: number }[]
    /** absent where the case gives no reactive costs */
    readonly reactiveCost?: readonly Cost[]
}

/** A constraint with what turns its multiplier into money and its slack into its unit. */
export interface NamedConstraint extends OpfConstraint {
    /** price per unit of a multiplier of 1 */
    readonly priceScale: number
    /** the same where it depends on the row's value: short of its limit a squared row has a gentler slope */
    readonly priceAt?: (value: number) => number
    /** distance beyond the limit, in the constraint's unit, of a violation of the row as the program has it */
    readonly amount: (violation: number) => number
    /** weight of the row's violation in the least relaxation: about MVA per unit of the row */
    readonly penalty: number
}

export function buildFrame(network: Network, ties: readonly Tie[] = []): OpfFrame {
    const pu = toPerUnit(network)
    const { nBus, baseMva: base } = pu
    const on = Uint8Array.from(network.branch, (k) => (k.inService ? 1 : 0))
    const label = new Int32Array(nBus)
    const islands = labelIslands(
        pu.from,
        pu.to,
        on,
        pu.type.map((t) => (t === 3 ? 1 : 0)),
        label,
    )
    const hasGenerator = new Uint8Array(nBus)
    network.generator.forEach((row, k) => {
        if (row.inService) hasGenerator[pu.busOfGenerator[k]] = 1
    })
    const role = new Uint8Array(nBus)
    const alive = new Uint8Array(nBus)
    const slackOf = new Int32Array(islands)
    assignRoles(pu.type, hasGenerator, label, islands, role, alive, slackOf)

    const bus = rowsWhere(nBus, (i) => alive[i] === 1)
    const at = new Int32Array(nBus).fill(-1)
    bus.forEach((i, position) => {
        at[i] = position
    })
    const branch = rowsWhere(
        network.branch.length,
        (k) => on[k] === 1 && pu.from[k] !== pu.to[k] && alive[pu.from[k]] === 1 && alive[pu.to[k]] === 1,
    )
    const generator = rowsWhere(network.generator.length, (k) => network.generator[k].inService && alive[pu.busOfGenerator[k]] === 1)
    const numbers = () => new Float64Array(bus.length)
    const [p, q, g, b] = [numbers(), numbers(), numbers(), numbers()]
    const add = (rows: readonly { inService: boolean }[], busOf: Int32Array, visit: (k: number, i: number) => void) => {
        rows.forEach((row, k) => {
            if (row.inService && at[busOf[k]] >= 0) visit(k, at[busOf[k]])
        })
    }
    add(network.load, pu.busOfLoad, (k, i) => {
        p[i] += network.load[k].pMw / base
        q[i] += network.load[k].qMvar / base
    })
    add(network.storage, pu.busOfStorage, (k, i) => {
        p[i] -= network.storage[k].pMw / base
        q[i] -= network.storage[k].qMvar / base
    })
    add(network.shunt, pu.busOfShunt, (k, i) => {
        g[i] += network.shunt[k].gMw / base
        b[i] += network.shunt[k].bMvar / base
    })
    const costs = (rows: readonly GeneratorCost[]) => generator.map((k) => costOf(rows[k]))
    const position = new Map(generator.map((row, k) => [row, k]))
    const tie = [...powerFactorTies(network.generator), ...ties].flatMap(({ term, constant }) => {
        const known = term.flatMap(({ generator: row, ...rest }) => (position.has(row) ? [{ k: position.get(row)!, ...rest }] : []))
        // where the other end has no supply nothing flows
        if (known.length === term.length) return [{ term: known, constant }]
        return known.map((one) => ({ term: [{ ...one, factor: 1 }], constant: 0 }))
    })
    return {
        network,
        base,
        tie,
        bus,
        branch,
        generator,
        from: Int32Array.from(branch, (k) => at[pu.from[k]]),
        to: Int32Array.from(branch, (k) => at[pu.to[k]]),
        busOfGenerator: Int32Array.from(generator, (k) => at[pu.busOfGenerator[k]]),
        p,
        q,
        g,
        b,
        held: Uint8Array.from(bus, (i) => (role[i] === busRole.fixed ? 1 : 0)),
        angle: Float64Array.from(bus, (i) => pu.va[role[i] === busRole.fixed ? i : slackOf[label[i]]]),
        angleStart: Float64Array.from(bus, (i) => pu.va[i]),
        cost: costs(network.generatorCost),
        ...(network.generatorReactiveCost ? { reactiveCost: costs(network.generatorReactiveCost) } : {}),
    }
}

function rowsWhere(n: number, test: (i: number) => boolean): number[] {
    const rows: number[] = []
    for (let i = 0; i < n; i++) if (test(i)) rows.push(i)
    return rows
}

/** Limits of the angle difference that bind anything: 360 degrees and beyond are none. */
export function angleLimits(frame: OpfFrame): { k: number; sign: 1 | -1; limit: number }[] {
    return frame.branch.flatMap((row, k) => {
        const { angleMinDeg, angleMaxDeg } = frame.network.branch[row]
        return [
            ...(angleMinDeg > -360 ? [{ k, sign: -1 as const, limit: (angleMinDeg * Math.PI) / 180 }] : []),
            ...(angleMaxDeg < 360 ? [{ k, sign: 1 as const, limit: (angleMaxDeg * Math.PI) / 180 }] : []),
        ]
    })
}

/** A line under a piecewise-linear cost: rise·P + at0 − y ≤ 0 with y the cost over `scale`. */
export interface Epigraph {
    /** position of the generator, and of its variable y among all y */
    readonly generator: number
    readonly y: number
    readonly reactive: boolean
    readonly rise: number
    readonly at0: number
}

/** Variables y of piecewise-linear costs, each in money over its scale, and the lines below them. */
export function buildEpigraphs(frame: OpfFrame, reactive: boolean): { scale: number[]; generator: number[]; line: Epigraph[] } {
    const out = { scale: [] as number[], generator: [] as number[], line: [] as Epigraph[] }
    const add = (costs: readonly Cost[], isReactive: boolean) => {
        costs.forEach((cost, generator) => {
            if (cost.line.length === 0) return
            const scale = frame.base * cost.line.reduce((most, { slope }) => Math.max(most, Math.abs(slope)), 1e-6)
            const y = out.scale.push(scale) - 1
            out.generator.push(generator)
            for (const { at0, slope } of cost.line)
                out.line.push({ generator, y, reactive: isReactive, rise: (slope * frame.base) / scale, at0: at0 / scale })
        })
    }
    add(frame.cost, false)
    if (reactive && frame.reactiveCost) add(frame.reactiveCost, true)
    return out
}

/** Names for rows of the network. */
export function constraintNamer(frame: OpfFrame) {
    const { network, base } = frame
    const linear = (x: number) => x
    return {
        power: (kind: OpfConstraint['kind'], table: 'bus' | 'generator' | 'branch', index: number, limit: number): NamedConstraint => ({
            kind,
            table,
            index,
            id: network[table][index].id,
            unit: kind.startsWith('p') ? 'MW' : kind.startsWith('q') ? 'Mvar' : 'MVA',
            limit,
            priceScale: 1 / base,
            amount: (x) => x * base,
            penalty: base,
        }),
        /** a row S² ≤ rate², P² or |I|², p.u. */
        squaredFlow: (kind: 'flowFrom' | 'flowTo', index: number, of: FlowLimitKind = 'apparent'): NamedConstraint => {
            const { id, rateMva } = network.branch[index]
            const rate = rateMva / base
            return {
                kind,
                table: 'branch',
                index,
                id,
                unit: of === 'active' ? 'MW' : 'MVA',
                limit: rateMva,
                priceScale: (2 * rate) / base,
                priceAt: (x) => (2 * Math.sqrt(Math.max(0, rate * rate + x))) / base,
                amount: (x) => (Math.sqrt(Math.max(0, rate * rate + x)) - rate) * base,
                penalty: base / (2 * rate),
            }
        },
        // a voltage off by 0.001 p.u. and an angle off by 1 degree weigh as much as 1 % of the base power
        voltage: (kind: 'vMin' | 'vMax', index: number, limit: number): NamedConstraint => ({
            kind,
            table: 'bus',
            index,
            id: network.bus[index].id,
            unit: 'p.u.',
            limit,
            priceScale: 1,
            amount: linear,
            penalty: 10 * base,
        }),
        angle: (kind: 'angleMin' | 'angleMax', index: number, limit: number): NamedConstraint => ({
            kind,
            table: 'branch',
            index,
            id: network.branch[index].id,
            unit: 'deg',
            limit: (limit * 180) / Math.PI,
            priceScale: Math.PI / 180,
            amount: (x) => (x * 180) / Math.PI,
            penalty: (1.8 * base) / Math.PI,
        }),
    }
}

/** Money per hour of generator `k` (by taking part) at these powers, MW and Mvar. */
export function generatorCostAt(frame: OpfFrame, k: number, pMw: number, qMvar: number): number {
    return costAt(frame.cost[k], pMw) + (frame.reactiveCost ? costAt(frame.reactiveCost[k], qMvar) : 0)
}
