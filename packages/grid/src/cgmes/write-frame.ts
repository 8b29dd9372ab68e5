/** What every part of the CGMES writer needs: documents, mRIDs, places of buses, terminals. */
import type { Issue } from '@gridverse/units'
import type { Bus, Network } from '../network.ts'
import type { Switch } from '../region.ts'
import { type CimDocumentWriter, ref, type WrittenFields } from './cim-writer.ts'
import { isUuid, mridOf } from './mrid.ts'

export type Side = 'from' | 'to' | 'unit'

export interface WriteFrame {
    readonly network: Network
    readonly eq: CimDocumentWriter
    readonly tp: CimDocumentWriter
    readonly ssh: CimDocumentWriter
    readonly sv: CimDocumentWriter
    readonly issues: Issue[]
    readonly busOf: (id: number) => Bus
    /** nominal voltage written for a bus, kV; 1 where it has none */
    readonly kvOf: (bus: number) => number
    /** mRID of a record, or of something made for it */
    readonly mrid: (table: string, id: string | number, part?: string) => string
    readonly voltageLevelOf: (bus: number) => string
    readonly substationOf: (bus: number) => string
    readonly baseVoltageOf: (bus: number) => string
    /** terminal of the bus's busbar section */
    readonly busbarTerminalOf: (bus: number) => string
    readonly topologicalNodeOf: (bus: number) => string
    /**
     * Writes a terminal of an equipment, with the switches between it and its bus; its mRID. Where there are switches
     * they decide, and `connected` does not, unless it is `never`.
     */
    terminal(equipment: string, sequence: number, bus: number, component: string, side: Side, connected: boolean | 'never'): string
    /** `inService`, or `never` for what would give supply to an isolated bus or join it to others */
    readonly joined: (buses: readonly number[], inService: boolean, source?: boolean) => boolean | 'never'
    /** ohms of 1 p.u. at a bus */
    readonly ohm: (bus: number) => number
}

/** mRIDs: the record's id where it is one, else made from its name; never two alike. */
export function createMrids(space: string): (table: string, id: string | number, part?: string) => string {
    const known = new Map<string, string>()
    const given = new Set<string>()
    return (table, id, part = '') => {
        const name = part ? `${table}/${id}/${part}` : `${table}/${id}`
        let mrid = known.get(name)
        if (mrid !== undefined) return mrid
        if (!part && typeof id === 'string' && isUuid(id) && !given.has(id)) {
            given.add(id)
            mrid = id
        } else mrid = mridOf(`${space}|${name}`)
        known.set(name, mrid)
        return mrid
    }
}

/** Sets of buses that stand together, by any of the joins given; each by its first bus. */
export function groupBuses(buses: readonly number[], joins: Iterable<readonly [number, number]>): Map<number, number> {
    const above = new Map(buses.map((id) => [id, id]))
    const rank = new Map(buses.map((id, i) => [id, i]))
    const find = (id: number): number => {
        let root = id
        while (above.get(root) !== root) root = above.get(root)!
        for (let at = id; at !== root; ) {
            const next = above.get(at)!
            above.set(at, root)
            at = next
        }
        return root
    }
    for (const [a, b] of joins) {
        if (!above.has(a) || !above.has(b)) continue
        const [x, y] = [find(a), find(b)]
        if (x !== y) rank.get(x)! < rank.get(y)! ? above.set(y, x) : above.set(x, y)
    }
    return new Map(buses.map((id) => [id, find(id)]))
}

/** Switches by what they stand before, `component|side`. */
export function switchesBySide(switches: readonly Switch[]): Map<string, Switch[]> {
    const found = new Map<string, Switch[]>()
    for (const sw of switches) {
        const key = `${sw.component}|${sw.side}`
        const list = found.get(key)
        if (list) list.push(sw)
        else found.set(key, [sw])
    }
    return found
}

const switchClass = { breaker: 'Breaker', disconnector: 'Disconnector', 'load-switch': 'LoadBreakSwitch' } as const

/** Writes terminals: straight at the bus's node, or behind a chain of switches with a node between any two. */
export function createTerminals(
    frame: Pick<WriteFrame, 'eq' | 'tp' | 'ssh' | 'mrid' | 'voltageLevelOf' | 'baseVoltageOf' | 'topologicalNodeOf'>,
    nodeBreaker: boolean,
    switches: ReadonlyMap<string, readonly Switch[]>,
): WriteFrame['terminal'] {
    const { eq, tp, ssh, mrid, voltageLevelOf, baseVoltageOf, topologicalNodeOf } = frame
    const one = (equipment: string, sequence: number, node: string, topological: string, connected: boolean) => {
        const id = mrid('terminal', equipment, String(sequence))
        const fields: WrittenFields = {
            'IdentifiedObject.name': `T${sequence}`,
            'Terminal.ConductingEquipment': ref(equipment),
            'ACDCTerminal.sequenceNumber': sequence,
            ...(nodeBreaker ? { 'Terminal.ConnectivityNode': ref(node) } : {}),
        }
        eq.define('Terminal', id, fields)
        tp.describe('Terminal', id, { 'Terminal.TopologicalNode': ref(topological) })
        ssh.describe('Terminal', id, { 'ACDCTerminal.connected': connected })
        return id
    }
    return (equipment, sequence, bus, component, side, connected) => {
        let node = mrid('bus', bus, 'connectivity')
        let topological = topologicalNodeOf(bus)
        const chain = switches.get(`${component}|${side}`) ?? []
        for (const sw of chain) {
            const id = mrid('switch', sw.id)
            const next = mrid('switch', sw.id, 'connectivity')
            eq.define('ConnectivityNode', next, {
                'IdentifiedObject.name': sw.id,
                'ConnectivityNode.ConnectivityNodeContainer': ref(voltageLevelOf(bus)),
            })
            eq.define(switchClass[sw.kind], id, {
                'IdentifiedObject.name': sw.id,
                'Equipment.EquipmentContainer': ref(voltageLevelOf(bus)),
                'Switch.normalOpen': !sw.closed,
                'Switch.retained': false,
            })
            ssh.describe(switchClass[sw.kind], id, { 'Switch.open': !sw.closed })
            one(id, 1, node, topological, true)
            if (!sw.closed) {
                // what lies behind an open switch is a node of its own
                topological = mrid('switch', sw.id, 'topological')
                tp.define('TopologicalNode', topological, {
                    'IdentifiedObject.name': sw.id,
                    'TopologicalNode.BaseVoltage': ref(baseVoltageOf(bus)),
                    'TopologicalNode.ConnectivityNodeContainer': ref(voltageLevelOf(bus)),
                })
            }
            if (nodeBreaker) tp.describe('ConnectivityNode', next, { 'ConnectivityNode.TopologicalNode': ref(topological) })
            one(id, 2, next, topological, true)
            node = next
        }
        return one(equipment, sequence, node, topological, connected !== 'never' && (chain.length > 0 || connected))
    }
}
