/**
 * A keyframe's bytes: version (u8), then deflated: count (u32), point (i32 each), tMs (f64), value (f64), quality (u8),
 * little-endian, column by column and each column transposed byte by byte, which makes it half as long.
 */
import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import type { MeasurementBatch } from '@gridverse/twin'

const version = 1
const rowBytes = 4 + 8 + 8 + 1
const pack = promisify<Buffer, { level: number }, Buffer>(deflateRaw)
const unpack = promisify<Buffer, Buffer>(inflateRaw)

export async function encodeKeyframe({ count, point, tMs, value, quality }: MeasurementBatch): Promise<Buffer> {
    const body = Buffer.alloc(4 + count * rowBytes)
    body.writeUInt32LE(count)
    let at = 4
    for (const column of [point, tMs, value, quality]) at = transpose(column.subarray(0, count), body, at)
    return Buffer.concat([Buffer.of(version), await pack(body, { level: 1 })])
}

export async function decodeKeyframe(bytes: Buffer): Promise<MeasurementBatch> {
    if (bytes[0] !== version) throw new Error(`A keyframe has version ${bytes[0]}, this program knows ${version}.`)
    const body = await unpack(bytes.subarray(1))
    const count = body.readUInt32LE()
    const columns = {
        point: new Int32Array(count),
        tMs: new Float64Array(count),
        value: new Float64Array(count),
        quality: new Uint8Array(count),
    }
    let at = 4
    for (const column of [columns.point, columns.tMs, columns.value, columns.quality]) at = untranspose(body, at, column)
    return { count, ...columns }
}

type Column = Int32Array | Float64Array | Uint8Array

function transpose(column: Column, body: Buffer, at: number): number {
    const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
    const width = column.BYTES_PER_ELEMENT
    for (let b = 0; b < width; b++) for (let n = b; n < bytes.length; n += width) body[at++] = bytes[n]!
    return at
}

function untranspose(body: Buffer, at: number, column: Column): number {
    const bytes = new Uint8Array(column.buffer)
    const width = column.BYTES_PER_ELEMENT
    for (let b = 0; b < width; b++) for (let n = b; n < bytes.length; n += width) bytes[n] = body[at++]!
    return at
}
