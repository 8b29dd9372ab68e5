/** Small networks of the literature for the estimator's tests. */
import { fillRow } from '@gridverse/units'
import type { StateMeasurement } from './estimate-measurement.ts'
import { branch, bus, generator, load, type Network, shunt } from './network.ts'

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
