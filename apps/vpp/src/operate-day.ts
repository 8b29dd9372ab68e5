/**
 * A virtual power plant's day as it is run: its plan of the day before meets sun, wind and load as they come, every period
 * is measured, the outlook brought up to date, the rest decided anew and the next setpoints given; at the end the day is
 * verified, entered in the ledger and settled. Devices trip, and words get lost, as told.
 */
import type { LinearSolver, StopSignal } from '@gridverse/math'
import {
    type Availability,
    advanceState,
    byPeriod,
    type Costs,
    caughtUpKw,
    closeBalance,
    commitmentsByPeriod,
    type DayFigures,
    type DayState,
    type Dispatch,
    dayFigures,
    dayWithRuns,
    type FirstStage,
    type FixedPlan,
    fixRuns,
    joinSetpoints,
    keepLedger,
    type Ledger,
    NoSchedule,
    outlookFan,
    type Relaxation,
    type ReplanOptions,
    replan,
    type Scenario,
    type ScenarioModel,
    type Service,
    type Setpoints,
    safeSetpoints,
    scheduleVpp,
    serviceOf,
    setpointsAt,
    settledAnyway,
    settleFixed,
    startOfDay,
    updateOutlook,
    type Violation,
    type Vpp,
    verifySchedule,
} from '@gridverse/plan'
import { deliver, missedBy } from './deliver.ts'

/** A device that has less than its whole power over some periods; noticed after the first of them. */
export interface Fault {
    readonly device: string
    /** first period, and the one after the last */
    readonly from: number
    readonly to: number
    /** 0 … 1; 0 where absent */
    readonly share?: number
}

export interface OperateOptions extends Pick<ReplanOptions, 'commitments' | 'gap' | 'timeLimitS'> {
    /** where the day before has left the devices; as the plant says where absent */
    readonly start?: DayState
    readonly faults?: readonly Fault[]
    /** periods no word comes through: devices keep themselves safe */
    readonly silence?: readonly number[]
    /** decide every period on the plant's scenarios about the outlook, at this weight of risk, and not on the outlook alone */
    readonly fanBeta?: number
    /** how errors of the forecast last */
    readonly model?: ScenarioModel
    /** smallest coins in one unit of the currency; 100 where absent */
    readonly minor?: number
    readonly signal?: StopSignal
    readonly onStep?: (done: number, of: number) => void
}

export interface OperatedStep {
    readonly status: 'optimal' | 'relaxed' | 'safe'
    /** expected cost from here to the day's end; NaN where nothing could be decided */
    readonly restCost: number
    readonly relaxation: readonly Relaxation[]
}

export interface OperatedDay {
    /** trades as made, commitments as they came to be, by period */
    readonly firstStage: FirstStage
    readonly dispatch: Dispatch
    readonly costs: Costs
    readonly figures: DayFigures
    /** promises the day did not keep; none on a day without faults */
    readonly violations: readonly Violation[]
    /** what people got of it, recounted from what was done */
    readonly service: Service
    readonly ledger: Ledger
    /** where it leaves the devices */
    readonly end: DayState
    readonly steps: readonly OperatedStep[]
}

/** A plan as people work from it: trades and commitments, with the dispatch they mean for the forecast. Throws `NoSchedule` where there is none. */
export async function planForDay(
    vpp: Vpp,
    forecast: Scenario,
    firstStage: FirstStage,
    solver: LinearSolver,
    options: { readonly signal?: StopSignal } = {},
): Promise<FixedPlan> {
    const one = { ...forecast, probability: 1 }
    const found = await scheduleVpp(settledAnyway(vpp), solver, { ...options, beta: 0, scenarios: [one], given: firstStage })
    if (!found.solution) throw new NoSchedule('the plan on its forecast', found)
    return { firstStage, dispatch: found.solution.scenarios[0]!, forecast: one }
}

/** Runs the day period by period; the planner sees of `truth` what is over, and the period at hand. */
export async function operateDay(
    given: Vpp,
    decided: FixedPlan,
    came: Scenario,
    solver: LinearSolver,
    options: OperateOptions = {},
): Promise<OperatedDay> {
    const { vpp, plan, truth } = withRunsBegun(given, decided, came)
    const { faults = [], silence = [], model, signal, onStep, commitments, gap, timeLimitS, fanBeta } = options
    const plant = byPeriod(settledAnyway(vpp))
    const { buy, sell } = plan.firstStage
    let planned = commitmentsByPeriod(vpp, plan.firstStage.u)
    let state = options.start ?? startOfDay(plant)
    const load = truth.load ?? plant.load
    const fan = (outlook: Scenario, t: number) =>
        fanBeta === undefined || t === plant.periods - 1 ? [outlook] : outlookFan(plant, plan.forecast, truth, plant.scenarios, t, model)
    const done: Setpoints[] = []
    const steps: OperatedStep[] = []
    for (let t = 0; t < plant.periods && !signal?.aborted; t++) {
        const known = availabilityAt(faults, t, 1)
        const outlook = updateOutlook(plant, plan.forecast, truth, t, model)
        const position = { buy, sell, u: planned }
        const lost = silence.includes(t)
        const found = lost
            ? { status: 'safe' as const, ...safeSetpoints(plant, position, state, outlook, known), restCost: Number.NaN, relaxation: [] }
            : await replan(plant, position, state, fan(outlook, t), solver, {
                  availability: known,
                  ...(fanBeta === undefined ? {} : { beta: fanBeta }),
                  ...(commitments ? { commitments } : {}),
                  ...(gap === undefined ? {} : { gap }),
                  ...(timeLimitS === undefined ? {} : { timeLimitS }),
                  ...(signal ? { signal } : {}),
              })
        if (!lost) planned = adopt(plant, planned, found.commitments, t, known)
        const delivered = deliver(plant, t, found.setpoints, availabilityAt(faults, t, 0))
        const settled = closeBalance(plant, t, load[t]! + caughtUpKw(plant, state.owed, delivered.curt), sell[t]! - buy[t]!, delivered)
        done.push(settled)
        steps.push({ status: found.status, restCost: found.restCost, relaxation: found.relaxation })
        state = advanceState(plant, state, settled)
        onStep?.(t + 1, plant.periods)
    }
    if (done.length < plant.periods) throw new Error(`The day was stopped in period ${done.length} of ${plant.periods}.`)
    const u = plant.gasTurbines.map((_, i) => done.map((s) => (s.on[i] ? 1 : 0)))
    const realised = { firstStage: { ...plan.firstStage, u }, dispatch: joinSetpoints(plant, done) }
    return {
        ...closeDay(vpp, plan, truth, realised, missedBy(plant, plan, truth, realised.dispatch, faults), options.minor),
        end: state,
        steps,
    }
}

/** The day of a plan nobody changes: devices as planned, deviations settled with the grid. */
export function operateFixed(
    given: Vpp,
    decided: FixedPlan,
    came: Scenario,
    options: Pick<OperateOptions, 'start' | 'minor'> = {},
): OperatedDay {
    const { vpp, plan, truth } = withRunsBegun(given, decided, came)
    const plant = byPeriod(settledAnyway(vpp))
    const firstStage = { ...plan.firstStage, u: commitmentsByPeriod(vpp, plan.firstStage.u) }
    const dispatch = settleFixed(plant, plan, truth)
    let state = options.start ?? startOfDay(plant)
    for (let t = 0; t < plant.periods; t++) state = advanceState(plant, state, setpointsAt(plant, dispatch, firstStage.u, t))
    return { ...closeDay(vpp, plan, truth, { firstStage, dispatch }, {}, options.minor), end: state, steps: [] }
}

/** When runs begin was decided the day before: on the day they are load. */
function withRunsBegun(vpp: Vpp, plan: FixedPlan, truth: Scenario): { vpp: Vpp; plan: FixedPlan; truth: Scenario } {
    const { runs } = plan.firstStage
    return {
        vpp: fixRuns(vpp, runs),
        plan: { ...plan, forecast: dayWithRuns(vpp, runs, plan.forecast) },
        truth: dayWithRuns(vpp, runs, truth),
    }
}

function closeDay(
    vpp: Vpp,
    plan: FixedPlan,
    truth: Scenario,
    realised: Pick<FixedPlan, 'firstStage' | 'dispatch'>,
    missed: Readonly<Record<string, Float64Array>>,
    minor = 100,
): Omit<OperatedDay, 'end' | 'steps'> {
    const plant = byPeriod(settledAnyway(vpp))
    const day = { ...truth, probability: 1 }
    const { violations, expected } = verifySchedule(plant, [day], {
        beta: 0,
        firstStage: realised.firstStage,
        scenarios: [realised.dispatch],
    })
    const before = { ...plan.firstStage, u: commitmentsByPeriod(vpp, plan.firstStage.u) }
    const ledger = keepLedger(
        plant,
        { scenario: plan.forecast, firstStage: before, dispatch: plan.dispatch },
        { scenario: day, ...realised },
        missed,
        { minor },
    )
    const service = serviceOf(plant, realised.dispatch)
    return { ...realised, costs: expected, figures: dayFigures(plant, day, realised.dispatch), violations, service, ledger }
}

/** What is left of each device in a period; faults count from `late` periods after they began. */
function availabilityAt(faults: readonly Fault[], t: number, late: number): Availability {
    const left: Record<string, number> = {}
    for (const { device, from, to, share = 0 } of faults) if (t >= from + late && t < to) left[device] = Math.min(left[device] ?? 1, share)
    return left
}

/** Commitments as decided from period t on; a turbine that cannot run keeps its plan for when it can again. */
function adopt(vpp: Vpp, planned: number[][], rest: readonly (readonly number[])[], t: number, known: Availability): number[][] {
    return vpp.gasTurbines.map((g, i) => (known[g.name] === undefined ? [...planned[i]!.slice(0, t), ...rest[i]!] : planned[i]!))
}
