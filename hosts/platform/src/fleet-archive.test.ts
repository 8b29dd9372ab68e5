import { quantitiesOf, readResources, resourcePoint, toProfileTime } from '@gridverse/assets'
import type { EvidenceLog, History, MeasurementBatch, Records } from '@gridverse/twin'
import { computeFleetNow, coverageIntervalMs, coverageIntervals, createFleetState } from '@gridverse/vpp'
import { expect, test } from 'vitest'
import { createFleetArchive } from './fleet-archive.ts'
import type { Intake } from './intake.ts'

const noon = Date.UTC(2026, 5, 1, 12)
const step = 30_000
const { resources } = readResources(['a', 'b'].map((id) => ({ id, kind: 'fixed-load', group: 'g', peakKw: 5 })))

test('FL15 who was heard, whose link was down and how far twins were off is kept beside measurements', async () => {
    const ids = resources.flatMap(({ id, kind }) => quantitiesOf(kind).map((quantity) => resourcePoint(id, quantity)))
    const [b] = [ids.indexOf('resource/b/pKw')]
    const rows: { point: number; tMs: number; value: number }[] = []
    const asked: number[] = []
    const bodies = new Map<string, unknown>()
    const history = {
        async append(batch: MeasurementBatch) {
            for (let n = 0; n < batch.count; n++) rows.push({ point: batch.point[n]!, tMs: batch.tMs[n]!, value: batch.value[n]! })
        },
        async heard(tMs: number, stepMs: number, intervals: number) {
            asked.push(intervals)
            const masks = new Map<number, number>()
            for (const row of rows) {
                const back = Math.floor(tMs / stepMs) - Math.floor(row.tMs / stepMs)
                if (row.tMs <= tMs && back < intervals) masks.set(row.point, (masks.get(row.point) ?? 0) | (1 << back))
            }
            return { point: Int32Array.from(masks.keys()), mask: Int32Array.from(masks.values()) }
        },
        span: async () => undefined,
    } as unknown as History
    const intake = {
        registryIds: () => ids,
        expect: async (names: readonly string[]) =>
            Int32Array.from(names, (name) => (ids.includes(name) ? ids.indexOf(name) : ids.push(name) - 1)),
    } as unknown as Intake
    const records = {
        get: async (kind: string, id: string) => bodies.get(`${kind}/${id}`),
        put: async (kind: string, id: string, body: unknown) => void bodies.set(`${kind}/${id}`, body),
    } as unknown as Records
    const onError = (error: unknown) => expect.unreachable(String(error))
    const archive = createFleetArchive({ history, intake, records, log: {} as EvidenceLog, onError })
    const state = createFleetState(resources, noon)
    ids.forEach((name, index) => {
        state.learn(index, name)
    })
    state.bind('node/b', [b!])
    for (let tMs = noon; tMs <= noon + 40 * step; tMs += step) {
        // b is heard in the first ten minutes only, then its link goes down
        const said = tMs < noon + 20 * step ? ids.slice(0, 2) : ids.slice(0, 1)
        if (tMs === noon + 25 * step) state.deviceAlive('node/b', false)
        const batch = {
            count: said.length,
            point: Int32Array.from(said, (_, n) => n),
            tMs: new Float64Array(said.length).fill(tMs),
            value: Float64Array.from(said, () => 3 + ((tMs - noon) / step) * 0.01),
            quality: new Uint8Array(said.length),
        }
        state.apply(batch, tMs)
        await history.append(batch)
        archive.take(state, computeFleetNow(state, tMs, toProfileTime(tMs, 0), 1))
        await archive.settled()
    }
    const atMs = noon + 40 * step
    const count = async (tMs: number) => {
        asked.length = 0
        const { point, mask } = await archive.heard(tMs)
        return new Map(Array.from(point, (p, n) => [p, mask[n]!]))
    }
    // the same as counted from the measurements, but for the interval of the instant, which the last measurement tells
    const whole = await history.heard(atMs, coverageIntervalMs, coverageIntervals)
    const told = await count(atMs)
    for (const p of [0, b!]) expect((told.get(p) ?? 0) & ~1).toBe((whole.mask[whole.point.indexOf(p)] ?? 0) & ~1)
    // only the interval that is not kept yet was counted
    expect(asked).toEqual([2])
    await count(noon + 5 * step)
    expect(asked[0]).toBe(coverageIntervals)

    const batch = (tMs: number): MeasurementBatch => {
        const last = new Map(rows.filter((row) => row.tMs <= tMs).map((row) => [row.point, row]))
        return {
            count: last.size,
            point: Int32Array.from(last.keys()),
            tMs: Float64Array.from(last.values(), (row) => row.tMs),
            value: Float64Array.from(last.values(), (row) => row.value),
            quality: new Uint8Array(last.size),
        }
    }
    expect([archive.read(batch(atMs), atMs).offline('b'), archive.read(batch(noon + 24 * step), atMs).offline('b')]).toEqual([true, false])
    // power went up by 0.01 kW each time, and the twin of a fixed load goes on as it was
    expect(archive.read(batch(atMs), atMs).sync.get('a')?.kw).toBeCloseTo(0.01, 6)
    // nobody looks at what was kept long before
    expect(archive.read(batch(atMs), atMs + 3_600_000).sync.size).toBe(0)
    // another platform goes on from there: alive again, it says so
    const next = createFleetArchive({ history, intake, records, log: {} as EvidenceLog, onError })
    next.resume(batch(atMs), state, atMs)
    state.deviceAlive('node/b', true)
    next.take(state, computeFleetNow(state, atMs + 1000, toProfileTime(atMs, 0), 1))
    await next.settled()
    expect(next.read(batch(atMs + 1000), atMs + 1000).offline('b')).toBe(false)
})
