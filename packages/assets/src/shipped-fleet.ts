/**
 * The virtual power plant that ships: every kind of resource on the feeder of Alderford in the shipped region, in six
 * groups. Sizes are ours, of the order of a district of 2 MW: 2.6 MW of sun and 0.6 MW of wind stand where the feeder is
 * strong, so that its voltages stay within the band without anybody's help; what can be shifted is taken out of the
 * demand the feeder's table gives each bus, so that evenings stay within the ratings of the lines.
 */
import { fillRow, type RowInputOf } from '@gridverse/units'
import { type Resource, type ResourceKind, resourceTables } from './resource.ts'

export interface ResourceGroup {
    readonly id: string
    readonly name: string
    readonly nameZh: string
}
export const shippedGroups: readonly ResourceGroup[] = [
    { id: 'works', name: 'Alderford works', nameZh: '桤渡工业园' },
    { id: 'market', name: 'Market quarter', nameZh: '集市街区' },
    { id: 'hall', name: 'Swimming hall and school', nameZh: '游泳馆与学校' },
    { id: 'lane', name: 'Mill Lane homes', nameZh: '磨坊巷住宅' },
    { id: 'hill', name: 'Hill homes and turbines', nameZh: '山坡住宅与风机' },
    { id: 'street', name: 'Street charging', nameZh: '街道充电' },
]

/** Where the loads of the feeder stand: number of the load, latitude and longitude, deg. */
const stands: Readonly<Record<number, readonly [number, number]>> = {
    2: [42.036402, -36.088831],
    3: [42.037753, -36.092278],
    4: [42.039104, -36.095724],
    5: [42.040455, -36.099171],
    6: [42.041806, -36.102617],
    7: [42.043157, -36.106064],
    9: [42.04586, -36.112956],
    10: [42.047211, -36.116403],
    19: [42.03132, -36.092496],
    20: [42.034022, -36.099389],
    21: [42.038075, -36.109729],
    22: [42.042129, -36.120068],
    23: [42.040294, -36.090445],
    24: [42.045376, -36.08678],
    25: [42.049268, -36.088394],
    26: [42.044347, -36.100785],
    27: [42.046888, -36.098952],
    28: [42.049429, -36.09712],
    29: [42.05197, -36.095287],
}

type Given<K extends ResourceKind> = Omit<
    RowInputOf<(typeof resourceTables)[K]>,
    'id' | 'kind' | 'name' | 'nameZh' | 'group' | 'connection' | 'latDeg' | 'lonDeg'
>

/** The rows of one group; resources of one load stand some 30 m apart around it. */
function createGroup(group: string, edgeNode: string) {
    const rows: Resource[] = []
    const placed = new Map<number, number>()
    function add<K extends ResourceKind>(load: number, kind: K, id: string, name: string, nameZh: string, given: Given<K>): void {
        const [lat, lon] = stands[load]!
        const n = placed.get(load) ?? 0
        placed.set(load, n + 1)
        // the sunflower's pattern: n points, none beside another
        const [km, angle] = [0.03 * Math.sqrt(n + 0.5), n * 2.399963]
        const place = { latDeg: round6(lat + (km * Math.sin(angle)) / 111.195), lonDeg: round6(lon + (km * Math.cos(angle)) / 82.56) }
        const input = { address: edgeNode, ...given, ...place, id, kind, name, nameZh, group, connection: `load/DA${load}` }
        rows.push(fillRow(resourceTables[kind], input as never) as unknown as Resource)
    }
    return { rows, add }
}
const round6 = (x: number) => Math.round(x * 1e6) / 1e6

/** The shipped fleet. Every call gives equal, independent rows. */
export function shippedFleet(): Resource[] {
    return [...works(), ...market(), ...hall(), ...lane(), ...hill(), ...street()]
}

function works(): Resource[] {
    const { rows, add } = createGroup('works', 'vpp-works')
    add(2, 'gas-turbine', 'works-engine', 'Heating plant gas engine', '供热站燃气机组', {
        pMinKw: 300,
        pMaxKw: 1000,
        heatNetwork: 'works',
    })
    add(23, 'generator', 'works-diesel', 'Foundry standby generator', '铸造厂备用发电机', {
        pMinKw: 50,
        pMaxKw: 200,
        costPerKwh: 0.48,
        noLoadCostPerH: 4,
        startCost: 6,
        co2KgPerKwh: 0.71,
    })
    add(4, 'battery', 'works-battery', 'District battery', '片区储能站', {
        chargeKw: 600,
        dischargeKw: 600,
        energyKwh: 1200,
        protocol: 'sunspec',
        address: '',
    })
    add(2, 'pv', 'works-sun-1', 'Warehouse roof east', '仓库东屋顶光伏', { ratedKw: 500, tiltDeg: 12, protocol: 'sunspec', address: '' })
    add(2, 'pv', 'works-sun-2', 'Warehouse roof west', '仓库西屋顶光伏', { ratedKw: 450, tiltDeg: 12, azimuthDeg: 225 })
    add(3, 'pv', 'works-sun-3', 'Car park canopies', '停车场光伏棚', { ratedKw: 400, tiltDeg: 8 })
    add(3, 'heat-tank', 'works-heat', 'Heating plant tank', '供热站蓄热罐', {
        heaterKw: 150,
        energyKwh: 600,
        minKwh: 60,
        dischargeKw: 150,
        chargeKw: 400,
        heatNetwork: 'works',
        demandKw: 100,
    })
    add(5, 'curtailable', 'works-cold', 'Fish market cold store', '鱼市冷库', { peakKw: 30, profile: 'industrial', curtailShare: 0.4 })
    add(23, 'curtailable', 'works-pumps', 'Rinsing pumps', '冲洗水泵', { peakKw: 25, profile: 'industrial', reboundShare: 0.8 })
    add(4, 'shiftable', 'works-kiln', 'Brick kiln', '砖窑', {
        powerKw: 50,
        durationH: 4,
        earliestH: 6,
        latestH: 20,
        compensationPerRun: 12,
    })
    add(23, 'shiftable', 'works-crusher', 'Glass crusher', '玻璃粉碎机', { powerKw: 30, durationH: 2, compensationPerRun: 5 })
    add(2, 'fixed-load', 'works-load-2', 'Warehouses', '仓储区', { peakKw: 100, profile: 'industrial' })
    add(3, 'fixed-load', 'works-load-3', 'Heating plant and offices', '供热站与办公楼', {
        peakKw: 80,
        profile: 'commercial',
        critical: true,
    })
    add(4, 'fixed-load', 'works-load-4', 'Workshops', '车间', { peakKw: 70, profile: 'industrial' })
    add(5, 'fixed-load', 'works-load-5', 'Fish market', '鱼市', { peakKw: 30, profile: 'commercial' })
    add(23, 'fixed-load', 'works-load-23', 'Foundry', '铸造厂', { peakKw: 35, profile: 'industrial' })
    return rows
}

function market(): Resource[] {
    const { rows, add } = createGroup('market', 'vpp-market')
    const cooling = { pMaxKw: 40, resistanceKPerKw: 0.2, capacityKwhPerK: 42, gainKw: 14 }
    add(24, 'air-conditioner', 'market-air-1', 'Department store air conditioning', '百货大楼空调', cooling)
    add(24, 'air-conditioner', 'market-air-2', 'Cinema air conditioning', '电影院空调', { ...cooling, gainKw: 18, setpointC: 23 })
    add(25, 'air-conditioner', 'market-air-3', 'Office block air conditioning', '写字楼空调', cooling)
    add(25, 'ice-store', 'market-ice', 'Market hall ice store', '集市大厅冰蓄冷', {
        makeKw: 60,
        meltKw: 150,
        energyKwh: 700,
        chillerKw: 60,
        demandKw: 180,
    })
    add(24, 'pv', 'market-sun-1', 'Department store roof', '百货大楼屋顶光伏', { ratedKw: 250 })
    add(25, 'pv', 'market-sun-2', 'Market hall roof', '集市大厅屋顶光伏', { ratedKw: 150, tiltDeg: 20 })
    add(24, 'curtailable', 'market-cold-1', 'Supermarket cold rooms', '超市冷库', { peakKw: 60, curtailShare: 0.35 })
    add(25, 'curtailable', 'market-cold-2', 'Market stalls refrigeration', '集市冷藏', { peakKw: 50 })
    add(25, 'curtailable', 'market-light', 'Shop window lighting', '橱窗照明', { peakKw: 30, curtailShare: 0.6, reboundShare: 0 })
    add(24, 'shiftable', 'market-bakery', 'Bakery ovens', '面包房烤炉', {
        powerKw: 40,
        durationH: 3,
        earliestH: 2,
        latestH: 12,
        compensationPerRun: 9,
    })
    add(25, 'water-heater', 'market-water', 'Hotel hot water', '酒店热水', {
        pMaxKw: 40,
        energyKwh: 130,
        minKwh: 15,
        drawKwhPerDay: 200,
    })
    add(24, 'fixed-load', 'market-load-24', 'Shops west', '西区商铺', { peakKw: 240, profile: 'commercial' })
    add(25, 'fixed-load', 'market-load-25', 'Shops east and clinic', '东区商铺与诊所', {
        peakKw: 220,
        profile: 'commercial',
        critical: true,
    })
    return rows
}

function hall(): Resource[] {
    const { rows, add } = createGroup('hall', 'vpp-hall')
    add(26, 'pv', 'hall-sun-1', 'Swimming hall roof', '游泳馆屋顶光伏', { ratedKw: 150, tiltDeg: 10 })
    add(27, 'pv', 'hall-sun-2', 'School roof', '学校屋顶光伏', { ratedKw: 100 })
    add(26, 'heat-tank', 'hall-heat', 'Swimming hall tank', '游泳馆蓄热罐', {
        heaterKw: 120,
        energyKwh: 500,
        dischargeKw: 120,
        demandKw: 70,
    })
    add(26, 'curtailable', 'hall-pumps', 'Pool circulation pumps', '泳池循环泵', { peakKw: 20, curtailShare: 0.5, reboundShare: 0.7 })
    add(27, 'air-conditioner', 'hall-air', 'School ventilation', '学校空调', {
        pMaxKw: 20,
        resistanceKPerKw: 0.4,
        capacityKwhPerK: 21,
        gainKw: 7,
    })
    add(28, 'water-heater', 'hall-water', 'Showers', '淋浴热水', { pMaxKw: 30, energyKwh: 100, minKwh: 12, drawKwhPerDay: 150 })
    add(28, 'shiftable', 'hall-laundry', 'Hospital laundry', '医院洗衣房', { powerKw: 25, durationH: 3, earliestH: 7, latestH: 19 })
    add(29, 'battery', 'hall-battery', 'School battery', '学校储能', { chargeKw: 50, dischargeKw: 50, energyKwh: 110 })
    add(26, 'fixed-load', 'hall-load-26', 'Swimming hall', '游泳馆', { peakKw: 35, profile: 'commercial' })
    add(27, 'fixed-load', 'hall-load-27', 'School', '学校', { peakKw: 45, profile: 'commercial' })
    add(28, 'fixed-load', 'hall-load-28', 'Hospital', '医院', { peakKw: 35, profile: 'commercial', critical: true })
    add(29, 'fixed-load', 'hall-load-29', 'School Road homes', '学校路住宅', { peakKw: 115 })
    return rows
}

function lane(): Resource[] {
    const { rows, add } = createGroup('lane', 'vpp-north')
    add(6, 'pv', 'lane-sun-1', 'Mill Lane roofs south', '磨坊巷南屋顶光伏', { ratedKw: 80 })
    add(9, 'pv', 'lane-sun-2', 'Mill Lane roofs north', '磨坊巷北屋顶光伏', { ratedKw: 60, azimuthDeg: 160 })
    add(6, 'battery', 'lane-battery', 'Mill Lane home batteries', '磨坊巷户用储能', { chargeKw: 40, dischargeKw: 40, energyKwh: 100 })
    add(6, 'home-ev', 'lane-car-1', 'Mill Lane home posts 1–6', '磨坊巷家用桩 1–6', {
        chargeKw: 44,
        batteryKwh: 360,
        arriveH: 17.5,
        departH: 7,
    })
    add(9, 'home-ev', 'lane-car-2', 'Mill Lane home posts 7–12', '磨坊巷家用桩 7–12', {
        chargeKw: 44,
        batteryKwh: 360,
        arriveH: 18.5,
        departH: 7.5,
    })
    add(10, 'home-ev', 'lane-car-3', 'Mill Lane posts that give back', '磨坊巷双向桩', {
        chargeKw: 22,
        dischargeKw: 22,
        batteryKwh: 180,
        arriveH: 18,
        departH: 6.5,
        readyPercent: 70,
    })
    add(9, 'air-conditioner', 'lane-air', 'Mill Lane room cooling', '磨坊巷住宅空调', {
        pMaxKw: 18,
        resistanceKPerKw: 0.45,
        capacityKwhPerK: 18,
        gainKw: 5,
    })
    add(10, 'water-heater', 'lane-water', 'Mill Lane hot water', '磨坊巷热水器', {
        pMaxKw: 24,
        energyKwh: 90,
        minKwh: 10,
        drawKwhPerDay: 110,
    })
    add(6, 'fixed-load', 'lane-load-6', 'Mill Lane homes south', '磨坊巷南住宅', { peakKw: 50 })
    add(9, 'fixed-load', 'lane-load-9', 'Mill Lane homes north', '磨坊巷北住宅', { peakKw: 45 })
    add(10, 'fixed-load', 'lane-load-10', 'Mill Lane terraces', '磨坊巷联排住宅', { peakKw: 48 })
    return rows
}

function hill(): Resource[] {
    const { rows, add } = createGroup('hill', 'vpp-south')
    add(19, 'wind', 'hill-wind-1', 'Hill turbine 1', '山坡风机 1', { ratedKw: 300 })
    add(20, 'wind', 'hill-wind-2', 'Hill turbine 2', '山坡风机 2', { ratedKw: 300 })
    add(19, 'pv', 'hill-sun-1', 'Hill farm field', '山坡农场光伏', { ratedKw: 300 })
    add(21, 'pv', 'hill-sun-2', 'Hill homes roofs', '山坡住宅屋顶光伏', { ratedKw: 100, tiltDeg: 35 })
    add(22, 'pv', 'hill-sun-3', 'Upper hill roofs', '山坡上段屋顶光伏', { ratedKw: 60, tiltDeg: 35, azimuthDeg: 200 })
    add(20, 'home-ev', 'hill-car-1', 'Hill home posts 1–6', '山坡家用桩 1–6', { chargeKw: 44, batteryKwh: 360, arriveH: 17, departH: 7 })
    add(21, 'home-ev', 'hill-car-2', 'Hill home posts 7–12', '山坡家用桩 7–12', { chargeKw: 44, batteryKwh: 360, arriveH: 19, departH: 8 })
    add(22, 'air-conditioner', 'hill-air', 'Hill heat pumps', '山坡热泵', {
        pMaxKw: 22,
        mode: 'heat',
        resistanceKPerKw: 0.4,
        capacityKwhPerK: 22,
        gainKw: 4,
        comfortMinC: 18.5,
        comfortMaxC: 23,
        setpointC: 20.5,
    })
    add(21, 'water-heater', 'hill-water', 'Hill hot water', '山坡热水器', { pMaxKw: 26, energyKwh: 95, minKwh: 12, drawKwhPerDay: 120 })
    add(22, 'battery', 'hill-battery', 'Hill home batteries', '山坡户用储能', { chargeKw: 30, dischargeKw: 30, energyKwh: 80 })
    add(19, 'fixed-load', 'hill-load-19', 'Hill farm', '山坡农场', { peakKw: 85 })
    add(20, 'fixed-load', 'hill-load-20', 'Hill homes lower', '山坡下段住宅', { peakKw: 75 })
    add(21, 'fixed-load', 'hill-load-21', 'Hill homes middle', '山坡中段住宅', { peakKw: 70 })
    add(22, 'fixed-load', 'hill-load-22', 'Hill homes upper', '山坡上段住宅', { peakKw: 70 })
    return rows
}

function street(): Resource[] {
    const { rows, add } = createGroup('street', 'vpp-street')
    const shoppers = { arriveH: 10, departH: 15, readyPercent: 70 }
    const workers = { arriveH: 8, departH: 17 }
    const of = (protocol: 'ocpp-1.6' | 'ocpp-2.0.1', address: string) => ({ protocol, address }) as const
    add(24, 'public-ev', 'street-post-1', 'Market car park post 1', '集市停车场充电桩 1', {
        chargeKw: 50,
        batteryKwh: 77,
        ...shoppers,
        ...of('ocpp-1.6', 'CP-MARKET-1'),
    })
    add(24, 'public-ev', 'street-post-2', 'Market car park post 2', '集市停车场充电桩 2', {
        chargeKw: 22,
        batteryKwh: 60,
        ...shoppers,
        ...of('ocpp-1.6', 'CP-MARKET-2'),
    })
    add(3, 'public-ev', 'street-post-3', 'Station post that gives back', '车站双向充电桩', {
        chargeKw: 22,
        dischargeKw: 22,
        batteryKwh: 75,
        ...workers,
        ...of('ocpp-2.0.1', 'CP-STATION-1'),
    })
    add(3, 'public-ev', 'street-post-4', 'Station fast post', '车站快充桩', {
        chargeKw: 60,
        batteryKwh: 82,
        ...workers,
        ...of('ocpp-2.0.1', 'CP-STATION-2'),
    })
    add(27, 'public-ev', 'street-post-5', 'School Road post', '学校路充电桩', { chargeKw: 22, batteryKwh: 58, ...workers })
    add(26, 'public-ev', 'street-post-6', 'Swimming hall post', '游泳馆充电桩', {
        chargeKw: 22,
        batteryKwh: 64,
        arriveH: 16,
        departH: 21,
        readyPercent: 60,
    })
    return rows
}
