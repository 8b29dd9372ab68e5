/** The playground's worker: the kernel away from the page, so that the page stays at hand. Work is done in stretches. */
import type { Network } from '@gridverse/grid'
import type { Ask, Told } from './contract.ts'
import { openCase, openExample, solveOutages, solveScenarios } from './solve.ts'

const scope = globalThis as unknown as { postMessage(told: Told): void; onmessage: ((event: MessageEvent<Ask>) => void) | null }
const now = () => performance.now()
let network: Network | undefined
/** counts up when work under way is no longer wanted */
let turn = 0

const breathe = () => new Promise<void>((resolve) => setTimeout(resolve))

async function run<T>(what: 'batch' | 'contingency', total: number, work: Generator<number, T>): Promise<T | undefined> {
    const mine = turn
    const start = now()
    for (let told = 0; ; ) {
        const { value, done } = work.next()
        if (done) return value
        if (now() - told > 60) {
            told = now()
            scope.postMessage({ kind: 'progress', what, done: value, total, seconds: (now() - start) / 1000 })
            await breathe()
            if (turn !== mine) return undefined
        }
    }
}

scope.onmessage = async ({ data: ask }) => {
    turn++
    try {
        if (ask.kind === 'open' || ask.kind === 'example') {
            const opened = ask.kind === 'open' ? openCase(ask.files, now) : openExample(now)
            network = opened.network
            scope.postMessage({ kind: 'case', view: opened.view })
        } else if (ask.kind === 'batch' && network) {
            const view = await run('batch', ask.samples, solveScenarios(network, ask.samples, now))
            if (view) scope.postMessage({ kind: 'batch', view })
        } else if (ask.kind === 'contingency' && network) {
            const view = await run('contingency', network.branch.filter(({ inService }) => inService).length, solveOutages(network, now))
            if (view) scope.postMessage({ kind: 'contingency', view })
        }
    } catch (error) {
        scope.postMessage({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
    }
}
