/**
 * What measured days teach: forecasts and the process of days are learnt anew, held against what is in use on days neither
 * had seen, and proposed with the figures. Nothing here puts a model to use; the register does, where the figures say better.
 */
import {
    backtestForecast,
    compareLosses,
    describeComparison,
    type ForecastModel,
    forecastDay,
    learningCurve,
    leastTrainingDays,
    type ModelRegister,
    measureDrift,
    promotedOf,
    type SeriesDay,
    scoreForecast,
    type TrainOptions,
    trainForecast,
    updateFan,
} from '@gridverse/learn'
import { type Climate, calibrateScenarios, readHistory, type ScenarioModel, type Site, siteOf, totalOf, type Vpp } from '@gridverse/plan'
import type { MeasuredDay } from '@gridverse/study'
import { evHistoryOf, seriesOf } from './day-series.ts'
import {
    type Comparison,
    type Drift,
    type ForecastFan,
    type ForecastQuantity,
    forecastQuantities,
    type LearningCurve,
    type LearnReport,
    type ModelCard,
    type ModelKind,
    type NotLearnt,
} from './learning-types.ts'
import { scoreScenarios } from './scenario-score.ts'

/** How the plant decides, chosen by back-test. */
export interface Policy {
    /** weight of risk, 0 … 1 */
    readonly beta: number
    /** days that stand for all */
    readonly keep: number
}

/** The numbers of a model, by its kind. */
export type ModelBody =
    | { readonly kind: 'forecast'; readonly model: ForecastModel; readonly clearSky: boolean }
    | { readonly kind: 'scenarios'; readonly model: ScenarioModel }
    | { readonly kind: 'policy'; readonly policy: Policy }

export type VppRegister = ModelRegister<ModelBody, ModelKind>

export interface Candidate {
    readonly card: ModelCard
    readonly body: ModelBody
    readonly comparison: Comparison
}

export interface LearnOptions {
    readonly climate: Climate
    /** for capacities; without it they are those the days show */
    readonly vpp?: Vpp
    /** what is in use */
    readonly register?: VppRegister
    /** the last so many days are held out; a quarter of them, 7 … 28, where absent */
    readonly heldOutDays?: number
    /** 0 … 1 */
    readonly onProgress?: (share: number, what: string) => void
}

export interface Learnt {
    readonly report: LearnReport
    readonly candidates: readonly Candidate[]
}

/** of the methods; raised when the same days would give another model */
const versions = { forecast: 1, scenarios: 1 }
const unitOf = (quantity: ForecastQuantity, currency: string) =>
    quantity === 'price' ? `${currency}/kWh` : quantity === 'air' ? '°C' : 'kW'

/** Learns from the days, in any order; what too few days tell is left, with the reason. */
export function learnFromDays(all: readonly MeasuredDay[], options: LearnOptions): Learnt {
    const { climate, vpp, register, onProgress } = options
    const days = [...all].sort((a, b) => (a.day < b.day ? -1 : 1))
    const heldOut = options.heldOutDays ?? Math.min(28, Math.max(7, Math.floor(days.length / 4)))
    const site = siteOf(days, climate, vpp)
    const candidates: Candidate[] = []
    const curves: LearningCurve[] = []
    const left: ({ kind: ModelKind } & NotLearnt)[] = []
    const steps = forecastQuantities.length + 1
    forecastQuantities.forEach((quantity, k) => {
        onProgress?.(k / steps, `forecast of ${quantity}`)
        const kind: ModelKind = `forecast/${quantity}`
        const found = learnForecast(days, quantity, heldOut, site, vpp?.currency ?? 'money', register)
        if ('reason' in found) left.push({ kind, ...found })
        else {
            candidates.push(found.candidate)
            curves.push(found.curve)
        }
    })
    onProgress?.(forecastQuantities.length / steps, 'process of days')
    const found = learnScenarios(days, heldOut, site, register)
    if ('reason' in found) left.push({ kind: 'scenarios', ...found })
    else {
        candidates.push(found.candidate)
        curves.push(found.curve)
    }
    const report: LearnReport = {
        days: days.length,
        from: days[0]?.day ?? '',
        to: days.at(-1)?.day ?? '',
        cards: candidates.map(({ card }) => card),
        comparisons: Object.fromEntries(candidates.map(({ card, comparison }) => [card.id, comparison])),
        verdicts: candidates.map(({ card, comparison }) => ({
            id: card.id,
            kind: card.kind,
            promote: comparison.better,
            reason: describeComparison(comparison),
        })),
        curves,
        drift: driftOf(days, heldOut),
        left,
    }
    return { report, candidates }
}

/** Whether the last days are still as those before them. */
function driftOf(days: readonly MeasuredDay[], recent: number): Drift[] {
    return forecastQuantities.flatMap((quantity) => {
        const values = seriesOf(days, quantity).map((day) => day.values)
        if (values.length < recent + leastTrainingDays) return []
        return [measureDrift(quantity, values.slice(0, -recent), values.slice(-recent))]
    })
}

const curveSizes = [14, 21, 28, 42, 56, 84, 120, 180, 270, 365]

function learnForecast(
    days: readonly MeasuredDay[],
    quantity: ForecastQuantity,
    heldOut: number,
    { climate, pvCapacity, windCapacity }: Site,
    currency: string,
    register: VppRegister | undefined,
): { candidate: Candidate; curve: LearningCurve } | NotLearnt {
    const limits: TrainOptions = {
        ...(quantity === 'price' || quantity === 'air' ? {} : { floor: 0 }),
        ...(quantity === 'wind' && windCapacity > 0 ? { ceiling: windCapacity } : {}),
        ...(quantity === 'pv' && pvCapacity > 0 ? { ceiling: pvCapacity } : {}),
    }
    const plain = seriesOf(days, quantity)
    if (plain.length < heldOut + leastTrainingDays + 1)
        return tooFew(plain.length, heldOut + leastTrainingDays + 1, `days with ${quantity} measured`)
    if (new Set(plain.map((day) => day.values.length)).size > 1)
        return { reason: `the days of ${quantity} have different numbers of periods`, code: 'periods-differ' }
    // shares of the clear sky only where they served the days before the held-out ones better
    const withSky = quantity === 'pv' ? seriesOf(days, quantity, climate) : undefined
    const clearSky =
        withSky !== undefined && (earlierLoss(withSky, heldOut, limits) ?? Infinity) < (earlierLoss(plain, heldOut, limits) ?? Infinity)
    const series = clearSky ? withSky : plain
    const test = backtestForecast(series, { ...limits, heldOut })
    const model = trainForecast(series, limits)
    if (!test || !model)
        return {
            reason: `fewer than ${leastTrainingDays} days have a day before them`,
            code: 'no-day-before',
            args: { needed: leastTrainingDays },
        }
    const kind: ModelKind = `forecast/${quantity}`
    const used = register && promotedOf(register, kind)
    const inUse =
        used?.body.kind === 'forecast' && used.body.model.periods.length === plain[0]!.values.length
            ? scoreForecast(used.body.model, used.body.clearSky ? (withSky ?? plain) : plain, heldOut)
            : backtestForecast(plain, { ...limits, heldOut, method: 'persistence' })!
    const unit = unitOf(quantity, currency)
    const perPeriod = (score: { readonly crps: number; readonly periods: number }) => score.crps / Math.max(1, score.periods)
    const comparison = compareLosses(test.days.map(perPeriod), inUse.days.map(perPeriod), `CRPS ${unit}`)
    const { points, baseline } = learningCurve(series, curveSizes, heldOut, limits)
    return {
        candidate: {
            card: {
                id: `${kind.replace('/', '-')}@${model.trainedOn.to}`,
                kind,
                version: versions.forecast,
                method: `ridge by period, ${Math.round(100 * model.weight)} % against the day before, intervals of left-out days × ${model.stretch.toFixed(2)}`,
                features: clearSky ? [...model.features, 'clear sky'] : model.features,
                trainedOn: model.trainedOn,
                scores: test.scores,
            },
            body: { kind: 'forecast', model, clearSky },
            comparison,
        },
        curve: { kind, loss: `CRPS ${unit}`, heldOutDays: heldOut, points, baseline },
    }
}

/** On the fortnight before the held-out days. */
const earlierLoss = (series: readonly SeriesDay[], heldOut: number, limits: TrainOptions) =>
    backtestForecast(series.slice(0, -heldOut), { ...limits, heldOut: 14, refitDays: 14 })?.scores.crps

const tooFew = (have: number, needed: number, what: string): NotLearnt => ({
    reason: `${have} ${what}; ${needed} are needed`,
    code: 'too-few-days',
    args: { have, needed },
})

function learnScenarios(
    days: readonly MeasuredDay[],
    heldOut: number,
    site: Site,
    register: VppRegister | undefined,
): { candidate: Candidate; curve: LearningCurve } | NotLearnt {
    // whole days differ so much from each other that half of them is not too many to tell two processes apart
    const held = Math.max(heldOut, Math.min(60, Math.floor(days.length / 2)))
    const first = days.length - held
    const dtH = days[0]?.dtH ?? 1
    if (first < 20) return tooFew(days.length, 20 + held, 'days')
    if (days.some((day) => day.dtH !== dtH)) return { reason: 'the days have periods of different lengths', code: 'periods-differ' }
    const calibrate = (some: readonly MeasuredDay[]) => calibrateScenarios(readHistory(some, site), dtH, { ev: evHistoryOf(some) })
    const before = calibrate(days.slice(0, first))
    if (before.fitted.length === 0)
        return { reason: before.left.map(({ what, reason }) => `${what}: ${reason}`).join('; '), code: 'nothing-fitted' }
    const used = register && promotedOf(register, 'scenarios')
    const inUse = scoreScenarios(days, first, site, used?.body.kind === 'scenarios' ? used.body.model : undefined)
    const loss = 'energy score'
    const comparison = compareLosses(scoreScenarios(days, first, site, before.model), inUse, loss)
    const all = calibrate(days)
    const mean = (x: readonly number[]) => x.reduce((sum, v) => sum + v, 0) / x.length
    const points = curveSizes
        .filter((size) => size >= 20 && size <= first)
        .map((size) => ({
            days: size,
            loss: mean(scoreScenarios(days, first, site, calibrate(days.slice(first - size, first)).model)),
        }))
    return {
        candidate: {
            card: {
                id: `scenarios@${days.at(-1)!.day}`,
                kind: 'scenarios',
                version: versions.scenarios,
                method: 'Gaussian copula of daily and hourly innovations, by maximum likelihood',
                features: all.fitted.map(({ what }) => what),
                trainedOn: { from: days[0]!.day, to: days.at(-1)!.day, days: days.length },
            },
            body: { kind: 'scenarios', model: all.model },
            comparison,
        },
        curve: { kind: 'scenarios', loss, heldOutDays: held, points, baseline: mean(scoreScenarios(days, first, site, undefined)) },
    }
}

export interface FanOptions {
    readonly currency?: string
    /** what has been measured of that day so far: its courses from midnight on */
    readonly soFar?: MeasuredDay
}

/** The day by every forecast in use, from the days before it and what is measured of it already. */
export function forecastFans(
    register: VppRegister,
    days: readonly MeasuredDay[],
    day: string,
    climate: Climate,
    { currency = 'money', soFar }: FanOptions = {},
): ForecastFan[] {
    return forecastQuantities.flatMap((quantity): ForecastFan[] => {
        const used = promotedOf(register, `forecast/${quantity}`)
        if (used?.body.kind !== 'forecast') return []
        const { model, clearSky } = used.body
        const series = seriesOf(days, quantity, clearSky ? climate : undefined)
        const dtH = 24 / model.periods.length
        const empty: MeasuredDay = { day, dtH, courses: { [quantity]: model.periods.map(() => 0) } }
        const target = seriesOf([empty], quantity, clearSky ? climate : undefined)[0]!
        const measured = soFar?.day === day ? totalOf(soFar, quantity) : undefined
        const { levels, quantiles, mean } = updateFan(forecastDay(model, series, target), measured ?? [], model.memory, model)
        return [{ quantity, unit: unitOf(quantity, currency), day, dtH, levels, quantiles, mean, model: used.card.id }]
    })
}

/** The climate with the process in use. */
export function climateInUse(register: VppRegister, climate: Climate): Climate {
    const used = promotedOf(register, 'scenarios')
    return used?.body.kind === 'scenarios' ? { ...climate, model: used.body.model } : climate
}

/** The policy in use, or the one given. */
export function policyInUse(register: VppRegister, otherwise: Policy): Policy {
    const used = promotedOf(register, 'policy')
    return used?.body.kind === 'policy' ? used.body.policy : otherwise
}

/** The plant with what is forecast in place of what it expected; sun and wind shared among plants by capacity. */
export function withForecasts(vpp: Vpp, fans: readonly ForecastFan[]): Vpp {
    const of = (quantity: ForecastQuantity) => fans.find((fan) => fan.quantity === quantity && fan.mean.length === vpp.periods)?.mean
    const shared = (plants: Vpp['pv'], total: readonly number[] | undefined, otherwise: readonly Float64Array[] | undefined) => {
        const capacity = plants.reduce((sum, plant) => sum + plant.capacity, 0)
        return plants.map((plant, n) =>
            total && capacity > 0
                ? Float64Array.from(total, (p) => (p * plant.capacity) / capacity)
                : (otherwise?.[n] ?? new Float64Array(vpp.periods)),
        )
    }
    const load = of('load')
    const price = of('price')
    const { grid } = vpp
    const ratio = price && grid.buyPrice.map((p, t) => (p > 0 ? Math.max(0, price[t]!) / p : 1))
    const sellPrice = ratio ? grid.sellPrice.map((p, t) => p * ratio[t]!) : grid.sellPrice
    return {
        ...vpp,
        ...(load ? { load: Float64Array.from(load) } : {}),
        forecast: {
            probability: 1,
            pv: shared(vpp.pv, of('pv'), vpp.forecast?.pv),
            wind: shared(vpp.wind, of('wind'), vpp.forecast?.wind),
        },
        grid: ratio
            ? {
                  ...grid,
                  buyPrice: grid.buyPrice.map((p, t) => p * ratio[t]!),
                  sellPrice,
                  shortPrice: grid.shortPrice.map((p, t) => p + grid.buyPrice[t]! * (ratio[t]! - 1)),
                  surplusPrice: grid.surplusPrice.map((p, t) => Math.min(p, sellPrice[t]!)),
              }
            : grid,
    }
}
