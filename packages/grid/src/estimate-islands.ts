/**
 * Islands of the circuit and the angle each is counted from. An island without a slack bus and without a source (an
 * in-service generator or storage) is dead: nothing in it is estimated. A live island counts angles from its slack bus;
 * one without a slack from its measured phasors, or, having none, from its first source.
 */
import type { Circuit } from './estimate-equations.ts'
import { labelIslands } from './islands.ts'

/** Of the circuit's buses, by place. */
export interface Islands {
    /** 1 where a bus has voltage */
    readonly live: Uint8Array
    /** 1 where the angle is held as the island's reference */
    readonly reference: Uint8Array
    /** rad, the angle a flat start gives to the bus */
    readonly flatAngle: Float64Array
    /** number of each bus's island, −1 for isolated buses */
    readonly label: Int32Array
    /** per island: its first source, slack and phasor bus, −1 for none */
    readonly sourceOf: Int32Array
    readonly slackOf: Int32Array
    readonly phasorOf: Int32Array
}

export interface IslandInput {
    /** places of the buses in case order, so that "first" means the case's first */
    readonly position: Int32Array
    readonly isolated: Uint8Array
    readonly slack: Uint8Array
    readonly source: Uint8Array
    /** a bus where a phasor angle is measured, and its value in rad, NaN elsewhere */
    readonly phasor: Float64Array
    /** rad, from the case */
    readonly caseAngle: Float64Array
}

export function createIslands(nBus: number): Islands {
    return {
        live: new Uint8Array(nBus),
        reference: new Uint8Array(nBus),
        flatAngle: new Float64Array(nBus),
        label: new Int32Array(nBus),
        sourceOf: new Int32Array(nBus),
        slackOf: new Int32Array(nBus),
        phasorOf: new Int32Array(nBus),
    }
}

/** islands ← those of the circuit as its branches are closed now. */
export function findIslands(circuit: Circuit, input: IslandInput, islands: Islands): void {
    const { nBus, fromBus, toBus, closed } = circuit
    const { position, isolated, slack, source, phasor, caseAngle } = input
    const { live, reference, flatAngle, label, sourceOf, slackOf, phasorOf } = islands
    const count = labelIslands(fromBus, toBus, closed, isolated, label)
    for (let island = 0; island < count; island++) sourceOf[island] = slackOf[island] = phasorOf[island] = -1
    for (const i of position) {
        const island = label[i]
        if (island < 0) continue
        if (slack[i] !== 0 && slackOf[island] < 0) slackOf[island] = i
        if (source[i] !== 0 && sourceOf[island] < 0) sourceOf[island] = i
        if (!Number.isNaN(phasor[i]) && phasorOf[island] < 0) phasorOf[island] = i
    }
    for (let i = 0; i < nBus; i++) {
        const island = label[i]
        const supplied = island >= 0 && (slackOf[island] >= 0 || sourceOf[island] >= 0)
        live[i] = supplied ? 1 : 0
        reference[i] = 0
        flatAngle[i] = 0
        if (!supplied) continue
        const byPhasor = slackOf[island] < 0 && phasorOf[island] >= 0
        const from = byPhasor ? phasorOf[island] : slackOf[island] >= 0 ? slackOf[island] : sourceOf[island]
        reference[i] = from === i && !byPhasor ? 1 : 0
        flatAngle[i] = byPhasor ? phasor[from] : caseAngle[from]
    }
}
