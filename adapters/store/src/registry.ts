/** Point ids and their indices, on PostgreSQL: 0, 1, 2 … in the order they were registered, never given again. */
import type { PointRegistry } from '@gridverse/twin'
import type { Database } from './database.ts'

export async function openRegistry(database: Database): Promise<PointRegistry> {
    const ids: string[] = []
    const indexOf = new Map<string, number>()
    const learn = (rows: readonly { index: number; id: string }[]) => {
        for (const { index, id } of rows) {
            ids[index] = id
            indexOf.set(id, index)
        }
    }
    const read = () =>
        database.run((client) => client.query<{ index: number; id: string }>('SELECT index, id FROM gridverse.point ORDER BY index'))
    learn((await read()).rows)

    const add = (missing: readonly string[]) =>
        database.transaction(async (client) => {
            // whoever else registers waits, so that indices have no gaps
            await client.query('LOCK TABLE gridverse.point IN EXCLUSIVE MODE')
            await client.query(
                `INSERT INTO gridverse.point (index, id)
                 SELECT (SELECT count(*) FROM gridverse.point) + row_number() OVER (ORDER BY n) - 1, id
                 FROM unnest($1::text[]) WITH ORDINALITY AS new (id, n)
                 WHERE NOT EXISTS (SELECT FROM gridverse.point p WHERE p.id = new.id)`,
                [missing],
            )
            return client.query<{ index: number; id: string }>('SELECT index, id FROM gridverse.point WHERE id = ANY ($1)', [missing])
        })

    /** Ids asked for while a transaction is under way go into the next one together: many devices are born at once. */
    let next: { readonly ids: Set<string>; readonly done: Promise<void> } | undefined
    let underWay: Promise<void> = Promise.resolve()
    function addTogether(missing: readonly string[]): Promise<void> {
        if (!next) {
            const ids = new Set<string>()
            const done = underWay.then(async () => {
                next = undefined
                learn((await add([...ids])).rows)
            })
            underWay = done.catch(() => undefined)
            next = { ids, done }
        }
        for (const id of missing) next.ids.add(id)
        return next.done
    }

    return {
        async register(wanted) {
            const missing = [...new Set(wanted)].filter((id) => !indexOf.has(id))
            const nul = missing.find((id) => id.includes('\0'))
            if (nul !== undefined) throw new RangeError(`Point id ${JSON.stringify(nul)} holds a NUL character.`)
            if (missing.length > 0) await addTogether(missing)
            return Int32Array.from(wanted, (id) => indexOf.get(id)!)
        },
        async all() {
            learn((await read()).rows)
            return [...ids]
        },
    }
}
