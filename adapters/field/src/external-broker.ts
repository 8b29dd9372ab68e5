/**
 * Somebody else's MQTT broker, joined as the group's primary host application. The broker acknowledges to the devices; we
 * acknowledge to the broker when the measurements are durable, and keep our session there, so that what it took while we
 * were away comes when we are back.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type IPublishPacket, type MqttClient } from 'mqtt'
import type { ExternalBroker } from './gateway-types.ts'
import type { Link, LinkHandler } from './link.ts'
import { stateTopic } from './sparkplug.ts'

export interface ExternalBrokerOptions extends ExternalBroker {
    readonly group: string
    readonly hostId: string
    readonly nowMs: () => number
}

/** messages taken from the broker and not durable yet; beyond it we stop reading and TCP pushes back */
const mostInFlight = 2000
const retryMs = 1000

/** The part of mqtt.js that sends acknowledgements. */
type Sender = { _sendPacket(packet: { cmd: string; messageId?: number }, done?: () => void): unknown }

export function createExternalBroker(options: ExternalBrokerOptions): Link {
    const { url, group, hostId, nowMs } = options
    const count = { connections: 0, joins: 0, failedJoins: 0 }
    let lastFailure = ''
    const receipts = new Map<number, Promise<void>>()
    const waitingForRoom: (() => void)[] = []
    let client: MqttClient
    let handler: LinkHandler
    let closing = false

    const state = (online: boolean) => JSON.stringify({ online, timestamp: nowMs() })
    // without the command topics, or we would hear ourselves
    const filters = ['NBIRTH/+', 'NDATA/+', 'NDEATH/+', 'DBIRTH/+/+', 'DDATA/+/+', 'DDEATH/+/+'].map((f) => `spBv1.0/${group}/${f}`)

    /**
     * mqtt.js handles one QoS 1 message after the other, each up to its acknowledgement, which would give one message per
     * commit of the store. So reading goes on at once and only the acknowledgement waits, each in its turn.
     */
    function holdAcknowledgements(): void {
        const sender = client as unknown as Sender
        const send = sender._sendPacket.bind(client)
        let tail: Promise<void> = Promise.resolve()
        // a new connection owes nothing for the messages of the last: the broker sends them again
        client.on('connect', () => {
            tail = Promise.resolve()
            receipts.clear()
            waitingForRoom.length = 0
        })
        sender._sendPacket = (packet, done) => {
            // what comes after the goodbye is not taken, so the broker keeps it for the next session
            if (closing && packet.cmd === 'puback') return done?.()
            const receipt = packet.cmd === 'puback' ? receipts.get(packet.messageId!) : undefined
            if (!receipt) return send(packet, done)
            const session = client.stream
            tail = Promise.all([tail, receipt]).then(
                () => {
                    if (client.stream === session && client.connected) send(packet)
                },
                (error: Error) => notStored(error, session),
            )
            if (receipts.size < mostInFlight) return done?.()
            if (done) waitingForRoom.push(done)
        }
        client.handleMessage = (packet: IPublishPacket, done) => {
            if (closing) return done()
            const durable = handler.deliver(packet.topic, packet.payload as Buffer)
            if (!durable) return done()
            const id = packet.messageId
            if (packet.qos === 0 || id === undefined) {
                durable.catch((error: Error) => notStored(error, client.stream))
                return done()
            }
            receipts.set(id, durable)
            const over = () => {
                if (receipts.get(id) === durable) receipts.delete(id)
                waitingForRoom.shift()?.()
            }
            durable.then(over, over)
            done()
        }
    }

    /** A measurement that could not be stored is not acknowledged; only a new connection makes the broker send it again. */
    function notStored(error: Error, session: unknown): void {
        handler.report('refused', 'broker', `not acknowledged: ${error.message}`)
        if (!closing && client.stream === session) client.stream.destroy()
    }

    async function start(to: LinkHandler): Promise<void> {
        handler = to
        const ca = options.caFile === undefined ? undefined : await readFile(options.caFile)
        client = connect(url, {
            username: options.username,
            password: options.password,
            clientId: `gridverse-${hostId}`,
            clean: false,
            resubscribe: false,
            reconnectPeriod: retryMs,
            connectTimeout: 10_000,
            will: { topic: stateTopic(hostId), payload: Buffer.from(state(false)), qos: 1, retain: true },
            ...(ca ? { ca } : {}),
        })
        holdAcknowledgements()
        client.on('close', () => {
            if (count.connections === 0) return
            count.connections = 0
            if (!closing) handler.report('offline', 'broker', `link to ${url} lost`)
        })
        // resolves at the first answer of any kind: with the broker away the platform lives on and says what it lacks
        await new Promise<void>((resolve) => {
            client.on('error', (error: Error & { code?: string | number }) => {
                count.failedJoins++
                // tried every second, told when it is something new
                const failure = explain(error, options)
                if (failure !== lastFailure) handler.report('refused', 'broker', failure)
                lastFailure = failure
                resolve()
            })
            client.on('connect', () => {
                lastFailure = ''
                count.connections = 1
                count.joins++
                handler.report('online', 'broker', `joined ${url}`)
                client.subscribe(filters, { qos: 1 }, (error) => {
                    if (error) handler.report('refused', 'broker', `subscription to group ${group}: ${error.message}`)
                    else if (count.joins > 1) handler.rejoined()
                    resolve()
                })
                client.publish(stateTopic(hostId), state(true), { qos: 1, retain: true })
            })
        })
    }

    const publish = async (topic: string, payload: Uint8Array, retain: boolean): Promise<void> => {
        if (!client.connected) throw new Error(`the broker ${url} is not connected`)
        await client.publishAsync(topic, Buffer.from(payload), { qos: 1, retain })
    }

    return {
        url,
        start,
        send: (_edgeNode, topic, payload) => publish(topic, payload, false),
        // online is told at every connect, offline by the will
        announce: async (topic, payload) => {
            if (client.connected) await publish(topic, payload, true)
        },
        counters: () => ({ ...count, inFlight: receipts.size }),
        async close(topic, farewell) {
            closing = true
            // without its authority's certificate there never was a client
            if (client === undefined) return
            if (client.connected) await Promise.race([publish(topic, farewell, true).catch(() => {}), sleep(1000)])
            await client.endAsync(true)
        },
    }
}

/** An error of the link in words that say what to do. */
function explain(error: Error & { code?: string | number }, { url, caFile }: ExternalBrokerOptions): string {
    const code = String(error.code ?? '')
    if (/CERT|SELF_SIGNED|UNABLE_TO|ISSUER|ALTNAME/.test(code))
        return `certificate of ${url} is not trusted (${code}: ${error.message}); authority: ${caFile ?? "the system's"}`
    if (code === '4' || code === '5') return `${url} refuses the credential (${error.message})`
    return `${url}: ${error.message || code}`
}
