/**
 * Where a meter is missing: the fewest found, greedily, that make every live bus observable (estimate-null-space.ts) and
 * then every measurement checkable (estimate-cover.ts). Meters that later ones make needless are dropped, and the answer is
 * proved by a new analysis of the layout with the meters (Abur and Expósito, Power System State Estimation, sections 4.6 and
 * 5.4; Baran, Zhu and Garren 1995).
 */
import type { EstimatorOptions, Scan } from './estimate-contract.ts'
import { chooseCover, coverOf, criticalOf, leastCover } from './estimate-cover.ts'
import type { MeasurementPlace } from './estimate-measurement.ts'
import { candidatesOf, type Meter, type MeterKind, meterKinds, placesOf } from './estimate-meters.ts'
import { analyse, busesOf, chooseForRank, nullBasis, rankOf, unseen } from './estimate-null-space.ts'
import { createWork } from './estimate-work.ts'
import type { Network } from './network.ts'

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

    // observability; what rounding hid from the null space shows in the next round
    const usable = (placed: readonly number[]) =>
        [...meters.keys()].filter((c) => !placed.includes(c) && rowsOf[c].every((r) => w.active[r] !== 0))
    const first = analyse(w, scan, layout, count([]))
    const observability: AdvisedMeter[] = []
    const placed: number[] = []
    let missingRank = 0
    let leastObservability = 0
    let last = first
    while (last.held.length > 0) {
        const now = last
        const basis = nullBasis(w, now)
        const open = usable(placed)
        const rows = (c: number) => rowsOf[c].map((r) => now.row(r))
        const chosen = chooseForRank(open, rows, basis, w)
        if (placed.length === 0) {
            missingRank = basis.length
            leastObservability = Math.ceil(basis.length / Math.max(1, ...open.map((c) => rankOf(rows(c), basis, w))))
        }
        if (chosen.length === 0) break
        let left: readonly Float64Array[] = basis
        let before = busesOf(w, left)
        for (const c of chosen) {
            left = unseen(rows(c), left, w)
            const dark = busesOf(w, left)
            observability.push(
                label(
                    c,
                    before.filter((id) => !dark.includes(id)),
                    [],
                ),
            )
            before = dark
        }
        placed.push(...chosen)
        last = analyse(w, scan, layout, count(placed))
    }

    // redundancy, with those meters in place; a badly conditioned layout shows more once it is better
    const redundancy: AdvisedMeter[] = []
    let critical: number[] | undefined
    let leastRedundancy = 0
    const unchecked = () => criticalOf(w, last).filter((r) => r < layout.length)
    let left = unchecked()
    while (options.redundancy !== false && last.unobservable.length === 0 && left.length > 0) {
        const covers = coverOf(w, last, left, usable(placed), rowsOf)
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
    return {
        unobservable: first.unobservable,
        critical: critical ?? left,
        missingRank,
        observability,
        redundancy,
        leastObservability,
        leastRedundancy,
        left: { unobservable: last.unobservable, critical: left },
    }
}
