/** The plant's edge nodes: opened with their credentials, kept in line with the devices that come and go. */
import type { EdgeNode, EdgeNodeOptions, EdgeReading } from '@gridverse/field'
import type { Enrolment } from './enrolment.ts'
import type { Simulation } from './simulation.ts'

export interface Links {
    /** open edge nodes */
    readonly size: number
    /** some edge node has a link */
    readonly isConnected: boolean
    /** Opens every edge node there is a credential for; resolves when all of them are born, rejects when one is refused. */
    open(enrolment: Enrolment): Promise<void>
    /** Devices of the fleet that came are born, those that went die; `ask` gets credentials for new edge nodes. */
    follow(ask: (edgeNodes: readonly string[]) => Promise<Enrolment>): Promise<void>
    /** Resolves at the acknowledgement; undefined where nobody carries the device. */
    publish(edgeNode: string, device: string, readings: readonly EdgeReading[]): Promise<void> | undefined
    setLink(edgeNode: string, up: boolean): void
    close(abrupt: boolean): Promise<void>
}

interface LinkPorts {
    readonly createEdge: (options: EdgeNodeOptions) => EdgeNode
    nowMs(): number
    /** `name` is that of the device, `edge node/device` */
    onCommand(name: string, point: string, value: number): void
    /** something to keep, for a device of the fleet */
    onNotice(name: string, device: string, text: string): void
}

export function createLinks(simulation: Simulation, { createEdge, nowMs, onCommand, onNotice }: LinkPorts): Links {
    const edges = new Map<string, EdgeNode>()
    /** what each edge node carries: device → make; the grid's devices never change and have none */
    const carried = new Map<string, Map<string, string>>()
    let enrolment: Enrolment | undefined
    let work: Promise<unknown> = Promise.resolve()
    /** Openings, changes and closings come one after the other. */
    function enter<T>(act: () => Promise<T>): Promise<T> {
        const done = work.then(act, act)
        work = done.catch(() => undefined)
        return done
    }
    function fleetByNode(): Map<string, Map<string, string>> {
        const byNode = new Map<string, Map<string, string>>()
        for (const { edgeNode, id, make } of simulation.fleetDevices()) {
            if (!byNode.has(edgeNode)) byNode.set(edgeNode, new Map())
            byNode.get(edgeNode)!.set(id, make)
        }
        return byNode
    }

    function openEdge(edgeNode: string, { brokerUrl, group, credentials }: Enrolment, fleet: ReadonlyMap<string, string>): Promise<void> {
        const credential = credentials.find((c) => c.edgeNode === edgeNode)
        if (!credential) return Promise.resolve()
        const devices = simulation.describe(edgeNode)
        const edge = createEdge({
            url: brokerUrl,
            group,
            edgeNode,
            username: credential.username,
            password: credential.password,
            nowMs: () => nowMs() + simulation.faults.skewMs(edgeNode),
            devices,
            onCommand: (device, point, value) => onCommand(`${edgeNode}/${device}`, point, value),
            onNotice: (device, text) => onNotice(`${edgeNode}/${device}`, device, text),
        })
        edges.set(edgeNode, edge)
        carried.set(edgeNode, new Map(devices.map(({ id }) => [id, fleet.get(id) ?? ''])))
        return edge.connect()
    }
    const noDevices: ReadonlyMap<string, string> = new Map()

    async function open(given: Enrolment): Promise<void> {
        enrolment = given
        const fleet = fleetByNode()
        const nodes = simulation.edgeNodes()
        await Promise.all(nodes.map((node) => openEdge(node, given, fleet.get(node) ?? noDevices)))
    }

    async function follow(ask: (edgeNodes: readonly string[]) => Promise<Enrolment>): Promise<void> {
        const given = enrolment
        if (!given) return
        const fleet = fleetByNode()
        const grid = new Set(simulation.plan.edgeNodes)
        for (const [node, edge] of edges) {
            const now = fleet.get(node) ?? noDevices
            const before = carried.get(node)!
            if (!grid.has(node) && now.size === 0) {
                edges.delete(node)
                carried.delete(node)
                await edge.close().catch(() => undefined)
                continue
            }
            const gone = [...before].filter(([id, make]) => make !== '' && now.get(id) !== make).map(([id]) => id)
            for (const id of gone) before.delete(id)
            await Promise.allSettled(gone.map((id) => edge.removeDevice(id)))
            const fresh = simulation.describe(node, (id) => now.has(id) && !before.has(id))
            for (const { id } of fresh) before.set(id, now.get(id)!)
            if (fresh.length > 0) await edge.addDevices(fresh).catch(() => undefined)
        }
        const added = [...fleet.keys()].filter((node) => !edges.has(node))
        if (added.length === 0) return
        const known = new Set(given.credentials.map((c) => c.edgeNode))
        const unknown = added.filter((node) => !known.has(node))
        const wider = unknown.length > 0 ? await ask(unknown) : given
        // closed meanwhile: whoever opens again opens these too
        if (enrolment !== given) return
        enrolment = wider
        await Promise.all(added.map((node) => openEdge(node, wider, fleet.get(node)!)))
    }

    return {
        get size() {
            return edges.size
        },
        get isConnected() {
            for (const edge of edges.values()) if (edge.connected) return true
            return false
        },
        open,
        follow: (ask) => enter(() => follow(ask)),
        publish: (edgeNode, device, readings) =>
            carried.get(edgeNode)?.has(device) ? edges.get(edgeNode)!.publish(device, readings) : undefined,
        setLink: (edgeNode, up) => edges.get(edgeNode)?.setLink(up),
        async close(abrupt) {
            const open = [...edges.values()]
            edges.clear()
            carried.clear()
            enrolment = undefined
            await Promise.allSettled(open.map((edge) => edge.close({ abrupt })))
        },
    }
}
