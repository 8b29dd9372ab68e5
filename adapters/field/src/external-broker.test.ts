import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Aedes } from 'aedes'
import { expect, test } from 'vitest'
import { createEdgeNode } from './edge-node.ts'
import { createRecorder, type Recorder, sleep, twoMetrics, until } from './field.fixture.ts'
import { createGateway } from './gateway.ts'
import { checkSource } from './source.conformance.ts'

/** A broker that is not ours, on a free port; with TLS when asked. */
async function openBroker(tls = false, port = 0): Promise<{ port: number; broker: Aedes; close(): Promise<void> }> {
    const broker = await Aedes.createBroker({
        authenticate: (_client, _username, password, done) => done(null, password?.toString() === 'secret'),
    })
    const sockets = new Set<Socket>()
    const open = (socket: Socket) => {
        sockets.add(socket)
        broker.handle(socket)
    }
    const server: Server = tls
        ? createTlsServer({ cert: fixture('broker-cert.pem'), key: fixture('broker-key.pem') }, open)
        : createServer(open)
    server.on('tlsClientError', () => {})
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const address = server.address() as { port: number }
    return {
        port: address.port,
        broker,
        async close() {
            for (const socket of sockets) socket.destroy()
            await new Promise<void>((resolve) => broker.close(() => resolve()))
            await new Promise<void>((resolve) => server.close(() => resolve()))
        },
    }
}
const fixturePath = (name: string) => new URL(`../fixtures/${name}`, import.meta.url).pathname
const fixture = (name: string) => readFileSync(fixturePath(name))

const open = (url: string, more: { password?: string; caFile?: string } = {}) =>
    createGateway({
        host: '127.0.0.1',
        port: 0,
        group: 'g2',
        hostId: 'test',
        nowMs: Date.now,
        authenticate: async () => undefined,
        externalBroker: { url, username: 'host', password: 'secret', ...more },
        limits: { rebirthMs: 100, pointsPerSecond: 5000 },
    })
const edge = (port: number, protocol = 'mqtt') =>
    createEdgeNode({
        url: `${protocol}://127.0.0.1:${port}`,
        group: 'g2',
        edgeNode: 'S3',
        username: 'S3',
        password: 'secret',
        nowMs: Date.now,
        devices: twoMetrics,
        retryMs: 50,
        onCommand: () => {},
    })

checkSource('external broker', async (recorder) => {
    const { port, close } = await openBroker()
    const gateway = open(`mqtt://127.0.0.1:${port}`)
    await gateway.start(recorder)
    return {
        gateway,
        url: gateway.url,
        group: 'g2',
        password: 'secret',
        acksWhenDurable: false,
        async close() {
            await gateway.close()
            await close()
        },
    }
})

const details = (recorder: Recorder) => recorder.events.filter((e) => e.device === 'broker').map((e) => `${e.kind}: ${e.detail}`)
const p = 'branch/L7/pFromMw'

test('many messages are on their way to the store at once, and each is acknowledged to the broker in its turn', async () => {
    const { port, broker, close } = await openBroker()
    const recorder = createRecorder()
    const gateway = open(`mqtt://127.0.0.1:${port}`)
    await gateway.start(recorder)
    const node = edge(port)
    await node.connect()
    await until(() => gateway.devices.get('S3/bay-1')?.online === true, 'online')
    let acknowledged = 0
    broker.on('ack', () => {
        acknowledged++
    })
    await sleep(50)
    const before = acknowledged
    const release = recorder.hold()
    const t = Date.now()
    for (let k = 0; k < 100; k++) await node.publish('bay-1', [{ name: p, value: k, tMs: t + k }])
    await until(() => gateway.counters().waiting === 100, 'all handed on')
    expect(acknowledged - before).toBe(0)
    release()
    await until(() => acknowledged - before === 100, 'all acknowledged')
    await node.close()
    await gateway.close()
    await close()
})

test('a certificate of an unknown authority is a named event, the right authority joins', async () => {
    const { port, close } = await openBroker(true)
    const url = `mqtts://127.0.0.1:${port}`
    for (const caFile of [undefined, fixturePath('other-authority.pem')]) {
        const recorder = createRecorder()
        const gateway = open(url, caFile ? { caFile } : {})
        await gateway.start(recorder)
        expect(details(recorder)[0]).toMatch(new RegExp(`^refused: certificate of ${url} is not trusted \\(\\w*(SELF_SIGNED|UNABLE)\\w*:`))
        await gateway.close()
    }
    const recorder = createRecorder()
    const gateway = open(url, { caFile: fixturePath('broker-cert.pem') })
    await gateway.start(recorder)
    expect(details(recorder)).toEqual([`online: joined ${url}`])
    await gateway.close()
    await close()
})

test('a refused credential is a named event and the platform lives on', async () => {
    const { port, close } = await openBroker()
    const recorder = createRecorder()
    const gateway = open(`mqtt://127.0.0.1:${port}`, { password: 'wrong' })
    await gateway.start(recorder)
    expect(details(recorder)[0]).toContain('refuses the credential')
    await expect(gateway.requestRebirth('S3')).rejects.toThrow('is not connected')
    await gateway.close()
    await close()
})

test('a broker that goes away is a named event, and everything comes back with it', async () => {
    const first = await openBroker()
    const recorder = createRecorder()
    const gateway = open(`mqtt://127.0.0.1:${first.port}`)
    await gateway.start(recorder)
    const node = edge(first.port)
    await node.connect()
    await until(() => gateway.devices.get('S3/bay-1')?.online === true, 'online')
    await first.close()
    await until(() => details(recorder).some((d) => d.startsWith('offline')), 'offline')
    const second = await openBroker(false, first.port)
    await until(() => details(recorder).filter((d) => d.startsWith('online')).length === 2, 'joined again')
    // births made while nobody listened are asked for again
    await until(() => node.counters().rebirths >= 1, 'rebirth')
    await node.publish('bay-1', [{ name: p, value: 55, tMs: Date.now() }])
    await until(() => recorder.rows().some(([, , value]) => value === 55), 'a value through the new broker')
    await node.close()
    await gateway.close()
    await second.close()
})

test('what devices said while the platform was away is taken when it is back, though its births were never heard', async () => {
    const { port, close } = await openBroker()
    const url = `mqtt://127.0.0.1:${port}`
    const before = createRecorder()
    const first = open(url)
    await first.start(before)
    const node = edge(port)
    await node.connect()
    await until(() => first.devices.get('S3/bay-1')?.online === true, 'online')
    await first.close()
    const t = Date.now()
    for (const value of [1, 2, 3]) await node.publish('bay-1', [{ name: p, value, tMs: t + value }])
    const after = createRecorder()
    const second = open(url)
    await second.start(after)
    await until(() => after.rows().length >= 6, 'birth and the three values')
    await node.publish('bay-1', [{ name: p, value: 4, tMs: t + 10 }])
    await until(() => after.rows().some(([, , value]) => value === 4), 'the newest')
    const values = after.rows().flatMap(([id, tMs, value]) => (id === p && tMs > t ? [value] : []))
    expect(values.filter((value, k) => k > 0 || value !== 3)).toEqual([1, 2, 3, 4])
    expect(second.counters()).toMatchObject({ unborn: 0, malformed: 0 })
    await node.close()
    await second.close()
    await close()
})
