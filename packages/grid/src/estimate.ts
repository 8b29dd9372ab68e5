/** One state estimate of a network from a list of measurements. */

import type { Estimate, EstimatorOptions } from './estimate-contract.ts'
import type { StateMeasurement } from './estimate-measurement.ts'
import { createEstimator } from './estimate-solver.ts'
import type { Network } from './network.ts'

/**
 * Estimates the state by weighted least squares from a flat start, with observability check, χ² test and removal of bad
 * data. Check the list with `checkMeasurements` first where it comes from outside.
 */
export function estimate(network: Network, measurements: readonly StateMeasurement[], options: EstimatorOptions = {}): Estimate {
    const estimator = createEstimator(network, measurements, options)
    return estimator.estimate({ value: measurements.map((measurement) => measurement.value) })
}
