/**
 * The process days are drawn from, fitted to measured days: kinds of sky and courses by maximum likelihood, correlations by
 * moments. The cross-products of two deviations at a lag k have mean √(wa·wb)·ρdaily + √((1 − wa)·(1 − wb))·ρhourly·g(k),
 * g(k) = √(1 − φa²)·√(1 − φb²)/(1 − φa·φb)·φ|k| with φ of the one that comes later; both ρ by least squares over the lags.
 */
import { normalQuantile } from '@gridverse/math'
import { type CourseFit, fitCourse } from './fit-course.ts'
import { fitSkies, type SkyFit } from './fit-sky.ts'
import { courseDeviations, type HistoryDay } from './history.ts'
import {
    type CourseName,
    type CourseProcess,
    courseNames,
    dailyNames,
    defaultScenarioModel,
    hourlyNames,
    mendCorrelation,
    type ScenarioModel,
} from './scenario-model.ts'
import type { Sky } from './sky.ts'

export interface Calibration {
    readonly model: ScenarioModel
    /** what was fitted, to how many days and values */
    readonly fitted: readonly { readonly what: 'clearness' | CourseName | 'ev'; readonly days: number; readonly logLikelihood: number }[]
    /** what stayed as it was, and why */
    readonly left: readonly { readonly what: 'clearness' | CourseName | 'ev'; readonly reason: string }[]
}

/** Arrivals and energies of vehicles by day, about their means: hours, and share of the mean. */
export interface EvHistory {
    readonly arrivalH: readonly number[]
    readonly energy: readonly number[]
}

const leastDays = 14

/** Fits what the days allow, and leaves the rest as in `start`. */
export function calibrateScenarios(
    history: readonly HistoryDay[],
    dtH: number,
    { start = defaultScenarioModel, ev }: { start?: ScenarioModel; ev?: EvHistory } = {},
): Calibration {
    const fitted: { what: 'clearness' | CourseName | 'ev'; days: number; logLikelihood: number }[] = []
    const left: { what: 'clearness' | CourseName | 'ev'; reason: string }[] = []
    const deviations = courseDeviations(history)
    const withData = (rows: readonly Float64Array[]) => rows.filter((row) => row.some((x) => !Number.isNaN(x))).length

    const logits = history.map((day) => day.clearnessLogit)
    const tooBright = brighterThanClear(history)
    const sky = tooBright > mostTooBright ? undefined : fitSkies(logits, start.skies)
    if (sky) fitted.push({ what: 'clearness', days: sky.days, logLikelihood: sky.logLikelihood })
    else if (tooBright > mostTooBright)
        left.push({
            what: 'clearness',
            reason: `in ${Math.round(100 * tooBright)} % of the hours there is more sun than the clear sky gives; are latitude, hour of noon, dates and capacities right?`,
        })
    else left.push({ what: 'clearness', reason: `${withData(logits)} days with sun measured; 20 are needed` })

    const courses: Record<CourseName, CourseProcess> = { ...start.courses }
    const fits: Partial<Record<CourseName, CourseFit>> = {}
    for (const name of courseNames) {
        const days = withData(deviations[name])
        const fit = days >= leastDays ? fitCourse(deviations[name]) : undefined
        if (!fit) {
            left.push({ what: name, reason: days >= leastDays ? 'it does not change' : `${days} days measured; ${leastDays} are needed` })
            continue
        }
        fits[name] = fit
        courses[name] = { deviation: fit.deviation, memory: fit.memory ** (1 / dtH), dailyShare: fit.dailyShare }
        fitted.push({ what: name, days, logLikelihood: fit.logLikelihood })
    }

    const vehicles = ev && ev.arrivalH.length >= leastDays ? ev : undefined
    if (vehicles) fitted.push({ what: 'ev', days: vehicles.arrivalH.length, logLikelihood: Number.NaN })
    else left.push({ what: 'ev', reason: `${ev?.arrivalH.length ?? 0} days with vehicles measured; ${leastDays} are needed` })
    const { hourly, daily } = correlate(history, deviations, sky, fits, start)
    return {
        model: {
            skies: sky?.skies ?? start.skies,
            clearnessMemory: sky ? sky.memory ** (1 / dtH) : start.clearnessMemory,
            courses,
            ev: vehicles ? { arrivalH: deviationOf(vehicles.arrivalH), energy: deviationOf(vehicles.energy) } : start.ev,
            hourly,
            daily,
        },
        fitted,
        left,
    }
}

/** Share of the values measured that lie a tenth above the clear sky: reflections at the edges of clouds are seldom. */
function brighterThanClear(history: readonly HistoryDay[]): number {
    let [above, n] = [0, 0]
    for (const { clearness } of history)
        for (const share of clearness)
            if (!Number.isNaN(share)) {
                n++
                if (share > 1.1) above++
            }
    return n > 0 ? above / n : 0
}
const mostTooBright = 0.15

const deviationOf = (x: readonly number[]) => {
    const mean = x.reduce((sum, v) => sum + v, 0) / x.length
    return Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (x.length - 1))
}

/** A course as numbers of unit variance, with what it has in common all day and its memory of a period. */
interface Unit {
    readonly at: number
    readonly rows: readonly Float64Array[]
    readonly memory: number
    readonly dailyShare: number
}

function correlate(
    history: readonly HistoryDay[],
    deviations: Readonly<Record<CourseName, Float64Array[]>>,
    sky: SkyFit | undefined,
    fits: Readonly<Partial<Record<CourseName, CourseFit>>>,
    start: ScenarioModel,
) {
    const hourly = start.hourly.map((row) => [...row])
    const daily = start.daily.map((row) => [...row])
    const units: Unit[] = courseNames.flatMap((name, k) => {
        const fit = fits[name]
        if (!fit) return []
        const rows = deviations[name].map((row) => row.map((x) => x / fit.deviation))
        return [{ at: k + 1, rows, memory: fit.memory, dailyShare: fit.dailyShare }]
    })
    const set = (matrix: number[][], a: number, b: number, rho: number) => {
        const within = Math.min(0.95, Math.max(-0.95, rho))
        matrix[a]![b] = within
        matrix[b]![a] = within
    }
    if (sky) {
        const rows = history.map((day, d) => {
            const kind = sky.kind[d]! < 0 ? undefined : sky.skies[sky.kind[d]!]!
            return day.clearnessLogit.map((y) => (kind ? (y - kind.mean) / kind.deviation : Number.NaN))
        })
        const clear: Unit = { at: 0, rows, memory: sky.memory, dailyShare: 0 }
        const score = brightness(sky.skies)
        for (const unit of units) {
            const found = leastSquares(clear, unit)
            if (found) set(hourly, 0, unit.at, found.hourly)
            const rho = withSky(sky, score, unit)
            if (rho !== undefined) set(daily, 0, unit.at, rho)
        }
    }
    for (const a of units)
        for (const b of units) {
            if (b.at >= a.at) continue
            const found = leastSquares(a, b)
            if (!found) continue
            set(hourly, a.at, b.at, found.hourly)
            if (found.daily !== undefined) set(daily, a.at, b.at, found.daily)
        }
    if (hourly.length !== hourlyNames.length || daily.length !== dailyNames.length)
        throw new Error('The correlations are of other quantities.')
    return { hourly: mendCorrelation(hourly), daily: mendCorrelation(daily) }
}

/** Both correlations of two courses from their cross-products over the lags; weights are the numbers of pairs. */
function leastSquares(a: Unit, b: Unit): { hourly: number; daily: number | undefined } | undefined {
    const periods = a.rows[0]!.length
    const same = Math.sqrt((1 - a.memory ** 2) * (1 - b.memory ** 2)) / (1 - a.memory * b.memory)
    const common = Math.sqrt(a.dailyShare * b.dailyShare)
    const own = Math.sqrt((1 - a.dailyShare) * (1 - b.dailyShare))
    // normal equations of c(k) = p + q·g(k)
    let [n, sg, sgg, sc, sgc] = [0, 0, 0, 0, 0]
    for (let lag = 1 - periods; lag < periods; lag++) {
        const g = own * same * (lag >= 0 ? b.memory ** lag : a.memory ** -lag)
        a.rows.forEach((row, d) => {
            const other = b.rows[d]!
            for (let t = Math.max(0, -lag); t < Math.min(periods, periods - lag); t++) {
                const product = row[t]! * other[t + lag]!
                if (Number.isNaN(product)) continue
                n++
                sg += g
                sgg += g * g
                sc += product
                sgc += g * product
            }
        })
    }
    const determinant = n * sgg - sg * sg
    if (n < 100 || determinant <= 1e-9 * n * n) return undefined
    return {
        hourly: (n * sgc - sg * sc) / determinant,
        daily: common > 0.05 ? (sgg * sc - sg * sgc) / determinant / common : undefined,
    }
}

/** Mean of the normal number behind each kind of sky: high for bright ones. */
function brightness(skies: readonly Sky[]): number[] {
    const total = skies.reduce((sum, sky) => sum + sky.share, 0)
    const density = (p: number) => (p <= 0 || p >= 1 ? 0 : Math.exp(-(normalQuantile(p) ** 2) / 2) / Math.sqrt(2 * Math.PI))
    let below = 0
    return skies.map(({ share }) => {
        const from = below
        below += share / total
        return (density(1 - below) - density(1 - from)) / (share / total)
    })
}

/** Correlation of the sky's number with what a course has in common all day: regression of its mean on the kind's brightness. */
function withSky(sky: SkyFit, score: readonly number[], unit: Unit): number | undefined {
    if (unit.dailyShare < 0.05) return undefined
    let [n, sx, sxx, sy, sxy] = [0, 0, 0, 0, 0]
    unit.rows.forEach((row, d) => {
        const known = row.filter((x) => !Number.isNaN(x))
        if (sky.kind[d]! < 0 || known.length === 0) return
        const x = score[sky.kind[d]!]!
        const y = known.reduce((sum, v) => sum + v, 0) / known.length
        n++
        sx += x
        sxx += x * x
        sy += y
        sxy += x * y
    })
    const spread = n * sxx - sx * sx
    return spread > 1e-9 ? (n * sxy - sx * sy) / spread / Math.sqrt(unit.dailyShare) : undefined
}
