import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase } from './database.ts'
import { type DatabaseServer, startServer } from './embedded/server.ts'
import { migrate, migrations } from './migrations.ts'
import { openStore } from './open-store.ts'
import { batchOf, freshDatabase, testStore } from './store.conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'gridverse-store-'))
const nowMs = () => Date.UTC(2026, 5, 1, 15)
let server: DatabaseServer
const urlOf = ({ connection: { host, port, user, password, database } }: DatabaseServer) =>
    `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`

async function runSql(connectionString: string, text: string): Promise<void> {
    const client = new pg.Client({ connectionString })
    await client.connect()
    await client.query(text)
    await client.end()
}

beforeAll(async () => {
    server = await startServer(join(folder, 'server'), () => undefined)
})
afterAll(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
})

for (const [name, serverUrl] of [
    ['PostgreSQL by address', () => urlOf(server)],
    ...(process.env.TEST_DATABASE_URL ? [['external PostgreSQL', () => process.env.TEST_DATABASE_URL!] as const] : []),
] as const)
    describe(name, () => {
        let database: { url: string; drop(): Promise<void> }
        beforeAll(async () => {
            database = await freshDatabase(serverUrl())
        })
        afterAll(() => database.drop())
        testStore(
            name,
            () => openStore({ dataDir: folder, databaseUrl: database.url, nowMs }),
            (text) => runSql(database.url, text),
        )
    })

describe('embedded PostgreSQL', () => {
    const dataDir = join(folder, 'embedded')
    testStore(
        'embedded',
        () => openStore({ dataDir, nowMs }),
        async (text) => {
            const password = readFileSync(join(dataDir, 'postgres.password'), 'utf8')
            await runSql(
                `postgres://gridverse:${password}@localhost/postgres?host=${encodeURIComponent(join(dataDir, 'postgres.run'))}`,
                text,
            )
        },
    )
})

test('while the database is away work waits, and closing refuses what still waits', async () => {
    const away = await startServer(join(folder, 'away'), () => undefined)
    const events: string[] = []
    const store = await openStore({ dataDir: folder, databaseUrl: urlOf(away), nowMs, onEvent: (kind) => events.push(kind) })
    await store.history.append(batchOf([[1, nowMs(), 1]]))
    await away.stop()
    const waiting = [
        store.history.append(batchOf([[1, nowMs() + 1, 2]])),
        store.log.append({ tMs: 0, actor: 'a', action: 'b', target: 'c', detail: {} }),
    ]
    const outcomes = Promise.allSettled(waiting)
    for (const until = Date.now() + 5_000; store.state() === 'ready' && Date.now() < until; )
        await new Promise((done) => setTimeout(done, 5))
    expect(store.state()).toBe('down')
    const back = await startServer(join(folder, 'away'), () => undefined)
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    expect(store.state()).toBe('ready')
    await back.stop()
    const refused = Promise.allSettled([store.history.append(batchOf([[1, nowMs() + 2, 3]])), store.records.put('a', 'b', 1)])
    await new Promise((done) => setTimeout(done, 100))
    const begin = performance.now()
    await store.close()
    expect(performance.now() - begin).toBeLessThan(15_000)
    expect((await refused).map((outcome) => outcome.status === 'rejected' && outcome.reason.message)).toEqual([
        'The store is closed.',
        'The store is closed.',
    ])
    expect([...new Set(events)]).toEqual(['database-down', 'database-ready'])
})

test('more than may wait in memory is refused while the database is away', async () => {
    const away = await startServer(join(folder, 'away'), () => undefined)
    const store = await openStore({ dataDir: folder, databaseUrl: urlOf(away), nowMs })
    await away.stop()
    const big = batchOf(Array.from({ length: 400_000 }, (_, n) => [1, nowMs() + n, n] as const))
    const outcomes = Promise.allSettled(Array.from({ length: 12 }, () => store.history.append(big)))
    await new Promise((done) => setTimeout(done, 100))
    await store.close()
    const messages = (await outcomes).map((outcome) => outcome.status === 'rejected' && (outcome.reason as Error).message)
    expect(messages.filter((message) => String(message).includes('wait for the database already')).length).toBeGreaterThan(2)
    expect(messages.every(Boolean)).toBe(true)
})

test('schema steps are applied once and in order, also by two at a time; a newer schema is refused', async () => {
    const { url, drop } = await freshDatabase(urlOf(server))
    const database = createDatabase({ connectionString: url }, () => undefined)
    await Promise.all([migrate(database), migrate(database)])
    await database.run((client) => client.query("INSERT INTO gridverse.point VALUES (0, 'bus/B1/vmPu')"))
    const next = { version: migrations.length + 1, about: 'a column more', up: 'ALTER TABLE gridverse.point ADD COLUMN unit text' }
    await migrate(database, [...migrations, next])
    await migrate(database, [...migrations, next])
    const { rows } = await database.run((client) => client.query('SELECT * FROM gridverse.point'))
    expect(rows).toEqual([{ index: 0, id: 'bus/B1/vmPu', unit: null }])
    await expect(migrate(database)).rejects.toThrow(`schema version ${next.version}, this program knows ${migrations.length}`)
    const failing = { version: next.version + 1, about: 'half of it fails', up: 'CREATE TABLE gridverse.half (n int4); SELECT 1/0' }
    await expect(migrate(database, [...migrations, next, failing])).rejects.toThrow('division by zero')
    expect((await database.run((client) => client.query(`SELECT to_regclass('gridverse.half') AS t`))).rows[0].t).toBeNull()
    await database.close()
    await drop()
})

test('an address where no database may be entered is refused at once', async () => {
    const wrong = urlOf(server).replace(server.connection.password, 'wrong')
    await expect(openStore({ dataDir: folder, databaseUrl: wrong, nowMs })).rejects.toThrow('password authentication failed')
})
