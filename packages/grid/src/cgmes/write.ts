/**
 * A network as CGMES 2.4.15: EQ, TP, SSH and SV documents, and GL where places are known. Bus-branch, or node-breaker
 * where switches are given: then every bus has a busbar section, every switched component its own connectivity nodes.
 *
 * mRIDs follow from names, so that the same network gives the same bytes. Impedances are written in ohms of the nominal
 * voltage (a bus without one counts as 1 kV), powers of machines as drawn.
 */
import type { Issue } from '@gridverse/units'
import { notKept } from '../case-format.ts'
import { networkIslands } from '../islands.ts'
import type { Network } from '../network.ts'
import type { Site, Switch, Unit } from '../region.ts'
import type { PowerFlow } from '../solve-power-flow.ts'
import { createDocument, ref } from './cim-writer.ts'
import { mridOf } from './mrid.ts'
import type { Profile } from './profile.ts'
import type { CimFile } from './rdf.ts'
import { writeBranches, writeCouplers, writeLimitTypes, writeTransformers3 } from './write-branches.ts'
import { writeDcLinks } from './write-dc.ts'
import { createMrids, createTerminals, groupBuses, switchesBySide, type WriteFrame } from './write-frame.ts'
import { writeInjections } from './write-injections.ts'

export interface CgmesOptions {
    /** given, the model is node-breaker */
    readonly switches?: readonly Switch[]
    /** written as positions of substations */
    readonly sites?: readonly Site[]
    /** what generators are: the classes of their generating units */
    readonly units?: readonly Unit[]
    /** a solved power flow of this network for the state variables; the start values of the records where absent */
    readonly flow?: PowerFlow
    /** when the files were made, and the moment they are of; ISO 8601 */
    readonly created?: string
    readonly scenarioTime?: string
}

const noTime = '2000-01-01T00:00:00Z'

/** The documents of a network, and what they cannot hold. */
export function writeCgmes(network: Network, options: CgmesOptions = {}): { files: CimFile[]; issues: Issue[] } {
    const { switches, sites = [], units = [], flow, created = noTime, scenarioTime = noTime } = options
    const space = network.name || 'network'
    const modelId = (profile: Profile) => mridOf(`${space}|model|${profile}|${scenarioTime}`)
    const head = (profile: Profile, dependsOn: readonly Profile[]) => ({
        id: modelId(profile),
        dependsOn: dependsOn.map(modelId),
        description: space,
        created,
        scenarioTime,
    })
    const eq = createDocument('EQ', head('EQ', []))
    const tp = createDocument('TP', head('TP', ['EQ']))
    const ssh = createDocument('SSH', head('SSH', ['EQ']))
    const sv = createDocument('SV', head('SV', ['EQ', 'TP', 'SSH']))
    const mrid = createMrids(space)
    const issues = lostIn(network)

    const busById = new Map(network.bus.map((b) => [b.id, b]))
    const busOf = (id: number) => busById.get(id)!
    const kvOf = (id: number) => busOf(id).baseKv || 1
    const ids = network.bus.map((b) => b.id)
    const substation = groupBuses(ids, joinsOf(network))
    const places = {
        voltageLevelOf: (bus: number) => mrid('substation', substation.get(bus)!, `${kvOf(bus)} kV`),
        substationOf: (bus: number) => mrid('substation', substation.get(bus)!),
        baseVoltageOf: (bus: number) => mrid('base voltage', kvOf(bus)),
        topologicalNodeOf: (bus: number) => mrid('bus', bus),
        busbarTerminalOf: (bus: number) => mrid('terminal', mrid('bus', bus, 'busbar'), '1'),
    }
    const frame: WriteFrame = {
        network,
        eq,
        tp,
        ssh,
        sv,
        issues,
        busOf,
        kvOf,
        mrid,
        ...places,
        terminal: createTerminals({ eq, tp, ssh, mrid, ...places }, switches !== undefined, switchesBySide(switches ?? [])),
        joined: (at, inService, source = false) => {
            const isolated = at.filter((id) => busOf(id).type === 'isolated').length
            return isolated > 0 && (source || isolated < at.length) ? 'never' : inService
        },
        ohm: (bus) => kvOf(bus) ** 2 / network.baseMva,
    }

    writeContainers(frame, substation)
    writeLimitTypes(frame)
    writeBuses(frame, switches !== undefined)
    writeBranches(frame)
    writeTransformers3(frame)
    writeCouplers(frame)
    writeDcLinks(frame)
    const solved = flow?.status === 'converged' ? flow : undefined
    const kinds = new Map(units.map(({ component, kind }) => [component, kind]))
    writeInjections(frame, kinds, (table, row) => (table === 'generator' && solved ? solved.generator[row] : network[table][row]))
    writeState(frame, solved)

    const base = (network.name || 'network').replace(/[^\w.-]+/g, '_')
    const files = [
        { name: `${base}_EQ.xml`, text: eq.end() },
        { name: `${base}_TP.xml`, text: tp.end() },
        { name: `${base}_SSH.xml`, text: ssh.end() },
        { name: `${base}_SV.xml`, text: sv.end() },
    ]
    if (sites.length) {
        const gl = createDocument('GL', head('GL', ['EQ']))
        writePlaces(frame, gl, sites, substation)
        files.push({ name: `${base}_GL.xml`, text: gl.end() })
    }
    return { files, issues }
}

/** Buses that stand in one substation: those joined by transformers or couplers, and those of one site. */
function* joinsOf(network: Network): Iterable<readonly [number, number]> {
    const kv = new Map(network.bus.map((b) => [b.id, b.baseKv]))
    const siteOf = new Map(network.bus.map((b) => [b.id, b.site]))
    const together = (a: number, b: number) => !siteOf.get(a) || !siteOf.get(b) || siteOf.get(a) === siteOf.get(b)
    for (const b of network.branch)
        if ((b.kind === 'transformer' || kv.get(b.fromBus) !== kv.get(b.toBus)) && together(b.fromBus, b.toBus)) yield [b.fromBus, b.toBus]
    for (const t of network.transformer3 ?? []) {
        if (together(t.bus1, t.bus2)) yield [t.bus1, t.bus2]
        if (together(t.bus1, t.bus3)) yield [t.bus1, t.bus3]
    }
    for (const c of network.coupler ?? []) if (together(c.fromBus, c.toBus)) yield [c.fromBus, c.toBus]
    const first = new Map<string, number>()
    for (const b of network.bus) {
        if (!b.site) continue
        const before = first.get(b.site)
        if (before === undefined) first.set(b.site, b.id)
        else yield [before, b.id]
    }
}

const substationName = (frame: WriteFrame, bus: number) => frame.busOf(bus).site || `Substation ${bus}`

function writeContainers(frame: WriteFrame, substation: ReadonlyMap<number, number>): void {
    const { eq, network, mrid, kvOf, busOf } = frame
    const region = mrid('region', '')
    eq.define('GeographicalRegion', region, { 'IdentifiedObject.name': network.name || 'network' })
    if (network.baseMva !== 100)
        eq.define('BasePower', mrid('base', 'power'), { 'IdentifiedObject.name': 'base power', 'BasePower.basePower': network.baseMva })
    eq.define('BaseFrequency', mrid('base', 'frequency'), {
        'IdentifiedObject.name': 'base frequency',
        'BaseFrequency.frequency': network.frequencyHz,
    })
    const once = new Set<string>()
    const first = (id: string) => !once.has(id) && once.add(id)
    for (const { id } of network.bus) {
        const home = substation.get(id)!
        const { area } = busOf(home)
        const sub = mrid('area', area)
        if (first(sub))
            eq.define('SubGeographicalRegion', sub, { 'IdentifiedObject.name': String(area), 'SubGeographicalRegion.Region': ref(region) })
        const station = frame.substationOf(id)
        if (first(station))
            eq.define('Substation', station, { 'IdentifiedObject.name': substationName(frame, home), 'Substation.Region': ref(sub) })
        const base = frame.baseVoltageOf(id)
        if (first(base))
            eq.define('BaseVoltage', base, { 'IdentifiedObject.name': `${kvOf(id)} kV`, 'BaseVoltage.nominalVoltage': kvOf(id) })
        const level = frame.voltageLevelOf(id)
        if (first(level))
            eq.define('VoltageLevel', level, {
                'IdentifiedObject.name': `${kvOf(id)} kV`,
                'VoltageLevel.Substation': ref(station),
                'VoltageLevel.BaseVoltage': ref(base),
            })
    }
}

/** A bus: its topological node, its busbar section with voltage limits, its connectivity node. */
function writeBuses(frame: WriteFrame, nodeBreaker: boolean): void {
    const { eq, tp, network, mrid, kvOf, voltageLevelOf } = frame
    for (const b of network.bus) {
        const name = b.name || String(b.id)
        const node = mrid('bus', b.id)
        const busbar = mrid('bus', b.id, 'busbar')
        tp.define('TopologicalNode', node, {
            'IdentifiedObject.name': name,
            'IdentifiedObject.shortName': String(b.id),
            'TopologicalNode.BaseVoltage': ref(frame.baseVoltageOf(b.id)),
            'TopologicalNode.ConnectivityNodeContainer': ref(voltageLevelOf(b.id)),
        })
        if (nodeBreaker) {
            const own = mrid('bus', b.id, 'connectivity')
            eq.define('ConnectivityNode', own, {
                'IdentifiedObject.name': name,
                'ConnectivityNode.ConnectivityNodeContainer': ref(voltageLevelOf(b.id)),
            })
            tp.describe('ConnectivityNode', own, { 'ConnectivityNode.TopologicalNode': ref(node) })
        }
        eq.define('BusbarSection', busbar, {
            'IdentifiedObject.name': name,
            'IdentifiedObject.shortName': String(b.id),
            'Equipment.EquipmentContainer': ref(voltageLevelOf(b.id)),
        })
        const end = frame.terminal(busbar, 1, b.id, `bus/${b.id}`, 'unit', true)
        const set = mrid('bus', b.id, 'limits')
        eq.define('OperationalLimitSet', set, {
            'IdentifiedObject.name': 'voltage',
            'OperationalLimitSet.Terminal': ref(end),
            'OperationalLimitSet.Equipment': ref(busbar),
        })
        for (const [limit, pu] of [
            ['highVoltage', b.vMaxPu],
            ['lowVoltage', b.vMinPu],
        ] as const)
            eq.define('VoltageLimit', mrid('bus', b.id, limit), {
                'IdentifiedObject.name': limit,
                'OperationalLimit.OperationalLimitSet': ref(set),
                'OperationalLimit.OperationalLimitType': ref(mrid('limit type', limit)),
                'VoltageLimit.value': pu * kvOf(b.id),
            })
    }
}

/** Voltages, and the islands with the node that holds their angle. */
function writeState({ sv, network, mrid, kvOf, busOf }: WriteFrame, flow: PowerFlow | undefined): void {
    network.bus.forEach((b, i) => {
        const { vmPu, vaDeg } = flow ? flow.bus[i] : b
        sv.define('SvVoltage', mrid('bus', b.id, 'sv'), {
            'SvVoltage.TopologicalNode': ref(mrid('bus', b.id)),
            'SvVoltage.v': vmPu * kvOf(b.id),
            'SvVoltage.angle': vaDeg,
        })
    })
    for (const island of networkIslands(network)) {
        if (!island.energised) continue
        const id = mrid('island', island.bus[0])
        const reference = island.slack.find((bus) => busOf(bus).type === 'slack') ?? island.slack[0]
        sv.define('TopologicalIsland', id, {
            'IdentifiedObject.name': `island of ${island.bus[0]}`,
            'TopologicalIsland.AngleRefTopologicalNode': ref(mrid('bus', reference)),
            'TopologicalIsland.TopologicalNodes': island.bus.map((bus) => ref(mrid('bus', bus))),
        })
    }
}

function writePlaces(
    frame: WriteFrame,
    gl: ReturnType<typeof createDocument>,
    sites: readonly Site[],
    substation: ReadonlyMap<number, number>,
) {
    const { mrid, network } = frame
    const system = mrid('coordinates', 'WGS84')
    gl.define('CoordinateSystem', system, { 'IdentifiedObject.name': 'WGS84', 'CoordinateSystem.crsUrn': 'urn:ogc:def:crs:EPSG::4326' })
    const home = new Map(network.bus.map((b) => [b.site, substation.get(b.id)!]))
    for (const site of sites) {
        const bus = home.get(site.id)
        if (bus === undefined) continue
        const location = mrid('site', site.id, 'location')
        gl.define('Location', location, {
            'IdentifiedObject.name': site.name,
            'Location.CoordinateSystem': ref(system),
            'Location.PowerSystemResources': ref(mrid('substation', bus)),
        })
        gl.define('PositionPoint', mrid('site', site.id, 'point'), {
            'PositionPoint.Location': ref(location),
            'PositionPoint.sequenceNumber': 1,
            'PositionPoint.xPosition': String(site.lonDeg),
            'PositionPoint.yPosition': String(site.latDeg),
        })
    }
}

/** What CGMES 2.4.15 has no place for. */
function lostIn(network: Network): Issue[] {
    const { bus, branch, generatorCost } = network
    const issues: Issue[] = []
    const some = (rows: number, path: string, message: string) => rows > 0 && issues.push(notKept(path, message))
    some(generatorCost.length, 'generatorCost', `CGMES has no costs: those of ${generatorCost.length} generators are left out`)
    some(bus.filter((b) => b.zone !== 1).length, 'bus/zone', 'CGMES has no loss zones: they are left out')
    const limited = branch.filter((b) => b.angleMinDeg > -360 || b.angleMaxDeg < 360).length
    some(limited, 'branch/angleMinDeg', `CGMES has no angle limits: those of ${limited} branches are left out`)
    some(bus.filter((b) => b.baseKv === 0).length, 'bus/baseKv', 'buses without a base voltage are written with 1 kV')
    some(bus.filter((b) => b.type === 'slack').length - 1, 'bus/type', 'of several slack buses in an island CGMES keeps one')
    return issues
}
