import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe } from 'vitest'
import { type DatabaseServer, startServer } from './embedded/server.ts'
import { openStore } from './open-store.ts'
import { freshDatabase, testStore } from './store.conformance.ts'

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
