/** One program through HiGHS, in this thread: from arrays to an answer, with progress and a way to stop it. */
import type { LinearAnswer, LinearProgram, LinearProgress, LinearSolveOptions } from '@gridverse/math'
import type { Highs, Model } from 'highs'

export interface RunOptions extends Omit<LinearSolveOptions, 'signal' | 'onProgress'> {
    readonly shouldStop: () => boolean
    readonly onProgress: (progress: LinearProgress) => void
}

const none = new Float64Array(0)
/** no programs within the program, and no starting again */
const proofOnly = {
    mip_heuristic_effort: 0,
    mip_heuristic_run_root_reduced_cost: false,
    mip_heuristic_run_rins: false,
    mip_heuristic_run_rens: false,
    mip_allow_restart: false,
}

export function runHighs(highs: Highs, program: LinearProgram, options: RunOptions): LinearAnswer {
    const columns = program.cost.length
    const rows = program.rowLower.length
    const whole = program.integer.includes(1)
    return highs.withModel(
        {
            numCols: columns,
            numRows: rows,
            colCost: program.cost,
            colLower: program.lower,
            colUpper: program.upper,
            rowLower: program.rowLower,
            rowUpper: program.rowUpper,
            matrix: {
                format: 'csr',
                numRows: rows,
                numCols: columns,
                starts: program.start,
                indices: program.column,
                values: program.value,
            },
            ...(whole ? { integrality: Int32Array.from(program.integer) } : {}),
        },
        (model) => {
            model.options.set({
                output_flag: false,
                primal_feasibility_tolerance: 1e-9,
                dual_feasibility_tolerance: 1e-9,
                mip_feasibility_tolerance: 1e-9,
                mip_rel_gap: options.gap ?? 1e-9,
                mip_abs_gap: 1e-9,
                ...(options.heuristics === false ? proofOnly : {}),
                // a conflict by its rows first
                ...(options.explain ? { iis_strategy: highs.constants.iis.strategyRowPriority } : {}),
                ...(options.timeLimitS === undefined ? {} : { time_limit: options.timeLimitS }),
            })
            if (options.from && whole) {
                const known = Array.from(options.from.keys()).filter((c) => !Number.isNaN(options.from![c]!))
                model.setSolution({ indices: Int32Array.from(known), values: Float64Array.from(known, (c) => options.from![c]!) })
            }
            run(highs, model, options)
            return answerOf(highs, model, program, whole, options.explain === true)
        },
    )
}

function run(highs: Highs, model: Model, { shouldStop, onProgress }: RunOptions) {
    const { callbackType } = highs.constants
    const stop = (event: { interrupt(): void }): undefined => {
        if (shouldStop()) event.interrupt()
    }
    model.run({
        [callbackType.simplexInterrupt]: stop,
        [callbackType.ipmInterrupt]: stop,
        [callbackType.mipInterrupt]: stop,
        [callbackType.mipLogging]: ({ data }: { data: Record<string, unknown> }): undefined => {
            onProgress({
                seconds: Number(data.running_time ?? 0),
                objective: Number(data.mip_primal_bound ?? Infinity),
                bound: Number(data.mip_dual_bound ?? -Infinity),
                gap: Number(data.mip_gap ?? Infinity),
            })
        },
    })
}

function answerOf(highs: Highs, model: Model, program: LinearProgram, whole: boolean, explain: boolean): LinearAnswer {
    const { modelStatus, solutionStatus } = highs.constants
    const code = model.getModelStatus()
    const status =
        code === modelStatus.optimal
            ? 'optimal'
            : code === modelStatus.infeasible || code === modelStatus.unboundedOrInfeasible
              ? 'infeasible'
              : code === modelStatus.unbounded
                ? 'unbounded'
                : code === modelStatus.timeLimit || code === modelStatus.interrupted || code === modelStatus.iterationLimit
                  ? 'stopped'
                  : 'failed'
    const feasible = status !== 'infeasible' && Number(model.info.get('primal_solution_status')) === solutionStatus.feasible
    const name = Object.entries(modelStatus).find(([, value]) => value === code)?.[0] ?? String(code)
    if (!feasible)
        return {
            status,
            objective: Number.NaN,
            gap: Infinity,
            x: none,
            rowDual: none,
            message: `HiGHS: ${name}`,
            ...(explain && status === 'infeasible' && !whole ? { conflict: conflictOf(model, program) } : {}),
        }
    const solution = model.getSolution()
    return {
        status,
        objective: model.getObjectiveValue(),
        gap: whole ? Math.max(0, Number(model.info.get('mip_gap'))) : status === 'optimal' ? 0 : Infinity,
        x: Float64Array.from(solution.colValue),
        rowDual: whole ? none : Float64Array.from(solution.rowDual),
        message: `HiGHS: ${name}`,
    }
}

/** Names of an irreducible set of rows and bounds that cannot hold together. */
function conflictOf(model: Model, program: LinearProgram): string[] {
    const { colIndex, rowIndex } = model.getIis()
    return [...Array.from(rowIndex, (r) => program.rowName[r]!), ...Array.from(colIndex, (c) => program.columnName[c]!)]
}
