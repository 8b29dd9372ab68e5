/**
 * PostgreSQL's binary COPY, both ways, on the driver's own connection.
 *
 * A stream is: signature, flags and header length (19 bytes), then rows, then −1 (i16). A row is its number of fields (i16)
 * and for each field its length (i32) and big-endian value. https://www.postgresql.org/docs/18/sql-copy.html
 */
import type pg from 'pg'
import { epoch2000Ms, fromMicros } from './time.ts'

const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
const messageHead = 5
const start = messageHead + signature.length
const two32 = 2 ** 32

/**
 * One CopyData message of history rows, written in place. Lengths and field counts are the same in every row, so they
 * are set once when the buffer is made. With `upto` a fifth field says up to which keyframe the row is missing.
 */
export class CopyBuffer {
    readonly #bytes: Buffer
    readonly #view: DataView
    readonly #rowBytes: number
    readonly #upto: boolean
    #count = 0

    constructor(capacity: number, upto: boolean) {
        this.#upto = upto
        this.#rowBytes = upto ? 52 : 40
        this.#bytes = Buffer.alloc(start + capacity * this.#rowBytes + 2)
        this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)
        this.#bytes[0] = 'd'.charCodeAt(0)
        signature.copy(this.#bytes, messageHead)
        for (let row = 0; row < capacity; row++) this.#prepare(start + row * this.#rowBytes)
    }

    #prepare(at: number): void {
        const view = this.#view
        view.setInt16(at, this.#upto ? 5 : 4)
        view.setInt32(at + 2, 8)
        view.setInt32(at + 14, 4)
        view.setInt32(at + 22, 8)
        view.setInt32(at + 34, 2)
        if (this.#upto) view.setInt32(at + 40, 8)
    }

    get count(): number {
        return this.#count
    }

    push(tMs: number, point: number, value: number, quality: number, uptoMs = 0): void {
        const view = this.#view
        const at = start + this.#count++ * this.#rowBytes
        const micros = Math.round((tMs - epoch2000Ms) * 1000)
        const high = Math.floor(micros / two32)
        view.setInt32(at + 6, high)
        view.setUint32(at + 10, micros - high * two32)
        view.setInt32(at + 18, point)
        view.setFloat64(at + 26, value)
        view.setInt16(at + 38, quality)
        if (this.#upto) {
            const upto = Math.round((uptoMs - epoch2000Ms) * 1000)
            const uptoHigh = Math.floor(upto / two32)
            view.setInt32(at + 44, uptoHigh)
            view.setUint32(at + 48, upto - uptoHigh * two32)
        }
    }

    /** The message; valid until the next `clear`. */
    finish(): Buffer {
        const end = start + this.#count * this.#rowBytes
        this.#view.setInt16(end, -1)
        this.#view.setInt32(1, end + 2 - 1)
        return this.#bytes.subarray(0, end + 2)
    }

    clear(): void {
        const end = start + this.#count * this.#rowBytes
        if (end + this.#rowBytes <= this.#bytes.length) this.#prepare(end)
        this.#count = 0
    }
}

/** What the driver calls on a query it runs; of these a copy needs only some. */
interface Connection {
    query(text: string): void
    endCopyFrom(): void
    sendCopyFail(message: string): void
    readonly stream: { write(bytes: Buffer): boolean }
}

class Copy {
    readonly #text: string
    readonly #onStart: (connection: Connection) => void
    readonly #onData: (chunk: Buffer) => void
    readonly #done: (error?: Error) => void
    #failure: Error | undefined
    // the driver sets these where they are missing
    callback = () => undefined

    constructor(text: string, onStart: (connection: Connection) => void, onData: (chunk: Buffer) => void, done: (error?: Error) => void) {
        this.#text = text
        this.#onStart = onStart
        this.#onData = onData
        this.#done = done
    }
    submit(connection: Connection): void {
        connection.query(this.#text)
    }
    handleCopyInResponse(connection: Connection): void {
        this.#onStart(connection)
    }
    handleCopyData(message: { chunk: Buffer }): void {
        if (this.#failure) return
        try {
            this.#onData(message.chunk)
        } catch (error) {
            this.#failure = error as Error
        }
    }
    handleError(error: Error): void {
        this.#failure ??= error
        this.#done(this.#failure)
    }
    handleReadyForQuery(): void {
        this.#done(this.#failure)
    }
    handleRowDescription(): void {}
    handleDataRow(): void {}
    handleCommandComplete(): void {}
    handleEmptyQuery(): void {}
    handlePortalSuspended(): void {}
}

const run = (
    client: pg.ClientBase,
    text: string,
    onStart: (connection: Connection) => void,
    onData: (chunk: Buffer) => void,
): Promise<void> =>
    new Promise((resolve, reject) => {
        client.query(new Copy(text, onStart, onData, (error) => (error ? reject(error) : resolve())) as unknown as pg.Submittable)
    })

/** Copies the rows of `buffer` into `table` (with columns); outside a transaction it is committed when this resolves. */
export function copyIn(client: pg.ClientBase, table: string, buffer: CopyBuffer): Promise<void> {
    return run(
        client,
        `COPY ${table} FROM STDIN (FORMAT binary)`,
        (connection) => {
            connection.stream.write(buffer.finish())
            connection.endCopyFrom()
        },
        () => undefined,
    )
}

/** Calls `onRow` for each row of a selection of (t, point, value, quality). */
export function copyOut(
    client: pg.ClientBase,
    selection: string,
    onRow: (point: number, tMs: number, value: number, quality: number) => void,
): Promise<void> {
    let first = true
    const read = (chunk: Buffer) => {
        let at = first ? signature.length : 0
        first = false
        // the server sends whole rows in each message
        while (at < chunk.length && chunk.readInt16BE(at) === 4) {
            const micros = chunk.readInt32BE(at + 6) * two32 + chunk.readUInt32BE(at + 10)
            onRow(chunk.readInt32BE(at + 18), fromMicros(micros), chunk.readDoubleBE(at + 26), chunk.readInt16BE(at + 38))
            at += 40
        }
    }
    return run(client, `COPY (${selection}) TO STDOUT (FORMAT binary)`, () => undefined, read)
}
