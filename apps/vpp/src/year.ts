/**
 * Days in a row, each drawn for its season, decided the day before on a few representative days, run period by period against
 * what then came, and held against two baselines on the same day: rules, and a plan for the forecast that nobody changes.
 * Price, air and vehicles of a day are known the day before; sun, wind and load are not.
 *
 * Days follow each other within a month, each policy from where its own day before has left it; months begin as the plant's
 * file says, so that they can be run beside each other. Stores owe the same content at every day's end, so a month's first
 * day differs from the others by little more than whether a turbine is running.
 */
import type { LinearSolver, StopSignal } from '@gridverse/math'
import {
    type Component,
    type DayState,
    dayOf,
    dayOfYearOf,
    type FixedPlan,
    followingDay,
    habitable,
    NoSchedule,
    owedCommitment,
    type Place,
    reduceSamples,
    rulePlan,
    type Scenario,
    type Service,
    sampleVersion,
    sampleVpp,
    scenarioOf,
    scheduleVpp,
    seasonalVpp,
    settledAnyway,
    startOfDay,
    type Vpp,
    withSamples,
} from '@gridverse/plan'
import { takeRows } from '@gridverse/study'
import { type Fault, type OperatedDay, operateDay, operateFixed, planForDay } from './operate-day.ts'

/** Version of what a year's days are: raised when the same seed gives others. */
export const yearVersion = `4.${sampleVersion}`

export const dayPolicies = ['rolling', 'deterministic', 'ruleBased'] as const
/** `rolling`: decided under risk, decided anew every period; the other two keep to their plan */
export type DayPolicy = (typeof dayPolicies)[number]

export interface YearSettings {
    readonly place: Place
    readonly seed: number
    /** days drawn for each decision, and of these kept */
    readonly samples: number
    readonly keep: number
    /** weight of risk; the plant's own where absent */
    readonly beta?: number
    /** relative gap of the decision of the day before */
    readonly gap: number
    /** whether turbines may be started and stopped anew on the day; `fixed` where absent */
    readonly commitments?: 'fixed' | 'free'
    /** whether a period is decided on what is expected of the rest, or on scenarios about it; `expected` where absent */
    readonly outlook?: 'expected' | 'fan'
}

export const defaultYear = { seed: 0, samples: 60, keep: 5, gap: 5e-3 }

export interface PolicyDay {
    /** smallest coins, cost positive; the sum of `components` */
    readonly cost: number
    readonly components: Readonly<Record<Component, number>>
    readonly curtailedKwh: number
    readonly co2Kg: number
    readonly imbalanceKwh: number
    /** promises not kept */
    readonly violations: number
    /** what people got: rooms outside comfort, vehicles, water, runs, heat and cold short */
    readonly service: Service
    readonly end: DayState
}

export interface YearDay {
    /** 2026-03-01 */
    readonly date: string
    /** what the decision expected to pay, and in the worst cases, currency */
    readonly expectedCost: number
    readonly cvar: number
    /** sun and wind there were, kWh */
    readonly renewableKwh: number
    /** bought and sold the day before, kWh */
    readonly tradedKwh: number
    /** periods in which limits had to give way, or nothing could be decided */
    readonly relaxed: number
    readonly policies: Readonly<Record<DayPolicy, PolicyDay>>
}

export interface Chain {
    /** 2026-03 */
    readonly month: string
    readonly dates: readonly string[]
}

/** `count` days from `from` on, by months. */
export function chainsOf(from: string, count: number): Chain[] {
    const first = Date.parse(`${from}T00:00:00Z`)
    const chains: { month: string; dates: string[] }[] = []
    for (let k = 0; k < count; k++) {
        const date = new Date(first + k * 86_400_000).toISOString().slice(0, 10)
        const month = date.slice(0, 7)
        if (chains.at(-1)?.month !== month) chains.push({ month, dates: [] })
        chains.at(-1)!.dates.push(date)
    }
    return chains
}

/** The plant on a date with its days to come and the one that comes, the same for every policy. */
export function drawDay(vpp: Vpp, settings: YearSettings, date: string): { plant: Vpp; truth: Scenario } {
    const season = seasonalVpp(vpp, settings.place, dayOfYearOf(date))
    const number = Math.round(Date.parse(`${date}T00:00:00Z`) / 86_400_000)
    const drawn = sampleVpp(season.vpp, season.climate, (settings.seed ^ Math.imul(number, 0x85ebca6b)) >>> 0, settings.samples + 1)
    // the first row is the day that comes; those the decision is made on are the others
    const rows = Array.from({ length: settings.samples }, (_, s) => s + 1)
    const known = takeRows(
        drawn,
        rows,
        rows.map(() => 1 / rows.length),
    )
    const day = dayOf(season.vpp, season.climate, drawn, 0)
    // rooms keep the band their people were promised: the building does what the unit cannot
    const airConditioners = day.airConditioners.map((unit, i) => ({
        ...unit,
        tMin: vpp.airConditioners[i]!.tMin,
        tMax: vpp.airConditioners[i]!.tMax,
    }))
    const plant = habitable({ ...day, airConditioners })
    const reduced = reduceSamples(plant, known, Math.min(settings.keep, settings.samples))
    return { plant: withSamples(plant, known, reduced), truth: { ...scenarioOf(plant, drawn, 0), probability: 1 } }
}

export interface DecidedDay {
    readonly plan: FixedPlan
    readonly expectedCost: number
    readonly cvar: number
    /** false where no decision could be made and the rules' was taken */
    readonly decided: boolean
}

/** The decision of the day before, on the plant's scenarios or those given; commitments a turbine still owes are kept. */
export async function decideDay(
    vpp: Vpp,
    start: DayState,
    solver: LinearSolver,
    options: { readonly beta?: number; readonly gap: number; readonly scenarios?: readonly Scenario[]; readonly signal?: StopSignal },
): Promise<DecidedDay> {
    const owed = vpp.gasTurbines.map((g, i) => {
        const periods = owedCommitment(vpp, g, start.turbines[i]!)
        return periods.filter((_, t) => t % g.commitBlock === 0)
    })
    const { beta = vpp.risk.beta, gap, scenarios, signal } = options
    const { solution, verdict } = await scheduleVpp(vpp, solver, {
        beta,
        gap,
        given: { buy: [], sell: [], u: owed },
        ...(scenarios ? { scenarios } : {}),
        ...(signal ? { signal } : {}),
    })
    const byRules = () => ({ plan: rulePlan(settledAnyway(vpp)), expectedCost: Number.NaN, cvar: Number.NaN, decided: false })
    if (!solution || !verdict) return byRules()
    try {
        const plan = await planForDay(vpp, vpp.forecast!, solution.firstStage, solver, signal ? { signal } : {})
        return { plan, expectedCost: verdict.expected.operatingCost, cvar: verdict.cvar, decided: true }
    } catch (error) {
        // a feeder may carry every scenario and not the forecast between them
        if (error instanceof NoSchedule) return byRules()
        throw error
    }
}

export interface DayOfAll {
    readonly plant: Vpp
    readonly truth: Scenario
    readonly decided: DecidedDay
    readonly days: Readonly<Record<DayPolicy, OperatedDay>>
}

/** One date decided and run by every policy, each from its own `start`; that of the plant's file where absent. */
export async function runDate(
    vpp: Vpp,
    settings: YearSettings,
    date: string,
    solver: LinearSolver,
    options: {
        readonly start?: Readonly<Record<DayPolicy, DayState>>
        readonly signal?: StopSignal
        readonly faults?: readonly Fault[]
        readonly silence?: readonly number[]
    } = {},
): Promise<DayOfAll> {
    const { start, signal, faults, silence } = options
    const { plant, truth } = drawDay(vpp, settings, date)
    const from = (policy: DayPolicy) => {
        const before = start?.[policy]
        const today = before ? followingDay(plant, before) : plant
        const fresh = startOfDay(today)
        return { today, state: before ? { ...fresh, turbines: before.turbines } : fresh }
    }
    const common = { gap: settings.gap, ...(signal ? { signal } : {}) }

    const rolling = from('rolling')
    const decided = await decideDay(rolling.today, rolling.state, solver, {
        ...common,
        ...(settings.beta === undefined ? {} : { beta: settings.beta }),
    })
    const operated = await operateDay(rolling.today, decided.plan, truth, solver, {
        start: rolling.state,
        ...(settings.commitments === 'free' ? { commitments: 'free', gap: settings.gap } : {}),
        ...(settings.outlook === 'fan' ? { fanBeta: settings.beta ?? vpp.risk.beta } : {}),
        ...(signal ? { signal } : {}),
        ...(faults ? { faults } : {}),
        ...(silence ? { silence } : {}),
    })
    const forecast = from('deterministic')
    const ignorant = await decideDay(forecast.today, forecast.state, solver, { ...common, beta: 0, scenarios: [plant.forecast!] })
    const rules = from('ruleBased')
    return {
        plant: rolling.today,
        truth,
        decided,
        days: {
            rolling: operated,
            deterministic: operateFixed(forecast.today, ignorant.plan, truth, { start: forecast.state }),
            ruleBased: operateFixed(rules.today, rulePlan(settledAnyway(rules.today)), truth, { start: rules.state }),
        },
    }
}

/** A date as a year keeps it. */
export async function runYearDay(
    vpp: Vpp,
    settings: YearSettings,
    date: string,
    before: YearDay | undefined,
    solver: LinearSolver,
    signal?: StopSignal,
): Promise<YearDay> {
    const start = before && (Object.fromEntries(dayPolicies.map((p) => [p, before.policies[p].end])) as Record<DayPolicy, DayState>)
    const { plant, decided, days } = await runDate(vpp, settings, date, solver, {
        ...(start ? { start } : {}),
        ...(signal ? { signal } : {}),
    })
    const { buy, sell } = decided.plan.firstStage
    const policyDay = ({ ledger, figures, violations, service, end }: OperatedDay): PolicyDay => ({
        cost: ledger.realised.total,
        components: ledger.realised.components,
        curtailedKwh: figures.curtailedKwh,
        co2Kg: figures.co2Kg,
        imbalanceKwh: figures.imbalanceKwh,
        violations: violations.length,
        service,
        end,
    })
    return {
        date,
        expectedCost: decided.expectedCost,
        cvar: decided.cvar,
        renewableKwh: days.rolling.figures.renewableKwh,
        tradedKwh: plant.dtH * buy.reduce((sum, b, t) => sum + b + sell[t]!, 0),
        relaxed: days.rolling.steps.filter(({ status }) => status !== 'optimal').length + (decided.decided ? 0 : 1),
        policies: {
            rolling: policyDay(days.rolling),
            deterministic: policyDay(days.deterministic),
            ruleBased: policyDay(days.ruleBased),
        },
    }
}
