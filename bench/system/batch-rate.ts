/** A batch of load scenarios and how long it takes, the same code for Node and for a browser's worker. */
import { createBatch, createBatchColumns, parseMatpower, summariseBatch } from '@gridverse/grid'

export interface BatchRound {
    /** wall-clock milliseconds of all scenarios, results included; the base case solved before */
    readonly ms: number
    readonly converged: number
    readonly meanSumVmPu: number
}

/** Solves the scenarios of a case again with every call. */
export function createBatchRate(text: string, samples: number): () => BatchRound {
    const { network } = parseMatpower(text)
    const batch = createBatch(network, { seed: 1 })
    const columns = createBatchColumns(samples)
    const all = Array.from({ length: samples }, (_, s) => s)
    return () => {
        const before = performance.now()
        batch.solve(all, columns)
        const ms = performance.now() - before
        const { converged, meanSumVmPu } = summariseBatch(columns)
        return { ms, converged, meanSumVmPu }
    }
}
