/**
 * An edge node nobody here wrote: MQTT by mqtt.js, payloads by the reference Sparkplug codec. It enrols like any device
 * of an integrator and keeps what is not acknowledged, as a good device does.
 */
import mqtt, { type MqttClient } from 'mqtt'
import { get as sparkplug } from 'sparkplug-payload'
import type { Client } from './harness.ts'

const codec = sparkplug('spBv1.0')!
export interface ForeignMetric {
    readonly name: string
    readonly type: 'Double' | 'Boolean'
    readonly value: number | boolean
    readonly timestamp?: number
    /** takes commands */
    readonly writable?: boolean
}
export interface ForeignDevice {
    readonly commands: { name: string; value: unknown }[]
    /** Resolves on the broker's acknowledgement. */
    publish(metrics: readonly ForeignMetric[]): Promise<void>
    raw(topic: string, payload: Buffer): Promise<void>
    readonly topic: (kind: string) => string
    close(): Promise<void>
}

export interface Credential {
    readonly brokerUrl: string
    readonly group: string
    readonly username: string
    readonly password: string
    readonly edgeNode: string
}

export async function enrol(administrator: Client, edgeNode: string): Promise<Credential> {
    const { token } = await administrator.post('/api/devices', { edgeNodes: [edgeNode] })
    const { brokerUrl, group, credentials } = await administrator.post('/api/enrol', { token, edgeNodes: [edgeNode] })
    return { brokerUrl, group, edgeNode, ...credentials[0] }
}

export async function connectForeign(credential: Credential, device: string, metrics: readonly ForeignMetric[]): Promise<ForeignDevice> {
    const { brokerUrl, group, edgeNode, username, password } = credential
    const topic = (kind: string) => `spBv1.0/${group}/${kind}/${edgeNode}${kind.startsWith('D') ? `/${device}` : ''}`
    let seq = 0
    const nextSeq = () => {
        const now = seq
        seq = (seq + 1) % 256
        return now
    }
    const encode = (entries: readonly ForeignMetric[], kind: string) =>
        Buffer.from(
            codec.encodePayload({
                timestamp: Date.now(),
                seq: kind === 'NDEATH' ? undefined : nextSeq(),
                metrics: entries.map(({ writable, ...entry }) => ({
                    timestamp: Date.now(),
                    ...entry,
                    ...(writable ? { properties: { readOnly: { type: 'Boolean', value: false } } } : {}),
                })) as never,
            } as never),
        )
    const bdSeq = { name: 'bdSeq', type: 'Int64' as never, value: 0 }
    const will = {
        topic: topic('NDEATH'),
        payload: Buffer.from(codec.encodePayload({ timestamp: Date.now(), metrics: [bdSeq] } as never)),
        qos: 1 as const,
        retain: false,
    }
    const client: MqttClient = await mqtt.connectAsync(brokerUrl, {
        username,
        password,
        clientId: `foreign-${edgeNode}`,
        will,
        clean: true,
    })
    const commands: { name: string; value: unknown }[] = []

    async function born(): Promise<void> {
        seq = 0
        await client.publishAsync(topic('NBIRTH'), encode([bdSeq as ForeignMetric], 'NBIRTH'), { qos: 0 })
        await client.publishAsync(topic('DBIRTH'), encode(metrics, 'DBIRTH'), { qos: 0 })
    }
    client.on('message', (at, payload) => {
        const decoded = codec.decodePayload(payload) as { metrics?: { name: string; value: unknown }[] }
        for (const metric of decoded.metrics ?? []) {
            if (metric.name === 'Node Control/Rebirth') void born()
            else if (at === topic('DCMD')) commands.push(metric)
        }
    })
    await client.subscribeAsync([topic('NCMD'), topic('DCMD')], { qos: 1 })
    await born()
    return {
        commands,
        topic,
        publish: async (entries) => {
            await client.publishAsync(topic('DDATA'), encode(entries, 'DDATA'), { qos: 1 })
        },
        raw: async (at, payload) => {
            await client.publishAsync(at, payload, { qos: 1 })
        },
        close: async () => {
            await client.endAsync(true)
        },
    }
}
