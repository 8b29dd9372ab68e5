/**
 * The region that ships: the IEEE 24-bus transmission grid, two 33-bus feeders, and wind, sun, batteries, charging posts
 * and flexible loads, standing in an invented land. Data live in the `shipped-region-*.ts` tables with their sources.
 */
import { fillRow } from '@gridverse/units'
import {
    type Branch,
    type Bus,
    branch,
    bus,
    type Generator,
    type GeneratorCost,
    generator,
    type Load,
    load,
    type Shunt,
    type Storage,
    shunt,
    storage,
} from './network.ts'
import { type Region, type Site, site, type Unit, unit } from './region.ts'
import { createSwitchList } from './region-switches.ts'
import {
    feederBlockKm,
    feederBranches,
    feederCapacitor,
    feederClosedBranches,
    feederKv,
    feederLoads,
    feederRateMva,
    feederStreets,
    feederTransformer,
} from './shipped-region-feeder.ts'
import {
    batteries,
    type FeederPlace,
    feeders,
    feederUnits,
    flexibleLoads,
    place,
    plants,
    renewables,
    substations,
    towns,
} from './shipped-region-places.ts'
import { branches, buses, machines, machineTypes, reactors, voltageBand } from './shipped-region-transmission.ts'

const kmPerDeg = 111.195
const baseMva = 100

/** The shipped region. Every call gives an equal, independent record. */
export function loadShippedRegion(): Region {
    const built = createRows()
    addTransmission(built)
    addMachines(built)
    addRenewables(built)
    for (const feeder of feeders) addFeeder(built, feeder)
    const { sites, units, switches, ...network } = built
    return {
        id: 'lan-valley',
        name: 'Lan Valley',
        network: { name: 'Lan Valley', baseMva, frequencyHz: 60, ...network },
        ...place,
        site: sites,
        switch: switches.list,
        unit: units,
    }
}

interface Rows {
    readonly bus: Bus[]
    readonly load: Load[]
    readonly shunt: Shunt[]
    readonly generator: Generator[]
    readonly storage: Storage[]
    readonly branch: Branch[]
    readonly generatorCost: GeneratorCost[]
    readonly sites: Site[]
    readonly units: Unit[]
    readonly switches: ReturnType<typeof createSwitchList>
}
const createRows = (): Rows => ({
    bus: [],
    load: [],
    shunt: [],
    generator: [],
    storage: [],
    branch: [],
    generatorCost: [],
    sites: [],
    units: [],
    switches: createSwitchList(),
})

const substationOf = (busId: number) => substations.find((row) => row[1].includes(busId))!

/** What people call a thing, in English and Chinese. */
type Named = Pick<Unit, 'name' | 'nameZh'>

function addSite(
    rows: Rows,
    id: string,
    name: string,
    nameZh: string,
    kind: Site['kind'],
    eastKm: number,
    northKm: number,
    heightM: number,
): void {
    const latDeg = place.latDeg + northKm / kmPerDeg
    const lonDeg = place.lonDeg + eastKm / (kmPerDeg * Math.cos((place.latDeg * Math.PI) / 180))
    rows.sites.push(fillRow(site, { id, name, nameZh, kind, latDeg: round6(latDeg), lonDeg: round6(lonDeg), elevationM: heightM }))
}
/** A site near the substation of a bus. */
function addSiteNear(
    rows: Rows,
    busId: number,
    id: string,
    name: string,
    nameZh: string,
    kind: Site['kind'],
    dx: number,
    dy: number,
    heightM?: number,
): void {
    const [, , , , x, y, h] = substationOf(busId)
    addSite(rows, id, name, nameZh, kind, x + dx, y + dy, heightM ?? h)
}

function addTransmission(rows: Rows): void {
    for (const [id, , name, nameZh, x, y, h] of substations) addSite(rows, id, name, nameZh, 'substation', x, y, h)
    for (const [id, kv, type, , , area] of buses) {
        const [siteId, , name] = substationOf(id)
        rows.bus.push(fillRow(bus, { id, name: `${name} ${kv}`, type, baseKv: kv, area, site: siteId, ...voltageBand }))
    }
    branches.forEach(([fromBus, toBus, rPu, xPu, bPu, rateMva, rateShortMva, rateEmergencyMva, ratio], k) => {
        const kind = ratio === 1 ? 'line' : 'transformer'
        const id = `${ratio === 1 ? 'L' : 'T'}${k + 1}`
        rows.branch.push(fillRow(branch, { id, kind, fromBus, toBus, rPu, xPu, bPu, ratio, rateMva, rateShortMva, rateEmergencyMva }))
        rows.switches.add(`branch/${id}`, 'from', fromBus, true)
        rows.switches.add(`branch/${id}`, 'to', toBus, true)
    })
    for (const { bus: busId, bMvar } of reactors) {
        rows.shunt.push(fillRow(shunt, { id: `S${busId}`, bus: busId, gMw: 0, bMvar }))
        rows.switches.add(`shunt/S${busId}`, 'unit', busId, true)
    }
    // a town draws what the test system draws at its bus, less what is modelled beside it
    for (const [busId, siteId, name, nameZh, dx, dy, profile] of towns) {
        const [, , , pMw, qMvar] = buses.find((row) => row[0] === busId)!
        const beside = modelledBeside(busId)
        addSiteNear(rows, busId, siteId, name, nameZh, 'settlement', dx, dy)
        addLoad(rows, `D${busId}`, busId, pMw - beside.pMw, qMvar - beside.qMvar, 'fixed-load', { name, nameZh }, siteId, profile, true)
    }
    for (const [id, busId, pMw, qMvar, name, nameZh] of flexibleLoads) {
        const siteId = towns.find((row) => row[0] === busId)![1]
        addLoad(rows, id, busId, pMw, qMvar, 'flexible-load', { name, nameZh }, siteId, 'industrial', true)
    }
}

function modelledBeside(busId: number): { pMw: number; qMvar: number } {
    let [pMw, qMvar] = [0, 0]
    for (const [, at, p, q] of flexibleLoads) if (at === busId) [pMw, qMvar] = [pMw + p, qMvar + q]
    if (feeders.some((f) => f.bus === busId)) for (const [kw, kvar] of feederLoads) [pMw, qMvar] = [pMw + kw / 1000, qMvar + kvar / 1000]
    return { pMw: round6(pMw), qMvar: round6(qMvar) }
}

function addLoad(
    rows: Rows,
    id: string,
    busId: number,
    pMw: number,
    qMvar: number,
    kind: Unit['kind'],
    named: Named,
    siteId: string,
    profile: string,
    breaker: boolean,
): void {
    rows.load.push(fillRow(load, { id, bus: busId, pMw: round6(pMw), qMvar: round6(qMvar) }))
    // a flexible load follows its setpoint within a minute; a fixed load is not commanded
    const ramp = kind === 'fixed-load' ? {} : { rampMwPerMin: Math.max(0.1, pMw) }
    rows.units.push(fillRow(unit, { component: `load/${id}`, ...named, kind, site: siteId, profile, ...ramp }))
    if (breaker) rows.switches.add(`load/${id}`, 'unit', busId, true)
}

function addMachines(rows: Rows): void {
    for (const [busId, id, name, nameZh, dx, dy] of plants) addSiteNear(rows, busId, id, name, nameZh, 'plant', dx, dy)
    for (const [typeName, busId, count, vSetPu, pMw] of machines) {
        const type = machineTypes[typeName]
        const plant = plants.find((row) => row[0] === busId)
        const siteId = plant?.[1] ?? substationOf(busId)[0]
        for (let n = 0; n < count; n++) {
            const id = `G${rows.generator.length + 1}`
            const { pMinMw, pMaxMw, qMinMvar, qMaxMvar, rampMwPerMin, kind } = type
            // a machine that starts at nothing though it has a least output stands still, its breaker open
            const inService = pMw > 0 || pMinMw === 0
            rows.generator.push(fillRow(generator, { id, bus: busId, pMw, qMinMvar, qMaxMvar, vSetPu, baseMva, pMinMw, pMaxMw, inService }))
            rows.generatorCost.push({ model: 'polynomial', startup: type.startCost, shutdown: 0, coefficients: [type.costPerMwh, 0] })
            const [, , placeName, placeZh] = plant ?? substationOf(busId)
            const named = { name: `${placeName} ${typeName} ${n + 1}`, nameZh: `${placeZh} ${typeName} ${n + 1} 号机` }
            rows.units.push(fillRow(unit, { component: `generator/${id}`, ...named, kind, site: siteId, rampMwPerMin }))
            rows.switches.add(`generator/${id}`, 'unit', busId, inService)
        }
    }
}

function addRenewables(rows: Rows): void {
    for (const [id, busId, kind, pMaxMw, pMw, siteId, name, nameZh, dx, dy, h] of renewables) {
        addSiteNear(rows, busId, siteId, name, nameZh, 'plant', dx, dy, h)
        addSource(rows, id, busId, kind, pMaxMw, pMw, { name, nameZh }, siteId)
    }
    for (const [id, busId, pMaxMw, energyMwh, siteId, name, nameZh, dx, dy] of batteries) {
        addSiteNear(rows, busId, siteId, name, nameZh, 'plant', dx, dy)
        addBattery(rows, id, busId, pMaxMw, energyMwh, { name, nameZh }, siteId)
    }
}

/** Wind or PV behind inverters: unity power factor, within ±0.33 of its size if asked (IEEE 1547-2018, category B: 44 %, less a margin). */
function addSource(
    rows: Rows,
    id: string,
    busId: number,
    kind: 'wind' | 'pv',
    pMaxMw: number,
    pMw: number,
    named: Named,
    siteId: string,
): void {
    const q = round6(pMaxMw * 0.33)
    rows.generator.push(fillRow(generator, { id, bus: busId, pMw, qMinMvar: -q, qMaxMvar: q, baseMva: pMaxMw, pMaxMw }))
    rows.generatorCost.push({ model: 'polynomial', startup: 0, shutdown: 0, coefficients: [0, 0] })
    // inverters and pitch drives move from nothing to full in three minutes
    rows.units.push(fillRow(unit, { component: `generator/${id}`, ...named, kind, site: siteId, rampMwPerMin: round6(pMaxMw / 3) }))
    rows.switches.add(`generator/${id}`, 'unit', busId, true)
}
function addBattery(rows: Rows, id: string, busId: number, pMaxMw: number, energyMwh: number, named: Named, siteId: string): void {
    rows.storage.push(fillRow(storage, { id, bus: busId, pMw: 0, pMinMw: -pMaxMw, pMaxMw, energyMwh, socPercent: 55 }))
    rows.units.push(fillRow(unit, { component: `storage/${id}`, ...named, kind: 'battery', site: siteId, rampMwPerMin: pMaxMw * 6 }))
    rows.switches.add(`storage/${id}`, 'unit', busId, true)
}

function addFeeder(rows: Rows, feeder: FeederPlace): void {
    const { letter, name, nameZh } = feeder
    const [headSite, , , , x, y, h] = substationOf(feeder.bus)
    const busId = (n: number) => 100 * (feeders.indexOf(feeder) + 1) + n
    const siteId = (n: number) => (n === 1 ? headSite : `${letter.toLowerCase()}${n}`)
    const [cos, sin] = [Math.cos((feeder.streetDeg * Math.PI) / 180), Math.sin((feeder.streetDeg * Math.PI) / 180)]
    feederStreets.forEach(([along, across], i) => {
        const n = i + 1
        if (n > 1) {
            const [u, v] = [along * feederBlockKm, across * feederBlockKm]
            addSite(
                rows,
                siteId(n),
                `${name} ${letter}${n}`,
                `${nameZh}${letter}${n}`,
                'feeder',
                x + u * cos - v * sin,
                y + u * sin + v * cos,
                h,
            )
        }
        rows.bus.push(
            fillRow(bus, {
                id: busId(n),
                name: `${name} ${letter}${n}`,
                type: 'pq',
                baseKv: feederKv,
                area: 1,
                zone: 2,
                site: siteId(n),
                ...voltageBand,
            }),
        )
    })
    const { rPu, xPu, rateMva, rateShortMva, rateEmergencyMva } = feederTransformer
    const transformer = {
        id: `T${letter}`,
        kind: 'transformer',
        fromBus: feeder.bus,
        toBus: busId(1),
        rPu,
        xPu,
        ratio: feeder.ratio,
    } as const
    rows.branch.push(fillRow(branch, { ...transformer, rateMva, rateShortMva, rateEmergencyMva }))
    rows.switches.add(`branch/T${letter}`, 'from', feeder.bus, true)
    rows.switches.add(`branch/T${letter}`, 'to', busId(1), true)
    const ohmPerPu = feederKv ** 2 / baseMva
    feederBranches.forEach(([from, to, rOhm, xOhm], k) => {
        const id = `${letter}${k + 1}`
        const closed = k < feederClosedBranches
        const rate = k < feederRateMva.trunkBranches ? feederRateMva.trunk : feederRateMva.lateral
        const ends = { fromBus: busId(from), toBus: busId(to), rPu: rOhm / ohmPerPu, xPu: xOhm / ohmPerPu }
        rows.branch.push(
            fillRow(branch, { id, kind: 'line', ...ends, rateMva: rate, rateShortMva: rate, rateEmergencyMva: rate, inService: closed }),
        )
        // the head has a breaker that clears faults; every other section a switch at its near end
        rows.switches.add(`branch/${id}`, 'from', busId(from), closed, k === 0 ? 'breaker' : 'load-switch')
    })
    feederLoads.forEach(([kw, kvar], i) => {
        const n = i + 2
        addLoad(
            rows,
            `D${letter}${n}`,
            busId(n),
            kw / 1000,
            kvar / 1000,
            'fixed-load',
            { name: `${name} ${letter}${n}`, nameZh: `${nameZh}${letter}${n}` },
            siteId(n),
            feeder.profile,
            false,
        )
    })
    const capacitorBus = busId(feederCapacitor.bus)
    rows.shunt.push(fillRow(shunt, { id: `S${capacitorBus}`, bus: capacitorBus, gMw: 0, bMvar: feederCapacitor.bMvar }))
    rows.switches.add(`shunt/S${capacitorBus}`, 'unit', capacitorBus, true)
    for (const [of, n, id, kind, size, other, what, whatZh] of feederUnits) {
        if (of !== letter) continue
        const title = { name: `${name} ${what}`, nameZh: `${nameZh}${whatZh}` }
        if (kind === 'pv') addSource(rows, id, busId(n), 'pv', size, size * 0.3, title, siteId(n))
        else if (kind === 'battery') addBattery(rows, id, busId(n), size, other, title, siteId(n))
        else addLoad(rows, id, busId(n), size, other, kind, title, siteId(n), kind === 'ev-post' ? 'ev' : 'industrial', true)
    }
}

const round6 = (x: number) => Math.round(x * 1e6) / 1e6
