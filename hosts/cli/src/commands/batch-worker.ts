/** A thread of `gridverse batch`: takes scenarios until none is left, and writes their rows into shared memory. */
import { parentPort, workerData } from 'node:worker_threads'
import type { BatchWork } from './batch-threads.ts'
import { solveShare } from './batch-threads.ts'

solveShare(workerData as BatchWork)
parentPort?.close()
