/** The cheapest safe schedule of a virtual power plant, at a weight of risk. */
import type { LinearSolver } from '@gridverse/math'
import { decomposeVpp } from './decompose.ts'
import { type Schedule, type ScheduleOptions, scheduleExtensive } from './extensive.ts'
import type { Vpp } from './instance.ts'
import { buildProgram } from './program.ts'
import { rulePlan, settleFixed } from './rule-plan.ts'
import { verifySchedule } from './verify.ts'

export type { Schedule, ScheduleOptions, ScheduleProgress } from './extensive.ts'

/** columns of the whole program above which each scenario is solved by itself */
const largeProgram = 60_000

export async function scheduleVpp(vpp: Vpp, solver: LinearSolver, options: ScheduleOptions = {}): Promise<Schedule> {
    const { method, ...rest } = options
    if (method !== 'extensive' && isSeparable(options) && (method === 'decomposition' || isLarge(vpp, options))) {
        const found = await decomposeVpp(vpp, solver, rest)
        // what decomposition cannot answer (nothing feasible, a stalled relaxation) the whole program explains
        if (found.status === 'optimal' || found.status === 'stopped' || found.leastCvar !== undefined)
            return preferRules(vpp, options, found)
    }
    return preferRules(vpp, options, await scheduleExtensive(vpp, solver, rest))
}

/** Whether scenarios meet in the first stage and the risk alone: other goals, limits of means and shared setpoints link them. */
const isSeparable = ({ given, shared = 0, goal, most }: ScheduleOptions): boolean =>
    !given && shared === 0 && !goal && Object.keys(most ?? {}).length === 0

/** Large, and no closer gap asked for than an interior point gives. */
function isLarge(vpp: Vpp, { scenarios = vpp.scenarios, gap = 1e-4 }: ScheduleOptions): boolean {
    if (gap < 1e-6 || scenarios.length < 2) return false
    const { program } = buildProgram(vpp, scenarios.slice(0, 1), { beta: 0 })
    return program.cost.length * scenarios.length > largeProgram
}

/** A search ended early is never worse than rules alone: where their plan is better, it is the answer, held against the same bound. */
function preferRules(vpp: Vpp, options: ScheduleOptions, found: Schedule): Schedule {
    const { scenarios = vpp.scenarios, beta = vpp.risk.beta, riskBudget = Infinity, timeLimitS } = options
    if (found.status !== 'stopped' || !isSeparable(options) || (!found.solution && timeLimitS === undefined)) return found
    const rule = rulePlan({ ...vpp, scenarios: [...scenarios] })
    const solution = { beta, firstStage: rule.firstStage, scenarios: scenarios.map((day) => settleFixed(vpp, rule, day)) }
    const verdict = verifySchedule(vpp, scenarios, solution)
    if (verdict.violations.length > 0 || verdict.cvar > riskBudget) return found
    if (found.verdict && found.verdict.objective <= verdict.objective) return found
    const gap = Math.max(0, verdict.objective - found.bound) / Math.max(1e-10, Math.abs(verdict.objective))
    return { ...found, gap, solution, verdict, by: 'rules', message: `${found.message}; the plan by rules is better than what was found` }
}
