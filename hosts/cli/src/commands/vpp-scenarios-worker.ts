/** A thread of `gridverse vpp scenarios`: draws days until none is left, and writes them into shared memory. */
import { parentPort, workerData } from 'node:worker_threads'
import { type DrawWork, drawShare } from './vpp-scenarios-threads.ts'

await drawShare(workerData as DrawWork)
parentPort?.close()
