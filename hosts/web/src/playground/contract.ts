/** What the playground asks of its worker and hears from it. Powers MW and Mvar, voltages p.u. and degrees. */
import type { BusRow, GeneratorRow, OutageRow, PowerFlow } from '@gridverse/grid'
import type { Issue } from '@gridverse/units'

export interface DroppedFile {
    readonly name: string
    readonly bytes: Uint8Array
}

export type Ask =
    | { readonly kind: 'open'; readonly files: readonly DroppedFile[] }
    | { readonly kind: 'example' }
    | { readonly kind: 'batch'; readonly samples: number }
    | { readonly kind: 'contingency' }
    | { readonly kind: 'stop' }

/** A bus with its place in the drawing; one unit is about the usual length of a line. */
export interface BusView extends BusRow {
    readonly name: string
    readonly baseKv: number
    readonly vMinPu: number
    readonly vMaxPu: number
    /** generation and load in service, MW */
    readonly generationMw: number
    readonly loadMw: number
    readonly x: number
    readonly y: number
}

export interface BranchView {
    readonly index: number
    readonly id: string
    readonly kind: 'line' | 'transformer'
    /** rows of the buses */
    readonly from: number
    readonly to: number
    readonly inService: boolean
    readonly pFromMw: number
    readonly qFromMvar: number
    /** null without a rating or a solution */
    readonly loadingPercent: number | null
}

export interface CaseView {
    readonly name: string
    readonly format: string
    readonly issues: readonly Issue[]
    readonly flow: Pick<PowerFlow, 'status' | 'iterations' | 'lossesMw' | 'mismatchPu' | 'worstBus'> | undefined
    readonly bus: readonly BusView[]
    readonly branch: readonly BranchView[]
    readonly generator: readonly GeneratorRow[]
    /** milliseconds to read, solve and lay out */
    readonly readMs: number
    readonly solveMs: number
    readonly layoutMs: number
}

export interface BatchView {
    readonly samples: number
    readonly converged: number
    readonly seconds: number
    /** least, mean and greatest over the scenarios with a solution */
    readonly rows: readonly {
        readonly key: 'vmMinPu' | 'vmMaxPu' | 'worstLoadingPercent' | 'lossesMw'
        readonly least: number
        readonly mean: number
        readonly most: number
    }[]
}

export interface ContingencyView {
    readonly outages: readonly OutageRow[]
    readonly total: number
    readonly seconds: number
}

export type Told =
    | { readonly kind: 'case'; readonly view: CaseView }
    | {
          readonly kind: 'progress'
          readonly what: 'batch' | 'contingency'
          readonly done: number
          readonly total: number
          readonly seconds: number
      }
    | { readonly kind: 'batch'; readonly view: BatchView }
    | { readonly kind: 'contingency'; readonly view: ContingencyView }
    | { readonly kind: 'failed'; readonly message: string }
