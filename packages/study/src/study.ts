/**
 * The four steps every application shares: what is given, decided and found (model) → many days that could be (samples) →
 * what to do (decision) → what came of it (feedback). An application brings one `Study`; whoever runs studies needs to
 * know no more of it than this.
 */
import type { Samples } from './samples.ts'

/** One quantity of a study: what it is, in which unit, one number or one for each period. */
export interface Quantity {
    readonly name: string
    readonly unit: string
    readonly about: string
    readonly shape: 'one' | 'series'
}

export interface StudyModel {
    /** names the application: `vpp`, `smart-grid`, `market` */
    readonly id: string
    /** raised whenever the same inputs would give other outputs */
    readonly version: number
    readonly inputs: readonly Quantity[]
    readonly controls: readonly Quantity[]
    readonly outputs: readonly Quantity[]
}

export interface StepOptions {
    /** an `AbortSignal` */
    readonly signal?: { readonly aborted: boolean; addEventListener(type: 'abort', listener: () => void): void }
    /** 0 … 1, and what is under work */
    readonly onProgress?: (share: number, what: string) => void
}

/**
 * @typeParam Input what is given: the plant, its prices, its place
 * @typeParam Preferences what the person who decides weighs: risk, carbon, comfort
 * @typeParam Decision what to do, with its prediction
 * @typeParam Observed what was measured afterwards
 * @typeParam Score the decision held against it
 */
export interface Study<Input, Preferences, Decision, Observed, Score> {
    readonly model: StudyModel
    /** `count` days that could be. Row s depends on input, seed and s alone, so a longer table begins with the shorter one. */
    sample(input: Input, seed: number, count: number): Samples
    /** Outputs of one day under a decision, by the names of the model's outputs; pure, so days may be shared among machines. */
    evaluate(input: Input, decision: Decision, samples: Samples, row: number): Promise<Readonly<Record<string, number>>>
    decide(input: Input, samples: Samples, preferences: Preferences, options?: StepOptions): Promise<Decision>
    /** Predicted against observed. */
    feedback(input: Input, decision: Decision, observed: Observed): Promise<Score>
}
