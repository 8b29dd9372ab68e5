/**
 * What is claimed of virtual power plants, as experiments on one of them (ITU-T FG-MV-27, clause 9.1): who buys and who
 * sells, how devices answer to little and much sun, whether traded volumes stay equal, what ignoring uncertainty costs, how
 * risk is paid for, and what the plant does to the power system it is part of.
 */
import type { LinearSolver } from '@gridverse/math'
import type { Vpp } from '../instance.ts'
import { type Claim, type ClaimId, claimIds } from './claim.ts'
import { complementarity } from './complement.ts'
import { type ClaimContext, createContext, type Solving } from './context.ts'
import { curtailment } from './curtailment.ts'
import { suppression } from './hosting.ts'
import { batteriesAnswer, coordinationSpares, loadAnswers, turbinesAnswer } from './little-sun.ts'
import { meritOrder } from './merit-order.ts'
import { missingSun } from './missing-sun.ts'
import { cheaperTogether } from './together.ts'
import { buyer, seller } from './trade.ts'
import { costsMore, dayCostsMore, looksCheaper, riskPaidFor } from './uncertainty.ts'
import { equalVolumes } from './volumes.ts'

export interface ClaimOptions extends Solving {
    /** weights of risk compared, ascending from 0; 0, 0.5 and 0.95 where absent */
    readonly betas?: readonly number[]
    /** those tried; all where absent */
    readonly only?: readonly ClaimId[]
    /** halvings of the range of sun that can be hosted, each a plan; 4 where absent */
    readonly hostingTries?: number
    readonly onStep?: (done: number, of: number) => void
}

const experiments: Readonly<Record<ClaimId, (context: ClaimContext, options: ClaimOptions) => Promise<Claim>>> = {
    'a-buyer': buyer,
    'a-seller': seller,
    b1: turbinesAnswer,
    b2: batteriesAnswer,
    b3: loadAnswers,
    'b3-coordinated': coordinationSpares,
    c: equalVolumes,
    d1: looksCheaper,
    d2: costsMore,
    d3: dayCostsMore,
    e: riskPaidFor,
    '2d': complementarity,
    '2e': cheaperTogether,
    '2f': meritOrder,
    '2k': (context, { hostingTries }) => suppression(context, hostingTries),
    '2n': missingSun,
    '3d': curtailment,
}

/** Tries claims of one plant one by one; they share its plans. Throws `NoSchedule` where a plan cannot be made. */
export function createTrial(vpp: Vpp, solver: LinearSolver, options: ClaimOptions = {}): (id: ClaimId) => Promise<Claim> {
    const { betas = [0, 0.5, 0.95], only: _o, onStep: _s, hostingTries: _h, ...solving } = options
    const context = createContext(vpp, solver, betas, solving)
    return (id) => experiments[id](context, options)
}

/** Tries claims in their order. Throws `NoSchedule` where a plan cannot be made. */
export async function tryClaims(vpp: Vpp, solver: LinearSolver, options: ClaimOptions = {}): Promise<Claim[]> {
    const { only = claimIds, onStep } = options
    const tried = createTrial(vpp, solver, options)
    const claims: Claim[] = []
    for (const id of claimIds.filter((id) => only.includes(id))) {
        claims.push(await tried(id))
        onStep?.(claims.length, only.length)
    }
    return claims
}
