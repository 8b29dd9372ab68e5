/** A broker of somebody else's in place of the embedded one, by one setting: plant and platform meet there. */
import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import type { Region } from '@gridverse/grid'
import type { EventCard } from '@gridverse/twin'
import { Aedes } from 'aedes'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Client, newDataDir, processesOf, type Running, removeDataDir, root, setUp, signIn, startGridverse, until } from './harness.ts'

const certificate = (name: string) => join(root, 'adapters/field/fixtures', name)
const credential = { GRIDVERSE_BROKER_USERNAME: 'platform', GRIDVERSE_BROKER_PASSWORD: 'host secret' }

let dataDir: string
const closing: (() => Promise<unknown>)[] = []
beforeEach(() => {
    dataDir = newDataDir()
})
afterEach(async () => {
    while (closing.length) await closing.pop()!()
    removeDataDir(dataDir)
})

/** A broker that is not ours; it knows the platform by its credential and lets devices in with any. */
async function openBroker({ tls = false, port = 0 } = {}) {
    const broker = await Aedes.createBroker({
        authenticate: (_client, username, password, done) =>
            done(null, username === 'platform' ? password?.toString() === 'host secret' : Boolean(password?.length)),
    })
    const sockets = new Set<Socket>()
    const open = (socket: Socket) => {
        sockets.add(socket)
        broker.handle(socket)
    }
    const keys = tls && { cert: readFileSync(certificate('broker-cert.pem')), key: readFileSync(certificate('broker-key.pem')) }
    const server: Server = keys ? createTlsServer(keys, open) : createServer(open)
    // clients that do not trust the certificate end the handshake
    server.on('tlsClientError', () => {})
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    let closed = false
    const close = async () => {
        if (closed) return
        closed = true
        for (const socket of sockets) socket.destroy()
        await new Promise<void>((resolve) => broker.close(() => resolve()))
        await new Promise((resolve) => server.close(resolve))
    }
    closing.push(close)
    return { broker, port: (server.address() as { port: number }).port, close }
}

async function start(args: readonly string[], env: Record<string, string>): Promise<Running> {
    const running = await startGridverse(dataDir, args, { ...credential, ...env })
    closing.push(() => running.stop())
    return running
}
const ready = async ({ url }: Running) => {
    const response = await fetch(`${url}/health/ready`)
    const { lacking } = (await response.json()) as { lacking: string[] }
    return { status: response.status, lacking }
}
const estimated = (client: Client) =>
    until('an estimate', async () => (await client.snapshot()).fidelity.status === 'estimated' && (await client.snapshot()))
const brokerEvents = async (client: Client) =>
    (await client.get<EventCard[]>(`/api/events?target=${encodeURIComponent('device/broker')}`)).map(({ action, detail }) => ({
        action,
        said: String(detail.detail),
    }))

test('the loop runs through another broker: measured there, commanded there, and missed when it goes', async () => {
    const { broker, port, close } = await openBroker()
    const running = await start(['--broker-url', `mqtt://127.0.0.1:${port}`], {})
    const admin = await setUp(running)
    await estimated(admin)
    expect((await ready(running)).status).toBe(200)
    expect((await admin.get<{ brokerUrl: string }>('/api/devices')).brokerUrl).toBe(`mqtt://127.0.0.1:${port}`)
    // every edge node of the plant and the platform itself
    const { devices } = await admin.status()
    // charging posts and Modbus ports do not come by the broker
    const edgeNodes = devices.filter(({ id }) => !/[/:]|^CP-/.test(id))
    expect(edgeNodes.length).toBeGreaterThan(20)
    expect(broker.connectedClients).toBe(edgeNodes.length + 1)
    expect(await brokerEvents(admin)).toContainEqual({ action: 'device.online', said: `joined mqtt://127.0.0.1:${port}` })

    const region = await admin.get<Region>('/api/region')
    const least = new Map(region.network.generator.map(({ id, pMinMw }) => [`generator/${id}`, pMinMw]))
    const { points } = await admin.snapshot()
    const powerOf = (component: string) => points.find(({ id }) => id === `${component}/pMw`)?.value ?? 0
    const { component } = region.unit.find((unit) => unit.kind === 'coal' && powerOf(unit.component) > 1)!
    // at night all stand near their least power
    const step = powerOf(component) > least.get(component)! + 5 ? -3 : 3
    expect(await admin.operate(`${component}/pSetMw`, Math.round(powerOf(component) + step))).toMatchObject({ state: 'confirmed' })

    await close()
    await until('the missing broker to be told', async () => (await ready(running)).lacking.includes('broker'), 10_000)
    await until('its going in the log', async () => (await brokerEvents(admin)).some(({ action }) => action === 'device.offline'), 5000)
    await openBroker({ port })
    await until('readiness', async () => (await ready(running)).status === 200, 20_000)
    await until('the plant to be back', async () => (await admin.status()).devices.every(({ state }) => state === 'online'), 30_000)
})

test('a broker behind TLS: a certificate nobody trusts is told and lived with; with its authority the loop runs', async () => {
    const { broker, port } = await openBroker({ tls: true })
    const url = `mqtts://127.0.0.1:${port}`
    const strange = await start(['--no-plant'], { GRIDVERSE_BROKER_URL: url, GRIDVERSE_BROKER_CA: certificate('other-authority.pem') })
    const admin = await setUp(strange)
    const refusal = await until('the refusal in the log', async () =>
        (await brokerEvents(admin)).find(({ action }) => action === 'device.refused'),
    )
    expect(refusal.said).toMatch(new RegExp(`^certificate of ${url} is not trusted .*authority: .*other-authority\\.pem`))
    expect(await ready(strange)).toMatchObject({ status: 503, lacking: ['broker'] })
    // it tries on, serves who asks, and does not fill its log with tries
    await until('some tries', async () => (await admin.status()).counters.failedJoins! >= 3)
    expect((await admin.snapshot()).fidelity.status).not.toBe('estimated')
    expect(await brokerEvents(admin)).toHaveLength(1)
    expect(broker.connectedClients).toBe(0)
    expect(await strange.stop()).toBe(0)

    const running = await start([], { GRIDVERSE_BROKER_URL: url, GRIDVERSE_BROKER_CA: certificate('broker-cert.pem') })
    await estimated(await signIn(running.url))
    expect(await ready(running)).toMatchObject({ status: 200, lacking: [] })
    expect(await running.stop()).toBe(0)
    await until('every process to be gone', async () => processesOf(dataDir).length === 0, 5000)
})
