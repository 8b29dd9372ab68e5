/**
 * Runs: loads of a given course that run once, without a break, and may begin when it suits. When each begins is decided the day
 * before, Σ z_k = 1 over the periods k it may begin in; from then on it is a part of the load, and draws Σ z_k·course(t − k).
 */
import type { ProgramBuilder } from '@gridverse/math'
import type { Run, Scenario, Series, Vpp } from './instance.ts'

/** Periods a run may begin in, rising. */
export function startsOf(run: Run): number[] {
    const starts = run.windows.flatMap(({ from, to }) =>
        Array.from({ length: Math.max(0, to - from - run.course.length + 1) }, (_, k) => from + k),
    )
    return [...new Set(starts)].sort((a, b) => a - b)
}

/** What runs draw that begin in the periods `starts`, kW. */
export function drawnByRuns({ runs = [], periods }: Vpp, starts: readonly number[]): Series {
    const drawn = new Float64Array(periods)
    runs.forEach(({ course }, i) => {
        course.forEach((kw, k) => {
            const t = starts[i]! + k
            if (t >= 0 && t < periods) drawn[t] = drawn[t]! + kw
        })
    })
    return drawn
}

/** A day of the plant with its runs in the load; the same day where the plant has none. */
export function dayWithRuns(vpp: Vpp, starts: readonly number[] | undefined, day: Scenario): Scenario {
    if (!vpp.runs?.length || !starts || !day.load) return day
    const drawn = drawnByRuns(vpp, starts)
    return { ...day, load: day.load.map((kw, t) => kw + drawn[t]!) }
}

/**
 * The plant with its runs begun in the periods `starts`, a part of its load from then on; the same plant where it has none, or none
 * is decided. A share of the load that can be reduced is one of the load with them.
 */
export function fixRuns(vpp: Vpp, starts: readonly number[] | undefined): Vpp {
    if (!vpp.runs?.length || !starts) return vpp
    const { runs: _, forecast, ...rest } = vpp
    const drawn = drawnByRuns(vpp, starts)
    return {
        ...rest,
        load: vpp.load.map((kw, t) => kw + drawn[t]!),
        ...(forecast ? { forecast: dayWithRuns(vpp, starts, forecast) } : {}),
        scenarios: vpp.scenarios.map((day) => dayWithRuns(vpp, starts, day)),
    }
}

/** The cheapest periods to buy for each run; the first of those equal. What rules alone choose. */
export function cheapestStarts(vpp: Vpp): number[] {
    const { buyPrice } = vpp.grid
    return (vpp.runs ?? []).map((run) => {
        const costs = startsOf(run).map((start) => ({ start, cost: run.course.reduce((sum, kw, k) => sum + kw * buyPrice[start + k]!, 0) }))
        return costs.reduce((best, one) => (one.cost < best.cost - 1e-12 ? one : best)).start
    })
}

export interface RunColumns {
    /** z of each run, by its starts */
    readonly z: readonly (readonly number[])[]
    /** what the runs draw by period: columns and kW */
    readonly drawn: readonly number[][]
}

export function addRuns(builder: ProgramBuilder, { runs = [], periods }: Vpp, given?: readonly number[]): RunColumns {
    const drawn = Array.from({ length: periods }, (): number[] => [])
    const z = runs.map((run, i) => {
        const columns = startsOf(run).map((start) => {
            const fixed = given && (given[i] === start ? 1 : 0)
            const name = `run of ${run.name} from period ${start}`
            const column = builder.column(name, { lower: fixed ?? 0, upper: fixed ?? 1, integer: fixed === undefined })
            run.course.forEach((kw, k) => void drawn[start + k]!.push(column, kw))
            return column
        })
        builder.row(
            `one run of ${run.name}`,
            1,
            1,
            columns.flatMap((column) => [column, 1]),
        )
        return columns
    })
    return { z, drawn }
}

/** Where each run begins, of the columns' values. */
export const readRuns = ({ runs = [] }: Vpp, { z }: RunColumns, x: Float64Array): number[] =>
    runs.map((run, i) => startsOf(run)[z[i]!.reduce((best, column, k, all) => (x[column]! > x[all[best]!]! ? k : best), 0)]!)
