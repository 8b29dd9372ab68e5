/**
 * Devices of a fleet as an integrator would bring them: edge nodes with enrolled credentials, a Sparkplug device for each
 * resource, which does at once what it is told and says so. Counts what it was told, so that nothing can be lost unseen.
 */
import { quantitiesOf, type Resource, type ResourceQuantityName, resourcePoint, resourceQuantities } from '@gridverse/assets'
import { createEdgeNode, type EdgeNode, type EdgeReading } from '@gridverse/field'

export interface FieldOrder {
    readonly brokerUrl: string
    readonly group: string
    readonly credentials: readonly { readonly edgeNode: string; readonly username: string; readonly password: string }[]
    readonly resources: readonly Resource[]
}
export interface FleetField {
    /** every quantity of every device, once */
    report(): Promise<void>
    /** commands heard */
    readonly heard: () => number
    /** last setpoint of a device, as told; NaN before */
    setpoint(id: string): number
    /** devices that hear and do nothing */
    readonly deaf: Set<string>
    setLink(edgeNode: string, up: boolean): void
    close(): Promise<void>
}

/** where a device stands before anybody asks anything of it */
const first: Partial<Record<ResourceQuantityName, number>> = {
    pKw: 0,
    pSetKw: 0,
    following: 0,
    energyKwh: 5,
    socPercent: 50,
    connected: 1,
    wantedKw: 1,
    availableKw: 3,
    temperatureC: 23.5,
    running: 0,
}

export async function startField({ brokerUrl, group, credentials, resources }: FieldOrder): Promise<FleetField> {
    const values = new Map(
        resources.map((r) => [
            r.id,
            {
                ...first,
                ...('energyKwh' in r ? { energyKwh: r.energyKwh / 2 } : {}),
                ...('batteryKwh' in r ? { energyKwh: r.batteryKwh / 2 } : {}),
            },
        ]),
    )
    const deaf = new Set<string>()
    let heard = 0
    const nodes = new Map<string, { node: EdgeNode; own: readonly Resource[] }>()
    for (const { edgeNode, username, password } of credentials) {
        const own = resources.filter((r) => r.address === edgeNode)
        const devices = own.map((r) => ({
            id: r.id,
            metrics: quantitiesOf(r.kind).map((quantity) => ({
                name: resourcePoint(r.id, quantity),
                kind: resourceQuantities[quantity].kind,
                unit: resourceQuantities[quantity].unit,
                commandable: resourceQuantities[quantity].commandable,
                value: values.get(r.id)![quantity] ?? 0,
            })),
        }))
        const obey = (device: string, point: string, value: number) => {
            heard++
            if (deaf.has(device)) return
            const state = values.get(device)!
            const tMs = Date.now()
            const said: EdgeReading[] = []
            const say = (quantity: ResourceQuantityName, to: number) => {
                state[quantity] = to
                said.push({ name: resourcePoint(device, quantity), value: to, tMs })
            }
            if (point.endsWith('/following')) say('following', value)
            else {
                say('pSetKw', value)
                say('following', 1)
                say('pKw', value)
            }
            node.publish(device, said).catch(() => undefined)
        }
        const link = { url: brokerUrl, group, edgeNode, username, password, nowMs: Date.now }
        const node = createEdgeNode({ ...link, devices, onCommand: obey })
        nodes.set(edgeNode, { node, own })
    }
    await Promise.all(Array.from(nodes.values(), ({ node }) => node.connect()))
    return {
        async report() {
            const tMs = Date.now()
            const sent: Promise<void>[] = []
            for (const { node, own } of nodes.values())
                for (const { id, kind } of own) {
                    const state = values.get(id)!
                    sent.push(
                        node.publish(
                            id,
                            quantitiesOf(kind).map((quantity) => ({ name: resourcePoint(id, quantity), value: state[quantity] ?? 0, tMs })),
                        ),
                    )
                }
            await Promise.all(sent)
        },
        heard: () => heard,
        setpoint: (id) => values.get(id)!.pSetKw!,
        deaf,
        setLink: (edgeNode, up) => nodes.get(edgeNode)!.node.setLink(up),
        async close() {
            await Promise.all(Array.from(nodes.values(), ({ node }) => node.close().catch(() => undefined)))
        },
    }
}
