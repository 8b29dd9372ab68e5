/** Sun, wind and machines of a fleet as units of a plan. */
import {
    clearSkyIrradiance,
    cloudTransmission,
    fuelKw,
    pvAvailableKw,
    type ResourceOf,
    solarPosition,
    windAvailableKw,
} from '@gridverse/assets'
import { clamp, type FleetMembers, mean, round, sum } from './fleet-plan-members.ts'

/** Plants by group, and what each is expected to have, kW by period. */
export function sunOf({ of, rows, gather, byGroup, course, instantAt, weather }: FleetMembers) {
    const at = (row: number, t: number) => {
        const r = of<'pv'>(row)
        const sun = solarPosition(instantAt(t), r.latDeg, r.lonDeg)
        const global = weather.ghiWm2?.[t] ?? clearSkyIrradiance(sun.elevationDeg) * cloudTransmission(weather.cloudCover[t]!)
        return pvAvailableKw(r, global, sun.elevationDeg, sun.azimuthDeg, weather.airC[t]!)
    }
    const forecast: number[][] = []
    const plants = gather('pv', rows('pv'), byGroup, (own, name) => {
        forecast.push(course((t) => sum(own, (row) => at(row, t))))
        return { name, ...renewable(own.map((row) => of<'pv'>(row))) }
    })
    return { plants, forecast }
}

export function windOf({ of, rows, gather, byGroup, course, weather }: FleetMembers) {
    const forecast: number[][] = []
    const plants = gather('wind', rows('wind'), byGroup, (own, name) => {
        forecast.push(course((t) => sum(own, (row) => windAvailableKw(of<'wind'>(row), weather.windMps[t]!))))
        return { name, ...renewable(own.map((row) => of<'wind'>(row))) }
    })
    return { plants, forecast }
}

const renewable = (own: readonly { ratedKw: number; curtailCostPerKwh: number }[]) => ({
    capacity: round(sum(own, (r) => r.ratedKw)),
    curtailCost: mean(
        own,
        (r) => r.curtailCostPerKwh,
        (r) => r.ratedKw,
    ),
})

type Machine = ResourceOf<'gas-turbine'> | ResourceOf<'generator'>

/** Each machine by itself; the heat of those in the heating network that is planned is counted. */
export const machinesOf = ({ of, rows, gather, state, now }: FleetMembers, heatNetwork: string | undefined) =>
    gather(
        'gt',
        rows('gas-turbine', 'generator'),
        (row) => of(row).id,
        ([row], name) => machine(of(row!) as Machine, name, state.value(row!, 'running') === 1, now.pKw[row!]!, heatNetwork),
    )

function machine(r: Machine, name: string, running: boolean, pKw: number, heatNetwork: string | undefined) {
    const common = {
        name,
        startCost: r.startCost,
        rampUp: r.rampKwPerMin * 60,
        rampDown: r.rampKwPerMin * 60,
        minUp: r.minUpH,
        minDown: r.minDownH,
        u0: running,
        p0: running ? clamp(pKw, r.pMinKw, r.pMaxKw) : 0,
    }
    if (r.kind === 'generator')
        return {
            ...common,
            pmin: r.pMinKw,
            segments: [{ width: r.pMaxKw - r.pMinKw, cost: r.costPerKwh }],
            noLoadCost: r.noLoadCostPerH + r.costPerKwh * r.pMinKw,
            co2: r.co2KgPerKwh,
        }
    const atLeast = fuelKw(r, r.pMinKw)
    const atFull = fuelKw(r, r.pMaxKw)
    const width = r.pMaxKw - r.pMinKw
    return {
        ...common,
        pmin: r.pMinKw,
        segments: width > 0 ? [{ width, cost: Math.max(0, (r.fuelPricePerKwh * (atFull - atLeast)) / width) }] : [],
        noLoadCost: r.fuelPricePerKwh * atLeast,
        om: r.omCostPerKwh,
        co2: (r.co2KgPerKwhFuel * atFull) / r.pMaxKw,
        // never more than the fuel leaves at its best efficiency
        heatRatio: r.heatNetwork !== '' && r.heatNetwork === heatNetwork ? Math.min(r.heatRatio, 1 / r.efficiencyFull - 1) : 0,
    }
}
