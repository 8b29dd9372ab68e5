/**
 * Critical sets: measurements whose residuals are fully correlated, |Ωᵢⱼ| = √(Ωᵢᵢ·Ωⱼⱼ). Their rows of S = I − H·G⁻¹·HᵀR⁻¹ are
 * proportional, so their normalised residuals are equal for any errors whatever: two seeded draws of errors find the
 * candidates, and Ωᵢⱼ itself decides (Abur and Expósito, section 5.4; Clements and Davis 1986).
 */
import { createRandom, solveCholesky } from '@gridverse/math'
import { computeVariance } from './estimate-gain.ts'
import { criticalShare, updateInverse } from './estimate-residuals.ts'
import { addRow, dotRow, gainRow } from './estimate-update.ts'
import type { Work } from './estimate-work.ts'

/** normalised residuals of a draw farther apart than this are not those of a critical set */
const mostApart = 0.1
const draws = 4

export function findCriticalSets(w: Work): number[][] {
    updateInverse(w)
    const { layout, weight } = w
    const share = new Float64Array(layout.length)
    for (let r = 0; r < share.length; r++) if (weight[r] > 0) share[r] = 1 - weight[r] * computeVariance(w.inverse, w.places, w.rows, r)
    const open = [...layout.keys()].filter((r) => share[r] >= criticalShare)
    const random = createRandom(1)
    const probes = Array.from({ length: draws }, () => probe(w, share, random.normal))
    // what still may differ where one is critical without the other: √(1 − ρ²), five times over
    const apart = share.map((s) => Math.min(mostApart, 5 * Math.sqrt(criticalShare / s)))
    const alike = (i: number, j: number) => probes.every((p) => Math.abs(p[i] - p[j]) <= Math.max(apart[i], apart[j]))
    open.sort((i, j) => probes[0][i] - probes[0][j])
    const setOf = new Map<number, Set<number>>()
    for (let k = 0; k < open.length; k++)
        for (let next = k + 1; next < open.length && probes[0][open[next]] - probes[0][open[k]] <= mostApart; next++) {
            const i = open[k]
            const j = open[next]
            if (!alike(i, j) || !leavesCritical(w, share, i, j)) continue
            const set = setOf.get(i) ?? setOf.get(j) ?? new Set()
            for (const r of [i, j]) setOf.set(r, set.add(r))
        }
    return [...new Set(setOf.values())].map((set) => [...set].sort((a, b) => a - b)).sort((a, b) => a[0] - b[0])
}

/** |normalised residuals| for errors drawn from `draw`, to first order. */
function probe(w: Work, share: Float64Array, draw: () => number): Float64Array {
    const { layout, weight } = w
    const error = Float64Array.from(layout, draw)
    const x = new Float64Array(w.step.length)
    for (let r = 0; r < error.length; r++) if (weight[r] > 0) addRow(w, gainRow(w, r), Math.sqrt(weight[r]) * error[r], x)
    solveCholesky(w.factor, x)
    return error.map((e, r) => (share[r] > 0 ? Math.abs(e - Math.sqrt(weight[r]) * dotRow(w, gainRow(w, r), x)) / Math.sqrt(share[r]) : 0))
}

/** Whether one of two measurements is critical once the other is gone: its share is then (1 − ρ²) of what it was. */
function leavesCritical(w: Work, share: Float64Array, i: number, j: number): boolean {
    const x = new Float64Array(w.step.length)
    addRow(w, gainRow(w, i), 1, x)
    solveCholesky(w.factor, x)
    const correlation = (w.weight[i] * w.weight[j] * dotRow(w, gainRow(w, j), x) ** 2) / (share[i] * share[j])
    return Math.min(share[i], share[j]) * (1 - correlation) < criticalShare
}
