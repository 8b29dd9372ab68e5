/** What the plant learns, as it is kept and shown: forecasts with their spread, models with their figures, what days taught. */
import type {
    ModelCard as CardOf,
    Comparison,
    Drift,
    ModelEntry as EntryOf,
    ForecastScores,
    ModelEvent,
    ModelState,
} from '@gridverse/learn'
import type { MeasuredDay } from '@gridverse/study'

export type { Comparison, Drift, ForecastScores, ModelEvent, ModelState }

/** What is forecast, each by its own model: the sum of the plants of a kind and the load, kW, the price per kWh, the air, °C. */
export type ForecastQuantity = 'load' | 'pv' | 'wind' | 'price' | 'air'
export const forecastQuantities: readonly ForecastQuantity[] = ['load', 'pv', 'wind', 'price', 'air']

/** What a register keeps models of: a forecast of a quantity, the process days are drawn from, how the plant decides. */
export type ModelKind = `forecast/${ForecastQuantity}` | 'scenarios' | 'policy'
export type ModelCard = CardOf<ModelKind>
/** One model of the register as it is shown; its own numbers stay on the platform. */
export type ModelEntry = EntryOf<ModelKind>

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
    /** id of the model that made it */
    readonly model: string
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
    /** of the day before (forecasts), or of the process that ships (scenarios) */
    readonly baseline: number
}

/** Why something was not learnt: a sentence, and the same for other languages. */
export interface NotLearnt {
    readonly reason: string
    readonly code?: 'too-few-days' | 'periods-differ' | 'no-day-before' | 'nothing-fitted'
    readonly args?: Readonly<Record<string, number>>
}

/** What one look at the days found. */
export interface LearnReport {
    readonly days: number
    readonly from: string
    readonly to: string
    readonly cards: readonly ModelCard[]
    /** by id of the model */
    readonly comparisons: Readonly<Record<string, Comparison>>
    /** by model: what would be done, and why */
    readonly verdicts: readonly { readonly id: string; readonly kind: ModelKind; readonly promote: boolean; readonly reason: string }[]
    readonly curves: readonly LearningCurve[]
    readonly drift: readonly Drift[]
    /** what could not be learnt, and why */
    readonly left: readonly ({ readonly kind: ModelKind } & NotLearnt)[]
}

/** How far the learning is that was asked for last. */
export interface LearningState {
    readonly state: 'idle' | 'running' | 'failed'
    /** 0 … 1 */
    readonly progress: number
    /** what is under work, or went wrong */
    readonly message: string
    readonly endedMs?: number
}

/** `GET /api/studies/vpp/models` */
export interface ModelsAnswer {
    readonly learning: LearningState
    /** of the last learning that ended */
    readonly report?: LearnReport
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
