/** Small records on PostgreSQL, bodies as jsonb. */
import type { Records } from '@gridverse/twin'
import type { Database } from './database.ts'

export function openRecords(database: Database): Records {
    const query = <R extends object>(text: string, values: unknown[]) =>
        database.run(async (client) => (await client.query<R>(text, values)).rows)
    return {
        async get<T>(kind: string, id: string) {
            const [row] = await query<{ body: T }>('SELECT body FROM gridverse.record WHERE kind = $1 AND id = $2', [kind, id])
            return row?.body
        },
        list: <T>(kind: string) =>
            query<{ id: string; body: T }>('SELECT id, body FROM gridverse.record WHERE kind = $1 ORDER BY id COLLATE "C"', [kind]),
        async put(kind, id, body) {
            await query(
                `INSERT INTO gridverse.record (kind, id, body) VALUES ($1, $2, $3)
                 ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body`,
                [kind, id, toBody(kind, id, body)],
            )
        },
        async putAll(kind, entries) {
            await query(
                `INSERT INTO gridverse.record (kind, id, body) SELECT $1, id, body::jsonb FROM unnest($2::text[], $3::text[]) AS new (id, body)
                 ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body`,
                [kind, entries.map(({ id }) => id), entries.map(({ id, body }) => toBody(kind, id, body))],
            )
        },
        async insert(kind, id, body) {
            const text = toBody(kind, id, body)
            return database.run(async (client, attempt) => {
                const added = await client.query(
                    'INSERT INTO gridverse.record (kind, id, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
                    [kind, id, text],
                )
                if (added.rowCount === 1 || attempt === 0) return added.rowCount === 1
                // the connection broke during an earlier attempt, which may have succeeded: then what is there is ours
                const same = await client.query('SELECT FROM gridverse.record WHERE kind = $1 AND id = $2 AND body = $3::jsonb', [
                    kind,
                    id,
                    text,
                ])
                return same.rowCount === 1
            })
        },
        async remove(kind, id) {
            await query('DELETE FROM gridverse.record WHERE kind = $1 AND id = $2', [kind, id])
        },
        async removeAll(kind, ids) {
            await query('DELETE FROM gridverse.record WHERE kind = $1 AND id = ANY ($2::text[])', [kind, ids])
        },
    }
}

function toBody(kind: string, id: string, body: unknown): string {
    const text = JSON.stringify(body)
    if (text === undefined) throw new TypeError(`Record ${kind}/${id} has no body: ${typeof body} is not JSON.`)
    if (/\\u0000|\0/.test(`${kind}${id}${text}`))
        throw new RangeError(`Record ${kind}/${JSON.stringify(id)} holds a NUL character, which is not kept.`)
    return text
}
