/**
 * Keyframes: every so many rows, the last value of every point at an instant a little behind now. What comes later than
 * its keyframe is noted as late beside its row and folded into the keyframes it belongs to when enough has gathered.
 */
import type { Database } from '../database.ts'
import { decodeKeyframe, encodeKeyframe } from './keyframe-body.ts'
import { Latest } from './latest.ts'
import { readStateAt } from './reader.ts'
import { sqlTime } from './time.ts'

/** A keyframe lags this far behind now, ms: ordinary lateness comes before it. */
const lagMs = 5_000
/** Not more often than this, ms. */
const periodMs = 2_000
/** Rows between keyframes, unless there are many points: then four times as many rows as points. */
const rowsBetween = 20_000
const rowsPerPoint = 4
/** Late rows folded at once. */
const foldRows = 20_000

export interface Keyframes {
    /** rows at or before this instant are missing in a keyframe, Unix ms; −∞ while there is none */
    frontierMs(): number
    /** Counts rows that became durable and makes a keyframe when it is time. */
    count(rows: number): void
    /** Tells that an answer had to read many rows, so that the next one like it need not. */
    missed(tMs: number, rowsRead: number, points: number): void
    /** Makes a keyframe at now less the lag, whatever was counted. */
    make(): Promise<void>
    /** Folds late rows in until few are left, or all. */
    fold(all?: boolean): Promise<void>
    /** Waits for work under way. */
    idle(): Promise<void>
}

export interface KeyframeOptions {
    readonly database: Database
    readonly nowMs: () => number
    /** resolves when every group already taken up is durable */
    settled(): Promise<void>
    onError(error: unknown): void
}

export async function createKeyframes({ database, nowMs, settled, onError }: KeyframeOptions): Promise<Keyframes> {
    let frontier = await readFrontier(database)
    // every row at or before this is either in the rows, or noted as late with a later frontier
    let settledFrontier = frontier
    let rows = 0
    let points = 0
    let lateRows = await countLate(database)
    // keyframes are added and changed by one piece of work at a time
    let chain: Promise<unknown> = Promise.resolve()
    let busy = false

    const inTurn = (work: () => Promise<void>): Promise<void> => {
        const done = chain.then(work)
        chain = done.catch(() => undefined)
        return done
    }
    const background = (work: () => Promise<void>) => {
        busy = true
        inTurn(work)
            .catch(onError)
            .finally(() => {
                busy = false
            })
    }
    const limit = () => Math.max(rowsBetween, rowsPerPoint * points)

    const insertAt = async (tMs: number) => {
        const { batch } = await readStateAt(database, tMs)
        points = batch.count
        if (batch.count === 0) return
        const body = await encodeKeyframe(batch)
        await database.run((client) =>
            client.query(`INSERT INTO gridverse.keyframe (t, body) VALUES (${sqlTime(tMs)}, $1) ON CONFLICT DO NOTHING`, [body]),
        )
    }
    const makeNow = async () => {
        const tMs = Math.floor(nowMs()) - lagMs
        if (!(tMs >= frontier + periodMs) && frontier !== Number.NEGATIVE_INFINITY) return
        rows = 0
        frontier = tMs
        await settled()
        settledFrontier = tMs
        await insertAt(tMs)
        await summarise(database)
        lateRows = await countLate(database)
        if (lateRows >= foldRows) await foldSome()
    }
    const foldSome = async () => {
        const folded = await foldLate(database, foldRows)
        lateRows = Math.max(0, lateRows - folded)
        return folded
    }

    return {
        frontierMs: () => frontier,
        count(added) {
            rows += added
            if (rows >= limit() && !busy && nowMs() - lagMs >= frontier + periodMs) background(makeNow)
        },
        missed(tMs, rowsRead, seen) {
            if (rowsRead > 4 * Math.max(rowsBetween, rowsPerPoint * seen) && tMs <= settledFrontier && !busy)
                background(() => insertAt(tMs))
        },
        make: () => inTurn(makeNow),
        fold: (all = false) =>
            inTurn(async () => {
                while ((await foldSome()) > 0) if (!all && lateRows < foldRows) return
            }),
        idle: () => chain.then(() => undefined),
    }
}

async function readFrontier(database: Database): Promise<number> {
    const { rows } = await database.run((client) =>
        client.query<{ ms: number | null }>('SELECT (extract(epoch FROM max(t)) * 1000)::float8 AS ms FROM gridverse.keyframe'),
    )
    return rows[0]?.ms ?? Number.NEGATIVE_INFINITY
}

async function countLate(database: Database): Promise<number> {
    const { rows } = await database.run((client) => client.query<{ n: number }>('SELECT count(*)::float8 AS n FROM gridverse.history_late'))
    return rows[0]!.n
}

/** Block ranges filled since the last time become known to the index by time; autovacuum would do it, but later. */
async function summarise(database: Database): Promise<void> {
    await database.run((client) =>
        client.query(
            `SELECT brin_summarize_new_values(i.indexrelid) FROM pg_inherits h
             JOIN pg_index i ON i.indrelid = h.inhrelid JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
             WHERE h.inhparent = 'gridverse.history'::regclass AND a.amname = 'brin'
               AND NOT EXISTS (SELECT FROM pg_index closed WHERE closed.indrelid = h.inhrelid AND closed.indexrelid <> i.indexrelid)`,
        ),
    )
}

/** Moves some late rows into the keyframes that miss them, in one transaction; how many were moved. */
async function foldLate(database: Database, limit: number): Promise<number> {
    return database.transaction(async (client) => {
        const { rows: late } = await client.query<{ t: number; point: number; value: number; quality: number; upto: number }>(
            `DELETE FROM gridverse.history_late
             WHERE id <= (SELECT max(id) FROM (SELECT id FROM gridverse.history_late ORDER BY id LIMIT ${limit}) AS oldest)
             RETURNING (extract(epoch FROM t) * 1000)::float8 AS t, point, value, quality, (extract(epoch FROM upto) * 1000)::float8 AS upto`,
        )
        if (late.length === 0) return 0
        const fromMs = late.reduce((least, row) => Math.min(least, row.t), Number.POSITIVE_INFINITY)
        const toMs = late.reduce((greatest, row) => Math.max(greatest, row.upto), 0)
        const { rows: frames } = await client.query<{ t: number }>(
            `SELECT (extract(epoch FROM t) * 1000)::float8 AS t FROM gridverse.keyframe WHERE t >= ${sqlTime(fromMs)} AND t <= ${sqlTime(toMs)} ORDER BY t`,
        )
        for (const { t } of frames) {
            const missing = late.filter((row) => row.t <= t && row.upto >= t)
            if (missing.length === 0) continue
            const { rows } = await client.query<{ body: Buffer }>(`SELECT body FROM gridverse.keyframe WHERE t = ${sqlTime(t)}`)
            const latest = new Latest()
            latest.offerAll(await decodeKeyframe(rows[0]!.body))
            for (const row of missing) latest.offer(row.point, row.t, row.value, row.quality)
            await client.query(`UPDATE gridverse.keyframe SET body = $1 WHERE t = ${sqlTime(t)}`, [await encodeKeyframe(latest.toBatch())])
        }
        return late.length
    })
}
