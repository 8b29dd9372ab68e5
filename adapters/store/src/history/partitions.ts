/** One partition of history for every four hours near now; times far away share the default one. */
import type { Database } from '../database.ts'
import { dayMs, periodMs, periodOf } from './time.ts'

/** How far from now partitions are made, so that a broken clock cannot make them without end. */
const pastMs = 400 * dayMs
const futureMs = dayMs

export interface Partitions {
    /** True when rows of this period have a place to go. */
    has(period: number): boolean
    /** Makes the place where it is missing. */
    ensure(period: number): Promise<void>
    /** The next partition, an index for periods that are over, and the end of days past retention. */
    maintain(): Promise<void>
}

export interface PartitionOptions {
    readonly nowMs: () => number
    readonly retentionDays: number | undefined
}

/** `history_20260601_12` begins at noon UTC. */
const nameOf = (period: number) => `history_${new Date(period * periodMs).toISOString().slice(0, 13).replaceAll('-', '').replace('T', '_')}`
const boundOf = (period: number) => `'${new Date(period * periodMs).toISOString()}'::timestamptz`

export async function createPartitions(database: Database, { nowMs, retentionDays }: PartitionOptions): Promise<Partitions> {
    const known = new Set(await list())
    const closed = new Set<number>()

    async function list(): Promise<number[]> {
        const { rows } = await database.run((client) =>
            client.query<{ name: string }>(
                `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                 WHERE i.inhparent = 'gridverse.history'::regclass AND c.relname ~ '^history_[0-9]{8}_[0-9]{2}$'`,
            ),
        )
        return rows.map(({ name }) =>
            periodOf(Date.parse(`${name.slice(8, 12)}-${name.slice(12, 14)}-${name.slice(14, 16)}T${name.slice(17)}:00:00Z`)),
        )
    }
    const mayOwn = (period: number) => {
        const past = retentionDays === undefined ? pastMs : (retentionDays + 1) * dayMs
        return period >= periodOf(nowMs() - past) && period <= periodOf(nowMs() + futureMs)
    }

    async function make(period: number): Promise<void> {
        const leaf = `gridverse.${nameOf(period)}`
        const [from, to] = [boundOf(period), boundOf(period + 1)]
        await database.transaction(async (client) => {
            await client.query(`SELECT pg_advisory_xact_lock(hashtext('gridverse.partition'))`)
            const { rows } = await client.query<{ found: string | null }>(`SELECT to_regclass('${leaf}')::text AS found`)
            if (rows[0]?.found) return
            // rows that were in the future when they came move over from the default partition
            await client.query(`
                LOCK TABLE gridverse.history_default IN ACCESS EXCLUSIVE MODE;
                CREATE TABLE ${leaf} (LIKE gridverse.history INCLUDING ALL) WITH (autovacuum_vacuum_insert_threshold = -1);
                WITH moved AS (DELETE FROM gridverse.history_default WHERE t >= ${from} AND t < ${to} RETURNING *)
                    INSERT INTO ${leaf} SELECT * FROM moved;
                ALTER TABLE gridverse.history ATTACH PARTITION ${leaf} FOR VALUES FROM (${from}) TO (${to})`)
        })
        known.add(period)
    }

    /** A period that is over gets an index by point: its trends are read by point and hardly anything is added. */
    async function indexClosed(period: number): Promise<void> {
        if (closed.has(period)) return
        const index = `${nameOf(period)}_point`
        await database.run(async (client) => {
            const { rows } = await client.query<{ valid: boolean }>(
                `SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass('gridverse.${index}')`,
            )
            if (rows[0]?.valid) return
            // left half-built by a kill
            if (rows[0]) await client.query(`DROP INDEX gridverse.${index}`)
            await client.query(`CREATE INDEX CONCURRENTLY ${index} ON gridverse.${nameOf(period)} (point, t)`)
            await client.query(`VACUUM (FREEZE, ANALYZE) gridverse.${nameOf(period)}`)
        })
        closed.add(period)
    }

    async function dropBefore(firstPeriod: number): Promise<void> {
        const cut = boundOf(firstPeriod)
        for (const period of await list()) {
            if (period >= firstPeriod) continue
            known.delete(period)
            await database.run((client) => client.query(`DROP TABLE IF EXISTS gridverse.${nameOf(period)}`))
        }
        await database.transaction(async (client) => {
            await client.query(`DELETE FROM gridverse.history_default WHERE t < ${cut}`)
            await client.query(`DELETE FROM gridverse.history_late WHERE t < ${cut}`)
            // the last keyframe before the cut still says what held at the cut
            await client.query(`DELETE FROM gridverse.keyframe WHERE t < (SELECT max(t) FROM gridverse.keyframe WHERE t <= ${cut})`)
            const gone = await client.query(`DELETE FROM gridverse.history_first WHERE t < ${cut}`)
            const oldest = gone.rowCount ? Math.min(...known) : Number.POSITIVE_INFINITY
            if (Number.isFinite(oldest))
                await client.query(
                    `INSERT INTO gridverse.history_first SELECT coalesce(min(t), ${cut}) FROM gridverse.${nameOf(oldest)} ON CONFLICT DO NOTHING`,
                )
        })
    }

    const ensure = async (period: number) => {
        if (!known.has(period) && mayOwn(period)) await make(period)
    }
    return {
        ensure,
        has: (period) => known.has(period) || !mayOwn(period),
        async maintain() {
            const now = periodOf(nowMs())
            await ensure(now + 1)
            if (retentionDays !== undefined) await dropBefore(periodOf((Math.floor(nowMs() / dayMs) - retentionDays) * dayMs))
            for (const period of known) if (period < now) await indexClosed(period)
        },
    }
}
