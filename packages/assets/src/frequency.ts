/**
 * System frequency of one synchronous area: the swing of all rotors as one.
 *
 *   2·H·S/f0 · df/dt = Pm − Pe(f)         Pe(f) = Pe·(1 + D·Δf/f0)
 *   dPg/dt = (Pg* − Pg)/Tg                Pg* the sum of the governors' wishes at Δf
 *
 * P. Kundur, "Power System Stability and Control" (1994), section 11.1; D is the share by which load falls per share of
 * frequency, 1 … 2.
 */
export interface FrequencyModel {
    readonly nominalHz: number
    /** kinetic energy stored at nominal frequency, MW·s (H·S over the machines that turn) */
    readonly energyMws: number
    /** load damping D */
    readonly damping: number
    /** lag of turbine and governor, s */
    readonly governorLagS: number
}

export interface FrequencyState {
    readonly deviationHz: number
    /** power the governors have added, MW */
    readonly primaryMw: number
}

/**
 * State after `dtS` seconds. `surplusMw` is mechanical base power less electrical demand at nominal frequency;
 * `primaryWish(Δf)` the governors' answer in MW. Steps of at most 50 ms.
 */
export function advanceFrequency(
    model: FrequencyModel,
    state: FrequencyState,
    surplusMw: number,
    loadMw: number,
    primaryWish: (deviationHz: number) => number,
    dtS: number,
): FrequencyState {
    const { nominalHz, energyMws, damping, governorLagS } = model
    let { deviationHz, primaryMw } = state
    const steps = Math.max(1, Math.ceil(dtS / 0.05))
    const h = dtS / steps
    for (let s = 0; s < steps; s++) {
        const relief = (damping * loadMw * deviationHz) / nominalHz
        const accelerating = surplusMw + primaryMw - relief
        deviationHz += (h * accelerating * nominalHz) / (2 * Math.max(energyMws, 1))
        primaryMw += (h * (primaryWish(deviationHz) - primaryMw)) / governorLagS
    }
    return { deviationHz, primaryMw }
}

/** Inertia constant H, s, by technology (Kundur, table 3.2, middle values); inverters give none. */
export const inertiaS: Readonly<Record<string, number>> = {
    nuclear: 6,
    coal: 5,
    oil: 4,
    gas: 4,
    thermal: 4.5,
    hydro: 3,
    condenser: 1.5,
}
