/** What goes into a reusable power flow and what comes out: flat arrays in the network's order and units. */
import type { Network } from './network.ts'

/** What may change between solves, rows in the network's order; starts as the network says (`readNetwork`). */
export interface PowerFlowInput {
    /** active power drawn, MW */
    readonly loadMw: Float64Array
    /** reactive power drawn, Mvar */
    readonly loadMvar: Float64Array
    /** 1 connected, 0 not; likewise below */
    readonly loadOn: Uint8Array
    readonly shuntOn: Uint8Array
    /** reactive power given at 1 p.u., Mvar */
    readonly shuntMvar: Float64Array
    /** active power given, MW; at a slack bus the first generator takes the rest */
    readonly generatorMw: Float64Array
    /** reactive power given, Mvar; counts at PQ buses only */
    readonly generatorMvar: Float64Array
    /** voltage held at its bus, p.u.; the last generator in service at a bus decides */
    readonly generatorVPu: Float64Array
    readonly generatorOn: Uint8Array
    /** active power, MW, discharge positive */
    readonly storageMw: Float64Array
    readonly storageMvar: Float64Array
    readonly storageOn: Uint8Array
    readonly branchOn: Uint8Array
    /** off-nominal turns ratio from/to */
    readonly branchRatio: Float64Array
    /** phase shift, degrees, positive delays the to side */
    readonly branchShiftDeg: Float64Array
}

/** The solution, rows in the network's order; written by `computeResult`. */
export interface PowerFlowResult {
    /** voltage magnitude, p.u.; 0 at a bus without supply */
    readonly vmPu: Float64Array
    /** voltage angle, degrees; 0 at a bus without supply */
    readonly vaDeg: Float64Array
    /** 1 where the bus has supply */
    readonly energised: Uint8Array
    /** power into the branch at its two sides, MW and Mvar; 0 out of service */
    readonly pFromMw: Float64Array
    readonly qFromMvar: Float64Array
    readonly pToMw: Float64Array
    readonly qToMvar: Float64Array
    /** greater apparent power of both sides over `rateMva`, percent; 0 without a rating */
    readonly loadingPercent: Float64Array
    /** power given by generators, MW and Mvar; 0 out of service or without supply */
    readonly generatorMw: Float64Array
    readonly generatorMvar: Float64Array
    /** −1 held at its least reactive power, 1 at its most, 0 free */
    readonly generatorAtLimit: Int8Array
    /** active power lost in branches, MW */
    lossesMw: number
}

/** Arrays of zeros, sized for the network. */
export function resultOf(network: Network): PowerFlowResult {
    const { bus, branch, generator } = network
    const numbers = (rows: readonly unknown[]) => new Float64Array(rows.length)
    return {
        vmPu: numbers(bus),
        vaDeg: numbers(bus),
        energised: new Uint8Array(bus.length),
        pFromMw: numbers(branch),
        qFromMvar: numbers(branch),
        pToMw: numbers(branch),
        qToMvar: numbers(branch),
        loadingPercent: numbers(branch),
        generatorMw: numbers(generator),
        generatorMvar: numbers(generator),
        generatorAtLimit: new Int8Array(generator.length),
        lossesMw: 0,
    }
}
