/** The cheapest safe schedule of a virtual power plant, at a weight of risk. */
import type { LinearSolver } from '@gridverse/math'
import { decomposeVpp } from './decompose.ts'
import { type Schedule, type ScheduleOptions, scheduleExtensive } from './extensive.ts'
import type { Vpp } from './instance.ts'
import { buildProgram } from './program.ts'

export type { Schedule, ScheduleOptions, ScheduleProgress } from './extensive.ts'

/** columns of the whole program above which each scenario is solved by itself */
const largeProgram = 60_000

export async function scheduleVpp(vpp: Vpp, solver: LinearSolver, options: ScheduleOptions = {}): Promise<Schedule> {
    const { method, ...rest } = options
    if (method !== 'extensive' && (method === 'decomposition' || isLarge(vpp, options))) {
        const found = await decomposeVpp(vpp, solver, rest)
        // what decomposition cannot answer (nothing feasible, a stalled relaxation) the whole program explains
        if (found.status === 'optimal' || found.status === 'stopped') return found
    }
    return scheduleExtensive(vpp, solver, rest)
}

/** Large, and no closer gap asked for than an interior point gives. */
function isLarge(vpp: Vpp, { scenarios = vpp.scenarios, given, shared = 0, riskBudget, goal, most, gap = 1e-4 }: ScheduleOptions): boolean {
    if (
        given ||
        shared > 0 ||
        riskBudget !== undefined ||
        goal ||
        (most && Object.keys(most).length > 0) ||
        gap < 1e-6 ||
        scenarios.length < 2
    )
        return false
    const { program } = buildProgram(vpp, scenarios.slice(0, 1), { beta: 0 })
    return program.cost.length * scenarios.length > largeProgram
}
