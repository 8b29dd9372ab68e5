/** What came of a day: the record the sample store keeps of it, and what the register makes of what was learnt. */
import { isHeld, judgeModel, type ModelState, proposeModel, type Step } from '@gridverse/learn'
import type { LinearSolver } from '@gridverse/math'
import { type Climate, dayOf, dayOfYearOf, evaluateFirstStage } from '@gridverse/plan'
import type { MeasuredDay } from '@gridverse/study'
import { samplesOfDays } from './day-series.ts'
import type { Candidate, VppRegister } from './learn.ts'
import type { ModelKind } from './learning-types.ts'
import type { VppDecision } from './study.ts'

/**
 * The measured day with what it cost beside what was expected: the least it could have cost with the trades and commitments
 * made, on the day as it came (its sun, wind, load, price, air, vehicles). Throws `NoSchedule` where they cannot be run.
 */
export async function recordOutcome(
    decision: VppDecision,
    climate: Climate,
    measured: MeasuredDay,
    solver: LinearSolver,
    realised?: number,
): Promise<MeasuredDay> {
    const { vpp, schedule } = decision
    if (!schedule.solution || !schedule.verdict) throw new Error(`There is nothing decided to hold the day against: ${schedule.status}.`)
    const came = dayOf(vpp, { ...climate, dayOfYear: dayOfYearOf(measured.day) }, samplesOfDays(vpp, [measured]), 0)
    const { costs } = await evaluateFirstStage(came, solver, schedule.solution.firstStage)
    return {
        ...measured,
        cost: {
            expected: schedule.verdict.expected.operatingCost,
            cvar: schedule.verdict.cvar,
            attainable: costs[0]!.operatingCost,
            ...(realised === undefined ? {} : { realised }),
        },
    }
}

/** What became of each candidate. */
export interface Judged {
    readonly id: string
    readonly kind: ModelKind
    readonly state: ModelState | 'refused'
    readonly reason: string
}

interface Considered {
    readonly register: VppRegister
    readonly judged: readonly Judged[]
    /** ids of the models that moved */
    readonly changed: readonly string[]
}

/** Proposes the candidates, and promotes those that are better than what is in use; after a step back they wait for a person. */
export function judgeCandidates(register: VppRegister, candidates: readonly Candidate[], step: Step): Considered {
    return consider(register, candidates, step, true)
}

/** Proposes the candidates and leaves them for a person to promote. */
export function proposeCandidates(register: VppRegister, candidates: readonly Candidate[], step: Step): Considered {
    return consider(register, candidates, step, false)
}

function consider(register: VppRegister, candidates: readonly Candidate[], step: Step, judge: boolean): Considered {
    const judged: Judged[] = []
    const changed = new Set<string>()
    let now = register
    for (const candidate of candidates) {
        const { id, kind } = candidate.card
        const proposed = proposeModel(now, candidate, step)
        const result = proposed.ok && judge && !isHeld(now, kind) ? judgeModel(proposed.register, id, step) : proposed
        if (!proposed.ok || !result.ok) {
            judged.push({ id, kind, state: 'refused', reason: result.ok ? '' : result.reason })
            continue
        }
        now = result.register
        for (const name of [...proposed.changed, ...result.changed]) changed.add(name)
        const entry = now.models.find((model) => model.card.id === id)!
        judged.push({ id, kind, state: entry.state, reason: entry.events.at(-1)!.reason })
    }
    return { register: now, judged, changed: [...changed] }
}
