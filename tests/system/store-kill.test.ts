import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore, type Store } from '@gridverse/store'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-kill-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Numbers in 0…1 from a seed, so that a failing run can be repeated. */
function seeded(seed: number): () => number {
    return () => {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
        return seed / 2 ** 32
    }
}

interface Acknowledged {
    /** batch numbers by caller */
    readonly batches: Map<number, Set<number>>
    /** hash by seq */
    readonly entries: Map<number, string>
}

function startWriter(dataDir: string, from: number, acknowledged: Acknowledged): ChildProcess {
    const child = spawn(
        process.execPath,
        ['--conditions=source', '--import', 'tsx', join(import.meta.dirname, 'store-writer.ts'), dataDir, String(from)],
        {
            stdio: ['ignore', 'pipe', 'inherit'],
        },
    )
    let rest = ''
    child.stdout!.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk).split('\n')
        // the last line may be cut by the kill; what it would say was never fully told
        rest = lines.pop()!
        for (const line of lines) {
            const [kind, a, b] = line.split(' ')
            if (kind === 'm') {
                const caller = Number(a)
                if (!acknowledged.batches.has(caller)) acknowledged.batches.set(caller, new Set())
                acknowledged.batches.get(caller)!.add(Number(b))
            } else if (kind === 'l') acknowledged.entries.set(Number(a), b!)
        }
    })
    return child
}

async function expectKept(store: Store, { batches, entries }: Acknowledged): Promise<void> {
    for (const [caller, numbers] of batches) {
        const points = Array.from({ length: 10 }, (_, k) => caller * 10 + k)
        for (const { value } of await store.history.range(points, 0, 9e12)) {
            const kept = new Set(value)
            expect([...numbers].filter((n) => !kept.has(n))).toEqual([])
        }
    }
    expect(await store.log.verify()).toMatchObject({ ok: true })
    const kept = new Map((await store.log.list({ limit: 1e6 })).map(({ seq, hash }) => [seq, hash]))
    for (const [seq, hash] of entries) expect(kept.get(seq)).toBe(hash)
    expect([...kept.keys()]).toEqual(Array.from({ length: kept.size }, (_, n) => n + 1))
}

test('a writer killed ten times at random moments loses nothing it acknowledged, and its log neither gaps nor forks', async () => {
    const random = seeded(20_261_122)
    const dataDir = join(folder, 'writer')
    const acknowledged: Acknowledged = { batches: new Map(), entries: new Map() }
    for (let kill = 0; kill < 10; kill++) {
        const child = startWriter(dataDir, kill * 1_000_000, acknowledged)
        // some anywhere in start-up, where the first makes the database, most at full work
        if (random() < 0.3) await sleep(250 + random() * 1_000)
        else {
            await once(child.stdout!, 'data')
            await sleep(random() * 600)
        }
        child.kill('SIGKILL')
        await once(child, 'close')
    }
    const total = [...acknowledged.batches.values()].reduce((sum, numbers) => sum + numbers.size, 0)
    expect(total).toBeGreaterThan(200)
    expect(acknowledged.entries.size).toBeGreaterThan(50)
    const store = await openStore({ dataDir, nowMs: Date.now })
    await expectKept(store, acknowledged)
    await store.close()
})

test('the database killed while measurements stream in: they wait, nothing acknowledged is lost, state and events tell', async () => {
    const dataDir = join(folder, 'database')
    const events: string[] = []
    const store = await openStore({ dataDir, nowMs: Date.now, onEvent: (kind) => events.push(kind) })
    const acknowledged: Acknowledged = { batches: new Map([0, 1, 2, 3].map((caller) => [caller, new Set<number>()])), entries: new Map() }
    let stop = false
    let sawDown = false
    const measure = async (caller: number) => {
        for (let n = 0; !stop; n++) {
            const value = new Float64Array(10).fill(n)
            const point = Int32Array.from({ length: 10 }, (_, k) => caller * 10 + k)
            await store.history.append({
                count: 10,
                point,
                tMs: new Float64Array(10).fill(Date.now() + (n % 1000) / 1000),
                value,
                quality: new Uint8Array(10),
            })
            acknowledged.batches.get(caller)!.add(n)
        }
    }
    const log = async () => {
        for (let n = 0; !stop; n++) {
            const entry = await store.log.append({ tMs: n, actor: 'wei', action: 'command.operate', target: 'x', detail: {} })
            acknowledged.entries.set(entry.seq, entry.hash)
            await store.records.put('setting', 'last', { n })
        }
    }
    const work = [measure(0), measure(1), measure(2), measure(3), log(), log()]
    for (let kill = 0; kill < 4; kill++) {
        await sleep(400)
        process.kill(store.databasePid()!, 'SIGKILL')
        for (const until = Date.now() + 10_000; store.state() === 'ready' && Date.now() < until; ) await sleep(1)
        sawDown ||= store.state() === 'down'
        for (const until = Date.now() + 20_000; store.state() === 'down' && Date.now() < until; ) await sleep(5)
        expect(store.state()).toBe('ready')
        const before = acknowledged.batches.get(0)!.size
        for (const until = Date.now() + 10_000; acknowledged.batches.get(0)!.size === before && Date.now() < until; ) await sleep(5)
        expect(acknowledged.batches.get(0)!.size).toBeGreaterThan(before)
    }
    stop = true
    await Promise.all(work)
    expect(sawDown).toBe(true)
    expect(events.filter((kind) => kind === 'database-exit')).toHaveLength(4)
    expect(events.filter((kind) => kind === 'database-down').length).toBeGreaterThanOrEqual(4)
    await expectKept(store, acknowledged)
    await store.close()
    const again = await openStore({ dataDir, nowMs: Date.now })
    await expectKept(again, acknowledged)
    await again.close()
})
