/**
 * Scenarios shared among threads. Rows lie in shared memory; a counter there says which scenarios are taken. Each
 * thread solves the base case itself and every scenario from it, so who solves what changes nothing.
 */
import { Worker } from 'node:worker_threads'
import { type BatchOptions, type BatchSolver, createBatch, createBatchColumns, type Network } from '@gridverse/grid'

export interface BatchWork {
    readonly network: Network
    readonly options: BatchOptions
    readonly samples: number
    /** `createBatchColumns` lies here; rows with a status are done already */
    readonly rows: SharedArrayBuffer
    /** places, see `place` */
    readonly counters: SharedArrayBuffer
}

const place = { next: 0, done: 1, stop: 2 } as const
/** scenarios taken at a time: few enough to end together, enough to meet seldom */
const stretch = 4

export const counterBytes = 12

/** Solves scenarios nobody has taken yet, until none is left or the work is to stop. */
export function solveShare(work: BatchWork, until: () => boolean = () => false, solver?: BatchSolver): void {
    const { network, options, samples, rows, counters } = work
    const columns = createBatchColumns(samples, rows)
    const counter = new Int32Array(counters)
    let batch = solver
    while (!until() && Atomics.load(counter, place.stop) === 0) {
        const first = Atomics.add(counter, place.next, stretch)
        if (first >= samples) return
        const last = Math.min(first + stretch, samples)
        for (let s = first; s < last; s++) {
            if (columns.status[s] !== 0) continue
            batch ??= createBatch(network, options)
            batch.solve(s, columns)
            Atomics.add(counter, place.done, 1)
        }
    }
}

/** How many scenarios were solved so far. */
export const countDone = (work: BatchWork) => Atomics.load(new Int32Array(work.counters), place.done)
/** Whether every scenario is taken. */
export const isTaken = (work: BatchWork) => Atomics.load(new Int32Array(work.counters), place.next) >= work.samples
/** Threads end after the scenarios they are at. */
export const stopThreads = (work: BatchWork) => void Atomics.store(new Int32Array(work.counters), place.stop, 1)

/** Runs so many threads to their end; `tick` is called ten times a second. */
export async function runThreads(work: BatchWork, workers: number, tick: () => void): Promise<void> {
    const entry = threadEntry()
    const threads = Array.from({ length: workers }, () => new Worker(entry, { workerData: work, execArgv: process.execArgv }))
    const timer = setInterval(tick, 100)
    try {
        await Promise.all(
            threads.map(
                (thread) =>
                    new Promise<void>((resolve, reject) => {
                        thread.once('error', reject)
                        thread.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`A thread ended with code ${code}.`))))
                    }),
            ),
        )
    } finally {
        clearInterval(timer)
        await Promise.all(threads.map((thread) => thread.terminate()))
    }
}

/** The compiled thread, or its source behind the loader of sources, which threads do not inherit. */
function threadEntry(): URL {
    if (!import.meta.url.endsWith('.ts')) return new URL('./batch-worker.js', import.meta.url)
    const source = JSON.stringify(new URL('./batch-worker.ts', import.meta.url).href)
    const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'))
    const text = `import { register } from ${loader}; register(); await import(${source})`
    return new URL(`data:text/javascript,${encodeURIComponent(text)}`)
}
