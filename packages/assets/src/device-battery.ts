/**
 * Batteries of a fleet, discharge positive.
 *
 *   E(t+dt) = E(t)·(1 − σ·dt) + η_charge · P_in · dt − P_out · dt / η_discharge,   E_min ≤ E ≤ E_max
 *
 * the recursion that schedules assume too. What self-discharge takes below the least content, the battery's own management
 * puts back. By itself it rests.
 */
import { clamp, columnOf, createColumns, type DeviceBank, obeys, type Surroundings } from './device.ts'
import type { ResourceOf } from './resource.ts'

export function createBatteryBank(rows: readonly ResourceOf<'battery'>[]): DeviceBank {
    const n = rows.length
    const columns = createColumns(n)
    const { pKw, pSetKw, following, live, derate } = columns
    const chargeKw = columnOf(rows, (r) => r.chargeKw)
    const dischargeKw = columnOf(rows, (r) => r.dischargeKw)
    const capacityKwh = columnOf(rows, (r) => r.energyKwh)
    const leastKwh = columnOf(rows, (r) => (r.energyKwh * r.socMinPercent) / 100)
    const mostKwh = columnOf(rows, (r) => (r.energyKwh * r.socMaxPercent) / 100)
    const etaIn = columnOf(rows, (r) => r.chargeEfficiency)
    const etaOut = columnOf(rows, (r) => r.dischargeEfficiency)
    const lossPerH = columnOf(rows, (r) => r.selfDischargePerH)
    const energyKwh = Float64Array.from(rows, (_, i) => 0.5 * (leastKwh[i]! + mostKwh[i]!))
    const socPercent = new Float64Array(n)

    function step(_: Surroundings, dtS: number): void {
        const dtH = dtS / 3600
        for (let i = 0; i < n; i++) {
            const left = energyKwh[i]! * (1 - lossPerH[i]! * dtH)
            let p = 0
            if (live[i] === 1) {
                const roomKw = (mostKwh[i]! - left) / (etaIn[i]! * dtH)
                const aboveKw = ((left - leastKwh[i]!) * etaOut[i]!) / dtH
                const mostIn = Math.min(derate[i]! * chargeKw[i]!, Math.max(0, roomKw))
                // below the least content the only way is in
                const leastIn = aboveKw < 0 ? Math.min(chargeKw[i]!, (leastKwh[i]! - left) / (etaIn[i]! * dtH)) : 0
                const mostOut = leastIn > 0 ? -leastIn : Math.min(derate[i]! * dischargeKw[i]!, aboveKw)
                p = clamp(-Math.max(mostIn, leastIn), mostOut, obeys(columns, i) ? pSetKw[i]! : 0)
            }
            energyKwh[i] = left - (p > 0 ? p / etaOut[i]! : p * etaIn[i]!) * dtH
            pKw[i] = p + 0
            socPercent[i] = (100 * energyKwh[i]!) / capacityKwh[i]!
        }
    }
    return { kind: 'battery', rows, columns, measured: { pKw, pSetKw, following, energyKwh, socPercent }, kept: { energyKwh }, step }
}
