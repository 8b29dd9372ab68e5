/**
 * Values in registers: big-endian, two's complement, scaled by a power of ten that stands in another register, and for every
 * type one pattern that says "not implemented" (SunSpec Device Information Model Specification).
 */
import type { Model, ModelPoint, PointType } from './models.ts'

interface Coding {
    readonly bits: 16 | 32 | 64
    readonly signed: boolean
    /** pattern of a value that is not there; undefined: every pattern is one that is */
    readonly absent: bigint | undefined
}
const codings: Readonly<Record<Exclude<PointType, 'string'>, Coding>> = {
    int16: { bits: 16, signed: true, absent: 0x8000n },
    uint16: { bits: 16, signed: false, absent: 0xffffn },
    int32: { bits: 32, signed: true, absent: 0x8000_0000n },
    uint32: { bits: 32, signed: false, absent: 0xffff_ffffn },
    uint64: { bits: 64, signed: false, absent: 0xffff_ffff_ffff_ffffn },
    // an accumulator's 0 stands for both "none yet" and "not implemented"; it is read as the number
    acc32: { bits: 32, signed: false, absent: undefined },
    acc64: { bits: 64, signed: false, absent: undefined },
    enum16: { bits: 16, signed: false, absent: 0xffffn },
    bitfield16: { bits: 16, signed: false, absent: 0xffffn },
    bitfield32: { bits: 32, signed: false, absent: 0xffff_ffffn },
    sunssf: { bits: 16, signed: true, absent: 0x8000n },
    pad: { bits: 16, signed: true, absent: 0x8000n },
}

function pointOf(model: Model, name: string): ModelPoint {
    const point = model.points.get(name)
    if (!point) throw new Error(`model ${model.id} has no point ${name}`)
    return point
}

/** The bare number in `registers`, which start with the model's id; NaN where it is not implemented or beyond their end. */
function rawOf(registers: Uint16Array, { type, offset, size }: ModelPoint): number {
    if (type === 'string') throw new Error('a text is read by readText')
    if (offset + size > registers.length) return Number.NaN
    const { bits, signed, absent } = codings[type]
    let pattern = 0n
    for (let k = 0; k < size; k++) pattern = (pattern << 16n) | BigInt(registers[offset + k]!)
    if (pattern === absent) return Number.NaN
    return Number(signed ? BigInt.asIntN(bits, pattern) : pattern)
}

/** Exponent of ten of a point: 0 where it has none, NaN where it should have one and has not. */
function exponentOf(model: Model, registers: Uint16Array, { scale }: ModelPoint): number {
    if (scale === undefined) return 0
    const exponent = rawOf(registers, pointOf(model, scale))
    return exponent >= -10 && exponent <= 10 ? exponent : Number.NaN
}

/** `value · 10^exponent`, rounded once: dividing by a power of ten is exact where multiplying by its inverse is not. */
const scaled = (value: number, exponent: number): number => (exponent < 0 ? value / 10 ** -exponent : value * 10 ** exponent)

/** A point's value in its unit; NaN where the device does not implement it. `registers` start with the model's id. */
export function readPoint(model: Model, registers: Uint16Array, name: string): number {
    const point = pointOf(model, name)
    return scaled(rawOf(registers, point), exponentOf(model, registers, point))
}

/** Smallest step of a point, in its unit. */
export const resolutionOf = (model: Model, registers: Uint16Array, name: string): number =>
    scaled(1, exponentOf(model, registers, pointOf(model, name)))

/** Writes a value in its unit into `registers`, rounded to the point's step; NaN writes "not implemented". */
export function writePoint(model: Model, registers: Uint16Array, name: string, value: number): void {
    const point = pointOf(model, name)
    const { type, offset, size } = point
    if (type === 'string') throw new Error('a text is written by writeText')
    const { bits, signed, absent } = codings[type]
    let pattern = absent ?? 0n
    if (!Number.isNaN(value)) {
        const exponent = exponentOf(model, registers, point)
        const raw = Math.round(scaled(value, -exponent))
        const low = signed ? -(2 ** (bits - 1)) : 0
        const high = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1
        if (!(raw >= low && raw <= high) || BigInt.asUintN(bits, BigInt(raw)) === absent)
            throw new RangeError(`${name} of model ${model.id} cannot hold ${value} at a scale of 10^${exponent}`)
        pattern = BigInt.asUintN(bits, BigInt(raw))
    }
    for (let k = size - 1; k >= 0; k--) {
        registers[offset + k] = Number(pattern & 0xffffn)
        pattern >>= 16n
    }
}

/** A text, ended by NUL or its registers' end; empty where it is not implemented. */
export function readText(model: Model, registers: Uint16Array, name: string): string {
    const { offset, size } = pointOf(model, name)
    const bytes: number[] = []
    for (const word of registers.subarray(offset, offset + size)) bytes.push(word >> 8, word & 0xff)
    const end = bytes.indexOf(0)
    return Buffer.from(end < 0 ? bytes : bytes.slice(0, end)).toString('utf8')
}

/** Cut to what its registers hold, between characters. */
export function writeText(model: Model, registers: Uint16Array, name: string, text: string): void {
    const { offset, size } = pointOf(model, name)
    let bytes = Buffer.alloc(0)
    for (const character of text) {
        const longer = Buffer.concat([bytes, Buffer.from(character, 'utf8')])
        if (longer.length > 2 * size) break
        bytes = longer
    }
    for (let k = 0; k < size; k++) registers[offset + k] = ((bytes[2 * k] ?? 0) << 8) | (bytes[2 * k + 1] ?? 0)
}

/** A model's registers with id and length, and nothing implemented yet. */
export function blankModel(model: Model): Uint16Array {
    const registers = new Uint16Array(model.length + 2)
    registers[0] = model.id
    registers[1] = model.length
    for (const { name, type } of model.points.values()) if (type !== 'string') writePoint(model, registers, name, Number.NaN)
    return registers
}
