import { readUtf8 } from './utf8.ts'

/** Why bytes could not be read, and where. */
export interface WireError {
    /** byte at which it went wrong, from 0 */
    readonly offset: number
    readonly message: string
}

/**
 * Reads little-endian values. Nothing throws: the first thing that goes wrong is kept in `error`, and from then on every
 * read gives 0 or an empty value and moves no further. Check `error` once at the end.
 */
export class Reader {
    readonly #bytes: Uint8Array
    readonly #view: DataView
    /** next byte to read */
    offset = 0
    /** first byte that may not be read; lowered and put back around a nested message */
    end: number
    error: WireError | undefined = undefined

    constructor(bytes: Uint8Array) {
        this.#bytes = bytes
        this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        this.end = bytes.length
    }

    /** Bytes left before `end`; 0 once something went wrong. */
    get left(): number {
        return this.end - this.offset
    }

    /** Keeps the first reason and ends the reading. */
    fail(message: string): void {
        this.error ??= { offset: this.offset, message }
        this.end = this.offset
    }

    /** True and moved on when `count` bytes are there. */
    #advance(count: number, what: string): boolean {
        if (count <= this.end - this.offset) {
            this.offset += count
            return true
        }
        this.fail(`${what} needs ${count} bytes, ${this.end - this.offset} are left`)
        return false
    }

    u8(): number {
        return this.#advance(1, 'u8') ? this.#bytes[this.offset - 1]! : 0
    }
    u16(): number {
        return this.#advance(2, 'u16') ? this.#view.getUint16(this.offset - 2, true) : 0
    }
    u32(): number {
        return this.#advance(4, 'u32') ? this.#view.getUint32(this.offset - 4, true) : 0
    }
    i32(): number {
        return this.#advance(4, 'i32') ? this.#view.getInt32(this.offset - 4, true) : 0
    }
    f32(): number {
        return this.#advance(4, 'f32') ? this.#view.getFloat32(this.offset - 4, true) : 0
    }
    f64(): number {
        return this.#advance(8, 'f64') ? this.#view.getFloat64(this.offset - 8, true) : 0
    }

    /** Unsigned LEB128 of at most 10 bytes. Past 2^53 the nearest number is given. */
    varint(): number {
        const bytes = this.#bytes
        let at = this.offset
        const end = this.end
        let value = 0
        let scale = 1
        for (let count = 0; count < 10; count++) {
            if (at >= end) {
                this.fail('varint is cut off')
                return 0
            }
            const byte = bytes[at++]!
            value += (byte & 0x7f) * scale
            if (byte < 0x80) {
                this.offset = at
                return value
            }
            scale *= 0x80
        }
        this.fail('varint is longer than 10 bytes')
        return 0
    }

    /** A 64-bit two's complement number as LEB128, as protocol buffers send negative integers; exact within ±2^53. */
    svarint(): number {
        const from = this.offset
        const near = this.varint()
        if (near < 0x8000000000000000) return near
        // add from the top in 28-bit steps, so that a small negative number never passes through 2^64
        const bytes = this.#bytes
        let low = 0
        let scale = 1
        for (let k = 0; k < 4; k++, scale *= 0x80) low += (bytes[from + k]! & 0x7f) * scale
        let mid = 0
        scale = 1
        for (let k = 4; k < 8; k++, scale *= 0x80) mid += (bytes[from + k]! & 0x7f) * scale
        const top = (bytes[from + 8]! & 0x7f) + (bytes[from + 9]! & 1) * 0x80 - 0x100
        return (top * 0x10000000 + mid) * 0x10000000 + low
    }

    /** `count` bytes as a view into the input. */
    bytes(count: number): Uint8Array {
        return this.#advance(count, 'byte string') ? this.#bytes.subarray(this.offset - count, this.offset) : this.#bytes.subarray(0, 0)
    }

    /** UTF-8 after its length in bytes as a varint; wrong sequences become U+FFFD. */
    text(): string {
        const bytes = this.bytes(this.varint())
        return readUtf8(bytes, 0, bytes.length)
    }

    /** Narrows the reading to a nested message of `count` bytes; give what it returns to `leave`. */
    enter(count: number): number {
        const outer = this.end
        if (count <= outer - this.offset) this.end = this.offset + count
        else this.fail(`nested message of ${count} bytes, ${outer - this.offset} are left`)
        return outer
    }
    /** Goes on behind the nested message, whatever of it was left unread. */
    leave(outer: number): void {
        if (this.error) return
        this.offset = this.end
        this.end = outer
    }

    skip(count: number): void {
        this.#advance(count, 'skipped field')
    }

    /** Moves to the next multiple of `size`. */
    align(size: number): void {
        this.skip((size - (this.offset % size)) % size)
    }

    f64Array(count: number): Float64Array<ArrayBuffer> {
        const array = new Float64Array(this.#room(count, 8))
        this.#fill(array)
        return array
    }
    f32Array(count: number): Float32Array<ArrayBuffer> {
        const array = new Float32Array(this.#room(count, 4))
        this.#fill(array)
        return array
    }
    i32Array(count: number): Int32Array<ArrayBuffer> {
        const array = new Int32Array(this.#room(count, 4))
        this.#fill(array)
        return array
    }
    u32Array(count: number): Uint32Array<ArrayBuffer> {
        const array = new Uint32Array(this.#room(count, 4))
        this.#fill(array)
        return array
    }
    u8Array(count: number): Uint8Array<ArrayBuffer> {
        const array = new Uint8Array(this.#room(count, 1))
        this.#fill(array)
        return array
    }

    /** `count`, or 0 and an error when the input cannot hold that many: a false count must not reserve memory. */
    #room(count: number, size: number): number {
        if (count * size <= this.end - this.offset) return count
        this.fail(`array of ${count} × ${size} bytes, ${this.end - this.offset} are left`)
        return 0
    }
    #fill(array: Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array): void {
        const count = array.byteLength
        new Uint8Array(array.buffer).set(this.#bytes.subarray(this.offset, this.offset + count))
        this.offset += count
    }
}

export function createReader(bytes: Uint8Array): Reader {
    return new Reader(bytes)
}
