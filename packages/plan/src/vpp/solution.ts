/** A schedule as numbers: what is decided the day before, and what each scenario does with it. kW by period, blocks for `u`. */

export interface FirstStage {
    /** energy bought and sold day-ahead, kW */
    readonly buy: readonly number[]
    readonly sell: readonly number[]
    /** commitment of each gas turbine by block of periods, 0 … 1 */
    readonly u: readonly (readonly number[])[]
    /** period each run begins in; absent where the plant has none */
    readonly runs?: readonly number[]
}

export interface Flow {
    readonly ch: readonly number[]
    readonly dis: readonly number[]
}

export interface Dispatch {
    /** missing and excess energy against the day-ahead position, kW */
    readonly short: readonly number[]
    readonly surplus: readonly number[]
    readonly pv: readonly (readonly number[])[]
    readonly wind: readonly (readonly number[])[]
    readonly gt: readonly (readonly number[])[]
    /** used heat of the turbines that give any, kW */
    readonly gtHeat: readonly (readonly number[])[]
    readonly bat: readonly Flow[]
    readonly curt: readonly (readonly number[])[]
    /** only the periods connected */
    readonly ev: readonly Flow[]
    readonly ac: readonly (readonly number[])[]
    readonly wh: readonly (readonly number[])[]
    readonly boiler: readonly (readonly number[])[]
    readonly eb: readonly (readonly number[])[]
    readonly tank: readonly Flow[]
    /** heat thrown away, kW */
    readonly dump: readonly number[]
    readonly chiller: readonly (readonly number[])[]
    /** heat taken by absorption chillers, kW */
    readonly abs: readonly (readonly number[])[]
    readonly ice: readonly { readonly make: readonly number[]; readonly melt: readonly number[] }[]
}

export interface Solution {
    readonly beta: number
    readonly firstStage: FirstStage
    readonly scenarios: readonly Dispatch[]
}
