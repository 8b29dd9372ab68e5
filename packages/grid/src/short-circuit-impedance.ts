/**
 * Impedances of IEC 60909-0:2016 for equipment, p.u. of the network's bases, corrected as the standard wants:
 *   feeder       Z = c·Un²/Sk″
 *   transformer  K_T = 0.95·c_max/(1 + 0.6·x_T)                                                (clause 6.3.3)
 *   generator    K_G = Un/(UrG·(1 + pG))·c_max/(1 + x_d″·sin φ)                                 (clause 6.6.1)
 *   unit         K_S = (UnQ/UrG)²·(UrTLV/UrTHV)²·c_max/(1 + |x_d″ − x_T|·sin φ), with on-load taps
 *                K_SO = UnQ/(UrG·(1 + pG))·(UrTLV/UrTHV)·(1 − pT)·c_max/(1 + x_d″·sin φ), without; of both parts (6.7)
 *   motor        Z = UrM²/(SrM·I_LR/IrM)
 * Loads, shunts and charging are left out, taps are where the records have them.
 */
import type { Network } from './network.ts'
import type { PerUnit } from './per-unit.ts'
import type { Machine, ShortCircuitData } from './short-circuit-data.ts'

export type Current = 'max' | 'min'

/** A path to earth behind an impedance: a source in the positive sequence. */
export interface Source {
    readonly kind: 'feeder' | 'generator' | 'motor'
    readonly id: string
    /** position of its bus */
    readonly bus: number
    readonly r: number
    readonly x: number
    /** resistance that stands for the decay of the direct current, for peaks */
    readonly rPeak: number
    /** rated current, p.u.; 0 for a feeder, whose current does not decay */
    readonly rated: number
    readonly mwPerPolePair: number
    /** zero-sequence impedance to earth; absent without an earthed neutral */
    readonly zero?: readonly [number, number]
}

/** A branch as one series impedance behind an ideal ratio at its from side. */
export interface Series {
    readonly index: number
    readonly from: number
    readonly to: number
    readonly ratio: number
    readonly r: number
    readonly x: number
}

export interface Equipment {
    readonly source: readonly Source[]
    readonly series: readonly Series[]
    /** zero sequence: paths through, and paths to earth */
    readonly zeroSeries: readonly Series[]
    readonly zeroEarth: readonly { readonly bus: number; readonly r: number; readonly x: number }[]
    /** branches without zero-sequence data, treated as open there */
    readonly zeroUnknown: readonly string[]
    /** generators whose reactance was assumed */
    readonly assumed: readonly string[]
}

/** Voltage factor c (table 1) for a nominal voltage; low voltage with a tolerance of 6 % or 10 %. */
export function voltageFactor(kv: number, current: Current, lowVoltagePercent: 6 | 10): number {
    if (current === 'min') return kv > 1 ? 1 : 0.95
    return kv > 1 || lowVoltagePercent === 10 ? 1.1 : 1.05
}

/** Stands in for a base voltage the case does not give, kV: the corrections see high voltage, nothing else depends on it. */
export const unknownKv = 100

/** A generator of no data: subtransient reactance 0.2 of its base. */
const typicalSub = 0.2

export function buildEquipment(
    network: Network,
    pu: PerUnit,
    data: ShortCircuitData,
    current: Current,
    lowVoltagePercent: 6 | 10,
): Equipment {
    const base = network.baseMva
    const kv = network.bus.map((b) => (b.baseKv > 0 ? b.baseKv : unknownKv))
    const cMax = (at: number) => voltageFactor(at, 'max', lowVoltagePercent)
    const machines = new Map((data.machine ?? []).map((m) => [m.generator, m]))
    const transformers = new Map((data.transformer ?? []).map((t) => [t.branch, t]))
    const lines = new Map((data.line ?? []).map((l) => [l.branch, l]))
    const branchAt = new Map(network.branch.map((k, index) => [k.id, index]))
    const unitFactor = new Map<string, number>()
    const assumed: string[] = []
    const source: Source[] = []

    for (const f of data.feeder ?? []) {
        const bus = pu.busAt.get(f.bus)!
        const power = current === 'min' && f.skMinMva > 0 ? f.skMinMva : f.skMaxMva
        const z = (voltageFactor(kv[bus], current, lowVoltagePercent) * base) / power
        const x = z / Math.sqrt(1 + f.rOverX ** 2)
        const x0 = x * f.x0OverX1
        const zero = x0 > 0 ? { zero: [x0 * f.r0OverX0, x0] as const } : {}
        source.push({ kind: 'feeder', id: f.id, bus, r: x * f.rOverX, x, rPeak: x * f.rOverX, rated: 0, mwPerPolePair: 0, ...zero })
    }
    network.generator.forEach((g, k) => {
        if (!g.inService) return
        const bus = pu.busOfGenerator[k]
        const known = machines.get(g.id)
        if (!known) assumed.push(g.id)
        const m: Machine = known ?? {
            generator: g.id,
            ratedMva: g.baseMva > 0 ? g.baseMva : base,
            ratedKv: kv[bus],
            xSubPu: typicalSub,
            rPu: 0,
            cosPhi: 0.85,
            rangePercent: 0,
            unitTransformer: '',
            onLoadTaps: false,
            tapPercent: 0,
        }
        const sin = Math.sqrt(1 - m.cosPhi ** 2)
        const pG = 1 + m.rangePercent / 100
        const decay = (m.ratedKv <= 1 ? 0.15 : m.ratedMva >= 100 ? 0.05 : 0.07) * m.xSubPu
        const unit = m.unitTransformer === '' ? undefined : network.branch[branchAt.get(m.unitTransformer) ?? -1]
        let factor: number
        if (unit) {
            const fromGrid = unit.toBus === g.bus
            const grid = pu.busAt.get(fromGrid ? unit.fromBus : unit.toBus)!
            const t = transformers.get(unit.id)!
            // UrTLV/UrTHV from the ratio of the record, seen from the grid
            const ratio = (unit.ratio * kv[pu.busAt.get(unit.fromBus)!]) / kv[pu.busAt.get(unit.toBus)!]
            const lowOverHigh = fromGrid ? 1 / ratio : ratio
            const xT = (unit.xPu * kv[pu.busAt.get(unit.toBus)!] ** 2 * t.ratedMva) / (base * t.ratedToKv ** 2)
            const reach = (kv[grid] / m.ratedKv) * lowOverHigh
            factor = m.onLoadTaps
                ? (reach ** 2 * cMax(kv[grid])) / (1 + Math.abs(m.xSubPu - xT) * sin)
                : ((reach / pG) * (1 - m.tapPercent / 100) * cMax(kv[grid])) / (1 + m.xSubPu * sin)
            unitFactor.set(unit.id, factor)
        } else factor = ((kv[bus] / (m.ratedKv * pG)) * cMax(kv[bus])) / (1 + m.xSubPu * sin)
        const scale = (factor * m.ratedKv ** 2 * base) / (m.ratedMva * kv[bus] ** 2)
        const rated = (m.ratedMva * kv[bus]) / (base * m.ratedKv)
        source.push({
            kind: 'generator',
            id: g.id,
            bus,
            r: (known ? m.rPu : decay) * scale,
            x: m.xSubPu * scale,
            rPeak: decay * scale,
            rated,
            mwPerPolePair: 0,
        })
    })
    // motors do not count in least currents
    for (const m of current === 'max' ? (data.motor ?? []) : []) {
        const bus = pu.busAt.get(m.bus)!
        const z = (m.ratedKv ** 2 * base) / (m.ratedMva * m.startRatio * kv[bus] ** 2)
        const x = z / Math.sqrt(1 + m.rOverX ** 2)
        const rated = (m.ratedMva * kv[bus]) / (base * m.ratedKv)
        source.push({ kind: 'motor', id: m.id, bus, r: x * m.rOverX, x, rPeak: x * m.rOverX, rated, mwPerPolePair: m.mwPerPolePair })
    }

    const series: Series[] = []
    const zeroSeries: Series[] = []
    const zeroEarth: { bus: number; r: number; x: number }[] = []
    const zeroUnknown: string[] = []
    for (const s of source) if (s.zero) zeroEarth.push({ bus: s.bus, r: s.zero[0], x: s.zero[1] })
    network.branch.forEach((k, index) => {
        if (!k.inService || k.fromBus === k.toBus) return
        const from = pu.from[index]
        const to = pu.to[index]
        const t = transformers.get(k.id)
        const l = lines.get(k.id)
        let factor = unitFactor.get(k.id) ?? 1
        if (k.kind === 'transformer' && !unitFactor.has(k.id)) {
            const ratedMva = t?.ratedMva ?? (k.rateMva > 0 ? k.rateMva : base)
            const ratedKv = t?.ratedToKv ?? kv[to]
            const xT = Math.abs((k.xPu * kv[to] ** 2 * ratedMva) / (base * ratedKv ** 2))
            const low = t?.lowKv ?? Math.min(kv[from], kv[to])
            factor = t && t.factor > 0 ? t.factor : (0.95 * cMax(low)) / (1 + 0.6 * xT)
        }
        const hot = current === 'min' && k.kind === 'line' ? 1 + 0.004 * ((l?.endC ?? 80) - 20) : 1
        series.push({ index, from, to, ratio: k.ratio, r: k.rPu * factor * hot, x: k.xPu * factor })
        if (k.kind === 'line') {
            if (!l) zeroUnknown.push(k.id)
            else zeroSeries.push({ index, from, to, ratio: 1, r: l.r0Pu * hot, x: l.x0Pu })
            return
        }
        if (!t) {
            zeroUnknown.push(k.id)
            return
        }
        const r0 = factor * (t.x0Pu > 0 ? t.r0Pu : k.rPu)
        const x0 = factor * (t.x0Pu > 0 ? t.x0Pu : k.xPu)
        const earthFrom = (3 * t.earthFromOhm * base) / kv[from] ** 2
        const earthTo = (3 * t.earthToOhm * base) / kv[to] ** 2
        // impedances are at the to side; seen from the from side they grow with the ratio squared
        if (t.windings === 'YNyn') zeroSeries.push({ index, from, to, ratio: k.ratio, r: r0, x: x0 + earthFrom / k.ratio ** 2 + earthTo })
        if (t.windings === 'YNd') zeroEarth.push({ bus: from, r: r0 * k.ratio ** 2, x: x0 * k.ratio ** 2 + earthFrom })
        if (t.windings === 'Dyn') zeroEarth.push({ bus: to, r: r0, x: x0 + earthTo })
    })
    return { source, series, zeroSeries, zeroEarth, zeroUnknown, assumed }
}
