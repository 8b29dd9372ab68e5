/** A day of a fleet, periods of seconds instead of hours: studied, approved, applied in the field, killed, resumed, settled. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manyResources } from '@gridverse/assets'
import type { FleetSummary, OrderCard, VppDayCard } from '@gridverse/vpp'
import { parseTwin } from '@gridverse/vpp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../hosts/cli/src/main.fixture.ts'
import { type FleetField, startField } from './fleet-field.ts'
import { type Client, newDataDir, type Running, removeDataDir, setUp, signIn, startGridverse, until } from './harness.ts'

/** a region of one's own begins without a fleet */
const pair = `function mpc = pair
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
	1	3	0	0	0	0	1	1	0	110	1	1.1	0.9;
	2	1	20	6	0	0	1	1	0	110	1	1.1	0.9;
];
mpc.gen = [
	1	20	0	90	-60	1	120	1	150	10;
];
mpc.branch = [
	1	2	0.01	0.09	0	160	160	160	0	0	1	-360	360;
];
`
let dataDir: string
let running: Running
let admin: Client
let field: FleetField | undefined
let args: string[]
beforeAll(async () => {
    dataDir = newDataDir()
    const file = join(dataDir, 'pair.m')
    writeFileSync(file, pair)
    args = ['--no-plant', '--case', file]
    running = await startGridverse(dataDir, args)
    admin = await setUp(running)
}, 60_000)
afterAll(async () => {
    await field?.close()
    await running?.stop()
    removeDataDir(dataDir)
})

test('FL13 a day is run in the field from its plan, survives a kill, and is settled to the cent', { timeout: 180_000 }, async () => {
    expect(await admin.get<VppDayCard>('/api/vpp/day')).toMatchObject({ state: 'none' })
    expect((await admin.call('POST', '/api/studies', { title: 'too early', plant: 'fleet' })).body.code).toBe('coverage-low')
    const resources = manyResources(48, 5).map((r) => ({ ...r, connection: '' }))
    const { enrolmentToken, edgeNodes } = await admin.post('/api/vpp/resources', resources)
    field = await startField({ ...(await admin.post('/api/enrol', { token: enrolmentToken, edgeNodes })), resources })
    await field.report()
    await until('enough to plan with', async () => (await admin.get<FleetSummary>('/api/vpp/fleet')).mayPlan)

    expect((await admin.call('PUT', '/api/vpp/weather', { issued: 'today', hours: [] })).body.code).toBe('bad-input')
    const valid = Array.from({ length: 5 }, (_, h) => new Date(Date.now() + 3_600_000 * (h - 1)).toISOString())
    const hours = valid.map((at) => ({ valid: at, airC: 8, ghiWm2: 120, windMps: 9 }))
    const weather = { issued: new Date().toISOString(), hours }
    expect((await admin.call('PUT', '/api/vpp/weather', weather)).body).toEqual(weather)
    expect(await admin.get('/api/vpp/weather')).toEqual(weather)

    const preferences = { samples: 4, keep: 2, betas: [0] }
    const fleetDay = { dtH: 0.002, periods: 4, fromNow: true }
    const { id } = await admin.post('/api/studies', { title: 'a short day', plant: 'fleet', fleetDay, preferences })
    await until('the study', async () => (await admin.get(`/api/studies/${id}`)).card.state === 'done')
    expect((await admin.call('POST', '/api/vpp/day/apply')).body.code).toBe('day-state')
    expect(await admin.post<VppDayCard>('/api/vpp/day/approve', { study: id })).toMatchObject({ state: 'approved', approvedBy: 'admin' })
    const applied = await admin.post<VppDayCard>('/api/vpp/day/apply')
    expect(applied.state).toBe('running')
    const day = () => admin.get<VppDayCard>('/api/vpp/day')
    await until('orders of the day', async () => (await day()).periods.some(({ orders }) => orders > 0))

    await running.kill()
    running = await startGridverse(dataDir, args)
    admin = await signIn(running.url)
    expect(await day()).toMatchObject({ state: 'running', study: id, approvedBy: 'admin', appliedBy: 'admin' })
    await field.report().catch(() => undefined)
    const ended = await until('the end of the day', async () => {
        const card = await day()
        return card.state === 'ended' && card
    })
    expect(ended.replans.length).toBeGreaterThan(0)
    const realised = ended.periods.filter((period) => period.realised)
    expect(realised.length).toBeGreaterThan(0)
    for (const { predicted, realised: was } of realised)
        for (const tiles of [predicted, was!]) expect(tiles.exchangeKw).toBeCloseTo(tiles.loadKw - tiles.generationKw - tiles.storageKw, 6)
    const settlement = ended.settlement as { total: number; lines: { amount: number; periods: number[] }[] }
    expect(settlement.lines.reduce((sum, { amount }) => sum + amount, 0)).toBe(settlement.total)
    const plans = (await admin.get<OrderCard[]>('/api/vpp/orders')).filter(({ plan }) => plan === id)
    expect(plans.length).toBeGreaterThan(0)
    const acts = (await admin.get<{ action: string }[]>('/api/events?prefix=day.')).map(({ action }) => action)
    expect(acts).toEqual(expect.arrayContaining(['day.approve', 'day.apply', 'day.decide', 'day.end']))
    expect(await admin.get('/api/events/verify')).toMatchObject({ ok: true })
})

test('TW5 VR1 VR4 by command: the twin leaves as a file and is built again, the market keeps its history, a day is asked for, run and stopped', {
    timeout: 120_000,
}, async () => {
    const { token } = await admin.post('/api/tokens', { title: 'commands' })
    const before = process.env.GRIDVERSE_TOKEN
    process.env.GRIDVERSE_TOKEN = token
    const live = async (words: readonly string[], input?: string) => {
        const { code, out, err } = await run(['vpp', ...words, '--platform', running.url], input === undefined ? {} : { input })
        return { code, out, err }
    }
    try {
        // the whole twin, out and in again
        const file = (await live(['export'])).out
        const { twin, issues } = parseTwin(file)
        expect(issues).toEqual([])
        expect(twin.resources).toHaveLength(48)
        const few = JSON.stringify({ ...twin, format: 'vpp-twin/1', resources: twin.resources.slice(0, 10) })
        expect(JSON.parse((await live(['build', '-', '--exact', '--json'], few)).out)).toMatchObject({
            removed: 38,
            unchanged: 10,
            enrolled: 0,
        })
        expect(JSON.parse((await live(['build', '-', '--json'], file)).out)).toMatchObject({
            enrolled: 38,
            unchanged: 10,
            marketChanged: false,
        })
        const again = parseTwin((await live(['export'])).out).twin
        const byId = (of: typeof twin) => [...of.resources].sort((a, b) => (a.id < b.id ? -1 : 1))
        expect({ ...again, resources: byId(again) }).toEqual({ ...twin, resources: byId(twin) })
        // what cannot be is refused whole: nothing of it is built
        const wrong = {
            ...twin,
            format: 'vpp-twin/1',
            resources: [...twin.resources, { ...twin.resources[0], id: 'x', connection: 'load/none' }],
        }
        const refused = await live(['build', '-', '--json'], JSON.stringify(wrong))
        expect(refused.code).toBe(1)
        expect(JSON.parse(refused.out).issues[0]).toMatchObject({ code: 'unknown-connection' })
        expect((await admin.get('/api/vpp/resources?limit=1')).total).toBe(48)

        // the weather: given as a file, refused with its line, taken away
        const csv = 'issued,valid,airC,ghiWm2,windMps\n2026-06-01T00:00:00Z,2026-06-01T09:00:00Z,18,400,5\n'
        expect(JSON.parse((await live(['weather', '-', '--json'], csv)).out)).toMatchObject({ issued: '2026-06-01T00:00:00.000Z' })
        const hot = await live(['weather', '-', '--json'], csv.replace(',18,', ',291,'))
        expect([hot.code, JSON.parse(hot.out).issues]).toEqual([1, [expect.objectContaining({ path: 'airC', line: 2 })]])
        expect((await live(['weather'])).out).toContain('400')
        expect((await live(['weather', '--remove'])).out).toContain('by the climate')

        // the market: refused hour by hour, changed with a reason, kept with who
        const dear = await live(['market', '--set', '-', '--json'], JSON.stringify({ sellPrice: twin.market.buyPrice.map((p) => p + 1) }))
        expect(JSON.parse(dear.out).issues).toHaveLength(24)
        expect((await live(['market', '--set', '-', '--reason', 'repair', '--json'], '{"importMaxKw": 900}')).code).toBe(0)
        const [change] = JSON.parse((await live(['market', '--history', '--json'])).out)
        expect(change).toMatchObject({ by: 'admin', reason: 'repair', before: { importMaxKw: 4000 }, after: { importMaxKw: 900 } })

        // a day in words
        await field!.report()
        await until('enough to plan with', async () => (await admin.get<FleetSummary>('/api/vpp/fleet')).mayPlan)
        const half = await live(['request', 'plan today at least cost and sing'])
        expect(half).toMatchObject({ code: 64, err: expect.stringContaining('sing') })
        const words = [
            'day',
            'plan',
            'next 2 hours in 30 minute steps at least cost, import at most 800 kW',
            '--samples',
            '4',
            '--keep',
            '2',
            '--json',
        ]
        const asked = await live(words)
        const { card, outcome } = JSON.parse(asked.out)
        expect(asked.code).toBe(0)
        expect(card).toMatchObject({ state: 'done', preferences: { limits: [{ kind: 'import', maxKw: 800 }] } })
        expect(outcome.limits[0].reached).toBeLessThanOrEqual(800 + 1e-6)
        expect(outcome.beforeAfter).toMatchObject({ missedAfter: 0 })
        expect(JSON.parse((await live(['day', 'approve', card.id, '--json'])).out)).toMatchObject({ state: 'approved', study: card.id })
        expect(JSON.parse((await live(['day', 'apply', '--json'])).out)).toMatchObject({ state: 'running' })
        expect((await live(['day', 'status'])).out).toContain('the day is running')
        expect(JSON.parse((await live(['day', 'stop', '--reason', 'enough', '--json'])).out)).toMatchObject({ state: 'stopped' })
        expect((await live(['day', 'apply', '--json'])).code).toBe(0)
        expect((await live(['day', 'stop'])).code).toBe(0)
    } finally {
        if (before === undefined) delete process.env.GRIDVERSE_TOKEN
        else process.env.GRIDVERSE_TOKEN = before
    }
})
