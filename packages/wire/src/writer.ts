import { utf8Length, writeUtf8 } from './utf8.ts'

/**
 * Appends little-endian values to a buffer that grows. Integers are whole numbers in the range of their width; `varint`
 * is unsigned LEB128 as in protocol buffers, 0…2^53−1. Made for re-use: `reset`, write, `take`.
 */
export class Writer {
    #bytes: Uint8Array<ArrayBuffer>
    #view: DataView
    /** bytes written so far */
    length = 0

    constructor(capacity: number) {
        this.#bytes = new Uint8Array(capacity)
        this.#view = new DataView(this.#bytes.buffer)
    }

    /** Makes room for `count` more bytes and returns where they start. */
    #claim(count: number): number {
        const at = this.length
        this.length = at + count
        if (this.length > this.#bytes.length) {
            const grown = new Uint8Array(Math.max(this.length, this.#bytes.length * 2))
            grown.set(this.#bytes)
            this.#bytes = grown
            this.#view = new DataView(grown.buffer)
        }
        return at
    }

    u8(value: number): void {
        const at = this.#claim(1)
        this.#bytes[at] = value
    }
    u16(value: number): void {
        const at = this.#claim(2)
        this.#view.setUint16(at, value, true)
    }
    u32(value: number): void {
        const at = this.#claim(4)
        this.#view.setUint32(at, value, true)
    }
    i32(value: number): void {
        const at = this.#claim(4)
        this.#view.setInt32(at, value, true)
    }
    f32(value: number): void {
        const at = this.#claim(4)
        this.#view.setFloat32(at, value, true)
    }
    f64(value: number): void {
        const at = this.#claim(8)
        this.#view.setFloat64(at, value, true)
    }

    varint(value: number): void {
        while (value >= 0x80) {
            // past 2^31 the bit operators would cut the number, so divide
            this.u8((value % 0x80) | 0x80)
            value = value < 0x80000000 ? value >>> 7 : Math.floor(value / 0x80)
        }
        this.u8(value)
    }

    /** The bytes as they are, without a length. */
    bytes(value: Uint8Array): void {
        const at = this.#claim(value.length)
        this.#bytes.set(value, at)
    }

    /** UTF-8 after its length in bytes as a varint. */
    text(value: string): void {
        const count = utf8Length(value)
        this.varint(count)
        const at = this.#claim(count)
        writeUtf8(value, this.#bytes, at)
    }

    /** The elements of a typed array as they lie in memory, without a count. Every host we run on is little-endian. */
    array(value: Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array): void {
        this.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
    }

    /** Zero bytes up to the next multiple of `size`. */
    align(size: number): void {
        while (this.length % size !== 0) this.u8(0)
    }

    /** Overwrites 4 bytes written before, for a count known only at the end. */
    patchU32(at: number, value: number): void {
        this.#view.setUint32(at, value, true)
    }

    /** Appends what was written here to another writer, and keeps it. */
    copyTo(other: Writer): void {
        other.bytes(this.#bytes.subarray(0, this.length))
    }

    /** Forgets what was written and keeps the buffer. */
    reset(): void {
        this.length = 0
    }

    /** What was written, copied; the writer may be used again. */
    take(): Uint8Array<ArrayBuffer> {
        const bytes = this.#bytes.slice(0, this.length)
        this.length = 0
        return bytes
    }
}

export function createWriter(capacity = 256): Writer {
    return new Writer(capacity)
}
