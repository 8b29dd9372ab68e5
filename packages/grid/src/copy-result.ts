/** A solution in arrays, from the rows of a lowered network into those of the network it stands for. */
import type { LoweredNetwork } from './lower-network.ts'
import type { Network } from './network.ts'
import type { PowerFlowResult } from './power-flow-arrays.ts'

/** Copies a solution, of the lowered network where there is one, into the rows of the network; NaN for none. */
export function copyResult(network: Network, lowered: LoweredNetwork | undefined, to: PowerFlowResult) {
    const row = new Map(lowered?.network.bus.map(({ id }, i) => [id, i]))
    const from = network.bus.map(({ id }, i) => (lowered ? row.get(lowered.busOf(id))! : i))
    const { vmPu, vaDeg, energised, lossesMw: _, ...rest } = to
    return (result: PowerFlowResult | undefined) => {
        for (let i = 0; i < from.length; i++) {
            vmPu[i] = result ? result.vmPu[from[i]] : Number.NaN
            vaDeg[i] = result ? result.vaDeg[from[i]] : Number.NaN
            energised[i] = result ? result.energised[from[i]] : 0
        }
        for (const [name, array] of Object.entries(rest)) {
            if (result) array.set((result[name as keyof typeof rest] as Float64Array).subarray(0, array.length))
            else array.fill(array instanceof Float64Array ? Number.NaN : 0)
        }
        to.lossesMw = result ? result.lossesMw : Number.NaN
    }
}
