/** A power system to measure in tests: its true state by power flow, and noisy measurements of it. */
import type { Snapshot, TwinModel, WhatIfEdit } from '../src/index.ts'
import { applyEdits, branchWhatIf, createTwin, solveWhatIf } from '../src/index.ts'
import { meterSigmas } from '../src/meter.ts'
import { batchOf } from './region.ts'

/** The true state of the model's records after some edits. */
export function solveTruth(model: TwinModel, edits: readonly WhatIfEdit[] = []): Snapshot {
    const nothing = createTwin(model).freeze(0)
    const { whatIf, issues } = applyEdits(model, branchWhatIf(model, nothing, 'what-if/truth'), edits)
    if (issues.length > 0) throw new Error(issues[0].message)
    const truth = solveWhatIf(model, whatIf)
    if (truth.fidelity.status !== 'solved') throw new Error(truth.reasons.join('; '))
    return truth
}

/** Gaussian numbers from a seed: mulberry32 and Box–Muller. */
export function createNoise(seed: number): () => number {
    let a = seed >>> 0
    const uniform = () => {
        a = (a + 0x6d2b79f5) >>> 0
        let t = Math.imul(a ^ (a >>> 15), 1 | a)
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
    }
    return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}

/** Measurements of the truth at an instant; `which` picks points, noise is in meter standard deviations. */
export function measure(
    model: TwinModel,
    truth: Snapshot,
    tMs: number,
    which: (id: string) => boolean = () => true,
    noise: () => number = () => 0,
) {
    const sigma = meterSigmas(model)
    const rows: [number, number, number][] = []
    for (const { index, id, kind, quantity } of model.points) {
        const value = truth.value[index]
        if (Number.isNaN(value) || !which(id)) continue
        rows.push([index, tMs, kind === 'status' || quantity === 'tapPosition' ? value : value + sigma[index] * noise()])
    }
    return batchOf(rows)
}
