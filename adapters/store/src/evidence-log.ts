/** The log of who did what, on PostgreSQL: every entry sealed to the one before, durable before it is acknowledged. */
import { createHash } from 'node:crypto'
import { type ChainHead, canonicalJson, checkLink, emptyChain, sealEntry } from '@gridverse/trust'
import type { EvidenceLog, LogEntry, SealedEntry } from '@gridverse/twin'
import { closedMessage, type Database } from './database.ts'

export interface StoredEvidenceLog extends EvidenceLog {
    close(): Promise<void>
}

interface Row {
    seq: string
    t_ms: number
    actor: string
    action: string
    target: string
    detail: string
    previous_hash: string
    hash: string
}
interface Waiting {
    readonly entry: LogEntry
    readonly resolve: (sealed: SealedEntry) => void
    readonly reject: (error: unknown) => void
}

const columns = 'seq, t_ms, actor, action, target, detail, previous_hash, hash'
const pageRows = 5_000
const groupEntries = 1_000

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export async function openEvidenceLog(database: Database): Promise<StoredEvidenceLog> {
    let head = await readHead(database)
    const queue: Waiting[] = []
    let draining: Promise<void> | undefined
    let closed = false

    // one group at a time: an entry's hash needs the one before it
    const drain = async () => {
        while (queue.length > 0) {
            const group = queue.splice(0, groupEntries)
            try {
                const sealed = await appendGroup(
                    database,
                    head,
                    group.map(({ entry }) => entry),
                )
                head = sealed.at(-1)!
                sealed.forEach((entry, n) => {
                    group[n]!.resolve(entry)
                })
            } catch (error) {
                for (const { reject } of group) reject(error)
                head = await readHead(database).catch(() => head)
            }
        }
        draining = undefined
    }

    return {
        async append(entry) {
            if (closed) throw new Error(closedMessage)
            checkEntry(entry)
            return new Promise((resolve, reject) => {
                // a copy: what is sealed later must be what was given now
                queue.push({ entry: structuredClone(entry), resolve, reject })
                draining ??= drain()
            })
        },
        list: (options) => readEntries(database, options),
        verify: () => verifyLog(database, () => head),
        async close() {
            closed = true
            await draining
        },
    }
}

function checkEntry({ tMs, actor, action, target, detail }: LogEntry): void {
    if (!Number.isFinite(tMs)) throw new RangeError(`A log entry's instant must be a number of Unix ms, got ${tMs}.`)
    for (const [name, text] of Object.entries({ actor, action, target }))
        if (typeof text !== 'string' || text.includes('\0'))
            throw new RangeError(`A log entry's ${name} must be text without NUL, got ${JSON.stringify(text)}.`)
    canonicalJson({ actor, action, target, detail })
}

async function readHead(database: Database): Promise<ChainHead> {
    const { rows } = await database.run((client) => client.query<Row>(`SELECT seq, hash FROM gridverse.log ORDER BY seq DESC LIMIT 1`))
    return rows[0] ? { seq: Number(rows[0].seq), hash: rows[0].hash } : emptyChain
}

/** Seals entries after the head and stores them in one transaction. */
async function appendGroup(database: Database, head: ChainHead, entries: readonly LogEntry[]): Promise<SealedEntry[]> {
    return database.run(async (client, attempt) => {
        const sealed: SealedEntry[] = []
        let last = head
        for (const { tMs, actor, action, target, detail } of entries) {
            const next = sealEntry({ tMs, actor, action, target, detail }, last.seq + 1, last.hash, sha256)
            sealed.push(next)
            last = next
        }
        if (attempt > 0) {
            // the connection broke before; the group may have been committed all the same, whole or not at all
            const { rowCount } = await client.query('SELECT FROM gridverse.log WHERE seq = $1 AND hash = $2', [last.seq, last.hash])
            if (rowCount === 1) return sealed
        }
        const column = <T>(of: (entry: SealedEntry) => T) => sealed.map(of)
        await client.query(
            `INSERT INTO gridverse.log (${columns})
             SELECT * FROM unnest($1::bigint[], $2::float8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])`,
            [
                column((e) => e.seq),
                column((e) => e.tMs),
                column((e) => e.actor),
                column((e) => e.action),
                column((e) => e.target),
                column((e) => canonicalJson(e.detail)),
                column((e) => e.previousHash),
                column((e) => e.hash),
            ],
        )
        return sealed
    })
}

async function readEntries(database: Database, options: Parameters<EvidenceLog['list']>[0] = {}): Promise<SealedEntry[]> {
    const { afterSeq, beforeSeq, toMs, target, actionPrefix, newestFirst, limit = 1_000 } = options
    const where: string[] = ['true']
    const values: unknown[] = []
    const add = (value: unknown, condition: (n: string) => string) => {
        if (value !== undefined) where.push(condition(`$${values.push(value)}`))
    }
    add(afterSeq, (n) => `seq > ${n}`)
    add(beforeSeq, (n) => `seq < ${n}`)
    add(toMs, (n) => `t_ms <= ${n}`)
    add(target, (n) => `target = ${n}`)
    add(actionPrefix, (n) => `starts_with(action, ${n})`)
    const text = `SELECT ${columns} FROM gridverse.log WHERE ${where.join(' AND ')} ORDER BY seq ${newestFirst ? 'DESC' : 'ASC'} LIMIT $${values.push(limit)}`
    const { rows } = await database.run((client) => client.query<Row>(text, values))
    return rows.map(toEntry)
}

const toEntry = (row: Row): SealedEntry => ({
    tMs: row.t_ms,
    actor: row.actor,
    action: row.action,
    target: row.target,
    detail: parseDetail(row.detail),
    seq: Number(row.seq),
    previousHash: row.previous_hash,
    hash: row.hash,
})

/** Text that is no JSON any more can only come from tampering; kept as text it fails the hash. */
function parseDetail(text: string): Record<string, unknown> {
    try {
        return JSON.parse(text)
    } catch {
        return { unreadable: text }
    }
}

/** Walks the whole table, page by page; `known` is the head we wrote ourselves, so that a cut tail is noticed too. */
async function verifyLog(database: Database, known: () => ChainHead): ReturnType<EvidenceLog['verify']> {
    const expected = known()
    let last: ChainHead = emptyChain
    for (;;) {
        const page = await readEntries(database, { afterSeq: last.seq, limit: pageRows })
        for (const entry of page) {
            const reason =
                checkLink(last, entry, sha256) ??
                (entry.seq === expected.seq && entry.hash !== expected.hash
                    ? `entry ${entry.seq} is not the one that was written`
                    : undefined)
            if (reason) return { ok: false, entries: last.seq, brokenAt: last.seq + 1, reason }
            last = entry
        }
        if (page.length < pageRows) break
    }
    if (last.seq < expected.seq)
        return {
            ok: false,
            entries: last.seq,
            brokenAt: last.seq + 1,
            reason: `entry ${last.seq + 1} is missing: ${expected.seq} entries were written, the log ends at ${last.seq}`,
        }
    return { ok: true, entries: last.seq, head: last.hash }
}
