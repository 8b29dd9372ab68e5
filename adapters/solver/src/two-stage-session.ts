/** A two-stage program on a thread of its own, so that the caller stays awake, hears how far it is and can stop it. */
import { Worker } from 'node:worker_threads'
import type {
    InsidePoint,
    TwoStageAnswer,
    TwoStageOptions,
    TwoStageProgram,
    TwoStageProgress,
    TwoStageSession,
    TwoStageSessionOptions,
} from '@gridverse/math'
import { threadEntry } from './thread-entry.ts'

export interface Opened {
    readonly program: TwoStageProgram
    readonly timeLimitS: number
}
export interface Asked {
    readonly id: number
    readonly options: Omit<TwoStageOptions, 'shouldStop' | 'onIteration'>
    /** one 32-bit word; not 0 asks to stop */
    readonly stop: SharedArrayBuffer
}
export type Told = { readonly id: number } & (
    | { readonly answer: TwoStageAnswer }
    | { readonly progress: TwoStageProgress; readonly passed?: InsidePoint }
    | { readonly error: string }
)

export function openTwoStage(program: TwoStageProgram, { timeLimitS = Infinity }: TwoStageSessionOptions = {}): TwoStageSession {
    const worker = new Worker(threadEntry(new URL('./two-stage-thread.ts', import.meta.url)), {
        execArgv: process.execArgv,
        workerData: { program, timeLimitS } satisfies Opened,
    })
    let count = 0
    let failed: Error | undefined
    const waiting = new Map<
        number,
        { resolve(a: TwoStageAnswer): void; reject(e: Error): void; onIteration?: TwoStageOptions['onIteration'] }
    >()
    const fail = (error: Error) => {
        failed = error
        for (const job of waiting.values()) job.reject(error)
        waiting.clear()
    }
    worker.on('message', (told: Told) => {
        const job = waiting.get(told.id)
        if (!job) return
        if ('progress' in told) return job.onIteration?.(told.progress, told.passed)
        waiting.delete(told.id)
        if ('answer' in told) job.resolve(told.answer)
        else job.reject(new Error(told.error))
    })
    worker.on('error', fail)
    worker.on('exit', () =>
        fail(new Error('The thread of the two-stage program ended before it had answered; it may have run out of memory.')),
    )
    return {
        solve({ signal, onIteration, ...options } = {}) {
            if (failed) return Promise.reject(failed)
            const stop = new SharedArrayBuffer(4)
            const raise = () => void Atomics.store(new Int32Array(stop), 0, 1)
            if (signal?.aborted) raise()
            signal?.addEventListener('abort', raise)
            return new Promise((resolve, reject) => {
                const id = count++
                waiting.set(id, { resolve, reject, ...(onIteration ? { onIteration } : {}) })
                worker.postMessage({ id, options, stop } satisfies Asked)
            })
        },
        async close() {
            await worker.terminate()
        },
    }
}
