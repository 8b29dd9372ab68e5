/** History on PostgreSQL: appending, keyframes, questions and upkeep put together. */
import type { History } from '@gridverse/twin'
import { type Database, isPassing, type OnEvent } from '../database.ts'
import { createAppender } from './appender.ts'
import { createKeyframes, type Keyframes } from './keyframes.ts'
import { createPartitions } from './partitions.ts'
import { readBetween, readHeard, readRange, readStateAt } from './reader.ts'

export interface StoredHistory extends History {
    /** Keyframes at will, for tests and after bulk loads. */
    readonly keyframes: Keyframes
    close(): Promise<void>
}

export interface HistoryOptions {
    readonly nowMs: () => number
    /** whole days kept, today not counted; undefined keeps all */
    readonly retentionDays: number | undefined
    readonly onEvent: OnEvent
}

const upkeepMs = 600_000

export async function openHistory(database: Database, { nowMs, retentionDays, onEvent }: HistoryOptions): Promise<StoredHistory> {
    const tell = (what: string) => (error: unknown) => {
        // while the server is away that is told once, by the connections
        if (!isPassing(error)) onEvent(what, error instanceof Error ? error.message : String(error))
    }
    const partitions = await createPartitions(database, { nowMs, retentionDays })
    const keyframes = await createKeyframes({
        database,
        nowMs,
        settled: () => appender.settled(),
        onError: tell('keyframe-failed'),
    })
    let span = await readSpan(database)
    const appender = createAppender({
        database,
        partitions,
        frontierMs: keyframes.frontierMs,
        firstMs: () => span?.firstMs ?? Number.POSITIVE_INFINITY,
        onDurable(rows, firstMs, lastMs) {
            span = { firstMs: Math.min(firstMs, span?.firstMs ?? firstMs), lastMs: Math.max(lastMs, span?.lastMs ?? lastMs) }
            keyframes.count(rows)
        },
    })

    let upkeep: Promise<void> = Promise.resolve()
    const keepUp = () => {
        upkeep = upkeep.then(async () => {
            await partitions.maintain()
            if (retentionDays !== undefined) span = await readSpan(database)
        })
        upkeep = upkeep.catch(tell('upkeep-failed'))
    }
    keepUp()
    const timer = setInterval(keepUp, upkeepMs)
    timer.unref()

    return {
        keyframes,
        append: appender.append,
        async at(tMs) {
            const { batch, rowsRead } = await readStateAt(database, tMs)
            keyframes.missed(tMs, rowsRead, batch.count)
            return batch
        },
        range: (points, fromMs, toMs, maxPoints) => readRange(database, points, fromMs, toMs, maxPoints),
        between: (fromMs, toMs) => readBetween(database, fromMs, toMs),
        heard: (tMs, stepMs, intervals) => readHeard(database, tMs, stepMs, intervals),
        span: async () => span,
        async close() {
            clearInterval(timer)
            await appender.close()
            await upkeep
            await keyframes.idle()
        },
    }
}

async function readSpan(database: Database): Promise<{ firstMs: number; lastMs: number } | undefined> {
    const ms = (sql: string) => `(extract(epoch FROM (${sql})) * 1000)::float8`
    const { rows } = await database.run((client) =>
        client.query<{ first: number | null; frame: number | null; last: number | null }>(
            `SELECT ${ms('SELECT min(t) FROM gridverse.history_first')} AS first,
                    ${ms('SELECT max(t) FROM gridverse.keyframe')} AS frame,
                    ${ms(`SELECT max(t) FROM gridverse.history WHERE t > coalesce((SELECT max(t) FROM gridverse.keyframe), '-infinity')`)} AS last`,
        ),
    )
    const { first, frame, last } = rows[0]!
    if (first === null) return undefined
    if (last !== null) return { firstMs: first, lastMs: last }
    const { batch } = await readStateAt(database, frame ?? first)
    return { firstMs: first, lastMs: batch.tMs.reduce((latest, t) => Math.max(latest, t), first) }
}
