/** A thread of `gridverse contingency`: takes outages until none is left, and sends their rows a few at a time. */
import { parentPort, workerData } from 'node:worker_threads'
import { type ContingencyOptions, createContingencies, type Network, type OutageRow } from '@gridverse/grid'
import { createStretch } from '../stretch.ts'
import { type Task, takeParts } from '../threads.ts'

export interface ContingencyWork {
    readonly network: Network
    readonly options: ContingencyOptions
    /** parts are outages from this one on */
    readonly first: number
    readonly task: Task
}
/** Rows of outages from `first` on. */
export interface ContingencyRows {
    readonly first: number
    readonly rows: readonly OutageRow[]
}

const { network, options, first, task } = workerData as ContingencyWork
const solver = createContingencies(network, options)
const stretch = createStretch(100)
let size = stretch.size
for (let part = takeParts(task, size); part !== undefined; part = takeParts(task, size)) {
    const from = first + part
    const start = performance.now()
    const rows = solver.solveMany(Array.from({ length: Math.min(size, task.total - part) }, (_, k) => from + k))
    parentPort!.postMessage({ first: from, rows } satisfies ContingencyRows)
    stretch.note(performance.now() - start)
    // the last outages are shared evenly
    size = Math.max(8, Math.min(stretch.size, (task.total - part) >> 3))
}
parentPort!.close()
