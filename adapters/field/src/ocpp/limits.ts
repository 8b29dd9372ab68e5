/** Limits of charging in the units of a charging profile. */

export type RateUnit = 'A' | 'W'

/** An alternating-current connection: line to neutral, V; 1 or 3 phases. */
export interface Supply {
    readonly voltageV: number
    readonly phases: number
}

/** kW as a profile says it: whole W, or A of each phase in tenths, rounded towards zero so that no limit grows by it. */
export function toRate(kW: number, unit: RateUnit, { voltageV, phases }: Supply): number {
    if (unit === 'W') return Math.trunc(kW * 1000 + Math.sign(kW) * 1e-6)
    return Math.trunc((kW * 10_000) / (voltageV * phases) + Math.sign(kW) * 1e-6) / 10
}

/** A profile's rate in kW; `phases` is what the schedule says, the supply's own where it says nothing. */
export const toKw = (rate: number, unit: RateUnit, { voltageV, phases }: Supply): number =>
    unit === 'W' ? rate / 1000 : (rate * voltageV * phases) / 1000
