/** Measured days as the processes see them: what is measured, made free of season and hour, so that days can be compared. */
import type { MeasuredDay } from '@gridverse/study'
import type { Vpp } from './instance.ts'
import { airCourse, type Climate } from './sample.ts'
import { type CourseName, courseNames } from './scenario-model.ts'
import { cellPower, clearSky, lightOfPower, logitOfClearness } from './sky.ts'

/** Where and with what days were measured. */
export interface Site {
    readonly climate: Climate
    /** of all plants of a kind, kW */
    readonly pvCapacity: number
    readonly windCapacity: number
}

/** One day; NaN where nothing was measured, or the sun is down. */
export interface HistoryDay {
    readonly day: string
    readonly dayOfYear: number
    readonly weekend: boolean
    /** share of the clear sky's light, and its logit */
    readonly clearness: Float64Array
    readonly clearnessLogit: Float64Array
    /** logit of wind's share, logarithm of load and price, °C of air */
    readonly courses: Readonly<Record<CourseName, Float64Array>>
}

/** below this the clear sky tells too little, W/m² */
const leastLight = 80

/** 1 … 366 of a date `2026-06-01`. */
export function dayOfYearOf(day: string): number {
    const [year, month, date] = day.split('-').map(Number) as [number, number, number]
    return Math.round((Date.UTC(year, month - 1, date) - Date.UTC(year, 0, 1)) / 86_400_000) + 1
}

/** Whole days since 1 January 1970; 3 is a Sunday. */
export const dayNumberOf = (day: string): number => Math.floor(Date.parse(`${day}T00:00:00Z`) / 86_400_000)
export const isWeekend = (day: string): boolean => [2, 3].includes(dayNumberOf(day) % 7)

/** The sum of a kind's columns (`load`, `pv/…`), NaN in a period where one is missing; undefined where there is none. */
export function totalOf(day: MeasuredDay, kind: string): Float64Array | undefined {
    const columns = Object.entries(day.courses).filter(([name]) => name === kind || name.startsWith(`${kind}/`))
    if (columns.length === 0) return undefined
    return Float64Array.from(columns[0]![1], (_, t) => columns.reduce((sum, [, course]) => sum + (course[t] ?? Number.NaN), 0))
}

/** The site of a plant; without one capacities are those the days show. */
export function siteOf(days: readonly MeasuredDay[], climate: Climate, vpp?: Vpp): Site {
    if (vpp)
        return {
            climate,
            pvCapacity: vpp.pv.reduce((sum, plant) => sum + plant.capacity, 0),
            windCapacity: vpp.wind.reduce((sum, plant) => sum + plant.capacity, 0),
        }
    const ratios: number[] = []
    let most = 0
    for (const day of days) {
        const [pv, wind] = [totalOf(day, 'pv'), totalOf(day, 'wind')]
        const light = lightOf(day, climate)
        const air = airOf(day, climate)
        pv?.forEach((p, t) => {
            if (light[t]! > 300 && p >= 0) ratios.push(p / cellPower(1, light[t]!, air[t]!))
        })
        most = wind?.reduce((max, p) => (p > max ? p : max), most) ?? most
    }
    ratios.sort((a, b) => a - b)
    // nineteen of twenty bright hours have a cloud or some haze
    return { climate, pvCapacity: ratios[Math.floor(0.95 * ratios.length)] ?? 0, windCapacity: 1.02 * most }
}

const lightOf = (day: MeasuredDay, climate: Climate) => {
    const periods = periodsOf(day)
    return clearSky(climate.latDeg, dayOfYearOf(day.day), periods, day.dtH, climate.noonH)
}
export const periodsOf = (day: MeasuredDay): number => Object.values(day.courses)[0]?.length ?? 0

function airOf(day: MeasuredDay, climate: Climate): Float64Array {
    const mean = airCourse(climate, periodsOf(day), day.dtH)
    const air = day.courses.air
    return air ? mean.map((c, t) => air[t] ?? c) : mean
}

/** Power of a unit of cells under the clear sky, by period. */
export function clearPower(day: { readonly day: string }, periods: number, dtH: number, climate: Climate): Float64Array {
    const air = airCourse(climate, periods, dtH)
    return clearSky(climate.latDeg, dayOfYearOf(day.day), periods, dtH, climate.noonH).map((light, t) => cellPower(1, light, air[t]!))
}

/** The days as courses of the processes, oldest first. */
export function readHistory(days: readonly MeasuredDay[], site: Site): HistoryDay[] {
    return [...days]
        .sort((a, b) => (a.day < b.day ? -1 : 1))
        .map((day) => {
            const light = lightOf(day, site.climate)
            const air = airOf(day, site.climate)
            const none = new Float64Array(light.length).fill(Number.NaN)
            const pv = totalOf(day, 'pv')
            const clearness = light.map((g, t) =>
                pv && g > leastLight && site.pvCapacity > 0 ? lightOfPower(site.pvCapacity, Math.max(0, pv[t]!), air[t]!) / g : Number.NaN,
            )
            const share = (p: number) => Math.min(0.999, Math.max(0.001, p / site.windCapacity))
            const wind = totalOf(day, 'wind')?.map((p) => (site.windCapacity > 0 ? Math.log(share(p) / (1 - share(p))) : Number.NaN))
            const price = totalOf(day, 'price')
            return {
                day: day.day,
                dayOfYear: dayOfYearOf(day.day),
                weekend: isWeekend(day.day),
                clearness,
                clearnessLogit: clearness.map(logitOfClearness),
                courses: {
                    wind: wind ?? none,
                    load: totalOf(day, 'load')?.map((p) => (p > 0 ? Math.log(p) : Number.NaN)) ?? none,
                    price: price ? price.map((p) => Math.log(Math.max(p, leastPrice(price)))) : none,
                    air: day.courses.air ? Float64Array.from(day.courses.air, (c) => c ?? Number.NaN) : none,
                },
            }
        })
}

/** A price of nothing or less has no logarithm: a twentieth of the day's mean stands for it. */
function leastPrice(price: Float64Array): number {
    const known = price.filter((p) => !Number.isNaN(p))
    return Math.max(1e-6, known.reduce((sum, p) => sum + p, 0) / Math.max(1, known.length) / 20)
}

/**
 * What a course is beyond the mean of the days about it, by day and period: days within 30 of it, of its kind (weekend or
 * not, for load and price) where there are four of them. Scaled so that the variance is not that of the mean's own days.
 */
export function deviationsOf(history: readonly HistoryDay[], name: CourseName): Float64Array[] {
    const number = history.map(({ day }) => dayNumberOf(day))
    return history.map((here, d) => {
        const near = history.filter((_, k) => Math.abs(number[k]! - number[d]!) <= 30)
        const alike = name === 'load' || name === 'price' ? near.filter((other) => other.weekend === here.weekend) : near
        const about = alike.length >= 4 ? alike : near
        return here.courses[name].map((x, t) => {
            let [sum, count] = [0, 0]
            for (const { courses } of about) {
                const y = courses[name][t]!
                if (!Number.isNaN(y)) {
                    sum += y
                    count++
                }
            }
            return count > 1 ? (x - sum / count) * Math.sqrt(count / (count - 1)) : Number.NaN
        })
    })
}

export const courseDeviations = (history: readonly HistoryDay[]): Record<CourseName, Float64Array[]> =>
    Object.fromEntries(courseNames.map((name) => [name, deviationsOf(history, name)])) as Record<CourseName, Float64Array[]>
