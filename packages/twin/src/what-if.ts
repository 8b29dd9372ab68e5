import type { Network } from '@gridverse/grid'
import type { Issue } from '@gridverse/units'
import type { WhatIfEdit } from './messages.ts'
import type { TwinModel } from './model.ts'
import type { Snapshot } from './snapshot.ts'

/** A branch off a world: the network as it stood then, and the edits since. Never reaches the plant. */
export interface WhatIf {
    /** world id: `what-if/ID` */
    readonly world: string
    readonly base: Snapshot
    readonly edits: readonly WhatIfEdit[]
    /** solvable: injections, setpoints, taps and service as of base and edits */
    readonly network: Network
    /** switch id → closed */
    readonly closed: ReadonlyMap<string, boolean>
}

/** Branches from any completed snapshot. */
export function branchWhatIf(_model: TwinModel, _snapshot: Snapshot, _world: string): WhatIf {
    throw new Error('being written')
}

/** The branch with further edits; with any issue nothing is applied. */
export function applyEdits(_model: TwinModel, _whatIf: WhatIf, _edits: readonly WhatIfEdit[]): { whatIf: WhatIf; issues: Issue[] } {
    throw new Error('being written')
}

/** Its state by power flow; fidelity `solved`, or `diverged`. */
export function solveWhatIf(_model: TwinModel, _whatIf: WhatIf): Snapshot & { readonly reasons: readonly string[] } {
    throw new Error('being written')
}
