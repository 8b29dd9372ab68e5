/**
 * An independent check of a power-flow answer: bus by bus, what generators, storages, loads and shunts leave over
 * against what the branches carry away. Shares no code with the solver; complex numbers are spelled out, admittances
 * are not even formed: a branch is its ideal transformer followed by its π circuit.
 */
import type { Network } from './network.ts'

/** The part of an answer that is checked; rows in the network's order. */
export interface PowerFlowState {
    readonly bus: readonly { readonly vmPu: number; readonly vaDeg: number }[]
    readonly generator: readonly { readonly pMw: number; readonly qMvar: number }[]
    readonly coupler?: readonly { readonly pMw: number; readonly qMvar: number }[]
    readonly dcLink?: readonly { readonly pFromMw: number; readonly qFromMvar: number; readonly pToMw: number; readonly qToMvar: number }[]
}

export interface Mismatch {
    /** what is injected at each bus less what leaves it, MW and Mvar */
    readonly pMw: Float64Array
    readonly qMvar: Float64Array
    /** greatest |P| or |Q| of all buses, MW or Mvar; NaN if any is */
    readonly worstMva: number
    /** id of that bus */
    readonly worstBus: number
}

/** What is left over at every bus. Buses at 0 p.u. have no supply: nothing there is connected. */
export function mismatch(network: Network, state: PowerFlowState): Mismatch {
    const { bus, baseMva } = network
    const row = new Map(bus.map((b, i) => [b.id, i]))
    const pMw = new Float64Array(bus.length)
    const qMvar = new Float64Array(bus.length)
    const live = (id: number) => state.bus[row.get(id)!].vmPu !== 0
    const add = (id: number, p: number, q: number) => {
        if (!live(id)) return
        pMw[row.get(id)!] += p
        qMvar[row.get(id)!] += q
    }
    network.generator.forEach((g, k) => {
        if (g.inService) add(g.bus, state.generator[k].pMw, state.generator[k].qMvar)
    })
    for (const s of network.storage) if (s.inService) add(s.bus, s.pMw, s.qMvar)
    for (const d of network.load) if (d.inService) add(d.bus, -d.pMw, -d.qMvar)
    for (const s of network.shunt) {
        const v = state.bus[row.get(s.bus)!].vmPu
        if (s.inService) add(s.bus, -s.gMw * v * v, s.bMvar * v * v)
    }
    for (const b of network.branch) {
        if (!b.inService || !live(b.fromBus) || !live(b.toBus)) continue
        const from = state.bus[row.get(b.fromBus)!]
        const to = state.bus[row.get(b.toBus)!]
        // voltage behind the ideal transformer, then the π circuit between it and the to side
        const angle = ((from.vaDeg - b.shiftDeg) * Math.PI) / 180
        const e1 = (from.vmPu / b.ratio) * Math.cos(angle)
        const f1 = (from.vmPu / b.ratio) * Math.sin(angle)
        const e2 = to.vmPu * Math.cos((to.vaDeg * Math.PI) / 180)
        const f2 = to.vmPu * Math.sin((to.vaDeg * Math.PI) / 180)
        const z2 = b.rPu ** 2 + b.xPu ** 2
        const seriesRe = ((e1 - e2) * b.rPu + (f1 - f2) * b.xPu) / z2
        const seriesIm = ((f1 - f2) * b.rPu - (e1 - e2) * b.xPu) / z2
        // charging current of half the line is j·b/2·V
        const i1 = [seriesRe - (b.bPu / 2) * f1, seriesIm + (b.bPu / 2) * e1]
        const i2 = [-seriesRe - (b.bPu / 2) * f2, -seriesIm + (b.bPu / 2) * e2]
        add(b.fromBus, -baseMva * (e1 * i1[0] + f1 * i1[1]), -baseMva * (f1 * i1[0] - e1 * i1[1]))
        add(b.toBus, -baseMva * (e2 * i2[0] + f2 * i2[1]), -baseMva * (f2 * i2[0] - e2 * i2[1]))
    }
    network.coupler?.forEach((c, k) => {
        const { pMw: p, qMvar: q } = state.coupler![k]
        add(c.fromBus, -p, -q)
        add(c.toBus, p, q)
    })
    network.dcLink?.forEach((d, k) => {
        const { pFromMw, qFromMvar, pToMw, qToMvar } = state.dcLink![k]
        add(d.fromBus, -pFromMw, -qFromMvar)
        add(d.toBus, -pToMw, -qToMvar)
    })
    for (const t of network.transformer3 ?? []) {
        if (!t.inService) continue
        if (live(t.bus1)) {
            const v2 = state.bus[row.get(t.bus1)!].vmPu ** 2
            add(t.bus1, -t.gPu * v2 * baseMva, t.bPu * v2 * baseMva)
        }
        // legs of the star, each V/N behind an admittance; the star point takes the voltage at which currents cancel
        const half = (a: number, b: number, c: number) => (a + b - c) / 2
        const legs = [
            [t.bus1, half(t.r12Pu, t.r31Pu, t.r23Pu), half(t.x12Pu, t.x31Pu, t.x23Pu), t.ratio1, t.shift1Deg],
            [t.bus2, half(t.r12Pu, t.r23Pu, t.r31Pu), half(t.x12Pu, t.x23Pu, t.x31Pu), t.ratio2, t.shift2Deg],
            [t.bus3, half(t.r23Pu, t.r31Pu, t.r12Pu), half(t.x23Pu, t.x31Pu, t.x12Pu), t.ratio3, t.shift3Deg],
        ]
            .filter(([id]) => live(id))
            .map(([id, r, x, ratio, shift]) => {
                const { vmPu, vaDeg } = state.bus[row.get(id)!]
                const angle = ((vaDeg - shift) * Math.PI) / 180
                // a leg without impedance is taken as one of 1e-9 p.u.
                const z2 = r * r + x * x
                const [g, b] = z2 < 1e-18 ? [0, -1e9] : [r / z2, -x / z2]
                return { id, g, b, e: (vmPu / ratio) * Math.cos(angle), f: (vmPu / ratio) * Math.sin(angle) }
            })
        const sum = (of: (leg: (typeof legs)[number]) => number) => legs.reduce((total, leg) => total + of(leg), 0)
        const [g, b] = [sum((leg) => leg.g), sum((leg) => leg.b)]
        const [re, im] = [sum((leg) => leg.g * leg.e - leg.b * leg.f), sum((leg) => leg.g * leg.f + leg.b * leg.e)]
        const e0 = (re * g + im * b) / (g * g + b * b)
        const f0 = (im * g - re * b) / (g * g + b * b)
        for (const leg of legs) {
            const re1 = leg.g * (leg.e - e0) - leg.b * (leg.f - f0)
            const im1 = leg.g * (leg.f - f0) + leg.b * (leg.e - e0)
            add(leg.id, -baseMva * (leg.e * re1 + leg.f * im1), -baseMva * (leg.f * re1 - leg.e * im1))
        }
    }
    let worst = 0
    let worstAt = 0
    for (let i = 0; i < bus.length && !Number.isNaN(worst); i++) {
        const size = Math.max(Math.abs(pMw[i]), Math.abs(qMvar[i]))
        if (size <= worst) continue
        worst = size
        worstAt = i
    }
    return { pMw, qMvar, worstMva: worst, worstBus: bus[worstAt]?.id ?? 0 }
}
