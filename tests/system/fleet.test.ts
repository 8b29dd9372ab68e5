/** The fleet of a running platform: enrolled in bulk, found again after a kill, told to the plant by its token alone. */

import { manyResources } from '@gridverse/assets'
import type { FleetSummary, OrderCard } from '@gridverse/vpp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../hosts/cli/src/main.fixture.ts'
import { type FleetField, startField } from './fleet-field.ts'
import { type Client, invite, newDataDir, type Running, removeDataDir, setUp, signIn, startGridverse, until } from './harness.ts'

let field: FleetField | undefined
let dataDir: string
let running: Running
let admin: Client
beforeAll(async () => {
    dataDir = newDataDir()
    running = await startGridverse(dataDir, ['--no-plant'])
    admin = await setUp(running)
}, 60_000)
afterAll(async () => {
    await field?.close()
    await running?.stop()
    removeDataDir(dataDir)
})

const battery = (n: number) => ({
    id: `bulk-${n}`,
    kind: 'battery',
    group: `bulk-${n % 40}`,
    chargeKw: 5,
    dischargeKw: 5,
    energyKwh: 10,
    address: `bulk-node-${n % 40}`,
})

test('FL2 10,000 resources enrol in one call, all or none, and survive a kill', { timeout: 120_000 }, async () => {
    const many = Array.from({ length: 10_000 }, (_, n) => battery(n))
    const before = (await admin.get('/api/vpp/resources?limit=1')).total
    const bad = await admin.call('POST', '/api/vpp/resources', [
        ...many.slice(0, 9998),
        { ...battery(1), id: 'x', energyKwh: -1 },
        battery(5),
    ])
    expect(bad.status).toBe(400)
    expect(bad.body.issues.map((issue: { line: number; code: string }) => [issue.line, issue.code])).toEqual([
        [9999, 'out-of-range'],
        [10_000, 'duplicate-id'],
    ])
    expect((await admin.get('/api/vpp/resources?limit=1')).total).toBe(before)

    const beganMs = performance.now()
    const answer = await admin.post('/api/vpp/resources', many)
    const tookMs = performance.now() - beganMs
    expect(answer).toMatchObject({ taken: 10_000, refused: 0, issues: [], enrolmentToken: expect.any(String) })
    expect(answer.edgeNodes).toHaveLength(40)
    console.log(`10,000 resources enrolled in ${tookMs.toFixed(0)} ms`)
    expect(tookMs).toBeLessThan(15_000)

    const viewer = await invite(admin, 'eve', 'viewer')
    expect((await viewer.call('POST', '/api/vpp/resources', [battery(10_001)])).status).toBe(403)
    expect((await fetch(`${running.url}/api/enrol/resources`)).status).toBe(401)

    await running.kill()
    running = await startGridverse(dataDir, ['--no-plant'])
    admin = await signIn(running.url)
    const group = await admin.get('/api/vpp/resources?group=bulk-7&limit=20000')
    expect(group).toMatchObject({ revision: answer.revision, total: 250 })
    const [entry] = await admin.get('/api/events?prefix=fleet.enrol&limit=1')
    expect(entry).toMatchObject({ actor: 'admin', detail: { count: 10_000, hash: answer.hash } })
})

test('FL2 a file in CSV, a change, a removal; a foreign connection is named', async () => {
    const send = (text: string, query = '') =>
        fetch(`${running.url}/api/vpp/resources${query}`, {
            method: 'POST',
            headers: { 'content-type': 'text/csv', 'x-gridverse': '1', cookie: admin.cookie },
            body: text,
        }).then(async (response) => ({ status: response.status, body: await response.json() }))
    const csv =
        'id,kind,group,connection,chargeKw,protocol\npost-1,public-ev,street,,22,ocpp-1.6\npost-2,public-ev,street,load/nowhere,22,ocpp-1.6\n'
    const refused = await send(csv)
    expect(refused).toMatchObject({ status: 400, body: { issues: [{ line: 3, code: 'unknown-connection' }] } })
    const taken = await send(csv, '?partial=true')
    expect(taken).toMatchObject({ status: 200, body: { taken: 1, refused: 1, secrets: [{ id: 'post-1', identity: 'post-1' }] } })
    const { resources } = await admin.get('/api/vpp/resources?kind=public-ev&text=post-1')
    const changed = await admin.ok('PUT', '/api/vpp/resources/post-1', { ...resources[0], chargeKw: 11 })
    expect(changed.chargeKw).toBe(11)
    expect((await admin.call('PUT', '/api/vpp/resources/post-1', { ...changed, chargeKw: 0 })).body.issues).toHaveLength(1)
    expect((await admin.call('DELETE', '/api/vpp/resources/post-1')).status).toBe(204)
    expect((await admin.call('DELETE', '/api/vpp/resources/post-1')).status).toBe(404)
})

test('FL9 FL10 FL15 devices do what they are told, and a killed platform resumes what stood', { timeout: 120_000 }, async () => {
    const resources = manyResources(120, 3).map((r) => ({ ...r, id: `home-${r.id}`, group: 'homes', address: `hn-${r.address}` }))
    const { enrolmentToken, edgeNodes } = await admin.post('/api/vpp/resources', resources)
    const enrolled = await admin.post('/api/enrol', { token: enrolmentToken, edgeNodes })
    field = await startField({ ...enrolled, resources })
    await field.report()
    const homes = async () => (await admin.get<FleetSummary>('/api/vpp/fleet')).groups.find(({ id }) => id === 'homes')!
    await until('the homes to be online', async () => (await homes()).online === 120)
    expect(await homes()).toMatchObject({ count: 120, coverage: 1 })

    const unaskedMs = Date.now()
    const ended = (id: string) =>
        until('the order to be confirmed', async () => {
            const card = await admin.get<OrderCard>(`/api/vpp/orders/${id}`)
            return card.state === 'sent' ? undefined : card
        })
    const { availability, pKw } = await homes()
    const totalKw = Math.round(pKw + availability.upKw / 2)
    const first = await ended(
        (await admin.post<OrderCard>('/api/vpp/orders', { groups: ['homes'], totalKw, forS: 600, reason: 'test' })).id,
    )
    expect(first).toMatchObject({ state: 'confirmed', lost: [], narrowed: 0 })
    expect(field.heard()).toBe(first.setpoints)
    await until('the homes to give what was asked', async () => Math.abs((await homes()).pKw - totalKw) < 0.5)
    const [entry] = await admin.get('/api/events?prefix=order.send&limit=1')
    expect(entry.detail).toMatchObject({ id: first.id, manifest: first.manifest })
    const [orderedMs, liveThen] = [Date.now(), await admin.get<FleetSummary>('/api/vpp/fleet')]
    const toldId = resources.find(({ id }) => !first.leftOut.some((left) => left.id === id))!.id
    const toldThen = await admin.get(`/api/vpp/resources/${toldId}`)
    expect(toldThen).toMatchObject({
        order: { id: first.id, by: 'admin' },
        twin: { syncErrorKw: expect.any(Number), compared: expect.any(Number) },
    })

    await running.kill()
    running = await startGridverse(dataDir, ['--no-plant'])
    admin = await signIn(running.url)
    const [last] = await admin.get<OrderCard[]>('/api/vpp/orders?limit=1')
    expect(last).toMatchObject({ id: first.id, state: 'confirmed', manifest: first.manifest })
    // what stood stands again; devices left out of the order have none of their own
    expect((await homes()).orderedKw).not.toBeNull()
    await until('the homes to be back', async () => (await homes()).online === 120)
    const second = await ended(
        (await admin.post<OrderCard>('/api/vpp/orders', { groups: ['homes'], totalKw: totalKw - 5, reason: 'test' })).id,
    )
    expect(second.state).toBe('confirmed')

    // what was is told as it was, also what happened before the kill
    await admin.post('/api/vpp/holds', { target: 'group/homes', reason: 'inspection' })
    const at = (tMs: number) => `at=${new Date(tMs).toISOString()}`
    const beganMs = performance.now()
    const then = await admin.get<FleetSummary>(`/api/vpp/fleet?${at(orderedMs)}`)
    console.log(`a past moment of ${then.count} resources answered in ${(performance.now() - beganMs).toFixed(0)} ms`)
    const homesThen = then.groups.find(({ id }) => id === 'homes')!
    const homesLive = liveThen.groups.find(({ id }) => id === 'homes')!
    expect(then.count).toBe(liveThen.count)
    expect(homesThen).toMatchObject({ count: 120, online: 120, following: homesLive.following, held: false })
    expect(homesThen.pKw).toBeCloseTo(homesLive.pKw, 6)
    expect(homesThen.orderedKw).toBeCloseTo(homesLive.orderedKw!, 6)
    expect(homesThen.availability.upKw).toBeCloseTo(homesLive.availability.upKw, 6)
    expect(homesThen.socPercent).toBeCloseTo(homesLive.socPercent!, 6)
    expect([homesThen.coverage, then.coverage]).toEqual([homesLive.coverage, expect.closeTo(liveThen.coverage, 6)])
    // loads nobody ever heard follow their profile, and the two moments are a second apart
    expect(then.tiles).toEqual({
        generationKw: expect.closeTo(liveThen.tiles.generationKw, 1),
        loadKw: expect.closeTo(liveThen.tiles.loadKw, 1),
        storageKw: expect.closeTo(liveThen.tiles.storageKw, 1),
        exchangeKw: expect.closeTo(liveThen.tiles.exchangeKw, 1),
    })
    expect(await admin.get(`/api/vpp/orders/standing?${at(orderedMs)}`)).toEqual([
        expect.objectContaining({
            id: first.id,
            by: 'admin',
            reason: 'test',
            standing: first.setpoints,
            readBack: first.setpoints,
            untilMs: first.untilMs,
        }),
    ])
    const told = await admin.get(`/api/vpp/resources/${toldId}?${at(orderedMs)}`)
    expect(told).toMatchObject({
        link: 'online',
        pKw: toldThen.pKw,
        orderedKw: toldThen.orderedKw,
        values: toldThen.values,
        order: { id: first.id },
    })
    expect(told.twin).toMatchObject({ compared: null, ageS: expect.any(Number) })
    // before anybody asked, and before they were enrolled
    expect(await admin.get(`/api/vpp/orders/standing?${at(unaskedMs)}`)).toEqual([])
    expect((await admin.get(`/api/vpp/resources/${toldId}?${at(unaskedMs)}`)).orderedKw).toBeUndefined()
    const coverage = await admin.get(`/api/vpp/fleet/coverage?${at(orderedMs)}`)
    expect(coverage.groups.find(({ id }: { id: string }) => id === 'bulk-7')).toEqual({ id: 'bulk-7', coverage: 0, imputed: 250 })
    const bulk = await admin.get(`/api/vpp/resources/bulk-7?${at(orderedMs)}`)
    expect(bulk).toMatchObject({ link: 'never', pKw: null, ageS: null, twin: { predictedKw: null } })
    // what has been removed since was there then
    expect((await admin.call('DELETE', '/api/vpp/resources/bulk-7')).status).toBe(204)
    expect((await admin.call('GET', '/api/vpp/resources/bulk-7')).status).toBe(404)
    expect((await admin.get(`/api/vpp/resources/bulk-7?${at(orderedMs)}`)).resource).toMatchObject({ id: 'bulk-7', energyKwh: 10 })
    expect((await admin.call('GET', `/api/vpp/fleet?${at(Date.now() + 60_000)}`)).status).toBe(400)
    expect((await admin.call('GET', '/api/vpp/fleet?at=yesterday')).status).toBe(400)
    expect((await admin.call('GET', `/api/vpp/fleet?${at(Date.UTC(2001, 0, 1))}`)).body.code).toBe('no-history')
    const states = await admin.get(`/api/vpp/fleet/states?${at(orderedMs)}`)
    expect(states.orderedKw[states.id.indexOf(toldId)]).toBeCloseTo(toldThen.orderedKw, 1)
    await admin.post('/api/vpp/holds/release', { target: 'group/homes' })

    // the same by the command line, with a token of one's own
    process.env.GRIDVERSE_TOKEN = (await admin.post('/api/tokens', { title: 'fleet test' })).token
    const platform = ['--platform', running.url, '--json']
    const seen = await run(['vpp', 'fleet', ...platform])
    expect(JSON.parse(seen.out).groups.find(({ id }: { id: string }) => id === 'homes')).toMatchObject({ count: 120, online: 120 })
    const past = await run([
        'vpp',
        'fleet',
        '--at',
        new Date(orderedMs).toISOString(),
        '--resources',
        '--group',
        'homes',
        '--sort',
        'syncErrorKw',
        ...platform,
    ])
    const saidPast = JSON.parse(past.out)
    expect(saidPast).toMatchObject({ tMs: orderedMs, orders: [{ id: first.id }], resources: expect.any(Array) })
    expect(saidPast.resources[0]).toMatchObject({ group: 'homes', ageS: expect.any(Number), link: 'online' })
    // twins are compared again once something was measured since the devices were born anew
    const sorted = await until('twins compared again', async () => {
        await field!.report()
        const { resources } = JSON.parse((await run(['vpp', 'fleet', '--resources', '--sort', 'syncErrorKw', ...platform])).out)
        return resources[1].syncErrorKw !== null && resources
    })
    expect(sorted[0].syncErrorKw).toBeGreaterThanOrEqual(sorted[1].syncErrorKw)
    const ordered = await run(['vpp', 'dispatch', '--groups', 'homes', '--total', String(totalKw), '--reason', 'by hand', ...platform])
    expect([ordered.code, JSON.parse(ordered.out).state]).toEqual([0, 'confirmed'])
    const twice = await run(['vpp', 'enrol', '-', ...platform], { input: JSON.stringify([battery(1)]) })
    expect([twice.code, JSON.parse(twice.out).issues[0].code]).toEqual([1, 'duplicate-id'])
    expect(await admin.get('/api/events/verify')).toMatchObject({ ok: true })
})
