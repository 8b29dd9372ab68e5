/** Questions to history, answered from keyframes, rows and late rows. */
import type { HeardIntervals, MeasurementBatch, Series } from '@gridverse/twin'
import type { PoolClient } from 'pg'
import type { Database } from '../database.ts'
import { copyOut } from './copy.ts'
import { decodeKeyframe } from './keyframe-body.ts'
import { Latest } from './latest.ts'
import { Rows, sortRows } from './rows.ts'
import { thin } from './thin.ts'
import { sqlTime } from './time.ts'

/** More measurements than this are not handed out at once. */
const answerLimit = 10_000_000
// a partition still growing has no statistics, and without them the planner would rather read all of it than its index
const snapshot = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL enable_seqscan = off'
const columns = 't, point, value, quality'

export interface StateAt {
    readonly batch: MeasurementBatch
    /** rows read after the keyframe it started from */
    readonly rowsRead: number
}

/**
 * The last measurement of every point at an instant: the keyframe before it, the late rows that keyframe misses, and the
 * rows since. All in one database snapshot, so that folding late rows into keyframes meanwhile changes nothing.
 */
export function readStateAt(database: Database, tMs: number): Promise<StateAt> {
    return database.transaction(async (client) => {
        const latest = new Latest()
        const frame = await readKeyframe(client, tMs)
        let rowsRead = 0
        const offer = (point: number, t: number, value: number, quality: number) => {
            rowsRead++
            latest.offer(point, t, value, quality)
        }
        if (frame) {
            latest.offerAll(frame.batch)
            const at = sqlTime(frame.tMs)
            await copyOut(client, `SELECT ${columns} FROM gridverse.history_late WHERE t <= ${at} AND upto >= ${at} ORDER BY id`, offer)
        }
        const since = frame ? `t > ${sqlTime(frame.tMs)} AND` : ''
        await copyOut(client, `SELECT ${columns} FROM gridverse.history WHERE ${since} t <= ${sqlTime(tMs)}`, offer)
        return { batch: latest.toBatch(), rowsRead }
    }, snapshot)
}

async function readKeyframe(client: PoolClient, tMs: number): Promise<{ tMs: number; batch: MeasurementBatch } | undefined> {
    const { rows } = await client.query<{ ms: number; body: Buffer }>(
        `SELECT (extract(epoch FROM t) * 1000)::float8 AS ms, body FROM gridverse.keyframe WHERE t <= ${sqlTime(tMs)} ORDER BY t DESC LIMIT 1`,
    )
    const [row] = rows
    return row && { tMs: row.ms, batch: await decodeKeyframe(row.body) }
}

/** Measurements of some points within [fromMs, toMs], each series by time and thinned to `maxPoints`. */
export async function readRange(
    database: Database,
    points: readonly number[],
    fromMs: number,
    toMs: number,
    maxPoints: number | undefined,
): Promise<Series[]> {
    for (const point of points) if (!Number.isInteger(point)) throw new RangeError(`A point is a whole number, got ${point}.`)
    if (points.length === 0) return []
    const where = `t >= ${sqlTime(fromMs)} AND t <= ${sqlTime(toMs)} AND point = ANY ('{${points.join(',')}}'::int4[])`
    const byPoint = await database.transaction(async (client) => {
        const found = new Map(points.map((point) => [point, new Rows(256)]))
        let count = 0
        await copyOut(client, `SELECT ${columns} FROM gridverse.history WHERE ${where}`, (point, t, value, quality) => {
            if (++count > answerLimit) throw tooMany(fromMs, toMs)
            found.get(point)!.push(point, t, value, quality)
        })
        return found
    }, snapshot)
    return points.map((point) => thin(point, sortRows(byPoint.get(point)!), fromMs, toMs, maxPoints))
}

/** Every measurement in (fromMs, toMs], by time, then point. */
export async function readBetween(database: Database, fromMs: number, toMs: number): Promise<MeasurementBatch> {
    const rows = await database.transaction(async (client) => {
        const found = new Rows()
        const where = `t > ${sqlTime(fromMs)} AND t <= ${sqlTime(toMs)}`
        await copyOut(client, `SELECT ${columns} FROM gridverse.history WHERE ${where}`, (point, t, value, quality) => {
            if (found.count >= answerLimit) throw tooMany(fromMs, toMs)
            found.push(point, t, value, quality)
        })
        return found
    }, snapshot)
    return sortRows(rows).toBatch()
}

/**
 * The intervals each point was heard in, counted by the database: of a quarter of an hour of ten thousand devices a few
 * tens of thousands of rows come back, not a million.
 */
export async function readHeard(database: Database, tMs: number, stepMs: number, intervals: number): Promise<HeardIntervals> {
    if (!(stepMs > 0 && Number.isInteger(intervals) && intervals > 0 && intervals <= 31))
        throw new RangeError(`1 to 31 intervals of more than 0 ms may be asked for, got ${intervals} of ${stepMs} ms.`)
    const first = (Math.floor(tMs / stepMs) - intervals + 1) * stepMs
    const bounds = Array.from({ length: intervals }, (_, n) => sqlTime(first + n * stepMs)).join(',')
    const rows = await database.transaction(async (client) => {
        const found = new Rows()
        await copyOut(
            client,
            `SELECT 'epoch'::timestamptz, point, bit_or(1 << (${intervals} - width_bucket(t, ARRAY[${bounds}])))::float8, 0::int2
             FROM gridverse.history WHERE t >= ${sqlTime(first)} AND t <= ${sqlTime(tMs)} GROUP BY point`,
            (point, t, mask) => found.push(point, t, mask, 0),
        )
        return found
    }, `${snapshot}; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off`)
    return { point: rows.point.slice(0, rows.count), mask: Int32Array.from(rows.value.subarray(0, rows.count)) }
}

const tooMany = (fromMs: number, toMs: number) =>
    new RangeError(`More than ${answerLimit} measurements lie between ${fromMs} and ${toMs} ms; ask for a shorter time or fewer points.`)
