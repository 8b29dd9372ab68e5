/**
 * Whether what is given is what is taken, on each carrier and in every step, from a schedule's numbers alone: for
 * electricity Σ generation + discharge + reduction + purchase = load + charging + heating and cooling + sale, and likewise
 * for heat (where some may be thrown away) and cold.
 */
import { fleetAt, sumAt, thermalAt } from './feeder-state.ts'
import { loadOf, type Scenario, type Series, type Vpp } from './instance.ts'
import { netReduction } from './rebound.ts'
import { dayWithRuns, fixRuns } from './runs.ts'
import type { Dispatch, FirstStage, Flow, Solution } from './solution.ts'
import type { Carrier } from './units.ts'

/** kW given to and taken from a carrier in a step. */
export interface Balance {
    readonly given: number
    readonly drawn: number
}

/** Largest share of the load a balance may be missed by: 1e-6. */
export const balanceBound = 1e-6

const flowAt = (flows: readonly Flow[], of: 'ch' | 'dis', t: number) => flows.reduce((sum, flow) => sum + flow[of][t]!, 0)

export function balanceAt(vpp: Vpp, load: Series, first: FirstStage, d: Dispatch, t: number): Readonly<Record<Carrier, Balance>> {
    const fleets = vpp.evs.map((_, i) => fleetAt(vpp, d, i, t))
    return {
        electricity: {
            given:
                sumAt(d.pv, t) +
                sumAt(d.wind, t) +
                sumAt(d.gt, t) +
                flowAt(d.bat, 'dis', t) +
                fleets.reduce((sum, p) => sum + Math.max(0, p), 0) +
                netReduction(vpp, d.curt, t) +
                first.buy[t]! +
                d.short[t]!,
            drawn:
                load[t]! +
                thermalAt(d, t) +
                flowAt(d.bat, 'ch', t) +
                fleets.reduce((sum, p) => sum + Math.max(0, -p), 0) +
                first.sell[t]! +
                d.surplus[t]!,
        },
        heat: {
            given:
                sumAt(d.gtHeat, t) +
                sumAt(d.boiler, t) +
                vpp.heat.electricBoilers.reduce((sum, unit, i) => sum + unit.eff * d.eb[i]![t]!, 0) +
                flowAt(d.tank, 'dis', t),
            drawn: vpp.heat.demand[t]! + flowAt(d.tank, 'ch', t) + sumAt(d.abs, t) + d.dump[t]!,
        },
        cold: {
            given:
                vpp.cold.chillers.reduce((sum, unit, i) => sum + unit.cop * d.chiller[i]![t]!, 0) +
                vpp.cold.absorption.reduce((sum, unit, i) => sum + unit.cop * d.abs[i]![t]!, 0) +
                d.ice.reduce((sum, unit) => sum + unit.melt[t]!, 0),
            drawn: vpp.cold.demand[t]!,
        },
    }
}

/** How far a carrier's balance is missed, by step; the scenario that misses it most counts. */
export interface Residual {
    readonly carrier: Carrier
    /** |given − drawn|, kW */
    readonly kw: readonly number[]
    /** the same as a share of the carrier's load in that step; of 1 kW where the load is less */
    readonly pu: readonly number[]
    readonly largestPu: number
    /** no step beyond `balanceBound` */
    readonly kept: boolean
}

/** Residuals of every carrier anything is given to or taken from. */
export function balanceResiduals(given: Vpp, days: readonly Scenario[], { firstStage, scenarios: dispatch }: Solution): Residual[] {
    const vpp = fixRuns(given, firstStage.runs)
    const scenarios = days.map((day) => dayWithRuns(given, firstStage.runs, day))
    return (['electricity', 'heat', 'cold'] as const).flatMap((carrier) => {
        const kw = new Array<number>(vpp.periods).fill(0)
        const pu = new Array<number>(vpp.periods).fill(0)
        let used = false
        scenarios.forEach((scenario, s) => {
            const load = loadOf(vpp, scenario)
            const demand = { electricity: load, heat: vpp.heat.demand, cold: vpp.cold.demand }[carrier]
            for (let t = 0; t < vpp.periods; t++) {
                const { given, drawn } = balanceAt(vpp, load, firstStage, dispatch[s]!, t)[carrier]
                used ||= given !== 0 || drawn !== 0
                const off = Math.abs(given - drawn)
                kw[t] = Math.max(kw[t]!, off)
                pu[t] = Math.max(pu[t]!, off / Math.max(1, demand[t]!))
            }
        })
        const largestPu = Math.max(...pu)
        return used ? [{ carrier, kw, pu, largestPu, kept: largestPu <= balanceBound }] : []
    })
}
