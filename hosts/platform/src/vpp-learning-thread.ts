/** A thread that learns from the days kept and ends: minutes of arithmetic beside the loop, not in its way. */
import { parentPort, workerData } from 'node:worker_threads'
import { type Climate, parseVpp } from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import type { MeasuredDay } from '@gridverse/study'
import { type Learnt, learnFromDays, type PastTuning, type Policy, policyInUse, tuneOnPast, type VppRegister } from '@gridverse/vpp'

export interface LearningWork {
    readonly days: readonly MeasuredDay[]
    readonly register: VppRegister
    readonly climate: Climate
    /** vpp-instance/1; without it capacities are what the days show, and no policy is tried */
    readonly plant?: string
    /** tried on the last days */
    readonly policies: readonly Policy[]
    readonly policyDays: number
}
export type LearningMessage =
    | { readonly share: number; readonly what: string }
    | { readonly learnt: Learnt; readonly tuning?: PastTuning; readonly done: true }

const { days, register, climate, plant, policies, policyDays } = workerData as LearningWork
const tell = (message: LearningMessage) => parentPort!.postMessage(message)
const vpp = plant === undefined ? undefined : parseVpp(plant).vpp
const tuned = vpp !== undefined && policies.length > 0 && days.length > 0
const part = tuned ? 0.5 : 1
const learnt = learnFromDays(days, {
    climate,
    register,
    ...(vpp ? { vpp } : {}),
    onProgress: (share, what) => tell({ share: part * share, what }),
})
if (tuned) {
    const solver = createHighsSolver()
    const tuning = await tuneOnPast(vpp, days, solver, {
        climate,
        tuneDays: policyDays,
        current: policyInUse(register, { beta: vpp.risk.beta, keep: 10 }),
        policies,
        onProgress: (share, what) => tell({ share: part + (1 - part) * share, what }),
    })
    await solver.close()
    tell({ learnt, tuning, done: true })
} else tell({ learnt, done: true })
