/** The thread HiGHS runs in: takes programs one after the other, tells how far it is, answers. */
import { parentPort, threadId } from 'node:worker_threads'
import highsModule, { type Highs } from 'highs'
import { runHighs } from './highs-run.ts'
import type { Reply, Request } from './highs-solver.ts'

if (!parentPort) throw new Error(`Thread ${threadId} has nobody to answer.`)
const port = parentPort
// the package's types describe its CommonJS form; as an ES module its default export is the loader
const loading = (highsModule as unknown as () => Promise<Highs>)()

port.on('message', async ({ id, program, options, stop }: Request) => {
    const flag = new Int32Array(stop)
    const post = (reply: Reply) => port.postMessage(reply)
    try {
        const highs = await loading
        const answer = runHighs(highs, program, {
            ...options,
            shouldStop: () => Atomics.load(flag, 0) !== 0,
            onProgress: (progress) => post({ id, progress }),
        })
        post({ id, answer })
    } catch (error) {
        post({ id, error: error instanceof Error ? error.message : String(error) })
    }
})
