/**
 * What measurements leave undetermined: H at the flat state (the case's where current magnitudes alone complete it), rows
 * scaled to one; a basis N of its null space, one vector for each variable that must be held; and meters, chosen greedily,
 * that see all of it: one with rows M raises the rank by rank(M·N).
 */
import { factorCholesky, solveCholesky } from '@gridverse/math'
import type { Scan } from './estimate-contract.ts'
import { evaluateEnds, evaluateRows } from './estimate-equations.ts'
import { assembleGain } from './estimate-gain.ts'
import type { MeasurementPlace } from './estimate-measurement.ts'
import { holdFrom } from './estimate-observability.ts'
import { setStart, takeTopology, takeValues } from './estimate-scan.ts'
import { addRow, dotRow, type GainRow } from './estimate-update.ts'
import type { Work } from './estimate-work.ts'

/** a combination of scaled rows below this is nothing */
const nothing = 1e-6
export interface Analysis {
    readonly unobservable: readonly number[]
    /** variables held because nothing determines them */
    readonly held: readonly number[]
    /** scaled row r of H at the trial state, references out */
    row(r: number): GainRow
}

/** Holds what the rows that count leave undetermined; afterwards the factor is that of the rest. */
export function analyse(w: Work, scan: Omit<Scan, 'value'>, layout: readonly MeasurementPlace[], counts: (r: number) => boolean): Analysis {
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
export function nullBasis(w: Work, { held, row }: Analysis): Float64Array[] {
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

/** Ids of the buses that some vector of a basis touches. */
export function busesOf(w: Work, basis: readonly Float64Array[]): number[] {
    return w.network.bus
        .filter((_, b) => basis.some((x) => Math.abs(x[2 * w.position[b]]) > nothing || Math.abs(x[2 * w.position[b] + 1]) > nothing))
        .map(({ id }) => id)
}

/** Rank of the rows on the space of a basis. */
export function rankOf(rows: readonly GainRow[], basis: readonly Float64Array[], w: Work): number {
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
export function chooseForRank(
    usable: readonly number[],
    rows: (c: number) => GainRow[],
    basis: readonly Float64Array[],
    w: Work,
): number[] {
    let left: Float64Array[] = basis.map((x) => x.slice())
    const chosen: number[] = []
    // a gain never grows as meters come, so what it last was bounds what it is
    const bound = new Map(usable.map((c) => [c, 2]))
    while (left.length > 0) {
        let best = -1
        let most = 0
        for (const c of usable) {
            if (bound.get(c)! <= most) continue
            const gain = rankOf(rows(c), left, w)
            bound.set(c, gain)
            if (gain > most) {
                most = gain
                best = c
            }
        }
        if (best < 0) break
        chosen.push(best)
        bound.set(best, 0)
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
export function unseen(rows: readonly GainRow[], basis: readonly Float64Array[], w: Work): Float64Array[] {
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
