/**
 * Days that could be, from days that were: each is put together of blocks of measured days of the same season, all
 * quantities of a block from one day, so that what belongs together stays together. Clouds of then pass before the clear
 * sky of the date asked for; what else was unusual then is unusual about the plant's own forecast.
 */
import { createMulberry32 } from '@gridverse/math'
import { rowOf, type Samples } from '@gridverse/study'
import { courseDeviations, type HistoryDay } from './history.ts'
import { isVehicle, type Vpp } from './instance.ts'
import { meanScenario } from './mean-scenario.ts'
import { airCourse, type Climate, createVppSamples, isUncertain } from './sample.ts'
import type { CourseName } from './scenario-model.ts'
import { cellPower, clearSky } from './sky.ts'

export interface BootstrapOptions {
    /** length of a block, hours; whole days where 24 or more */
    readonly blockH?: number
    /** days of the year within which a day is alike; the nearest 20 where fewer are */
    readonly withinDays?: number
}

/** The days of the season of `dayOfYear`: within so many days of it, or the nearest 20. */
export function analogDays(history: readonly HistoryDay[], dayOfYear: number, withinDays: number): number[] {
    const apart = (d: number) => {
        const gap = Math.abs(history[d]!.dayOfYear - dayOfYear)
        return Math.min(gap, 365 - gap)
    }
    const byGap = Array.from(history.keys()).sort((a, b) => apart(a) - apart(b) || a - b)
    return byGap.filter((d, k) => k < 20 || apart(d) <= withinDays)
}

/** `count` days as `sampleVpp` draws them, but from history; throws where its periods are not the plant's, or there is none. */
export function bootstrapDays(
    vpp: Vpp,
    climate: Climate,
    history: readonly HistoryDay[],
    seed: number,
    count: number,
    options: BootstrapOptions & { readonly first?: number } = {},
): Samples {
    const samples = createVppSamples(vpp, seed, count)
    const draw = createHistoryDraw(vpp, climate, history, seed, options)
    for (let s = 0; s < count; s++)
        draw(
            (options.first ?? 0) + s,
            samples.columns.map((column) => rowOf(column, s)),
        )
    return samples
}

/** Draws single days from history: rows ← the columns of day s, in the order of `createVppSamples`. */
export function createHistoryDraw(
    vpp: Vpp,
    climate: Climate,
    history: readonly HistoryDay[],
    seed: number,
    { blockH = 24, withinDays = 45 }: BootstrapOptions = {},
): (s: number, rows: readonly Float64Array[]) => void {
    const { periods, dtH } = vpp
    const measured = history[0]?.clearness.length ?? 0
    if (measured !== periods) throw new Error(`History has ${measured} periods a day, the plant ${periods}.`)
    const forecast = vpp.forecast ?? meanScenario(vpp)
    const pool = analogDays(history, climate.dayOfYear, withinDays)
    const deviations = courseDeviations(history)
    const of = (name: CourseName, d: number, t: number) => {
        const x = isUncertain(climate, name) ? deviations[name][d]![t]! : 0
        return Number.isNaN(x) ? 0 : x
    }
    // factors of mean 1 over the days alike
    const meanFactor = (name: CourseName) =>
        Float64Array.from({ length: periods }, (_, t) => pool.reduce((sum, d) => sum + Math.exp(of(name, d, t)), 0) / pool.length)
    const [loadMean, priceMean] = [meanFactor('load'), meanFactor('price')]
    const light = clearSky(climate.latDeg, climate.dayOfYear, periods, dtH, climate.noonH)
    const expectedAir = airCourse(climate, periods, dtH)
    const sunny = isUncertain(climate, 'pv')
    const clearness = new Map(pool.map((d) => [d, withoutGaps(history[d]!.clearness)]))
    const block = Math.min(periods, Math.max(1, Math.round(blockH / dtH)))
    const [windAt, loadAt] = [vpp.pv.length, vpp.pv.length + vpp.wind.length]

    return (s, rows) => {
        const random = createMulberry32((seed ^ Math.imul(s + 1, 0x9e3779b1)) >>> 0)
        let d = 0
        for (let t = 0; t < periods; t++) {
            if (t % block === 0) d = pool[Math.floor(random.uniform() * pool.length)]!
            const air = expectedAir[t]! + of('air', d, t)
            vpp.pv.forEach((plant, n) => {
                rows[n]![t] = sunny ? cellPower(plant.capacity, light[t]! * clearness.get(d)![t]!, air) : (forecast.pv[n]?.[t] ?? 0)
            })
            vpp.wind.forEach((plant, n) => {
                const share = Math.min(0.999, Math.max(0.001, forecast.wind[n]![t]! / plant.capacity))
                rows[windAt + n]![t] = plant.capacity / (1 + ((1 - share) / share) * Math.exp(-of('wind', d, t)))
            })
            rows[loadAt]![t] = (vpp.load[t]! * Math.exp(of('load', d, t))) / loadMean[t]!
            rows[loadAt + 1]![t] = air
            rows[loadAt + 2]![t] = (vpp.grid.buyPrice[t]! * Math.exp(of('price', d, t))) / priceMean[t]!
        }
        vpp.evs.filter(isVehicle).forEach((fleet, n) => {
            rows[loadAt + 3 + 2 * n]![0] = fleet.arrive * dtH
            rows[loadAt + 4 + 2 * n]![0] = Math.max(0, fleet.eDepart - fleet.eArrive)
        })
    }
}

/** The nearest known value in place of what is not known; 0.7 where nothing is. */
function withoutGaps(course: Float64Array): Float64Array {
    return course.map((x, t) => {
        if (!Number.isNaN(x)) return x
        for (let k = 1; k < course.length; k++) {
            const near = [course[t - k], course[t + k]].find((v) => v !== undefined && !Number.isNaN(v))
            if (near !== undefined) return near
        }
        return 0.7
    })
}
