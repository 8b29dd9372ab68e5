/** The schema, step by step. A step that has been released is never changed; a new one is added. */
import type { Database } from './database.ts'

export interface Migration {
    readonly version: number
    readonly about: string
    readonly up: string
}

export const migrations: readonly Migration[] = [
    {
        version: 1,
        about: 'points, records, log, history with keyframes',
        up: `
CREATE TABLE gridverse.point (index int4 PRIMARY KEY, id text NOT NULL UNIQUE);

CREATE TABLE gridverse.record (kind text NOT NULL, id text NOT NULL, body jsonb NOT NULL, PRIMARY KEY (kind, id));

-- detail is canonical JSON as text, so that what was hashed is what is kept
CREATE TABLE gridverse.log (
    seq bigint PRIMARY KEY, t_ms float8 NOT NULL, actor text NOT NULL, action text NOT NULL, target text NOT NULL,
    detail text NOT NULL, previous_hash text NOT NULL, hash text NOT NULL);
CREATE INDEX log_target ON gridverse.log (target, seq);

-- one partition for every four hours near now, one for times that cannot be right
CREATE TABLE gridverse.history (t timestamptz NOT NULL, point int4 NOT NULL, value float8 NOT NULL, quality int2 NOT NULL)
    PARTITION BY RANGE (t);
CREATE INDEX history_t ON gridverse.history USING brin (t timestamptz_minmax_multi_ops) WITH (pages_per_range = 32);
CREATE TABLE gridverse.history_default PARTITION OF gridverse.history DEFAULT;

-- the last value of every point at an instant, so that no question reads far back
CREATE TABLE gridverse.keyframe (t timestamptz PRIMARY KEY, body bytea NOT NULL);
ALTER TABLE gridverse.keyframe ALTER COLUMN body SET STORAGE EXTERNAL;

-- measurements that came after a keyframe later than themselves: missing in keyframes from t to upto until folded in
CREATE TABLE gridverse.history_late (
    t timestamptz NOT NULL, point int4 NOT NULL, value float8 NOT NULL, quality int2 NOT NULL, upto timestamptz NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);

-- lower and lower; the least is the first instant held
CREATE TABLE gridverse.history_first (t timestamptz PRIMARY KEY);
`,
    },
]

/** Brings the schema up to date; refuses one that is newer than this program. */
export async function migrate(database: Database, steps: readonly Migration[] = migrations): Promise<void> {
    await database.transaction(async (client) => {
        // two programs starting at once take turns
        await client.query(`SELECT pg_advisory_xact_lock(hashtext('gridverse.migration'))`)
        await client.query('CREATE SCHEMA IF NOT EXISTS gridverse')
        await client.query(
            'CREATE TABLE IF NOT EXISTS gridverse.migration (version int4 PRIMARY KEY, about text NOT NULL, applied timestamptz NOT NULL DEFAULT now())',
        )
        const { rows } = await client.query<{ version: number }>('SELECT version FROM gridverse.migration')
        const applied = new Set(rows.map((row) => row.version))
        const newest = Math.max(0, ...applied)
        const known = Math.max(...steps.map((step) => step.version))
        if (newest > known)
            throw new Error(
                `The database has schema version ${newest}, this program knows ${known}. Start the newer program, or restore a backup.`,
            )
        for (const step of steps) {
            if (applied.has(step.version)) continue
            await client.query(step.up)
            await client.query('INSERT INTO gridverse.migration (version, about) VALUES ($1, $2)', [step.version, step.about])
        }
    })
}
