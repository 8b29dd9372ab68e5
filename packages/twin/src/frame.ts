/**
 * Snapshot frames: what `/api/live` sends. A whole frame carries every point; a difference carries the points whose
 * value, quality, time or estimate is not bit for bit that of the frame before.
 *
 * After the frame header (kind 1 whole, 2 difference): u32 seq, u32 count, f64 tMs, the world's name, padding to 8
 * bytes, and the columns f64 value, f64 valueMs, f64 estimated, u32 index, u8 quality.
 */
import { createReader, createWriter, readFrameHeader, writeFrameHeader } from '@gridverse/wire'
import type { SnapshotFrame } from './messages.ts'
import type { Snapshot } from './snapshot.ts'

const magic = 'GVSN'
const version = 1
const kindWhole = 1
const kindDifference = 2
const bytesPerPoint = 29

/** A snapshot as a frame: a difference from `previous` (the snapshot sent before it), whole without one. */
export function encodeFrame(snapshot: Snapshot, previous?: Snapshot): Uint8Array<ArrayBuffer> {
    const { world, seq, tMs, value, valueMs, estimated, quality } = snapshot
    const whole = previous === undefined || previous.world !== world || previous.value.length !== value.length
    const index = whole ? Uint32Array.from(value, (_, i) => i) : changedPoints(snapshot, previous)
    const writer = createWriter(64 + 3 * world.length + bytesPerPoint * index.length)
    writeFrameHeader(writer, magic, { kind: whole ? kindWhole : kindDifference, version })
    writer.u32(seq)
    writer.u32(index.length)
    writer.f64(tMs)
    writer.text(world)
    writer.align(8)
    for (const column of [value, valueMs, estimated]) writer.array(whole ? column : pick(column, index))
    writer.array(index)
    if (whole) writer.array(quality)
    else for (const i of index) writer.u8(quality[i]!)
    return writer.take()
}

/** The frame in given bytes; throws where they are not a frame of a version this program knows. */
export function decodeFrame(bytes: Uint8Array | ArrayBuffer): SnapshotFrame {
    const reader = createReader(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes))
    const { kind } = readFrameHeader(reader, magic, version)
    const seq = reader.u32()
    const count = reader.u32()
    const tMs = reader.f64()
    const world = reader.text()
    reader.align(8)
    const value = reader.f64Array(count)
    const valueMs = reader.f64Array(count)
    const estimated = reader.f64Array(count)
    const index = reader.u32Array(count)
    const quality = reader.u8Array(count)
    if (!reader.error && reader.left > 0) reader.fail(`${reader.left} bytes follow a frame of ${count} points`)
    if (!reader.error && kind !== kindWhole && kind !== kindDifference) reader.fail(`frame kind ${kind} is not a snapshot's`)
    if (reader.error) throw new Error(`Not a snapshot frame, at byte ${reader.error.offset}: ${reader.error.message}.`)
    return { whole: kind === kindWhole, world, seq, tMs, index, value, quality, valueMs, estimated }
}

const pick = (column: Float64Array, index: Uint32Array) => {
    const picked = new Float64Array(index.length)
    for (let n = 0; n < index.length; n++) picked[n] = column[index[n]!]!
    return picked
}

/** The columns of a world as a client holds them, brought up to date by frames. */
export interface SnapshotColumns {
    readonly value: Float64Array
    readonly quality: Uint8Array
    readonly valueMs: Float64Array
    readonly estimated: Float64Array
}

/** Columns for `count` points with nothing known. */
export function createColumns(count: number): SnapshotColumns {
    const nothing = () => new Float64Array(count).fill(Number.NaN)
    return { value: nothing(), quality: new Uint8Array(count), valueMs: nothing(), estimated: nothing() }
}

/** columns ← columns with the frame's points; points the columns have no room for are left out. */
export function applyFrame(frame: SnapshotFrame, columns: SnapshotColumns): void {
    const { index } = frame
    for (let n = 0; n < index.length; n++) {
        const i = index[n]!
        if (i >= columns.value.length) continue
        columns.value[i] = frame.value[n]!
        columns.quality[i] = frame.quality[n]!
        columns.valueMs[i] = frame.valueMs[n]!
        columns.estimated[i] = frame.estimated[n]!
    }
}

/** Indices where two snapshots differ; NaN equals NaN. */
function changedPoints(now: Snapshot, before: Snapshot): Uint32Array {
    const changed = new Uint32Array(now.value.length)
    let count = 0
    for (let i = 0; i < now.value.length; i++)
        if (
            now.quality[i] !== before.quality[i] ||
            !Object.is(now.value[i], before.value[i]) ||
            !Object.is(now.valueMs[i], before.valueMs[i]) ||
            !Object.is(now.estimated[i], before.estimated[i])
        )
            changed[count++] = i
    return changed.subarray(0, count)
}
