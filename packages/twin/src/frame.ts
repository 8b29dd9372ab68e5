/**
 * Snapshot frames: what `/api/live` sends. A whole frame carries every point; a difference carries the points whose
 * value, quality, time or estimate is not bit for bit that of the frame before.
 *
 * Layout, little-endian: u32 magic "GVSN", u16 version, u16 flags (bit 0: whole), u32 seq, f64 tMs, u32 count,
 * u16 length of the world's name and its UTF-16 code units; then padding to 8 bytes and the columns
 * f64 value, f64 valueMs, f64 estimated, u32 index, u8 quality. Columns start aligned, so a reader copies them whole.
 */
import type { SnapshotFrame } from './messages.ts'
import type { Snapshot } from './snapshot.ts'

const magic = 0x4e535647
const version = 1
const fixedBytes = 26
const bytesPerPoint = 29

/** A snapshot as a frame: a difference from `previous` (the snapshot sent before it), whole without one. */
export function encodeFrame(snapshot: Snapshot, previous?: Snapshot): Uint8Array<ArrayBuffer> {
    const whole = previous === undefined || previous.world !== snapshot.world || previous.value.length !== snapshot.value.length
    const index = whole ? undefined : changedPoints(snapshot, previous)
    const count = index === undefined ? snapshot.value.length : index.length
    const columns = align(fixedBytes + 2 * snapshot.world.length)
    const bytes = new Uint8Array(columns + count * bytesPerPoint)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, magic, true)
    view.setUint16(4, version, true)
    view.setUint16(6, whole ? 1 : 0, true)
    view.setUint32(8, snapshot.seq, true)
    view.setFloat64(12, snapshot.tMs, true)
    view.setUint32(20, count, true)
    view.setUint16(24, snapshot.world.length, true)
    for (let i = 0; i < snapshot.world.length; i++) view.setUint16(fixedBytes + 2 * i, snapshot.world.charCodeAt(i), true)

    const { value, valueMs, estimated, quality } = snapshot
    const timeAt = columns + 8 * count
    const estimatedAt = columns + 16 * count
    const indexAt = columns + 24 * count
    const qualityAt = columns + 28 * count
    for (let n = 0; n < count; n++) {
        const i = index === undefined ? n : index[n]!
        view.setFloat64(columns + 8 * n, value[i]!, true)
        view.setFloat64(timeAt + 8 * n, valueMs[i]!, true)
        view.setFloat64(estimatedAt + 8 * n, estimated[i]!, true)
        view.setUint32(indexAt + 4 * n, i, true)
        bytes[qualityAt + n] = quality[i]!
    }
    return bytes
}

/** The frame in given bytes; throws where they are not a frame of a version this program knows. */
export function decodeFrame(bytes: Uint8Array | ArrayBuffer): SnapshotFrame {
    const own = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)
    if (own.byteLength < fixedBytes) throw new Error(`A snapshot frame has at least ${fixedBytes} bytes, got ${own.byteLength}.`)
    const view = new DataView(own.buffer, own.byteOffset, own.byteLength)
    if (view.getUint32(0, true) !== magic)
        throw new Error(`These ${own.byteLength} bytes are not a snapshot frame: they do not start with "GVSN".`)
    const given = view.getUint16(4, true)
    if (given !== version) throw new Error(`Snapshot frame of version ${given}; this program reads version ${version}. Reload the page.`)
    const count = view.getUint32(20, true)
    const nameLength = view.getUint16(24, true)
    const columns = align(fixedBytes + 2 * nameLength)
    if (own.byteLength !== columns + count * bytesPerPoint)
        throw new Error(
            `A snapshot frame of ${count} points has ${columns + count * bytesPerPoint} bytes, got ${own.byteLength}: cut short on the way?`,
        )
    let world = ''
    for (let i = 0; i < nameLength; i++) world += String.fromCharCode(view.getUint16(fixedBytes + 2 * i, true))

    const index = new Uint32Array(count)
    const value = new Float64Array(count)
    const valueMs = new Float64Array(count)
    const estimated = new Float64Array(count)
    for (let n = 0; n < count; n++) {
        value[n] = view.getFloat64(columns + 8 * n, true)
        valueMs[n] = view.getFloat64(columns + 8 * (count + n), true)
        estimated[n] = view.getFloat64(columns + 8 * (2 * count + n), true)
        index[n] = view.getUint32(columns + 24 * count + 4 * n, true)
    }
    const quality = own.slice(columns + 28 * count, columns + 29 * count)
    const whole = (view.getUint16(6, true) & 1) === 1
    return { whole, world, seq: view.getUint32(8, true), tMs: view.getFloat64(12, true), index, value, quality, valueMs, estimated }
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

const align = (bytes: number) => (bytes + 7) & ~7
