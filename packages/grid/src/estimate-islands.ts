/**
 * Islands of the circuit and the angle each is counted from. An island without a slack bus and without a source (an
 * in-service generator or storage) is dead: nothing in it is estimated. A live island counts angles from its slack bus;
 * one without a slack from its measured phasors, or, having none, from its first source.
 */
import type { Circuit } from './estimate-equations.ts'

/** Of the circuit's buses, by place. */
export interface Islands {
    /** 1 where a bus has voltage */
    readonly live: Uint8Array
    /** 1 where the angle is held as the island's reference */
    readonly reference: Uint8Array
    /** rad, the angle a flat start gives to the bus */
    readonly flatAngle: Float64Array
    /** work: parent links of the union */
    readonly root: Int32Array
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
        root: new Int32Array(nBus),
        sourceOf: new Int32Array(nBus),
        slackOf: new Int32Array(nBus),
        phasorOf: new Int32Array(nBus),
    }
}

/** islands ← those of the circuit as its branches are closed now. */
export function findIslands(circuit: Circuit, input: IslandInput, islands: Islands): void {
    const { nBus, nBranch, endBus, closed } = circuit
    const { position, isolated, slack, source, phasor, caseAngle } = input
    const { live, reference, flatAngle, root, sourceOf, slackOf, phasorOf } = islands
    for (let i = 0; i < nBus; i++) {
        root[i] = i
        sourceOf[i] = slackOf[i] = phasorOf[i] = -1
    }
    for (let k = 0; k < nBranch; k++) {
        if (closed[k] === 0) continue
        const a = find(root, endBus[2 * k])
        const b = find(root, endBus[2 * k + 1])
        if (a !== b) root[a] = b
    }
    for (const i of position) {
        if (isolated[i] !== 0) continue
        const island = find(root, i)
        if (slack[i] !== 0 && slackOf[island] < 0) slackOf[island] = i
        if (source[i] !== 0 && sourceOf[island] < 0) sourceOf[island] = i
        if (!Number.isNaN(phasor[i]) && phasorOf[island] < 0) phasorOf[island] = i
    }
    for (let i = 0; i < nBus; i++) {
        const island = find(root, i)
        const from = slackOf[island] >= 0 ? slackOf[island] : phasorOf[island] >= 0 ? phasorOf[island] : sourceOf[island]
        live[i] = isolated[i] === 0 && (slackOf[island] >= 0 || sourceOf[island] >= 0) ? 1 : 0
        const byPhasor = slackOf[island] < 0 && phasorOf[island] >= 0
        reference[i] = live[i] !== 0 && from === i && !byPhasor ? 1 : 0
        flatAngle[i] = live[i] === 0 ? 0 : byPhasor ? phasor[from] : caseAngle[from]
    }
}

function find(root: Int32Array, i: number): number {
    while (root[i] !== i) {
        root[i] = root[root[i]]
        i = root[i]
    }
    return i
}
