/** A day of a fleet, periods of seconds instead of hours: studied, approved, applied in the field, killed, resumed, settled. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manyResources } from '@gridverse/assets'
import type { FleetSummary, OrderCard, VppDayCard } from '@gridverse/vpp'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
