import type { NoticeAnswer, OutgoingCommand, OutgoingNotice, SourceHandler } from '@gridverse/twin'
import type { DeviceState } from './device-state.ts'
import { createEmbeddedBroker } from './embedded-broker.ts'
import { createExternalBroker } from './external-broker.ts'
import type { Gateway, GatewayLimits, GatewayOptions } from './gateway-types.ts'
import { Ingest } from './ingest.ts'
import { noticeChecksum, noticeMetric, noticeText } from './notice.ts'
import { dataType, kindOf, rebirthMetric, stateTopic, topicOf } from './sparkplug.ts'
import { encodePayload, type MetricOut } from './sparkplug-encode.ts'

const defaults: Required<GatewayLimits> = {
    pointsPerSecond: 100_000,
    packetBytes: 1_048_576,
    connections: 5000,
    lateMs: 10_000,
    futureMs: 5000,
    rebirthMs: 2000,
}

/** The platform side of the field: a Source of measurements and a Sink of commands over MQTT Sparkplug B. */
export function createGateway(options: GatewayOptions): Gateway {
    const { host, port, hostId, nowMs, externalBroker } = options
    const group = options.group ?? 'gridverse'
    const limits = { ...defaults, ...options.limits }
    const link = externalBroker
        ? createExternalBroker({ ...externalBroker, group, hostId, nowMs })
        : createEmbeddedBroker({
              host,
              port,
              group,
              hostId,
              packetBytes: limits.packetBytes,
              connections: limits.connections,
              authenticate: (username, password) => options.authenticate(username, password),
          })
    const ingest = new Ingest({
        group,
        nowMs,
        limits,
        shared: externalBroker !== undefined,
        requestRebirth: (edgeNode) => {
            requestRebirth(edgeNode).catch((error) => ingest.report('refused', edgeNode, `rebirth request: ${error.message}`))
        },
    })

    async function requestRebirth(edgeNode: string): Promise<void> {
        const metric = { name: rebirthMetric, type: dataType.boolean, value: 1, tMs: nowMs() }
        await link.send(edgeNode, topicOf(group, 'NCMD', edgeNode), encodePayload({ timestampMs: nowMs(), metrics: [metric] }))
    }

    async function write(command: OutgoingCommand): Promise<void> {
        const { point, value } = command
        const { device, slot } = ownerOf(point)
        if (!device.online || !device.born) throw new Error(`${device.id} is offline, ${point} cannot be set`)
        if (!device.commandable[slot]) throw new Error(`${point} of ${device.id} takes no commands`)
        const type = device.type[slot]!
        const alias = device.aliasOfSlot[slot]!
        const wrong = unfit(type, value)
        if (wrong) throw new Error(`${point} of ${device.id} ${wrong}`)
        const metric: MetricOut = { ...(alias >= 0 ? { alias } : { name: point }), tMs: nowMs(), type, value }
        const topic = topicOf(group, device.device === undefined ? 'NCMD' : 'DCMD', device.edgeNode, device.device)
        await link.send(device.edgeNode, topic, encodePayload({ timestampMs: nowMs(), metrics: [metric] }))
    }

    /** Its word that it keeps the notice comes as a measurement. */
    async function tell({ resource, body }: OutgoingNotice): Promise<NoticeAnswer> {
        const { device } = ownerOf(`resource/${resource}/pKw`)
        if (!device.online || !device.born) throw new Error(`${device.id} is offline and can be given nothing to keep`)
        if (!device.takesNotices) throw new Error(`${device.id} keeps no notices: it was born without ${noticeMetric}`)
        const text = noticeText(body)
        const metric: MetricOut = { name: noticeMetric, tMs: nowMs(), type: dataType.string, value: text }
        const topic = topicOf(group, 'DCMD', device.edgeNode, device.device)
        await link.send(device.edgeNode, topic, encodePayload({ timestampMs: nowMs(), metrics: [metric] }))
        return noticeChecksum(text)
    }

    /** The device that carries a point: one that is online before one that is not. */
    function ownerOf(point: string): { device: DeviceState; slot: number } {
        let found: { device: DeviceState; slot: number } | undefined
        for (const device of ingest.carriersOf(point)) {
            const slot = device.slotOfName.get(point)
            if (slot !== undefined && (!found || (device.online && !found.device.online))) found = { device, slot }
        }
        if (!found) throw new Error(`no device has ever been born with ${point}`)
        return found
    }

    const state = (online: boolean) => Buffer.from(JSON.stringify({ online, timestamp: nowMs() }))

    return {
        get url() {
            return link.url
        },
        devices: ingest.devices,
        requestRebirth,
        write,
        tell,
        counters() {
            const sum = { late: 0, duplicate: 0, outOfOrder: 0, historical: 0, future: 0, online: 0 }
            for (const d of ingest.devices.values()) {
                sum.late += d.late
                sum.duplicate += d.duplicate
                sum.outOfOrder += d.outOfOrder
                sum.historical += d.historical
                sum.future += d.future
                if (d.online) sum.online++
            }
            const { points, ...rest } = ingest.count
            return { received: points, ...rest, ...sum, ...link.counters() }
        },
        async start(handler: SourceHandler) {
            ingest.start(handler)
            await link.start(ingest)
            await link.announce(stateTopic(hostId), state(true))
        },
        async close() {
            await link.close(stateTopic(hostId), state(false))
            ingest.stop()
        },
    }
}

/** Why a value cannot be sent as a type, or undefined when it can. */
function unfit(type: number, value: number): string | undefined {
    if (!Number.isFinite(value)) return `takes finite numbers, got ${value}`
    const kind = kindOf(type)
    if (kind === 'text') return `is not a number (data type ${type})`
    if (kind === 'status') return value === 0 || value === 1 ? undefined : `takes 0 or 1, got ${value}`
    if (type === dataType.float || type === dataType.double) return undefined
    if (!Number.isSafeInteger(value)) return `takes whole numbers, got ${value}`
    const bits = [0, 8, 16, 32, 53, 8, 16, 32, 53][type] ?? 53
    const signed = type <= dataType.int64
    const low = signed ? -(2 ** (bits - 1)) : 0
    const high = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1
    return value < low || value > high ? `takes ${low}…${high}, got ${value}` : undefined
}
