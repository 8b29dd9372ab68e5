/** Threads that share a task: they take its parts from a counter in shared memory, until none is left or they are to stop. */

import { Worker } from 'node:worker_threads'
import { threadEntry } from '@gridverse/solver'

/** How far a task is; lies in memory its threads share. */
export interface Task {
    readonly total: number
    readonly counters: SharedArrayBuffer
}

const place = { next: 0, done: 1, stop: 2 } as const

export function createTask(total: number): Task {
    return { total, counters: new SharedArrayBuffer(12) }
}

/** Takes the next so many parts; the first of them, or undefined where none is left or the task is to stop. */
export function takeParts(task: Task, count: number): number | undefined {
    const counter = new Int32Array(task.counters)
    if (Atomics.load(counter, place.stop) !== 0) return undefined
    const first = Atomics.add(counter, place.next, count)
    return first < task.total ? first : undefined
}
export const partsDone = (task: Task, count: number) => void Atomics.add(new Int32Array(task.counters), place.done, count)
export const countDone = (task: Task) => Atomics.load(new Int32Array(task.counters), place.done)
/** Nothing more is taken. */
export const stopTask = (task: Task) => void Atomics.store(new Int32Array(task.counters), place.stop, 1)
export const isStopped = (task: Task) => Atomics.load(new Int32Array(task.counters), place.stop) !== 0
export function isTaken(task: Task): boolean {
    const counter = new Int32Array(task.counters)
    return Atomics.load(counter, place.stop) !== 0 || Atomics.load(counter, place.next) >= task.total
}

export interface ThreadOptions<Message> {
    /** address of the thread's source, `.ts`; where this process runs compiled files, its neighbour `.js` */
    readonly source: URL
    readonly workerData: unknown
    readonly count: number
    /** called ten times a second */
    readonly tick: () => void
    readonly onMessage?: (message: Message) => void
}

/** Runs so many threads to their end; rejects with the first error of any, the others being ended. */
export async function runThreads<Message = never>(options: ThreadOptions<Message>): Promise<void> {
    const { workerData, count, tick, onMessage } = options
    const entry = threadEntry(options.source)
    const threads = Array.from({ length: count }, () => new Worker(entry, { workerData, execArgv: process.execArgv }))
    const timer = setInterval(tick, 100)
    try {
        await Promise.all(
            threads.map(
                (thread) =>
                    new Promise<void>((resolve, reject) => {
                        thread.on('message', (message) => onMessage?.(message as Message))
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
