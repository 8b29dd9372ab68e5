/**
 * Short-circuit currents after IEC 60909-0:2016, by the equivalent voltage source c·Un/√3 at the fault, all others dead:
 *   three-phase   Ik″ = c·Un/(√3·|Z1|)          line-line  Ik2″ = c·Un/|Z1 + Z2|, Z2 = Z1
 *   line-earth    Ik1″ = √3·c·Un/|Z1 + Z2 + Z0|
 *   peak          ip = κ·√2·Ik″,  κ = 1.02 + 0.98·e^(−3·R/X), R/X = (Rc/Xc)·(fc/f) of the network at fc = 0.4·f (8.1.1 c)
 *   breaking      Ib = Ik″ − Σ (ΔU″/(c·Un/√3))·(1 − μ·q)·I″k of every machine, three-phase        (clause 9)
 *   thermal       Ith = Ik″·√(m + n),  m = (e^(4·f·Tk·ln(κ − 1)) − 1)/(2·f·Tk·ln(κ − 1)),  n = 1  (clause 11)
 * Per unit: u = 1 at the bus's nominal voltage. Impedances come from one column of the inverse of the admittances.
 */
import { createKkt } from '@gridverse/math'
import { labelIslands } from './islands.ts'
import { isPlain, lowerNetwork } from './lower-network.ts'
import type { Network } from './network.ts'
import { toPerUnit } from './per-unit.ts'
import { checkShortCircuitData, type ShortCircuitData } from './short-circuit-data.ts'
import { buildEquipment, type Current, type Series, type Source, unknownKv, voltageFactor } from './short-circuit-impedance.ts'

export type FaultKind = '3ph' | '2ph' | '1ph'

export interface ShortCircuitOptions {
    /** bus at fault */
    readonly bus: number
    /** three-phase, line-line or line-earth */
    readonly fault?: FaultKind
    /** greatest currents rate equipment, least ones set protection */
    readonly current?: Current
    readonly data?: ShortCircuitData
    /** tolerance of low-voltage networks, which sets c_max: 1.05 or 1.10 */
    readonly lowVoltagePercent?: 6 | 10
    /** until contacts part, seconds: 0.02 and more */
    readonly breakingS?: number
    /** duration, seconds */
    readonly thermalS?: number
}

export interface ShortCircuitBranchRow {
    /** row in the network, from 0 */
    readonly index: number
    readonly fromBus: number
    readonly toBus: number
    /** initial three-phase current at each side, kA */
    readonly iFromKa: number
    readonly iToKa: number
}
export interface ShortCircuitSourceRow {
    readonly kind: 'feeder' | 'generator' | 'motor'
    readonly id: string
    readonly bus: number
    /** initial three-phase current it gives at its terminals, kA */
    readonly iKa: number
    /** what is left of it when the contacts part, μ·q; 1 where nothing decays */
    readonly decay: number
}

export interface ShortCircuit {
    /** `isolated`: no source, or no path to earth for a line-earth fault, so no current flows */
    readonly status: 'solved' | 'isolated'
    readonly fault: FaultKind
    readonly current: Current
    readonly bus: number
    /** voltage factor c */
    readonly c: number
    /** initial symmetrical current over that of `baseMva` at the bus's base voltage */
    readonly ikPu: number
    /** initial symmetrical current, kA rms; NaN without a base voltage, as are all in kA and Ω */
    readonly ikKa: number
    /** initial short-circuit power √3·Un·Ik″, MVA; for three-phase faults */
    readonly skMva: number
    /** peak, kA */
    readonly ipKa: number
    readonly kappa: number
    /** symmetrical breaking current, kA rms */
    readonly ibKa: number
    /** thermal equivalent current, kA rms */
    readonly ithKa: number
    /** impedances at the fault, ohms; zero sequence only where there is one */
    readonly r1Ohm: number
    readonly x1Ohm: number
    readonly r0Ohm?: number
    readonly x0Ohm?: number
    /** contributions, three-phase faults only; in case order */
    readonly branch: readonly ShortCircuitBranchRow[]
    readonly source: readonly ShortCircuitSourceRow[]
    /** what was assumed or left out, in words */
    readonly notes: readonly string[]
}

/** One fault. Throws when the bus or a row of data does not exist. */
export function solveShortCircuit(given: Network, options: ShortCircuitOptions): ShortCircuit {
    if (isPlain(given)) return solvePlainShortCircuit(given, options)
    const { dcLink, ...rest } = given
    const { network, busOf } = lowerNetwork(rest)
    const fault = solvePlainShortCircuit(network, { ...options, bus: busOf(options.bus) })
    const branch = fault.branch.flatMap((row) => {
        const own = given.branch[row.index]
        return own ? [{ ...row, fromBus: own.fromBus, toBus: own.toBus }] : []
    })
    const notes = [...fault.notes, ...(dcLink?.length ? [`${dcLink.length} HVDC links are left out`] : [])]
    return { ...fault, bus: options.bus, branch, notes }
}

function solvePlainShortCircuit(network: Network, options: ShortCircuitOptions): ShortCircuit {
    const { bus: at, fault = '3ph', current = 'max', data = {}, lowVoltagePercent = 10, breakingS = 0.1, thermalS = 1 } = options
    const pu = toPerUnit(network)
    const f = pu.busAt.get(at)
    if (f === undefined) throw new Error(`Bus ${at} is not in the network.`)
    const [issue] = checkShortCircuitData(network, data)
    if (issue) throw new Error(`${issue.message}; checkShortCircuitData lists everything wrong.`)
    // without a base voltage the answer stands in p.u. and MVA alone, and high voltage is assumed
    const known = network.bus[f].baseKv > 0
    const kv = known ? network.bus[f].baseKv : Number.NaN
    const equipment = buildEquipment(network, pu, data, current, lowVoltagePercent)
    const { source, series } = equipment
    const c = voltageFactor(known ? kv : unknownKv, current, lowVoltagePercent)
    const ohm = kv ** 2 / network.baseMva
    const kiloamps = (i: number) => (network.bus[i].baseKv > 0 ? network.baseMva / (Math.sqrt(3) * network.bus[i].baseKv) : Number.NaN)
    const notes = [
        ...(known ? [] : [`bus ${at} has no base voltage: currents in kA and impedances in Ω cannot be told, high voltage is assumed`]),
        ...(equipment.assumed.length
            ? [`no short-circuit data of generators ${someOf(equipment.assumed)}: x_d″ = 0.2 p.u. of their base and cos φ = 0.85 assumed`]
            : []),
        ...(fault === '1ph' && equipment.zeroUnknown.length
            ? [`no zero-sequence data of branches ${someOf(equipment.zeroUnknown)}: open in the zero sequence`]
            : []),
        ...((data.machine ?? []).some(
            (m) => m.unitTransformer !== '' && network.generator.some((g) => g.id === m.generator && g.bus === at),
        )
            ? ['the fault is between a generator and its unit transformer, for which the factors of clause 6.7 are not meant']
            : []),
    ]
    const isolated = (): ShortCircuit => ({
        status: 'isolated',
        fault,
        current,
        bus: at,
        c,
        ikPu: 0,
        ikKa: 0,
        skMva: 0,
        ipKa: 0,
        kappa: Number.NaN,
        ibKa: 0,
        ithKa: 0,
        r1Ohm: Infinity,
        x1Ohm: Infinity,
        branch: [],
        source: [],
        notes,
    })

    const positive = solveColumn(pu.nBus, series, source, f, 1)
    if (!positive) return isolated()
    const r1 = positive[2 * f]
    const x1 = positive[2 * f + 1]
    const slow = solveColumn(
        pu.nBus,
        series,
        source.map((s) => ({ ...s, r: s.rPeak })),
        f,
        0.4,
    )!
    const kappa = 1.02 + 0.98 * Math.exp((-3 * slow[2 * f] * 0.4) / slow[2 * f + 1])
    const three = c / Math.hypot(r1, x1)
    let ik = fault === '2ph' ? (three * Math.sqrt(3)) / 2 : three
    let zero: Float64Array | undefined
    if (fault === '1ph') {
        zero = solveColumn(pu.nBus, equipment.zeroSeries, equipment.zeroEarth, f, 1)
        if (!zero) return { ...isolated(), r1Ohm: r1 * ohm, x1Ohm: x1 * ohm }
        ik = (3 * c) / Math.hypot(2 * r1 + zero[2 * f], 2 * x1 + zero[2 * f + 1])
    }

    // voltages of the fault state over the one at the fault, and what machines feed
    const size = Math.hypot(r1, x1) ** 2
    const share = (i: number): [number, number] => [
        (positive[2 * i] * r1 + positive[2 * i + 1] * x1) / size,
        (positive[2 * i + 1] * r1 - positive[2 * i] * x1) / size,
    ]
    let ibRe = (c * r1) / size
    let ibIm = (-c * x1) / size
    const sourceRows = source.map((s): ShortCircuitSourceRow => {
        const [a, b] = share(s.bus)
        const z2 = s.r ** 2 + s.x ** 2
        const re = (c * (a * s.r + b * s.x)) / z2
        const im = (c * (b * s.r - a * s.x)) / z2
        const i = Math.hypot(re, im)
        const decay = decayOf(s, i, breakingS)
        // less (j·x·i/c)·(1 − decay)·i
        const dropRe = ((-s.x * im) / c) * (1 - decay)
        const dropIm = ((s.x * re) / c) * (1 - decay)
        ibRe -= dropRe * re - dropIm * im
        ibIm -= dropRe * im + dropIm * re
        return { kind: s.kind, id: s.id, bus: network.bus[s.bus].id, iKa: i * kiloamps(s.bus), decay }
    })
    const branchRows = network.branch.map(
        (k, index): ShortCircuitBranchRow => ({ index, fromBus: k.fromBus, toBus: k.toBus, iFromKa: 0, iToKa: 0 }),
    )
    for (const s of series) {
        const [a, b] = share(s.from)
        const [e, d] = share(s.to)
        const i = (c * Math.hypot(a / s.ratio - e, b / s.ratio - d)) / Math.hypot(s.r, s.x)
        branchRows[s.index] = { ...branchRows[s.index], iFromKa: (i / s.ratio) * kiloamps(s.from), iToKa: i * kiloamps(s.to) }
    }
    const ikKa = ik * kiloamps(f)
    const log = Math.log(kappa - 1)
    const exponent = 2 * network.frequencyHz * thermalS * log
    const heat = (Math.exp(2 * exponent) - 1) / exponent
    return {
        status: 'solved',
        fault,
        current,
        bus: at,
        c,
        ikPu: ik,
        ikKa,
        skMva: fault === '3ph' ? ik * network.baseMva : Number.NaN,
        ipKa: kappa * Math.SQRT2 * ikKa,
        kappa,
        ibKa: fault === '3ph' ? Math.hypot(ibRe, ibIm) * kiloamps(f) : ikKa,
        ithKa: ikKa * Math.sqrt(heat + 1),
        r1Ohm: r1 * ohm,
        x1Ohm: x1 * ohm,
        ...(zero ? { r0Ohm: zero[2 * f] * ohm, x0Ohm: zero[2 * f + 1] * ohm } : {}),
        branch: fault === '3ph' ? branchRows : [],
        source: fault === '3ph' ? sourceRows : [],
        notes,
    }
}

/** The first names of a list, and how many more. */
function someOf(names: readonly string[]): string {
    return names.length <= 8 ? names.join(', ') : `${names.slice(0, 6).join(', ')} and ${names.length - 6} more`
}

/** μ·q of a machine (clauses 9.1.1 and 9.1.2), between the given times by straight lines. */
function decayOf(s: Source, i: number, breakingS: number): number {
    if (s.kind === 'feeder') return 1
    // up to twice the rated current the fault is far from the machine, and nothing decays
    const ratio = i / s.rated
    if (ratio <= 2) return 1
    const times = [0.02, 0.05, 0.1, 0.25]
    const of = (coefficient: (k: number) => number) => {
        const t = Math.min(Math.max(breakingS, 0.02), 0.25)
        const k = t >= 0.1 ? 2 : t >= 0.05 ? 1 : 0
        const part = (t - times[k]) / (times[k + 1] - times[k])
        return (1 - part) * coefficient(k) + part * coefficient(k + 1)
    }
    const [a, b, d] = [
        [0.84, 0.71, 0.62, 0.56],
        [0.26, 0.51, 0.72, 0.94],
        [0.26, 0.3, 0.32, 0.38],
    ]
    const mu = Math.min(
        1,
        of((k) => a[k] + b[k] * Math.exp(-d[k] * ratio)),
    )
    if (s.kind === 'generator') return mu
    const [e, g] = [
        [1.03, 0.79, 0.57, 0.26],
        [0.12, 0.12, 0.12, 0.1],
    ]
    return (
        mu *
        Math.min(
            1,
            Math.max(
                0,
                of((k) => e[k] + g[k] * Math.log(s.mwPerPolePair)),
            ),
        )
    )
}

/**
 * Column f of the inverse of the admittance matrix, real and imaginary parts in turn; reactances scaled by `frequency`.
 * Undefined where nothing leads from f to earth. With Y = G + j·B the system is solved as | G −B | over | −B −G |.
 */
function solveColumn(
    n: number,
    series: readonly Series[],
    earth: readonly { readonly bus: number; readonly r: number; readonly x: number }[],
    f: number,
    frequency: number,
): Float64Array | undefined {
    const label = new Int32Array(n)
    labelIslands(
        Int32Array.from(series, (s) => s.from),
        Int32Array.from(series, (s) => s.to),
        new Uint8Array(series.length).fill(1),
        new Uint8Array(n),
        label,
    )
    if (!earth.some((e) => label[e.bus] === label[f])) return undefined
    const place = new Int32Array(n).fill(-1)
    let count = 0
    for (let i = 0; i < n; i++) if (label[i] === label[f]) place[i] = count++
    const rows: number[] = []
    const cols: number[] = []
    const values: number[] = []
    const add = (i: number, j: number, g: number, b: number) => {
        const [p, q] = [2 * place[i], 2 * place[j]]
        rows.push(p, p + 1, p + 1)
        cols.push(q, q, q + 1)
        values.push(g, -b, -g)
        if (i === j) return
        rows.push(p)
        cols.push(q + 1)
        values.push(-b)
    }
    const admittance = (r: number, x: number): [number, number] => {
        const z2 = r * r + (frequency * x) ** 2
        return [r / z2, (-frequency * x) / z2]
    }
    for (const { from, to, ratio, r, x } of series) {
        if (place[from] < 0) continue
        const [g, b] = admittance(r, x)
        add(from, from, g / ratio ** 2, b / ratio ** 2)
        add(to, to, g, b)
        add(from, to, -g / ratio, -b / ratio)
    }
    for (const e of earth) if (place[e.bus] >= 0) add(e.bus, e.bus, ...admittance(e.r, e.x))
    const group = Int32Array.from({ length: 2 * count }, (_, i) => i >> 1)
    const system = createKkt(2 * count, group, Int32Array.from(rows), Int32Array.from(cols))
    values.forEach((v, t) => {
        system.value[system.slot[t]] += v
    })
    const none = new Float64Array(2 * count)
    if (system.factorise(none) < 0) return undefined
    const right = new Float64Array(2 * count)
    right[2 * place[f]] = 1
    const x = new Float64Array(2 * count)
    system.solve(right, x, none)
    const column = new Float64Array(2 * n)
    for (let i = 0; i < n; i++) if (place[i] >= 0) column.set(x.subarray(2 * place[i], 2 * place[i] + 2), 2 * i)
    return column
}
