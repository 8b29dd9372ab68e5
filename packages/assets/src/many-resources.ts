/**
 * Many small resources of homes, the same for the same seed: for load tests and for enrolling a whole town at once. Every
 * home has six devices; sizes are those on sale, drawn around their middle.
 */
import { createRandom } from '@gridverse/math'
import { fillRow } from '@gridverse/units'
import { type Resource, resourceTables } from './resource.ts'

/** most resources of one group and of one edge node */
const [groupSize, nodeSize] = [500, 250]

/** Towns of the shipped region that carry them: load, latitude and longitude, deg. */
const towns: readonly (readonly [string, number, number])[] = [
    ['D4', 42.055735, -36.139056],
    ['D5', 41.952314, -35.647482],
    ['D14', 42.542268, -35.824351],
    ['D16', 42.811165, -36.151254],
    ['D20', 43.277013, -35.779219],
    ['D1', 41.708598, -35.956088],
    ['D3', 42.308445, -36.265913],
    ['D9', 42.179842, -35.646262],
    ['D13', 42.412766, -35.203479],
    ['D15', 42.710441, -36.523288],
]

const homeKinds = ['pv', 'battery', 'home-ev', 'air-conditioner', 'water-heater', 'curtailable'] as const

/** `count` resources of homes in groups `town-N` (at most 500 each) on edge nodes `home-N` (at most 250 each); ids `h1-pv`, …. */
export function manyResources(count: number, seed: number): Resource[] {
    const random = createRandom(seed)
    const between = (low: number, high: number, digits = 1) => {
        const unit = 10 ** digits
        return Math.round((low + (high - low) * random.uniform()) * unit) / unit
    }
    const spread = () => 0.03 * (random.uniform() + random.uniform() - 1)
    const rows: Resource[] = []
    let [lat, lon] = [0, 0]
    for (let n = 0; n < count; n++) {
        const home = Math.floor(n / homeKinds.length)
        const kind = homeKinds[n % homeKinds.length]!
        const group = Math.floor(n / groupSize)
        const [town, townLat, townLon] = towns[group % towns.length]!
        // the devices of one home stand in one place
        if (n % homeKinds.length === 0 || n % groupSize === 0) [lat, lon] = [townLat + spread(), townLon + spread() * 1.35]
        const common = {
            id: `h${home + 1}-${kind}`,
            name: `Home ${home + 1}`,
            nameZh: `住宅 ${home + 1}`,
            group: `town-${group + 1}`,
            connection: `load/${town}`,
            latDeg: Math.round(lat * 1e6) / 1e6,
            lonDeg: Math.round(lon * 1e6) / 1e6,
            address: `home-${Math.floor(n / nodeSize) + 1}`,
        }
        rows.push(resourceOf(kind, common))
    }
    return rows

    function resourceOf(kind: (typeof homeKinds)[number], common: Common): Resource {
        if (kind === 'pv') {
            const given = { ratedKw: between(3, 9), tiltDeg: between(10, 45, 0), azimuthDeg: between(120, 240, 0) }
            return fillRow(resourceTables.pv, { ...common, kind, ...given })
        }
        if (kind === 'battery') {
            const energyKwh = between(5, 15)
            const power = { chargeKw: Math.round(5 * energyKwh) / 10, dischargeKw: Math.round(5 * energyKwh) / 10 }
            return fillRow(resourceTables.battery, { ...common, kind, energyKwh, ...power })
        }
        if (kind === 'home-ev') {
            const chargeKw = random.uniform() < 0.5 ? 7.4 : 11
            const when = { arriveH: between(16, 21), departH: between(5.5, 8.5), readyPercent: between(65, 95, 0) }
            const dischargeKw = random.uniform() < 0.2 ? chargeKw : 0
            return fillRow(resourceTables['home-ev'], { ...common, kind, chargeKw, dischargeKw, batteryKwh: between(40, 90, 0), ...when })
        }
        if (kind === 'air-conditioner') {
            const zone = {
                pMaxKw: between(1, 3),
                resistanceKPerKw: between(4, 9),
                capacityKwhPerK: between(1, 3),
                gainKw: between(0.2, 0.8),
            }
            return fillRow(resourceTables['air-conditioner'], { ...common, kind, ...zone, setpointC: between(22.5, 24.5) })
        }
        if (kind === 'water-heater') {
            const tank = { pMaxKw: between(1.5, 3), energyKwh: between(7, 14), minKwh: 1, drawKwhPerDay: between(4, 10) }
            return fillRow(resourceTables['water-heater'], { ...common, kind, ...tank })
        }
        const want = { peakKw: between(0.5, 2.5), curtailShare: between(0.1, 0.4, 2), profile: 'residential' }
        return fillRow(resourceTables.curtailable, { ...common, kind, ...want })
    }
}

interface Common {
    readonly id: string
    readonly name: string
    readonly nameZh: string
    readonly group: string
    readonly connection: string
    readonly latDeg: number
    readonly lonDeg: number
    readonly address: string
}
