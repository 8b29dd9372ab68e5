/** HiGHS behind the solver port: programs are solved on threads of their own, can be stopped, and tell how far they are. */
import { Worker } from 'node:worker_threads'
import type { LinearAnswer, LinearProgram, LinearProgress, LinearSolveOptions, LinearSolver, StopSignal } from '@gridverse/math'
import { threadEntry } from './thread-entry.ts'
import { openTwoStage } from './two-stage-session.ts'

export interface Request {
    readonly id: number
    readonly program: LinearProgram
    readonly options: Omit<LinearSolveOptions, 'signal' | 'onProgress'>
    /** one 32-bit word; not 0 asks to stop */
    readonly stop: SharedArrayBuffer
}
export type Reply = { readonly id: number } & (
    | { readonly answer: LinearAnswer }
    | { readonly progress: LinearProgress }
    | { readonly error: string }
)

export interface HighsOptions {
    /** programs solved at the same time; 1 where absent */
    readonly threads?: number
}

interface Job {
    readonly request: Request
    readonly onProgress: ((progress: LinearProgress) => void) | undefined
    resolve(answer: LinearAnswer): void
    reject(error: Error): void
}

export function createHighsSolver({ threads = 1 }: HighsOptions = {}): LinearSolver {
    const waiting: Job[] = []
    const workers = new Map<Worker, Job | undefined>()
    let count = 0
    let closed = false

    function open(): Worker {
        const worker = new Worker(threadEntry(new URL('./highs-thread.ts', import.meta.url)), { execArgv: process.execArgv })
        workers.set(worker, undefined)
        // an idle thread keeps no process alive
        worker.unref()
        worker.on('message', (reply: Reply) => {
            const job = workers.get(worker)
            if (job?.request.id !== reply.id) return
            if ('progress' in reply) return job.onProgress?.(reply.progress)
            workers.set(worker, undefined)
            worker.unref()
            if ('answer' in reply) job.resolve(reply.answer)
            else job.reject(new Error(reply.error))
            next()
        })
        const gone = (error: Error) => {
            const job = workers.get(worker)
            workers.delete(worker)
            job?.reject(error)
            if (!closed) next()
        }
        worker.on('error', gone)
        worker.on('exit', () => gone(new Error('The solver thread ended before it had answered; it may have run out of memory.')))
        return worker
    }

    // one listener for all programs under way: a signal may be that of thousands, one after the other
    const heard = new WeakMap<StopSignal, Set<() => void>>()
    function hear(signal: StopSignal, raise: () => void): () => void {
        const raises = heard.get(signal) ?? new Set()
        if (!heard.has(signal)) {
            heard.set(signal, raises)
            signal.addEventListener('abort', () => {
                for (const each of raises) each()
            })
        }
        raises.add(raise)
        return () => void raises.delete(raise)
    }

    function next() {
        while (waiting.length > 0) {
            const free = [...workers].find(([, job]) => job === undefined)?.[0] ?? (workers.size < threads ? open() : undefined)
            if (!free) return
            const job = waiting.shift()!
            workers.set(free, job)
            free.ref()
            free.postMessage(job.request)
        }
    }

    return {
        solve(program, options = {}) {
            if (closed) return Promise.reject(new Error('The solver is closed.'))
            const { signal, onProgress, ...rest } = options
            const stop = new SharedArrayBuffer(4)
            const raise = () => void Atomics.store(new Int32Array(stop), 0, 1)
            if (signal?.aborted) raise()
            const forget = signal ? hear(signal, raise) : () => undefined
            return new Promise<LinearAnswer>((resolve, reject) => {
                waiting.push({ request: { id: count++, program, options: rest, stop }, onProgress, resolve, reject })
                next()
            }).finally(forget)
        },
        openTwoStage,
        async close() {
            closed = true
            for (const job of waiting.splice(0)) job.reject(new Error('The solver is closed.'))
            await Promise.all([...workers.keys()].map((worker) => worker.terminate()))
        },
    }
}
