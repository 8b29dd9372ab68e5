import type { TwinModel } from './model.ts'
import type { Snapshot } from './snapshot.ts'

export interface TwinEstimatorOptions {
    /** for `fidelity.estimateMs` only; without one it stays 0 */
    readonly clockMs?: () => number
}

/** Completes measured snapshots: estimates, summary, fidelity. Keeps the last estimate for the next call. */
export type TwinEstimator = (snapshot: Snapshot) => Snapshot

export function createTwinEstimator(_model: TwinModel, _options?: TwinEstimatorOptions): TwinEstimator {
    throw new Error('being written')
}
