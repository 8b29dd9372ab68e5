/**
 * Meter values of either version, read into kW, kWh and percent. A phase is summed where the total is not told; a measurand
 * without a unit has the one the standard gives it (OCPP 1.6 section 7.43, OCPP 2.0.1 part 2, UnitOfMeasureType).
 */

/** What a connector measured at one instant; what it did not tell is NaN. */
export interface MeterSample {
    /** device time, Unix ms */
    readonly tMs: number
    /** into the vehicle positive, kW */
    readonly pKw: number
    /** register of energy taken from the network, kWh */
    readonly energyKwh: number
    /** percent */
    readonly socPercent: number
}

/** One sampled value with what both versions say of it. */
export interface SampledValue {
    readonly value: number
    readonly measurand: string
    readonly phase: string | undefined
    readonly location: string | undefined
    readonly unit: string | undefined
}

/** Factor into kW or kWh; NaN for a unit that is none of power or energy. */
function perKilo(unit: string | undefined): number {
    if (unit === undefined || unit === 'W' || unit === 'Wh') return 0.001
    if (unit === 'kW' || unit === 'kWh') return 1
    return unit === 'MW' || unit === 'MWh' ? 1000 : Number.NaN
}

/** phases whose sum is the whole; line-to-line values and the neutral are none of it */
const addends = new Set(['L1', 'L2', 'L3', 'L1-N', 'L2-N', 'L3-N'])

/** The whole of a measurand: told as such, or the sum of its phases; NaN where not told. */
function whole(values: readonly SampledValue[], measurand: string): number {
    let sum = Number.NaN
    for (const { measurand: of, phase, location, value, unit } of values) {
        // at the inlet the station meets the grid, in its body it is warm; ours is what the vehicle gets
        if (of !== measurand || (location !== undefined && location !== 'Outlet' && location !== 'Cable')) continue
        const amount = value * perKilo(unit)
        if (phase === undefined) return amount
        if (addends.has(phase)) sum = Number.isNaN(sum) ? amount : sum + amount
    }
    return sum
}

export function readSample(tMs: number, values: readonly SampledValue[]): MeterSample {
    const taken = whole(values, 'Power.Active.Import')
    const given = whole(values, 'Power.Active.Export')
    const pKw = Number.isNaN(taken) ? -given : Number.isNaN(given) ? taken : taken - given
    const soc = values.find((v) => v.measurand === 'SoC' && (v.unit === undefined || v.unit === 'Percent'))
    return { tMs, pKw: pKw + 0, energyKwh: whole(values, 'Energy.Active.Import.Register'), socPercent: soc?.value ?? Number.NaN }
}
