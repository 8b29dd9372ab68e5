/** What the estimator reads from a network besides its equations: further measurements, schedules, roles of buses. */
import type { IslandInput } from './estimate-islands.ts'
import type { MeasurementKind, MeasurementPlace } from './estimate-measurement.ts'
import type { Network } from './network.ts'
import { solvePowerFlow } from './solve-power-flow.ts'

const degree = Math.PI / 180

/** p.u. or rad per unit of a kind's value. */
export function scaleOf(of: MeasurementKind, baseMva: number): number {
    if (of === 'va') return degree
    return of === 'vm' || of === 'iFrom' || of === 'iTo' ? 1 : 1 / baseMva
}

/** Throws where a measurement names what the network does not have, and for elements the estimator has no equations for. */
export function checkPlaces(network: Network, index: Map<number, number>, layout: readonly MeasurementPlace[]): void {
    if (network.coupler?.length || network.transformer3?.length)
        throw new Error(
            'couplers and three-winding transformers are taken by createEstimator only; lowerNetwork turns them into buses and branches.',
        )
    checkNames(network, index, layout)
}

/** Throws where a measurement names what the network does not have. */
export function checkNames(network: Network, index: ReadonlyMap<number, number>, layout: readonly MeasurementPlace[]): void {
    layout.forEach((place, r) => {
        const known = place.bus === undefined ? network.branch[place.branch ?? -1] !== undefined : index.has(place.bus)
        if (!known)
            throw new Error(
                `Measurement ${r} (${place.kind}) names ${place.bus === undefined ? `branch ${place.branch}` : `bus ${place.bus}`}, which the network does not have.`,
            )
    })
}

/** P and Q of the buses where nothing generates, stores or draws; the weight of these rows is the estimator's; `only`: of these buses. */
export function zeroInjectionPlaces(network: Network, only?: readonly number[]): MeasurementPlace[] {
    const busy = new Set([...network.load, ...network.generator, ...network.storage].map((row) => row.bus))
    for (const { fromBus, toBus } of network.dcLink ?? []) busy.add(fromBus).add(toBus)
    return network.bus
        .filter((bus) => (!only || only.includes(bus.id)) && !busy.has(bus.id) && bus.type !== 'isolated' && bus.type !== 'slack')
        .flatMap(({ id }) => [{ kind: 'p', bus: id, sigma: 1 } as const, { kind: 'q', bus: id, sigma: 1 } as const])
}

/** P, Q and V of every bus, in three runs of case order. */
export function pseudoPlaces(network: Network): MeasurementPlace[] {
    return (['p', 'q', 'vm'] as const).flatMap((of) => network.bus.map(({ id }) => ({ kind: of, bus: id, sigma: 1 })))
}

/** Generation and discharge less load in service, MW and Mvar per bus, as the case schedules them. */
export function scheduledInjections(network: Network): { p: Float64Array; q: Float64Array } {
    const index = new Map(network.bus.map((bus, i) => [bus.id, i]))
    const p = new Float64Array(network.bus.length)
    const q = new Float64Array(network.bus.length)
    const add = (rows: readonly { bus: number; pMw: number; qMvar: number; inService: boolean }[], sign: number) => {
        for (const row of rows) {
            const i = index.get(row.bus)
            if (i === undefined || !row.inService) continue
            p[i] += sign * row.pMw
            q[i] += sign * row.qMvar
        }
    }
    add(network.generator, 1)
    add(network.storage, 1)
    add(network.load, -1)
    return { p, q }
}

export function readIslandInput(network: Network, position: Int32Array): IslandInput {
    const n = network.bus.length
    const input = {
        position,
        isolated: new Uint8Array(n),
        slack: new Uint8Array(n),
        source: new Uint8Array(n),
        phasor: new Float64Array(n).fill(NaN),
        caseAngle: new Float64Array(n),
    }
    const index = new Map(network.bus.map((bus, i) => [bus.id, i]))
    network.bus.forEach((bus, i) => {
        input.isolated[position[i]] = bus.type === 'isolated' ? 1 : 0
        input.slack[position[i]] = bus.type === 'slack' ? 1 : 0
        input.caseAngle[position[i]] = bus.vaDeg * degree
    })
    for (const unit of [...network.generator, ...network.storage]) {
        const i = index.get(unit.bus)
        if (unit.inService && i !== undefined) input.source[position[i]] = 1
    }
    return input
}

/**
 * Voltages to start from where the flat state says too little, p.u. and rad in case order: the case's own, or, where these
 * are flat too and directions of currents are wanted, those of its power flow.
 */
export function startVoltages(network: Network, directions: boolean): { vm: Float64Array; va: Float64Array } {
    const rows = network.bus
    const flat = rows.every((row) => row.vaDeg === rows[0].vaDeg)
    const flow = directions && flat ? solvePowerFlow(network, { start: 'flat' }) : undefined
    const from: readonly { vmPu: number; vaDeg: number }[] = flow?.status === 'converged' ? flow.bus : rows
    return {
        vm: Float64Array.from(from, (row) => (row.vmPu > 0 ? row.vmPu : 1)),
        va: Float64Array.from(from, (row) => row.vaDeg * degree),
    }
}
