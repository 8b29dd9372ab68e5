/**
 * Splits a bus's estimated net injection over its units. Each unit has a first guess m with standard deviation σ, its
 * meter's where measured, else a wide one; what does not add up is borne in proportion to the variances:
 *
 *   ε = P − Σ s·m,   p = m + s·ε·σ²/Σσ²,   s = 1 for generators and storages, −1 for loads
 *
 * which is the least-squares answer under the constraint that the units add up to P. A unit out of service or at a dead bus gives 0.
 */
import type { ColumnKind, TwinModel } from './model.ts'
import { isLive, type Topology } from './topology.ts'

export type UnitKind = Extract<ColumnKind, 'generator' | 'storage' | 'load'>

/** Every unit of the model in one list: generators, storages, loads. */
export interface UnitList {
    readonly kind: readonly UnitKind[]
    /** row in its own table */
    readonly row: Int32Array
    readonly busRow: Int32Array
    /** 1 into the bus, −1 out of it */
    readonly sign: Int8Array
    readonly pIndex: Int32Array
    readonly qIndex: Int32Array
    /** power of its record, MW and Mvar */
    readonly recordMw: Float64Array
    readonly recordMvar: Float64Array
    /** units of bus b: `atBus[start[b] … start[b + 1])` */
    readonly start: Int32Array
    readonly atBus: Int32Array
}

export function listUnits(model: TwinModel): UnitList {
    const { network } = model.region
    const kinds = ['generator', 'storage', 'load'] as const
    const all = kinds.flatMap((kind) => network[kind].map((record, row) => ({ kind, row, record, bus: model.busRow.get(record.bus)! })))
    const start = new Int32Array(network.bus.length + 1)
    for (const { bus } of all) start[bus + 1]!++
    for (let b = 0; b < network.bus.length; b++) start[b + 1]! += start[b]!
    const next = start.slice()
    const atBus = new Int32Array(all.length)
    all.forEach(({ bus }, u) => {
        atBus[next[bus]!++] = u
    })
    return {
        kind: all.map((u) => u.kind),
        row: Int32Array.from(all, (u) => u.row),
        busRow: Int32Array.from(all, (u) => u.bus),
        sign: Int8Array.from(all, (u) => (u.kind === 'load' ? -1 : 1)),
        pIndex: Int32Array.from(all, (u) => model.column(u.kind, 'pMw')[u.row]!),
        qIndex: Int32Array.from(all, (u) => model.column(u.kind, 'qMvar')[u.row]!),
        recordMw: Float64Array.from(all, (u) => u.record.pMw),
        recordMvar: Float64Array.from(all, (u) => u.record.qMvar),
        start,
        atBus,
    }
}

/** on ← 1 for units in service at a live bus, as the switches stand. */
export function unitsInService(units: UnitList, topology: Topology, on: Uint8Array): void {
    for (let u = 0; u < on.length; u++)
        on[u] = topology.network[units.kind[u]!][units.row[u]!]!.inService && isLive(topology, units.busRow[u]!) ? 1 : 0
}

/**
 * estimate ← powers of the units so that each bus's add up to `injection`; `guess` and `sigma` by unit. Buses whose
 * injection is unknown keep the guesses. Where no unit is in service nothing can be split.
 */
export function shareInjections(
    units: UnitList,
    on: Uint8Array,
    injection: Float64Array,
    guess: Float64Array,
    sigma: Float64Array,
    estimate: Float64Array,
): void {
    const { start, atBus, sign } = units
    for (let b = 0; b < injection.length; b++) {
        let rest = injection[b]!
        let variance = 0
        for (let n = start[b]!; n < start[b + 1]!; n++) {
            const u = atBus[n]!
            estimate[u] = on[u] === 1 ? guess[u]! : 0
            if (on[u] === 0) continue
            rest -= sign[u]! * guess[u]!
            variance += sigma[u]! * sigma[u]!
        }
        if (!(variance > 0) || Number.isNaN(rest)) continue
        for (let n = start[b]!; n < start[b + 1]!; n++) {
            const u = atBus[n]!
            if (on[u] === 1) estimate[u]! += (sign[u]! * rest * sigma[u]! * sigma[u]!) / variance
        }
    }
}
