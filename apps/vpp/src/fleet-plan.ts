/**
 * A fleet as the optimiser takes it: like devices of a group become one unit, an instance of `vpp-instance/1` with the units'
 * members beside it. Powers, contents and limits of a unit are the exact sums of its members'; what cannot be summed is:
 *
 *   batteries       efficiencies and losses by content; wear by power
 *   cars            one unit for those that come and leave in the same periods; a car that leaves and comes back is in two
 *   zones           in parallel: 1/R = Σ 1/R_i, C = Σ C_i; temperatures and comfort by capacity, COP by power
 *   heat tanks      those of the heating network each by itself, their heaters as electric boilers, in one heat balance with
 *                   the machines of the network; others by group, as stores of hot water
 *   ice stores      one cold balance for all: Σ chillers, Σ ice machines, COPs by power
 *   machines        each by itself: they start and stop. Fuel runs straight from least to full load
 *   reducible load  by group; what comes back later, the mean share by power, is load of the plan too
 *   runs to move    each by itself, with the hours it may run in: when it begins is the optimiser's; one under way is load
 *   everything else part of the load: fixed loads, and what reducible loads want
 */

import type { FleetNow } from './fleet-now.ts'
import { hotWaterOf, roomsOf } from './fleet-plan-comfort.ts'
import { demandOf } from './fleet-plan-demand.ts'
import { createFleetMembers } from './fleet-plan-members.ts'
import { machinesOf, sunOf, windOf } from './fleet-plan-sources.ts'
import { batteriesOf, carsOf } from './fleet-plan-stores.ts'
import { coldOf, heatNetworkOf, heatOf, loneTanksOf } from './fleet-plan-thermal.ts'
import type { FleetHorizon, FleetMarket, FleetPlant, FleetWeather } from './fleet-plan-types.ts'
import type { FleetState } from './fleet-state.ts'

export function vppOfFleet(
    state: FleetState,
    now: FleetNow,
    market: FleetMarket,
    weather: FleetWeather,
    horizon: FleetHorizon,
): FleetPlant {
    const members = createFleetMembers(state, now, weather, horizon)
    const pv = sunOf(members)
    const wind = windOf(members)
    const network = heatNetworkOf(members)
    const gasTurbines = machinesOf(members, network)
    const batteries = batteriesOf(members)
    const evs = carsOf(members)
    const airConditioners = roomsOf(members)
    const hotWater = hotWaterOf(members)
    const waterHeaters = [...hotWater, ...loneTanksOf(members, network, hotWater.length)]
    const heat = heatOf(members, network)
    const cold = coldOf(members)
    const { curtailable, runs, toDecide, load } = demandOf(members)
    return {
        instance: {
            format: 'vpp-instance/1',
            name: 'fleet',
            T: horizon.periods,
            dt: horizon.dtH,
            currency: market.currency,
            risk: { alpha: market.alpha, beta: market.beta },
            grid: {
                buyPrice: market.buyPrice,
                sellPrice: market.sellPrice,
                shortPrice: market.shortPrice,
                surplusPrice: market.surplusPrice,
                importMax: market.importMaxKw,
                exportMax: market.exportMaxKw,
                imbalance: 'penalised',
            },
            load: { fixed: load },
            pvPlants: pv.plants,
            windPlants: wind.plants,
            gasTurbines,
            batteries,
            curtailable,
            ...(toDecide.length > 0 ? { runs: toDecide } : {}),
            evs,
            airConditioners,
            waterHeaters,
            ...(heat ? { heat } : {}),
            ...(cold ? { cold } : {}),
            carbon: { price: market.carbonPrice },
            forecast: { pv: pv.forecast, wind: wind.forecast },
        },
        units: members.units,
        runs,
        leftOut: members.leftOut,
    }
}
