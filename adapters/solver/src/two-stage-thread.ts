/** The thread a two-stage program lives in: keeps it, and solves its relaxations one after the other. */
import { parentPort, threadId, workerData } from 'node:worker_threads'
import { createTwoStage } from '@gridverse/math'
import type { Asked, Opened, Told } from './two-stage-session.ts'

if (!parentPort) throw new Error(`Thread ${threadId} has nobody to answer.`)
const port = parentPort
const post = (told: Told) => port.postMessage(told)
const { program, timeLimitS } = workerData as Opened
const until = performance.now() + 1000 * timeLimitS
const kernel = createTwoStage(program)

port.on('message', ({ id, options, stop }: Asked) => {
    const flag = new Int32Array(stop)
    try {
        const answer = kernel.solve({
            ...options,
            shouldStop: () => Atomics.load(flag, 0) !== 0 || performance.now() > until,
            onIteration: (progress, passed) => post({ id, progress, ...(passed ? { passed } : {}) }),
        })
        post({ id, answer })
    } catch (error) {
        post({ id, error: error instanceof Error ? error.message : String(error) })
    }
})
