import type { MeasurementBatch } from './measurement.ts'
import type { TwinModel } from './model.ts'
import type { Snapshot } from './snapshot.ts'
import { createTwin, type TwinOptions } from './twin.ts'

/** The measured snapshot at an instant from what the history holds of it (`History.at(tMs)`). */
export function replaySnapshot(model: TwinModel, history: MeasurementBatch, tMs: number, options: TwinOptions = {}): Snapshot {
    const twin = createTwin(model, { world: `replay@${tMs}`, ...options })
    twin.apply(history, tMs)
    return twin.freeze(tMs)
}
