/** A day in four steps: a load that rises, a line that is out at noon. */
import { loadShippedRegion, solveTimeSeries } from '@gridverse/grid'

const { network } = loadShippedRegion()
const [load] = network.load
const [line] = network.branch
const profiles = {
    [`load/${load.id}/pMw`]: [60, 90, 120, 80],
    [`branch/${line.id}/inService`]: [1, 1, 0, 1],
}
for (const { step, status, iterations, result } of solveTimeSeries(network, profiles))
    console.log(step, status, `${iterations} iterations, losses ${result.lossesMw.toFixed(2)} MW`)
