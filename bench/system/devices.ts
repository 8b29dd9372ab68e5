/**
 * An integrator's devices as a process of their own: edge nodes with enrolled credentials publish 100 points a message at
 * a given pace, and count what the broker acknowledged. Every value is sent once, so that each can be counted again.
 */
import { createEdgeNode, type EdgeNode } from '@gridverse/field'

export interface DevicesOrder {
    readonly brokerUrl: string
    readonly group: string
    readonly credentials: readonly { edgeNode: string; username: string; password: string }[]
    readonly pointsPerS: number
    readonly seconds: number
}
export interface DevicesTally {
    readonly acknowledged: number
    readonly failed: number
    /** what was sent at birth */
    readonly born: number
    readonly elapsedS: number
    readonly cpuS: number
    readonly ackMedianMs: number
    readonly ackP99Ms: number
}

const metricsPerDevice = 100
const paceMs = 10
/** messages not yet acknowledged, all edge nodes together; beyond them the devices wait */
const mostInFlight = 512

export const metricName = (edgeNode: string, k: number): string => `meter/${edgeNode}.${k}/powerKw`

async function publish({ brokerUrl, group, credentials, pointsPerS, seconds }: DevicesOrder): Promise<DevicesTally> {
    const names = credentials.map(({ edgeNode }) => Array.from({ length: metricsPerDevice }, (_, k) => metricName(edgeNode, k)))
    const nodes: EdgeNode[] = await Promise.all(
        credentials.map(async ({ edgeNode, username, password }, n) => {
            const metrics = names[n]!.map((name) => ({ name, kind: 'analog' as const, unit: 'kW', commandable: false, value: 0 }))
            const devices = [{ id: 'meters', metrics }]
            const link = { url: brokerUrl, group, edgeNode, username, password }
            const node = createEdgeNode({ ...link, nowMs: Date.now, devices, onCommand: () => {} })
            await node.connect()
            return node
        }),
    )
    const waits: number[] = []
    let acknowledged = 0
    let failed = 0
    let inFlight = 0
    let serial = 0
    let sent = 0
    const began = performance.now()
    const cpu = process.cpuUsage()
    const send = (n: number) => {
        const tMs = Date.now()
        const sentMs = performance.now()
        inFlight++
        const done = nodes[n]!.publish(
            'meters',
            names[n]!.map((name) => ({ name, value: ++serial, tMs })),
        )
        done.then(
            () => {
                acknowledged += metricsPerDevice
                waits.push(performance.now() - sentMs)
            },
            () => {
                failed += metricsPerDevice
            },
        ).finally(() => inFlight--)
    }
    let next = 0
    while (performance.now() - began < seconds * 1000) {
        const owed = ((performance.now() - began) / 1000) * pointsPerS
        while (sent < owed && inFlight < mostInFlight) {
            send(next++ % nodes.length)
            sent += metricsPerDevice
        }
        // what could not be sent in time is not made up for beyond a second
        sent = Math.max(sent, owed - pointsPerS)
        await new Promise((resolve) => setTimeout(resolve, paceMs))
    }
    while (inFlight > 0) await new Promise((resolve) => setTimeout(resolve, paceMs))
    const elapsedS = (performance.now() - began) / 1000
    const used = process.cpuUsage(cpu)
    await Promise.all(nodes.map((node) => node.close()))
    const sorted = Float64Array.from(waits).sort()
    return {
        acknowledged,
        failed,
        born: metricsPerDevice * nodes.length,
        elapsedS,
        cpuS: (used.user + used.system) / 1e6,
        ackMedianMs: sorted[sorted.length >> 1] ?? Number.NaN,
        ackP99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    }
}

process.once('message', async (order: DevicesOrder) => {
    process.send!(await publish(order))
    process.disconnect()
})
