/**
 * Appending in groups: whatever waits when a connection is free goes into one COPY, which commits as one transaction.
 * Two connections take turns, so that one group is sent while the one before it is being made durable.
 *
 * A group that meets a stopped server, a lost connection or a full disk is kept and sent again until it is durable. If the
 * connection broke after the commit, the group is then there twice; readers return a measurement once however often it is kept.
 */
import type { MeasurementBatch } from '@gridverse/twin'
import type pg from 'pg'
import { closedMessage, type Database } from '../database.ts'
import { CopyBuffer, copyIn } from './copy.ts'
import type { Partitions } from './partitions.ts'
import { latestMs, periodOf, sqlTime } from './time.ts'

/** Rows in one group at most; more callers wait for the next. */
const groupRows = 32_768
/** Rows that may wait while the server is away; more are refused, so that memory stays bounded. */
const waitingRows = 2_000_000
/** Points are numbered from 0 by the registry; a number beyond this is a mistake. */
const pointLimit = 1 << 24
const writers = 2

interface Waiting {
    readonly batch: MeasurementBatch
    readonly resolve: () => void
    readonly reject: (error: unknown) => void
}

export interface Appender {
    append(batch: MeasurementBatch): Promise<void>
    /** Resolves when every group that was already taken up is durable. */
    settled(): Promise<void>
    close(): Promise<void>
}

export interface AppenderOptions {
    readonly database: Database
    readonly partitions: Partitions
    /** rows at or before this instant are missing in a keyframe, Unix ms */
    frontierMs(): number
    /** called with the earliest and latest instant of each durable group */
    onDurable(rows: number, firstMs: number, lastMs: number): void
    /** earliest instant known to be kept, Unix ms; an earlier one is recorded with the group that has it */
    firstMs(): number
}

export function createAppender({ database, partitions, frontierMs, onDurable, firstMs }: AppenderOptions): Appender {
    const queue: Waiting[] = []
    let queuedRows = 0
    let head = 0
    let closed = false
    let wake: (() => void)[] = []
    const running = new Set<Promise<void>>()

    const take = (): Waiting[] => {
        const group: Waiting[] = []
        for (let rows = 0; head < queue.length; head++) {
            rows += queue[head]!.batch.count
            if (group.length > 0 && rows > groupRows) break
            group.push(queue[head]!)
        }
        // forget what is taken once it is most of the list
        if (head > 1024 && head * 2 > queue.length) {
            queue.splice(0, head)
            head = 0
        }
        for (const { batch } of group) queuedRows -= batch.count
        return group
    }

    const work = async () => {
        const writer = createWriter(database)
        while (!closed || head < queue.length) {
            if (head === queue.length) {
                await new Promise<void>((resolve) => wake.push(resolve))
                continue
            }
            const group = take()
            const written = writeGroup(writer, group)
            running.add(written)
            await written
            running.delete(written)
        }
        await writer.close()
    }

    async function writeGroup(writer: Writer, group: Waiting[]): Promise<void> {
        try {
            // missing partitions are made before the rows are laid out, so that no keyframe comes between layout and commit
            for (const { batch } of group) await ensurePartitions(partitions, batch)
            const { rows, first, last } = await writer.write(group, frontierMs(), firstMs())
            onDurable(rows, first, last)
            for (const { resolve } of group) resolve()
        } catch (error) {
            for (const { reject } of group) reject(error)
        }
    }

    const workers = Array.from({ length: writers }, work)
    return {
        append(batch) {
            if (closed) return Promise.reject(new Error(closedMessage))
            if (batch.count === 0) return Promise.resolve()
            const wrong = checkBatch(batch)
            if (wrong) return Promise.reject(new RangeError(wrong))
            if (queuedRows + batch.count > waitingRows && queuedRows > 0)
                return Promise.reject(
                    new Error(`${queuedRows} measurements wait for the database already; ${batch.count} more are refused.`),
                )
            queuedRows += batch.count
            return new Promise((resolve, reject) => {
                queue.push({ batch, resolve, reject })
                wake.shift()?.()
            })
        },
        async settled() {
            await Promise.allSettled([...running])
        },
        async close() {
            closed = true
            for (const resume of wake) resume()
            wake = []
            await Promise.all(workers)
        },
    }
}

function checkBatch({ count, point, tMs }: MeasurementBatch): string | undefined {
    for (let n = 0; n < count; n++) {
        const t = tMs[n]!
        if (!(t >= 0 && t <= latestMs))
            return `Measurement ${n} of ${count} (point ${point[n]}): instant ${t} ms is outside 0…${latestMs} ms (1970…2255).`
        const p = point[n]!
        if (!(p >= 0 && p < pointLimit)) return `Measurement ${n} of ${count}: point ${p} is outside 0…${pointLimit - 1}.`
    }
    return undefined
}

async function ensurePartitions(partitions: Partitions, { count, tMs }: MeasurementBatch): Promise<void> {
    let last = Number.NaN
    for (let n = 0; n < count; n++) {
        const period = periodOf(tMs[n]!)
        if (period === last) continue
        last = period
        if (!partitions.has(period)) await partitions.ensure(period)
    }
}

interface Written {
    readonly rows: number
    readonly first: number
    readonly last: number
}
interface Writer {
    write(group: readonly Waiting[], frontierMs: number, firstMs: number): Promise<Written>
    close(): Promise<void>
}

function createWriter(database: Database): Writer {
    let client: pg.Client | undefined
    let buffer = new CopyBuffer(groupRows, false)

    const send = async (late: CopyBuffer | undefined, newFirstMs: number | undefined) => {
        client ??= await database.connect()
        if (!late && newFirstMs === undefined) return copyIn(client, 'gridverse.history', buffer)
        await client.query('BEGIN')
        await copyIn(client, 'gridverse.history', buffer)
        if (late) await copyIn(client, 'gridverse.history_late (t, point, value, quality, upto)', late)
        if (newFirstMs !== undefined)
            await client.query(`INSERT INTO gridverse.history_first VALUES (${sqlTime(newFirstMs)}) ON CONFLICT DO NOTHING`)
        await client.query('COMMIT')
    }

    return {
        async write(group, frontierMs, firstMs) {
            const rows = group.reduce((sum, { batch }) => sum + batch.count, 0)
            if (rows > groupRows) buffer = new CopyBuffer(rows, false)
            let nLate = 0
            let first = Number.POSITIVE_INFINITY
            let last = Number.NEGATIVE_INFINITY
            for (const { batch } of group) {
                const { count, point, tMs, value, quality } = batch
                for (let n = 0; n < count; n++) {
                    const t = tMs[n]!
                    buffer.push(t, point[n]!, value[n]!, quality[n]!)
                    if (isLate(t, frontierMs)) nLate++
                    if (t < first) first = t
                    if (t > last) last = t
                }
            }
            const late = nLate > 0 ? layLate(group, nLate, frontierMs) : undefined
            for (;;) {
                try {
                    await send(late, first < firstMs ? first : undefined)
                    break
                } catch (error) {
                    client?.end().catch(() => undefined)
                    client = undefined
                    if (!database.wentAway(error)) {
                        buffer = new CopyBuffer(groupRows, false)
                        throw error
                    }
                    await database.whenReady()
                }
            }
            if (rows > groupRows) buffer = new CopyBuffer(groupRows, false)
            else buffer.clear()
            return { rows, first, last }
        },
        async close() {
            await client?.end().catch(() => undefined)
        },
    }
}

/** Instants are kept to the microsecond; one that may round down to the frontier counts as late. */
const isLate = (tMs: number, frontierMs: number) => tMs < frontierMs + 0.001

function layLate(group: readonly Waiting[], nLate: number, frontierMs: number): CopyBuffer {
    const late = new CopyBuffer(nLate, true)
    for (const { batch } of group)
        for (let n = 0; n < batch.count; n++)
            if (isLate(batch.tMs[n]!, frontierMs)) late.push(batch.tMs[n]!, batch.point[n]!, batch.value[n]!, batch.quality[n]!, frontierMs)
    return late
}
