/** Lays measurements out as rows with their supports, and finds the order in which the estimator eliminates buses. */
import { type Elimination, orderSymmetric } from '@gridverse/math'
import { type Circuit, kind, type Rows } from './estimate-equations.ts'
import { isBranchKind, type MeasurementKind, type MeasurementPlace } from './estimate-measurement.ts'
import type { Network } from './network.ts'

const codes: Readonly<Record<MeasurementKind, number>> = {
    vm: kind.vm,
    va: kind.va,
    p: kind.p,
    q: kind.q,
    pFrom: kind.pFlow,
    pTo: kind.pFlow,
    qFrom: kind.qFlow,
    qTo: kind.qFlow,
    iFrom: kind.iFlow,
    iTo: kind.iFlow,
}

/**
 * Elimination order of the buses for the gain matrix HᵀWH: two buses meet where some measurement touches both. Depends
 * on where measurements stand, not on their values, nor on which branches are in service.
 */
export function orderForGain(network: Network, index: Map<number, number>, places: readonly MeasurementPlace[]): Elimination {
    const n = network.bus.length
    const around: number[][] = Array.from({ length: n }, (_, i) => [i])
    for (const b of network.branch) {
        const i = index.get(b.fromBus)!
        const j = index.get(b.toBus)!
        around[i].push(j)
        around[j].push(i)
    }
    const meets = Array.from({ length: n }, () => new Set<number>())
    const join = (buses: readonly number[]) => {
        for (const i of buses) for (const j of buses) meets[i].add(j)
    }
    const injected = new Set<number>()
    for (const place of places) {
        if (isBranchKind(place.kind)) {
            const branch = network.branch[place.branch!]
            join([index.get(branch.fromBus)!, index.get(branch.toBus)!])
        } else if (place.kind === 'p' || place.kind === 'q') injected.add(index.get(place.bus!)!)
    }
    for (const i of injected) join(around[i])
    const colPtr = new Int32Array(n + 1)
    for (let i = 0; i < n; i++) colPtr[i + 1] = colPtr[i] + meets[i].size
    const row = new Int32Array(colPtr[n])
    for (let i = 0, p = 0; i < n; i++) for (const j of meets[i]) row[p++] = j
    return orderSymmetric(n, colPtr, row)
}

/** A place of a row; `turn` marks the second row of a current magnitude. */
export interface RowPlace extends MeasurementPlace {
    readonly turn?: boolean
}

/** Rows of H for measurements at places, `position` giving each bus of the network its place in the circuit. */
export function buildRows(circuit: Circuit, index: Map<number, number>, position: Int32Array, places: readonly RowPlace[]): Rows {
    const { nBus, endBus, incidentPtr, incident } = circuit
    const n = places.length
    const supportOf = new Map<number, number>()
    const supportPtr = [0]
    const supportBus: number[] = []
    const incidentSlot = new Int32Array(incident.length)
    const rows = {
        n,
        kind: new Uint8Array(n),
        at: new Int32Array(n),
        support: new Int32Array(n),
        ownSlot: new Int32Array(n),
        rowPtr: new Int32Array(n + 1),
        h: new Float64Array(n),
    }
    // a support's key tells its sort: bus alone, injection, branch
    const support = (key: number, buses: () => number[]): number => {
        let found = supportOf.get(key)
        if (found === undefined) {
            found = supportPtr.length - 1
            supportOf.set(key, found)
            supportBus.push(...[...new Set(buses())].sort((a, b) => a - b))
            supportPtr.push(supportBus.length)
        }
        return found
    }
    const slot = (g: number, bus: number) => supportBus.indexOf(bus, supportPtr[g]) - supportPtr[g]
    places.forEach((place, r) => {
        rows.kind[r] = place.turn ? kind.iTurn : codes[place.kind]
        if (isBranchKind(place.kind)) {
            const k = place.branch!
            const e = 2 * k + (place.kind.endsWith('To') ? 1 : 0)
            rows.at[r] = e
            rows.support[r] = support(2 * nBus + k, () => [endBus[2 * k], endBus[2 * k + 1]])
            rows.ownSlot[r] = slot(rows.support[r], endBus[e])
        } else {
            const i = position[index.get(place.bus!)!]
            rows.at[r] = i
            const spread = place.kind === 'p' || place.kind === 'q'
            rows.support[r] = support(spread ? nBus + i : i, () =>
                spread ? [i, ...incident.subarray(incidentPtr[i], incidentPtr[i + 1]).map((e) => endBus[e ^ 1])] : [i],
            )
            rows.ownSlot[r] = slot(rows.support[r], i)
            if (spread)
                for (let t = incidentPtr[i]; t < incidentPtr[i + 1]; t++) incidentSlot[t] = slot(rows.support[r], endBus[incident[t] ^ 1])
        }
        rows.rowPtr[r + 1] = rows.rowPtr[r] + 2 * (supportPtr[rows.support[r] + 1] - supportPtr[rows.support[r]])
    })
    return {
        ...rows,
        supportPtr: Int32Array.from(supportPtr),
        supportBus: Int32Array.from(supportBus),
        incidentSlot,
        derivative: new Float64Array(rows.rowPtr[n]),
    }
}
