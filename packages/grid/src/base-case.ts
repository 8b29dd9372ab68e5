/** The solution many others start from. */
import type { Network } from './network.ts'
import { createOpenPowerFlow, type OpenPowerFlow, type Outcome, type SolveOptions, type SolverOptions } from './power-flow.ts'

export interface BaseCase {
    readonly outcome: Outcome
    /** holds the solution while `outcome` is converged, flows included */
    readonly solver: OpenPowerFlow
    /** the network with that solution as its start voltages; as it was unless converged */
    readonly started: Network
}

/** Solves a network from its own voltages, or flat where these lead nowhere. */
export function solveBase(network: Network, options: Omit<SolveOptions, 'start'> & SolverOptions): BaseCase {
    const solver = createOpenPowerFlow(network, options)
    let outcome = solver.solve({ ...options, start: 'case' })
    if (outcome.status !== 'converged') {
        const again = solver.solve({ ...options, start: 'flat' })
        if (again.status === 'converged') outcome = again
    }
    if (outcome.status !== 'converged') return { outcome, solver, started: network }
    const { vmPu, vaDeg, energised } = solver.computeResult()
    const bus = network.bus.map((row, i) => (energised[i] === 1 ? { ...row, vmPu: vmPu[i], vaDeg: vaDeg[i] } : row))
    return { outcome, solver, started: { ...network, bus } }
}
