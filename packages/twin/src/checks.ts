import type { GateState } from './gate.ts'
import type { Check, Person, Prediction } from './messages.ts'
import type { TwinModel } from './model.ts'
import type { Snapshot } from './snapshot.ts'

/** A command somebody, or some program, wants. */
export interface CommandRequest {
    readonly point: string
    readonly value: number
    readonly by: Person
    /** a supervisor takes it upon himself to act on stale values */
    readonly confirmStale?: boolean
}

/** What the checks look at. */
export interface CheckContext {
    readonly snapshot: Snapshot
    readonly gate: GateState
    /** the point's device, where known */
    readonly device: string | undefined
    readonly deviceAlive: boolean
    /** false to leave out the power-flow prediction (it is the slowest check) */
    readonly predict?: boolean
}

/** What the gate's checks found; a command goes through only when all pass. */
export interface Checked {
    readonly checks: readonly Check[]
    readonly before: number | null
    readonly prediction?: Prediction
}

/** Every rule of the gate, in priority order, on one request. */
export function checkCommand(_model: TwinModel, _request: CommandRequest, _context: CheckContext, _nowMs: number): Checked {
    throw new Error('being written')
}
