/**
 * From terminals and switches to buses.
 *
 * Bus-branch models give the buses as topological nodes. In node-breaker models the buses are found: connectivity nodes
 * joined by closed switches are one bus, switches to be retained stay as couplers between two.
 *
 * A terminal left alone behind open switches is no bus of its own: its equipment is out of service, and recorded at the
 * bus those switches would join it to.
 */
import { type CimModel, type CimObject, flagOf, kindOf, nameOf, numberOf, targetOf, textOf } from './cim-object.ts'

export const switchTypes = [
    'Switch',
    'Breaker',
    'Disconnector',
    'LoadBreakSwitch',
    'Fuse',
    'Jumper',
    'GroundDisconnector',
    'ProtectedSwitch',
    'Recloser',
    'Sectionaliser',
] as const

/** Classes the reader makes something of; of any other with terminals it says that it does not. */
export const equipmentTypes = new Set<string>([
    ...switchTypes,
    ...['ACLineSegment', 'SeriesCompensator', 'EquivalentBranch', 'PowerTransformer', 'BusbarSection', 'Junction', 'Ground'],
    ...['SynchronousMachine', 'AsynchronousMachine', 'ExternalNetworkInjection', 'StaticVarCompensator', 'EquivalentInjection'],
    ...['EnergyConsumer', 'ConformLoad', 'NonConformLoad', 'StationSupply', 'EnergySource', 'EquivalentShunt'],
    ...['LinearShuntCompensator', 'NonlinearShuntCompensator', 'CsConverter', 'VsConverter'],
])
/** equipment that is nothing by itself: a bus needs something else */
const passive = new Set<string>([...switchTypes, 'Junction', 'Ground'])

export interface BusPlace {
    /** topological node, or first connectivity node */
    readonly node: CimObject
    readonly busbars: readonly CimObject[]
    /** nominal voltage, kV; NaN where nothing tells it */
    baseKv: number
    readonly voltageLevel: CimObject | undefined
    readonly substation: CimObject | undefined
}

export interface CouplerPlace {
    readonly object: CimObject
    readonly from: number
    readonly to: number
    readonly closed: boolean
}

export interface Topology {
    readonly kind: 'bus-branch' | 'node-breaker'
    readonly buses: readonly BusPlace[]
    readonly couplers: readonly CouplerPlace[]
    /** terminals of an equipment by their number */
    readonly terminalsOf: (equipment: CimObject) => readonly CimObject[]
    /** bus of a terminal, counted from 0; −1 where it has no node */
    readonly busOf: (terminal: CimObject | undefined) => number
    /** whether a terminal is joined to its bus */
    readonly isConnected: (terminal: CimObject) => boolean
    /** bus of a topological or connectivity node; −1 for none */
    readonly busOfNode: (node: CimObject | undefined) => number
    /** switches closed in one profile and parted in the other */
    readonly disagreeing: readonly CimObject[]
}

export function buildTopology(model: CimModel, kind: Topology['kind']): Topology {
    const terminals = new Map<CimObject, CimObject[]>()
    for (const terminal of model.ofClass('Terminal')) {
        const equipment = targetOf(terminal, 'Terminal.ConductingEquipment')
        if (!equipment) continue
        const list = terminals.get(equipment)
        if (list) list.push(terminal)
        else terminals.set(equipment, [terminal])
    }
    const sequence = (t: CimObject) => numberOf(t, 'ACDCTerminal.sequenceNumber', numberOf(t, 'Terminal.sequenceNumber', 0))
    for (const list of terminals.values()) if (list.length > 1) list.sort((a, b) => sequence(a) - sequence(b))
    const terminalsOf = (equipment: CimObject) => terminals.get(equipment) ?? []

    const nodes = model.ofClass(kind === 'bus-branch' ? 'TopologicalNode' : 'ConnectivityNode')
    const at = new Map(nodes.map((node, i) => [node, i]))
    const nodeOfTerminal = (terminal: CimObject): number => {
        const connectivity = targetOf(terminal, 'Terminal.ConnectivityNode')
        if (kind === 'node-breaker') return connectivity ? (at.get(connectivity) ?? -1) : -1
        const topological = targetOf(terminal, 'Terminal.TopologicalNode') ?? targetOf(connectivity, 'ConnectivityNode.TopologicalNode')
        return topological ? (at.get(topological) ?? -1) : -1
    }

    // closed switches join nodes, or stay as couplers
    const above = Int32Array.from(nodes, (_, i) => i)
    const find = (i: number): number => {
        while (above[i] !== i) {
            above[i] = above[above[i]]
            i = above[i]
        }
        return i
    }
    const kept: { object: CimObject; a: number; b: number; closed: boolean }[] = []
    const open: { a: number; b: number }[] = []
    const disagreeing: CimObject[] = []
    for (const type of switchTypes)
        for (const object of model.ofClass(type)) {
            const [s, t] = terminalsOf(object)
            if (!s || !t) continue
            const a = nodeOfTerminal(s)
            const b = nodeOfTerminal(t)
            if (a < 0 || b < 0) continue
            const closed = !isOpen(object) && isJoined(s) && isJoined(t)
            const retained = flagOf(object, 'Switch.retained', false)
            const parts = nodeOfTopology(s) && nodeOfTopology(t) ? nodeOfTopology(s) !== nodeOfTopology(t) : undefined
            if (parts !== undefined && !retained && parts === closed) disagreeing.push(object)
            if (closed && !retained && kind === 'node-breaker') {
                const [x, y] = [find(a), find(b)]
                if (x !== y) above[Math.max(x, y)] = Math.min(x, y)
            } else if (a !== b && (retained || closed)) kept.push({ object, a, b, closed })
            else if (!closed) open.push({ a, b })
        }

    // what stands at every group of nodes
    const n = nodes.length
    const equipmentCount = new Int32Array(n)
    const anyTerminal = new Uint8Array(n)
    const busbars = new Map<number, CimObject[]>()
    for (const [equipment, list] of terminals)
        for (const terminal of list) {
            const node = nodeOfTerminal(terminal)
            if (node < 0) continue
            const group = find(node)
            anyTerminal[group] = 1
            if (passive.has(equipment.type) || !equipmentTypes.has(equipment.type)) continue
            if (equipment.type === 'BusbarSection') {
                const before = busbars.get(group)
                if (before) before.push(equipment)
                else busbars.set(group, [equipment])
            } else equipmentCount[group]++
        }
    const coupled = new Uint8Array(n)
    for (const { a, b, closed } of kept) if (closed) coupled[find(a)] = coupled[find(b)] = 1
    const openTo = new Map<number, number[]>()
    const addOpen = (from: number, to: number) => {
        const list = openTo.get(from)
        if (list) list.push(to)
        else openTo.set(from, [to])
    }
    for (const { a, b } of [...open, ...kept.filter(({ closed }) => !closed)]) {
        const [x, y] = [find(a), find(b)]
        if (x === y) continue
        addOpen(x, y)
        addOpen(y, x)
    }

    // which groups are buses, and where those that are none belong
    const strong = (i: number) => busbars.has(i) || coupled[i] === 1 || equipmentCount[i] > 1 || (equipmentCount[i] === 1 && !openTo.has(i))
    const unused = (i: number) =>
        equipmentCount[i] === 0 &&
        (kind === 'node-breaker' || anyTerminal[i] === 1 || isBoundary(nodes[i])) &&
        !busbars.has(i) &&
        coupled[i] === 0
    const isBus = new Uint8Array(n)
    const home = new Int32Array(n).fill(-1)
    for (let i = 0; i < n; i++)
        if (find(i) === i && !unused(i) && (strong(i) || equipmentCount[i] === 0)) {
            isBus[i] = 1
            home[i] = i
        }
    for (let i = 0; i < n; i++) {
        if (find(i) !== i || isBus[i] === 1) continue
        const seen = new Set([i])
        const queue = [i]
        for (let q = 0; q < queue.length && home[i] < 0; q++)
            for (const next of openTo.get(queue[q]) ?? []) {
                if (seen.has(next)) continue
                seen.add(next)
                queue.push(next)
                if (isBus[next] === 1 && strong(next)) {
                    home[i] = next
                    break
                }
            }
        // nothing to belong to
        if (home[i] < 0 && equipmentCount[i] > 0) {
            isBus[i] = 1
            home[i] = i
        }
    }

    const rank = new Int32Array(n).fill(-1)
    const buses: BusPlace[] = []
    for (let i = 0; i < n; i++)
        if (isBus[i] === 1) {
            rank[i] = buses.length
            buses.push(placeOfBus(nodes[i], busbars.get(i) ?? []))
        }
    const groupOf = (terminal: CimObject | undefined) => {
        const node = terminal ? nodeOfTerminal(terminal) : -1
        return node < 0 ? -1 : find(node)
    }
    const busOfGroup = (group: number) => (group < 0 || home[group] < 0 ? -1 : rank[home[group]])
    return {
        kind,
        buses,
        couplers: kept
            .map(({ object, a, b, closed }) => ({ object, a: find(a), b: find(b), closed }))
            .filter(({ a, b }) => isBus[a] === 1 && isBus[b] === 1 && a !== b)
            .map(({ object, a, b, closed }) => ({ object, from: rank[a], to: rank[b], closed })),
        terminalsOf,
        busOf: (terminal) => busOfGroup(groupOf(terminal)),
        isConnected: (terminal) => {
            const group = groupOf(terminal)
            return isJoined(terminal) && group >= 0 && isBus[group] === 1
        },
        busOfNode: (node) => {
            const i = node ? (at.get(node) ?? -1) : -1
            return i < 0 ? -1 : busOfGroup(find(i))
        },
        disagreeing,
    }
}

/** Open by the steady state hypothesis, else normally. */
export const isOpen = (object: CimObject) => flagOf(object, 'Switch.open', flagOf(object, 'Switch.normalOpen', false))
const isJoined = (terminal: CimObject) => flagOf(terminal, 'ACDCTerminal.connected', flagOf(terminal, 'Terminal.connected', true))
const nodeOfTopology = (terminal: CimObject) =>
    targetOf(terminal, 'Terminal.TopologicalNode') ??
    targetOf(targetOf(terminal, 'Terminal.ConnectivityNode'), 'ConnectivityNode.TopologicalNode')
/** nodes of the boundary set stand between areas; most are not used by one model */
const isBoundary = (node: CimObject) => flagOf(node, `${node.type}.boundaryPoint`, false) || 'TopologicalNode.fromEndName' in node.fields

function placeOfBus(node: CimObject, busbars: readonly CimObject[]): BusPlace {
    const voltageLevel =
        voltageLevelOf(targetOf(node, `${node.type}.ConnectivityNodeContainer`)) ??
        voltageLevelOf(targetOf(busbars[0], 'Equipment.EquipmentContainer'))
    const base = targetOf(node, 'TopologicalNode.BaseVoltage') ?? targetOf(voltageLevel, 'VoltageLevel.BaseVoltage')
    return {
        node,
        busbars,
        baseKv: numberOf(base, 'BaseVoltage.nominalVoltage', Number.NaN),
        voltageLevel,
        substation: targetOf(voltageLevel, 'VoltageLevel.Substation'),
    }
}

/** The voltage level a container is or lies in. */
export function voltageLevelOf(container: CimObject | undefined): CimObject | undefined {
    if (container?.type === 'Bay') return targetOf(container, 'Bay.VoltageLevel')
    return container?.type === 'VoltageLevel' ? container : undefined
}

/** Numbers of buses: those their short names give where all are whole, positive and different, else 1, 2, … */
export function busNumbers(buses: readonly BusPlace[]): number[] {
    const given = buses.map(({ node, busbars }) => {
        const text = textOf(node, 'IdentifiedObject.shortName') ?? textOf(busbars[0], 'IdentifiedObject.shortName') ?? ''
        return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0
    })
    const fit = given.every((id) => id > 0) && new Set(given).size === given.length
    return fit ? given : buses.map((_, i) => i + 1)
}

/** What people call a bus; empty where that is its number. */
export function busName({ node, busbars }: BusPlace, id: number): string {
    const name = (busbars.length === 1 ? nameOf(busbars[0]) : '') || nameOf(node) || nameOf(busbars[0])
    return name === String(id) ? '' : name
}

/** Mode of a regulating control, as `voltage`. */
export const modeOf = (control: CimObject | undefined) => kindOf(control, 'RegulatingControl.mode')
