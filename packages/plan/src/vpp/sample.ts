/**
 * Days that could be, for a virtual power plant: sun, wind, load and air, correlated, from a seed. Each is an
 * autoregressive process: clouds about the clear sky, wind and load about what the plant's own forecast says.
 */
import { createMulberry32 } from '@gridverse/math'
import { type Coverage, columnOf, createSamples, measureCoverage, rowOf, type Samples, selectForward } from '@gridverse/study'
import { meanScenario } from './evaluate.ts'
import type { Scenario, Vpp } from './instance.ts'
import { cellPower, clearness, clearSky, drawSky, memoryOf } from './sky.ts'

/** Version of what `sampleVpp` draws: raised when the same seed gives other days. */
export const sampleVersion = 1

export interface Climate {
    /** degrees, north positive */
    readonly latDeg: number
    /** 1 … 366 */
    readonly dayOfYear: number
    /** mean of the day's air and half its swing, °C */
    readonly airC: number
    readonly airSwingC: number
    /** deviation of the wind's logit about the forecast */
    readonly windDeviation: number
    /** relative deviation of the load about the forecast */
    readonly loadDeviation: number
    /** deviation of the air about its mean course, °C */
    readonly airDeviationC: number
}

export const defaultClimate: Climate = {
    latDeg: 31.2,
    dayOfYear: 250,
    airC: 25,
    airSwingC: 5,
    windDeviation: 0.6,
    loadDeviation: 0.03,
    airDeviationC: 1.5,
}

/**
 * Correlation of the innovations of clearness, wind, load and air: bright days are calm and warm, warm days draw more.
 * Factor L of L·Lᵀ, row by row.
 */
const factor = cholesky([
    [1, -0.2, 0.05, 0.4],
    [-0.2, 1, 0, -0.1],
    [0.05, 0, 1, 0.4],
    [0.4, -0.1, 0.4, 1],
])

/** `count` days; day s depends on plant, climate, seed and s alone. Columns `pv/NAME`, `wind/NAME`, `load` in kW and `air` in °C, a series each. */
export function sampleVpp(vpp: Vpp, climate: Climate, seed: number, count: number): Samples {
    const { periods, dtH } = vpp
    const forecast = vpp.forecast ?? meanScenario(vpp)
    const samples = createSamples({ study: 'vpp', version: sampleVersion, seed }, count, [
        ...vpp.pv.map((plant) => ({ name: `pv/${plant.name}`, unit: 'kW', width: periods })),
        ...vpp.wind.map((plant) => ({ name: `wind/${plant.name}`, unit: 'kW', width: periods })),
        { name: 'load', unit: 'kW', width: periods },
        { name: 'air', unit: '°C', width: periods },
    ])
    const light = clearSky(climate.latDeg, climate.dayOfYear, periods, dtH)
    const memory = memoryOf(dtH)
    const fresh = Math.sqrt(1 - memory * memory)
    // half-way between what is certain and what is not: the logit of wind's share of its capacity
    const logit = vpp.wind.map((plant, n) =>
        forecast.wind[n]!.map((p) => {
            const share = Math.min(0.999, Math.max(0.001, p / plant.capacity))
            return Math.log(share / (1 - share))
        }),
    )
    const z = new Float64Array(4)
    const innovation = new Float64Array(4)
    const raw = new Float64Array(4)
    for (let s = 0; s < count; s++) {
        const random = createMulberry32((seed ^ Math.imul(s + 1, 0x9e3779b1)) >>> 0)
        const sky = drawSky(random)
        const rows = samples.columns.map((column) => rowOf(column, s))
        for (let t = 0; t < periods; t++) {
            for (let k = 0; k < 4; k++) raw[k] = random.normal()
            for (let k = 0; k < 4; k++) {
                innovation[k] = 0
                for (let j = 0; j <= k; j++) innovation[k] = innovation[k]! + factor[k]![j]! * raw[j]!
                z[k] = t === 0 ? innovation[k]! : memory * z[k]! + fresh * innovation[k]!
            }
            const air =
                climate.airC + climate.airSwingC * Math.sin((2 * Math.PI * ((t + 0.5) * dtH - 9)) / 24) + climate.airDeviationC * z[3]!
            const here = light[t]! * clearness(sky, sky.deviation * z[0]!)
            vpp.pv.forEach((plant, n) => {
                rows[n]![t] = cellPower(plant.capacity, here, air)
            })
            vpp.wind.forEach((plant, n) => {
                rows[vpp.pv.length + n]![t] = plant.capacity / (1 + Math.exp(-(logit[n]![t]! + climate.windDeviation * z[1]!)))
            })
            const deviation = climate.loadDeviation
            rows[rows.length - 2]![t] = vpp.load[t]! * Math.exp(deviation * z[2]! - (deviation * deviation) / 2)
            rows[rows.length - 1]![t] = air
        }
    }
    return samples
}

/** Scenarios already at hand as a table of samples: the columns of `sampleVpp` without the air, seed 0. */
export function samplesOfScenarios(vpp: Vpp, scenarios: readonly Scenario[]): Samples {
    const samples = createSamples({ study: 'vpp', version: sampleVersion, seed: 0 }, scenarios.length, [
        ...vpp.pv.map((plant) => ({ name: `pv/${plant.name}`, unit: 'kW', width: vpp.periods })),
        ...vpp.wind.map((plant) => ({ name: `wind/${plant.name}`, unit: 'kW', width: vpp.periods })),
        { name: 'load', unit: 'kW', width: vpp.periods },
    ])
    scenarios.forEach((scenario, s) => {
        samples.probability[s] = scenario.probability
        const series = [...scenario.pv, ...scenario.wind, scenario.load ?? vpp.load]
        samples.columns.forEach((column, c) => void rowOf(column, s).set(series[c]!))
    })
    return samples
}

/** A row of samples as a scenario of the plant. */
export function scenarioOf(vpp: Vpp, samples: Samples, row: number): Scenario {
    const series = (name: string) => rowOf(columnOf(samples, name), row)
    return {
        probability: samples.probability[row]!,
        pv: vpp.pv.map((plant) => series(`pv/${plant.name}`)),
        wind: vpp.wind.map((plant) => series(`wind/${plant.name}`)),
        load: series('load'),
    }
}

export interface ReducedSamples {
    readonly rows: readonly number[]
    readonly probability: readonly number[]
    /** mean distance of a day to the one that stands for it, share of a day's mean net load */
    readonly distance: number
    readonly coverage: Coverage
    /** what the coverage is measured in */
    readonly features: readonly string[]
}

/** Keeps the days that stand best for all; distances are those of the courses of sun, wind and load. */
export function reduceSamples(vpp: Vpp, samples: Samples, count: number): ReducedSamples {
    const sum = (prefix: string, s: number) => {
        const total = new Float64Array(vpp.periods)
        for (const column of samples.columns)
            if (column.name === prefix || column.name.startsWith(`${prefix}/`)) {
                const row = rowOf(column, s)
                for (let t = 0; t < total.length; t++) total[t] = total[t]! + row[t]!
            }
        return total
    }
    const scale = 1 / (Math.max(1e-9, vpp.load.reduce((a, b) => a + b, 0) / vpp.periods) * Math.sqrt(vpp.periods))
    const kinds = ['pv', 'wind', 'load']
    const points = Array.from({ length: samples.count }, (_, s) => {
        const point = new Float64Array(kinds.length * vpp.periods)
        kinds.forEach(
            (kind, k) =>
                void point.set(
                    sum(kind, s).map((x) => x * scale),
                    k * vpp.periods,
                ),
        )
        return point
    })
    const reduction = selectForward(points, samples.probability, count)
    const features = [...kinds.map((kind) => `energy of ${kind}`), 'peak of load less sun and wind']
    const all = features.map((_, f) =>
        Float64Array.from({ length: samples.count }, (_, s) => {
            if (f < kinds.length) return sum(kinds[f]!, s).reduce((a, b) => a + b, 0)
            const [pv, wind, load] = kinds.map((kind) => sum(kind, s))
            return load!.reduce((peak, x, t) => Math.max(peak, x - pv![t]! - wind![t]!), -Infinity)
        }),
    )
    const kept = all.map((feature) => Float64Array.from(reduction.rows, (row) => feature[row]!))
    return { ...reduction, coverage: measureCoverage(kept, all, reduction.probability, samples.probability), features }
}

/** The plant with days drawn and reduced in place of its scenarios, and their mean over all draws as its forecast. */
export function withSamples(vpp: Vpp, samples: Samples, reduced: Pick<ReducedSamples, 'rows' | 'probability'>): Vpp {
    const everything = { ...vpp, scenarios: Array.from({ length: samples.count }, (_, s) => scenarioOf(vpp, samples, s)) }
    return {
        ...vpp,
        forecast: meanScenario(everything),
        scenarios: reduced.rows.map((row, k) => ({ ...everything.scenarios[row]!, probability: reduced.probability[k]! })),
    }
}

function cholesky(a: readonly (readonly number[])[]): number[][] {
    const l = a.map(() => a.map(() => 0))
    for (let i = 0; i < a.length; i++)
        for (let j = 0; j <= i; j++) {
            let sum = a[i]![j]!
            for (let k = 0; k < j; k++) sum -= l[i]![k]! * l[j]![k]!
            l[i]![j] = i === j ? Math.sqrt(sum) : sum / l[j]![j]!
        }
    return l
}
