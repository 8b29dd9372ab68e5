/** A thread of `gridverse contingency`: takes outages until none is left, and sends their rows a few at a time. */
import { parentPort, workerData } from 'node:worker_threads'
import { type ContingencyOptions, createContingencies, type Network, type OutageRow } from '@gridverse/grid'
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

const stretch = 8

const { network, options, first, task } = workerData as ContingencyWork
const solver = createContingencies(network, options)
for (let part = takeParts(task, stretch); part !== undefined; part = takeParts(task, stretch)) {
    const end = Math.min(part + stretch, task.total)
    const rows = Array.from({ length: end - part }, (_, k) => solver.solve(first + part! + k))
    parentPort!.postMessage({ first: first + part, rows } satisfies ContingencyRows)
}
parentPort!.close()
