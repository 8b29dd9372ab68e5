/** Rows of a power flow as typed arrays, for tables, charts and further computing. */
import type { PowerFlow } from './solve-power-flow.ts'

/** One array a column, in the network's order; powers MW and Mvar, voltages p.u. and degrees. Empty unless converged. */
export interface PowerFlowColumns {
    readonly bus: { readonly id: Int32Array; readonly vmPu: Float64Array; readonly vaDeg: Float64Array; readonly energised: Uint8Array }
    readonly branch: {
        readonly inService: Uint8Array
        readonly pFromMw: Float64Array
        readonly qFromMvar: Float64Array
        readonly pToMw: Float64Array
        readonly qToMvar: Float64Array
        /** NaN without a rating */
        readonly loadingPercent: Float64Array
    }
    readonly generator: { readonly pMw: Float64Array; readonly qMvar: Float64Array }
}

/** The same answer in columns. */
export function toColumns({ bus, branch, generator }: Pick<PowerFlow, 'bus' | 'branch' | 'generator'>): PowerFlowColumns {
    return {
        bus: {
            id: Int32Array.from(bus, (row) => row.id),
            vmPu: Float64Array.from(bus, (row) => row.vmPu),
            vaDeg: Float64Array.from(bus, (row) => row.vaDeg),
            energised: Uint8Array.from(bus, (row) => Number(row.energised)),
        },
        branch: {
            inService: Uint8Array.from(branch, (row) => Number(row.inService)),
            pFromMw: Float64Array.from(branch, (row) => row.pFromMw),
            qFromMvar: Float64Array.from(branch, (row) => row.qFromMvar),
            pToMw: Float64Array.from(branch, (row) => row.pToMw),
            qToMvar: Float64Array.from(branch, (row) => row.qToMvar),
            loadingPercent: Float64Array.from(branch, (row) => row.loadingPercent ?? Number.NaN),
        },
        generator: {
            pMw: Float64Array.from(generator, (row) => row.pMw),
            qMvar: Float64Array.from(generator, (row) => row.qMvar),
        },
    }
}
