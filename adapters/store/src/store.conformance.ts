/** What every store must do, whatever PostgreSQL carries it. */
import type { MeasurementBatch } from '@gridverse/twin'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exportLog, verifyExport } from './export-log.ts'
import type { Store } from './open-store.ts'

/** A batch from rows of [point, tMs, value, quality code]. */
export function batchOf(rows: readonly (readonly [number, number, number, number?])[]): MeasurementBatch {
    return {
        count: rows.length,
        point: Int32Array.from(rows, (row) => row[0]),
        tMs: Float64Array.from(rows, (row) => row[1]),
        value: Float64Array.from(rows, (row) => row[2]),
        quality: Uint8Array.from(rows, (row) => row[3] ?? 0),
    }
}
/** The rows of a batch, to compare. */
export const rowsOf = ({ count, point, tMs, value, quality }: MeasurementBatch) =>
    Array.from({ length: count }, (_, n) => [point[n], tMs[n], value[n], quality[n]])

/** Makes an empty database on a server; returns its address and what removes it. */
export async function freshDatabase(serverUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
    const name = `gridverse_test_${process.pid}_${Math.floor(performance.now() * 1000)}`
    const run = async (text: string) => {
        const client = new pg.Client({ connectionString: serverUrl })
        await client.connect()
        await client.query(text)
        await client.end()
    }
    await run(`CREATE DATABASE ${name}`)
    const url = new URL(serverUrl)
    url.pathname = `/${name}`
    return { url: url.href, drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) }
}

const noon = Date.UTC(2026, 5, 1, 12)

/** `open` opens the same data each time; `sql` runs a statement behind the store's back. */
export function testStore(name: string, open: () => Promise<Store>, sql: (text: string) => Promise<unknown>): void {
    let store: Store
    const reopen = async () => {
        await store.close()
        store = await open()
    }
    beforeAll(async () => {
        store = await open()
    })
    afterAll(() => store.close())

    test(`${name}: a point keeps its index for ever`, async () => {
        expect([...(await store.registry.register(['bus/B1/vmPu', 'bus/B2/vmPu']))]).toEqual([0, 1])
        expect([...(await store.registry.register(['bus/B3/vmPu', 'bus/B1/vmPu', 'bus/B3/vmPu']))]).toEqual([2, 0, 2])
        const [a, b] = await Promise.all([store.registry.register(['x', 'y']), store.registry.register(['y', 'z', 'x'])])
        expect([b[2], b[0]]).toEqual([a[0], a[1]])
        await reopen()
        expect(await store.registry.all()).toHaveLength(6)
        expect([...(await store.registry.register(['z', 'bus/B2/vmPu']))]).toEqual([(await store.registry.all()).indexOf('z'), 1])
    })

    test(`${name}: records are put, replaced, listed by id and removed`, async () => {
        await store.records.put('user', 'wei', { role: 'operator', 名: '伟', limits: [1, 2.5, null] })
        await store.records.put('user', 'ada', { role: 'viewer' })
        await store.records.put('user', 'wei', { role: 'supervisor', note: "it's" })
        expect(await store.records.get('user', 'wei')).toEqual({ role: 'supervisor', note: "it's" })
        expect((await store.records.list('user')).map(({ id }) => id)).toEqual(['ada', 'wei'])
        expect(await store.records.insert('user', 'ada', { role: 'administrator' })).toBe(false)
        expect(await store.records.insert('world', 'w1', [1, 2])).toBe(true)
        await reopen()
        expect(await store.records.get('world', 'w1')).toEqual([1, 2])
        await store.records.remove('user', 'ada')
        await store.records.remove('user', 'nobody')
        expect(await store.records.get('user', 'ada')).toBeUndefined()
        await expect(store.records.put('user', 'x', undefined)).rejects.toThrow('has no body')
        await expect(store.records.put('user', 'x', { a: '\0' })).rejects.toThrow('NUL')
    })

    test(`${name}: many records are put together or not at all`, async () => {
        const many = Array.from({ length: 3000 }, (_, n) => ({ id: `r${n}`, body: { n } }))
        await store.records.putAll('many', many)
        await store.records.putAll('many', [{ id: 'r7', body: { n: 'new' } }])
        await expect(
            store.records.putAll('many', [
                { id: 'r8', body: { n: 'lost' } },
                { id: 'x', body: undefined },
            ]),
        ).rejects.toThrow('no body')
        await reopen()
        expect(await store.records.list('many')).toHaveLength(3000)
        expect(await store.records.get('many', 'r7')).toEqual({ n: 'new' })
        expect(await store.records.get('many', 'r8')).toEqual({ n: 8 })
        await store.records.removeAll('many', ['r0', 'r1', 'nobody'])
        expect(await store.records.list('many')).toHaveLength(2998)
    })

    test(`${name}: a measurement comes back as it was, spikes, quality and microseconds included`, async () => {
        const rows: [number, number, number, number][] = [
            [1, noon, 1.0125, 0],
            [0, noon + 0.25, -1e300, 1],
            [1, noon + 1000, Number.NaN, 4],
            [2, noon + 1500.5, Number.POSITIVE_INFINITY, 3],
        ]
        await store.history.append(batchOf(rows))
        expect(rowsOf(await store.history.between(noon - 1, noon + 2000))).toEqual(rows)
        expect(rowsOf(await store.history.between(noon, noon + 1000))).toEqual(rows.slice(1, 3))
        expect(await store.history.span()).toEqual({ firstMs: noon, lastMs: noon + 1500.5 })
        await store.history.append(batchOf(rows.slice(0, 2)))
        expect((await store.history.between(noon - 1, noon + 2000)).count).toBe(4)
        await reopen()
        expect(rowsOf(await store.history.between(noon - 1, noon + 2000))).toEqual(rows)
        expect(await store.history.span()).toEqual({ firstMs: noon, lastMs: noon + 1500.5 })
    })

    test(`${name}: the state at an instant is the last of every point, late ones counted`, async () => {
        const t = noon + 60_000
        await store.history.append(
            batchOf([
                [10, t, 1],
                [11, t, 2],
                [10, t + 2000, 3],
            ]),
        )
        const of = async (at: number) => rowsOf(await store.history.at(at)).filter((row) => row[0]! >= 10)
        expect(await of(t - 1)).toEqual([])
        expect(await of(t)).toEqual([
            [10, t, 1, 0],
            [11, t, 2, 0],
        ])
        await store.history.append(
            batchOf([
                [11, t + 1000, 7],
                [10, t + 1000, 8],
            ]),
        )
        expect(await of(t + 1500)).toEqual([
            [10, t + 1000, 8, 0],
            [11, t + 1000, 7, 0],
        ])
        expect(await of(t + 86_400_000)).toEqual([
            [10, t + 2000, 3, 0],
            [11, t + 1000, 7, 0],
        ])
    })

    test(`${name}: the intervals each point was heard in are told back from an instant`, async () => {
        const step = 90_000
        const t = Math.ceil((noon + 120_000) / step) * step
        await store.history.append(
            batchOf([
                [40, t - 3 * step, 1],
                [40, t - 1, 2],
                [40, t, 3],
                [40, t + 100, 4],
                [41, t - 9 * step, 5],
                [42, t - 9 * step - 1, 6],
                [42, t + 2000, 7],
            ]),
        )
        const { point, mask } = await store.history.heard(t + 1000, step, 10)
        expect([...point].flatMap((p, n) => (p >= 40 && p < 50 ? [[p, mask[n]]] : [])).sort()).toEqual([
            [40, 0b1011],
            [41, 1 << 9],
        ])
        await expect(store.history.heard(t, step, 32)).rejects.toThrow('1 to 31 intervals')
    })

    test(`${name}: a trend is thinned to what was asked and keeps its spike`, async () => {
        const t = noon + 3_600_000
        const rows = Array.from({ length: 20_000 }, (_, n) => [20, t + n * 100, n === 12_345 ? 1e6 : Math.sin(n / 500)] as const)
        await store.history.append(batchOf(rows))
        const [thinned, other] = await store.history.range([20, 21], t, t + 2_000_000, 300)
        expect(thinned).toMatchObject({ point: 20, thinned: true })
        expect(thinned!.tMs.length).toBeGreaterThan(250)
        expect(thinned!.tMs.length).toBeLessThanOrEqual(300)
        expect([...thinned!.value]).toContain(1e6)
        expect(thinned!.tMs).toEqual(thinned!.tMs.toSorted())
        expect(other).toMatchObject({ point: 21, thinned: false })
        expect(other!.tMs).toHaveLength(0)
        const [whole] = await store.history.range([20], t + 50, t + 500)
        expect([...whole!.tMs]).toEqual([100, 200, 300, 400, 500].map((d) => t + d))
    })

    test(`${name}: days apart, past and impossible ones find their place`, async () => {
        const day = 86_400_000
        const rows = [0, noon - 300 * day, noon - day, noon + 5 * day, Date.UTC(2200, 0, 1)].map((t, n) => [30, t, n] as const)
        await store.history.append(batchOf(rows))
        const [series] = await store.history.range([30], Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
        expect([...series!.tMs]).toEqual(rows.map((row) => row[1]))
        expect((await store.history.span())!.firstMs).toBe(0)
        await expect(
            store.history.append(
                batchOf([
                    [1, noon, 0],
                    [1, Number.NaN, 0],
                ]),
            ),
        ).rejects.toThrow('Measurement 1 of 2 (point 1): instant NaN')
        await expect(store.history.append(batchOf([[-1, noon, 0]]))).rejects.toThrow('point -1 is outside')
        await store.history.append(batchOf([]))
    })

    test(`${name}: many callers at once lose nothing`, async () => {
        const t = noon + 7_200_000
        await Promise.all(
            Array.from({ length: 500 }, (_, caller) =>
                store.history.append(batchOf(Array.from({ length: 20 }, (_, n) => [1000 + caller, t + n, caller + n / 100] as const))),
            ),
        )
        const all = await store.history.between(t - 1, t + 20)
        expect(all.count).toBe(10_000)
        expect(new Set(all.point).size).toBe(500)
    })

    const entry = (n: number, action = 'command.operate') => ({
        tMs: noon + n,
        actor: 'wei',
        action,
        target: `switch/L${n % 3}.from/closed`,
        detail: { before: 1, after: 0, why: "检修 ' \u0000 \\", n },
    })

    test(`${name}: the log is gapless however many write at once, and filters`, async () => {
        const sealed = await Promise.all(
            Array.from({ length: 300 }, (_, n) => store.log.append(entry(n, n % 2 ? 'command.operate' : 'alarm.acknowledge'))),
        )
        expect(sealed.map(({ seq }) => seq)).toEqual(Array.from({ length: 300 }, (_, n) => n + 1))
        await reopen()
        expect((await store.log.append(entry(300))).previousHash).toBe(sealed[299]!.hash)
        expect(await store.log.list({ limit: 2, afterSeq: 10 })).toEqual(sealed.slice(10, 12))
        expect((await store.log.list({ newestFirst: true, limit: 2, beforeSeq: 300 })).map(({ seq }) => seq)).toEqual([299, 298])
        expect(await store.log.list({ target: 'switch/L1.from/closed' })).toHaveLength(100)
        expect(await store.log.list({ actionPrefix: 'alarm.' })).toHaveLength(150)
        expect(await store.log.verify()).toMatchObject({ ok: true, entries: 301 })
        await expect(store.log.append({ ...entry(1), detail: { x: Number.NaN } })).rejects.toThrow('/detail/x')
        await expect(store.log.append({ ...entry(1), actor: 'a\0b' })).rejects.toThrow('actor')
        expect((await store.log.append(entry(301))).seq).toBe(302)
    })

    test(`${name}: an exported log verifies by itself, and a changed line does not`, async () => {
        const lines: string[] = []
        for await (const line of exportLog(store.log)) lines.push(line)
        expect(await verifyExport(lines)).toMatchObject({ ok: true, entries: 302 })
        expect(await verifyExport(lines.toSpliced(40, 1))).toMatchObject({ ok: false, entries: 40, brokenAt: 41 })
        expect(await verifyExport(lines.with(99, lines[99]!.replace('"wei"', '"eve"')))).toMatchObject({
            ok: false,
            entries: 99,
            brokenAt: 100,
        })
        expect(await verifyExport(lines.with(7, lines[7]!.replace('"actor":', '"actor": ')))).toMatchObject({ ok: false, brokenAt: 8 })
        expect(await verifyExport(lines.with(5, '{half'))).toMatchObject({
            ok: false,
            brokenAt: 6,
            reason: expect.stringContaining('not JSON'),
        })
    })

    test(`${name}: tampering with the table is located`, async () => {
        const undo = 'UPDATE gridverse.log SET detail = $$KEEP$$ WHERE seq = 120'
        const [kept] = await store.log.list({ afterSeq: 119, limit: 1 })
        await sql(`UPDATE gridverse.log SET detail = replace(detail, '"after":0', '"after":1') WHERE seq = 120`)
        expect(await store.log.verify()).toMatchObject({
            ok: false,
            entries: 119,
            brokenAt: 120,
            reason: expect.stringContaining('was changed'),
        })
        await sql(undo.replace('$$KEEP$$', `'${canonicalText(kept!.detail)}'`))
        expect(await store.log.verify()).toMatchObject({ ok: true, entries: 302 })
        await sql('DELETE FROM gridverse.log WHERE seq = 302')
        expect(await store.log.verify()).toMatchObject({ ok: false, brokenAt: 302, reason: expect.stringContaining('ends at 301') })
        await sql('DELETE FROM gridverse.log WHERE seq = 200')
        expect(await store.log.verify()).toMatchObject({
            ok: false,
            brokenAt: 200,
            reason: expect.stringContaining('entry 200 is missing'),
        })
    })

    test(`${name}: a closed store says so`, async () => {
        await store.close()
        await store.close()
        expect(store.state()).toBe('down')
        await expect(store.history.append(batchOf([[1, noon, 1]]))).rejects.toThrow('closed')
        await expect(store.log.append(entry(1))).rejects.toThrow('closed')
        await expect(store.records.get('user', 'wei')).rejects.toThrow('closed')
        await expect(store.history.at(noon)).rejects.toThrow('closed')
        store = await open()
        expect(store.state()).toBe('ready')
    })
}

const canonicalText = (detail: Readonly<Record<string, unknown>>) => {
    const sorted = Object.fromEntries(Object.entries(detail).sort(([a], [b]) => (a < b ? -1 : 1)))
    return JSON.stringify(sorted).replaceAll("'", "''")
}
