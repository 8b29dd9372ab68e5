/** What a plant can be changed by to see how far a claim reaches: each changes one thing and leaves the rest. */

import type { Scenario, Series, Vpp } from '../instance.ts'
import { meanScenario } from '../mean-scenario.ts'

export interface Parameter {
    /** of the value, empty for a multiple */
    readonly unit: '' | 'money/kWh'
    /** the plant as it is */
    readonly own: (vpp: Vpp) => number
    readonly tried: readonly number[]
    readonly apply: (vpp: Vpp, value: number) => Vpp
}

const times = (rows: readonly Series[], by: number) => rows.map((row) => row.map((p) => by * p))

const eachDay = (vpp: Vpp, change: (s: Scenario) => Scenario): Vpp => ({
    ...vpp,
    ...(vpp.forecast ? { forecast: change(vpp.forecast) } : {}),
    scenarios: vpp.scenarios.map(change),
})

/** So many times the sun, installed and shining. */
export const withSun = (vpp: Vpp, factor: number): Vpp => ({
    ...eachDay(vpp, (s) => ({ ...s, pv: times(s.pv, factor) })),
    pv: vpp.pv.map((plant) => ({ ...plant, capacity: factor * plant.capacity })),
})

/** Deviations of the sun from its forecast so many times as large, within 0 and what is installed. */
export function withSpread(vpp: Vpp, factor: number): Vpp {
    const forecast = vpp.forecast ?? meanScenario(vpp)
    return {
        ...vpp,
        forecast,
        scenarios: vpp.scenarios.map((s) => ({
            ...s,
            pv: s.pv.map((row, n) =>
                row.map((p, t) => {
                    const expected = forecast.pv[n]![t]!
                    return Math.min(Math.max(vpp.pv[n]!.capacity, p), Math.max(0, expected + factor * (p - expected)))
                }),
            ),
        })),
    }
}

/** What turbines can vary, batteries, what vehicles give back and what load can be reduced, so many times as large. */
export const withFlexibility = (vpp: Vpp, factor: number): Vpp => ({
    ...vpp,
    gasTurbines: vpp.gasTurbines.map((g) => ({
        ...g,
        segments: g.segments.map((s) => ({ ...s, width: factor * s.width })),
        pBefore: Math.min(g.pBefore, g.pMin + factor * Math.max(0, g.pBefore - g.pMin)),
    })),
    batteries: vpp.batteries.map((b) => ({ ...b, pCh: factor * b.pCh, pDis: factor * b.pDis })),
    evs: vpp.evs.map((f) => ({ ...f, pDis: factor * f.pDis })),
    curtailable: vpp.curtailable.map((c) => ({
        ...c,
        frac: Math.min(1, factor * c.frac),
        ...(c.max ? { max: c.max.map((p) => factor * p) } : {}),
        energyMax: factor * c.energyMax,
    })),
})

const withLoad = (vpp: Vpp, factor: number): Vpp => ({
    ...eachDay(vpp, (s) => (s.load ? { ...s, load: s.load.map((p) => factor * p) } : s)),
    load: vpp.load.map((p) => factor * p),
})

const withStorage = (vpp: Vpp, factor: number): Vpp => ({
    ...vpp,
    batteries: vpp.batteries.map((b) => ({
        ...b,
        pCh: factor * b.pCh,
        pDis: factor * b.pDis,
        eMin: factor * b.eMin,
        eMax: factor * b.eMax,
        e0: factor * b.e0,
        ...(b.eFinal === undefined ? {} : { eFinal: factor * b.eFinal }),
    })),
})

/** What missing energy costs above its price, so many times. */
const withMissing = (vpp: Vpp, factor: number): Vpp => ({
    ...vpp,
    grid: {
        ...vpp.grid,
        shortPrice: vpp.grid.shortPrice.map((p, t) => vpp.grid.buyPrice[t]! + factor * (p - vpp.grid.buyPrice[t]!)),
    },
})

const withCurtailCost = (vpp: Vpp, cost: number): Vpp => ({ ...vpp, pv: vpp.pv.map((plant) => ({ ...plant, curtailCost: cost })) })

/** weight of risk a careful plan is tried at where the plant has none of its own */
export const ownRisk = ({ risk }: Vpp) => (risk.beta > 0 ? risk.beta : 0.5)

const withRisk = (vpp: Vpp, beta: number): Vpp => ({ ...vpp, risk: { ...vpp.risk, beta } })

const multiple = (tried: readonly number[], apply: Parameter['apply']): Parameter => ({ unit: '', own: () => 1, tried, apply })

export const parameters = {
    sun: multiple([0.25, 0.5, 1, 2, 3], withSun),
    spread: multiple([0, 0.5, 1, 2, 3], withSpread),
    flexibility: multiple([0.25, 0.5, 1, 2], withFlexibility),
    load: multiple([0.5, 0.75, 1, 1.25], withLoad),
    storage: multiple([0, 1, 4, 16], withStorage),
    missing: multiple([0, 0.1, 0.3, 1, 3], withMissing),
    curtailCost: {
        unit: 'money/kWh',
        own: (vpp) => Math.max(0, ...vpp.pv.map((p) => p.curtailCost)),
        tried: [0, 0.1, 0.3, 1],
        apply: withCurtailCost,
    },
    risk: { unit: '', own: ownRisk, tried: [0.1, 0.3, 0.5, 0.8, 0.95], apply: withRisk },
} as const satisfies Record<string, Parameter>
export type ParameterName = keyof typeof parameters
export const parameterNames = Object.keys(parameters) as ParameterName[]

/** The plant changed in several things at once. */
export const changed = (vpp: Vpp, change: Readonly<Partial<Record<ParameterName, number>>>): Vpp =>
    parameterNames.reduce((plant, name) => (change[name] === undefined ? plant : parameters[name].apply(plant, change[name])), vpp)
