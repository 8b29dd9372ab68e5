/** A thread that analyses the security of one network and ends: thousands of power flows beside the loop, not in its way. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Network } from '@gridverse/grid'
import { analyseSecurity, type SecurityAnalysis } from '@gridverse/twin'

export interface SecurityWork {
    readonly network: Network
    readonly max: number
}
export interface SecurityAnswer {
    readonly analysis: SecurityAnalysis
    readonly tookMs: number
}

const { network, max } = workerData as SecurityWork
const began = performance.now()
const analysis = analyseSecurity(network, max)
parentPort!.postMessage({ analysis, tookMs: performance.now() - began } satisfies SecurityAnswer)
