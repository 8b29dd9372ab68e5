/** The day expected where nobody forecasts one. */
import type { Scenario, Vpp } from './instance.ts'

/** The mean of all scenarios, for an instance without a forecast of its own. */
export function meanScenario(vpp: Vpp): Scenario {
    const mean = (series: (s: Scenario) => Float64Array) => {
        const sum = new Float64Array(vpp.periods)
        for (const s of vpp.scenarios) for (let t = 0; t < vpp.periods; t++) sum[t] = sum[t]! + s.probability * series(s)[t]!
        return sum
    }
    return {
        probability: 1,
        pv: vpp.pv.map((_, n) => mean((s) => s.pv[n]!)),
        wind: vpp.wind.map((_, n) => mean((s) => s.wind[n]!)),
        ...(vpp.scenarios.some((s) => s.load) ? { load: mean((s) => s.load ?? vpp.load) } : {}),
    }
}
