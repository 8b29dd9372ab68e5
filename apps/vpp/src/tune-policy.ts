/**
 * Which weight of risk, and how many days to keep, would have served best: every past day is planned with each policy from
 * what was known before it, then run with what came. The loss is the plant's own objective at its own weight of risk w,
 * by day: (1 − w)·c + w·(z + max(0, c − z)/(1 − α)), z the value at risk of the costs under the plant's own policy; its mean
 * over the days is the cost and CVaR the plant asked to weigh (R. T. Rockafellar, S. Uryasev 2000).
 */
import { compareLosses, emptyRegister } from '@gridverse/learn'
import type { LinearSolver } from '@gridverse/math'
import {
    type Climate,
    computeTail,
    dayOf,
    dayOfYearOf,
    evaluateFirstStage,
    NoSchedule,
    reduceSamples,
    sampleVpp,
    scheduleVpp,
    type Vpp,
    withSamples,
} from '@gridverse/plan'
import type { MeasuredDay, StepOptions } from '@gridverse/study'
import { samplesOfDays } from './day-series.ts'
import { judgeCandidates } from './feedback.ts'
import { type Candidate, climateInUse, forecastFans, learnFromDays, type Policy, withForecasts } from './learn.ts'
import type { Comparison, ForecastFan } from './learning-types.ts'

export interface TuneOptions extends StepOptions {
    readonly climate: Climate
    /** in use: what has to be beaten */
    readonly current: Policy
    /** tried beside it */
    readonly policies: readonly Policy[]
    /** what was forecast for a day from the days before it; the plant's own expectation where empty */
    readonly fansOf?: (day: MeasuredDay) => readonly ForecastFan[]
    /** days drawn for each plan; 100 where absent */
    readonly draws?: number
    readonly seed?: number
}

export interface PastOptions extends Omit<TuneOptions, 'fansOf'> {
    /** the last so many days are tried */
    readonly tuneDays: number
}

export interface PastTuning extends Tuning {
    /** what learning was worth: the current policy with what the days before had taught, and with the process and expectations that ship */
    readonly learning?: { readonly with: PolicyTrial; readonly without: PolicyTrial; readonly comparison: Comparison }
}

/**
 * Tries policies on the last days with what the days before them teach: forecasts and process better than those that ship.
 * Also says what that was worth.
 */
export async function tuneOnPast(vpp: Vpp, days: readonly MeasuredDay[], solver: LinearSolver, options: PastOptions): Promise<PastTuning> {
    const { climate, tuneDays, current, onProgress } = options
    const sorted = [...days].sort((a, b) => (a.day < b.day ? -1 : 1))
    const before = sorted.slice(0, Math.max(0, sorted.length - tuneDays))
    const tried = sorted.slice(before.length)
    const { candidates } = learnFromDays(before, { climate, vpp })
    const { register } = judgeCandidates(emptyRegister, candidates, { tMs: 0, by: 'learn' })
    const runs = options.policies.length + 2
    const part = (from: number, share: number) => (done: number, what: string) => onProgress?.(from + share * done, what)
    const tuning = await tunePolicy(vpp, tried, solver, {
        ...options,
        climate: climateInUse(register, climate),
        fansOf: (day) =>
            forecastFans(
                register,
                sorted.filter((other) => other.day < day.day),
                day.day,
                climate,
                { currency: vpp.currency },
            ),
        onProgress: part(0, 1 - 1 / runs),
    })
    if (tuning.stopped || tuning.trials.length === 0 || register.models.every((model) => model.state !== 'promoted')) return tuning
    const shipped = await tunePolicy(vpp, tried, solver, { ...options, policies: [], current, onProgress: part(1 - 1 / runs, 1 / runs) })
    if (shipped.stopped || shipped.trials[0]?.costs.length !== tuning.trials[0]!.costs.length) return tuning
    const [learnt, without] = [tuning.trials[0]!, shipped.trials[0]!]
    const losses = lossesOf(vpp, without.costs)
    const comparison = compareLosses(losses(learnt.costs), losses(without.costs), `loss ${vpp.currency}`)
    const mean = (x: readonly number[]) => x.reduce((sum, v) => sum + v, 0) / x.length
    const trial = (of: PolicyTrial) => ({ ...of, loss: mean(losses(of.costs)) })
    return { ...tuning, learning: { with: trial(learnt), without: trial(without), comparison } }
}

/** The plant's objective by day, given the costs under what is in use: their mean is what the plant asked to weigh. */
function lossesOf(vpp: Vpp, inUse: readonly number[]): (costs: readonly number[]) => number[] {
    const { alpha, beta: weight } = vpp.risk
    const z = computeTail(
        inUse,
        inUse.map(() => 1 / inUse.length),
        alpha,
    ).valueAtRisk
    return (costs) => costs.map((c) => (1 - weight) * c + weight * (z + Math.max(0, c - z) / (1 - alpha)))
}

export interface PolicyTrial {
    readonly policy: Policy
    readonly meanCost: number
    readonly cvar: number
    /** mean loss over the days */
    readonly loss: number
    readonly costs: readonly number[]
}

export interface Tuning {
    readonly trials: readonly PolicyTrial[]
    /** the best of those tried, to be proposed; absent where the current one is */
    readonly candidate?: Candidate
    /** days no policy could plan or run, and why */
    readonly skipped: readonly { readonly day: string; readonly reason: string }[]
    readonly stopped: boolean
}

/** Tries policies on the days given, each as if it were tomorrow. */
export async function tunePolicy(vpp: Vpp, days: readonly MeasuredDay[], solver: LinearSolver, options: TuneOptions): Promise<Tuning> {
    const { climate, current, fansOf, draws = 100, seed = 1, signal, onProgress } = options
    const same = (a: Policy, b: Policy) => a.beta === b.beta && a.keep === b.keep
    const policies = [current, ...options.policies.filter((p) => !same(p, current))]
    const costs: number[][] = policies.map(() => [])
    const skipped: { day: string; reason: string }[] = []
    const used: string[] = []
    let done = 0
    for (const day of days) {
        const there: Climate = { ...climate, dayOfYear: dayOfYearOf(day.day) }
        const expected = withForecasts(vpp, fansOf?.(day) ?? [])
        const samples = sampleVpp(expected, there, seed + used.length, draws)
        const came = dayOf(vpp, there, samplesOfDays(vpp, [day]), 0)
        const row: number[] = []
        try {
            for (const { beta, keep } of policies) {
                if (signal?.aborted) return finish(true)
                onProgress?.(done++ / (days.length * policies.length), `${day.day} at risk weight ${beta}`)
                const plan = withSamples(expected, samples, reduceSamples(expected, samples, keep))
                const schedule = await scheduleVpp(plan, solver, { beta, gap: 1e-4, ...(signal ? { signal } : {}) })
                if (!schedule.solution) throw new NoSchedule('the plan', schedule)
                row.push((await evaluateFirstStage(came, solver, schedule.solution.firstStage)).costs[0]!.operatingCost)
            }
        } catch (error) {
            if (!(error instanceof NoSchedule)) throw error
            if (signal?.aborted) return finish(true)
            skipped.push({ day: day.day, reason: error.message })
            continue
        }
        used.push(day.day)
        row.forEach((cost, p) => void costs[p]!.push(cost))
    }
    return finish(false)

    function finish(stopped: boolean): Tuning {
        const n = used.length
        if (n === 0) return { trials: [], skipped, stopped }
        const { alpha } = vpp.risk
        const equal = costs[0]!.map(() => 1 / n)
        const losses = costs.map(lossesOf(vpp, costs[0]!))
        const mean = (x: readonly number[]) => x.reduce((sum, v) => sum + v, 0) / n
        const trials = policies.map((policy, p) => ({
            policy,
            meanCost: mean(costs[p]!),
            cvar: computeTail(costs[p]!, equal, alpha).conditional,
            loss: mean(losses[p]!),
            costs: costs[p]!,
        }))
        const best = trials.reduce((least, trial, p) => (trial.loss < trials[least]!.loss ? p : least), 0)
        if (best === 0) return { trials, skipped, stopped }
        // the best of several is found by looking: each look takes its share of the chance
        const level = 0.05 / (policies.length - 1)
        const comparison = compareLosses(losses[best]!, losses[0]!, `loss ${vpp.currency}`, { level })
        const { policy } = trials[best]!
        return {
            trials,
            skipped,
            stopped,
            candidate: {
                card: {
                    id: `policy@${used.at(-1)}`,
                    kind: 'policy',
                    version: 1,
                    method: `risk weight ${policy.beta}, ${policy.keep} days kept; best of ${policies.length} over past days`,
                    features: ['risk weight', 'days kept'],
                    trainedOn: { from: used[0]!, to: used.at(-1)!, days: n },
                },
                body: { kind: 'policy', policy },
                comparison,
            },
        }
    }
}
