/**
 * The region a node-breaker model with positions stands for: substations as sites, the switches between components and
 * their buses, generating units by their classes. A switch is a component's where it lies on a way without branches from
 * the component's terminal; a bay to two busbars keeps the breaker and leaves the disconnectors to the topology.
 */
import { fillRow } from '@gridverse/units'
import type { Network } from '../network.ts'
import { type Region, type Site, type Switch, site, switchTable, type Unit, type UnitKind, unit } from '../region.ts'
import { applySwitches } from '../region-switches.ts'
import { type CimModel, type CimObject, flagOf, nameOf, targetOf } from './cim-object.ts'
import { inOrder, recordIds } from './read-frame.ts'
import { isOpen, switchTypes, type Topology } from './read-topology.ts'

type Objects = Readonly<Record<string, readonly CimObject[]>>
type Positions = ReadonlyMap<string, { readonly lonDeg: number; readonly latDeg: number }>

const unitKindOf: Readonly<Record<string, UnitKind>> = {
    NuclearGeneratingUnit: 'nuclear',
    ThermalGeneratingUnit: 'thermal',
    HydroGeneratingUnit: 'hydro',
    WindGeneratingUnit: 'wind',
    SolarGeneratingUnit: 'pv',
}
const switchKindOf: Readonly<Record<string, Switch['kind']>> = { Disconnector: 'disconnector', LoadBreakSwitch: 'load-switch' }

/** Undefined where a bus stands at no known position or there are no connectivity nodes. */
export function readRegion(
    model: CimModel,
    topology: Topology,
    network: Network,
    objects: Objects,
    position: Positions,
): Region | undefined {
    const ids = [...new Set(network.bus.map((b) => b.site))]
    const placed = ids.length > 0 && ids.every((id) => position.has(id))
    if (!placed || model.ofClass('ConnectivityNode').length === 0) return undefined
    const sites = ids.map((id): Site => fillRow(site, { id, name: id, kind: 'substation', ...position.get(id)! }))
    const mean = (of: (s: Site) => number) => sites.reduce((sum, s) => sum + of(s), 0) / sites.length
    const lonDeg = mean((s) => s.lonDeg)
    const hours = Math.round(lonDeg / 15)
    const region: Region = {
        id: network.name.toLowerCase().replace(/[^a-z0-9]+/g, '-') || 'region',
        name: network.name,
        latDeg: mean((s) => s.latDeg),
        lonDeg,
        // names of zones count westwards
        timeZone: hours === 0 ? 'Etc/GMT' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`,
        site: sites,
        switch: readSwitches(model, topology, network, objects),
        unit: readUnits(network, objects),
        network,
    }
    // a component its own switches do not part keeps what the topology says of it
    const told = new Map(applied(region).map(([path, inService]) => [path, inService]))
    const wrong = new Set(applied({ ...region, switch: [] }).flatMap(([path, inService]) => (told.get(path) === inService ? [] : [path])))
    return { ...region, switch: region.switch.filter(({ component }) => !wrong.has(component)) }
}

const tables = ['branch', 'generator', 'load', 'shunt'] as const

function applied(region: Region): [string, boolean][] {
    const network = applySwitches(region)
    return tables.flatMap((table) => network[table].map((row): [string, boolean] => [`${table}/${row.id}`, row.inService]))
}

function readSwitches(model: CimModel, topology: Topology, network: Network, objects: Objects): Switch[] {
    const all = inOrder(model, switchTypes).filter((object) => !flagOf(object, 'Switch.retained', false))
    const names = recordIds(all)
    const idOf = new Map(all.map((object, i) => [object, names[i]]))
    const nodeOf = (terminal: CimObject | undefined) => targetOf(terminal, 'Terminal.ConnectivityNode')
    const switchesAt = new Map<CimObject, CimObject[]>()
    for (const object of all)
        for (const terminal of topology.terminalsOf(object)) {
            const node = nodeOf(terminal)
            if (node) switchesAt.set(node, [...(switchesAt.get(node) ?? []), object])
        }
    const busy = new Map<CimObject, number>()
    const equipment = new Set(all)
    for (const terminal of model.ofClass('Terminal')) {
        const owner = targetOf(terminal, 'Terminal.ConductingEquipment')
        const node = nodeOf(terminal)
        if (node && owner && !equipment.has(owner)) busy.set(node, (busy.get(node) ?? 0) + 1)
    }
    const found: Switch[] = []
    for (const table of tables)
        network[table].forEach((row, k) => {
            // shunts made of what is inside other equipment have no terminals of their own
            const object = objects[table][k]
            if (nameOf(object) !== row.id && object.id !== row.id) return
            topology.terminalsOf(object).forEach((terminal, end) => {
                const side = table === 'branch' ? (end === 0 ? 'from' : 'to') : 'unit'
                const bus = 'bus' in row ? row.bus : end === 0 ? row.fromBus : row.toBus
                const seen = new Set<CimObject>()
                const chain: CimObject[] = []
                for (let node = nodeOf(terminal); node; ) {
                    const next = (switchesAt.get(node) ?? []).filter((sw) => !seen.has(sw))
                    if (next.length !== 1 || (busy.get(node) ?? 0) > (chain.length ? 0 : 1)) break
                    seen.add(next[0])
                    chain.push(next[0])
                    const at: CimObject = node
                    node = topology
                        .terminalsOf(next[0])
                        .map(nodeOf)
                        .find((other) => other !== at)
                }
                // from the bus outwards
                for (const sw of chain.reverse())
                    found.push(
                        fillRow(switchTable, {
                            id: idOf.get(sw)!,
                            kind: switchKindOf[sw.type] ?? 'breaker',
                            bus,
                            component: `${table}/${row.id}`,
                            side,
                            closed: !isOpen(sw),
                        }),
                    )
            })
        })
    return found
}

function readUnits(network: Network, objects: Objects): Unit[] {
    const siteOf = new Map(network.bus.map((b) => [b.id, b.site]))
    const rows = (table: 'generator' | 'load', kindOf: (object: CimObject) => UnitKind) =>
        network[table].map((row, k) =>
            fillRow(unit, {
                component: `${table}/${row.id}`,
                name: row.id,
                kind: kindOf(objects[table][k]),
                site: siteOf.get(row.bus) ?? '',
            }),
        )
    return [
        ...rows('generator', (object) => unitKindOf[targetOf(object, 'RotatingMachine.GeneratingUnit')?.type ?? ''] ?? 'thermal'),
        ...rows('load', () => 'fixed-load'),
    ]
}
