import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect as tcp } from 'node:net'
import { promisify } from 'node:util'
import { type IClientOptions, type MqttClient, connect as openMqtt } from 'mqtt'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEdgeNode } from './edge-node.ts'
import { matches } from './embedded-broker.ts'
import { createRecorder, type Recorder, sleep, twoMetrics, until } from './field.fixture.ts'
import { createGateway } from './gateway.ts'
import type { Gateway } from './gateway-types.ts'
import { dataType, topicOf } from './sparkplug.ts'
import { encodePayload, type PayloadOut } from './sparkplug-encode.ts'

let recorder: Recorder
let gateway: Gateway
const clients: MqttClient[] = []

beforeEach(async () => {
    recorder = createRecorder()
    gateway = createGateway({
        host: '127.0.0.1',
        port: 0,
        hostId: 'test',
        nowMs: Date.now,
        authenticate: async (username, password) => (password === 'secret' ? { edgeNode: username } : undefined),
        limits: { packetBytes: 50_000, connections: 20 },
    })
    await gateway.start(recorder)
})
afterEach(async () => {
    for (const client of clients.splice(0)) client.end(true)
    await gateway.close()
})

/** A raw client, as anybody could bring one. */
const raw = (options: IClientOptions = {}): MqttClient => {
    const client = openMqtt(gateway.url, { username: 'S3', password: 'secret', reconnectPeriod: 0, ...options })
    client.on('error', () => {})
    clients.push(client)
    return client
}
const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()))
const connected = (client: MqttClient) => new Promise<void>((resolve) => client.once('connect', () => resolve()))
const refusals = () => recorder.events.filter((e) => e.kind === 'refused').map((e) => e.detail)

const birth = (name: string, alias: number) => ({ name, alias, type: dataType.double, value: 1, tMs: Date.now() })
const pack = (payload: PayloadOut) => Buffer.from(encodePayload(payload))
const nbirth = () => pack({ seq: 0, metrics: [{ name: 'bdSeq', type: dataType.int64, value: 0 }] })
const dbirth = () => pack({ seq: 1, metrics: [birth('bus/1/vmPu', 1)] })
const ddata = (seq: number, value: number) => pack({ seq, metrics: [{ alias: 1, type: dataType.double, value, tMs: Date.now() }] })

test('a wrong password is refused, counted and named', async () => {
    const client = raw({ password: 'guess' })
    await closed(client)
    expect(gateway.counters()).toMatchObject({ refused: 1, connections: 0 })
    expect(refusals()).toEqual(['connection of "S3": unknown credential'])
})

test('an edge node speaks only below its own topics', async () => {
    for (const topic of [
        'spBv1.0/gridverse/DDATA/S4/bay-1',
        'spBv1.0/other/DDATA/S3/bay-1',
        'spBv1.0/gridverse/DCMD/S3/bay-1',
        'spBv1.0/STATE/test',
        '$SYS/x',
        'anything',
    ]) {
        const client = raw()
        await connected(client)
        const gone = closed(client)
        client.publish(topic, ddata(0, 1), { qos: 1 })
        await gone
    }
    expect(gateway.counters().refused).toBe(6)
    expect(recorder.batches).toEqual([])
})

test('an edge node hears only its own commands and the host’s state', async () => {
    const client = raw()
    await connected(client)
    const ask = async (topic: string) => (await client.subscribeAsync(topic, { qos: 1 }).catch(() => [{ qos: 128 }]))[0]!.qos
    for (const own of ['spBv1.0/gridverse/NCMD/S3', 'spBv1.0/gridverse/DCMD/S3/+', 'spBv1.0/gridverse/DCMD/S3/#', 'spBv1.0/STATE/test'])
        expect(await ask(own), own).toBe(1)
    for (const foreign of [
        '#',
        'spBv1.0/#',
        'spBv1.0/gridverse/NCMD/+',
        'spBv1.0/gridverse/+/S3/#',
        'spBv1.0/gridverse/DDATA/S3/d',
        '$SYS/#',
    ])
        expect(await ask(foreign), foreign).toBe(128)
    expect(gateway.counters().refused).toBe(6)
})

test('the host’s state is retained as online for whoever comes', async () => {
    const client = raw()
    await connected(client)
    const heard = new Promise<string>((resolve) => client.once('message', (_topic, payload) => resolve(payload.toString())))
    await client.subscribeAsync('spBv1.0/STATE/test', { qos: 1 })
    expect(JSON.parse(await heard)).toMatchObject({ online: true })
})

test('a will on somebody else’s topic is refused at the door', async () => {
    const client = raw({ will: { topic: 'spBv1.0/gridverse/NDEATH/S4', payload: Buffer.from(''), qos: 1, retain: false } })
    await closed(client)
    expect(refusals()[0]).toContain('will to spBv1.0/gridverse/NDEATH/S4')
})

test('the same client id under another credential pushes nobody out', async () => {
    const first = raw({ clientId: 'same' })
    await connected(first)
    const second = raw({ clientId: 'same', username: 'S4' })
    await connected(second)
    await sleep(50)
    expect([first.connected, second.connected]).toEqual([true, true])
})

test('a packet announced too long is refused before it is gathered', async () => {
    const client = raw()
    await connected(client)
    const gone = closed(client)
    client.publish(topicOf('gridverse', 'NDATA', 'S3'), Buffer.alloc(60_000), { qos: 1 })
    await gone
    expect(refusals()).toContainEqual(expect.stringMatching(/^packet of 600\d\d bytes, at most 50000 are taken$/))

    // a stranger who announces 200 MB before showing a credential is cut off at once
    const port = Number(new URL(gateway.url).port)
    const socket = tcp(port, '127.0.0.1')
    const end = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => {})
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x60]))
    await end
    expect(gateway.counters().oversized).toBe(2)
})

test('bytes that are not MQTT are a counted event', async () => {
    const socket = tcp(Number(new URL(gateway.url).port), '127.0.0.1')
    socket.on('error', () => {})
    const end = new Promise((resolve) => socket.once('close', resolve))
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await end
    await until(() => recorder.events.some((e) => e.kind === 'malformed'), 'malformed')
    expect(gateway.counters().brokenConnections).toBe(1)
})

test('a client that falls silent is offline after its keep-alive, by name', async () => {
    const field = (text: string) => [0, text.length, ...Buffer.from(text)]
    const body = [...field('MQTT'), 4, 0xc2, 0, 1, ...field('mute'), ...field('S3'), ...field('secret')]
    const socket = tcp(Number(new URL(gateway.url).port), '127.0.0.1')
    const end = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => {})
    socket.write(Buffer.from([0x10, body.length, ...body]))
    socket.resume()
    await end
    expect(recorder.events.map((e) => [e.kind, e.device, e.detail])).toEqual([['offline', 'S3', 'keep alive timeout']])
    expect(gateway.counters()).toMatchObject({ brokenConnections: 0, malformed: 0 })
})

test('a client killed before the acknowledgement was never promised anything; its measurement may be stored all the same', async () => {
    const client = raw()
    await connected(client)
    await client.publishAsync(topicOf('gridverse', 'NBIRTH', 'S3'), nbirth(), { qos: 1 })
    await client.publishAsync(topicOf('gridverse', 'DBIRTH', 'S3', 'd'), dbirth(), { qos: 1 })
    const open = recorder.hold()
    let acknowledged = false
    client.publish(topicOf('gridverse', 'DDATA', 'S3', 'd'), ddata(2, 7), { qos: 1 }, (error) => {
        acknowledged = !error
    })
    await until(() => recorder.rows().length === 2, 'handed on')
    client.stream.destroy()
    await until(() => gateway.devices.get('S3/d')?.online === false, 'death by lost link')
    open()
    await sleep(50)
    expect(acknowledged).toBe(false)
    expect(recorder.rows().map(([, , value]) => value)).toEqual([1, 7])
    expect(gateway.counters()).toMatchObject({ waiting: 0, connections: 0 })
})

test('data whose birth never comes is not acknowledged; data whose birth comes late is', { timeout: 15_000 }, async () => {
    const topic = (kind: 'NBIRTH' | 'DBIRTH' | 'DDATA') => topicOf('gridverse', kind, 'S3', kind === 'NBIRTH' ? undefined : 'd')
    const forgetful = raw()
    await connected(forgetful)
    const told: string[] = []
    forgetful.publish(topic('DDATA'), ddata(2, 7), { qos: 1 }, (error) => told.push(error ? 'refused' : 'acknowledged'))
    await closed(forgetful)
    expect(told).not.toContain('acknowledged')
    expect(gateway.counters()).toMatchObject({ unborn: 1, received: 0 })

    const late = raw()
    await connected(late)
    const published = late.publishAsync(topic('DDATA'), ddata(2, 7), { qos: 1 })
    await late.publishAsync(topic('NBIRTH'), nbirth(), { qos: 0 })
    await late.publishAsync(topic('DBIRTH'), dbirth(), { qos: 0 })
    await published
    expect(recorder.rows().map(([, , value]) => value)).toContain(7)
})

test('acknowledgements leave in the order the messages came', async () => {
    const client = raw()
    await connected(client)
    const order: number[] = []
    await client.publishAsync(topicOf('gridverse', 'NBIRTH', 'S3'), nbirth(), { qos: 1 })
    await client.publishAsync(topicOf('gridverse', 'DBIRTH', 'S3', 'd'), dbirth(), { qos: 1 })
    const open = recorder.hold()
    client.publish(topicOf('gridverse', 'DDATA', 'S3', 'd'), ddata(2, 7), { qos: 1 }, () => order.push(1))
    // malformed: nothing to store, yet it must not overtake
    client.publish(topicOf('gridverse', 'DDATA', 'S3', 'd'), Buffer.from([0xff]), { qos: 1 }, () => order.push(2))
    await until(() => gateway.counters().malformed === 1, 'both taken')
    await sleep(30)
    expect(order).toEqual([])
    open()
    await until(() => order.length === 2, 'both acknowledged')
    expect(order).toEqual([1, 2])
})

test('while the store is slow, memory stays bounded: the rest waits in the sockets', async () => {
    const node = createEdgeNode({
        url: gateway.url,
        group: 'gridverse',
        edgeNode: 'S3',
        username: 'S3',
        password: 'secret',
        nowMs: Date.now,
        devices: twoMetrics,
        onCommand: () => {},
    })
    await node.connect()
    await until(() => gateway.devices.get('S3/bay-1')?.online === true, 'online')
    const open = recorder.hold()
    const reading = Array.from({ length: 100 }, (_, k) => ({ name: 'branch/L7/pFromMw', value: k, tMs: Date.now() + k }))
    const said = Array.from({ length: 500 }, () => node.publish('bay-1', reading))
    await sleep(300)
    const taken = gateway.counters().waiting!
    expect(taken).toBeGreaterThan(0)
    expect(taken).toBeLessThan(200)
    open()
    await Promise.all(said)
    expect(gateway.counters()).toMatchObject({ waiting: 0, received: 50_003 })
    await node.close()
})

test('the buffer of an edge node is bounded: the oldest go first, are counted, and say so', async () => {
    const node = createEdgeNode({
        url: gateway.url,
        group: 'gridverse',
        edgeNode: 'S3',
        username: 'S3',
        password: 'secret',
        nowMs: Date.now,
        devices: twoMetrics,
        bufferPoints: 3,
        onCommand: () => {},
    })
    const said = [1, 2, 3, 4, 5].map((value) => node.publish('bay-1', [{ name: 'branch/L7/pFromMw', value, tMs: Date.now() }]))
    await node.connect()
    const fates = await Promise.allSettled(said)
    expect(fates.map((f) => f.status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
    expect(node.counters()).toMatchObject({ dropped: 2, acknowledged: 3, waiting: 0 })
    await node.close()
})

test('a refused credential fails the first connection', async () => {
    const node = createEdgeNode({
        url: gateway.url,
        group: 'gridverse',
        edgeNode: 'S3',
        username: 'S3',
        password: 'wrong',
        nowMs: Date.now,
        devices: [],
        onCommand: () => {},
    })
    await expect(node.connect()).rejects.toThrow('refuses the credential of S3')
    await node.close()
})

const mosquitto = '/usr/bin/mosquitto_pub'
test.skipIf(!existsSync(mosquitto))('mosquitto_pub, a client nobody here wrote, is born and heard', async () => {
    const { port } = new URL(gateway.url)
    const run = promisify(execFile)
    const say = (type: 'NBIRTH' | 'DBIRTH' | 'DDATA', payload: Uint8Array, device?: string) => {
        const topic = topicOf('gridverse', type, 'S3', device)
        const args = ['-h', '127.0.0.1', '-p', port, '-u', 'S3', '-P', 'secret', '-q', '1', '-t', topic, '-s']
        const child = run(mosquitto, args)
        child.child.stdin!.end(payload)
        return child
    }
    // each call is a session of its own, so another client keeps the edge node's session alive meanwhile
    await connected(raw())
    await say('NBIRTH', nbirth())
    await say('DBIRTH', dbirth(), 'd')
    await say('DDATA', ddata(2, 4.5), 'd')
    expect(recorder.rows().map(([id, , value]) => [id, value])).toEqual([
        ['bus/1/vmPu', 1],
        ['bus/1/vmPu', 4.5],
    ])
    const stranger = run(mosquitto, ['-h', '127.0.0.1', '-p', port, '-u', 'S3', '-P', 'no', '-t', 'x', '-m', 'y'])
    await expect(stranger).rejects.toThrow(/not authori[sz]ed/i)
})

test('filters take in topics as MQTT says', () => {
    expect(matches('a/+/c', 'a/b/c')).toBe(true)
    expect(matches('a/#', 'a')).toBe(true)
    expect(matches('a/#', 'a/b/c')).toBe(true)
    expect(matches('a/+', 'a')).toBe(false)
    expect(matches('a/b', 'a/b/c')).toBe(false)
})
