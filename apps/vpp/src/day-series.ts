/** Measured days as the series that are forecast, and as rows of samples a plan can be tried on. */
import type { SeriesDay } from '@gridverse/learn'
import { type Climate, clearPower, createVppSamples, type EvHistory, periodsOf, totalOf, type Vpp } from '@gridverse/plan'
import { type MeasuredDay, rowOf, type Samples } from '@gridverse/study'
import type { ForecastQuantity } from './learning-types.ts'

/** One quantity of the days, oldest first; days without it are left out. The sun comes with the clear sky's power if asked. */
export function seriesOf(days: readonly MeasuredDay[], quantity: ForecastQuantity, climate?: Climate): SeriesDay[] {
    return [...days]
        .sort((a, b) => (a.day < b.day ? -1 : 1))
        .flatMap((day) => {
            const values = totalOf(day, quantity)
            if (!values || values.every((v) => Number.isNaN(v))) return []
            const reference = quantity === 'pv' && climate ? clearPower(day, values.length, day.dtH, climate) : undefined
            return [{ day: day.day, values, ...(reference ? { reference } : {}) }]
        })
}

/** The days as rows of the plant's samples. A gap is bridged from its ends; a course that was not measured is the plant's own. */
export function samplesOfDays(vpp: Vpp, days: readonly MeasuredDay[]): Samples {
    const samples = createVppSamples(vpp, 0, days.length)
    const own = (name: string): ArrayLike<number> => {
        const [kind, plant] = name.split('/') as [string, string?]
        const of = (plants: readonly { readonly name: string }[], courses: readonly Float64Array[] | undefined) =>
            courses?.[plants.findIndex((p) => p.name === plant)] ?? new Float64Array(vpp.periods)
        if (kind === 'pv') return of(vpp.pv, vpp.forecast?.pv)
        if (kind === 'wind') return of(vpp.wind, vpp.forecast?.wind)
        if (kind === 'price') return vpp.grid.buyPrice
        if (kind === 'load') return vpp.load
        return new Float64Array(vpp.periods).fill(Number.NaN)
    }
    days.forEach((day, s) => {
        for (const column of samples.columns) {
            const row = rowOf(column, s)
            if (column.width === 1) {
                row[0] = day.figures?.[column.name] ?? figureOf(vpp, column.name)
                continue
            }
            const course = day.courses[column.name]
            row.set(course && periodsOf(day) === vpp.periods ? bridge(course) : own(column.name))
        }
    })
    // air that nobody measured would only move the air conditioners
    const measured = samples.columns.filter((column) => !column.value.some((v) => Number.isNaN(v)))
    return { ...samples, columns: measured }
}

/** As the plant has it: `ev/NAME/arrive` in hours, `ev/NAME/energy` in kWh. */
function figureOf(vpp: Vpp, name: string): number {
    const fleet = vpp.evs.find((ev) => name === `ev/${ev.name}/arrive` || name === `ev/${ev.name}/energy`)!
    return name.endsWith('/arrive') ? fleet.arrive * vpp.dtH : Math.max(0, fleet.eDepart - fleet.eArrive)
}

/** Straight lines over what is missing; the nearest value at the ends; 0 where nothing is known. */
export function bridge(course: readonly (number | null)[]): Float64Array {
    const known = course.flatMap((v, t) => (v === null || Number.isNaN(v) ? [] : [t]))
    return Float64Array.from(course, (v, t) => {
        if (v !== null && !Number.isNaN(v)) return v
        const before = known.filter((k) => k < t).at(-1)
        const after = known.find((k) => k > t)
        if (before === undefined) return after === undefined ? 0 : course[after]!
        if (after === undefined) return course[before]!
        return course[before]! + ((course[after]! - course[before]!) * (t - before)) / (after - before)
    })
}

/** Arrivals and energies of all fleets about their own means: hours, and shares of the mean; none without figures. */
export function evHistoryOf(days: readonly MeasuredDay[]): EvHistory {
    const names = new Set(days.flatMap((day) => Object.keys(day.figures ?? {}).map((name) => name.replace(/\/(arrive|energy)$/, ''))))
    const about = (name: string, relative: boolean) => {
        const values = days.flatMap((day) => day.figures?.[name] ?? [])
        const mean = values.reduce((sum, v) => sum + v, 0) / Math.max(1, values.length)
        return values.map((v) => (relative ? (mean > 0 ? v / mean - 1 : 0) : v - mean))
    }
    return {
        arrivalH: [...names].flatMap((name) => about(`${name}/arrive`, false)),
        energy: [...names].flatMap((name) => about(`${name}/energy`, true)),
    }
}
