/** The store: history, registry, records and log on one PostgreSQL, ours or any other. */
import type { EvidenceLog, History, PointRegistry, Records } from '@gridverse/twin'
import { createDatabase, type Database, type OnEvent } from './database.ts'
import { DatabaseUnusable } from './database-unusable.ts'
import { startServer } from './embedded/server.ts'
import { openEvidenceLog } from './evidence-log.ts'
import { openHistory } from './history/history.ts'
import { migrate } from './migrations.ts'
import { openRecords } from './records.ts'
import { openRegistry } from './registry.ts'

export interface StoreOptions {
    /** where the embedded database lives; made when absent, for one process at a time */
    readonly dataDir: string
    /** `postgres://…` of a server to use instead of the embedded one; one store writes to it at a time */
    readonly databaseUrl?: string
    /** Unix milliseconds; keyframes, partitions and retention go by it */
    readonly nowMs: () => number
    /** whole days of history kept besides today; all when absent */
    readonly retentionDays?: number
    /** `database-down`, `database-ready`, `database-exit`, `database-restarted`, `database-failed`, `database-orphan`, `keyframe-failed`, `upkeep-failed` */
    readonly onEvent?: OnEvent
}

export interface Store {
    readonly history: History
    readonly registry: PointRegistry
    readonly records: Records
    readonly log: EvidenceLog
    /** `down` while the database does not answer; appends wait */
    state(): 'ready' | 'down'
    /** Makes durable what waits, then ends the connections and the embedded database. */
    close(): Promise<void>
    /** process number of the embedded database, for watching it */
    databasePid(): number | undefined
}

/** How long closing waits for a database that is away, ms. */
const closePatienceMs = 10_000

/** Opens the store; resolves when it can be written to. */
export async function openStore({ dataDir, databaseUrl, nowMs, retentionDays, onEvent = () => undefined }: StoreOptions): Promise<Store> {
    const server = databaseUrl === undefined ? await startServer(dataDir, onEvent) : undefined
    const database = createDatabase(server?.connection ?? { connectionString: databaseUrl! }, onEvent)
    try {
        if (databaseUrl === undefined) await migrate(database)
        else await meet(database, databaseUrl)
        const [registry, log, history] = await Promise.all([
            openRegistry(database),
            openEvidenceLog(database),
            openHistory(database, { nowMs, retentionDays, onEvent }),
        ])
        let closing: Promise<void> | undefined
        const close = async () => {
            const flushed = Promise.all([history.close(), log.close()])
            const timer = setTimeout(() => database.close().catch(() => undefined), database.state() === 'down' ? 0 : closePatienceMs)
            await flushed
            clearTimeout(timer)
            await database.close()
            await server?.stop()
        }
        return {
            history,
            registry,
            records: openRecords(database),
            log,
            state: database.state,
            close: () => (closing ??= close()),
            databasePid: () => server?.pid(),
        }
    } catch (error) {
        await database.close()
        await server?.stop()
        throw error
    }
}

/** The first meeting with a database of somebody else: what it lacks is told at once, where later it would be waited for. */
async function meet(database: Database, databaseUrl: string): Promise<void> {
    try {
        const client = await database.connect()
        await client.end()
        await migrate(database)
    } catch (error) {
        throw new DatabaseUnusable(databaseUrl, error)
    }
}
