/**
 * Stores of heat: hot water for people who draw it, and tanks that serve a heating network.
 *
 *   H(t+dt) = H(t)·(1 − loss·dt) + (η·P + Q)·dt − draw·dt,   H_min ≤ H ≤ H_max
 *
 * Q is what a tank takes from the machines of its heating network: they are shared out over its tanks by what each could
 * take, which is what is wanted of it and, within its charging power, what it has room for.
 *
 * Whatever the setpoint, so much is heated that the water stays warm and what is wanted can be given, and no more than
 * the store holds. By itself a thermostat refills it: from 70 % to 95 %.
 */
import { clamp, columnOf, createColumns, type DeviceBank, obeys, type Surroundings } from './device.ts'
import type { ResourceOf } from './resource.ts'

const [refillShare, fullShare] = [0.7, 0.95]

/** Share of a day's hot water drawn in each hour: showers in the morning, dishes and baths in the evening (shape of EN 16147's tapping profile M). */
const drawByHour = [1, 0.5, 0.5, 0.5, 0.5, 1, 6, 12, 9, 5, 4, 4, 4, 3.5, 3, 3, 3.5, 4.5, 7, 10, 8.5, 6, 2.5, 1] as const
const drawTotal = drawByHour.reduce((a, b) => a + b, 0)

/** Heat drawn in an hour of the day as a share of the day's, 1/h. */
export const drawSharePerH = (hour: number): number => drawByHour[Math.floor(hour) % 24]! / drawTotal

/** Heat wanted at an outside temperature, share of that on a cold day (−5 °C), 0.2 … 1: hot water and pools remain in summer. */
export const heatDemandShare = (outsideC: number): number => clamp(0.2, 1, (18 - outsideC) / 23)

interface Store {
    readonly powerKw: Float64Array
    readonly leastKwh: Float64Array
    readonly mostKwh: Float64Array
    readonly lossPerH: Float64Array
    readonly eta: Float64Array
}

function createStores(n: number, store: Store, drawKw: (i: number, around: Surroundings) => number) {
    const columns = createColumns(n)
    const { pKw, pSetKw, live, derate } = columns
    const { powerKw, leastKwh, mostKwh, lossPerH, eta } = store
    const energyKwh = Float64Array.from(mostKwh, (most, i) => leastKwh[i]! + 0.6 * (most - leastKwh[i]!))
    const on = new Float64Array(n)
    const wantedKw = new Float64Array(n)
    const heatKw = new Float64Array(n)
    const inflowKw = new Float64Array(n)

    function step(around: Surroundings, dtS: number): void {
        const dtH = dtS / 3600
        for (let i = 0; i < n; i++) {
            const draw = drawKw(i, around)
            const left = energyKwh[i]! * (1 - lossPerH[i]! * dtH) + inflowKw[i]! * dtH
            if (energyKwh[i]! < refillShare * mostKwh[i]!) on[i] = 1
            else if (energyKwh[i]! > fullShare * mostKwh[i]!) on[i] = 0
            const most = live[i] === 1 ? derate[i]! * powerKw[i]! : 0
            wantedKw[i] = on[i]! * derate[i]! * powerKw[i]!
            const kwPerKwh = 1 / (eta[i]! * dtH)
            const least = (leastKwh[i]! - left + draw * dtH) * kwPerKwh
            const room = (mostKwh[i]! - left + draw * dtH) * kwPerKwh
            const p = clamp(clamp(0, most, least), clamp(0, most, room), obeys(columns, i) ? pSetKw[i]! : wantedKw[i]!)
            // a store that cannot keep up gives what it has
            const given = Math.max(0, Math.min(draw, (left + eta[i]! * p * dtH) / dtH))
            energyKwh[i] = Math.max(0, left + eta[i]! * p * dtH - given * dtH)
            heatKw[i] = given
            pKw[i] = p
        }
    }
    return { columns, energyKwh, wantedKw, heatKw, inflowKw, kept: { energyKwh, on }, step }
}

export function createWaterHeaterBank(rows: readonly ResourceOf<'water-heater'>[]): DeviceBank {
    const store: Store = {
        powerKw: columnOf(rows, (r) => r.pMaxKw),
        leastKwh: columnOf(rows, (r) => r.minKwh),
        mostKwh: columnOf(rows, (r) => r.energyKwh),
        lossPerH: columnOf(rows, (r) => r.lossPerH),
        eta: columnOf(rows, (r) => r.efficiency),
    }
    const draw = (i: number, { time }: Surroundings) => rows[i]!.drawKwhPerDay * drawSharePerH(time.hour)
    const { columns, energyKwh, wantedKw, kept, step } = createStores(rows.length, store, draw)
    const { pKw, pSetKw, following } = columns
    return { kind: 'water-heater', rows, columns, measured: { pKw, pSetKw, following, wantedKw, energyKwh }, kept, step }
}

export function createHeatTankBank(rows: readonly ResourceOf<'heat-tank'>[]): DeviceBank {
    const store: Store = {
        powerKw: columnOf(rows, (r) => r.heaterKw),
        leastKwh: columnOf(rows, (r) => r.minKwh),
        mostKwh: columnOf(rows, (r) => r.energyKwh),
        lossPerH: columnOf(rows, (r) => r.lossPerH),
        eta: columnOf(rows, (r) => r.efficiency),
    }
    const draw = (i: number, around: Surroundings) => {
        const { demandKw, dischargeKw } = rows[i]!
        return Math.min(dischargeKw, demandKw * heatDemandShare(around.temperatureC[columns.cell[i]!]!))
    }
    const { columns, energyKwh, heatKw, inflowKw, kept, step } = createStores(rows.length, store, draw)
    const { pKw, pSetKw, following } = columns
    const networks = [...new Set(rows.map((r) => r.heatNetwork).filter((name) => name !== ''))].map((name) => ({
        name,
        own: rows.flatMap((r, i) => (r.heatNetwork === name ? [i] : [])),
    }))
    function takeHeat(offered: ReadonlyMap<string, number>, around: Surroundings, dtS: number): ReadonlyMap<string, number> {
        const dtH = dtS / 3600
        const all = new Map<string, number>()
        for (const { name, own } of networks) {
            const could = own.map((i) => {
                const { chargeKw, energyKwh: full, lossPerH } = rows[i]!
                const roomKw = Math.max(0, full - energyKwh[i]! * (1 - lossPerH * dtH)) / dtH
                return draw(i, around) + Math.min(chargeKw, roomKw)
            })
            const most = could.reduce((a, b) => a + b, 0)
            const taken = Math.min(offered.get(name) ?? 0, most)
            own.forEach((i, k) => {
                inflowKw[i] = most > 0 ? (taken * could[k]!) / most : 0
            })
            all.set(name, taken)
        }
        return all
    }
    return { kind: 'heat-tank', rows, columns, measured: { pKw, pSetKw, following, energyKwh, heatKw }, kept, takeHeat, step }
}
