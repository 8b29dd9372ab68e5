/**
 * Ice stores beside a chiller: cold is wanted, melted ice and the chiller give it, the ice machine refills.
 *
 *   demand = melt + COP_chiller · P_chiller,   P = P_chiller + P_make
 *   I(t+dt) = I(t)·(1 − loss·dt) + COP_make · P_make · dt − melt · dt,   0 ≤ I ≤ full
 *
 * Any power between the least (all that can be melted is) and the most (chiller serves all, machine at full) has one split:
 * the chiller first takes the demand over from the ice, what is beyond it makes ice. By itself it makes ice at night and
 * melts it first in the hours around noon.
 */
import { clamp, columnOf, createColumns, type DeviceBank, obeys, type Surroundings } from './device.ts'
import type { ResourceOf } from './resource.ts'

/** Cold wanted at an outside temperature, share of that on a hot day (30 °C), 0.1 … 1. */
export const coldDemandShare = (outsideC: number): number => clamp(0.1, 1, (outsideC - 14) / 16)

export function createIceStoreBank(rows: readonly ResourceOf<'ice-store'>[]): DeviceBank {
    const n = rows.length
    const columns = createColumns(n)
    const { pKw, pSetKw, following, live, derate, cell } = columns
    const makeKw = columnOf(rows, (r) => r.makeKw)
    const makeCop = columnOf(rows, (r) => r.makeCop)
    const meltKw = columnOf(rows, (r) => r.meltKw)
    const capacityKwh = columnOf(rows, (r) => r.energyKwh)
    const lossPerH = columnOf(rows, (r) => r.lossPerH)
    const chillerKw = columnOf(rows, (r) => r.chillerKw)
    const chillerCop = columnOf(rows, (r) => r.chillerCop)
    const demandKw = columnOf(rows, (r) => r.demandKw)
    const energyKwh = Float64Array.from(capacityKwh, (full) => 0.5 * full)
    const coldKw = new Float64Array(n)

    function step(around: Surroundings, dtS: number): void {
        const dtH = dtS / 3600
        const { hour } = around.time
        const night = hour < 6 || hour >= 22
        const noon = hour >= 10 && hour < 18
        for (let i = 0; i < n; i++) {
            const left = energyKwh[i]! * (1 - lossPerH[i]! * dtH)
            const demand = demandKw[i]! * coldDemandShare(around.temperatureC[cell[i]!]!)
            const power = live[i] === 1 ? derate[i]! : 0
            const mostMelt = Math.min(meltKw[i]!, demand, left / dtH)
            const mostChill = power * chillerKw[i]!
            const chillAll = Math.min(mostChill, demand / chillerCop[i]!)
            const chillLeast = clamp(0, mostChill, (demand - mostMelt) / chillerCop[i]!)
            const mostMake = Math.min(power * makeKw[i]!, Math.max(0, (capacityKwh[i]! - left) / (makeCop[i]! * dtH)))
            const own = night ? Infinity : noon ? 0 : chillAll
            const wanted = obeys(columns, i) ? pSetKw[i]! : own
            const p = clamp(chillLeast, chillAll + mostMake, wanted)
            const chill = Math.min(p, chillAll)
            const make = p - chill
            const melt = clamp(0, mostMelt, demand - chillerCop[i]! * chill)
            energyKwh[i] = Math.min(capacityKwh[i]!, Math.max(0, left + (makeCop[i]! * make - melt) * dtH))
            coldKw[i] = melt + chillerCop[i]! * chill
            pKw[i] = p
        }
    }
    return { kind: 'ice-store', rows, columns, measured: { pKw, pSetKw, following, energyKwh, coldKw }, kept: { energyKwh }, step }
}
