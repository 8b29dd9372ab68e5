/** What a diagnosis of a power flow without solution consists of. */
import type { Network } from './network.ts'

/** What may be wrong, in the order in which it is looked for. */
export const findingCodes = [
    'bad-value',
    'zero-impedance',
    'no-source',
    'wrong-start',
    'negative-reactance',
    'absurd-impedance',
    'tiny-impedance',
    'r-above-x',
    'absurd-ratio',
    'set-points-fight',
    'absurd-load',
    'overloaded-corridor',
    'overloaded-island',
    'reactive-limits',
    'missing-reactive-power',
    'overload',
    'angle-beyond-90',
] as const
export type FindingCode = (typeof findingCodes)[number]

export interface Finding {
    readonly code: FindingCode
    /** `proven`: the case solves, or is shown to be beyond its limit, once just this is put right; `likely` and `possible` are not */
    readonly certainty: 'proven' | 'likely' | 'possible'
    /** what is wrong, with the value, the limit and what was tried */
    readonly message: string
    /** ids of the buses it is about, the worst first */
    readonly bus: readonly number[]
    /** rows of the branches it is about, from 0, the worst first */
    readonly branch: readonly number[]
}

/** A suspicion: what is wrong and the network with it put right. */
export interface Suspicion {
    readonly code: FindingCode
    readonly message: string
    readonly bus?: readonly number[]
    /** rows of the plain network's branches */
    readonly branch?: readonly number[]
    readonly certainty: 'likely' | 'possible'
    /** what was changed to try it, in words that follow "it solves with" */
    readonly remedy?: string
    repair?(network: Network): Network
}

/** A branch in words: its id and its buses. */
export const branchName = (network: Network, k: number) => {
    const { id, fromBus, toBus } = network.branch[k]
    return `branch ${id} (${fromBus}–${toBus})`
}

/** A number for people: four digits that count. */
export const figure = (value: number) => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value))

/** "1, 2, 3 and 4 more" */
export const listOf = (ids: readonly (number | string)[], shown = 5) =>
    ids.length > shown + 1 ? `${ids.slice(0, shown).join(', ')} and ${ids.length - shown} more` : ids.join(', ')
