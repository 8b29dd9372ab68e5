/**
 * The study of a virtual power plant, step by step: read the plant, draw days where it brings none, decide at the weight
 * of risk asked for, then show what other weights, and not knowing, would cost.
 */
import type { LinearSolver } from '@gridverse/math'
import {
    type Baselines,
    type Claim,
    type Climate,
    claimIds,
    computeBaselines,
    defaultClimate,
    evaluateVpp,
    type FirstStage,
    fixRuns,
    frontOf,
    type Goal,
    type LimitReport,
    limitPlant,
    type Measures,
    NoSchedule,
    type PlanLimit,
    type PlanScore,
    parseVpp,
    priceLimits,
    type ReducedSamples,
    type Relaxation,
    reduceSamples,
    rulePlan,
    sampleFeatures,
    scheduleVpp,
    scorePlan,
    tryClaims,
    type Vpp,
    type VppEvaluation,
    withSamples,
} from '@gridverse/plan'
import { type CoverageReport, reportCoverage, type StepOptions } from '@gridverse/study'
import { errorsOf, type Issue } from '@gridverse/units'
import { type BeforeAfter, compareBeforeAfter } from './before-after.ts'
import { type ClaimsReport, type Experiments, reportClaims } from './claims-report.ts'
import { type FrontReport, goalOf, reportFront } from './front-report.ts'
import type { Policy } from './learn.ts'
import { type DayReport, reportDay } from './report.ts'
import { createVppStudy, ownDays } from './study.ts'
import { reportUnits, type UnitsReport } from './unit-report.ts'

/** What the risk of the sun costs, in place of what the plant says; money per kWh. */
export interface SunCosts {
    /** owed for each kWh of sun not taken */
    readonly curtailed?: number
    /** of missing energy on the day, above its buying price */
    readonly missing?: number
}

export interface VppPreferences {
    /** weight of risk, 0 … 1; the instance's own where absent */
    readonly beta?: number
    /** confidence of the CVaR, above 0 and below 1; the instance's own where absent */
    readonly alpha?: number
    /** days to draw, where the plant brings no scenarios or new ones are wanted; 0 keeps its own */
    readonly samples?: number
    readonly keep?: number
    readonly seed?: number
    readonly climate?: Partial<Climate>
    /** weights of the frontier; none leaves it out */
    readonly betas?: readonly number[]
    /** largest CVaR allowed, in the currency of the plant */
    readonly riskBudget?: number
    /** in place of expected cost and risk at β: a point of a front */
    readonly goal?: Goal
    /** in place of expected cost and risk at β: the point of the front where each measure counts so much, shares ≥ 0 */
    readonly frontWeights?: Partial<Measures>
    /** what is asked of this plan beside the plant's own limits; hours of a clock that shows `clockH` when the first period begins */
    readonly limits?: readonly PlanLimit[]
    readonly clockH?: number
    /** points of the front of cost, risk, CO₂ and curtailment to look for; none where absent */
    readonly frontPoints?: number
    readonly sunCosts?: SunCosts
    /** in place of a plan: the claims made of such plants, tried on this one and over the ranges they reach */
    readonly experiments?: Experiments
}

export interface VppReport {
    readonly day: DayReport
    /** trades and commitments, as a day is run by them */
    readonly firstStage?: FirstStage
    /** what each unit is told and was told by rules, and whether every balance is kept */
    readonly operation?: UnitsReport
    readonly frontier: readonly { readonly beta: number; readonly expectedCost: number; readonly cvar: number }[]
    readonly front?: FrontReport
    readonly evaluation?: VppEvaluation
    /** the same day by rules, and by a plan for the forecast alone, priced on the same scenarios */
    readonly baselines?: Baselines & { readonly own: PlanScore }
    readonly claims?: readonly Claim[]
    /** limits asked for: what they came to, whether they bind, what they cost */
    readonly limits?: readonly LimitReport[]
    /** cost and what people get by rules, and by the plan */
    readonly beforeAfter?: BeforeAfter
    readonly sampling?: Pick<ReducedSamples, 'distance' | 'coverage' | 'features'> & {
        readonly drawn: number
        readonly seed: number
        /** of all days drawn: tails, correlations, holes */
        readonly covers: CoverageReport
        /** id of the process in use they were drawn from; absent for the one that ships */
        readonly process?: string
    }
}

export type VppOutcome =
    | { readonly kind: 'report'; readonly report: VppReport }
    | { readonly kind: 'claims'; readonly experiments: ClaimsReport }
    | { readonly kind: 'issues'; readonly issues: readonly Issue[] }
    | {
          readonly kind: 'infeasible'
          readonly relaxation: readonly Relaxation[]
          readonly conflict: readonly string[]
          readonly leastCvar?: number
      }
    | { readonly kind: 'stopped' }
    | { readonly kind: 'failed'; readonly message: string }

/** What is in use of what days taught; what a person asks for goes before it. */
export interface Learned {
    readonly climate?: Partial<Climate>
    /** id of the process in it */
    readonly process?: string
    readonly policy?: Policy
}

/** what is only compared needs no proof to the last digit */
const comparedGap = 1e-4

export async function runVppStudy(
    text: string,
    preferences: VppPreferences,
    solver: LinearSolver,
    options: StepOptions & { readonly learned?: Learned } = {},
): Promise<VppOutcome> {
    const { signal, onProgress, learned = {} } = options
    const parsed = parseVpp(text)
    const { samples = parsed.vpp.scenarios.length === 0 ? 200 : 0, keep = learned.policy?.keep ?? 10, seed = 0 } = preferences
    const beta = preferences.beta ?? learned.policy?.beta
    const wrong = errorsOf(parsed.issues).filter((issue) => samples === 0 || !issue.path.startsWith('scenarios'))
    if (wrong.length) return { kind: 'issues', issues: wrong }
    const betas = preferences.betas ?? [0, 0.25, 0.5, 0.75, 0.95]
    const { riskBudget, frontPoints = 0, frontWeights, limits = [], clockH = 0 } = preferences
    const asked = limitPlant(parsed.vpp, limits, clockH)
    if (asked.issues.length) return { kind: 'issues', issues: asked.issues }
    const steps = 1 + (frontWeights ? 5 : 0) + (limits.length ? 1 : 0) + betas.length + frontPoints + 4 + claimIds.length + 1
    let done = 0
    const step = (what: string) => onProgress?.(done++ / steps, what)
    const solving = signal ? { signal } : {}

    step(samples > 0 ? 'drawing days and deciding' : 'deciding')
    const study = createVppStudy(solver)
    const given = withSunCosts(withConfidence(parsed.vpp, preferences.alpha), preferences.sunCosts)
    const input = { vpp: given, climate: { ...defaultClimate, ...learned.climate, ...preferences.climate } }
    // the plant's own days are all kept
    const days = samples > 0 ? study.sample(input, seed, samples) : ownDays(given)
    if (preferences.experiments) {
        const plant = samples > 0 ? withSamples(given, days, reduceSamples(given, days, Math.min(keep, samples))) : given
        const weighed = limitPlant(withRisk(plant, beta), limits, clockH).vpp
        // runs stand where rules put them
        const begun = weighed.runs?.length ? fixRuns(weighed, rulePlan(weighed).firstStage.runs) : weighed
        return tryOut(begun, preferences.experiments, solver, options)
    }
    const decision = {
        keep: samples > 0 ? keep : days.count,
        limits,
        clockH,
        ...(beta === undefined ? {} : { beta }),
        ...(riskBudget === undefined ? {} : { riskBudget }),
    }
    const deciding = { ...solving, onProgress: (_: number, message: string) => onProgress?.((done - 1) / steps, message) }
    const first = await study.decide(input, days, { ...decision, ...(preferences.goal ? { goal: preferences.goal } : {}) }, deciding)
    const { vpp: decided, reduced } = first
    let { schedule } = first
    const { most } = asked
    let { goal } = preferences
    if (frontWeights && schedule.solution && !signal?.aborted) {
        const front = await frontOf(decided, solver, { ...solving, points: 4, onStep: () => step('the ends of the front') })
        goal = goalOf({ weights: { expectedCost: 0, cvar: 0, co2Kg: 0, curtailedKwh: 0, ...frontWeights } }, front)
        schedule = await scheduleVpp(decided, solver, { ...solving, goal, beta: 0, most })
    }
    // a plant with days of its own keeps its own forecast too
    const vpp = samples > 0 ? decided : limitPlant(given, limits, clockH).vpp
    const sampling = reduced && {
        distance: reduced.distance,
        coverage: reduced.coverage,
        features: reduced.features,
        drawn: samples,
        seed,
        covers: reportCoverage(sampleFeatures(days, parsed.vpp.dtH)),
        ...(learned.process && !preferences.climate?.model ? { process: learned.process } : {}),
    }
    if (signal?.aborted) return { kind: 'stopped' }
    if (schedule.status === 'infeasible')
        return {
            kind: 'infeasible',
            relaxation: schedule.relaxation ?? [],
            conflict: schedule.conflict ?? [],
            ...(schedule.leastCvar === undefined ? {} : { leastCvar: schedule.leastCvar }),
        }
    if (!schedule.solution) return { kind: 'failed', message: schedule.message }
    const day = reportDay(vpp, vpp.scenarios, schedule)

    const frontier: { beta: number; expectedCost: number; cvar: number }[] = []
    for (const beta of betas) {
        step(`risk weight ${beta}`)
        const { verdict } = await scheduleVpp(vpp, solver, { ...solving, beta, gap: comparedGap, most })
        if (signal?.aborted) return { kind: 'stopped' }
        if (verdict) frontier.push({ beta, expectedCost: verdict.expected.operatingCost, cvar: verdict.cvar })
    }
    // within limits of its own a plan may be all there is: what others would do within them is left out
    const tried = <T>(work: Promise<T>): Promise<T | undefined> =>
        work.catch((error) => {
            if (limits.length > 0 && error instanceof NoSchedule && !signal?.aborted) return undefined
            throw error
        })
    try {
        const { solution } = schedule
        const front =
            frontPoints > 0
                ? await tried(
                      reportFront(vpp, solver, {
                          ...solving,
                          points: frontPoints,
                          onStep: () => step('the front of cost, risk, CO₂ and curtailment'),
                      }),
                  )
                : undefined
        if (limits.length > 0) step('what each limit costs')
        const unlimited = samples > 0 ? first.unlimited : given
        const deciders = { ...solving, beta: solution.beta, ...(goal ? { goal } : {}), ...(riskBudget === undefined ? {} : { riskBudget }) }
        const priced = limits.length > 0 ? await priceLimits(unlimited, limits, clockH, schedule, solver, deciders) : undefined
        const comparing = { ...solving, gap: comparedGap, onStep: () => step('what not knowing costs') }
        const evaluation = await tried(evaluateVpp(vpp, solver, comparing))
        const claims = await tried(
            tryClaims(fixRuns(withRisk(vpp, solution.beta), solution.firstStage.runs), solver, {
                ...comparing,
                betas: [0, 0.95],
                hostingTries: 2,
                onStep: () => step('claims tried'),
            }),
        )
        step('plans by rules and for the forecast')
        const beside = await tried(computeBaselines(vpp, solver, { ...solving, gap: comparedGap, beta: solution.beta }))
        const baselines = beside && { ...beside, own: scorePlan(vpp, vpp.scenarios, solution) }
        return {
            kind: 'report',
            report: {
                day,
                firstStage: solution.firstStage,
                operation: reportUnits(vpp, vpp.scenarios, solution),
                frontier,
                ...(front ? { front } : {}),
                ...(evaluation ? { evaluation } : {}),
                ...(claims ? { claims } : {}),
                ...(baselines ? { baselines, beforeAfter: compareBeforeAfter(vpp, solution, baselines) } : {}),
                ...(priced ? { limits: priced } : {}),
                ...(sampling ? { sampling } : {}),
            },
        }
    } catch (error) {
        if (signal?.aborted) return { kind: 'stopped' }
        return { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
    }
}

/** The claims tried in place of a plan; without one for the plant as changed, why. */
async function tryOut(vpp: Vpp, experiments: Experiments, solver: LinearSolver, { signal, onProgress }: StepOptions): Promise<VppOutcome> {
    const steps = { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) }
    try {
        return { kind: 'claims', experiments: await reportClaims(vpp, experiments, solver, { ...steps, gap: comparedGap }) }
    } catch (error) {
        if (signal?.aborted) return { kind: 'stopped' }
        if (!(error instanceof NoSchedule)) throw error
        const { relaxation = [], conflict = [], status } = error.schedule
        return status === 'infeasible' ? { kind: 'infeasible', relaxation, conflict } : { kind: 'failed', message: error.message }
    }
}

const withRisk = (vpp: Vpp, beta = vpp.risk.beta): Vpp => ({ ...vpp, risk: { ...vpp.risk, beta } })

const withConfidence = (vpp: Vpp, alpha = vpp.risk.alpha): Vpp => ({ ...vpp, risk: { ...vpp.risk, alpha } })

function withSunCosts(vpp: Vpp, { curtailed, missing }: SunCosts = {}): Vpp {
    const pv = curtailed === undefined ? vpp.pv : vpp.pv.map((plant) => ({ ...plant, curtailCost: curtailed }))
    const shortPrice = missing === undefined ? vpp.grid.shortPrice : vpp.grid.buyPrice.map((price) => price + missing)
    return { ...vpp, pv, grid: { ...vpp.grid, shortPrice } }
}
