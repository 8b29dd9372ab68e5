/**
 * Three-winding transformers as a star: a bus of its own and a two-winding transformer to each winding,
 *   z1 = (z12 + z31 − z23)/2,  z2 = (z12 + z23 − z31)/2,  z3 = (z23 + z31 − z12)/2
 * with the magnetising branch as a shunt at winding 1. A leg without impedance (within 1e-9 p.u.) makes its winding
 * the star point: the two others are joined to it by one transformer each, of ratio Nj/Nw and impedance zj·Nw².
 */
import type { Lowering } from './lower-network.ts'
import type { Branch, Bus, Network, Shunt, Transformer3 } from './network.ts'
import type { BranchRow, PowerFlow } from './solve-power-flow.ts'

export interface Transformer3Row {
    /** row in the network, from 0 */
    readonly index: number
    readonly id: string
    readonly inService: boolean
    /** windings 1, 2, 3 in turn */
    readonly winding: readonly {
        readonly bus: number
        /** power from the bus into the winding, MW and Mvar; that of winding 1 with the magnetising branch */
        readonly pMw: number
        readonly qMvar: number
        /** apparent power over the rating of the winding, percent; null without a rating */
        readonly loadingPercent: number | null
    }[]
}

/** legs below this are none, p.u. */
const noImpedance = 1e-9

interface Leg {
    readonly bus: number
    readonly r: number
    readonly x: number
    readonly ratio: number
    readonly shiftDeg: number
    readonly rateMva: number
}

/** The three legs of the star, windings in turn; p.u. of `baseMva`. */
export function starOf(t: Transformer3): [Leg, Leg, Leg] {
    const leg = (bus: number, r: number, x: number, ratio: number, shiftDeg: number, rateMva: number): Leg => ({
        bus,
        r: r / 2,
        x: x / 2,
        ratio,
        shiftDeg,
        rateMva,
    })
    return [
        leg(t.bus1, t.r12Pu + t.r31Pu - t.r23Pu, t.x12Pu + t.x31Pu - t.x23Pu, t.ratio1, t.shift1Deg, t.rate1Mva),
        leg(t.bus2, t.r12Pu + t.r23Pu - t.r31Pu, t.x12Pu + t.x23Pu - t.x31Pu, t.ratio2, t.shift2Deg, t.rate2Mva),
        leg(t.bus3, t.r23Pu + t.r31Pu - t.r12Pu, t.x23Pu + t.x31Pu - t.x12Pu, t.ratio3, t.shift3Deg, t.rate3Mva),
    ]
}

export function lowerTransformers3(network: Network): Lowering {
    const transformers = network.transformer3 ?? []
    const { transformer3: _, ...rest } = network
    const bus: Bus[] = [...network.bus]
    const branch: Branch[] = [...network.branch]
    const shunt: Shunt[] = [...network.shunt]
    const records = new Map(network.bus.map((b) => [b.id, b]))
    let free = network.bus.reduce((most, b) => Math.max(most, b.id), 0) + 1
    const star = new Map<number, number>()
    // rows of the branches that stand for windings 1, 2, 3; −1 for a winding that is the star point
    const parts = transformers.map((t) => {
        const legs = starOf(t)
        const at = legs.findIndex((leg) => Math.hypot(leg.r, leg.x) < noImpedance)
        const home = records.get(t.bus1)
        let centre = legs[at]?.bus
        if (centre === undefined) {
            centre = free++
            star.set(centre, t.bus1)
            bus.push({
                id: centre,
                name: `${t.id} star`,
                type: t.inService ? 'pq' : 'isolated',
                baseKv: home?.baseKv ?? 0,
                vmPu: (home?.vmPu ?? 1) / t.ratio1,
                vaDeg: (home?.vaDeg ?? 0) - t.shift1Deg,
                vMinPu: 0,
                vMaxPu: 2,
                area: home?.area ?? 1,
                zone: home?.zone ?? 1,
                site: home?.site ?? '',
            })
        }
        const pivot = legs[at] ?? { ratio: 1, shiftDeg: 0 }
        const rows = legs.map((leg, w) => {
            if (w === at) return -1
            branch.push({
                id: `${t.id}/${w + 1}`,
                kind: 'transformer',
                fromBus: leg.bus,
                toBus: centre,
                rPu: leg.r * pivot.ratio ** 2,
                xPu: leg.x * pivot.ratio ** 2,
                bPu: 0,
                ratio: leg.ratio / pivot.ratio,
                shiftDeg: leg.shiftDeg - pivot.shiftDeg,
                rateMva: leg.rateMva,
                rateShortMva: 0,
                rateEmergencyMva: 0,
                angleMinDeg: -360,
                angleMaxDeg: 360,
                inService: t.inService,
            })
            return branch.length - 1
        })
        if (t.gPu !== 0 || t.bPu !== 0)
            shunt.push({
                id: `${t.id}/m`,
                bus: t.bus1,
                gMw: t.gPu * network.baseMva,
                bMvar: t.bPu * network.baseMva,
                inService: t.inService,
            })
        return rows
    })

    function lift(flow: PowerFlow, reactive: boolean): PowerFlow {
        const { worstBus } = flow
        const named = worstBus === undefined ? {} : { worstBus: star.get(worstBus) ?? worstBus }
        if (flow.status !== 'converged') return { ...flow, ...named, transformer3: [] }
        const voltage = new Map(flow.bus.map((b) => [b.id, b]))
        const row = (t: Transformer3, index: number): Transformer3Row => {
            const home = voltage.get(t.bus1)
            const v2 = home?.energised === true && t.inService ? home.vmPu ** 2 : 0
            const magnetising = { p: t.gPu * v2 * network.baseMva, q: reactive ? -t.bPu * v2 * network.baseMva : 0 }
            const others = parts[index].filter((k) => k >= 0).map((k) => flow.branch[k])
            const winding = starOf(t).map(({ bus: id, rateMva }, w) => {
                const own: BranchRow | undefined = flow.branch[parts[index][w]]
                // what flows into a winding that is the star point comes out of the others
                const p = own ? own.pFromMw : others.reduce((sum, k) => sum + k.pToMw, 0)
                const q = own ? own.qFromMvar : others.reduce((sum, k) => sum + k.qToMvar, 0)
                const pMw = p + (w === 0 ? magnetising.p : 0)
                const qMvar = q + (w === 0 ? magnetising.q : 0)
                return { bus: id, pMw, qMvar, loadingPercent: rateMva > 0 ? (100 * Math.hypot(pMw, qMvar)) / rateMva : null }
            })
            return { index, id: t.id, inService: t.inService, winding }
        }
        return {
            ...flow,
            bus: flow.bus.slice(0, network.bus.length),
            branch: flow.branch.slice(0, network.branch.length),
            transformer3: transformers.map(row),
        }
    }

    return { network: { ...rest, bus, branch, shunt }, lift }
}
