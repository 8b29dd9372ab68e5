import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createDatabase, type Database } from '../database.ts'
import { type DatabaseServer, startServer } from '../embedded/server.ts'
import { migrate } from '../migrations.ts'
import { batchOf, rowsOf } from '../store.conformance.ts'
import { openHistory, type StoredHistory } from './history.ts'
import { sqlTime } from './time.ts'

const folder = mkdtempSync(join(tmpdir(), 'gridverse-history-'))
const noon = Date.UTC(2026, 5, 1, 12)
const dayMs = 86_400_000
const events: string[] = []
let server: DatabaseServer
let database: Database
let history: StoredHistory
let now = noon

const open = (retentionDays?: number) =>
    openHistory(database, { nowMs: () => now, retentionDays, onEvent: (kind, detail) => events.push(`${kind}: ${detail}`) })
const count = async (text: string) => {
    const { rows } = await database.run((client) => client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${text}`))
    return rows[0]!.n
}

beforeAll(async () => {
    server = await startServer(folder, () => undefined)
    database = createDatabase(server.connection, () => undefined)
})
afterAll(async () => {
    await database.close()
    await server.stop()
    rmSync(folder, { recursive: true })
})
beforeEach(async () => {
    now = noon
    await database.run((client) => client.query('DROP SCHEMA IF EXISTS gridverse CASCADE'))
    await migrate(database)
    history = await open()
})
afterEach(async () => {
    await history.close()
    expect(events.splice(0)).toEqual([])
})

/** mulberry32: the same numbers for the same seed */
function seeded(seed: number): () => number {
    return () => {
        seed = (seed + 0x6d2b79f5) | 0
        let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296
    }
}

type Row = [number, number, number, number]
/** What the state at an instant is, from the definition. */
function stateOf(rows: readonly Row[], tMs: number): Row[] {
    const latest = new Map<number, Row>()
    for (const row of rows) if (row[1] <= tMs && row[1] >= (latest.get(row[0])?.[1] ?? Number.NEGATIVE_INFINITY)) latest.set(row[0], row)
    return [...latest.values()].sort((a, b) => a[0] - b[0])
}

for (const seed of [1, 2, 3])
    test(`the state at any instant equals the one by definition: order, lateness and keyframes do not matter (seed ${seed})`, async () => {
        const random = seeded(seed)
        const rows: Row[] = []
        for (let step = 0; step < 120; step++) {
            now += Math.floor(random() * 4_000)
            const batch: Row[] = Array.from({ length: 1 + Math.floor(random() * 40) }, () => {
                const kind = random()
                // in order, a little late, before keyframes, hours late, a clock ahead
                const lateMs = kind < 0.6 ? 0 : kind < 0.8 ? 4_000 : kind < 0.95 ? 120_000 : kind < 0.98 ? 9 * 3_600_000 : -60_000
                // one instant is never given twice for a point, where the order of arrival would decide
                return [
                    Math.floor(random() * 60),
                    Math.floor(now - random() * lateMs) + rows.length / 1000,
                    random(),
                    Math.floor(random() * 5),
                ]
            })
            await Promise.all(batch.map((row) => history.append(batchOf([row]))))
            rows.push(...batch)
            const chance = random()
            if (chance < 0.3) await history.keyframes.make()
            else if (chance < 0.35) await history.keyframes.fold(true)
            else if (chance < 0.37) {
                await history.close()
                history = await open()
            }
            const tMs = now - random() * 240_000 + 5_000
            const exact = (all: Row[]) => all.map(([point, t, value]) => [point, Math.round(t * 1000), value])
            expect(exact(rowsOf(await history.at(tMs)) as Row[])).toEqual(exact(stateOf(rows, tMs)))
        }
        expect(await count('gridverse.keyframe')).toBeGreaterThan(15)
        expect(rowsOf(await history.between(0, now + 1e6))).toHaveLength(new Set(rows.map(String)).size)
    })

test('keyframes are made by themselves, keep their promise under load, and late rows are folded in', async () => {
    const random = seeded(9)
    const rows: Row[] = []
    for (let step = 0; step < 60; step++) {
        now += 1_000
        const batch: Row[] = Array.from({ length: 2_000 }, (_, n) => {
            const late = n % 10 === 0 ? 30_000 * random() : 0
            return [Math.floor(random() * 500), now - Math.floor(late) + n / 4096, random(), 0]
        })
        rows.push(...batch)
        await Promise.all(Array.from({ length: 20 }, (_, n) => history.append(batchOf(batch.slice(n * 100, n * 100 + 100)))))
    }
    await history.keyframes.idle()
    expect(await count('gridverse.keyframe')).toBeGreaterThan(2)
    expect(await count('gridverse.history_late')).toBeGreaterThan(0)
    const instants = Array.from({ length: 12 }, () => now - random() * 90_000)
    const values = (all: Row[]) => all.map((row) => [row[0], row[2]])
    for (const tMs of instants) expect(values(rowsOf(await history.at(tMs)) as Row[])).toEqual(values(stateOf(rows, tMs)))
    await history.keyframes.fold(true)
    expect(await count('gridverse.history_late')).toBe(0)
    for (const tMs of instants) expect(values(rowsOf(await history.at(tMs)) as Row[])).toEqual(values(stateOf(rows, tMs)))
})

test('a state asked for twice in a stretch without keyframes is read quickly the second time', async () => {
    const batch = Array.from({ length: 150_000 }, (_, n) => [n % 100, noon - 3_600_000 + n * 10, n] as const)
    for (let n = 0; n < batch.length; n += 10_000) await history.append(batchOf(batch.slice(n, n + 10_000)))
    await history.keyframes.make()
    const tMs = noon - 3_600_000 + 1_200_000
    const first = await history.at(tMs)
    await history.keyframes.idle()
    expect(await count(`gridverse.keyframe WHERE t = ${sqlTime(tMs)}`)).toBe(1)
    expect(await history.at(tMs)).toEqual(first)
    expect(first.value[0]).toBe(120_000)
})

test('hours get partitions, those that are over an index by point, a future row moves when its time comes', async () => {
    await history.append(
        batchOf([
            [1, noon - dayMs, 1],
            [1, noon, 2],
            [1, noon + 3 * dayMs, 3],
        ]),
    )
    expect(await count('gridverse.history_default')).toBe(1)
    expect(await count('gridverse.history_20260601_12')).toBe(1)
    await history.close()
    now = noon + 3 * dayMs
    history = await open()
    await history.append(batchOf([[2, noon + 3 * dayMs, 4]]))
    expect(await count('gridverse.history_default')).toBe(0)
    expect(await count('gridverse.history_20260604_12')).toBe(2)
    // closing waits for the upkeep that opening began
    await history.close()
    expect(await count(`pg_indexes WHERE indexname IN ('history_20260531_12_point', 'history_20260601_12_point')`)).toBe(2)
    history = await open()
    expect((await history.range([1], 0, noon + 9 * dayMs))[0]!.value).toEqual(Float64Array.of(1, 2, 3))
})

test('with retention old days go, and what held at the cut is still known', async () => {
    for (let day = 5; day >= 0; day--) await history.append(batchOf([[day, noon - day * dayMs, day]]))
    await history.append(batchOf([[9, noon - 700 * dayMs, 9]]))
    now = noon + 6_000
    await history.keyframes.make()
    await history.close()
    history = await open(2)
    await history.close()
    history = await open(2)
    expect(await history.span()).toEqual({ firstMs: noon - 2 * dayMs, lastMs: noon })
    expect((await history.between(0, now)).count).toBe(3)
    expect([...(await history.at(now)).point]).toEqual([0, 1, 2, 3, 4, 5, 9])
    expect(await count('gridverse.history_default')).toBe(0)
})

test('after a million rows a state, a trend and a second of replay answer at once', async () => {
    const points = 1_000
    const rowsPerBatch = 10_000
    for (let n = 0; n < 120; n++) {
        // 2,000 rows a second for 600 s, each point every half second, some silent after the first minute
        const serial = Float64Array.from({ length: rowsPerBatch }, (_, k) => n * rowsPerBatch + k)
        const point = Int32Array.from(serial, (s) => (s > 120_000 && s % points < 50 ? (s % points) + 50 : s % points))
        const tMs = serial.map((s) => noon + s / 2)
        now = noon + (n * rowsPerBatch) / 2
        await history.append({ count: rowsPerBatch, point, tMs, value: serial, quality: new Uint8Array(rowsPerBatch) })
    }
    await history.keyframes.idle()
    const timed = async (work: () => Promise<unknown>) => {
        const times: number[] = []
        for (let n = 0; n < 5; n++) {
            const begin = performance.now()
            await work()
            times.push(performance.now() - begin)
        }
        return times.sort((a, b) => a - b)[2]!
    }
    const states: number[] = []
    for (const part of [0.2, 0.5, 0.8]) states.push(await timed(() => history.at(noon + part * 600_000)))
    const state = await history.at(noon + 400_000)
    expect(state.count).toBe(points)
    expect(state.tMs[10]).toBeLessThan(noon + 60_001)
    expect(state.tMs[100]).toBeGreaterThan(noon + 399_000)
    // generous: the machine may be busy; what is excluded is reading all 1,200,000 rows
    expect(Math.max(...states)).toBeLessThan(400)
    expect(await timed(() => history.between(noon + 400_000, noon + 401_000))).toBeLessThan(400)
    console.log(
        `state ${states.map((ms) => ms.toFixed(0)).join(', ')} ms; trend ${(await timed(() => history.range([500], noon, now, 300))).toFixed(0)} ms`,
    )
})
