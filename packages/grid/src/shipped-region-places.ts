/**
 * Where things stand in the shipped region, and what was added to the test system. All of it is this region's own: an
 * invented land of 225 × 200 km with the sea to the south and east, mountains in the north-west and one river, the Lan,
 * from the reservoir at Highwater past Midvale to the estuary at Saltby. It is placed in the open ocean, so that no
 * real country is drawn over. The distances between substations follow the line lengths of the IEEE test system
 * (RTS79 table 11), with 12 % of each route taken up by bends.
 *
 * Positions are km east and north of the middle of the region.
 */

export const place = { latDeg: 42.5, lonDeg: -36, timeZone: 'Etc/GMT+2' }

/** id, buses, name, Chinese name, km east, km north, height m */
export const substations: readonly (readonly [string, readonly number[], string, string, number, number, number])[] = [
    ['saltby', [1], 'Saltby', '盐港', 5.2, -92.4, 8],
    ['quayle', [2], 'Quayle', '栖港', 10.1, -94.8, 6],
    ['westmere', [3, 24], 'Westmere', '西湄', -16.7, -18.1, 95],
    ['alderford', [4], 'Alderford', '桤渡', -7, -51.7, 48],
    ['elmstead', [5], 'Elmstead', '榆庄', 25.3, -65, 40],
    ['kingsway', [6], 'Kingsway', '长堤', 49.2, -40.8, 22],
    ['eastcliff', [7], 'Eastcliff', '东崖', 98, -78.5, 15],
    ['hartwell', [8], 'Hartwell', '鹿泉', 79.4, -60.1, 35],
    ['midvale', [9, 10, 11, 12], 'Midvale', '中谷', 25.6, -30.3, 70],
    ['oakridge', [13], 'Oakridge', '栎岭', 70.6, -14.3, 60],
    ['stonebridge', [14], 'Stonebridge', '石桥', 9.5, 8.2, 120],
    ['highgate', [15], 'Highgate', '高关', -37.1, 27.8, 185],
    ['ferndale', [16], 'Ferndale', '蕨谷', -17.1, 36.7, 170],
    ['larkhill', [17], 'Larkhill', '云雀岭', -28.1, 63.3, 310],
    ['ravenholm', [18], 'Ravenholm', '鸦屿', -46.8, 69.5, 240],
    ['millbrook', [19], 'Millbrook', '磨溪', 6.4, 48, 150],
    ['ashton', [20], 'Ashton', '梣镇', 23.3, 83.1, 140],
    ['norwick', [21], 'Norwick', '北湾', -73.2, 59.1, 260],
    ['highwater', [22], 'Highwater', '高水', -112, 96.5, 560],
    ['redrock', [23], 'Redrock', '红岩', 39.7, 64.2, 130],
]

/** Power plants of the test system: bus, site id, name, Chinese name, km from their substation east and north. */
export const plants: readonly (readonly [number, string, string, string, number, number])[] = [
    [1, 'saltby-power', 'Saltby power station', '盐港电厂', -2.1, -1.4],
    [2, 'quayle-power', 'Quayle power station', '栖港电厂', 2.3, -0.9],
    [7, 'eastcliff-power', 'Eastcliff power station', '东崖电厂', 2.6, 0.8],
    [13, 'oakridge-power', 'Oakridge power station', '栎岭电厂', 2.2, -1.9],
    [15, 'highgate-power', 'Highgate power station', '高关电厂', -2.4, 1.1],
    [16, 'ferndale-power', 'Ferndale power station', '蕨谷电厂', 1.9, 1.7],
    [18, 'ravenholm-nuclear', 'Ravenholm nuclear station', '鸦屿核电站', -1.2, 2.8],
    [21, 'norwick-nuclear', 'Norwick nuclear station', '北湾核电站', -2.9, 1],
    [22, 'highwater-dam', 'Highwater dam', '高水坝', -2.2, 1.9],
    [23, 'redrock-power', 'Redrock power station', '红岩电厂', 2.1, 1.5],
]

/** Towns that draw the loads: bus, site id, name, Chinese name, km from the substation east and north, daily profile. */
export const towns: readonly (readonly [number, string, string, string, number, number, string])[] = [
    [1, 'saltby-town', 'Saltby', '盐港镇', -1.6, 4.4, 'mixed'],
    [2, 'quayle-harbour', 'Quayle harbour', '栖港港区', 4.2, 2.6, 'industrial'],
    [3, 'westmere-town', 'Westmere', '西湄城', -5.1, -3.2, 'mixed'],
    [4, 'alderford-town', 'Alderford', '桤渡镇', -4.4, 2.3, 'residential'],
    [5, 'elmstead-town', 'Elmstead', '榆庄镇', 3.6, 4.1, 'residential'],
    [6, 'kingsway-town', 'Kingsway', '长堤市', 5.2, -2.4, 'commercial'],
    [7, 'eastcliff-town', 'Eastcliff', '东崖镇', -4.5, 3.9, 'mixed'],
    [8, 'hartwell-works', 'Hartwell works', '鹿泉工业区', -3.9, 4.8, 'industrial'],
    [9, 'midvale-south', 'Midvale South', '中谷南城', 3.4, -5.3, 'mixed'],
    [10, 'midvale-city', 'Midvale City', '中谷市', 6.1, 2.2, 'commercial'],
    [13, 'oakridge-town', 'Oakridge', '栎岭市', -5.3, 4.6, 'mixed'],
    [14, 'stonebridge-town', 'Stonebridge', '石桥镇', 4.9, -3.5, 'residential'],
    [15, 'highgate-city', 'Highgate', '高关市', -5.8, -4.4, 'mixed'],
    [16, 'ferndale-town', 'Ferndale', '蕨谷镇', 4.7, -2.1, 'residential'],
    [18, 'ravenholm-works', 'Ravenholm smelter', '鸦屿冶炼厂', 4.1, 3.7, 'industrial'],
    [19, 'millbrook-town', 'Millbrook', '磨溪市', 5.4, -2.9, 'commercial'],
    [20, 'ashton-town', 'Ashton', '梣镇城', -5.2, 3.3, 'residential'],
]

/** Wind farms and PV fields: id, bus, kind, MW installed, MW at the start, site id, name, Chinese name, km from the substation, height m */
export const renewables: readonly (readonly [
    string,
    number,
    'wind' | 'pv',
    number,
    number,
    string,
    string,
    string,
    number,
    number,
    number,
])[] = [
    ['W1', 17, 'wind', 150, 60, 'larkhill-wind', 'Larkhill wind farm', '云雀岭风电场', -5.5, 6.8, 470],
    ['W2', 8, 'wind', 100, 40, 'eastbank-wind', 'Eastbank wind farm', '东岸风电场', 9.2, 6.4, 12],
    ['W3', 3, 'wind', 80, 30, 'westmoor-wind', 'Westmoor wind farm', '西原风电场', -12.4, 4.1, 210],
    ['PV1', 4, 'pv', 80, 25, 'alderford-solar', 'Alderford solar field', '桤渡光伏场', 6.3, -5.2, 45],
    ['PV2', 9, 'pv', 60, 20, 'midvale-solar', 'Midvale solar field', '中谷光伏场', -7.4, -4.6, 72],
    ['PV3', 19, 'pv', 50, 15, 'millbrook-solar', 'Millbrook solar field', '磨溪光伏场', -4.8, 5.9, 158],
]

/** Batteries at transmission: id, bus, MW, MWh, site id, name, Chinese name, km from the substation */
export const batteries: readonly (readonly [string, number, number, number, string, string, string, number, number])[] = [
    ['BAT1', 9, 60, 240, 'midvale-storage', 'Midvale battery', '中谷储能站', 1.4, 1.6],
    ['BAT2', 20, 40, 80, 'ashton-storage', 'Ashton battery', '梣镇储能站', 1.5, -1.3],
]

/** Flexible loads at transmission, taken out of the town's load: id, bus, MW, Mvar, name, Chinese name */
export const flexibleLoads: readonly (readonly [string, number, number, number, string, string])[] = [
    ['FL1', 8, 30, 6, 'Hartwell electrolysers', '鹿泉电解槽'],
    ['FL2', 20, 20, 4, 'Ashton cold stores', '梣镇冷库'],
]

export interface FeederPlace {
    readonly letter: string
    /** the 138 kV bus above */
    readonly bus: number
    /** direction of the main street, degrees anticlockwise from east */
    readonly streetDeg: number
    /** ratio of the supplying transformer, so that the feeder starts near 1.04 p.u. */
    readonly ratio: number
    readonly name: string
    readonly nameZh: string
    /** daily profile of its loads */
    readonly profile: string
}
export const feeders: readonly FeederPlace[] = [
    { letter: 'A', bus: 4, streetDeg: 152, ratio: 0.9375, name: 'Alderford', nameZh: '桤渡', profile: 'residential' },
    { letter: 'B', bus: 5, streetDeg: 49, ratio: 0.95625, name: 'Elmstead', nameZh: '榆庄', profile: 'residential' },
]

/** Small units on the feeders: feeder, feeder bus, id, kind, MW, Mvar (loads) or MWh (batteries), name, Chinese name */
export const feederUnits: readonly (readonly [
    string,
    number,
    string,
    'pv' | 'battery' | 'ev-post' | 'flexible-load',
    number,
    number,
    string,
    string,
])[] = [
    ['A', 18, 'PVA18', 'pv', 0.6, 0, 'school roofs', '学校屋顶光伏'],
    ['A', 25, 'PVA25', 'pv', 0.8, 0, 'warehouse roof', '仓库屋顶光伏'],
    ['A', 14, 'BATA14', 'battery', 1, 2, 'street battery', '街区储能'],
    ['A', 7, 'EVA7', 'ev-post', 0.35, 0.03, 'charging hub', '充电中心'],
    ['A', 30, 'FLA30', 'flexible-load', 0.3, 0.06, 'waterworks pumps', '水厂水泵'],
    ['B', 22, 'PVB22', 'pv', 0.5, 0, 'hospital roof', '医院屋顶光伏'],
    ['B', 33, 'PVB33', 'pv', 0.7, 0, 'market hall roof', '市场屋顶光伏'],
    ['B', 31, 'BATB31', 'battery', 0.5, 1, 'street battery', '街区储能'],
    ['B', 24, 'EVB24', 'ev-post', 0.35, 0.03, 'bus depot chargers', '公交场站充电桩'],
    ['B', 12, 'EVB12', 'ev-post', 0.15, 0.01, 'station car park chargers', '车站停车场充电桩'],
    ['B', 8, 'FLB8', 'flexible-load', 0.25, 0.05, 'ice rink', '溜冰馆'],
]
