/** A thread of `gridverse vpp year`: runs months until none is left, and sends each day when it is done. */
import { parentPort, workerData } from 'node:worker_threads'
import { runChains, type YearWork } from './vpp-year-threads.ts'

await runChains(workerData as YearWork, (day) => parentPort?.postMessage(day))
parentPort?.close()
