import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manyResources, shippedFleet } from '@gridverse/assets'
import { createGateway, createOcppSource, createSunspecSource, type Gateway } from '@gridverse/field'
import { afterEach, expect, test } from 'vitest'
import { type Plant, type PlantOptions, runPlant } from './plant.ts'

/** A platform as small as can be: the real gateway with its broker, enrolment over HTTP, the last value of every point. */
async function openPlatform() {
    const ids: string[] = []
    const last = new Map<string, { value: number; tMs: number; quality: number }>()
    const events: string[] = []
    const passwords = new Map<string, string>()
    const indexOf = new Map<string, number>()
    const register: { value?: { revision: number; resources: object[]; ocppUrl?: string; sunspec?: boolean } } = {}
    let sunspec: { host: string; port: number; units: Record<string, number> } | undefined
    let enrolments = 0
    /** what every source hands over to, whatever its protocol */
    const sink: Parameters<Gateway['start']>[0] = {
        resolve: async (_, points) =>
            Int32Array.from(points, ({ name }) => {
                if (!indexOf.has(name)) indexOf.set(name, ids.push(name) - 1)
                return indexOf.get(name)!
            }),
        receive: async (_, b) => {
            for (let k = 0; k < b.count; k++) last.set(ids[b.point[k]!]!, { value: b.value[k]!, tMs: b.tMs[k]!, quality: b.quality[k]! })
        },
        event: (e) => events.push(`${e.kind} ${e.device}`),
    }
    const gateway: Gateway = createGateway({
        host: '127.0.0.1',
        port: 0,
        hostId: 'test',
        nowMs: Date.now,
        authenticate: async (username, password) => (passwords.get(username) === password ? { edgeNode: username } : undefined),
    })
    await gateway.start(sink)
    const http: Server = createServer(async (request, response) => {
        const { pathname, searchParams } = new URL(request.url!, 'http://platform')
        if (pathname === '/api/enrol/resources') {
            if (!register.value) return response.writeHead(404).end('{}')
            if (request.headers.authorization !== 'Bearer enrol-me') return response.writeHead(401).end('{}')
            const { resources, ...rest } = register.value
            return response.end(JSON.stringify(searchParams.get('revision') === String(rest.revision) ? rest : { ...rest, resources }))
        }
        let text = ''
        for await (const part of request) text += part
        const { token, edgeNodes, ...told } = JSON.parse(text) as { token: string; edgeNodes: string[]; sunspec?: typeof sunspec }
        sunspec = told.sunspec ?? sunspec
        enrolments++
        if (token !== 'enrol-me') return response.writeHead(403).end('{}')
        for (const node of edgeNodes) passwords.set(node, `secret-${node}-${enrolments}`)
        const credentials = edgeNodes.map((edgeNode) => ({ edgeNode, username: edgeNode, password: passwords.get(edgeNode)! }))
        response.end(JSON.stringify({ brokerUrl: gateway.url, group: 'gridverse', credentials }))
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    return {
        url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
        gateway,
        last,
        events,
        passwords,
        register,
        sink,
        sunspec: () => sunspec,
        enrolments: () => enrolments,
        async close() {
            http.closeAllConnections()
            await Promise.all([new Promise((resolve) => http.close(resolve)), gateway.close()])
        },
    }
}

const cleanUps: (() => Promise<unknown> | undefined)[] = []
afterEach(async () => {
    for (const clean of cleanUps.splice(0).reverse()) await clean()
})
const scratch = () => {
    const dir = mkdtempSync(join(tmpdir(), 'plant-'))
    cleanUps.push(async () => rmSync(dir, { recursive: true, force: true }))
    return dir
}
async function start(options: Partial<PlantOptions> & { platformUrl: string; dataDir: string }): Promise<Plant> {
    const plant = await runPlant({ enrolToken: 'enrol-me', ...options })
    cleanUps.push(() => plant.close())
    return plant
}
async function until(condition: () => boolean, what: string, withinMs = 15_000) {
    const end = Date.now() + withinMs
    while (!condition()) {
        if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
    }
}
const call = async (plant: Plant, method: string, path: string, body?: unknown, token = plant.controlToken) => {
    const answer = await fetch(`${plant.controlUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: the shape is what each test looks at
    return { status: answer.status, json: (await answer.json()) as any }
}

test('the plant enrols, is born, reports, obeys a command and says goodbye', { timeout: 40_000 }, async () => {
    const platform = await openPlatform()
    cleanUps.push(platform.close)
    const dataDir = scratch()
    const plant = await start({ platformUrl: platform.url, dataDir })
    await plant.online
    await until(() => platform.last.has('bus/13/vmPu') && platform.last.has('switch/L11.from/closed'), 'first values')
    expect(platform.last.get('switch/L11.from/closed')?.value).toBe(1)
    expect(platform.last.get('bus/13/vmPu')?.value).toBeCloseTo(1.02, 1)
    expect(platform.last.get('system/grid/frequencyHz')?.value).toBeCloseTo(60, 0)

    const sentMs = Date.now()
    await platform.gateway.write({ commandId: '1', point: 'switch/L11.from/closed', value: 0 })
    await until(() => platform.last.get('switch/L11.from/closed')?.value === 0, 'the open breaker')
    // the drive takes 60–200 ms; the report does not wait for the next second
    expect(Date.now() - sentMs).toBeLessThan(900)
    await until(() => platform.last.get('branch/L11/pFromMw')?.value === 0, 'the flow gone')

    // a crew closes it on the spot
    const closed = await call(plant, 'POST', '/switches/L11.from', { closed: true })
    expect(closed.status).toBe(200)
    await until(() => platform.last.get('switch/L11.from/closed')?.value === 1, 'the closed breaker')
    await plant.close()
    await until(() => platform.events.filter((e) => e.startsWith('offline') || e.startsWith('death')).length > 0, 'deaths')
})

test('a lost link is mended and every device of the edge node is born again', { timeout: 100_000 }, async () => {
    const platform = await openPlatform()
    cleanUps.push(platform.close)
    const plant = await start({ platformUrl: platform.url, dataDir: scratch() })
    await plant.online
    const ofSite = () => [...platform.gateway.devices.values()].filter((d) => d.edgeNode === 'midvale')
    await until(() => ofSite().length > 15 && ofSite().every((d) => d.online), 'the births')
    await call(plant, 'POST', '/faults', { kind: 'link-lost', target: 'midvale', durationS: 2 })
    await until(() => ofSite().some((d) => !d.online), 'the loss')
    await until(() => ofSite().every((d) => d.online), 'the births after the loss')
    await until(() => (platform.last.get('bus/9/vmPu')?.tMs ?? 0) > Date.now() - 1500, 'fresh values', 70_000)
})

test('a killed plant goes on where it was, with the credentials it has', { timeout: 40_000 }, async () => {
    const platform = await openPlatform()
    cleanUps.push(platform.close)
    const dataDir = scratch()
    const first = await start({ platformUrl: platform.url, dataDir })
    await first.online
    await platform.gateway.write({ commandId: '1', point: 'switch/L23.to/closed', value: 0 })
    await platform.gateway.write({ commandId: '2', point: 'storage/BAT2/pSetMw', value: -30 })
    await until(() => platform.last.get('switch/L23.to/closed')?.value === 0, 'the open breaker')
    // what was reported is on disk
    expect(JSON.parse(readFileSync(join(dataDir, 'state.json'), 'utf8')).switches['L23.to']).toBe(0)
    const { json: before } = await call(first, 'GET', '/state')
    await first.close({ abrupt: true })
    platform.last.clear()

    const second = await start({ platformUrl: platform.url, dataDir })
    await second.online
    await until(() => platform.last.has('switch/L23.to/closed') && platform.last.has('storage/BAT2/pSetMw'), 'the new birth')
    expect(platform.last.get('switch/L23.to/closed')?.value).toBe(0)
    expect(platform.last.get('storage/BAT2/pSetMw')?.value).toBe(-30)
    expect(platform.enrolments()).toBe(1)
    expect(second.controlToken).toBe(first.controlToken)
    const { json: after } = await call(second, 'GET', '/state')
    expect(after.points['storage/BAT2/socPercent']).toBeCloseTo(before.points['storage/BAT2/socPercent'], 1)
})

test('a plant whose credentials are refused enrols again', { timeout: 40_000 }, async () => {
    const platform = await openPlatform()
    cleanUps.push(platform.close)
    const dataDir = scratch()
    const first = await start({ platformUrl: platform.url, dataDir })
    await first.online
    await first.close()
    for (const node of platform.passwords.keys()) platform.passwords.set(node, 'changed')
    const second = await start({ platformUrl: platform.url, dataDir })
    await second.online
    expect(platform.enrolments()).toBe(2)
})

test('the plant waits for a platform that is not there yet', async () => {
    const waits: string[] = []
    const plant = await start({
        platformUrl: 'http://127.0.0.1:9',
        dataDir: scratch(),
        onEvent: (kind, detail) => waits.push(`${kind} ${detail}`),
    })
    await until(() => waits.some((w) => w.startsWith('waiting')), 'a word about waiting')
    const { json } = await call(plant, 'GET', '/state')
    expect(json.status).toBe('converged')
})

test('the control port lets nobody in without its token and names every mistake', async () => {
    const plant = await start({ platformUrl: 'http://127.0.0.1:9', dataDir: scratch() })
    expect((await call(plant, 'GET', '/state', undefined, 'wrong')).status).toBe(401)
    expect((await fetch(`${plant.controlUrl}/state`)).status).toBe(401)
    const bad = await call(plant, 'POST', '/faults', { kind: 'sensor-bias', target: 'bus/999/vmPu', durationS: -1 })
    expect(bad.status).toBe(400)
    expect(bad.json.issues.map((i: { path: string }) => i.path)).toEqual(['target', 'value', 'durationS'])
    expect((await call(plant, 'POST', '/faults', { kind: 'earthquake', target: 'x' })).json.issues[0].message).toMatch(/line-trip/)
    expect((await call(plant, 'POST', '/switches/L1.from', { closed: 'yes' })).status).toBe(400)
    expect((await call(plant, 'POST', '/switches/nowhere', { closed: true })).status).toBe(404)
    expect((await call(plant, 'POST', '/storm', { pointsPerS: -5 })).json.issues.length).toBe(2)
    expect((await call(plant, 'DELETE', '/faults/F9')).status).toBe(404)
    expect((await call(plant, 'GET', '/nothing')).json.issues[0].message).toMatch(/GET \/state/)
    expect((await call(plant, 'POST', '/faults', 'text')).status).toBe(400)

    const made = await call(plant, 'POST', '/faults', { kind: 'line-trip', target: 'branch/L23' })
    expect((await call(plant, 'GET', '/state')).json.points['switch/L23.from/closed']).toBe(0)
    expect((await call(plant, 'GET', '/faults')).json.faults.map((f: { id: string }) => f.id)).toEqual([made.json.id])
    expect((await call(plant, 'DELETE', `/faults/${made.json.id}`)).status).toBe(200)
    expect((await call(plant, 'GET', '/state')).json.points['switch/L23.from/closed']).toBe(1)
})

test('PR4 the shipped fleet is born with the plant; what is enrolled later is built while it runs, what is removed goes', {
    timeout: 60_000,
}, async () => {
    const platform = await openPlatform()
    cleanUps.push(platform.close)
    const dataDir = scratch()
    const first = await start({ platformUrl: platform.url, dataDir, fleetPollMs: 100 })
    await first.online
    await until(() => platform.last.has('resource/works-battery/socPercent'), 'the shipped fleet')
    await until(() => platform.last.has('resource/lane-car-1/connected'), 'all of it')

    await platform.gateway.write({ commandId: '1', point: 'resource/works-battery/pSetKw', value: 120 })
    await until(() => platform.last.get('resource/works-battery/following')?.value === 1, 'the read-back')
    await until(() => (platform.last.get('resource/works-battery/pKw')?.value ?? 0) > 100, 'the power')

    const online = (id: string) => [...platform.gateway.devices.values()].some((d) => d.id.endsWith(`/${id}`) && d.online)
    const kept = shippedFleet().filter((r) => r.id !== 'lane-car-1')
    platform.register.value = { revision: 2, resources: [...kept, ...manyResources(300, 4)] }
    await until(() => platform.last.has('resource/h41-battery/socPercent') && online('h41-battery'), 'the new homes')
    await until(() => !online('lane-car-1') && online('lane-car-2'), 'the removed one gone')
    expect([...platform.passwords.keys()].filter((n) => n.startsWith('home-'))).toEqual(['home-1', 'home-2'])
    await platform.gateway.write({ commandId: '2', point: 'resource/h41-battery/pSetKw', value: 1 })
    await until(() => platform.last.get('resource/h41-battery/pSetKw')?.value === 1, 'a new home’s answer')
    // one that exists already is told its new edge node
    const moved = manyResources(300, 4).map((r) => (r.id === 'h41-battery' ? { ...r, address: 'home-9' } : r))
    platform.register.value = { revision: 3, resources: [...kept, ...moved] }
    await until(() => platform.gateway.devices.get('home-9/h41-battery')?.online === true, 'the move')
    const energy = (await call(first, 'GET', '/state')).json.points['resource/works-battery/energyKwh']
    await first.close()

    // it goes on with what it had built, before the platform has said anything
    delete platform.register.value
    platform.last.clear()
    const second = await start({ platformUrl: platform.url, dataDir, fleetPollMs: 100 })
    await second.online
    await until(() => platform.last.has('resource/h41-battery/socPercent'), 'the homes again')
    const { json } = await call(second, 'GET', '/state')
    expect(json.points['resource/works-battery/energyKwh']).toBeCloseTo(energy, 0)
    expect(json.points['resource/works-battery/pSetKw']).toBe(120)
    expect(json.points['resource/lane-car-1/connected']).toBeUndefined()
})

test('PR3 faults of resources by the control port: what cannot be is named with what can', async () => {
    const plant = await start({ platformUrl: 'http://127.0.0.1:9', dataDir: scratch() })
    const fault = (kind: string, target: string) => call(plant, 'POST', '/faults', { kind, target, durationS: 60 })
    expect((await fault('ev-unplugged', 'resource/works-battery')).json.issues[0].message).toMatch(/home-ev, public-ev.*resource\//)
    expect((await fault('ev-unplugged', 'resource/lane-car-1')).status).toBe(200)
    expect((await fault('turbine-trip', 'resource/works-engine')).status).toBe(200)
    expect((await fault('link-lost', 'vpp-north')).status).toBe(200)
    expect((await fault('device-silent', 'vpp-north/lane-battery')).status).toBe(200)
})

test('PR5 posts call the central system and inverters answer behind their port, as soon as the platform has both', {
    timeout: 60_000,
}, async () => {
    const platform = await openPlatform()
    cleanUps.push(platform.close)
    const posts = new Map(shippedFleet().flatMap((r) => (r.kind === 'public-ev' ? [[r.address, r] as const] : [])))
    const csms = createOcppSource({
        host: '127.0.0.1',
        port: 0,
        nowMs: Date.now,
        async authenticate(identity, password) {
            const r = posts.get(identity)
            if (!r || platform.passwords.get(identity) !== password) return undefined
            return {
                connectors: [{ connector: 1, resource: r.id, maxKw: r.chargeKw, maxDischargeKw: r.dischargeKw, batteryKwh: r.batteryKwh }],
            }
        },
    })
    await csms.start(platform.sink)
    cleanUps.push(() => csms.close())
    const plant = await start({ platformUrl: platform.url, dataDir: scratch(), fleetPollMs: 100 })
    await plant.online
    const onNode = (id: string) => [...platform.gateway.devices.values()].some((d) => d.id.endsWith(`/${id}`) && d.online)
    await until(() => onNode('works-battery') && onNode('street-post-1'), 'all by Sparkplug at first')

    platform.register.value = { revision: 1, resources: shippedFleet(), ocppUrl: csms.url, sunspec: true }
    await until(() => !onNode('works-battery') && !onNode('street-post-1') && onNode('street-post-5'), 'their leave')
    await until(() => csms.devices.size >= 8, 'four posts with a connector each')
    await until(() => platform.sunspec() !== undefined, 'the address of the inverters')
    const { host, port, units } = platform.sunspec()!
    expect(Object.keys(units).sort()).toEqual(['works-battery', 'works-sun-1'])

    const poller = createSunspecSource({
        devices: Object.entries(units).map(([resource, unit]) => ({ host, port, unit, resource })),
        nowMs: Date.now,
        pollMs: 200,
        retryMs: 100,
    })
    await poller.start(platform.sink)
    cleanUps.push(() => poller.close())
    await until(() => poller.carries('resource/works-battery/pSetKw') && poller.carries('resource/works-sun-1/pKw'), 'both inverters')
    await poller.write({ commandId: '1', point: 'resource/works-battery/pSetKw', value: 150 })
    await until(() => Math.abs((platform.last.get('resource/works-battery/pKw')?.value ?? 0) - 150) < 2, 'the battery’s power')
    await poller.write({ commandId: '2', point: 'resource/works-battery/following', value: 0 })
    await until(() => Math.abs(platform.last.get('resource/works-battery/pKw')?.value ?? 99) < 2, 'its release')

    // a limit for a post arrives whether or not a car is there
    await csms.write({ commandId: '3', point: 'resource/street-post-3/pSetKw', value: 7 })
    const truth = async (point: string) => (await call(plant, 'GET', '/state')).json.points[`resource/street-post-3/${point}`]
    for (const end = Date.now() + 10_000; (await truth('pSetKw')) !== 7; ) expect(Date.now()).toBeLessThan(end)
    expect(await truth('following')).toBe(1)
    // a cut link is a death there too
    const fault = await call(plant, 'POST', '/faults', { kind: 'link-lost', target: 'CP-STATION-1' })
    expect(fault.status).toBe(200)
    await until(() => [...csms.devices.values()].some((d) => d.id.startsWith('CP-STATION-1') && !d.online), 'the lost post')
    await call(plant, 'DELETE', `/faults/${fault.json.id}`)
    await until(() => [...csms.devices.values()].every((d) => d.online), 'its return')
})
