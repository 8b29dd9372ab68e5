/** One partition of history for each UTC day near now; days far away share the default one. */
import type { Database } from '../database.ts'
import { dayMs, dayOf } from './time.ts'

/** Days before and after today that get partitions of their own, so that a broken clock cannot make thousands. */
const pastDays = 400
const futureDays = 1

export interface Partitions {
    /** True when rows of this day have a place to go. */
    has(day: number): boolean
    /** Makes the place where it is missing. */
    ensure(day: number): Promise<void>
    /** Tomorrow's partition, an index for days that are over, and the end of days past retention. */
    maintain(): Promise<void>
}

export interface PartitionOptions {
    readonly nowMs: () => number
    readonly retentionDays: number | undefined
}

const nameOf = (day: number) => `history_${new Date(day * dayMs).toISOString().slice(0, 10).replaceAll('-', '')}`
const boundOf = (day: number) => `'${new Date(day * dayMs).toISOString()}'::timestamptz`

export async function createPartitions(database: Database, { nowMs, retentionDays }: PartitionOptions): Promise<Partitions> {
    const known = new Set(await listDays())

    async function listDays(): Promise<number[]> {
        const { rows } = await database.run((client) =>
            client.query<{ name: string }>(
                `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                 WHERE i.inhparent = 'gridverse.history'::regclass AND c.relname ~ '^history_[0-9]{8}$'`,
            ),
        )
        return rows.map(({ name }) => dayOf(Date.parse(`${name.slice(8, 12)}-${name.slice(12, 14)}-${name.slice(14)}T00:00:00Z`)))
    }
    const mayOwn = (day: number) => {
        const today = dayOf(nowMs())
        return day >= today - (retentionDays ?? pastDays) - 1 && day <= today + futureDays
    }

    async function make(day: number): Promise<void> {
        const leaf = `gridverse.${nameOf(day)}`
        const [from, to] = [boundOf(day), boundOf(day + 1)]
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
        known.add(day)
    }

    /** A day that is over gets an index by point: its trends are read by point and hardly anything is added. */
    async function indexClosed(day: number): Promise<void> {
        const index = `${nameOf(day)}_point`
        await database.run(async (client) => {
            const { rows } = await client.query<{ valid: boolean }>(
                `SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass('gridverse.${index}')`,
            )
            if (rows[0]?.valid) return
            // left half-built by a kill
            if (rows[0]) await client.query(`DROP INDEX gridverse.${index}`)
            await client.query(`CREATE INDEX CONCURRENTLY ${index} ON gridverse.${nameOf(day)} (point, t)`)
            await client.query(`VACUUM (FREEZE, ANALYZE) gridverse.${nameOf(day)}`)
        })
    }

    async function dropBefore(firstDay: number): Promise<void> {
        const cut = boundOf(firstDay)
        for (const day of await listDays()) {
            if (day >= firstDay) continue
            known.delete(day)
            await database.run((client) => client.query(`DROP TABLE IF EXISTS gridverse.${nameOf(day)}`))
        }
        await database.transaction(async (client) => {
            await client.query(`DELETE FROM gridverse.history_default WHERE t < ${cut}`)
            await client.query(`DELETE FROM gridverse.history_late WHERE t < ${cut}`)
            // the last keyframe before the cut still says what held at the cut
            await client.query(`DELETE FROM gridverse.keyframe WHERE t < (SELECT max(t) FROM gridverse.keyframe WHERE t <= ${cut})`)
            await client.query(`DELETE FROM gridverse.history_first WHERE t < ${cut}`)
            await client.query(
                `INSERT INTO gridverse.history_first SELECT min(t) FROM gridverse.history HAVING min(t) IS NOT NULL ON CONFLICT DO NOTHING`,
            )
        })
    }

    const ensure = async (day: number) => {
        if (!known.has(day) && mayOwn(day)) await make(day)
    }
    return {
        ensure,
        has: (day) => known.has(day) || !mayOwn(day),
        async maintain() {
            const today = dayOf(nowMs())
            await ensure(today + 1)
            if (retentionDays !== undefined) await dropBefore(today - retentionDays)
            for (const day of known) if (day < today) await indexClosed(day)
        },
    }
}
