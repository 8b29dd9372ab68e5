/**
 * The rest of a day decided anew: trades stay, what happened is as measured, the devices left do what is best for the
 * outlook. Where the rest cannot keep every limit, the least is missed and named; where nothing can be decided, each
 * device falls back to what it may do alone.
 */
import type { LinearSolver, StopSignal } from '@gridverse/math'
import { settledAnyway } from './baselines.ts'
import {
    type Availability,
    byPeriod,
    canRun,
    closeBalance,
    commitmentsByPeriod,
    type DayState,
    owedCommitment,
    restOfDay,
    restOfScenario,
    type Setpoints,
    setpointsAt,
} from './day-state.ts'
import { loadOf, type Scenario, type Vpp } from './instance.ts'
import { buildProgram, exclusiveKey } from './program.ts'
import { caughtUpKw, owedAtStart } from './rebound.ts'
import { type Relaxation, solveRelaxed } from './relaxation.ts'
import { ruleDispatch } from './rule-dispatch.ts'
import { dayWithRuns, fixRuns } from './runs.ts'
import type { Dispatch, FirstStage } from './solution.ts'
import { verifySchedule } from './verify.ts'

export interface ReplanOptions {
    /** weight of risk over the outlook's scenarios, 0 … 1; 0 where absent */
    readonly beta?: number
    /** turbines keep to what was decided, or may be started and stopped anew at their cost; `fixed` where absent */
    readonly commitments?: 'fixed' | 'free'
    /** devices that have tripped or lost power */
    readonly availability?: Availability
    /** relative gap where commitments are decided; 1e-6 where absent */
    readonly gap?: number
    readonly timeLimitS?: number
    readonly signal?: StopSignal
}

export interface Replan {
    /** `relaxed`: some limits are missed, by the least possible; `safe`: nothing could be decided, devices hold what they have */
    readonly status: 'optimal' | 'relaxed' | 'safe'
    /** of every device for the next period */
    readonly setpoints: Setpoints
    /** commitments of the rest of the day, by period */
    readonly commitments: readonly (readonly number[])[]
    /** expected cost from now to the day's end, trades of those hours included; NaN where `safe` */
    readonly restCost: number
    /** limits that give way where `relaxed`, largest first */
    readonly relaxation: readonly Relaxation[]
    readonly message: string
}

/**
 * Setpoints for period `state.period`. `position` has the trades and the commitments in the blocks of `vpp`; `outlook` has
 * courses of the whole day, of which the rest is used; its scenarios agree in the period to come.
 */
export async function replan(
    vpp: Vpp,
    position: FirstStage,
    state: DayState,
    outlook: readonly Scenario[],
    solver: LinearSolver,
    options: ReplanOptions = {},
): Promise<Replan> {
    const { beta = 0, availability = {}, gap = 1e-6, timeLimitS, signal } = options
    const { rest, scenarios, buy, sell, planned } = whatIsLeft(vpp, position, state, outlook, availability)
    const u = rest.gasTurbines.map((g, i) => {
        const whole = vpp.gasTurbines[i]!
        if (!canRun(whole, availability)) return new Array<number>(rest.periods).fill(0)
        const now = state.turbines[i]!
        const asPlanned = now.on === wasPlanned(vpp, position, i, state.period)
        // a turbine that is not as planned is decided anew, but for what its least times leave no choice of
        return options.commitments !== 'free' && asPlanned ? planned[i]! : owedCommitment(vpp, g, now).slice(0, rest.periods)
    })
    const exclusive = new Set<string>()
    const solving = { ...(timeLimitS === undefined ? {} : { timeLimitS }), ...(signal ? { signal } : {}) }
    for (;;) {
        const built = buildProgram(rest, scenarios, { beta, given: { buy, sell, u }, exclusive, shared: 1 })
        const answer = await solver.solve(built.program, { gap, heuristics: false, ...solving })
        let { x } = answer
        let relaxation: readonly Relaxation[] = []
        if (answer.status === 'infeasible') ({ x, relaxation } = await solveRelaxed(built.program, solver, solving))
        if (x.length === 0) {
            const held = safeSetpoints(vpp, position, state, outlook[0]!, availability)
            return { status: 'safe', ...held, restCost: Number.NaN, relaxation: [], message: answer.message }
        }
        const solution = built.read(x)
        const commitments = solution.firstStage.u
        const setpoints = firstOf(rest, scenarios[0]!, buy[0]!, sell[0]!, solution.scenarios[0]!, commitments)
        const both = simultaneous(setpoints).filter((key) => !exclusive.has(key(0)))
        if (both.length === 0 || rest.periods === 0) {
            const verdict = verifySchedule(rest, scenarios, { ...solution, firstStage: { ...solution.firstStage, buy, sell } })
            const status = answer.status === 'infeasible' ? 'relaxed' : 'optimal'
            return { status, setpoints, commitments, restCost: verdict.expected.operatingCost, relaxation, message: answer.message }
        }
        for (const key of both) for (let s = 0; s < scenarios.length; s++) exclusive.add(key(s))
    }
}

/**
 * What every device does by itself for period `state.period`, without a solver and without a word from outside: stores stand
 * still, vehicles charge evenly to be ready, thermostats hold, turbines keep their commitment at the least power they can
 * come down to. `now` has the measured sun, wind and load; what is missing or in excess is the grid's.
 */
export function safeSetpoints(
    vpp: Vpp,
    position: FirstStage,
    state: DayState,
    now: Scenario,
    availability: Availability = {},
): Pick<Replan, 'setpoints' | 'commitments'> {
    const { rest, scenarios, buy, sell, planned } = whatIsLeft(vpp, position, state, [now], availability)
    const u = rest.gasTurbines.map((_, i) => {
        const { on } = state.turbines[i]!
        if (!canRun(vpp.gasTurbines[i]!, availability)) return new Array<number>(rest.periods).fill(0)
        return on === wasPlanned(vpp, position, i, state.period) ? planned[i]! : new Array<number>(rest.periods).fill(on ? 1 : 0)
    })
    const dispatch = ruleDispatch(rest, scenarios[0]!, u, new Array<number>(rest.periods).fill(0))
    return { setpoints: firstOf(rest, scenarios[0]!, buy[0]!, sell[0]!, dispatch, u), commitments: u }
}

function whatIsLeft(given: Vpp, position: FirstStage, state: DayState, outlook: readonly Scenario[], availability: Availability) {
    const from = state.period
    // when runs begin was decided the day before
    const vpp = fixRuns(given, position.runs)
    if (vpp.runs?.length) throw new Error('The rest of a day is decided with its runs begun as planned; the position says nothing of them.')
    return {
        rest: restOfDay(byPeriod(settledAnyway(vpp)), state, availability),
        scenarios: outlook.map((day) => restOfScenario(vpp, dayWithRuns(given, position.runs, day), from, availability)),
        buy: position.buy.slice(from),
        sell: position.sell.slice(from),
        planned: commitmentsByPeriod(vpp, position.u).map((row) => row.slice(from)),
    }
}

/** Whether a turbine was to be running in the period before `t`. */
const wasPlanned = (vpp: Vpp, position: FirstStage, i: number, t: number) =>
    t === 0 ? vpp.gasTurbines[i]!.onBefore : commitmentsByPeriod(vpp, position.u)[i]![t - 1]! > 0.5

/** The first period of a dispatch, its balance closed with the grid. */
function firstOf(rest: Vpp, now: Scenario, buy: number, sell: number, dispatch: Dispatch, u: FirstStage['u']): Setpoints {
    const setpoints = setpointsAt(rest, dispatch, u, 0)
    const load = loadOf(rest, now)[0]! + caughtUpKw(rest, owedAtStart(rest), setpoints.curt)
    return closeBalance(rest, 0, load, sell - buy, setpoints)
}

function simultaneous(setpoints: Setpoints): ((scenario: number) => string)[] {
    return (['bat', 'ev', 'tank'] as const).flatMap((kind) =>
        setpoints[kind].flatMap(({ ch, dis }, i) =>
            Math.min(ch, dis) > 1e-6 ? [(scenario: number) => exclusiveKey(scenario, kind, i, 0)] : [],
        ),
    )
}
