/**
 * Scenarios shared among threads; their rows lie in shared memory. Each thread solves the base case itself and every
 * scenario from it, so who solves what changes nothing.
 */
import { type BatchOptions, type BatchSolver, createBatch, createBatchColumns, type Network } from '@gridverse/grid'
import { isTaken, partsDone, type Task, takeParts } from '../threads.ts'

export interface BatchWork {
    readonly network: Network
    readonly options: BatchOptions
    /** parts are scenarios */
    readonly task: Task
    /** `createBatchColumns` lies here; rows with a status are done already */
    readonly rows: SharedArrayBuffer
}

/** scenarios taken at a time: few enough to end together, enough to meet seldom */
const stretch = 16

/** Solves scenarios nobody has taken yet, until none is left, the task is to stop, or `until` says so. */
export function solveShare(work: BatchWork, until: () => boolean = () => false, solver?: BatchSolver): void {
    const { network, options, task, rows } = work
    const columns = createBatchColumns(task.total, rows)
    let batch = solver
    while (!until() && !isTaken(task)) {
        const first = takeParts(task, stretch)
        if (first === undefined) return
        const open: number[] = []
        for (let s = first; s < Math.min(first + stretch, task.total); s++) if (columns.status[s] === 0) open.push(s)
        if (open.length === 0) continue
        batch ??= createBatch(network, options)
        batch.solve(open, columns)
        partsDone(task, open.length)
    }
}
