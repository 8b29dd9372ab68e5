/**
 * Sparkplug B payloads out, in the wire format of protocol buffers (tag = field·8 + wire type; 0 varint, 1 eight bytes,
 * 2 length-delimited, 5 four bytes). Field numbers: org.eclipse.tahu.protobuf Payload, sparkplug_b.proto of Sparkplug 3.0.
 */
import { createWriter, type Writer } from '@gridverse/wire'
import { dataType } from './sparkplug.ts'

export interface MetricOut {
    /** left out after birth, where the alias stands for it */
    readonly name?: string
    readonly alias?: number
    /** Unix ms */
    readonly tMs?: number
    /** one of `dataType`, always: it chooses how the value is packed */
    readonly type: number
    /** null is sent as `is_null` */
    readonly value: number | string | null
    readonly historical?: boolean
    /** sent as a property set */
    readonly properties?: readonly PropertyOut[]
}
export interface PropertyOut {
    readonly key: string
    readonly type: number
    readonly value: number | string
}
export interface PayloadOut {
    /** Unix ms */
    readonly timestampMs?: number
    readonly metrics: readonly MetricOut[]
    /** 0…255 */
    readonly seq?: number
}

const tag = (field: number, wireType: 0 | 1 | 2 | 5): number => field * 8 + wireType

// one message is packed at a time, so three buffers serve all
const payload = createWriter(4096)
const metric = createWriter(256)
const nested = createWriter(256)
const inner = createWriter(64)

export function encodePayload(out: PayloadOut): Uint8Array<ArrayBuffer> {
    payload.reset()
    if (out.timestampMs !== undefined) varintField(payload, 1, out.timestampMs)
    for (const m of out.metrics) {
        packMetric(m)
        payload.u8(tag(2, 2))
        payload.varint(metric.length)
        metric.copyTo(payload)
    }
    if (out.seq !== undefined) varintField(payload, 3, out.seq)
    return payload.take()
}

function packMetric(m: MetricOut): void {
    metric.reset()
    if (m.name !== undefined) textField(metric, 1, m.name)
    if (m.alias !== undefined) varintField(metric, 2, m.alias)
    if (m.tMs !== undefined) varintField(metric, 3, m.tMs)
    varintField(metric, 4, m.type)
    if (m.historical) varintField(metric, 5, 1)
    if (m.value === null) varintField(metric, 7, 1)
    if (m.properties && m.properties.length > 0) {
        packProperties(m.properties)
        metric.u8(tag(9, 2))
        metric.varint(nested.length)
        nested.copyTo(metric)
    }
    if (m.value !== null) packValue(metric, 10, m.type, m.value)
}

/** PropertySet: keys are field 1, values field 2, in the same order. */
function packProperties(properties: readonly PropertyOut[]): void {
    nested.reset()
    for (const p of properties) textField(nested, 1, p.key)
    for (const p of properties) {
        inner.reset()
        varintField(inner, 1, p.type)
        packValue(inner, 3, p.type, p.value)
        nested.u8(tag(2, 2))
        nested.varint(inner.length)
        inner.copyTo(nested)
    }
}

/** The `oneof value`: int, long, float, double, boolean, string in six fields from `first` on. */
function packValue(w: Writer, first: number, type: number, value: number | string): void {
    if (typeof value === 'string') {
        textField(w, first + 5, value)
        return
    }
    switch (type) {
        // uint32 as a long is what the Eclipse Tahu libraries write and read
        case dataType.uint32:
        case dataType.int64:
        case dataType.uint64:
        case dataType.dateTime:
            w.varint(tag(first + 1, 0))
            packLong(w, value)
            break
        case dataType.float:
            w.varint(tag(first + 2, 5))
            w.f32(value)
            break
        case dataType.double:
            w.varint(tag(first + 3, 1))
            w.f64(value)
            break
        case dataType.boolean:
            varintField(w, first + 4, value === 0 ? 0 : 1)
            break
        default:
            // int8…int32, uint8 and uint16 travel as uint32, negative ones in two's complement
            varintField(w, first, value >>> 0)
    }
}

/** A whole number as 64 bits of two's complement. */
function packLong(w: Writer, value: number): void {
    if (value >= 0) {
        w.varint(value)
        return
    }
    let bits = BigInt.asUintN(64, BigInt(value))
    for (; bits >= 0x80n; bits >>= 7n) w.u8(Number(bits & 0x7fn) | 0x80)
    w.u8(Number(bits))
}

function varintField(w: Writer, field: number, value: number): void {
    w.varint(tag(field, 0))
    w.varint(value)
}
function textField(w: Writer, field: number, value: string): void {
    w.varint(tag(field, 2))
    w.text(value)
}
