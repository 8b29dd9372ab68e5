/**
 * What a day assumes not to happen, made to happen at the simulated plant: links cut, messages lost, units tripped. Looked at
 * from both sides: what the platform says of it, and what the devices truly do.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FleetSummary, NoticeCard, VppDayCard } from '@gridverse/vpp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../hosts/cli/src/main.fixture.ts'
import { type Client, newDataDir, type Running, removeDataDir, setUp, startGridverse, until } from './harness.ts'

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
beforeAll(async () => {
    dataDir = newDataDir()
    const file = join(dataDir, 'pair.m')
    writeFileSync(file, pair)
    running = await startGridverse(dataDir, ['--case', file])
    admin = await setUp(running)
}, 60_000)
afterAll(async () => {
    await running?.stop()
    removeDataDir(dataDir)
})

/** The plant's own door: what is true, and what goes wrong. */
function plant() {
    const { url, token } = JSON.parse(readFileSync(join(dataDir, 'plant/control.json'), 'utf8')) as { url: string; token: string }
    const ask = async (method: string, path: string, body?: unknown) => {
        const response = await fetch(url + path, {
            method,
            headers: { authorization: `Bearer ${token}` },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
        return response.json()
    }
    return {
        fault: (kind: string, target: string, more: object = {}) =>
            ask('POST', '/faults', { kind, target, ...more }) as Promise<{ id: string }>,
        mend: (id: string) => ask('DELETE', `/faults/${id}`),
        truth: async (point: string) => ((await ask('GET', '/state')).points as Record<string, number>)[`resource/${point}`]!,
        notices: () => ask('GET', '/notices') as Promise<Record<string, Record<string, { kw: (number | null)[] }>>>,
    }
}

test('FL20 FL21 FL22 lost links fall back to the schedules devices hold, a trip is decided around and billed by name', {
    timeout: 240_000,
}, async () => {
    const hour = new Date().getUTCHours()
    const near = { group: 'here', connection: '' }
    const store = { kind: 'battery', chargeKw: 50, dischargeKw: 50, energyKwh: 200, ...near }
    await admin.post('/api/vpp/resources', [
        {
            id: 'engine',
            kind: 'gas-turbine',
            pMinKw: 20,
            pMaxKw: 120,
            startMin: 0,
            rampKwPerMin: 6000,
            minUpH: 0,
            minDownH: 0,
            fuelPricePerKwh: 0.01,
            startCost: 0,
            name: 'Gas engine',
            address: 'site-1',
            ...near,
        },
        { id: 'radio', ...store, address: 'site-2' },
        { id: 'modbus', ...store, protocol: 'sunspec' },
        {
            id: 'post',
            kind: 'home-ev',
            chargeKw: 11,
            batteryKwh: 60,
            protocol: 'ocpp-2.0.1',
            address: 'CP-1',
            arriveH: (hour + 21) % 24,
            departH: (hour + 8) % 24,
            ...near,
        },
        { id: 'town', kind: 'fixed-load', peakKw: 90, address: 'site-1', ...near },
    ])
    const fleet = () => admin.get<FleetSummary>('/api/vpp/fleet')
    await until('everybody to be heard', async () => (await fleet()).links.online === 5 && (await fleet()).mayPlan)

    const fleetDay = { dtH: 0.003, periods: 14, fromNow: true }
    const { id } = await admin.post('/api/studies', {
        title: 'short',
        plant: 'fleet',
        fleetDay,
        preferences: { samples: 4, keep: 2, betas: [0] },
    })
    await until('the study', async () => (await admin.get(`/api/studies/${id}`)).card.state === 'done')
    await admin.post('/api/vpp/day/approve', { study: id })
    await admin.post('/api/vpp/day/apply')
    const day = () => admin.get<VppDayCard>('/api/vpp/day')
    const notices = () => admin.get<NoticeCard[]>('/api/vpp/notices')

    // predictions and positions are acknowledged, whatever is spoken; the plant truly holds them
    await until('the field to acknowledge the hours to come', async () => {
        const cards = await notices()
        const told = cards.find(({ kind, acknowledged }) => kind === 'prediction' && acknowledged >= 4)
        const position = cards.find(({ kind, acknowledged }) => kind === 'market' && acknowledged >= 3)
        return told && position
    })
    const held = await plant().notices()
    expect(Object.keys(held)).toEqual(expect.arrayContaining(['engine', 'radio', 'modbus', 'post']))
    expect(held.radio!.prediction!.kw.length).toBeGreaterThan(1)
    await until('setpoints', async () => (await plant().truth('radio/following')) === 1)

    // messages come late, over each protocol: nobody is lost by it, and what is told is acknowledged, late
    const { fault, mend, truth } = plant()
    const slowMs = Date.now()
    const slow = await Promise.all(
        Object.entries({ radio: 1, modbus: 0.3, post: 0.3 }).map(([r, value]) => fault('late', `resource/${r}`, { value })),
    )
    await until('a prediction that is acknowledged late', async () =>
        (await notices()).some((c) => c.kind === 'prediction' && c.createdMs > slowMs && c.acknowledged >= 4 && c.ackMs.max! >= 1000),
    )
    expect((await day()).lost).toEqual([])
    for (const { id } of slow) await mend(id)

    // one line of each protocol is lost: cut, or every message of it
    const cut = [
        await fault('link-lost', 'resource/radio'),
        await fault('loss', 'resource/modbus', { value: 1 }),
        await fault('link-lost', 'resource/post'),
    ]
    const lost = await until('the day to miss them', async () => {
        const card = await day()
        return card.lost.length === 3 && card.replans.some(({ change }) => change && change.lost.length > 0) && card
    })
    expect(lost.lost.map(({ resource, why }) => [resource, why])).toEqual(
        expect.arrayContaining([
            ['radio', 'no-link'],
            ['modbus', 'no-link'],
            ['post', 'no-link'],
        ]),
    )
    for (const { schedule } of lost.lost) expect(schedule?.kw.length).toBeGreaterThan(0)
    const fallen = await until('their setpoints to end by themselves', async () => {
        const [radio, modbus] = [await truth('radio/onSchedule'), await truth('modbus/onSchedule')]
        return radio === 1 && modbus === 1 && (await day())
    })
    // each does what its schedule says, within its limits
    const { schedule } = fallen.lost.find(({ resource }) => resource === 'radio')!
    const now = () => schedule!.kw[Math.floor((Date.now() - schedule!.startMs) / (1000 * schedule!.periodS))]
    const [wanted, gives] = [now(), await truth('radio/pKw')]
    if (wanted !== undefined && wanted !== null && wanted === now()) expect(gives).toBeCloseTo(wanted, 1)
    for (const id of ['radio', 'modbus']) {
        expect(Math.abs(await truth(`${id}/pKw`))).toBeLessThanOrEqual(50)
        expect(await truth(`${id}/following`)).toBe(0)
    }
    const change = fallen.replans.findLast(({ change }) => change)!.change!
    expect(change.after.units.find(({ unit }) => unit === lost.left.find((u) => u.left === 0)!.unit)?.kw ?? 0).toBeCloseTo(0, 6)

    // they return, and are planned with again
    for (const { id } of cut) await mend(id)
    await until('them to be back', async () => {
        const card = await day()
        return card.lost.length === 0 && card.replans.some((r) => (r.change?.found.length ?? 0) > 0)
    })
    await until('the battery to follow again', async () => (await truth('radio/following')) === 1)

    // a unit trips
    await until('the engine to run', async () => (await truth('engine/pKw')) > 0)
    const began = await run(['fault', 'unit-trip', 'resource/engine', '--data', dataDir, '--json'])
    const trip = JSON.parse(began.out) as { id: string }
    expect(await run(['fault', 'unit-trip', 'resource/town', '--data', dataDir, '--json'])).toMatchObject({ code: 1 })
    const tripped = await until('the trip to be decided around', async () => {
        const card = await day()
        return card.replans.some(({ change }) => change?.lost.some(({ why }) => why === 'tripped')) && card
    })
    const around = tripped.replans.findLast(({ change }) => change?.lost.some(({ why }) => why === 'tripped'))!.change!
    expect(around.before.units.find(({ unit }) => unit === 'engine')!.kw).toBeGreaterThan(0)
    expect(around.after.units.find(({ unit }) => unit === 'engine')!.kw).toBe(0)
    expect(around.after.restCost!).toBeGreaterThan(around.before.restCost!)
    const alarms = await admin.get<{ rule: string; source: string; message: { args: Record<string, string> } }[]>('/api/alarms')
    expect(alarms.find(({ rule }) => rule === 'unit-tripped')).toMatchObject({
        source: 'resource/engine',
        message: { args: { name: 'Gas engine' } },
    })
    expect((await admin.get<{ target: string }[]>('/api/events?prefix=alarm.&limit=200')).map(({ target }) => target)).toContain(
        'resource/engine',
    )
    // it was told what was found, and keeps it
    await until('the diagnosis to be acknowledged', async () =>
        (await notices()).some((c) => c.kind === 'diagnosis' && c.example?.resource === 'engine' && c.state === 'acknowledged'),
    )
    expect(await plant().notices()).toHaveProperty('engine.diagnosis.cause', 'tripped')

    process.env.GRIDVERSE_TOKEN = (await admin.post('/api/tokens', { title: 'abnormal test' })).token
    const text = await run(['vpp', 'field', '--platform', running.url])
    expect(text.out).toMatch(/Gas engine \(engine\): tripped since .*off the network/)
    expect(text.out).toMatch(/engine tripped · \d+\.\d\d .* to the end of the day/)
    const shown = await run(['vpp', 'field', '--platform', running.url, '--json'])
    expect(JSON.parse(shown.out)).toMatchObject({ lost: [{ resource: 'engine', why: 'tripped' }], sent: expect.any(Array) })
    // a second of the trip and more is in the ledger of the period
    await new Promise((resolve) => setTimeout(resolve, 4000))
    const ended = await admin.post<VppDayCard>('/api/vpp/day/stop', { reason: 'seen enough' })
    expect((await run(['fault', '--mend', trip.id, '--data', dataDir])).out).toMatch(/unit-trip resource\/engine: over/)
    await until('schedules to be taken back', async () => (await plant().notices()).radio!.prediction!.kw.length === 0)
    const { entries, total } = ended.ledger as { entries: { source: string; volumeWh: number; amount: number }[]; total: number }
    const ofTrip = entries.filter(({ source }) => source === 'engine')
    expect(ofTrip.reduce((sum, { volumeWh }) => sum + volumeWh, 0)).toBeLessThan(0)
    expect(entries.reduce((sum, { amount }) => sum + amount, 0)).toBe(total)
    const acts = (await admin.get<{ action: string }[]>('/api/events?prefix=notice.&limit=500')).map(({ action }) => action)
    expect(acts).toEqual(expect.arrayContaining(['notice.send', 'notice.acknowledged']))
    expect(await admin.get('/api/events/verify')).toMatchObject({ ok: true })
})
