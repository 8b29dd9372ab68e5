/**
 * An MQTT 3.1.1 broker inside this process, by aedes. A credential stands for one edge node, which may publish only below
 * its own topics and subscribe only to its own commands. A publish is acknowledged when the handler's promise resolves:
 * aedes sends the PUBACK after `authorizePublish` has called back, so that is where we wait. While it waits, aedes reads no
 * more from that connection than the chunk it is in, so a slow store pushes back through TCP and memory stays bounded.
 */
import type { EventEmitter } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import type { FieldIdentity } from './gateway-types.ts'
import type { Link, LinkHandler } from './link.ts'
import { PacketGuard } from './packet-guard.ts'
import { parseTopic, stateTopic } from './sparkplug.ts'

type Client = ReturnType<Aedes['handle']> & { subscriptions?: Record<string, unknown> }

interface Session {
    readonly edgeNode: string
    readonly client: Client
    /** the last acknowledgement given or waited for: they leave in the order the messages came (MQTT-4.6.0-2) */
    tail: Promise<void> | undefined
}

export interface EmbeddedBrokerOptions {
    readonly host: string
    readonly port: number
    readonly group: string
    readonly hostId: string
    readonly packetBytes: number
    readonly connections: number
    authenticate(username: string, password: string): Promise<FieldIdentity | undefined>
}

/** largest packet before a credential was shown, bytes: a CONNECT with a will fits well */
const anonymousBytes = 16_384
const notAuthorised = 5

export function createEmbeddedBroker(options: EmbeddedBrokerOptions): Link {
    const { host, group } = options
    const sessions = new Set<Session>()
    const sessionOf = new WeakMap<Client, Session>()
    const willOf = new WeakMap<Client, string>()
    const guards = new WeakMap<object, PacketGuard>()
    const count = { refusedConnections: 0, brokenConnections: 0, oversized: 0 }
    let handler: LinkHandler
    let broker: Aedes
    let server: Server
    let url = `mqtt://${host}:${options.port}`
    let closing = false

    /** Whether an edge node may publish to a topic. */
    const owns = (edgeNode: string, topic: string): boolean => {
        const t = parseTopic(topic)
        return t !== undefined && t.group === group && t.edgeNode === edgeNode && !t.type.endsWith('CMD')
    }
    /** Whether a filter lets through nothing but the edge node's own commands and the host's state. */
    const mayHear = (edgeNode: string, filter: string): boolean => {
        if (filter === stateTopic(options.hostId)) return true
        const [space, inGroup, type, node] = filter.split('/')
        return space === 'spBv1.0' && inGroup === group && (type === 'NCMD' || type === 'DCMD') && node === edgeNode
    }

    const open = (socket: Socket): void => {
        const guard = new PacketGuard(anonymousBytes)
        guards.set(socket, guard)
        socket.setNoDelay(true)
        let client: Client
        const read = socket.read.bind(socket)
        socket.read = (size?: number) => {
            const chunk = read(size) as Buffer | null
            const tooLong = chunk ? guard.look(chunk) : 0
            if (tooLong === 0) return chunk
            count.oversized++
            handler.refuse(sessionOf.get(client)?.edgeNode ?? '-', `packet of ${tooLong} bytes, at most ${options.packetBytes} are taken`)
            socket.destroy()
            return null
        }
        client = broker.handle(socket) as Client
        // aedes tells of most ends itself, the will first; this catches a connection that broke before it was registered
        socket.once('close', () => setTimeout(() => lost(client), 1000).unref())
    }
    async function authenticate(client: Client, username: string, password: string): Promise<boolean> {
        const identity = await options.authenticate(username, password)
        const shown = JSON.stringify(username.slice(0, 64))
        if (!identity) {
            handler.refuse('-', `connection of ${shown}: unknown credential`)
            return false
        }
        const will = willOf.get(client)
        if (will !== undefined && !owns(identity.edgeNode, will)) {
            handler.refuse(identity.edgeNode, `will to ${will.slice(0, 200)} is not below its own topics`)
            return false
        }
        // a client id is taken within its credential, so that nobody can push out another's session by its name
        Object.assign(client, { id: `${identity.edgeNode}:${client.id}` })
        guards.get(client.conn)?.raise(options.packetBytes)
        const session: Session = { edgeNode: identity.edgeNode, client, tail: undefined }
        sessionOf.set(client, session)
        sessions.add(session)
        return true
    }

    /** Resolves when this message and all before it are durable; nothing to wait for gives nothing. */
    function inTurn(session: Session, durable: Promise<void> | undefined): Promise<void> | undefined {
        if (!durable && !session.tail) return undefined
        const mine: Promise<void> = Promise.all([session.tail, durable]).then(() => {
            if (session.tail === mine) session.tail = undefined
        })
        // once one has failed the connection ends, and whatever came behind it fails with it
        session.tail = mine
        return mine
    }

    /** A publish or a will; rejects when it must not be acknowledged, which ends the connection. */
    function take(client: Client | null, packet: { topic: string; payload: string | Buffer; retain: boolean }): Promise<void> | undefined {
        if (!client) return undefined
        const session = sessionOf.get(client)
        if (!session) return Promise.reject(new Error('not authorised'))
        if (closing) return Promise.reject(new Error('the broker is closing'))
        if (!owns(session.edgeNode, packet.topic)) {
            handler.refuse(session.edgeNode, `publish to ${packet.topic.slice(0, 200)} is not below its own topics`)
            // 3.1.1 has no negative acknowledgement: the connection is closed instead (section 3.3.5)
            return Promise.reject(new Error('not authorised to publish there'))
        }
        // nothing of the field is retained: a birth read later would be a lie
        packet.retain = false
        return inTurn(session, handler.deliver(packet.topic, packet.payload as Buffer))
    }

    async function start(to: LinkHandler): Promise<void> {
        handler = to
        broker = await Aedes.createBroker({
            concurrency: 1000,
            connectTimeout: 10_000,
            preConnect(client, packet, callback) {
                if (packet.will) willOf.set(client as Client, packet.will.topic)
                callback(null, true)
            },
            authenticate(client, username, password, callback) {
                const refused = Object.assign(new Error('not authorised'), { returnCode: notAuthorised as 5 })
                authenticate(client as Client, username ?? '', password?.toString() ?? '').then(
                    (known) => (known ? callback(null, true) : callback(refused, null)),
                    (error) => {
                        handler.refuse('-', `credential could not be checked: ${error instanceof Error ? error.message : error}`)
                        callback(refused, null)
                    },
                )
            },
            authorizePublish(client, packet, callback) {
                const durable = take(client as Client | null, packet)
                if (durable) durable.then(() => callback(null), callback)
                else callback(null)
            },
            authorizeSubscribe(client, subscription, callback) {
                const session = sessionOf.get(client as Client)
                if (session && mayHear(session.edgeNode, subscription.topic)) return callback(null, subscription)
                handler.refuse(session?.edgeNode ?? '-', `subscription to ${subscription.topic.slice(0, 200)} is not its own`)
                callback(null, null)
            },
        })
        const trouble = (error: Error) => handler.report('refused', 'broker', error.message)
        // the type leaves out `error`, which aedes emits when its own bookkeeping fails
        const emitter: EventEmitter = broker
        emitter.on('error', trouble)
        broker.on('clientDisconnect', (client) => lost(client as Client))
        broker.on('connectionError', (client, error) => broken(client as Client, error))
        broker.on('clientError', (client, error) => broken(client as Client, error))

        server = createServer(open)
        server.maxConnections = options.connections
        server.on('drop', () => {
            count.refusedConnections++
            handler.refuse('-', `connection: ${options.connections} are open already`)
        })
        await new Promise<void>((resolve, reject) => {
            server.once('error', reject)
            server.listen(options.port, host, resolve)
        })
        // out of file handles, for one: connections are refused and the loop goes on
        server.on('error', trouble)
        const address = server.address()
        if (address && typeof address === 'object') url = `mqtt://${host}:${address.port}`
    }

    function lost(client: Client): void {
        const session = sessionOf.get(client)
        if (!session || !sessions.delete(session) || closing) return
        for (const other of sessions) if (other.edgeNode === session.edgeNode) return
        handler.linkLost(session.edgeNode)
    }

    /** A connection broke by what it sent or failed to send; resets of the network and our own refusals are told elsewhere. */
    function broken(client: Client, error: Error & { code?: string }): void {
        const ours = /not authorised|closing|could not be|closed/.test(error.message)
        if (error.code || ours || closing) return
        const edgeNode = sessionOf.get(client)?.edgeNode ?? '-'
        if (/keep alive timeout|drain timeout|connect did not arrive/.test(error.message)) {
            handler.report('offline', edgeNode, error.message)
            return
        }
        count.brokenConnections++
        handler.report('malformed', edgeNode, `MQTT: ${error.message}`)
    }

    function send(edgeNode: string, topic: string, payload: Uint8Array): Promise<void> {
        const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false } as const
        const hearing = [...sessions].filter(
            (s) => s.edgeNode === edgeNode && !s.client.closed && Object.keys(s.client.subscriptions ?? {}).some((f) => matches(f, topic)),
        )
        if (hearing.length === 0) return Promise.reject(new Error(`${edgeNode} is not connected or takes no commands`))
        const sent = hearing.map(
            (s) =>
                new Promise<void>((resolve, reject) => {
                    s.client.publish(packet, (error) => (error ? reject(error) : resolve()))
                }),
        )
        return Promise.all(sent).then(() => {})
    }

    const announce = (topic: string, payload: Uint8Array) =>
        new Promise<void>((resolve, reject) => {
            const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: true, dup: false } as const
            broker.publish(packet, (error) => (error ? reject(error) : resolve()))
        })

    return {
        get url() {
            return url
        },
        start,
        send,
        announce,
        counters: () => ({ connections: sessions.size, ...count }),
        async close(topic, farewell) {
            closing = true
            await announce(topic, farewell)
            await new Promise<void>((resolve) => broker.close(() => resolve()))
            await new Promise<void>((resolve) => server.close(() => resolve()))
        },
    }
}

/** Whether an MQTT filter takes in a topic (section 4.7). */
export function matches(filter: string, topic: string): boolean {
    const wanted = filter.split('/')
    const given = topic.split('/')
    for (let k = 0; k < wanted.length; k++) {
        if (wanted[k] === '#') return true
        if (k >= given.length || (wanted[k] !== '+' && wanted[k] !== given[k])) return false
    }
    return wanted.length === given.length
}
