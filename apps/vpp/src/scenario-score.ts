/**
 * How well a process draws the days that came: the energy score E|X − y| − ½·E|X − X′| of days drawn for a date against
 * the day measured (T. Gneiting, A. Raftery 2007, eq. 22), over all courses at once, so that spread, courses and what goes
 * together count. Proper: no process does better on average than the true one. Each course is in units of its own mean.
 */
import {
    type Climate,
    dayOfYearOf,
    isWeekend,
    parseVpp,
    periodsOf,
    type ScenarioModel,
    type Site,
    sampleVpp,
    totalOf,
    type Vpp,
} from '@gridverse/plan'
import { columnOf, type MeasuredDay, rowOf } from '@gridverse/study'

const kinds = ['pv', 'wind', 'load', 'price', 'air'] as const
const columnName = { pv: 'pv/all', wind: 'wind/all', load: 'load', price: 'price', air: 'air' } as const

/** days drawn for each date */
const drawn = 48
/** others each drawn day is held against */
const partners = 6
/** days before a date that say what was to be expected */
const expectingDays = 28

/** Energy score of each day from `first` on, days in order; lower is better. `climate` says where. */
export function scoreScenarios(
    days: readonly MeasuredDay[],
    first: number,
    site: Site,
    model: ScenarioModel | undefined,
    seed = 1,
): number[] {
    const total = new Map(kinds.map((kind) => [kind, days.map((day) => totalOf(day, kind))]))
    const scale = Object.fromEntries(kinds.map((kind) => [kind, meanSize(total.get(kind)!)]))
    return days.slice(first).map((day, k) => {
        const from = Math.max(0, first + k - expectingDays)
        const { vpp, airMean } = expectedPlant(total, days, from, first + k, site)
        const climate: Climate = {
            ...site.climate,
            dayOfYear: dayOfYearOf(day.day),
            ...(model ? { model } : {}),
        }
        const samples = sampleVpp(vpp, climate, seed + first + k, drawn)
        const measured = kinds.filter((kind) => total.get(kind)![first + k] && scale[kind]! > 0)
        const observed = measured.map((kind) => total.get(kind)![first + k]!.map((v) => v / scale[kind]!))
        const rows = Array.from({ length: drawn }, (_, s) =>
            measured.map((kind) => {
                const row = rowOf(columnOf(samples, columnName[kind]), s)
                // the process moves about the climate's course; here it moves about the days before
                return kind === 'air'
                    ? row.map((c, t) => (c - airMean.climate[t]! + airMean.before[t]!) / scale.air!)
                    : row.map((v) => v / scale[kind]!)
            }),
        )
        const apart = (a: readonly Float64Array[], b: readonly Float64Array[]) => {
            let [sum, n] = [0, 0]
            for (const [c, course] of a.entries())
                for (let t = 0; t < course.length; t++) {
                    // what was not measured does not count
                    if (Number.isNaN(observed[c]![t]!)) continue
                    sum += (course[t]! - b[c]![t]!) ** 2
                    n++
                }
            return n > 0 ? Math.sqrt(sum / n) : 0
        }
        let [near, among] = [0, 0]
        for (let s = 0; s < drawn; s++) {
            near += apart(rows[s]!, observed)
            for (let r = 1; r <= partners; r++) among += apart(rows[s]!, rows[(s + r) % drawn]!)
        }
        return near / drawn - among / (2 * drawn * partners)
    })
}

function meanSize(courses: readonly (Float64Array | undefined)[]): number {
    let [sum, n] = [0, 0]
    for (const course of courses)
        for (const v of course ?? [])
            if (!Number.isNaN(v)) {
                sum += Math.abs(v)
                n++
            }
    return n > 0 ? sum / n : 0
}

/** A plant of one sun and one wind whose forecast for day `at` is the mean of the days since `from` (for load and price, of its kind of day). */
function expectedPlant(
    total: ReadonlyMap<string, readonly (Float64Array | undefined)[]>,
    days: readonly MeasuredDay[],
    from: number,
    at: number,
    { climate, pvCapacity, windCapacity }: Site,
) {
    const day = days[at]!
    const periods = periodsOf(day)
    const before = Array.from({ length: at - from }, (_, k) => from + k)
    const alike = before.filter((d) => isWeekend(days[d]!.day) === isWeekend(day.day))
    const kin = alike.length >= 4 ? alike : before
    const mean = (kind: string, among: readonly number[], otherwise: number) =>
        Array.from({ length: periods }, (_, t) => {
            let [sum, n] = [0, 0]
            for (const d of among) {
                const v = total.get(kind)![d]?.[t] ?? Number.NaN
                if (Number.isNaN(v)) continue
                sum += v
                n++
            }
            return n > 0 ? sum / n : otherwise
        })
    const price = mean('price', kin, 1)
    const { vpp } = parseVpp(
        JSON.stringify({
            format: 'vpp-instance/1',
            T: periods,
            dt: day.dtH,
            risk: { alpha: 0.9, beta: 0 },
            grid: { buyPrice: price, sellPrice: price, shortPrice: price, surplusPrice: price, importMax: 1, exportMax: 1 },
            load: { fixed: mean('load', kin, 0) },
            pvPlants: pvCapacity > 0 ? [{ name: 'all', capacity: pvCapacity }] : [],
            windPlants: windCapacity > 0 ? [{ name: 'all', capacity: windCapacity }] : [],
            forecast: {
                pv: pvCapacity > 0 ? [mean('pv', before, 0)] : [],
                wind: windCapacity > 0 ? [mean('wind', before, 0)] : [],
            },
        }),
    ) as { vpp: Vpp }
    const climateAir = Array.from(
        { length: periods },
        (_, t) => climate.airC + climate.airSwingC * Math.sin((2 * Math.PI * ((t + 0.5) * day.dtH - 9)) / 24),
    )
    return { vpp, airMean: { climate: climateAir, before: mean('air', before, climate.airC) } }
}
