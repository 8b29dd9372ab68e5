/**
 * A day of many scenarios without the program of them all: relaxations of both stages by an interior point whose work and memory grow
 * with the scenarios alone, commitments by branching, and the schedule itself from each scenario's own program with trades and
 * commitments given. What is told is recomputed from that schedule; the bound is proven by multipliers and holds for it whatever
 * the relaxations missed.
 */
import {
    createTwoStage,
    type LinearSolver,
    scenarioOfProgram,
    shareRows,
    solveTwoStage,
    type TwoStageProgram,
    type TwoStageScenario,
} from '@gridverse/math'
import { type Schedule, type ScheduleOptions, scheduleExtensive } from './extensive.ts'
import type { Scenario, Vpp } from './instance.ts'
import { buildProgram, type VppProgram } from './program.ts'
import { keepBudget } from './risk-budget.ts'
import { reduceSamples, samplesOfScenarios } from './sample.ts'
import type { FirstStage, Solution } from './solution.ts'
import { verifySchedule } from './verify.ts'

interface Split {
    readonly program: TwoStageProgram
    readonly one: VppProgram
    readonly columns: number
    readonly rows: number
}

/** The first stage and each scenario's rows; scenarios share what is the same in all. */
export function splitProgram(vpp: Vpp, scenarios: readonly Scenario[], beta: number): Split {
    let one: VppProgram | undefined
    const parts: TwoStageScenario[] = []
    for (const scenario of scenarios) {
        const built = buildProgram(vpp, [{ ...scenario, probability: 1 }], { beta: 0 })
        one ??= built
        const part = scenarioOfProgram(built.program, built.firstRows, scenario.probability, built.constant)
        parts.push(shareRows(part, parts[0]))
    }
    const { program, firstColumns: n, firstRows: m } = one!
    const entries = program.start[m]!
    const first = {
        cost: program.cost.slice(0, n),
        lower: program.lower.slice(0, n),
        upper: program.upper.slice(0, n),
        integer: program.integer.slice(0, n),
        rowLower: program.rowLower.slice(0, m),
        rowUpper: program.rowUpper.slice(0, m),
        start: program.start.slice(0, m + 1),
        column: program.column.slice(0, entries),
        value: program.value.slice(0, entries),
        columnName: program.columnName.slice(0, n),
        rowName: program.rowName.slice(0, m),
    }
    return {
        program: { alpha: vpp.risk.alpha, beta, first, scenarios: parts },
        one: one!,
        columns: n + scenarios.length * (program.cost.length - n),
        rows: m + scenarios.length * (program.rowLower.length - m),
    }
}

/**
 * What one relaxation costs is its iterations times the scenarios. Tried for it, at 96 periods and 20 to 50 scenarios: a first point as
 * far from limits of commitments as from those of powers, and four corrections of a step in place of two (43 iterations to 36); all
 * branches from the point the first relaxation passed midway (42 to 11 … 16; from that of fixed commitments it took up to 72). Tried
 * and left: steps of each scenario by itself (rows missed come back), and the points of a few scenarios' program copied to all (steps
 * of 1 %).
 */
export async function decomposeVpp(vpp: Vpp, solver: LinearSolver, options: Omit<ScheduleOptions, 'method'>): Promise<Schedule> {
    const { riskBudget: budget, beta = vpp.risk.beta, gap = 1e-4, ...rest } = options
    if (budget === undefined) return decomposeAt(vpp, solver, { ...options, beta, gap })
    const scenarios = options.scenarios ?? vpp.scenarios
    const atBeta = (plan: Schedule): Schedule => (plan.solution ? { ...plan, ...judge(vpp, scenarios, { ...plan.solution, beta }) } : plan)
    return keepBudget({
        beta,
        budget,
        gap,
        solveAt: async (weight) => atBeta(await decomposeAt(vpp, solver, { ...rest, beta: weight, gap: gap / 4 })),
        run: async (firstStage) => {
            const { program, one: _, ...size } = splitProgram(vpp, scenarios, beta)
            const found = await runScenarios(vpp, scenarios, solver, beta, firstStage, options.signal)
            const of = { method: 'decomposition' as const, ...size, wholes: program.first.integer.reduce((sum, whole) => sum + whole, 0) }
            if ('bad' in found) return { ...of, status: 'failed', gap: Infinity, bound: -Infinity, message: found.bad.message }
            return {
                ...of,
                status: 'optimal',
                gap: Infinity,
                bound: -Infinity,
                message: 'decomposition: mixed trades',
                ...judge(vpp, scenarios, found.solution),
            }
        },
    })
}

const judge = (vpp: Vpp, scenarios: readonly Scenario[], solution: Solution) => ({
    solution,
    verdict: verifySchedule(vpp, scenarios, solution),
})

async function decomposeAt(
    vpp: Vpp,
    solver: LinearSolver,
    options: Omit<ScheduleOptions, 'method' | 'riskBudget'> & { readonly beta: number; readonly gap: number },
): Promise<Schedule> {
    const scenarios = options.scenarios ?? vpp.scenarios
    const { beta, gap: wanted, signal, onProgress, timeLimitS } = options
    const limited = timeLimitS === undefined ? {} : { timeLimitS }
    const { program, one, columns, rows } = splitProgram(vpp, scenarios, beta)
    const size = { method: 'decomposition' as const, columns, rows, wholes: program.first.integer.reduce((sum, whole) => sum + whole, 0) }
    // with whole numbers there are two branches to look into at a time; their clocks start here
    const { openTwoStage } = solver
    const sessions = openTwoStage
        ? Array.from({ length: size.wholes > 0 ? 2 : 1 }, () => openTwoStage(program, limited))
        : [openHere(program)]
    const hint = size.wholes > 0 ? planOfFew(vpp, scenarios, beta, solver, { ...limited, ...(signal ? { signal } : {}) }) : undefined
    const search = await solveTwoStage(program.first, sessions, solver, {
        // the rest is left to what the interior point misses of the trades
        gap: 0.8 * wanted,
        ...(hint ? { hint } : {}),
        ...(signal ? { signal } : {}),
        ...(onProgress
            ? {
                  onProgress: ({ objective, bound, gap, relaxations, inside }) =>
                      onProgress({
                          objective,
                          bound,
                          gap,
                          what: `relaxation ${relaxations + 1}${inside ? `, iteration ${inside.iteration}` : ''}`,
                      }),
              }
            : {}),
    }).finally(() => Promise.all(sessions.map((session) => session.close())))
    const none = (status: Schedule['status'], message: string): Schedule => ({
        ...size,
        status,
        gap: Infinity,
        bound: search.bound,
        message,
    })
    // out of time before an answer: what a few scenarios were planned for is one
    const x = search.x.length === 0 && search.status === 'stopped' && !signal?.aborted ? ((await hint) ?? search.x) : search.x
    if (x.length === 0)
        return none(
            search.status === 'optimal' ? 'failed' : search.status,
            `decomposition: no schedule after ${search.relaxations} relaxations`,
        )
    const found = await runScenarios(
        vpp,
        scenarios,
        solver,
        beta,
        cleanTrades(one.readFirst(x)),
        search.status === 'stopped' ? undefined : signal,
        (done) => onProgress?.({ ...progressOf(search), what: `schedules of ${done} of ${scenarios.length} scenarios` }),
    )
    if ('bad' in found) return none(found.bad.status === 'stopped' ? 'stopped' : 'failed', `decomposition: ${found.bad.message}`)
    const { solution, verdict } = judge(vpp, scenarios, found.solution)
    const gap = Math.max(0, verdict.objective - search.bound) / Math.max(1e-10, Math.abs(verdict.objective))
    const message = `decomposition: ${search.relaxations} relaxations of ${scenarios.length} scenarios, bound ${search.bound}`
    return { ...size, status: gap <= wanted ? 'optimal' : 'stopped', gap, bound: search.bound, solution, verdict, message }
}

/** Each scenario's own program with trades and commitments given. */
async function runScenarios(
    vpp: Vpp,
    scenarios: readonly Scenario[],
    solver: LinearSolver,
    beta: number,
    firstStage: FirstStage,
    signal: ScheduleOptions['signal'],
    onDone?: (done: number) => void,
): Promise<{ readonly solution: Solution } | { readonly bad: Pick<Schedule, 'status' | 'message'> }> {
    let done = 0
    const found = await Promise.all(
        scenarios.map(async (scenario) => {
            const schedule = await scheduleExtensive(vpp, solver, {
                beta: 0,
                scenarios: [{ ...scenario, probability: 1 }],
                given: firstStage,
                ...(signal ? { signal } : {}),
            })
            onDone?.(++done)
            return schedule
        }),
    )
    const s = found.findIndex(({ status }) => status !== 'optimal')
    if (s >= 0) return { bad: { status: found[s]!.status, message: `scenario ${s}: ${found[s]!.message}` } }
    return { solution: { beta, firstStage, scenarios: found.map(({ solution }) => solution!.scenarios[0]!) } }
}

/** scenarios whose plan is worth trying for all of them */
const few = 6

/** The first stage planned for a few scenarios that stand for all; its commitments are seldom far from the best. */
async function planOfFew(
    vpp: Vpp,
    all: readonly Scenario[],
    beta: number,
    solver: LinearSolver,
    solving: Pick<ScheduleOptions, 'signal' | 'timeLimitS'>,
) {
    if (all.length <= few) return undefined
    const { rows, probability } = reduceSamples(vpp, samplesOfScenarios(vpp, all), few)
    const scenarios = rows.map((row, k) => ({ ...all[row]!, probability: probability[k]! }))
    const { program } = buildProgram(vpp, scenarios, { beta })
    const { x } = await solver.solve(program, { gap: 1e-3, heuristics: false, ...solving })
    return x.length > 0 ? x : undefined
}

const progressOf = ({ objective, bound }: { objective: number; bound: number }) => ({
    objective,
    bound,
    gap: (objective - bound) / Math.max(1e-10, Math.abs(objective)),
})

/** An interior point leaves a little of both trades; nobody buys and sells in the same period. */
function cleanTrades({ buy, sell, ...decided }: FirstStage): FirstStage {
    const net = buy.map((b, t) => b - sell[t]!)
    return { buy: net.map((x) => (x > 1e-6 ? x : 0)), sell: net.map((x) => (x < -1e-6 ? -x : 0)), ...decided }
}

/** Without threads to run on, relaxations run here. */
function openHere(program: TwoStageProgram) {
    const kernel = createTwoStage(program)
    return {
        solve: async ({
            signal,
            ...options
        }: Parameters<NonNullable<ReturnType<NonNullable<LinearSolver['openTwoStage']>>>['solve']>[0] = {}) =>
            kernel.solve({ ...options, shouldStop: () => signal?.aborted === true }),
        close: async () => undefined,
    }
}
