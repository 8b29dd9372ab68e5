/**
 * Fifty kills. The platform, the plant and the database are killed with SIGKILL at seeded random moments while a foreign
 * device publishes, a person works and everything acknowledged is written down. In the end every acknowledged measurement,
 * command and log entry must be there, and the chain must verify.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRandom } from '@gridverse/math'
import type { EventCard } from '@gridverse/twin'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Credential, connectForeign, enrol, type ForeignDevice } from './foreign-device.ts'
import { type Client, newDataDir, processesOf, type Running, removeDataDir, setUp, signIn, startGridverse, until } from './harness.ts'

const kills = Number(process.env.GRIDVERSE_KILLS ?? 50)
const seed = 20261122
const metric = 'load/kill-test/pMw'

let dataDir: string
let running: Running
beforeAll(async () => {
    dataDir = newDataDir()
})
afterAll(async () => {
    await running?.stop()
    removeDataDir(dataDir)
})

/** What the platform, the broker or the log said yes to. */
const acknowledged = { measurements: new Map<number, number>(), entries: new Map<number, string>(), commands: new Set<string>() }

test(`nothing acknowledged is lost in ${kills} kills of platform, plant and database`, { timeout: 900_000 }, async () => {
    const random = createRandom(seed)
    running = await startGridverse(dataDir)
    const administrator = await setUp(running)
    const credential = await enrol(administrator, 'kill-test')
    await ready(running)

    let stopped = false
    const publisher = publishForEver(credential, () => stopped)
    const worker = workForEver(() => stopped)
    const victims = { platform: 0, plant: 0, database: 0 }
    for (let k = 0; k < kills; k++) {
        await sleep(100 + 900 * random.uniform())
        const draw = random.uniform()
        const victim = draw < 0.4 ? 'platform' : draw < 0.7 ? 'plant' : 'database'
        victims[victim]++
        if (victim === 'platform') {
            await running.kill()
            running = await startGridverse(dataDir)
        } else if (victim === 'plant') killByPid(plantPid())
        else killByPid(postmasterPid())
    }
    await sleep(2000)
    stopped = true
    await publisher
    await worker
    await ready(running)

    // the figures of the run, for the record
    const client = await signIn(running.url)
    console.log(
        `kills ${JSON.stringify(victims)}; acknowledged: ${acknowledged.measurements.size} measurements, ${acknowledged.entries.size} entries`,
    )
    expect(acknowledged.measurements.size).toBeGreaterThan(kills)
    expect(acknowledged.entries.size).toBeGreaterThan(kills / 2)

    const kept = await heldMeasurements()
    const lost = [...acknowledged.measurements].filter(([tMs, value]) => kept.get(tMs) !== value)
    expect(lost).toEqual([])

    const hashes = await allEntries(client)
    expect([...acknowledged.entries].filter(([seq, hash]) => hashes.get(seq) !== hash)).toEqual([])
    expect(await client.get('/api/events/verify')).toMatchObject({ ok: true })

    const commands = new Set((await client.get<{ id: string }[]>('/api/commands')).map((card) => card.id))
    expect([...acknowledged.commands].filter((id) => !commands.has(id))).toEqual([])
})

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Publishes one measurement after the other; each is sent again until it is acknowledged. */
async function publishForEver(credential: Credential, stopped: () => boolean): Promise<void> {
    let device: ForeignDevice | undefined
    for (let n = 1; !stopped(); n++) {
        const tMs = Date.now()
        for (;;) {
            try {
                device ??= await within(3000, connectForeign(credential, 'meter', [{ name: metric, type: 'Double', value: 0 }]))
                await within(4000, device.publish([{ name: metric, type: 'Double', value: n, timestamp: tMs }]))
                acknowledged.measurements.set(tMs, n)
                break
            } catch {
                await device?.close().catch(() => undefined)
                device = undefined
                await sleep(100)
                if (stopped()) return
            }
        }
        await sleep(15)
    }
    await device?.close()
}

/** Somebody who selects and cancels commands and asks for links, and notes what was granted. */
async function workForEver(stopped: () => boolean): Promise<void> {
    let client: Client | undefined
    while (!stopped()) {
        try {
            client = client?.url === running.url ? client : await signIn(running.url)
            const point = 'switch'
            const some = (await client.get<{ id: string; commandable: boolean }[]>('/api/points')).find(
                ({ id, commandable }) => commandable && id.startsWith(point),
            )!
            const selected = await client.post('/api/commands/select', { point: some.id, value: 1, reason: 'kill test' })
            acknowledged.commands.add(selected.id)
            if (selected.state === 'selected') await client.post(`/api/commands/${selected.id}/cancel`)
            for (const { seq, hash } of await client.get<EventCard[]>('/api/events?limit=50')) acknowledged.entries.set(seq, hash)
        } catch {
            client = undefined
        }
        await sleep(150)
    }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`took longer than ${ms} ms`)), ms)
    })
    return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

async function heldMeasurements(): Promise<Map<number, number>> {
    const client = await signIn(running.url)
    // a point of the region that nobody else measures, claimed for the foreign meter at the end
    const points = await client.get<{ id: string; device?: string }[]>('/api/points')
    const metricPoint = points.find(({ id, device }) => id.startsWith('load/') && id.endsWith('qMvar') && device === undefined)!.id
    await client.post('/api/points/map', { id: metric, to: metricPoint })
    const times = [...acknowledged.measurements.keys()]
    const query = `points=${encodeURIComponent(metricPoint)}&from=${Math.min(...times) - 1}&to=${Math.max(...times) + 1}&maxPoints=100000`
    const { series } = await client.get(`/api/history?${query}`)
    return new Map(series[0].tMs.map((tMs: number, i: number) => [tMs, series[0].value[i]]))
}
async function allEntries(client: Client): Promise<Map<number, string>> {
    const found = new Map<number, string>()
    for (let after = 0; ; ) {
        const page = await client.get<EventCard[]>(`/api/events?limit=1000&after=${after}`)
        if (page.length === 0) return found
        for (const { seq, hash } of page) found.set(seq, hash)
        after = Math.max(...page.map((entry) => entry.seq))
    }
}

async function ready({ url }: Running): Promise<void> {
    await until('the platform to be ready', async () => (await fetch(`${url}/health/ready`)).ok)
}

function plantPid(): number | undefined {
    return processesOf(dataDir).find(({ command, pid }) => pid !== running.pid && /plant/.test(command))?.pid
}
function postmasterPid(): number | undefined {
    try {
        return Number(readFileSync(join(dataDir, 'store', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
    } catch {
        return undefined
    }
}
function killByPid(pid: number | undefined): void {
    if (!pid) return
    try {
        process.kill(pid, 'SIGKILL')
    } catch {
        // gone already
    }
}
