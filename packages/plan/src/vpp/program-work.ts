/** What the parts of a scenario's program share: columns by period, the balances they feed, and the costs they cause. */
import type { ColumnOptions, ProgramBuilder } from '@gridverse/math'
import type { Scenario, Series, Vpp } from './instance.ts'

/** Columns of one quantity, one a period. */
export type Columns = readonly number[]

/** Costs as terms of the columns, money per unit of the column, and what no decision changes. */
export interface CostTerms {
    readonly terms: number[]
    constant: number
}

export interface Work {
    readonly builder: ProgramBuilder
    readonly vpp: Vpp
    readonly scenario: Scenario
    readonly load: Series
    /** columns of runs and what each draws beside the load, kW, by period */
    readonly runs: readonly number[][]
    /** ` in scenario 3`, for names */
    readonly label: string
    /** terms of the balances by period, giving positive: electricity, heat, cold */
    readonly power: number[][]
    readonly heat: number[][]
    readonly cold: number[][]
    /** terms of what is put in at each bus of the feeder, by period */
    readonly atBus: Map<string, number[][]>
    readonly cost: CostTerms
}

/** Adds a quantity from 0 to `upper`, one column for each of `count` periods from `from`. */
export function addSeries(
    work: Work,
    name: string,
    upper: number | Series,
    options: ColumnOptions = {},
    from = 0,
    count = work.vpp.periods,
): number[] {
    return Array.from({ length: count }, (_, k) =>
        work.builder.column(`${name} in period ${from + k}${work.label}`, {
            ...options,
            upper: typeof upper === 'number' ? upper : upper[from + k]!,
        }),
    )
}

/** The columns give (factor > 0) or take power at a bus, and so in the balance. */
export function feedPower(work: Work, columns: Columns, factor: number, bus: string | undefined, from = 0) {
    columns.forEach((column, k) => void work.power[from + k]!.push(column, factor))
    feedBus(work, columns, factor, bus, from)
}

export function feedBus(work: Work, columns: Columns, factor: number, bus: string | undefined, from = 0) {
    if (bus === undefined || work.vpp.feeder === undefined) return
    let terms = work.atBus.get(bus)
    if (!terms) {
        terms = Array.from({ length: work.vpp.periods }, () => [])
        work.atBus.set(bus, terms)
    }
    columns.forEach((column, k) => void terms[from + k]!.push(column, factor))
}

export function feed(balance: number[][], columns: Columns, factor: number) {
    columns.forEach((column, t) => void balance[t]!.push(column, factor))
}

/** Charges a price per kWh, or a price by period, for the energy of the columns. */
export function charge(work: Work, columns: Columns, price: number | Series, sign = 1) {
    columns.forEach((column, t) => {
        const each = typeof price === 'number' ? price : price[t]!
        if (each !== 0) work.cost.terms.push(column, sign * each * work.vpp.dtH)
    })
}
