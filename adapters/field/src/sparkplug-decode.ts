/**
 * Sparkplug B payloads in. A payload is read straight into columns that are kept and used again, so that a flood of data
 * makes no object per metric. Field numbers: sparkplug_b.proto of Sparkplug 3.0; unknown fields are skipped, as protocol
 * buffers demand. Nothing throws; the first byte that cannot be right ends the reading with a `WireError`.
 */
import { createReader, type Reader, type WireError } from '@gridverse/wire'
import { qualityFromOpc } from './sparkplug.ts'

/** What a metric says besides its number. */
export const metricFlag = { historical: 1, null: 2, text: 4 } as const

export interface PayloadIn {
    /** Unix ms, NaN when absent */
    readonly timestampMs: number
    /** 0…255, −1 when absent */
    readonly seq: number
    readonly error?: WireError
}

/** Metrics of one payload side by side; valid until the next `decodePayload` into them. */
export class MetricColumns {
    count = 0
    /** −1 when absent */
    alias = new Float64Array(256)
    /** Unix ms, NaN when absent */
    tMs = new Float64Array(256)
    /** integer types still in two's complement (see `numberOf`), NaN when there is no number */
    raw = new Float64Array(256)
    /** index of the twin's `qualities` */
    quality = new Uint8Array(256)
    flags = new Uint8Array(256)
    /** 0 when absent */
    type = new Uint8Array(256)
    /** sparse: metrics after birth carry no name */
    name: (string | undefined)[] = []
    /** sparse: `engUnit` and `readOnly` come with births */
    properties: (Properties | undefined)[] = []
    /** sparse: texts, kept only where somebody wants them */
    text: (string | undefined)[] = []
    readonly #keepsTexts: boolean

    constructor({ keepsTexts = false } = {}) {
        this.#keepsTexts = keepsTexts
    }
    get keepsTexts(): boolean {
        return this.#keepsTexts
    }

    /** Starts an empty metric and returns its position. */
    open(): number {
        const i = this.count++
        if (i === this.alias.length) this.#grow()
        this.alias[i] = -1
        this.tMs[i] = Number.NaN
        this.raw[i] = Number.NaN
        this.quality[i] = 0
        this.flags[i] = 0
        this.type[i] = 0
        return i
    }
    clear(): void {
        this.count = 0
        if (this.name.length > 0) this.name = []
        if (this.properties.length > 0) this.properties = []
        if (this.text.length > 0) this.text = []
    }
    #grow(): void {
        const wider = <A extends Float64Array | Uint8Array>(from: A, to: A): A => {
            to.set(from)
            return to
        }
        const size = this.alias.length * 2
        this.alias = wider(this.alias, new Float64Array(size))
        this.tMs = wider(this.tMs, new Float64Array(size))
        this.raw = wider(this.raw, new Float64Array(size))
        this.quality = wider(this.quality, new Uint8Array(size))
        this.flags = wider(this.flags, new Uint8Array(size))
        this.type = wider(this.type, new Uint8Array(size))
    }
}

export type Properties = ReadonlyMap<string, number | string>

/** Reads a payload into `columns`, which are cleared first. */
export function decodePayload(bytes: Uint8Array, columns: MetricColumns): PayloadIn {
    columns.clear()
    const r = createReader(bytes)
    let timestampMs = Number.NaN
    let seq = -1
    while (r.left > 0) {
        const tag = r.varint()
        if (tag === 8) timestampMs = r.varint()
        else if (tag === 18) decodeMetric(r, columns)
        else if (tag === 24) seq = r.varint()
        else skipField(r, tag)
    }
    if (seq > 255) r.fail(`sequence number ${seq} is above 255`)
    return r.error ? { timestampMs, seq, error: r.error } : { timestampMs, seq }
}

function decodeMetric(r: Reader, c: MetricColumns): void {
    const i = c.open()
    const end = r.enter(r.varint())
    while (r.left > 0) {
        const tag = r.varint()
        switch (tag) {
            case 10: // name
                c.name[i] = r.text()
                break
            case 16: // alias
                c.alias[i] = r.varint()
                break
            case 24: // timestamp
                c.tMs[i] = r.varint()
                break
            case 32: // datatype
                c.type[i] = Math.min(r.varint(), 255)
                break
            case 40: // is_historical
                if (r.varint() !== 0) c.flags[i]! |= metricFlag.historical
                break
            case 56: // is_null
                if (r.varint() !== 0) c.flags[i]! |= metricFlag.null
                break
            case 74: // properties
                decodeProperties(r, c, i)
                break
            case 80: // int_value
            case 88: // long_value
            case 112: // boolean_value
                c.raw[i] = r.svarint()
                break
            case 101: // float_value
                c.raw[i] = r.f32()
                break
            case 105: // double_value
                c.raw[i] = r.f64()
                break
            case 122: // string_value
                c.flags[i]! |= metricFlag.text
                if (c.keepsTexts) c.text[i] = r.text()
                else r.skip(r.varint())
                break
            case 130: // bytes, data set, template
            case 138:
            case 146:
                c.flags[i]! |= metricFlag.text
                r.skip(r.varint())
                break
            default:
                skipField(r, tag)
        }
    }
    r.leave(end)
}

function decodeProperties(r: Reader, c: MetricColumns, i: number): void {
    const keys: string[] = []
    const values: (number | string)[] = []
    const end = r.enter(r.varint())
    while (r.left > 0) {
        const tag = r.varint()
        if (tag === 10) keys.push(r.text())
        else if (tag === 18) values.push(decodePropertyValue(r))
        else skipField(r, tag)
    }
    r.leave(end)
    if (keys.length !== values.length) {
        r.fail(`property set has ${keys.length} keys and ${values.length} values`)
        return
    }
    const properties = new Map<string, number | string>()
    for (let k = 0; k < keys.length; k++) properties.set(keys[k]!, values[k]!)
    c.properties[i] = properties
    const quality = properties.get('Quality')
    if (typeof quality === 'number') c.quality[i] = qualityFromOpc(quality)
}

/** A number or a string; a null, a nested set or list is NaN. */
function decodePropertyValue(r: Reader): number | string {
    let value: number | string = Number.NaN
    const end = r.enter(r.varint())
    while (r.left > 0) {
        const tag = r.varint()
        if (tag === 24 || tag === 32 || tag === 56) value = r.svarint()
        else if (tag === 45) value = r.f32()
        else if (tag === 49) value = r.f64()
        else if (tag === 66) value = r.text()
        else skipField(r, tag)
    }
    r.leave(end)
    return value
}

function skipField(r: Reader, tag: number): void {
    if (r.error) return
    if (tag < 8) {
        r.fail(`tag ${tag} has no field number`)
        return
    }
    switch (tag % 8) {
        case 0:
            r.varint()
            break
        case 1:
            r.skip(8)
            break
        case 2:
            r.skip(r.varint())
            break
        case 5:
            r.skip(4)
            break
        default:
            r.fail(`wire type ${tag % 8} of field ${Math.floor(tag / 8)} is not one of protocol buffers 3`)
    }
}
