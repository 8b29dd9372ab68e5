/** A browser's worker: `{text, samples}` prepares a batch, anything else solves it once more and gets its `BatchRound`. */
import { type BatchRound, createBatchRate } from './batch-rate.ts'

let solve: () => BatchRound = () => ({ ms: Number.NaN, converged: 0, meanSumVmPu: Number.NaN })
const scope = globalThis as unknown as { onmessage: (event: MessageEvent) => void; postMessage(message: unknown): void }
scope.onmessage = ({ data }) => {
    if (data?.text) solve = createBatchRate(data.text, data.samples)
    scope.postMessage(data?.text ? 'ready' : solve())
}
