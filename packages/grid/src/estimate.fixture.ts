/** Small networks of the literature for the estimator's tests. */
import type { Random } from '@gridverse/math'
import { fillRow } from '@gridverse/units'
import type { MeasurementPlace, StateMeasurement } from './estimate-measurement.ts'
import { branch, bus, generator, load, type Network, shunt } from './network.ts'
import { solvePowerFlow } from './solve-power-flow.ts'

type BranchInput = Parameters<typeof fillRow<typeof branch>>[1]
type BusInput = Parameters<typeof fillRow<typeof bus>>[1]

/** A network of buses and branches with a generator at every slack and PV bus; ids from the order given. */
export function networkOf(buses: (Partial<BusInput> & { id: number })[], branches: Partial<BranchInput>[], baseMva = 100): Network {
    const rows = buses.map((given) => fillRow(bus, { type: 'pq', baseKv: 110, ...given } as BusInput))
    return {
        name: 'test',
        baseMva,
        frequencyHz: 50,
        bus: rows,
        load: rows.filter((row) => row.type === 'pq').map((row) => fillRow(load, { id: `D${row.id}`, bus: row.id, pMw: 20, qMvar: 8 })),
        shunt: [],
        generator: rows
            .filter((row) => row.type === 'slack' || row.type === 'pv')
            .map((row) => fillRow(generator, { id: `G${row.id}`, bus: row.id, pMw: 40 })),
        storage: [],
        branch: branches.map((given, k) => fillRow(branch, { id: `L${k}`, kind: 'line', rPu: 0.01, xPu: 0.05, ...given } as BranchInput)),
        generatorCost: [],
    }
}

/** Abur and Expósito, Power System State Estimation, example 2.2. */
export const threeBuses = networkOf(
    [{ id: 1, type: 'slack' }, { id: 2 }, { id: 3 }],
    [
        { fromBus: 1, toBus: 2, rPu: 0.01, xPu: 0.03 },
        { fromBus: 1, toBus: 3, rPu: 0.02, xPu: 0.05 },
        { fromBus: 2, toBus: 3, rPu: 0.03, xPu: 0.08 },
    ],
)
export const threeBusMeasurements: readonly StateMeasurement[] = [
    { kind: 'pFrom', branch: 0, value: 88.8, sigma: 0.8 },
    { kind: 'pFrom', branch: 1, value: 117.3, sigma: 0.8 },
    { kind: 'p', bus: 2, value: -50.1, sigma: 1 },
    { kind: 'qFrom', branch: 0, value: 56.8, sigma: 0.8 },
    { kind: 'qFrom', branch: 1, value: 66.3, sigma: 0.8 },
    { kind: 'q', bus: 2, value: -28.6, sigma: 1 },
    { kind: 'vm', bus: 1, value: 1.006, sigma: 0.004 },
    { kind: 'vm', bus: 2, value: 0.968, sigma: 0.004 },
]

/** The two-bus example of pandapower's estimation tests, on 1 MVA. */
export const twoBuses = networkOf([{ id: 1, type: 'slack' }, { id: 2 }], [{ fromBus: 1, toBus: 2, rPu: 1, xPu: 0.5 }], 1)

/** Six buses in two meshes with a transformer, a phase shifter, parallel lines, a shunt and charging. */
export const sixBuses: Network = {
    ...networkOf(
        [{ id: 10, type: 'slack', vaDeg: 5 }, { id: 20, type: 'pv' }, { id: 30 }, { id: 40 }, { id: 50 }, { id: 60 }],
        [
            { fromBus: 10, toBus: 20, rPu: 0.02, xPu: 0.06, bPu: 0.05 },
            { fromBus: 10, toBus: 30, rPu: 0.03, xPu: 0.12, bPu: 0.04 },
            { fromBus: 20, toBus: 30, rPu: 0.02, xPu: 0.08, bPu: 0.03 },
            { fromBus: 30, toBus: 40, kind: 'transformer', rPu: 0.002, xPu: 0.1, ratio: 0.97 },
            { fromBus: 40, toBus: 50, rPu: 0.04, xPu: 0.09 },
            { fromBus: 50, toBus: 40, rPu: 0.05, xPu: 0.11 },
            { fromBus: 50, toBus: 60, kind: 'transformer', rPu: 0.001, xPu: 0.08, ratio: 1.02, shiftDeg: -4 },
            { fromBus: 60, toBus: 20, rPu: 0.03, xPu: 0.14, bPu: 0.02 },
        ],
    ),
    shunt: [fillRow(shunt, { id: 'S1', bus: 40, gMw: 0.5, bMvar: 12 })],
}

/**
 * Measurements of the power flow of `truth` at every bus and every second branch of the case, with seeded errors of their
 * standard deviation: 0.004 p.u., 1 MW, 1 Mvar. A branch that is out there measures its zeros.
 */
export function measureFlow(truth: Network, random: Random, everyBranch = 2): StateMeasurement[] {
    const flow = solvePowerFlow(truth, { start: 'flat' })
    if (flow.status !== 'converged') throw new Error(`${truth.name} has no power flow to measure: ${flow.status}.`)
    const row = new Map(truth.bus.map((bus, i) => [bus.id, i]))
    const p = new Float64Array(row.size)
    const q = new Float64Array(row.size)
    for (const { index, pFromMw, qFromMvar, pToMw, qToMvar } of flow.branch) {
        const { fromBus, toBus } = truth.branch[index]
        p[row.get(fromBus)!] += pFromMw
        q[row.get(fromBus)!] += qFromMvar
        p[row.get(toBus)!] += pToMw
        q[row.get(toBus)!] += qToMvar
    }
    for (const { bus: id, gMw, bMvar } of truth.shunt) {
        const i = row.get(id)!
        p[i] += gMw * flow.bus[i].vmPu ** 2
        q[i] -= bMvar * flow.bus[i].vmPu ** 2
    }
    const spoil = (place: MeasurementPlace, value: number) => ({ ...place, value: value + place.sigma * random.normal() })
    return [
        ...flow.bus.map(({ id, vmPu }) => spoil({ kind: 'vm', bus: id, sigma: 0.004 }, vmPu)),
        ...flow.bus.flatMap(({ id }, i) => [spoil({ kind: 'p', bus: id, sigma: 1 }, p[i]), spoil({ kind: 'q', bus: id, sigma: 1 }, q[i])]),
        ...flow.branch
            .filter(({ index }) => index % everyBranch === 0)
            .flatMap(({ index, pFromMw, qFromMvar }) => [
                spoil({ kind: 'pFrom', branch: index, sigma: 1 }, pFromMw),
                spoil({ kind: 'qFrom', branch: index, sigma: 1 }, qFromMvar),
            ]),
    ]
}

/** The network with one branch in the other state. */
export const toggled = (network: Network, branch: number): Network => ({
    ...network,
    branch: network.branch.map((row, k) => (k === branch ? { ...row, inService: !row.inService } : row)),
})
