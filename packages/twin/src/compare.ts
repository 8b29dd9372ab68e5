import type { CompareJson } from './messages.ts'
import type { TwinModel } from './model.ts'
import type { Snapshot } from './snapshot.ts'

/** Points that differ between two snapshots of a model, largest relative difference first. */
export function compareSnapshots(_model: TwinModel, _a: Snapshot, _b: Snapshot, _maxRows = 500): CompareJson {
    throw new Error('being written')
}
