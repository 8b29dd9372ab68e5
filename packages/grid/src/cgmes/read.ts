/**
 * CGMES 2.4.15 as a network: EQ, TP, SSH and SV documents of one or several areas, with their boundary set.
 *
 * Buses are the topological nodes where TP gives them, else they are found from connectivity nodes and switches
 * (`topology: 'switches'` asks for that in any case). Ohms and kV become per unit of the system base, 100 MVA unless a
 * BasePower says otherwise.
 */
import { fillRow, type Issue } from '@gridverse/units'
import type { Place } from '../check-network.ts'
import { networkIslands } from '../islands.ts'
import { bus, type Control, type Coupler, coupler, type Network, type Shunt } from '../network.ts'
import type { Region } from '../region.ts'
import { checkObjects, checkProfiles } from './check-model.ts'
import { type CimModel, type CimObject, describeObject, nameOf, numberOf, placeOfField, targetOf, textOf } from './cim-object.ts'
import { type CimFile, parseRdf } from './rdf.ts'
import { readBranches } from './read-branches.ts'
import { readDcLinks } from './read-dc.ts'
import { createFound, indexLimits, inOrder, type ReadFrame, recordIds, tidy } from './read-frame.ts'
import { type ReadGenerator, readGenerators, readLoads, readShunts } from './read-injections.ts'
import { readRegion } from './read-region.ts'
import { type BusPlace, buildTopology, busName, busNumbers, type Topology } from './read-topology.ts'

export interface CgmesReadOptions {
    /** of a network the files give no name */
    readonly name?: string
    /** `switches`: buses are found from switches even where TP gives them */
    readonly topology?: 'file' | 'switches'
    /** hears the share of the text read, 0…1 */
    readonly progress?: (share: number) => void
}

/** Power at a terminal by the state variables, drawn positive. */
export interface TerminalPower {
    /** record it belongs to, as `load/L1`; empty where it has none */
    readonly path: string
    readonly pMw: number
    readonly qMvar: number
}

export interface CgmesCase {
    readonly network: Network
    /** where the model is node-breaker and every substation has a position */
    readonly region?: Region
    readonly issues: readonly Issue[]
    readonly placeOf: (table: string, row: number) => Place | undefined
    /** how the buses were found */
    readonly topology: Topology['kind']
    /** places of substations, where the files give them, by the names of `bus.site` */
    readonly position: ReadonlyMap<string, { readonly lonDeg: number; readonly latDeg: number }>
    /** powers the state variables give, to compare with a power flow */
    readonly svPower: readonly TerminalPower[]
}

/** Reads the documents of a case; nothing is thrown for what is wrong inside them. */
export function parseCgmes(files: readonly CimFile[], options: CgmesReadOptions = {}): CgmesCase {
    const { name = '', topology: asked = 'file', progress } = options
    const { model, issues: misread } = parseRdf(files, progress)
    const issues = [...misread, ...checkProfiles(model)]
    const found = createFound(model, issues)
    checkObjects(model, found)

    const hasNodes = model.ofClass('ConnectivityNode').length > 0
    const kind = hasNodes && (asked === 'switches' || model.ofClass('TopologicalNode').length === 0) ? 'node-breaker' : 'bus-branch'
    const topology = buildTopology(model, kind)
    for (const object of topology.disagreeing)
        found(
            'topology-differs',
            object,
            'Switch.open',
            `${describeObject(object)} is ${textOf(object, 'Switch.open') === 'true' ? 'open, but TP joins' : 'closed, but TP parts'} what it lies between; buses are those of ${kind === 'bus-branch' ? 'TP' : 'the switches'}`,
            'warning',
        )
    for (const terminal of model.ofClass('Terminal')) {
        const equipment = targetOf(terminal, 'Terminal.ConductingEquipment')
        if (!equipment)
            found('missing-value', terminal, 'Terminal.ConductingEquipment', `${describeObject(terminal)} belongs to no equipment`)
        else if (!('Terminal.ConnectivityNode' in terminal.fields) && !('Terminal.TopologicalNode' in terminal.fields))
            found(
                'terminal-without-node',
                terminal,
                '',
                `terminal ${terminal.id} of ${describeObject(equipment)} has no node: the equipment hangs in the air`,
            )
    }

    const baseMva = numberOf(model.ofClass('BasePower')[0], 'BasePower.basePower', 100)
    const busId = busNumbers(topology.buses)
    fillBaseVoltages(model, topology, found)
    const frame: ReadFrame = {
        model,
        topology,
        baseMva,
        busId,
        busKv: topology.buses.map(({ baseKv }) => (baseKv > 0 ? baseKv : 1)),
        limits: indexLimits(model),
        found,
    }
    const branches = readBranches(frame)
    const loads = readLoads(frame)
    const shunts = readShunts(frame)
    const { generators, controls: voltageControls } = readGenerators(frame)
    const links = readDcLinks(frame)
    const controls = [...branches.controls, ...shunts.controls, ...voltageControls]
    const couplerObjects = [...topology.couplers.map(({ object }) => object), ...branches.couplerObjects]
    const couplerIds = recordIds(couplerObjects)
    const switches = topology.couplers.map(({ from, to, closed }, i) =>
        fillRow(coupler, { id: couplerIds[i], fromBus: busId[from], toBus: busId[to], closed }),
    )
    const couplers: Coupler[] = [...switches, ...branches.coupler.map((row, i) => ({ ...row, id: couplerIds[switches.length + i] }))]
    const shuntRows = uniqueShunts([...shunts.rows, ...branches.shunt])

    const holding = new Set(generators.filter(({ row, holds, remote }) => row.inService && holds && !remote).map((g) => g.bus))
    const buses = readBuses(frame, holding)
    const shared = {
        name: networkName(model, name),
        baseMva,
        frequencyHz: numberOf(model.ofClass('BaseFrequency')[0], 'BaseFrequency.frequency', 50),
    }
    const network: Network = {
        ...shared,
        bus: buses,
        load: loads.rows,
        shunt: shuntRows,
        generator: generators.map((g) => fixReactive(g, holding)),
        storage: [],
        branch: branches.branch,
        generatorCost: [],
        ...(couplers.length ? { coupler: couplers } : {}),
        ...(links.rows.length ? { dcLink: links.rows } : {}),
        ...(branches.transformer3.length ? { transformer3: branches.transformer3 } : {}),
        ...(controls.length ? { control: uniqueControls(controls) } : {}),
    }
    const objects: Readonly<Record<string, readonly CimObject[]>> = {
        bus: topology.buses.map(({ node }) => node),
        load: loads.objects,
        shunt: [...shunts.objects, ...branches.shuntObjects],
        generator: generators.map(({ object }) => object),
        branch: branches.branchObjects,
        coupler: couplerObjects,
        dcLink: links.objects,
        transformer3: branches.transformer3Objects,
        control: controls.map(([, object]) => object),
    }
    const whole = startAngles(nameSlacks(network, generators, frame, issues), model)
    const position = readPositions(model, topology)
    const region = readRegion(model, topology, whole, objects, position)
    return {
        network: whole,
        ...(region ? { region } : {}),
        issues,
        placeOf: (table, row) => {
            const object = objects[table]?.[row]
            return object && placeOfField(model, object)
        },
        topology: kind,
        position,
        svPower: readPowers(model, whole, objects),
    }
}

function networkName(model: CimModel, name: string): string {
    const described = model.documents.find(({ description, file }) => description && model.files[file])
    return described?.description || name
}

/** Nominal voltages of buses whose node names none: those of the equipment there. */
function fillBaseVoltages(model: CimModel, topology: Topology, found: ReadFrame['found']): void {
    const tell = (terminal: CimObject | undefined, kv: number) => {
        const place = topology.buses[topology.busOf(terminal)]
        if (place && Number.isNaN(place.baseKv) && kv > 0) place.baseKv = kv
    }
    for (const line of inOrder(model, ['ACLineSegment', 'SeriesCompensator', 'EquivalentBranch'])) {
        const kv = numberOf(targetOf(line, 'ConductingEquipment.BaseVoltage'), 'BaseVoltage.nominalVoltage', Number.NaN)
        for (const terminal of topology.terminalsOf(line)) tell(terminal, kv)
    }
    for (const end of model.ofClass('PowerTransformerEnd')) {
        const base = numberOf(targetOf(end, 'TransformerEnd.BaseVoltage'), 'BaseVoltage.nominalVoltage', Number.NaN)
        tell(targetOf(end, 'TransformerEnd.Terminal'), base > 0 ? base : numberOf(end, 'PowerTransformerEnd.ratedU', Number.NaN))
    }
    for (const { node, baseKv } of topology.buses)
        if (!(baseKv > 0))
            found('missing-value', node, '', `${describeObject(node)} has no base voltage: its ohms cannot be read; 1 kV is taken`)
}

function readBuses(frame: ReadFrame, holding: ReadonlySet<number>) {
    const { model, topology, busId, busKv, limits } = frame
    const sv = new Map(model.ofClass('SvVoltage').map((v) => [targetOf(v, 'SvVoltage.TopologicalNode'), v]))
    const svOfBus = new Map<number, CimObject>()
    const note = (bus: number, node: CimObject | undefined) => {
        const voltage = sv.get(node)
        if (bus >= 0 && voltage && !svOfBus.has(bus)) svOfBus.set(bus, voltage)
    }
    if (topology.kind === 'bus-branch') for (const node of sv.keys()) note(topology.busOfNode(node), node)
    else
        for (const terminal of model.ofClass('Terminal')) {
            const node = targetOf(terminal, 'Terminal.ConnectivityNode')
            note(
                topology.busOf(terminal),
                targetOf(terminal, 'Terminal.TopologicalNode') ?? targetOf(node, 'ConnectivityNode.TopologicalNode'),
            )
        }
    const sites = new Map<CimObject, string>()
    const stations = [...new Set(topology.buses.flatMap(({ substation }) => substation ?? []))]
    recordIds(stations).forEach((id, i) => {
        sites.set(stations[i], id)
    })
    const areas = areaNumbers(topology.buses)
    return topology.buses.map((place, i) => {
        const voltage = svOfBus.get(i)
        const kv = busKv[i]
        const level = place.voltageLevel
        const pu = (limitKv: number, missing: number) => (limitKv > 0 ? tidy(limitKv / kv) : missing)
        const own = place.busbars.map((bar) => limits.voltageOf(bar, topology.terminalsOf(bar)))
        const low = Math.max(...own.map(({ low }) => low).filter((x) => x > 0), numberOf(level, 'VoltageLevel.lowVoltageLimit'))
        const high = Math.min(
            ...own.map(({ high }) => high).filter((x) => x > 0),
            numberOf(level, 'VoltageLevel.highVoltageLimit', Infinity),
        )
        const vm = numberOf(voltage, 'SvVoltage.v', kv) / kv
        if (voltage && vm > 10)
            frame.found(
                'absurd-unit',
                voltage,
                'SvVoltage.v',
                `voltage of ${describeObject(place.node)} is ${numberOf(voltage, 'SvVoltage.v')} kV where ${kv} kV are nominal. Given in volts?`,
                'warning',
            )
        return fillRow(bus, {
            id: busId[i],
            name: busName(place, busId[i]),
            type: holding.has(i) ? 'pv' : 'pq',
            baseKv: kv,
            vmPu: vm > 0 ? tidy(vm) : 1,
            vaDeg: numberOf(voltage, 'SvVoltage.angle'),
            vMinPu: pu(low, 0.9),
            vMaxPu: Number.isFinite(high) ? pu(high, 1.1) : 1.1,
            area: areas[i],
            site: (place.substation && sites.get(place.substation)) ?? '',
        })
    })
}

/** Areas are regions within a region: their names where these are numbers, else 1, 2, … */
function areaNumbers(places: readonly BusPlace[]): number[] {
    const region = (place: BusPlace) => targetOf(place.substation, 'Substation.Region')
    const all = [...new Set(places.flatMap((place) => region(place) ?? []))]
    const numbered = all.every((r) => /^\d{1,9}$/.test(nameOf(r)))
    return places.map((place) => {
        const r = region(place)
        return r ? (numbered ? Number(nameOf(r)) : 1 + all.indexOf(r)) : 1
    })
}

/** A machine of fixed reactive power at a bus that another holds keeps what it gives. */
function fixReactive({ row, bus, holds, remote }: ReadGenerator, holding: ReadonlySet<number>) {
    if (!row.inService || !holding.has(bus) || (holds && !remote)) return row
    return { ...row, qMinMvar: row.qMvar, qMaxMvar: row.qMvar }
}

/**
 * The slack of every island: the machine of the first reference priority, else the angle reference of the state
 * variables, else the machine with the largest participation, else the largest. Islands nothing feeds are isolated.
 */
function nameSlacks(
    network: Network,
    generators: readonly ReadGenerator[],
    { model, topology, busId }: ReadFrame,
    issues: Issue[],
): Network {
    const atBus = new Map<number, ReadGenerator[]>()
    for (const g of generators) if (g.row.inService) atBus.set(g.row.bus, [...(atBus.get(g.row.bus) ?? []), g])
    const references = new Set(
        model
            .ofClass('TopologicalIsland')
            .map((island) => busId[topology.busOfNode(targetOf(island, 'TopologicalIsland.AngleRefTopologicalNode'))]),
    )
    // whether the slack holds a voltage of its own
    const slack = new Map<number, boolean>()
    const dead = new Set<number>()
    for (const { bus } of networkIslands(network)) {
        const sources = bus.flatMap((id) => atBus.get(id) ?? [])
        const first = least(
            sources.filter(({ priority }) => priority > 0),
            ({ priority }) => priority,
        )
        const chosen = first ?? sources.find((g) => references.has(g.row.bus)) ?? least(sources, rank)
        if (chosen) slack.set(chosen.row.bus, chosen.holds && !chosen.remote)
        else for (const id of bus) dead.add(id)
    }
    if (dead.size)
        issues.push({
            code: 'dead-island',
            path: 'bus',
            message: `${dead.size} of ${network.bus.length} buses are fed by nothing: they count as isolated`,
            severity: 'warning',
        })
    const set = new Map(network.bus.map((b) => [b.id, b.vmPu]))
    return {
        ...network,
        bus: network.bus.map((b) =>
            slack.has(b.id) ? { ...b, type: 'slack' as const } : dead.has(b.id) ? { ...b, type: 'isolated' as const } : b,
        ),
        // else it keeps that of the state variables
        generator: network.generator.map((g) => (slack.get(g.bus) === false && g.inService ? { ...g, vSetPu: set.get(g.bus)! } : g)),
    }
}

/** Without state variables a bus starts at the angle that clocks and shifts alone give it. */
function startAngles(network: Network, model: CimModel): Network {
    if (model.ofClass('SvVoltage').length) return network
    const next = new Map<number, [number, number][]>()
    const join = (from: number, to: number, lag: number) => {
        next.set(from, [...(next.get(from) ?? []), [to, lag]])
        next.set(to, [...(next.get(to) ?? []), [from, -lag]])
    }
    for (const b of network.branch) if (b.inService) join(b.fromBus, b.toBus, b.shiftDeg)
    for (const c of network.coupler ?? []) if (c.closed) join(c.fromBus, c.toBus, 0)
    for (const t of network.transformer3 ?? [])
        if (t.inService) {
            join(t.bus1, t.bus2, t.shift1Deg - t.shift2Deg)
            join(t.bus1, t.bus3, t.shift1Deg - t.shift3Deg)
        }
    const angle = new Map(network.bus.filter((b) => b.type === 'slack').map((b) => [b.id, 0]))
    const queue = [...angle.keys()]
    for (const bus of queue)
        for (const [to, lag] of next.get(bus) ?? [])
            if (!angle.has(to)) {
                angle.set(to, angle.get(bus)! - lag)
                queue.push(to)
            }
    return { ...network, bus: network.bus.map((b) => (angle.get(b.id) ? { ...b, vaDeg: angle.get(b.id)! } : b)) }
}

function least<T>(rows: readonly T[], of: (row: T) => number): T | undefined {
    return rows.reduce<T | undefined>((a, b) => (a !== undefined && of(a) <= of(b) ? a : b), undefined)
}

/** Lower is better: takes part, then holds a voltage, then is large. */
const rank = ({ participation, holds, row }: ReadGenerator) =>
    -(1e12 * (participation > 0 ? 1 + participation : 0) + (holds ? 1e9 : 0) + (Number.isFinite(row.pMaxMw) ? Math.max(0, row.pMaxMw) : 0))

function uniqueShunts(rows: readonly Shunt[]): Shunt[] {
    const taken = new Set<string>()
    return rows.map((row) => {
        let { id } = row
        for (let k = 2; taken.has(id); k++) id = `${row.id} ${k}`
        taken.add(id)
        return id === row.id ? row : { ...row, id }
    })
}

/** Controls by their names, or mRIDs where names repeat; one control may move several machines. */
function uniqueControls(controls: readonly [Control, CimObject][]): Control[] {
    const names = recordIds(controls.map(([, object]) => object))
    const taken = new Set<string>()
    return controls.map(([row], i) => {
        const id = taken.has(names[i]) ? `${names[i]} ${row.element}` : names[i]
        taken.add(id)
        return { ...row, id }
    })
}

function readPositions(model: CimModel, topology: Topology): CgmesCase['position'] {
    const stations = [...new Set(topology.buses.flatMap(({ substation }) => substation ?? []))]
    const names = new Map(recordIds(stations).map((id, i) => [stations[i], id]))
    const found = new Map<string, { lonDeg: number; latDeg: number }>()
    for (const point of model.ofClass('PositionPoint')) {
        const place = targetOf(point, 'PositionPoint.Location')
        const site = names.get(targetOf(place, 'Location.PowerSystemResources')!)
        const lonDeg = numberOf(point, 'PositionPoint.xPosition', Number.NaN)
        const latDeg = numberOf(point, 'PositionPoint.yPosition', Number.NaN)
        if (site !== undefined && !found.has(site) && Math.abs(lonDeg) <= 180 && Math.abs(latDeg) <= 90) found.set(site, { lonDeg, latDeg })
    }
    return found
}

function readPowers(model: CimModel, network: Network, objects: Readonly<Record<string, readonly CimObject[]>>): TerminalPower[] {
    const pathOf = new Map<CimObject, string>()
    for (const table of ['load', 'generator', 'branch', 'shunt'] as const)
        objects[table].forEach((object, row) => {
            if (!pathOf.has(object)) pathOf.set(object, `${table}/${network[table][row].id}`)
        })
    return model.ofClass('SvPowerFlow').map((sv) => {
        const equipment = targetOf(targetOf(sv, 'SvPowerFlow.Terminal'), 'Terminal.ConductingEquipment')
        return {
            path: (equipment && pathOf.get(equipment)) ?? '',
            pMw: numberOf(sv, 'SvPowerFlow.p'),
            qMvar: numberOf(sv, 'SvPowerFlow.q'),
        }
    })
}
