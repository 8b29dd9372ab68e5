/**
 * Critical measurements and the meters that would check them. With x = G⁻¹·hᵀ of a critical measurement, which no other row
 * sees, a meter with rows M checks it where M·x ≠ 0; the fewest such meters are a set cover, taken greedily.
 */
import { computeInverseSubset, solveCholesky } from '@gridverse/math'
import { computeVariance } from './estimate-gain.ts'
import type { Analysis } from './estimate-null-space.ts'
import { criticalShare } from './estimate-residuals.ts'
import { addRow, dotRow } from './estimate-update.ts'
import type { Work } from './estimate-work.ts'

/** share of a critical measurement's variance that a meter must leave in its residual */
const checkedShare = 1e-3

/** Rows that count and have nothing left of their variance in their residual. */
export function criticalOf(w: Work, { row }: Analysis): number[] {
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
export function coverOf(
    w: Work,
    { row }: Analysis,
    wanted: readonly number[],
    usable: readonly number[],
    rowsOf: readonly (readonly number[])[],
): Map<number, Set<number>> {
    const covers = new Map<number, Set<number>>()
    // what a meter leaves in a residual: (m·x)²/(1 + m·G⁻¹·mᵀ)
    const least = (r: number) => checkedShare * (1 + computeVariance(w.inverse, w.places, w.rows, r))
    const candidates = usable.map((c) => ({ c, rows: rowsOf[c].map((r) => ({ m: row(r), most: least(r) })) }))
    for (const measurement of wanted) {
        const x = new Float64Array(w.step.length)
        addRow(w, row(measurement), 1, x)
        for (let v = 0; v < x.length; v++) if (w.fixed[v] !== 0) x[v] = 0
        solveCholesky(w.factor, x)
        for (const { c, rows } of candidates) {
            const sees = rows.some(({ m, most }) => dotRow(w, m, x) ** 2 > most)
            if (sees) covers.set(c, (covers.get(c) ?? new Set()).add(measurement))
        }
    }
    return covers
}

export function chooseCover(wanted: readonly number[], covers: ReadonlyMap<number, ReadonlySet<number>>): number[] {
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
export function leastCover(wanted: readonly number[], covers: ReadonlyMap<number, ReadonlySet<number>>): number {
    const taken: number[] = []
    for (const r of wanted) {
        const seen = [...covers.values()].filter((set) => set.has(r))
        if (seen.length > 0 && !taken.some((other) => seen.some((set) => set.has(other)))) taken.push(r)
    }
    return taken.length
}
