/**
 * Air conditioners and heat pumps with the room they serve: one resistance, one capacity.
 *
 *   T(t+dt) = a·T(t) + (1 − a)·(T_outside + R·(gain ∓ COP·P)),   a = e^(−dt/(R·C))            exact while P is constant
 *
 * − when it cools, + when it heats. By itself a thermostat switches it on and off half a kelvin around its setting; a
 * setpoint is followed as long as the room stays within its comfort band. In the other half of the year another plant
 * (radiators, or open windows) keeps the room from leaving the band on the other side.
 */
import { clamp, columnOf, createColumns, type DeviceBank, obeys, type Surroundings } from './device.ts'
import type { ResourceOf } from './resource.ts'

const hysteresisK = 0.5

/** People and things that warm a room, share of the busiest hour, by hour from midnight. */
const occupancy = [
    0.25, 0.22, 0.2, 0.2, 0.2, 0.25, 0.4, 0.6, 0.8, 0.9, 0.95, 1, 1, 1, 1, 1, 0.95, 0.9, 0.85, 0.75, 0.6, 0.45, 0.35, 0.3,
] as const

/** Share of the busiest hour's heat at an hour of the day, 0 … 24, straight from one hour to the next. */
export function occupancyShare(hour: number): number {
    const h = Math.floor(hour) % 24
    return occupancy[h]! + (hour - Math.floor(hour)) * (occupancy[(h + 1) % 24]! - occupancy[h]!)
}

export function createAirConditionerBank(rows: readonly ResourceOf<'air-conditioner'>[]): DeviceBank {
    const n = rows.length
    const columns = createColumns(n)
    const { pKw, pSetKw, following, live, derate, cell } = columns
    const pMaxKw = columnOf(rows, (r) => r.pMaxKw)
    /** kelvin below (cooling) or above (heating) for each kW drawn for ever */
    const kelvinPerKw = columnOf(rows, (r) => (r.mode === 'cool' ? -1 : 1) * r.cop * r.resistanceKPerKw)
    const gainK = columnOf(rows, (r) => r.gainKw * r.resistanceKPerKw)
    const tauH = columnOf(rows, (r) => r.resistanceKPerKw * r.capacityKwhPerK)
    const leastC = columnOf(rows, (r) => r.comfortMinC)
    const mostC = columnOf(rows, (r) => r.comfortMaxC)
    const settingC = columnOf(rows, (r) => r.setpointC)
    const temperatureC = Float64Array.from(settingC)
    const on = new Float64Array(n)
    const wantedKw = new Float64Array(n)

    function step(around: Surroundings, dtS: number): void {
        const dtH = dtS / 3600
        const share = occupancyShare(around.time.hour)
        for (let i = 0; i < n; i++) {
            const k = kelvinPerKw[i]!
            const before = temperatureC[i]!
            const beyond = Math.sign(k) * (settingC[i]! - before)
            if (beyond > hysteresisK) on[i] = 1
            else if (beyond < -hysteresisK) on[i] = 0
            const most = derate[i]! * pMaxKw[i]!
            wantedKw[i] = on[i]! * most
            const a = Math.exp(-dtH / tauH[i]!)
            // where the room drifts without it, and the powers that end this step on the edges of comfort
            const drift = a * before + (1 - a) * (around.temperatureC[cell[i]!]! + gainK[i]! * share)
            const toLeast = (leastC[i]! - drift) / ((1 - a) * k)
            const toMost = (mostC[i]! - drift) / ((1 - a) * k)
            const low = Math.max(0, Math.min(toLeast, toMost))
            const high = Math.max(low, Math.max(toLeast, toMost))
            const p = live[i] === 0 ? 0 : clamp(Math.min(most, low), Math.min(most, high), obeys(columns, i) ? pSetKw[i]! : wantedKw[i]!)
            const after = drift + (1 - a) * k * p
            // what the other plant does
            temperatureC[i] = k < 0 ? Math.max(leastC[i]!, after) : Math.min(mostC[i]!, after)
            pKw[i] = p
        }
    }
    return {
        kind: 'air-conditioner',
        rows,
        columns,
        measured: { pKw, pSetKw, following, wantedKw, temperatureC },
        kept: { temperatureC, on },
        step,
    }
}
