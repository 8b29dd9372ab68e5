/**
 * An independent check of an optimal power flow: the conditions of Karush, Kuhn and Tucker from the rows of the answer,
 * in money. Shares no derivative with the solver: flows and their derivatives are those of complex phasors,
 *   S = v·conj(i),  ∂S = ∂v·conj(i) + v·conj(∂i),  ∂v/∂θ = j·v,  ∂v/∂V = v/V
 * With prices π ≥ 0 of the limits, an optimum has
 *   generator  c′(P) − LMP + π(pMax) − π(pMin) = 0, and so for Q
 *   bus        Σ LMP·∂P + LMPq·∂Q + π(|S|)·∂|S| + π(angle)·∂(angle) + π(vMax) − π(vMin) = 0 by its V, and by its θ
 */

import { networkIslands } from './islands.ts'
import type { Network } from './network.ts'
import type { Opf } from './opf-contract.ts'
import { costOf, polynomialAt } from './opf-cost.ts'
import { powerFactorSlope } from './opf-ties.ts'

export interface Kkt {
    /** most active or reactive power left over at a bus, MW or Mvar */
    readonly balanceMva: number
    /** furthest beyond a limit: MW, Mvar and MVA over the base power, p.u. of voltage, radians */
    readonly violationPu: number
    /** greatest slope of the Lagrangian over the greatest price of power: by generator and by bus */
    readonly stationarity: number
    /** most negative price of a limit over the greatest price of power; 0 when none is */
    readonly dual: number
    /** Σ price · room over the objective */
    readonly complementarity: number
}

type Complex = readonly [number, number]
const times = (a: Complex, b: Complex): Complex => [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
const timesConjugate = (a: Complex, b: Complex): Complex => [a[0] * b[0] + a[1] * b[1], a[1] * b[0] - a[0] * b[1]]
const plus = (a: Complex, b: Complex): Complex => [a[0] + b[0], a[1] + b[1]]
const polar = (r: number, angle: number): Complex => [r * Math.cos(angle), r * Math.sin(angle)]
const inverse = (a: Complex): Complex => [a[0] / (a[0] ** 2 + a[1] ** 2), -a[1] / (a[0] ** 2 + a[1] ** 2)]

/** Residuals of the optimality conditions; all near zero at an optimum. NaN where the answer is not optimal. */
export function checkKkt(network: Network, opf: Opf): Kkt {
    const nothing = Number.NaN
    if (opf.status !== 'optimal')
        return { balanceMva: nothing, violationPu: nothing, stationarity: nothing, dual: nothing, complementarity: nothing }
    const base = network.baseMva
    const ac = opf.method === 'ac'
    const at = new Map(network.bus.map((b, i) => [b.id, i]))
    const live = (id: number) => opf.bus[at.get(id)!].energised
    const scale = opf.bus.reduce((most, b) => Math.max(most, Math.abs(b.lmpPerMwh ?? 0)), 1e-3)
    let violationPu = 0
    let dual = 0
    let slack = 0
    const limit = (room: number, price: number, unit: number) => {
        violationPu = Math.max(violationPu, -room * unit)
        dual = Math.max(dual, -price / (scale * base * unit))
        if (Number.isFinite(room)) slack += Math.abs(price * room)
    }

    // what is left over at each bus, and slopes by angle and magnitude in money per hour
    const left = network.bus.map((): Complex => [0, 0])
    const slope = network.bus.map(() => ({ byAngle: 0, byMagnitude: 0 }))
    const add = (id: number, p: number, q: number) => {
        if (live(id)) left[at.get(id)!] = plus(left[at.get(id)!], [p, ac ? q : 0])
    }
    for (const row of network.load) if (row.inService) add(row.bus, -row.pMw, -row.qMvar)
    for (const row of network.storage) if (row.inService) add(row.bus, row.pMw, row.qMvar)
    for (const row of network.shunt) {
        if (!row.inService || !live(row.bus)) continue
        const b = opf.bus[at.get(row.bus)!]
        const v2 = ac ? b.vmPu ** 2 : 1
        add(row.bus, -row.gMw * v2, row.bMvar * v2)
        slope[at.get(row.bus)!].byMagnitude += 2 * b.vmPu * (b.lmpPerMwh! * row.gMw - b.lmpPerMvarh! * row.bMvar)
    }
    let stationarity = 0
    network.generator.forEach((g, k) => {
        const row = opf.generator[k]
        if (!g.inService || !live(g.bus)) return
        add(g.bus, row.pMw, row.qMvar)
        const b = opf.bus[at.get(g.bus)!]
        const tied = ac ? powerFactorSlope(g) : undefined
        limit(row.pMw - g.pMinMw, row.pMinPrice, 1 / base)
        limit(g.pMaxMw - row.pMw, row.pMaxPrice, 1 / base)
        const steep = (cost: Network['generatorCost'][number], x: number, price: number) => distanceToSlope(cost, x, price)
        // a dispatchable load moves along its power factor: one condition for both powers
        const reactiveCost = network.generatorReactiveCost?.[k]
        const along =
            tied === undefined
                ? 0
                : tied * (b.lmpPerMvarh! - (reactiveCost ? polynomialAt(costOf(reactiveCost).polynomial, row.qMvar)[1] : 0))
        stationarity = Math.max(
            stationarity,
            steep(network.generatorCost[k], row.pMw, b.lmpPerMwh! + along - row.pMaxPrice + row.pMinPrice) / scale,
        )
        if (tied !== undefined) violationPu = Math.max(violationPu, Math.abs(row.qMvar - tied * row.pMw) / base)
        if (!ac || tied !== undefined) return
        limit(row.qMvar - g.qMinMvar, row.qMinPrice, 1 / base)
        limit(g.qMaxMvar - row.qMvar, row.qMaxPrice, 1 / base)
        const reactive = reactiveCost ?? { model: 'polynomial', startup: 0, shutdown: 0, coefficients: [] }
        stationarity = Math.max(stationarity, steep(reactive, row.qMvar, b.lmpPerMvarh! - row.qMaxPrice + row.qMinPrice) / scale)
    })
    network.branch.forEach((k, index) => {
        if (!k.inService || !live(k.fromBus) || !live(k.toBus) || k.fromBus === k.toBus) return
        const row = opf.branch[index]
        const ends = [at.get(k.fromBus)!, at.get(k.toBus)!]
        const [f, t] = ends.map((i) => opf.bus[i])
        const prices = [row.flowFromPrice, row.flowToPrice]
        const shift = (k.shiftDeg * Math.PI) / 180
        const angle = ((f.vaDeg - t.vaDeg) * Math.PI) / 180
        const turned = ((row.angleMaxPrice - row.angleMinPrice) * 180) / Math.PI
        slope[ends[0]].byAngle += turned
        slope[ends[1]].byAngle -= turned
        if (k.angleMinDeg > -360) limit((angle * 180) / Math.PI - k.angleMinDeg, row.angleMinPrice, Math.PI / 180)
        if (k.angleMaxDeg < 360) limit(k.angleMaxDeg - (angle * 180) / Math.PI, row.angleMaxPrice, Math.PI / 180)
        if (!ac) {
            const b = base / (k.xPu * k.ratio)
            const p = b * (angle - shift)
            add(k.fromBus, -p, 0)
            add(k.toBus, p, 0)
            const pull = b * (f.lmpPerMwh! - t.lmpPerMwh! + prices[0] - prices[1])
            slope[ends[0]].byAngle += pull
            slope[ends[1]].byAngle -= pull
            if (k.rateMva > 0) for (const side of [0, 1]) limit(k.rateMva - (side === 0 ? p : -p), prices[side], 1 / base)
            return
        }
        const y = inverse([k.rPu, k.xPu])
        const tap = polar(k.ratio, shift)
        const own = plus(y, [0, k.bPu / 2])
        const across: readonly Complex[] = [inverse([-tap[0], tap[1]]), inverse([-tap[0], -tap[1]])].map((n) => times(y, n))
        const self: readonly Complex[] = [[own[0] / k.ratio ** 2, own[1] / k.ratio ** 2], own]
        const v = [f, t].map((b) => polar(b.vmPu, (b.vaDeg * Math.PI) / 180))
        for (const side of [0, 1]) {
            const here = [f, t][side]
            const i = plus(times(self[side], v[side]), times(across[side], v[1 - side]))
            const s = timesConjugate(v[side], i)
            add(here.id, -s[0] * base, -s[1] * base)
            const kind = opf.flowLimit ?? 'apparent'
            const size = kind === 'current' ? Math.hypot(i[0], i[1]) : kind === 'active' ? Math.abs(s[0]) : Math.hypot(s[0], s[1])
            if (k.rateMva > 0) limit(k.rateMva - size * base, prices[side], 1 / base)
            // change of the Lagrangian when the voltage of one end changes by dv
            const change = (end: number, dv: Complex) => {
                const di = times(end === side ? self[side] : across[side], dv)
                const ds = plus(end === side ? timesConjugate(dv, i) : [0, 0], timesConjugate(v[side], di))
                const pull = kind === 'current' ? i[0] * di[0] + i[1] * di[1] : s[0] * ds[0] + (kind === 'active' ? 0 : s[1] * ds[1])
                const dSize = size > 0 ? pull / size : 0
                return base * (here.lmpPerMwh! * ds[0] + here.lmpPerMvarh! * ds[1] + prices[side] * dSize)
            }
            for (const end of [0, 1]) {
                const vm = [f, t][end].vmPu
                slope[ends[end]].byAngle += change(end, [-v[end][1], v[end][0]])
                slope[ends[end]].byMagnitude += change(end, [v[end][0] / vm, v[end][1] / vm])
            }
        }
    })
    const held = new Set(networkIslands(network).flatMap((island) => island.slack))
    network.bus.forEach((b, i) => {
        if (!live(b.id)) return
        const row = opf.bus[i]
        if (!held.has(b.id)) stationarity = Math.max(stationarity, Math.abs(slope[i].byAngle) / (scale * base))
        if (!ac) return
        limit(row.vmPu - b.vMinPu, row.vMinPrice, 1)
        limit(b.vMaxPu - row.vmPu, row.vMaxPrice, 1)
        stationarity = Math.max(stationarity, Math.abs(slope[i].byMagnitude + row.vMaxPrice - row.vMinPrice) / (scale * base))
    })
    return {
        balanceMva: left.reduce((most, [p, q]) => Math.max(most, Math.abs(p), Math.abs(q)), 0),
        violationPu,
        stationarity,
        dual,
        complementarity: slack / (1 + Math.abs(opf.objective)),
    }
}

/** How far a price lies from the slopes a cost has at x: one slope, or all between two where lines meet. */
function distanceToSlope(cost: Network['generatorCost'][number], x: number, price: number): number {
    const { polynomial, line } = costOf(cost)
    if (line.length === 0) return Math.abs(polynomialAt(polynomial, x)[1] - price)
    const top = line.reduce((most, l) => Math.max(most, l.at0 + l.slope * x), -Infinity)
    const active = line.filter((l) => top - (l.at0 + l.slope * x) <= 1e-6 * (1 + Math.abs(top)))
    const low = Math.min(...active.map((l) => l.slope))
    const high = Math.max(...active.map((l) => l.slope))
    return Math.max(0, low - price, price - high)
}
