/** From the estimator's arrays to its answer, in the units and the order of the case. */
import type { BadDatum, Estimate } from './estimate-contract.ts'
import type { Work } from './estimate-work.ts'

export interface ChiSquareTest {
    readonly objective: number
    readonly degreesOfFreedom: number
    readonly limit: number
    readonly passed: boolean
}

/** solved.state ← the estimate; NaN where nothing is known. */
export function writeState(solved: Work, converged: boolean, pseudo: boolean): void {
    const { network, circuit, position, islands, state, vm, va, unobserved, active, rows, weight, scale } = solved
    const { baseMva } = network
    const { endBus, closed, p, q, incidentPtr, incident, gShunt, bShunt } = circuit
    const known = (i: number) => converged && (unobserved[i] === 0 || pseudo)
    for (let b = 0; b < position.length; b++) {
        const i = position[b]
        const dead = islands.live[i] === 0
        let pSum = gShunt[i] * vm[i] * vm[i]
        let qSum = -bShunt[i] * vm[i] * vm[i]
        let flowsKnown = known(i)
        for (let t = incidentPtr[i]; t < incidentPtr[i + 1]; t++) {
            const e = incident[t]
            pSum += p[e]
            qSum += q[e]
            if (closed[e >> 1] !== 0 && !known(endBus[e ^ 1])) flowsKnown = false
        }
        state.vmPu[b] = dead ? 0 : known(i) ? vm[i] : NaN
        state.vaDeg[b] = dead ? 0 : known(i) ? (va[i] * 180) / Math.PI : NaN
        state.pMw[b] = dead ? 0 : flowsKnown ? pSum * baseMva : NaN
        state.qMvar[b] = dead ? 0 : flowsKnown ? qSum * baseMva : NaN
        state.pseudo[b] = pseudo && unobserved[i] !== 0 ? 1 : 0
    }
    for (let k = 0; k < circuit.nBranch; k++) {
        const e = 2 * k
        const unit = closed[k] === 0 || (known(endBus[e]) && known(endBus[e + 1])) ? baseMva : NaN
        state.pFromMw[k] = p[e] * unit
        state.qFromMvar[k] = q[e] * unit
        state.pToMw[k] = p[e + 1] * unit
        state.qToMvar[k] = q[e + 1] * unit
    }
    for (let r = 0; r < state.used.length; r++) {
        state.used[r] = weight[r] > 0 ? 1 : 0
        // a measurement that took part is determined even where its buses are not
        let rowKnown = active[r] !== 0
        const g = rows.support[r]
        for (let s = rows.supportPtr[g]; s < rows.supportPtr[g + 1] && rowKnown; s++) rowKnown = known(rows.supportBus[s])
        state.measured[r] = rowKnown || (converged && weight[r] > 0) ? rows.h[r] / scale[r] : NaN
    }
}

/** The answer for people and programs. */
export function writeEstimate(
    solved: Work,
    converged: boolean,
    pseudo: boolean,
    iterations: number,
    test: ChiSquareTest,
    badData: readonly BadDatum[],
): Estimate {
    const { network, position, islands, unobserved, state } = solved
    const unobservable = network.bus.filter((_, b) => unobserved[position[b]] !== 0).map((bus) => bus.id)
    const whole = unobservable.length === 0
    return {
        status: !whole && !pseudo ? 'unobservable' : !converged ? 'diverged' : whole ? 'converged' : 'partly-observable',
        iterations,
        objective: test.objective,
        degreesOfFreedom: test.degreesOfFreedom,
        chiSquareLimit: test.limit,
        chiSquarePassed: converged && test.passed,
        badData,
        unobservable,
        deEnergised: network.bus.filter((_, b) => islands.live[position[b]] === 0).map((bus) => bus.id),
        bus: network.bus.map((bus, b) => ({ id: bus.id, vmPu: state.vmPu[b], vaDeg: state.vaDeg[b] })),
    }
}
