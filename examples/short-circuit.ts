/** Short-circuit currents at a bus after IEC 60909. */
import { loadShippedRegion, solveShortCircuit } from '@gridverse/grid'

const { network } = loadShippedRegion()
const { ikKa, ipKa, branch } = solveShortCircuit(network, { bus: network.bus[0]!.id })
console.log(`initial ${ikKa.toFixed(3)} kA, peak ${ipKa.toFixed(3)} kA, by ${branch.length} branches`)
