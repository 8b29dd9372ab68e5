/**
 * A snapshot: the state of one world at one tick, frozen. Every view, export and decision reads snapshots only.
 * Arrays run over the world's points (`TwinModel.points`); index is the same in every world of a model.
 */
export interface Snapshot {
    readonly world: string
    /** grows by one each tick of the world */
    readonly seq: number
    /** the instant shown, Unix ms UTC */
    readonly tMs: number
    /** best value: substituted by an operator, else measured where good, else estimated, else last known; NaN where nothing is */
    readonly value: Float64Array
    /** code of `qualities` */
    readonly quality: Uint8Array
    /** time of the value; NaN where nothing is known */
    readonly valueMs: Float64Array
    /** what the field last said, whatever its quality; NaN where never */
    readonly measured: Float64Array
    /** what the estimator (or the power flow, in a what-if) says; NaN where it says nothing */
    readonly estimated: Float64Array
    readonly summary: Summary
    readonly fidelity: Fidelity
}

/** The four totals and what keeps them equal: generation + import + discharge = load + losses + charge + imbalance. */
export interface Summary {
    readonly frequencyHz: number
    readonly generationMw: number
    readonly loadMw: number
    readonly lossesMw: number
    readonly storageMw: number
    readonly exchangeMw: number
    /** what does not add up, MW */
    readonly imbalanceMw: number
}

/** How far to trust the twin. */
export interface Fidelity {
    readonly status: 'estimated' | 'partly-observable' | 'unobservable' | 'diverged' | 'solved' | 'waiting'
    /** weighted sum of squares of the residuals and its 95 % limit */
    readonly objective: number
    readonly chiSquareLimit: number
    readonly degreesOfFreedom: number
    /** points removed as bad data in this tick */
    readonly badData: readonly { readonly point: string; readonly normalisedResidual: number }[]
    readonly unobservableBuses: readonly number[]
    /** age of the oldest and the median live value, s */
    readonly ageMedianS: number
    readonly ageMaxS: number
    readonly staleCount: number
    readonly measuredCount: number
    readonly estimateMs: number
}
