/**
 * Linear programs of two stages: columns decided before it is known which scenario comes, and recourse in each of them.
 * Minimise c₀ᵀx + (1 − β)·Σ pₛ·Cₛ + β·CVaR_α(C), Cₛ = constantₛ + cₛᵀyₛ, with A₀x within limits, and Tₛx + Wₛyₛ within limits
 * in every scenario.
 */
import type { LinearProgram } from './linear-program.ts'

export type Rows = Pick<LinearProgram, 'cost' | 'lower' | 'upper' | 'rowLower' | 'rowUpper' | 'start' | 'column' | 'value'>

export interface TwoStageProgram {
    /** weight of risk, 0 … 1, and confidence of the conditional value at risk, within (0, 1) */
    readonly beta: number
    readonly alpha: number
    /** columns and rows of the first stage alone; some columns may have to be whole */
    readonly first: LinearProgram
    readonly scenarios: readonly TwoStageScenario[]
}

export interface TwoStageScenario {
    readonly probability: number
    /** cost no decision changes */
    readonly constant: number
    /** rows of the scenario; its columns are those of the first stage (whose costs and limits here are not read), then its own */
    readonly rows: Rows
}

/** What is proven of the cost of any first stage x: it is at least `constant` + `gradient`·x. */
export interface Cut {
    readonly constant: number
    readonly gradient: Float64Array
}

/** A program of one scenario whose first columns and rows are those of the first stage, as a scenario. */
export function scenarioOfProgram(program: Rows, rows: number, probability: number, constant: number): TwoStageScenario {
    const from = program.start[rows]!
    return {
        probability,
        constant,
        rows: {
            cost: program.cost,
            lower: program.lower,
            upper: program.upper,
            rowLower: program.rowLower.slice(rows),
            rowUpper: program.rowUpper.slice(rows),
            start: program.start.slice(rows).map((at) => at - from),
            column: program.column.slice(from),
            value: program.value.slice(from),
        },
    }
}

const equal = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    if (a.length !== b.length) return false
    for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false
    return true
}

/** The scenario with the arrays of the first that are the same, so that many scenarios share their memory. */
export function shareRows(scenario: TwoStageScenario, other: TwoStageScenario | undefined): TwoStageScenario {
    if (!other) return scenario
    const rows = { ...scenario.rows }
    for (const key of Object.keys(rows) as (keyof Rows)[])
        if (equal(rows[key], other.rows[key])) Object.assign(rows, { [key]: other.rows[key] })
    return { ...scenario, rows }
}
