/**
 * Linear and mixed-integer programs as arrays: minimise costᵀx with lower ≤ x ≤ upper, rowLower ≤ A·x ≤ rowUpper and some
 * x whole. What solves them is a `LinearSolver`, handed in by who calls.
 */
import type { TwoStageAnswer, TwoStageOptions } from './two-stage.ts'
import type { TwoStageProgram } from './two-stage-program.ts'

export interface LinearProgram {
    readonly cost: Float64Array
    readonly lower: Float64Array
    readonly upper: Float64Array
    /** 1 where the column must be whole */
    readonly integer: Uint8Array
    readonly rowLower: Float64Array
    readonly rowUpper: Float64Array
    /** A by rows: row r has its columns at start[r] … start[r+1] − 1, each once */
    readonly start: Int32Array
    readonly column: Int32Array
    readonly value: Float64Array
    readonly columnName: readonly string[]
    readonly rowName: readonly string[]
}

export interface LinearAnswer {
    /** `stopped`: by the caller or the time limit, with the best answer so far where `x` is not empty */
    readonly status: 'optimal' | 'infeasible' | 'unbounded' | 'stopped' | 'failed'
    readonly objective: number
    /** |objective − proven bound| over |objective|; 0 for a linear program */
    readonly gap: number
    /** empty where there is no answer */
    readonly x: Float64Array
    /** rate of the objective with each row's limit; empty for a mixed-integer program */
    readonly rowDual: Float64Array
    /** names of rows and columns that cannot hold together, where the solver can tell and was asked */
    readonly conflict?: readonly string[]
    readonly message: string
}

export interface LinearProgress {
    readonly seconds: number
    /** best objective so far; Infinity before the first */
    readonly objective: number
    readonly bound: number
    readonly gap: number
}

export interface StopSignal {
    readonly aborted: boolean
    addEventListener(type: 'abort', listener: () => void): void
}

export interface LinearSolveOptions {
    /** relative gap at which a mixed-integer program is done; 1e-9 where absent */
    readonly gap?: number
    readonly timeLimitS?: number
    /** look for answers in smaller programs beside the proof; true where absent. Without, few whole numbers are proven sooner. */
    readonly heuristics?: boolean
    /** an `AbortSignal`: the solve ends soon after it is raised */
    readonly signal?: StopSignal
    /** an answer to start from, which need not be complete (NaN where unknown) */
    readonly from?: Float64Array
    /** tell which rows and columns conflict when there is no answer */
    readonly explain?: boolean
    readonly onProgress?: (progress: LinearProgress) => void
}

export interface LinearSolver {
    solve(program: LinearProgram, options?: LinearSolveOptions): Promise<LinearAnswer>
    /** relaxations of a two-stage program, solved beside the caller; where absent the caller runs `createTwoStage` itself */
    openTwoStage?(program: TwoStageProgram, options?: TwoStageSessionOptions): TwoStageSession
    close(): Promise<void>
}

export interface TwoStageSessionOptions {
    /** s after it was opened: what is under way then, and all after it, is stopped */
    readonly timeLimitS?: number
}

export interface TwoStageSession {
    solve(options?: Omit<TwoStageOptions, 'shouldStop'> & { readonly signal?: StopSignal }): Promise<TwoStageAnswer>
    close(): Promise<void>
}

export interface ColumnOptions {
    readonly lower?: number
    readonly upper?: number
    readonly cost?: number
    readonly integer?: boolean
}

/** Columns and coefficients in turns; a column may come several times, its coefficients add up. */
export type Terms = readonly number[]

export interface ProgramBuilder {
    readonly columns: number
    readonly rows: number
    /** Adds a column, from 0 up at no cost unless said otherwise, and gives its index. */
    column(name: string, options?: ColumnOptions): number
    /** Adds lower ≤ Σ terms ≤ upper. */
    row(name: string, lower: number, upper: number, terms: Terms): number
    addCost(column: number, cost: number): void
    build(): LinearProgram
}

export function createProgramBuilder(): ProgramBuilder {
    const columnName: string[] = []
    const cost: number[] = []
    const lower: number[] = []
    const upper: number[] = []
    const integer: number[] = []
    const rowName: string[] = []
    const rowLower: number[] = []
    const rowUpper: number[] = []
    const start = [0]
    const column: number[] = []
    const value: number[] = []
    // place[c]: where column c stands in the row under work, if at or behind its start
    const place: number[] = []
    return {
        get columns() {
            return cost.length
        },
        get rows() {
            return rowLower.length
        },
        column(name, options = {}) {
            columnName.push(name)
            cost.push(options.cost ?? 0)
            lower.push(options.lower ?? 0)
            upper.push(options.upper ?? Infinity)
            place.push(-1)
            return integer.push(options.integer === true ? 1 : 0) - 1
        },
        row(name, low, high, terms) {
            const first = column.length
            for (let k = 0; k < terms.length; k += 2) {
                const c = terms[k]!
                const at = place[c]!
                if (at >= first) value[at] = value[at]! + terms[k + 1]!
                else {
                    place[c] = column.length
                    column.push(c)
                    value.push(terms[k + 1]!)
                }
            }
            rowName.push(name)
            rowLower.push(low)
            rowUpper.push(high)
            start.push(column.length)
            return rowLower.length - 1
        },
        addCost(c, more) {
            cost[c] = cost[c]! + more
        },
        build: () => ({
            cost: Float64Array.from(cost),
            lower: Float64Array.from(lower),
            upper: Float64Array.from(upper),
            integer: Uint8Array.from(integer),
            rowLower: Float64Array.from(rowLower),
            rowUpper: Float64Array.from(rowUpper),
            start: Int32Array.from(start),
            column: Int32Array.from(column),
            value: Float64Array.from(value),
            columnName,
            rowName,
        }),
    }
}

/** Largest amount by which x misses a bound or a row of the program. */
export function programViolation(program: LinearProgram, x: Float64Array): number {
    const { lower, upper, rowLower, rowUpper, start, column, value } = program
    let worst = 0
    for (let c = 0; c < lower.length; c++) worst = Math.max(worst, lower[c]! - x[c]!, x[c]! - upper[c]!)
    for (let r = 0; r < rowLower.length; r++) {
        let sum = 0
        for (let k = start[r]!; k < start[r + 1]!; k++) sum += value[k]! * x[column[k]!]!
        worst = Math.max(worst, rowLower[r]! - sum, sum - rowUpper[r]!)
    }
    return worst
}
