/** The whole loop on the shipped region: plant → protocol → twin → people → gate → plant. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Region } from '@gridverse/grid'
import {
    type Alarm,
    type CommandCard,
    decodeFrame,
    type EventCard,
    type LiveText,
    type SecurityJson,
    type WorldCard,
} from '@gridverse/twin'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { connectForeign, enrol } from './foreign-device.ts'
import { Client, invite, newDataDir, processesOf, type Running, removeDataDir, setUp, signIn, startGridverse, until } from './harness.ts'

let dataDir: string
let running: Running
let admin: Client
let operator: Client
let viewer: Client
let region: Region

beforeAll(async () => {
    dataDir = newDataDir()
    running = await startGridverse(dataDir)
    admin = await setUp(running)
    operator = await invite(admin, 'olga', 'operator')
    viewer = await invite(admin, 'vera', 'viewer')
    region = await admin.get<Region>('/api/region')
    await until('an estimate', async () => (await admin.snapshot()).fidelity.status === 'estimated')
})
afterAll(async () => {
    await running?.stop()
    removeDataDir(dataDir)
})

/** The plant's own door, for what goes wrong in the field. */
async function plant(method: string, path: string, body?: unknown): Promise<any> {
    const { url, token } = JSON.parse(readFileSync(join(dataDir, 'plant', 'control.json'), 'utf8'))
    const response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`plant ${path}: ${response.status} ${await response.text()}`)
    return response.json()
}

/** A refusal shows the rules that stood against it. */
function expectConfirmed(card: CommandCard): void {
    expect(card.checks.filter((check) => !check.pass)).toEqual([])
    expect(card.message ?? card.state).toBe(card.state)
    expect(card.state).toBe('confirmed')
}

/** A breaker of a meshed 230 kV line: opening it leaves everybody supplied. */
function meshedBreaker(n: number): { id: string; point: string; branch: string } {
    const kv = new Map(region.network.bus.map((bus) => [bus.id, bus.baseKv]))
    const found = region.switch.filter((entry) => entry.kind === 'breaker' && entry.side === 'from' && (kv.get(entry.bus) ?? 0) > 200)
    const lines = found.filter((entry) => region.network.branch.find((b) => `branch/${b.id}` === entry.component)?.kind === 'line')
    const { id, component } = lines[n]!
    return { id, point: `switch/${id}/closed`, branch: component }
}

test('nothing but health is reachable without signing in', async () => {
    const nobody = new Client(running.url)
    expect((await nobody.call('GET', '/health/live')).status).toBe(200)
    expect((await nobody.call('GET', '/health/ready')).status).toBe(200)
    const { paths } = await admin.get<{ paths: Record<string, Record<string, unknown>> }>('/api/openapi.json')
    const open = new Set([
        '/api/session',
        '/api/setup',
        '/api/link',
        '/api/sign-in',
        '/api/sign-out',
        '/api/passkey/options',
        '/api/passkey/finish',
        '/api/enrol',
    ])
    for (const path of Object.keys(paths)) {
        if (open.has(path)) continue
        for (const method of Object.keys(paths[path]!)) {
            const { status } = await nobody.call(method.toUpperCase(), path.replace(/\{\w+\}/g, 'live'), method === 'get' ? undefined : {})
            expect(`${method} ${path}: ${status}`).toBe(`${method} ${path}: 401`)
        }
    }
    expect((await nobody.call('GET', '/metrics')).status).toBe(401)
    expect((await nobody.call('POST', '/api/enrol', { token: 'guess', edgeNodes: ['a'] })).status).toBe(401)
})

test('a fresh start alarms nothing that the first births have ended', async () => {
    const awaited = ['device-offline', 'device-silent', 'points-stale', 'area-unobservable', 'twin-diverged', 'twin-disagrees']
    const alarms = await admin.get<Alarm[]>('/api/alarms')
    expect(alarms.filter(({ rule }) => awaited.includes(rule)).map(({ id, state }) => `${id} ${state}`)).toEqual([])
})

test('a foreign host name and a foreign page are refused', async () => {
    const ask = (headers: Record<string, string>) => fetch(`${running.url}/api/worlds`, { headers: { cookie: admin.cookie, ...headers } })
    expect((await ask({})).status).toBe(200)
    expect((await ask({ origin: 'https://elsewhere.example' })).status).toBe(403)
    const form = await fetch(`${running.url}/api/worlds`, {
        method: 'POST',
        headers: { cookie: admin.cookie, 'content-type': 'application/json' },
        body: '{}',
    })
    expect(form.status).toBe(403)
})

test('a large answer is compressed for whoever accepts it, and the same', async () => {
    const ask = async (encoding: string) => {
        const response = await fetch(`${running.url}/api/region`, { headers: { cookie: admin.cookie, 'accept-encoding': encoding } })
        return { encoding: response.headers.get('content-encoding'), body: await response.json() }
    }
    const [plain, packed] = [await ask('identity'), await ask('gzip')]
    expect([plain.encoding, packed.encoding]).toEqual([null, 'gzip'])
    expect(packed.body).toEqual(plain.body)
})

test('the totals reconcile and every number has unit, time and quality', async () => {
    const { summary, points, fidelity } = await admin.snapshot()
    expect(summary.generationMw).toBeGreaterThan(1000)
    expect(Math.abs(summary.imbalanceMw)).toBeLessThan(0.01 * summary.generationMw)
    expect(fidelity.status).toBe('estimated')
    expect(fidelity.objective).toBeLessThan(2 * fidelity.chiSquareLimit)
    const known = points.filter((point) => point.value !== null)
    expect(known.length).toBeGreaterThan(0.95 * points.length)
    for (const point of known) expect(point.tMs, point.id).not.toBeNull()
})

test('a breaker opened in the field shows in the twin, with an alarm and no reload', async () => {
    const { id, point, branch } = meshedBreaker(0)
    const index = (await viewer.get<{ id: string; index: number }[]>('/api/points')).find((entry) => entry.id === point)!.index
    const socket = new WebSocket(`${running.url.replace('http', 'ws')}/api/live`, { headers: { cookie: viewer.cookie } })
    const frames: number[] = []
    const texts: LiveText[] = []
    socket.on('message', (data: Buffer, binary) => {
        if (!binary) return texts.push(JSON.parse(data.toString()))
        const frame = decodeFrame(data)
        const at = frame.index.indexOf(index)
        if (at >= 0) frames.push(frame.value[at]!)
    })
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(JSON.stringify({ subscribe: 'live' }))
    await until('the first frame', async () => frames.at(-1) === 1)

    const before = Date.now()
    await plant('POST', `/switches/${encodeURIComponent(id)}`, { closed: false })
    await until('the open breaker on the live stream', async () => frames.at(-1) === 0, 5000)
    await until('the line to carry nothing', async () => Math.abs((await viewer.value(`${branch}/pFromMw`)).value ?? 1) < 1, 5000)
    await until(
        'an alarm of the unexpected opening',
        async () => texts.some((text) => text.type === 'alarms' && text.alarms.some((alarm) => alarm.source.includes(id) && alarm.active)),
        10_000,
    )
    // the list of an instant: the trip stands in it now, and did not before
    const trips = async (tMs: number) =>
        (await viewer.get<Alarm[]>(`/api/alarms?at=${tMs}`)).filter((alarm) => alarm.source.includes(id) && alarm.active).length
    await until('the alarm in the log', async () => (await trips(Date.now())) > 0, 5000)
    expect(await trips(before)).toBe(0)
    const lists = () => texts.flatMap((text) => (text.type === 'alarms' && text.whole ? [text.alarms] : []))
    const told = lists().length
    socket.send(JSON.stringify({ subscribe: `replay@${before}` }))
    await until('the list of the past', async () => lists().length > told, 5000)
    expect(
        lists()
            .at(-1)!
            .some((alarm) => alarm.source.includes(id) && alarm.active),
    ).toBe(false)
    socket.send(JSON.stringify({ subscribe: 'live' }))
    await until(
        'the living list',
        async () =>
            lists()
                .at(-1)!
                .some((alarm) => alarm.source.includes(id)),
        5000,
    )
    const events = await viewer.get<EventCard[]>(`/api/events?until=${before}&limit=1000`)
    expect(events.every((event) => event.tMs <= before)).toBe(true)
    socket.close()

    await plant('POST', `/switches/${encodeURIComponent(id)}`, { closed: true })
    await until('the closed breaker', async () => (await viewer.value(point)).value === 1, 5000)
})

test('an operator opens and closes a breaker through the gate and sees it confirmed; the log has before and after', async () => {
    const { point, branch } = meshedBreaker(2)
    const selected = await operator.post<CommandCard>('/api/commands/select', { point, value: 0, reason: 'maintenance' })
    expect(selected.state).toBe('selected')
    expect(selected.checks.every((check) => check.pass)).toBe(true)
    expect(selected.prediction?.status).toBe('solved')
    expect(selected.prediction?.changes.length).toBeGreaterThan(0)
    expect((await operator.value(point)).value).toBe(1)

    expect((await operator.operate(point, 0)).state).toBe('refused')
    await operator.post(`/api/commands/${selected.id}/operate`)
    const done = await until('the confirmation', async () => {
        const card = await operator.get<CommandCard>(`/api/commands/${selected.id}`)
        return card.state !== 'sent' && card
    })
    expect(done).toMatchObject({ state: 'confirmed', before: 1, value: 0, after: 0 })
    await until('the line to carry nothing', async () => Math.abs((await operator.value(`${branch}/pFromMw`)).value ?? 1) < 1, 5000)

    const events = await operator.get<EventCard[]>(`/api/events?target=${encodeURIComponent(point)}&limit=20`)
    const actions = events.map((event) => event.action)
    for (const action of ['command.select', 'command.operate', 'command.confirmed']) expect(actions).toContain(action)
    expect(events.find((event) => event.action === 'command.operate')?.actor).toBe('olga')
    // the gate lets a breaker rest between two commands
    await new Promise((resolve) => setTimeout(resolve, 3500))
    expectConfirmed(await operator.operate(point, 1))
})

test('a viewer is refused with the reason, and the refusal is logged', async () => {
    const { point } = meshedBreaker(1)
    const card = await viewer.post<CommandCard>('/api/commands/select', { point, value: 0, reason: '' })
    expect(card.state).toBe('refused')
    expect(card.checks.find((check) => check.rule === 'role')).toMatchObject({ pass: false })
    expect((await viewer.call('POST', `/api/commands/${card.id}/operate`)).status).toBe(403)
    const events = await admin.get<EventCard[]>(`/api/events?target=${encodeURIComponent(point)}`)
    expect(events.some((event) => event.actor === 'vera' && /refused/.test(event.action))).toBe(true)
})

test('a setpoint reaches a unit, is confirmed by its echo and followed with its ramp', async () => {
    const { points } = await operator.snapshot()
    const powerOf = (component: string) => points.find((entry) => entry.id === `${component}/pMw`)?.value ?? 0
    const least = new Map(region.network.generator.map((generator) => [`generator/${generator.id}`, generator.pMinMw]))
    const room = (component: string) => powerOf(component) - least.get(component)!
    const unit = region.unit.filter((entry) => entry.kind === 'coal').sort((a, b) => room(b.component) - room(a.component))[0]!
    // at night all stand near their least power
    const set = Math.round(powerOf(unit.component) + (room(unit.component) > 5 ? -3 : 3))
    const card = await operator.operate(`${unit.component}/pSetMw`, set)
    expectConfirmed(card)
    await until('the unit to follow', async () => Math.abs((await operator.value(`${unit.component}/pMw`)).value! - set) < 2)
})

test('a what-if never reaches the plant, solves, and compares with live', async () => {
    const { point, branch } = meshedBreaker(3)
    const world = await viewer.post<WorldCard>('/api/worlds', { base: 'live', title: 'line out' })
    const at = `/api/worlds/${encodeURIComponent(world.id)}`
    await viewer.post(`${at}/edits`, { edits: [{ point, value: 0 }] })
    const snapshot = await viewer.snapshot(world.id)
    expect(snapshot.fidelity.status).toBe('solved')
    expect(Math.abs(snapshot.points.find((entry) => entry.id === `${branch}/pFromMw`)!.value!)).toBeLessThan(1e-6)
    expect((await viewer.value(point)).value).toBe(1)
    const comparison = await viewer.get(`/api/compare?a=live&b=${encodeURIComponent(world.id)}`)
    expect(comparison.rows.some((row: { point: string }) => row.point === point)).toBe(true)

    const wrong = await viewer.call('POST', `${at}/edits`, {
        edits: [
            { point: 'switch/none/closed', value: 0 },
            { point: 'bus/1/vmPu', value: 1 },
        ],
    })
    expect(wrong.status).toBe(400)
    expect(wrong.body.issues).toHaveLength(2)

    const { proposals } = await operator.post(`${at}/promote`)
    expect(proposals[0]).toMatchObject({ point, value: 0, state: 'selected', by: 'olga' })
    expect((await viewer.value(point)).value).toBe(1)
    await operator.post(`/api/commands/${proposals[0].id}/cancel`)
    await viewer.call('DELETE', at)
})

test('the worst outages of a world are ranked, of live, of an instant past and of a what-if', async () => {
    const worst = (world: string) => admin.get<SecurityJson>(`/api/worlds/${encodeURIComponent(world)}/contingencies?max=100`)
    const live = await worst('live')
    expect(live.base.status).toBe('converged')
    expect(live.counts.outages).toBe(region.network.branch.filter((b) => b.inService).length)
    expect(live.rows.length).toBeGreaterThan(20)
    expect(live.rows[0]!.lostLoadMw + live.rows[0]!.overloadCount).toBeGreaterThan(0)
    // the same question soon after is not worked out again
    expect((await worst('live')).tMs).toBe(live.tMs)
    const past = await worst(`replay@${live.tMs}`)
    expect(past.rows[0]!.outage).toBe(live.rows[0]!.outage)
    // with the worst line out already, another is the worst, and there is one less to try
    const card = await admin.post<WorldCard>('/api/worlds', { base: 'live', title: 'without the worst' })
    const lost = live.rows.find((row) => row.status === 'converged')!.outage
    await admin.post(`/api/worlds/${encodeURIComponent(card.id)}/edits`, { edits: [{ point: `${lost}/inService`, value: 0 }] })
    const without = await worst(card.id)
    expect(without.counts.outages).toBe(live.counts.outages - 1)
    expect(without.rows.map((row) => row.outage)).not.toContain(lost)
})

test('replay shows what live showed', async () => {
    const live = await admin.snapshot()
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const replay = await admin.snapshot(`replay@${live.tMs}`)
    expect(replay.fidelity.status).toBe('estimated')
    expect(replay.summary.generationMw).toBeCloseTo(live.summary.generationMw, -1)
    const bus = region.network.bus[5]!.id
    const at = (snapshot: typeof live) => snapshot.points.find((entry) => entry.id === `bus/${bus}/vmPu`)!.value!
    expect(at(replay)).toBeCloseTo(at(live), 2)
    const branched = await admin.post<WorldCard>('/api/worlds', { base: `replay@${live.tMs}`, title: 'from the past' })
    const past = await admin.snapshot(branched.id)
    expect(past.fidelity.status).toBe('solved')
    expect(past.summary.loadMw).toBeCloseTo(replay.summary.loadMw, -1)
    expect(branched.base).toMatchObject({ world: `replay@${live.tMs}`, tMs: live.tMs })
    await admin.call('DELETE', `/api/worlds/${encodeURIComponent(branched.id)}`)

    const long = await admin.call('GET', '/api/worlds/replay@1000/snapshot')
    expect(long.status).toBe(404)
    expect(long.body.code).toBe('no-history')
})

test('a trend holds what was measured, and what was estimated where nobody measures', async () => {
    const branch = region.network.branch.find((entry) => entry.kind === 'line')!.id
    const query = `points=branch/${branch}/pFromMw,branch/${branch}/loadingPercent&from=0&to=${Date.now() + 1000}`
    const { series } = await admin.get(`/api/history?${query}`)
    expect(series.map((entry: { unit: string }) => entry.unit)).toEqual(['MW', '%'])
    expect(series[0].tMs.length).toBeGreaterThan(2)
    expect(series[1].tMs.length).toBeGreaterThan(0)
    expect(series[1].quality[0]).toBe(2)
})

test('what goes wrong in the field is counted, named and alarmed', async () => {
    const bus = region.network.bus.find((entry) => entry.baseKv > 200)!
    const fault = await plant('POST', '/faults', { kind: 'sensor-bias', target: `bus/${bus.id}/vmPu`, value: 0.2, durationS: 20 })
    await until(
        'the biased meter to be found',
        async () => {
            const point = await admin.value(`bus/${bus.id}/vmPu`)
            return point.quality === 'suspect' && Math.abs(point.measured! - point.estimated!) > 0.1
        },
        15_000,
    )
    await plant('DELETE', `/faults/${fault.id}`)

    const site = bus.site
    await plant('POST', '/faults', {
        kind: 'duplicate',
        // the one that speaks most: a device that says nothing has nothing to say twice
        target: (await admin.status()).devices.filter((d) => d.id.startsWith(`${site}/`)).sort((x, y) => y.received - x.received)[0]!.id,
        durationS: 5,
    })
    await until('duplicates to be counted', async () => (await admin.status()).counters.duplicate! > 0, 15_000)

    await plant('POST', '/faults', { kind: 'link-lost', target: site, durationS: 4 })
    await until(
        'the lost link to be alarmed',
        async () => (await admin.get<Alarm[]>('/api/alarms')).some((alarm) => alarm.source.includes(site) && alarm.active),
        20_000,
    )
    await until(
        'the link to be back',
        async () => (await admin.status()).devices.filter((d) => d.id.startsWith(site)).every((d) => d.state === 'online'),
        30_000,
    )
})

test('an operator acknowledges and shelves an alarm; a viewer may not', async () => {
    const open = await until('an alarm', async () =>
        (await admin.get<Alarm[]>('/api/alarms')).find((alarm) => alarm.state.includes('unacknowledged')),
    )
    const at = `/api/alarms/${encodeURIComponent(open.id)}`
    expect((await viewer.call('POST', `${at}/acknowledge`)).status).toBe(403)
    const { body } = await operator.call('POST', `${at}/acknowledge`)
    expect(['acknowledged', 'normal']).toContain(body.state)
})

test('a device nobody here wrote enrols, speaks, is mapped, and takes a command', async () => {
    const credential = await enrol(admin, 'third-party')
    const device = await connectForeign(credential, 'meter', [
        { name: 'feeder power', type: 'Double', value: 1.5 },
        { name: 'power limit', type: 'Double', value: 4, writable: true },
    ])
    const unmapped = await until('its metrics as unmapped', async () => {
        const list = await admin.get<{ id: string; lastValue: number }[]>('/api/points/unmapped')
        return list.find((entry) => entry.id === 'feeder power' && entry.lastValue === 1.5)
    })
    expect(unmapped).toBeTruthy()
    const load = region.network.load.at(-1)!
    await admin.post('/api/points/map', { id: 'feeder power', to: `load/${load.id}/pMw` })
    await device.publish([{ name: 'feeder power', type: 'Double', value: 2.25, timestamp: Date.now() }])
    await until('its value in the twin', async () => (await admin.value(`load/${load.id}/pMw`)).measured === 2.25)

    // its own name for a setpoint: the command arrives under it, and its echo confirms
    const flexible = region.unit.find((entry) => entry.kind === 'flexible-load')!
    const setpoint = `${flexible.component}/pSetMw`
    await admin.post('/api/points/map', { id: 'power limit', to: setpoint })
    await device.publish([{ name: 'power limit', type: 'Double', value: 4, timestamp: Date.now() }])
    await until('its setpoint in the twin', async () => (await admin.value(setpoint)).measured === 4)
    const selected = await operator.post<CommandCard>('/api/commands/select', { point: setpoint, value: 1, reason: 'third party' })
    expect(selected.checks.filter((check) => !check.pass)).toEqual([])
    await operator.post(`/api/commands/${selected.id}/operate`)
    await until('the command at the device', async () => device.commands.some(({ name, value }) => name === 'power limit' && value === 1))
    await device.publish([{ name: 'power limit', type: 'Double', value: 1, timestamp: Date.now() }])
    await until('its confirmation', async () => (await operator.get<CommandCard>(`/api/commands/${selected.id}`)).state === 'confirmed')

    await device.raw(device.topic('DDATA'), Buffer.from([1, 2, 3, 255, 255]))
    await until('the malformed message to be counted', async () => (await admin.status()).counters.malformed! > 0)
    await device.close()

    const stranger = connectForeign({ ...credential, password: 'wrong' }, 'meter', [])
    await expect(stranger).rejects.toThrow(/not authorized|bad user name|refused/i)
})

test('metrics and the log speak for the run; the chain holds', async () => {
    const { body } = await admin.call('GET', '/metrics')
    expect(body).toMatch(/gridverse_points_durable_total [1-9]/)
    const { latencyMs } = await admin.status()
    expect(latencyMs.p50).toBeLessThan(1000)
    expect(await admin.get('/api/events/verify')).toMatchObject({ ok: true })
})

test('Ctrl-C leaves no process behind, and the next start finds all data', async () => {
    const before = await admin.get('/api/history/span')
    expect(processesOf(dataDir).length).toBeGreaterThan(1)
    // twice at once, as a terminal and npm together give it
    process.kill(running.pid, 'SIGINT')
    expect(await running.stop()).toBe(0)
    await until('every process to be gone', async () => processesOf(dataDir).length === 0, 5000)

    running = await startGridverse(dataDir)
    expect(running.link).toBeUndefined()
    admin = await signIn(running.url)
    await until('an estimate', async () => (await admin.snapshot()).fidelity.status === 'estimated')
    const after = await admin.get('/api/history/span')
    expect(after.firstMs).toBe(before.firstMs)
    expect(await admin.get('/api/events/verify')).toMatchObject({ ok: true })
    expect((await admin.get<{ name: string }[]>('/api/users')).map((user) => user.name).sort()).toEqual(['admin', 'olga', 'vera'])
})
