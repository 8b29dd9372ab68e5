/** The state of a region from meters; then a meter that is missing, one that lies, and a switch nobody told of. */
import { adviseMeters, checkTopology, createEstimator, loadShippedRegion, type StateMeasurement, solvePowerFlow } from '@gridverse/grid'
import { createRandom } from '@gridverse/math'

const { network } = loadShippedRegion()
const flow = solvePowerFlow(network)
const random = createRandom(1)
const read = (value: number, sigma: number) => value + sigma * random.normal()
const measurements: StateMeasurement[] = [
    ...flow.bus.map(({ id, vmPu }) => ({ kind: 'vm' as const, bus: id, value: read(vmPu, 0.004), sigma: 0.004 })),
    ...flow.branch
        .filter(({ inService }) => inService)
        .flatMap(({ index, pFromMw, qFromMvar, pToMw }) => [
            { kind: 'pFrom' as const, branch: index, value: read(pFromMw, 0.5), sigma: 0.5 },
            { kind: 'qFrom' as const, branch: index, value: read(qFromMvar, 0.5), sigma: 0.5 },
            { kind: 'pTo' as const, branch: index, value: read(pToMw, 0.5), sigma: 0.5 },
        ]),
]

const estimator = createEstimator(network, measurements, { zeroInjections: true })
const value = measurements.map((m) => m.value)
const { status, objective, degreesOfFreedom, badData } = estimator.estimate({ value })
console.log(status, `J ${objective.toFixed(1)} with ${degreesOfFreedom} degrees of freedom, ${badData.length} bad data`)

const lies = network.bus.length
value[lies]! += 60
console.log(
    'bad:',
    estimator
        .estimate({ value })
        .badData.map(({ measurement }) => measurement === lies)
        .join(),
)

// a load's bus without the meters around it is not observable
const dark = network.load[0]!.bus
const away = ({ branch, bus }: StateMeasurement) =>
    bus !== dark && (branch === undefined || (network.branch[branch]!.fromBus !== dark && network.branch[branch]!.toBus !== dark))
const { observability } = adviseMeters(network, measurements.filter(away), { zeroInjections: true })
console.log('missing:', observability.map(({ name }) => name).join())

// the same meters, and a case that thinks branch 4 is open
const told = { ...network, branch: network.branch.map((row, k) => (k === 4 ? { ...row, inService: false } : row)) }
const { suspects } = checkTopology(told, measurements, { zeroInjections: true })
console.log('wrongly open:', suspects.map(({ branch }) => branch).join())
