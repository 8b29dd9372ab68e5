/** A thread of `gridverse vpp year`: takes months until none is left, runs their days in turn, and sends each when it is done. */
import { parentPort, workerData } from 'node:worker_threads'
import { parseVpp } from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { runYearDay, type YearDay, type YearSettings } from '@gridverse/vpp'
import { isStopped, partsDone, type Task, takeParts } from '../threads.ts'

export interface YearWork {
    /** the instance's text */
    readonly text: string
    readonly settings: YearSettings
    /** days still to run, and the one before the first of them where it is done */
    readonly chains: readonly { readonly dates: readonly string[]; readonly before?: YearDay }[]
    /** parts are chains; what is counted as done are days */
    readonly task: Task
}

const { text, settings, chains, task } = workerData as YearWork
const { vpp } = parseVpp(text)
const solver = createHighsSolver()
try {
    for (let part = takeParts(task, 1); part !== undefined; part = takeParts(task, 1)) {
        const chain = chains[part]!
        let before = chain.before
        for (const date of chain.dates) {
            if (isStopped(task)) break
            before = await runYearDay(vpp, settings, date, before, solver)
            parentPort?.postMessage(before)
            partsDone(task, 1)
        }
    }
} finally {
    await solver.close()
    parentPort?.close()
}
