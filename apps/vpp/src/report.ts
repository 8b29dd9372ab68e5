/** A decided day as people look at it: courses by period with their spread over the scenarios, costs, risk. */
import { dayWithRuns, fixRuns, netReduction, outstandingKwh, type Scenario, type Schedule, type Vpp } from '@gridverse/plan'

/** Mean and spread of a quantity over the scenarios, by period. */
export interface Fan {
    readonly mean: readonly number[]
    readonly low: readonly number[]
    readonly high: readonly number[]
}

/** A part of the dispatch by period, kW: what gives positive, what takes negative. */
export interface Course {
    readonly name: string
    readonly power: readonly number[]
}

/** One of the days that could be. */
export interface ScenarioReport {
    readonly probability: number
    readonly cost: number
    /** available from the sun, kWh */
    readonly sunKwh: number
    /** its dispatch; left out where there are more than 40 days */
    readonly stack?: readonly Course[]
}

const detailedDays = 40

export interface DayReport {
    readonly name: string
    readonly currency: string
    readonly periods: number
    /** hours */
    readonly dtH: number
    readonly alpha: number
    readonly beta: number
    readonly status: Schedule['status']
    readonly gap: number
    /** proven: no schedule has a lesser objective; absent where nothing is */
    readonly bound?: number
    readonly objective: number
    readonly cvar: number
    readonly valueAtRisk: number
    /** expected costs by item; `operatingCost` is their sum */
    readonly costs: Readonly<Record<string, number>>
    readonly scenarios: readonly ScenarioReport[]
    readonly buy: readonly number[]
    readonly sell: readonly number[]
    readonly buyPrice: readonly number[]
    /** available power and load, kW, over the scenarios: least, mean and most */
    readonly fans: { readonly pv: Fan; readonly wind: Fan; readonly load: Fan }
    /** mean dispatch */
    readonly stack: readonly Course[]
    /** mean content of the batteries, kWh, after each period */
    readonly content: readonly number[]
    /** energy of reductions that is drawn after the last period, kWh, mean; absent where none is */
    readonly outstandingKwh?: number
    readonly maxViolation: number
}

type Row = ArrayLike<number>

export function reportDay(
    plant: Vpp,
    days: readonly Scenario[],
    schedule: Pick<Schedule, 'status' | 'gap' | 'solution' | 'verdict'> & { readonly bound?: number },
): DayReport {
    const { solution, verdict } = schedule
    if (!solution || !verdict) throw new Error(`There is no schedule to report: ${schedule.status}.`)
    const { runs } = solution.firstStage
    const vpp = fixRuns(plant, runs)
    const scenarios = days.map((one) => dayWithRuns(plant, runs, one))
    const times = Array.from({ length: vpp.periods }, (_, t) => t)
    const expected = (of: (s: number, t: number) => number) =>
        times.map((t) => scenarios.reduce((sum, scenario, s) => sum + scenario.probability * of(s, t), 0))
    const total = (rows: readonly Row[], t: number) => rows.reduce((sum, row) => sum + row[t]!, 0)
    const fan = (of: (s: number, t: number) => number): Fan => ({
        mean: expected(of),
        low: times.map((t) => scenarios.reduce((least, _, s) => Math.min(least, of(s, t)), Infinity)),
        high: times.map((t) => scenarios.reduce((most, _, s) => Math.max(most, of(s, t)), -Infinity)),
    })
    const { buy, sell } = solution.firstStage
    const day = (s: number) => solution.scenarios[s]!
    const fleet = (s: number, t: number, of: 'ch' | 'dis') =>
        vpp.evs.reduce((sum, { arrive, depart }, i) => (t >= arrive && t < depart ? sum + day(s).ev[i]![of][t - arrive]! : sum), 0)
    const thermal = (s: number, t: number) =>
        total(day(s).ac, t) +
        total(day(s).wh, t) +
        total(day(s).eb, t) +
        total(day(s).chiller, t) +
        day(s).ice.reduce((sum, i) => sum + i.make[t]!, 0)
    const stackOf = (course: (of: (s: number, t: number) => number) => number[]): Course[] => [
        { name: 'pv', power: course((s, t) => total(day(s).pv, t)) },
        { name: 'wind', power: course((s, t) => total(day(s).wind, t)) },
        { name: 'turbine', power: course((s, t) => total(day(s).gt, t)) },
        { name: 'battery', power: course((s, t) => day(s).bat.reduce((sum, b) => sum + b.dis[t]!, 0)) },
        { name: 'vehicles', power: course((s, t) => fleet(s, t, 'dis')) },
        { name: 'reduction', power: course((s, t) => total(day(s).curt, t)) },
        { name: 'purchase', power: course((s, t) => buy[t]! + day(s).short[t]!) },
        {
            name: 'load',
            power: course((s, t) => netReduction(vpp, day(s).curt, t) - total(day(s).curt, t) - (scenarios[s]!.load ?? vpp.load)[t]!),
        },
        { name: 'thermal', power: course((s, t) => -thermal(s, t)) },
        { name: 'charging', power: course((s, t) => -day(s).bat.reduce((sum, b) => sum + b.ch[t]!, 0) - fleet(s, t, 'ch')) },
        { name: 'sale', power: course((s, t) => -sell[t]! - day(s).surplus[t]!) },
    ]
    const alone = (s: number) => stackOf((of) => times.map((t) => Math.round(1000 * of(s, t)) / 1000))
    const outstanding = scenarios.reduce(
        (sum, { probability }, s) => sum + probability * outstandingKwh(vpp, day(s).curt).reduce((a, b) => a + b, 0),
        0,
    )
    return {
        name: vpp.name,
        currency: vpp.currency,
        periods: vpp.periods,
        dtH: vpp.dtH,
        alpha: vpp.risk.alpha,
        beta: solution.beta,
        status: schedule.status,
        gap: schedule.gap,
        ...(Number.isFinite(schedule.bound) ? { bound: schedule.bound as number } : {}),
        objective: verdict.objective,
        cvar: verdict.cvar,
        valueAtRisk: verdict.valueAtRisk,
        costs: { ...verdict.expected },
        scenarios: scenarios.map((scenario, s) => ({
            probability: scenario.probability,
            cost: verdict.scenarios[s]!.operatingCost,
            sunKwh: vpp.dtH * times.reduce((sum, t) => sum + total(scenario.pv, t), 0),
            ...(scenarios.length <= detailedDays ? { stack: alone(s) } : {}),
        })),
        buy,
        sell,
        buyPrice: Array.from(vpp.grid.buyPrice),
        fans: {
            pv: fan((s, t) => total(scenarios[s]!.pv, t)),
            wind: fan((s, t) => total(scenarios[s]!.wind, t)),
            load: fan((s, t) => (scenarios[s]!.load ?? vpp.load)[t]!),
        },
        stack: stackOf(expected),
        content: expected((s, t) => contentAfter(vpp, day(s).bat, t)),
        ...(outstanding > 1e-6 ? { outstandingKwh: outstanding } : {}),
        maxViolation: verdict.maxViolation,
    }
}

function contentAfter(vpp: Vpp, flows: readonly { readonly ch: Row; readonly dis: Row }[], period: number): number {
    return vpp.batteries.reduce((sum, b, i) => {
        let content = b.e0
        for (let t = 0; t <= period; t++)
            content = content * (1 - b.selfLoss * vpp.dtH) + vpp.dtH * (b.etaCh * flows[i]!.ch[t]! - flows[i]!.dis[t]! / b.etaDis)
        return sum + content
    }, 0)
}
