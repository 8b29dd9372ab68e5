/** A case file of one's own becomes a living twin: read, laid out, simulated, measured, estimated, commanded, and kept as evidence. */
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Region, writeNetwork } from '@gridverse/grid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, invite, newDataDir, processesOf, type Running, removeDataDir, root, setUp, startGridverse, until } from './harness.ts'

/**
 * Nine buses of our own: a 110 kV ring of six with a cross line, fed at three corners through transformers from 10 kV
 * machines; 190 MW of load. Impedances in p.u. on 100 MVA, of the size usual for 20 to 50 km of 110 kV line.
 */
const ring = `function mpc = ring9
mpc.version = '2';
mpc.baseMVA = 100;
%	bus	type	Pd	Qd	Gs	Bs	area	Vm	Va	baseKV	zone	Vmax	Vmin
mpc.bus = [
	1	3	0	0	0	0	1	1.02	0	10	1	1.1	0.9;
	2	2	0	0	0	0	1	1.02	0	10	1	1.1	0.9;
	3	2	0	0	0	0	1	1.01	0	10	1	1.1	0.9;
	11	1	20	6	0	0	1	1	0	110	1	1.1	0.9;
	12	1	45	15	0	0	1	1	0	110	1	1.1	0.9;
	13	1	15	5	0	0	1	1	0	110	1	1.1	0.9;
	14	1	50	18	0	10	1	1	0	110	1	1.1	0.9;
	15	1	20	6	0	0	1	1	0	110	1	1.1	0.9;
	16	1	40	14	0	0	1	1	0	110	1	1.1	0.9;
];
%	bus	Pg	Qg	Qmax	Qmin	Vg	mBase	status	Pmax	Pmin
mpc.gen = [
	1	70	0	90	-60	1.02	120	1	150	10;
	2	70	0	60	-40	1.02	100	1	90	10;
	3	52	0	50	-40	1.01	80	1	75	10;
];
%	from	to	r	x	b	rateA	rateB	rateC	ratio	angle	status	angmin	angmax
mpc.branch = [
	1	11	0.003	0.09	0	160	160	160	0.98	0	1	-360	360;
	2	13	0.004	0.11	0	120	120	120	0.98	0	1	-360	360;
	3	15	0.005	0.13	0	100	100	100	0.98	0	1	-360	360;
	11	12	0.03	0.09	0.012	110	110	110	0	0	1	-360	360;
	12	13	0.035	0.1	0.013	110	110	110	0	0	1	-360	360;
	13	14	0.025	0.08	0.01	110	110	110	0	0	1	-360	360;
	14	15	0.03	0.09	0.012	110	110	110	0	0	1	-360	360;
	15	16	0.035	0.11	0.014	110	110	110	0	0	1	-360	360;
	16	11	0.025	0.08	0.01	110	110	110	0	0	1	-360	360;
	12	15	0.045	0.13	0.016	90	90	90	0	0	1	-360	360;
];
`

const bin = join(root, 'hosts/cli/bin/gridverse.mjs')
const gridverse = (...words: string[]) => {
    const done = spawnSync(process.execPath, [bin, ...words], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } })
    return { code: done.status, out: done.stdout, err: done.stderr }
}
let folder: string
let file: string
let running: Running
let admin: Client
let region: Region
let estimatedAfterS: number

beforeAll(async () => {
    folder = newDataDir()
    file = join(folder, 'ring9.m')
    writeFileSync(file, ring)
    const startedMs = performance.now()
    running = await startGridverse(join(folder, 'data'), ['--case', file])
    admin = await setUp(running)
    await until('an estimate', async () => (await admin.snapshot()).fidelity.status === 'estimated')
    estimatedAfterS = (performance.now() - startedMs) / 1000
    region = await admin.get<Region>('/api/region')
})
afterAll(async () => {
    await running?.stop()
    removeDataDir(folder)
})

test('the case is alive in under a minute: every bus estimated, what is generated is drawn or lost', async () => {
    expect(estimatedAfterS).toBeLessThan(60)
    expect(region.network.bus.map(({ id }) => id)).toEqual([1, 2, 3, 11, 12, 13, 14, 15, 16])
    expect(region.site.length).toBeGreaterThan(3)
    const { points, summary } = await admin.snapshot()
    for (const { id } of region.network.bus) {
        const point = points.find((entry) => entry.id === `bus/${id}/vmPu`)!
        expect(point.estimated, point.id).toBeGreaterThan(0.9)
        expect(point.estimated, point.id).toBeLessThan(1.1)
    }
    expect(summary.generationMw).toBeGreaterThan(50)
    expect(Math.abs(summary.generationMw - summary.loadMw - summary.lossesMw)).toBeLessThan(1)
    // its loads move with the day: not all of them stay where they were
    const loads = async () =>
        JSON.stringify((await admin.snapshot()).points.filter(({ id }) => /^load\/.*\/pMw$/.test(id)).map(({ value }) => value))
    const first = await loads()
    await until('a load to move', async () => (await loads()) !== first)
})

test('a breaker of it opens by command, its line carries nothing, and the log of it verifies by itself', async () => {
    const line = region.network.branch.find(({ fromBus, toBus }) => fromBus === 12 && toBus === 15)!
    const breaker = region.switch.find(({ component, side }) => component === `branch/${line.id}` && side === 'from')!
    const card = await admin.operate(`switch/${breaker.id}/closed`, 0)
    expect(card.checks.filter(({ pass }) => !pass)).toEqual([])
    expect(card.state).toBe('confirmed')
    await until('the line to carry nothing', async () => Math.abs((await admin.value(`branch/${line.id}/pFromMw`)).value ?? 1) < 0.5)

    const log = join(folder, 'log.ndjson')
    const operator = await invite(admin, 'olga', 'operator')
    expect((await operator.call('GET', '/api/events/export')).status).toBe(403)
    const answer = await fetch(`${running.url}/api/events/export`, { headers: { cookie: admin.cookie } })
    expect(answer.headers.get('content-type')).toContain('application/x-ndjson')
    const exported = await answer.text()
    writeFileSync(log, exported)
    const sound = gridverse('evidence', 'verify', log, '--json')
    expect(sound.code, sound.out).toBe(0)
    const { entries, head } = JSON.parse(sound.out)
    expect(exported).toContain('"action":"command.operate"')
    // the platform's own walk knows the same entry under the same hash
    const known = await admin.get<{ seq: number; hash: string }[]>(`/api/events?after=${entries - 1}&limit=1`)
    expect(known[0]).toMatchObject({ seq: entries, hash: head })

    const bytes = readFileSync(log)
    const at = bytes.indexOf('"action":"command.operate"') + '"action":"'.length
    bytes[at]! ^= 1
    writeFileSync(log, bytes)
    const entry = bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1
    const broken = gridverse('evidence', 'verify', log, '--json')
    expect(broken.code).toBe(2)
    expect(JSON.parse(broken.out)).toMatchObject({ ok: false, brokenAt: entry })
})

test('a bad case gives every issue with its line, in words and as JSON, and nothing starts', () => {
    const bad = join(folder, 'bad.m')
    const lines = ring.split('\n')
    const change = (word: string, from: string, to: string) => {
        const at = lines.findIndex((line) => line.startsWith(word))
        expect(lines[at]).toContain(from)
        lines[at] = lines[at]!.replace(from, to)
        return at + 1
    }
    const expected = [
        `missing-bus ${change('	11	12', '	11	12', '	11	99')}`,
        `zero-impedance ${change('	12	13', '0.035	0.1', '0	0')}`,
        `duplicate-id ${change('	16	1', '	16	1', '	15	1')}`,
        `limits-crossed ${change('	2	70', '90	10', '90	95')}`,
    ]
    writeFileSync(bad, lines.join('\n'))
    const data = join(folder, 'bad-data')
    const json = gridverse('start', '--case', bad, '--data', data, '--port', '0', '--json')
    expect(json.code).toBe(1)
    const issues = JSON.parse(json.out).issues as { code: string; line: number }[]
    expect(issues.map(({ code, line }) => `${code} ${line}`)).toEqual(expect.arrayContaining(expected))
    const words = gridverse('start', '--case', bad, '--data', data, '--port', '0')
    expect(words.code).toBe(1)
    expect(words.out).toBe('')
    for (const issue of expected) expect(words.err).toContain(`bad.m:${issue.split(' ')[1]}: error: `)
    expect(words.err).not.toMatch(/^\s+at /m)
    expect(processesOf(data)).toEqual([])
})

test('a Gridverse network file starts as well, and says where it is as one JSON value', async () => {
    const network = join(folder, 'ring9.json')
    writeFileSync(network, writeNetwork(region.network))
    const data = join(folder, 'json-data')
    const child = spawn(process.execPath, [bin, 'start', '--case', network, '--data', data, '--port', '0', '--json'], {
        stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => {
        out += chunk
    })
    const gone = new Promise((resolve) => child.once('exit', resolve))
    const said = await until('the JSON', async () => out.endsWith('\n') && JSON.parse(out))
    const client = await setUp({ ...running, url: said.url, link: said.signInUrl })
    await until('an estimate', async () => (await client.snapshot()).fidelity.status === 'estimated')
    expect((await client.get<Region>('/api/region')).network.bus).toHaveLength(9)
    child.kill('SIGINT')
    expect(await gone).toBe(0)
    expect(out.trim().split('\n')).toHaveLength(1)
    await until('every process to be gone', async () => processesOf(data).length === 0, 5000)
})
