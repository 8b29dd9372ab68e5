/**
 * Distributed energy resources: what a virtual power plant is made of. One table for each kind; type, validator and manual
 * page are derived from it. Power kW, energy kWh, heat and cold kW thermal, money in the plant's currency.
 *
 * Signs: generation and storage positive into the network, everything that draws positive out of it (a car that gives back
 * is negative). Kinds after IEC 61850-7-420 and the resources named by ITU-T FGMV-27, clause 9.1.1.
 */
import { type ChoiceColumn, checkRow, choice, fillRow, flag, type Issue, num, type RowOf, type Table, text } from '@gridverse/units'

export const resourceKinds = [
    'pv',
    'wind',
    'gas-turbine',
    'generator',
    'battery',
    'home-ev',
    'public-ev',
    'air-conditioner',
    'water-heater',
    'heat-tank',
    'ice-store',
    'curtailable',
    'shiftable',
    'fixed-load',
] as const
export type ResourceKind = (typeof resourceKinds)[number]

/** How it is spoken with. */
export const resourceProtocols = ['sparkplug', 'ocpp-1.6', 'ocpp-2.0.1', 'sunspec'] as const
export type ResourceProtocol = (typeof resourceProtocols)[number]

const of = <const K extends ResourceKind>(kind: K) => ({
    id: text('unique among resources; letters, digits, - and _'),
    name: text('what people call it', { default: '' }),
    nameZh: text('the same in Chinese', { default: '' }),
    kind: choice([kind], 'what it is') as ChoiceColumn<K>,
    group: text('resources that are dispatched together'),
    connection: text('load of the grid whose meter counts it, as load/ID', { default: '' }),
    latDeg: num('deg', 'latitude, WGS 84', { min: -90, max: 90, default: 0 }),
    lonDeg: num('deg', 'longitude, WGS 84', { min: -180, max: 180, default: 0 }),
    protocol: choice(resourceProtocols, 'how it is spoken with', { default: 'sparkplug' }),
    address: text('edge node (Sparkplug), identity of the post (OCPP), host:port/unit (SunSpec)', { default: '' }),
})
const positive = (unit: string, about: string) => num(unit, about, { above: 0 })
const atLeast = <const D extends number>(unit: string, about: string, value: D) => num(unit, about, { min: 0, default: value })
const share = <const D extends number>(about: string, value: D) => num('', about, { min: 0, max: 1, default: value })
const efficiency = <const D extends number>(about: string, value: D) => num('', about, { above: 0, max: 1, default: value })
const hour = <const D extends number>(about: string, value: D) => num('h', about, { min: 0, max: 24, default: value })

const ev = <const K extends 'home-ev' | 'public-ev'>(kind: K) => ({
    ...of(kind),
    chargeKw: positive('kW', 'most the post gives'),
    dischargeKw: atLeast('kW', 'most the car gives back; 0 where it cannot', 0),
    batteryKwh: num('kWh', 'content of the car when full', { above: 0, default: 60 }),
    arriveH: hour('when a car usually comes', 18),
    departH: hour('when it is to be ready', 7),
    readyPercent: num('%', 'state of charge it is to leave with, at least', { min: 0, max: 100, default: 80 }),
    efficiency: efficiency('of charging, and of giving back', 0.93),
    wearCostPerKwh: atLeast('money/kWh', 'wear of the car for each kWh given back', 0.08),
})

export const resourceTables = {
    pv: {
        ...of('pv'),
        ratedKw: positive('kW', 'power at 1000 W/m² and 25 °C'),
        tiltDeg: num('deg', 'of the modules against the ground', { min: 0, max: 90, default: 30 }),
        azimuthDeg: num('deg', 'they look to, clockwise from north', { min: 0, max: 360, default: 180 }),
        temperatureCoefficientPerK: num('1/K', 'change of power with cell temperature', { min: -0.01, max: 0, default: -0.0038 }),
        curtailCostPerKwh: atLeast('money/kWh', 'owed for each kWh not taken', 0),
    },
    wind: {
        ...of('wind'),
        ratedKw: positive('kW', 'power from rated wind speed on'),
        cutInMps: num('m/s', 'least wind it turns in', { above: 0, default: 3 }),
        ratedMps: num('m/s', 'wind of full power', { above: 0, default: 12 }),
        cutOutMps: num('m/s', 'wind it stops in', { above: 0, default: 25 }),
        curtailCostPerKwh: atLeast('money/kWh', 'owed for each kWh not taken', 0),
    },
    'gas-turbine': {
        ...of('gas-turbine'),
        pMinKw: positive('kW', 'least it can run at'),
        pMaxKw: positive('kW', 'most it can give'),
        efficiencyMin: efficiency('electrical, at least load', 0.27),
        efficiencyFull: efficiency('electrical, at full load', 0.36),
        fuelPricePerKwh: num('money/kWh', 'of fuel, lower heating value', { min: 0, default: 0.12 }),
        startCost: atLeast('money', 'of a start', 120),
        omCostPerKwh: atLeast('money/kWh', 'operation and maintenance', 0.012),
        startMin: atLeast('min', 'from the order to least load', 5),
        rampKwPerMin: num('kW/min', 'fastest change of power', { above: 0, default: 30 }),
        minUpH: atLeast('h', 'least time it runs once started', 3),
        minDownH: atLeast('h', 'least time it rests once stopped', 2),
        heatRatio: atLeast('', 'kWh of useful heat for each kWh of electricity', 1.1),
        heatNetwork: text('heating network its heat goes into; not used where empty', { default: '' }),
        co2KgPerKwhFuel: atLeast('kg/kWh', 'CO₂ for each kWh of fuel', 0.202),
    },
    generator: {
        ...of('generator'),
        pMinKw: atLeast('kW', 'least it can run at', 0),
        pMaxKw: positive('kW', 'most it can give'),
        costPerKwh: num('money/kWh', 'of its energy', { min: 0 }),
        noLoadCostPerH: atLeast('money/h', 'of running at least load', 0),
        startCost: atLeast('money', 'of a start', 0),
        rampKwPerMin: num('kW/min', 'fastest change of power', { above: 0, default: 60 }),
        minUpH: atLeast('h', 'least time it runs once started', 0),
        minDownH: atLeast('h', 'least time it rests once stopped', 0),
        co2KgPerKwh: atLeast('kg/kWh', 'CO₂ for each kWh given', 0),
    },
    battery: {
        ...of('battery'),
        chargeKw: positive('kW', 'most it takes'),
        dischargeKw: positive('kW', 'most it gives'),
        energyKwh: positive('kWh', 'content when full'),
        socMinPercent: num('%', 'least content', { min: 0, max: 100, default: 10 }),
        socMaxPercent: num('%', 'greatest content', { min: 0, max: 100, default: 95 }),
        chargeEfficiency: efficiency('of charging', 0.95),
        dischargeEfficiency: efficiency('of discharging', 0.95),
        selfDischargePerH: share('lost each hour', 0.0002),
        wearCostPerKwh: atLeast('money/kWh', 'wear for each kWh given', 0.05),
    },
    'home-ev': ev('home-ev'),
    'public-ev': ev('public-ev'),
    'air-conditioner': {
        ...of('air-conditioner'),
        pMaxKw: positive('kW', 'most it draws'),
        cop: num('', 'kW of heat moved for each kW drawn', { above: 0, default: 3.2 }),
        mode: choice(['cool', 'heat'], 'what it does', { default: 'cool' }),
        resistanceKPerKw: positive('K/kW', 'thermal resistance between zone and outside'),
        capacityKwhPerK: positive('kWh/K', 'heat the zone takes for each kelvin'),
        gainKw: atLeast('kW', 'heat of people and things at the busiest hour', 0),
        comfortMinC: num('°C', 'coldest people accept', { default: 20.5 }),
        comfortMaxC: num('°C', 'warmest people accept', { default: 26 }),
        setpointC: num('°C', 'of its thermostat while nobody else decides', { default: 24 }),
    },
    'water-heater': {
        ...of('water-heater'),
        pMaxKw: positive('kW', 'of its element'),
        energyKwh: positive('kWh', 'heat held when hot'),
        minKwh: atLeast('kWh', 'heat below which the water is cold', 0),
        lossPerH: share('lost each hour', 0.01),
        efficiency: efficiency('of the element', 0.97),
        drawKwhPerDay: atLeast('kWh', 'heat drawn on an ordinary day', 8),
    },
    'heat-tank': {
        ...of('heat-tank'),
        heaterKw: num('kW', 'electric power of its heater; 0 where it has none', { min: 0 }),
        energyKwh: positive('kWh', 'heat held when hot'),
        minKwh: atLeast('kWh', 'heat below which it is too cold', 0),
        dischargeKw: positive('kW', 'most heat it gives, thermal'),
        chargeKw: atLeast('kW', 'most heat it takes from its heating network beyond what is wanted of it, thermal', 0),
        heatNetwork: text('heating network it stands in, with the turbines that name the same', { default: '' }),
        lossPerH: share('lost each hour', 0.008),
        efficiency: efficiency('of the heater', 0.98),
        demandKw: atLeast('kW', 'heat wanted on a cold day, thermal', 0),
    },
    'ice-store': {
        ...of('ice-store'),
        makeKw: positive('kW', 'most the ice machine draws'),
        makeCop: num('', 'kW of cold stored for each kW drawn', { above: 0, default: 2.7 }),
        meltKw: positive('kW', 'most cold it gives, thermal'),
        energyKwh: positive('kWh', 'cold held when frozen through'),
        lossPerH: share('lost each hour', 0.004),
        chillerKw: atLeast('kW', 'most the chiller beside it draws', 0),
        chillerCop: num('', 'kW of cold for each kW the chiller draws', { above: 0, default: 4 }),
        demandKw: atLeast('kW', 'cold wanted on a hot day, thermal', 0),
    },
    curtailable: {
        ...of('curtailable'),
        peakKw: positive('kW', 'drawn at the busiest hour'),
        profile: text('daily profile it follows', { default: 'commercial' }),
        curtailShare: share('of what it wants that it can do without', 0.3),
        compensationPerKwh: num('money/kWh', 'paid for each kWh not drawn', { min: 0, default: 0.6 }),
        reboundShare: share('of what it went without that it draws later', 0.5),
    },
    shiftable: {
        ...of('shiftable'),
        powerKw: positive('kW', 'drawn while it runs'),
        durationH: positive('h', 'of a run'),
        earliestH: hour('first hour it may start', 8),
        latestH: hour('hour it must have ended', 20),
        compensationPerRun: atLeast('money', 'paid for a run that is moved', 0),
    },
    'fixed-load': {
        ...of('fixed-load'),
        peakKw: positive('kW', 'drawn at the busiest hour'),
        profile: text('daily profile it follows', { default: 'residential' }),
        critical: flag('must never be without', { default: false }),
    },
} as const satisfies Record<ResourceKind, Table>

export type ResourceOf<K extends ResourceKind> = RowOf<(typeof resourceTables)[K]>
export type Resource = { [K in ResourceKind]: ResourceOf<K> }[ResourceKind]

/** True for what gives: its power is positive into the network. */
export const injects = (kind: ResourceKind): boolean =>
    kind === 'pv' || kind === 'wind' || kind === 'gas-turbine' || kind === 'generator' || kind === 'battery'

/** Power into the network, kW, of a resource that reports `pKw`. */
export const intoNetworkKw = (kind: ResourceKind, pKw: number): number => (injects(kind) ? pKw : -pKw)

/** A point of a resource: `resource/ID/QUANTITY`. */
export interface ResourceQuantity {
    readonly unit: string
    readonly kind: 'analog' | 'status'
    readonly about: string
    readonly commandable: boolean
}
const analog = (unit: string, about: string, commandable = false): ResourceQuantity => ({ unit, kind: 'analog', about, commandable })
const status = (about: string, commandable = false): ResourceQuantity => ({ unit: '', kind: 'status', about, commandable })

export const resourceQuantities = {
    pKw: analog('kW', 'active power; into the network for generation and storage, out of it for what draws'),
    pSetKw: analog('kW', 'setpoint of active power, or the limit of what may be drawn or given', true),
    following: status('1 while it follows the setpoint, 0 while it decides by itself; 0 written releases it', true),
    availableKw: analog('kW', 'what the source could give now'),
    wantedKw: analog('kW', 'what it would draw by itself'),
    energyKwh: analog('kWh', 'content of the store, car, tank or ice'),
    socPercent: analog('%', 'state of charge'),
    connected: status('a car is plugged in'),
    running: status('the machine runs, or the run is under way'),
    temperatureC: analog('°C', 'of the zone'),
    heatKw: analog('kW', 'useful heat given, thermal'),
    coldKw: analog('kW', 'useful cold given, thermal'),
    tripped: status('its own protection keeps it off the network'),
    onSchedule: status('nobody speaks to it, and it keeps to the schedule it holds for that'),
    noticed: analog('', 'checksum (CRC-32) of the notice it took last; 0 before the first'),
} as const satisfies Record<string, ResourceQuantity>
export type ResourceQuantityName = keyof typeof resourceQuantities

const followed = ['pKw', 'pSetKw', 'following'] as const
const ownQuantities: Readonly<Record<ResourceKind, readonly ResourceQuantityName[]>> = {
    pv: [...followed, 'availableKw'],
    wind: [...followed, 'availableKw'],
    'gas-turbine': [...followed, 'running', 'heatKw'],
    generator: [...followed, 'running'],
    battery: [...followed, 'energyKwh', 'socPercent'],
    'home-ev': [...followed, 'connected', 'energyKwh', 'socPercent'],
    'public-ev': [...followed, 'connected', 'energyKwh', 'socPercent'],
    'air-conditioner': [...followed, 'wantedKw', 'temperatureC'],
    'water-heater': [...followed, 'wantedKw', 'energyKwh'],
    'heat-tank': [...followed, 'energyKwh', 'heatKw'],
    'ice-store': [...followed, 'energyKwh', 'coldKw'],
    curtailable: [...followed, 'wantedKw'],
    shiftable: [...followed, 'running'],
    'fixed-load': ['pKw'],
}
/** What a device may tell beside its measurements; nobody is short of data without it. */
export const conditionQuantities = ['tripped', 'onSchedule', 'noticed'] as const satisfies readonly ResourceQuantityName[]

/** What a resource of this kind measures. */
export const quantitiesOf = (kind: ResourceKind): readonly ResourceQuantityName[] => ownQuantities[kind]

export const resourcePoint = (id: string, quantity: ResourceQuantityName): string => `resource/${id}/${quantity}`

/** `resource/ID/QUANTITY` taken apart; undefined for any other name. */
export function readResourcePoint(point: string): { id: string; quantity: ResourceQuantityName } | undefined {
    const [head, id, quantity, ...rest] = point.split('/')
    if (head !== 'resource' || !id || !quantity || rest.length > 0 || !(quantity in resourceQuantities)) return undefined
    return { id, quantity: quantity as ResourceQuantityName }
}

/** A device that hears nothing new for so long decides by itself again, s. */
export const setpointLastsS = 900

const idPattern = /^[A-Za-z0-9_-]{1,64}$/

/**
 * Resources read from rows (of a file, a form, a message) with every default filled in, and all that is wrong with them;
 * `lineOf` gives the line of a row in its file.
 */
export function readResources(
    rows: readonly Readonly<Record<string, unknown>>[],
    lineOf: (row: number) => number | undefined = () => undefined,
): { resources: Resource[]; issues: Issue[] } {
    const issues: Issue[] = []
    const resources: Resource[] = []
    const seen = new Set<string>()
    rows.forEach((row, n) => {
        const path = `resource/${typeof row.id === 'string' && row.id ? row.id : `#${n + 1}`}`
        const line = lineOf(n)
        const at = line === undefined ? {} : { line }
        const found = (code: string, name: string, message: string) =>
            issues.push({ code, path: `${path}/${name}`, ...at, message: `${path} ${name}: ${message}` })
        const kind = row.kind as ResourceKind
        if (!resourceKinds.includes(kind)) {
            found('out-of-range', 'kind', `must be one of ${resourceKinds.join(', ')}, got ${JSON.stringify(row.kind) ?? 'nothing'}`)
            return
        }
        const before = issues.length
        issues.push(...checkRow(resourceTables[kind], row, path, line))
        if (typeof row.id === 'string') {
            if (!idPattern.test(row.id)) found('out-of-range', 'id', `must be 1 to 64 letters, digits, - or _, got "${row.id}"`)
            if (seen.has(row.id)) found('duplicate-id', 'id', `"${row.id}" stands for two resources; give one another id`)
            seen.add(row.id)
        }
        if (issues.length > before) return
        const resource = fillRow(resourceTables[kind], row as never) as unknown as Resource
        for (const [code, name, message] of contradictions(resource)) found(code, name, message)
        if (issues.length === before) resources.push(resource)
    })
    return { resources, issues }
}

/** What each column allows but together makes no sense. */
function contradictions(r: Resource): [code: string, name: string, message: string][] {
    const above = (low: string, high: string, unit: string): [string, string, string][] => {
        const [a, b] = [r[low as keyof Resource] as unknown as number, r[high as keyof Resource] as unknown as number]
        return a <= b ? [] : [['out-of-range', low, `${a} ${unit} is above ${high} ${b} ${unit}; are they swapped?`]]
    }
    switch (r.kind) {
        case 'gas-turbine':
            return [...above('pMinKw', 'pMaxKw', 'kW'), ...above('efficiencyMin', 'efficiencyFull', '')]
        case 'generator':
            return above('pMinKw', 'pMaxKw', 'kW')
        case 'battery':
            return above('socMinPercent', 'socMaxPercent', '%')
        case 'wind':
            return [...above('cutInMps', 'ratedMps', 'm/s'), ...above('ratedMps', 'cutOutMps', 'm/s')]
        case 'air-conditioner':
            return [
                ...above('comfortMinC', 'comfortMaxC', '°C'),
                ...above('comfortMinC', 'setpointC', '°C'),
                ...above('setpointC', 'comfortMaxC', '°C'),
            ]
        case 'water-heater':
        case 'heat-tank':
            return above('minKwh', 'energyKwh', 'kWh')
        case 'shiftable': {
            const windowH = (r.latestH - r.earliestH + 24) % 24 || 24
            return r.durationH <= windowH
                ? []
                : [['out-of-range', 'durationH', `${r.durationH} h do not fit between ${r.earliestH} and ${r.latestH} o'clock`]]
        }
        default:
            return []
    }
}
