/** What the state estimator is asked and what it answers. Powers MW and Mvar, voltages p.u. and degrees. */
import type { MeasurementPlace } from './estimate-measurement.ts'

export interface EstimatorOptions {
    /** nothing flows in or out at buses without load, generator and storage, exactly */
    readonly zeroInjections?: boolean
    /** unobservable buses are filled from pseudo measurements (scheduled injections and voltages), and marked */
    readonly pseudo?: boolean
    /** remove bad data one by one while the χ² test fails; default true */
    readonly removeBadData?: boolean
    /** stop after so many removals, for scans against the clock; default no bound */
    readonly maxRemovals?: number
    /** largest normalised residual that is not bad data */
    readonly residualLimit?: number
    /** confidence of the χ² test */
    readonly confidence?: number
    /** p.u. and rad, of the last step */
    readonly tolerance?: number
    readonly maxIterations?: number
}

/** One scan. Arrays run over the layout's measurements or the case's branches, shunts or buses. */
export interface Scan {
    /** in the unit of the measurement's kind; NaN leaves the measurement out */
    readonly value: ArrayLike<number>
    /** replaces the layout's standard deviations; Infinity leaves a measurement out */
    readonly sigma?: ArrayLike<number>
    /** replaces the case's branch status; not 0 is in service */
    readonly branchInService?: ArrayLike<number>
    /** replaces the case's turns ratios, as tap changers stand */
    readonly branchRatio?: ArrayLike<number>
    /** replaces the case's shunt status; not 0 is in service */
    readonly shuntInService?: ArrayLike<number>
    /** buses with a running source, not 0; replaces the case's generators and storages in service */
    readonly source?: ArrayLike<number>
    /** scheduled net injections for pseudo measurements, MW and Mvar per bus; default: the case's */
    readonly scheduledPMw?: ArrayLike<number>
    readonly scheduledQMvar?: ArrayLike<number>
    /** `last` continues from the estimate before, for small changes between scans */
    readonly start?: 'flat' | 'case' | 'last'
}

export interface BadDatum {
    /** index in the layout */
    readonly measurement: number
    readonly normalisedResidual: number
}

export interface Estimate {
    /**
     * `converged`: every live bus estimated. `partly-observable`: the same with pseudo measurements at the unobservable
     * buses. `unobservable`: those in `unobservable` are not estimated; the others are, NaN where even they lead nowhere.
     * `diverged`: no estimate.
     */
    readonly status: 'converged' | 'partly-observable' | 'unobservable' | 'diverged'
    /** Gauss–Newton steps, those after removals included */
    readonly iterations: number
    /** J, over measurements, not over pseudo measurements */
    readonly objective: number
    readonly degreesOfFreedom: number
    /** J above this says, at the given confidence, that bad data are present; 0 where nothing is redundant */
    readonly chiSquareLimit: number
    readonly chiSquarePassed: boolean
    /** removed, in order of removal */
    readonly badData: readonly BadDatum[]
    /** bus ids in case order that no measurement determines */
    readonly unobservable: readonly number[]
    /** bus ids in islands without a slack bus or a running source, and isolated buses; their voltage is given as zero */
    readonly deEnergised: readonly number[]
    /** in case order; NaN where not estimated */
    readonly bus: readonly { readonly id: number; readonly vmPu: number; readonly vaDeg: number }[]
}

/** The last estimate in numbers, in case order; overwritten by the next scan. */
export interface EstimatedState {
    readonly vmPu: Float64Array
    readonly vaDeg: Float64Array
    /** net injection of each bus: generation less load */
    readonly pMw: Float64Array
    readonly qMvar: Float64Array
    readonly pFromMw: Float64Array
    readonly qFromMvar: Float64Array
    readonly pToMw: Float64Array
    readonly qToMvar: Float64Array
    /** per bus: 1 where the value rests on pseudo measurements */
    readonly pseudo: Uint8Array
    /** per measurement of the layout: 1 where it took part in the estimate */
    readonly used: Uint8Array
    /** per measurement of the layout: its value by the estimated state, in its unit; NaN where that is not known */
    readonly measured: Float64Array
}

export interface Estimator {
    readonly layout: readonly MeasurementPlace[]
    readonly state: EstimatedState
    /** Estimates one scan. */
    estimate(scan: Scan): Estimate
    /** Normalised residuals of the last estimate by measurement; 0 for critical ones, NaN for those not in use. */
    normalisedResiduals(): Float64Array
    /** Measurements of the last estimate that nothing can check, by index. */
    critical(): number[]
    /**
     * Critical pairs, and larger sets of the same sort: measurements whose residuals are fully correlated, so that an error
     * among them shows but not where. Without any one of a set the others are critical. Ascending indices.
     */
    criticalSets(): number[][]
}
