/** Connections to PostgreSQL that outlive its restarts: work waits while the server is away and is tried again. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

export type OnEvent = (kind: string, detail: string) => void

export interface Database {
    state(): 'ready' | 'down'
    /** Runs statements on a connection of the pool. Repeated when the server went away meanwhile, so it must bear repeating. */
    run<T>(work: (client: pg.PoolClient, attempt: number) => Promise<T>): Promise<T>
    /** The same within one transaction. */
    transaction<T>(work: (client: pg.PoolClient, attempt: number) => Promise<T>, begin?: string): Promise<T>
    /** A connection of one's own. */
    connect(): Promise<pg.Client>
    /** Tells that work failed because the server is away; true when it is so and the work should be tried again after `whenReady`. */
    wentAway(error: unknown): boolean
    whenReady(): Promise<void>
    close(): Promise<void>
}

export const closedMessage = 'The store is closed.'
const patienceMs = 60_000

/** SQLSTATEs that pass by themselves: connection, resources (disk full, too many connections), shutdown, I/O. */
const passing = /^(08|53|57P0|58030)/
const turns = /^(40001|40P01)$/

/** Whether the server is away or out of room, so that the same work may succeed later. */
export function isPassing(error: unknown): boolean {
    const { code, message } = error as { code?: string; message?: string }
    // no SQLSTATE begins with E; the socket's codes do, except those of misuse, and the driver's own errors have none
    if (code) return code.startsWith('E') ? !code.startsWith('ERR_') : passing.test(code)
    return /connect|terminat|timeout|not queryable/i.test(message ?? '')
}

export function createDatabase(config: pg.ClientConfig, onEvent: OnEvent): Database {
    const clientConfig: pg.ClientConfig = { ...config, application_name: 'gridverse', connectionTimeoutMillis: 10_000, keepAlive: true }
    const pool = new pg.Pool({ ...clientConfig, max: 4, idleTimeoutMillis: 0 })
    let closed = false
    let back: Promise<void> | undefined
    let ending: Promise<void> | undefined

    const down = (error: unknown) => {
        if (closed || back) return
        onEvent('database-down', reasonOf(error))
        // a full disk answers as before; only time tells whether there is room again
        const firstWaitMs = (error as { code?: string } | undefined)?.code?.startsWith('53') ? 1_000 : 0
        back = probe(firstWaitMs).finally(() => {
            back = undefined
        })
    }
    const probe = async (firstWaitMs: number) => {
        await sleep(firstWaitMs)
        for (let waitMs = 20; !closed; waitMs = Math.min(waitMs * 2, 1_000)) {
            const client = new pg.Client({ ...clientConfig, connectionTimeoutMillis: 2_000 })
            client.on('error', () => undefined)
            try {
                await client.connect()
                await client.query('SELECT 1')
                onEvent('database-ready', 'the database answers again')
                return
            } catch {
                await sleep(waitMs)
            } finally {
                client.end().catch(() => undefined)
            }
        }
    }
    pool.on('error', down)
    // the pool listens only while a connection is idle; one in use may lose its server between two statements
    pool.on('connect', (client) => client.on('error', down))

    const database: Database = {
        state: () => (back || closed ? 'down' : 'ready'),
        async run(work) {
            const giveUpAt = performance.now() + patienceMs
            for (let attempt = 0; ; attempt++) {
                await database.whenReady()
                let client: pg.PoolClient | undefined
                try {
                    client = await pool.connect()
                    const result = await work(client, attempt)
                    client.release()
                    return result
                } catch (error) {
                    // a connection that failed in the middle is not given to the next
                    client?.release(true)
                    if (!database.wentAway(error)) throw error
                    if (performance.now() > giveUpAt)
                        throw new Error(`The database did not answer for ${patienceMs / 1000} s: ${reasonOf(error)}`, { cause: error })
                }
            }
        },
        transaction(work, begin = 'BEGIN') {
            return database.run(async (client, attempt) => {
                await client.query(begin)
                const result = await work(client, attempt)
                await client.query('COMMIT')
                return result
            })
        },
        async connect() {
            const client = new pg.Client(clientConfig)
            client.on('error', down)
            await client.connect()
            return client
        },
        wentAway(error) {
            if (closed) return false
            if (turns.test((error as { code?: string }).code ?? '')) return true
            if (!isPassing(error)) return false
            down(error)
            return true
        },
        async whenReady() {
            if (closed) throw new Error(closedMessage)
            await back
            if (closed) throw new Error(closedMessage)
        },
        async close() {
            closed = true
            await back
            ending ??= pool.end()
            await ending
        },
    }
    return database
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message || String((error as { code?: unknown }).code) : String(error))
