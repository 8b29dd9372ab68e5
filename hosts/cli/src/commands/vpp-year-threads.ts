/** Months of `gridverse vpp year` shared among threads: each takes one after the other and runs its days in turn. */
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

/** Runs chains nobody has taken yet, until none is left or the task is to stop; `tell` hears every day when it is done. */
export async function runChains({ text, settings, chains, task }: YearWork, tell: (day: YearDay) => void): Promise<void> {
    const { vpp } = parseVpp(text)
    const solver = createHighsSolver()
    try {
        for (let part = takeParts(task, 1); part !== undefined; part = takeParts(task, 1)) {
            let { before } = chains[part]!
            for (const date of chains[part]!.dates) {
                if (isStopped(task)) return
                before = await runYearDay(vpp, settings, date, before, solver)
                tell(before)
                partsDone(task, 1)
            }
        }
    } finally {
        await solver.close()
    }
}
