/** Optimal power flow: the cheapest operation within all limits, its prices, and what stands in the way where there is none. */
import { type InteriorPointProgress, type InteriorPointSolution, solveInteriorPoint } from '@gridverse/math'
import type { Network } from './network.ts'
import { buildAcModel } from './opf-ac.ts'
import { checkOpf } from './opf-check.ts'
import type { Opf, OpfOptions } from './opf-contract.ts'
import { buildDcModel } from './opf-dc.ts'
import { buildFrame } from './opf-frame.ts'
import { explainConflict, explainFailure } from './opf-infeasible.ts'
import { solveLowered } from './opf-lowered.ts'
import type { OpfModel } from './opf-model.ts'
import { createOutageFactors } from './opf-outage.ts'
import { addPriceParts } from './opf-price-parts.ts'
import { describeOptimum } from './opf-rows.ts'
import type { Tie } from './opf-ties.ts'

/**
 * Solves the optimal power flow of a network. A case that cannot be solved says why in `failure`. Throws on data that
 * `checkOpf` finds wrong.
 */
export function solveOpf(network: Network, options: OpfOptions = {}): Opf {
    return solveLowered(network, (plain, ties) => solvePlainOpf(plain, options, ties))
}

function solvePlainOpf(network: Network, options: OpfOptions, ties: readonly Tie[]): Opf {
    const { method = 'ac', start = 'flat', flowLimit = 'apparent', tolerance = 1e-9, maxIterations = 150, onIteration } = options
    const [issue] = checkOpf(network, method)
    if (issue) throw new Error(`${issue.message}; checkOpf lists everything wrong.`)
    const frame = buildFrame(network, ties)
    const build = (from: 'flat' | 'case'): OpfModel => (method === 'ac' ? buildAcModel(frame, from, flowLimit) : buildDcModel(frame, from))
    const none = { method, objective: Number.NaN, bus: [], generator: [], branch: [], binding: [], lossesMw: Number.NaN }
    if (frame.bus.length === 0)
        return {
            ...none,
            status: 'infeasible',
            iterations: 0,
            failure: { reason: 'no bus has supply: no island has a slack or PV bus with a generator in service' },
        }
    let before = 0
    const settings = {
        tolerance,
        maxIterations,
        ...(onIteration ? { onIteration: (p: InteriorPointProgress) => onIteration({ ...p, iteration: before + p.iteration }) } : {}),
    }
    const model = build(start)
    const first = solveInteriorPoint(model.program, settings)
    before += first.iteration
    const describe = (s: InteriorPointSolution, iterations: number, by = model) => {
        const opf = { ...describeOptimum(by, s, iterations), ...(method === 'ac' && flowLimit !== 'apparent' ? { flowLimit } : {}) }
        const factors = method === 'dc' ? createOutageFactors(frame) : undefined
        return factors ? addPriceParts(opf, frame, factors) : opf
    }
    if (first.status === 'optimal') return describe(first, before)
    if (method === 'ac') {
        const other = build(start === 'flat' ? 'case' : 'flat')
        const second = solveInteriorPoint(other.program, settings)
        before += second.iteration
        if (second.status === 'optimal') return describe(second, before, other)
    }

    // from what the elastic program finds feasible, if anything is
    const { failure, feasible, iterations } = explainConflict(model, explainFailure(model, first, settings), settings)
    before += iterations
    if (!feasible) return { ...none, status: failure.relaxation ? 'infeasible' : 'diverged', iterations: before, failure }
    const again = solveInteriorPoint({ ...model.program, start: feasible }, settings)
    const all = before + again.iteration
    if (again.status === 'optimal') return describe(again, all)
    return { ...none, status: 'diverged', iterations: all, failure }
}
