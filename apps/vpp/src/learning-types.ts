/** What the plant learns, as it is kept and shown: forecasts with their spread, models with their figures, what days taught. */
import type { MeasuredDay } from '@gridverse/study'

/** What is forecast, each by its own model: the sum of the plants of a kind, kW, and the price per kWh. */
export type ForecastQuantity = 'load' | 'pv' | 'wind' | 'price' | 'air'

/** What a register keeps models of: a forecast of a quantity, the process days are drawn from, how the plant decides. */
export type ModelKind = `forecast/${ForecastQuantity}` | 'scenarios' | 'policy'

/** A forecast of a day: quantiles of every period. */
export interface ForecastFan {
    readonly quantity: ForecastQuantity
    readonly unit: string
    /** date forecast */
    readonly day: string
    readonly dtH: number
    /** ascending, each within (0, 1) */
    readonly levels: readonly number[]
    /** by level, then period */
    readonly quantiles: readonly (readonly number[])[]
    readonly mean: readonly number[]
}

/** How forecasts held against days they had not seen, and how the value of the day before would have done. */
export interface ForecastScores {
    readonly days: number
    /** unit of the quantity, as all but shares */
    readonly mae: number
    readonly rmse: number
    readonly bias: number
    /** mean pinball loss over the levels */
    readonly pinball: number
    /** continuous ranked probability score */
    readonly crps: number
    /** share of values within the 5 … 95 % interval; 0.9 is right */
    readonly coverage90: number
    readonly persistenceMae: number
    readonly persistenceRmse: number
    /** 1 − mae / persistenceMae; above 0 is better than the day before */
    readonly skill: number
}

/** Data, features, figures and version of a model, for people. */
export interface ModelCard {
    readonly id: string
    readonly kind: ModelKind
    /** of the method; raised when the same days would give another model */
    readonly version: number
    /** `ridge with jackknife intervals`, … */
    readonly method: string
    readonly features: readonly string[]
    readonly trainedOn: { readonly from: string; readonly to: string; readonly days: number }
    /** of forecasts */
    readonly scores?: ForecastScores
}

export type ModelState = 'candidate' | 'promoted' | 'retired' | 'rejected'

/** The figures on which a model was promoted or not: its mean loss on held-out days against that of the model in use. */
export interface Comparison {
    readonly days: number
    /** what the loss is: `CRPS kW`, `energy score`, `cost €` */
    readonly loss: string
    readonly candidate: number
    /** of the model in use, or of persistence where there is none */
    readonly incumbent: number
    /** 1 − candidate / incumbent */
    readonly gain: number
    /** chance of such a gain where neither is better: paired by day, one-sided */
    readonly pValue: number
    readonly better: boolean
}

export interface ModelEvent {
    readonly tMs: number
    readonly by: string
    readonly from?: ModelState
    readonly to: ModelState
    /** a sentence with the figures */
    readonly reason: string
}

/** One model of the register as it is shown; its own numbers stay on the platform. */
export interface ModelEntry {
    readonly card: ModelCard
    readonly state: ModelState
    readonly comparison?: Comparison
    readonly events: readonly ModelEvent[]
}

/** Score against the number of days learnt from, on the same held-out days: lower is better. */
export interface LearningPoint {
    readonly days: number
    readonly loss: number
}
export interface LearningCurve {
    readonly kind: ModelKind
    readonly loss: string
    readonly heldOutDays: number
    readonly points: readonly LearningPoint[]
    /** of persistence, or of what was in use */
    readonly baseline: number
}

/** How far new days are from those learnt from. Population stability index: below 0.1 the same, above 0.25 other. */
export interface Drift {
    readonly quantity: string
    readonly index: number
    readonly verdict: 'stable' | 'moving' | 'drifted'
}

/** What one look at the days found. */
export interface LearnReport {
    readonly days: number
    readonly from: string
    readonly to: string
    readonly cards: readonly ModelCard[]
    readonly comparisons: Readonly<Record<string, Comparison>>
    /** by model: what would be done, and why */
    readonly verdicts: readonly { readonly id: string; readonly kind: ModelKind; readonly promote: boolean; readonly reason: string }[]
    readonly curves: readonly LearningCurve[]
    readonly drift: readonly Drift[]
    /** what could not be learnt, and why */
    readonly left: readonly { readonly kind: ModelKind; readonly reason: string }[]
}

/** `GET /api/studies/vpp/models` */
export interface ModelsAnswer {
    readonly models: readonly ModelEntry[]
    readonly curves: readonly LearningCurve[]
    readonly drift: readonly Drift[]
    /** tomorrow by the promoted models; empty without any */
    readonly fans: readonly ForecastFan[]
}

/** `GET /api/studies/vpp/days` */
export interface DaysAnswer {
    readonly days: readonly MeasuredDay[]
}
