/** Rooms and hot water of a fleet as units of a plan. */
import { drawSharePerH, occupancyShare } from '@gridverse/assets'
import { clamp, type FleetMembers, mean, sum } from './fleet-plan-members.ts'

/** Zones in parallel: 1/R = Σ 1/R_i, C = Σ C_i; temperatures and comfort by capacity, COP by power. */
export const roomsOf = ({ of, rows, gather, byGroup, course, timeAt, weather, state, horizon }: FleetMembers) =>
    gather(
        'ac',
        rows('air-conditioner'),
        (row) => `${byGroup(row)} ${of<'air-conditioner'>(row).mode}`,
        (own, name) => {
            const r = (row: number) => of<'air-conditioner'>(row)
            const byCapacity = (amount: (row: number) => number) => mean(own, amount, (row) => r(row).capacityKwhPerK)
            const tMin = byCapacity((row) => r(row).comfortMinC)
            const tMax = byCapacity((row) => r(row).comfortMaxC)
            const measured = (row: number) =>
                Number.isNaN(state.value(row, 'temperatureC')) ? r(row).setpointC : state.value(row, 'temperatureC')
            const zone = {
                name,
                mode: r(own[0]!).mode,
                R: 1 / sum(own, (row) => 1 / r(row).resistanceKPerKw),
                C: sum(own, (row) => r(row).capacityKwhPerK),
                cop: mean(
                    own,
                    (row) => r(row).cop,
                    (row) => r(row).pMaxKw,
                ),
                pMax: sum(own, (row) => r(row).pMaxKw),
                tOut: course((t) => weather.airC[t]!),
                gain: course((t) => sum(own, (row) => r(row).gainKw) * occupancyShare(timeAt(t).hour)),
                t0: clamp(byCapacity(measured), tMin, tMax),
                final: 'free',
                comfort: { min: tMin, max: tMax },
            }
            return { ...zone, ...reachable(zone, tMin, tMax, horizon.dtH) }
        },
    )

interface Zone {
    readonly mode: 'cool' | 'heat'
    readonly R: number
    readonly C: number
    readonly cop: number
    readonly pMax: number
    readonly tOut: readonly number[]
    readonly gain: readonly number[]
    readonly t0: number
}

/**
 * Comfort as far as the machine can keep it: a heater cannot cool what the sun warms, nor a cooler warm, and at full power
 * either may not be enough. The band is widened to what happens at rest and at full power.
 */
function reachable(zone: Zone, tMin: number, tMax: number, dtH: number): { tMin: number; tMax: number } {
    const keep = Math.exp(-dtH / (zone.R * zone.C))
    let [rest, full] = [zone.t0, zone.t0]
    let [low, high] = [tMin, tMax]
    const sign = zone.mode === 'cool' ? -1 : 1
    zone.tOut.forEach((outside, t) => {
        const towards = (p: number) => outside + zone.R * (zone.gain[t]! + sign * zone.cop * p)
        rest = keep * rest + (1 - keep) * towards(0)
        // kept at the edge of comfort where it could do more
        full = keep * full + (1 - keep) * towards(zone.pMax)
        if (zone.mode === 'cool') {
            full = Math.max(full, tMin)
            low = Math.min(low, rest)
            high = Math.max(high, full)
        } else {
            full = Math.min(full, tMax)
            high = Math.max(high, rest)
            low = Math.min(low, full)
        }
    })
    return { tMin: low - 1e-6, tMax: high + 1e-6 }
}

/** Hot water by group. */
export const hotWaterOf = ({ of, rows, gather, byGroup, course, timeAt, heldKwh, horizon }: FleetMembers) =>
    gather('wh', rows('water-heater'), byGroup, (own, name) => {
        const r = (row: number) => of<'water-heater'>(row)
        const [hMin, hMax] = [sum(own, (row) => r(row).minKwh), sum(own, (row) => r(row).energyKwh)]
        const unit = {
            name,
            eta: mean(
                own,
                (row) => r(row).efficiency,
                (row) => r(row).pMaxKw,
            ),
            pMax: sum(own, (row) => r(row).pMaxKw),
            hMin,
            hMax,
            h0: clamp(
                sum(own, (row) => heldKwh(row, r(row).energyKwh)),
                0,
                hMax,
            ),
            loss: mean(
                own,
                (row) => r(row).lossPerH,
                (row) => r(row).energyKwh,
            ),
        }
        const draw = course((t) => sum(own, (row) => r(row).drawKwhPerDay) * drawSharePerH(timeAt(t).hour))
        return withinMeans({ ...unit, draw }, horizon.dtH)
    })

export interface HotStore {
    readonly name: string
    readonly eta: number
    readonly pMax: number
    readonly hMin: number
    readonly hMax: number
    readonly h0: number
    readonly loss: number
    readonly draw: readonly number[]
}

/**
 * A store of heat that never runs empty: where its heater at full power cannot keep up, so much less is drawn; one that is
 * cold now is warm as soon as it can be, and at the end as warm as it was, or as its heater can make it.
 */
export function withinMeans(unit: HotStore, dtH: number): HotStore & { readonly hFinal: number } {
    const hMin = Math.min(unit.hMin, unit.h0)
    let most = unit.h0
    const draw = unit.draw.map((wanted) => {
        const filled = most * (1 - unit.loss * dtH) + unit.eta * unit.pMax * dtH
        // a file has six digits: a millionth stays undrawn
        const given = Math.max(0, Math.min(wanted, (filled - hMin) / dtH - 2e-6))
        most = Math.min(unit.hMax, filled - given * dtH)
        return given
    })
    return { ...unit, hMin, draw, hFinal: Math.min(unit.h0, most) }
}
