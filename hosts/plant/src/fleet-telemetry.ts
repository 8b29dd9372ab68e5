/** What resources report: every quantity of their kind, by meters as good as those sold with such devices. */
import { conditionQuantities, type Resource, type ResourceQuantityName, resourcePoint, resourceQuantities } from '@gridverse/assets'
import type { PlantFleet } from './fleet.ts'
import type { TelemetryPoint } from './telemetry.ts'

/** Standard deviation of a meter and deadband of reporting, shares of the size of what is measured (IEC 62053-21, class 1: 1 % of limits). */
const [powerNoise, powerDeadband] = [0.0015, 0.006]
/** home devices report powers no finer than this, kW, what they could give no finer than twice that */
const leastDeadbandKw = 0.1
const [contentNoise, contentDeadband] = [0.0003, 0.002]

/** Largest power of a resource, kW. */
export function sizeKw(r: Resource): number {
    switch (r.kind) {
        case 'pv':
        case 'wind':
            return r.ratedKw
        case 'gas-turbine':
        case 'generator':
        case 'air-conditioner':
        case 'water-heater':
            return r.pMaxKw
        case 'battery':
            return Math.max(r.chargeKw, r.dischargeKw)
        case 'home-ev':
        case 'public-ev':
            return r.chargeKw
        case 'heat-tank':
            return r.heaterKw
        case 'ice-store':
            return r.makeKw + r.chillerKw
        case 'curtailable':
        case 'fixed-load':
            return r.peakKw
        case 'shiftable':
            return r.powerKw
    }
}
/** Most heat it gives, kW thermal. */
const heatSizeKw = (r: Resource): number =>
    'heatRatio' in r ? r.pMaxKw * Math.max(1, r.heatRatio) : 'dischargeKw' in r ? r.dischargeKw : sizeKw(r)
/** Content of its store when full, kWh; 0 without one. */
function contentKwh(r: Resource): number {
    if ('batteryKwh' in r) return r.batteryKwh
    return 'energyKwh' in r ? r.energyKwh : 0
}

function meterOf(r: Resource, quantity: ResourceQuantityName): { noise: number; deadband: number } {
    const { kind } = resourceQuantities[quantity]
    if (kind === 'status' || quantity === 'pSetKw' || quantity === 'noticed') return { noise: 0, deadband: 0 }
    if (quantity === 'temperatureC') return { noise: 0.02, deadband: 0.1 }
    if (quantity === 'socPercent') return { noise: 0.03, deadband: 0.2 }
    if (quantity === 'energyKwh') return { noise: contentNoise * contentKwh(r), deadband: contentDeadband * contentKwh(r) }
    const size = quantity === 'heatKw' ? heatSizeKw(r) : sizeKw(r)
    const finest = quantity === 'availableKw' || quantity === 'wantedKw' ? 2 * leastDeadbandKw : leastDeadbandKw
    return { noise: powerNoise * size, deadband: Math.max(finest, powerDeadband * size) }
}

/** The edge node a resource reports through: its address, or one for those whose own protocol has no link yet. */
export function edgeNodeOf(r: Resource): string {
    const name = r.protocol === 'sparkplug' ? r.address : ''
    return name.replace(/[/+#\s]/g, '-') || `vpp-${r.protocol}`
}

/** What nobody commands is given nothing to keep either. */
export const takesNotices = (kind: Resource['kind']): boolean => kind !== 'fixed-load'

/** Points of the resources that speak Sparkplug. */
export function fleetPoints(fleet: PlantFleet, speaksSparkplug: (r: Resource) => boolean): TelemetryPoint[] {
    return fleet.devices.banks.flatMap(({ kind: bank, rows, measured, columns }) => {
        const quantities = Object.entries(measured) as [ResourceQuantityName, Float64Array][]
        if (takesNotices(bank)) for (const quantity of conditionQuantities) quantities.push([quantity, columns[quantity]])
        return rows.flatMap((r, row) => {
            if (!speaksSparkplug(r)) return []
            const edgeNode = edgeNodeOf(r)
            return quantities.map(([quantity, source]) => {
                const { unit, kind, commandable } = resourceQuantities[quantity]
                const place = { id: resourcePoint(r.id, quantity), edgeNode, device: r.id }
                return { ...place, source, row, ...meterOf(r, quantity), unit, kind, commandable }
            })
        })
    })
}
