/** One power flow in one line; then a solver for solving again and again. */
import { createPowerFlow, loadShippedRegion, mismatch, solvePowerFlow, toColumns } from '@gridverse/grid'

const { network } = loadShippedRegion()
const flow = solvePowerFlow(network, { start: 'flat' })
if (flow.status === 'converged') console.log(`${flow.iterations} iterations, losses ${flow.lossesMw.toFixed(2)} MW`)

// rows, or the same as typed arrays
console.log('lowest voltage', Math.min(...flow.bus.map((row) => row.vmPu)).toFixed(4))
console.log('highest loading', Math.max(...toColumns(flow).branch.loadingPercent).toFixed(1), '%')
// an account of every bus that shares no code with the solver
console.log('balanced', mismatch(network, flow).worstMva < 1e-5)

// arrays sized once: change inputs, solve from the solution before
const solver = createPowerFlow(network)
solver.solve()
solver.input.loadMw[0] += 10
console.log(solver.solve({ start: 'last' }).status, solver.computeResult().lossesMw.toFixed(2), 'MW')
