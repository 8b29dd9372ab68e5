/**
 * Modbus application protocol over TCP (Modbus Messaging on TCP/IP Implementation Guide 1.0b; Application Protocol 1.1b3):
 * a header of transaction, protocol 0, length and unit, then function and data, all big-endian.
 */

export const functionCode = { readHolding: 3, writeSingle: 6, writeMultiple: 16 } as const
export const exceptionCode = { illegalFunction: 1, illegalAddress: 2, illegalValue: 3, deviceFailure: 4, noPath: 10, noAnswer: 11 } as const
const exceptionNames: Readonly<Record<number, string>> = {
    1: 'illegal function',
    2: 'illegal data address',
    3: 'illegal data value',
    4: 'device failure',
    5: 'acknowledged, not done yet',
    6: 'device busy',
    8: 'memory parity error',
    10: 'gateway has no path to the unit',
    11: 'unit behind the gateway does not answer',
}
export const exceptionName = (code: number): string => exceptionNames[code] ?? `exception ${code}`

/** Most registers of one read or write. */
export const mostRead = 125
export const mostWritten = 123

export interface Frame {
    readonly transaction: number
    readonly unit: number
    /** function and data */
    readonly body: Buffer
}

const headerBytes = 7
/** largest body the standard allows */
const mostBytes = 253

export function encodeFrame({ transaction, unit, body }: Frame): Buffer {
    const out = Buffer.alloc(headerBytes + body.length)
    out.writeUInt16BE(transaction, 0)
    out.writeUInt16BE(0, 2)
    out.writeUInt16BE(body.length + 1, 4)
    out.writeUInt8(unit, 6)
    body.copy(out, headerBytes)
    return out
}

/** Frames out of a byte stream, however it is cut. */
export class FrameReader {
    #rest: Buffer = Buffer.alloc(0)

    /** Frames complete by now; throws where the bytes are no Modbus, after which the stream means nothing. */
    push(bytes: Buffer): Frame[] {
        this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
        const frames: Frame[] = []
        while (this.#rest.length > headerBytes) {
            const length = this.#rest.readUInt16BE(4)
            if (this.#rest.readUInt16BE(2) !== 0 || length < 2 || length > mostBytes + 1)
                throw new Error(`not Modbus: protocol ${this.#rest.readUInt16BE(2)}, length ${length}`)
            const end = 6 + length
            if (this.#rest.length < end) break
            frames.push({
                transaction: this.#rest.readUInt16BE(0),
                unit: this.#rest.readUInt8(6),
                body: this.#rest.subarray(headerBytes, end),
            })
            this.#rest = this.#rest.subarray(end)
        }
        return frames
    }
}

export function encodeRead(address: number, count: number): Buffer {
    const body = Buffer.alloc(5)
    body.writeUInt8(functionCode.readHolding, 0)
    body.writeUInt16BE(address, 1)
    body.writeUInt16BE(count, 3)
    return body
}
export function encodeWrite(address: number, registers: Uint16Array): Buffer {
    const body = Buffer.alloc(6 + 2 * registers.length)
    body.writeUInt8(functionCode.writeMultiple, 0)
    body.writeUInt16BE(address, 1)
    body.writeUInt16BE(registers.length, 3)
    body.writeUInt8(2 * registers.length, 5)
    for (let k = 0; k < registers.length; k++) body.writeUInt16BE(registers[k]!, 6 + 2 * k)
    return body
}
/** `count` registers from `offset` on. */
export const registersAt = (body: Buffer, offset: number, count: number): Uint16Array =>
    Uint16Array.from({ length: count }, (_, k) => body.readUInt16BE(offset + 2 * k))
