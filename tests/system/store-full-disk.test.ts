import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '@gridverse/store'
import { afterAll, expect, test } from 'vitest'

// a small disk of our own; where none may be mounted there is nothing to fill
const folder = mkdtempSync(join(tmpdir(), 'gridverse-full-'))
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', folder]).status === 0

afterAll(() => {
    if (mounted) spawnSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
})

test.runIf(mounted)(
    'on a full disk appends wait and are told of; with room again they go on and nothing acknowledged is lost',
    async () => {
        const events: string[] = []
        const dataDir = join(folder, 'data')
        const store = await openStore({ dataDir, nowMs: Date.now, onEvent: (kind) => events.push(kind) })
        const { bavail, bsize } = statfsSync(folder)
        const filler = join(folder, 'filler')
        writeFileSync(filler, Buffer.alloc(bavail * bsize - (24 << 20)))

        const begin = Date.now()
        const rowsPerBatch = 5_000
        const durable = new Set<number>()
        let stop = false
        const measure = async (caller: number) => {
            for (let n = caller; !stop; n += 4) {
                const tMs = new Float64Array(rowsPerBatch).fill(begin + n)
                const point = Int32Array.from({ length: rowsPerBatch }, (_, k) => k)
                await store.history.append({
                    count: rowsPerBatch,
                    point,
                    tMs,
                    value: new Float64Array(rowsPerBatch).fill(n),
                    quality: new Uint8Array(rowsPerBatch),
                })
                durable.add(n)
            }
        }
        const work = [0, 1, 2, 3].map(measure)
        for (const until = Date.now() + 60_000; store.state() === 'ready' && Date.now() < until; ) await sleep(5)
        expect(store.state()).toBe('down')
        await sleep(500)
        const atFull = durable.size
        expect(events).toContain('database-down')

        rmSync(filler)
        for (const until = Date.now() + 60_000; durable.size <= atFull + 4 && Date.now() < until; ) await sleep(5)
        expect(durable.size).toBeGreaterThan(atFull + 4)
        stop = true
        await Promise.all(work)
        const check = async (opened: typeof store) => {
            const [series] = await opened.history.range([7], begin - 1, begin + 1e6)
            const kept = new Set(series!.value)
            expect([...durable].filter((n) => !kept.has(n))).toEqual([])
        }
        await check(store)
        await store.close()
        const again = await openStore({ dataDir, nowMs: Date.now })
        await check(again)
        await again.close()
    },
)
