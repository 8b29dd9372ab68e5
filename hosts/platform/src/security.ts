/**
 * Security of the worlds: computed on a thread when somebody asks, one world at a time, and kept: of a replayed instant
 * or a what-if until it is edited, of the live world for half a minute while its branches stay in service as they are.
 */

import { Worker } from 'node:worker_threads'
import type { Network } from '@gridverse/grid'
import { threadEntry } from '@gridverse/solver'
import type { SecurityJson, WorldId } from '@gridverse/twin'
import type { SecurityAnswer, SecurityWork } from './security-thread.ts'
import type { StandingWorld } from './worlds.ts'

export interface Security {
    /** The worst outages of a world; the same promise for everybody who asks meanwhile. */
    analyse(world: WorldId): Promise<SecurityJson>
    close(): Promise<void>
}

/** the worst outages that are kept and told of */
const toldOutages = 100
const liveForMs = 30_000
/** worlds whose last analysis is kept */
const keptWorlds = 16

interface Kept {
    readonly key: string
    readonly atMs: number
    readonly answer: Promise<SecurityJson>
}

export function createSecurity(worldAt: (world: WorldId) => Promise<StandingWorld>, nowMs: () => number): Security {
    const kept = new Map<WorldId, Kept>()
    const running = new Set<Worker>()
    let last: Promise<unknown> = Promise.resolve()

    function run(network: Network): Promise<SecurityAnswer> {
        return new Promise((resolve, reject) => {
            const workerData: SecurityWork = { network, max: toldOutages }
            const worker = new Worker(threadEntry(new URL('./security-thread.ts', import.meta.url)), {
                workerData,
                execArgv: process.execArgv,
            })
            running.add(worker)
            worker.once('message', resolve)
            worker.once('error', reject)
            worker.once('exit', () => {
                running.delete(worker)
                reject(new Error('The thread of the security analysis ended before it had answered.'))
            })
        })
    }

    return {
        async analyse(world) {
            const { network, tMs, version } = await worldAt(world)
            const key = world === 'live' ? inServiceOf(network) : version
            const known = kept.get(world)
            const fresh = known?.key === key && (world !== 'live' || nowMs() - known.atMs < liveForMs)
            if (fresh) return known.answer
            // one after the other: a thread has a processor to itself
            const answer = last.then(async () => {
                const { analysis, tookMs } = await run(network)
                return { world, tMs, tookMs, ...analysis }
            })
            last = answer.catch(() => undefined)
            const entry = { key, atMs: nowMs(), answer }
            kept.delete(world)
            kept.set(world, entry)
            if (kept.size > keptWorlds) kept.delete(kept.keys().next().value!)
            // a failure is not kept
            answer.catch(() => kept.get(world) === entry && kept.delete(world))
            return answer
        },
        async close() {
            kept.clear()
            await Promise.all([...running].map((worker) => worker.terminate()))
        },
    }
}

/** What is in service, as one text: a switch that moves makes another. */
const inServiceOf = ({ branch, generator }: Network): string => [...branch, ...generator].map((row) => (row.inService ? '1' : '0')).join('')
