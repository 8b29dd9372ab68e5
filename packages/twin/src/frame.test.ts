import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyFrame, createColumns, decodeFrame, encodeFrame } from './frame.ts'
import type { Snapshot } from './snapshot.ts'

const number = fc.oneof(fc.double(), fc.constant(Number.NaN), fc.constant(-0))
const pointState = fc.record({ value: number, valueMs: number, estimated: number, quality: fc.nat(4) })
type PointState = { value: number; valueMs: number; estimated: number; quality: number }

const snapshotOf = (world: string, seq: number, states: readonly PointState[]) =>
    ({
        world,
        seq,
        tMs: 1.7e12 + seq,
        value: Float64Array.from(states, (s) => s.value),
        valueMs: Float64Array.from(states, (s) => s.valueMs),
        estimated: Float64Array.from(states, (s) => s.estimated),
        measured: Float64Array.from(states, (s) => s.value),
        quality: Uint8Array.from(states, (s) => s.quality),
    }) as unknown as Snapshot

test('a whole frame and the differences after it rebuild every snapshot bit for bit', () => {
    const world = fc.constantFrom('live', 'what-if/böse', 'replay@1732280400000')
    const ticks = fc.nat(12).chain((n) => fc.array(fc.array(pointState, { minLength: n, maxLength: n }), { minLength: 1, maxLength: 5 }))
    fc.assert(
        fc.property(world, ticks, (name, states) => {
            const columns = createColumns(states[0].length)
            let before: Snapshot | undefined
            for (const [seq, state] of states.entries()) {
                const now = snapshotOf(name, seq, state)
                const frame = decodeFrame(encodeFrame(now, before))
                expect(frame.whole).toBe(before === undefined)
                expect([frame.world, frame.seq, frame.tMs]).toEqual([name, seq, now.tMs])
                applyFrame(frame, columns)
                for (const key of ['value', 'valueMs', 'estimated', 'quality'] as const) expect(columns[key]).toEqual(now[key])
                before = now
            }
        }),
        { seed: 7, numRuns: 200 },
    )
})

test('a difference carries only what changed', () => {
    const a = snapshotOf('live', 1, [
        { value: 1, valueMs: 5, estimated: Number.NaN, quality: 0 },
        { value: 2, valueMs: 5, estimated: 2, quality: 0 },
    ])
    const b = snapshotOf('live', 2, [
        { value: 1, valueMs: 5, estimated: Number.NaN, quality: 0 },
        { value: 2, valueMs: 5, estimated: 2, quality: 4 },
    ])
    expect([...decodeFrame(encodeFrame(b, a)).index]).toEqual([1])
    expect(decodeFrame(encodeFrame(b, { ...a, world: 'replay@1' })).whole).toBe(true)
})

test('bytes that are no frame are refused with the reason', () => {
    const frame = encodeFrame(snapshotOf('live', 1, [{ value: 1, valueMs: 5, estimated: 1, quality: 0 }]))
    expect(() => decodeFrame(new Uint8Array(3))).toThrow(/needs 4 bytes/)
    expect(() => decodeFrame(frame.subarray(0, frame.length - 4))).toThrow(/are left/)
    expect(() => decodeFrame(new Uint8Array([...frame, 0]))).toThrow(/1 bytes follow/)
    const newer = frame.slice()
    newer[6] = 9
    expect(() => decodeFrame(newer)).toThrow(/version 9/)
})
