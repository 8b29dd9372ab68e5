/**
 * What each limit asked for means: how far the schedule comes to it, whether it binds, what it costs, and its shadow price,
 * the fall of the objective for one unit more of room. Values are read from the schedule alone; costs from a schedule without
 * the limit; prices are the duals of the linear program that is left when every whole number is given: of rows as the solver
 * tells them, of columns' limits by their reduced cost d = c − Aᵀy.
 */
import type { LinearProgram, LinearSolver } from '@gridverse/math'
import { dayFigures } from './baselines.ts'
import { type Schedule, type ScheduleOptions, scheduleExtensive } from './extensive.ts'
import type { Scenario, Vpp } from './instance.ts'
import { type LimitWindow, limitPeriods, limitPlant, type PlanLimit, sameUnit } from './plan-limits.ts'
import { buildProgram } from './program.ts'
import { startsOf } from './runs.ts'
import type { Solution } from './solution.ts'

export interface LimitReport {
    readonly limit: PlanLimit
    /** what the schedule comes to: greatest draw, least charge …, in the unit of the limit; absent for a unit left alone */
    readonly reached?: number
    readonly binds: boolean
    /** objective with it less objective without, currency of the plant; absent where no schedule without it was found */
    readonly cost?: number
    /** currency per unit of the limit (kW, %, kWh, kg, K), ≥ 0; absent where it has no unit */
    readonly price?: number
}

/**
 * Reports on limits a schedule was made with. `vpp` is the plant without them, with its scenarios; `options` are those of the
 * schedule. Where another goal than cost is pursued, only what is reached is told.
 */
export async function priceLimits(
    vpp: Vpp,
    limits: readonly PlanLimit[],
    clockH: number,
    schedule: Schedule,
    solver: LinearSolver,
    options: Omit<ScheduleOptions, 'method' | 'most' | 'scenarios' | 'given'> = {},
): Promise<LimitReport[]> {
    const { solution, verdict } = schedule
    if (!solution || !verdict) return []
    const limited = limitPlant(vpp, limits, clockH)
    const money = options.goal === undefined
    const duals = money ? await dualsOf(limited.vpp, limited.most, solution, solver, options) : undefined
    const reports: LimitReport[] = []
    for (const [k, limit] of limits.entries()) {
        const reached = reachedBy(limited.vpp, limit, clockH, solution)
        const bound = boundOf(limit)
        const tight = reached === undefined || bound === undefined || Math.abs(reached - bound) <= 1e-4 * Math.max(1, Math.abs(bound))
        let cost: number | undefined
        if (money && tight) {
            const without = limitPlant(
                vpp,
                limits.filter((_, j) => j !== k),
                clockH,
            )
            const free = await scheduleExtensive(without.vpp, solver, { ...options, most: without.most })
            if (free.verdict) cost = Math.max(0, verdict.objective - free.verdict.objective)
        }
        const price = duals && bound !== undefined ? (tight ? priceOf(limited.vpp, limit, clockH, duals) : 0) : undefined
        // at its limit by chance, it costs nothing: it does not bind
        const binds =
            tight && (money ? (cost ?? 0) > 1e-6 * Math.max(1, Math.abs(verdict.objective)) || (price ?? 0) > 1e-9 : reached !== undefined)
        reports.push({
            limit,
            binds,
            ...(reached === undefined ? {} : { reached }),
            ...(money ? { cost: tight ? (cost ?? 0) : 0 } : {}),
            ...(price === undefined ? {} : { price }),
        })
    }
    return reports
}

/** The figure of a limit; a comfort limit of two sides is judged by the nearer. */
function boundOf(limit: PlanLimit): number | undefined {
    switch (limit.kind) {
        case 'import':
        case 'export':
            return limit.maxKw
        case 'charge':
            return limit.minPercent
        case 'curtailment':
            return limit.maxKwh
        case 'co2':
            return limit.maxKg
        case 'comfort':
            return 0
        case 'without':
            return undefined
    }
}

/** From the decisions alone. Of comfort: how near a room comes to either side, K. */
function reachedBy(vpp: Vpp, limit: PlanLimit, clockH: number, { firstStage: { buy, sell }, scenarios }: Solution): number | undefined {
    const within = limitPeriods(vpp, limit as LimitWindow, clockH)
    const drawn = (s: number, t: number) => buy[t]! - sell[t]! + scenarios[s]!.short[t]! - scenarios[s]!.surplus[t]!
    const overAll = (of: (s: number, t: number) => number) => scenarios.flatMap((_, s) => within.map((t) => of(s, t)))
    const mean = (of: (scenario: Scenario, s: number) => number) =>
        vpp.scenarios.reduce((sum, scenario, s) => sum + scenario.probability * of(scenario, s), 0)
    switch (limit.kind) {
        case 'import':
            return Math.max(0, ...overAll(drawn))
        case 'export':
            return Math.max(0, ...overAll((s, t) => -drawn(s, t)))
        case 'charge': {
            const percents = vpp.batteries.flatMap((b, i) => {
                if (!isAsked(limit, b.name)) return []
                return scenarios.flatMap(({ bat }) => {
                    let content = b.e0
                    const after = bat[i]!.ch.map((ch, t) => {
                        content = content * (1 - b.selfLoss * vpp.dtH) + vpp.dtH * (b.etaCh * ch - bat[i]!.dis[t]! / b.etaDis)
                        return (100 * content) / (b.eFull ?? b.eMax)
                    })
                    return within.map((t) => after[t]!)
                })
            })
            return Math.min(...percents)
        }
        case 'curtailment':
            // what is sold for nothing counts as taken here, as it does in the limit
            return mean((scenario, s) => {
                const taken = [...scenarios[s]!.pv, ...scenarios[s]!.wind].reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0)
                return dayFigures(vpp, scenario, scenarios[s]!).renewableKwh - vpp.dtH * taken
            })
        case 'co2':
            return mean((scenario, s) => dayFigures(vpp, scenario, scenarios[s]!).co2Kg)
        case 'comfort': {
            const rooms = vpp.airConditioners.flatMap((unit, i) =>
                scenarios.flatMap(({ ac }) => {
                    const a = Math.exp(-vpp.dtH / (unit.r * unit.c))
                    let x = unit.t0
                    return ac[i]!.map((p, t) => {
                        x = a * x + (1 - a) * (unit.tOut[t]! + unit.r * (unit.gain[t]! + (unit.mode === 'cool' ? -1 : 1) * unit.cop * p))
                        return x
                    })
                }),
            )
            const room = [
                ...(limit.minC === undefined ? [] : [Math.min(...rooms) - limit.minC]),
                ...(limit.maxC === undefined ? [] : [limit.maxC - Math.max(...rooms)]),
            ]
            return Math.min(...room)
        }
        case 'without':
            return undefined
    }
}

const isAsked = ({ unit }: { readonly unit?: string }, name: string) => unit === undefined || sameUnit(name, unit)

interface Duals {
    readonly program: LinearProgram
    readonly rowOf: ReadonlyMap<string, number>
    readonly columnOf: ReadonlyMap<string, number>
    readonly row: Float64Array
    /** d = c − Aᵀy: what a column's limit costs, money per unit */
    readonly reduced: Float64Array
}

/** Duals of the program with its commitments given as decided. */
async function dualsOf(
    vpp: Vpp,
    most: ScheduleOptions['most'],
    { beta, firstStage }: Solution,
    solver: LinearSolver,
    { riskBudget, signal, timeLimitS }: ScheduleOptions,
): Promise<Duals | undefined> {
    const { program } = buildProgram(vpp, vpp.scenarios, {
        beta,
        most: { ...most, ...(riskBudget === undefined ? {} : { cvar: riskBudget }) },
    })
    const { cost, column, value, start, columnName, rowName } = program
    const [lower, upper] = [program.lower.slice(), program.upper.slice()]
    const columnOf = new Map(columnName.map((name, c) => [name, c]))
    // what is on is the first stage's; starts and stops follow from it
    const wholes = Array.from(program.integer.keys()).filter((c) => program.integer[c] === 1)
    for (const [i, g] of vpp.gasTurbines.entries())
        for (const [k, on] of firstStage.u[i]!.entries()) {
            const c = columnOf.get(`commitment of ${g.name} in block ${k}`)
            if (c !== undefined) lower[c] = upper[c] = on
        }
    for (const [i, run] of (vpp.runs ?? []).entries())
        for (const start of startsOf(run)) {
            const c = columnOf.get(`run of ${run.name} from period ${start}`)!
            lower[c] = upper[c] = firstStage.runs?.[i] === start ? 1 : 0
        }
    const relaxed = { ...program, lower, upper, integer: new Uint8Array(program.integer.length) }
    const answer = await solver.solve(relaxed, { ...(signal ? { signal } : {}), ...(timeLimitS === undefined ? {} : { timeLimitS }) })
    if (answer.status !== 'optimal' || (wholes.length > 0 && wholes.some((c) => Math.abs(answer.x[c]! - Math.round(answer.x[c]!)) > 1e-6)))
        return undefined
    const reduced = cost.slice()
    for (let r = 0; r < rowName.length; r++)
        for (let k = start[r]!; k < start[r + 1]!; k++) reduced[column[k]!] = reduced[column[k]!]! - answer.rowDual[r]! * value[k]!
    return { program, row: answer.rowDual, reduced, columnOf, rowOf: new Map(rowName.map((name, r) => [name, r])) }
}

/** Rate of the objective with one unit less of room, ≥ 0: over all rows and columns the limit stands in. */
function priceOf(vpp: Vpp, limit: PlanLimit, clockH: number, duals: Duals): number {
    const labels = vpp.scenarios.length > 1 ? vpp.scenarios.map((_, s) => ` in scenario ${s}`) : ['']
    const within = limitPeriods(vpp, limit as LimitWindow, clockH)
    const rows = (name: (t: number) => string) =>
        labels.reduce(
            (sum, label) => sum + within.reduce((all, t) => all - (duals.row[duals.rowOf.get(`${name(t)}${label}`) ?? -1] ?? 0), 0),
            0,
        )
    const mostRow = (name: string) => -(duals.row[duals.rowOf.get(name) ?? -1] ?? 0)
    const columns = (name: string, of: (c: number, reduced: number, t: number) => number) =>
        labels.reduce(
            (sum, label) =>
                sum +
                within.reduce((all, t) => {
                    const c = duals.columnOf.get(`${name} after period ${t}${label}`)
                    return c === undefined ? all : all + of(c, duals.reduced[c]!, t)
                }, 0),
            0,
        )
    const { lower, upper } = duals.program
    switch (limit.kind) {
        case 'import':
            return Math.max(
                0,
                rows((t) => `demand from the grid in period ${t}`),
            )
        case 'export':
            return Math.max(
                0,
                rows((t) => `feed-in to the grid in period ${t}`),
            )
        case 'charge':
            return vpp.batteries.reduce((sum, b) => {
                if (!isAsked(limit, b.name)) return sum
                const perPercent = (b.eFull ?? b.eMax) / 100
                // where something else asks for more, this limit is not the one that costs
                const own = (c: number) => lower[c]! <= perPercent * limit.minPercent + 1e-9
                return sum + columns(`content of ${b.name}`, (c, d) => (own(c) ? perPercent * Math.max(0, d) : 0))
            }, 0)
        case 'curtailment':
            return Math.max(0, mostRow('most of curtailed energy'))
        case 'co2':
            return Math.max(0, mostRow('most of carbon dioxide'))
        case 'comfort':
            // narrower by one kelvin on each side asked for
            return vpp.airConditioners.reduce(
                (sum, unit) =>
                    sum +
                    columns(`temperature of ${unit.name}`, (c, d) =>
                        d > 0 ? (lower[c] === limit.minC ? d : 0) : upper[c] === limit.maxC ? -d : 0,
                    ),
                0,
            )
        case 'without':
            return 0
    }
}
