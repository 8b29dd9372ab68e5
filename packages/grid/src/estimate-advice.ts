/**
 * Where a meter is missing. For observability: with N a basis of the null space of H (one vector for each variable that
 * must be held), a meter with rows M raises the rank by rank(M·N), two at most; meters are taken greedily, each leaving the
 * part of N that it does not see. For redundancy: with x = G⁻¹·hᵀ of a critical measurement, which no other row sees, a
 * meter checks the measurement where M·x ≠ 0; the fewest such meters are a set cover, taken greedily. Meters that later ones
 * make needless are dropped, and both answers are proved by a new analysis of the layout with the meters
 * (Abur and Expósito, sections 4.6 and 5.4; Baran, Zhu and Garren 1995).
 *
 * All at the flat state (the case's where current magnitudes alone complete it), rows scaled to one.
 */
import { computeInverseSubset, factorCholesky, solveCholesky } from '@gridverse/math'
import type { EstimatorOptions, Scan } from './estimate-contract.ts'
import { evaluateEnds, evaluateRows } from './estimate-equations.ts'
import { assembleGain, computeVariance } from './estimate-gain.ts'
import type { MeasurementKind, MeasurementPlace } from './estimate-measurement.ts'
import { holdFrom } from './estimate-observability.ts'
import { criticalShare } from './estimate-residuals.ts'
import { setStart, takeTopology, takeValues } from './estimate-scan.ts'
import { addRow, dotRow, type GainRow } from './estimate-update.ts'
import { createWork, type Work } from './estimate-work.ts'
import type { Network } from './network.ts'

export const meterKinds = ['injection', 'flow', 'voltage', 'phasor'] as const
/** P and Q into a bus, P and Q into a branch at a side, the magnitude or the phasor of a voltage. */
export type MeterKind = (typeof meterKinds)[number]

export interface Meter {
    readonly kind: MeterKind
    /** id of the bus it stands at */
    readonly bus: number
    /** of a flow: index of the branch, and the side of the meter */
    readonly branch?: number
    readonly side?: 'from' | 'to'
    /** what people read: "flow of branch L3 (30–40), from side" */
    readonly name: string
    readonly measures: readonly MeasurementKind[]
}

export interface AdvisedMeter extends Meter {
    /** buses that this meter and those before it make observable */
    readonly restores: readonly number[]
    /** critical measurements of the layout, by index, that this meter and those before it make checkable */
    readonly checks: readonly number[]
}

export interface MeterAdvice {
    /** buses that no measurement of the layout determines */
    readonly unobservable: readonly number[]
    /** measurements, by index, that nothing checks once every bus is observable */
    readonly critical: readonly number[]
    /** variables (angles and magnitudes) that measurements must still determine */
    readonly missingRank: number
    /** the meters that restore observability, then those that make critical measurements checkable */
    readonly observability: readonly AdvisedMeter[]
    readonly redundancy: readonly AdvisedMeter[]
    /** no fewer meters can do it; where it equals the number advised, the advice is proved to be the least */
    readonly leastObservability: number
    readonly leastRedundancy: number
    /** what stays, by a new analysis with all the meters advised: nothing, unless no permitted meter helps */
    readonly left: { readonly unobservable: readonly number[]; readonly critical: readonly number[] }
}

export interface AdviceOptions extends Pick<EstimatorOptions, 'zeroInjections'> {
    /** meters that may be placed, the preferred first */
    readonly kinds?: readonly MeterKind[]
    /** advise on critical measurements too; default true */
    readonly redundancy?: boolean
    /** status of branches, shunts and sources; measurements whose sigma is infinite count as absent */
    readonly scan?: Omit<Scan, 'value'>
}

/** a combination of scaled rows below this is nothing */
const nothing = 1e-6
/** share of a critical measurement's variance that a meter must leave in its residual */
const checkedShare = 1e-3

/** The fewest meters found, greedily, that make every live bus observable and every measurement checkable. */
export function adviseMeters(network: Network, layout: readonly MeasurementPlace[], options: AdviceOptions = {}): MeterAdvice {
    const kinds = options.kinds ?? meterKinds
    const meters = candidatesOf(network, layout, kinds)
    const w = createWork(network, [...layout, ...meters.flatMap(placesOf)], { zeroInjections: options.zeroInjections ?? false })
    const rowsOf: number[][] = []
    let next = layout.length
    for (const meter of meters) {
        rowsOf.push(meter.measures.map((_, i) => next + i))
        next += meter.measures.length
    }
    const count = (added: readonly number[]) => {
        const present = new Set(added.flatMap((c) => rowsOf[c]))
        return (r: number) => r < layout.length || present.has(r)
    }
    const scan = options.scan ?? {}
    const label = (c: number, restores: readonly number[], checks: readonly number[]): AdvisedMeter => ({ ...meters[c], restores, checks })

    // observability
    const first = analyse(w, scan, layout, count([]))
    const basis = nullBasis(w, first)
    const usable = [...meters.keys()].filter((c) => rowsOf[c].every((r) => w.active[r] !== 0))
    const chosen = chooseForRank(usable, (c) => rowsOf[c].map((r) => first.row(r)), basis, w)
    const observability: AdvisedMeter[] = []
    let before = first.unobservable
    for (let m = 0; m < chosen.length; m++) {
        const { unobservable } = analyse(w, scan, layout, count(chosen.slice(0, m + 1)))
        observability.push(
            label(
                chosen[m],
                before.filter((id) => !unobservable.includes(id)),
                [],
            ),
        )
        before = unobservable
    }

    // redundancy, with those meters in place; a badly conditioned layout shows more once it is better
    const redundancy: AdvisedMeter[] = []
    const placed = [...chosen]
    let critical: number[] | undefined
    let leastRedundancy = 0
    let last = analyse(w, scan, layout, count(placed))
    const unchecked = () => criticalOf(w, last).filter((r) => r < layout.length)
    let left = unchecked()
    while (options.redundancy !== false && last.unobservable.length === 0 && left.length > 0) {
        const covers = coverOf(w, last, left, usable, placed, rowsOf)
        const checkers = chooseCover(left, covers)
        if (checkers.length === 0) break
        if (!critical) leastRedundancy = leastCover(left, covers)
        critical = [...new Set([...(critical ?? []), ...left])].sort((a, b) => a - b)
        const open = new Set(left)
        for (const c of checkers) {
            const checks = [...covers.get(c)!].filter((r) => open.delete(r))
            redundancy.push(label(c, [], checks))
        }
        placed.push(...checkers)
        last = analyse(w, scan, layout, count(placed))
        left = unchecked()
    }
    const most = Math.max(
        1,
        ...usable.map((c) =>
            rankOf(
                rowsOf[c].map((r) => first.row(r)),
                basis,
                w,
            ),
        ),
    )
    return {
        unobservable: first.unobservable,
        critical: critical ?? left,
        missingRank: basis.length,
        observability,
        redundancy,
        leastObservability: Math.ceil(basis.length / most),
        leastRedundancy,
        left: { unobservable: last.unobservable, critical: left },
    }
}

/** Every permitted meter that the layout does not have. */
function candidatesOf(network: Network, layout: readonly MeasurementPlace[], kinds: readonly MeterKind[]): Meter[] {
    const key = (kind: string, at: number) => `${kind} ${at}`
    const have = new Set(layout.filter(({ sigma }) => sigma < Infinity).map(({ kind, bus, branch }) => key(kind, (bus ?? branch)!)))
    const names = new Map(network.bus.map(({ id, name }) => [id, name ? `${id} ${name}` : `${id}`]))
    const meters: Meter[] = []
    for (const kind of kinds) {
        const atBus = kind === 'injection' ? (['p', 'q'] as const) : kind === 'voltage' ? (['vm'] as const) : (['vm', 'va'] as const)
        const what = kind === 'injection' ? 'P and Q injection' : kind === 'voltage' ? 'voltage' : 'voltage phasor'
        if (kind !== 'flow')
            for (const { id } of network.bus) meters.push({ kind, bus: id, name: `${what} at bus ${names.get(id)}`, measures: atBus })
        else
            network.branch.forEach((row, branch) => {
                for (const side of ['from', 'to'] as const)
                    meters.push({
                        kind,
                        bus: side === 'from' ? row.fromBus : row.toBus,
                        branch,
                        side,
                        name: `flow of branch ${row.id} (${row.fromBus}–${row.toBus}), ${side} side`,
                        measures: side === 'from' ? ['pFrom', 'qFrom'] : ['pTo', 'qTo'],
                    })
            })
    }
    return meters.filter((meter) => !meter.measures.every((measure) => have.has(key(measure, meter.branch ?? meter.bus))))
}

const placesOf = (meter: Meter): MeasurementPlace[] =>
    meter.measures.map((kind) =>
        meter.branch === undefined ? { kind, bus: meter.bus, sigma: 1 } : { kind, branch: meter.branch, sigma: 1 },
    )

interface Analysis {
    readonly unobservable: readonly number[]
    /** variables held because nothing determines them */
    readonly held: readonly number[]
    /** scaled row r of H at the trial state, references out */
    row(r: number): GainRow
}

/** Holds what the rows that count leave undetermined; afterwards the factor is that of the rest. */
function analyse(w: Work, scan: Omit<Scan, 'value'>, layout: readonly MeasurementPlace[], counts: (r: number) => boolean): Analysis {
    const sigma = w.layout.map((place, r) => (!counts(r) ? Infinity : r < layout.length ? (scan.sigma?.[r] ?? place.sigma) : place.sigma))
    const given: Scan = { ...scan, sigma, value: new Float64Array(sigma.length) }
    takeTopology(w, given)
    takeValues(w, given)
    // a row that counts weighs as much as any other
    for (let r = 0; r < w.nReal; r++) if (w.weight[r] > 0) w.weight[r] = 1
    w.checkedReference.set(w.fixed)
    let start: 'flat' | 'case' = 'flat'
    const zeros = holdFrom(w, 'flat')
    if (zeros > 0 && w.turnOf.some((r) => w.weight[r] > 0)) start = holdFrom(w, 'case') < zeros ? 'case' : 'flat'
    if (start === 'flat' && w.turnOf.length > 0) holdFrom(w, 'flat')
    const held = [...w.fixed.keys()].filter((v) => w.fixed[v] !== 0 && w.checkedReference[v] === 0)
    const unobservable = w.network.bus.filter((_, b) => w.unobserved[w.position[b]] !== 0).map(({ id }) => id)

    // the rows once more, with the held variables in them
    const { rows } = w
    setStart(w, start, w.trialVm, w.trialVa)
    evaluateEnds(w.circuit, w.trialVm, w.trialVa)
    evaluateRows(w.circuit, rows, w.active, w.trialVm, w.trialVa)
    const derivative = rows.derivative.slice()
    for (let r = 0; r < rows.n; r++) {
        let largest = 0
        for (let d = rows.rowPtr[r]; d < rows.rowPtr[r + 1]; d++) largest = Math.max(largest, Math.abs(derivative[d]))
        for (let s = rows.supportPtr[rows.support[r]], d = rows.rowPtr[r]; d < rows.rowPtr[r + 1]; s++, d += 2)
            for (const side of [0, 1])
                if (largest === 0 || w.checkedReference[2 * rows.supportBus[s] + side] !== 0) derivative[d + side] = 0
                else derivative[d + side] /= largest
    }
    rows.derivative.set(derivative)
    for (let r = 0; r < rows.n; r++) w.stepWeight[r] = r < w.nReal && w.weight[r] > 0 ? 1 : 0
    w.residual.fill(0)
    assembleGain(w.factor, w.places, rows, w.stepWeight, w.residual, w.fixed, w.step)
    factorCholesky(w.factor)
    return {
        unobservable,
        held,
        row: (r) => ({ support: rows.support[r], derivative: derivative.slice(rows.rowPtr[r], rows.rowPtr[r + 1]) }),
    }
}

/** One null vector of H for each held variable: that variable one, the other held ones zero, the rest as the rows demand. */
function nullBasis(w: Work, { held, row }: Analysis): Float64Array[] {
    const counted = [...Array(w.nReal).keys()].filter((r) => w.weight[r] > 0).map(row)
    return held.map((v) => {
        const x = new Float64Array(w.fixed.length)
        const right = new Float64Array(w.fixed.length)
        x[v] = 1
        for (const each of counted) {
            const along = dotRow(w, each, x)
            if (along !== 0) addRow(w, each, -along, right)
        }
        for (let u = 0; u < right.length; u++) if (w.fixed[u] !== 0) right[u] = 0
        solveCholesky(w.factor, right)
        right[v] = 1
        return right
    })
}

/** Rank of the rows on the space of a basis. */
function rankOf(rows: readonly GainRow[], basis: readonly Float64Array[], w: Work): number {
    return reduce(
        rows.map((row) => Float64Array.from(basis, (x) => dotRow(w, row, x))),
        () => {},
    )
}

/** Gaussian elimination over the columns; tells pivot and row of each step, gives the rank. */
function reduce(rows: readonly Float64Array[], see: (pivot: number, row: Float64Array) => void): number {
    let rank = 0
    for (let r = 0; r < rows.length; r++) {
        let pivot = -1
        rows[r].forEach((entry, j) => {
            if (Math.abs(entry) > nothing && (pivot < 0 || Math.abs(entry) > Math.abs(rows[r][pivot]))) pivot = j
        })
        if (pivot < 0) continue
        rank++
        for (let below = r + 1; below < rows.length; below++) {
            const f = rows[below][pivot] / rows[r][pivot]
            if (f !== 0) for (let j = 0; j < rows[r].length; j++) rows[below][j] = j === pivot ? 0 : rows[below][j] - f * rows[r][j]
        }
        see(pivot, rows[r])
    }
    return rank
}

/** Meters until the basis is seen as a whole, the largest gain first; ties go to the earlier candidate. */
function chooseForRank(usable: readonly number[], rows: (c: number) => GainRow[], basis: readonly Float64Array[], w: Work): number[] {
    let left: Float64Array[] = basis.map((x) => x.slice())
    const chosen: number[] = []
    while (left.length > 0) {
        let best = -1
        let most = 0
        for (const c of usable) {
            if (most === 2 || chosen.includes(c)) continue
            const gain = rankOf(rows(c), left, w)
            if (gain > most) {
                most = gain
                best = c
            }
        }
        if (best < 0) break
        chosen.push(best)
        left = unseen(rows(best), left, w)
    }
    // a meter the later ones make needless
    const reach = (set: readonly number[]) => rankOf(set.flatMap(rows), basis, w)
    const whole = reach(chosen)
    for (const c of [...chosen]) {
        const without = chosen.filter((other) => other !== c)
        if (reach(without) === whole) chosen.splice(0, chosen.length, ...without)
    }
    return chosen
}

/** The combinations of a basis that rows do not see. */
function unseen(rows: readonly GainRow[], basis: readonly Float64Array[], w: Work): Float64Array[] {
    let left: Float64Array[] = basis.map((x) => x.slice())
    for (const row of rows) {
        const along = left.map((x) => dotRow(w, row, x))
        let pivot = -1
        along.forEach((entry, j) => {
            if (Math.abs(entry) > nothing && (pivot < 0 || Math.abs(entry) > Math.abs(along[pivot]))) pivot = j
        })
        if (pivot < 0) continue
        const out = left[pivot]
        left = left.filter((_, j) => j !== pivot)
        const others = along.filter((_, j) => j !== pivot)
        left.forEach((x, j) => {
            const f = others[j] / along[pivot]
            if (f !== 0) for (let v = 0; v < x.length; v++) x[v] -= f * out[v]
        })
    }
    return left
}

/** Rows that count and have nothing left of their variance in their residual. */
function criticalOf(w: Work, { row }: Analysis): number[] {
    computeInverseSubset(w.factor, w.inverse)
    const { diagonal } = w.inverse
    for (let i = 0; i < w.vm.length; i++) {
        if (w.fixed[2 * i] !== 0) diagonal[3 * i] = 0
        if (w.fixed[2 * i + 1] !== 0) diagonal[3 * i + 2] = 0
    }
    return [...Array(w.nReal).keys()].filter(
        (r) =>
            w.weight[r] > 0 &&
            row(r).derivative.some((d) => d !== 0) &&
            1 - computeVariance(w.inverse, w.places, w.rows, r) < criticalShare,
    )
}

/** For each further meter the critical measurements it would check. */
function coverOf(
    w: Work,
    { row }: Analysis,
    wanted: readonly number[],
    usable: readonly number[],
    chosen: readonly number[],
    rowsOf: readonly (readonly number[])[],
): Map<number, Set<number>> {
    const covers = new Map<number, Set<number>>()
    const candidates = usable.filter((c) => !chosen.includes(c)).map((c) => ({ c, rows: rowsOf[c].map((r) => ({ row: row(r), r })) }))
    for (const measurement of wanted) {
        const x = new Float64Array(w.step.length)
        addRow(w, row(measurement), 1, x)
        for (let v = 0; v < x.length; v++) if (w.fixed[v] !== 0) x[v] = 0
        solveCholesky(w.factor, x)
        for (const { c, rows } of candidates) {
            // what the meter leaves in the residual: (m·x)²/(1 + m·G⁻¹·mᵀ)
            const sees = rows.some(
                ({ row: m, r }) => dotRow(w, m, x) ** 2 > checkedShare * (1 + computeVariance(w.inverse, w.places, w.rows, r)),
            )
            if (sees) covers.set(c, (covers.get(c) ?? new Set()).add(measurement))
        }
    }
    return covers
}

function chooseCover(wanted: readonly number[], covers: ReadonlyMap<number, ReadonlySet<number>>): number[] {
    const open = new Set(wanted)
    const chosen: number[] = []
    while (open.size > 0) {
        let best = -1
        let most = 0
        for (const [c, set] of covers) {
            let gain = 0
            for (const r of set) if (open.has(r)) gain++
            if (gain > most || (gain === most && gain > 0 && c < best)) {
                most = gain
                best = c
            }
        }
        if (best < 0) break
        chosen.push(best)
        for (const r of covers.get(best)!) open.delete(r)
    }
    for (const c of [...chosen]) {
        const others = chosen.filter((other) => other !== c)
        if ([...covers.get(c)!].every((r) => others.some((other) => covers.get(other)!.has(r)))) chosen.splice(0, chosen.length, ...others)
    }
    return chosen
}

/** A lower bound: measurements no two of which one meter can check. */
function leastCover(wanted: readonly number[], covers: ReadonlyMap<number, ReadonlySet<number>>): number {
    const taken: number[] = []
    for (const r of wanted) {
        const seen = [...covers.values()].filter((set) => set.has(r))
        if (seen.length > 0 && !taken.some((other) => seen.some((set) => set.has(other)))) taken.push(r)
    }
    return taken.length
}
