/**
 * What the rest of a day looks like once some of it was measured: the forecast of the day before, with its error of now
 * carried on. Of a deviation √w·D + √(1 − w)·h with h autoregressive (`scenario-model.ts`), the share w + (1 − w)·φ^Δt is
 * left Δt hours later: the best linear prediction from the last measurement.
 */
import { loadOf, type Scenario, type Series, type Vpp } from './instance.ts'
import { defaultScenarioModel, type ScenarioModel } from './scenario-model.ts'

/** kW below which a plant's error tells nothing of its sky, share of its capacity */
const tellingShare = 0.05
/** an hour much brighter than forecast says little of the hours to come */
const mostRatio = 3

/** Courses of the whole day as known in period `t`: measured up to and with it, expected after it. */
export function updateOutlook(
    vpp: Vpp,
    forecast: Scenario,
    measured: Scenario,
    t: number,
    model: ScenarioModel = defaultScenarioModel,
): Scenario {
    const { dtH } = vpp
    const left = (memory: number, share: number, hours: number) => share + (1 - share) * memory ** hours
    const courses = (expected: Series, known: Series, of: (k: number) => number) => expected.map((_, k) => (k <= t ? known[k]! : of(k)))
    const sunShare = shareOfSkies(model)
    const { wind, load } = model.courses
    const drawn = loadOf(vpp, forecast)
    const excess = drawn[t]! > 0 ? loadOf(vpp, measured)[t]! / drawn[t]! - 1 : 0
    return {
        probability: 1,
        pv: vpp.pv.map(({ capacity }, n) => {
            const [expected, known] = [forecast.pv[n]!, measured.pv[n]!]
            // the last hour bright enough to tell
            let last = t
            while (last >= 0 && expected[last]! < tellingShare * capacity) last--
            const ratio = last < 0 ? 1 : Math.min(mostRatio, known[last]! / expected[last]!)
            return courses(expected, known, (k) => {
                const now = expected[k]! * (1 + (ratio - 1) * left(model.clearnessMemory, sunShare, (k - last) * dtH))
                return Math.max(0, Math.min(capacity, now))
            })
        }),
        wind: vpp.wind.map(({ capacity }, n) => {
            const [expected, known] = [forecast.wind[n]!, measured.wind[n]!]
            const error = known[t]! - expected[t]!
            return courses(expected, known, (k) =>
                Math.max(0, Math.min(capacity, expected[k]! + error * left(wind.memory, wind.dailyShare, (k - t) * dtH))),
            )
        }),
        load: courses(drawn, loadOf(vpp, measured), (k) => drawn[k]! * (1 + excess * left(load.memory, load.dailyShare, (k - t) * dtH))),
    }
}

/** Share of the clearness's variance that lies between kinds of sky, and so lasts all day. */
function shareOfSkies({ skies }: ScenarioModel): number {
    const mean = skies.reduce((sum, s) => sum + s.share * s.mean, 0)
    const between = skies.reduce((sum, s) => sum + s.share * (s.mean - mean) ** 2, 0)
    const within = skies.reduce((sum, s) => sum + s.share * s.deviation ** 2, 0)
    return between / (between + within)
}

/**
 * The outlook with its own uncertainty: about what is expected, each scenario's surprise, which is what it does differently
 * from what would be expected of it at this hour. All agree on what was measured.
 */
export function outlookFan(
    vpp: Vpp,
    forecast: Scenario,
    measured: Scenario,
    scenarios: readonly Scenario[],
    t: number,
    model: ScenarioModel = defaultScenarioModel,
): Scenario[] {
    const expected = updateOutlook(vpp, forecast, measured, t, model)
    return scenarios.map((scenario) => {
        const own = updateOutlook(vpp, forecast, scenario, t, model)
        const about = (middle: Series, came: Series, foreseen: Series, most: number) =>
            middle.map((x, k) => Math.max(0, Math.min(most, x + (came[k]! - foreseen[k]!))))
        return {
            probability: scenario.probability,
            pv: vpp.pv.map(({ capacity }, n) => about(expected.pv[n]!, scenario.pv[n]!, own.pv[n]!, capacity)),
            wind: vpp.wind.map(({ capacity }, n) => about(expected.wind[n]!, scenario.wind[n]!, own.wind[n]!, capacity)),
            load: about(expected.load!, loadOf(vpp, scenario), own.load!, Infinity),
        }
    })
}
