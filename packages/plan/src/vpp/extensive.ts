/** A schedule from the program of all scenarios together. */
import { type LinearAnswer, type LinearProgress, type LinearSolver, programViolation, type StopSignal } from '@gridverse/math'
import type { Scenario, Vpp } from './instance.ts'
import { buildProgram, exclusiveKey, type Goal, type Measure, type ProgramOptions } from './program.ts'
import { explainConflict, type Relaxation } from './relaxation.ts'
import type { FirstStage, Solution } from './solution.ts'
import { type Verdict, verifySchedule } from './verify.ts'

/** best cost so far and what is proven of every other */
export interface ScheduleProgress extends Omit<LinearProgress, 'seconds'> {
    /** what is under way, in words */
    readonly what?: string
}

export interface ScheduleOptions {
    /** weight of risk, 0 … 1; the instance's own where absent */
    readonly beta?: number
    /** relative gap proven; where absent 1e-9, and 1e-4 by decomposition */
    readonly gap?: number
    /** all scenarios in one program, or each by itself beside the first stage; by size where absent */
    readonly method?: 'extensive' | 'decomposition'
    /** of the search, s: then the best found, with what is proven of it */
    readonly timeLimitS?: number
    readonly signal?: StopSignal
    readonly onProgress?: (progress: ScheduleProgress) => void
    /** trades and commitments already decided */
    readonly given?: FirstStage
    /** in place of the instance's scenarios */
    readonly scenarios?: readonly Scenario[]
    /** so many first periods are dispatched alike in all scenarios; 0 where absent */
    readonly shared?: number
    /** largest CVaR allowed, in the instance's currency */
    readonly riskBudget?: number
    /** in place of expected cost and risk at β */
    readonly goal?: Goal
    /** what measures may come to at most, beside the risk budget */
    readonly most?: Partial<Record<Measure, number>>
}

export interface Schedule {
    readonly status: 'optimal' | 'infeasible' | 'stopped' | 'failed'
    readonly gap: number
    /** absent without an answer */
    readonly solution?: Solution
    readonly verdict?: Verdict
    /** where infeasible: the least that must give way, and what stands against it */
    readonly relaxation?: readonly Relaxation[]
    readonly conflict?: readonly string[]
    /** where no schedule keeps the risk budget: the least CVaR that can be had */
    readonly leastCvar?: number
    readonly message: string
    /** where rules alone planned better than a search ended early had found */
    readonly by?: 'rules'
    readonly method: 'extensive' | 'decomposition'
    /** proven: no schedule has a lesser objective; −∞ where nothing is */
    readonly bound: number
    readonly columns: number
    readonly rows: number
    readonly wholes: number
}

export async function scheduleExtensive(vpp: Vpp, solver: LinearSolver, options: Omit<ScheduleOptions, 'method'>): Promise<Schedule> {
    const scenarios = options.scenarios ?? vpp.scenarios
    const beta = options.beta ?? vpp.risk.beta
    const { given, scenarios: _s, beta: _b, shared = 0, riskBudget, goal, most, ...solving } = options
    const limits = { ...(goal ? { goal } : {}), most: { ...most, ...(riskBudget === undefined ? {} : { cvar: riskBudget }) } }
    const exclusive = new Set<string>()
    for (;;) {
        const built = buildProgram(vpp, scenarios, {
            beta,
            exclusive,
            shared,
            ...(given ? { given } : {}),
            ...limits,
        } satisfies ProgramOptions)
        const { program } = built
        const size = {
            method: 'extensive' as const,
            bound: -Infinity,
            columns: program.cost.length,
            rows: program.rowLower.length,
            wholes: program.integer.reduce((sum, whole) => sum + whole, 0),
        }
        // commitments are few: their proof is nearly all of the work
        let answer = await solver.solve(program, { gap: 1e-9, heuristics: false, ...solving })
        if (answer.status === 'optimal' && size.wholes > 0) answer = await polish(program, answer, solver, solving)
        const { gap, message } = answer
        if (answer.x.length === 0) {
            if (answer.status !== 'infeasible') return { status: answer.status === 'stopped' ? 'stopped' : 'failed', gap, message, ...size }
            if (riskBudget !== undefined) {
                const { riskBudget: _, goal: _g, ...without } = options
                const least = await scheduleExtensive(vpp, solver, { ...without, beta: 1 })
                if (!least.verdict) return least
                const { cvar: leastCvar } = least.verdict
                const message = `no schedule keeps the CVaR within ${riskBudget}: the least that can be had is ${leastCvar}`
                const relaxation = [{ what: 'risk budget', by: leastCvar - riskBudget }]
                return { status: 'infeasible', gap, message, leastCvar, relaxation, ...size }
            }
            const why = await explainConflict(program, solver, solving)
            return { status: 'infeasible', gap, message, ...why, ...size }
        }
        const solution = built.read(answer.x)
        // a store that charges and discharges at once only burns energy nobody wants: forbid it where it shows
        const found = simultaneous(solution).filter((key) => !exclusive.has(key))
        if (found.length > 0) {
            for (const key of found) exclusive.add(key)
            continue
        }
        const verdict = verifySchedule(vpp, scenarios, solution)
        const bound = Number.isFinite(gap) && !goal ? verdict.objective - gap * Math.abs(answer.objective) : -Infinity
        return { ...size, status: answer.status === 'optimal' ? 'optimal' : 'stopped', gap, bound, solution, verdict, message }
    }
}

/** The answer with its whole numbers whole: as it is where that holds, else solved once more with them as given. */
async function polish(
    program: ReturnType<typeof buildProgram>['program'],
    answer: LinearAnswer,
    solver: LinearSolver,
    solving: object,
): Promise<LinearAnswer> {
    const rounded = answer.x.map((value, c) => (program.integer[c] === 1 ? Math.round(value) : value))
    if (programViolation(program, rounded) < 1e-9) return { ...answer, x: rounded }
    const fixed = {
        ...program,
        lower: program.lower.slice(),
        upper: program.upper.slice(),
        integer: new Uint8Array(program.integer.length),
    }
    program.integer.forEach((whole, c) => {
        if (whole === 1) fixed.lower[c] = fixed.upper[c] = Math.round(answer.x[c]!)
    })
    const again = await solver.solve(fixed, solving)
    if (again.status !== 'optimal') return answer
    // the polished answer may only be better; what is left to the bound is the gap
    const bound = answer.objective - answer.gap * Math.abs(answer.objective)
    return { ...again, gap: Math.max(0, again.objective - bound) / Math.max(Math.abs(again.objective), 1e-10) }
}

function simultaneous(solution: Solution): string[] {
    return solution.scenarios.flatMap((dispatch, s) =>
        (['bat', 'ev', 'tank'] as const).flatMap((kind) =>
            dispatch[kind].flatMap(({ ch, dis }, i) =>
                ch.flatMap((power, k) => (Math.min(power, dis[k]!) > 1e-6 ? [exclusiveKey(s, kind, i, k)] : [])),
            ),
        ),
    )
}
