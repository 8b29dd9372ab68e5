/** `gridverse vpp …`: schedules of a virtual power plant, its frontier of cost and risk, and what uncertainty costs. */
import { writeFile } from 'node:fs/promises'
import {
    type Costs,
    checkFeederAc,
    computeBaselines,
    computeRuleBased,
    type DayFigures,
    evaluateVpp,
    type FeederCheck,
    type FeederViolation,
    type Front,
    frontOf,
    NoSchedule,
    parseVpp,
    type Schedule,
    type ScheduleProgress,
    type Solution,
    scheduleVpp,
    scorePlan,
    type Vpp,
} from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { errorsOf } from '@gridverse/units'
import { readText } from '../case-file.ts'
import { BadInput, describeIssue, exit, Misuse } from '../failure.ts'
import { checkOutFile } from '../out-file.ts'
import { createInterrupt, formatSeconds, interruptedExit } from '../progress.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'
import { checkUnit, describeUnits, unitsToJson } from './vpp-units.ts'

export interface SolveOptions {
    readonly gap?: number
    readonly timeLimit?: number
    readonly json?: boolean
}
export interface VppScheduleOptions extends SolveOptions {
    readonly beta?: number
    /** also what rules, and a plan for the forecast alone, would cost on the same scenarios */
    readonly baselines?: boolean
    readonly method?: 'extensive' | 'decomposition'
    /** largest CVaR allowed */
    readonly riskBudget?: number
    /** every period of the schedule by AC power flow too */
    readonly checkFeeder?: boolean
    readonly solution?: string
    /** name of a unit whose setpoints are told step by step; `all` for every one */
    readonly unit?: string
    /** residual of every balance step by step */
    readonly balance?: boolean
}

const costNames: Readonly<Record<keyof Costs, string>> = {
    purchaseSaleCost: 'purchases less sales',
    gasTurbineCost: 'gas turbines',
    storageCost: 'wear of stores',
    loadReductionCost: 'load reduction and comfort',
    carbonCost: 'carbon',
    otherCost: 'other',
    operatingCost: 'operating cost',
}

export async function readVpp(file: string, terminal: Terminal): Promise<Vpp> {
    const { vpp, issues } = parseVpp(await readText(file, terminal))
    if (errorsOf(issues).length) throw new BadInput(file, issues)
    for (const issue of issues) terminal.err(describeIssue(terminal, file, issue))
    return vpp
}

/** A solver for one command: shows how far it is, and stops at the best answer so far on Ctrl-C. */
export async function withSolver<T>(
    terminal: Terminal,
    threads: number,
    work: (tools: Tools) => Promise<T>,
    timeLimitS = Infinity,
): Promise<T> {
    const solver = createHighsSolver({ threads })
    const interrupt = createInterrupt()
    const stop = new AbortController()
    const started = performance.now()
    let text = 'solving'
    let shown = false
    const timer = setInterval(() => {
        const seconds = (performance.now() - started) / 1000
        if (interrupt.asked || seconds > timeLimitS) stop.abort()
        if (!terminal.interactive || seconds < 1) return
        terminal.err(`\r\u001b[K${text} · ${formatSeconds(seconds)}`)
        shown = true
    }, 200)
    try {
        return await work({
            solver,
            signal: stop.signal,
            tell: (line) => {
                text = line
                if (!terminal.interactive && performance.now() - started > 5000) terminal.err(`${line}\n`)
            },
            stopped: () => interrupt.asked,
        })
    } finally {
        clearInterval(timer)
        if (shown) terminal.err('\r\u001b[K')
        interrupt.dispose()
        await solver.close()
    }
}

interface Tools {
    readonly solver: ReturnType<typeof createHighsSolver>
    readonly signal: AbortSignal
    tell(line: string): void
    stopped(): boolean
}

function describeProgress({ objective, bound, gap, what = 'solving' }: ScheduleProgress): string {
    const parts = [what]
    if (Number.isFinite(objective)) parts.push(`cost ${objective.toPrecision(7)}`)
    if (Number.isFinite(bound)) parts.push(`at least ${bound.toPrecision(7)}`)
    if (Number.isFinite(gap)) parts.push(`gap ${(100 * gap).toPrecision(2)} %`)
    return parts.join(' · ')
}

export async function runVppSchedule(file: string, options: VppScheduleOptions, terminal: Terminal): Promise<number> {
    if (options.solution) checkOutFile(options.solution, [file])
    const vpp = await readVpp(file, terminal)
    checkUnit(vpp, options.unit)
    if (options.checkFeeder && !vpp.feeder) throw new Misuse('--check-feeder: the instance has no feeder ("network").')
    return withSolver(
        terminal,
        2,
        async ({ solver, signal, tell, stopped }) => {
            const schedule = await scheduleVpp(vpp, solver, {
                beta: options.beta ?? vpp.risk.beta,
                signal,
                ...(options.method ? { method: options.method } : {}),
                ...(options.riskBudget === undefined ? {} : { riskBudget: options.riskBudget }),
                ...(options.gap === undefined ? {} : { gap: options.gap }),
                ...(options.timeLimit === undefined ? {} : { timeLimitS: options.timeLimit }),
                onProgress: (progress) => tell(describeProgress(progress)),
            })
            if (schedule.solution && options.solution)
                await writeFile(options.solution, `${JSON.stringify({ instance: vpp.name, ...schedule.solution })}\n`)
            const scores =
                options.baselines && schedule.solution && !stopped()
                    ? await compare(vpp, schedule.solution, options, solver, signal, tell)
                    : undefined
            const rules = schedule.solution ? priceRules(vpp, schedule.solution.beta) : undefined
            const feeder = options.checkFeeder && schedule.solution ? checkFeederAc(vpp, vpp.scenarios, schedule.solution) : undefined
            if (options.json) {
                const more = {
                    ...(schedule.solution ? unitsToJson(vpp, schedule.solution) : {}),
                    ...(rules ? { ruleBased: rules } : {}),
                    ...(scores ? { baselines: scores } : {}),
                    ...(feeder ? { feeder } : {}),
                }
                terminal.out(`${JSON.stringify({ ...toJson(schedule), ...more })}\n`)
            } else terminal.out(schedule.solution ? describe(vpp, schedule, terminal) : explain(vpp, schedule, terminal))
            if (schedule.solution && !options.json)
                terminal.out(describeUnits(vpp, schedule.solution, terminal, options.unit, options.balance === true))
            if (rules && !scores && !options.json)
                terminal.out(`By rules on the same scenarios: objective ${formatNumber(rules.objective, 2)} ${vpp.currency}\n`)
            if (scores && !options.json) terminal.out(describeBaselines(vpp, scores, terminal))
            if (feeder && !options.json) terminal.out(describeFeeder(feeder, terminal))
            if (schedule.status === 'optimal') return exit.done
            return stopped() ? interruptedExit : exit.noSolution
        },
        options.timeLimit,
    )
}

function describeFeeder(found: FeederCheck, terminal: Terminal): string {
    const head = [
        `Feeder by AC power flow: ${found.solved} solved${found.diverged.length ? `, ${found.diverged.length} without a solution` : ''}`,
        `losses ${formatNumber(found.lossesKwh, 1)} kWh a day`,
        `LinDistFlow off by ${found.voltageDifferencePu.toExponential(1)} p.u. and ${formatNumber(found.flowDifferenceKw, 1)} kW at most`,
        `${found.violations.length} limits missed`,
    ]
    const place = (v: FeederViolation) => `scenario ${v.scenario}, period ${v.period}`
    return [
        `\n${head.join(' · ')}\n`,
        renderTable(terminal, 'Voltages, p.u.', found.buses, [
            { title: 'bus', value: (b) => b.name },
            { title: 'least', value: (b) => b.minPu, decimals: 4 },
            { title: 'greatest', value: (b) => b.maxPu, decimals: 4 },
            { title: 'least by LinDistFlow', value: (b) => b.linearMinPu, decimals: 4 },
            { title: 'greatest by LinDistFlow', value: (b) => b.linearMaxPu, decimals: 4 },
        ]),
        found.violations.length === 0
            ? ''
            : renderTable(terminal, `Limits missed (the first of ${found.violations.length})`, found.violations.slice(0, 10), [
                  { title: 'where', value: (v) => v.where },
                  { title: 'what', value: (v) => v.what },
                  { title: 'when', value: place },
                  { title: 'value', value: (v) => v.value, decimals: 4 },
                  { title: 'limit', value: (v) => v.limit, decimals: 4 },
              ]),
    ].join('')
}

interface BaselineScore extends DayFigures {
    readonly plan: string
    readonly objective: number
    readonly expectedCost: number
    readonly cvar: number
}

/** What rules alone cost on the same scenarios. */
function priceRules(vpp: Vpp, beta: number) {
    const { objective, expected, cvar } = computeRuleBased(vpp, beta)
    return { objective, expectedCost: expected.operatingCost, cvar }
}

/** The plan beside its baselines, on the same scenarios. */
async function compare(
    vpp: Vpp,
    solution: Solution,
    options: VppScheduleOptions,
    solver: Tools['solver'],
    signal: AbortSignal,
    tell: Tools['tell'],
): Promise<BaselineScore[]> {
    tell('plans by rules and for the forecast')
    const { ruleBased, deterministic } = await computeBaselines(vpp, solver, {
        beta: solution.beta,
        signal,
        ...(options.gap === undefined ? {} : { gap: options.gap }),
        ...(options.timeLimit === undefined ? {} : { timeLimitS: options.timeLimit }),
    })
    const own = scorePlan(vpp, vpp.scenarios, solution)
    return Object.entries({ 'for all scenarios': own, 'for the forecast': deterministic, 'by rules': ruleBased }).map(([plan, score]) => ({
        plan,
        objective: score.objective,
        expectedCost: score.expected.operatingCost,
        cvar: score.cvar,
        ...score.figures,
    }))
}

const describeBaselines = (vpp: Vpp, scores: readonly BaselineScore[], terminal: Terminal) =>
    renderTable(terminal, 'Plans on the same scenarios', scores, [
        { title: 'plan', value: (s) => s.plan },
        { title: `objective ${vpp.currency}`, value: (s) => s.objective, decimals: 2 },
        { title: `expected ${vpp.currency}`, value: (s) => s.expectedCost, decimals: 2 },
        { title: `CVaR ${vpp.currency}`, value: (s) => s.cvar, decimals: 2 },
        { title: 'curtailed kWh', value: (s) => s.curtailedKwh, decimals: 0 },
        { title: 'imbalance kWh', value: (s) => s.imbalanceKwh, decimals: 0 },
        { title: 'CO₂ kg', value: (s) => s.co2Kg, decimals: 0 },
    ])

function toJson({ status, gap, bound, by, method, solution, verdict, relaxation, conflict, leastCvar, message }: Schedule) {
    if (!solution || !verdict)
        return {
            status,
            message,
            ...(leastCvar === undefined ? {} : { leastCvar }),
            ...(relaxation ? { relaxation } : {}),
            ...(conflict ? { conflict } : {}),
        }
    return {
        status,
        objective: verdict.objective,
        expectedCost: verdict.expected.operatingCost,
        cvar: verdict.cvar,
        var: verdict.valueAtRisk,
        gap,
        bound,
        method,
        ...(by ? { by } : {}),
        beta: solution.beta,
        costs: verdict.expected,
        firstStage: solution.firstStage,
        scenarioCosts: verdict.scenarios.map((costs) => costs.operatingCost),
        maxViolation: verdict.maxViolation,
    }
}

function explain(vpp: Vpp, { status, relaxation = [], conflict = [], message }: Schedule, terminal: Terminal): string {
    const parts = [`${vpp.name}: ${paint(terminal, 'red', status)} (${message})\n`]
    if (relaxation.length)
        parts.push(
            renderTable(terminal, 'Least that must give way', relaxation, [
                { title: 'limit', value: (row) => row.what },
                { title: 'by kW, kWh or K', value: (row) => row.by, decimals: 3 },
            ]),
        )
    if (conflict.length)
        parts.push(renderTable(terminal, 'Limits that cannot hold together', conflict, [{ title: 'limit', value: (row) => row }]))
    return parts.join('')
}

function describe(vpp: Vpp, schedule: Schedule, terminal: Terminal): string {
    const { solution, verdict } = schedule
    const { firstStage } = solution!
    const { expected, cvar, valueAtRisk, objective, maxViolation, scenarios } = verdict!
    const money = (x: number) => `${formatNumber(x, 2)} ${vpp.currency}`
    const head = [
        `${vpp.name}: ${paint(terminal, schedule.status === 'optimal' ? 'green' : 'yellow', schedule.status)}`,
        `objective ${money(objective)} at risk weight ${solution!.beta}`,
        `expected ${money(expected.operatingCost)}`,
        `CVaR ${money(cvar)}`,
        `VaR ${money(valueAtRisk)} at ${formatNumber(100 * vpp.risk.alpha, 1)} %`,
        `gap ${schedule.gap.toExponential(1)}`,
        ...(Number.isFinite(schedule.bound) ? [`proven: at least ${money(schedule.bound)}`] : []),
        ...(schedule.by ? [paint(terminal, 'yellow', 'the plan by rules: better than what was found in the time given')] : []),
        `largest violation ${maxViolation.toExponential(1)} kW`,
    ]
    const keys = Object.keys(costNames) as (keyof Costs)[]
    const clock = (t: number) => {
        const minutes = Math.round(t * vpp.dtH * 60)
        return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
    }
    return [
        `${head.join(' · ')}\n`,
        renderTable(terminal, 'Costs', keys, [
            { title: 'cost', value: (key) => costNames[key] },
            { title: `expected ${vpp.currency}`, value: (key) => expected[key], decimals: 2 },
            { title: `best scenario ${vpp.currency}`, value: (key) => best(scenarios)[key], decimals: 2 },
            { title: `worst scenario ${vpp.currency}`, value: (key) => worst(scenarios)[key], decimals: 2 },
        ]),
        renderTable(
            terminal,
            'Day ahead',
            Array.from({ length: vpp.periods }, (_, t) => t),
            [
                { title: 'from', value: clock },
                { title: 'buy kW', value: (t) => firstStage.buy[t]!, decimals: 1 },
                { title: 'sell kW', value: (t) => firstStage.sell[t]!, decimals: 1 },
                ...(vpp.runs?.length
                    ? [
                          {
                              title: 'runs begin',
                              value: (t: number) =>
                                  vpp.runs!.flatMap(({ name }, i) => (firstStage.runs?.[i] === t ? [name] : [])).join(' '),
                          },
                      ]
                    : []),
                {
                    title: 'turbines on',
                    value: (t) =>
                        vpp.gasTurbines
                            .filter((g, i) => firstStage.u[i]![Math.floor(t / g.commitBlock)]! > 0.5)
                            .map((g) => g.name)
                            .join(' '),
                },
            ],
        ),
    ].join('')
}
const worst = (rows: readonly Costs[]) => rows.reduce((a, b) => (b.operatingCost > a.operatingCost ? b : a))
const best = (rows: readonly Costs[]) => rows.reduce((a, b) => (b.operatingCost < a.operatingCost ? b : a))

export interface VppFrontierOptions extends SolveOptions {
    readonly betas: readonly number[]
}

export async function runVppFrontier(file: string, options: VppFrontierOptions, terminal: Terminal): Promise<number> {
    const vpp = await readVpp(file, terminal)
    return withSolver(terminal, 1, async ({ solver, signal, tell, stopped }) => {
        const points: { beta: number; objective: number; expectedCost: number; cvar: number }[] = []
        for (const beta of options.betas) {
            tell(`${points.length} of ${options.betas.length} points`)
            const schedule = await scheduleVpp(vpp, solver, {
                beta,
                signal,
                ...(options.gap === undefined ? {} : { gap: options.gap }),
                ...(options.timeLimit === undefined ? {} : { timeLimitS: options.timeLimit }),
            })
            if (schedule.status !== 'optimal') {
                if (options.json) terminal.out(`${JSON.stringify({ ...toJson(schedule), beta, points })}\n`)
                else terminal.out(explain(vpp, schedule, terminal))
                return stopped() ? interruptedExit : exit.noSolution
            }
            const { objective, expected, cvar } = schedule.verdict!
            points.push({ beta, objective, expectedCost: expected.operatingCost, cvar })
        }
        if (options.json) terminal.out(`${JSON.stringify({ points })}\n`)
        else
            terminal.out(
                renderTable(terminal, `${vpp.name}: expected cost and risk by risk weight, ${vpp.currency}`, points, [
                    { title: 'risk weight', value: (p) => p.beta, decimals: 2 },
                    { title: 'objective', value: (p) => p.objective, decimals: 2 },
                    { title: 'expected cost', value: (p) => p.expectedCost, decimals: 2 },
                    { title: `CVaR at ${formatNumber(100 * vpp.risk.alpha, 1)} %`, value: (p) => p.cvar, decimals: 2 },
                ]),
            )
        return exit.done
    })
}

export interface VppFrontOptions extends SolveOptions {
    readonly points: number
    /** number of a point, from 1, whose schedule is kept in `solution` */
    readonly pick?: number
    readonly solution?: string
}

export async function runVppFront(file: string, options: VppFrontOptions, terminal: Terminal): Promise<number> {
    if (options.solution) checkOutFile(options.solution, [file])
    const vpp = await readVpp(file, terminal)
    return withSolver(terminal, 2, async ({ solver, signal, tell, stopped }) => {
        let front: Front
        try {
            front = await frontOf(vpp, solver, {
                points: options.points,
                signal,
                ...(options.gap === undefined ? {} : { gap: options.gap }),
                ...(options.timeLimit === undefined ? {} : { timeLimitS: options.timeLimit }),
                onStep: (done, of) => tell(`${done} of ${of} schedules`),
            })
        } catch (error) {
            if (!(error instanceof NoSchedule)) throw error
            return tellNoSchedule(vpp, error, options, terminal, stopped())
        }
        const { points, ideal, nadir, inConflict, dominated } = front
        const picked = points[(options.pick ?? 1) - 1]
        if (options.solution && !picked) throw new Misuse(`--pick ${options.pick}: the front has ${points.length} points.`)
        if (options.solution) await writeFile(options.solution, `${JSON.stringify({ instance: vpp.name, ...picked!.solution })}\n`)
        if (options.json) {
            const told = points.map(({ solution, ...figures }) => ({ ...figures, firstStage: solution.firstStage }))
            terminal.out(`${JSON.stringify({ points: told, ideal, nadir, inConflict, dominated })}\n`)
        } else
            terminal.out(
                renderTable(
                    terminal,
                    `${vpp.name}: schedules none of which is worse in everything than another`,
                    [...points.map((p, k) => ({ name: String(k + 1), ...p })), { name: 'ideal', ...ideal }, { name: 'nadir', ...nadir }],
                    [
                        { title: 'point', value: (p) => p.name },
                        { title: `expected cost ${vpp.currency}`, value: (p) => p.expectedCost, decimals: 2 },
                        { title: `CVaR ${vpp.currency}`, value: (p) => p.cvar, decimals: 2 },
                        { title: 'CO₂ kg', value: (p) => p.co2Kg, decimals: 1 },
                        { title: 'curtailed kWh', value: (p) => p.curtailedKwh, decimals: 1 },
                    ],
                ),
            )
        return exit.done
    })
}

export async function runVppEvaluate(file: string, options: SolveOptions, terminal: Terminal): Promise<number> {
    const vpp = await readVpp(file, terminal)
    return withSolver(terminal, 2, async ({ solver, signal, tell, stopped }) => {
        try {
            const found = await evaluateVpp(vpp, solver, {
                signal,
                ...(options.gap === undefined ? {} : { gap: options.gap }),
                ...(options.timeLimit === undefined ? {} : { timeLimitS: options.timeLimit }),
                onStep: (done, of) => tell(`${done} of ${of} plans`),
            })
            if (options.json) terminal.out(`${JSON.stringify(found)}\n`)
            else
                terminal.out(
                    renderTable(
                        terminal,
                        `${vpp.name}: what uncertainty costs, ${vpp.currency}`,
                        [
                            { what: 'plan for the forecast, as it believes', cost: found.deterministic },
                            { what: 'plan for the forecast, over the scenarios', cost: found.deterministicEvaluated },
                            { what: 'the same, nothing adjusted on the day', cost: found.uncoordinated.expectedCost },
                            { what: 'plan for all scenarios', cost: found.stochastic },
                            { what: 'every scenario known the day before', cost: found.waitAndSee },
                            { what: 'value of the stochastic plan', cost: found.vss },
                            { what: 'value of perfect knowledge', cost: found.evpi },
                        ],
                        [
                            { title: 'plan', value: (row) => row.what },
                            { title: 'expected cost', value: (row) => row.cost, decimals: 2 },
                        ],
                    ),
                )
            return exit.done
        } catch (error) {
            if (!(error instanceof NoSchedule)) throw error
            return tellNoSchedule(vpp, error, options, terminal, stopped())
        }
    })
}

export function tellNoSchedule(vpp: Vpp, error: NoSchedule, options: SolveOptions, terminal: Terminal, stopped: boolean): number {
    if (options.json) terminal.out(`${JSON.stringify({ ...toJson(error.schedule), plan: error.message })}\n`)
    else terminal.out(`${error.message}\n${explain(vpp, error.schedule, terminal)}`)
    return stopped ? interruptedExit : exit.noSolution
}
