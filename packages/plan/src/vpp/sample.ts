/**
 * Days that could be, for a virtual power plant: sun, wind, load, price, air and vehicles, correlated, from a seed. Clouds
 * move before the clear sky; everything else goes about what the plant's own forecast says.
 */
import { createMulberry32, normalCdf } from '@gridverse/math'
import { type Coverage, columnOf, createSamples, measureCoverage, rowOf, type Samples, selectForward } from '@gridverse/study'
import { isVehicle, type Scenario, type Vpp } from './instance.ts'
import { meanScenario } from './mean-scenario.ts'
import {
    type CourseName,
    courseNames,
    dailyNames,
    defaultScenarioModel,
    factorCorrelation,
    hourlyNames,
    memories,
    type ScenarioModel,
    stationaryCorrelation,
} from './scenario-model.ts'
import { cellPower, clearness, clearSky, shiftOfClearness, skyAt } from './sky.ts'

/** Version of what `sampleVpp` draws: raised when the same seed gives other days. */
export const sampleVersion = 2

/** What is not certain about a day. */
export type Uncertain = 'pv' | CourseName | 'ev'

export interface Climate {
    /** degrees, north positive */
    readonly latDeg: number
    /** 1 … 366 */
    readonly dayOfYear: number
    /** mean of the day's air and half its swing, °C */
    readonly airC: number
    readonly airSwingC: number
    /** the clock's hour when the sun is highest; 12 where absent */
    readonly noonH?: number
    /** hours after the first period begins at which the air is warmest; 15 where absent */
    readonly warmestH?: number
    /** deviation of the wind's logit about the forecast; this and the next three are the model's where absent */
    readonly windDeviation?: number
    /** relative deviation of the load about the forecast */
    readonly loadDeviation?: number
    /** relative deviation of the price about the forecast */
    readonly priceDeviation?: number
    /** deviation of the air about its mean course, °C */
    readonly airDeviationC?: number
    /** share of the clear sky's light that a weather forecast expects, by period; days are drawn about it, as wide as ever */
    readonly clearness?: readonly number[]
    /** false leaves wind and air as forecast, as where meteorology is not considered; the sun stays as uncertain as it is */
    readonly weather?: boolean
    /** what is as forecast where false; everything is uncertain where absent */
    readonly uncertain?: Readonly<Partial<Record<Uncertain, boolean>>>
    /** calibrated to measured days; the one that ships where absent */
    readonly model?: ScenarioModel
}

export const defaultClimate: Climate = { latDeg: 31.2, dayOfYear: 250, airC: 25, airSwingC: 5 }

/** Whether a quantity differs from day to day in this climate. */
export function isUncertain({ weather = true, uncertain = {} }: Climate, name: Uncertain): boolean {
    return uncertain[name] !== false && (weather || (name !== 'wind' && name !== 'air'))
}

/** °C in the middle of each period: the mean course. */
export const airCourse = ({ airC, airSwingC, warmestH = 15 }: Climate, periods: number, dtH: number): Float64Array =>
    Float64Array.from({ length: periods }, (_, t) => airC + airSwingC * Math.sin((2 * Math.PI * ((t + 0.5) * dtH - (warmestH - 6))) / 24))

/** The table `sampleVpp` fills, empty. */
export function createVppSamples(vpp: Vpp, seed: number, count: number): Samples {
    const width = vpp.periods
    return createSamples({ study: 'vpp', version: sampleVersion, seed }, count, [
        ...vpp.pv.map((plant) => ({ name: `pv/${plant.name}`, unit: 'kW', width })),
        ...vpp.wind.map((plant) => ({ name: `wind/${plant.name}`, unit: 'kW', width })),
        { name: 'load', unit: 'kW', width },
        { name: 'air', unit: '°C', width },
        { name: 'price', unit: `${vpp.currency}/kWh`, width },
        ...vpp.evs.filter(isVehicle).flatMap((fleet) => [
            { name: `ev/${fleet.name}/arrive`, unit: 'h', width: 1 },
            { name: `ev/${fleet.name}/energy`, unit: 'kWh', width: 1 },
        ]),
    ])
}

/**
 * `count` days from row `first` on; day s depends on plant, climate, seed and s alone. Columns, a series each: `pv/NAME`,
 * `wind/NAME`, `load` in kW, `air` in °C, `price` (of buying) per kWh; one number each: `ev/NAME/arrive` in hours after
 * midnight, `ev/NAME/energy` wanted in kWh. Throws where the model's correlations contradict each other.
 */
export function sampleVpp(vpp: Vpp, climate: Climate, seed: number, count: number, { first = 0 } = {}): Samples {
    const samples = createVppSamples(vpp, seed, count)
    const draw = createDayDraw(vpp, climate, seed)
    for (let s = 0; s < count; s++)
        draw(
            first + s,
            samples.columns.map((column) => rowOf(column, s)),
        )
    return samples
}

/** Draws single days: rows ← the columns of day s, in the order of `createVppSamples`. */
export function createDayDraw(vpp: Vpp, climate: Climate, seed: number): (s: number, rows: readonly Float64Array[]) => void {
    const { periods, dtH } = vpp
    const { model = defaultScenarioModel } = climate
    const forecast = vpp.forecast ?? meanScenario(vpp)
    const memory = memories(model, dtH)
    const daily = factorCorrelation(model.daily, 'daily')
    const hourly = factorCorrelation(model.hourly, 'hourly')
    const atFirst = factorCorrelation(stationaryCorrelation(model.hourly, memory), 'hourly')
    const light = clearSky(climate.latDeg, climate.dayOfYear, periods, dtH, climate.noonH)
    const expectedAir = airCourse(climate, periods, dtH)
    const shift = Float64Array.from({ length: periods }, (_, t) => {
        const expected = climate.clearness?.[t]
        return expected === undefined ? 0 : shiftOfClearness(expected, model.skies)
    })
    // half-way between what is certain and what is not: the logit of wind's share of its capacity
    const logit = vpp.wind.map((plant, n) =>
        forecast.wind[n]!.map((p) => {
            const share = Math.min(0.999, Math.max(0.001, p / plant.capacity))
            return Math.log(share / (1 - share))
        }),
    )
    const given = [climate.windDeviation, climate.loadDeviation, climate.priceDeviation, climate.airDeviationC]
    const deviation = courseNames.map((name, k) => (isUncertain(climate, name) ? (given[k] ?? model.courses[name].deviation) : 0))
    const [windDeviation, loadDeviation, priceDeviation, airDeviation] = deviation as [number, number, number, number]
    const whole = courseNames.map((name) => Math.sqrt(model.courses[name].dailyShare))
    const part = courseNames.map((name) => Math.sqrt(1 - model.courses[name].dailyShare))
    const [sunny, driving] = [isUncertain(climate, 'pv'), isUncertain(climate, 'ev')]
    const raw = new Float64Array(dailyNames.length)
    const common = new Float64Array(dailyNames.length)
    const innovation = new Float64Array(hourlyNames.length)
    const h = new Float64Array(hourlyNames.length)
    const x = new Float64Array(courseNames.length)
    // mean 1, whatever the deviation
    const factor = (sigma: number, z: number) => Math.exp(sigma * z - (sigma * sigma) / 2)
    const [pvAt, windAt] = [0, vpp.pv.length]
    const loadAt = windAt + vpp.wind.length

    return (s, rows) => {
        const random = createMulberry32((seed ^ Math.imul(s + 1, 0x9e3779b1)) >>> 0)
        for (let k = 0; k < raw.length; k++) raw[k] = random.normal()
        mulLower(daily, raw, common)
        const sky = skyAt(1 - normalCdf(common[0]!), model.skies)
        for (let t = 0; t < periods; t++) {
            for (let k = 0; k < h.length; k++) raw[k] = random.normal()
            mulLower(t === 0 ? atFirst : hourly, raw, innovation)
            for (let k = 0; k < h.length; k++)
                h[k] = t === 0 ? innovation[k]! : memory[k]! * h[k]! + Math.sqrt(1 - memory[k]! ** 2) * innovation[k]!
            for (let k = 0; k < x.length; k++) x[k] = whole[k]! * common[k + 1]! + part[k]! * h[k + 1]!
            const air = expectedAir[t]! + airDeviation * x[3]!
            const here = light[t]! * clearness(sky, shift[t]! + sky.deviation * h[0]!)
            vpp.pv.forEach((plant, n) => {
                rows[pvAt + n]![t] = sunny ? cellPower(plant.capacity, here, air) : (forecast.pv[n]?.[t] ?? 0)
            })
            vpp.wind.forEach((plant, n) => {
                rows[windAt + n]![t] =
                    windDeviation > 0 ? plant.capacity / (1 + Math.exp(-(logit[n]![t]! + windDeviation * x[0]!))) : forecast.wind[n]![t]!
            })
            rows[loadAt]![t] = vpp.load[t]! * factor(loadDeviation, x[1]!)
            rows[loadAt + 1]![t] = air
            rows[loadAt + 2]![t] = vpp.grid.buyPrice[t]! * factor(priceDeviation, x[2]!)
        }
        // half of a fleet's luck is that of all fleets
        vpp.evs.filter(isVehicle).forEach((fleet, n) => {
            const arrival = driving ? Math.SQRT1_2 * (common[5]! + random.normal()) : 0
            const energy = driving ? Math.SQRT1_2 * (common[6]! + random.normal()) : 0
            const latestH = (fleet.depart - 1) * dtH
            rows[loadAt + 3 + 2 * n]![0] = Math.min(latestH, Math.max(0, fleet.arrive * dtH + model.ev.arrivalH * arrival))
            rows[loadAt + 4 + 2 * n]![0] = Math.max(0, fleet.eDepart - fleet.eArrive) * factor(driving ? model.ev.energy : 0, energy)
        })
    }
}

/** y ← L·x, as many as y has. */
function mulLower(l: Float64Array, x: Float64Array, y: Float64Array): void {
    const n = y.length
    for (let i = 0; i < n; i++) {
        let sum = 0
        for (let j = 0; j <= i; j++) sum += l[i * n + j]! * x[j]!
        y[i] = sum
    }
}

/** Scenarios already at hand as a table of samples: sun, wind and load, seed 0. */
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
