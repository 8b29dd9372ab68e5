/**
 * How days differ from what is expected of them: a Gaussian copula. Every course x (logit of wind's share, logarithm of
 * load and price, °C of air, logit of the clearness) is its expectation plus σ·(√w·D + √(1 − w)·h): D one standard normal
 * number for the whole day, h an autoregressive course of unit variance, h ← φ·h + √(1 − φ²)·ε. The numbers D of all
 * quantities are correlated as `daily` says, the innovations ε as `hourly` says.
 */
import { factorDense } from '@gridverse/math'
import { type Sky, skies } from './sky.ts'

export const courseNames = ['wind', 'load', 'price', 'air'] as const
export type CourseName = (typeof courseNames)[number]
/** rows of the correlation matrices */
export const hourlyNames = ['clearness', ...courseNames] as const
export const dailyNames = ['sky', ...courseNames, 'evArrival', 'evEnergy'] as const

export interface CourseProcess {
    /** σ: of the logit (wind), relative (load, price), °C (air); ≥ 0 */
    readonly deviation: number
    /** φ: correlation of h with itself an hour later, 0 … 1 */
    readonly memory: number
    /** w: share of the variance that a whole day has in common, 0 … 1 */
    readonly dailyShare: number
}

/** The process days are drawn from; plain, so that it can be kept and compared. */
export interface ScenarioModel {
    readonly skies: readonly Sky[]
    /** φ of the clearness, per hour */
    readonly clearnessMemory: number
    readonly courses: Readonly<Record<CourseName, CourseProcess>>
    /** deviation of the hour vehicles arrive at, hours, and of the energy they want, relative */
    readonly ev: { readonly arrivalH: number; readonly energy: number }
    /** correlation of innovations, by `hourlyNames`; symmetric, ones on the diagonal */
    readonly hourly: readonly (readonly number[])[]
    /** correlation of what days have in common, by `dailyNames`; a high sky is a bright one */
    readonly daily: readonly (readonly number[])[]
}

/** Bright hours are calm and warm, warm ones draw more, load raises the price, sun and wind lower it; vehicles come late and empty on cold days. */
export const defaultScenarioModel: ScenarioModel = {
    skies,
    clearnessMemory: 0.92 ** 4,
    courses: {
        wind: { deviation: 0.6, memory: 0.92 ** 4, dailyShare: 0.3 },
        load: { deviation: 0.03, memory: 0.92 ** 4, dailyShare: 0.4 },
        price: { deviation: 0.12, memory: 0.8, dailyShare: 0.5 },
        air: { deviation: 1.5, memory: 0.92 ** 4, dailyShare: 0.6 },
    },
    ev: { arrivalH: 0.75, energy: 0.15 },
    hourly: [
        [1, -0.2, 0.05, -0.1, 0.4],
        [-0.2, 1, 0, -0.15, -0.1],
        [0.05, 0, 1, 0.35, 0.4],
        [-0.1, -0.15, 0.35, 1, 0.15],
        [0.4, -0.1, 0.4, 0.15, 1],
    ],
    daily: [
        [1, -0.2, 0.05, -0.25, 0.4, 0, -0.05],
        [-0.2, 1, 0, -0.3, -0.1, 0, 0],
        [0.05, 0, 1, 0.4, 0.4, 0, 0.1],
        [-0.25, -0.3, 0.4, 1, 0.1, 0, 0],
        [0.4, -0.1, 0.4, 0.1, 1, 0, -0.2],
        [0, 0, 0, 0, 0, 1, 0.1],
        [-0.05, 0, 0.1, 0, -0.2, 0.1, 1],
    ],
}

/** L·Lᵀ of a correlation matrix; throws with its name where it is none. */
export function factorCorrelation(matrix: readonly (readonly number[])[], name: string): Float64Array {
    const factor = factorDense(matrix.flat(), matrix.length)
    if (!factor) throw new Error(`The correlations "${name}" contradict each other: no set of quantities can have them.`)
    return factor
}

/** Correlations of h itself, where ε has those given and each its own memory: ρ·√(1 − φa²)·√(1 − φb²)/(1 − φa·φb). */
export function stationaryCorrelation(hourly: readonly (readonly number[])[], memory: readonly number[]): number[][] {
    return hourly.map((row, a) =>
        row.map((rho, b) => (rho * Math.sqrt((1 - memory[a]! ** 2) * (1 - memory[b]! ** 2))) / (1 - memory[a]! * memory[b]!)),
    )
}

/** φ of each of `hourlyNames` over a period. */
export const memories = (model: ScenarioModel, dtH: number): number[] =>
    [model.clearnessMemory, ...courseNames.map((name) => model.courses[name].memory)].map((phi) => phi ** dtH)

/** The nearest matrix towards independence that quantities can have. */
export function mendCorrelation(matrix: readonly (readonly number[])[]): number[][] {
    for (let keep = 1; keep > 0; keep -= 0.02) {
        const mended = matrix.map((row, i) => row.map((rho, j) => (i === j ? 1 : keep * rho)))
        // a little inside the border, so that rounding keeps it there
        if (
            factorDense(
                mended.flatMap((row, i) => row.map((x, j) => (i === j ? x : x * 1.001))),
                mended.length,
            )
        )
            return mended
    }
    return matrix.map((row, i) => row.map((_, j) => (i === j ? 1 : 0)))
}
