/**
 * The plant as it is on one of the days drawn. Scenarios differ in sun, wind and load; price, outside air and vehicles are
 * the day's, so a day is tried on a plant with them: trades settle at its price, air conditioners work against its air,
 * vehicles come when they come and want what they want.
 */
import { rowOf, type SampleColumn, type Samples } from '@gridverse/study'
import type { AirConditioner, EvFleet, Vpp } from './instance.ts'
import { airCourse, type Climate, scenarioOf } from './sample.ts'

/** The plant on the day of a row, with that day as its only scenario. What the samples have no column for stays as the plant says. */
export function dayOf(vpp: Vpp, climate: Climate, samples: Samples, row: number): Vpp {
    const column = (name: string): SampleColumn | undefined => samples.columns.find((c) => c.name === name)
    const series = (name: string) => {
        const found = column(name)
        return found && rowOf(found, row)
    }
    const { grid, dtH } = vpp
    const price = series('price')
    const air = series('air')
    const meanAir = airCourse(climate, vpp.periods, dtH)
    const ratio = price && grid.buyPrice.map((p, t) => (p === 0 ? 1 : price[t]! / p))
    const sellPrice = ratio ? grid.sellPrice.map((p, t) => p * ratio[t]!) : grid.sellPrice
    return {
        ...vpp,
        scenarios: [{ ...scenarioOf(vpp, samples, row), probability: 1 }],
        grid: price
            ? {
                  ...grid,
                  buyPrice: price.slice(),
                  sellPrice,
                  // what a deviation costs on top of the price stays
                  shortPrice: grid.shortPrice.map((p, t) => p + price[t]! - grid.buyPrice[t]!),
                  surplusPrice: grid.surplusPrice.map((p, t) => Math.min(p, sellPrice[t]!)),
              }
            : grid,
        airConditioners: air
            ? vpp.airConditioners.map((ac) => withinReach({ ...ac, tOut: ac.tOut.map((c, t) => c + air[t]! - meanAir[t]!) }, dtH))
            : vpp.airConditioners,
        evs: vpp.evs.map((fleet) => fleetOf(fleet, dtH, series(`ev/${fleet.name}/arrive`)?.[0], series(`ev/${fleet.name}/energy`)?.[0])),
    }
}

/** Vehicles leave with what they want, or with what their posts could give them by then. */
function fleetOf(fleet: EvFleet, dtH: number, arriveH?: number, energy?: number): EvFleet {
    if (arriveH === undefined || energy === undefined) return fleet
    const arrive = Math.min(fleet.depart - 1, Math.max(0, Math.round(arriveH / dtH)))
    const possible = fleet.etaCh * fleet.pCh * (fleet.depart - arrive) * dtH
    const wanted = Math.min(energy, possible, fleet.eMax - fleet.eMin)
    const eArrive = Math.min(Math.max(fleet.eMin, fleet.eDepart - wanted), fleet.eMax - wanted)
    return { ...fleet, arrive, eArrive, eDepart: eArrive + wanted }
}

/** The comfort band as far as the machine can keep it in this air: cooling warms no cold room, and no machine does more than it can. */
function withinReach(ac: AirConditioner, dtH: number): AirConditioner {
    const a = Math.exp(-dtH / (ac.r * ac.c))
    const sign = ac.mode === 'cool' ? -1 : 1
    const course = (power: number) => {
        let x = ac.t0
        return Array.from(ac.tOut, (out, t) => {
            x = a * x + (1 - a) * (out + ac.r * (ac.gain[t]! + sign * ac.cop * power))
            return x
        })
    }
    const [idle, full] = [course(0), course(ac.pMax)]
    const [coldest, warmest] = sign < 0 ? [full, idle] : [idle, full]
    const { tFinal = ac.t0 } = ac
    const inReach = sign < 0 ? full.at(-1)! <= tFinal : full.at(-1)! >= tFinal
    return {
        ...ac,
        tMin: Math.min(ac.tMin, ...warmest),
        tMax: Math.max(ac.tMax, ...coldest),
        final: inReach ? ac.final : 'free',
    }
}
