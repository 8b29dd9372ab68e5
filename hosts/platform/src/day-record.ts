/** The record of a day that is run, and what is made of it when it is opened. */
import {
    type Availability,
    type FixedPlan,
    fixRuns,
    limitPlant,
    type PlanLimit,
    parseVpp,
    type Scenario,
    type Setpoints,
    type Vpp,
} from '@gridverse/plan'
import type { Person } from '@gridverse/twin'
import type { FleetPlant, Loss, LossSums, PeriodSums, VppDayCard } from '@gridverse/vpp'

/** What a study of the live fleet keeps beside its plant. */
export interface StudyFleet extends Pick<FleetPlant, 'units' | 'runs' | 'leftOut'> {
    readonly startMs: number
    readonly dtH: number
}

/** what is kept: all of it JSON */
export interface KeptDay {
    state: 'approved' | 'running' | 'stopped' | 'ended'
    study: string
    plant: string
    fleet: StudyFleet
    /** asked of the plan, and kept by every decision of the day */
    limits?: AskedLimits
    plan: { firstStage: FixedPlan['firstStage']; dispatch: FixedPlan['dispatch'] }
    approvedBy: string
    approvedMs: number
    appliedBy?: Person
    /** by period: what it was, once it is over */
    realised: (Setpoints | null)[]
    sums: (Pick<PeriodSums, 'seconds' | 'loadKwS' | 'generationKwS' | 'consumptionKwS' | 'storageKwS'> | null)[]
    counts: { orders: number; lost: number }[]
    /** available sun, wind and load, as measured by period */
    known: { pv: number[][]; wind: number[][]; load: number[] }
    /** commitments as decided last, by period */
    commitments: number[][]
    turbines: { on: boolean; sinceH: number }[]
    reduced: number[]
    replans: VppDayCard['replans'][number][]
    /** by period: units that have lost devices in it; absent in days of before */
    losses?: (Readonly<Record<string, LossSums>> | null)[]
    message: string
}
export interface RunningDay {
    readonly kept: KeptDay
    readonly vpp: Vpp
    readonly plan: FixedPlan
    readonly forecast: Scenario
    period: number
    setpoints: Setpoints | undefined
    sums: PeriodSums
    dispatchedMs: number
    lastMs: number
    lost: string
    /** what it was decided with last */
    availability: Availability
    losses: readonly Loss[]
    lossSums: Record<string, LossSums>
    deciding: boolean
}

export interface AskedLimits {
    readonly list: readonly PlanLimit[]
    readonly clockH: number
}

/** The plant of a study within the limits asked for, its runs begun as decided, with the day its plan believes in. */
export function readPlant(
    text: string,
    limits: AskedLimits = { list: [], clockH: 0 },
    runs?: FixedPlan['firstStage']['runs'],
): { vpp: Vpp; forecast: Scenario } {
    const vpp = fixRuns(limitPlant(parseVpp(text).vpp, limits.list, limits.clockH).vpp, runs)
    if (!vpp.forecast) throw new Error('A day is run on the forecast of its plant, and this has none.')
    return { vpp, forecast: { ...vpp.forecast, probability: 1 } }
}

/** length of a period, ms */
export const periodMsOf = ({ fleet: { dtH } }: KeptDay): number => dtH * 3_600_000
