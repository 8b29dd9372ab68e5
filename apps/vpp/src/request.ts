/**
 * What a person wants planned: which day, what for, within which limits. A form, a sentence and a call say the same, and become
 * the same study.
 */
import type { Goal, Measures, PlanLimit } from '@gridverse/plan'
import type { VppPreferences } from './run.ts'

export const planDays = ['today', 'tomorrow', 'now'] as const
export type PlanDay = (typeof planDays)[number]
/** cost: expected cost; weight: with so much weight on risk; budget: within a largest CVaR; front: a point between measures */
export const planObjectives = ['cost', 'weight', 'budget', 'co2', 'curtailment', 'front'] as const
export type PlanObjective = (typeof planObjectives)[number]
/** lengths of a period, min */
export const planSteps = [60, 30, 15, 5, 1] as const

export interface PlanRequest {
    /** day of the live fleet; `now` begins within ten seconds */
    readonly day: PlanDay
    /** from now, h; the day has 24 */
    readonly hours?: number
    /** length of a period, min; 60 where absent */
    readonly stepMin?: number
    readonly objective: PlanObjective
    /** of `weight`: 0 … 1 */
    readonly beta?: number
    /** of `budget`: largest CVaR, in the currency of the market; may stand beside any objective */
    readonly riskBudget?: number
    /** the worst so many per cent of the days make the CVaR; the market's where absent */
    readonly worstPercent?: number
    /** of `front`: how much each measure counts, ≥ 0 */
    readonly frontWeights?: Partial<Measures>
    readonly limits: readonly PlanLimit[]
}

/** The least of a measure; among schedules as good in it, the cheapest. */
export const leastOf = (measure: 'co2Kg' | 'curtailedKwh'): Goal => ({
    distance: {},
    weight: { expectedCost: 1e-3, cvar: 1e-6, co2Kg: 1e-6, curtailedKwh: 1e-6, [measure]: 1 },
})

/** What a study is asked with: preferences of its decision, and the stretch of the live fleet it is for. */
export function studyOf(request: PlanRequest): {
    readonly preferences: VppPreferences
    readonly fleetDay: { readonly day?: 'today' | 'tomorrow'; readonly fromNow?: true; readonly dtH: number; readonly periods?: number }
} {
    const { day, hours = 24, stepMin = 60, objective, beta = 0.2, riskBudget, worstPercent, frontWeights, limits } = request
    const dtH = stepMin / 60
    return {
        preferences: {
            beta: objective === 'weight' ? beta : 0,
            ...(worstPercent === undefined ? {} : { alpha: 1 - worstPercent / 100 }),
            ...(riskBudget === undefined ? {} : { riskBudget }),
            ...(objective === 'co2' ? { goal: leastOf('co2Kg') } : objective === 'curtailment' ? { goal: leastOf('curtailedKwh') } : {}),
            ...(objective === 'front' ? { frontWeights: frontWeights ?? evenly } : {}),
            ...(limits.length > 0 ? { limits } : {}),
        },
        fleetDay: day === 'now' ? { fromNow: true, dtH, periods: Math.max(1, Math.round(hours / dtH)) } : { day, dtH },
    }
}

/** A limit in English, as a command line shows it. */
export function readLimit(limit: PlanLimit): string {
    const clock = (hour: number) => `${String(Math.floor(hour)).padStart(2, '0')}:${String(Math.round(60 * (hour % 1))).padStart(2, '0')}`
    const { fromH, untilH } = limit as { fromH?: number; untilH?: number }
    const when = [fromH === undefined ? '' : ` from ${clock(fromH)}`, untilH === undefined ? '' : ` until ${clock(untilH)}`].join('')
    switch (limit.kind) {
        case 'import':
            return `at most ${limit.maxKw} kW from the grid${when}`
        case 'export':
            return `at most ${limit.maxKw} kW to the grid${when}`
        case 'charge':
            return `${limit.unit ?? 'every battery'} at least ${limit.minPercent} % charged${when}`
        case 'without':
            return `without ${limit.unit}`
        case 'curtailment':
            return `at most ${limit.maxKwh} kWh of sun and wind curtailed`
        case 'co2':
            return `at most ${limit.maxKg} kg of carbon dioxide`
        case 'comfort':
            return `rooms ${limit.minC ?? '…'} to ${limit.maxC ?? '…'} °C`
    }
}

const evenly: Measures = { expectedCost: 0.25, cvar: 0.25, co2Kg: 0.25, curtailedKwh: 0.25 }
