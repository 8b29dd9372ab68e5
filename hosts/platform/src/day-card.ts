/** What is told of a day: predicted and realised side by side, what differed and what it cost. */
import {
    byPeriod,
    commitmentsByPeriod,
    joinSetpoints,
    keepLedger,
    type Ledger,
    netReduction,
    type Scenario,
    type Setpoints,
    setpointsAt,
    settleDay,
    settledAnyway,
} from '@gridverse/plan'
import { type DayPeriod, missedKw, tilesOfSetpoints, type VppDayCard } from '@gridverse/vpp'
import { periodMsOf, type RunningDay } from './day-record.ts'

/** Before any day. */
export const noDay: VppDayCard = {
    state: 'none',
    currency: '',
    replans: [],
    lost: [],
    left: [],
    periods: [],
    ledger: null,
    settlement: null,
    message: '',
}

/** What the day came to: periods that were not run are as planned. */
export function ledgerOf({ kept: of, vpp, plan }: RunningDay): Ledger | undefined {
    if (!of.realised.some((s) => s !== null)) return undefined
    const plant = byPeriod(settledAnyway(vpp))
    const planned = commitmentsByPeriod(vpp, plan.firstStage.u)
    const steps = of.realised.map((s, t) => s ?? setpointsAt(plant, plan.dispatch, planned, t))
    const courses = (measured: readonly (readonly number[])[], expected: readonly Float64Array[]) =>
        expected.map((s, i) => s.map((x, t) => (of.realised[t] ? measured[i]![t]! : x)))
    const dispatch = joinSetpoints(plant, steps)
    // as measured, but for what was caught up on, which the reductions bring back; hours that were not run stay balanced
    const load = (plan.forecast.load ?? vpp.load).map((x, t) =>
        of.realised[t] && of.sums[t]
            ? of.known.load[t]!
            : x + netReduction(plant, dispatch.curt, t) - netReduction(plant, plan.dispatch.curt, t),
    )
    const truth: Scenario = {
        probability: 1,
        pv: courses(of.known.pv, plan.forecast.pv),
        wind: courses(of.known.wind, plan.forecast.wind),
        load,
    }
    const { buy, sell } = plan.firstStage
    return keepLedger(
        plant,
        { scenario: plan.forecast, firstStage: { buy, sell, u: planned }, dispatch: plan.dispatch },
        {
            scenario: truth,
            firstStage: { buy, sell, u: plant.gasTurbines.map((_, i) => steps.map((s) => (s.on[i] ? 1 : 0))) },
            dispatch,
        },
        missedOf({ kept: of, vpp, plan }, (t) => setpointsAt(plant, plan.dispatch, planned, t)),
    )
}

/** What lost devices gave less than planned, kW by unit and period, for the ledger to name them. */
function missedOf(
    { kept: of, vpp }: Pick<RunningDay, 'kept' | 'vpp' | 'plan'>,
    planned: (t: number) => Setpoints,
): Record<string, Float64Array> {
    const missed: Record<string, Float64Array> = {}
    of.losses?.forEach((losses, t) => {
        const seconds = of.sums[t]?.seconds ?? 0
        for (const [name, sums] of Object.entries(losses ?? {})) {
            const unit = of.fleet.units.find((u) => u.name === name)
            if (!unit || seconds <= 0) continue
            missed[name] ??= new Float64Array(vpp.periods)
            missed[name]![t] = missedKw({ unit, rows: [] }, planned(t), sums, seconds)
        }
    })
    return missed
}

export function dayCard(day: RunningDay, field: Pick<VppDayCard, 'lost' | 'left'>): VppDayCard {
    const { kept: of, vpp, plan } = day
    const plant = byPeriod(settledAnyway(vpp))
    const planned = commitmentsByPeriod(vpp, plan.firstStage.u)
    const statement = settleDay(plant, plan.forecast, { ...plan.firstStage, u: planned }, plan.dispatch)
    const ledger = ledgerOf(day)
    const costAt = (lines: typeof statement, t: number) => lines.lines.reduce((sum, { periods }) => sum + periods[t]!, 0) / lines.minor
    const { buy, sell } = plan.firstStage
    const caughtUp = (t: number) => plan.dispatch.curt.reduce((sum, row) => sum + row[t]!, 0) - netReduction(plant, plan.dispatch.curt, t)
    const periods = Array.from({ length: vpp.periods }, (_, t): DayPeriod => {
        const sums = of.sums[t]
        const s = setpointsAt(plant, plan.dispatch, planned, t)
        return {
            startMs: of.fleet.startMs + t * periodMsOf(of),
            predicted: {
                ...tilesOfSetpoints(s, (plan.forecast.load ?? vpp.load)[t]! + caughtUp(t)),
                cost: costAt(statement, t),
                tradeKw: sell[t]! - buy[t]!,
            },
            realised: sums
                ? {
                      generationKw: sums.generationKwS / sums.seconds,
                      loadKw: sums.consumptionKwS / sums.seconds,
                      storageKw: sums.storageKwS / sums.seconds,
                      exchangeKw: (sums.consumptionKwS - sums.generationKwS - sums.storageKwS) / sums.seconds,
                      cost: ledger ? costAt(ledger.realised, t) : null,
                      minutes: sums.seconds / 60,
                  }
                : null,
            ...of.counts[t]!,
        }
    })
    return {
        state: of.state,
        study: of.study,
        startMs: of.fleet.startMs,
        periodS: periodMsOf(of) / 1000,
        approvedBy: of.approvedBy,
        approvedMs: of.approvedMs,
        ...(of.appliedBy ? { appliedBy: of.appliedBy.name } : {}),
        currency: vpp.currency,
        replans: of.replans,
        ...field,
        periods,
        ledger: ledger ?? null,
        settlement: ledger?.realised ?? statement,
        message: of.message,
    }
}
