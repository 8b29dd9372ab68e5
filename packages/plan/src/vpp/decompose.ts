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

export async function decomposeVpp(vpp: Vpp, solver: LinearSolver, options: Omit<ScheduleOptions, 'method'>): Promise<Schedule> {
    const scenarios = options.scenarios ?? vpp.scenarios
    const beta = options.beta ?? vpp.risk.beta
    const { signal, onProgress, gap: wanted = 1e-4 } = options
    const { program, one, columns, rows } = splitProgram(vpp, scenarios, beta)
    const size = { method: 'decomposition' as const, columns, rows, wholes: program.first.integer.reduce((sum, whole) => sum + whole, 0) }
    const hint = size.wholes > 0 ? planOfFew(vpp, scenarios, beta, solver, signal) : undefined
    // with whole numbers there are two branches to look into at a time
    const { openTwoStage } = solver
    const sessions = openTwoStage ? Array.from({ length: size.wholes > 0 ? 2 : 1 }, () => openTwoStage(program)) : [openHere(program)]
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
    if (search.x.length === 0)
        return none(
            search.status === 'optimal' ? 'failed' : search.status,
            `decomposition: no schedule after ${search.relaxations} relaxations`,
        )

    const firstStage = cleanTrades(one.readFirst(search.x))
    let done = 0
    const found = await Promise.all(
        scenarios.map(async (scenario, s) => {
            const schedule = await scheduleExtensive(vpp, solver, {
                beta: 0,
                scenarios: [{ ...scenario, probability: 1 }],
                given: firstStage,
                ...(signal && search.status !== 'stopped' ? { signal } : {}),
            })
            onProgress?.({ ...progressOf(search), what: `schedules of ${++done} of ${scenarios.length} scenarios` })
            return { s, schedule }
        }),
    )
    const bad = found.find(({ schedule }) => schedule.status !== 'optimal')
    if (bad)
        return none(bad.schedule.status === 'stopped' ? 'stopped' : 'failed', `decomposition: scenario ${bad.s}: ${bad.schedule.message}`)
    const solution: Solution = { beta, firstStage, scenarios: found.map(({ schedule }) => schedule.solution!.scenarios[0]!) }
    const verdict = verifySchedule(vpp, scenarios, solution)
    const gap = Math.max(0, verdict.objective - search.bound) / Math.max(1e-10, Math.abs(verdict.objective))
    const message = `decomposition: ${search.relaxations} relaxations of ${scenarios.length} scenarios, bound ${search.bound}`
    return { ...size, status: gap <= wanted ? 'optimal' : 'stopped', gap, bound: search.bound, solution, verdict, message }
}

/** scenarios whose plan is worth trying for all of them */
const few = 6

/** The first stage planned for a few scenarios that stand for all; its commitments are seldom far from the best. */
async function planOfFew(vpp: Vpp, all: readonly Scenario[], beta: number, solver: LinearSolver, signal: ScheduleOptions['signal']) {
    if (all.length <= few) return undefined
    const { rows, probability } = reduceSamples(vpp, samplesOfScenarios(vpp, all), few)
    const scenarios = rows.map((row, k) => ({ ...all[row]!, probability: probability[k]! }))
    const { program } = buildProgram(vpp, scenarios, { beta })
    const { x } = await solver.solve(program, { gap: 1e-3, heuristics: false, ...(signal ? { signal } : {}) })
    return x.length > 0 ? x : undefined
}

const progressOf = ({ objective, bound }: { objective: number; bound: number }) => ({
    objective,
    bound,
    gap: (objective - bound) / Math.max(1e-10, Math.abs(objective)),
})

/** An interior point leaves a little of both trades; nobody buys and sells in the same period. */
function cleanTrades({ buy, sell, u }: FirstStage): FirstStage {
    const net = buy.map((b, t) => b - sell[t]!)
    return { buy: net.map((x) => (x > 1e-6 ? x : 0)), sell: net.map((x) => (x < -1e-6 ? -x : 0)), u }
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
