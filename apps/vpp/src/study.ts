/**
 * The virtual power plant as a study of four steps: the plant and its climate → days that could be → trades, commitments
 * and dispatch at a weight of risk → what the day was against what was expected.
 */
import type { LinearSolver } from '@gridverse/math'
import {
    type Climate,
    type Costs,
    dayOf,
    evaluateFirstStage,
    type Goal,
    limitPlant,
    type PlanLimit,
    type ReducedSamples,
    reduceSamples,
    type Scenario,
    type Schedule,
    samplesOfScenarios,
    sampleVersion,
    sampleVpp,
    scheduleVpp,
    type Vpp,
    withSamples,
} from '@gridverse/plan'
import type { Quantity, Samples, Study } from '@gridverse/study'

export interface VppInput {
    readonly vpp: Vpp
    readonly climate: Climate
}

export interface RiskPreferences {
    /** weight of risk, 0 … 1; the plant's own where absent */
    readonly beta?: number
    /** largest CVaR allowed, in the currency of the plant */
    readonly riskBudget?: number
    /** in place of expected cost and risk at β */
    readonly goal?: Goal
    /** what is asked of this plan beside the plant's own limits, by the clock that shows `clockH` when the first period begins */
    readonly limits?: readonly PlanLimit[]
    readonly clockH?: number
    /** days that stand for all */
    readonly keep: number
}

export interface VppDecision {
    /** the plant with the days it was decided on, within the limits asked for */
    readonly vpp: Vpp
    /** the same without them */
    readonly unlimited: Vpp
    readonly schedule: Schedule
    /** absent where every day was kept */
    readonly reduced?: ReducedSamples
}

/** Measured available power and load of the day, and what it cost. */
export interface ObservedDay {
    readonly day: Scenario
    readonly cost?: number
}

export interface VppScore {
    /** what the plan expected */
    readonly expectedCost: number
    readonly cvar: number
    /** the least the observed day could have cost with the trades and commitments made */
    readonly attainableCost: number
    /** what it did cost, less that */
    readonly avoidableCost?: number
    /** observed less expected energy of sun, wind and load, kWh */
    readonly deviationKwh: { readonly pv: number; readonly wind: number; readonly load: number }
}

const course = (name: string, unit: string, about: string): Quantity => ({ name, unit, about, shape: 'series' })
const costItems: readonly (keyof Costs)[] = [
    'operatingCost',
    'purchaseSaleCost',
    'gasTurbineCost',
    'storageCost',
    'loadReductionCost',
    'carbonCost',
    'otherCost',
]

export function createVppStudy(solver: LinearSolver): Study<VppInput, RiskPreferences, VppDecision, ObservedDay, VppScore> {
    /** of a plant whose only scenario is the day */
    const costOf = async (day: Vpp, { schedule }: VppDecision): Promise<Costs> => {
        if (!schedule.solution) throw new Error(`There is nothing decided to evaluate: ${schedule.status}.`)
        return (await evaluateFirstStage(day, solver, schedule.solution.firstStage)).costs[0]!
    }
    return {
        model: {
            id: 'vpp',
            version: sampleVersion,
            inputs: [
                course('pv', 'kW', 'available of each plant'),
                course('wind', 'kW', 'available of each plant'),
                course('load', 'kW', 'fixed load'),
                course('air', '°C', 'outside'),
                course('price', 'money/kWh', 'of buying, the day before'),
                { name: 'ev/arrive', unit: 'h', about: 'when the vehicles of each fleet come', shape: 'one' },
                { name: 'ev/energy', unit: 'kWh', about: 'what the vehicles of each fleet want', shape: 'one' },
            ],
            controls: [
                course('buy', 'kW', 'bought the day before'),
                course('sell', 'kW', 'sold the day before'),
                course('u', '', 'commitment of each turbine'),
                course('dispatch', 'kW', 'of every device, day by day'),
            ],
            outputs: costItems.map((name) => ({ name, unit: 'money', about: 'of the day, in the currency of the plant', shape: 'one' })),
        },
        sample: ({ vpp, climate }, seed, count) => sampleVpp(vpp, climate, seed, count),
        async evaluate({ vpp, climate }, decision, samples, row) {
            return { ...(await costOf(dayOf(vpp, climate, samples, row), decision)) }
        },
        async decide({ vpp }, samples, { beta, riskBudget, goal, limits = [], clockH = 0, keep }, options = {}) {
            const reduced = samples.count > keep ? reduceSamples(vpp, samples, keep) : undefined
            const unlimited = withSamples(vpp, samples, reduced ?? everyRow(samples))
            const { vpp: plant, most } = limitPlant(unlimited, limits, clockH)
            const { signal, onProgress } = options
            const schedule = await scheduleVpp(plant, solver, {
                ...(beta === undefined ? {} : { beta }),
                ...(riskBudget === undefined ? {} : { riskBudget }),
                ...(goal ? { goal } : {}),
                ...(Object.keys(most).length > 0 ? { most } : {}),
                ...(signal ? { signal } : {}),
                ...(onProgress ? { onProgress: ({ gap }) => onProgress(0, `gap ${gap.toPrecision(2)}`) } : {}),
            })
            return { vpp: plant, unlimited, schedule, ...(reduced ? { reduced } : {}) }
        },
        async feedback(_, decision, { day, cost }) {
            const { vpp, schedule } = decision
            const attainableCost = (await costOf({ ...vpp, scenarios: [{ ...day, probability: 1 }] }, decision)).operatingCost
            const energy = (of: (s: Scenario) => readonly Float64Array[], s: Scenario) =>
                vpp.dtH * of(s).reduce((sum, series) => sum + series.reduce((a, b) => a + b, 0), 0)
            const deviation = (of: (s: Scenario) => readonly Float64Array[]) =>
                energy(of, day) - vpp.scenarios.reduce((sum, s) => sum + s.probability * energy(of, s), 0)
            return {
                expectedCost: schedule.verdict!.expected.operatingCost,
                cvar: schedule.verdict!.cvar,
                attainableCost,
                ...(cost === undefined ? {} : { avoidableCost: cost - attainableCost }),
                deviationKwh: { pv: deviation((s) => s.pv), wind: deviation((s) => s.wind), load: deviation((s) => [s.load ?? vpp.load]) },
            }
        },
    }
}

const everyRow = (samples: Samples) => ({ rows: Array.from(samples.probability.keys()), probability: Array.from(samples.probability) })

/** The plant's own scenarios as samples. */
export const ownDays = (vpp: Vpp): Samples => samplesOfScenarios(vpp, vpp.scenarios)
